"""Text-and-data-mining opt-outs: what an answer's header reserves, and what a server reserves for all its pages."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Self
from urllib.parse import urlsplit

from protego import Protego
from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from pipelines.article import Article, Reading
from pipelines.consent import in_header, marked, outdone, withheld

PLACE = "/.well-known/tdmrep.json"
MAX_RULES = 1000  # of a tdmrep.json; those of its specification's examples and of adopters have one to five


def reserved_in(response: Response) -> str:
    """What the header of an answer reserves."""
    lines = [value.decode("latin-1") for value in response.headers.getlist("X-Robots-Tag")]
    return in_header(lines, (response.headers.get("TDM-Reservation") or b"").decode("latin-1"))


class Rules:
    """A tdmrep.json: the first rule whose pattern fits a path decides. Patterns are those of robots.txt (`*`, `$`)."""

    def __init__(self, body: bytes = b"[]") -> None:
        try:
            listed = json.loads(body)
        except (ValueError, RecursionError):
            listed = []
        rows = [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
        self.rules = [(pattern, row.get("tdm-reservation")) for row in rows[:MAX_RULES] if (pattern := _pattern(row.get("location")))]

    def reserves(self, url: str) -> bool:
        """Whether text and data mining is reserved for a URL."""
        return next((value for pattern, value in self.rules if not pattern.can_fetch(url, OURS)), None) in (1, "1")


OURS = "*"


def _pattern(location: Any) -> Protego | None:
    if not isinstance(location, str) or not location.startswith(("/", "*")) or len(location.splitlines()) != 1:
        return None
    return Protego.parse(f"User-agent: {OURS}\nDisallow: {location}")


class ConsentPipeline:
    """Adds to what a page reserves what its server does, asked once a host before its first page is filed; with
    RESPECT_TDM_OPTOUT nothing of a page that opts out goes on. A server that does not say is one that reserves nothing."""

    def __init__(self, crawler: Crawler, respect: bool, maxsize: int) -> None:
        self.crawler = crawler
        self.respect = respect
        self.maxsize = maxsize
        self._origins: set[str] = set()
        self._rules: dict[str, asyncio.Future[Rules]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Settings: RESPECT_TDM_OPTOUT, ROBOTSTXT_MAXSIZE."""
        pipeline = cls(crawler, crawler.settings.getbool("RESPECT_TDM_OPTOUT"), crawler.settings.getint("ROBOTSTXT_MAXSIZE"))
        crawler.signals.connect(pipeline.asked, signal=signals.request_reached_downloader)
        return pipeline

    def asked(self, request: Request) -> None:
        """Take note of a server that this run asks; those of pages out of an archive it does not."""
        self._origins.add(_origin(request.url))

    async def process_item(self, item: Any) -> Any:
        """Mark a reading; other items pass."""
        if not isinstance(item, Reading):
            return item
        if (isinstance(item.outcome, Article) or item.live) and await self._reserved(item.url):
            item = marked(item, outdone("tdm", item.reservations))
        return withheld(item) if self.respect else item

    async def _reserved(self, url: str) -> bool:
        origin = _origin(url)
        if origin not in self._origins:
            return False
        if origin not in self._rules:
            self._rules[origin] = asyncio.ensure_future(self._ask(origin))
        asked = self._rules[origin]
        while not asked.done() and self.crawler.crawling:  # a run that is stopped waits for no pause between requests
            await asyncio.wait({asked}, timeout=1)
        return asked.done() and asked.result().reserves(url)

    async def _ask(self, origin: str) -> Rules:
        assert self.crawler.engine is not None
        meta = {"download_maxsize": self.maxsize, "dont_retry": True}
        try:
            response = await self.crawler.engine.download_async(Request(f"{origin}{PLACE}", NO_CALLBACK, meta=meta))
        except Exception:  # forbidden by robots.txt, unreachable, too large: it does not say (TDMRep, 4.2)
            return Rules()
        return Rules(response.body) if response.status == 200 else Rules()


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.lower()}"
