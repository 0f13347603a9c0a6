"""`make bench`: prints ratios against a peer in the same run; `--keep` writes results.json, of which the README's tables are made."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench.crawl import PAGES, crawl
from tests.bench.desk import desk
from tests.bench.filing import ROOT, filing
from tests.bench.fleet import fleet
from tests.bench.idle import idle
from tests.bench.memory import memory
from tests.bench.reading import reading
from tests.bench.tables import TABLES

RESULTS = Path(__file__).parent / "results.json"
README = ROOT / "README.md"


def sections(options: argparse.Namespace, folder: Path) -> dict[str, Callable[[], Any]]:
    """What can be measured. The desk shows what filing filed before it."""
    filed = folder / "news.db"
    return {
        "crawl": lambda: crawl(options.pages, options.rounds),
        "read": reading,
        "idle": idle,
        "memory": memory,
        "filing": lambda: filing([int(size) for size in options.sizes.split(",")], filed, options.database),
        "desk": lambda: desk(options.database or (filed if filed.exists() else None)),
        "fleet": fleet,
    }


def printed(results: dict[str, Any], text: str) -> str:
    """A README with the tables of these results between its marks."""
    for name, found in results.items():
        begin, end = f"<!-- bench: {name} -->", "<!-- end -->"
        before, mark, rest = text.partition(begin)
        text = f"{before}{begin}\n\n{TABLES[name](found)}\n\n{end}{rest.partition(end)[2]}" if mark else text
    return text


def machine() -> str:
    """What the numbers were measured on."""
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("section", nargs="*", help=f"of {', '.join(TABLES)}; none: all")
    parser.add_argument("--sizes", default="1000,10000,100000", help="stored articles at which filing is measured; 1000000 takes hours")
    parser.add_argument("--pages", type=int, default=PAGES, help="of the crawl")
    parser.add_argument("--rounds", type=int, default=3, help="of the crawl, of which the median counts")
    parser.add_argument(
        "--database",
        type=Path,
        help="what the desk is measured on, a copy; without: what was filed, or 10,000 articles. Where filing fills up to the last size, "
        "now or gone on with later",
    )
    parser.add_argument("--keep", action="store_true", help="write results.json and the README's tables")
    options = parser.parse_args()
    if unknown := set(options.section) - set(TABLES):
        parser.error(f"there is no section {', '.join(sorted(unknown))}")
    kept = json.loads(RESULTS.read_bytes()) if RESULTS.exists() else {}
    with tempfile.TemporaryDirectory() as folder:
        for name in options.section or TABLES:
            found = sections(options, Path(folder))[name]()
            print(f"\n{name}\n{TABLES[name](found)}", flush=True)
            if options.keep:
                kept |= {"machine": machine(), name: found}
                RESULTS.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
                README.write_text(printed({name: found}, README.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
