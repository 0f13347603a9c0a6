"""Partial dates as EDTF (ISO 8601-2): a point or an interval with the precision it has."""

from __future__ import annotations

import calendar
import re
from datetime import UTC, date, datetime, timedelta

from pipelines.evidence import Dated, Precision

_SEASONS = {21: (3, 5), 22: (6, 8), 23: (9, 11), 24: (12, 14)}  # meteorological; winter runs into the next year
_QUARTERS = {33: (1, 3), 34: (4, 6), 35: (7, 9), 36: (10, 12)}


def utc_text(instant: datetime) -> str:
    """The instant as the database writes it, `2023-10-13T19:45:00Z`."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def bounds(edtf: str) -> tuple[date | None, date | None]:
    """First and last day of an EDTF value; None where it is open (`2023-08/..`).

    Raises:
        ValueError: for what is no EDTF value of ours.
    """
    if "/" in edtf:
        start, end = edtf.split("/")
        return (None if start == ".." else bounds(start)[0], None if end == ".." else bounds(end)[1])
    match = re.fullmatch(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?(?:T.*)?", edtf)
    if not match:
        raise ValueError(f"{edtf!r} is not an EDTF date")
    year, part, day = int(match[1]), int(match[2] or 0), int(match[3] or 0)
    if day:
        return date(year, part, day), date(year, part, day)
    if not part:
        return date(year, 1, 1), date(year, 12, 31)
    first, last = _SEASONS.get(part) or _QUARTERS.get(part) or (part, part)
    return date(year, first, 1), _last_day(year, last)


def _last_day(year: int, month: int) -> date:
    year, month = (year + 1, month - 12) if month > 12 else (year, month)
    return date(year, month, calendar.monthrange(year, month)[1])


def latest(dated: Dated | None) -> datetime | None:
    """The latest instant that a date allows: what is only known to the month counts as its end."""
    if dated is None:
        return None
    if dated.instant is not None:
        return dated.instant
    last = bounds(dated.edtf)[1]
    return datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1, seconds=-1) if last else None


def precision(edtf: str) -> Precision:
    """The precision an EDTF value has."""
    if "/" in edtf:
        return "interval"
    if "T" in edtf:
        return "instant"
    parts = edtf.split("-")
    if len(parts) == 3:
        return "day"
    if len(parts) == 1:
        return "year"
    return "month" if int(parts[1]) <= 12 else "season" if int(parts[1]) < 30 else "quarter"
