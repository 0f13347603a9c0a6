"""The front page: the story in a paragraph, and what is new since yesterday."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from newsdesk.badges import dress
from newsdesk.months import text_of
from newsdesk.page import Desk, Row, open_desk, show
from newsdesk.shown import asked, shown
from newsdesk.sources import OPEN_GAPS, ORDER, health

REPORTS, FIGURES, SOURCES = 25, 10, 8  # shown on the front page; links lead to the rest
LATEST = 300  # of the newest articles that are looked through for figures nobody had

_LISTED = "merged_into IS NULL AND first_live IS NOT NULL"
_COUNT = f"SELECT count(*) AS n FROM clusters INDEXED BY clusters_filed WHERE {_LISTED} AND filed_at >= :since AND filed_at < :until"
_NEWEST = f"SELECT max(filed_at) AS at FROM clusters INDEXED BY clusters_filed WHERE {_LISTED} AND filed_at < :until"
_REPORTS = f"""WITH page AS (
  SELECT id FROM clusters INDEXED BY clusters_filed WHERE {_LISTED} AND filed_at >= :since AND filed_at < :until
  ORDER BY new_sentences > 0 DESC, rank DESC LIMIT :size)
SELECT c.id, a.public_id, c.headline, a.url, coalesce(o.name, c.outlet, '') AS outlet, c.agency, c.relation, a.published, c.first_seen_at,
  c.copies, c.outlets, c.new_sentences, c.independent, a.paywalled, a.state
FROM page CROSS JOIN clusters c ON c.id = page.id JOIN articles a ON a.id = c.first_live LEFT JOIN outlets o ON o.id = c.outlet
ORDER BY c.new_sentences > 0 DESC, c.rank DESC"""
# The newest text of each report that says something new, and of its sentences that do the first with a figure; else the first, but
# for a headline that is a line of the text, as a live blog's entries have it.
_SAID = """SELECT c.value AS cluster, s.text, a.public_id, coalesce(o.name, a.outlet, '') AS outlet FROM json_each(:clusters) c
JOIN articles a ON a.id = (SELECT id FROM articles WHERE cluster = c.value AND new_sentences > 0 AND relation != 'seed'
  AND state != 'dropped' ORDER BY rank DESC LIMIT 1)
JOIN sentences s ON s.article = a.id AND s.position = (SELECT position FROM (SELECT n.position, n.text = a.headline AS heads,
    EXISTS (SELECT 1 FROM figures f WHERE f.article = n.article AND f.sentence = n.position) AS counts
  FROM sentences n WHERE n.article = a.id AND n.status = 'new') ORDER BY heads, counts DESC, position LIMIT 1)
LEFT JOIN outlets o ON o.id = a.outlet"""
_REVISED = """SELECT v.seen_at, v.figures, a.public_id, a.headline, a.url, coalesce(o.name, a.outlet, '') AS outlet
FROM versions v INDEXED BY versions_seen JOIN articles a ON a.id = v.article LEFT JOIN outlets o ON o.id = a.outlet
WHERE v.figures != '' AND v.seen_at >= :since AND a.state != 'dropped' ORDER BY v.seen_at DESC LIMIT :size"""
_VALUES = """WITH latest AS (SELECT id FROM articles WHERE id > (SELECT max(id) FROM articles) - :latest)
SELECT f.unit, f.as_written, s.text, s.status, a.public_id, a.headline, a.url, a.published, coalesce(o.name, a.outlet, '') AS outlet
FROM latest CROSS JOIN figures f ON f.article = latest.id JOIN articles a ON a.id = f.article
LEFT JOIN sentences s ON s.article = f.article AND s.position = f.sentence LEFT JOIN outlets o ON o.id = a.outlet
WHERE a.filed_at >= :since AND a.filed_at < :until AND f.rank IS NOT NULL AND a.relation != 'seed' AND coalesce(s.status, 'new') = 'new'
  AND NOT EXISTS (SELECT 1 FROM figures e WHERE e.unit = f.unit AND e.low IS f.low AND e.high IS f.high AND e.rank IS NOT NULL
    AND e.rank < f.rank)
GROUP BY f.unit, f.low, f.high ORDER BY a.rank DESC LIMIT :size"""
_RUN = "SELECT id, spider, started_at, finished_at, outcome, listed, fetched, filed, copies, errors FROM runs ORDER BY id DESC LIMIT 1"


async def front_page(datasette: Any, request: Any) -> Any:
    """Today's answer. When nothing is new since yesterday, the latest day with news instead."""
    desk = await open_desk(datasette, request)
    now = datetime.now(UTC)
    since, until = text_of(desk.clock.midnight(now, days=1)), "9999"
    fresh = (await desk.tidy(_COUNT, since=since, until=until))[0]["n"]
    earlier = "" if fresh else (await desk.tidy(_NEWEST, until=since))[0]["at"] or ""
    if earlier:
        since, until = map(text_of, desk.clock.day_of(earlier))
    count = fresh or (await desk.tidy(_COUNT, since=since, until=until))[0]["n"] if earlier or fresh else 0
    sources = await health(desk, now)
    troubled = sorted((row for row in sources if row["trouble"] not in ("ok", "unasked")), key=lambda row: ORDER.index(row["trouble"]))
    return await show(
        desk, "desk_front.html", fresh=fresh, count=count, earlier=earlier, reports=await _reports(desk, since, until) if count else [],
        figures=await _figures(desk, since, until) if count else [], revised=await _revised(desk, since), sources=len(sources),
        troubled=troubled, shown_sources=SOURCES, gaps=(await desk.tidy(OPEN_GAPS))[0]["n"], run=next(iter(await desk.tidy(_RUN)), None),
        stored=await _stored(desk),
    )  # fmt: skip


async def _reports(desk: Desk, since: str, until: str) -> list[Row]:
    rows = await desk.tidy(_REPORTS, since=since, until=until, size=REPORTS)
    said = {row["cluster"]: row for row in await desk.tidy(_SAID, clusters=asked(row["id"] for row in rows))}
    for row in rows:
        dress(desk, row)
        if quoted := said.get(row["id"]):
            row["said"], row["said_by"] = shown(quoted["text"], 400), quoted["outlet"]
            row["said_in"] = desk.at(f"article/{quoted['public_id']}")
    return rows


async def _figures(desk: Desk, since: str, until: str) -> list[Row]:
    """Values that no earlier text had, in the articles filed since."""
    rows = await desk.tidy(_VALUES, since=since, until=until, latest=LATEST, size=FIGURES)
    return [dress(desk, row) | {"figures": desk.at(f"figures/{row['unit']}"), "said": shown(row["text"], 400)} for row in rows]


async def _revised(desk: Desk, since: str) -> list[Row]:
    """Articles whose figures were changed since."""
    rows = await desk.tidy(_REVISED, since=since, size=FIGURES)
    return [dress(desk, row) | {"lines": [shown(line, 200) for line in row["figures"].split("\n")]} for row in rows]


async def _stored(desk: Desk) -> Row:
    """How much there is, from narrow indexes."""
    sql = f"""SELECT (SELECT count(*) FROM clusters INDEXED BY clusters_filed WHERE {_LISTED}) AS reports,
    (SELECT count(*) FROM articles INDEXED BY articles_cube WHERE state != 'dropped') AS articles,
    (SELECT count(*) FROM outlets) AS outlets"""
    return (await desk.tidy(sql))[0]
