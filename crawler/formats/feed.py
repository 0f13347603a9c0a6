"""XML feeds before they are parsed: their text whatever encoding they claim, and of a flood of entries the newest. No network."""

from __future__ import annotations

import re
from datetime import datetime

from pipelines.article import Entry
from pipelines.health import newest_first
from pipelines.markup import decode
from pipelines.text import one_line

_DECLARATION = re.compile(r"\A\s*<\?xml[^>]{0,200}\?>")
_DECLARED = re.compile(rb"\A\s*<\?xml[^>]{0,200}?\bencoding\s*=\s*[\"']([\w.:-]{2,40})[\"']")
_REFERENCE = re.compile(r"&#(?:(?P<decimal>[0-9]{1,20})|[xX](?P<hexadecimal>[0-9a-fA-F]{1,20}));?")
_BEGIN = re.compile(r"<(?:\w{1,20}:)?(?:item|entry)(?=[\s>])")
_END = re.compile(r"</(?:\w{1,20}:)?(?:item|entry)\s{0,9}>")
_DATE = re.compile(r"<(?:\w{1,20}:)?(?:pubDate|published|date|created)\b[^>]{0,200}>\s{0,99}([^<]{4,99})")


def xml_text(body: bytes, content_type: str) -> str:
    """The text of an XML document without its declaration: the parser is to believe its letters, and no claim about them."""
    said = content_type.lower().partition("charset=")[2].strip(" \"'").split(";")[0]
    declared = _DECLARED.search(body[:300])
    text = _DECLARATION.sub("", decode(body, said or (declared.group(1).decode("ascii") if declared else None)))
    return whole(text)


def whole(text: str) -> str:
    """A text without references to half a character: feedparser raises at them, lxml gives names that cannot be read."""
    return _REFERENCE.sub(_letter, text) if "&#" in text else text


def _letter(reference: re.Match[str]) -> str:
    code = int(reference["decimal"]) if reference["decimal"] else int(reference["hexadecimal"], 16)
    return reference.group() if 8 < code < 0xD800 or 0xDFFF < code < 0x110000 else ""


def newest_items(text: str, most: int, now: datetime) -> tuple[str, int]:
    """A feed with at most so many entries, the newest by their dates, in their order; and how many were left out.

    Before the parse, which takes .2 ms an entry: of 100,000 it would hold up all other outlets for 20 s.
    """
    begins = [found.start() for found in _BEGIN.finditer(text)]
    if len(begins) <= most:
        return text, 0
    closing = max((found.end() for found in _END.finditer(text, begins[-1])), default=len(text))
    pieces = [text[begin:end] for begin, end in zip(begins, [*begins[1:], closing], strict=True)]
    dates = [found.group(1) if (found := _DATE.search(piece)) else "" for piece in pieces]
    dated = [Entry(str(place), None, None, now, published=one_line(date)) for place, date in enumerate(dates)]
    kept = sorted(int(place) for place in newest_first(dated)[:most])
    return text[: begins[0]] + "".join(pieces[place] for place in kept) + text[closing:], len(pieces) - most
