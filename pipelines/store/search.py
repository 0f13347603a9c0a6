"""The full-text indexes, as they grow: by some rows at a time, for one by one costs three times as much."""

from __future__ import annotations

from sqlite_utils import Database

from pipelines.schema.search import INDEXES

# Rows that enter together. An article costs 1.3 ms alone, .6 with 16, .4 to .5 so; a decision, of which five come with an article, .06
# with 16, .04 so.
TOGETHER = 64


class Search:
    """What was filed and decided is found once it is in here: with the next rows, when the store is closed, or, after a killed
    run, when it is opened again."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.waiting = 0

    def note(self) -> None:
        """One more row waits; with enough of them all enter, in the transaction of the last."""
        self.waiting += 1
        if self.waiting >= TOGETHER:
            self.grow()

    def grow(self) -> None:
        """Let in everything that came since this was last done."""
        for table, columns in INDEXES.items():
            names = ", ".join(columns)
            last = f"SELECT coalesce(max(id), 0) FROM {table}_fts_docsize"
            self.db.conn.execute(
                f"INSERT INTO {table}_fts(rowid, {names}) SELECT id, {names} FROM {table}_search WHERE id > ({last}) ORDER BY id"
            )
        self.waiting = 0
