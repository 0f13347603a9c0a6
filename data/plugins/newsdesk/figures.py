"""The figures pages: what is counted in this story, and each unit's values over time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from datasette.utils.asgi import Response

from newsdesk.amounts import MARKS, SIGNS, Amount, path_of, said, short, unit_name
from newsdesk.chart import Chart, Point, draw
from newsdesk.disputes import WINDOW, disputes, reports, seconds
from newsdesk.figure_queries import QUERIES
from newsdesk.labels import number
from newsdesk.page import Desk, Row, open_desk, show
from newsdesk.shown import asked, shown
from newsdesk.spans import span
from newsdesk.values import Given, articles, find_disputes, find_first, find_repetitions, given, relatives

PAGE = 50  # values in a table
DRAWN = 150  # values in a chart: more hide each other
SAID = 3  # values of the newest report that the list of units names


async def figures_page(datasette: Any, request: Any) -> Response:
    """One row a unit: what is said now, the range, how many reports, the last change, who says otherwise."""
    desk = await open_desk(datasette, request)
    units, counts = await asyncio.gather(desk.rows(QUERIES["units"]), desk.rows(QUERIES["reports"]))
    reported = {row["unit"]: row["reports"] for row in counts}
    latest_ranks, changes = [
        await asyncio.gather(*(desk.rows(QUERIES[query], unit=row["unit"]) for row in units)) for query in ("latest", "changed")
    ]
    ranks = [found[0]["rank"] if found else row["last"] for row, found in zip(units, latest_ranks, strict=True)]
    newest = await desk.rows(QUERIES["newest"], newest=asked((row["unit"], rank) for row, rank in zip(units, ranks, strict=True)))
    contradicted = await _contradicted(desk, newest)
    named = [row["article"] for rows in (newest, *changes) for row in rows]
    people = await articles(desk, [*named, *(dispute.article for found in contradicted.values() for dispute in found)])
    listed = [
        _unit(desk, row, changed, [each for each in newest if each["unit"] == row["unit"]], people)
        | {"reports": reported[row["unit"]], "disputes": contradicted.get(row["unit"], [])}
        for row, changed in zip(units, changes, strict=True)
    ]
    listed.sort(key=lambda unit: (-unit["reports"], unit["unit"]))
    return await show(desk, "desk_figures.html", units=listed, people=people, **_words(desk))


def _unit(desk: Desk, row: Row, changed: Sequence[Row], newest: Sequence[Row], people: Mapping[int, Row]) -> Row:
    """A unit as the template shows it."""
    return {
        "unit": row["unit"],
        "name": unit_name(row["unit"], desk.t),
        "address": desk.at(f"figures/{path_of(row['unit'])}"),
        "range": said(Amount(row["low"], row["high"], "exact"), desk.lang),
        "latest": list(dict.fromkeys(_amount(each) for each in newest))[:SAID],
        "who": people[newest[0]["article"]],
        "changed": (_amount(changed[0]), people[changed[0]["article"]]) if changed else None,
    }


def _words(desk: Desk) -> dict[str, Any]:
    """What both templates know by name."""
    return {
        "said": lambda amount: said(amount, desk.lang),
        "number": lambda value: number(value, desk.lang),
        "hedges": ("exact", *SIGNS),
        "shapes": tuple(MARKS.items()),
    }


def _amount(row: Row) -> Amount:
    return Amount(row["low"], row["high"], row["hedge"])


async def _contradicted(desk: Desk, newest: Sequence[Row]) -> dict[str, list[Any]]:
    """For each unit who contradicts its newest report."""
    spans = {row["unit"]: (row["rank"] - WINDOW, row["rank"] + WINDOW, row["unit"]) for row in newest}
    rows = await desk.rows(QUERIES["near_units"], spans=asked(spans.values()))
    kin = await relatives(desk, (row["article"] for row in newest))
    found: dict[str, list[Any]] = {}
    for unit in spans:
        told = reports(row for row in rows if row["unit"] == unit)
        for row in newest:
            if row["unit"] == unit:
                found.setdefault(unit, []).extend(disputes(_amount(row), row["article"], told, kin))
    return {unit: list({dispute.amount: dispute for dispute in each}.values()) for unit, each in found.items()}


async def figure_page(datasette: Any, request: Any) -> Response:
    """The values of one unit: a chart, and a table of who had each first, who repeated it and who says otherwise."""
    desk = await open_desk(datasette, request)
    unit = unquote(request.url_vars["unit"])  # Datasette hands out the address as it was sent
    found = sorted((given(row) for row in await desk.rows(QUERIES["values"], unit=unit)), key=lambda value: -value.rank)
    if not found:
        return await show(desk, "desk_figure.html", status=404, values=[], name=shown(unit, 60))
    drawn, listed = found[:DRAWN], _page(found, request.args.get("before"))
    await find_first(desk, unit, list({id(value): value for value in (*drawn, *listed)}.values()))
    await find_repetitions(desk, unit, listed)
    others = await find_disputes(desk, unit, listed)
    points = [point for value in drawn if (point := _point(value, desk))]
    older = [value for value in found if listed and value.rank < listed[-1].rank]
    return await show(
        desk,
        "desk_figure.html",
        name=unit_name(unit, desk.t),
        values=listed,
        total=len(found),
        others=others,
        **_words(desk),
        charts=_charts(points, desk),
        undrawn=len(found) - len(points),
        undated=len(drawn) - len(points),
        older=desk.at(f"figures/{path_of(unit)}", before=listed[-1].rank) if older else None,
        newest=desk.at(f"figures/{path_of(unit)}"),
        newer=bool(request.args.get("before")),
    )


def _page(found: Sequence[Given], before: str | None) -> list[Given]:
    """The values first given before a rank, PAGE of them and all that the last of these was given with."""
    start = int(before) if before and before.lstrip("-").isdecimal() and len(before) < 20 else None
    rest = [value for value in found if start is None or value.rank < start] or list(found)
    return [value for value in rest if value.rank >= rest[min(PAGE, len(rest)) - 1].rank]


def _point(value: Given, desk: Desk) -> Point | None:
    """A value in the chart: at its publication; None where that is unknown."""
    time = span(value.first["published"])
    if time is None:
        return None
    middle = sum(time) / 2
    until = seconds(value.latest) if value.mentions > 1 and value.latest > 0 else middle
    when = desk.clock.published(value.first["published"]).striptags()
    name = f"{said(value.amount, desk.lang)} – {value.first['outlet'] or desk.t('seed')}, {when}"
    return Point(value.amount, middle, *time, until, name)


def _charts(points: Sequence[Point], desk: Desk) -> list[Chart]:
    """The chart, drawn wide and drawn for a phone."""

    def label(at: datetime, day: bool) -> str:
        return str(desk.clock.published(f"{at:%Y-%m-%d}" if day else f"{at:%Y-%m}").striptags())

    sizes = ((1100, 380), (360, 300))
    drawn = (draw(points, width, height, say=lambda value: short(value, desk.lang), label=label) for width, height in sizes)
    return [chart for chart in drawn if chart]
