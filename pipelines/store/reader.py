"""Reading what people read: views, row by row, from a connection that cannot write."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipelines.store import StoreError
from pipelines.views import VIEWS


class Reader:
    """A read-only look at a database; a crawl may write meanwhile."""

    def __init__(self, path: Path) -> None:
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
        """The rows of a view, of those that changed within the given UTC times; memory stays flat."""
        times = [name for name in ("changed_at", "at", "seen_at", "atom_updated") if name in self.columns(view)]
        bounds = [(f"{times[0]} {sign} ?", value) for sign, value in ((">=", since), ("<", until)) if value and times]
        where = f" WHERE {' AND '.join(clause for clause, _ in bounds)}" if bounds else ""
        return self.connection.execute(f"SELECT * FROM {self._known(view)}{where}", [value for _, value in bounds])

    def ask(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of a query over the views."""
        return self.connection.execute(sql, values).fetchall()

    def _known(self, view: str) -> str:
        if view not in VIEWS:
            raise KeyError(view)
        return view
