"""What ails a database, looked for without changing it: each finding says what was found and what to do."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlite_utils import Database

from pipelines.schema import STEPS
from pipelines.schema.search import INDEXES
from pipelines.store import INDEX, Store
from pipelines.store.index import Index
from pipelines.store.rows import utc

AHEAD = timedelta(minutes=5)  # that a time on record may lie ahead of the clock: machines that share a disk differ by seconds
RESTORE = "restore the last `scrapy backup`"
UPDATE = "update the program: git pull && make setup"
_REFUSED = ("readonly", "locked", "busy")  # what SQLite says when it cannot look, and nothing is wrong with what it would look at


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found, and what to do about it."""

    found: str
    todo: str


def checkup(path: Path, now: datetime) -> Iterator[Finding]:
    """Everything that is wrong with a database and the files it consists of; nothing where all is well."""
    yield from _files(path)
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=10, isolation_level=None)) as connection:
            connection.execute("SELECT 1 FROM sqlite_master").fetchone()
            version = list(_version(connection))
            yield from version or _parts(connection, path, now)
    except sqlite3.Error as error:
        yield Finding(f"{path} cannot be read: {error}", f"check its permissions; if those are right, {RESTORE}")


def mend(path: Path) -> None:
    """Make the full-text indexes anew from what they stand for.

    Raises:
        StoreError: when the database cannot be opened or written.
    """
    store = Store.open(path)
    for table in INDEXES:
        with store.transaction():
            store.db.conn.execute(f"INSERT INTO {table}_fts({table}_fts) VALUES ('rebuild')")
    store.close()


def _files(path: Path) -> Iterator[Finding]:
    for part in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        if part.exists() and not os.access(part, os.R_OK | os.W_OK):
            yield Finding(f"{part} cannot be read and written by this user", f"chown $(whoami) {part} && chmod u+rw {part}")
        if part.exists() and part.stat().st_uid != path.stat().st_uid:
            yield Finding(f"{part} belongs to another user than {path.name}", f"chown --reference={path} {part}")
        if part.exists() and part.stat().st_mode & 0o002:
            yield Finding(f"{part} can be written by anybody", f"chmod o-w {part}")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        yield Finding(f"{path.parent} cannot be written by this user: no log can stand beside the database", f"chmod u+rwx {path.parent}")


def _version(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Whether this program knows the schema; of another one nothing more can be said."""
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if "_sqlite_migrations" not in tables:
        yield Finding("the file is no database of this program", "set DATABASE to the right file")
        return
    made = {name for (name,) in connection.execute("SELECT name FROM _sqlite_migrations")}
    if newer := sorted(made - set(STEPS)):
        yield Finding(
            f"a newer version of the program made the database ({', '.join(newer)})", "update the program: git pull && make setup"
        )
    elif older := sorted(set(STEPS) - made):
        yield Finding(
            f"an older version of the program made the database ({', '.join(older)} are missing)", "scrapy seed brings it up to date"
        )


def _parts(connection: sqlite3.Connection, path: Path, now: datetime) -> Iterator[Finding]:
    damage = [said for (said,) in connection.execute("PRAGMA integrity_check(3)") if said != "ok"]
    if damage:  # of a damaged file the rest may say anything
        yield Finding(f"the database is damaged: {'; '.join(damage)}", RESTORE)
        return
    for look in (_references, _reports, _searched, _words, _clock):
        yield from look(connection, now)
    yield from _search_index(path)


def _references(connection: sqlite3.Connection, now: datetime) -> Iterator[Finding]:
    lost: dict[tuple[str, str], int] = {}
    for table, _, of, _ in connection.execute("PRAGMA foreign_key_check"):
        lost[table, of] = lost.get((table, of), 0) + 1
    for (table, of), count in lost.items():
        yield Finding(f"{count} rows of {table} belong to rows of {of} that are gone", RESTORE)


def _reports(connection: sqlite3.Connection, now: datetime) -> Iterator[Finding]:
    gone = "NOT EXISTS (SELECT 1 FROM articles WHERE id = {})"
    rules = {
        "articles belong to no report": "SELECT count(*) FROM articles WHERE cluster IS NULL",
        "reports have lost their first text": f"SELECT count(*) FROM clusters WHERE merged_into IS NULL AND {gone.format('root')}",
        "reports show a text that is gone": f"SELECT count(*) FROM clusters WHERE merged_into IS NULL AND first_live IS NOT NULL "
        f"AND {gone.format('first_live')}",
        "filed articles have no decision on record": "SELECT count(*) FROM articles a WHERE relation != 'seed' "
        "AND NOT EXISTS (SELECT 1 FROM decisions WHERE url = a.url)",
    }
    for what, sql in rules.items():
        if count := connection.execute(sql).fetchone()[0]:
            yield Finding(f"{count} {what}", "scrapy refold" if "decision" not in what else "scrapy replay --apply")


def _searched(connection: sqlite3.Connection, now: datetime) -> Iterator[Finding]:
    """Rows and full-text index against each other; the last rows wait, and enter with the next ones."""
    for table in INDEXES:
        docs = f"{table}_fts_docsize"
        missing = (
            f"SELECT count(*) FROM {table} t WHERE id <= (SELECT max(id) FROM {docs}) AND NOT EXISTS (SELECT 1 FROM {docs} WHERE id = t.id)"
        )
        beyond = f"SELECT count(*) FROM {docs} d WHERE NOT EXISTS (SELECT 1 FROM {table} WHERE id = d.id)"
        for sql, what in ((missing, "are not found by the search"), (beyond, "are found by the search and gone")):
            if count := connection.execute(sql).fetchone()[0]:
                yield Finding(f"{count} {table} {what}", "scrapy doctor --mend")


def _words(connection: sqlite3.Connection, now: datetime) -> Iterator[Finding]:
    """The index of words by which copies are found."""
    if connection.execute("PRAGMA user_version").fetchone()[0] > INDEX:
        yield Finding("a newer version of the program made the index of words", UPDATE)
    elif connection.execute("PRAGMA user_version").fetchone()[0] != INDEX and connection.execute("SELECT 1 FROM articles").fetchone():
        yield Finding("an older version of the program made the index of words", "scrapy refold")
    else:
        problems: Callable[[], list[str]] = getattr(Index(Database(connection)), "problems", list)
        yield from (Finding(problem, "scrapy refold") for problem in problems())


def _clock(connection: sqlite3.Connection, now: datetime) -> Iterator[Finding]:
    limit = utc(now + AHEAD)
    columns = {"run": "runs.started_at", "fetch": "fetches.at", "decision": "decisions.at", "filed article": "articles.filed_at"}
    for what, column in columns.items():
        table, name = column.split(".")
        newest = connection.execute(f"SELECT max({name}) FROM {table}").fetchone()[0]
        if newest and newest > limit:
            yield Finding(f"the newest {what} is of {newest}, and the clock says {utc(now)}", "set the clock: timedatectl set-ntp true")


def _search_index(path: Path) -> Iterator[Finding]:
    """SQLite's own look at the full-text indexes, that of the articles held against their texts (in the other one a headline may
    have come later). It needs to write and takes it back; while a crawl writes, or where nothing can be written, it is left out."""
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=1, isolation_level=None)) as connection:
        for table in INDEXES:
            waiting = f"SELECT EXISTS (SELECT 1 FROM {table} WHERE id > (SELECT coalesce(max(id), 0) FROM {table}_fts_docsize))"
            try:
                connection.execute("BEGIN IMMEDIATE")
                against = int(table == "articles" and not connection.execute(waiting).fetchone()[0])
                connection.execute(f"INSERT INTO {table}_fts({table}_fts, rank) VALUES ('integrity-check', ?)", (against,))
            except sqlite3.Error as error:
                if not any(words in str(error) for words in _REFUSED):
                    yield Finding(f"the full-text index of {table} is not what its rows say ({error})", "scrapy doctor --mend")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
