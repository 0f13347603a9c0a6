"""Pages are read, in processes that may be killed one by one. What reading is stands in `verdict`."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from isal import isal_zlib
from pebble import ProcessExpired, ProcessPool

from pipelines.address import canonical_url
from pipelines.article import Article, Page, Reading, Verdict
from pipelines.consent import marked, of_page
from pipelines.health import dated
from pipelines.sight import off_at_sight
from pipelines.story import Story, load_story
from pipelines.turns import Turns
from pipelines.worker import GIVING_WAY, OUT_OF_MEMORY, confine, grant, nursery, seldom_look_for_cycles

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)


FAILED_RETRY = timedelta(days=1)  # what broke a worker today may be read after the next release
PACKING = 2  # of isal: made pages of 260 kB shrink to .276 of their size in .47 ms; by zlib's level 1, to .285 in 1.7 ms
POOLS = 3  # whose workers all die before they are given a page; then it is the machine that fails
AHEAD = 2  # pages given to each worker: the next is there when one is read. The others wait in the order of their dates, for what
# comes before the articles that follow it is filed in half the time
_CONDITIONS = {b"If-None-Match", b"If-Modified-Since"}
PAGES_A_WORKER = 500  # then a fresh process takes over: lxml and trafilatura keep some memory


def read(page: Page, story: Story) -> Article | Verdict:
    """Read one page. Never raises on bad markup: what cannot be read has a verdict that says why."""
    from pipelines.verdict import read_page  # all that reads is a heavy import: not for a crawl's own process

    return read_page(page, story)[0]


def reading(page: Page, outcome: Article | Verdict, live: tuple[Article, ...] = (), *, archive: bool) -> Reading:
    """The outcome with what filing needs of the page; the page itself packed, if it is to be archived."""
    packed = isal_zlib.compress(page.html, PACKING) if archive else b""
    found = Reading(
        outcome, outcome.url, page.url, page.final_url, page.fetched_at, page.http_status, page.charset, packed, page.entry, live,
        page.etag, page.last_modified,
    )  # fmt: skip
    return marked(found, of_page(page.html, page.charset, page.reservations))


_worker_story: Story | None = None


def start_worker(story_path: str, memory: int) -> None:
    """Prepare a worker process: the story is compiled once, trafilatura imported once. Ctrl-C is the crawl's affair."""
    global _worker_story
    import trafilatura  # noqa: F401

    import pipelines.verdict  # noqa: F401

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _worker_story = load_story(story_path)
    seldom_look_for_cycles()
    os.nice(GIVING_WAY)
    confine(memory)


def read_in_worker(page: Page, archive: bool, seconds: float) -> Reading:
    """`read`, in a worker process, which ends with a page that takes more than it may."""
    from pipelines.verdict import read_page

    assert _worker_story is not None
    grant(seconds)
    try:
        return reading(page, *read_page(page, _worker_story), archive=archive)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)


class PoolEndedError(Exception):
    """A pool takes no more pages."""


def _begun(pool: ProcessPool, given: tuple[Page, bool, float]) -> Future[Reading]:
    try:
        future: Future[Reading] = pool.schedule(read_in_worker, args=given, timeout=given[-1])
    except RuntimeError as error:
        if pool.active:
            raise
        raise PoolEndedError from error
    return future


class ReadPipeline:
    """Reads pages in processes that may be killed one by one; other items pass.

    Args:
        story: path of the story file.
        processes: how many workers; 0 reads in the crawl's own process.
        timeout: seconds a page may take.
        archive: whether pages are kept for replay.
        memory: bytes a worker may take beside what it starts with.
    """

    def __init__(self, story: Path, processes: int, timeout: float, archive: bool, memory: int = 512 * 2**20) -> None:
        self.story_path = story
        self.processes = processes
        self.timeout = timeout
        self.archive = archive
        self.memory = memory
        self.story = load_story(story)
        self.turns: Turns[Reading] = Turns(AHEAD * processes)
        self._nurse = ThreadPoolExecutor(1)
        self._pool: Future[ProcessPool] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Settings: STORY, READ_PROCESSES (-1: one a core), READ_TIMEOUT, STORE_PAGES, READ_MEMORY."""
        from scrapy import signals

        settings = crawler.settings
        processes = settings.getint("READ_PROCESSES")
        pipeline = cls(
            Path(settings["STORY"]),
            processes if processes >= 0 else (os.cpu_count() or 1),
            settings.getfloat("READ_TIMEOUT"),
            settings.getbool("STORE_PAGES"),
            settings.getint("READ_MEMORY"),
        )
        crawler.signals.connect(pipeline.expect, signal=signals.request_scheduled)
        return pipeline

    def expect(self, request: Request) -> None:
        """Let the workers get ready when the first page is asked for, but for one that may be unchanged: it takes them as long."""
        if "entry" in request.cb_kwargs and not _CONDITIONS & request.headers.keys() and self.processes and self._pool is None:
            self._begin()

    async def process_item(self, item: Any) -> Any:
        """Read a page; the workers start with the first one that must be read, if they were not expected to."""
        if not isinstance(item, Page):
            return item
        if verdict := off_at_sight(item, self.story):
            return reading(item, verdict, archive=self.archive)
        if self.processes == 0:
            from pipelines.verdict import read_page

            return reading(item, *read_page(item, self.story), archive=self.archive)
        try:
            return await self._read(item)
        except TimeoutError:
            return self._failed(item, f"reading took more than {self.timeout:g} s")
        except ProcessExpired as error:
            if (
                error.exitcode == -signal.SIGTERM
            ):  # whoever ends the crawl ended its workers too: no fault of the page, the next run reads it
                from scrapy.exceptions import DropItem  # the nursery imports this module, and has no use for Scrapy

                raise DropItem("the crawl is stopped") from None
            return self._failed(item, self._ended_by(error.exitcode))
        except Exception as error:
            logger.exception("Reading %s failed", item.url)
            return self._failed(item, f"reading failed: {type(error).__name__}: {error}"[:300])

    def close_spider(self) -> None:
        """End the workers."""
        if self._pool is not None and not self._pool.exception():
            pool = self._pool.result()
            pool.close()  # type: ignore[no-untyped-call]
            pool.join()
        self._nurse.shutdown()

    async def _read(self, page: Page) -> Reading:
        """What a worker makes of a page, when its turn comes."""
        date, given = dated(page.entry) if page.entry else page.fetched_at, (page, self.archive, self.timeout)
        for _ in range(POOLS):
            pool = await self._ready()
            with suppress(PoolEndedError):  # by the workers of another, then
                return await asyncio.wrap_future(self.turns.give(date, partial(_begun, pool, given)))
        raise PoolEndedError("no worker lives long enough to be given a page")

    async def _ready(self) -> ProcessPool:
        """The pool of workers. One whose workers all died while starting (out of memory, an operator's kill) gives up: begin another."""
        if self._pool is None or (self._pool.done() and (self._pool.exception() or not self._pool.result().active)):
            self._begin()
        assert self._pool is not None
        return await asyncio.wrap_future(self._pool)

    def _begin(self) -> None:
        """Let a pool begin: it takes half a second until the first worker can be forked, which is spent in a thread."""
        self._pool = self._nurse.submit(self._new_pool)

    def _new_pool(self) -> ProcessPool:
        pool = ProcessPool(
            max_workers=self.processes,
            max_tasks=PAGES_A_WORKER,
            initializer=start_worker,
            initargs=(str(self.story_path), self.memory),
            context=nursery(["trafilatura", "pipelines.verdict", __name__]),
        )
        if not pool.active:  # who asks begins it
            raise RuntimeError("no process to read in can be begun")
        return pool

    def _ended_by(self, code: int | None) -> str:
        """Why a worker is no more."""
        if code == OUT_OF_MEMORY:
            return f"reading took more than {self.memory / 2**20:.3g} MiB of memory"
        if code == -signal.SIGXCPU:
            return f"reading took more than {self.timeout:g} s of the processor"
        return f"the reading process died (exit code {code})"

    def _failed(self, page: Page, reason: str) -> Reading:
        """A page that killed or hung its worker costs that page alone."""
        url = canonical_url(page.final_url) or page.url
        verdict = Verdict(url, "page", "failed", reason, page.fetched_at, retry_at=page.fetched_at + FAILED_RETRY)
        return reading(page, verdict, archive=self.archive)
