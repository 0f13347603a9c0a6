"""Ageing out: pages and texts older than they may be kept go, a few hundred rows a transaction; what folding needs stays.

Of an article stay headline, dates, figures and the keys of its sentences; its words are gone from the text, its sentences,
its earlier versions, the teaser of its listing, the full-text index, what was delivered of it, and from the file. So is the
sentence that was quoted of a page that only mentions the story, and what an outlet prints under its articles once no text that
is kept has it. Headlines stay, and teasers of what was never filed: a changed story file decides by them.
Killed at any moment, it is finished by the next run: what is done is no longer found.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pipelines.schema.search import INDEXES
from pipelines.store import Store, StoreError
from pipelines.store.rows import utc

BATCH = 200  # rows a transaction: a crawl that files meanwhile waits a second at most
STEP = 1000  # pages (4 MB) that are merged or given back at a time, for the same reason
QUOTES = " | "  # in a mention's reason, before the sentence that names the story
_QUOTING = f"SELECT id, url FROM decisions WHERE verdict = 'mention' AND instr(reason, '{QUOTES}')"
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
    quoted = _batches(store, lambda: _quotes(store, utc(texts))) if texts else 0
    told = _batches(store, lambda: _deliveries(store, utc(texts))) if texts else 0
    if texts:
        _furniture(store)
    if gone or aged or quoted or told:
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
    let_go(store, found, now)
    return len(found)


def _deliveries(store: Store, before: str | None) -> int:
    """Their bytes are whole exports, kept to be repeated."""
    old = [id_ for (id_,) in store.db.conn.execute(f"SELECT id FROM deliveries WHERE at < ? LIMIT {BATCH}", (before,))]
    for table, name in (("delivery_parts", "delivery"), ("deliveries", "id")):
        store.db.conn.execute(f"DELETE FROM {table} WHERE {name} IN (SELECT value FROM json_each(?))", (json.dumps(old),))
    return len(old)


def let_go_of_page(store: Store, url: str, articles: Sequence[int], now: str | None) -> None:
    """Take the words of a page's articles, and what was quoted of it, within a transaction of the caller's."""
    let_go(store, articles, now)
    _unquote(store, store.db.conn.execute(f"{_QUOTING} AND url = ?", (url,)).fetchall())


def let_go(store: Store, articles: Sequence[int], now: str | None) -> None:
    """Take the words of articles out of everything that has them, within a transaction of the caller's."""
    if not articles:
        return
    execute = store.db.conn.execute
    ids = json.dumps(articles)
    these = "(SELECT value FROM json_each(?1))"
    for view, changed in _DELIVERED.items():
        what = f"UPDATE delivered SET row = {changed}" if changed else "DELETE FROM delivered"
        url = "$.atom_link" if view == "feed_figures" else "$.url"
        sql = f"{what} WHERE view = ?2 AND json_extract(row, ?3) IN (SELECT url FROM articles WHERE id IN {these})"
        execute(sql, (ids, view, url))
    execute(f"UPDATE entries SET summary = '' WHERE url IN (SELECT url FROM articles WHERE id IN {these})", (ids,))
    execute(f"UPDATE sentences SET text = '' WHERE article IN {these}", (ids,))
    execute(f"UPDATE imprints SET gists = NULL WHERE article IN {these}", (ids,))
    execute(f"UPDATE versions SET text = '', came = '', went = '', changed = '' WHERE article IN {these}", (ids,))
    execute(f"UPDATE articles SET text = '', pruned_at = ?2 WHERE id IN {these}", (ids, now))


def _quotes(store: Store, before: str | None) -> int:
    return _unquote(store, store.db.conn.execute(f"{_QUOTING} AND at < ? LIMIT {BATCH}", (before,)).fetchall())


def _unquote(store: Store, found: Sequence[tuple[int, str]]) -> int:
    """Take the sentences out of mentions, and out of what readers were delivered of them; why each is one stays."""
    if not found:
        return 0
    execute = store.db.conn.execute
    ids, urls = (json.dumps(list(column)) for column in zip(*found, strict=True))
    these = "id IN (SELECT value FROM json_each(?))"
    sought = execute(f"SELECT json_group_array(id) FROM decisions_fts_docsize WHERE {these}", (ids,)).fetchone()  # others enter without
    names = ", ".join(INDEXES["decisions"])
    row = f"id, {names} FROM decisions_search WHERE {these}"
    execute(f"INSERT INTO decisions_fts(decisions_fts, rowid, {names}) SELECT 'delete', {row}", sought)
    execute(f"UPDATE decisions SET reason = {_bare('reason')} WHERE {these}", (ids,))
    execute(f"INSERT INTO decisions_fts(rowid, {names}) SELECT {row}", sought)
    for view in ("mentions", "verdicts"):
        told = "json_extract(row, '$.reason')"
        sql = f"UPDATE delivered SET row = json_set(row, '$.reason', {_bare(told)}) WHERE view = ? AND instr({told}, '{QUOTES}')"
        execute(f"{sql} AND json_extract(row, '$.url') IN (SELECT value FROM json_each(?))", (view, urls))
    return len(found)


def _bare(reason: str) -> str:
    return f"substr({reason}, 1, instr({reason}, '{QUOTES}') - 1)"


def _furniture(store: Store) -> None:
    """Take the wording of sentences that an outlet prints under its articles where only texts had it that are gone."""
    held = store.db.conn.execute(
        """SELECT outlet, key FROM boilerplate b WHERE text != '' AND (outlet, key) NOT IN (SELECT a.outlet, s.key
        FROM sentences s JOIN articles a ON a.id = s.article WHERE s.boilerplate AND s.text != '' AND a.outlet IS NOT NULL)"""
    ).fetchall()  # looked for before anybody has to wait
    with store.transaction():
        store.db.conn.executemany("UPDATE boilerplate SET text = '' WHERE outlet = ? AND key = ?", held)


def _free(store: Store) -> None:
    """Give the space back to the disk, some of it at a time: a crawl may write meanwhile."""
    conn = store.db.conn
    for table in INDEXES:
        _merge(store, table)
    free = _free_pages(store)
    while free:
        conn.execute(f"PRAGMA incremental_vacuum({STEP})").fetchall()
        left = _free_pages(store)
        if left >= free:  # a file that does not shrink by itself, or a crawl that takes as much: the space is used again
            break
        free = left
    conn.execute("PRAGMA wal_checkpoint(PASSIVE)")


def _merge(store: Store, table: str) -> None:
    amount = -STEP  # the first lets every part of the index be merged, so that what left it takes no space any more
    while True:
        with store.transaction():
            changes = store.db.conn.total_changes
            store.db.conn.execute(f"INSERT INTO {table}_fts({table}_fts, rank) VALUES ('merge', ?)", (amount,))
        if store.db.conn.total_changes - changes < 2:  # as SQLite says: nothing is left to be merged
            return
        amount = STEP


def _free_pages(store: Store) -> int:
    return int(store.db.conn.execute("PRAGMA freelist_count").fetchone()[0])


def _size(store: Store) -> int:
    pages, size = (store.db.conn.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
    return int(pages * size)
