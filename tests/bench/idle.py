"""A run in which nothing changed: 200 feeds that answer 304, against a spider that only asks for them; and what starting costs."""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from crawler.settings import EXTENSIONS
from tests.bench.crawl import settings
from tests.bench.pages import Press
from tests.bench.spent import ENVIRONMENT, spent
from tests.bench.web import web
from tests.conftest import ROOT

FEEDS, ROUNDS = 200, 5
# What a crawl's start needs none of.
HEAVY = (
    "pipelines.dates.mentioned",
    "trafilatura", "courlan", "feedparser", "lingua", "dateparser", "datasette", "numpy", "pandas", "xlsxwriter",
)  # fmt: skip


def idle(feeds: int = FEEDS, rounds: int = ROUNDS) -> dict[str, float]:
    """Seconds of both, medians; requests for articles; CPU seconds of a start; imports a start could do without."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with web(folder, feeds, Press(median=2000, story_share=0.0), hosts=feeds) as served:
            given = settings(served.catalogue("match"), folder / "news.db")
            urls = folder / "urls.txt"
            urls.write_text("\n".join(f"{home}/feed.xml" for home in served.homes), encoding="utf-8")
            spent("-m", "scrapy", "crawl", "feeds", *given)  # the run before, that brought what now has not changed
            served.asked()
            ours, bare = [], []
            for _ in range(rounds):
                bare.append(spent("-m", "tests.bench.sides", "bare", str(urls)))
                ours.append(spent("-m", "scrapy", "crawl", "feeds", *given))
            asked = served.asked()
            one = ["-m", "scrapy", "crawl", "feeds", *given, "-a", "outlet=zeitung-0"]
            alone = [spent(*one).cpu for _ in range(rounds)]
            watched = [
                "-s",
                f"EXTENSIONS={json.dumps(EXTENSIONS | {'tests.bench.started.Started': 1})}",
                "-s",
                f"STARTED={folder / 'started'}",
            ]
            started = [_until_first(one + watched, folder / "started") for _ in range(rounds)]
    wall = {side: statistics.median(run.wall for run in runs) for side, runs in (("ours", ours), ("bare", bare))}
    return {
        "feeds": feeds,
        "articles_asked": asked.get("artikel", 0),
        "ours_s": round(wall["ours"], 2),
        "bare_s": round(wall["bare"], 2),
        "more_s": round(wall["ours"] - wall["bare"], 2),
        "start_cpu_s": round(statistics.median(started), 2),
        "one_feed_cpu_s": round(statistics.median(alone), 2),
        "heavy_imports": len(_imported() & set(HEAVY)),
    }


def _until_first(command: list[str], path: Path) -> float:
    path.unlink(missing_ok=True)
    spent(*command)
    return float(path.read_text(encoding="ascii"))


def _imported() -> set[str]:
    """The modules that a crawl's start imports, with all commands and spiders as Scrapy does, by `-X importtime`."""
    program = """from scrapy.utils.misc import walk_modules_iter
*walk_modules_iter("crawler.commands"), *walk_modules_iter("crawler.spiders")
import crawler.handler, pipelines.file, pipelines.read"""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", program], cwd=ROOT, env={**os.environ, **ENVIRONMENT}, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    return set(re.findall(r"\|\s+([\w.]+)$", done.stderr, re.M))
