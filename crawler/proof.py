"""The proof as people and programs read it: one sentence, JSON, or lines of text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from pipelines.proof import WORST, Counts, Hour, OutletProof
from pipelines.store.rows import utc

_WORDS = {
    "gap": "gap: entries were lost", "repaired": "gap, closed by backfill", "failed": "failed", "denied": "refused",
    "never_asked": "never asked", "open": "not asked again yet", "covered": "covered",
}  # fmt: skip


def sentence(outlets: Sequence[OutletProof], since: datetime, until: datetime, zone: ZoneInfo) -> str:
    """The answer in one sentence, in desk time: gaps first, then what failed, was refused, or nobody asked."""
    total, window = len(outlets), f"from {_day(since, zone)} to {_day(until, zone)}"
    closed = [outlet for outlet in outlets if "repaired" in outlet.states()]
    sound = [outlet for outlet in outlets if outlet.states() <= {"covered"}]
    waiting = [outlet for outlet in outlets if "open" in outlet.states() <= {"covered", "repaired", "open"}]
    if all(outlet.states() <= {"covered", "repaired"} for outlet in outlets):
        had = f"; {len(closed)} had gaps {_between(closed, {'repaired'}, until - since, zone)}, closed by backfill" if closed else ""
        return f"{f'All {total} outlets are' if total != 1 else 'The one outlet is'} covered {window}{had}."
    clauses = list(_troubles(outlets, since, until, zone))
    covered = f"{_number(sound, 'is', 'are')} covered throughout" if sound else "none is covered throughout"
    if waiting:
        oldest = min(outlet.asked_until for outlet in waiting if outlet.asked_until)
        covered += f", {len(waiting)} up to the last fetch, the oldest at {_day(oldest, zone)}"
    if not clauses:
        return f"No gap in {total} outlets {window}: {covered}."
    number, _, words = clauses[0].partition(" ")
    return "; ".join([f"{number} of {total} outlets {words}", *clauses[1:], covered]) + "."


def _troubles(outlets: Sequence[OutletProof], since: datetime, until: datetime, zone: ZoneInfo) -> Iterator[str]:
    """What was not plainly covered, each as `3 have gaps between 02:00 and 05:00`."""
    gaps = [outlet for outlet in outlets if outlet.states() & {"gap", "repaired"}]
    if gaps:
        closed = sum("gap" not in outlet.states() for outlet in gaps)
        end = f"; {closed} closed by backfill" if closed else ""
        yield f"{_number(gaps, 'has', 'have')} gaps {_between(gaps, {'gap', 'repaired'}, until - since, zone)}{end}"
    for state, one, many in (("failed", "failed", "failed"), ("denied", "was refused", "were refused"), ("never_asked", "was", "were")):
        found = [outlet for outlet in outlets if state in outlet.states()]
        if found:
            asked = " never asked" if state == "never_asked" else ""
            yield f"{_number(found, one, many)}{asked} {_between(found, {state}, until - since, zone)}"


def _number(found: Sequence[OutletProof], one: str, many: str) -> str:
    return f"{len(found)} {one if len(found) == 1 else many}"


def _between(outlets: Sequence[OutletProof], states: set[str], span: timedelta, zone: ZoneInfo) -> str:
    """From the first hour in one of these states to the end of the last; with days where the clock alone is ambiguous."""
    inside = [hour for outlet in outlets for hour in outlet.hours if hour.state in states]
    start, end = min(hour.at for hour in inside), max(hour.end for hour in inside)
    write = _clock if span <= timedelta(days=1) else _day
    return f"between {write(start, zone)} and {write(end, zone)}"


def _clock(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%H:%M}"


def _day(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


# --- JSON


def as_json(outlets: list[OutletProof], others: Counts, since: datetime, until: datetime, zone: ZoneInfo) -> dict[str, Any]:
    """The proof as JSON values: instants in UTC, beside them the desk's clock."""
    total = sum((outlet.counts for outlet in outlets), others)
    return {
        "sentence": sentence(outlets, since, until, zone),
        "since": utc(since),
        "until": utc(until),
        "timezone": zone.key,
        "outlets": [_outlet(outlet, zone) for outlet in outlets],
        "no_outlet": _numbers(others),
        "total": _numbers(total),
    }


def _outlet(outlet: OutletProof, zone: ZoneInfo) -> dict[str, Any]:
    hours = [
        {"at": utc(hour.at), "desk": f"{hour.at.astimezone(zone):%Y-%m-%dT%H:%M%z}", "state": _state(hour),
         "repaired": hour.state == "repaired", **_numbers(hour.counts)}
        for hour in outlet.hours
    ]  # fmt: skip
    gaps = [
        {"source": source, "from": utc(gap.start), "to": utc(gap.end), "repaired_at": gap.repaired_at, "repaired_by": gap.repaired_by}
        for source, gap in outlet.gaps
    ]
    first, last = outlet.published or (None, None)
    states = Counter(_state(hour) for hour in outlet.hours)
    return {
        "id": outlet.id, "name": outlet.name, "states": dict(states), **_numbers(outlet.counts), "first_published": first,
        "last_published": last, "asked_until": utc(outlet.asked_until), "gaps": gaps, "hours": hours,
    }  # fmt: skip


def _state(hour: Hour) -> str:
    """A gap that backfill closed is covered; that it was one stands beside it."""
    return "covered" if hour.state == "repaired" else hour.state


def _numbers(counts: Counts) -> dict[str, Any]:
    return {
        "listed": counts.listed, "fetched": counts.fetched, "filed": counts.filed, "undecided": counts.undecided,
        "left_out": dict(counts.left_out.most_common()),
    }  # fmt: skip


# --- text


def as_text(outlets: list[OutletProof], others: Counts, since: datetime, until: datetime, zone: ZoneInfo) -> Iterator[str]:
    """The proof as lines for a person, on the desk's clock: the sentence, the sums, then the outlets, troubled ones first."""
    total = sum((outlet.counts for outlet in outlets), others)
    yield sentence(outlets, since, until, zone)
    yield ""
    yield f"{_day(since, zone)} to {_day(until, zone)}, {zone.key}: {_told(total)}"
    yield ""
    for outlet in sorted(outlets, key=lambda outlet: min(WORST.index(state) for state in outlet.states())):
        covered = sum(hour.state in ("covered", "repaired") for hour in outlet.hours)
        published = f"; published {' to '.join(outlet.published)}" if outlet.published else ""
        yield f"{outlet.name[:30]:<30} {covered:>3} of {len(outlet.hours)} h  {_told(outlet.counts)}{published}"
        yield from (f"    {line}" for line in (*_runs(outlet, zone), *_gaps(outlet, zone)))
    if others != Counts():
        yield f"of no outlet above: {_told(others)}"


def _told(counts: Counts) -> str:
    out = ", ".join(f"{verdict} {number}" for verdict, number in counts.left_out.most_common())
    undecided = f", {counts.undecided} undecided" if counts.undecided else ""
    told = f"listed {counts.listed}, fetched {counts.fetched}, filed {counts.filed}, left out {counts.left_out.total()}"
    return f"{told}{f' ({out})' if out else ''}{undecided}"


def _runs(outlet: OutletProof, zone: ZoneInfo) -> Iterator[str]:
    """Hours in a row that are in one state other than covered."""
    for state, group in groupby(outlet.hours, key=lambda hour: hour.state):
        hours = list(group)
        if state != "covered":
            yield f"{_day(hours[0].at, zone)} to {_day(hours[-1].end, zone)}  {_WORDS[state]}"


def _gaps(outlet: OutletProof, zone: ZoneInfo) -> Iterator[str]:
    """Each source's own gaps: also those of a time that another source of the outlet covers."""
    for source, gap in outlet.gaps:
        closed = f"closed {_day(datetime.fromisoformat(gap.repaired_at), zone)} by {gap.repaired_by}" if gap.repaired_at else "not closed"
        yield f"{_day(gap.start, zone)} to {_day(gap.end, zone)}  lost in {source}, {closed}"
