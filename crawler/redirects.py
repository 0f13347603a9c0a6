"""Redirects that are not followed: too many, from https to http, with a password in them. Whether they are meant by a status
or by a `<meta http-equiv="refresh">`; the guard judges where they lead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.downloadermiddlewares.redirect import MetaRefreshMiddleware, RedirectMiddleware
from scrapy.http import HtmlResponse, Response

from pipelines.markup import decode

if TYPE_CHECKING:
    from scrapy.downloadermiddlewares.redirect import BaseRedirectMiddleware as _Base
else:
    _Base = object


HEAD = 4 * 4096  # bytes in which a refresh is looked for; Scrapy looks at 4,096 characters


class NotFollowedError(Exception):
    """A redirect was not followed: says why. Servers mend that, so it is no verdict for good."""


class _Bounded(_Base):
    def _redirect(self, redirected: Request, request: Request, reason: Any) -> Request:
        old, new = urlsplit(request.url), urlsplit(redirected.url)
        if new.username is not None or new.password is not None:
            raise NotFollowedError(f"a redirect to {new.hostname} has a user name in it: not followed")
        if old.scheme == "https" and new.scheme != "https":
            raise NotFollowedError(f"a redirect from https to {redirected.url[:200]}: not followed")
        if request.meta.get("redirect_times", 0) >= self.max_redirect_times:
            raise NotFollowedError(f"more than {self.max_redirect_times} redirects")
        return super()._redirect(redirected, request, reason)


class Redirects(_Bounded, RedirectMiddleware):
    """Scrapy's, within bounds: its own say `denied` for good after too many, and go from https to http."""


class Refreshes(_Bounded, MetaRefreshMiddleware):
    """The same for pages that lead elsewhere by themselves.

    Scrapy decodes a whole page by whichever of Python's codecs it names to look at its head: rot13 raises, punycode takes an hour.
    """

    def process_response(self, request: Request, response: Response, spider: Any = None) -> Request | Response:
        """Scrapy's, with the head of the page, decoded as it is when it is read."""
        if not isinstance(response, HtmlResponse):
            return response
        head = HtmlResponse(response.url, body=decode(response.body[:HEAD]).encode("utf-8", "replace"), encoding="utf-8")
        found = super().process_response(request, head)
        return response if found is head else found
