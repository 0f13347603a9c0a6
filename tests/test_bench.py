"""The README's table is what the benchmark wrote, nothing else."""

from __future__ import annotations

import json

from tests.bench.__main__ import README, RESULTS, table


def test_readme_prints_the_table_of_the_kept_results() -> None:
    assert table(json.loads(RESULTS.read_bytes())["filing"]) in README.read_text(encoding="utf-8")
