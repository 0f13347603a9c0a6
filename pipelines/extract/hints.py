"""Dates as a page writes them: structured data, meta tags, `<time>`, then date lines near the headline."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree
from lxml.html import HtmlElement

from pipelines.evidence import DateHint
from pipelines.extract.structured import Node, strings
from pipelines.text import one_line

_PUBLISHED = (
    "article:published_time", "article:published:time", "og:published_time", "og:article:published_time", "article:published",
    "datepublished", "date", "dc.date", "dc.date.issued", "dcterms.created", "dcterms.issued", "dcterms.date", "publishdate",
    "pubdate", "publish-date", "publish_date", "publication_date", "citation_publication_date", "sailthru.date", "parsely-pub-date",
    "cxenseparse:recs:publishtime", "cxenseparse:publishtime", "last-published", "iso-8601-publish-date", "rnews:datepublished",
)  # fmt: skip
_MODIFIED = (
    "article:modified_time", "article:modified:time", "og:updated_time", "og:modified_time", "datemodified", "dcterms.modified",
    "last-modified", "lastmod", "revised",
)  # fmt: skip
_CLOCKED = re.compile(
    r"(?:\d\d?\.\s?\d\d?\.\s?\d{4}|\d\d?\.?\s?[A-ZJa-z]\w{2,8}\.?\s\d{4}|[A-Z][a-z]{2,8}\.?\s\d\d?,\s\d{4})"
    r"(?:[\s,|·–-]{1,5}(?:um|at)?\s?\d\d?[:.]\d\d(?:\s?[ap]\.?m\.?)?(?:\s?Uhr)?(?:\s[A-Z]{2,4}\b)?)?"
)
_WITH_ITEMPROP = etree.XPath("descendant-or-self::*[@itemprop]")
_DATING = ("time", "span", "div", "p", "abbr", "data")
_CHANGED = re.compile(r"(?i)aktualisiert|updated?\b|geändert|stand\b|modif|korrigiert|upd\b")
_MAX_DATE_LINE = 90  # characters of an element that is a date line, not a paragraph with a date in it
MAX_LABEL = 6  # words before the date of a line ("Von A B und C D, 3. Mai 2024"); a caption's sentence has more
_MOST = 400  # elements looked at near the headline: metadata of an article stands within its first few boxes
# Their dates are other articles'.
_FOREIGN = re.compile(r"(?<![a-z])(?:related(?:content)?|teasers?|recommend\w*|comments?|kommentare?|most-?read|sidebar|ticker)(?![a-z])")


def date_hints(tree: HtmlElement, about: list[Node], meta: dict[str, str]) -> tuple[list[DateHint], list[DateHint]]:
    """Hints of publication, best-placed first, and of the last change."""
    marked: Any = _WITH_ITEMPROP(tree)
    modified = _stated(about, "dateModified") + _itemprops(marked, "datemodified") + _named(meta, _MODIFIED)
    return _published(tree, about, meta, marked), modified


def _published(tree: HtmlElement, about: list[Node], meta: dict[str, str], marked: list[HtmlElement]) -> list[DateHint]:
    """What says that it is a change is none."""
    stated = _stated(about, "datePublished") or _stated(about, "dateCreated")  # some systems only know when it was made
    declared = stated + _itemprops(marked, "datepublished") + _named(meta, _PUBLISHED)
    kept = _without_mislabelled(declared)
    offsets = [match for hint in kept if (match := _OFFSET.match(hint.text.strip()))]
    zoned = {match.group(1)[-5:] for match in offsets if match.group(2) not in (None, "+00", "-00")}
    # A reader's clock can correct a `Z`; of a zone that somebody wrote down it only repeats the digits.
    return kept + [hint for hint in _visible(tree) if hint.basis != "visible" or _clock(hint.text) not in zoned]


_OFFSET = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d)\S{0,12}?(?:Z|([+-]\d\d):?\d\d)?$")


def _without_mislabelled(hints: list[DateHint]) -> list[DateHint]:
    """Of equal digits with and without an offset the offset is right: templates print local time under `Z` or `+00:00`,
    none prints UTC under a zone."""
    zoned = {match.group(1) for hint in hints if (match := _OFFSET.match(hint.text.strip())) and match.group(2) not in (None, "+00", "-00")}
    return [
        hint
        for hint in hints
        if not ((match := _OFFSET.match(hint.text.strip())) and match.group(1) in zoned and match.group(2) in (None, "+00", "-00"))
    ]


_TIME = re.compile(r"(?i)\b(\d\d?)[:.](\d\d)\s?([ap]?)\.?m?\.?(?:\s?uhr)?(?:\s[a-z]{2,4})?$")


def _clock(line: str) -> str:
    """The clock time at the end of a date line, as 24 hours: "10:00 p.m." is 22:00."""
    match = _TIME.search(line)
    if not match:
        return ""
    hour = int(match.group(1)) % 12 + 12 * (match.group(3).lower() == "p") if match.group(3) else int(match.group(1))
    return f"{hour:02d}:{match.group(2)}"


def _stated(about: list[Node], key: str) -> list[DateHint]:
    return [DateHint(text, node.get("@basis", "json-ld")) for node in about for text in strings(node.get(key))]


def _named(meta: dict[str, str], names: tuple[str, ...]) -> list[DateHint]:
    return [DateHint(meta[name], "meta") for name in names if name in meta]


def _itemprops(marked: list[HtmlElement], wanted: str) -> list[DateHint]:
    hints = []
    for tag in marked:
        if tag.tag in _DATING and wanted in tag.get("itemprop").lower().split() and not _foreign(tag):
            hints.append(DateHint(tag.get("datetime") or tag.get("content") or one_line(tag.text_content())[:_MAX_DATE_LINE], "microdata"))
        if len(hints) == 3:
            break
    return hints


def _visible(tree: HtmlElement) -> list[DateHint]:
    """`<time>` elements outside teasers and comments, then date lines near the headline, as a reader sees them."""
    hints: list[DateHint] = []
    place = next(tree.iter("article", "main"), tree)
    for tag in _some(place.iter("time"), 3):
        label = f"{tag.get('class', '')} {tag.get('itemprop', '')}".lower()
        if tag.get("datetime") and not re.search(r"modif|updat", label) and not _foreign(tag):
            hints.append(DateHint(tag.get("datetime") or "", "time"))
    for h1 in _some(tree.iter("h1"), 1):
        near = h1.getparent()
        for _ in range(2):
            if near is None or near.tag in ("body", "html"):
                break
            hints += [DateHint(text, "visible") for text in _date_lines(near)]
            near = near.getparent()
    return hints[:6]


def _some(tags: Iterator[HtmlElement], most: int) -> list[HtmlElement]:
    return [tag for tag, _ in zip(tags, range(most), strict=False)]


def _date_lines(near: HtmlElement) -> list[str]:
    found: list[str] = []
    for tag in _some(near.iter("span", "p", "div", "time", "li", "small"), _MOST):
        own = _start(tag)
        match = _CLOCKED.search(own) if len(own) <= _MAX_DATE_LINE else None
        if match and len(own[: match.start()].split()) <= MAX_LABEL and not _CHANGED.search(own) and not _foreign(tag):
            found.append(match.group())
    return list(dict.fromkeys(found))[:2]


def _start(tag: HtmlElement) -> str:
    """The text of an element, as far as it could be a date line."""
    parts: list[str] = []
    size = 0
    for part in tag.itertext():
        parts.append(part)
        size += len(part.strip())
        if size > _MAX_DATE_LINE:
            break
    return one_line("".join(parts)[: 10 * _MAX_DATE_LINE])[: _MAX_DATE_LINE + 1]


def _foreign(tag: HtmlElement) -> bool:
    """Whether it stands in a link or in a box of other articles."""
    near: HtmlElement | None = tag
    for _ in range(8):
        if near is None or near.tag in ("body", "html", "main"):
            return False
        if near.tag in ("a", "aside", "nav") or _FOREIGN.search((near.get("class") or "").lower()):
            return True
        near = near.getparent()
    return False
