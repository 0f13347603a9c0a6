"""The index of hashes: what waits in memory is found like what stands on disk, by every process, and is never lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import pipelines.store.postings as postings
from pipelines.article import Page
from pipelines.compose import compose
from pipelines.evidence import Extract
from pipelines.file import Filer
from pipelines.refold import refold
from pipelines.store import Store
from pipelines.story import Story
from tests.test_file import NOW, read, rows

WIRE = " ".join(f"In Woche {n} fuhren {n + 3} Züge mit Granaten aus Rason nach Tichorezk, wie Seoul mit Bildern belegt." for n in range(12))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "news.db"


def file(store: Store, story: Story, name: str, text: str = WIRE) -> None:
    url = f"http://{name}.example/1"
    found = Extract(f"Bericht {name}", text, [], None, None, [], [], False, "", None)
    Filer(store, story.sha).file(read(replace(compose(url, found, story, Page(url, url, 200, NOW, b"")), outlet=None)), NOW)


def relations(store: Store) -> list[str]:
    return [row["relation"] for row in rows(store, "SELECT relation FROM articles ORDER BY id")]


def entered(path: Path) -> int:
    with sqlite3.connect(path) as db:
        return int(db.execute("SELECT count(DISTINCT article) FROM postings").fetchone()[0])


@pytest.fixture(params=[1, 2, 3, 2_048])
def together(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(postings, "TOGETHER", request.param)
    yield request.param


def test_copies_are_found_wherever_their_source_stands(path: Path, story: Story, together: int) -> None:
    store = Store.open(path)
    for name in "abcd":
        file(store, story, name)
    assert sorted(relations(store)) == ["copy", "copy", "copy", "original"]
    assert entered(path) == 4 // together * together
    store.close()
    assert entered(path) == 4


def test_two_processes_filing_at_once_see_each_others_articles(path: Path, story: Story, together: int) -> None:
    one, other = Store.open(path), Store.open(path)
    for store, name in ((one, "a"), (other, "b"), (one, "c"), (one, "d"), (other, "e"), (one, "f")):
        file(store, story, name)
    assert sorted(relations(one)) == ["copy"] * 5 + ["original"]
    one.close()
    file(other, story, "g")
    assert sorted(relations(other)) == ["copy"] * 6 + ["original"]
    other.close()
    assert entered(path) == 7


def test_what_a_killed_run_left_waiting_is_found_by_the_next(path: Path, story: Story) -> None:
    killed = Store.open(path)
    file(killed, story, "a")
    killed.db.conn.close()  # its memory is gone
    assert entered(path) == 0
    store = Store.open(path)
    file(store, story, "b")
    assert sorted(relations(store)) == ["copy", "original"]


def test_transaction_that_fails_takes_its_postings_back(path: Path, story: Story, together: int) -> None:
    store = Store.open(path)
    file(store, story, "a", WIRE.replace("Granaten", "Raketen").replace("Rason", "Wonsan"))
    with pytest.raises(ZeroDivisionError), store.transaction():
        store.memory.index.postings.add(99, 0, [1, 2, 3])
        raise ZeroDivisionError
    with store.transaction():
        assert store.memory.index.postings.earliest([1, 2, 3], -9, 9, 64) == []
    file(store, story, "b", WIRE.replace("Granaten", "Raketen").replace("Rason", "Wonsan"))
    assert sorted(relations(store)) == ["copy", "original"]


def test_only_the_earliest_postings_of_a_hash_are_given_from_disk_and_memory_alike(path: Path) -> None:
    store = Store.open(path)
    index = store.memory.index.postings
    with store.transaction():
        for article in range(0, 20, 2):
            index.add(article, article, [7])
        index.post()
        for article in range(1, 20, 2):
            index.add(article, article, [7, 8])
        assert index.earliest([7, 8], 3, 100, 4) == [(7, 3, 3), (7, 4, 4), (7, 5, 5), (7, 6, 6), (8, 3, 3), (8, 5, 5), (8, 7, 7), (8, 9, 9)]
        assert index.first([7, 8, 9], 6) == {7: 0, 8: 1}
        index.remove(1, 1, [7, 8])
        index.remove(0, 0, [7])
        assert index.first([7, 8, 9], 6) == {7: 2, 8: 3}


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        ("DELETE FROM imprints WHERE article = 1", ["articles that have no imprint: 1", "articles that are indexed and not stored: 1"]),
        ("DELETE FROM postings WHERE article = 2 AND hash < 0", ["articles that are not found by all their words: 1"]),
        ("INSERT INTO postings VALUES (1, 1, 77)", ["articles that are indexed and not stored: 1"]),
        ("SELECT 1", []),
    ],
)  # fmt: skip
def test_damaged_index_says_what_is_wrong_and_folding_anew_mends_it(path: Path, story: Story, harm: str, said: list[str]) -> None:
    store = Store.open(path)
    for name in "ab":
        file(store, story, name)
    with store.transaction():
        store.memory.index.postings.post()
        store.db.conn.execute(harm)
    assert store.memory.index.problems() == said
    refold(store, story, NOW)
    assert store.memory.index.problems() == []
