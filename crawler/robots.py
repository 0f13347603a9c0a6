"""robots.txt for all that is asked of a host at the same time, not only for the first two requests; and its Crawl-delay."""

from __future__ import annotations

from scrapy import Request
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.robotstxt import ProtegoRobotParser, RobotParser
from scrapy.utils.httpobj import urlparse_cached
from twisted.internet.defer import Deferred

LONGEST_DELAY = 60.0  # seconds that a Crawl-delay may ask for; an outlet with a longer one is asked once a minute


class Robots(RobotsTxtMiddleware):
    """Scrapy 2.19 lets several requests wait for one Deferred, which hands its result to the first alone: the others get
    None, as if there were no robots.txt, and fetch what it forbids. It does not heed Crawl-delay."""

    async def robot_parser(self, request: Request) -> RobotParser | None:
        """The rules of the request's host, kept to from now on; None when it has none."""
        parser = await super().robot_parser(request)
        if parser is None:
            known = self._parsers.get(urlparse_cached(request).netloc)
            parser = None if isinstance(known, Deferred) else known
        if isinstance(parser, ProtegoRobotParser):
            self._slow_down(request, parser)
        return parser

    def _slow_down(self, request: Request, parser: ProtegoRobotParser) -> None:
        """Give a host the pause that it asks for; one that is longer already stays."""
        asked = parser.rp.crawl_delay(self._robotstxt_useragent or self._default_useragent)
        assert self.crawler.engine is not None
        downloader = self.crawler.engine.downloader
        host = downloader.get_slot_key(request)
        own = downloader.per_slot_settings.get(host, {})
        delay = min(asked or 0.0, LONGEST_DELAY)
        if delay > own.get("delay", self.crawler.settings.getfloat("DOWNLOAD_DELAY")):
            downloader.per_slot_settings[host] = own | {"delay": delay, "jitter": 0.0}  # of slots made anew: idle ones are thrown away
            if slot := downloader.slots.get(host):
                slot.delay, slot.jitter = delay, 0.0
