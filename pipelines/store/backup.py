"""A copy of the database as it stands at one moment, made while others write, and looked at before it takes its place."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.store import StoreError

STEP = 1000  # pages (4 MB) copied at a time: between two of them the command can be broken off
_HOLDS = ("articles", "decisions", "pages")
_FIRST = "SELECT url, filed_at FROM articles ORDER BY id LIMIT 1"
_SCHEMA = "SELECT type, name, sql FROM sqlite_master ORDER BY type, name"


@dataclass(frozen=True, slots=True)
class Backup:
    """What a copy holds. `newest` is when its newest article was filed, as UTC text; `size` in bytes."""

    path: Path
    articles: int
    decisions: int
    pages: int
    newest: str | None
    size: int


def back_up(source: Path, target: Path) -> Backup:
    """Copy a database to `target`, in place of an older copy of it. Writers are not held up: they go on in their log.

    Raises:
        StoreError: when there is no database, `target` is something else than an older copy, cannot be written or is in use,
            or the copy is not sound. What stood there still stands.
    """
    if not source.exists():
        raise StoreError(f"{source}: does not exist; nothing to back up")
    target = Path(os.path.realpath(target))
    try:
        with closing(_reading(source)) as origin:
            origin.execute("BEGIN")  # one moment, whatever is written meanwhile; without it each write would begin the copy anew
            wanted = _look(origin)
            _refuse_strangers(source, target, origin)
            with _beside(target, source.stat().st_mode) as part:
                _copy(origin, part)
                found = _checked(part, wanted)
                part.replace(target)
        sync(target.parent)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(
            f"{target}: no backup was made ({error}); check the disk and the permissions, `scrapy doctor` looks further"
        ) from error
    return Backup(target, found["articles"], found["decisions"], found["pages"], found["newest"], target.stat().st_size)


def _reading(path: Path, options: str = "") -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro{options}", uri=True, timeout=60, isolation_level=None)


def _look(connection: sqlite3.Connection) -> dict[str, Any]:
    """What a database holds, and its schema."""
    counts: dict[str, Any] = {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in _HOLDS}
    newest = connection.execute("SELECT max(filed_at) FROM articles").fetchone()[0]
    return counts | {"newest": newest, "schema": connection.execute(_SCHEMA).fetchall()}


def _refuse_strangers(source: Path, target: Path, origin: sqlite3.Connection) -> None:
    if not target.exists():
        return
    if not target.is_file() or target.samefile(source):
        raise StoreError(f"{target}: is {'the database itself' if target.is_file() else 'no file'}; name a file for the copy")
    log = target.with_name(f"{target.name}-wal")
    if log.exists() and log.stat().st_size:
        raise StoreError(f"{target}: is in use, {log.name} stands beside it; close what reads it, or name another file")
    try:
        with closing(_reading(target, "&immutable=1")) as old:
            first = old.execute(_FIRST).fetchone()
    except sqlite3.Error:
        raise StoreError(f"{target}: is no copy of this database and stays as it is; name another file") from None
    if first not in (None, origin.execute(_FIRST).fetchone()):
        raise StoreError(f"{target}: holds another database and stays as it is; name another file")


@contextmanager
def _beside(target: Path, mode: int) -> Iterator[Path]:
    """A file beside the target, ours alone; it goes unless it was put in the target's place."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    handle = os.open(part, os.O_RDWR | os.O_CREAT, mode & 0o777)  # as few may read the copy as the database
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreError(f"{target}: another backup is writing it") from None
        os.truncate(handle, 0)  # what a killed one left
        try:
            yield part
        finally:
            part.unlink(missing_ok=True)
    finally:
        os.close(handle)


def _copy(origin: sqlite3.Connection, part: Path) -> None:
    with closing(sqlite3.connect(part, isolation_level=None)) as copy:
        copy.execute("PRAGMA synchronous = OFF")  # it is brought to the disk as a whole, below
        origin.backup(copy, pages=STEP)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file that can be read wherever it lies; opened to be written it is as before
    sync(part)


def _checked(part: Path, wanted: dict[str, Any]) -> dict[str, Any]:
    """What the copy holds, once it was found whole.

    Raises:
        StoreError: when it is not, or does not hold what the database did.
    """
    with closing(_reading(part, "&immutable=1")) as copy:
        said = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if said != "ok":
            raise StoreError(f"{part}: the copy is damaged ({said}), so is the database; `scrapy doctor` says what to do")
        found = _look(copy)
    if found != wanted:
        raise StoreError(f"{part}: the copy does not hold what the database does; try again")
    return found


def sync(path: Path) -> None:
    """Let a file, or the names in a folder, be on the disk: a file's new name is only as safe as the folder that holds it."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
