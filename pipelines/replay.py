"""Decides stored listings and pages anew with today's story file, without asking anyone: what would change, and why."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipelines.article import Article, Page, Reading, Verdict
from pipelines.consent import opted_out, withheld
from pipelines.file import Filer
from pipelines.read import ReadPipeline
from pipelines.relevance import worth_fetching
from pipelines.store import Store
from pipelines.story import Story

BATCH = 64  # pages read at a time: keeps every core busy and memory flat
# What depends on the page or the network, not on the story file, is not argued about again.
_SETTLED = frozenset(("gone", "denied", "failed", "alias", "over_budget"))


@dataclass(frozen=True, slots=True)
class Change:
    """A URL that is decided otherwise now. `after` is a verdict, or `due` for a page that was never fetched."""

    url: str
    before: str
    after: str
    reason: str


class Replay:
    """One pass over everything stored; with `filer` the changes are made, without it they are only told. With `respect` a page
    that opts out is held as a crawl holds it: nothing of it is filed, nor kept."""

    def __init__(
        self, store: Store, story: Story, reader: ReadPipeline, now: datetime, filer: Filer | None = None, *, respect: bool = False
    ) -> None:
        self.store = store
        self.story = story
        self.reader = reader
        self.now = now
        self.filer = filer
        self.respect = respect

    def run(self) -> Iterator[Change]:
        """Every change: first the listings that were decided on sight, then the stored pages."""
        yield from self._listings()
        yield from self._pages()

    def _listings(self) -> Iterator[Change]:
        for entry, before in list(self.store.ledger.listing_verdicts()):
            if before != "off_story" or self._editor_spoke(entry.url):
                continue
            if worth_fetching(f"{entry.words()}\n{entry.url}", self.story):
                reason = "the listing could be the story now: the next crawl fetches it"
                if self.filer:
                    due = Verdict(entry.url, "listing", "off_story", reason, self.now, retry_at=self.now - timedelta(seconds=1))
                    self.filer.file(due, self.now)
                yield Change(entry.url, before, "due", reason)

    def _pages(self) -> Iterator[Change]:
        after = ""
        while batch := self.store.ledger.pages(after, BATCH):
            after = batch[-1][0].url
            wanted = [(page, before) for page, before in batch if before not in _SETTLED and before != "dropped"]
            readings = asyncio.run(self._read([page for page, _ in wanted]))
            if self.filer:
                barred = {page.url for page, _ in batch if self.respect and opted_out(page.reservations)}
                self.filer.forget(barred | {reading.url for reading in readings if reading.uncopied})
            for (_, before), reading in zip(wanted, readings, strict=True):
                yield from self._redecide(before or "", reading)

    def _redecide(self, before: str, reading: Reading) -> Iterator[Change]:
        outcome = reading.outcome
        now_is = "filed" if isinstance(outcome, Article) else outcome.verdict
        if now_is == "failed":  # a worker died; the page keeps what it has
            return
        changed = now_is != before
        if self.filer and (changed or now_is == "filed"):
            self.filer.redecide(reading, self.now)
        if changed:
            yield Change(reading.url, before, now_is, outcome.relevance.reason if isinstance(outcome, Article) else outcome.reason)

    async def _read(self, pages: list[Page]) -> list[Reading]:
        found = await asyncio.gather(*(self.reader.process_item(page) for page in pages))
        return [withheld(reading) for reading in found] if self.respect else list(found)

    def _editor_spoke(self, url: str) -> bool:
        return self.store.ledger.editors_word(url) is not None
