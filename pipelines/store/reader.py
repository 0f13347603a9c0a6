"""Reading what people read: views, row by row, from a connection that cannot write."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, get_args

from pipelines.article import Closing
from pipelines.store import StoreError
from pipelines.store.rows import Row, legible
from pipelines.views import VIEWS

GOOD = "('ok', 'unchanged', 'empty')"  # outcomes of a fetch that got an answer
_VERDICTS = ", ".join(f"'{verdict}'" for verdict in get_args(Closing))  # named one by one, so that the index of times is used
# What decides about a window: from the last good fetch before it to the first after it that can tell whether it is contiguous.
_FETCHES = f"""
SELECT s.outlet, s.url, f.at, f.outcome, f.contiguous, f.repaired_at, f.repaired_by FROM sources s LEFT JOIN fetches f ON f.source = s.url
AND f.at >= coalesce((SELECT max(at) FROM fetches WHERE source = s.url AND at < ?1 AND outcome IN {GOOD}),
  (SELECT max(at) FROM fetches WHERE source = s.url AND at < ?1), '')
AND f.at <= coalesce((SELECT min(at) FROM fetches WHERE source = s.url AND at >= ?2 AND outcome IN ('ok', 'unchanged')),
  (SELECT min(at) FROM fetches WHERE source = s.url AND at >= ?2), '9999')
ORDER BY s.outlet, s.url, f.at, f.id"""
_LISTED = """
SELECT coalesce(outlet, ''), substr(first_listed_at, 1, 13), count(*),
       sum(NOT EXISTS (SELECT 1 FROM decisions WHERE decisions.url = entries.url))
FROM entries WHERE first_listed_at >= ? AND first_listed_at < ? GROUP BY 1, 2"""
# A URL counts once, by the newest decision of the window. What a listed URL leads to was asked for with it, not once more.
_DECIDED = f"""
SELECT coalesce(a.outlet, e.outlet, ''), substr(d.at, 1, 13), d.verdict, count(*), sum(d.stage = 'page' AND e.url IS NOT NULL)
FROM decisions d LEFT JOIN entries e ON e.url = d.url LEFT JOIN articles a ON a.url = d.url
WHERE d.verdict IN ({_VERDICTS}) AND d.at >= ?1 AND d.at < ?2
AND NOT EXISTS (SELECT 1 FROM decisions n WHERE n.url = d.url AND n.id > d.id AND n.at < ?2) GROUP BY 1, 2, 3"""
_PUBLICATIONS = """
SELECT DISTINCT coalesce(e.outlet, ''), e.published, e.language, e.first_listed_at, coalesce(o.timezone, 'UTC')
FROM entries e LEFT JOIN outlets o ON o.id = e.outlet
WHERE e.published != '' AND e.first_listed_at >= ? AND e.first_listed_at < ?"""
# Everything that is known of one URL, or of the article at it. A row of `reuse`: a text whose words the article carries.
_ABOUT = {
    "listed": """SELECT e.*, coalesce(o.name, e.outlet) AS outlet_name, s.kind FROM entries e LEFT JOIN outlets o ON o.id = e.outlet
        LEFT JOIN sources s ON s.url = e.source WHERE e.url = ?""",
    "decisions": "SELECT d.*, r.spider FROM decisions d LEFT JOIN runs r ON r.id = d.run WHERE d.url = ? ORDER BY d.id",
    "page": "SELECT fetched_at, final_url, http_status, length(html) AS size FROM pages WHERE url = ?",
    "article": """SELECT a.*, coalesce(o.name, a.outlet, '') AS outlet_name, s.headline AS origin_headline, s.url AS origin_url,
        coalesce(so.name, s.outlet, s.url) AS origin_outlet FROM articles a LEFT JOIN outlets o ON o.id = a.outlet
        LEFT JOIN articles s ON s.id = a.origin LEFT JOIN outlets so ON so.id = s.outlet WHERE a.url = ?""",
    "dates": """SELECT d.as_written, d.edtf, d.basis, d.role FROM dates d JOIN articles a ON a.id = d.article
        WHERE a.url = ? AND d.role != 'mention' ORDER BY d.id""",
    "reuse": """SELECT s.url, s.headline, r.words, r.share FROM reuse r JOIN articles a ON a.id = r.article
        JOIN articles s ON s.id = r.source WHERE a.url = ? ORDER BY r.words DESC""",
    "copies": """SELECT c.url, c.headline, c.relation, c.own_share, c.state, coalesce(o.name, c.outlet, '') AS outlet_name FROM articles a
        JOIN articles c ON c.origin = a.id LEFT JOIN outlets o ON o.id = c.outlet WHERE a.url = ? ORDER BY c.rank""",
    "versions": """SELECT v.seen_at, v.headline, v.changed, v.came, v.went, v.figures FROM versions v JOIN articles a ON a.id = v.article
        WHERE a.url = ? ORDER BY v.id""",
    "corrections": "SELECT * FROM corrections WHERE ?1 IN (url, other) ORDER BY id",
    "aliases": """SELECT DISTINCT url, reason FROM decisions WHERE verdict = 'alias'
        AND reason IN ('leads to ' || ?1, 'is a twin of ' || ?1) AND url != ?1 ORDER BY url""",
}


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything known of one URL, each part as rows; all are empty where nothing is known."""

    url: str
    listed: list[Row]
    decisions: list[Row]
    page: list[Row]
    article: list[Row]
    dates: list[Row]
    reuse: list[Row]
    copies: list[Row]
    versions: list[Row]
    corrections: list[Row]
    aliases: list[Row]

    @property
    def known(self) -> bool:
        """Whether the URL was ever listed, decided, fetched or filed, or an editor spoke of it."""
        return any((self.listed, self.decisions, self.page, self.article, self.corrections, self.aliases))


class Reader:
    """A read-only look at a database; a crawl may write meanwhile."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.exists():
            raise StoreError(f"{path}: does not exist yet; run `scrapy seed` or a crawl first, or set DATABASE")
        try:
            self.connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=60)
            self.connection.execute("SELECT 1 FROM articles LIMIT 1")
        except sqlite3.Error as error:
            raise StoreError(f"{path}: cannot be read ({error})") from error

    def columns(self, view: str) -> list[str]:
        """The columns of a view, in order."""
        return [row[1] for row in self.connection.execute(f"PRAGMA table_info({self._known(view)})")]

    def rows(self, view: str, *, since: str = "", until: str = "") -> Iterator[tuple[Any, ...]]:
        """The rows of a view as of one moment, of those that changed within the given UTC times; memory stays flat.

        What is no UTF-8 in a text, as another program may have written it, comes as U+FFFD.
        """
        times = [name for name in ("changed_at", "at", "seen_at", "atom_updated") if name in self.columns(view)]
        bounds = [(f"{times[0]} {sign} ?", value) for sign, value in ((">=", since), ("<", until)) if value and times]
        where = f" WHERE {' AND '.join(clause for clause, _ in bounds)}" if bounds else ""
        return self._legible(f"SELECT * FROM {self._known(view)}{where}", [value for _, value in bounds])

    def ask(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of a query over the views."""
        return self._run(sql, values).fetchall()

    def about(self, url: str) -> Dossier:
        """Everything known of a URL, as it stands in the database."""
        parts = {name: self._run(sql, (url,)) for name, sql in _ABOUT.items()}
        return Dossier(url, **{name: [_row(cursor, values) for values in cursor] for name, cursor in parts.items()})

    def urls_of(self, hosts: Iterable[str]) -> Iterator[str]:
        """Every URL of these hosts that was listed or decided."""
        for host in hosts:
            for scheme in ("http", "https"):
                span = (f"{scheme}://{host}/", f"{scheme}://{host}0")  # what comes after "/" in the order of characters
                sql = "SELECT url FROM entries WHERE url >= ?1 AND url < ?2 UNION SELECT url FROM decisions WHERE url >= ?1 AND url < ?2"
                yield from (url for (url,) in self._run(sql, span))

    def fetches(self, since: str, until: str) -> Iterator[tuple[Any, ...]]:
        """What tells whether the time between was covered, in the order of outlet, source and time: outlet, source, at,
        outcome, contiguous, repaired_at, repaired_by. A source never asked has one row without `at`."""
        return self._run(_FETCHES, (since, until))

    def listed(self, since: str, until: str) -> list[tuple[Any, ...]]:
        """URLs first listed, and of these those without any decision, by outlet and hour: outlet, hour, listed, undecided."""
        return self.ask(_LISTED, since, until)

    def decided(self, since: str, until: str) -> list[tuple[Any, ...]]:
        """URLs by their newest decision of the window: outlet, hour, verdict, how many, and how many of them were asked for."""
        return self.ask(_DECIDED, since, until)

    def publications(self, since: str, until: str) -> Iterator[tuple[Any, ...]]:
        """What listings say of publication: outlet, as written, language, listed at, time zone."""
        return self._run(_PUBLICATIONS, (since, until))

    def _run(self, sql: str, values: Sequence[Any]) -> sqlite3.Cursor:
        try:
            return self.connection.execute(sql, values)
        except sqlite3.OperationalError as error:
            hint = "; `scrapy seed` brings an older file up to date" if "no such" in str(error) else ""
            raise StoreError(f"{self.path}: cannot be read ({error}){hint}") from error

    def _legible(self, sql: str, values: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
        if not self.connection.in_transaction:
            self.connection.execute("BEGIN")
        given = 0
        try:
            for row in self.connection.execute(sql, values):
                yield row
                given += 1
        except sqlite3.OperationalError as error:
            if "decode" not in str(error):
                raise
            self.connection.text_factory = legible  # takes twice the time
            yield from islice(self.connection.execute(sql, values), given, None)

    def _known(self, view: str) -> str:
        if view not in VIEWS:
            raise KeyError(view)
        return view


def _row(cursor: sqlite3.Cursor, values: Sequence[Any]) -> Row:
    return {column[0]: value for column, value in zip(cursor.description, values, strict=True)}
