"""The values of a unit as the desk reads them: who had each first, who repeated it, who says otherwise."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from newsdesk.amounts import Amount
from newsdesk.disputes import WINDOW, Dispute, Report, disputes, reports
from newsdesk.figure_queries import QUERIES, repeats
from newsdesk.page import Desk, Row
from newsdesk.shown import asked, clean, original, shown


@dataclass(frozen=True)
class Repetition:
    """How many outlets gave a value after the first one, and how many of these only in copies of a text that had it."""

    outlets: int
    copies: int


@dataclass
class Given:
    """One value of a unit: `first` is the row of the article that gave it first (an example text only where no other did)."""

    amount: Amount
    rank: int
    latest: int
    mentions: int
    seed_rank: int | None  # of the example text that has it, too
    first: Row = field(default_factory=dict)
    seed: Row | None = None
    as_written: str = ""
    figure: int = 0
    repeated: Repetition = Repetition(0, 0)
    disputes: list[Dispute] = field(default_factory=list)


def given(row: Row) -> Given:
    """A row of the query `values`."""
    live = row["live"] if row["live"] is not None else row["earliest"]
    seed = row["earliest"] if row["live"] is not None and row["earliest"] < 0 else None
    return Given(Amount(row["low"], row["high"], row["hedge"]), live, row["latest"], row["mentions"], seed)


def who(row: Row) -> Row:
    """A row of the query `who` as templates show it."""
    return row | {"headline": shown(row["headline"]), "outlet": shown(row["outlet"], 80), "link": original(row["url"])}


async def articles(desk: Desk, ids: Iterable[int]) -> dict[int, Row]:
    """The articles with these ids."""
    wanted = sorted(set(ids))
    return {row["id"]: who(row) for row in await desk.rows(QUERIES["who"], articles=asked(wanted))} if wanted else {}


async def find_first(desk: Desk, unit: str, values: Sequence[Given]) -> None:
    """Write to each value who gave it first, in which words."""
    ranks = {value.rank for value in values} | {value.seed_rank for value in values if value.seed_rank is not None}
    rows = await desk.rows(QUERIES["at"], unit=unit, ranks=asked(sorted(ranks)))
    placed = {(row["rank"], Amount(row["low"], row["high"], row["hedge"])): row for row in reversed(rows)}
    people = await articles(desk, (row["article"] for row in rows))
    for value in values:
        row = placed[value.rank, value.amount]
        value.first, value.as_written, value.figure = people[row["article"]], clean(shown(row["as_written"])), row["figure"]
        if value.seed_rank is not None:
            value.seed = people[placed[value.seed_rank, value.amount]["article"]]


async def find_repetitions(desk: Desk, unit: str, values: Sequence[Given]) -> None:
    """Write to each value who repeated it."""
    if not values:
        return
    sql, bound = repeats([value.amount for value in values])
    rows = await desk.rows(sql, unit=unit, **bound)
    for n, value in enumerate(values):
        value.repeated = repetition([row for row in rows if row["n"] == n])


def repetition(rows: Sequence[Mapping[str, Any]]) -> Repetition:
    """Of those who gave a value (report and outlet, the first one first): who is independent, who copied.

    An outlet copies when every text in which it has the value belongs to a report that already had it.
    """
    known: set[Any] = set()
    copied: dict[Any, bool] = {}
    for place, row in enumerate(rows):
        if place and row["outlet"] != rows[0]["outlet"]:
            copied[row["outlet"]] = copied.get(row["outlet"], True) and row["cluster"] in known
        known.add(row["cluster"])
    return Repetition(len(copied), sum(copied.values()))


async def find_disputes(desk: Desk, unit: str, values: Sequence[Given]) -> dict[int, Row]:
    """Write to each value who says otherwise; the articles that do."""
    told = await near(desk, [(value.rank - WINDOW, value.rank + WINDOW) for value in values], unit)
    kin = await relatives(desk, (value.first["id"] for value in values))
    for value in values:
        value.disputes = disputes(value.amount, value.first["id"], told, kin)
    return await articles(desk, (dispute.article for value in values for dispute in value.disputes))


async def near(desk: Desk, spans: Iterable[tuple[int, int]], unit: str) -> list[Report]:
    """The reports of a unit whose ranks lie in any of these spans."""
    return reports(await desk.rows(QUERIES["near"], unit=unit, spans=asked(joined(spans))))


def joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans without overlaps, the latest first."""
    found: list[tuple[int, int]] = []
    for low, high in sorted(spans, reverse=True):
        if found and high >= found[-1][0]:
            found[-1] = (min(low, found[-1][0]), max(high, found[-1][1]))
        else:
            found.append((low, high))
    return found


async def relatives(desk: Desk, ids: Iterable[int]) -> dict[int, Collection[int]]:
    """The articles that tell of the same event as each of these."""
    found: dict[int, set[int]] = {}
    for row in await desk.rows(QUERIES["kin"], articles=asked(sorted(set(ids)))):
        found.setdefault(row["article"], set()).add(row["other"])
    return dict(found)
