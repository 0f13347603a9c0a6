"""What was listed, fetched and decided: outlets, sources, runs, fetches, entries, decisions, pages."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Literal

from sqlite_utils import Database

from pipelines.article import Entry, Outlet, Page, Progress, Reading, Verdict
from pipelines.evidence import Figure
from pipelines.known import Known, parted
from pipelines.store.polling import Polling
from pipelines.store.rows import Row, insert, rows, utc
from pipelines.store.search import Search
from pipelines.story import Story

_NEWEST = "SELECT id FROM decisions WHERE newest = 1"
_BY_LISTING = "stage = 'listing' AND verdict = 'off_story'"
_COUNTERS = ("listed", "fetched", "filed", "copies", "errors")


class Ledger:
    """The books of the crawl."""

    def __init__(self, db: Database, search: Search) -> None:
        self.db = db
        self.search = search

    def register(self, outlets: Iterable[Outlet]) -> None:
        """Write the catalogue's outlets and sources; what is known of a source stays."""
        for outlet in outlets:
            row = {key: getattr(outlet, key) for key in ("id", "name", "home", "country", "language", "timezone")}
            changes = ", ".join(f"{key} = excluded.{key}" for key in row if key != "id")
            insert(self.db, "outlets", row, conflict=f"ON CONFLICT(id) DO UPDATE SET {changes}")
            for source in outlet.sources:
                insert(
                    self.db,
                    "sources",
                    {"url": source.url, "outlet": outlet.id, "kind": source.kind},
                    conflict="ON CONFLICT(url) DO UPDATE SET outlet = excluded.outlet, kind = excluded.kind",
                )

    def tell(self, story: Story) -> None:
        """Write down which story is followed, for those who read the database alone."""
        row = {"id": 1, "title": story.title, "summary": story.summary, "since": f"{story.since}", "sha": story.sha}
        row["desk_timezone"] = story.desk_timezone
        changes = ", ".join(f"{key} = excluded.{key}" for key in row)
        insert(self.db, "story", row, conflict=f"ON CONFLICT(id) DO UPDATE SET {changes}")

    def open_run(self, spider: str, now: datetime) -> int:
        """Begin a run; its id. A run that is killed keeps `finished_at` empty."""
        run = insert(self.db, "runs", {"spider": spider, "started_at": utc(now)})
        assert run is not None
        return run

    def close_run(self, run: int, outcome: str, now: datetime) -> None:
        """End a run with the sentence that says how it went."""
        self.db.conn.execute("UPDATE runs SET finished_at = ?, outcome = ? WHERE id = ?", (utc(now), outcome, run))

    def count(self, run: int | None, **counters: int) -> None:
        """Add to a run's counters, in the transaction of what is counted."""
        assert set(counters) <= set(_COUNTERS)
        changes = ", ".join(f"{name} = {name} + {int(by)}" for name, by in counters.items())
        self.db.conn.execute(f"UPDATE runs SET {changes} WHERE id = ?", (run,))

    def list_entry(self, entry: Entry) -> bool:
        """Record a URL the first time it is listed; whether it was the first."""
        row = {
            "url": entry.url,
            "source": entry.source,
            "outlet": entry.outlet,
            "first_listed_at": utc(entry.listed_at),
            "headline": entry.headline,
            "summary": entry.summary,
            "keywords": entry.keywords,
            "published": entry.published,
            "language": entry.language,
            "authors": entry.authors,
        }
        return insert(self.db, "entries", row, conflict="ON CONFLICT(url) DO NOTHING") is not None

    def list_anew(self, entry: Entry) -> None:
        """Record that a listing says something else of a URL by now."""
        names = ("source", "headline", "summary", "keywords", "published", "language", "authors")
        changes = ", ".join(f"{name} = ?" for name in names)
        self.db.conn.execute(f"UPDATE entries SET {changes} WHERE url = ?", (*(getattr(entry, name) for name in names), entry.url))

    def first_listed_at(self, url: str) -> str | None:
        """When a URL was first listed, if it was."""
        found = rows(self.db, "SELECT first_listed_at FROM entries WHERE url = ?", url)
        return str(found[0]["first_listed_at"]) if found else None

    def decide(self, verdict: Verdict, story_hash: str, run: int | None) -> None:
        """Append a decision."""
        insert(
            self.db,
            "decisions",
            {
                "url": verdict.url,
                "run": run,
                "at": utc(verdict.at),
                "stage": verdict.stage,
                "verdict": verdict.verdict,
                "reason": verdict.reason,
                "score": verdict.score,
                "story_hash": story_hash,
                "retry_at": utc(verdict.retry_at),
                "new_figures": "; ".join(dict.fromkeys(figure.as_written for figure in verdict.figures if self._is_new(figure))),
            },
        )
        self.search.note()

    def _is_new(self, figure: Figure) -> bool:
        """Whether no filed article has this value of this unit."""
        same = "SELECT 1 FROM figures WHERE unit = ? AND low IS ? AND high IS ? LIMIT 1"
        return not rows(self.db, same, figure.unit, figure.low, figure.high)

    def keep_page(self, reading: Reading) -> None:
        """Keep a page for replay; the newest of each URL."""
        row = {
            "url": reading.url,
            "fetched_at": utc(reading.fetched_at),
            "final_url": reading.final_url,
            "http_status": reading.http_status,
            "charset": reading.charset,
            "html": reading.packed,
            "reservations": reading.reservations,
        }
        changes = ", ".join(f"{key} = excluded.{key}" for key in row if key != "url")
        insert(self.db, "pages", row, conflict=f"ON CONFLICT(url) DO UPDATE SET {changes}")

    def drop_page(self, url: str) -> None:
        """Keep a page no longer."""
        self.db.conn.execute("DELETE FROM pages WHERE url = ?", (url,))

    def editors_word(self, url: str) -> str | None:
        """What an editor last said of a URL: `filed` (keep it) or `dropped`; None when nothing."""
        found = rows(self.db, "SELECT verdict FROM decisions WHERE url = ? AND stage = 'editor' ORDER BY id DESC LIMIT 1", url)
        return str(found[0]["verdict"]) if found else None

    def correct(self, kind: Literal["split", "join"], url: str, other: str | None, why: str, now: datetime) -> None:
        """Record an editor's correction: an article stands for itself, or belongs to another's report."""
        insert(self.db, "corrections", {"url": url, "kind": kind, "other": other, "why": why, "at": utc(now)})

    def correction(self, id_: int) -> tuple[str, int | None]:
        """What editors last said of an article: `split`; `join` with the earlier article it belongs to; or nothing."""
        for row in rows(
            self.db,
            """SELECT c.kind, c.url = me.url AS mine, o.id AS partner, o.rank < me.rank AS earlier FROM articles me
            JOIN corrections c ON me.url IN (c.url, c.other)
            LEFT JOIN articles o ON o.url = CASE WHEN c.url = me.url THEN c.other ELSE c.url END AND o.state != 'dropped'
            WHERE me.id = ? ORDER BY c.id DESC""",
            id_,
        ):
            if row["kind"] == "split" and row["mine"]:
                return "split", None
            if row["kind"] == "join" and row["earlier"]:
                return "join", row["partner"]
        return "", None

    def listing_verdicts(self) -> Iterator[tuple[Entry, str]]:
        """Entries that were decided on sight, with that verdict."""
        sql = f"""SELECT d.verdict, e.* FROM decisions d JOIN entries e ON e.url = d.url
            WHERE d.id IN ({_NEWEST}) AND d.stage = 'listing' AND d.retry_at IS NULL"""
        for row in rows(self.db, sql):
            verdict = row.pop("verdict")
            yield _entry(row), verdict

    def pages(self, after: str = "", limit: int = 64) -> list[tuple[Page, str | None]]:
        """Stored pages behind a URL, in order, each with its newest verdict: to be read again, a batch at a time."""
        sql = """SELECT p.*, coalesce(e.outlet, a.outlet) AS outlet, o.language, o.timezone,
            (SELECT verdict FROM decisions WHERE url = p.url ORDER BY id DESC LIMIT 1) AS verdict
            FROM pages p LEFT JOIN entries e ON e.url = p.url LEFT JOIN articles a ON a.url = p.url
            LEFT JOIN outlets o ON o.id = coalesce(e.outlet, a.outlet) WHERE p.url > ? ORDER BY p.url LIMIT ?"""
        return [(self._page(row), row["verdict"]) for row in rows(self.db, sql, after, limit)]

    def _page(self, row: Row) -> Page:
        entries = rows(self.db, "SELECT * FROM entries WHERE url = ?", row["url"])
        return Page(
            row["url"],
            row["final_url"],
            row["http_status"],
            datetime.fromisoformat(row["fetched_at"]),
            zlib.decompress(row["html"]),
            row["charset"],
            row["outlet"],
            row["language"],
            row["timezone"] or "UTC",
            _entry(entries[0]) if entries else None,
            self.editors_word(row["url"]) == "filed",
            reservations=row["reservations"],
        )

    def progress(self, progress: Progress) -> None:
        """Record how far an archive was read."""
        row = {"path": progress.path, "position": progress.position, "at": utc(progress.at)}
        row["finished_at"] = utc(progress.at) if progress.finished else None
        changes = ", ".join(f"{key} = excluded.{key}" for key in row if key != "path")
        insert(self.db, "archives", row, conflict=f"ON CONFLICT(path) DO UPDATE SET {changes}")

    def known(self, now: datetime, looks: int = sys.maxsize) -> Known:
        """What a crawl that starts now must know, which looks again at so many articles of an outlet."""
        sql = f"SELECT url, {_BY_LISTING} FROM decisions WHERE id IN ({_NEWEST}) AND (retry_at IS NULL OR retry_at > ?)"
        keys, unseen = parted(self.db.conn.execute(sql, (utc(now),)))
        return replace(self.standing(now, looks), keys=keys, unseen=unseen)

    def decided_of(self, outlet: str, now: datetime) -> tuple[bytes, bytes]:
        """The decided URLs among those that an outlet listed, as `Known` keeps them: `keys` and `unseen`."""
        sql = f"""SELECT e.url, {_BY_LISTING} FROM entries e JOIN decisions d ON d.url = e.url AND d.newest = 1
            WHERE e.outlet = ? AND (d.retry_at IS NULL OR d.retry_at > ?)"""
        return parted(self.db.conn.execute(sql, (outlet, utc(now))))

    def is_decided(self, url: str, now: datetime) -> bool:
        """Whether a URL has a decision that needs no other fetch."""
        sql = "SELECT 1 FROM decisions WHERE url = ? AND newest = 1 AND (retry_at IS NULL OR retry_at > ?)"
        return bool(rows(self.db, sql, url, utc(now)))

    def standing(self, now: datetime, looks: int = sys.maxsize) -> Known:
        """The same without the decided URLs, of which there may be millions: enough to see what is due."""
        waiting = rows(
            self.db,
            """SELECT * FROM entries WHERE url IN (SELECT url FROM undecided
            UNION ALL SELECT url FROM decisions WHERE newest = 1 AND retry_at IS NOT NULL AND retry_at <= ?) ORDER BY rowid""",
            utc(now),
        )
        said = rows(self.db, "SELECT DISTINCT url FROM decisions WHERE stage = 'editor'")
        read = rows(self.db, "SELECT path, CASE WHEN finished_at IS NULL THEN position ELSE -1 END AS position FROM archives")
        polling = Polling(self.db)
        return Known(
            pending=tuple(_entry(row) for row in waiting),
            kept=frozenset(row["url"] for row in said if self.editors_word(row["url"]) == "filed"),
            archives={row["path"]: row["position"] for row in read},
            health=polling.all(),
            revisits=tuple(polling.revisits(now, looks)),
            gaps=tuple(polling.gaps(now)),
        )


def _entry(row: Row) -> Entry:
    listed_at = datetime.fromisoformat(row.pop("first_listed_at"))
    return Entry(listed_at=listed_at, **row)
