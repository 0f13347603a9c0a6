"""The desk's pages as tests read them, and databases to serve."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest
from lxml import html

from pipelines.story import Story
from tests.conftest import Desk
from tests.internet import Internet
from tests.serving import copy, served
from tests.showcase import HOSTILE, SCRIPT, fill

LISTS = ("coverage", "articles", "mentions", "decisions")


@contextmanager
def served_copy(desk: Desk, folder: Path, actor: str | None = "root") -> Iterator[httpx.Client]:
    """Datasette over a copy of a database."""
    with closing(sqlite3.connect(folder / "news.db")) as target:
        copy(desk.database, target)
    with served(folder, actor) as client:
        yield client


def spoil(path: Path, story: Story) -> None:
    """Pages, listings and a story made to do harm, some written past all that would have cleaned them."""
    fill(path, story)
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE articles SET paywalled = 1 WHERE id = 1")
        db.execute("UPDATE outlets SET name = ? || name, country = ?", (SCRIPT, SCRIPT))
        db.execute("UPDATE clusters SET agency = ? WHERE id % 2", (SCRIPT,))
        db.execute("INSERT INTO story VALUES (1, ?, ?, '2022-02-24', ?, 'x')", (SCRIPT, HOSTILE, SCRIPT))
        db.execute("INSERT INTO runs (spider, started_at, outcome) VALUES (?, ?, ?)", (SCRIPT, SCRIPT, SCRIPT))
        db.execute("INSERT INTO sources (url, outlet, kind, state) VALUES ('javascript:alert(2)', 'talbote', ?, 'failing')", (SCRIPT,))
        sql = "INSERT INTO fetches (run, source, at, outcome, reason, contiguous) VALUES (1, 'javascript:alert(2)', ?, 'failed', ?, 0)"
        db.execute(sql, (SCRIPT, SCRIPT))
        for n, verdict in enumerate(("mention", "off_story", SCRIPT)):
            url = f"javascript:alert(3)//{n}" if n else f"https://talbote.example/{SCRIPT}"
            db.execute("INSERT INTO entries VALUES (?, '', 'talbote', '2024-06-13T08:00:00Z', ?, '', '', '', '', '')", (url, HOSTILE))
            sql = "INSERT INTO decisions (url, at, stage, verdict, reason, story_hash) VALUES (?, ?, 'page', ?, ?, '')"
            db.execute(sql, (url, "9999-99-99T99:99:99Z", verdict, f"x | {SCRIPT} Container"))
            db.execute("UPDATE decisions SET new_figures = ? WHERE url = ?", (SCRIPT, url))
        db.commit()


@pytest.fixture(scope="module")
def small_web(crawled: tuple[Desk, Internet], tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """The crawled small web."""
    with served_copy(crawled[0], tmp_path_factory.mktemp("crawled")) as client:
        yield client


@pytest.fixture(scope="module")
def nobody(crawled: tuple[Desk, Internet], tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """The crawled small web, before someone who has not logged in."""
    with served_copy(crawled[0], tmp_path_factory.mktemp("nobody"), None) as client:
        yield client


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory, story: Story) -> Iterator[httpx.Client]:
    """Pages, listings and a story made to do harm."""
    folder = tmp_path_factory.mktemp("hostile")
    spoil(folder / "news.db", story)
    with served(folder) as client:
        yield client


def read(client: httpx.Client, path: str, lang: str = "de", **params: str) -> html.HtmlElement:
    """A page as a tree; it must have been answered."""
    answer = client.get(path, params=params or None, headers={"accept-language": lang})
    assert answer.status_code == 200, f"{path} {params}: {answer.status_code}\n{answer.text[-2000:]}"
    return tree(answer.text)


def tree(text: str) -> html.HtmlElement:
    """A page as a tree."""
    return html.document_fromstring(text)


def said(page: html.HtmlElement) -> str:
    """What a page says in its main part, spaces as one."""
    return " ".join(page.xpath("//main")[0].text_content().split())


def rows(page: html.HtmlElement) -> list[html.HtmlElement]:
    """The rows of a page's list."""
    return list(page.xpath("//main//table[contains(@class, 'cards')]/tbody/tr | //main//*[contains(@class, 'stories')]/li"))


def headlines(page: html.HtmlElement) -> list[str]:
    return [" ".join(row.xpath(".//*[contains(@class, 'headline')]")[0].text_content().split()) for row in rows(page)]
