"""robots.txt for all that is asked of a host at the same time, not only for the first two requests."""

from __future__ import annotations

from scrapy import Request
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.robotstxt import RobotParser
from scrapy.utils.httpobj import urlparse_cached
from twisted.internet.defer import Deferred


class Robots(RobotsTxtMiddleware):
    """Scrapy 2.19 lets several requests wait for one Deferred, which hands its result to the first alone: the others get
    None, as if there were no robots.txt, and fetch what it forbids."""

    async def robot_parser(self, request: Request) -> RobotParser | None:
        """The rules of the request's host; None when it has none."""
        parser = await super().robot_parser(request)
        if parser is None:
            known = self._parsers.get(urlparse_cached(request).netloc)
            parser = None if isinstance(known, Deferred) else known
        return parser
