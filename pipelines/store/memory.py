"""What was filed: articles with what was found in them, what they were judged to be, the texts they had before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlite_utils import Database

from pipelines.address import public_id
from pipelines.article import Article, Sentence
from pipelines.dates import latest
from pipelines.duplicates import Judgement
from pipelines.evidence import Dated
from pipelines.revision import Revision
from pipelines.store.index import Index
from pipelines.store.order import NEVER, rank
from pipelines.store.rows import Row, insert, insert_many, instant, rows, update, utc
from pipelines.store.search import Search

MAX_WRITTEN = 200  # characters of a date as a page wrote it


class Memory:
    """All articles. An article stands before another when it is a seed, or was published, else fetched, earlier."""

    def __init__(self, db: Database, search: Search) -> None:
        self.db = db
        self.index = Index(db)
        self.search = search

    def by_url(self, url: str) -> Row | None:
        """The article at a URL."""
        return next(iter(rows(self.db, "SELECT * FROM articles WHERE url = ?", url)), None)

    def at_page(self, url: str) -> list[Row]:
        """The articles of one page: its own, and those of a live blog's entries at `url#id`."""
        return rows(self.db, "SELECT * FROM articles WHERE url = ? OR (url > ? || '#' AND url < ? || '$') ORDER BY id", url, url, url)

    def standing_at(self, url: str) -> list[Row]:
        """Those of them that are neither withdrawn nor dropped."""
        return [row for row in self.at_page(url) if row["state"] in ("live", "revised")]

    def by_canonical(self, url: str) -> list[Row]:
        """Articles filed elsewhere whose page named this URL as canonical."""
        return rows(self.db, "SELECT * FROM articles WHERE canonical_url = ? AND url != ?", url, url)

    def rank(self, id_: int) -> int:
        """Where an article stands in the order."""
        return int(self.db.conn.execute("SELECT rank FROM articles WHERE id = ?", (id_,)).fetchone()[0])

    def after(self, id_: int, limit: int) -> list[Row]:
        """Articles as they were filed, a batch at a time."""
        return rows(self.db, "SELECT * FROM articles WHERE id > ? ORDER BY id LIMIT ?", id_, limit)

    def ranked(self, row: Row) -> int:
        """Work out anew where a stored article stands in the order, and write it down."""
        dated = Dated(instant(row["published_at"]), row["published"], row["published_precision"], "") if row["published"] else None
        place = rank(row["url"], latest(dated) or instant(row["fetched_at"]), seed=row["relation"] == "seed")
        if place != row["rank"]:
            update(self.db, "articles", row["id"], {"rank": place})
        return place

    def add(self, article: Article, boilerplate: frozenset[int], *, first_listed_at: str | None, now: datetime) -> int:
        """Insert an article as an original of its own; `judge` says more."""
        row = self._row(article) | {
            "first_listed_at": first_listed_at, "filed_at": utc(now), "changed_at": utc(now), "state": "live",
            "relation": "seed" if article.seed else "original", "own_share": 1.0, "new_sentences": 0,
        }  # fmt: skip
        added = insert(self.db, "articles", row)
        assert added is not None
        self.index.add(added, row["rank"], article, boilerplate)
        self._findings(added, article)
        self.search.note()
        return added

    def replace(self, id_: int, article: Article, boilerplate: frozenset[int], now: datetime, state: Literal["live", "revised"]) -> None:
        """Give an article a new text; its id and relation stay."""
        row = self._row(article)
        for table in ("dates", "figures"):
            self.db.conn.execute(f"DELETE FROM {table} WHERE article = ?", (id_,))
        update(self.db, "articles", id_, row | {"changed_at": utc(now), "state": state})
        self.index.remove(id_)
        self.index.add(id_, row["rank"], article, boilerplate)
        self._findings(id_, article)

    def refresh(self, id_: int, article: Article) -> None:
        """Write anew what reading finds in an unchanged text: relevance, dates, figures. Nothing else moves."""
        row = self._row(article)
        update(self.db, "articles", id_, {key: row[key] for key in ("relevance", "matched", "reason", "agency", "byline", "language")})
        for table in ("dates", "figures"):
            self.db.conn.execute(f"DELETE FROM {table} WHERE article = ?", (id_,))
        self._findings(id_, article)

    def reserve(self, id_: int, reservations: str) -> None:
        """Write what the page of an unchanged text reserves now. No new version, nor a change of what it says."""
        update(self.db, "articles", id_, {"reservations": reservations})

    def relocate(self, id_: int, sentences: Sequence[Sentence]) -> None:
        """Say anew in which sentences the figures and dates of an article stand, when its sentences were told apart otherwise."""
        for table in ("figures", "dates"):
            for row in rows(self.db, f"SELECT id, place FROM {table} WHERE article = ? AND place IS NOT NULL", id_):
                update(self.db, table, row["id"], {"sentence": _holding(sentences, row["place"])})

    def set_state(self, id_: int, state: Literal["live", "dropped"], now: datetime) -> None:
        """Take an article out of everything that people see, or back in. A cluster that loses its root gets another."""
        update(self.db, "articles", id_, {"state": state, "changed_at": utc(now)})
        self.index.rerank(id_, NEVER if state == "dropped" else self.rank(id_))
        if state == "dropped":
            heir = """SELECT id FROM articles WHERE cluster = clusters.id AND state != 'dropped' ORDER BY rank LIMIT 1"""
            self.db.conn.execute(f"UPDATE clusters SET root = coalesce(({heir}), root) WHERE root = ?", (id_,))

    def standing(self, id_: int) -> str:
        """What an article was judged to be, in words."""
        sql = "SELECT a.url, a.relation, o.url AS origin FROM articles a LEFT JOIN articles o ON o.id = a.origin WHERE a.id = ?"
        row = rows(self.db, sql, id_)[0]
        return f"{row['url']}: {row['relation']}" + (f" of {row['origin']}" if row["origin"] else "")

    def keep_version(self, old: Row, revision: Revision, now: datetime) -> None:
        """Keep the text an article had, and what the next one changed."""
        row = {"article": old["id"], "seen_at": utc(now), "headline": old["headline"], "text": old["text"]}
        lines = {"came": revision.came, "went": revision.went, "figures": revision.figures}
        changed = "\n".join(f"{before}\n→ {after}" for before, after in revision.changed)
        insert(self.db, "versions", row | {name: "\n".join(said) for name, said in lines.items()} | {"changed": changed})

    def figures(self, id_: int) -> list[tuple[str, str]]:
        """The figures of an article as (unit, as written)."""
        found = rows(self.db, "SELECT unit, as_written FROM figures WHERE article = ? ORDER BY id", id_)
        return [(row["unit"], row["as_written"]) for row in found]

    def sources(self, id_: int) -> list[int]:
        """The articles whose words an article carries."""
        return [row["source"] for row in rows(self.db, "SELECT source FROM reuse WHERE article = ?", id_)]

    def is_copy(self, id_: int) -> bool:
        """Whether an article came, in whole or part, from another."""
        relation = self.db.conn.execute("SELECT relation FROM articles WHERE id = ?", (id_,)).fetchone()[0]
        return relation not in ("original", "seed")

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

    def _row(self, article: Article) -> Row:
        dated, modified = article.published, article.modified
        at = latest(dated) or article.fetched_at
        return {
            "url": article.url, "public_id": public_id(article.url), "canonical_url": article.canonical_url, "outlet": article.outlet,
            "headline": article.headline, "byline": article.byline, "agency": article.agency, "language": article.language,
            "published_at": utc(dated.instant) if dated else None, "published": dated.edtf if dated else None,
            "published_precision": dated.precision if dated else None, "published_basis": dated.basis if dated else None,
            "published_conflicts": "\n".join(dated.conflicts) if dated else "", "modified_at": utc(modified.instant) if modified else None,
            "fetched_at": utc(article.fetched_at), "text": article.text, "text_hash": text_hash(article.text), "words": article.words,
            "reservations": article.reservations,
            "paywalled": int(article.paywalled), "image_url": article.image_url, "relevance": article.relevance.score,
            "matched": json.dumps([[m.facet, m.as_written, m.offset] for m in article.relevance.matched], ensure_ascii=False),
            "reason": article.relevance.reason, "rank": rank(article.url, at, seed=article.seed),
        }  # fmt: skip

    def _findings(self, id_: int, article: Article) -> None:
        insert_many(
            self.db,
            "dates",
            ("article", "place", "sentence", "as_written", "edtf", "starts_on", "ends_on", "role", "basis"),
            [(id_, None, None, said, d.edtf, None, None, role, d.basis) for said, d, role in _dated(article)]
            + [
                (id_, m.offset, _holding(article.sentences, m.offset), m.as_written, m.edtf, m.starts_on, m.ends_on, "mention", "text")
                for m in article.mentions
            ],
        )  # fmt: skip
        insert_many(
            self.db,
            "figures",
            ("article", "place", "sentence", "as_written", "low", "high", "unit", "hedge"),
            [(id_, f.offset, _holding(article.sentences, f.offset), f.as_written, f.low, f.high, f.unit, f.hedge) for f in article.figures],
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


def _holding(sentences: Sequence[Sentence], place: int) -> int | None:
    """The sentence that holds a place of the text."""
    return next((i for i, s in enumerate(sentences) if s.offset <= place < s.offset + len(s.text)), None)
