"""The article's running text: trafilatura's fast pass, its full one where that came out short, and our mending."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lxml.html import HtmlElement

from pipelines.extract.prune import prune
from pipelines.lines import is_caption, is_furniture
from pipelines.text import clean, one_line, tokens

if TYPE_CHECKING:
    from pipelines.extract.metadata import Metadata

# Below this many words the fast pass is checked against the full one: stubs and pages built of <div>s.
SHORT_WORDS = 80
MIN_WORDS = 25  # fewer are a caption or a player's label, not an article; the shortest news in brief measured had 31


LABEL_WORDS = 8
LABEL_RUN = 3  # labels in a row are a list
MAIN_SHARE = 0.75  # of the text must lie on one side of it; else the list is the article's own
_SENTENCE_END = re.compile(r"[.!?…:。！？][\"'“”»«)\]]*\s*(?:\([^()]{2,40}\))?$")


def body_text(tree: HtmlElement, url: str, about: Metadata) -> tuple[str, str]:
    """Paragraphs parted by newlines, empty when the page has no article text; and what came out before mending, whose
    last lines may credit an agency. Changes the tree."""
    prune(tree)
    text = _trafilatura(tree, url, fast=True)
    if len(text.split()) < SHORT_WORDS:
        text = max(text, _trafilatura(tree, url, fast=False), key=lambda t: len(t.split()))
    lines = _mended(text, about)
    if sum(len(tokens(line)) for line in lines if not _is_label(line)) < MIN_WORDS:
        return "", text
    return "\n".join(lines), text


def _trafilatura(tree: HtmlElement, url: str, *, fast: bool) -> str:
    from trafilatura import bare_extraction  # a heavy import: not for a crawl that reads no page

    found = bare_extraction(tree, url=url, fast=fast, include_comments=False, include_tables=False, with_metadata=False)
    return clean(found.text or "") if found is not None and not isinstance(found, dict) else ""


def _mended(text: str, about: Metadata) -> list[str]:
    """The lines without headline, site furniture, captions, loose labels at both ends, and each line once."""
    headline = tokens(about.headline)
    kept: dict[str, None] = {}
    for line in text.split("\n"):
        line = one_line(line.lstrip("- "))
        if not line or is_furniture(line) or is_caption(line) or (headline and tokens(line) == headline):
            continue
        kept.setdefault(line)
    return _without_loose_ends(list(kept))


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
    return len(tokens(line)) < LABEL_WORDS and not _SENTENCE_END.search(line)
