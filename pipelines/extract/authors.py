"""Where a page names its authors: structured data, meta tags, then the byline that a reader sees."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from lxml.html import HtmlElement

from pipelines.extract.credits import opens_a_byline, persons
from pipelines.extract.structured import Node, strings, types
from pipelines.text import one_line

MAX_BYLINE = 160  # characters; the longest of 84 real pages had 57, more names may share one
TOGETHER = 3  # levels up to where the names of one byline meet
NEAR = 60  # elements after the headline in which a byline is looked for
_META = (
    "author", "article:author", "article:authors", "dc.creator", "dcterms.creator", "parsely-author", "sailthru.author",
    "cxenseparse:author", "byl", "citation_author", "og:article:author", "twitter:misc:written by",
)  # fmt: skip
_WRITTEN_BY = re.compile(r"(?i)^(?:written by|verfasst von|geschrieben von|autor|escrito por|écrit par|scritto da|skrevet av|yazan)\b")
_BYLINE = re.compile(
    r"(?<![a-z])(?:by|by-?lines?|authors?(?:-?(?:names?|lines?|list|link|item))?|autor(?:en|in)?(?:-?(?:name|zeile|liste))?|writers?|reporters?|verfasser)(?![a-z])"
)
_NO_BYLINE = re.compile(
    r"(?<![a-z])(?:bio|box|card|image|photo|avatar|follow|comments?|kommentare?|teasers?|related|job|role|title|date|caption|more)(?![a-z])"
)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|[_]+")
_LABEL = re.compile(r"(?i)^(?:autor(?:in)?(?:/autor(?:in)?|:?innen)?|author|verfasst von|written by|text)\W*$")
_BEFORE_A_BAR = re.compile(r"^([^\W\d_][^|•·\d]{4,60}?)\s*[|•·]\s*(?:\d{1,2}[./ ].{0,40})?$")  # "Name |", "Name | 13.10.2023"
_AUTHOR_PAGE = re.compile(r"/(?:authors?|autor(?:en|in)?|profile?|by|redaktion|journalists?|staff|people)/[^/?#]{3,}")


def sources(tree: HtmlElement, about: list[Node], meta: dict[str, str]) -> Iterator[tuple[list[str], bool]]:
    """The names as given, place by place, best first, and whether the place holds names only (no byline with words in it).

    Each place is read only when asked for: most pages name their authors in the first.
    """
    for key in ("author", "creator"):
        for node in about:
            yield _declared(node.get(key)), True
    for key in _META:
        if key in meta and not _address(meta[key]):
            yield [meta[key]], True
    for n in ("1", "2"):
        if f"twitter:data{n}" in meta and _WRITTEN_BY.match(meta.get(f"twitter:label{n}", "")):
            yield [meta[f"twitter:data{n}"]], True
    yield _marked(tree), True
    yield _bylines(tree), False
    yield _labelled(tree), False
    yield _under_the_headline(tree), False


def _declared(value: Any) -> list[str]:
    """Names of an `author`: of persons where the markup tells them from organisations."""
    parts = value if isinstance(value, list) else [value]
    persons = [part for part in parts if isinstance(part, dict) and "person" in types(part)]
    return [text for part in (persons or parts) for text in strings(part) if not _address(text)]


def _address(text: str) -> bool:
    return "@" in text or text.startswith(("http", "www.", "//"))


def _marked(tree: HtmlElement) -> list[str]:
    """Elements that say what they are: `itemprop="author"`, `rel="author"`."""
    found = [
        tag for tag in tree.iter() if isinstance(tag.tag, str) and "author" in f"{tag.get('itemprop') or ''} {tag.get('rel') or ''}".split()
    ]
    names = []
    for tag in _together(found[:6]):
        name = next((inner for inner in tag.iter() if isinstance(inner.tag, str) and inner.get("itemprop") == "name"), tag)
        names.append(one_line(name.get("content") or _parted(name)))
    return _short(names)


def _together(found: list[HtmlElement]) -> list[HtmlElement]:
    """Those that stand with the first: others further down are the authors of teasers."""
    if not found:
        return []
    around = list(islice(found[0].iterancestors(), TOGETHER))
    return [tag for tag in found if any(near in around for near in islice(tag.iterancestors(), TOGETHER))]


def _bylines(tree: HtmlElement) -> list[str]:
    """The first elements that their class calls a byline, and its siblings of the same class."""
    for tag in tree.iter("p", "span", "div", "a", "address", "em", "h5", "h6", "li", "ul", "strong"):
        named = _CAMEL.sub("-", f"{tag.get('class') or ''} {tag.get('data-testid') or ''}").lower()
        if named.strip() and _BYLINE.search(named) and not _NO_BYLINE.search(named) and (names := _short([_parted(tag)])):
            beside = tag.getparent()
            twins = [_parted(twin) for twin in beside if twin.get("class") == tag.get("class")] if beside is not None else []
            return _short(twins) or names
    return []


def _labelled(tree: HtmlElement) -> list[str]:
    """What stands behind a label of its own: "Autor" in one element, the name behind it or in the next."""
    for tag in tree.iter("strong", "b", "span", "dt", "th", "p", "div"):
        if len(tag) == 0 and tag.text and len(tag.text) < 40 and _LABEL.match(one_line(tag.text)):
            beside = tag.getnext()
            return _short([tag.tail or ""]) or _short([_parted(beside)] if beside is not None else [])
    return []


def _under_the_headline(tree: HtmlElement) -> list[str]:
    """A short line soon after the h1 that begins like a byline, leads to an author's page, or parts a name from a date."""
    h1 = next(tree.iter("h1"), None)
    for tag in islice(_following(h1), NEAR) if h1 is not None else ():
        text = one_line(_parted(tag)) if isinstance(tag.tag, str) and tag.tag not in ("script", "style") else ""
        if not 0 < len(text) <= MAX_BYLINE or _in_a_paragraph(tag):
            continue
        if opens_a_byline(text) or (tag.tag == "a" and _AUTHOR_PAGE.search(tag.get("href") or "")):
            return [text]
        if (parted := _BEFORE_A_BAR.match(text)) and persons([parted.group(1)]):
            return [parted.group(1)]
    return []


def _in_a_paragraph(tag: HtmlElement) -> bool:
    near = tag.getparent()
    return near is not None and near.tag == "p" and len(near.text_content()) > MAX_BYLINE


def _following(tag: HtmlElement) -> Iterator[HtmlElement]:
    """Elements that begin after the end of this one, in the page's order."""
    near: HtmlElement | None = tag
    while near is not None and near.tag != "body":
        for sibling in near.itersiblings():
            yield from sibling.iter()
        near = near.getparent()


def _parted(tag: HtmlElement) -> str:
    """An element's text with its inner blocks parted, so that two names in two boxes stay two."""
    if len(tag) == 0:
        return tag.text or ""
    parts = islice(tag.itertext("a", "span", "li", "div", "p", "b", "strong", "em", tag.tag), 40)
    return re.sub(r"(?:\s*;\s*)+", "; ", "; ".join(part.strip() for part in parts if part.strip()))


def _short(names: list[str]) -> list[str]:
    return [text for name in names if 0 < len(text := one_line(name)) <= MAX_BYLINE]
