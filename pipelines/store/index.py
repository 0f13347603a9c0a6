"""Finding earlier and later texts with the same words: fingerprints, sentences, topics. Made from the stored texts alone."""

from __future__ import annotations

import json
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from operator import itemgetter

from sqlite_utils import Database

from pipelines.article import Article, Sentence
from pipelines.store.order import NEVER, days_apart
from pipelines.store.postings import Posting, Postings
from pipelines.store.rows import Row, insert, insert_many, rows, utc

POSTINGS = 64  # texts looked at for one fingerprint, the earliest: a source is among them, the rest copied it too
COMMON = 32  # texts of the same days with one topic: what so many are about links none of them
SAMPLE = 16  # topics of an article that are looked up, those of smallest hash; the rest only confirms
NEARBY = 2.0  # days between independent reports of one event
# Three kinds of hashes in one index: that of a sentence is never taken for that of a run of words.
SENTENCE, TOPIC = 0x5555555555555555, 0x3333333333333333
KIN = 16  # neighbours whose topics are compared


class Index:
    """What every text leaves to be compared with. Each posting carries the rank of its article, so earlier ones are found without
    opening it."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.postings = Postings(db.conn, self._marks)

    def add(self, id_: int, rank: int, article: Article, boilerplate: frozenset[int]) -> None:
        """Put an article into the index: its sentences, the hashes of its words, fingerprints, topics."""
        self._put(id_, rank, article, [(sentence, True) for sentence in article.sentences], boilerplate)

    def _put(self, id_: int, rank: int, article: Article, said: Iterable[tuple[Sentence, bool]], boilerplate: frozenset[int]) -> None:
        """Write the index of one article; each of its sentences with whether it was new when filed."""
        insert_many(
            self.db,
            "sentences",
            ("article", "position", "text", "key", "status", "new_when_filed", "boilerplate"),
            [(id_, i, s.text, s.key, "new", int(fresh), int(s.key in boilerplate)) for i, (s, fresh) in enumerate(said)],
        )
        prints, terms = (array("q", sorted(set(values))) for values in (article.fingerprints, article.topics))
        blobs = {"tokens": article.tokens, "prints": prints.tobytes(), "terms": terms.tobytes(), "gists": _gists(article)}
        insert(self.db, "imprints", {"article": id_, "rank": rank} | blobs)
        self.postings.add(id_, rank, _hashes(prints, (sentence.key for sentence in article.sentences), terms))

    def rebuild(self, id_: int, rank: int, article: Article, boilerplate: frozenset[int]) -> None:
        """Make the index of one article anew (at NEVER it is nobody's source); what was new when filed stays on record."""
        old = rows(self.db, "SELECT text FROM sentences WHERE article = ? AND new_when_filed ORDER BY position", id_)
        fresh = [row["text"] for row in old]
        said = [(sentence, any(sentence.text in was or was in sentence.text for was in fresh)) for sentence in article.sentences]
        self.remove(id_)
        self._put(id_, rank, article, said, boilerplate)

    def remove(self, id_: int) -> None:
        """Take an article out of the index."""
        self._unpost(id_)
        for table in ("sentences", "imprints"):
            self.db.conn.execute(f"DELETE FROM {table} WHERE article = ?", (id_,))
        self.db.conn.execute("DELETE FROM related WHERE article = ?1 OR other = ?1", (id_,))

    def rerank(self, id_: int, rank: int) -> None:
        """Let an article stand elsewhere in the order; at NEVER it is nobody's source."""
        if self._unpost(id_):
            self.db.conn.execute("UPDATE imprints SET rank = ? WHERE article = ?", (rank, id_))
            self.postings.add(id_, *self._marks(id_))

    def _unpost(self, id_: int) -> bool:
        """Take an article's postings out; whether it had any."""
        known = self.db.conn.execute("SELECT EXISTS (SELECT 1 FROM imprints WHERE article = ?)", (id_,)).fetchone()[0]
        if known:
            self.postings.remove(id_, *self._marks(id_))
        return bool(known)

    def _marks(self, id_: int) -> tuple[int, set[int]]:
        """The rank and the hashes by which an article is found."""
        rank, prints, terms = self.db.conn.execute("SELECT rank, prints, terms FROM imprints WHERE article = ?", (id_,)).fetchone()
        said = self.db.conn.execute("SELECT key FROM sentences WHERE article = ?", (id_,))
        return rank, _hashes(array("q", prints), (key for (key,) in said), array("q", terms))

    def earlier(self, id_: int, rank: int) -> dict[int, set[int]]:
        """Earlier articles with a fingerprint or a whole sentence of this one, with what they share; the earliest first."""
        return self._sharing(id_, -NEVER, rank)

    def later(self, id_: int, rank: int) -> dict[int, set[int]]:
        """Later articles with a fingerprint or a whole sentence of this one, with what they share; in order."""
        return self._sharing(id_, rank + 1, NEVER)

    def _sharing(self, id_: int, low: int, high: int) -> dict[int, set[int]]:
        shared: dict[int, set[int]] = {}
        for value, _, article in sorted(self._postings([*self._prints(id_), *self.keys(id_)], low, high, POSTINGS), key=itemgetter(1)):
            shared.setdefault(article, set()).add(value)
        return shared

    def _prints(self, id_: int) -> Sequence[int]:
        found = self.db.conn.execute("SELECT prints FROM imprints WHERE article = ?", (id_,)).fetchone()
        return array("q", found[0]) if found else ()

    def keys(self, id_: int) -> set[int]:
        """The hashes of an article's sentences that are no boilerplate."""
        said = self.db.conn.execute("SELECT key FROM sentences WHERE article = ? AND NOT boilerplate", (id_,))
        return {key ^ SENTENCE for (key,) in said}

    def neighbours(self, id_: int, rank: int) -> tuple[list[int], list[int]]:
        """Articles of about the same time that share topics with this one: earlier ones, later ones; those that share
        most first."""
        span = days_apart(NEARBY)
        found = self.db.conn.execute("SELECT terms FROM imprints WHERE article = ?", (id_,)).fetchone()
        mine = [value ^ TOPIC for value in array("q", found[0])[:SAMPLE]] if found else []
        return self._most_shared(mine, rank - span, rank), self._most_shared(mine, rank + 1, rank + span)

    def _most_shared(self, mine: Sequence[int], low: int, high: int) -> list[int]:
        postings = self._postings(mine, low, high, COMMON)
        common = {term for term, count in Counter(term for term, _, _ in postings).items() if count >= COMMON}
        shared = Counter(article for term, _, article in postings if term not in common)
        return sorted(shared, key=lambda article: (-shared[article], article))[:KIN]

    def _postings(self, mine: Sequence[int], low: int, high: int, most: int) -> list[Posting]:
        """For every hash the earliest postings within low <= rank < high, at `most` so many each."""
        if low > int(self.db.conn.execute("SELECT max(rank) FROM articles").fetchone()[0]):
            return []  # nothing is that late: the common case, for free
        return self.postings.earliest(mine, low, high, most)

    def themes(self, ids: Iterable[int]) -> dict[int, frozenset[int]]:
        """All topics of articles."""
        found = rows(
            self.db, "SELECT article, terms FROM imprints WHERE article IN (SELECT value FROM json_each(?))", json.dumps(list(ids))
        )
        return {row["article"]: _values(row["terms"]) for row in found}

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
        sql = "SELECT position, text, key, boilerplate, status, first_seen_in FROM sentences WHERE article = ? ORDER BY position"
        mine = rows(self.db, sql, id_)
        first = self.postings.first({row["key"] ^ SENTENCE for row in mine}, rank)
        return [row | {"by_key": first.get(row["key"] ^ SENTENCE)} for row in mine]

    def tokens(self, id_: int) -> tuple[bytes, str] | None:
        """The words of an article that are evidence, as `text.hashed` has them, and its agency; None for one of no index."""
        sql = "SELECT i.tokens, a.agency FROM imprints i JOIN articles a ON a.id = i.article WHERE i.article = ?"
        found: tuple[bytes, str] | None = self.db.conn.execute(sql, (id_,)).fetchone()
        return found

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

    def versions(self, ids: Iterable[int]) -> list[tuple[int, str]]:
        """Articles, the earliest first, with what tells one text of each from the next."""
        sql = """SELECT i.article, a.text_hash FROM imprints i JOIN articles a ON a.id = i.article
            WHERE i.article IN (SELECT value FROM json_each(?)) ORDER BY i.rank, i.article"""
        return self.db.conn.execute(sql, (json.dumps(list(ids)),)).fetchall()

    def said(self, ids: Iterable[int]) -> dict[int, tuple[list[tuple[int, str]], bytes | None]]:
        """The sentences of articles that are evidence, with their places; and the gists of all sentences, where they are known."""
        these = json.dumps(list(ids))
        sql = "SELECT article, gists FROM imprints WHERE article IN (SELECT value FROM json_each(?))"
        found: dict[int, tuple[list[tuple[int, str]], bytes | None]] = {
            id_: ([], known) for id_, known in self.db.conn.execute(sql, (these,))
        }
        sql = """SELECT article, position, text FROM sentences
            WHERE article IN (SELECT value FROM json_each(?)) AND NOT boilerplate AND text != '' ORDER BY article, position"""
        for article, position, text in self.db.conn.execute(sql, (these,)):
            found[article][0].append((position, text))
        return found

    def boilerplate(self) -> dict[str, frozenset[int]]:
        """The keys of the sentences that each outlet prints under its articles, as last learnt."""
        found: dict[str, set[int]] = {}
        for row in rows(self.db, "SELECT outlet, key FROM boilerplate"):
            found.setdefault(row["outlet"], set()).add(row["key"])
        return {outlet: frozenset(keys) for outlet, keys in found.items()}

    def problems(self) -> list[str]:
        """What is wrong with the index, a sentence each; `scrapy refold` mends all of it. Looks at every article."""
        lost, strange, short = self._amiss()
        said = {"have no imprint": lost, "are indexed and not stored": strange, "are not found by all their words": short}
        return [f"articles that {what}: {len(articles)}" for what, articles in said.items() if articles]

    def mend(self) -> None:
        """Take out what no article has, put in what one lacks; imprints and sentences are right already."""
        self.postings.post()
        _, strange, short = self._amiss()
        if strange or short:
            self.db.conn.execute(
                "DELETE FROM postings WHERE article IN (SELECT value FROM json_each(?))", (json.dumps([*strange, *short]),)
            )
        for id_ in short:
            self.postings.add(id_, *self._marks(id_))

    def _amiss(self) -> tuple[set[int], set[int], set[int]]:
        """Articles without an imprint, postings of no article, articles with other postings than they should have."""
        conn = self.db.conn
        posted = dict(conn.execute("SELECT article, count(*) FROM postings GROUP BY article").fetchall())
        stored, known, waiting = (
            {id_ for (id_,) in conn.execute(query)}
            for query in ("SELECT id FROM articles", "SELECT article FROM imprints", "SELECT article FROM unposted")
        )
        short = {id_ for id_ in known - waiting if posted.get(id_, 0) != len(self._marks(id_)[1])}
        return stored - known, posted.keys() - known, short

    def learn_boilerplate(self, least: int, now: datetime) -> int:
        """Write anew what stands in at least `least` unrelated texts of one outlet; how many sentences that are.

        Texts are unrelated when they are of different clusters: a sentence that only travels with one report stays news.
        """
        self.db.conn.execute("DELETE FROM boilerplate")
        self.db.conn.execute(
            """INSERT INTO boilerplate (outlet, key, text, articles, learnt_at)
            SELECT a.outlet, s.key, max(s.text), count(DISTINCT a.cluster), ?2 FROM sentences s JOIN articles a ON a.id = s.article
            WHERE a.outlet IS NOT NULL AND a.state != 'dropped' GROUP BY a.outlet, s.key HAVING count(DISTINCT a.cluster) >= ?1""",
            (least, utc(now)),
        )
        return int(self.db.conn.execute("SELECT count(*) FROM boilerplate").fetchone()[0])


@lru_cache(maxsize=20 * KIN)
def _values(packed: bytes) -> frozenset[int]:
    """Hashes as they are stored; what is compared is soon compared again."""
    return frozenset(array("q", packed))


def _gists(article: Article) -> bytes | None:
    """Of all sentences; None where one has none."""
    known = [sentence.gist for sentence in article.sentences]
    return b"".join(known) if all(known) else None


def _hashes(prints: Iterable[int], sentences: Iterable[int], terms: Sequence[int]) -> set[int]:
    """What an article is found by: fingerprints, sentences, the topics of smallest hash."""
    return {*prints, *(key ^ SENTENCE for key in sentences), *(value ^ TOPIC for value in terms[:SAMPLE])}
