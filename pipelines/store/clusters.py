"""One report with all its copies: which articles hang together by their origins, under which permanent id."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime

from sqlite_utils import Database

from pipelines.store.rows import Row, insert, rows, update, utc

_OF_FIRST = ("outlet", "language", "agency", "relation", "rank", "url", "published", "first_public_id")  # live text


class Clusters:
    """The trees that `articles.origin` forms, with what each looks like from outside."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def regroup(self, changed: Iterable[int], now: datetime) -> set[int]:
        """Settle the clusters of articles that are new or have another origin; those that look otherwise now.

        A tree keeps the oldest id whose root lives in it; other such ids are merged into that one. A tree whose ids
        all belong elsewhere (it was torn out of a cluster) gets an id of its own.
        """
        touched: set[int] = set()
        for root in dict.fromkeys(self._root(article) for article in changed):
            members = self._tree(root)
            held = {row["cluster"] for row in self._of(members, "DISTINCT cluster") if row["cluster"] is not None}
            own = sorted(c for c in held if self._rooted_in(c, members))
            keeper = own[0] if own else self._new(root, now)
            self.db.conn.execute(
                "UPDATE articles SET cluster = ?1 WHERE id IN (SELECT value FROM json_each(?2)) AND cluster IS NOT ?1",
                (keeper, json.dumps(members)),
            )
            update(self.db, "clusters", keeper, {"root": root})
            for other in own[1:]:
                update(self.db, "clusters", other, {"merged_into": keeper, "changed_at": utc(now)})
            touched |= held | {keeper}
        return touched

    def refresh(self, cluster: int, now: datetime) -> None:
        """Write down anew what a cluster looks like; `changed_at` moves only when that changed."""
        live = rows(
            self.db,
            """SELECT a.id, a.outlet, coalesce(o.name, a.outlet, a.url) AS name, a.headline, a.relation, a.own_share, a.new_sentences,
            a.language, a.agency, a.filed_at, a.rank, a.url, a.published, a.public_id AS first_public_id,
            coalesce(a.published_at, a.first_listed_at, a.fetched_at) AS seen
            FROM articles a LEFT JOIN outlets o ON o.id = a.outlet
            WHERE a.cluster = ? AND a.relation != 'seed' AND a.state != 'dropped' ORDER BY a.rank""",
            cluster,
        )
        looks = {
            "first_live": live[0]["id"] if live else None,
            "headline": live[0]["headline"] if live else "",
            "outlets": len({row["outlet"] for row in live}),
            "copies": max(0, len(live) - 1),
            "own_share": max((row["own_share"] for row in live), default=0.0),
            "new_sentences": sum(row["new_sentences"] for row in live),
            "added": "; ".join(_added(row) for row in live if row["relation"] != "original" and row["new_sentences"]),
            "independent": self._independent(cluster),
            "first_seen_at": live[0]["seen"] if live else None,
            "filed_at": min((row["filed_at"] for row in live), default=None),
        }
        looks |= {name: live[0][name] if live else None for name in _OF_FIRST}
        old = rows(self.db, f"SELECT {', '.join(looks)} FROM clusters WHERE id = ?", cluster)[0]
        if old != looks:
            update(self.db, "clusters", cluster, looks | {"changed_at": utc(now)})

    def _independent(self, cluster: int) -> int:
        """How many reports of other outlets tell of the same event, in words of their own."""
        sql = """SELECT count(DISTINCT b.cluster) FROM (
              SELECT r.other AS id, m.outlet FROM articles m JOIN related r ON r.article = m.id WHERE m.cluster = ?1
              UNION SELECT r.article, m.outlet FROM articles m JOIN related r ON r.other = m.id WHERE m.cluster = ?1) kin
            JOIN articles b ON b.id = kin.id
            WHERE b.cluster != ?1 AND b.state != 'dropped' AND (b.outlet IS NOT kin.outlet OR b.outlet IS NULL)"""
        return int(self.db.conn.execute(sql, (cluster,)).fetchone()[0])

    def all(self) -> list[int]:
        """Every cluster that was not merged into another."""
        return [row["id"] for row in rows(self.db, "SELECT id FROM clusters WHERE merged_into IS NULL ORDER BY id")]

    def of(self, articles: Iterable[int]) -> set[int]:
        """The clusters of these articles."""
        return {row["cluster"] for row in self._of(list(articles), "DISTINCT cluster") if row["cluster"] is not None}

    def _root(self, article: int) -> int:
        found = rows(
            self.db,
            """WITH RECURSIVE up(id, origin) AS (
              SELECT id, origin FROM articles WHERE id = ? UNION SELECT a.id, a.origin FROM articles a JOIN up ON a.id = up.origin)
            SELECT id FROM up WHERE origin IS NULL""",
            article,
        )
        return int(found[0]["id"])

    def _tree(self, root: int) -> list[int]:
        found = rows(
            self.db,
            """WITH RECURSIVE down(id) AS (
              SELECT ? UNION SELECT a.id FROM articles a JOIN down ON a.origin = down.id) SELECT id FROM down""",
            root,
        )
        return [row["id"] for row in found]

    def _of(self, members: list[int], columns: str) -> list[dict[str, int | None]]:
        return rows(
            self.db,
            f"SELECT {columns} FROM articles WHERE id IN (SELECT value FROM json_each(?))",
            json.dumps(members),
        )

    def _rooted_in(self, cluster: int, members: list[int]) -> bool:
        return bool(
            rows(self.db, "SELECT 1 FROM clusters WHERE id = ? AND root IN (SELECT value FROM json_each(?))", cluster, json.dumps(members))
        )

    def _new(self, root: int, now: datetime) -> int:
        added = insert(self.db, "clusters", {"root": root, "headline": "", "changed_at": utc(now)})
        assert added is not None
        return added


def _added(row: Row) -> str:
    """What a copier added, in words: `Kurier: 3 new sentences, 24 % its own`."""
    count = row["new_sentences"]
    return f"{row['name']}: {count} new sentence{'s' if count != 1 else ''}, {row['own_share']:.0%} its own".replace("%", " %")
