"""What polling brings, filed: listings, what an archive had of a gap, looks at filed articles; and every decision with its run."""

from __future__ import annotations

from datetime import datetime

from pipelines.article import Article, Backfill, Fetch, Look, Reading, Verdict
from pipelines.health import Pace, after, contiguous
from pipelines.store import Store
from pipelines.store.rows import Row


class Polls:
    """The half of filing that opens no text. Everything runs within a transaction of the caller's."""

    def __init__(self, store: Store, story_hash: str, run: int | None, pace: Pace) -> None:
        self.store = store
        self.story_hash = story_hash
        self.run = run
        self.pace = pace

    def fetch(self, fetch: Fetch) -> None:
        """A request for a listing: its entries, what was decided on sight, how its source fares since."""
        ledger, polling = self.store.ledger, self.store.polling
        new = sum(ledger.list_entry(entry) for entry in fetch.entries)
        reopened = {verdict.url for verdict in fetch.verdicts if verdict.retry_at}
        for entry in (entry for entry in fetch.entries if entry.url in reopened):
            ledger.list_anew(entry)
        before = polling.health(fetch.source.url)
        polling.record(fetch, new, before, after(before, fetch, new, self.pace), contiguous(before, fetch), self.run)
        for verdict in fetch.verdicts:
            self.decide(verdict)
        ledger.count(self.run, listed=new, errors=int(fetch.outcome in ("failed", "denied")))

    def backfill(self, backfill: Backfill) -> None:
        """What an archive had of a gap."""
        ledger = self.store.ledger
        ledger.count(self.run, listed=sum(ledger.list_entry(entry) for entry in backfill.entries))
        for verdict in backfill.verdicts:
            self.decide(verdict)
        self.store.polling.backfilled(backfill)

    def look(self, look: Look) -> None:
        """A look at a filed article, or at all of a live blog, that brought no page."""
        for article in self.store.memory.standing_at(look.url):
            if look.outcome == "unchanged":
                self.store.polling.looked(article["id"], look.at)
            elif look.outcome == "gone":
                self.missing(article, look.at, look.reason)
            else:
                self.store.polling.put_off(article["id"], look.at)

    def read_again(self, reading: Reading) -> bool:
        """Another look at what was filed of a page, but for what it brought anew; whether anything was. What cannot be read now, or
        stands in a live blog no longer, stays as it was."""
        filed = self.store.memory.standing_at(reading.url)
        outcome, brought = reading.outcome, {entry.url for entry in reading.live}
        if isinstance(outcome, Article):
            brought.add(outcome.url)
        for article in (article for article in filed if article["url"] not in brought):
            if isinstance(outcome, Verdict) and outcome.verdict == "gone":
                self.missing(article, reading.fetched_at, outcome.reason)
            else:
                self.store.polling.looked(article["id"], reading.fetched_at)
        return bool(filed)

    def missing(self, article: Row, at: datetime, reason: str) -> None:
        """A filed page that is gone, or says that it is: withdrawn at the second time."""
        if self.store.polling.missed(article["id"], at):
            self.decide(Verdict(article["url"], "page", "gone", f"withdrawn: {reason}", at))
            self.store.clusters.refresh(article["cluster"], at)

    def decide(self, verdict: Verdict) -> None:
        """One decision on a URL."""
        self.store.ledger.decide(verdict, self.story_hash, self.run)
        if verdict.verdict == "failed":
            self.store.ledger.count(self.run, errors=1)
