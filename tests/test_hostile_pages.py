"""What a page meant to do to its readers, it does nowhere on the desk."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from html.parser import HTMLParser
from urllib.parse import urlsplit

import httpx
import pytest

from pipelines.views import VIEWS
from tests.conftest import Desk
from tests.hostile import spoil
from tests.internet import Internet
from tests.serving import copy, served
from tests.test_datasette import QUERIES, TABLES

OURS = ("/", "/news/-/coverage", "/news/-/articles", "/news/-/mentions", "/news/-/figures", "/news/-/sources", "/news/-/decisions",
        "/news/-/search?q=Lange", "/news/-/search?q=%3Cscript%3Ealert(1)%3C/script%3E", "/news/-/figures/shell")  # fmt: skip
READABLE = [name for name in dict.fromkeys((*VIEWS, *TABLES)) if TABLES.get(name, {}).get("allow") is not False]
STOCK = ("/news", "/news?_show_hidden=1", *(f"/news/{name}" for name in (*READABLE, *QUERIES)))
ODD = "%3Cscript%3Ealert(9)%3C/script%3E\"'%00%E2%80%AE%ED%A0%80"
ECHOES = (
    f"/news/coverage?headline__contains={ODD}", f"/news/articles_list?_search={ODD}", f"/news/why_left_out?words={ODD}",
    f"/news/{ODD}", f"/{ODD}", f"/news?sql={ODD}", f"/news/coverage?_sort={ODD}", f"/news/-/search?q={ODD}", f"/news/coverage?_col={ODD}",
)  # fmt: skip
SCHEMES = {"", "http", "https"}
LARGEST = 4_000_000  # bytes of a page; fifty rows that each name two headlines of 30 kB have 3,000,000


class Reading(HTMLParser):
    """A page as a browser takes it apart: what it would run, and where it would lead."""

    def __init__(self) -> None:
        super().__init__()
        self.runs: list[str] = []
        self.links: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag
        for name, value in attrs:
            if name.startswith("on") or name == "srcdoc":
                self.runs.append(f"{tag} {name}={value}")
            if name in ("href", "src", "action", "formaction", "data", "xlink:href"):
                self.links.append(value or "")

    def handle_data(self, data: str) -> None:
        if self._inside in ("script", "style") and re.search(r"alert\(\d\)", data):
            self.runs.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""


def scheme(link: str) -> str:
    """The scheme as a browser reads it, which passes over blanks and control characters."""
    return urlsplit(re.sub("[\x00-\x20]", "", link)).scheme.lower()


@pytest.fixture(scope="module")
def spoilt(crawled: tuple[Desk, Internet], tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """The desk over texts that mean harm, asked by someone who has logged in: nothing is kept from them."""
    folder = tmp_path_factory.mktemp("spoilt")
    with closing(sqlite3.connect(folder / "news.db")) as database:
        copy(crawled[0].database, database)
        spoil(database)
    with served(folder) as client:
        yield client


def harmless(answer: httpx.Response) -> None:
    """Hold a page against all that it must not do."""
    assert len(answer.content) < LARGEST
    text = answer.content.decode("utf-8")  # strictly: no half character
    if "html" in answer.headers["content-type"]:
        page = Reading()
        page.feed(text)
        assert not page.runs
        assert not [link for link in page.links if scheme(link) not in SCHEMES]
        assert "{{ 7 * 7 }}" in text or "49 {% raw" not in text


@pytest.mark.parametrize("way", [*OURS, *STOCK])
def test_no_page_runs_or_breaks_by_what_it_shows(spoilt: httpx.Client, way: str) -> None:
    answer = spoilt.get(way)
    assert answer.status_code == 200, answer.text[:2000]
    harmless(answer)


@pytest.mark.parametrize("way", ECHOES)
def test_no_page_runs_or_breaks_by_what_it_is_asked(spoilt: httpx.Client, way: str) -> None:
    answer = spoilt.get(way, follow_redirects=True)
    assert answer.status_code < 500 or "Cannot sort table by" in answer.text, answer.text[:2000]  # Datasette's own 500
    harmless(answer)


@pytest.mark.parametrize("name", READABLE)
def test_json_and_csv_of_everything_can_be_read(spoilt: httpx.Client, name: str) -> None:
    answer = spoilt.get(f"/news/{name}.json", params={"_size": 20})
    assert json.loads(answer.content.decode("utf-8"))["columns"]
    assert answer.headers["content-type"].startswith("application/json")
    table = spoilt.get(f"/news/{name}.csv", params={"_size": 20})
    assert table.content.decode("utf-8")
    assert table.headers["content-type"].startswith("text/plain")


def test_pages_of_single_rows_do_not_run_either(spoilt: httpx.Client) -> None:
    for name in ("articles", "clusters", "decisions", "versions", "figures"):
        rows = spoilt.get(f"/news/{name}.json", params={"_shape": "array", "_size": 30, "_col": "id"}).json()
        assert rows
        for row in rows:
            answer = spoilt.get(f"/news/{name}/{row['id']}")
            assert answer.status_code == 200
            harmless(answer)


def test_article_pages_do_not_run_either(spoilt: httpx.Client) -> None:
    rows = spoilt.get("/news/articles.json", params={"_shape": "array", "_size": 60, "_col": "public_id"}).json()
    assert rows
    for row in rows:
        answer = spoilt.get(f"/news/-/article/{row['public_id']}")
        assert answer.status_code == 200, row
        harmless(answer)


def test_the_fixture_is_hostile_indeed(spoilt: httpx.Client) -> None:
    found = spoilt.get("/news/articles.json", params={"_shape": "array", "_size": "max"}).json()
    assert any("<script>" in row["headline"] for row in found)
    assert any(len(row["headline"]) > 25_000 for row in found)
    assert any("\ufffd" in row["headline"] for row in found)
    assert any(row["url"].startswith("javascript:") for row in found)
