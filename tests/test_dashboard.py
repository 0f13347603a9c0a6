"""The dashboard: its queries say something true, its page loads nothing from elsewhere."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from pipelines.store import Store
from tests.conftest import Desk
from tests.internet import Internet
from tests.serving import DATA, copy, served

METADATA: dict[str, Any] = yaml.safe_load((DATA / "metadata.yaml").read_text(encoding="utf-8"))
DASHBOARDS: dict[str, dict[str, Any]] = METADATA["plugins"]["datasette-dashboards"]
CHARTS: dict[str, dict[str, Any]] = DASHBOARDS["news"]["charts"]
SHELF = "SELECT count(*) FROM articles WHERE state != 'dropped' AND relation != 'seed'"


@pytest.fixture(scope="module")
def desks(crawled: tuple[Desk, Internet], tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """The crawled small web as `news`, an empty database as `demo`."""
    folder = tmp_path_factory.mktemp("desks")
    with closing(sqlite3.connect(folder / "news.db")) as target:
        copy(crawled[0].database, target)
    Store.open(folder / "demo.db").close()
    with served(folder) as client:
        yield client


def fields(node: Any) -> Iterator[str]:
    """The columns that a chart's display names."""
    if isinstance(node, dict):
        yield from (value for key, value in node.items() if key == "field")
        for value in node.values():
            yield from fields(value)


def answer(client: httpx.Client, name: str, chart: str) -> list[dict[str, Any]]:
    """What a chart draws, asked as its script asks."""
    about = DASHBOARDS[name]["charts"][chart]
    found = client.get(f"/{about['db']}.json", params={"sql": about["query"], "_shape": "objects"}).json()
    assert found["ok"] is True, found
    assert not found["truncated"]
    assert {*fields(about["display"])} <= {*found["columns"]}
    return list(found["rows"])


@pytest.mark.parametrize("chart", CHARTS)
@pytest.mark.parametrize("name", DASHBOARDS)
def test_every_chart_has_rows_where_there_are_articles_and_none_where_there_are_not(desks: httpx.Client, name: str, chart: str) -> None:
    assert DASHBOARDS[name]["charts"][chart]["db"] == name
    assert bool(answer(desks, name, chart)) == (name == "news")


def test_weeks_begin_on_monday_and_hold_every_article_with_a_day(crawled: tuple[Desk, Internet], desks: httpx.Client) -> None:
    rows = answer(desks, "news", "weeks")
    day = "published_at IS NOT NULL AND published_precision IN ('instant', 'minute', 'day')"
    assert sum(row["articles"] for row in rows) == crawled[0].rows(f"{SHELF} AND {day}")[0][0] > 0
    with closing(sqlite3.connect(":memory:")) as clock:
        assert {clock.execute("SELECT strftime('%w', ?)", (row["week"],)).fetchone()[0] for row in rows} == {"1"}
        for published, monday in (
            ("2023-10-16T00:00:00Z", "2023-10-16"),
            ("2023-10-15T23:59:59Z", "2023-10-09"),
            ("2023-10-18", "2023-10-16"),
        ):
            assert clock.execute("SELECT date(?, '-6 days', 'weekday 1')", (published,)).fetchone()[0] == monday
    assert "'-6 days', 'weekday 1'" in CHARTS["weeks"]["query"]


@pytest.mark.parametrize("chart", ["outlets", "languages"])
def test_outlets_and_languages_count_every_article_once(crawled: tuple[Desk, Internet], desks: httpx.Client, chart: str) -> None:
    assert sum(row["articles"] for row in answer(desks, "news", chart)) == crawled[0].rows(SHELF)[0][0]


def test_outlets_with_most_of_their_own_come_first(crawled: tuple[Desk, Internet], desks: httpx.Client) -> None:
    own = [row["own"] for row in answer(desks, "news", "outlets")]
    assert own == sorted(own, reverse=True)
    assert own[0] > 0


def test_every_source_is_counted_by_its_last_answer(crawled: tuple[Desk, Internet], desks: httpx.Client) -> None:
    rows = answer(desks, "news", "sources")
    assert sum(row["sources"] for row in rows) == crawled[0].rows("SELECT count(*) FROM sources")[0][0]
    assert {row["state"] for row in rows} <= {*CHARTS["sources"]["display"]["encoding"]["color"]["scale"]["domain"]}


@pytest.mark.parametrize(("minutes", "bucket"), [(0, "1"), (14, "1"), (16, "2"), (61, "3"), (7 * 60, "4"), (25 * 60, "5"), (8 * 1440, "6")])
def test_the_time_to_filing_falls_into_its_bucket(tmp_path: Path, minutes: int, bucket: str) -> None:
    with closing(sqlite3.connect(tmp_path / "x.db")) as database:
        database.execute("CREATE TABLE articles (state, published_at, published_precision, filed_at)")
        filed = f"strftime('%Y-%m-%dT%H:%M:%SZ', '2023-10-13T19:45:00Z', '+{minutes} minutes')"
        for precision in ("instant", "month"):  # of a month nobody knows how long it took
            database.execute(f"INSERT INTO articles SELECT 'live', '2023-10-13T19:45:00Z', '{precision}', {filed}")
        assert [(row[0][0], row[1]) for row in database.execute(CHARTS["delay"]["query"])] == [(bucket, 1)]


@pytest.mark.parametrize("way", ["/-/dashboards/news", "/-/dashboards/demo", *(f"/-/dashboards/news/{chart}" for chart in CHARTS)])
def test_its_page_loads_scripts_and_styles_of_this_server_alone(desks: httpx.Client, way: str) -> None:
    page = desks.get(way)
    assert page.status_code == 200
    loaded = re.findall(r'<(?:script|link|img|iframe)[^>]+(?:src|href)="([^"]+)"', page.text)
    assert len(loaded) >= 6
    for link in loaded:
        local = link.removeprefix(str(desks.base_url).rstrip("/"))
        assert local.startswith("/"), link
        assert not local.startswith("//")
        assert desks.get(local).status_code == 200


def test_without_login_the_dashboard_asks_for_one(desks: httpx.Client) -> None:
    page = httpx.get(f"{desks.base_url}/-/dashboards/news", trust_env=False)
    assert page.status_code == 403
    assert 'href="/-/login"' in page.text


def test_both_databases_have_the_same_charts() -> None:
    news, demo = (json.dumps(DASHBOARDS[name]["charts"]).replace(f'"db": "{name}"', "") for name in ("news", "demo"))
    assert news == demo
