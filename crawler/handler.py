"""What an answer may cost: bytes while they come and while they are unpacked, seconds without progress and in all."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any, cast

from scrapy import Request, signals
from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _LenientHTTPClientParser,
)
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.exceptions import DownloadCancelledError, DownloadFailedError, DownloadTimeoutError, IgnoreRequest
from scrapy.http import Response
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress
from twisted.web.iweb import IResponse

from crawler.limits import LargeError, LimitError

MAX_CODINGS = 2  # that an answer may be packed by, one in the other; each may blow up to the whole limit


class Handler(HTTP11DownloadHandler):
    """Scrapy's, with two clocks instead of one: DOWNLOAD_TIMEOUT for a request in all, which slow drips end at, and
    DOWNLOAD_STALLED for a silent server: until its headers are whole, the way there included, and between two pieces of the rest.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._stalled = crawler.settings.getfloat("DOWNLOAD_STALLED")
        most = crawler.settings.getint("HEADERS_MAXSIZE")
        self._pool._factory = cast("type[_Factory]", partial(_Factory, most=most))
        self._clocks: dict[Request, asyncio.Timeout] = {}
        for progress in (signals.headers_received, signals.bytes_received):
            crawler.signals.connect(self._came, progress)

    async def download_request(self, request: Request) -> Response:
        """The answer to a request.

        Raises:
            LimitError: when it is too large, or takes too long in all.
            DownloadTimeoutError: when it stalls; Scrapy tries again then.
        """
        try:
            async with asyncio.timeout(self._stalled) as self._clocks[request]:
                return await super().download_request(request)
        except TimeoutError:
            raise DownloadTimeoutError(f"nothing came for {self._stalled:g} s") from None
        except DownloadTimeoutError:
            raise LimitError(f"took longer than {request.meta['download_timeout']:g} s in all: given up") from None
        except DownloadCancelledError:  # nothing else cancels: announced as too large, or found to be
            raise LargeError(request.meta.get("download_maxsize", self._default_maxsize)) from None
        except DownloadFailedError as error:
            raise (_limit(error) or error) from None
        finally:
            del self._clocks[request]

    def _came(self, request: Request) -> None:
        """Set a request's clock back."""
        if (clock := self._clocks.get(request)) and not clock.expired():
            clock.reschedule(asyncio.get_running_loop().time() + self._stalled)


def _limit(error: DownloadFailedError) -> LimitError | None:
    """The limit that was exceeded while the headers came: Twisted wraps what ends a connection, and Scrapy that."""
    reasons = (reason.value for reason in getattr(error.__cause__, "reasons", ()))
    return next((reason for reason in reasons if isinstance(reason, LimitError)), None)


class _Factory(_LenientHTTP11ClientFactory):
    def __init__(self, *given: Any, most: int) -> None:
        super().__init__(*given)  # type: ignore[no-untyped-call]
        self._most = most

    def buildProtocol(self, addr: IAddress | None) -> _Protocol:  # noqa: N802 -- Twisted's name
        """The protocol of a connection."""
        protocol = _Protocol(self._quiescentCallback)  # type: ignore[no-untyped-call]
        protocol.most = self._most
        return protocol


class _Protocol(_LenientHTTP11ClientProtocol):
    most: int

    def request(self, request: Any) -> Deferred[IResponse]:
        """Ask, with a parser that counts."""
        answer = super().request(request)
        assert self._parser
        self._parser.__class__ = _Parser  # as Scrapy's does, for Twisted lets nobody choose
        vars(self._parser)["most"] = self.most
        return answer


class _Parser(_LenientHTTPClientParser):
    """Twisted bounds one header, but not how many there are, nor how many answers of 1xx come before the true one."""

    most: int
    _came = 0

    def lineReceived(self, line: bytes) -> None:  # noqa: N802 -- Twisted's name
        """Take a line of the headers."""
        self._came += len(line) + 1
        if self._came > self.most:
            raise LargeError(self.most, "headers ")
        super().lineReceived(line)


class Decompression(HttpCompressionMiddleware):
    """Scrapy's, which cuts gzip, deflate, br and zstd while it unpacks them, but then says that the request was not to be made,
    as of a page that robots.txt forbids; and unpacks as often as an answer says that it is packed."""

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        """The answer unpacked.

        Raises:
            LimitError: when it is too large then, or packed too often.
        """
        if sum(part.count(b",") + 1 for part in response.headers.getlist("Content-Encoding")) > MAX_CODINGS:
            raise LimitError(f"packed more than {MAX_CODINGS} times: not unpacked")
        try:
            return super().process_response(request, response)
        except IgnoreRequest:
            raise LargeError(request.meta.get("download_maxsize", self._max_size)) from None
