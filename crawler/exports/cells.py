"""What one cell may hold: text without what acts, dates as precise as they are, links that are links."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

LONGEST = 32_767  # characters in a cell of Excel; of a longer one it makes several or calls the file damaged
IDS = frozenset({"id", "into", "report", "public_id"})
_TIMES = frozenset({"at", "published", "other_published", "atom_updated"})
_LINKS = frozenset({"url", "origin_url", "other_url", "atom_link", "source"})
# Controls but tab and line ends, what turns the direction of a line, what is no character. XML forbids most, terminals obey some.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
# What makes a spreadsheet compute, also after what it does not show.
_FORMULA = re.compile("^[\\s\u00a0\u00ad\u200b-\u200f\u2060\ufeff]*[=+\\-@|\uff0b\uff0d\uff1d\uff20]|^[\t\r\n]")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?Z")


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows to be written, with what a format may want to know: `zone` is the desk's, `at` when they were read."""

    title: str
    columns: Sequence[str]
    rows: Iterable[Sequence[Any]]
    zone: ZoneInfo
    at: datetime


def plain(text: str) -> str:
    """A text from outside without the characters that act instead of being read; tabs and line ends stay.

    >>> plain("a\\x00b\\u202ec\\ud800")
    'abc\\ufffd'
    """
    return text if text.isprintable() else _UNFIT.sub("", _SURROGATE.sub("\ufffd", text))


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would compute this text."""
    return bool(_FORMULA.match(text))


def harmless(cell: Any) -> Any:
    """A text that a spreadsheet would run as a formula gets an apostrophe before it; numbers stay numbers."""
    if not isinstance(cell, str) or (cell[:1].isalnum() and cell.isprintable()):  # as nearly all are
        return cell
    text = plain(cell)
    return f"'{text}" if is_formula(text) else text


def cut(text: str, limit: int = LONGEST) -> str:
    """A text of at most `limit` characters, counted as Excel counts (UTF-16), with an ellipsis where it was cut."""
    if len(text) * 2 <= limit or len(text.encode("utf-16-le", "replace")) // 2 <= limit:
        return text
    return text.encode("utf-16-le", "replace")[: 2 * (limit - 1)].decode("utf-16-le", "ignore") + "…"


def is_time(column: str) -> bool:
    """Whether a column holds instants or dates."""
    return column.endswith("_at") or column in _TIMES


def moment(cell: Any, zone: ZoneInfo) -> datetime | date | None:
    """An instant as the clock at the desk shows it, a day as a day; None for what is less precise, or no date.

    >>> moment("2024-06-13T22:30:00Z", ZoneInfo("Europe/Berlin")), moment("2024-06", ZoneInfo("Europe/Berlin"))
    (datetime.datetime(2024, 6, 14, 0, 30), None)
    """
    try:
        if isinstance(cell, str) and _INSTANT.fullmatch(cell):
            return datetime.fromisoformat(cell).astimezone(UTC).astimezone(zone).replace(tzinfo=None)
        if isinstance(cell, str) and _DAY.fullmatch(cell):
            return date.fromisoformat(cell)
    except (ValueError, OverflowError):
        return None
    return None


def is_link(column: str, cell: Any) -> bool:
    """Whether a cell is an address that may be made a link: of the web, in a column of addresses."""
    return column in _LINKS and isinstance(cell, str) and is_web(cell)


def is_web(url: str) -> bool:
    """Whether a text is an http(s) address without anything that would end it or hide where it leads.

    >>> is_web("https://a.example/x"), is_web("javascript:alert(1)")
    (True, False)
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and url == plain(url) and not re.search(r'[\s"<>\\^`{|}]', url)
