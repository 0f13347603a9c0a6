"""How much a run asks: no address twice, and of one outlet only so much. What is left over is the next run's."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.dupefilters import RFPDupeFilter
from twisted.python.failure import Failure

logger = logging.getLogger(__name__)

OUTLET = "outlet"  # in a request's meta: whom it is made for, where its callback is given neither source nor entry, or asks another


class SpentError(Exception):
    """A request was not made: its outlet has had its share of this run. Nothing is decided; the next run asks again."""


class Once(RFPDupeFilter):
    """No address twice in a run. A redirect is not held back: without an answer the address that led there would have no
    verdict in any run. What leads in a circle ends at REDIRECT_MAX_TIMES, which counts redirects and meta refreshes together."""

    def request_seen(self, request: Request) -> bool:
        """Whether the same was asked before, and not by way of a redirect."""
        return not request.meta.get("redirect_times") and super().request_seen(request)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one outlet may cost a run; 0: any number."""

    requests: int = 0
    received: int = 0  # bytes as they came over the wire
    minutes: float = 0.0


@dataclass(slots=True)
class _Account:
    began: float
    requests: int = 0
    received: int = 0


class Budget:
    """A downloader middleware, the last before the downloader: what others hold back costs an outlet nothing. It ends the
    outlet, not the run.

    Hosts of no outlet, found by a search, are outlets of their own, and so is the web archive that is asked for captures.
    robots.txt has no budget, nor what an operator asks for by name and that has bounds of its own: GDELT, WARC files.
    """

    def __init__(self, crawler: Crawler, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self.crawler = crawler
        self.limits = limits
        self.clock = clock
        self.accounts: dict[str, _Account] = {}
        self.spent: dict[str, str] = {}  # outlet -> which budget ended it

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Settings: OUTLET_REQUESTS, OUTLET_BYTES, OUTLET_MINUTES."""
        get = crawler.settings
        budget = cls(crawler, Limits(get.getint("OUTLET_REQUESTS"), get.getint("OUTLET_BYTES"), get.getfloat("OUTLET_MINUTES")))
        crawler.signals.connect(budget.received, signal=signals.bytes_received)
        return budget

    def process_request(self, request: Request) -> None:
        """Take a request on an outlet's account.

        Raises:
            SpentError: when there is nothing left on it.
        """
        outlet = outlet_of(request)
        if outlet is None:
            return
        account = self.accounts.setdefault(outlet, _Account(self.clock()))
        if outlet not in self.spent and 0 < self.limits.requests <= account.requests:
            self._end(outlet, f"{self.limits.requests:,} requests (OUTLET_REQUESTS)")
        self._look_at_the_clock(outlet, account)
        if outlet in self.spent:
            raise self._refusal(outlet)
        account.requests += 1

    def received(self, data: bytes, request: Request, **_: Any) -> None:
        """Take what came on an outlet's account: also of an answer that is broken off."""
        outlet = outlet_of(request)
        account = self.accounts.get(outlet) if outlet else None
        if outlet is None or account is None:
            return
        account.received += len(data)
        if 0 < self.limits.received <= account.received and outlet not in self.spent:
            self._end(outlet, f"{self.limits.received / 2**20:,.4g} MiB (OUTLET_BYTES)")
            self._send_away(outlet)
        self._look_at_the_clock(outlet, account)

    def _look_at_the_clock(self, outlet: str, account: _Account) -> None:
        if 0 < self.limits.minutes * 60 <= self.clock() - account.began and outlet not in self.spent:
            self._end(outlet, f"{self.limits.minutes:g} minutes (OUTLET_MINUTES)")
            self._send_away(outlet)

    def _end(self, outlet: str, which: str) -> None:
        """Take nothing more on an outlet's account."""
        self.spent[outlet] = which
        logger.warning("%s: its share of this run is spent, %s: the rest is left to the next", outlet, which)
        assert self.crawler.stats is not None
        self.crawler.stats.set_value("nachlese/spent", dict(self.spent))

    def _send_away(self, outlet: str) -> None:
        """Give up what waits for an outlet's hosts already; what is on its way may arrive."""
        assert self.crawler.engine is not None
        for slot in self.crawler.engine.downloader.slots.values():
            waiting = [pair for pair in slot.queue if outlet_of(pair[0]) == outlet]
            for pair in waiting:
                slot.queue.remove(pair)
                pair[1].errback(Failure(self._refusal(outlet)))  # type: ignore[no-untyped-call]

    def _refusal(self, outlet: str) -> SpentError:
        return SpentError(f"{outlet}: its share of this run is spent, {self.spent[outlet]}")


def outlet_of(request: Request) -> str | None:
    """The outlet that a request is made for, else the host of the article; None for what is made for no outlet."""
    if OUTLET in request.meta:
        return str(request.meta[OUTLET])
    for named in (request.cb_kwargs.get("source"), request.cb_kwargs.get("entry")):
        if named is not None:
            return str(named.outlet or urlsplit(named.url).hostname)
    return None
