"""The report that an article belongs to: its texts as a tree, what each added, and independent reports of the same event."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from newsdesk.article_queries import MEMBERS, QUERIES
from newsdesk.labels import Translate
from newsdesk.lineage import ALL, SHOWN, Branch, grow
from newsdesk.page import Desk, Row
from newsdesk.shown import asked, original, shown
from newsdesk.spans import span

HOPS = 5  # from twin to twin, from one merged report to the next
COPIES = ("copy", "abridged", "extended", "merged")
QUOTE = 400  # characters of a sentence that a copy added
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z]{2,4})?")


async def report_of(desk: Desk, row: Row) -> dict[str, Any]:
    """What the template shows of an article's report; with `?copies=all` every text of it."""
    cluster = await _standing(desk, row["cluster"])
    members = await desk.rows(QUERIES["members"], cluster=cluster, id=row["id"])
    everything = desk.request.args.get("copies") == "all"
    first = next((member for member in members if member["relation"] != "seed"), None)
    dressed = [look(member) | {"later": later(first, member, desk.t)} for member in members]
    tree = grow(dressed, row["id"], ALL if everything else SHOWN)
    visible = [branch.member for branch in _all(tree)]
    kin = await desk.rows(QUERIES["related"], cluster=cluster)
    return {
        "tree": tree,
        "members": len(members) if len(members) < MEMBERS else (await desk.rows(QUERIES["count"], cluster=cluster))[0]["n"],
        "everything": everything,
        "first_headline": dressed[0]["headline"] if dressed else "",
        "added": await _added(desk, visible),
        "sources": await _sources(desk, visible, cluster),
        "kin": [look(other) for other in kin],
    }


async def _standing(desk: Desk, cluster: int) -> int:
    """The report itself, or the one that took it in. An article moves with its report; this is for one left behind."""
    for _ in range(HOPS):
        found = await desk.rows(QUERIES["cluster"], cluster=cluster)
        if not found or found[0]["merged_into"] is None:
            break
        cluster = found[0]["merged_into"]
    return cluster


async def _added(desk: Desk, members: Iterable[Mapping[str, Any]]) -> dict[int, list[str]]:
    """The first new sentences of each copy."""
    adding = asked(member["id"] for member in members if member["relation"] in COPIES and member["new_sentences"])
    found: dict[int, list[str]] = {}
    for sentence in await desk.rows(QUERIES["added"], ids=adding):
        found.setdefault(sentence["article"], []).append(shown(sentence["text"], QUOTE))
    return found


async def _sources(desk: Desk, members: Iterable[Mapping[str, Any]], cluster: int) -> dict[int, list[Row]]:
    """The texts of other reports whose words each carries."""
    found: dict[int, list[Row]] = {}
    for source in await desk.rows(QUERIES["sources"], ids=asked(member["id"] for member in members), cluster=cluster):
        found.setdefault(source["article"], []).append(look(source))
    return found


def look(row: Row) -> Row:
    """A row of articles as templates show it."""
    cleaned = {name: shown(row[name]) for name in ("headline", "outlet", "byline", "agency") if name in row}
    language = row.get("language") or ""
    link = original(row["url"])
    return row | cleaned | {
        "link": link, "is_entry": link is not None and "#" in link, "lang": language if _LANGUAGE.fullmatch(language) else None,
    }  # fmt: skip


def later(first: Row | None, row: Row, t: Translate) -> str:
    """How much later than the first text of its report a text appeared, in words; nothing where either has no clock time."""
    begin, at = (span(each["published"]) if each and "T" in (each["published"] or "") else None for each in (first, row))
    if not begin or not at or at[0] - begin[0] < 60:
        return ""
    minutes = int((at[0] - begin[0]) // 60)
    if minutes < 90:
        return t("later_minutes", n=minutes)
    return t("later_hours", n=round(minutes / 60)) if minutes < 36 * 60 else t("later_days", n=round(minutes / 1440))


def _all(tree: Sequence[Branch]) -> Iterable[Branch]:
    for branch in tree:
        yield branch
        yield from _all(branch.branches)
