"""An extension that a measured crawl is given: it imports nothing that the crawl does not."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler


class Started:
    """Writes down what the process had computed when its first request left."""

    def __init__(self, crawler: Crawler) -> None:
        self.path = Path(crawler.settings["STARTED"])
        crawler.signals.connect(self.left, signal=signals.request_reached_downloader)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Setting: STARTED, a path."""
        return cls(crawler)

    def left(self) -> None:
        """A request leaves; the first counts."""
        if not self.path.exists():
            self.path.write_text(str(time.process_time()), encoding="ascii")
