"""Folds everything stored anew: boilerplate learnt per outlet, the index made from the texts, every article judged in order.

Twice in a row gives the same database, byte for byte; a run that is stopped half-way is finished by the next one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pipelines.article import Article
from pipelines.settle import Settler
from pipelines.store import Store
from pipelines.store.order import NEVER
from pipelines.store.rows import Row
from pipelines.story import Story

LEAST = 5  # unrelated texts of one outlet that carry a sentence before it is taken for boilerplate; chosen, not measured
BATCH = 200  # articles a transaction: a crawl that files meanwhile waits a second at most


@dataclass(frozen=True, slots=True)
class Refolded:
    """How many sentences are boilerplate now, how many articles were judged, of how many relation or origin changed."""

    boilerplate: int
    articles: int
    changed: int


def refold(store: Store, story: Story, now: datetime) -> Refolded:
    """Fold everything anew. What stood as new when it was filed stays on record; so do editors' corrections."""
    with store.transaction():
        learnt = store.memory.index.learn_boilerplate(LEAST, now)
    settler = Settler(store)
    for rows in _batches(store):
        with store.transaction():
            for row in rows:
                _reindex(store, settler, story, row)
    with store.transaction():
        store.memory.index.mend()
    articles, changed = _rejudge(store, settler, now)
    with store.transaction():
        for cluster in store.clusters.all():
            store.clusters.refresh(cluster, now)
        store.mark_fresh()
    return Refolded(learnt, articles, changed)


def _reindex(store: Store, settler: Settler, story: Story, row: Row) -> None:
    memory = store.memory
    rank = memory.ranked(row)
    place = rank if row["state"] != "dropped" else NEVER
    if row["words"] and not row["text"]:  # aged out: what its text left behind stays
        memory.index.rerank(row["id"], place)
        return
    from pipelines.compose import marks  # reading is a heavy import: not for a crawl whose index is today's

    found = marks(row["headline"], row["text"], story)
    article = Article(row["url"], row["headline"], row["text"], fetched_at=None, outlet=row["outlet"], **found._asdict())
    memory.relocate(row["id"], article.sentences)
    memory.index.rebuild(row["id"], place, settler.without_furniture(article), settler.furniture(row["outlet"]))


def _rejudge(store: Store, settler: Settler, now: datetime) -> tuple[int, int]:
    """Judge every article by the earlier ones, in order, then settle the clusters of those that changed."""
    articles, turned = 0, []
    for rows in _batches(store):
        with store.transaction():
            for row in rows:
                articles += 1
                if settler.anew(row["id"], now):
                    turned.append(row["id"])
    for start in range(0, len(turned), BATCH):
        with store.transaction():
            for cluster in store.clusters.regroup(turned[start : start + BATCH], now):
                store.clusters.refresh(cluster, now)
    return articles, len(turned)


def _batches(store: Store) -> Iterator[list[Row]]:
    """All articles by id: their order may just be what is mended."""
    after = 0
    while rows := store.memory.after(after, BATCH):
        after = rows[-1]["id"]
        yield rows
