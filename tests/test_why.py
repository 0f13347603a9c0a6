"""`scrapy why`: everything known about a URL, and honest words about one that nobody knows."""

from __future__ import annotations

import argparse
import io
import sqlite3
from contextlib import redirect_stdout
from datetime import timedelta
from pathlib import Path

import pytest
from scrapy.settings import Settings

from crawler.command import BadUsageError
from crawler.commands.why import Command, nearest, spellings
from pipelines.article import Entry, Verdict
from pipelines.store import StoreError
from pipelines.store.reader import Reader
from pipelines.story import Story
from tests.conftest import ROOT, Desk
from tests.internet import Internet
from tests.test_export import NOON, REPORT, Database

A, B, LEFT = "http://tagesfunk.example/a", "http://rheinblatt.example/b", "http://tagesfunk.example/left"


def why(database: Path, url: str) -> str:
    """What `scrapy why` prints, run in this process."""
    command = Command()
    command.settings = Settings({"DATABASE": str(database), "STORY": str(ROOT / "seeds" / "story.toml")})
    with redirect_stdout(io.StringIO()) as printed:
        command.work([url], argparse.Namespace())
    return printed.getvalue()


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, story: Story) -> Path:
    """An article with two versions, a copy, an alias and an editor's words; a page left out and one waiting."""
    desk = Database(tmp_path_factory.mktemp("why") / "news.db", story)
    listed = Entry(
        A, "tagesfunk", "http://tagesfunk.example/rss/ausland.xml", NOON, "Container", "Aus Nordkorea", published="Fri, 14 Jun 2024"
    )
    desk.filer.file(listed, NOON)
    desk.file(desk.article("a", REPORT))
    desk.file(
        desk.article("a", REPORT + "\nDie Regierung in Seoul will bis zum 20. Juni 40 Satellitenbilder davon zeigen."),
        NOON + timedelta(hours=2),
    )
    desk.file(desk.article("b", REPORT, outlet="rheinblatt"), NOON + timedelta(hours=3))
    for url, of in (("http://tagesfunk.example/short", "http://tagesfunk.example/long"), ("http://tagesfunk.example/long", A)):
        desk.filer.file(Verdict(url, "page", "alias", f"leads to {of}", NOON), NOON)
    desk.filer.file(Verdict("http://tagesfunk.example/round", "page", "alias", "leads to http://tagesfunk.example/round", NOON), NOON)
    desk.filer.say(A, "filed", "belongs here", NOON)
    desk.filer.correct("split", B, None, "another shipment", NOON)
    desk.filer.correct("join", B, A, "the same after all", NOON)
    desk.filer.file(Entry(LEFT, "tagesfunk", None, NOON), NOON)
    desk.filer.file(Verdict(LEFT, "page", "failed", "HTTP 503\x1b[2J", NOON, 0.25, NOON + timedelta(hours=1)), NOON)
    desk.filer.file(Entry("http://tagesfunk.example/waits", "tagesfunk", None, NOON), NOON)
    desk.store.close()
    return desk.path


@pytest.mark.parametrize(
    "said",
    [
        "filed: original, revised, 1 copy",
        "2024-06-14 14:00  Tagesfunk, feed http://tagesfunk.example/rss/ausland.xml",
        "headline: Container",
        "published: Fri, 14 Jun 2024",
        "run 1 (feeds)",
        "keep: belongs here",
        f"join {B}: the same after all",
        "VERSIONS  1 earlier",
        "came: Die Regierung in Seoul",
        "north-korea: Nordkorea ×",
        "published: none: the page gives no date",
        f"{B}",
        "http://tagesfunk.example/long",
    ],
)
def test_dossier_of_an_article_tells_all(filled: Path, said: str) -> None:
    assert said in why(filled, A)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (f"{A}?utm_source=x#top", "filed: original"),
        ("HTTP://Tagesfunk.example/a", "filed: original"),
        (B, "relation: copy of Tagesfunk"),
        (B, "words ("),
        (B, "split: another shipment"),
        (LEFT, "left out: failed: HTTP 503 [2J"),
        (LEFT, "score 0.25"),
        (LEFT, "to be tried again 2024-06-14 15:00"),
        ("http://tagesfunk.example/waits", "not decided yet"),
        ("http://tagesfunk.example/round", "another address of an article"),
    ],
)
def test_url_is_found_under_any_spelling_with_what_became_of_it(filled: Path, url: str, said: str) -> None:
    told = why(filled, url)
    assert said in told
    assert "\x1b" not in told


def test_chain_of_aliases_is_followed_to_the_article(filled: Path) -> None:
    told = why(filled, "http://tagesfunk.example/short")
    assert [line.split()[-1] for line in told.splitlines() if line.startswith("LEADS TO")] == ["http://tagesfunk.example/long", A]
    assert "ARTICLE" in told


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://tagesfunk.example/left-out", "unknown: no source ever listed it. Nearest of tagesfunk.example:\n  "),
        ("http://nowhere.example/a", "every URL of nowhere.example"),
        ("ftp://tagesfunk.example/a", "give one http(s) URL"),
        ("http://[", "give one http(s) URL"),
        ("seed:nosuch", "unknown"),
        ("http://tagesfunk.example/" + "x" * 3000, "give one http(s) URL"),
    ],
)
def test_unknown_url_says_so_and_names_the_nearest(filled: Path, url: str, says: str) -> None:
    with pytest.raises(BadUsageError) as refused:
        why(filled, url)
    assert says in str(refused.value)


def test_nearest_shares_most_words_and_www_is_the_same_host(filled: Path) -> None:
    assert nearest(Reader(filled), "https://www.tagesfunk.example/left/")[0] == LEFT
    assert len(nearest(Reader(filled), "https://tagesfunk.example/")) == 5


def test_entry_of_a_live_blog_is_meant_before_its_page() -> None:
    assert spellings("taz.example/live#e-7") == ["https://taz.example/live#e-7", "https://taz.example/live"]


def test_every_url_of_a_crawl_has_a_dossier(crawled: tuple[Desk, Internet]) -> None:
    desk, _ = crawled
    for row in desk.rows("SELECT url, verdict FROM verdicts"):
        told = why(desk.database, row["url"])
        assert told.startswith(f"{row['url']}\n")
        assert row["verdict"] in told.split("\nDECISIONS\n")[1]


def test_evidence_for_the_date_stands_beside_it(crawled: tuple[Desk, Internet]) -> None:
    desk, _ = crawled
    sql = "SELECT a.url, d.edtf, d.basis FROM dates d JOIN articles a ON a.id = d.article WHERE d.role = 'published' LIMIT 20"
    for row in desk.rows(sql):
        assert f"    published {row['edtf']}  {row['basis']}" in why(desk.database, row["url"])


def test_unknown_url_exits_2_and_no_database_73(filled: Path, desk: Desk) -> None:
    assert "unknown" in desk.run("why", "http://tagesfunk.example/b-c-d", code=2, DATABASE=str(filled)).stderr
    assert "does not exist yet" in desk.run("why", A, code=73).stderr


def test_database_of_an_older_version_says_how_to_bring_it_up(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "old.db") as connection:
        connection.execute("CREATE TABLE articles (id)")
    with pytest.raises(StoreError, match="brings an older file up to date"):
        why(tmp_path / "old.db", A)
