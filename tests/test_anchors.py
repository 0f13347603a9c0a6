"""The look at a page's bytes may say too often that a page could name the story's party, but never too seldom."""

from __future__ import annotations

import sys
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.anchors import AROUND, MANY, Anchors
from pipelines.article import Entry, Page, Verdict
from pipelines.markup import glance, utf8
from pipelines.read import read
from pipelines.sight import off_at_sight
from pipelines.story import Story, load_story
from pipelines.terms import spellings
from pipelines.text import lowered, visible
from tests.conftest import ROOT

AT = datetime(2024, 11, 6, 9, tzinfo=UTC)
NOISE = [
    "­",
    "​",
    "&shy;",
    "&#8203;",
    "\\u00ad",
    " ",
    " \n\t ",
    "&nbsp;",
    " ",
    "-",
    "&amp;",
    "<b>",
    "ü",
    "̈",
    "x",
    "&ouml;",
    "&#107;",
    "\\u004b",
]


@cache
def story() -> Story:
    return load_story(ROOT / "seeds" / "story.toml")


@cache
def every_spelling() -> list[str]:
    facet = story().facets[0]
    return sorted({form for said in (facet.terms, facet.weak) for terms in said.values() for term in terms for form in spellings(term)})


def named(markup: str) -> bool:
    """What the whole look finds."""
    terms = story().first_party
    return bool(terms.find(glance(markup)) or terms.find(markup))


def may_name(markup: str) -> bool:
    return story().anchors.may_name(markup.encode("utf-8", "surrogatepass"))


def test_every_term_is_seen_by_itself_in_capitals_and_with_loose_accents() -> None:
    for term in every_spelling():
        for written in (term, term.upper(), term.title(), f"<p>In {term} – hieß es", unicodedata.normalize("NFD", term)):
            assert may_name(written) or not named(written), written


@st.composite
def pages(draw: st.DrawFn) -> str:
    """Terms with something between any two of their letters, in whatever else a page holds."""
    parts: list[str] = []
    for term in draw(st.lists(st.sampled_from(every_spelling()), min_size=1, max_size=3)):
        at = draw(st.integers(0, len(term)))
        parts += [draw(st.sampled_from(["", " ", "<p>", "z"])), term[:at], draw(st.sampled_from(["", *NOISE])), term[at:], " "]
    text = "".join(parts)
    return draw(st.sampled_from([text, text.upper(), text.title(), text.replace(" ", "\n" + " " * draw(st.integers(0, 400)))]))


@given(pages())
@settings(deadline=None, max_examples=500)
def test_whatever_hides_in_a_term_hides_it_from_neither_look(markup: str) -> None:
    assert may_name(markup) or not named(markup)


def test_no_letter_of_any_script_becomes_one_of_a_term_unseen() -> None:
    letters = "".join(chr(code) for code in range(128, sys.maxunicode) if not 0xD800 <= code < 0xE000)
    for letter in letters:
        plain = lowered(visible(letter))
        if any(c.isascii() and c.isalnum() for c in plain):
            assert may_name(letter), hex(ord(letter))


@pytest.mark.parametrize(
    ("markup", "may"),
    [
        ("<p>Der Rat vertagte den Haushalt; die Musik im Saal spielte weiter.", False),
        ("<p>Kim fährt heim.", False),  # one weak term alone
        ("<p>Kim, sagte der Machthaber.", True),
        ("<p>Südkorea wählt.", False),  # an anchor, and no term around it
        ("<p>Nord" + " " * 3 * AROUND + "Korea", True),  # so far apart that it cannot be told here
        ("kn " * (MANY + 1), True),  # too much to look at
        ("<a>Русский</a>", True),  # another script
        ("<i class=icon>\ue900</i> 😀 „Zitat“ \\ud83d\\ude00", False),  # icons and punctuation are none
        ("", False),
    ],
)
def test_look_at_bytes_is_right_about_most_pages(markup: str, may: bool) -> None:
    assert may_name(markup) is may


@pytest.mark.parametrize("term", ["Öä", "🚀", "北"])
def test_where_a_term_leaves_no_anchor_nothing_is_ruled_out_wrongly(term: str) -> None:
    assert Anchors([lowered(term)], []).may_name(f"<p>Von {term} nichts".encode())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_page_is_looked_at_in_whatever_encoding_it_comes(encoding: str) -> None:
    raw = "<html><body><p>Käse aus Pjöngjang schmeckt nach Öl.</body></html>".encode(encoding)
    assert story().anchors.may_name(utf8(raw, None if encoding.startswith("utf-16") else encoding.replace("-sig", "")))


@pytest.mark.parametrize("encoding", ["shift_jis", "euc-kr", "iso-2022-jp", "gb18030"])
@pytest.mark.parametrize("named", ["header", "meta"])
def test_page_in_another_script_is_looked_at_as_its_encoding_is_declared(encoding: str, named: str) -> None:
    """By its bytes alone such a page names nothing that an anchor could be found of."""
    meta = f'<meta charset="{encoding}">' if named == "meta" else ""
    raw = f"<html><head>{meta}</head><body><p>{'북한' if encoding == 'euc-kr' else '北朝鮮'}</body></html>".encode(encoding)
    assert story().anchors.may_name(utf8(raw, encoding if named == "header" else None))


def test_page_that_claims_to_be_utf_8_and_is_not_is_looked_at_all_the_same() -> None:
    raw = "<html><body><p>Käse aus Pjöngjang schmeckt nach Öl.</body></html>".encode("cp1252")
    assert story().anchors.may_name(utf8(raw, "utf-8"))


PAGE = Page("https://blatt.example/a", "https://blatt.example/a", 200, AT, b"<html><body><p>Der Rat tagt.</body></html>", "utf-8")
LISTED = Entry(PAGE.url, "blatt", None, AT, headline="Nordkorea liefert Granaten an Russland")


@pytest.mark.parametrize("page", [PAGE, replace(PAGE, final_url="https://blatt.example/b?utm_source=x"), replace(PAGE, charset="cp1252")])
def test_verdict_at_sight_is_that_of_reading(page: Page) -> None:
    at_sight = off_at_sight(page, story())
    assert isinstance(at_sight, Verdict)
    assert at_sight == read(page, story())


@pytest.mark.parametrize(
    "page",
    [
        replace(PAGE, kept=True),
        replace(PAGE, html=b"  \n"),
        replace(PAGE, entry=LISTED),
        replace(PAGE, html=b"<p>Waffen aus Nordkorea."),
    ],
    ids=["an editor wants it", "empty", "its listing names the party", "names the party"],
)
def test_what_may_be_more_than_off_the_story_is_read(page: Page) -> None:
    assert off_at_sight(page, story()) is None


def test_every_page_of_the_small_web_is_looked_at_as_it_is_read() -> None:
    files = sorted((ROOT / "tests" / "web").rglob("*.html"))
    pages = [replace(PAGE, html=path.read_bytes(), charset=None) for path in files]
    at_sight = {page: verdict for page in pages if (verdict := off_at_sight(page, story()))}
    assert at_sight
    for page, verdict in at_sight.items():
        assert verdict == read(page, story())
