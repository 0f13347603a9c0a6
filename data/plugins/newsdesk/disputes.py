"""Who says otherwise: another value of the same unit in reports of the same event, or of the same days."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from newsdesk.amounts import Amount, agree

DAYS = 3  # between two reports that may speak of the same; independent reports of one event lie 2 days apart at most
LIKE = 10.0  # times one number may be the other and still count the same thing; of the same event, any. Chosen, not measured
SECOND = 1 << 24  # of a rank: its lower bits part texts of one second
WINDOW = DAYS * 86_400 * SECOND
_SEEDS = 1 << 37  # seconds that example texts stand before everything


@dataclass(frozen=True, slots=True)
class Report:
    """An article with all its amounts of one unit."""

    article: int
    cluster: int | None
    rank: int
    amounts: tuple[Amount, ...]


@dataclass(frozen=True, slots=True)
class Dispute:
    """An amount that contradicts another, and who gave it. `same_event`: reports of one event, not of the same days alone."""

    amount: Amount
    article: int
    same_event: bool


def seconds(rank: int) -> float:
    """The instant of a rank, in seconds since 1970 (UTC)."""
    whole = rank >> 24
    return float(whole + _SEEDS if rank < 0 else whole)


def reports(rows: Iterable[Mapping[str, Any]]) -> list[Report]:
    """Rows of `figures` of one unit (article, cluster, rank, low, high, hedge) as reports in time order."""
    found: dict[int, list[Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["article"], []).append(row)
    each = [
        Report(article, mine[0]["cluster"], mine[0]["rank"], tuple(dict.fromkeys(Amount(r["low"], r["high"], r["hedge"]) for r in mine)))
        for article, mine in found.items()
    ]
    return sorted(each, key=lambda report: (report.rank, report.article))


def disputes(amount: Amount, article: int, told: Sequence[Report], kin: Mapping[int, Collection[int]], most: int = 12) -> list[Dispute]:
    """What contradicts an amount of an article among reports in time order, those of the same event first, then the nearest in time.

    What both reports have alike takes no part: who names 30 men of 12,000 does not contradict who names the 12,000 alone.
    """
    mine = next((report for report in told if report.article == article), None)
    if mine is None:
        return []
    first, after = (bisect_left(told, rank, key=attrgetter("rank")) for rank in (mine.rank - WINDOW, mine.rank + WINDOW + 1))
    found: dict[Amount, tuple[bool, int, Dispute]] = {}
    for other in told[first:after]:
        same = other.article in kin.get(article, ()) or (other.cluster is not None and other.cluster == mine.cluster)
        for said in _against(amount, mine, other, same_event=same) if other is not mine else ():
            place = (not same, abs(other.rank - mine.rank), Dispute(said, other.article, same))
            if said not in found or place[:2] < found[said][:2]:
                found[said] = place
    return [place[2] for place in sorted(found.values(), key=lambda place: place[:2])[:most]]


def _against(amount: Amount, mine: Report, other: Report, *, same_event: bool) -> list[Amount]:
    if any(agree(amount, said) for said in other.amounts):
        return []
    alone = [said for said in other.amounts if not any(agree(said, own) for own in mine.amounts)]
    return [said for said in alone if same_event or _alike(amount, said)]


def _alike(one: Amount, other: Amount) -> bool:
    small, large = sorted((abs(one.typical), abs(other.typical)))
    return large <= LIKE * small
