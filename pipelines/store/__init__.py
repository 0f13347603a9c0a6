"""The only place that writes SQL. `ledger` is what was listed and decided, `memory` what was filed."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlite_utils import Database

from pipelines.schema import NewerError, migrate
from pipelines.store.clusters import Clusters
from pipelines.store.ledger import Ledger
from pipelines.store.memory import Memory
from pipelines.store.polling import Polling
from pipelines.store.search import Search

BUSY = 60  # seconds to wait for another writer
INDEX = 3  # of how words, sentences and topics are told apart; another number makes every index anew
CACHE = 16_384  # KiB of pages kept in memory; with four times as many an article is filed no sooner, at 20,000 stored
CHECKPOINT = 32_000  # pages (128 MB) written to the log before they go into the file: most are written again before that


class StoreError(Exception):
    """The database cannot be opened or written: says which file, what was found, what to do."""


class Store:
    """One open database. All writing goes through `transaction`."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.search = Search(db)
        self.ledger = Ledger(db, self.search)
        self.memory = Memory(db, self.search)
        self.clusters = Clusters(db)
        self.polling = Polling(db)

    @classmethod
    def open(cls, path: Path | str) -> Store:
        """Open or create a database and bring it to today's schema.

        Raises:
            StoreError: when it is no database, or cannot be written.
        """
        path = Path(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(path, timeout=BUSY, isolation_level=None, check_same_thread=False)
            if not connection.execute("PRAGMA page_count").fetchone()[0]:
                connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
            _log_ahead(connection)
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA temp_store = MEMORY")
            connection.execute(f"PRAGMA cache_size = -{CACHE}")
            connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT}")
            db = Database(connection)
            if connection.execute("PRAGMA user_version").fetchone()[0] > INDEX:
                raise NewerError("a newer version of the program made its index of words; update the program")
            migrate(db)
            if not connection.execute("SELECT EXISTS (SELECT 1 FROM articles)").fetchone()[0]:
                connection.execute(f"PRAGMA user_version = {INDEX}")
            store = cls(db)
            with store.transaction():  # says now, not after a night's crawl, that nothing can be written
                store.search.grow()  # what a killed run filed last
        except NewerError as error:
            raise StoreError(f"{path}: {error}") from None
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"{path}: cannot be written ({error}); check the path, its permissions and the disk") from error
        return store

    def stale(self) -> bool:
        """Whether the index was made by an older version: its words no longer compare with today's."""
        made_by = self.db.conn.execute("PRAGMA user_version").fetchone()[0]
        return bool(made_by != INDEX and self.db.conn.execute("SELECT EXISTS (SELECT 1 FROM articles)").fetchone()[0])

    def mark_fresh(self) -> None:
        """Note that the index is today's."""
        self.db.conn.execute(f"PRAGMA user_version = {INDEX}")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside is written, or nothing is. Readers are never locked out."""
        postings = self.memory.index.postings
        self.db.conn.execute("BEGIN IMMEDIATE")
        try:
            postings.catch_up()
            yield
            self.db.conn.execute("COMMIT")
        except BaseException:
            if self.db.conn.in_transaction:  # a full disk has taken it back already
                self.db.conn.execute("ROLLBACK")
            postings.forget()
            raise

    def close(self) -> None:
        """Let the last articles into the indexes, and close the file."""
        postings = self.memory.index.postings
        if self.search.waiting or postings.waiting:
            with self.transaction():
                self.search.grow()
                postings.post()
        self.db.conn.close()


def _log_ahead(connection: sqlite3.Connection) -> None:
    """Let readers and a writer work side by side. SQLite waits for nobody here, as when two runs make the database at once."""
    over = time.monotonic() + BUSY
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > over:
                raise
            time.sleep(0.05)
