"""Decisions: why a page was left out. The newest decision on every URL that any source ever listed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from newsdesk.badges import Badge, dress
from newsdesk.facets import Facet, add_up, facet, value_of
from newsdesk.lists import LARGEST, PAGE, cursor
from newsdesk.page import Desk, Row, open_desk, show
from newsdesk.shown import shown
from newsdesk.words import Question, marked, question

PARTS = ("verdict", "outlet", "stage")
VERDICTS = {
    "filed": ("●", "good"), "alias": ("≡", ""), "mention": ("◐", "info"), "off_story": ("○", ""), "out_of_window": ("◔", ""),
    "no_text": ("▢", ""), "wall": ("▤", "warn"), "gone": ("✕", ""), "denied": ("✕", "bad"), "failed": ("▲", "bad"),
    "over_budget": ("▲", "warn"), "dropped": ("✕", ""),
}  # fmt: skip
_DETAILS = """SELECT d.id, d.url, d.at, d.stage, d.verdict, d.reason, d.score, d.retry_at, coalesce(o.name, d.outlet, '') AS outlet,
  coalesce(nullif(e.headline, ''), a.headline, '') AS headline, a.public_id
FROM page CROSS JOIN decisions d ON d.id = page.id LEFT JOIN entries e ON e.url = d.url LEFT JOIN articles a ON a.url = d.url
LEFT JOIN outlets o ON o.id = d.outlet ORDER BY d.id DESC"""
_LISTED = "SELECT id FROM decisions INDEXED BY decisions_shelf WHERE newest = 1 AND {where} AND id < :id ORDER BY id DESC LIMIT :size"
_CUBE = """SELECT verdict, outlet, stage, count(*) AS n FROM decisions INDEXED BY decisions_cube WHERE newest = 1
GROUP BY verdict, outlet, stage"""
_FOUND = """SELECT d.id FROM decisions_fts f CROSS JOIN decisions d ON d.id = f.rowid
  WHERE decisions_fts MATCH :match AND f.rowid < :id AND d.newest = 1 AND {where} ORDER BY f.rowid DESC LIMIT :size"""


async def decisions_page(datasette: Any, request: Any) -> Any:
    """What was left out and why, newest first; `?q=` looks in address, headline and reason, also of what was filed."""
    desk = await open_desk(datasette, request)
    chosen = {part: value for part in PARTS if (value := request.args.get(part))}
    asked = question(request.args.get("q"), quotes=True)
    _, before = cursor(f"0~{request.args.get('after') or ''}")
    rows = await decided(desk, asked, chosen, before, PAGE + 1)
    query = {**chosen, "q": asked.asked}
    following = desk.at("decisions", **query, after=rows[PAGE - 1]["id"]) if len(rows) > PAGE else ""
    first = desk.at("decisions", **query) if request.args.get("after") else ""
    facets = [] if asked.phrases else await _facets(desk, chosen)
    return await show(
        desk, "desk_decisions.html", rows=rows[:PAGE], facets=facets, following=following, first=first, all=desk.at("decisions"),
        question=asked, chosen={part: _words(desk, part, value) for part, value in chosen.items()},
    )  # fmt: skip


async def decided(desk: Desk, asked: Question, chosen: Mapping[str, str], before: int = LARGEST, size: int = PAGE) -> list[Row]:
    """Newest decisions under these filters, and on what was asked for; without either, those that left a page out."""
    terms = [f"{part} IS :{part}" for part in chosen]
    if not asked.phrases and "verdict" not in chosen:
        terms.append("verdict != 'filed'")
    values = {part: value_of(value) for part, value in chosen.items()} | {"id": before, "size": size}
    if asked.phrases:
        values["match"] = asked.match
    ids = (_FOUND if asked.phrases else _LISTED).format(where=" AND ".join(terms) or "1")
    rows = await desk.tidy(f"WITH page AS ({ids}) {_DETAILS}", **values)
    for row in rows:
        sign, kind = VERDICTS.get(row["verdict"], ("", ""))
        row["verdict_badge"] = Badge(_words(desk, "verdict", row["verdict"]), sign, kind)
        row["reason"], row["url_words"] = marked(shown(row["reason"], 600), asked.pattern), marked(shown(row["url"]), asked.pattern)
        dress(desk, row)
        row["headline_words"] = marked(row["headline"], asked.pattern)
    return rows


async def _facets(desk: Desk, chosen: Mapping[str, str]) -> list[Facet]:
    cube = await desk.tidy(_CUBE)
    counts = add_up(cube, PARTS, chosen)
    if "verdict" not in chosen:  # the list leaves out what was filed, so do its filters
        counts |= {part: add_up((row for row in cube if row["verdict"] != "filed"), PARTS, chosen)[part] for part in ("outlet", "stage")}
    names = {row["id"]: row["name"] for row in await desk.tidy("SELECT id, name FROM outlets")}

    def words(part: str) -> Any:
        return lambda value: names.get(value, _words(desk, part, value))

    return [facet(part, counts[part], chosen, words(part), lambda filters: desk.at("decisions", **filters)) for part in PARTS]


def _words(desk: Desk, part: str, value: str) -> str:
    if value == "-":
        return desk.t("without")
    known = VERDICTS if part == "verdict" else ("listing", "page", "editor") if part == "stage" else ()
    return desk.t(f"{part}_{value}") if value in known else value
