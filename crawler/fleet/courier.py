"""In a crawl of a fleet: what is known comes out of the task, what is read goes to Valkey instead of a database."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import threading
from pathlib import Path
from typing import Any, Self

from scrapy.crawler import Crawler

from crawler.fleet import ARTICLES, Fleet
from crawler.fleet.parcels import End, Part, Task, pack, unpack
from pipelines.story import load_story

GLANCE = 0.5  # seconds between two looks whether there is room


class Courier:
    """The last pipeline of a worker's crawl. Sends in order, one after the other; where too much waits to be filed, or Valkey
    is away, items wait here, and with them the crawl."""

    def __init__(self, crawler: Crawler, fleet: Fleet, task: Task, story: str, most: int) -> None:
        self.crawler = crawler
        self.fleet = fleet
        self.task = task
        self.story = story
        self.most = most
        self._turn = asyncio.Lock()
        self._orphaned = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Settings: FLEET_URL, FLEET_LEASE, FLEET_TASK (the file it stands in), FLEET_WAITING, STORY."""
        settings = crawler.settings
        task = unpack(Path(settings["FLEET_TASK"]).read_text(encoding="ascii"))
        return cls(crawler, Fleet.of(settings), task, load_story(settings["STORY"]).sha, settings.getint("FLEET_WAITING"))

    def open_spider(self) -> None:
        """Tell the spider what is known. The crawl ends with the worker that began it."""
        spider: Any = self.crawler.spider
        spider.known = self.task.known
        threading.Thread(target=self._end_with_parent, daemon=True).start()

    async def process_item(self, item: Any) -> Any:
        """Send one item."""
        await self._send(item)
        return item

    async def close_spider(self) -> None:
        """Say how it went; not without the worker: others begin anew."""
        if self._orphaned:
            return
        spider: Any = self.crawler.spider
        result = spider.outcome()
        await self._send(End(self.task.name, self.task.asked, result.sentence, sound=True))

    async def _send(self, content: Any) -> None:
        parcel = pack(Part(self.task.crawl, self.task.spider, self.story, content))
        async with self._turn:
            while await self._ask(lambda: self.fleet.waiting(ARTICLES)) >= self.most and self.crawler.crawling:
                await asyncio.sleep(GLANCE)
            await self._ask(lambda: self.fleet.send(ARTICLES, parcel))

    async def _ask(self, what: Any) -> Any:
        """In a thread: the crawl goes on meanwhile."""
        return await asyncio.to_thread(self.fleet.patiently, what, lambda: not self.crawler.crawling)

    def _end_with_parent(self) -> None:
        """When the worker is no more, others will be given what it had in hand."""
        worker = multiprocessing.parent_process()
        assert worker is not None
        worker.join()
        self._orphaned = True
        os.kill(os.getpid(), signal.SIGTERM)
