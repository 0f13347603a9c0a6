"""An article described by attributes (`itemprop`) instead of a script, as the same kind of node."""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from pipelines.extract.structured import ARTICLE_TYPES, Node
from pipelines.text import one_line

MAX_SCOPES = 5  # an article and what it quotes; more are a list
MAX_PROPERTIES = 200
_KEPT = frozenset(("headline", "name", "author", "creator", "datePublished", "dateModified", "publisher", "articleSection", "description"))


def articles(tree: HtmlElement) -> list[Node]:
    """The article that the page's microdata describe; none when they describe a list of teasers."""
    scopes = [tag for tag in tree.iter() if isinstance(tag.tag, str) and tag.get("itemtype") and _type(tag).lower() in ARTICLE_TYPES]
    return [_node(scopes[0])] if 0 < len(scopes) <= MAX_SCOPES else []


def _type(tag: HtmlElement) -> str:
    return (tag.get("itemtype") or "").strip().rstrip("/").split("/")[-1]


def _node(scope: HtmlElement) -> Node:
    node: Node = {"@type": _type(scope), "@basis": "microdata"}
    for count, tag in enumerate(tag for tag in scope.iterdescendants() if isinstance(tag.tag, str) and tag.get("itemprop")):
        if count >= MAX_PROPERTIES:
            break
        if _scope(tag, scope) is not scope:
            continue
        for key in (tag.get("itemprop") or "").split():
            if key in _KEPT and (value := _value(tag)):
                node.setdefault(key, []).append(value)
    return node


def _scope(tag: HtmlElement, outermost: HtmlElement) -> HtmlElement:
    """The element whose property this is; ten steps up are enough for any layout met."""
    near = tag.getparent()
    for _ in range(10):
        if near is None or near is outermost or near.get("itemscope") is not None:
            break
        near = near.getparent()
    return near if near is not None and near.get("itemscope") is not None else outermost


def _value(tag: HtmlElement) -> str | Node:
    if tag.get("itemscope") is not None:
        name = next((inner for inner in tag.iter() if isinstance(inner.tag, str) and inner.get("itemprop") == "name"), None)
        text = one_line((name.get("content") or name.text_content()) if name is not None else tag.text_content())
        return {"@type": _type(tag), "name": text[:200]}
    return re.sub(r"\s+", " ", tag.get("content") or tag.get("datetime") or one_line(tag.text_content()))[:1000]
