"""The entries of a live blog, each with its id, time and text: declared, or as the page lays them out."""

from __future__ import annotations

import html as entities
import re
from typing import Any

from lxml.html import HtmlElement

from pipelines.evidence import DateHint, LiveEntry
from pipelines.extract.structured import Node, first, strings, types
from pipelines.text import one_line

MIN_ENTRIES = 3  # two timed boxes are a byline and a box
MAX_ENTRIES = 1000
MIN_WORDS = 8  # of an entry; less is a label with a time
_LIVE = re.compile(
    r"(?i)(?<![a-z])(?:live-?(?:blog|ticker)|news-?(?:blog|ticker)|liveblog\w*|ticker|minute-by-minute|live-?updates?)(?![a-z])"
)
_OTHERS = re.compile(r"(?i)(?<![a-z])(?:comments?|kommentare?|postings?|forum|teasers?|related|most-?read|replies|reply)(?![a-z])")
_TAG = re.compile(r"<[^<>]{0,2000}>")
_BLOCK_END = re.compile(r"(?i)</(?:p|div|li|h\d|blockquote)>|<br\s*/?>")


def entries(tree: HtmlElement, about: list[Node], url: str) -> tuple[LiveEntry, ...]:
    """The page's live entries in its order, each id once; empty when it is no live blog."""
    declared = [entry for node in about if "liveblogposting" in types(node) for entry in _declared(node.get("liveBlogUpdate"))]
    is_live = bool(declared) or any("liveblogposting" in types(node) for node in about) or bool(_LIVE.search(url))
    found = declared if len(declared) >= 1 else _shown(tree) if is_live or _called_live(tree) else []
    return tuple({entry.id: entry for entry in reversed(found[:MAX_ENTRIES])}.values())[::-1]


def _called_live(tree: HtmlElement) -> bool:
    heads = [*list(tree.iter("h1"))[:1], *list(tree.iter("title"))[:1]]
    return any(_LIVE.search(one_line(head.text_content()[:500])) for head in heads)


def _declared(value: Any) -> list[LiveEntry]:
    found = []
    for place, update in enumerate(value if isinstance(value, list) else [value]):
        if not isinstance(update, dict):
            continue
        body = _plain(first(update, "articleBody", "text", "description"))
        head = _plain(first(update, "headline", "name"))
        text = f"{head}\n{body}" if head and not body.startswith(head) else body
        if text.strip():
            found.append(LiveEntry(_id(update, place), _time(strings(update.get("datePublished")), "json-ld"), text.strip()))
    return found


def _id(update: Node, place: int) -> str:
    """The fragment of its address, else the end of it, else its place: `#id` behind the page's URL finds it again."""
    for key in ("url", "@id", "identifier", "mainEntityOfPage"):
        address = next((text for text in strings(update.get(key))), "")
        if name := address.partition("#")[2] or address.rstrip("/").rsplit("/", 1)[-1]:
            return name[:200]
    return str(place)


def _plain(text: str) -> str:
    """Text of a field that may hold markup."""
    text = _TAG.sub("", _BLOCK_END.sub("\n", text))
    return "\n".join(line for part in entities.unescape(text).split("\n") if (line := one_line(part)))


def _shown(tree: HtmlElement) -> list[LiveEntry]:
    """Elements with an id and a time inside, one after the other under one parent."""
    groups: dict[HtmlElement, list[LiveEntry]] = {}
    for time in list(tree.iter("time"))[: 2 * MAX_ENTRIES]:
        box = _box(time)
        parent = box.getparent() if box is not None else None
        if box is None or parent is None:
            continue
        text = _text(box)
        if len(text.split()) >= MIN_WORDS:
            hint = _time([time.get("datetime") or one_line(time.text_content())], "time")
            groups.setdefault(parent, []).append(LiveEntry((box.get("id") or "")[:200], hint, text))
    best = max(groups.values(), key=len, default=[])
    return best if len({entry.id for entry in best}) >= MIN_ENTRIES else []


def _box(time: HtmlElement) -> HtmlElement | None:
    near = time.getparent()
    for _ in range(6):
        if near is None or near.tag in ("body", "main", "html") or _OTHERS.search(f"{near.get('class') or ''} {near.get('id') or ''}"):
            return None
        if near.get("id"):
            return near
        near = near.getparent()
    return None


def _text(box: HtmlElement) -> str:
    blocks = [tag for tag in box.iter("p", "h2", "h3", "h4", "li", "blockquote") if not any(True for _ in tag.iterdescendants("p", "li"))]
    lines = [line for tag in blocks if (line := one_line(tag.text_content()))]
    return "\n".join(dict.fromkeys(lines)) if lines else one_line(box.text_content())


def _time(texts: list[str], basis: str) -> DateHint | None:
    return DateHint(texts[0], basis) if texts and texts[0] else None
