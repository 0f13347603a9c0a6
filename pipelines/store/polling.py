"""Sources as they are polled: what each fetch brought, where something was lost, which articles are due for another look."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from sqlite_utils import Database

from pipelines.article import Backfill, Entry, Fetch, Gap, Health, Revisit, Source
from pipelines.store.rows import Row, insert, instant, rows, update, utc

LOOKS = tuple(timedelta(hours=hours) for hours in (1, 6, 24, 7 * 24))  # after the first fetch
SEARCHES = tuple(timedelta(hours=hours) for hours in (0, 6, 24, 7 * 24))  # an archive is asked for a gap, each so long after the last
WITHDRAWN = 2  # looks in a row that find the page gone


class Polling:
    """The tables `sources` and `fetches`, and the looks at filed articles."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def health(self, url: str) -> Health:
        """What is known of a source; of one never fetched, only its URL."""
        found = rows(self.db, "SELECT * FROM sources WHERE url = ?", url)
        return _health(found[0]) if found else Health(url)

    def all(self) -> dict[str, Health]:
        """What is known of every source, by its URL."""
        return {row["url"]: _health(row) for row in rows(self.db, "SELECT * FROM sources")}

    def record(self, fetch: Fetch, new: int, before: Health, health: Health, contiguous: bool | None, run: int | None) -> None:
        """Write one fetch and what is known of its source since; a gap makes the outlet's other listings due at once."""
        lost = contiguous is False
        insert(
            self.db,
            "fetches",
            {
                "run": run, "source": fetch.source.url, "at": utc(fetch.at), "outcome": fetch.outcome, "http_status": fetch.http_status,
                "reason": fetch.reason, "entries": len(fetch.urls) or len(fetch.entries), "new_entries": new, "bytes": fetch.size,
                "contiguous": None if contiguous is None else int(contiguous),
                "before": json.dumps(before.newest) if lost else None, "after": json.dumps(fetch.urls) if lost else None,
            },
        )  # fmt: skip
        row = _row(health)
        assignments = ", ".join(f"{name} = ?" for name in row)
        self.db.conn.execute(f"UPDATE sources SET {assignments} WHERE url = ?", (*row.values(), fetch.source.url))
        if lost:
            self.db.conn.execute(
                """UPDATE sources SET next_due_at = ?1 WHERE outlet = ?2 AND url != ?3 AND kind IN ('news_sitemap', 'sitemap')
                AND coalesce(state, '') != 'retired'""",
                (utc(fetch.at), fetch.source.outlet, fetch.source.url),
            )
        if fetch.outcome == "ok" and fetch.reaches_back_to:
            self._repair(fetch)

    def _repair(self, fetch: Fetch) -> None:
        """Close the outlet's gaps that this listing reaches back over: from the last good fetch before to the gap's own."""
        self.db.conn.execute(
            """UPDATE fetches SET repaired_at = ?1, repaired_by = ?2 WHERE contiguous = 0 AND repaired_at IS NULL AND source != ?2
            AND source IN (SELECT url FROM sources WHERE outlet = ?3) AND at <= ?1 AND (SELECT max(f.at) FROM fetches f
              WHERE f.source = fetches.source AND f.id < fetches.id AND f.outcome IN ('ok', 'unchanged')) >= ?4""",
            (utc(fetch.at), fetch.source.url, fetch.source.outlet, utc(fetch.reaches_back_to)),
        )

    def gaps(self, now: datetime) -> list[Gap]:
        """The gaps that no sitemap closed and an archive may: asked a few times, with growing pauses, for it may yet get to it."""
        sql = """SELECT f.id, s.outlet, s.kind, s.url, f.at, f.before, f.after, f.searches, f.searched_at, (SELECT max(e.at) FROM fetches e
              WHERE e.source = f.source AND e.id < f.id AND e.outcome IN ('ok', 'unchanged')) AS begin
            FROM fetches f JOIN sources s ON s.url = f.source
            WHERE f.contiguous = 0 AND f.repaired_at IS NULL AND f.before IS NOT NULL AND f.searches < ? ORDER BY f.at DESC"""
        return [_gap(row) for row in rows(self.db, sql, len(SEARCHES)) if _search_is_due(row, now)]

    def backfilled(self, backfill: Backfill) -> None:
        """Write what an archive had of a gap, and whether that closes it."""
        changes: Row = {"searched_at": utc(backfill.at), "found": backfill.note}
        if backfill.closed:
            changes |= {"repaired_at": utc(backfill.at), "repaired_by": backfill.archive}
        update(self.db, "fetches", backfill.gap.fetch, changes)
        self.db.conn.execute("UPDATE fetches SET searches = searches + 1 WHERE id = ?", (backfill.gap.fetch,))

    # --- looks at filed articles

    def revisits(self, now: datetime, most: int) -> list[Revisit]:
        """The pages of filed articles that are due for another look, the newest first, a live blog once: at most so many of an outlet,
        all of hosts of none."""
        sql = """WITH parts AS (SELECT id, outlet, next_look_at, iif(instr(url, '#'), substr(url, 1, instr(url, '#') - 1), url) AS page
              FROM articles WHERE next_look_at <= ? AND state IN ('live', 'revised')),
            pages AS (SELECT page, outlet, max(id) AS id, max(next_look_at) AS since FROM parts GROUP BY page),
            due AS (SELECT *, row_number() OVER (PARTITION BY outlet ORDER BY since DESC, id DESC) AS place FROM pages)
            SELECT due.page AS url, a.outlet, a.etag, a.last_modified, e.source, e.first_listed_at, e.headline, e.summary, e.keywords,
            e.published, e.language, e.authors FROM due JOIN articles a ON a.id = due.id LEFT JOIN entries e ON e.url = due.page
            WHERE due.place <= ? OR due.outlet IS NULL ORDER BY due.since DESC, due.id DESC"""
        return [_revisit(row, now) for row in rows(self.db, sql, utc(now), most)]

    def looked(self, id_: int, now: datetime, *, etag: str | None = None, last_modified: str | None = None, first: bool = False) -> None:
        """Note a look that found the page, and when the next one is due."""
        row = rows(self.db, "SELECT looks, fetched_at FROM articles WHERE id = ?", id_)[0]
        looks = 0 if first else row["looks"] + 1
        began = datetime.fromisoformat(row["fetched_at"]) if row["fetched_at"] and not first else now
        later = [began + span for span in LOOKS if began + span > now]
        changes: Row = {"looks": looks, "missing": 0, "next_look_at": utc(later[0]) if later else None}
        if etag or last_modified:
            changes |= {"etag": etag, "last_modified": last_modified}
        update(self.db, "articles", id_, changes)

    def put_off(self, id_: int, now: datetime) -> None:
        """Note that a look failed: it says nothing of the page, and the next one waits as long as the first did."""
        update(self.db, "articles", id_, {"next_look_at": utc(now + LOOKS[0])})

    def missed(self, id_: int, now: datetime) -> bool:
        """Note a look that found the page gone; whether that makes the article withdrawn."""
        row = rows(self.db, "SELECT missing FROM articles WHERE id = ?", id_)[0]
        gone = bool(row["missing"] + 1 >= WITHDRAWN)
        changes: Row = {"missing": row["missing"] + 1, "next_look_at": None if gone else utc(now + LOOKS[0])}
        if gone:
            changes |= {"state": "withdrawn", "changed_at": utc(now)}
        update(self.db, "articles", id_, changes)
        return gone


def _search_is_due(row: Row, now: datetime) -> bool:
    last = instant(row["searched_at"])
    return last is None or now - last >= SEARCHES[row["searches"]]


def _gap(row: Row) -> Gap:
    source = Source(row["outlet"], row["kind"], row["url"])
    begin, end = (datetime.fromisoformat(row[name] or row["at"]) for name in ("begin", "at"))
    return Gap(row["id"], source, begin, end, tuple(json.loads(row["before"])), tuple(json.loads(row["after"])))


def _revisit(row: Row, now: datetime) -> Revisit:
    listed = datetime.fromisoformat(row["first_listed_at"]) if row["first_listed_at"] else now
    said = {key: row[key] or "" for key in ("headline", "summary", "keywords", "published", "language", "authors")}
    return Revisit(Entry(row["url"], row["outlet"], row["source"], listed, **said), row["etag"], row["last_modified"])


def _span(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)


def _health(row: Row) -> Health:
    return Health(
        url=row["url"], outlet=row["outlet"], state=row["state"], etag=row["etag"], last_modified=row["last_modified"],
        body_hash=row["body_hash"], distrusted=bool(row["distrusted"]), newest=tuple(json.loads(row["newest"])), every=_span(row["every"]),
        longest_pause=_span(row["longest_pause"]), last_ok_at=instant(row["last_ok_at"]), last_new_at=instant(row["last_new_at"]),
        plain_at=instant(row["plain_at"]), next_due_at=instant(row["next_due_at"]), failures=row["failures"],
        peak=row["peak"], moved_to=row["moved_to"],
    )  # fmt: skip


def _row(health: Health) -> Row:
    times = {name: utc(getattr(health, name)) for name in ("last_ok_at", "last_new_at", "plain_at", "next_due_at")}
    plain = {name: getattr(health, name) for name in ("state", "etag", "last_modified", "body_hash", "failures", "moved_to", "peak")}
    spans = {name: span.total_seconds() if (span := getattr(health, name)) is not None else None for name in ("every", "longest_pause")}
    return times | plain | spans | {"newest": json.dumps(health.newest), "distrusted": int(health.distrusted)}
