"""Mentions: pages that only touch on the story, those with a figure nobody had before first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from newsdesk.badges import dress
from newsdesk.facets import facet, value_of
from newsdesk.lists import LARGEST, PAGE, cursor
from newsdesk.page import Desk, Row, open_desk, show
from newsdesk.shown import shown

_ROWS = """WITH page AS (
  SELECT id FROM decisions INDEXED BY decisions_mentions
  WHERE newest = 1 AND verdict = 'mention' AND (new_figures != '') = :figure AND id < :id AND {where} ORDER BY id DESC LIMIT :size)
SELECT d.id, d.url, d.at, d.reason, d.score, d.new_figures, coalesce(o.name, d.outlet, '') AS outlet, coalesce(e.headline, '') AS headline
FROM page CROSS JOIN decisions d ON d.id = page.id LEFT JOIN entries e ON e.url = d.url LEFT JOIN outlets o ON o.id = d.outlet
ORDER BY d.id DESC"""
_OUTLETS = """SELECT d.outlet, coalesce(o.name, '') AS name, count(*) AS n FROM decisions d INDEXED BY decisions_cube
LEFT JOIN outlets o ON o.id = d.outlet WHERE d.newest = 1 AND d.verdict = 'mention' GROUP BY d.outlet"""


async def mentions_page(datasette: Any, request: Any) -> Any:
    """The mentions, with the sentence that names the story."""
    desk = await open_desk(datasette, request)
    chosen = {"outlet": asked} if (asked := request.args.get("outlet")) else {}
    rows = await _rows(desk, chosen)
    for row in rows[:PAGE]:
        row["sentence"] = shown(row["reason"].partition(" | ")[2])
        dress(desk, row)
    following = desk.at("mentions", **chosen, after=_place(rows[PAGE - 1])) if len(rows) > PAGE else ""
    first = desk.at("mentions", **chosen) if request.args.get("after") else ""
    facets = [await _outlets(desk, chosen)]
    everything = desk.at("mentions")
    return await show(desk, "desk_mentions.html", rows=rows[:PAGE], facets=facets, following=following, first=first, all=everything)


def _place(row: Row) -> str:
    return f"{int(row['new_figures'] != '')}~{row['id']}"


async def _rows(desk: Desk, chosen: Mapping[str, str]) -> list[Row]:
    """This page's rows and one more: those with a new figure, then the others, each newest first."""
    figure, id_ = cursor(desk.request.args.get("after"))
    outlet = value_of(chosen["outlet"]) if chosen else None
    where = "1" if not chosen else "outlet = :outlet" if outlet is not None else "outlet IS NULL"
    found: list[Row] = []
    for kind, before in ((1, id_), (0, LARGEST)) if figure else ((0, id_),):
        values = {"figure": kind, "id": before, "size": PAGE + 1 - len(found)} | ({"outlet": outlet} if outlet is not None else {})
        found += await desk.tidy(_ROWS.format(where=where), **values) if values["size"] else []
    return found


async def _outlets(desk: Desk, chosen: Mapping[str, str]) -> Any:
    rows = await desk.tidy(_OUTLETS)
    names = {row["outlet"] or "-": row["name"] or row["outlet"] or desk.t("without") for row in rows}
    counts = {row["outlet"] or "-": row["n"] for row in rows}
    return facet("outlet", counts, chosen, lambda value: names.get(value, value), lambda filters: desk.at("mentions", **filters))
