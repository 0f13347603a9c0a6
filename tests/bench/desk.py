"""The desk over a large database: its pages by a real Datasette on loopback, and an export of every article."""

from __future__ import annotations

import sqlite3
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import httpx
import yaml

from tests.bench.filing import filled
from tests.bench.spent import spent
from tests.serving import DATA, copy, served

ROUNDS, ARTICLES = 5, 10_000
CHARTS = yaml.safe_load((DATA / "metadata.yaml").read_text(encoding="utf-8"))["plugins"]["datasette-dashboards"]["news"]["charts"]


def desk(database: Path | None = None, articles: int = ARTICLES, rounds: int = ROUNDS) -> dict[str, float]:
    """Milliseconds of each page, warm, median; seconds and MB of an export of all articles.

    Of a given database a copy is served; without one so many articles are filed first.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if database is None:
            filled(folder / "news.db", articles)
        else:
            with closing(sqlite3.connect(folder / "news.db")) as target:
                copy(database.resolve(), target)
        with closing(sqlite3.connect(folder / "news.db")) as connection:
            count = connection.execute("SELECT count(*) FROM articles").fetchone()[0]
            public_id, headline = connection.execute("SELECT public_id, headline FROM articles ORDER BY rank DESC LIMIT 1").fetchone()
        with served(folder) as client:
            costs = {page: _cost(client, paths, rounds) for page, paths in _pages(public_id, headline).items()}
        exported = spent(
            "-m", "scrapy", "export", "--view", "articles_list", "-o", str(folder / "all.csv"), "-s", f"DATABASE={folder / 'news.db'}"
        )
        rows = sum(1 for _ in (folder / "all.csv").open(encoding="utf-8")) - 1
    return {"stored": count, **costs, "export_rows": rows, "export_s": round(exported.wall, 2), "export_mb": round(exported.mb, 1)}


def _pages(public_id: str, headline: str) -> dict[str, list[tuple[str, dict[str, str]]]]:
    """What is asked for each page; for the dashboard its charts too, as its script asks for them."""
    rooms = ("coverage", "articles", "figures", "sources", "decisions", f"article/{public_id}")
    pages: dict[str, list[tuple[str, dict[str, str]]]] = {"front": [("/", {})]}
    pages |= {room.partition("/")[0]: [(f"/news/-/{room}", {})] for room in rooms}
    pages["search"] = [("/news/-/search", {"q": max(headline.split(), key=len)})]
    charts = [("/news.json", {"sql": str(chart["query"]), "_shape": "objects"}) for chart in CHARTS.values()]
    pages["dashboard"] = [("/-/dashboards/news", {}), *charts]
    return pages


def _cost(client: httpx.Client, asked: Sequence[tuple[str, dict[str, str]]], rounds: int) -> float:
    costs = []
    for _ in range(rounds + 1):  # the first one warms
        began = time.perf_counter()
        for path, params in asked:
            client.get(path, params=params).raise_for_status()
        costs.append(1000 * (time.perf_counter() - began))
    return round(statistics.median(costs[1:]), 1)
