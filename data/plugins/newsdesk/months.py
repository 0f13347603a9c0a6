"""Months of the desk's calendar as spans of the database's two ways of telling time: UTC text, and the rank of an article."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

TIES = 24  # bits below the seconds in an article's rank; pipelines/store/order.py
OLDEST = 2000  # no year before this is offered: a wrong date must not make a list of 600 months


def span(month: str, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
    """Beginning and end of `2023-10` in UTC; None for what is no month."""
    match = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", month)
    if not match or not OLDEST <= int(match[1]) < 2200:
        return None
    year, number = int(match[1]), int(match[2])
    following = (year + 1, 1) if number == 12 else (year, number + 1)
    begin, end = (datetime(y, m, 1, tzinfo=zone).astimezone(UTC) for y, m in ((year, number), following))
    return begin, end


def months(first: datetime, last: datetime, zone: ZoneInfo) -> Iterator[str]:
    """Every month from the one of `first` to the one of `last`: `2023-10`, `2023-11`, …"""
    begin, end = (at.astimezone(zone) for at in (first, last))
    year, number = (begin.year, begin.month) if begin.year >= OLDEST else (OLDEST, 1)
    while (year, number) <= (end.year, end.month):
        yield f"{year}-{number:02d}"
        year, number = (year + 1, 1) if number == 12 else (year, number + 1)


def rank_of(instant: datetime) -> int:
    """The least rank of an article of this instant."""
    return int(instant.timestamp()) << TIES


def instant_of(rank: int) -> datetime:
    """The instant an article's rank stands for."""
    return datetime.fromtimestamp(min(max(rank, 0) >> TIES, 4_102_444_800), UTC)  # not beyond the year 2100


def text_of(instant: datetime) -> str:
    """An instant as the database writes it."""
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
