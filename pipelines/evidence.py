"""What the steps of reading find in a page. Values only; each is written by one step.

What a page has dozens of is a tuple with names: made and sent between processes at a fifth of what a dataclass takes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

Precision = Literal["instant", "minute", "day", "month", "season", "quarter", "year", "interval"]
Hedge = Literal["exact", "about", "at_least", "up_to", "more_than", "under"]


class DateHint(NamedTuple):
    """A date as a page or a listing wrote it, and where: `json-ld`, `meta`, `time`, `visible`, `listing`, `url`."""

    text: str
    basis: str


@dataclass(frozen=True, slots=True)
class Dated:
    """When something was published. `instant` is UTC and only there when a clock time was; `edtf` has the precision
    that the page gave; `conflicts` are the other candidates in words."""

    instant: datetime | None
    edtf: str
    precision: Precision
    basis: str
    conflicts: tuple[str, ...] = ()


class Mention(NamedTuple):
    """A date that a text speaks of. `offset` counts characters; `starts_on`, `ends_on` are ISO days, None when open."""

    as_written: str
    offset: int
    edtf: str
    starts_on: str | None
    ends_on: str | None


class Figure(NamedTuple):
    """A quantity of the story: `low` and `high` bound it, None where open."""

    as_written: str
    offset: int
    low: float | None
    high: float | None
    unit: str
    hedge: Hedge


class Match(NamedTuple):
    """A term of the story as it stands in a text."""

    facet: str
    as_written: str
    offset: int


@dataclass(frozen=True, slots=True)
class Relevance:
    """How far a text is on the story: `score` 0 to 1; `grade` 2 main subject, 1 mention, 0 not."""

    score: float = 0.0
    grade: int = 0
    on_story: bool = False
    matched: tuple[Match, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LiveEntry:
    """One entry of a live blog. `id` behind the page's URL as `#id` is its address."""

    id: str
    time: DateHint | None
    text: str


@dataclass(frozen=True, slots=True)
class Extract:
    """What a page says: `text` in paragraphs parted by newlines, `authors` persons (the desk, where no person signs),
    dates as written."""

    headline: str
    text: str
    authors: list[str]
    language: str | None
    canonical_url: str | None
    published: list[DateHint]
    modified: list[DateHint]
    paywalled: bool
    agency: str
    image_url: str | None
    entries: tuple[LiveEntry, ...] = ()
