"""Texts and pages are aged out: their words are gone from the database and from the file, and folding goes on without them."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from pipelines.article import Entry, Verdict
from pipelines.refold import refold
from pipelines.seed import read_seed, seed_files
from pipelines.store import Store, StoreError
from pipelines.store.prune import BATCH, QUOTES, Pruned, prune
from pipelines.story import Story
from tests.conftest import ROOT, Desk
from tests.serving import served
from tests.showcase import AT, EDITED, OWN, RIVAL, WIRE, Newsroom, address, page_id
from tests.test_delivery import take
from tests.test_export import Database

DAY = timedelta(days=1)
WORDS = "Artilleriegranaten Platz"  # of the body, no headline has them
PAGE = "url, fetched_at, final_url, http_status, charset, html"
LATER = AT + 400 * DAY


@pytest.fixture
def store(tmp_path: Path, story: Story) -> Iterator[Store]:
    """A wire, its copy and its edit, from June 2024; another report of a year later."""
    store = Store.open(tmp_path / "news.db")
    room = Newsroom(store, story)
    room.file("morgenblatt", "wire", WIRE)
    room.file("abendpost", "copy", WIRE, after=DAY / 24)
    room.file("hafenkurier", "edited", WIRE, after=2 * DAY)
    room.file("hafenkurier", "edited", EDITED, after=2 * DAY, again=DAY)
    room.file("talbote", "rival", RIVAL, after=390 * DAY, headline="Kiew zählt 6.000 Container aus Nordkorea")
    keep_pages(store)
    yield store
    store.close()


def keep_pages(store: Store) -> None:
    for url, at in store.db.execute("SELECT url, fetched_at FROM articles WHERE outlet IS NOT NULL").fetchall():
        store.db.execute(f"INSERT INTO pages ({PAGE}) VALUES (?, ?, ?, 200, NULL, ?)", (url, at, url, packed(url)))


def packed(url: str) -> bytes:
    return zlib.compress(f"{url} {WIRE}".encode())


def rows(store: Store, sql: str, *values: object) -> list[tuple[Any, ...]]:
    return store.db.execute(sql, values).fetchall()


def age(store: Store, texts: timedelta | None = 365 * DAY, pages: timedelta | None = None, at: datetime = LATER) -> Pruned:
    return prune(store, at, pages=at - pages if pages else None, texts=at - texts if texts else None)


def found(store: Store, words: str) -> int:
    sql = "SELECT count(*) FROM articles_fts WHERE articles_fts MATCH ?"
    return int(rows(store, sql, f'"{words}"')[0][0])


def test_old_texts_go_with_their_sentences_and_versions_and_from_the_search(store: Store) -> None:
    assert (found(store, WORDS), found(store, "Jede dritte Granate")) == (0, 0)  # not let in yet
    with store.transaction():
        store.search.grow()
    assert found(store, WORDS) == 3
    done = age(store)
    assert (done.texts, done.pages) == (3, 0)
    assert rows(store, "SELECT count(gists), count(*) FROM imprints") == [(1, 4)]
    assert rows(store, "SELECT count(*) FROM articles WHERE text = '' AND pruned_at IS NOT NULL AND headline != '' AND words > 0") == [(3,)]
    assert rows(
        store, "SELECT count(*) FROM sentences s JOIN articles a ON a.id = s.article WHERE a.pruned_at IS NOT NULL AND s.text != ''"
    ) == [(0,)]
    assert rows(store, "SELECT text, came, went, changed FROM versions") == [("", "", "", "")]
    assert (found(store, WORDS), found(store, "Jede dritte Granate")) == (0, 1)
    assert found(store, "lieferte Russland Munition") == 3  # headlines stay
    store.db.execute("INSERT INTO articles_fts(articles_fts) VALUES ('integrity-check')")
    store.db.execute("INSERT INTO articles_fts(articles_fts, rank) VALUES ('integrity-check', 1)")


def test_what_folding_and_people_need_stays(store: Store) -> None:
    kept = [
        "SELECT id, url, headline, published, relation, origin, cluster, own_share, new_sentences, text_hash, words, rank FROM articles",
        "SELECT article, position, key, status, new_when_filed, first_seen_in FROM sentences",
        "SELECT article, rank, tokens, prints, terms FROM imprints", "SELECT * FROM postings",
        "SELECT * FROM figures", "SELECT * FROM dates", "SELECT * FROM reuse",
        "SELECT * FROM clusters", "SELECT id, figures, headline FROM versions",
    ]  # fmt: skip
    before = [rows(store, sql) for sql in kept]
    assert age(store).texts == 3
    assert [rows(store, sql) for sql in kept] == before


def test_copy_that_comes_after_its_source_was_aged_out_is_still_folded(store: Store, story: Story) -> None:
    age(store)
    Newsroom(store, story).file("seerundschau", "late", f"{WIRE}\n{OWN}", after=401 * DAY)
    (late,) = rows(store, "SELECT relation, origin, new_sentences FROM articles WHERE url = ?", address("seerundschau", "late"))
    wire = rows(store, "SELECT id FROM articles WHERE url = ?", address("morgenblatt", "wire"))[0][0]
    assert late == ("extended", wire, 2)


def test_folding_anew_leaves_what_was_aged_out_as_it_was_judged(store: Store, story: Story) -> None:
    judged = (
        "SELECT url, relation, origin, own_share, new_sentences FROM articles ORDER BY url",
        "SELECT article, position, key, status, first_seen_in FROM sentences ORDER BY article, position",
    )
    refold(store, story, LATER)
    before = [rows(store, sql) for sql in judged]
    age(store)
    refold(store, story, LATER)
    assert [rows(store, sql) for sql in judged] == before


def test_words_are_gone_from_the_file_itself(store: Store, tmp_path: Path) -> None:
    store.search.grow()
    age(store, pages=30 * DAY)
    store.close()
    body = (tmp_path / "news.db").read_bytes()
    assert b"Jede dritte Granate" in body
    assert "fänden bis zu 4,8 Millionen".encode() not in body
    assert packed(address("talbote", "rival")) in body
    assert packed(address("morgenblatt", "wire"))[:200] not in body
    store.db = Store.open(tmp_path / "news.db").db


QUOTED = "Im Abstieg kamen noch Granaten aus Nordkorea vor, die Moskau erhielt."


def mention(store: Store, story: Story, path: str, after: timedelta) -> None:
    verdict = Verdict(address("talbote", path), "page", "mention", f"North Korea 1 × in 9 sentences{QUOTES}{QUOTED}", AT + after, 0.3)
    Newsroom(store, story).filer.file(Entry(verdict.url, "talbote", None, verdict.at, headline="Wandern", summary="Teaser"), verdict.at)
    Newsroom(store, story).filer.file(verdict, verdict.at)


def test_sentence_quoted_of_a_mention_goes_and_why_it_is_one_stays(store: Store, story: Story, tmp_path: Path) -> None:
    mention(store, story, "wandern", DAY)
    mention(store, story, "spaeter", 390 * DAY)
    mentioned = "SELECT count(*) FROM decisions_fts WHERE decisions_fts MATCH '\"Im Abstieg kamen\"'"
    with store.transaction():
        store.search.grow()
    desk = Database(tmp_path / "news.db", story)
    assert len(take(desk, view="mentions")) == 2
    assert rows(store, mentioned) == [(2,)]
    age(store)
    said = dict(rows(store, "SELECT url, reason FROM decisions WHERE verdict = 'mention'"))
    assert said[address("talbote", "wandern")] == "North Korea 1 × in 9 sentences"
    assert said[address("talbote", "spaeter")].endswith(QUOTED)
    assert rows(store, mentioned) == [(1,)]
    assert rows(store, "SELECT count(*) FROM decisions_fts WHERE decisions_fts MATCH '\"Wandern\"'") == [(2,)]
    assert rows(store, f"SELECT count(*) FROM delivered WHERE instr(row, '{QUOTED}')") == [(1,)]
    assert take(desk, view="mentions") == []
    store.db.execute("INSERT INTO decisions_fts(decisions_fts, rank) VALUES ('integrity-check', 1)")


def test_wording_under_an_outlet_s_articles_goes_with_the_last_text_that_had_it(store: Store, story: Story) -> None:
    room, under = Newsroom(store, story), "Folgen Sie der Talbote auch im Gebirge auf allen Wegen, die es dort gibt."
    other = "Die Werft in Emden meldet {} neue Kräne, und das Ministerium in Seoul zählt {} Kisten Munition aus Nordkorea für Russland."
    for n, after in enumerate((0, 1, 2, 3, 4, 391)):
        text = f"{other.format(n * 7 + 3, n * 1_111 + 5)} {' '.join(f'wort{n}x{k}' for k in range(40))}.\n{under}"
        room.file("talbote", f"kran-{n}", text, after=after * DAY, headline=f"Bericht {n}")
    refold(store, story, LATER)
    kept = "SELECT text FROM boilerplate WHERE outlet = 'talbote'"
    assert (under,) in rows(store, kept)
    age(store)
    assert (under,) in rows(store, kept)  # the newest text has it
    age(store, at=LATER + 390 * DAY)
    assert (under,) not in rows(store, kept) and rows(store, kept)
    assert rows(store, "SELECT count(*) FROM sentences WHERE boilerplate") == [(6,)]  # known by its key


def test_teaser_of_an_aged_out_text_goes(store: Store) -> None:
    for url in (address("morgenblatt", "wire"), address("talbote", "rival")):
        store.ledger.list_entry(Entry(url, None, None, AT, headline="Seoul", summary="Nordkorea hat Russland"))
    age(store)
    teasers = rows(store, "SELECT url, summary, headline FROM entries ORDER BY url")
    assert teasers == [
        (address("morgenblatt", "wire"), "", "Seoul"), (address("talbote", "rival"), "Nordkorea hat Russland", "Seoul"),
    ]  # fmt: skip


def test_pages_go_by_the_day_they_were_fetched(store: Store) -> None:
    assert age(store, texts=None, pages=30 * DAY) == Pruned(3, 0, 0)
    assert rows(store, "SELECT url FROM pages") == [(address("talbote", "rival"),)]
    assert rows(store, "SELECT count(*) FROM articles WHERE text = ''") == [(0,)]


def test_second_run_has_nothing_to_do_and_examples_stay(store: Store, story: Story) -> None:
    for file in seed_files(ROOT / "seeds"):
        Newsroom(store, story).filer.file_seed(read_seed(file, story, now=AT), AT)
    assert age(store, texts=DAY, pages=DAY, at=AT + 900 * DAY).texts == 4
    assert age(store, texts=DAY, pages=DAY, at=AT + 900 * DAY) == Pruned(0, 0, 0)
    assert rows(store, "SELECT count(*) FROM articles WHERE relation = 'seed' AND text != ''") == [(5,)]


def test_text_that_comes_again_is_no_longer_aged_out(store: Store, story: Story) -> None:
    age(store)
    Newsroom(store, story).file("morgenblatt", "wire", WIRE, again=402 * DAY, headline="Seoul: Es war mehr")
    assert rows(store, "SELECT pruned_at, text FROM articles WHERE url = ?", address("morgenblatt", "wire")) == [(None, WIRE)]


def test_space_goes_back_to_the_disk(store: Store, tmp_path: Path) -> None:
    with store.transaction():
        filler = [(f"http://x.example/{n}", "2024-01-01T00:00:00Z", "", 200, None, bytes(20_000)) for n in range(BATCH + 50)]
        store.db.conn.executemany(f"INSERT INTO pages ({PAGE}) VALUES (?, ?, ?, ?, ?, ?)", filler)
    store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = (tmp_path / "news.db").stat().st_size
    done = age(store, texts=None, pages=DAY)
    assert done.pages == BATCH + 50 + 4
    store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert before - (tmp_path / "news.db").stat().st_size == done.freed > 4_000_000


@pytest.mark.parametrize("view", ["articles_list", "coverage", "new_sentences", "figures_over_time", "revisions", "feed_figures", "copies"])
def test_ageing_out_is_no_change_that_readers_are_told(tmp_path: Path, story: Story, store: Store, view: str) -> None:
    desk = Database(tmp_path / "news.db", story)
    assert take(desk, view=view)
    age(store)
    assert take(desk, view=view) == []
    kept = rows(store, "SELECT group_concat(row) FROM delivered")[0][0] or ""
    assert WORDS not in kept
    assert "Moskau habe im Gegenzug" not in kept


def test_index_of_an_older_version_is_made_anew_first(store: Store) -> None:
    store.db.execute("PRAGMA user_version = 1")
    with pytest.raises(StoreError, match="refold"):
        age(store)
    assert rows(store, "SELECT count(*) FROM articles WHERE text = ''") == [(0,)]


@pytest.mark.parametrize(
    ("args", "says"),
    [
        ((), "say what is too old"),
        (("--text", "soon"), "--text 'soon'"),
        (("--pages", "-3d"), "--pages"),
        (("--text", "99999w"), "--text '99999w'"),
        (("all",), "say what is too old"),
    ],
)
def test_what_cannot_be_meant_is_refused(desk: Desk, args: tuple[str, ...], says: str) -> None:
    assert says in desk.run("prune", *args, code=2).stderr
    assert not desk.database.exists()


def test_command_says_how_much_went(desk: Desk, story: Story) -> None:
    store = Store.open(desk.database)
    Newsroom(store, story).file("morgenblatt", "wire", WIRE)
    keep_pages(store)
    store.close()
    assert desk.run("prune", "--pages", "30d", "--text", "52w").stdout.startswith("1 pages deleted, 1 texts aged out; the file is ")


@pytest.mark.parametrize(("lang", "says"), [("de", "Der Volltext wurde nach Ablauf"), ("en", "The full text was aged out")])
def test_article_s_page_says_that_its_text_was_aged_out(store: Store, tmp_path: Path, lang: str, says: str) -> None:
    age(store)
    assert rows(store, "SELECT count(*) FROM articles_list WHERE pruned_at IS NOT NULL") == [(3,)]
    store.close()
    folder = tmp_path / "served"
    folder.mkdir()
    with closing(sqlite3.connect(tmp_path / "news.db")) as source, closing(sqlite3.connect(folder / "news.db")) as target:
        source.backup(target)
    with served(folder) as client:
        for id_ in (page_id("morgenblatt", "wire"), page_id("hafenkurier", "edited")):
            answer = client.get(f"/news/-/article/{id_}", params={"lang": lang})
            assert answer.status_code == 200
            page: Any = html.document_fromstring(answer.text)
            assert says in " ".join(page.xpath("//main")[0].text_content().split())
            assert not page.xpath('//*[contains(concat(" ", @class, " "), " said ")][not(normalize-space(.))]')
            assert not [mark for mark in page.xpath('//div[starts-with(@class, "body")]//mark') if not mark.text_content().strip()]
    store.db = Store.open(tmp_path / "news.db").db
