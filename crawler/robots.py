"""robots.txt by RFC 9309: asked once for all that is asked of a host at the same time, kept for a day, and its Crawl-delay."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urljoin

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import ProtegoRobotParser
from scrapy.utils.httpobj import urlparse_cached

from crawler.answers import header, resting
from crawler.manners import RestingError
from crawler.visits import explained

LONGEST_DELAY = 60.0  # seconds that a Crawl-delay may ask for; an outlet with a longer one is asked once a minute
_AGENT = re.compile(r"\s*user[- ]?agent(?:\s*:|\s)\s*([*]|[A-Za-z_-]*)", re.IGNORECASE)


class RobotsError(Exception):
    """A request was not made: the robots.txt of its host cannot be had now, and may forbid it."""


@dataclass(frozen=True, slots=True)
class _Site:
    """What is known of one robots.txt until `until` (of the monotonic clock); without a parser everything is allowed."""

    until: float
    parser: ProtegoRobotParser | None = None
    fault: Exception | None = None


class Robots(RobotsTxtMiddleware):
    """Scrapy 2.19 takes a 500 or a dead server for "no rules", hands a page of 503 to the parser, and lets all but the first
    of several waiting requests pass. It does not heed Crawl-delay."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        settings = crawler.settings
        self._token = str(settings["ROBOTSTXT_USER_AGENT"])
        self._maxsize = settings.getint("ROBOTSTXT_MAXSIZE")
        self._kept = settings.getfloat("ROBOTSTXT_KEPT")
        self._again = settings.getfloat("RETRY_FAILED_AFTER")
        self._hops = settings.getint("REDIRECT_MAX_TIMES")
        self._sites: dict[str, asyncio.Future[_Site]] = {}

    async def robot_parser(self, request: Request) -> ProtegoRobotParser | None:
        """The rules for a request, kept to from now on; None when there are none.

        Raises:
            RobotsError: when nobody can say now whether there are any.
            RestingError: when the host says how long it wants to be left alone.
        """
        url = urlparse_cached(request)
        origin = f"{url.scheme}://{url.netloc.lower()}"
        asked = self._sites.get(origin)
        if asked is None or (asked.done() and asked.result().until < time.monotonic()):
            self._sites[origin] = asked = asyncio.ensure_future(self._ask(origin))
        site = await asked
        if site.fault:
            raise site.fault
        if site.parser:
            self._slow_down(request, site.parser)
        return site.parser

    async def _ask(self, origin: str) -> _Site:
        """Ask for a robots.txt and follow its redirects, which may lead to other hosts."""
        url = f"{origin}/robots.txt"
        for hop in range(self._hops + 1):
            try:
                response = await self._fetch(url)
                leads = header(response, "Location") if response.status in (301, 302, 303, 307, 308) else None
                if not leads:
                    return self._judged(response, origin)
                before, url = url, urljoin(url, leads)
            except IgnoreRequest as error:  # nobody may be sent there
                return self._unknown(origin, f"leads to {url[:200]}: {error}") if hop else self._free()  # the request hears so itself
            except RestingError as error:
                return self._site(self._again, fault=error)
            except Exception as error:  # no answer, whatever the reason
                return self._unknown(origin, explained(error))
            if before.startswith("https:") and not url.startswith("https:"):
                return self._unknown(origin, "leads from https to http")
        return self._free()  # more than five redirects: as if there were none (RFC 9309, 2.3.1.2)

    async def _fetch(self, url: str) -> Response:
        assert self.crawler.engine is not None
        meta = {"dont_obey_robotstxt": True, "dont_redirect": True}
        return await self.crawler.engine.download_async(Request(url, NO_CALLBACK, meta=meta, priority=self.DOWNLOAD_PRIORITY))

    def _judged(self, response: Response, origin: str) -> _Site:
        """2xx has rules; 429 and 5xx say that nobody knows them now; anything else that there are none."""
        if 200 <= response.status < 300:
            rules = grouped(response.body, self._token, self._maxsize)
            return self._site(self._kept, parser=ProtegoRobotParser(rules, self.crawler.spider))
        if response.status != 429 and response.status < 500:
            return self._free()
        if until := resting(response, datetime.now(UTC)):
            return self._site(self._again, fault=RestingError(origin.partition("//")[2], response.status, until))
        return self._unknown(origin, f"HTTP {response.status}")

    def _free(self) -> _Site:
        return self._site(self._kept)

    def _unknown(self, origin: str, why: str) -> _Site:
        return self._site(self._again, fault=RobotsError(f"{origin}/robots.txt cannot be read now, so nothing else is asked: {why}"))

    def _site(self, kept: float, parser: ProtegoRobotParser | None = None, fault: Exception | None = None) -> _Site:
        return _Site(time.monotonic() + kept, parser, fault)

    def _slow_down(self, request: Request, parser: ProtegoRobotParser) -> None:
        """Give a host the pause that it asks for; one that is longer already stays."""
        asked = parser.rp.crawl_delay(self._token)
        assert self.crawler.engine is not None
        downloader = self.crawler.engine.downloader
        host = downloader.get_slot_key(request)
        own = downloader.per_slot_settings.get(host, {})
        delay = min(asked or 0.0, LONGEST_DELAY)
        if delay > own.get("delay", self.crawler.settings.getfloat("DOWNLOAD_DELAY")):
            downloader.per_slot_settings[host] = own | {"delay": delay, "jitter": 0.0}  # of slots made anew: idle ones are thrown away
            if slot := downloader.slots.get(host):
                slot.delay, slot.jitter = delay, 0.0


def grouped(body: bytes, token: str, maxsize: int) -> bytes:
    """A robots.txt with only two agents that matter: ours, where a line names exactly its product token, and `*`.

    Protego takes `User-agent: nach` for us too, and needs the square of the number of agents before one rule; what lies
    behind `maxsize` bytes, the last line that they cut included, is not read.
    """
    if len(body) > maxsize:
        body = body[: max(body.rfind(b"\n", 0, maxsize), body.rfind(b"\r", 0, maxsize)) + 1]
    lines = body.decode("utf-8-sig", "ignore").splitlines()
    return "\n".join(_agent(match[1], token) if (match := _AGENT.match(line)) else line for line in lines).encode()


def _agent(said: str, token: str) -> str:
    return f"User-agent: {said if said == '*' else token if said.lower() == token.lower() else '-'}"
