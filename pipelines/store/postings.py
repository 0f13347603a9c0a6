"""Which texts hold a hash: of a run of words, of a sentence, of a topic.

A log-structured index (O'Neil et al. 1996) of two levels. Hashes fall anywhere in a B-tree, so that each of an article's eighty
costs a page: half of all pages that filing wrote. New postings therefore wait in memory (`fresh`, a temporary table: a transaction
that fails takes them back) and enter `postings` in order, thousands of articles at a time. `unposted` says on disk which articles
wait, so another process sees them too, and nothing is lost with this one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable
from sqlite3 import Connection

TOGETHER = 2_048  # articles that enter at once: 160 pages written an article without, 78 so at 10,000 stored
Posting = tuple[int, int, int]  # hash, rank, article

# One upper bound alone: of two SQLite takes the other for the index, and looks for the last rank wanted at every row.
_EARLIEST = """SELECT p.hash, p.rank, p.article FROM json_each(?1) mine CROSS JOIN {table} p
    ON p.hash = mine.value AND p.rank >= ?2 AND p.rank <= coalesce((SELECT rank FROM {table}
    WHERE hash = mine.value AND rank >= ?2 AND rank < ?3 ORDER BY rank LIMIT 1 OFFSET ?4 - 1), ?3 - 1)"""
_FIRST = """SELECT p.hash, p.rank, p.article FROM json_each(?1) mine CROSS JOIN {table} p
    ON p.hash = mine.value AND p.rank = (SELECT min(rank) FROM {table} WHERE hash = mine.value AND rank < ?2)"""


class Postings:
    """All postings, wherever they are. `marks` gives rank and hashes of an article that waits, from what else is stored of it."""

    def __init__(self, conn: Connection, marks: Callable[[int], tuple[int, Iterable[int]]]) -> None:
        self.conn = conn
        self.marks = marks
        conn.execute(
            "CREATE TEMP TABLE IF NOT EXISTS fresh (hash INTEGER NOT NULL, rank INTEGER NOT NULL, article INTEGER NOT NULL, "
            "PRIMARY KEY (hash, rank, article)) WITHOUT ROWID"
        )
        self.oldest = self.newest = 0  # of the rows of `unposted` that are in `fresh`; 0: unknown
        self.waiting = 0
        self.seen: int | None = None  # the database as another process last changed it

    def add(self, article: int, rank: int, hashes: Iterable[int]) -> None:
        """Let an article be found by its hashes."""
        self._insert(article, rank, hashes)
        cursor = self.conn.execute("INSERT INTO unposted (article) VALUES (?)", (article,))
        self.newest = int(cursor.lastrowid or 0)
        self.oldest = self.oldest or self.newest
        self.waiting += 1
        if self.waiting >= TOGETHER:
            self.post()

    def remove(self, article: int, rank: int, hashes: Collection[int]) -> None:
        """Let an article be found no more; `rank` and `hashes` as they were given."""
        if self.conn.execute("SELECT EXISTS (SELECT 1 FROM unposted WHERE article = ?)", (article,)).fetchone()[0]:
            self.post()
        self.conn.executemany(
            "DELETE FROM postings WHERE hash = ? AND rank = ? AND article = ?", [(value, rank, article) for value in set(hashes)]
        )

    def earliest(self, hashes: Collection[int], low: int, high: int, most: int) -> list[Posting]:
        """For every hash the earliest postings within low <= rank < high, at `most` so many each."""
        values = (json.dumps(list(hashes)), low, high, most)
        found = self._both(_EARLIEST, values)
        return _cut(found, most) if self.waiting and len(found) > most else found

    def first(self, hashes: Collection[int], before: int) -> dict[int, int]:
        """The earliest article of a rank below `before` that holds each hash."""
        found = self._both(_FIRST, (json.dumps(list(hashes)), before))
        return {value: article for value, _, article in sorted(found, reverse=True)}

    def post(self) -> None:
        """Let all that waits enter the index."""
        self.conn.execute("INSERT OR IGNORE INTO postings SELECT hash, rank, article FROM fresh")
        self.conn.execute("DELETE FROM fresh")
        self.conn.execute("DELETE FROM unposted WHERE id < (SELECT max(id) FROM unposted)")
        self.conn.execute("UPDATE unposted SET article = NULL")  # the last row stays: a number is never given twice
        self.oldest = self.newest
        self.waiting = 0

    def catch_up(self) -> None:
        """At the beginning of a transaction: take in what other processes filed since the last one."""
        version = self.conn.execute("PRAGMA data_version").fetchone()[0]
        if version == self.seen:
            return
        self.seen = version
        oldest, newest = self.conn.execute("SELECT coalesce(min(id), 0), coalesce(max(id), 0) FROM unposted").fetchone()
        if oldest != self.oldest:  # what waited here was entered by another
            self.conn.execute("DELETE FROM fresh")
            self.newest = self.waiting = 0
        for (article,) in self.conn.execute("SELECT article FROM unposted WHERE id > ? AND article IS NOT NULL", (self.newest,)).fetchall():
            self._insert(article, *self.marks(article))
            self.waiting += 1
        self.oldest, self.newest = oldest, newest

    def forget(self) -> None:
        """After a transaction that was taken back: look anew what waits."""
        self.seen, self.oldest = None, -1

    def _insert(self, article: int, rank: int, hashes: Iterable[int]) -> None:
        self.conn.executemany(
            "INSERT OR IGNORE INTO fresh (hash, rank, article) VALUES (?, ?, ?)", [(value, rank, article) for value in set(hashes)]
        )

    def _both(self, query: str, values: tuple[str | int, ...]) -> list[Posting]:
        found: list[Posting] = self.conn.execute(query.format(table="postings"), values).fetchall()
        return found + self.conn.execute(query.format(table="fresh"), values).fetchall() if self.waiting else found


def _cut(found: list[Posting], most: int) -> list[Posting]:
    """Of each hash the earliest, at `most` so many; those of one rank stay together."""
    kept: list[Posting] = []
    counted: dict[int, int] = {}
    last: dict[int, int] = {}
    for posting in sorted(found):
        value, rank, _ = posting
        counted[value] = counted.get(value, 0) + 1
        if counted[value] <= most or rank == last[value]:
            kept.append(posting)
            last[value] = rank
    return kept
