"""The feeds as a newsreader reads them."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import feedparser
import httpx
import pytest

from pipelines.store import Store
from tests.conftest import Desk
from tests.hostile import HOSTILE, spoil
from tests.internet import Internet
from tests.serving import copy, logged_in, served

FEEDS = ("reports_feed", "figures_feed", "feed", "feed_figures")
TOKEN = "losung-9f3a/+ ü"  # noqa: S105


def read(client: httpx.Client, name: str, **params: str) -> Any:
    """A feed as feedparser reads it."""
    answer = client.get(f"/news/{name}.atom", params=params)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/atom+xml")
    found = feedparser.parse(answer.content, sanitize_html=False, response_headers={"content-type": answer.headers["content-type"]})
    assert not found.bozo, found.get("bozo_exception")
    assert found.version == "atom10"
    assert found.feed.id
    assert found.feed.title
    assert found.feed.updated_parsed
    return found


def filled(crawled: tuple[Desk, Internet], folder: Path) -> sqlite3.Connection:
    database = sqlite3.connect(folder / "news.db")
    copy(crawled[0].database, database)
    return database


@pytest.fixture(scope="module")
def plain(crawled: tuple[Desk, Internet], tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """The desk over the crawled small web; feeds are open."""
    folder = tmp_path_factory.mktemp("plain")
    filled(crawled, folder).close()
    with served(folder, None) as client:
        yield client


@pytest.fixture(scope="module")
def hostile(crawled: tuple[Desk, Internet], tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """The desk over texts that mean harm."""
    folder = tmp_path_factory.mktemp("hostile")
    with closing(filled(crawled, folder)) as database:
        spoil(database)
    with served(folder, None) as client:
        yield client


@pytest.mark.parametrize("name", FEEDS)
@pytest.mark.parametrize("desk_of", ["plain", "hostile"])
def test_a_newsreader_accepts_the_feed(request: pytest.FixtureRequest, desk_of: str, name: str) -> None:
    entries = read(request.getfixturevalue(desk_of), name).entries
    assert entries
    ids = [entry.id for entry in entries]
    assert len(set(ids)) == len(ids)
    for entry in entries:
        assert entry.id.startswith("urn:nachlese:")
        assert entry.updated_parsed
        assert entry.title_detail.type == "text/plain"
        assert 0 < len(entry.title) <= 300
        assert all(re.match(r"https?://[^/]", link.href) for link in entry.get("links", []))
        assert {content.type for content in entry.content} == {"text/plain"}


@pytest.mark.parametrize("name", ["reports_feed", "figures_feed"])
def test_titles_keep_their_letters_and_lose_what_harms(hostile: httpx.Client, name: str) -> None:
    body = hostile.get(f"/news/{name}.atom").text
    assert "<script" not in body
    assert "&lt;script&gt;" in body
    assert all(re.match(r"https?://", link) for link in re.findall('href="([^"]*)', body))
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", body)
    assert len(body) < 1_000_000
    assert "<script>alert(1)</script>" in HOSTILE["script"]


def test_entries_keep_their_ids_from_one_look_to_the_next(plain: httpx.Client) -> None:
    first, second = ({entry.id: entry.updated for entry in read(plain, "reports_feed").entries} for _ in range(2))
    assert first == second


def test_every_report_is_in_the_feed_newest_change_first(plain: httpx.Client) -> None:
    entries = read(plain, "reports_feed").entries
    reports = plain.get("/news/coverage.json?_size=max&_shape=array").json()
    assert {entry.link for entry in entries} == {row["url"] for row in reports}
    assert [entry.updated for entry in entries] == sorted((entry.updated for entry in entries), reverse=True)


def test_a_figure_is_new_once_and_never_if_an_example_text_had_it(crawled: tuple[Desk, Internet], plain: httpx.Client) -> None:
    shown = {entry.id for entry in read(plain, "figures_feed").entries}
    given = crawled[0].rows(
        "SELECT f.unit, f.low, f.high, min(a.rank), a.relation FROM figures f JOIN articles a ON a.id = f.article GROUP BY 1, 2, 3"
    )
    parts = {f"urn:nachlese:figure:{row['unit']}:{row['low'] or ''}:{row['high'] or ''}": row["relation"] for row in given}
    assert shown == {name for name, relation in parts.items() if relation != "seed"}
    assert {name for name, relation in parts.items() if relation == "seed"}


@pytest.mark.parametrize("name", FEEDS)
def test_a_feed_without_entries_is_a_feed(tmp_path: Path, name: str) -> None:
    Store.open(tmp_path / "news.db").close()
    with served(tmp_path, None) as client:
        assert read(client, name).entries == []


def test_other_rows_are_no_feed(plain: httpx.Client) -> None:
    assert plain.get("/news/coverage.atom").status_code == 400


@pytest.fixture(scope="module")
def guarded(crawled: tuple[Desk, Internet], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, Path]]:
    """The desk with a token, and its log."""
    folder = tmp_path_factory.mktemp("guarded")
    filled(crawled, folder).close()
    with served(folder, None, NACHLESE_FEED_TOKEN=TOKEN) as client:
        yield client, folder / "log"


@pytest.mark.parametrize("name", FEEDS)
def test_with_a_token_only_its_bearers_and_people_logged_in_get_a_feed(guarded: tuple[httpx.Client, Path], name: str) -> None:
    client, _ = guarded
    assert read(client, name, token=TOKEN).entries
    for query in ("", "?token=", "?token=wrong", f"?Token={TOKEN}", "?token=%FF", f"?token={TOKEN}x", f"?token={TOKEN}&token=wrong"):
        assert client.get(f"/news/{name}.atom{query}").status_code == 403
    assert httpx.get(f"{client.base_url}/news/{name}.atom", cookies=logged_in(), trust_env=False).status_code == 200


def test_the_token_stands_neither_in_the_feed_nor_in_the_log(guarded: tuple[httpx.Client, Path]) -> None:
    client, log = guarded
    answer = client.get("/news/reports_feed.atom", params={"token": TOKEN})
    assert answer.status_code == 200
    client.get("/news/coverage?_sort=nothing", params={"token": TOKEN})
    client.get("/news/decisions_on", params={"token": TOKEN, "url": "x"})
    assert "reports_feed.atom?token=…" in log.read_text(encoding="utf-8")
    assert not re.search("losung", answer.text + log.read_text(encoding="utf-8"))
