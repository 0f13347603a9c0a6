"""Which of a page's dates is the one it was published on: by stated rules, with the losers on record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from pipelines.dates.edtf import bounds, precision
from pipelines.dates.reading import Reading, read_date
from pipelines.evidence import Dated, DateHint

# An article's own structured data before its meta tags before what a reader sees; the listing knows only when it
# listed, a URL only the day.
RANK = {"json-ld": 0, "microdata": 1, "meta": 2, "time": 3, "visible": 4, "listing": 5, "text": 6, "url": 7}
THE_WEB = datetime(1994, 1, 1, tzinfo=UTC)  # the first newspapers went online
AHEAD = timedelta(days=1)  # a clock may be wrong, an embargo may be late; more is a mistake


@dataclass(frozen=True, slots=True)
class _Candidate:
    hint: DateHint
    reading: Reading
    edtf: str
    instant: datetime | None

    def within(self, other: _Candidate, home: tzinfo) -> bool:
        """Whether this says the same as a coarser date, only finer."""
        first, last = bounds(other.edtf)
        day = self.instant.astimezone(home).date() if self.instant else bounds(self.edtf)[0]
        return day is not None and first is not None and last is not None and first <= day <= last


def published(hints: Sequence[DateHint], *, fetched_at: datetime, timezone: str, language: str) -> Dated | None:
    """Choose the publication date.

    Naive clock times are the outlet's (`timezone`, an IANA name). The best-placed hint wins; a finer one that agrees
    with it is taken instead; a visible clock time wins over a value that shows the same digits under a wrong offset.
    None when no hint gives a possible date. `conflicts` names every candidate that says otherwise, and every refused one.
    """
    home = ZoneInfo(timezone)
    candidates: list[_Candidate] = []
    refused: list[str] = []
    for hint in sorted(hints, key=lambda hint: RANK.get(hint.basis, 9)):
        candidate, why = _candidate(hint, fetched_at, home, language)
        if candidate:
            candidates.append(candidate)
        elif why:
            refused.append(f"{hint.basis} {hint.text[:60]!r}: {why}")
    if not candidates:
        return None
    chosen = _finest(candidates, home)
    conflicts = dict.fromkeys(f"{c.hint.basis} {c.edtf}" for c in candidates if _differ(c, chosen, home))
    return Dated(chosen.instant, chosen.edtf, precision(chosen.edtf), chosen.hint.basis, (*conflicts, *refused))


def _candidate(hint: DateHint, fetched_at: datetime, home: tzinfo, language: str) -> tuple[_Candidate | None, str]:
    reading = read_date(hint.text, fetched_at=fetched_at, home=home, language=language)
    if reading is None:
        return None, "says no possible date" if hint.text.strip() else ""
    if hint.basis == "url" and reading.precision == "instant":
        reading = Reading(reading.wall, reading.zone, "day")
    earliest = reading.instant(home)
    if earliest > fetched_at + AHEAD:
        return None, "lies in the future"
    if earliest < THE_WEB:
        return None, "lies before the web"
    return _Candidate(hint, reading, reading.edtf(home), earliest if reading.precision == "instant" else None), ""


def _finest(candidates: list[_Candidate], home: tzinfo) -> _Candidate:
    best = candidates[0]
    if best.instant is None or best.reading.wall.time() == datetime.min.time():
        # A midnight is most often a day that a template completed.
        day = best if best.instant is None else _Candidate(best.hint, best.reading, best.edtf[:10], None)
        finer = [c for c in candidates if c.instant is not None and c is not best and c.within(day, home)]
        if finer:
            best = finer[0]
    if best.reading.zone is not None and best.instant is not None:
        for seen in candidates:
            if seen.hint.basis == "visible" and seen.reading.zone is None and _same_digits(seen, best):
                return seen
    return best


def _same_digits(seen: _Candidate, best: _Candidate) -> bool:
    """The reader sees 21:45 and the markup says 21:45 of another zone: the markup is mislabelled."""
    if seen.instant is None or best.instant is None or seen.instant == best.instant:
        return False
    return seen.reading.wall.replace(second=0) == best.reading.wall.replace(second=0, microsecond=0)


def _differ(one: _Candidate, chosen: _Candidate, home: tzinfo) -> bool:
    if one.instant and chosen.instant:
        return abs(one.instant - chosen.instant) >= timedelta(minutes=1)
    return not (one.within(chosen, home) or chosen.within(one, home))
