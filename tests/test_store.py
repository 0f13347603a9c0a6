"""The database: made whole, brought up from an older file, readable while it is written."""

from __future__ import annotations

import re
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database

from pipelines import schema
from pipelines.article import Article, Entry, Verdict
from pipelines.file import Filer
from pipelines.seed import read_seed, seed_files
from pipelines.store import Store, StoreError
from pipelines.store.reader import Reader
from pipelines.store.search import TOGETHER
from pipelines.story import Story
from pipelines.views import VIEWS, folded
from tests.conftest import ROOT

NOW = datetime(2024, 11, 20, 6, 0, tzinfo=UTC)


def found(store: Store, words: str) -> list[str]:
    asked = folded("?")
    sql = f"SELECT a.url FROM articles a WHERE a.id IN (SELECT rowid FROM articles_fts WHERE articles_fts MATCH {asked}) ORDER BY a.url"
    return [row["url"] for row in store.db.query(sql, [words])]


def seeded(path: Path, story: Story) -> Store:
    store = Store.open(path)
    for file in seed_files(ROOT / "seeds"):
        Filer(store, story.sha).file_seed(read_seed(file, story, now=NOW), NOW)
    store.close()
    return Store.open(path)


def test_new_database_is_in_wal_mode_strict_and_shrinks_by_itself(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "news.db")
    pragma = {name: store.db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "auto_vacuum")}
    assert pragma == {"journal_mode": "wal", "synchronous": 1, "auto_vacuum": 2}
    tables = [row["sql"] for row in store.db.query("SELECT sql FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE TABLE%'")]
    assert all("STRICT" in sql for sql in tables if "fts" not in sql and "_sqlite_migrations" not in sql)


def test_opening_twice_changes_nothing(tmp_path: Path) -> None:
    Store.open(tmp_path / "news.db").close()
    made = sqlite3.connect(tmp_path / "news.db").execute("PRAGMA schema_version").fetchone()
    Store.open(tmp_path / "news.db").close()
    assert sqlite3.connect(tmp_path / "news.db").execute("PRAGMA schema_version").fetchone() == made


@pytest.mark.parametrize("stop", [m.name for m in schema.migrations._migrations[1:]])
def test_database_of_every_older_version_is_brought_up_with_its_articles_and_its_search(tmp_path: Path, story: Story, stop: str) -> None:
    path = tmp_path / "old.db"
    db = Database(sqlite3.connect(path, isolation_level=None))
    schema.migrations.apply(db, stop_before=stop)
    order = "ordered_at" if stop <= "003_reuse" else "rank"
    names = "url, public_id, headline, byline, agency, language, filed_at, changed_at, text, text_hash, words, relevance, matched, reason"
    values = "'http://a.example/1', 'x', 'Die Straße nach Pjöngjang', '', '', 'de', '', '', 'Waffenlieferungen', '', 1, 1.0, '[]', ''"
    db.execute(
        f"INSERT INTO articles ({names}, relation, own_share, new_sentences, {order}, state) "
        f"VALUES ({values}, 'original', 1.0, 0, 0, 'live')"
    )
    db.conn.close()
    store = Store.open(path)
    for words in ("lieferung", "Strasse", "Straße", "Pjongjang", "Pjöngjang"):
        assert found(store, words) == ["http://a.example/1"]
    assert set(VIEWS) <= set(store.db.view_names())


@pytest.mark.parametrize("words", ["lieferung", "munition", "Pjongjang", "Pjöngjang", "Weisse", "Weiße"])
def test_search_finds_parts_of_compounds_umlauts_and_eszett(tmp_path: Path, story: Story, words: str) -> None:
    assert found(seeded(tmp_path / "news.db", story), words)


def test_search_follows_a_changed_and_a_deleted_text(tmp_path: Path, story: Story) -> None:
    store = seeded(tmp_path / "news.db", story)
    store.db.execute("UPDATE articles SET text = 'Zwiebelkuchen' WHERE url LIKE 'seed:000%'")
    assert found(store, "zwiebel") == ["seed:000_322fc35965ecb5ab"]
    assert "seed:000_322fc35965ecb5ab" not in found(store, "Journalisten")
    store.db.execute("INSERT INTO articles_fts(articles_fts) VALUES ('integrity-check')")


def test_article_of_a_killed_run_is_searched_once_the_database_is_opened_again(tmp_path: Path, story: Story) -> None:
    path = tmp_path / "news.db"
    store = Store.open(path)
    Filer(store, story.sha).file_seed(read_seed(seed_files(ROOT / "seeds")[0], story, now=NOW), NOW)
    store.db.execute("UPDATE articles SET text = 'Zwiebelkuchen'")  # changed before it was ever searched
    store.db.conn.close()  # nothing is tidied up
    reopened = Store.open(path)
    assert found(reopened, "zwiebel") and not found(reopened, "Journalisten")
    reopened.db.execute("INSERT INTO articles_fts(articles_fts) VALUES ('integrity-check')")


def test_articles_are_searched_while_a_long_run_goes_on(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "news.db")
    with store.transaction():
        for number in range(TOGETHER):
            article = Article(f"https://x.example/{number}", "Zwiebelkuchen", "Text", 1, fetched_at=NOW)
            store.memory.add(article, frozenset(), first_listed_at=None, now=NOW)
    assert len(found(store, "Zwiebelkuchen")) == TOGETHER


def test_changed_view_is_made_anew_when_the_database_is_opened(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "news.db")
    store.db.execute("DROP VIEW coverage")
    store.db.execute("CREATE VIEW coverage AS SELECT 1 AS old")
    store.close()
    columns = Reader(tmp_path / "news.db").columns("coverage")
    assert columns == ["old"]
    Store.open(tmp_path / "news.db").close()
    assert "headline" in Reader(tmp_path / "news.db").columns("coverage")


def test_file_that_is_no_database_is_refused_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "news.db").write_bytes(b"this is not a database, but long enough to look like a file" * 20)
    with pytest.raises(StoreError, match=r"news\.db: cannot be written"):
        Store.open(tmp_path / "news.db")


def test_reader_sees_what_a_writer_commits_and_cannot_write(tmp_path: Path, story: Story) -> None:
    store = Store.open(tmp_path / "news.db")
    reader = Reader(tmp_path / "news.db")
    with store.transaction():
        store.db.execute("INSERT INTO outlets VALUES ('a', 'A', 'http://a.example', 'DE', 'de', 'Europe/Berlin')")
        assert reader.ask("SELECT count(*) FROM outlets") == [(0,)]
    assert reader.ask("SELECT count(*) FROM outlets") == [(1,)]
    with pytest.raises(StoreError, match="readonly"):
        reader.ask("DELETE FROM outlets")


def test_two_writers_wait_for_each_other(tmp_path: Path) -> None:
    first, second = Store.open(tmp_path / "news.db"), Store.open(tmp_path / "news.db")
    second.db.execute("PRAGMA busy_timeout = 50")
    with first.transaction(), pytest.raises(sqlite3.OperationalError, match="locked"), second.transaction():
        pass
    with second.transaction():
        second.db.execute("INSERT INTO outlets VALUES ('a', 'A', 'http://a.example', 'DE', 'de', 'Europe/Berlin')")
    assert first.db.execute("SELECT count(*) FROM outlets").fetchone()[0] == 1


def test_what_is_due_is_found_without_reading_through_all_that_was_listed_and_decided(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "news.db")
    asked: list[str] = []
    store.db.conn.set_trace_callback(asked.append)
    store.ledger.standing(NOW)
    store.db.conn.set_trace_callback(None)
    assert len(asked) > 4
    for sql in asked:
        plan = [row[3] for row in store.db.conn.execute(f"EXPLAIN QUERY PLAN {sql}")]
        scans = [step for step in plan if re.match(r"SCAN (entries|decisions|articles|fetches)", step)]
        assert [step for step in scans if "decisions_editor" not in step] == [], sql
    store.close()


@pytest.mark.parametrize("decided_first", [False, True])
def test_what_was_listed_waits_until_it_is_decided(tmp_path: Path, decided_first: bool) -> None:
    store = Store.open(tmp_path / "news.db")
    entry = Entry("https://a.example/1", None, None, NOW)
    later = Verdict(entry.url, "page", "failed", "HTTP 500", NOW, retry_at=NOW + timedelta(hours=1))
    with store.transaction():
        if decided_first:
            store.ledger.decide(later, "", None)
        store.ledger.list_entry(entry)
    assert store.ledger.standing(NOW).pending == (() if decided_first else (entry,))
    with store.transaction():
        store.ledger.decide(later, "", None)
    assert store.ledger.standing(NOW).pending == ()
    assert store.ledger.standing(NOW + timedelta(hours=1)).pending == (entry,)
    with store.transaction():
        store.ledger.decide(Verdict(entry.url, "page", "off_story", "", NOW), "", None)
    assert store.ledger.standing(NOW + timedelta(hours=2)).pending == ()
    store.close()
