"""JSON-LD as sites really write it: several scripts, lists, `@graph`, comments, trailing commas, HTML entities."""

from __future__ import annotations

import html as entities
import json
import re
from collections.abc import Iterator
from typing import Any

from lxml.html import HtmlElement

from pipelines.text import fold

Node = dict[str, Any]

ARTICLE_TYPES = frozenset(
    {
        "newsarticle", "article", "reportagenewsarticle", "liveblogposting", "blogposting", "analysisnewsarticle", "askpublicnewsarticle",
        "opinionnewsarticle", "backgroundnewsarticle", "reviewnewsarticle", "socialmediaposting", "techarticle", "report",
    }
)  # fmt: skip
# A string is stepped over whole, so that "https://" opens no comment.
_PIECE = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\\?\Z)|/\*|//|<!--|-->|<!\[CDATA\[|\]\]>', re.S)
_TRAILING = re.compile(r",(?=\s{0,200}[}\]])")
_MISSING = re.compile(r"\}(?=\s{0,200}\{)")
_DEPTH = 12
MAX_SCRIPT = 1_000_000  # characters; the longest JSON-LD of 84 real pages had 34,409
MAX_NODES = 500
_NESTED = ("@graph", "mainEntity", "mainEntityOfPage")


def nodes(tree: HtmlElement) -> list[Node]:
    """Every object of every JSON-LD script that has a type, outer ones first; not what a list of teasers lists."""
    found: list[Node] = []
    for script in tree.iter("script"):
        if "ld+json" in (script.get("type") or "").lower() and script.text and len(script.text) <= MAX_SCRIPT:
            found.extend(_typed(_load(script.text), 0))
    return found[:MAX_NODES]


def articles(found: list[Node], url: str = "", headline: str = "") -> list[Node]:
    """The nodes that describe the page's article, the one that names its URL or headline first.

    Several nodes with several headlines, none of them the page's, are teasers: then there is none.
    """
    about = [node for node in found if types(node) & ARTICLE_TYPES]
    if len(about) < 2:
        return about
    about.sort(key=lambda node: -_fits(node, url, headline))
    # Two nodes may describe one article in two words; three headlines of which none fits are a list (section pages).
    heads = {fold(first(node, "headline", "name")) for node in about}
    return [] if len(heads) > 2 and not _fits(about[0], url, headline) else about[:2] if len(heads) <= 2 else about[:1]


def _fits(node: Node, url: str, headline: str) -> int:
    named = {address.rstrip("/").split("#")[0] for key in ("url", "@id", "mainEntityOfPage") for address in _addresses(node.get(key))}
    own = fold(first(node, "headline", "name"))
    return 2 * bool(url and url.rstrip("/").split("#")[0] in named) + bool(own and headline and (own in fold(headline)))


def _addresses(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [str(value[key]) for key in ("@id", "url") if isinstance(value.get(key), str)]
    return [value] if isinstance(value, str) else []


def types(node: Node) -> set[str]:
    """A node's types in lower case, without a namespace."""
    given = node.get("@type")
    return {re.split(r"[/:#]", str(t))[-1].lower() for t in (given if isinstance(given, list) else [given]) if t}


def strings(value: Any, depth: int = 0) -> list[str]:
    """The texts of a value that may be a text, an object with a name, or a list of these."""
    if isinstance(value, str):
        return [entities.unescape(value).strip()] if value.strip() else []
    if depth > _DEPTH:
        return []
    if isinstance(value, list):
        return [text for part in value for text in strings(part, depth + 1)]
    if isinstance(value, dict):
        return strings(value.get("name") or value.get("@value") or value.get("@id") or value.get("url") or "", depth + 1)
    return []


def first(node: Node, *keys: str) -> str:
    """The first text under one of the keys, or nothing."""
    return next((text for key in keys for text in strings(node.get(key))), "")


def _load(script: str) -> Any:
    """The values of a script; mended step by step only as far as needed."""
    text = script.strip().lstrip("\ufeff").rstrip(";")
    for mend in (lambda t: t, _uncomment, lambda t: _TRAILING.sub("", t), entities.unescape, lambda t: _MISSING.sub("},", t)):
        text = mend(text)
        try:
            return json.loads(text, strict=False)
        except (ValueError, RecursionError):
            continue
    return _objects(text)


def _objects(text: str) -> list[Any]:
    """A last try: the whole objects at the head of a script that has something before or behind them."""
    decoder, place = json.JSONDecoder(strict=False), text.find("{")
    found: list[Any] = []
    while 0 <= place < len(text) and len(found) < 20:
        try:
            value, end = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            break
        found.append(value)
        place = text.find("{", end)
    return found


def _uncomment(text: str) -> str:
    """The text without comments, each found once from left to right."""
    kept: list[str] = []
    place = 0
    while match := _PIECE.search(text, place):
        mark = match.group()
        if mark[0] == '"':
            kept.append(text[place : match.end()])
            place = match.end()
            continue
        kept.append(text[place : match.start()])
        close = {"/*": "*/", "//": "\n"}.get(mark)
        end = text.find(close, match.end()) if close else match.end() - 1
        place = len(text) if end < 0 else end + (len(close) if close else 1)
    return ("".join(kept) + text[place:]).strip().rstrip(";")


def _typed(value: Any, depth: int) -> Iterator[Node]:
    if depth > _DEPTH:
        return
    if isinstance(value, list):
        for part in value:
            yield from _typed(part, depth + 1)
    elif isinstance(value, dict):
        if "@type" in value:
            yield value
        for key in _NESTED:
            if key in value:
                yield from _typed(value[key], depth + 1)
