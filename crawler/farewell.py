"""A crawl that is told to stop (SIGTERM, Ctrl-C) stops: what was read is filed, what is only asked for is left to the next run.

Scrapy waits for every request that it began, the queue of a slow host and an answer that drips included: minutes.
"""

from __future__ import annotations

import asyncio
from typing import Any, Self

from scrapy import signals
from scrapy.crawler import Crawler
from twisted.python.failure import Failure

GLANCE = 0.1  # seconds between two looks whether the run is to stop: Scrapy says so to nobody


class StoppedError(Exception):
    """A request was not made, or its answer not waited for: the run was told to stop."""


class Farewell:
    """Gives up the queues of all hosts when a run is told to stop, and soon after what is under way. No verdict comes of it."""

    def __init__(self, crawler: Crawler, patience: float) -> None:
        self.crawler = crawler
        self.patience = patience
        self._watch: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Setting: STOP_PATIENCE."""
        farewell = cls(crawler, crawler.settings.getfloat("STOP_PATIENCE"))
        crawler.signals.connect(farewell.opened, signal=signals.spider_opened)
        crawler.signals.connect(farewell.closed, signal=signals.spider_closed)
        return farewell

    def opened(self) -> None:
        """Begin to look."""
        self._watch = asyncio.get_running_loop().create_task(self._stand_by())

    def closed(self) -> None:
        """Everything came to its end."""
        if self._watch is not None:
            self._watch.cancel()

    async def _stand_by(self) -> None:
        engine: Any = self.crawler.engine
        while engine._slot is None or engine._slot.closing is None:
            await asyncio.sleep(GLANCE)
        self._forget(engine, {request for slot in engine.downloader.slots.values() for request, _ in slot.queue})
        for slot in engine.downloader.slots.values():
            while slot.queue:
                slot.queue.popleft()[1].errback(Failure(StoppedError()))  # type: ignore[no-untyped-call]
        await asyncio.sleep(self.patience)
        self._forget(engine, engine.downloader.active)
        for handler in engine.downloader.handlers._handlers.values():
            for clock in getattr(handler, "_clocks", {}).values():
                clock.reschedule(0)  # as if nothing had come for too long

    def _forget(self, engine: Any, requests: set[Any]) -> None:
        """Let no verdict come of requests: their URLs stay due."""
        for request in requests & engine._slot.inprogress:
            request.errback = nothing


def nothing(failure: Failure) -> None:
    """What is made of the end of a request that was given up."""
