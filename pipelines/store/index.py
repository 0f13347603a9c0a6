"""Finding earlier and later texts with the same words: fingerprints, sentences, topics. Made from the stored texts alone."""

from __future__ import annotations

import json
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from sqlite_utils import Database

from pipelines.article import Article, Sentence
from pipelines.store.order import NEVER, days_apart
from pipelines.store.rows import Row, insert, insert_many, rows, utc

POSTINGS = 64  # texts looked at for one fingerprint, the earliest: a source is among them, the rest copied it too
COMMON = 32  # texts of the same days with one topic: what so many are about links none of them
SAMPLE = 16  # topics of an article that are looked up, those of smallest hash; the rest only confirms
NEARBY = 2.0  # days between independent reports of one event
KIN = 16  # neighbours whose topics are compared


class Index:
    """The postings. Each carries the rank of its article, so earlier ones are found without opening it."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def add(self, id_: int, rank: int, article: Article, boilerplate: frozenset[int]) -> None:
        """Put an article's sentences, fingerprints and topics into the index."""
        self._put(id_, rank, [(sentence, True) for sentence in article.sentences], article.fingerprints, article.topics, boilerplate)

    def _put(
        self,
        id_: int,
        rank: int,
        said: Iterable[tuple[Sentence, bool]],
        fingerprints: Iterable[int],
        topics: Sequence[int],
        boilerplate: frozenset[int],
    ) -> None:
        """Write the index of one article; each sentence with whether it was new when filed."""
        insert_many(
            self.db,
            "sentences",
            ("article", "position", "text", "key", "status", "new_when_filed", "rank", "boilerplate"),
            [(id_, i, s.text, s.key, "new", int(fresh), rank, int(s.key in boilerplate)) for i, (s, fresh) in enumerate(said)],
        )
        insert_many(self.db, "fingerprints", ("hash", "rank", "article"), [(value, rank, id_) for value in sorted(set(fingerprints))])
        terms = sorted(set(topics))
        insert_many(self.db, "topics", ("term", "rank", "article"), [(term, rank, id_) for term in terms[:SAMPLE]])
        insert(self.db, "themes", {"article": id_, "terms": array("q", terms).tobytes()})

    def rebuild(
        self,
        id_: int,
        rank: int | None,
        sentences: Sequence[Sentence],
        fingerprints: Iterable[int],
        topics: Sequence[int],
        boilerplate: frozenset[int],
    ) -> None:
        """Make the index of one article anew (at no rank it is nobody's source); what was new when filed stays on record."""
        old = rows(self.db, "SELECT text FROM sentences WHERE article = ? AND new_when_filed ORDER BY position", id_)
        fresh = [row["text"] for row in old]
        said = [(sentence, any(sentence.text in was or was in sentence.text for was in fresh)) for sentence in sentences]
        self.remove(id_)
        self._put(id_, NEVER if rank is None else rank, said, fingerprints, topics, boilerplate)

    def remove(self, id_: int) -> None:
        """Take an article out of the index."""
        for table in ("sentences", "fingerprints", "topics", "themes"):
            self.db.conn.execute(f"DELETE FROM {table} WHERE article = ?", (id_,))
        self.db.conn.execute("DELETE FROM related WHERE article = ?1 OR other = ?1", (id_,))

    def rerank(self, id_: int, rank: int) -> None:
        """Let an article stand elsewhere in the order; at NEVER it is nobody's source."""
        for table in ("sentences", "fingerprints", "topics"):
            self.db.conn.execute(f"UPDATE {table} SET rank = ? WHERE article = ?", (rank, id_))

    def sharing_words(self, id_: int, rank: int) -> tuple[dict[int, frozenset[int]], list[int]]:
        """Articles with a fingerprint or a whole sentence of this one: the earlier ones with what they share, the earliest
        first; the later ones in order."""
        shared: dict[int, set[int]] = {}
        order: dict[int, int] = {}
        for value, place, article in self._sharing(id_, -NEVER, rank):
            shared.setdefault(article, set()).add(value)
            order[article] = place
        earlier = {article: frozenset(shared[article]) for article in sorted(shared, key=order.__getitem__)}
        later = {article: place for _, place, article in self._sharing(id_, rank + 1, NEVER)}
        return earlier, sorted(later, key=later.__getitem__)

    def _sharing(self, id_: int, low: int, high: int) -> Iterator[tuple[int, int, int]]:
        yield from self._postings("fingerprints", "hash", id_, low, high, POSTINGS)
        yield from self._postings("sentences", "key", id_, low, high, POSTINGS)

    def neighbours(self, id_: int, rank: int) -> tuple[list[int], list[int]]:
        """Articles of about the same time that share topics with this one: earlier ones, later ones; those that share
        most first."""
        span = days_apart(NEARBY)
        return self._most_shared(id_, rank - span, rank), self._most_shared(id_, rank + 1, rank + span)

    def _most_shared(self, id_: int, low: int, high: int) -> list[int]:
        postings = self._postings("topics", "term", id_, low, high, COMMON)
        common = {term for term, count in Counter(term for term, _, _ in postings).items() if count >= COMMON}
        shared = Counter(article for term, _, article in postings if term not in common)
        return sorted(shared, key=lambda article: (-shared[article], article))[:KIN]

    def _postings(self, table: str, key: str, id_: int, low: int, high: int, most: int) -> list[tuple[int, int, int]]:
        """For every key of an article the earliest (key, rank, article) within low <= rank < high, at `most` so many each."""
        execute = self.db.conn.execute
        if low > int(execute("SELECT max(rank) FROM articles").fetchone()[0]):
            return []  # nothing is that late: the common case, for free
        within = f"FROM {table} WHERE {key} = mine.{key} AND rank >= ?2 AND rank < ?3"
        furniture = " AND NOT boilerplate" if table == "sentences" else ""
        return execute(
            f"""WITH mine AS MATERIALIZED (SELECT DISTINCT {key} FROM {table} WHERE article = ?1{furniture})
            SELECT p.{key}, p.rank, p.article FROM mine CROSS JOIN {table} p ON p.{key} = mine.{key} AND p.rank >= ?2 AND p.rank < ?3
            AND p.rank <= coalesce((SELECT rank {within} ORDER BY rank LIMIT 1 OFFSET {most - 1}), ?3)""",
            (id_, low, high),
        ).fetchall()

    def themes(self, ids: Iterable[int]) -> dict[int, frozenset[int]]:
        """All topics of articles."""
        found = rows(self.db, "SELECT article, terms FROM themes WHERE article IN (SELECT value FROM json_each(?))", json.dumps(list(ids)))
        return {row["article"]: frozenset(array("q", row["terms"])) for row in found}

    def relate(self, pairs: Iterable[tuple[int, int, float]]) -> None:
        """Write which articles tell of the same event, as (later, earlier, share of topics)."""
        insert_many(self.db, "related", ("article", "other", "share"), pairs, conflict="ON CONFLICT DO NOTHING")

    def kin(self, id_: int) -> list[int]:
        """Articles, earlier or later, that tell of the same event."""
        sql = "SELECT other AS id FROM related WHERE article = ?1 UNION SELECT article FROM related WHERE other = ?1"
        return [row["id"] for row in rows(self.db, sql, id_)]

    def related(self, id_: int) -> list[int]:
        """Earlier articles that tell of the same event, and that nobody dropped."""
        sql = "SELECT r.other FROM related r JOIN articles a ON a.id = r.other WHERE r.article = ? AND a.state != 'dropped'"
        return [row["other"] for row in rows(self.db, sql, id_)]

    def sentences(self, id_: int, rank: int) -> list[Row]:
        """An article's sentences with the earliest earlier article that had each, `by_key`."""
        return rows(
            self.db,
            """SELECT mine.position, mine.text, mine.boilerplate, mine.status, mine.first_seen_in,
            (SELECT s.article FROM sentences s WHERE s.key = mine.key AND s.rank < ?2 ORDER BY s.rank LIMIT 1) AS by_key
            FROM sentences mine WHERE mine.article = ?1 ORDER BY mine.position""",
            id_,
            rank,
        )

    def judge_sentences(self, id_: int, judged: Sequence[tuple[int, str, int | None]], *, filing: bool) -> None:
        """Write (position, status, first seen in) of some of an article's sentences; at filing also for the record."""
        record = ", new_when_filed = (?1 = 'new')" if filing else ""
        self.db.conn.executemany(
            f"UPDATE sentences SET status = ?1, first_seen_in = ?2{record} WHERE article = ?3 AND position = ?4",
            [(status, seen, id_, position) for position, status, seen in judged],
        )
        self.db.conn.execute(
            "UPDATE articles SET new_sentences = (SELECT count(*) FROM sentences WHERE article = ?1 AND status = 'new') WHERE id = ?1",
            (id_,),
        )

    def texts_of_sentences(self, ids: Iterable[int]) -> dict[int, list[str]]:
        """The sentences of articles that are evidence, in their order; articles in theirs."""
        found: dict[int, list[str]] = {}
        sql = """SELECT article, text FROM sentences WHERE article IN (SELECT value FROM json_each(?)) AND NOT boilerplate
            ORDER BY rank, article, position"""
        for row in rows(self.db, sql, json.dumps(list(ids))):
            found.setdefault(row["article"], []).append(row["text"])
        return found

    def boilerplate(self) -> dict[str, frozenset[int]]:
        """The keys of the sentences that each outlet prints under its articles, as last learnt."""
        found: dict[str, set[int]] = {}
        for row in rows(self.db, "SELECT outlet, key FROM boilerplate"):
            found.setdefault(row["outlet"], set()).add(row["key"])
        return {outlet: frozenset(keys) for outlet, keys in found.items()}

    def learn_boilerplate(self, least: int, now: datetime) -> int:
        """Write anew what stands in at least `least` unrelated texts of one outlet; how many sentences that are.

        Texts are unrelated when they are of different clusters: a sentence that only travels with one report stays news.
        """
        self.db.conn.execute("DELETE FROM boilerplate")
        self.db.conn.execute(
            """INSERT INTO boilerplate (outlet, key, text, articles, learnt_at)
            SELECT a.outlet, s.key, min(s.text), count(DISTINCT a.cluster), ?2 FROM sentences s JOIN articles a ON a.id = s.article
            WHERE a.outlet IS NOT NULL AND a.state != 'dropped' GROUP BY a.outlet, s.key HAVING count(DISTINCT a.cluster) >= ?1""",
            (least, utc(now)),
        )
        return int(self.db.conn.execute("SELECT count(*) FROM boilerplate").fetchone()[0])
