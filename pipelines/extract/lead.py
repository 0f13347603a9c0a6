"""The standfirst: the sentence or two between headline and text that many layouts keep outside the running text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from lxml.html import HtmlElement

from pipelines.extract.credits import persons
from pipelines.extract.headline import letters
from pipelines.lines import is_caption, is_furniture
from pipelines.text import one_line

if TYPE_CHECKING:
    from pipelines.extract.metadata import Metadata

NEAR = 80  # elements after the headline; between it and the text stand a byline, a picture, buttons
MIN_WORDS, MAX_WORDS = 6, 120
SAME = 40  # letters that must agree with the page's description: systems cut it, or add a word behind
CONTENTS = 3  # words a comma at most: the densest of 23 real standfirsts with commas had 4.75
_NAMED = re.compile(
    r"(?<![a-z])(?:leads?|lede|lead-?text|intro(?:duction|text)?|standfirst|stand-first|teaser-?text|sub-?titles?|sub-?head(?:line|ing)?s?|deks?|"
    r"summary|vorspann|excerpt|einleitung|anriss(?:text)?|abstract|chapo|strapline|article-?description|preamble|ingress|manchet)(?![a-z])"
)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|_+")
_FOREIGN = re.compile(r"(?<![a-z])(?:captions?|credits?|related|newsletters?|comments?|figure|gallery|media|image|recommend\w*)(?![a-z])")


_PICTURE = re.compile(
    r"(?<![a-z])(?:captions?|figure|galler(?:y|ie)|slider|pic|picture|image|img|photo|foto|bild|bildunterschrift|media)(?![a-z])"
)


def standfirst(tree: HtmlElement, about: Metadata) -> str:
    """One line, or nothing. To be asked before boxes are pruned: some layouts call it a teaser."""
    description = _letters(about.description)
    h1 = next(tree.iter("h1"), None)
    if h1 is None:
        return ""
    alts = {one_line(image.get("alt") or "") for image in islice(tree.iter("img"), 40)} - {""}
    for tag in islice(_following(h1), NEAR):
        if tag.tag not in ("p", "h2", "h3", "h4", "div", "span", "strong") or (len(tag) > 6):
            continue
        text = one_line(tag.text_content()) if len(tag.text_content()) < 3000 else ""
        if not MIN_WORDS <= len(text.split()) + len(text) // 40 <= MAX_WORDS or _aside(tag, text):
            continue
        if text in alts or text.startswith(tuple(alt for alt in alts if len(alt) > SAME)):
            continue  # a caption
        if (_is_named(tag) or _agrees(text, description)) and _is_prose(text, about):
            return text
        if tag.tag == "p" and len(text.split()) > 20:
            return ""  # the text has begun
    return ""


def _following(tag: HtmlElement) -> Iterator[HtmlElement]:
    near: HtmlElement | None = tag
    while near is not None and near.tag != "body":
        for sibling in near.itersiblings():
            yield from (inner for inner in sibling.iter() if isinstance(inner.tag, str))
        near = near.getparent()


def _is_named(tag: HtmlElement) -> bool:
    own = _CAMEL.sub("-", f"{tag.get('class') or ''} {tag.get('itemprop') or ''} {tag.get('data-testid') or ''}").lower()
    parent = tag.getparent()
    above = _CAMEL.sub("-", (parent.get("class") or "") if parent is not None else "").lower()
    if _FOREIGN.search(own) or _FOREIGN.search(above) or own.strip() == "description":
        return False
    return bool(_NAMED.search(own) or (_NAMED.search(above) and parent is not None and len(parent) <= 3))


def _agrees(text: str, description: str) -> bool:
    start = _letters(text)[:SAME]
    return (
        len(start) >= SAME // 2
        and len(description) >= SAME // 2
        and (description.startswith(start) or start.startswith(description[:SAME]))
    )


def _is_prose(text: str, about: Metadata) -> bool:
    if is_furniture(text) or is_caption(text) or _letters(text) in about.headlines:
        return False
    if text.count(",") * CONTENTS >= len(text.split()):
        return False  # a table of contents ("Rates, storms, ports, baseball"): topics of a newsletter or a live blog, no sentence
    return not (len(text.split()) < 12 and persons([text]))


def _aside(tag: HtmlElement, text: str) -> bool:
    near = tag.getparent()
    for _ in range(4):
        if near is None:
            break
        if near.tag in ("a", "figcaption", "figure", "nav", "aside", "footer", "li") or _PICTURE.search((near.get("class") or "").lower()):
            return True
        near = near.getparent()
    return tag.tag == "a" or sum(len(link.text_content()) for link in tag.iter("a")) > len(text) / 2


def _letters(text: str) -> str:
    return letters(text[:2000])
