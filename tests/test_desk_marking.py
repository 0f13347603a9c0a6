"""What the article page is put together from: marks in sentences, the tree of copies, versions; and how its queries find things."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from newsdesk import article_queries, evidence, figure_queries
from newsdesk.amounts import Amount
from newsdesk.lineage import DEPTH, SHOWN, Branch, grow
from newsdesk.marking import Said, Value, paragraphs, pieces
from newsdesk.revisions import version, words
from newsdesk.shown import HEADLINE, original, shown

from pipelines.dates.published import RANK
from pipelines.store import Store

SCANS = re.compile(r"SCAN (?!\S+ VIRTUAL TABLE|\S+ USING COVERING INDEX|kin\b|given\b|\(subquery|\d+ CONSTANT ROWS)(.*)")


def test_no_query_scans_a_table_with_body_texts(tmp_path: Path) -> None:
    Store.open(tmp_path / "news.db").close()
    values = {
        "id": 1,
        "url": "",
        "ids": "[1]",
        "cluster": 1,
        "unit": "x",
        "newest": "[]",
        "ranks": "[1]",
        "spans": "[[1, 2, 3]]",
        "articles": "[1]",
    }
    sql, bound = figure_queries.repeats([Amount(1, None, "at_least"), Amount(2, 2, "exact")])
    queries = [*article_queries.QUERIES.values(), *figure_queries.QUERIES.values(), sql]
    with closing(sqlite3.connect(tmp_path / "news.db")) as connection:
        for query in queries:
            plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {query}", values | bound)]
            assert not [line for line in plan if SCANS.match(line)], (query, plan)


def test_places_of_dates_are_believed_in_the_order_they_were_chosen_in() -> None:
    assert sorted(RANK, key=lambda name: RANK[name]) == list(evidence.PLACES)


@pytest.mark.parametrize(
    ("written", "marked"),
    [
        (["1000 Container", "zwei Schiffe"], ["1000 Container", "zwei Schiffe"]),
        (["1000 Container", "1000"], ["1000 Container"]),
        (["Container", "Container"], ["Container", "Container"]),
        (["fehlt", ""], []),
    ],
)
def test_values_are_marked_once_each_and_never_inside_each_other(written: list[str], marked: list[str]) -> None:
    sentence = "Mehr als 1000 Container und zwei Schiffe, dazu ein Container."
    found = pieces(sentence, [Value(f"f{n}", "figure", words, "") for n, words in enumerate(written)])
    assert "".join(piece.text for piece in found) == sentence
    assert [piece.text for piece in found if piece.value] == marked


def test_sentences_that_the_text_does_not_hold_are_shown_all_the_same() -> None:
    said = [Said(0, "Eins.", "new"), Said(1, "Anders.", "known", 7)]
    assert [part for paragraph in paragraphs("Eins. Zwei.", said) for part in paragraph.parts] == said
    (cut,) = paragraphs("Eins. Zw", said, cut=True)
    assert cut.parts == (said[0], " Zw")


@pytest.mark.parametrize("parents", [[None, 1, 2, 3, 4, 5, 6, 7, 8], [2, 1], [1], [None, 99, 1, None], [None, *[1] * 60]], ids=str)
def test_trees_hold_every_text_once_and_stay_shallow(parents: list[int | None]) -> None:
    members = [{"id": n, "origin": parent, "new_sentences": n % 2} for n, parent in enumerate(parents, 1)]
    tree = grow(members, here=len(members))

    def walk(branches: list[Branch], depth: int = 1) -> Iterator[tuple[Branch, int]]:
        for branch in branches:
            yield branch, depth
            yield from walk(branch.branches, depth + 1)

    found = list(walk(tree))
    assert max(depth for _, depth in found) <= DEPTH
    assert len(found) + sum(branch.hidden for branch, _ in found) == len(members)
    assert len({branch.member["id"] for branch, _ in found}) == len(found) <= SHOWN + 2
    assert len(members) in {branch.member["id"] for branch, _ in found}


def test_only_typography_is_a_silent_version() -> None:
    row = {"seen_at": "", "headline": "A", "text": "x", "came": "", "went": "", "changed": "", "figures": ""}
    assert version(row, "A").silent
    assert not version(row, "B").silent
    assert (
        "".join(part.text for part in words("Es waren 10.000 Mann.", "Es waren 12.000 Mann.") if part.what != "came")
        == "Es waren 10.000 Mann."
    )


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "seed:000", "//x.example", "http:///x", "", None, "http://[", "java\tscript:x"]
)
def test_addresses_that_a_browser_must_not_follow_are_no_links(url: str | None) -> None:
    assert original(url) is None


@pytest.mark.parametrize("text_", ["x" * 300_000, "wort " * 60_000, "\u202e" * 300_000, None])
def test_what_is_shown_of_a_text_is_short(text_: str | None) -> None:
    assert len(shown(text_)) <= HEADLINE + 2
