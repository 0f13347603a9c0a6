"""What was filed: articles, their sentences, fingerprints, sources, versions. The order of texts is decided here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

from sqlite_utils import Database

from pipelines.article import Article, public_id
from pipelines.dates import latest
from pipelines.duplicates import Judgement
from pipelines.evidence import Dated
from pipelines.store.rows import Row, insert, insert_many, rows, update, utc

MAX_WRITTEN = 200  # characters of a date as a page wrote it
CANDIDATES = 20  # sources looked at closely; the rest share fewer fingerprints than these
_SEED = ""  # orders before every instant


class Memory:
    """All articles. An article stands before another when it is a seed, or was published, else fetched, earlier."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def by_url(self, url: str) -> Row | None:
        """The article at a URL."""
        return next(iter(rows(self.db, "SELECT * FROM articles WHERE url = ?", url)), None)

    def by_canonical(self, url: str) -> list[Row]:
        """Articles filed elsewhere whose page named this URL as canonical."""
        return rows(self.db, "SELECT * FROM articles WHERE canonical_url = ? AND url != ?", url, url)

    def texts(self, ids: Iterable[int]) -> dict[int, str]:
        """The texts of articles, in their order."""
        found = rows(
            self.db,
            "SELECT id, text FROM articles WHERE id IN (SELECT value FROM json_each(?)) ORDER BY ordered_at, url",
            json.dumps(list(ids)),
        )
        return {row["id"]: row["text"] for row in found}

    def add(self, article: Article, *, first_listed_at: str | None, now: datetime) -> int:
        """Insert an article as an original of its own; `judge` says more."""
        row = self._row(article) | {
            "first_listed_at": first_listed_at, "filed_at": utc(now), "changed_at": utc(now), "state": "live",
            "relation": "seed" if article.seed else "original", "own_share": 1.0, "new_sentences": 0,
        }  # fmt: skip
        added = insert(self.db, "articles", row)
        assert added is not None
        self._parts(added, article)
        return added

    def replace(self, id_: int, article: Article, now: datetime, state: Literal["live", "revised"]) -> None:
        """Give an article a new text; its id and relation stay."""
        for table in ("sentences", "fingerprints", "dates", "figures"):
            self.db.conn.execute(f"DELETE FROM {table} WHERE article = ?", (id_,))
        update(self.db, "articles", id_, self._row(article) | {"changed_at": utc(now), "state": state})
        self._parts(id_, article)

    def refresh(self, id_: int, article: Article) -> None:
        """Write anew what reading finds in an unchanged text: relevance, dates, figures. Nothing else moves."""
        row = self._row(article)
        update(self.db, "articles", id_, {key: row[key] for key in ("relevance", "matched", "reason", "agency", "byline", "language")})
        for table in ("dates", "figures"):
            self.db.conn.execute(f"DELETE FROM {table} WHERE article = ?", (id_,))
        self._findings(id_, article)

    def set_state(self, id_: int, state: Literal["live", "dropped"], now: datetime) -> None:
        """Take an article out of everything that people see, or back in. A cluster that loses its root gets another."""
        update(self.db, "articles", id_, {"state": state, "changed_at": utc(now)})
        if state == "dropped":
            heir = """SELECT id FROM articles WHERE cluster = clusters.id AND state != 'dropped' ORDER BY ordered_at, url LIMIT 1"""
            self.db.conn.execute(f"UPDATE clusters SET root = coalesce(({heir}), root) WHERE root = ?", (id_,))

    def keep_version(self, old: Row, now: datetime) -> None:
        """Keep the text an article had."""
        insert(self.db, "versions", {"article": old["id"], "seen_at": utc(now), "headline": old["headline"], "text": old["text"]})

    def sources_of(self, id_: int) -> list[int]:
        """Earlier articles that share fingerprints with this one, those that share most, the earliest first."""
        return [
            row["article"]
            for row in rows(
                self.db,
                """SELECT f.article, count(*) AS shared FROM fingerprints mine JOIN fingerprints f ON f.hash = mine.hash
                JOIN articles a ON a.id = f.article JOIN articles me ON me.id = mine.article
                WHERE mine.article = ? AND f.article != mine.article AND (a.ordered_at, a.url) < (me.ordered_at, me.url)
                AND a.state != 'dropped'
                GROUP BY f.article ORDER BY shared DESC, a.ordered_at, a.url LIMIT ?""",
                id_,
                CANDIDATES,
            )
        ]

    def followers_of(self, id_: int) -> list[int]:
        """Later articles that share a fingerprint with this one, in order: they may come from it."""
        return [
            row["id"]
            for row in rows(
                self.db,
                """SELECT DISTINCT a.id FROM fingerprints mine JOIN fingerprints f ON f.hash = mine.hash
                JOIN articles a ON a.id = f.article JOIN articles me ON me.id = mine.article
                WHERE mine.article = ? AND (a.ordered_at, a.url) > (me.ordered_at, me.url) ORDER BY a.ordered_at, a.url""",
                id_,
            )
        ]

    def judge(self, id_: int, judgement: Judgement, now: datetime) -> bool:
        """Write what a text is to the earlier ones; whether that changed. A seed stays a seed."""
        old = rows(self.db, "SELECT relation, origin, own_share FROM articles WHERE id = ?", id_)[0]
        new: Row = {"relation": judgement.relation, "origin": judgement.origin, "own_share": judgement.own_share}
        if old["relation"] == "seed":
            new |= {"relation": "seed", "origin": None}
        self.db.conn.execute("DELETE FROM reuse WHERE article = ?", (id_,))
        insert_many(
            self.db,
            "reuse",
            ("article", "source", "words", "share"),
            [(id_, part.source, part.words, part.share) for part in judgement.reuse],
        )
        if new == old:
            return False
        update(self.db, "articles", id_, new | {"changed_at": utc(now)})
        return (new["relation"], new["origin"]) != (old["relation"], old["origin"])

    def sharing_sentences(self, id_: int) -> list[int]:
        """Later articles that share a sentence or its skeleton with this one."""
        return [
            row["id"]
            for row in rows(
                self.db,
                """WITH me AS (SELECT ordered_at, url FROM articles WHERE id = ?1),
                also AS (
                  SELECT s.article FROM sentences mine JOIN sentences s ON s.key = mine.key WHERE mine.article = ?1
                  UNION SELECT s.article FROM sentences mine JOIN sentences s ON s.skeleton = mine.skeleton
                  WHERE mine.article = ?1 AND mine.skeleton != 0 AND s.skeleton != 0)
                SELECT a.id FROM also JOIN articles a ON a.id = also.article, me
                WHERE (a.ordered_at, a.url) > (me.ordered_at, me.url)""",
                id_,
            )
        ]

    def sentences(self, id_: int) -> list[Row]:
        """An article's sentences with the earliest earlier article that had each: `by_key`, `by_skeleton`."""
        earliest = """SELECT a.id FROM sentences s JOIN articles a ON a.id = s.article
            WHERE s.{0} = mine.{0} AND s.article != mine.article AND a.state != 'dropped'
            AND (a.ordered_at, a.url) < (me.ordered_at, me.url)
            ORDER BY a.ordered_at, a.url LIMIT 1"""
        return rows(
            self.db,
            f"""SELECT mine.position, mine.status, mine.first_seen_in, ({earliest.format("key")}) AS by_key,
            CASE WHEN mine.skeleton != 0 THEN ({earliest.format("skeleton")} ) END AS by_skeleton
            FROM sentences mine JOIN articles me ON me.id = mine.article WHERE mine.article = ?""".replace(
                "s.skeleton = mine.skeleton", "s.skeleton = mine.skeleton AND s.skeleton != 0"
            ),
            id_,
        )

    def judge_sentences(self, id_: int, judged: Sequence[tuple[int, str, int | None]], *, filing: bool) -> None:
        """Write (position, status, first seen in) of an article's sentences; at filing also for the record."""
        record = ", new_when_filed = (?1 = 'new')" if filing else ""
        self.db.conn.executemany(
            f"UPDATE sentences SET status = ?1, first_seen_in = ?2{record} WHERE article = ?3 AND position = ?4",
            [(status, seen, id_, position) for position, status, seen in judged],
        )
        self.db.conn.execute(
            "UPDATE articles SET new_sentences = (SELECT count(*) FROM sentences WHERE article = ?1 AND status = 'new') WHERE id = ?1",
            (id_,),
        )

    def _row(self, article: Article) -> Row:
        dated, modified = article.published, article.modified
        ordered = latest(dated) or article.fetched_at
        return {
            "url": article.url, "public_id": public_id(article.url), "canonical_url": article.canonical_url, "outlet": article.outlet,
            "headline": article.headline, "byline": article.byline, "agency": article.agency, "language": article.language,
            "published_at": utc(dated.instant) if dated else None, "published": dated.edtf if dated else None,
            "published_precision": dated.precision if dated else None, "published_basis": dated.basis if dated else None,
            "published_conflicts": "\n".join(dated.conflicts) if dated else "", "modified_at": utc(modified.instant) if modified else None,
            "fetched_at": utc(article.fetched_at), "text": article.text, "text_hash": text_hash(article.text), "words": article.words,
            "paywalled": int(article.paywalled), "image_url": article.image_url, "relevance": article.relevance.score,
            "matched": json.dumps([[m.facet, m.as_written, m.offset] for m in article.relevance.matched], ensure_ascii=False),
            "reason": article.relevance.reason, "ordered_at": _SEED if article.seed else utc(ordered),
        }  # fmt: skip

    def _parts(self, id_: int, article: Article) -> None:
        insert_many(
            self.db,
            "sentences",
            ("article", "position", "text", "key", "skeleton", "status", "new_when_filed"),
            [(id_, place, s.text, s.key, s.skeleton, "new", 1) for place, s in enumerate(article.sentences)],
        )
        insert_many(self.db, "fingerprints", ("hash", "article"), [(value, id_) for value in article.fingerprints])
        self._findings(id_, article)

    def _findings(self, id_: int, article: Article) -> None:
        insert_many(
            self.db,
            "dates",
            ("article", "sentence", "as_written", "edtf", "starts_on", "ends_on", "role", "basis"),
            [(id_, None, said, d.edtf, None, None, role, d.basis) for said, d, role in _dated(article)]
            + [(id_, _place(article, m.offset), m.as_written, m.edtf, m.starts_on, m.ends_on, "mention", "text") for m in article.mentions],
        )  # fmt: skip
        insert_many(
            self.db,
            "figures",
            ("article", "sentence", "as_written", "low", "high", "unit", "hedge"),
            [(id_, _place(article, f.offset), f.as_written, f.low, f.high, f.unit, f.hedge) for f in article.figures],
        )


def text_hash(text: str) -> str:
    """What tells whether a text changed: 16 hex digits of SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _dated(article: Article) -> list[tuple[str, Dated, str]]:
    """The dates about an article as (as written, value, role): the chosen publication, the other candidates, the change."""
    chosen = article.published
    candidates = sorted(article.evidence, key=lambda found: not (chosen and (found[1].edtf, found[1].basis) == (chosen.edtf, chosen.basis)))
    rows = [(hint.text[:MAX_WRITTEN], dated, "published") for hint, dated in candidates]
    return rows + ([(article.modified.edtf, article.modified, "modified")] if article.modified else [])


def _place(article: Article, offset: int) -> int | None:
    """The sentence that holds an offset of the text."""
    return next((i for i, s in enumerate(article.sentences) if s.offset <= offset < s.offset + len(s.text)), None)
