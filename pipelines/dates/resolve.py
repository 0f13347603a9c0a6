"""A `Term` seen from the day of publication: its EDTF value, or None where it has none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from pipelines.dates.edtf import bounds
from pipelines.dates.expressions import Term
from pipelines.dates.tense import Tense
from pipelines.dates.words import zone

# A month or day without a year that lies more than half a year off, in a clause that does not look back itself, may
# as well be on the other side; within a fortnight of its return it may be even in one that does. Days, not measured: halves and a margin.
_FAR, _NEARLY_A_YEAR = 183, 351


@dataclass(frozen=True, slots=True)
class Sight:
    """From where a term is seen: today, its zone, the direction of the clause."""

    today: date
    home: tzinfo
    tense: Tense
    sure: bool = False  # the clause itself looks back, not only the one before it

    def ahead(self, term: Term) -> bool:
        """Whether the term points to the next one rather than to the most recent."""
        return term.turn == 1 or (term.turn is None and self.tense == "future")


def value(term: Term, sight: Sight) -> str | None:
    """EDTF of a term without its limits."""
    try:
        found = _KINDS[term.kind](term, sight)
    except (ValueError, OverflowError):  # 30 February, the ends of the calendar
        return None
    if found and term.night and len(found) == 10:
        day = date.fromisoformat(found)
        return f"{day - timedelta(days=1)}/{day}"
    return found


def limited(edtf: str, limit: str, part: str) -> str:
    """`seit` opens the end, `bis` the start; a part of a period counts from its first, or to its last, day."""
    first, last = edtf.split("/") if "/" in edtf else (edtf, edtf)
    if part and "/" not in edtf:
        first, last = (str(day) for day in bounds(edtf))
    return f"{first}/.." if limit == "from" else f"../{last}"


def instant(day: str, term: Term, sight: Sight) -> str | None:
    """A clock time of a day, in the zone it names or else the outlet's; the day alone where the zone is another place's."""
    if term.local:
        return day
    wall = datetime.combine(date.fromisoformat(day), datetime.min.time()).replace(hour=term.hour, minute=term.minute)
    at = wall.replace(tzinfo=zone(term.zone) or sight.home).astimezone(UTC)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _day(term: Term, sight: Sight) -> str | None:
    return day_of(term, term.days[-1][0], sight)


def day_of(term: Term, number: int, sight: Sight) -> str | None:
    """A day of the term's month: with its year, or the most recent or next such day."""
    year = _year(term, sight)
    if year is not None:
        return date(year, term.value, number).isoformat()
    recent = _most_recent(term.value, number, sight.today)
    if sight.ahead(term):
        near = recent if recent == sight.today else _next(term.value, number, sight.today)
        return near.isoformat() if (near - sight.today).days <= _FAR or term.turn == 1 else None
    far = (sight.today - recent).days > (_NEARLY_A_YEAR if sight.sure else _FAR)
    return None if far else recent.isoformat()


def _most_recent(month: int, day: int, today: date) -> date:
    for year in range(today.year, today.year - 9, -1):
        try:
            if (found := date(year, month, day)) <= today:
                return found
        except ValueError:  # 29 February
            continue
    raise ValueError


def _next(month: int, day: int, today: date) -> date:
    for year in range(today.year, today.year + 9):
        try:
            if (found := date(year, month, day)) >= today:
                return found
        except ValueError:
            continue
    raise ValueError


def _year(term: Term, sight: Sight) -> int | None:
    if term.year is not None:
        return term.year
    return None if term.year_turn is None else sight.today.year + term.year_turn


def _month(term: Term, sight: Sight) -> str | None:
    year, today = _year(term, sight), sight.today
    if year is None:
        first_day = {"mid": 11, "end": 21}.get(term.part, 1)
        begun = (term.value, first_day) <= (today.month, today.day)
        if sight.ahead(term):
            gone = term.value < today.month or (term.turn == 1 and term.value == today.month)
            year = today.year + gone
            if term.turn is None and (date(year, term.value, 1) - today).days > _FAR:
                return None  # "der Besuch im September dazu führen würde": more likely the one that has been
        elif term.turn == -1:
            year = today.year - (term.value >= today.month)
        elif term.turn == 0:
            year = today.year
        else:
            year = today.year - (not begun)
        if not begun and term.turn is None and not sight.sure and not sight.ahead(term) and (today - date(year, term.value, 1)).days > _FAR:
            return None
    return _part_of_month(year, term.value, term.part)


def _part_of_month(year: int, month: int, part: str) -> str:
    text = f"{year:04d}-{month:02d}"
    if not part:
        return text
    first, last = {"begin": (1, 10), "mid": (11, 20), "end": (21, 0)}[part]
    end = bounds(text)[1]
    return f"{text}-{first:02d}/{text}-{last or (end.day if end else 0):02d}"


def _part_of_year(year: int, part: str) -> str:
    return {"": f"{year:04d}", "begin": f"{year:04d}-33", "mid": f"{year:04d}-06/{year:04d}-07", "end": f"{year:04d}-36"}[part]


def _weekday(term: Term, sight: Sight) -> str | None:
    today = sight.today
    if term.shift is not None:
        return (today + timedelta(days=term.shift)).isoformat()
    if term.week_turn is not None:
        return (_monday(today) + timedelta(days=7 * term.week_turn + term.value)).isoformat()
    back = (today.weekday() - term.value) % 7
    if sight.ahead(term) or (term.turn == 0 and sight.tense != "past"):
        ahead = (term.value - today.weekday()) % 7
        if not ahead and term.turn is None:
            return None  # "soll am Freitag", written on a Friday: today or in a week, no one can tell
        return (today + timedelta(days=ahead or (7 if term.turn == 1 else 0))).isoformat()
    return (today - timedelta(days=back or (7 if term.turn == -1 else 0))).isoformat()


def _relative(term: Term, sight: Sight) -> str | None:
    return (sight.today + timedelta(days=term.value)).isoformat()


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _week(monday: date) -> str:
    return f"{monday}/{monday + timedelta(days=6)}"


def _shifted_month(today: date, months: int) -> tuple[int, int]:
    year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
    return year, month + 1


def _ago(term: Term, sight: Sight) -> str | None:
    if term.unit == "day":
        return (sight.today - timedelta(days=term.value)).isoformat()
    if term.unit == "week":
        return _week(_monday(sight.today - timedelta(weeks=term.value)))
    if term.unit == "month":
        return "{:04d}-{:02d}".format(*_shifted_month(sight.today, -term.value))
    return f"{sight.today.year - term.value:04d}"


def _unit(term: Term, sight: Sight) -> str | None:
    unit, mark = term.unit.rstrip("-<=>0"), term.unit.lstrip("abcdefghijklmnopqrstuvwxyz")
    part = {"<": "begin", "=": "mid", ">": "end"}.get(mark, term.part)
    turn = -1 if mark == "-" else term.turn or 0
    if unit == "weekend":
        return _weekend(term, sight)
    if unit == "week":
        return None if part else _week(_monday(sight.today + timedelta(weeks=turn)))
    if unit == "month":
        return _part_of_month(*_shifted_month(sight.today, turn), part)
    if unit in ("quarter", "half"):
        return _fraction(term, sight)
    year = sight.today.year + turn
    if mark == ">" and term.turn is None and sight.tense == "past" and sight.today.month < 10:
        year -= 1  # "zum Jahresende stieg": the one that has been
    return _part_of_year(year, part)


def _weekend(term: Term, sight: Sight) -> str | None:
    saturday = _monday(sight.today) + timedelta(days=5)
    if not sight.ahead(term):
        here = sight.today >= saturday and term.turn != -1
        saturday -= timedelta(days=0 if here or (term.turn == 0 and sight.tense != "past") else 7)
    elif term.turn == 1 and sight.today >= saturday:
        saturday += timedelta(days=7)
    return f"{saturday}/{saturday + timedelta(days=1)}"


def _fraction(term: Term, sight: Sight) -> str | None:
    months = 3 if term.unit == "quarter" else 6
    current = (sight.today.month - 1) // months + 1
    year, nth = _year(term, sight), term.nth
    if not nth:
        year, nth = divmod(sight.today.year * (12 // months) + current - 1 + (term.turn or 0), 12 // months)
        nth += 1
    if nth * months > 12:
        return None
    if year is None:
        year = sight.today.year + (nth < current if sight.ahead(term) else -(nth > current))
    return f"{year:04d}-{32 + nth}" if months == 3 else f"{year:04d}-{6 * nth - 5:02d}/{year:04d}-{6 * nth:02d}"


def _season(term: Term, sight: Sight) -> str | None:
    year, first = _year(term, sight), (term.value - 20) * 3  # March, June, September, December
    if year is None:
        year = sight.today.year - (sight.today.month < first and term.turn != 0)
        running = sight.today.month < 3 if first == 12 else first <= sight.today.month < first + 3
        running = running or (first == 12 and sight.today.month == 12)
        if sight.ahead(term):
            year += not running or term.turn == 1
        elif term.turn == -1 and running:
            year -= 1
    return f"{year:04d}-{term.value}"


def _year_alone(term: Term, sight: Sight) -> str | None:
    return _part_of_year(term.value, term.part)


def _years(term: Term, sight: Sight) -> str | None:
    return f"{term.value:04d}/{term.until:04d}" if term.until and term.value < term.until else None


def _clock(term: Term, sight: Sight) -> str | None:
    return None if term.local else instant(sight.today.isoformat(), term, sight)


_KINDS = {
    "day": _day, "month": _month, "weekday": _weekday, "relative": _relative, "ago": _ago, "unit": _unit, "season": _season,
    "year": _year_alone, "years": _years, "clock": _clock,
}  # fmt: skip
