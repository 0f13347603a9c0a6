"""The days a text speaks of, as EDTF with the precision they have, seen from its own publication."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from pipelines.dates.edtf import bounds
from pipelines.dates.words import MONTHS, WEEKDAYS
from pipelines.evidence import Mention

_MONTH = r"(?P<mon>" + "|".join(sorted((m for m in MONTHS if len(m) > 3 or m in ("mai", "may")), key=len, reverse=True)) + r")"
_DAY = r"(?P<wd>" + "|".join(WEEKDAYS) + r")"
_YEAR = r"(?P<y>(?:19|20)\d\d)"

_Resolve = Callable[[re.Match[str], date], str | None]


def mentions(text: str, *, anchor: datetime, timezone: str, language: str) -> list[Mention]:
    """Every date expression that German and English news use and that has a value of its own.

    `anchor` is the publication instant; weekdays and months without a year are resolved against its day in `timezone`:
    the most recent one, today included. Where two expressions overlap the longer one stands.
    """
    today = anchor.astimezone(ZoneInfo(timezone)).date()
    found: list[Mention] = []
    taken: list[tuple[int, int]] = []
    for start, end, edtf in _candidates(text, today):
        if all(end <= s or start >= e for s, e in taken):
            taken.append((start, end))
            first, last = bounds(edtf)
            found.append(Mention(text[start:end], start, edtf, first.isoformat() if first else None, last.isoformat() if last else None))
    return sorted(found, key=lambda mention: mention.offset)


def _candidates(text: str, today: date) -> Iterator[tuple[int, int, str]]:
    """Best rule first; a rule's own value may be None (an impossible day, a surname)."""
    for pattern, resolve in _RULES:
        for match in pattern.finditer(text):
            try:
                edtf = resolve(match, today)
            except ValueError:  # 30 February
                continue
            if edtf:
                yield match.start(), match.end(), edtf


def _full_day(match: re.Match[str], today: date) -> str:
    return date(int(match["y"]), _month(match), int(match["d"])).isoformat()


def _numeric(match: re.Match[str], today: date) -> str:
    return date(int(match["y"]), int(match["m"]), int(match["d"])).isoformat()


def _day_of_month(match: re.Match[str], today: date) -> str:
    day = date(today.year, _month(match), int(match["d"]))
    return (day if day <= today else day.replace(year=day.year - 1)).isoformat()


def _month_of_year(match: re.Match[str], today: date) -> str:
    return f"{int(match['y'])}-{_month(match):02d}"


def _month_alone(match: re.Match[str], today: date) -> str:
    month = _month(match)
    strictly = bool(match.groupdict().get("last"))
    year = today.year if (month < today.month or (month == today.month and not strictly)) else today.year - 1
    return f"{year}-{month:02d}"


def _part_of_month(match: re.Match[str], today: date) -> str:
    month = f"{int(match['y'])}-{_month(match):02d}" if match["y"] else _month_alone(match, today)
    last = bounds(month)[1]
    first_day, last_day = {"a": (1, 10), "m": (11, 20), "e": (21, last.day if last else 0)}[_part(match["part"])]
    return f"{month}-{first_day:02d}/{month}-{last_day:02d}"


def _part(word: str) -> str:
    word = word.lower()
    return "a" if word[0] in "a" or word == "early" else "m" if word[0] == "m" else "e"


def _weekday(match: re.Match[str], today: date) -> str:
    wanted = WEEKDAYS[match["wd"].lower()]
    back = (today.weekday() - wanted) % 7
    if match.groupdict().get("last") and back == 0:
        back = 7
    if match.groupdict().get("next"):
        back -= 7
        back = back or -7
    return (today - timedelta(days=back)).isoformat()


def _relative(match: re.Match[str], today: date) -> str:
    word = match.group().lower()
    back = {"heute": 0, "today": 0, "gestern": 1, "yesterday": 1, "vorgestern": 2, "morgen": -1, "tomorrow": -1}[word]
    return (today - timedelta(days=back)).isoformat()


def _month(match: re.Match[str]) -> int:
    return MONTHS[match["mon"].lower()]


def _rule(pattern: str, resolve: _Resolve, flags: int = re.I) -> tuple[re.Pattern[str], _Resolve]:
    return re.compile(rf"(?<![\w]){pattern}(?![\w])", flags), resolve


_LAST = r"(?P<last>vergangene[nrms]?|letzte[nrms]?|vorige[nrms]?|last)"
_NEXT = r"(?P<next>kommende[nrms]?|nächste[nrms]?|next)"
_WHEN = r"(?:abend|morgen|vormittag|nachmittag|nacht|mittag)?"
_RULES: tuple[tuple[re.Pattern[str], _Resolve], ...] = (
    _rule(rf"(?P<d>\d\d?)\.\s?{_MONTH}\s+{_YEAR}", _full_day),
    _rule(r"(?P<d>\d\d?)\.(?P<m>\d\d?)\.(?P<y>(?:19|20)\d\d)", _numeric),
    _rule(r"(?P<y>(?:19|20)\d\d)-(?P<m>\d\d)-(?P<d>\d\d)", _numeric),
    _rule(rf"{_MONTH}\s+(?P<d>\d\d?)(?:st|nd|rd|th)?,\s+{_YEAR}", _full_day),
    _rule(rf"(?P<d>\d\d?)\s+{_MONTH}\s+{_YEAR}", _full_day),
    _rule(rf"(?P<part>Anfang|Mitte|Ende|early|mid|late)[\s-](?:\w+\s)?{_MONTH}(?:\s+{_YEAR})?", _part_of_month),
    _rule(rf"(?P<d>\d\d?)\.\s?{_MONTH}", _day_of_month),
    _rule(rf"(?:on|On)\s+{_MONTH}\s+(?P<d>\d\d?)(?:st|nd|rd|th)?", _day_of_month, 0),
    _rule(rf"{_MONTH}\s+{_YEAR}", _month_of_year),
    _rule(rf"(?:(?:im|seit)\s+)?{_LAST}\s+{_MONTH}", _month_alone),
    _rule(rf"(?:[Ii]m|[Ss]eit|[Ii]n|[Ss]ince)\s+(?P<mon>{'|'.join(m.capitalize() for m in MONTHS if len(m) > 3)})", _month_alone, 0),
    _rule(rf"(?:am\s+)?{_LAST}\s+{_DAY}{_WHEN}", _weekday),
    _rule(rf"(?:am\s+)?{_NEXT}\s+{_DAY}{_WHEN}", _weekday),
    _rule(rf"(?:am|on)\s+{_DAY}{_WHEN}", _weekday),
    _rule(r"heute|gestern|vorgestern|today|yesterday|tomorrow", _relative),
)
