"""Local text reuse: shared runs are sure to be found, in both directions; short texts fold only when identical."""

from __future__ import annotations

from collections.abc import Hashable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.duplicates import RUN, SHINGLE, SHORT, WINDOW, Words, carried, closest, fingerprints, judge, same_text

WORD = st.sampled_from([f"wort{number}" for number in range(300)])
GUARANTEED = SHINGLE + WINDOW - 1


@given(
    st.lists(WORD, max_size=80), st.lists(WORD, max_size=80), st.lists(WORD, min_size=GUARANTEED, max_size=60), st.lists(WORD, max_size=80)
)
def test_any_shared_run_of_the_promised_length_shares_a_fingerprint(a: list[str], b: list[str], run: list[str], c: list[str]) -> None:
    assert set(fingerprints([*a, *run, *b])) & set(fingerprints([*c, *run, *a[:7]]))


FEW = st.lists(st.sampled_from("aaabcd"), max_size=60)


@given(FEW, FEW, FEW)
def test_every_run_that_both_have_is_found_with_all_its_places(a: list[str], shared: list[str], b: list[str]) -> None:
    mine, theirs = Words([*a, *shared]), Words([*shared, *b, *a[:9]])
    places: dict[tuple[Hashable, ...], list[int]] = {}
    for place in range(len(theirs.words) - RUN + 1):
        places.setdefault(theirs.words[place : place + RUN], []).append(place)
    here = {mine.words[place : place + RUN] for place in range(len(mine.words) - RUN + 1)}
    assert mine.shared_runs(theirs) == {run: found for run, found in places.items() if run in here}


def text(start: int, end: int) -> list[str]:
    return [f"w{number}" for number in range(start, end)]


@pytest.mark.parametrize(
    ("words", "relation", "own"),
    [
        (text(0, 200), "copy", 0.0),
        ([*text(900, 903), *text(0, 200)], "copy", 0.015),  # a dateline
        (text(0, 90), "abridged", 0.0),
        ([*text(0, 200), *text(900, 960)], "extended", 0.231),
        ([*text(500, 520), *text(0, 200)], "extended", 0.091),  # a paragraph of its own, however long the rest
        ([*text(0, 200), *text(1000, 1100)], "merged", 0.0),
        ([*text(0, 30), *text(500, 600)], "original", 0.769),  # a quotation
        (text(0, SHORT - 1), "original", 0.0),  # short and not the same
    ],
)
def test_relation_and_own_share(words: list[str], relation: str, own: float) -> None:
    found = judge(Words(words), [(1, Words(text(0, 200))), (2, Words(text(1000, 1150)))])
    assert (found.relation, found.own_share) == (relation, own)
    assert found.origin == (None if relation == "original" else 1)


def test_few_words_exchanged_between_carried_runs_are_light_rewording() -> None:
    words = text(0, 200)
    words[10::10] = [f"x{number}" for number in range(len(words[10::10]))]
    here, kept = carried(Words(words), Words(text(0, 200)))
    assert sum(here) >= 190 and kept >= 0.95


@pytest.mark.parametrize(("mine", "theirs", "relation"), [("dpa", "dpa", "extended"), ("dpa", "AFP", "original"), ("", "", "original")])
def test_agency_named_in_both_is_evidence_where_the_words_alone_are_not_enough(mine: str, theirs: str, relation: str) -> None:
    found = judge(Words([*text(0, 70), *text(500, 630)], mine), [(1, Words(text(0, 200), theirs))])
    assert (found.relation, found.own_share) == (relation, 0.65)


def test_of_sources_nearly_alike_the_earliest_is_the_origin() -> None:
    sources = [(3, Words([*text(0, 95), *text(300, 305)])), (5, Words(text(0, 100)))]
    assert judge(Words([*text(0, 97), *text(400, 403)]), sources).origin == 3
    assert judge(Words(text(0, 100)), sources).origin == 5


def test_of_many_copies_of_one_wire_a_few_are_looked_at_and_whatever_adds_words() -> None:
    shared = {number: set(range(40)) for number in range(50)} | {99: set(range(40, 44))}
    assert closest(shared) == [0, 1, 99]
    assert closest({}) == []


def test_two_editions_of_a_page_have_almost_every_word_in_common() -> None:
    assert same_text(Words(text(0, 100)), Words(text(0, 96)))
    assert not same_text(Words(text(0, 100)), Words(text(0, 60)))
    assert not same_text(Words(text(0, 20)), Words(text(0, 19)))
