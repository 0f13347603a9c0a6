"""Small things every table's SQL shares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlite_utils import Database

Row = dict[str, Any]


def legible(written: bytes) -> str:
    """A text as the database holds it, for `text_factory`: what is no UTF-8, as another program may have written it, is U+FFFD."""
    return str(written, "utf-8", "replace")


def utc(instant: datetime | None) -> str | None:
    """An instant as the database writes it."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if instant else None


def instant(written: str | None) -> datetime | None:
    """An instant that the database wrote."""
    return datetime.fromisoformat(written) if written else None


def rows(db: Database, sql: str, *values: Any) -> list[Row]:
    """The rows of a query as dictionaries."""
    cursor = db.conn.execute(sql, values)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def insert(db: Database, table: str, row: Mapping[str, Any], *, conflict: str = "") -> int | None:
    """Insert one row; its rowid, or None when `conflict` (an ON CONFLICT clause) kept it out."""
    names = ", ".join(row)
    marks = ", ".join("?" * len(row))
    cursor = db.conn.execute(f"INSERT INTO {table} ({names}) VALUES ({marks}) {conflict}", tuple(row.values()))
    return cursor.lastrowid if cursor.rowcount > 0 else None


def insert_many(db: Database, table: str, names: Iterable[str], values: Iterable[tuple[Any, ...]], *, conflict: str = "") -> None:
    """Insert many rows of the same columns."""
    names = tuple(names)
    marks = ", ".join("?" * len(names))
    db.conn.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks}) {conflict}", values)


def update(db: Database, table: str, key: int, row: Mapping[str, Any]) -> None:
    """Write some columns of the row with this id."""
    assignments = ", ".join(f"{name} = ?" for name in row)
    db.conn.execute(f"UPDATE {table} SET {assignments} WHERE id = ?", (*row.values(), key))
