"""Articles and reports (coverage) as lists with filters, a page at a time.

Each list is read from a narrow index: which rows, in which order, how many behind each filter. The rows of the table, which
hold body texts, are touched for the one page that is shown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from newsdesk.badges import dress
from newsdesk.facets import Facet, add_up, facet, value_of
from newsdesk.months import instant_of, months, rank_of, span
from newsdesk.page import Desk, Row, open_desk, show

PAGE = 50  # rows
PARTS = ("outlet", "relation", "language", "agency")
LARGEST = 2**63 - 1

_ARTICLES = """WITH page AS (
  SELECT id, rank FROM articles INDEXED BY articles_shelf WHERE {where} AND rank <= :at AND (rank < :at OR id < :id)
  ORDER BY rank DESC, id DESC LIMIT :size)
SELECT page.rank AS at, a.id, a.public_id, a.headline, a.url, coalesce(o.name, a.outlet, '') AS outlet, a.agency, a.language, a.byline,
  a.published, a.first_listed_at, a.relation, a.own_share, a.new_sentences, a.paywalled, a.state,
  (SELECT count(*) FROM articles c WHERE c.origin = a.id) AS copies, (SELECT count(*) FROM versions v WHERE v.article = a.id) AS versions
FROM page CROSS JOIN articles a ON a.id = page.id LEFT JOIN outlets o ON o.id = a.outlet ORDER BY page.rank DESC, page.id DESC"""
_COVERAGE = """WITH page AS (
  SELECT id, rank FROM clusters INDEXED BY clusters_shelf WHERE {where} AND rank <= :at AND (rank < :at OR id < :id)
  ORDER BY rank DESC, id DESC LIMIT :size)
SELECT page.rank AS at, c.id, a.public_id, c.headline, a.url, coalesce(o.name, c.outlet, '') AS outlet, c.agency, c.language,
  c.relation, c.first_seen_at, a.published, c.copies, c.outlets, c.new_sentences, c.independent, a.paywalled, a.state,
  (SELECT count(*) FROM versions v WHERE v.article = a.id) AS versions
FROM page CROSS JOIN clusters c ON c.id = page.id JOIN articles a ON a.id = c.first_live LEFT JOIN outlets o ON o.id = c.outlet
ORDER BY page.rank DESC, page.id DESC"""


@dataclass(frozen=True)
class Shelf:
    """Where a list is read: its table, the index that goes by rank (time), the one that counts, what a row must be, the query."""

    page: str
    table: str
    by_rank: str
    by_part: str
    holds: str
    rows: str


ARTICLES = Shelf("articles", "articles", "articles_shelf", "articles_cube", "state != 'dropped'", _ARTICLES)
COVERAGE = Shelf("coverage", "clusters", "clusters_shelf", "clusters_cube", "merged_into IS NULL AND first_live IS NOT NULL", _COVERAGE)


async def articles_page(datasette: Any, request: Any) -> Any:
    """Every text that was filed, latest first."""
    return await _list(await open_desk(datasette, request), ARTICLES, "desk_articles.html")


async def coverage_page(datasette: Any, request: Any) -> Any:
    """One row a report, its copies folded, newest first."""
    return await _list(await open_desk(datasette, request), COVERAGE, "desk_coverage.html")


async def _list(desk: Desk, shelf: Shelf, template: str) -> Any:
    asked = {name: desk.request.args.get(name) or "" for name in (*PARTS, "month")}
    chosen = {name: value for name, value in asked.items() if value and (name != "month" or span(value, desk.clock.tz()))}
    rows, more = await _rows(desk, shelf, chosen)
    facets = await _facets(desk, shelf, chosen)
    for row in rows:
        dress(desk, row)
    following = desk.at(shelf.page, **chosen, after=f"{rows[-1]['at']}~{rows[-1]['id']}") if more else ""
    first = desk.at(shelf.page, **chosen) if desk.request.args.get("after") else ""
    return await show(desk, template, rows=rows, facets=facets, following=following, first=first, all=desk.at(shelf.page))


async def _rows(desk: Desk, shelf: Shelf, chosen: Mapping[str, str]) -> tuple[list[Row], bool]:
    """The rows of this page, and whether more follow."""
    where, values = _where(desk, shelf, chosen)
    at, id_ = cursor(desk.request.args.get("after"))
    found = await desk.tidy(shelf.rows.format(where=where), **values, at=at, id=id_, size=PAGE + 1)
    return found[:PAGE], len(found) > PAGE


def cursor(after: str | None) -> tuple[int, int]:
    """Where a page begins: after the row of this rank and id; before the first row for what is no such place."""
    match = re.fullmatch(r"(-?[0-9]{1,18}|-?[0-9]{19})~([0-9]{1,18})", after or "")
    if not match or abs(int(match[1])) > LARGEST:
        return LARGEST, LARGEST
    return int(match[1]), int(match[2])


def _where(desk: Desk, shelf: Shelf, chosen: Mapping[str, str], *, skip: str = "") -> tuple[str, dict[str, Any]]:
    """The condition of these filters, with its values; one may be passed over."""
    terms, values = [shelf.holds], dict[str, Any]()
    for part in PARTS:
        if part in chosen and part != skip:
            value = value_of(chosen[part])
            terms.append(f"{part} = :{part}" if value is not None else f"coalesce({part}, '') = ''")
            values |= {part: value} if value is not None else {}
    within = span(chosen["month"], desk.clock.tz()) if "month" in chosen and skip != "month" else None
    if within:
        terms.append("rank >= :begin AND rank < :end")
        values |= dict(zip(("begin", "end"), map(rank_of, within), strict=True))
    return " AND ".join(terms), values


async def _facets(desk: Desk, shelf: Shelf, chosen: Mapping[str, str]) -> list[Facet]:
    month = {"month": chosen["month"]} if "month" in chosen else {}
    where, values = _where(desk, shelf, month)
    index = shelf.by_rank if month else shelf.by_part
    parts = "outlet, language, agency, relation"  # in the order of the index
    cube = await desk.tidy(f"SELECT {parts}, count(*) AS n FROM {shelf.table} INDEXED BY {index} WHERE {where} GROUP BY {parts}", **values)
    counts = add_up(cube, PARTS, chosen)
    names: dict[str, str] = {row["id"]: row["name"] for row in await desk.tidy("SELECT id, name FROM outlets")}
    names |= {"-": desk.t("without")}
    words: dict[str, Callable[[str], str]] = {
        "outlet": lambda value: names.get(value, value), "agency": lambda value: desk.t("without") if value == "-" else value,
        "relation": lambda value: desk.known("", value), "language": lambda value: desk.known("lang_", value),
    }  # fmt: skip

    def leads_to(filters: Mapping[str, str]) -> str:
        return desk.at(shelf.page, **filters)

    found = [facet(part, counts[part], chosen, words[part], leads_to) for part in PARTS]
    by_month = await _months(desk, shelf, chosen)
    return [*found, facet("month", by_month, chosen, desk.clock.month, leads_to, by_value=True)]


async def _months(desk: Desk, shelf: Shelf, chosen: Mapping[str, str]) -> dict[str, int]:
    """How many rows each month has, counted along the index that goes by rank. Seeds have no month."""
    where, values = _where(desk, shelf, chosen, skip="month")
    table = f"{shelf.table} INDEXED BY {shelf.by_rank} WHERE"
    bounds = (f"(SELECT {name}(rank) FROM {table} {shelf.holds} AND rank >= 0) AS {name}" for name in ("min", "max"))
    ends = (await desk.tidy(f"SELECT {', '.join(bounds)}"))[0]
    if ends["min"] is None:
        return {}
    zone = desk.clock.tz()
    calendar = months(instant_of(ends["min"]), instant_of(ends["max"]), zone)
    spans = [(month, *map(rank_of, within)) for month in calendar if (within := span(month, zone))]
    count = f"SELECT count(*) FROM {table} {where} AND rank >= json_extract(m.value, '$[1]') AND rank < json_extract(m.value, '$[2]')"
    sql = f"SELECT json_extract(m.value, '$[0]') AS month, ({count}) AS n FROM json_each(:spans) m"
    return {row["month"]: row["n"] for row in await desk.tidy(sql, **values, spans=json.dumps(spans))}
