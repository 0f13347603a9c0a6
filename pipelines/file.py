"""Articles meet memory: identity, copies, what is new. One transaction an item, with its decision."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from pipelines.address import registered_domain
from pipelines.article import Article, Backfill, Entry, Fetch, Look, Outlet, Progress, Reading, Verdict
from pipelines.dates import latest
from pipelines.duplicates import Words, same_text
from pipelines.health import PACE, Pace
from pipelines.polls import Polls
from pipelines.refold import refold
from pipelines.revision import compare
from pipelines.settle import Settler
from pipelines.store import Store
from pipelines.store.memory import text_hash
from pipelines.store.prune import let_go_of_page
from pipelines.store.rows import Row, utc
from pipelines.story import Story, load_story
from pipelines.text import tokens
from pipelines.turns import Line

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)


class Filer:
    """Files items into a store. `run` is None outside a crawl (seeds)."""

    def __init__(self, store: Store, story_hash: str, run: int | None = None, pace: Pace = PACE) -> None:
        self.store = store
        self.run = run
        self.polls = Polls(store, story_hash, run, pace)
        self.settler = Settler(store)

    def file(self, item: Fetch | Entry | Verdict | Progress | Look | Backfill | Reading, now: datetime) -> None:
        """File one item in one transaction: all of it stands afterwards, or nothing."""
        with self.store.transaction():
            if isinstance(item, Fetch):
                self.polls.fetch(item)
            elif isinstance(item, Entry):
                self.store.ledger.count(self.run, listed=int(self.store.ledger.list_entry(item)))
            elif isinstance(item, Verdict):
                self.polls.decide(item)
            elif isinstance(item, Progress):
                self.store.ledger.progress(item)
            elif isinstance(item, Look):
                self.polls.look(item)
            elif isinstance(item, Backfill):
                self.polls.backfill(item)
            else:
                self.reading(item, now)

    def file_seed(self, article: Article, now: datetime) -> bool:
        """File an example article; whether it was not there yet, or has changed."""
        with self.store.transaction():
            old = self.store.memory.by_url(article.url)
            if old and (old["text_hash"], old["headline"]) == (text_hash(article.text), article.headline):
                return False
            self._place(article, now)
        return True

    def say(self, url: str, word: Literal["filed", "dropped"], why: str, now: datetime) -> bool:
        """Record an editor's word on a URL; it stands above every other decision. Whether an article was there.

        A page to be kept that is not filed becomes due: the next crawl or replay files it.
        """
        with self.store.transaction():
            old = self.store.memory.by_url(url)
            due = now if word == "filed" and old is None else None
            if due:
                self.store.ledger.list_entry(Entry(url, None, None, now))
            self.polls.decide(Verdict(url, "editor", word, why, now, retry_at=due))
            if old and (old["state"] == "dropped") != (word == "dropped"):
                self._set_state(int(old["id"]), "dropped" if word == "dropped" else "live", now)
        return old is not None

    def correct(self, kind: Literal["split", "join"], url: str, other: str | None, why: str, now: datetime) -> list[str]:
        """Record an editor's correction of a fold; how the articles stand afterwards, in words."""
        memory = self.store.memory
        with self.store.transaction():
            self.store.ledger.correct(kind, url, other, why, now)
            ids = [int(row["id"]) for row in (memory.by_url(each) for each in (url, other) if each) if row]
            for id_ in ids:
                self.settler.settle(id_, now, new=True)
            return [memory.standing(id_) for id_ in ids]

    def redecide(self, reading: Reading, now: datetime) -> None:
        """File what reading a stored page again came to: a new article, a refreshed one, or one that is dropped."""
        with self.store.transaction():
            outcome = reading.outcome
            old = self.store.memory.by_url(reading.url)
            for entry in reading.live:
                if self.store.memory.by_url(entry.url) is None:
                    self._article(entry, reading, now)
            if isinstance(outcome, Verdict):
                self.polls.decide(replace(outcome, at=now))
                if outcome.verdict == "denied":
                    self._withhold(reading.url, now)
                elif old:
                    self._set_state(int(old["id"]), "dropped", now)
            elif old is None:
                self._article(outcome, reading, now)
            else:
                self._refresh(old, outcome, now)

    def forget(self, urls: Iterable[str]) -> None:
        """Keep these pages no longer."""
        with self.store.transaction():
            for url in urls:
                self.store.ledger.drop_page(url)

    def _refresh(self, old: Row, article: Article, now: datetime) -> None:
        if old["text_hash"] == text_hash(article.text):
            self.store.memory.refresh(int(old["id"]), article)
        if old["state"] == "dropped":
            self._set_state(int(old["id"]), "live", now)
            self.polls.decide(Verdict(article.url, "page", "filed", article.relevance.reason, now, article.relevance.score))

    def _set_state(self, id_: int, state: Literal["live", "dropped"], now: datetime) -> None:
        followers = self._followers(id_)
        self.store.memory.set_state(id_, state, now)
        self.settler.settle(id_, now, new=state == "live", also=followers)

    def _withhold(self, url: str, now: datetime) -> None:
        """A page opts out, and that is respected: what was filed of it is dropped, as if it had opted out from the first, and
        its words go. An opt-out forbids to keep a text, whenever it was read; the record that it was there stays."""
        filed = self.store.memory.at_page(url)
        for article in filed:
            if article["state"] != "dropped":
                self._set_state(int(article["id"]), "dropped", now)
        let_go_of_page(self.store, url, [int(article["id"]) for article in filed], utc(now))

    def _followers(self, id_: int) -> list[int]:
        """Later articles that would be judged otherwise without this one."""
        index, rank = self.store.memory.index, self.store.memory.rank(id_)
        return [*index.later(id_, rank), *index.kin(id_)]

    def reading(self, reading: Reading, now: datetime) -> None:
        """File what became of a page, within a transaction of the caller's."""
        ledger = self.store.ledger
        if reading.packed:
            ledger.keep_page(reading)
        elif reading.uncopied:
            ledger.drop_page(reading.url)
        ledger.count(self.run, fetched=1)
        filed = self.polls.read_again(reading)
        if ledger.editors_word(reading.url) == "dropped":
            return
        outcome = reading.outcome
        if isinstance(outcome, Article):
            self._article(outcome, reading, now)
        elif outcome.verdict == "denied":
            self.polls.decide(outcome)
            self._withhold(reading.url, now)
        elif not filed or outcome.verdict == "filed":
            self.polls.decide(outcome)
        for entry in reading.live:
            if ledger.editors_word(entry.url) != "dropped":
                self._article(entry, reading, now)
        if reading.listed != reading.url:
            self._alias(reading.listed, reading.url, "leads to", reading.fetched_at)

    def _article(self, article: Article, reading: Reading, now: datetime) -> None:
        if twin := self._twin(article):
            self._alias(article.url, twin["url"], "is a twin of", reading.fetched_at)
            if own := self.store.memory.by_url(article.url):
                self.store.polling.looked(own["id"], reading.fetched_at)
            return
        id_, new = self._place(article, now, first_listed_at=self.store.ledger.first_listed_at(reading.listed))
        self.store.polling.looked(id_, reading.fetched_at, first=new, etag=reading.etag, last_modified=reading.last_modified)
        self.polls.decide(Verdict(article.url, "page", "filed", article.relevance.reason, reading.fetched_at, article.relevance.score))
        self.store.ledger.count(self.run, filed=1, copies=int(self.store.memory.is_copy(id_)))

    def _alias(self, url: str, of: str, how: str, at: datetime) -> None:
        self.polls.decide(Verdict(url, "page", "alias", f"{how} {of}", at))

    def _twin(self, article: Article) -> Row | None:
        """The article that this page is another edition of (AMP, print), by its canonical link and its text."""
        if not article.canonical_url or article.canonical_url == article.url:
            return None
        memory = self.store.memory
        editions = [memory.by_url(article.canonical_url)]
        if memory.by_url(article.url) is None:  # others that name the same address, which itself may never come in
            editions += [other for other in memory.by_canonical(article.canonical_url) if other["state"] in ("live", "revised")]
        return next((other for other in editions if other and _same_page(article, other)), None)

    def _place(self, article: Article, now: datetime, *, first_listed_at: str | None = None) -> tuple[int, bool]:
        """Insert or revise an article and settle everything that follows from it; its id, and whether it is new."""
        memory = self.store.memory
        old = memory.by_url(article.url) or self._earlier_edition(article, now)
        article = self.settler.without_furniture(article)
        if old:
            return self._revise(old, article, now), False
        id_ = memory.add(article, self.settler.furniture(article.outlet), first_listed_at=first_listed_at, now=now)
        self.settler.settle(id_, now, new=True, filing=True)
        return id_, True

    def _earlier_edition(self, article: Article, now: datetime) -> Row | None:
        """An AMP or print page of this article that came in before it: the article moves to its own URL."""
        for other in self.store.memory.by_canonical(article.url):
            if _same_page(article, other):
                self._alias(other["url"], article.url, "is a twin of", article.fetched_at or now)
                return other
        return None

    def _revise(self, old: Row, article: Article, now: datetime) -> int:
        """The same URL again: nothing, a moved page, or a new version with the old one kept."""
        memory = self.store.memory
        id_ = int(old["id"])
        moved = old["url"] != article.url
        if article.fetched_at and old["fetched_at"] and article.fetched_at < datetime.fromisoformat(old["fetched_at"]):
            return id_  # an archive's older capture: what stands here is newer
        if not moved and (old["text_hash"], old["headline"]) == (text_hash(article.text), article.headline):
            memory.reserve(id_, article.reservations)
            return id_
        followers = self._followers(id_)
        if not moved:
            figures = [(figure.unit, figure.as_written) for figure in article.figures]
            memory.keep_version(old, compare(old["text"], article.text, memory.figures(id_), figures), now)
        memory.replace(id_, article, self.settler.furniture(article.outlet), now, "live" if moved else "revised")
        self.settler.settle(id_, now, new=False, filing=True, also=followers)
        return id_


def _same_page(article: Article, other: Row) -> bool:
    """Two URLs of one article: the same registered domain and the same text."""
    if registered_domain(article.url) != registered_domain(other["url"]):
        return False
    return same_text(Words(tokens(article.text)), Words(tokens(other["text"])))


def prepare(store: Store, story: Story, outlets: Iterable[Outlet], now: datetime) -> None:
    """Bring a database to today's catalogue, story and index, before anything is filed."""
    with store.transaction():
        store.ledger.register(outlets)
        store.ledger.tell(story)
    if store.stale():
        logger.warning("the index was made by an older version: folding everything anew, once")
        refold(store, story, now)


class FilePipeline:
    """The half with memory: the one writer of the crawl."""

    def __init__(self, crawler: Crawler, database: Path, story: Path, clock: Callable[[], datetime], pace: Pace = PACE) -> None:
        self.crawler = crawler
        self.database = database
        self.story = load_story(story)
        self.clock = clock
        self.pace = pace
        self.line = Line()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Settings: DATABASE, STORY, POLL_FASTEST, POLL_SLOWEST."""
        settings = crawler.settings
        pace = Pace(timedelta(seconds=settings.getfloat("POLL_FASTEST")), timedelta(seconds=settings.getfloat("POLL_SLOWEST")))
        return cls(crawler, Path(settings["DATABASE"]), Path(settings["STORY"]), lambda: datetime.now(UTC), pace)

    def open_spider(self) -> None:
        """Open the database, begin the run, tell the spider what is known."""
        now = self.clock()
        spider: Any = self.crawler.spider
        self.store = Store.open(self.database)
        prepare(self.store, self.story, spider.outlets, now)
        with self.store.transaction():
            run = self.store.ledger.open_run(spider.name, now)
        self.filer = Filer(self.store, self.story.sha, run, self.pace)
        spider.known = self.store.ledger.known(now, spider.looks_per_outlet)

    async def process_item(self, item: Any) -> Any:
        """File one item; of the articles that wait, the earliest: a late one is held against those that follow it."""
        if isinstance(item, Reading) and isinstance(item.outcome, Article):
            await self.line.turn(latest(item.outcome.published) or item.fetched_at)
        self.filer.file(item, self.clock())
        return item

    def close_spider(self, sentence: str = "") -> None:
        """End the run with the sentence that says how it went; without one the spider has it."""
        spider: Any = self.crawler.spider
        assert self.filer.run is not None
        with self.store.transaction():
            self.store.ledger.close_run(self.filer.run, sentence or spider.outcome().sentence, self.clock())
        self.store.close()
