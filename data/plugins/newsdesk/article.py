"""The article page: one text with all that is known of it, `/<database>/-/article/<public id>`."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from typing import Any

from datasette.utils.asgi import Response

from newsdesk.amounts import Amount, path_of, said, unit_name
from newsdesk.article_queries import QUERIES, SENTENCES, TEXT
from newsdesk.badges import SIGNS, Badge, badges
from newsdesk.evidence import PLACES, dating, reason, terms
from newsdesk.labels import LABELS, Translate
from newsdesk.marking import Paragraph, Said, Value, paragraphs, pieces
from newsdesk.page import Desk, Row, open_desk, show
from newsdesk.report import COPIES, HOPS, look, report_of
from newsdesk.revisions import Version, version
from newsdesk.shown import TITLE, asked, clean, shown

_ALIAS = re.compile(r"(?:leads to|is a twin of) (\S+)")
PRECISIONS = ("instant", "minute", "day", "month", "season", "quarter", "year", "interval")
_WORDS: dict[str, Any] = {
    "copies": COPIES,
    "path_of": path_of,
    "precisions": PRECISIONS,
    "places": PLACES,
    "signs": SIGNS,
}  # what the template knows by name


async def article_page(datasette: Any, request: Any) -> Response:
    """One article; a redirect where the id is that of a twin; 404 with a page for an id nobody has."""
    desk = await open_desk(datasette, request)
    id_ = request.url_vars["public_id"]
    row = next(iter(await desk.rows(QUERIES["by_id"], id=id_)), None)
    if row is None:
        twin = await _behind_alias(desk, id_)
        if twin:
            query = f"?{request.query_string}" if request.query_string else ""
            return Response.redirect(desk.at(f"article/{twin['public_id']}") + query)
        return await show(desk, "desk_article.html", status=404, article=None)
    return await show(desk, "desk_article.html", **_WORDS, **await _context(desk, row))


async def _behind_alias(desk: Desk, id_: str) -> Row | None:
    """The article that a twin page, an AMP page or an address that leads on stands for."""
    reasons = {row["url"]: row["reason"] for row in reversed(await desk.rows(QUERIES["aliases"]))}
    url = next((url for url in reasons if hashlib.sha256(url.encode(errors="replace")).hexdigest()[:16] == id_), None)
    for _ in range(HOPS):
        match = _ALIAS.search(reasons.get(url or "", ""))
        if not match:
            return None
        url = match[1]
        found = await desk.rows(QUERIES["by_url"], url=url)
        if found:
            return found[0]
    return None


async def _context(desk: Desk, row: Row) -> dict[str, Any]:
    """All that the template shows."""
    id_ = row["id"]
    figures, dates = await desk.rows(QUERIES["figures"], id=id_), await desk.rows(QUERIES["dates"], id=id_)
    facts = _facts(desk, figures, dates)
    versions = await _versions(desk, row)
    return {
        "article": look(row),
        "page_title": shown(row["headline"], TITLE),
        "address": shown(row["url"], 160),
        "badges": _badges(desk, row, versions),
        "notices": _notices(row),
        "dating": dating(row, dates),
        "decisions": [found | {"reason": reason(found["reason"], desk.t, may_read=desk.may_read)} for found in await _decisions(desk, row)],
        "verdict": lambda verdict: desk.t(f"verdict_{verdict}") if f"verdict_{verdict}" in LABELS else verdict,
        "terms": terms(row["matched"]),
        "facts": [value for values in facts.values() for _, value in values],
        "sentence_of": {value.key: place for values in facts.values() for place, value in values},
        "versions": versions,
        "figure_line": lambda line: _figure_line(line, desk.t),
        **await _reading(desk, row, facts),
        **await report_of(desk, row),
    }


def _badges(desk: Desk, row: Row, versions: Sequence[Version]) -> list[Badge]:
    found = badges(row | {"versions": len(versions)}, desk.t)
    return [*found, Badge(desk.t("live_entry"), "◉")] if look(row)["is_entry"] else found


def _notices(row: Row) -> list[str]:
    """Labels of what must be known before reading."""
    said = {
        "seed_about": row["relation"] == "seed",
        "dropped_about": row["state"] == "dropped",
        "withdrawn_about": row["state"] == "withdrawn",
        "paywalled_about": row["paywalled"],
        "aged_out_about": row["pruned_at"],
    }
    return [label for label, holds in said.items() if holds]


async def _decisions(desk: Desk, row: Row) -> list[Row]:
    found = await desk.rows(QUERIES["decisions"], url=row["url"])
    if found:
        return found
    # An example text was decided by whoever chose it; what it was measured as stands with it.
    return [{"at": row["filed_at"], "stage": "", "verdict": "", "reason": row["reason"], "score": row["relevance"], "retry_at": None}]


def _facts(desk: Desk, figures: Iterable[Row], dates: Iterable[Row]) -> dict[str, list[tuple[int | None, Value]]]:
    """Figures and mentioned dates by kind, each with the sentence it stands in."""
    found: dict[str, list[tuple[int | None, Value]]] = {"figure": [], "date": []}
    for row in figures:
        amount = Amount(row["low"], row["high"], row["hedge"])
        words = f"{said(amount, desk.lang)} {unit_name(row['unit'], desk.t)}"
        found["figure"].append((row["sentence"], Value(f"f{row['id']}", "figure", clean(row["as_written"]), words, row["unit"])))
    for row in dates:
        if row["role"] == "mention":
            words = str(desk.clock.published(row["edtf"]).striptags())
            found["date"].append((row["sentence"], Value(f"d{row['id']}", "date", clean(row["as_written"]), words)))
    return found


async def _reading(desk: Desk, row: Row, facts: dict[str, list[tuple[int | None, Value]]]) -> dict[str, Any]:
    """The text, or the new sentences alone for those who may not read it."""
    by_sentence: dict[int | None, list[Value]] = {}
    for place, value in (pair for values in facts.values() for pair in values):
        by_sentence.setdefault(place, []).append(value)
    rows = await desk.rows(QUERIES["sentences" if desk.may_read else "new_sentences"], id=row["id"])
    counts = {status: sum(found["status"] == status for found in rows) for status in ("new", "reworded", "known")}
    sentences = [_said(found, by_sentence) for found in rows if found["text"]]  # without those that were aged out
    earlier = {found["id"]: look(found) for found in await _looks(desk, (sentence.first for sentence in sentences))}
    common = {
        "counts": counts,
        "earlier": earlier,
        "all_new": desk.may_read and counts["new"] == len(sentences) > 0,
        "on_page_sentences": {sentence.position for sentence in sentences},
    }
    if not desk.may_read:
        return common | {"snippets": sentences, "text": [], "cut": False}
    text = (await desk.rows(QUERIES["text"], id=row["id"]))[0]
    cut = text["length"] > TEXT or len(rows) == SENTENCES
    return common | {"snippets": [], "text": _paragraphs(text["text"], sentences, cut=cut), "cut": cut}


def _paragraphs(text: str, sentences: Sequence[Said], *, cut: bool) -> list[Paragraph]:
    return paragraphs(clean(text), sentences, cut=cut)


def _said(row: Row, values: dict[int | None, list[Value]]) -> Said:
    text = clean(row["text"])
    marked = pieces(text, values.get(row["position"], []))
    return Said(row["position"], text, row["status"], row["first_seen_in"], bool(row["boilerplate"]), marked)


async def _looks(desk: Desk, ids: Iterable[int | None]) -> list[Row]:
    wanted = {id_ for id_ in ids if id_ is not None}
    return await desk.rows(QUERIES["look"], ids=asked(sorted(wanted))) if wanted else []


async def _versions(desk: Desk, row: Row) -> list[Version]:
    """The earlier texts, newest first; each says what the one after it changed."""
    found, after = [], row["headline"]
    for each in await desk.rows(QUERIES["versions"], id=row["id"]):
        headline = clean(each["headline"])
        found.append(version(each | {"headline": shown(headline)}, shown(after)))
        after = headline
    return found


def _figure_line(line: str, t: Translate) -> str:
    """What became of a figure: `container: 10.000 → 11.000`, its unit in the page's language."""
    unit, parted, change = line.partition(": ")
    return f"{unit_name(unit, t)}: {shown(change, 400)}" if parted else shown(line, 400)
