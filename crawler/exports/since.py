"""What changed since a time, for a brief that no reader takes: by the times on record, which a cursor does without."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

from pipelines.store.delivery import Change, What

# Each: whether the row came since, whether its text changed since, whether it is withdrawn.
_JUDGED = {
    "coverage": """SELECT v.*, (SELECT min(m.filed_at) FROM articles m WHERE m.cluster = v.cluster AND m.relation != 'seed') >= ?1, 0, 0
        FROM coverage v WHERE v.changed_at >= ?1""",
    "articles_list": """SELECT v.*, v.filed_at >= ?1, EXISTS (SELECT 1 FROM versions r JOIN articles t ON t.id = r.article
        WHERE r.article = v.id AND r.seen_at >= ?1 AND r.text != t.text), v.state = 'withdrawn'
        FROM articles_list v WHERE v.changed_at >= ?1""",
    "figures_over_time": "SELECT v.*, 1, 0, 0 FROM figures_over_time v WHERE v.changed_at >= ?1",
}
_DROPPED = """SELECT a.headline, coalesce(o.name, a.outlet, '') AS outlet, a.published, a.url, a.relation, a.changed_at, a.id
FROM articles a LEFT JOIN outlets o ON o.id = a.outlet WHERE a.state = 'dropped' AND a.changed_at >= ?1 AND a.filed_at < ?1"""


class Since:
    """Changes since a time (UTC text), as of the transaction that the caller began."""

    def __init__(self, connection: sqlite3.Connection, since: str) -> None:
        self.connection = connection
        self.since = since

    def ask(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return self.connection.execute(sql, values).fetchall()

    def changes(self, view: str) -> Iterator[Change]:
        """What changed in a view."""
        cursor = self.connection.execute(_JUDGED[view], (self.since,))
        columns = [column[0] for column in cursor.description][:-3]
        for *values, came, corrected, withdrawn in cursor:
            what: What = "withdrawn" if withdrawn else "new" if came else "corrected" if corrected else "updated"
            yield Change(what, "", None, dict(zip(columns, values, strict=True)))
        if view == "articles_list":
            cursor = self.connection.execute(_DROPPED, (self.since,))
            columns = [column[0] for column in cursor.description]
            yield from (Change("withdrawn", "", None, dict(zip(columns, values, strict=True))) for values in cursor)
