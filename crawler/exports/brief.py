"""The brief: what is new in ten lines with their sources, the weightiest first, put in order of time."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from crawler.exports.cells import plain
from pipelines.store.delivery import Change
from pipelines.store.rows import utc

LINES = 10  # of a brief in all: what a person reads standing
FIGURES = CORRECTIONS = 2  # lines that new figures, and corrected or withdrawn reports, have at most
NAMED = 5  # outlets named in the one line of those that fell silent
SILENT = timedelta(days=7)  # without anything new; as long as the desk's list of silent sources waits
HEADLINE, SENTENCE = 160, 320  # characters shown: two lines and four on A4; chosen, not measured
VIEWS = ("coverage", "articles_list", "figures_over_time")  # what a brief is made of, and a reader of briefs takes

_QUOTE = "SELECT sentence FROM new_sentences WHERE cluster = ? ORDER BY changed_at DESC, article DESC, position LIMIT 1"
_FIRST = "SELECT article FROM figures WHERE unit = ? AND low IS ? AND high IS ? AND rank IS NOT NULL ORDER BY rank LIMIT 1"
_REVISED = "SELECT figures, changed, came, went FROM revisions WHERE article = ? ORDER BY version DESC LIMIT 1"
_SILENT = """SELECT outlet, max(last_new_at), min(failures > 0 OR coalesce(state, '') IN ('failing', 'denied')) AS fails FROM source_health
WHERE coalesce(state, '') != 'retired' AND (last_ok_at IS NOT NULL OR failures > 0) GROUP BY outlet_id
HAVING fails OR max(last_new_at) < ? ORDER BY max(last_new_at) DESC"""


class Changes(Protocol):
    """Where a brief learns what changed: a delivery, or the time since."""

    def changes(self, view: str) -> Iterable[Change]:
        """What changed in a view."""

    def ask(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of a query, as of the same moment."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: a text with its source. `published` is EDTF; `note` is what was corrected, or the figure as written."""

    headline: str
    url: str
    outlet: str
    published: str | None
    note: str = ""
    quote: str = ""
    what: str = "new"
    copies: int = 0


@dataclass(frozen=True, slots=True)
class Brief:
    """What is new `since` (UTC text), as of `at`. The counts are of all, the lines of the weightiest alone."""

    since: str
    at: datetime
    zone: ZoneInfo
    reports: tuple[Line, ...]
    figures: tuple[Line, ...]
    corrections: tuple[Line, ...]
    silent: tuple[tuple[str, str | None, bool], ...]  # outlet, when it last had something new (UTC text), whether it fails
    counts: dict[str, int]  # reports, figures, corrections, silent, updated, merged

    @property
    def quiet(self) -> bool:
        """Whether nothing is new."""
        return not (self.reports or self.figures or self.corrections)


def compose(source: Changes, since: str, at: datetime, zone: ZoneInfo) -> Brief:
    """Make the brief of what changed. Memory is flat: of thousands of changes only the weightiest are kept."""
    counts = dict.fromkeys(("reports", "figures", "corrections", "silent", "updated", "merged"), 0)
    reports = _weightiest(_counted(source.changes("coverage"), counts), LINES, _weight)
    corrections = _weightiest(_corrected(source.changes("articles_list"), counts), CORRECTIONS, lambda c: c.row["changed_at"] or "")
    figures = _weightiest(_first_said(source, counts), FIGURES, lambda c: c.row["published"] or c.row["changed_at"] or "")
    silent = source.ask(_SILENT, utc(at - SILENT))
    counts["silent"] = len(silent)
    left = LINES - len(figures) - len(corrections) - bool(silent)
    newest = sorted(reports[:left], key=lambda c: c.row["published"] or c.row["first_seen_at"] or "", reverse=True)
    return Brief(
        since, at, zone, tuple(_report(source, change) for change in newest), tuple(_figure(change) for change in figures),
        tuple(_correction(source, change) for change in corrections),
        tuple((plain(name), last, bool(fails)) for name, last, fails in silent[:NAMED]), counts,
    )  # fmt: skip


def _weightiest(changes: Iterable[Change], count: int, weight: Callable[[Change], Any]) -> list[Change]:
    return heapq.nlargest(count, changes, key=weight)


def _weight(change: Change) -> tuple[Any, ...]:
    return change.row["outlets"], change.row["new_sentences"], change.row["first_seen_at"] or ""


def _counted(changes: Iterable[Change], counts: dict[str, int]) -> Iterable[Change]:
    for change in changes:
        if change.what == "new":
            counts["reports"] += 1
            yield change
        elif change.what in counts:
            counts[change.what] += 1


def _corrected(changes: Iterable[Change], counts: dict[str, int]) -> Iterable[Change]:
    for change in changes:
        if change.what in ("corrected", "withdrawn") and change.row["relation"] != "seed":
            counts["corrections"] += 1
            yield change


def _first_said(source: Changes, counts: dict[str, int]) -> Iterable[Change]:
    """Figures that no earlier text had, each once."""
    told: set[tuple[Any, ...]] = set()
    for change in source.changes("figures_over_time"):
        row = change.row
        value = (row["unit"], row["low"], row["high"])
        if change.what == "new" and row["relation"] != "seed" and value not in told and source.ask(_FIRST, *value) == [(row["article"],)]:
            told.add(value)
            counts["figures"] += 1
            yield change


def _report(source: Changes, change: Change) -> Line:
    row = change.row
    quote = source.ask(_QUOTE, row["cluster"])
    return Line(**_text(row), quote=_short(quote[0][0], SENTENCE) if quote else "", copies=row["copies"])


def _figure(change: Change) -> Line:
    said, figure = change.row["sentence"] or "", change.row["as_written"]
    return Line(**_text(change.row), note=_short(figure, HEADLINE), quote=_short(said, SENTENCE) if figure in said else "")


def _correction(source: Changes, change: Change) -> Line:
    note = ""
    if change.what == "corrected" and (found := source.ask(_REVISED, change.row["id"])):
        figures, changed, came, went = found[0]
        note = next((f"{sign}{said.strip()}" for sign, said in (("", figures), ("", changed), ("+ ", came), ("− ", went)) if said), "")
    return Line(**_text(change.row), note=_short(note, SENTENCE), what=change.what)


def _text(row: dict[str, Any]) -> dict[str, Any]:
    headline = _short(row["headline"] or "", HEADLINE)
    return {"headline": headline, "url": row["url"], "outlet": _short(row["outlet"] or "", 60), "published": row["published"]}


def _short(text: str, limit: int) -> str:
    """A text on one line, cut at a word."""
    words = " ".join(plain(text[: 4 * limit]).split())
    return words if len(words) <= limit else f"{words[: limit - 1].rsplit(' ', 1)[0]}…"
