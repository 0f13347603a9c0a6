"""Pages are read, in processes that may be killed one by one. What reading is stands in `verdict`."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import signal
from concurrent.futures import Future
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from isal import isal_zlib
from pebble import ProcessExpired, ProcessPool
from scrapy.exceptions import DropItem

from pipelines.address import canonical_url
from pipelines.article import Article, Page, Reading, Verdict
from pipelines.consent import marked, of_page
from pipelines.health import dated
from pipelines.sight import off_at_sight
from pipelines.story import Story, load_story
from pipelines.turns import Turns
from pipelines.worker import OUT_OF_MEMORY, confine, grant

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)


FAILED_RETRY = timedelta(days=1)  # what broke a worker today may be read after the next release
PACKING = 2  # of isal: made pages of 260 kB shrink to .276 of their size in .47 ms; by zlib's level 1, to .285 in 1.7 ms
AHEAD = 2  # pages given to each worker: the next is there when one is read. The others wait in the order of their dates, for what
# comes before the articles that follow it is filed in half the time
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
    confine(memory)


def _nursery() -> Any:
    """Workers are forked from a process that has imported all that reads and does nothing else: a fresh one costs no import."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["trafilatura", "pipelines.verdict", __name__])
    return context


def read_in_worker(page: Page, archive: bool, seconds: float) -> Reading:
    """`read`, in a worker process, which ends with a page that takes more than it may."""
    from pipelines.verdict import read_page

    assert _worker_story is not None
    grant(seconds)
    try:
        return reading(page, *read_page(page, _worker_story), archive=archive)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)


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
        self.pool: ProcessPool | None = None
        self.turns = Turns(AHEAD * processes)
        self._starting: asyncio.Task[ProcessPool] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Settings: STORY, READ_PROCESSES (-1: one a core), READ_TIMEOUT, STORE_PAGES, READ_MEMORY."""
        settings = crawler.settings
        processes = settings.getint("READ_PROCESSES")
        return cls(
            Path(settings["STORY"]),
            processes if processes >= 0 else (os.cpu_count() or 1),
            settings.getfloat("READ_TIMEOUT"),
            settings.getbool("STORE_PAGES"),
            settings.getint("READ_MEMORY"),
        )

    async def process_item(self, item: Any) -> Any:
        """Read a page; the workers start with the first one that must be read."""
        if not isinstance(item, Page):
            return item
        if verdict := off_at_sight(item, self.story):
            return reading(item, verdict, archive=self.archive)
        if self.processes == 0:
            from pipelines.verdict import read_page

            return reading(item, *read_page(item, self.story), archive=self.archive)
        try:
            async with self.turns.turn(dated(item.entry) if item.entry else item.fetched_at):
                return await asyncio.wrap_future(await self._schedule(item))
        except TimeoutError:
            return self._failed(item, f"reading took more than {self.timeout:g} s")
        except ProcessExpired as error:
            if (
                error.exitcode == -signal.SIGTERM
            ):  # whoever ends the crawl ended its workers too: no fault of the page, the next run reads it
                raise DropItem("the crawl is stopped") from None
            return self._failed(item, self._ended_by(error.exitcode))
        except Exception as error:
            logger.exception("Reading %s failed", item.url)
            return self._failed(item, f"reading failed: {type(error).__name__}: {error}"[:300])

    def close_spider(self) -> None:
        """End the workers."""
        if self.pool is not None:
            self.pool.close()  # type: ignore[no-untyped-call]
            self.pool.join()

    async def _schedule(self, page: Page) -> Future[Reading]:
        # A pool whose workers all died while starting (out of memory, an operator's kill) gives up: begin another.
        if self.pool is None or not self.pool.active:
            self._starting = self._starting or asyncio.get_running_loop().create_task(asyncio.to_thread(self._begin))
            try:
                self.pool = await self._starting
            finally:
                self._starting = None
        given = (page, self.archive, self.timeout)
        future: Future[Reading] = self.pool.schedule(read_in_worker, args=given, timeout=self.timeout)
        return future

    def _begin(self) -> ProcessPool:
        """A pool that has begun: it takes a second until the first worker can be forked, which is spent in a thread."""
        pool = ProcessPool(
            max_workers=self.processes,
            max_tasks=PAGES_A_WORKER,
            initializer=start_worker,
            initargs=(str(self.story_path), self.memory),
            context=_nursery(),
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
