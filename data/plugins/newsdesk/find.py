"""Search across everything: articles, pages that were left out, figures, outlets."""

from __future__ import annotations

import re
from typing import Any

from search import fold

from newsdesk.badges import dress
from newsdesk.decisions import decided
from newsdesk.lists import LARGEST, cursor
from newsdesk.page import Desk, Row, open_desk, show
from newsdesk.shown import asked as as_json
from newsdesk.shown import shown
from newsdesk.words import Question, marked, question, snippet

ARTICLES, OTHERS = 20, 8  # of each kind on a page
LOOKED_AT = 60_000  # characters of a text that are searched for the place to show; the longest honest article has 40,000

_ARTICLES = """WITH page AS (
  SELECT rowid AS id FROM articles_fts WHERE articles_fts MATCH :match AND rowid < :id ORDER BY rowid DESC LIMIT :size)
SELECT a.id, a.public_id, a.headline, a.url, coalesce(o.name, a.outlet, '') AS outlet, a.agency, a.published, a.first_listed_at, a.relation,
  a.new_sentences, a.paywalled, a.state, {text} AS text, (SELECT count(*) FROM articles c WHERE c.origin = a.id) AS copies
FROM page CROSS JOIN articles a ON a.id = page.id LEFT JOIN outlets o ON o.id = a.outlet WHERE a.state != 'dropped' ORDER BY a.id DESC"""
_NEW = """SELECT article, text FROM sentences WHERE article IN (SELECT value FROM json_each(:ids)) AND status = 'new'
ORDER BY article, position"""
_FIGURES = """SELECT f.unit, f.low, f.high, f.hedge, count(*) AS n, a.public_id, a.headline, coalesce(o.name, a.outlet, '') AS outlet,
  (SELECT as_written FROM figures w WHERE w.article = a.id AND w.unit = f.unit AND w.low IS f.low AND w.high IS f.high LIMIT 1) AS said
FROM figures f JOIN articles a ON a.id = (SELECT article FROM figures g WHERE g.unit = f.unit AND g.low IS f.low AND g.high IS f.high
  AND g.hedge = f.hedge AND g.rank IS NOT NULL ORDER BY g.rank LIMIT 1) LEFT JOIN outlets o ON o.id = a.outlet
WHERE f.unit IN (SELECT value FROM json_each(:units)) AND f.low = :number AND f.rank IS NOT NULL
GROUP BY f.unit, f.low, f.high, f.hedge LIMIT :size"""
_UNITS = """WITH RECURSIVE units(unit) AS (SELECT min(unit) FROM figures UNION ALL
  SELECT (SELECT min(unit) FROM figures WHERE unit > units.unit) FROM units WHERE unit IS NOT NULL)
SELECT unit FROM units WHERE unit IS NOT NULL"""


async def search_page(datasette: Any, request: Any) -> Any:
    """What `?q=` finds. `?after=` goes on with the articles alone."""
    desk = await open_desk(datasette, request)
    asked = question(request.args.get("q"), quotes=desk.may_read)
    _, before = cursor(f"0~{request.args.get('after') or ''}")
    articles = await _articles(desk, asked, before) if asked.phrases else []
    following = desk.at("search", q=asked.asked, after=articles[ARTICLES - 1]["id"]) if len(articles) > ARTICLES else ""
    whole = bool(asked.asked) and before == LARGEST
    decisions = await decided(desk, asked, {}, size=OTHERS + 1) if whole and asked.phrases else []
    figures, outlets = (await _figures(desk, asked), await _outlets(desk, asked)) if whole else ([], [])
    return await show(
        desk, "desk_search.html", question=asked, searched=asked.asked, articles=articles[:ARTICLES], following=following, size=OTHERS,
        first=desk.at("search", q=asked.asked) if before != LARGEST else "", decisions=decisions, figures=figures, outlets=outlets,
    )  # fmt: skip


async def _articles(desk: Desk, asked: Question, before: int) -> list[Row]:
    """The articles found, last filed first, each with the place where the words stand."""
    text = f"substr(a.text, 1, {LOOKED_AT})" if desk.may_read else "''"
    rows = await desk.tidy(_ARTICLES.format(text=text), match=asked.match, id=before, size=ARTICLES + 1)
    said = {} if desk.may_read else await _new_sentences(desk, asked, [row["id"] for row in rows])
    for row in rows:
        dress(desk, row)
        row["headline_words"] = marked(row["headline"], asked.pattern)
        text = row.pop("text") if desk.may_read else said.get(row["id"], "")
        row["snippet"] = snippet(shown(text, LOOKED_AT), asked.pattern) if text else ""
    return rows


async def _new_sentences(desk: Desk, asked: Question, ids: list[int]) -> dict[int, str]:
    """Of each article the first new sentence that holds what was asked for: all that those see who may not read the text."""
    found: dict[int, str] = {}
    for row in await desk.tidy(_NEW, ids=as_json(ids)):
        if row["article"] not in found and asked.pattern and asked.pattern.search(row["text"]):
            found[row["article"]] = row["text"]
    return found


async def _figures(desk: Desk, asked: Question) -> list[Row]:
    """Values that equal a number in the question, in every unit: who had them first, how often."""
    number = re.search(r"\d[\d.,' \u00a0\u202f’]*", asked.asked)
    digits = re.sub(r"\D", "", number.group()) if number else ""
    if not digits or len(digits) > 15:
        return []
    units = [row["unit"] for row in await desk.tidy(_UNITS)]
    rows = await desk.tidy(_FIGURES, units=as_json(units), number=float(digits), size=OTHERS)
    return [dress(desk, row) | {"figures": desk.at(f"figures/{row['unit']}"), "as_written": shown(row["said"])} for row in rows]


async def _outlets(desk: Desk, asked: Question) -> list[Row]:
    """Outlets whose name or address has every word, short ones, too."""
    words = [fold(word).casefold() for word in (*asked.phrases, *asked.short)]
    rows = await desk.tidy("SELECT id, name, home, country FROM outlets ORDER BY name")
    found = [row for row in rows if words and all(word in fold(f"{row['name']} {row['home']} {row['id']}").casefold() for word in words)]
    for row in found:
        row["address"], row["sources"] = desk.at("articles", outlet=row["id"]), desk.at("sources", outlet=row["id"])
    return found[:OTHERS]
