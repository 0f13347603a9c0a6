"""The days a text speaks of, as EDTF with the precision they have, seen from its own publication."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from pipelines.dates.edtf import bounds
from pipelines.dates.english import ENGLISH
from pipelines.dates.expressions import Term, terms
from pipelines.dates.german import GERMAN
from pipelines.dates.lexicon import Lexicon
from pipelines.dates.resolve import Sight, day_of, instant, limited, value
from pipelines.dates.tense import Tenses
from pipelines.dates.trust import is_date
from pipelines.evidence import Mention
from pipelines.text import lowered

_BESIDE = re.compile(r",?\s?[(|–-]?\s?(?:de[mnr]\s)?\Z")  # between a weekday, its date and its hour
_DAYS = ("day", "weekday", "relative")
_TIMELESS = ("year", "years", "ago", "relative", "clock")  # the same in every tense
_Found = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class _Group:
    """A date, with the weekday and the clock time that stand beside it."""

    start: int
    end: int
    term: Term
    clock: Term | None = None


def mentions(text: str, *, anchor: datetime, timezone: str, language: str) -> list[Mention]:
    """Every date expression that German and English news use and that has a value of its own, in order.

    `anchor` is the publication instant; what is relative is resolved against its day in `timezone` (an IANA name): past
    clauses look back, the day itself included, future ones ahead. A wrong value is worse than none: names, counts, habits and
    what needs knowledge from outside (seit Kriegsbeginn) are left out. In other languages only dates written in full count.
    """
    low = lowered(text)
    if len(low) != len(text):
        return []
    words = ENGLISH if language[:2].lower() == "en" else GERMAN
    home = ZoneInfo(timezone)
    reader = _Reader(text, low, words, anchor.astimezone(home).date(), home, language[:2].lower() in ("de", "en"), Tenses(text, words))
    return [_mention(text, *found) for found in reader.found()]


def _mention(text: str, start: int, end: int, edtf: str) -> Mention:
    first, last = bounds(edtf)
    return Mention(text[start:end], start, edtf, first.isoformat() if first else None, last.isoformat() if last else None)


@dataclass(slots=True)
class _Reader:
    text: str
    low: str
    words: Lexicon
    today: date
    home: ZoneInfo
    fluent: bool
    tenses: Tenses

    def found(self) -> Iterator[_Found]:
        """The expressions that have a value, in order."""
        groups = self._years_of_lists(list(self._groups()))
        place, listed, last = 0, "", None
        while place < len(groups):
            group = groups[place]
            after = groups[place + 1] if place + 1 < len(groups) else None
            beside = bool(listed) and listed == group.term.kind and not group.term.prep
            pair = self._interval(group, after) if after else None
            if after and pair:
                place += 1
                results = [(group.start, after.end, pair)]
            else:
                results = list(self._points(group, beside, last))
            place += 1
            yield from results
            last = results[-1] if results else last
            joined = after is not None and self._join(group, after) == "and" and not pair
            listed = group.term.kind if joined and results else ""

    def _groups(self) -> Iterator[_Group]:
        waiting: _Group | None = None
        for term in terms(self.text, self.low, self.words):
            joined = self._beside(waiting, term) if waiting else None
            if waiting and not joined:
                yield waiting
            waiting = joined or _Group(term.start, term.end, term)
        if waiting:
            yield waiting

    def _beside(self, group: _Group, term: Term) -> _Group | None:
        gap, one = self.text[group.end : term.start], group.term
        if len(gap) > 8 or not _BESIDE.match(gap):
            return None
        ago, dated = (one, term) if one.kind == "ago" else (term, one)
        if _counts_back(ago, dated):
            dated.year = self.today.year - ago.value
            return _Group(group.start, term.end, dated)
        closing = term.end + ("(" in gap and self.text.startswith(")", term.end))
        if one.kind == "weekday" and term.kind == "day" and group.clock is None and not term.prep and len(term.days) == 1:
            term.prep, term.limit, term.night = one.prep or "am", one.limit, one.night
            return _Group(group.start, closing, term)
        if one.kind in _DAYS and len(one.days) < 2 and term.kind == "clock" and group.clock is None and not term.limit:
            vague = term.vague and term.prep
            return None if vague else _Group(group.start, closing, one, term)
        if one.kind == "clock" and term.kind in _DAYS and len(term.days) < 2 and not term.limit and not gap.strip() and not one.vague:
            return _Group(group.start, term.end, term, one)
        return None

    def _join(self, one: _Group, other: _Group) -> str:
        gap = self.low[one.end : other.start]
        if len(gap) > 12:
            return ""
        if other.term.limit == "until" and not gap.strip():
            return "to"
        if one.term.night and other.term.prep in ("auf", "zu", "zum") and not gap.strip():
            return "night"  # "in der Nacht von Montag auf Dienstag"
        if gap.strip() == ",":
            return "and" if re.match(r",|\s(?:und|and)\s", self.low[other.end : other.end + 5]) else ""
        return self.words.joins.get(" ".join(gap.split()), "")

    def _years_of_lists(self, groups: list[_Group]) -> list[_Group]:
        """A year at the end counts for all of `am 7. September und 1. Oktober 2023`."""
        for one, other in zip(groups[-2::-1], groups[:0:-1], strict=False):
            early, late = one.term, other.term
            if early.kind == late.kind and early.kind in ("day", "month") and early.year is None and self._join(one, other):
                if late.year is not None:
                    early.year = late.year - (_position(early) > _position(late))
                elif late.year_turn is not None and early.year_turn is None:
                    early.year_turn = late.year_turn - (_position(early) > _position(late))
        return groups

    def _sight(self, group: _Group) -> Sight:
        if group.term.kind in _TIMELESS or group.term.year is not None:
            return Sight(self.today, self.home, "")
        own = self.tenses.own(group.start, group.end)
        found = own or self.tenses.around(group.start, group.end)
        return Sight(self.today, self.home, found, own == "past")

    def _points(self, group: _Group, beside: bool, last: _Found | None) -> Iterator[_Found]:
        term = group.term
        if not self.fluent and (term.kind != "day" or term.year is None):
            return
        beside = beside or group.clock is not None
        if not is_date(term, self.text, self.low, self.words, lambda: self._sight(group).tense, beside=beside):
            return
        sight = self._sight(group)
        if term.limit == "from":
            sight = Sight(self.today, self.home, *(("past", True) if term.prep in ("seit", "since") else (sight.tense or "future", False)))
        elif term.limit == "until":
            # A limit lies ahead unless its own clause looks back: "its mandate runs until April 30".
            sight = Sight(self.today, self.home, self.tenses.own(group.start, group.end) or "future")
        if len(term.days) > 1:
            yield from self._several(group, sight)
        elif edtf := self._value(group, sight, last):
            yield group.start, group.end, edtf

    def _value(self, group: _Group, sight: Sight, last: _Found | None) -> str | None:
        term = group.term
        edtf = value(term, sight)
        if term.kind == "clock" and last and last[2][:10] != self.today.isoformat():
            edtf = edtf if last[0] < self.tenses.begin(group.start) else None  # an hour of the day named before, which is not today
        if edtf and group.clock and len(edtf) == 10:
            edtf = instant(edtf, group.clock, sight)
        return limited(edtf, term.limit, term.part or term.unit[4:]) if edtf and term.limit in ("from", "until") else edtf

    def _several(self, group: _Group, sight: Sight) -> Iterator[_Found]:
        """`19. und 20. Oktober` are two days, `4. bis 8. September` is one interval."""
        term = group.term
        try:
            days = [day_of(term, number, sight) for number, _, _ in term.days]
            if days[-1] and days[0] and days[0] > days[-1]:  # the most recent 30th lies after the most recent 2nd
                days = [f"{days[-1][:7]}-{number:02d}" for number, _, _ in term.days]
        except ValueError:
            return
        if any(day is None or not _exists(day) for day in days) or sorted(filter(None, days)) != days:
            return
        if term.join in ("to", "night") or term.limit == "between":
            if len(days) == 2:
                yield group.start, group.end, f"{days[0]}/{days[1]}"
            return
        for place, ((_, offset, length), day) in enumerate(zip(term.days, days, strict=True)):
            final = place == len(days) - 1
            yield (group.start if place == 0 else offset), (group.end if final else offset + length), day or ""

    def _interval(self, one: _Group, other: _Group) -> str | None:
        early, late, join = one.term, other.term, self._join(one, other)
        spans = join == "to" or (join == "and" and early.limit == "between") or (join == "night" and early.night)
        if not spans or early.limit == "from" or early.kind == "clock" or late.kind == "clock" or early.veto or late.veto:
            return None
        if not self.fluent or {early.kind, late.kind} & {"unit", "relative"} or len(early.days) > 1 or len(late.days) > 1:
            return None
        if early.kind == "weekday" and late.kind == "weekday" and not (early.prep or early.limit or late.limit):
            return None
        if early.kind == "year" and not is_date(late, self.text, self.low, self.words, lambda: "past", beside=True):
            return None
        sight = self._sight(one)
        first, last = self._ends(early, late, sight)
        return _between(first, last) if first and last else None

    def _ends(self, early: Term, late: Term, sight: Sight) -> tuple[str | None, str | None]:
        """Both ends of a span: the later one seen from today, the earlier one before it; ahead, the other way round."""
        if sight.tense == "future" and early.kind == late.kind:
            first = value(early, sight)
            start = bounds(first)[0] if first else None
            return first, value(late, Sight(start, self.home, "future")) if start else None
        late.night = False
        last = value(late, sight)
        end = bounds(last)[1] if last else None
        early.night = False
        return (value(early, Sight(end, self.home, "past", True)) if end else None), last


def _counts_back(ago: Term, dated: Term) -> bool:
    """Whether two neighbours say one date: `im Oktober vor einem Jahr`, `vor zwei Jahren im Herbst`."""
    open_ = dated.kind in ("day", "month", "season") and dated.year is None and dated.year_turn is None and dated.turn is None
    return ago.kind == "ago" and ago.unit == "year" and open_ and bool(dated.prep)


def _between(first: str, last: str) -> str | None:
    (start, _), (_, end) = bounds(first), bounds(last)
    if start is None or end is None or start > end:
        return None
    return f"{first.split('/')[0]}/{last.split('/')[-1]}"


def _position(term: Term) -> tuple[int, int]:
    return term.value, term.days[0][0] if term.days else 0


def _exists(day: str) -> bool:
    try:
        date.fromisoformat(day)
    except ValueError:
        return False
    return True
