"""Ageing out: pages and texts older than they may be kept go, a few hundred rows a transaction; what folding needs stays.

Of an article stay headline, dates, figures and the keys of its sentences; its words are gone from the text, its sentences,
its earlier versions, the full-text index, what was delivered of it, and from the file. Killed at any moment, it is finished
by the next run: what is done is no longer found.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from pipelines.store import Store, StoreError
from pipelines.store.rows import utc

BATCH = 200  # rows a transaction: a crawl that files meanwhile waits a second at most
STEP = 1000  # pages (4 MB) that are merged or given back at a time, for the same reason
_AGING = "pruned_at IS NULL AND relation != 'seed' AND coalesce(fetched_at, filed_at) < ?"
# What readers were delivered of a text, so that ageing it out is no change that is delivered, and leaves no copy behind.
_DELIVERED = {
    "new_sentences": "",
    "figures_over_time": "json_set(row, '$.sentence', '')",
    "revisions": "json_set(row, '$.changed', '', '$.came', '', '$.went', '', '$.earlier_length', NULL, '$.length', NULL)",
    "feed_figures": "json_set(row, '$.atom_content', (SELECT headline FROM articles WHERE url = json_extract(row, '$.atom_link')))",
}


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many pages and texts went, and by how many bytes the file is smaller."""

    pages: int
    texts: int
    freed: int


def prune(store: Store, now: datetime, *, pages: datetime | None, texts: datetime | None) -> Pruned:
    """Age out the pages fetched, and the texts fetched or filed, before these times; None leaves them alone.

    Raises:
        StoreError: when the index is an older version's: making it anew needs the texts.
    """
    if store.stale():
        raise StoreError("the index was made by an older version and making it anew needs the texts; run `scrapy refold` first")
    store.db.conn.execute("PRAGMA secure_delete = ON")  # what goes is overwritten, in the file too
    before = _size(store)
    gone = _batches(store, lambda: _pages(store, utc(pages))) if pages else 0
    aged = _batches(store, lambda: _texts(store, utc(texts), utc(now))) if texts else 0
    if gone or aged:
        _free(store)
    return Pruned(gone, aged, before - _size(store))


def _batches(store: Store, batch: Callable[[], int]) -> int:
    done = 0
    while True:
        with store.transaction():
            count = batch()
        done += count
        if count < BATCH:
            return done


def _pages(store: Store, before: str | None) -> int:
    sql = f"DELETE FROM pages WHERE url IN (SELECT url FROM pages WHERE fetched_at < ? LIMIT {BATCH})"
    return store.db.conn.execute(sql, (before,)).rowcount


def _texts(store: Store, before: str | None, now: str | None) -> int:
    execute = store.db.conn.execute
    found = [id_ for (id_,) in execute(f"SELECT id FROM articles WHERE {_AGING} LIMIT {BATCH}", (before,))]
    if found:
        let_go(store, found, now)
        old = "SELECT id FROM deliveries WHERE at < ?"  # their bytes are whole exports, kept to be repeated
        execute(f"DELETE FROM delivery_parts WHERE delivery IN ({old})", (before,))
        execute("DELETE FROM deliveries WHERE at < ?", (before,))
    return len(found)


def let_go(store: Store, articles: Iterable[int], now: str | None) -> None:
    """Take the words of articles out of everything that has them, within a transaction of the caller's."""
    execute = store.db.conn.execute
    ids = json.dumps(list(articles))
    these = "(SELECT value FROM json_each(?1))"
    for view, changed in _DELIVERED.items():
        what = f"UPDATE delivered SET row = {changed}" if changed else "DELETE FROM delivered"
        url = "$.atom_link" if view == "feed_figures" else "$.url"
        sql = f"{what} WHERE view = ?2 AND json_extract(row, ?3) IN (SELECT url FROM articles WHERE id IN {these})"
        execute(sql, (ids, view, url))
    execute(f"UPDATE sentences SET text = '' WHERE article IN {these}", (ids,))
    execute(f"UPDATE versions SET text = '', came = '', went = '', changed = '' WHERE article IN {these}", (ids,))
    execute(f"UPDATE articles SET text = '', pruned_at = ?2 WHERE id IN {these}", (ids, now))


def _free(store: Store) -> None:
    """Give the space back to the disk, some of it at a time: a crawl may write meanwhile."""
    conn = store.db.conn
    amount = -STEP  # the first lets every part of the index be merged, so that what left it takes no space any more
    while True:
        with store.transaction():
            changes = conn.total_changes
            conn.execute("INSERT INTO articles_fts(articles_fts, rank) VALUES ('merge', ?)", (amount,))
        if conn.total_changes - changes < 2:  # as SQLite says: nothing is left to be merged
            break
        amount = STEP
    free = _free_pages(store)
    while free:
        conn.execute(f"PRAGMA incremental_vacuum({STEP})").fetchall()
        left = _free_pages(store)
        if left >= free:  # a file that does not shrink by itself, or a crawl that takes as much: the space is used again
            break
        free = left
    conn.execute("PRAGMA wal_checkpoint(PASSIVE)")


def _free_pages(store: Store) -> int:
    return int(store.db.conn.execute("PRAGMA freelist_count").fetchone()[0])


def _size(store: Store) -> int:
    pages, size = (store.db.conn.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
    return int(pages * size)
