"""The whole crawl against a spider that only downloads the same pages, and against the plain way to read and file them."""

from __future__ import annotations

import shutil
import sqlite3
import statistics
import sys
import tempfile
from collections.abc import Collection
from contextlib import closing
from pathlib import Path

from tests.bench.pages import STORY_SHARE, Press
from tests.bench.spent import Spent, spent
from tests.bench.web import NETWORK, Web, web

PAGES, ROUNDS = 2000, 3
SHARES = {"mixed": STORY_SHARE, "story": 1.0}  # of the pages, that are on the story


def settings(catalogue: Path, database: Path, **more: object) -> list[str]:
    """The crawl as it comes, but in a hurry and on loopback."""
    given = {
        "DATABASE": database, "SOURCES": catalogue, "CONTACT": "https://nachlese.example/bench", "ALLOW_PRIVATE_ADDRESSES": NETWORK,
        "DOWNLOAD_DELAY": 0, "RETRY_TIMES": 0, "LOG_LEVEL": "WARNING", "POLL_FASTEST": 0, "POLL_SLOWEST": 0,
    } | more  # fmt: skip
    return [part for name, value in given.items() for part in ("-s", f"{name}={value}")]


def crawl(count: int = PAGES, rounds: int = ROUNDS, kinds: Collection[str] = tuple(SHARES)) -> dict[str, dict[str, float]]:
    """The mix, and as many pages that are all on the story: medians of the rounds, in which the sides take turns."""
    found = {}
    for name in kinds:
        press = Press(story_share=SHARES[name])
        with tempfile.TemporaryDirectory() as folder, web(Path(folder), count, press) as served:
            found[name] = _compared(served, Path(folder), rounds)
    return found


def _compared(served: Web, folder: Path, rounds: int) -> dict[str, float]:
    urls = folder / "urls.txt"
    urls.write_text("\n".join(page.url for page in served.pages), encoding="utf-8")
    seeded = folder / "seeded.db"
    spent("-m", "scrapy", "seed", "-s", f"DATABASE={seeded}")
    sides: dict[str, list[Spent]] = {"bare": [], "ours": [], "listed": [], "plain": []}
    row: dict[str, float] = {"pages": len(served.pages), "story": sum(page.story for page in served.pages)}
    for _ in range(rounds):
        sides["bare"].append(spent("-m", "tests.bench.sides", "bare", str(urls)))
        for side, scope in (("ours", "all"), ("listed", "match")):
            shutil.copy(seeded, database := folder / f"{side}.db")
            served.asked()
            sides[side].append(spent("-m", "scrapy", "crawl", "feeds", *settings(served.catalogue(scope), database)))
            row[f"{side}_fetched"] = served.asked()["artikel"]
            row[f"{side}_filed"] = _filed(database, len(served.pages))
            database.unlink()
        sides["plain"].append(spent("-m", "tests.bench.sides", "plain", str(urls), str(folder / "plain.db")))
        sys.stderr.write(f"{ {side: runs[-1] for side, runs in sides.items()} }\n")
    for side, runs in sides.items():
        row[f"{side}_s"] = round(statistics.median(run.wall for run in runs), 2)
        row[f"{side}_cpu_s"] = round(statistics.median(run.cpu for run in runs), 2)
    return row


def _filed(database: Path, pages: int) -> int:
    """How many are filed; all must be decided, for a crawl that skips is soon done."""
    with closing(sqlite3.connect(database)) as connection:
        decided = connection.execute("SELECT count(DISTINCT url) FROM decisions WHERE url LIKE 'http%'").fetchone()[0]
        if decided != pages:
            raise SystemExit(f"{decided} of {pages} pages have a verdict")
        return int(connection.execute("SELECT count(*) FROM articles WHERE url LIKE 'http%'").fetchone()[0])
