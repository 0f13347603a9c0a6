"""How the search is asked and what it answers, by the rules that it refuses queries with."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta

import pytest

from crawler.formats.search import LONGEST, SLOT, AnswerError, Slice, keywords, queries, records, slices, throttles
from pipelines.story import Story

NOON = datetime(2024, 6, 14, 12, tzinfo=UTC)
TOO_SOON = b"Please limit requests to one every 5 seconds or contact us for larger queries."


def refusal(query: str) -> str:
    """The sentence for a query that the real one refuses; empty for one that it answers."""
    if not 3 <= len(query) <= 250:
        return "Your query was too short or too long."
    for group in re.findall(r"\(([^()]*)\)", query):
        if " OR " not in group:
            return "Parentheses may only be used around OR'd statements."
    bare = re.sub(r'\([^()]*\)|"[^"]*"', "", query)
    if " OR " in bare:
        return "Queries containing OR'd terms must be surrounded by ()."
    if any(len(phrase) < 5 for phrase in re.findall(r'"([^"]*)"', query)):
        return "The specified phrase is too short."
    words = re.sub(r'"[^"]*"|[()]|\bOR\b|sourcelang:\w+', " ", query).split()
    if odd := [word for word in words if len(word) < 3 or not word.isalnum()]:
        return f"One or more of your keywords were too short, too long or too common: ({odd[0]})"
    return "" if re.search(r"sourcelang:[a-z]+$", query) else "Invalid/Unsupported Language."


# --- what is asked


@pytest.mark.parametrize(
    ("term", "language", "asked"),
    [
        ("DPRK", "en", ["DPRK"]),
        ("North Korea*", "en", ['"North Korea"', '"North Korean"']),
        ("Pyongyang*", "en", ["Pyongyang"]),
        ("missile*", "en", ["missile", "missiles"]),
        ("special forces", "en", ['"special forces"']),
        ("KN-23", "en", ['"KN-23"']),
        ("K 9", "en", []),  # too short for a phrase
        ("HQ", "en", []),
        ("*munition*", "en", []),
        ("US$*", "en", []),
        ('say "no"', "en", []),
        ("Panzer*", "de", ["Panzer"]),
        ("munici*", "es", []),
    ],
)
def test_term_is_asked_for_in_whole_words_or_left_out(term: str, language: str, asked: list[str]) -> None:
    assert keywords(term, language) == asked


def test_every_language_of_the_story_is_asked_for_in_queries_the_search_accepts(story: Story) -> None:
    for language in story.languages:
        asked = queries(story, language)
        assert [refusal(query) for query in asked] == [""] * len(asked)
        assert max(map(len, asked)) <= LONGEST
        assert all('"North Korea"' in query and "Russia" in query for query in asked)
        matter = next(facet for facet in story.facets if facet.role == "matter")
        words = [word for term in matter.terms["en"] for word in keywords(term, "en")]
        assert [sum(bool(re.search(rf"[( ]{word}[) ]", query)) for query in asked) for word in words] == [1] * len(words)
    assert sum(len(queries(story, language)) for language in story.languages) <= 100  # nine minutes at its pace


def test_span_is_cut_at_quarters_and_where_the_search_promises_nothing() -> None:
    now = NOON + timedelta(minutes=7)
    assert slices(NOON - timedelta(days=1, minutes=5), now, now) == [Slice(NOON - timedelta(days=1, minutes=15), NOON)]
    new, old = slices(now - timedelta(days=400), now, now)
    assert (new.end, new.begin, old.end) == (NOON, NOON - timedelta(days=90), NOON - timedelta(days=90))
    assert slices(NOON + timedelta(days=1), NOON + timedelta(days=2), NOON) == []


def test_halves_of_a_slice_leave_nothing_out_down_to_a_quarter_of_an_hour() -> None:
    left, smallest = [Slice(NOON, NOON + 7 * SLOT)], []
    while left:
        piece = left.pop()
        left += piece.halves()
        smallest += [] if piece.halves() else [piece]
    assert smallest == [Slice(NOON + number * SLOT, NOON + (number + 1) * SLOT) for number in range(7)]


# --- what is answered


@pytest.mark.parametrize(
    ("body", "titles"),
    [
        (b"{}", []),
        (b'\xef\xbb\xbf{"articles": [{"title": "a"}]}', ["a"]),
        (rb'{"articles": [{"title": "C:\Users \"und\" \u00fc \uxyz"}]}', ['C:\\Users "und" ü \\uxyz']),
        (b'{"articles": [{"title": "a\tb\x01"}, null, 5, {}]}', ["a\tb\x01", None]),
        (b'{"articles": 5}', []),
    ],
)
def test_records_are_read_whatever_their_titles_hold(body: bytes, titles: list[str | None]) -> None:
    assert [record.get("title") for record in records(body)] == titles


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"The specified phrase is too short.\n", "says 'The specified phrase is too short.'"),
        (b"<html><body><h1>Down</h1>for maintenance", "says 'Down for maintenance'"),
        (b"", "says nothing"),
        (b'{"articles": [{"url": "http://a', "breaks off"),
        (b'{"articles": ' + b"[" * 300_000, "breaks off"),
        (b"<" * 300_000, "says '<<"),
        (b"{" + b"\\" * 300_000, "breaks off"),
    ],
)
def test_answer_without_records_is_told_in_its_own_words_and_at_once(body: bytes, says: str) -> None:
    begun = time.perf_counter()
    with pytest.raises(AnswerError) as refused:
        records(body)
    assert says in str(refused.value)
    assert len(str(refused.value)) < 300
    assert time.perf_counter() - begun < 1


@pytest.mark.parametrize(("status", "body", "is_one"), [(429, b"", True), (200, TOO_SOON, True), (200, b"{}", False), (500, b"", False)])
def test_answer_that_asks_for_fewer_calls_is_known_by_status_or_sentence(status: int, body: bytes, is_one: bool) -> None:
    assert throttles(status, body) is is_one
