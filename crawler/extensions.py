"""What runs beside a crawl: it counts the program's own faults, so that the exit code can tell them."""

from __future__ import annotations

import sqlite3
from typing import Any, Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.statscollectors import StatsCollector
from twisted.python.failure import Failure

_NO_WRITING = ("disk is full", "readonly", "read-only", "disk I/O", "unable to open")


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
        if isinstance(error, sqlite3.Error) and any(words in str(error) for words in _NO_WRITING):
            self.stats.set_value("nachlese/unwritable", str(error))
            if self.crawler.engine is not None and self.crawler.spider is not None:
                self.crawler.engine.close_spider(self.crawler.spider, "unwritable")
        else:
            self.stats.inc_value("nachlese/faults")
