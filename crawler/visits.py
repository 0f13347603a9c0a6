"""What every spider does with an article's page: fetch it, look at it again, give each answer a verdict or a page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.answers import conditional, header, resting
from crawler.budget import SpentError
from crawler.consent import reserved_in
from crawler.limits import LimitError
from crawler.manners import RestingError
from pipelines.address import canonical_url, host, registered_domain
from pipelines.article import Backfill, Closing, Entry, Fetch, Look, Outlet, Page, Progress, Revisit, Verdict
from pipelines.known import Known
from pipelines.markup import decode
from pipelines.relevance import could_be
from pipelines.story import Story

Item = Request | Fetch | Entry | Verdict | Page | Look | Progress | Backfill
DENIED = (401, 402, 403, 407, 451)
GONE = (404, 410)
TOO_MUCH = timedelta(days=1)  # until a page that was too large or too slow is asked for again


class Visits(Spider):
    """The half of a spider that knows articles. `known` is given to it at opening."""

    known: Known = Known()
    outlets: list[Outlet]
    story: Story
    retry_after: timedelta
    page_maxsize: int  # bytes of a page, unpacked

    def outlet(self, id_: str | None) -> Outlet | None:
        """The catalogue's outlet with this id."""
        return next((outlet for outlet in self.outlets if outlet.id == id_), None)

    def publisher(self, url: str) -> Outlet | None:
        """The outlet of the catalogue whose home a URL belongs to."""
        here = host(url).removeprefix("www.")
        homes = ((outlet, host(outlet.home).removeprefix("www.")) for outlet in self.outlets)
        fits = [(len(home), outlet) for outlet, home in homes if here == home or here.endswith(f".{home}")]
        return max(fits, key=lambda fit: fit[0])[1] if fits else None  # the longest home: a service on a host of its own

    def _whose(self, url: str, entry: Entry) -> Outlet | None:
        """The publisher of the page that was reached at last: the outlet that listed it only on a domain of its own, or where
        nobody in the catalogue has the domain that it listed."""
        lister, here = self.outlet(entry.outlet), domain(url)
        if lister and here in {domain(place) for place in (lister.home, *(source.url for source in lister.sources))}:
            return lister
        return self.publisher(url) or (lister if here == domain(entry.url) else None)

    def could_be_story(self, html: bytes, charset: str | None) -> bool:
        """The look with which reading begins, for a spider that has pages at hand."""
        return could_be(decode(html, charset), self.story)

    def page_request(self, entry: Entry) -> Request:
        """The request for an article's page."""
        meta = {"download_maxsize": self.page_maxsize}
        return Request(entry.url, self.parse_page, errback=self.page_failed, cb_kwargs={"entry": entry}, meta=meta)

    def parse_page(self, response: Response, entry: Entry) -> Iterator[Item]:
        """An article's answer becomes a page to be read, or a verdict."""
        kind = (header(response, "Content-Type") or "text/html").split(";")[0].strip().lower()
        if response.status != 200:
            yield self._refused(entry, response)
        elif urlsplit(response.url).path in ("", "/") and urlsplit(entry.url).path not in ("", "/"):
            yield self._verdict(entry.url, "gone", "redirected to the front page")
        elif kind not in ("text/html", "application/xhtml+xml", "text/plain", "application/octet-stream"):
            yield self._verdict(entry.url, "no_text", f"is no web page but {kind}")
        else:
            yield self._page(response, entry)

    def page_failed(self, failure: Failure) -> Verdict | None:
        """A page without an answer: forbidden by robots.txt, or to be tried again; none at all where it was not asked."""
        entry: Entry = failure.request.cb_kwargs["entry"]  # type: ignore[attr-defined]
        if isinstance(failure.value, SpentError):
            return None
        if isinstance(failure.value, IgnoreRequest):
            return self._verdict(entry.url, "denied", why(failure))
        failed = self._verdict(entry.url, "failed", why(failure), again=True)
        if isinstance(failure.value, LimitError):
            return _not_before(failed, self.now() + TOO_MUCH)
        return _not_before(failed, failure.value.until) if isinstance(failure.value, RestingError) else failed

    def _refused(self, entry: Entry, response: Response) -> Verdict:
        status = response.status
        if status in GONE:
            return self._verdict(entry.url, "gone", f"HTTP {status}")
        if status in DENIED:
            return self._verdict(entry.url, "denied", f"HTTP {status}")
        failed = self._verdict(entry.url, "failed", f"HTTP {status}", again=True)
        return _not_before(failed, resting(response, self.now()))

    # --- filed articles, looked at again

    def _look_again(self, revisit: Revisit) -> Request:
        return Request(
            revisit.entry.url,
            self.parse_look,
            errback=self.look_failed,
            headers=conditional(revisit.etag, revisit.last_modified),
            cb_kwargs={"entry": revisit.entry},
            meta={"download_maxsize": self.page_maxsize},
            dont_filter=True,
        )

    def parse_look(self, response: Response, entry: Entry) -> Iterator[Item]:
        """Another look at a filed article: unchanged, gone, or a page that is read again."""
        if response.status == 304:
            yield Look(entry.url, self.now(), "unchanged")
        elif response.status in GONE:
            yield Look(entry.url, self.now(), "gone", f"HTTP {response.status}")
        elif response.status == 200:
            for item in self.parse_page(response, entry):
                yield Look(entry.url, self.now(), "gone", item.reason) if isinstance(item, Verdict) and item.verdict == "gone" else item
        else:
            yield Look(entry.url, self.now(), "failed", f"HTTP {response.status}")

    def look_failed(self, failure: Failure) -> Look | None:
        """A look without an answer: put off; still due where it was not taken."""
        entry: Entry = failure.request.cb_kwargs["entry"]  # type: ignore[attr-defined]
        return None if isinstance(failure.value, SpentError) else Look(entry.url, self.now(), "failed", why(failure))

    def _page(self, response: Response, entry: Entry) -> Page:
        outlet = self._whose(response.url, entry)
        charset = (header(response, "Content-Type") or "").lower().partition("charset=")[2].strip(" \"'").split(";")[0]
        return Page(
            url=entry.url,
            final_url=canonical_url(response.url) or entry.url,
            http_status=response.status,
            fetched_at=self.now(),
            html=response.body,
            charset=charset or None,
            outlet=outlet.id if outlet else None,
            language=outlet.language if outlet else None,
            timezone=outlet.timezone if outlet else self.story.desk_timezone,
            entry=entry,
            kept=entry.url in self.known.kept,
            etag=header(response, "ETag"),
            last_modified=header(response, "Last-Modified"),
            reservations=reserved_in(response),
        )

    def _verdict(self, url: str, verdict: Closing, reason: str, *, stage: Any = "page", again: bool = False) -> Verdict:
        now = self.now()
        return Verdict(url, stage, verdict, reason, now, retry_at=now + self.retry_after if again else None)

    @property
    def _stats(self) -> Any:
        return self.crawler.stats

    def now(self) -> datetime:
        """The clock, asked here and nowhere below."""
        return datetime.now(UTC)


def domain(url: str) -> str:
    """The domain that somebody registered for a URL's host."""
    return registered_domain(host(url))


def _not_before(failed: Verdict, later: datetime | None) -> Verdict:
    return replace(failed, retry_at=later) if later and failed.retry_at and later > failed.retry_at else failed


def why(failure: Failure) -> str:
    """An exception as a reader of the decisions can understand it."""
    return explained(failure.value) if failure.value else "unknown"


def explained(error: BaseException) -> str:
    """What went wrong, in words: of an answer that broke off the reasons, of TLS what it says."""
    reasons = [reason.value for reason in getattr(error.__cause__ or error.__context__ or error, "reasons", ())]
    if reasons:
        return "; ".join(explained(reason) for reason in reasons)[:300]
    if error.args and isinstance(error.args[0], list):  # OpenSSL's: [("SSL routines", "", "certificate verify failed")]
        return "; ".join(f"TLS: {part[-1]}" for part in error.args[0] if isinstance(part, tuple) and part)[:300] or "TLS"
    return (str(error) or type(error).__name__)[:300]
