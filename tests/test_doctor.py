"""The doctor finds nothing in a sound database, and each ailment that was made, with what to do about it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.locks import Locks
from pipelines.store import Store
from pipelines.store.checkup import checkup, mend
from pipelines.story import Story
from tests.conftest import Desk
from tests.internet import Internet
from tests.serving import copy
from tests.showcase import AT, WIRE, Newsroom, fill

NOW = AT + timedelta(days=30)
Spoil = Callable[[sqlite3.Connection], object]


@pytest.fixture
def news(tmp_path: Path, story: Story) -> Path:
    """A database with a dozen articles, as a run leaves it."""
    fill(tmp_path / "news.db", story)
    with closing(sqlite3.connect(tmp_path / "news.db")) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("UPDATE decisions SET url = 'javascript:alert(1)' WHERE url LIKE '%/hostile'")  # as `fill` did with the article
        connection.commit()
    return tmp_path / "news.db"


def told(path: Path, now: datetime = NOW) -> list[str]:
    return [f"{finding.found}: {finding.todo}" for finding in checkup(path, now)]


def test_sound_database_has_nothing(news: Path) -> None:
    before = news.read_bytes()
    assert told(news) == []
    assert news.read_bytes() == before


def test_sound_database_has_nothing_while_articles_are_filed_nor_after_a_kill(news: Path, story: Story) -> None:
    store = Store.open(news)
    Newsroom(store, story).file("morgenblatt", "more", WIRE)
    assert told(news) == []
    store.db.execute("BEGIN IMMEDIATE")
    assert told(news) == []
    store.db.conn.close()  # nothing is tidied up: the last article waits for the search
    assert told(news) == []


@pytest.mark.parametrize(
    ("spoil", "says", "todo"),
    [
        ("DELETE FROM articles WHERE id = 3", "belong to rows of articles that are gone", "backup"),
        ("UPDATE articles SET cluster = NULL WHERE id = 3", "1 articles belong to no report", "refold"),
        ("UPDATE clusters SET root = 999 WHERE id = 1", "1 reports have lost their first text", "refold"),
        ("UPDATE clusters SET first_live = 999 WHERE id = 1", "1 reports show a text that is gone", "refold"),
        ("DELETE FROM decisions WHERE url LIKE '%/wire'", "1 filed articles have no decision", "replay"),
        ("DELETE FROM articles_fts_docsize WHERE id = 3", "1 articles are not found by the search", "doctor --mend"),
        ("DELETE FROM decisions_fts_docsize WHERE id = 3", "1 decisions are not found by the search", "doctor --mend"),
        ("INSERT INTO articles_fts(rowid, headline, text) VALUES (999, 'x', 'y')", "1 articles are found by the search and gone", "--mend"),
        ("DROP TRIGGER articles_fts_update; UPDATE articles SET text = 'x' WHERE id = 3", "index of articles is not what", "--mend"),
        ("DELETE FROM articles_fts_data WHERE id > 10", "index of articles is not what its rows say", "--mend"),
        ("INSERT INTO _sqlite_migrations VALUES (99, 'nachlese', '999_future', '2030-01-01')", "newer version", "update the program"),
        ("DELETE FROM _sqlite_migrations WHERE name = '013_first_live'", "older version", "scrapy seed"),
        ("DROP TABLE _sqlite_migrations", "no database of this program", "DATABASE"),
        ("PRAGMA user_version = 999", "newer version of the program made the index", "update the program"),
        ("PRAGMA user_version = 0", "older version of the program made the index", "refold"),
        ("INSERT INTO runs (spider, started_at) VALUES ('feeds', '2024-07-13T09:10:00Z')", "newest run is of 2024-07-13", "timedatectl"),
        ("UPDATE articles SET filed_at = '2031-01-01T00:00:00Z' WHERE id = 2", "newest filed article is of 2031", "timedatectl"),
    ],
)  # fmt: skip
def test_each_ailment_is_found_with_what_to_do(news: Path, spoil: str, says: str, todo: str) -> None:
    with closing(sqlite3.connect(news)) as connection:
        connection.executescript(spoil)
    assert any(says in line and todo in line.rpartition(": ")[2] + line for line in told(news)), told(news)


@pytest.mark.parametrize("table", ["articles", "figures_article", "articles_fts_data"])
def test_damaged_page_is_found(news: Path, table: str) -> None:
    with closing(sqlite3.connect(news)) as connection:
        page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0]
    with news.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)
    assert any("restore the last" in line for line in told(news))


@pytest.mark.parametrize("content", [b"", b"this is not a database, but long enough to look like a file" * 20])
def test_file_that_is_no_database_is_found(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "news.db").write_bytes(content)
    assert len(told(tmp_path / "news.db")) == 1


def test_search_is_mended(news: Path) -> None:
    with closing(sqlite3.connect(news)) as connection:
        connection.executescript("DELETE FROM articles_fts_docsize WHERE id = 3; DELETE FROM decisions_fts_docsize WHERE id < 5")
    assert told(news)
    mend(news)
    assert told(news) == []


def test_files_that_others_may_write_or_own_are_found(news: Path) -> None:
    news.chmod(0o666)
    news.with_name("news.db-wal").write_bytes(b"")
    if os.geteuid() == 0:
        os.chown(news.with_name("news.db-wal"), 65534, 65534)
        assert f"news.db-wal belongs to another user than news.db: chown --reference={news}" in "\n".join(told(news))
    assert f"{news} can be written by anybody: chmod o-w {news}" in told(news)


def test_crawled_database_is_sound_and_the_command_says_so(crawled: tuple[Desk, Internet], tmp_path: Path) -> None:
    desk = Desk(tmp_path / "news.db")
    with closing(sqlite3.connect(desk.database)) as target:
        copy(crawled[0].database, target)
    assert desk.run("doctor", FREE_DISK="0").stdout == "all is well\n"
    desk.rows("SELECT 1 FROM articles")
    with closing(sqlite3.connect(desk.database)) as connection:
        connection.execute("DELETE FROM articles_fts_docsize WHERE id = 3")
        connection.commit()
    done = desk.run("doctor", code=1, FREE_DISK="0")
    assert "scrapy doctor --mend" in done.stdout and "Traceback" not in done.stderr
    assert desk.run("doctor", "--mend", FREE_DISK="0").stdout == "all is well\n"


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"SOURCES": "/nowhere.toml"}, "the catalogue cannot be used: /nowhere.toml"),
        ({"STORY": "/nowhere.toml"}, "the story cannot be used: /nowhere.toml"),
        ({"DATABASE": "/nowhere/news.db"}, "/nowhere/news.db does not exist: scrapy seed"),
        ({"FREE_DISK": str(10**18)}, "1,000,000,000,000 MB should be: make room"),
        ({"LONGEST_RUN": "0"}, "tagesfunk is being asked by process"),
    ],
)
def test_what_lies_around_the_database_is_looked_at(desk: Desk, settings: dict[str, str], says: str) -> None:
    desk.run("seed")
    locks = Locks(desk.database.parent / "locks")
    assert locks.take("tagesfunk")
    said = desk.run("doctor", code=1, **({"FREE_DISK": "0"} | settings)).stdout
    locks.release()
    assert says in said
    assert said.count("\n") == 1


def test_lock_that_nobody_holds_is_no_finding(desk: Desk) -> None:
    desk.run("seed")
    locks = Locks(desk.database.parent / "locks")
    locks.take("tagesfunk")
    locks.release()
    old = (datetime.now(UTC) - timedelta(days=400)).timestamp()
    os.utime(desk.database.parent / "locks" / "tagesfunk.lock", (old, old))
    assert desk.run("doctor", FREE_DISK="0").stdout == "all is well\n"
