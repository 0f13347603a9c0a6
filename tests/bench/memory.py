"""Memory of the crawl's own process over many pages, and whether its workers are replaced."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.crawl import settings
from tests.bench.pages import Press
from tests.bench.spent import ENVIRONMENT
from tests.bench.web import Web, web
from tests.conftest import ROOT

PAGES, LIGHT = 20_000, 12_000  # bytes at the median: so many real ones would take an hour to make and 5 GB to keep
STORY_SHARE = 0.1  # so that each process that reads is followed by another
PAUSE = 0.25  # seconds between two looks


def memory(count: int = PAGES) -> dict[str, float]:
    """Median MB over the first and the last quarter of the pages, the most, and how many processes read."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with web(folder, count, Press(median=LIGHT, story_share=STORY_SHARE)) as served:
            command = [sys.executable, "-m", "scrapy", "crawl", "feeds", *settings(served.catalogue("all"), folder / "news.db")]
            limits = ["-s", "OUTLET_REQUESTS=0"]
            process = subprocess.Popen([*command, *limits], cwd=ROOT, env=ENVIRONMENT)
            seen, readers = _watched(process, served)
    if process.returncode:
        raise SystemExit(f"the crawl: exit {process.returncode}")
    pages = seen[-1][0]
    first = statistics.median([mb for asked, mb in seen if 0 < asked <= count // 4] or [seen[0][1]])
    last = statistics.median(mb for asked, mb in seen if asked > 3 * count // 4)
    return {
        "pages": pages,
        "first_quarter_mb": round(first, 1),
        "last_quarter_mb": round(last, 1),
        "growth": round(last / first, 2),
        "most_mb": round(max(mb for _, mb in seen), 1),
        "readers": readers,
    }


def _watched(process: subprocess.Popen[bytes], served: Web) -> tuple[list[tuple[int, float]], int]:
    """While a process runs, how many pages it asked for and its resident MB; how many others read for it, as far as they were met."""
    seen: list[tuple[int, float]] = []
    asked = 0
    below: set[int] = set()
    while process.poll() is None:
        try:
            pages = int(Path(f"/proc/{process.pid}/statm").read_text(encoding="ascii").split()[1])
        except (FileNotFoundError, IndexError):  # it ended just now
            break
        asked += served.asked().get("artikel", 0)
        seen.append((asked, pages * resource.getpagesize() / 2**20))
        below |= _below(process.pid)
        time.sleep(PAUSE)
    process.wait()
    return seen, len(below)


def _below(pid: int) -> set[int]:
    """The processes that descend from one and have no other process below them: those that read."""
    parents: dict[int, int] = {}
    for name in os.listdir("/proc"):  # noqa: PTH208 names of processes, no files
        if name.isdecimal():
            try:
                parents[int(name)] = int(Path(f"/proc/{name}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])
            except (FileNotFoundError, ProcessLookupError, IndexError):  # it ended just now
                continue
    children = {child for child, parent in parents.items() if parent == pid}
    return {child for child, parent in parents.items() if parent in children}
