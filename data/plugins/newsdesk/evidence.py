"""Why an article has the date it has, and why it was filed: what the page gave, what was chosen, what says otherwise."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from newsdesk.labels import Translate
from newsdesk.shown import shown

Row = Mapping[str, Any]
# Which place on a page is believed before which; the same order as where the date is chosen. A test holds the two together.
PLACES = ("json-ld", "microdata", "meta", "time", "visible", "listing", "text", "url")
REFUSED = {
    "says when it was modified": "refused_modified",
    "says no possible date": "refused_no_date",
    "lies in the future": "refused_future",
    "lies before the web": "refused_past",
}
TERMS = 12  # of a facet that are shown
_TOLD = re.compile(r"(\d{1,6}) of (\d{1,6}) sentences tell the story")
_CONFLICT = re.compile(r"(?P<basis>\S+) (?P<value>.*?)(?:: (?P<why>" + "|".join(map(re.escape, REFUSED)) + "))?", re.S)


@dataclass(frozen=True, slots=True)
class Conflict:
    """A date of the page that says otherwise; `why` is the label of why it was refused, if it was."""

    basis: str
    value: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Dating:
    """All that is known of when an article was published: rows of `dates` with `chosen`, and labels of why it was chosen."""

    published: tuple[dict[str, Any], ...]
    modified: tuple[dict[str, Any], ...]
    why: tuple[str, ...]
    conflicts: tuple[Conflict, ...]


def dating(article: Row, dates: Sequence[Row]) -> Dating:
    """The evidence of an article (`published`, `published_basis`, `published_conflicts`) and its rows of `dates`."""
    found = [dict(row) | {"chosen": False, "basis": place(row["basis"])} for row in dates if row["role"] == "published"]
    chosen = (article["published"], place(article["published_basis"] or ""))
    winner = next((row for row in found if (row["edtf"], row["basis"]) == chosen), None)
    if winner:
        winner["chosen"] = True
    changed = [dict(row) | {"basis": place(row["basis"])} for row in dates if row["role"] == "modified"]
    conflicts = [_conflict(line) for line in (article["published_conflicts"] or "").split("\n") if line.strip()]
    return Dating(tuple(found), tuple(changed), tuple(_why(article, found)), tuple(conflicts))


def place(basis: str) -> str:
    """The place on a page, of a basis that may say more: `meta:article:published_time` is `meta`."""
    name = basis.strip().lower()
    return next((known for known in PLACES if name.startswith(known)), name)


def _why(article: Row, found: Sequence[Row]) -> list[str]:
    if not article["published"]:
        return ["why_no_date"]
    basis = place(article["published_basis"] or "")
    if basis not in PLACES:
        return []
    better = [row for row in found if row["basis"] in PLACES and PLACES.index(row["basis"]) < PLACES.index(basis)]
    if better:
        return ["why_finer"]
    return ["why_alone" if len({row["basis"] for row in found}) < 2 else "why_best_place"]


def _conflict(line: str) -> Conflict:
    match = _CONFLICT.fullmatch(line)
    if not match:
        return Conflict("", shown(line))
    return Conflict(place(match["basis"]), shown(match["value"].strip("'\"")), REFUSED.get(match["why"] or "", ""))


def terms(matched: str) -> list[tuple[str, list[tuple[str, int]], int]]:
    """The terms found, from `articles.matched`: facet, its terms with how often each was found, how many more there are."""
    try:
        found = json.loads(matched)
        counts: dict[str, Counter[str]] = {}
        spelt: dict[str, str] = {}
        for facet, written, _ in found:
            counts.setdefault(shown(str(facet)), Counter())[shown(str(written), 60).casefold()] += 1
            spelt.setdefault(shown(str(written), 60).casefold(), shown(str(written), 60))
    except (ValueError, TypeError):
        return []
    return [(facet, [(spelt[term], n) for term, n in said.most_common(TERMS)], max(0, len(said) - TERMS)) for facet, said in counts.items()]


def reason(text: str, t: Translate, *, may_read: bool) -> str:
    """Why a page was filed, in words. The terms that follow a count of sentences stand in a list of their own; the sentence that
    is quoted last is for those who may read the text."""
    words, _, quoted = text.partition(" | ")
    told = _TOLD.match(words)
    said = t("sentences_tell", n=int(told[1]), of=int(told[2])) if told else words
    return shown(f"{said} | {quoted}" if quoted and may_read else said, 700)
