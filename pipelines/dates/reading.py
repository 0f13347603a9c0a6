"""One date string of a page or listing, read to the precision it has."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any

from pipelines.dates.words import MONTHS, zone

MAX_LENGTH = 200  # characters; a longer one is running text, not a date

_ISO = re.compile(
    r"(?P<y>\d{4})-(?P<m>\d\d?)(?:-(?P<d>\d\d?))?(?:[T ]+(?P<H>\d\d?):?(?P<M>\d\d)(?::?(?P<S>\d\d)(?:[.,]\d+)?)?)?"
    r"\s*(?P<z>Z|[+-]\d\d:?\d\d|[+-]\d\d(?!\d))?(?![\d-])"
)
_BASIC = re.compile(r"(?<!\d)(?P<y>(?:19|20)\d\d)(?P<m>\d\d)(?P<d>\d\d)(?:T(?P<H>\d\d)(?P<M>\d\d)(?P<S>\d\d)?(?P<z>Z|[+-]\d{4})?)?(?!\d)")
_ADDRESS = re.compile(r"(?<!\d)(?P<y>(?:19|20)\d\d)[/_-]?(?P<m>0[1-9]|1[0-2])(?:[/_-]?(?P<d>0[1-9]|[12]\d|3[01]))?(?!\d)")
_NEAR = re.compile(r"\b(?:(?P<today>heute|today)|(?P<yesterday>gestern|yesterday)|(?P<before>vorgestern))\b", re.I)
_MONTH = r"(?P<mon>[^\W\d_]{3,9})\.?"
_CLOCK = re.compile(
    r"(?:(?P<noon>오전|오후|午前|午後|上午|下午)\s*)?(?<![\d.:])(?P<H>[01]?\d|2[0-3])(?:(?::|\s?[時시]\s?|h(?=\d\d)|(?<=\d)\.(?=\d\d\s*(?:Uhr|h)))(?P<M>[0-5]\d)(?::(?P<S>[0-5]\d))?|(?=\s*Uhr)|(?=\s*[ap]\.?m))"
    r"\s*(?P<half>[ap]\.?m\.?)?\s*(?:Uhr)?\s*\(?(?P<z>[A-Z]{1,4}\b|[+-]\d\d:?\d\d)?",
    re.I,
)
_DAYS = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        r"(?<!\d)(?P<d>\d\d?)\.\s?(?P<m>\d\d?)\.\s?(?P<y>\d{4})(?!\d)",
        r"(?<!\d)(?P<y>\d{4})[./](?P<m>\d\d?)[./](?P<d>\d\d?)(?!\d)",
        r"(?<!\d)(?P<y>\d{4})\s?[年년]\s?(?P<m>\d\d?)\s?[月월]\s?(?P<d>\d\d?)\s?[日일]",
        rf"(?<!\d)(?P<d>\d\d?)\.?(?:st|nd|rd|th)?[\s-]+(?:of\s+)?{_MONTH},?[\s-]+(?P<y>\d{{4}})(?!\d)",
        rf"(?<![^\W\d_]){_MONTH}\s+(?P<d>\d\d?)(?:st|nd|rd|th)?,?\s+(?P<y>\d{{4}})(?!\d)",
        r"(?<!\d)(?P<d>\d\d?)\.(?P<m>\d\d?)\.(?P<yy>\d\d)(?!\d)",
    )
)
_SLASHED = re.compile(r"(?<!\d)(?P<a>\d\d?)/(?P<b>\d\d?)/(?P<y>\d{4})(?!\d)")
_MONTH_ONLY = re.compile(rf"^\W*{_MONTH}\s+(?P<y>\d{{4}})\W*$", re.I)
_FOREIGN = re.compile(r"(?<!\d)\d{1,2}(?:er|º|\.)?\s(?:de\s)?[^\W\d_]{3,15}\.?\s(?:de\s|del\s)?\d{4}(?!\d)")
_AGO = re.compile(
    r"\b(?:vor\s+)?(?P<n>\d{1,3}|einer|einem|an?)\s+(?P<u>Minute|Stunde|Tag|minute|min|hour|day)(?:n|en|s)?\b(?P<ago>\s+ago)?",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a string says: the wall clock, the zone it names (None: the outlet's), to which precision."""

    wall: datetime
    zone: tzinfo | None
    precision: str  # instant, day, month, year

    def instant(self, home: tzinfo) -> datetime:
        """UTC. In a DST gap the earlier offset, in an overlap the first pass (both `fold=0`)."""
        return self.wall.replace(tzinfo=self.zone or home).astimezone(UTC)

    def edtf(self, home: tzinfo) -> str:
        """An instant in UTC, anything coarser as the page's own calendar writes it."""
        if self.precision == "instant":
            return self.instant(home).strftime("%Y-%m-%dT%H:%M:%SZ")
        return self.wall.strftime({"day": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y"}[self.precision])


def read_date(text: str, *, fetched_at: datetime, home: tzinfo, language: str) -> Reading | None:
    """Read one date string. None when it says no date; impossible dates (30 February) are none."""
    text = " ".join(text.split())
    if not text or len(text) > MAX_LENGTH:
        return None
    try:
        found = (
            _epoch(text)
            or _basic(text)
            or _iso(text)
            or _written(text, home, language)
            or _ago(text, fetched_at, home)
            or _near(text, fetched_at, home)
            or _other_language(text, language)
        )
    except (ValueError, OverflowError):  # 30 February, hour 25, year 0
        return None
    # The ends of the calendar cannot be moved to another zone, and no page was written there.
    return found if found and 1 < found.wall.year < 9999 else None


def _epoch(text: str) -> Reading | None:
    if not re.fullmatch(r"\d{10}(?:\.\d{1,6})?|\d{13}", text, re.A) or float(text) == 0:
        return None
    seconds = float(text) / (1000 if len(text) == 13 else 1)
    return Reading(datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None), UTC, "instant")


def read_address(url: str) -> Reading | None:
    """The day, or the month, that a URL's path names; a number in it that is no date gives None."""
    for match in _ADDRESS.finditer(url[-MAX_LENGTH:]):
        try:
            wall = datetime(int(match["y"]), int(match["m"]), int(match["d"] or 1))  # noqa: DTZ001
        except ValueError:  # 31 June
            continue
        if match["d"] or re.search(r"[/_-]", match.group()):
            return Reading(wall, None, "day" if match["d"] else "month")
    return None


def _basic(text: str) -> Reading | None:
    """ISO without its dashes: `20231013T194500Z`."""
    match = _BASIC.fullmatch(text)
    if match is None:
        return None
    day = datetime(int(match["y"]), int(match["m"]), int(match["d"]))  # noqa: DTZ001
    if match["H"] is None:
        return Reading(day, None, "day")
    wall = day.replace(hour=int(match["H"]), minute=int(match["M"]), second=int(match["S"] or 0))
    return Reading(wall, _offset(match["z"]), "instant")


def _near(text: str, fetched_at: datetime, home: tzinfo) -> Reading | None:
    """`Gestern, 21:45 Uhr`, counted from the fetch."""
    match = _NEAR.search(text)
    if match is None:
        return None
    back = 0 if match["today"] else 1 if match["yesterday"] else 2
    day = (fetched_at - timedelta(days=back)).astimezone(home).replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0)
    return _with_clock(day, _CLOCK.search(text))


def _iso(text: str) -> Reading | None:
    match = _ISO.search(text)
    if match is None:
        return _month_or_year(text)
    year, month = int(match["y"]), int(match["m"])
    if not match["d"]:
        return Reading(datetime(year, month, 1), None, "month") if match.group() == text else None  # noqa: DTZ001
    if match["H"] is None:
        clock = None if match.group() == text else _CLOCK.search(text[match.end() :])
        return _with_clock(datetime(year, month, int(match["d"])), clock)  # noqa: DTZ001
    wall = datetime(year, month, int(match["d"]), int(match["H"]), int(match["M"]), int(match["S"] or 0))  # noqa: DTZ001
    return Reading(wall, _offset(match["z"]) or zone(text[match.end() :].strip()), "instant")


def _month_or_year(text: str) -> Reading | None:
    if re.fullmatch(r"(?:19|20)\d\d", text):
        return Reading(datetime(int(text), 1, 1), None, "year")  # noqa: DTZ001
    match = _MONTH_ONLY.match(text)
    if match and match["mon"].lower() in MONTHS:
        return Reading(datetime(int(match["y"]), MONTHS[match["mon"].lower()], 1), None, "month")  # noqa: DTZ001
    return None


def _offset(text: str | None) -> tzinfo | None:
    if not text:
        return None
    if text in "Zz":
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:]) if len(text) > 3 else 0
    return timezone((1 if text[0] == "+" else -1) * timedelta(hours=hours, minutes=minutes))


def _written(text: str, home: tzinfo, language: str) -> Reading | None:
    for pattern in _DAYS:
        for match in pattern.finditer(text):
            named = match.groupdict()
            month = MONTHS.get(named["mon"].lower()) if named.get("mon") else int(named["m"])
            if month is None:
                continue
            year = int(named.get("y") or 2000 + int(named["yy"]))
            rest = text[: match.start()] + " " * (match.end() - match.start()) + text[match.end() :]
            return _with_clock(datetime(year, month, int(named["d"])), _CLOCK.search(rest))  # noqa: DTZ001
    slashed = _SLASHED.search(text)
    if slashed is None:
        return None
    first, second = int(slashed["a"]), int(slashed["b"])
    american = first <= 12 and (second > 12 or (language == "en" and str(home).startswith("America/")))
    month, day = (first, second) if american else (second, first)
    return _with_clock(datetime(int(slashed["y"]), month, day), _CLOCK.search(text[slashed.end() :]))  # noqa: DTZ001


def _with_clock(day: datetime, clock: re.Match[str] | None) -> Reading:
    if clock is None:
        return Reading(day, None, "day")
    hour = int(clock["H"])
    half = (clock["half"] or clock["noon"] or "").lower().replace(".", "")
    if half:
        hour = hour % 12 + (12 if half in ("pm", "오후", "午後", "下午") else 0)
    wall = day.replace(hour=hour, minute=int(clock["M"] or 0), second=int(clock["S"] or 0))
    named = clock["z"] or ""
    return Reading(wall, _offset(named) if named[:1] in ("+", "-") else zone(named), "instant")


def _ago(text: str, fetched_at: datetime, home: tzinfo) -> Reading | None:
    """`vor 3 Stunden`, counted from the fetch: an hour's precision is a day's at best, unless it is minutes."""
    match = _AGO.search(text)
    if match is None or not (match["ago"] or match.group().lower().startswith("vor")):
        return None
    count = int(match["n"]) if match["n"].isdigit() else 1
    unit = match["u"].lower()
    hours = {"minute": 1 / 60, "min": 1 / 60, "stunde": 1, "hour": 1, "tag": 24, "day": 24}[unit]
    wall = (fetched_at - timedelta(hours=hours * count)).astimezone(home).replace(tzinfo=None)
    return Reading(wall.replace(hour=0, minute=0, second=0, microsecond=0), None, "day")


_PARSERS: dict[str, Any] = {}


def _other_language(text: str, language: str) -> Reading | None:
    """Month names of other languages, by dateparser; what it completes by itself is not believed."""
    if not language or language in ("de", "en") or not re.search(r"\d{4}", text):
        return None
    from dateparser.date import DateDataParser  # a heavy import, and most dates are German or English

    settings = {"REQUIRE_PARTS": ["day", "month", "year"], "RETURN_AS_TIMEZONE_AWARE": False, "RETURN_TIME_AS_PERIOD": True}
    try:
        parser = _PARSERS.setdefault(language, DateDataParser(languages=[language], settings=settings))
    except ValueError:  # a language dateparser does not know
        return None
    day = _FOREIGN.search(text)
    data = parser.get_date_data(day.group() if day else text)
    if data is None or data.date_obj is None or data.period not in ("day", "time"):
        return None
    wall = data.date_obj
    if day:
        return _with_clock(wall.replace(tzinfo=None), _CLOCK.search(text[: day.start()] + " " + text[day.end() :]))
    clock = data.period == "time"
    return Reading(wall.replace(tzinfo=None), wall.tzinfo, "instant" if clock else "day")
