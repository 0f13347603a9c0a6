"""A host that asks to be left alone is left alone: by every other request of this run, and not only by the one it answered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.answers import resting

PATIENT = "patient"  # in a request's meta: its spider slows down by itself and asks again


class RestingError(Exception):
    """A request was not made: its host throttled an earlier one. `until` is when it may be asked again."""

    def __init__(self, host: str, status: int, until: datetime) -> None:
        super().__init__(f"{host} answered HTTP {status}: left alone until {until:%Y-%m-%d %H:%M} UTC")
        self.status = status
        self.until = until


class Manners:
    """A downloader middleware. A 429 speaks for the whole host, a 503 only if it says for how long (Retry-After); one page
    that fails is no reason to leave the others."""

    def __init__(self, crawler: Crawler, unsaid: timedelta, clock: Callable[[], datetime]) -> None:
        self.crawler = crawler
        self.unsaid = unsaid
        self.clock = clock
        self.resting: dict[str, RestingError] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Setting: RETRY_FAILED_AFTER, the rest of a host that does not say how long."""
        manners = cls(crawler, timedelta(seconds=crawler.settings.getint("RETRY_FAILED_AFTER")), lambda: datetime.now(UTC))
        crawler.signals.connect(manners.answered, signal=signals.response_downloaded)
        return manners

    def process_request(self, request: Request) -> None:
        """Refuse what asks a resting host.

        Raises:
            RestingError: with when to come again.
        """
        rest = self.resting.get(_host(request))
        if rest and not request.meta.get(PATIENT) and self.clock() < rest.until:
            raise rest

    def answered(self, response: Response, request: Request) -> None:
        """Take note of who throttles: at once, for before the middlewares see an answer the host's next request is on its way."""
        until = resting(response, self.clock())
        if response.status == 429 and not until:
            until = self.clock() + self.unsaid
        if until and not request.meta.get(PATIENT):
            self.resting[_host(request)] = rest = RestingError(_host(request), response.status, until)
            self._send_away(request, rest)

    def _send_away(self, request: Request, rest: RestingError) -> None:
        """Give up what waits for the host already: Scrapy asks the middlewares when a request is queued, not when it is made."""
        assert self.crawler.engine is not None
        downloader = self.crawler.engine.downloader
        slot = downloader.slots.get(downloader.get_slot_key(request))
        while slot and slot.queue:
            slot.queue.popleft()[1].errback(Failure(rest))  # type: ignore[no-untyped-call]


def _host(request: Request) -> str:
    return urlsplit(request.url).netloc.lower()
