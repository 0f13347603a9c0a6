"""What runs beside a crawl: it counts the program's own faults, so that the exit code can tell them, and what each host
was asked, so that the run's report can."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.core.downloader import Downloader, Slot
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.statscollectors import StatsCollector
from twisted.python.failure import Failure

from crawler.outcome import unwritable


class Faults:
    """Counts exceptions of spiders and pipelines as `nachlese/faults`; one that says the database cannot be written
    ends the crawl, for nothing after it could be kept."""

    def __init__(self, crawler: Crawler) -> None:
        assert crawler.stats is not None
        self.crawler = crawler
        self.stats: StatsCollector = crawler.stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Listen to spider and item errors."""
        faults = cls(crawler)
        crawler.signals.connect(faults.fault, signal=signals.spider_error)
        crawler.signals.connect(faults.fault, signal=signals.item_error)
        return faults

    def fault(self, failure: Failure, **_: Any) -> None:
        """Count one."""
        error = failure.value
        if unwritable(error):
            self.stats.set_value("nachlese/unwritable", str(error))
            if self.crawler.engine is not None and self.crawler.spider is not None:
                self.crawler.engine.close_spider(self.crawler.spider, "unwritable")
        else:
            self.stats.inc_value("nachlese/faults")


@dataclass(slots=True)
class Traffic:
    """What a run asked of one host, robots.txt included."""

    requests: int = 0
    not_modified: int = 0
    open: int = 0
    most_at_once: int = 0
    started: float | None = None
    smallest_gap: float | None = None  # seconds between the starts of two requests

    def start(self, now: float) -> None:
        """A request leaves for the host."""
        if self.started is not None:
            gap = now - self.started
            self.smallest_gap = gap if self.smallest_gap is None else min(gap, self.smallest_gap)
        self.started = now
        self.requests += 1
        self.open += 1
        self.most_at_once = max(self.most_at_once, self.open)


class WatchedDownloader(Downloader):
    """Scrapy's, with a count: it has a signal for a request that is queued, and none for one that is made."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.traffic: dict[str, Traffic] = {}

    async def _download(self, slot: Slot, request: Request) -> Response:
        traffic = self.traffic.setdefault(urlsplit(request.url).netloc.rpartition("@")[2].lower(), Traffic())
        traffic.start(time.monotonic())
        try:
            response = await super()._download(slot, request)
        finally:
            traffic.open -= 1
        traffic.not_modified += int(response.status == 304)
        return response

    def manners(self, most: int) -> list[dict[str, Any]]:
        """A row a host, at most so many, those with most requests first; `not_modified` is a share."""
        ranked = sorted(self.traffic.items(), key=lambda row: (-row[1].requests, row[0]))
        return [
            {
                "host": host,
                "requests": seen.requests,
                "smallest_gap": None if seen.smallest_gap is None else round(seen.smallest_gap, 3),
                "most_at_once": seen.most_at_once,
                "not_modified": round(seen.not_modified / seen.requests, 3),
            }
            for host, seen in ranked[:most]
        ]
