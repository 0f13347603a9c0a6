"""The time that a date allows, in seconds since 1970 (UTC): dates come as EDTF with the precision they have."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

# Months that seasons (meteorological) and quarters begin in, and how many they have.
_PARTS = {21: (3, 3), 22: (6, 3), 23: (9, 3), 24: (12, 3), 33: (1, 3), 34: (4, 3), 35: (7, 3), 36: (10, 3)}
_EDTF = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")


def span(edtf: str | None) -> tuple[float, float] | None:
    """First and last second that a date allows: `2023-10` is the whole of October. None for no date, or an open one."""
    try:
        ends = [_span(part) for part in (edtf or "").split("/")]
    except (ValueError, OverflowError):
        return None
    return ends[0][0], ends[-1][1]


def _span(edtf: str) -> tuple[float, float]:
    if "T" in edtf:
        instant = datetime.fromisoformat(edtf)
        at = (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp()
        return at, at
    match = _EDTF.fullmatch(edtf)
    if not match:
        raise ValueError(edtf)
    year, part, day = int(match[1]), int(match[2] or 0), int(match[3] or 0)
    if day:
        begin = datetime(year, part, day, tzinfo=UTC)
        return begin.timestamp(), (begin + timedelta(days=1)).timestamp() - 1
    if part > 12 and part not in _PARTS:
        raise ValueError(edtf)
    month, months = _PARTS.get(part) or ((part, 1) if part else (1, 12))
    first, after = year * 12 + month - 1, year * 12 + month - 1 + months
    begin, end = (datetime(at // 12, at % 12 + 1, 1, tzinfo=UTC) for at in (first, after))
    return begin.timestamp(), end.timestamp() - 1
