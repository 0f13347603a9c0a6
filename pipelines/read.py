"""A page becomes an article or a verdict. Pure: it knows the story and nothing of the past."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import signal
import zlib
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from pebble import ProcessExpired, ProcessPool

from pipelines.address import canonical_url
from pipelines.article import Article, Closing, Page, Reading, Verdict
from pipelines.compose import compose, compose_entry
from pipelines.dates import latest
from pipelines.evidence import Extract
from pipelines.extract import extract_tree
from pipelines.extract.refusal import refused
from pipelines.markup import decode, parse, readable
from pipelines.relevance import could_be, worth_fetching
from pipelines.story import Story, load_story

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)


_REFUSALS: dict[str, tuple[Closing, str]] = {
    "wall": ("wall", "a consent wall stands in the article's place"),
    "login": ("wall", "a login page stands in the article's place"),
    "challenge": ("wall", "a bot challenge stands in the article's place"),
    "gone": ("gone", "the page says that there is no such article"),
    "section": ("no_text", "a front or section page, not an article"),
}
FAILED_RETRY = timedelta(days=1)  # what broke a worker today may be read after the next release
PAGES_A_WORKER = 500  # then a fresh process takes over: lxml and trafilatura keep some memory
WALL_RETRY = timedelta(days=1)  # walls and challenges are often lifted; asked again once a day


def read(page: Page, story: Story) -> Article | Verdict:
    """Read one page. Never raises on bad markup: what cannot be read has a verdict that says why."""
    return read_page(page, story)[0]


def read_page(page: Page, story: Story) -> tuple[Article | Verdict, tuple[Article, ...]]:
    """As `read`; for a live blog also the entries that are on the story, judged one by one."""
    markup = decode(page.html, page.charset)
    url = canonical_url(page.final_url) or page.url
    if not page.kept and not could_be(readable(markup), story):
        return _verdict(page, url, *_without_the_party(page, markup, story)), ()
    tree = parse(markup)
    if tree is None:
        return _verdict(page, url, "no_text", "the answer is empty, or no web page"), ()
    if why := refused(tree, page.final_url):
        return _verdict(page, url, *_REFUSALS[why]), ()
    found = extract_tree(tree, page.final_url, language=page.language, agencies=story.agencies)
    if found is None:
        return _verdict(page, url, "no_text", "the page has no article text"), ()
    if len(found.entries) > 1 and not page.kept:
        return _read_live(page, url, found, story)
    return _judged(page, url, compose(url, found, story, page), story), ()


def _judged(page: Page, url: str, article: Article, story: Story) -> Article | Verdict:
    """The article, or why it is left out."""
    relevance = article.relevance
    if page.kept:
        return article
    if not relevance.on_story:
        verdict = _verdict(page, url, "mention" if relevance.grade == 1 else "off_story", relevance.reason, relevance.score)
        aside = relevance.reason.partition(" | ")[2]  # the sentence of a mention
        return replace(verdict, figures=tuple(figure for figure in article.figures if figure.as_written in aside))
    if article.published and (when := latest(article.published)) and when < _opening(story):
        return _verdict(page, url, "out_of_window", f"published {article.published.edtf}, before {story.since}")
    return article


def _read_live(page: Page, url: str, found: Extract, story: Story) -> tuple[Verdict, tuple[Article, ...]]:
    """A live blog is many short articles at one address: those on the story are filed, the page itself is not."""
    entries = tuple(compose_entry(url, entry, found, story, page) for entry in found.entries)
    wanted = tuple(entry for entry in entries if isinstance(_judged(page, entry.url, entry, story), Article))
    if wanted:
        return _verdict(page, url, "filed", f"live blog: {len(wanted)} of {len(entries)} entries are on the story"), wanted
    best = max(entries, key=lambda entry: entry.relevance.score)
    closing: Closing = "mention" if best.relevance.grade else "off_story"
    return _verdict(page, url, closing, f"live blog, its nearest entry: {best.relevance.reason}", best.relevance.score), ()


def _verdict(page: Page, url: str, closing: Closing, reason: str, score: float | None = None) -> Verdict:
    retry = page.fetched_at + WALL_RETRY if closing == "wall" else None
    return Verdict(url, "page", closing, reason, page.fetched_at, score, retry)


def _without_the_party(page: Page, markup: str, story: Story) -> tuple[Closing, str]:
    """The page never names the first party: off the story, unless it is empty, or its listing did and a wall is shown."""
    if not markup.strip():
        return "no_text", "the answer is empty"
    tree = parse(markup) if page.entry and page.entry.words() and worth_fetching(page.entry.words(), story) else None
    if tree is not None and (why := refused(tree, page.final_url)):
        return _REFUSALS[why]
    return "off_story", f"the page nowhere names {story.party}"


def _opening(story: Story) -> datetime:
    return datetime.combine(story.since, time.min, UTC) - timedelta(days=1)  # it is that day somewhere already


def reading(page: Page, outcome: Article | Verdict, live: tuple[Article, ...] = (), *, archive: bool) -> Reading:
    """The outcome with what filing needs of the page; the page itself packed, if it is to be archived."""
    packed = zlib.compress(page.html, 6) if archive else b""
    return Reading(
        outcome, outcome.url, page.url, page.final_url, page.fetched_at, page.http_status, page.charset, packed, page.entry, live,
        page.etag, page.last_modified,
    )  # fmt: skip


_worker_story: Story | None = None


def start_worker(story_path: str) -> None:
    """Prepare a worker process: the story is compiled once, trafilatura imported once. Ctrl-C is the crawl's affair."""
    global _worker_story
    import trafilatura  # noqa: F401

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _worker_story = load_story(story_path)


def read_in_worker(page: Page, archive: bool) -> Reading:
    """`read`, in a worker process."""
    assert _worker_story is not None
    return reading(page, *read_page(page, _worker_story), archive=archive)


class ReadPipeline:
    """Reads pages in processes that may be killed one by one; other items pass.

    Args:
        story: path of the story file.
        processes: how many workers; 0 reads in the crawl's own process.
        timeout: seconds a page may take.
        archive: whether pages are kept for replay.
    """

    def __init__(self, story: Path, processes: int, timeout: float, archive: bool) -> None:
        self.story_path = story
        self.processes = processes
        self.timeout = timeout
        self.archive = archive
        self.story = load_story(story) if processes == 0 else None
        self.pool: ProcessPool | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Settings: STORY, READ_PROCESSES (-1: one a core), READ_TIMEOUT, STORE_PAGES."""
        settings = crawler.settings
        processes = settings.getint("READ_PROCESSES")
        return cls(
            Path(settings["STORY"]),
            processes if processes >= 0 else (os.cpu_count() or 1),
            settings.getfloat("READ_TIMEOUT"),
            settings.getbool("STORE_PAGES"),
        )

    async def process_item(self, item: Any) -> Any:
        """Read a page; the workers start with the first one."""
        if not isinstance(item, Page):
            return item
        if self.story is not None:
            return reading(item, *read_page(item, self.story), archive=self.archive)
        try:
            return await asyncio.wrap_future(self._schedule(item))
        except TimeoutError:
            return self._failed(item, f"reading took more than {self.timeout:g} s")
        except ProcessExpired as error:
            return self._failed(item, f"the reading process died (exit code {error.exitcode})")
        except Exception as error:
            logger.exception("Reading %s failed", item.url)
            return self._failed(item, f"reading failed: {type(error).__name__}: {error}"[:300])

    def close_spider(self) -> None:
        """End the workers."""
        if self.pool is not None:
            self.pool.close()  # type: ignore[no-untyped-call]
            self.pool.join()

    def _schedule(self, page: Page) -> Future[Reading]:
        # A pool whose workers all died while starting (out of memory, an operator's kill) gives up: begin another.
        if self.pool is None or not self.pool.active:
            self.pool = ProcessPool(
                max_workers=self.processes,
                max_tasks=PAGES_A_WORKER,
                initializer=start_worker,
                initargs=(str(self.story_path),),
                context=multiprocessing.get_context("spawn"),
            )
        future: Future[Reading] = self.pool.schedule(read_in_worker, args=(page, self.archive), timeout=self.timeout)
        return future

    def _failed(self, page: Page, reason: str) -> Reading:
        """A page that killed or hung its worker costs that page alone."""
        url = canonical_url(page.final_url) or page.url
        verdict = Verdict(url, "page", "failed", reason, page.fetched_at, retry_at=page.fetched_at + FAILED_RETRY)
        return reading(page, verdict, archive=self.archive)
