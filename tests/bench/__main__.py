"""`make bench`: prints ratios against a peer in the same run and keeps them in results.json; the README's table is made of that."""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import sqlite3
from pathlib import Path

from tests.bench.filing import ROOT, filing

RESULTS = Path(__file__).parent / "results.json"
README = ROOT / "README.md"


def table(rows: list[dict[str, float]]) -> str:
    """The filing rows as the README prints them."""
    head = (
        "| stored | filing, ms an article | growth | 95 of 100 under | datasketch MinHash LSH, ms | database, kB an article | memory, MB |"
    )
    lines = [
        f"| {row['stored']:,.0f} | {row['filing_ms']:.1f} | {row['growth']:.1f} | {row['filing_p95_ms']:.1f} | {row['minhash_ms']:.1f} | "
        f"{row['filing_bytes'] / 1000:.0f} | {row['filing_mb']:.0f} |"
        for row in rows
    ]
    return "\n".join([head, "|" + "---:|" * 7, *lines])


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--sizes", default="1000,10000,100000", help="stored articles at which filing is measured")
    parser.add_argument("--keep", action="store_true", help="write results.json and the README's table")
    options = parser.parse_args()
    rows = filing([int(size) for size in options.sizes.split(",")])
    print(table(rows))
    if options.keep:
        machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
        RESULTS.write_text(json.dumps({"machine": machine, "filing": rows}, indent=2) + "\n", encoding="utf-8")
        text = README.read_text(encoding="utf-8")
        README.write_text(re.sub(r"\| stored \|.*?(?=\n\n)", lambda _: table(rows), text, flags=re.S), encoding="utf-8")


if __name__ == "__main__":
    main()
