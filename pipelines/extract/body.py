"""The article's running text: trafilatura's fast pass, its full one where that came out short, and our mending."""

from __future__ import annotations

import re
from itertools import accumulate, islice
from typing import TYPE_CHECKING

from lxml.html import HtmlElement

from pipelines.extract.credits import opens_a_byline, persons
from pipelines.extract.headline import MAX_HEADLINE, letters
from pipelines.extract.lead import standfirst
from pipelines.extract.paragraphs import running, text_of, words
from pipelines.extract.prune import prune
from pipelines.lines import is_appeal, is_caption, is_end, is_furniture
from pipelines.text import clean, one_line, tokens

if TYPE_CHECKING:
    from pipelines.extract.metadata import Metadata

# Below this many words the fast pass is checked against the full one: stubs and pages built of <div>s.
SHORT_WORDS = 80
MIN_WORDS = 25  # fewer are mostly a caption or a player's label; of 179 real articles two are shorter (11 and 18 words)


COVERED = 0.7  # of the words in the page's paragraphs; 81 of 84 real pages reach that with the fast pass
# Beyond, the full pass takes seconds; of 84 real pages the longest had 5,042 words, the most ramified 2,188 elements.
FULL_WORDS, FULL_ELEMENTS = 15_000, 6_000
MAX_TEXT = 500_000  # characters; the longest of 84 real articles had 31,537, but a headline of 300 kB may stand before it
TOP = 4  # lines: headline, kicker, standfirst, byline in some order
BEFORE = 0.8  # of the text stands before the heading of a list of others; at .5 it ended 6 of 84 real texts, at .8 4
APPEALS = 6  # lines at the end of a text that may ask for something
BEFORE_APPEALS = 0.6  # of the text stands before them: a margin, not measured by itself
LABEL_WORDS = 8
LABEL_RUN = 3  # labels in a row are a list
MAIN_SHARE = 0.75  # of the text must lie on one side of it; else the list is the article's own
_NO_DATE = {"extensive_search": False}  # for none is looked for; without it trafilatura asks for today's, which takes .2 ms
_MARKUP = re.compile(r"<[^<>]{0,2000}>")
_SENTENCE_END = re.compile(r"[.!?…:。！？][\"'“”»«)\]]*\s*(?:\([^()]{2,40}\))?$")


def body_text(tree: HtmlElement, url: str, about: Metadata) -> tuple[str, str]:
    """Paragraphs parted by newlines, empty when the page has no article text; and what came out before mending, whose
    last lines may credit an agency. Changes the tree."""
    lead = standfirst(tree, about)
    prune(tree)
    text = _found(tree, url, about)[:MAX_TEXT]
    lines = _mended(text, about)
    if lead and not _holds(lines, lead):
        lines.insert(0, lead)
    if not any(size >= MIN_WORDS for size in accumulate(len(tokens(line)) for line in lines if not _is_label(line))):
        return "", text
    return "\n".join(lines), text


def _found(tree: HtmlElement, url: str, about: Metadata) -> str:
    """The fast pass; the full one, the page's paragraphs, its `articleBody` each only where the ones before fell short."""
    text = _trafilatura(tree, url, fast=True)
    there, place = running(tree)
    if words(text) < max(SHORT_WORDS, COVERED * there) and _is_page_sized(tree, there):
        text = max(text, _trafilatura(tree, url, fast=False), key=words)
    if place is not None and words(text) < COVERED * there:
        text = clean(text_of(place))
    declared = clean(_MARKUP.sub("", about.article_body)) if words(text) < COVERED * words(about.article_body) else ""
    return declared if words(declared) > words(text) / COVERED else text


def _is_page_sized(tree: HtmlElement, there: int) -> bool:
    return there <= FULL_WORDS and sum(1 for _ in islice(tree.iter(), FULL_ELEMENTS)) < FULL_ELEMENTS


def _holds(lines: list[str], lead: str) -> bool:
    """Whether the text says it already, at its beginning or, as some do, in its first paragraph."""
    wanted = tokens(lead)
    start = tokens("\n".join(lines[:4]))
    return not set(wanted) - set(start) or " ".join(wanted[:6]) in " ".join(start)


def _trafilatura(tree: HtmlElement, url: str, *, fast: bool) -> str:
    from trafilatura import bare_extraction  # a heavy import: not for a crawl that reads no page

    found = bare_extraction(
        tree, url=url, fast=fast, include_comments=False, include_tables=False, with_metadata=False, date_extraction_params=_NO_DATE
    )
    return clean(found.text or "") if found is not None and not isinstance(found, dict) else ""


def _mended(text: str, about: Metadata) -> list[str]:
    """The lines without headline, byline, site furniture, captions, what follows the article, loose labels at both
    ends, and each line once."""
    kept: dict[str, None] = {}
    lines = [line for given in text.split("\n") if (line := one_line(given.lstrip("- ")))]
    for place, line in enumerate(_before_the_end(lines)):
        if is_furniture(line) or is_caption(line) or _repeats(line, place, about) or (place < TOP and _is_byline(line)):
            continue
        kept.setdefault(line)
    return _without_loose_ends(_without_appeals(list(kept)))


def _without_appeals(lines: list[str]) -> list[str]:
    """The lines up to the first appeal among the last few, where nearly all of the text stands before it."""
    sizes = [len(line) for line in lines]
    for place in range(max(0, len(lines) - APPEALS), len(lines)):
        if is_appeal(lines[place]) and sum(sizes[:place]) >= BEFORE_APPEALS * sum(sizes):
            return lines[:place]
    return lines


def _repeats(line: str, place: int, about: Metadata) -> bool:
    """Whether a line is the headline, at the top also with the kicker before it."""
    said = letters(line[:MAX_HEADLINE])
    return said in about.headlines or (place < TOP and len(line.split()) < 40 and said.endswith(letters(about.headline) or "\n"))


def _is_byline(line: str) -> bool:
    return len(line.split()) <= 12 and opens_a_byline(line) and not _SENTENCE_END.search(line[-80:]) and bool(persons([line]))


def _before_the_end(lines: list[str]) -> list[str]:
    """The lines up to a heading behind which others' articles are listed, where most of the text stands before it."""
    sizes = [len(line) for line in lines]
    for place, line in enumerate(lines):
        if is_end(line) and sum(sizes[:place]) >= BEFORE * sum(sizes):
            return lines[:place]
    return lines


def _without_loose_ends(lines: list[str]) -> list[str]:
    """The lines between the labels: a run of them parts the article from quotes of a ticker, from lists, from a footer."""
    segments: list[list[str]] = [[]]
    labels = 0
    for line in lines:
        labels = labels + 1 if _is_label(line) else 0
        segments[-1].append(line)
        if labels == LABEL_RUN:
            segments[-1] = segments[-1][:-LABEL_RUN]
            segments.append([])
        elif labels > LABEL_RUN:
            segments[-1].clear()
    sizes = [sum(map(len, segment)) for segment in segments]
    kept = segments[sizes.index(max(sizes))] if max(sizes) >= MAIN_SHARE * sum(sizes) else lines
    while kept and _is_label(kept[0]):
        kept = kept[1:]
    while kept and _is_label(kept[-1]):
        kept = kept[:-1]
    return kept


def _is_label(line: str) -> bool:
    """Quotes of a ticker, bylines, footers: few words and no end of a sentence. A text neither begins nor ends so."""
    return not _SENTENCE_END.search(line[-80:]) and len(tokens(line)) < LABEL_WORDS
