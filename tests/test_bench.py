"""The benchmark runs, counts honestly, and the README's tables are what it wrote, nothing else. No time is tested."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from pipelines.extract import extract
from tests.bench.__main__ import README, RESULTS, printed
from tests.bench.crawl import crawl
from tests.bench.desk import desk
from tests.bench.filing import filled
from tests.bench.fleet import fleet
from tests.bench.idle import idle
from tests.bench.memory import memory
from tests.bench.pages import Press
from tests.bench.reading import reading
from tests.bench.tables import TABLES

TINY: dict[str, Callable[[], Any]] = {
    "crawl": lambda: crawl(20, rounds=1, kinds=["mixed"]),
    "read": lambda: reading(3, peers=Path("/nowhere")),
    "idle": lambda: idle(3, rounds=1),
    "memory": lambda: memory(40),
    "desk": lambda: desk(articles=30, rounds=1),
    "fleet": lambda: fleet(2, 3, workers=(1, 2)),
}


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    """What was kept."""
    return dict(json.loads(RESULTS.read_bytes()))


def test_readme_prints_the_tables_of_the_kept_results(results: dict[str, Any]) -> None:
    text = README.read_text(encoding="utf-8")
    for name, table in TABLES.items():
        if name in results:
            assert table(results[name]) in text, name
    assert printed({name: results[name] for name in TABLES if name in results}, text) == text


@pytest.mark.parametrize("section", ["crawl", "read", "idle", "memory", "desk", "fleet"])
def test_section_runs_on_a_tiny_size_and_prints_its_table(section: str) -> None:
    found = TINY[section]()
    assert TABLES[section](found).count("\n") >= 2
    if section == "crawl":
        for row in found.values():
            assert row["ours_fetched"] == row["pages"]
            assert row["listed_fetched"] >= row["story"] > 0
            assert row["ours_filed"] == row["listed_filed"] == row["story"]
    elif section == "read":
        assert min(row["f1"] for row in found.values()) > 0.9
    elif section == "idle":
        assert (found["articles_asked"], found["heavy_imports"]) == (0, 0)
    elif section == "fleet":
        assert [row["workers"] for row in found] == [1, 2]
    elif section == "memory":
        assert found["pages"] == 40


def test_database_that_is_gone_on_with_gets_other_articles_and_files_none_twice(tmp_path: Path) -> None:
    seen = []
    for count in (100, 100, 200):
        filled(tmp_path / "large.db", count)
        with closing(sqlite3.connect(tmp_path / "large.db")) as connection:
            sql = "SELECT count(*), count(DISTINCT text_hash), (SELECT count(*) FROM decisions) FROM articles"
            seen.append(connection.execute(sql).fetchone())
    (first, texts, decisions), again, (both, more, _) = seen
    assert (first, both) == (100, 200)
    assert again == seen[0]
    assert decisions == 100
    assert more > 1.5 * texts


def test_pages_are_the_same_every_time_and_as_heavy_as_real_ones() -> None:
    pages, again = (list(Press().pages(60)) for _ in range(2))
    assert pages == again
    sizes = sorted(len(page.html) for page in pages)
    assert 200_000 < sizes[len(sizes) // 2] < 320_000
    assert 0.05 < sum(page.story for page in pages) / len(pages) < 0.4


@pytest.mark.parametrize("page", list(Press(median=20_000).pages(6)), ids=lambda page: page.path)
def test_true_text_of_a_made_page_is_what_a_reader_sees(page: Any) -> None:
    found = extract(page.html, f"https://zeitung.example{page.path}")
    assert found is not None
    assert found.text == page.text
    assert found.headline == page.headline
