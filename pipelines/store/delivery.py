"""What one reader has not had yet of a view, exactly: each row is held against the row that this reader last took.

No clock decides, so nothing filed in the same second, during an export or before a clock was set back is missed or
comes twice. One read transaction decides what a delivery holds; `record` notes it as taken, or nothing happened.
"""

from __future__ import annotations

import itertools
import json
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO, Literal

from pipelines.address import public_id
from pipelines.store import Store
from pipelines.store.rows import Row, legible, rows, utc
from pipelines.views import VIEWS

What = Literal["new", "updated", "corrected", "withdrawn", "merged"]
PART = 1 << 20  # bytes of a kept delivery in one row; memory holds one at a time
# What makes a row the same row. A view that is not named has no such thing: any change is a row that came and one that went.
_KEYS: dict[str, tuple[str, ...]] = {
    "verdicts": ("url",), "articles_list": ("url",), "coverage": ("report",), "copies": ("url",), "mentions": ("url",),
    "related_reports": ("url", "other_url"), "revisions": ("url", "version"), "new_sentences": ("url", "sentence"),
    "figures_over_time": ("url", "unit", "as_written"), "source_health": ("url",), "gaps": ("source", "at"), "proof": ("outlet_id", "at"),
    "feed": ("atom_id",), "feed_figures": ("atom_id",),
}  # fmt: skip
_NAMED = {"coverage"}  # the key is a public id already
# Bookkeeping: moves without anything a reader would see. A corrected text is found by its hash.
QUIET = frozenset({"changed_at", "fetched_at", "atom_updated", "story_hash", "run", "next_due_at", "last_ok_at", "fetches", "pruned_at"})
TIMES = ("changed_at", "at", "seen_at", "atom_updated")  # the column that says when a row changed, in the order of trust
_TEXT = "(SELECT text_hash FROM articles t WHERE t.url = v.{url})"
_NO_LIVE = """((SELECT state FROM articles t WHERE t.url = v.url) = 'withdrawn' AND NOT EXISTS (SELECT 1 FROM articles m
WHERE m.cluster = v.cluster AND m.state IN ('live', 'revised') AND m.relation != 'seed'))"""
# For each view whose rows stand for a text: its hash, and whether its page is gone.
_MARKS = {
    "articles_list": f"{_TEXT.format(url='url')}, v.state = 'withdrawn'",
    "coverage": f"{_TEXT.format(url='url')}, {_NO_LIVE}",
    "copies": f"{_TEXT.format(url='url')}, 0",
    "feed": f"{_TEXT.format(url='atom_link')}, 0",
}


@dataclass(frozen=True, slots=True)
class Change:
    """A row that a reader has not had as it is now. `row` is the view's; of one that vanished, as it was last delivered.

    `into` is the id of the report that it, or the report it belongs to, was merged into.
    """

    what: What
    id: str
    into: str | None
    row: Row


@dataclass(frozen=True, slots=True)
class _Had:
    row: Row
    text: str | None
    gone: bool


@dataclass(frozen=True, slots=True)
class Last:
    """The last delivery of a reader in a format: `at` UTC text, `size` in bytes."""

    id: int
    format: str
    number: int
    at: str
    size: int


class Delivery:
    """One delivery to one reader, from `taking`. `number` counts from 1; `last_at` is UTC text, None at the first."""

    def __init__(self, store: Store, name: str, view: str, since: str) -> None:
        self.db = store.db
        self._store = store
        found = rows(self.db, "SELECT * FROM readers WHERE name = ? AND view = ?", name, view)
        self._reader: int | None = found[0]["id"] if found else None
        self.name, self.view = name, view
        self.number: int = found[0]["deliveries"] + 1 if found else 1
        self.last_at: str | None = found[0]["taken_at"] if found else None
        self._since = since if not found else ""
        self._looked: list[str] = []

    def columns(self, view: str) -> list[str]:
        """The columns of a view, in order."""
        return [row["name"] for row in rows(self.db, f"PRAGMA table_info({view})")]

    def ask(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of a query, as of the moment of this delivery."""
        return self.db.conn.execute(sql, values).fetchall()

    def changes(self, view: str) -> Iterator[Change]:
        """What changed in a view, in the view's order, then what vanished from it. To be read to its end, once."""
        if view not in VIEWS:
            raise KeyError(view)
        self._looked.append(view)
        columns = self.columns(view)
        times = [name for name in TIMES if name in columns]
        for values in self.db.conn.execute(f"SELECT v.*, {_MARKS.get(view, 'NULL, 0')} FROM {view} v"):
            now = _Had(dict(zip(columns, values, strict=False)), values[-2], bool(values[-1]))
            if (change := self._see(view, now)) and not (self._since and times and (now.row[times[0]] or "") < self._since):
                yield change
        yield from self._vanished(view)

    def _see(self, view: str, now: _Had) -> Change | None:
        """Note a row as seen, with how it is now where that is not how it was delivered; what there is to tell of it.

        Two rows of one key (a sentence said twice) are told apart by their order.
        """
        row = json.dumps(now.row, ensure_ascii=False)
        base = _id(view, now.row)
        for count in itertools.count(1):
            id_ = base if count == 1 else f"{base}-{count}"
            written, had = self._had(view, id_)
            same = written == row and had.text == now.text and had.gone == now.gone
            values = (view, id_, None if same else row, now.text, now.gone)
            if self.db.conn.execute("INSERT OR IGNORE INTO scratch.seen VALUES (?, ?, ?, ?, ?)", values).rowcount:
                break
        return None if same else self._judge(id_, had if written else None, now)

    def _had(self, view: str, id_: str) -> tuple[str, _Had]:
        """A row as it was last delivered, as it was written and read; empty when it never was."""
        sql = "SELECT row, text_hash, gone FROM delivered WHERE reader = ? AND view = ? AND id = ?"
        found = self.db.conn.execute(sql, (self._reader, view, id_)).fetchone() if self._reader else None
        return (found[0], _Had(json.loads(found[0]), found[1], bool(found[2]))) if found else ("", _Had({}, None, False))

    def _judge(self, id_: str, had: _Had | None, now: _Had) -> Change | None:
        if had is None:
            return Change("withdrawn" if now.gone else "new", id_, None, now.row)
        into = self._merged(had.row) if had.row.get("cluster") != now.row.get("cluster") else None
        what: What | None = None
        if now.gone and not had.gone:
            what = "withdrawn"
        elif had.text != now.text and had.text and _url(had.row) == _url(now.row):
            what = "corrected"
        elif into:
            what = "merged"
        elif had.gone != now.gone or any(had.row[name] != now.row[name] for name in now.row if name in had.row and name not in QUIET):
            what = "updated"
        return Change(what, id_, into, now.row) if what else None

    def _vanished(self, view: str) -> Iterator[Change]:
        """Rows that are no longer in the view. Those that were withdrawn before are not told twice."""
        sql = """SELECT id, row, gone FROM delivered d WHERE reader = ? AND view = ?
        AND NOT EXISTS (SELECT 1 FROM scratch.seen s WHERE s.view = d.view AND s.id = d.id)"""
        for id_, written, gone in self.db.conn.execute(sql, (self._reader, view)) if self._reader else ():
            row = json.loads(written)
            into = self._moved(row) if view == "articles_list" else self._merged(row) if view == "coverage" else None
            if into or not gone:
                yield Change("merged" if into else "withdrawn", id_, into, row)

    def _merged(self, row: Row) -> str | None:
        """The report that the report of a row was merged into, where it can be seen."""
        sql = """WITH RECURSIVE up(id, next) AS (SELECT id, merged_into FROM clusters WHERE id = ?
        UNION SELECT c.id, c.merged_into FROM up JOIN clusters c ON c.id = up.next)
        SELECT c.public_id FROM up JOIN clusters c ON c.id = up.id WHERE c.id != ?1 AND up.next IS NULL AND c.first_live IS NOT NULL"""
        found = self.db.conn.execute(sql, (row.get("cluster"),)).fetchone()
        return found[0] if found else None

    def _moved(self, row: Row) -> str | None:
        """The id that an article has since it moved to its own URL (it was filed as an AMP or print page)."""
        sql = """SELECT a.public_id FROM decisions d JOIN articles a ON d.reason = 'is a twin of ' || a.url
        WHERE d.url = ? AND d.verdict = 'alias' AND a.id = ? AND a.state != 'dropped'"""
        found = self.db.conn.execute(sql, (row["url"], row["id"])).fetchone()
        return found[0] if found else None

    def record(self, format_: str, body: BinaryIO, now: datetime) -> None:
        """Note the delivery as taken and keep its bytes, in place of the last ones in this format.

        To be called once the bytes are where they belong, and every change was read.
        """
        conn = self.db.conn
        conn.execute("COMMIT")  # what was read stands in a file of its own; the rest of the world may have gone on
        with self._store.transaction():
            sql = """INSERT INTO readers (name, view, deliveries, taken_at) VALUES (?, ?, ?, ?)
            ON CONFLICT (name, view) DO UPDATE SET deliveries = excluded.deliveries, taken_at = excluded.taken_at RETURNING id"""
            reader = conn.execute(sql, (self.name, self.view, self.number, utc(now))).fetchone()[0]
            for view in self._looked:
                conn.execute(
                    """DELETE FROM delivered WHERE reader = ?1 AND view = ?2
                    AND NOT EXISTS (SELECT 1 FROM scratch.seen s WHERE s.view = ?2 AND s.id = delivered.id)""",
                    (reader, view),
                )
            conn.execute(
                "INSERT OR REPLACE INTO delivered SELECT ?, view, id, row, text_hash, gone FROM scratch.seen WHERE row IS NOT NULL",
                (reader,),
            )
            _keep(self._store, reader, format_, self.number, body, now)


def _keep(store: Store, reader: int, format_: str, number: int, body: BinaryIO, now: datetime) -> None:
    conn = store.db.conn
    old = "SELECT id FROM deliveries WHERE reader = ? AND format = ?"
    conn.execute(f"DELETE FROM delivery_parts WHERE delivery IN ({old})", (reader, format_))
    conn.execute("DELETE FROM deliveries WHERE reader = ? AND format = ?", (reader, format_))
    sql = "INSERT INTO deliveries (reader, format, number, at, size) VALUES (?, ?, ?, ?, ?)"
    delivery = conn.execute(sql, (reader, format_, number, utc(now), body.seek(0, 2))).lastrowid
    body.seek(0)
    parts = enumerate(iter(lambda: body.read(PART), b""))
    conn.executemany("INSERT INTO delivery_parts VALUES (?, ?, ?)", ((delivery, position, zlib.compress(part)) for position, part in parts))


@contextmanager
def taking(store: Store, name: str, view: str, since: str = "") -> Iterator[Delivery]:
    """A delivery of one moment. Nothing is taken unless `record` was called.

    Args:
        name: the reader. Each has a place of its own in each view.
        view: what the reader takes, for example `coverage`, or a word for several views taken together.
        since: UTC text; the first delivery holds only what changed since.
    """
    conn = store.db.conn
    conn.text_factory = legible  # no broken text from a page stops an export
    conn.execute("ATTACH '' AS scratch")  # a file without a name: temporary tables are kept in memory
    conn.execute(
        """CREATE TABLE scratch.seen (view TEXT NOT NULL, id TEXT NOT NULL, row TEXT, text_hash TEXT, gone INTEGER, PRIMARY KEY (view, id))
        WITHOUT ROWID"""
    )
    conn.execute("BEGIN")
    try:
        yield Delivery(store, name, view, since)
    finally:
        if conn.in_transaction:
            conn.execute("ROLLBACK")
        conn.execute("DETACH scratch")


def last(store: Store, name: str, view: str, formats: Sequence[str]) -> Last | None:
    """The last delivery that a reader took in one of these formats."""
    sql = f"""SELECT d.id, d.format, d.number, d.at, d.size FROM deliveries d JOIN readers r ON r.id = d.reader
    WHERE r.name = ? AND r.view = ? AND d.format IN ({", ".join("?" * len(formats))}) ORDER BY d.number DESC LIMIT 1"""
    found = store.db.conn.execute(sql, (name, view, *formats)).fetchone()
    return Last(*found) if found else None


def body(store: Store, delivery: Last) -> Iterator[bytes]:
    """The bytes of a kept delivery, a part at a time."""
    sql = "SELECT body FROM delivery_parts WHERE delivery = ? ORDER BY position"
    for (part,) in store.db.conn.execute(sql, (delivery.id,)):
        yield zlib.decompress(part)


def _url(row: Row) -> Any:
    return row.get("url", row.get("atom_link"))


def _id(view: str, row: Row) -> str:
    """A public id: 16 hex digits of the URL, or of all that makes a row the same row."""
    if view in _NAMED:
        return str(row[_KEYS[view][0]])
    parts: Sequence[Any] = [row[name] for name in _KEYS[view]] if view in _KEYS else list(row.values())
    return public_id("\n".join(str(part) for part in parts))
