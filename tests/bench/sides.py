"""What the crawl is held against, as anyone would write it with Scrapy: `python -m tests.bench.sides bare|plain URLS [DATABASE]`.

`bare` downloads and does nothing else: the floor. `plain` gives each page to trafilatura in an item pipeline and upserts it with
sqlite-utils.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import sqlite_utils
from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response


class Bare(Spider):
    """Asks for each URL of a file, a line each."""

    name = "bare"
    urls: str

    async def start(self) -> AsyncIterator[Any]:
        """A request a line."""
        for url in Path(self.urls).read_text(encoding="utf-8").split():
            yield Request(url, dont_filter=True)

    def parse(self, response: Response) -> Any:
        """The page was downloaded: that is all."""
        self.crawler.stats.inc_value("pages")


class Plain(Bare):
    """Each answer is an item."""

    name = "plain"
    database: str
    custom_settings = {"ITEM_PIPELINES": {"tests.bench.sides.Extracting": 100}}  # noqa: RUF012 Scrapy's type

    def parse(self, response: Response) -> Any:
        """The page as an item."""
        yield {"url": response.url, "html": response.body}


class Extracting:
    """Reads and files in the process that downloads."""

    def __init__(self, crawler: Any) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Any) -> Extracting:
        """As Scrapy makes pipelines."""
        return cls(crawler)

    def open_spider(self) -> None:
        """Open the database."""
        self.articles = sqlite_utils.Database(self.crawler.spider.database)["articles"]

    def process_item(self, item: dict[str, Any]) -> dict[str, Any]:
        """One article, read and upserted."""
        from trafilatura import bare_extraction

        found = bare_extraction(item["html"], url=item["url"], with_metadata=True)
        if found is not None and not isinstance(found, dict):
            row = {"url": item["url"], "title": found.title, "author": found.author, "date": found.date, "text": found.text}
            self.articles.upsert(row, pk="url")  # type: ignore[union-attr]
        return item


def main(side: str, urls: str, database: str = "") -> None:
    """Crawl with Scrapy's own settings; without its log, its remote control and its pause."""
    off = {"TELNETCONSOLE_ENABLED": False, "REMOTE_CONTROL_ENABLED": False, "ROBOTSTXT_OBEY": False}
    process = AsyncCrawlerProcess({"LOG_LEVEL": "ERROR", "DOWNLOAD_DELAY": 0, **off})
    process.crawl({"bare": Bare, "plain": Plain}[side], urls=urls, database=database)
    process.start()


if __name__ == "__main__":
    main(*sys.argv[1:])
