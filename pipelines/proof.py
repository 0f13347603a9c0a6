"""What was covered, outlet by outlet and hour by hour: pure computations over what was asked and what was answered.

A listing that still shows something of the fetch before proves that nothing between the two was lost. Nothing here
opens a database or asks the clock; instants are aware and in UTC.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from pipelines.dates import latest, published
from pipelines.evidence import DateHint

State = Literal["covered", "repaired", "gap", "failed", "denied", "open", "never_asked"]
HOUR = timedelta(hours=1)
GOOD = ("ok", "unchanged", "empty")
# Of several sources of one outlet at one instant, the first of these counts: one that covers it is enough.
_TELLING: tuple[State, ...] = ("covered", "repaired", "gap", "failed", "denied", "open", "never_asked")
# Of several instants of one hour, the first of these counts: an hour is covered as a whole or not at all.
WORST: tuple[State, ...] = ("gap", "failed", "denied", "never_asked", "open", "repaired", "covered")
_ALWAYS = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Asked:
    """One fetch of a listing. `contiguous` is False where entries were lost before it, None where that cannot be told."""

    at: datetime
    outcome: str
    contiguous: bool | None = None
    repaired_at: str | None = None
    repaired_by: str | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in one state: `repaired` is a gap that another listing closed, `open` what the next fetch will tell."""

    start: datetime
    end: datetime
    state: State
    repaired_at: str | None = None
    repaired_by: str | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """URLs: first listed, asked for, filed, left out by verdict, listed and still without a verdict."""

    listed: int = 0
    fetched: int = 0
    filed: int = 0
    undecided: int = 0
    left_out: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.listed + other.listed, self.fetched + other.fetched, self.filed + other.filed, self.undecided + other.undecided,
            self.left_out + other.left_out,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour of an outlet, clipped to what was asked for."""

    at: datetime
    end: datetime
    state: State
    counts: Counts


@dataclass(frozen=True, slots=True)
class OutletProof:
    """What can be said of one outlet. `gaps` are (source, stretch) of single sources, also where another source covered
    the same time; `published` the first and last publication (EDTF) of what it listed."""

    id: str
    name: str
    hours: tuple[Hour, ...]
    gaps: tuple[tuple[str, Stretch], ...]
    asked_until: datetime | None
    published: tuple[str, str] | None

    @property
    def counts(self) -> Counts:
        """The sums of its hours."""
        return sum((hour.counts for hour in self.hours), Counts())

    def states(self) -> set[State]:
        """The states its hours are in."""
        return {hour.state for hour in self.hours}


def stretches(fetches: Sequence[Asked], since: datetime, until: datetime) -> list[Stretch]:
    """The states of one source from `since` to `until`, in order and without holes; `fetches` in the order of time."""
    found: list[Stretch] = []
    before = good = solid = None
    for fetch in fetches:
        start = before.at if before else _ALWAYS[0]
        if fetch.outcome in GOOD:
            if good is not None:
                start = good.at
                if fetch.contiguous is False:  # lost since a listing last showed something: an empty one proves nothing
                    start = solid.at if solid else good.at
                while found and found[-1].start >= start:
                    found.pop()
            found.append(_closed(start, fetch, good, before))
            good, solid = fetch, fetch if fetch.outcome != "empty" else solid
        else:
            found.append(Stretch(start, fetch.at, _failure(fetch) if before else "never_asked"))
        before = fetch
    found.append(_tail(before, since))
    return list(_merged(_clipped(found, since, until)))


def _closed(start: datetime, fetch: Asked, good: Asked | None, before: Asked | None) -> Stretch:
    """What a good fetch says of the time before it."""
    if good is None:
        return Stretch(start, fetch.at, _failure(before) if before else "never_asked")
    if fetch.contiguous is not False:
        return Stretch(start, fetch.at, "covered")
    return Stretch(start, fetch.at, "repaired" if fetch.repaired_at else "gap", fetch.repaired_at, fetch.repaired_by)


def _failure(fetch: Asked) -> State:
    return "denied" if fetch.outcome == "denied" else "failed"


def _tail(last: Asked | None, since: datetime) -> Stretch:
    """The time after the last fetch. A good one inside the window leaves it open; one before it says nothing of it."""
    if last is None:
        return Stretch(*_ALWAYS, "never_asked")
    if last.outcome not in GOOD:
        return Stretch(last.at, _ALWAYS[1], _failure(last))
    return Stretch(last.at, _ALWAYS[1], "open" if last.at >= since else "never_asked")


def _clipped(found: Iterable[Stretch], since: datetime, until: datetime) -> Iterator[Stretch]:
    for stretch in found:
        start, end = max(stretch.start, since), min(stretch.end, until)
        if start < end:
            yield replace(stretch, start=start, end=end)


def _merged(found: Iterable[Stretch]) -> Iterator[Stretch]:
    last: Stretch | None = None
    for stretch in found:
        if last and (last.state, last.repaired_at, last.repaired_by) == (stretch.state, stretch.repaired_at, stretch.repaired_by):
            last = replace(last, end=stretch.end)
            continue
        if last:
            yield last
        last = stretch
    if last:
        yield last


def together(sources: Sequence[Sequence[Stretch]], since: datetime, until: datetime) -> list[Stretch]:
    """The states of an outlet: at each instant that of its most telling source. Without sources: never asked."""
    if not sources:
        return [Stretch(since, until, "never_asked")]
    cuts = sorted({stretch.start for source in sources for stretch in source})
    pieces = (
        Stretch(start, end, min((_state_at(source, start) for source in sources), key=_TELLING.index))
        for start, end in zip(cuts, [*cuts[1:], until], strict=True)
    )
    return list(_merged(pieces))


def _state_at(source: Sequence[Stretch], at: datetime) -> State:
    return source[bisect_right(source, at, key=lambda stretch: stretch.start) - 1].state


def hours(outlet: Sequence[Stretch], since: datetime, until: datetime) -> list[tuple[datetime, datetime, State]]:
    """Each hour of the window (start, end, state), in the worst state that any part of it is in."""
    found = []
    start, place = since, 0
    while start < until:
        end = min(start.replace(minute=0, second=0, microsecond=0) + HOUR, until)
        while outlet[place].end <= start:
            place += 1
        here, inside = place, []
        while here < len(outlet) and outlet[here].start < end:
            inside.append(outlet[here].state)
            here += 1
        found.append((start, end, min(inside, key=WORST.index)))
        start = end
    return found


def prove(
    id_: str,
    name: str,
    asked: dict[str, list[Asked]],
    counts: dict[datetime, Counts],
    listed: tuple[str, str] | None,
    since: datetime,
    until: datetime,
) -> OutletProof:
    """Put together what is known of one outlet: its fetches by source, its counts by full hour, what it published."""
    sources = {url: stretches(fetches, since, until) for url, fetches in asked.items()}
    grid = hours(together(list(sources.values()), since, until), since, until)
    told = tuple(Hour(start, end, state, counts.get(start.replace(minute=0, second=0), Counts())) for start, end, state in grid)
    gaps = tuple((url, stretch) for url, found in sources.items() for stretch in found if stretch.state in ("gap", "repaired"))
    good = [fetch.at for fetches in asked.values() for fetch in fetches if fetch.outcome in GOOD and fetch.at < until]
    return OutletProof(id_, name, told, gaps, max(good, default=None), listed)


def first_and_last(entries: Iterable[tuple[str, str, datetime, str]]) -> tuple[str, str] | None:
    """The first and last publication (EDTF) of listed entries (as written, language, listed at, time zone); None where
    no entry gives a possible date."""
    dated = []
    for written, language, listed_at, zone in entries:
        found = published([DateHint(written, "listing")], fetched_at=listed_at, timezone=zone, language=language)
        if found and (when := latest(found)):
            dated.append((when, found.edtf))
    return (min(dated)[1], max(dated)[1]) if dated else None
