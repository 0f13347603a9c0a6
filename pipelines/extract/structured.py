"""JSON-LD as sites really write it: several scripts, lists, `@graph`, comments, trailing commas, HTML entities."""

from __future__ import annotations

import html as entities
import json
import re
from collections.abc import Iterator
from typing import Any

from lxml.html import HtmlElement

Node = dict[str, Any]

ARTICLE_TYPES = frozenset(
    {
        "newsarticle", "article", "reportagenewsarticle", "liveblogposting", "blogposting", "analysisnewsarticle",
        "opinionnewsarticle", "backgroundnewsarticle", "reviewnewsarticle", "socialmediaposting", "techarticle", "report",
    }
)  # fmt: skip
_COMMENT = re.compile(r"/\*.*?\*/|<!--|-->|//\s*(?:<!\[CDATA\[|\]\]>)|<!\[CDATA\[|\]\]>", re.S)
_LINE_COMMENT = re.compile(r"^\s*//.*$", re.M)
_TRAILING = re.compile(r",(?=\s*[}\]])")
_DEPTH = 12


def nodes(tree: HtmlElement) -> list[Node]:
    """Every object of every JSON-LD script that has a type, outer ones first."""
    found: list[Node] = []
    for script in tree.iter("script"):
        if "ld+json" in (script.get("type") or "").lower() and script.text:
            found.extend(_typed(_load(script.text), 0))
    return found


def articles(found: list[Node]) -> list[Node]:
    """The nodes that describe an article, in the page's order."""
    return [node for node in found if types(node) & ARTICLE_TYPES]


def types(node: Node) -> set[str]:
    """A node's types in lower case, without a namespace."""
    given = node.get("@type")
    return {str(t).rsplit("/", 1)[-1].lower() for t in (given if isinstance(given, list) else [given]) if t}


def strings(value: Any) -> list[str]:
    """The texts of a value that may be a text, an object with a name, or a list of these."""
    if isinstance(value, str):
        return [entities.unescape(value).strip()] if value.strip() else []
    if isinstance(value, list):
        return [text for part in value for text in strings(part)]
    if isinstance(value, dict):
        return strings(value.get("name") or value.get("@value") or value.get("@id") or value.get("url") or "")
    return []


def first(node: Node, *keys: str) -> str:
    """The first text under one of the keys, or nothing."""
    return next((text for key in keys for text in strings(node.get(key))), "")


def _load(script: str) -> Any:
    """The value of a script; mended step by step only as far as needed."""
    text = script.strip().rstrip(";")
    for mend in (lambda t: t, _uncomment, lambda t: _TRAILING.sub("", t), entities.unescape, _escape_newlines):
        text = mend(text)
        try:
            return json.loads(text, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _uncomment(text: str) -> str:
    return _LINE_COMMENT.sub("", _COMMENT.sub("", text)).strip().rstrip(";")


def _escape_newlines(text: str) -> str:
    """A last try: one object out of a script that has something behind it."""
    end = text.rfind("}")
    return text[: end + 1] if end > 0 else text


def _typed(value: Any, depth: int) -> Iterator[Node]:
    if depth > _DEPTH:
        return
    if isinstance(value, list):
        for part in value:
            yield from _typed(part, depth + 1)
    elif isinstance(value, dict):
        if "@type" in value:
            yield value
        for key in ("@graph", "mainEntity", "mainEntityOfPage", "itemListElement", "item"):
            if key in value:
                yield from _typed(value[key], depth + 1)
