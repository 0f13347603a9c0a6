"""The article's running text: trafilatura's fast pass, its full one where that came out short, and our mending."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lxml.html import HtmlElement

from pipelines.lines import is_caption, is_furniture
from pipelines.text import clean, one_line, tokens

if TYPE_CHECKING:
    from pipelines.extract.metadata import Metadata

# Below this many words the fast pass is checked against the full one: stubs and pages built of <div>s.
SHORT_WORDS = 80
MIN_WORDS = 12  # fewer are a caption, not an article
_JUNK = (
    "//aside | //nav | //footer | //form | //figcaption | //button | //*[@role='navigation' or @role='complementary' or @hidden]"
    " | //*[contains(@class,'newsletter') or contains(@class,'consent') or contains(@class,'cookie') or contains(@class,'teaser')"
    " or contains(@class,'related') or contains(@class,'comments') or contains(@class,'most-read') or contains(@id,'comments')"
    " or contains(@id,'consent')]"
)


def body_text(tree: HtmlElement, url: str, about: Metadata) -> str:
    """Paragraphs parted by newlines; empty when the page has no article text. Changes the tree."""
    _prune(tree)
    text = _trafilatura(tree, url, fast=True)
    if len(text.split()) < SHORT_WORDS:
        text = max(text, _trafilatura(tree, url, fast=False), key=lambda t: len(t.split()))
    lines = _mended(text, about)
    if sum(len(line.split()) for line in lines) < MIN_WORDS:
        return ""
    return "\n".join(lines)


def _prune(tree: HtmlElement) -> None:
    found = tree.xpath(_JUNK)
    whole = len(tree.text_content())
    for node in found if isinstance(found, list) else []:
        # A wrapper that holds most of the page ("has-consent") is no box.
        if isinstance(node, HtmlElement) and node.getparent() is not None and len(node.text_content()) * 2 < whole:
            node.drop_tree()


def _trafilatura(tree: HtmlElement, url: str, *, fast: bool) -> str:
    from trafilatura import bare_extraction  # a heavy import: not for a crawl that reads no page

    found = bare_extraction(tree, url=url, fast=fast, include_comments=False, include_tables=False, with_metadata=False)
    return clean(found.text or "") if found is not None and not isinstance(found, dict) else ""


def _mended(text: str, about: Metadata) -> list[str]:
    """The lines without headline, site furniture, captions, and each line once."""
    headline = tokens(about.headline)
    kept: dict[str, None] = {}
    for line in text.split("\n"):
        line = one_line(line.lstrip("- "))
        if not line or is_furniture(line) or is_caption(line) or (headline and tokens(line) == headline):
            continue
        kept.setdefault(line)
    lines = list(kept)
    if lines and re.fullmatch(r"(?:von|by)\s+[^.!?]{3,80}", lines[0], re.I):
        lines = lines[1:]
    return lines
