"""What every spider does with what it lists: decide whether to follow, fetch, give each answer a verdict or a page.

A spider only turns a listing's response into entries. It never opens the database: `known` is given to it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, ClassVar, Self
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.locks import Locks
from crawler.outcome import Outcome, outcome
from crawler.sources import load_sources
from pipelines.article import Closing, Entry, Fetch, Known, Outlet, Page, Source, SourceKind, Verdict, canonical_url
from pipelines.dates import latest, published
from pipelines.evidence import DateHint
from pipelines.relevance import worth_fetching
from pipelines.story import Story, load_story

Item = Request | Fetch | Entry | Verdict | Page
DENIED = (401, 402, 403, 407, 451)
GONE = (404, 410)


class ListingError(ValueError):
    """A listing is not what it should be: says what was found instead."""


class ListingSpider(Spider):
    """Base of all spiders.

    Args (as `-a NAME=VALUE`):
        outlet: limit the run to these ids, parted by commas.
        since: follow nothing that its listing dates before this day (YYYY-MM-DD).
    """

    kind: ClassVar[SourceKind]
    known: Known = Known()  # given at opening
    outlets: list[Outlet]
    story: Story
    locks: Locks
    retry_after: timedelta

    def __init__(self, *args: Any, outlet: str = "", since: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.chosen = {name.strip() for name in outlet.split(",") if name.strip()}
        self.since = date.fromisoformat(since) if since else None

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Settings: SOURCES, STORY, DATABASE (its folder holds the locks), RETRY_FAILED_AFTER."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        settings = crawler.settings
        spider.outlets = load_sources(settings["SOURCES"])
        spider.story = load_story(settings["STORY"])
        spider.locks = Locks(Path(settings["DATABASE"]).parent / "locks")
        spider.retry_after = timedelta(seconds=settings.getint("RETRY_FAILED_AFTER"))
        return spider

    # --- what a spider says

    def entries(self, response: Response, source: Source) -> Iterable[Entry]:
        """The entries of a listing.

        Raises:
            ListingError: when the answer is no listing of this kind.
        """
        raise ListingError(f"{self.name} reads no listings")

    # --- the run

    async def start(self) -> AsyncIterator[Any]:
        """Ask every source of every outlet that no other run holds, and whatever an earlier run left undecided."""
        wanted = [outlet for outlet in self.outlets if self._sources(outlet) and self._is_chosen(outlet)]
        held = {outlet.id: outlet for outlet in wanted if self._take(outlet.id)}
        for outlet in held.values():
            for source in self._sources(outlet):
                yield self._listing_request(source)
        for entry in self.known.pending:
            if entry.outlet in held:
                for item in self.follow(entry):
                    yield item

    def closed(self, reason: str) -> None:
        """Let other runs have the outlets."""
        self.locks.release()

    def outcome(self) -> Outcome:
        """How the run went so far."""
        return outcome(self._stats.get_stats())

    def _sources(self, outlet: Outlet) -> list[Source]:
        return [source for source in outlet.sources if source.kind == self.kind]

    def _is_chosen(self, outlet: Outlet) -> bool:
        return not self.chosen or outlet.id in self.chosen

    def _take(self, name: str) -> bool:
        self._stats.inc_value("nachlese/outlets")
        if self.locks.take(name):
            return True
        self._stats.inc_value("nachlese/outlets_locked")
        self.logger.warning("%s is being asked by another run: skipped", name)
        return False

    # --- listings

    def _listing_request(self, source: Source) -> Request:
        return Request(
            source.url, self.parse_listing, errback=self.listing_failed, cb_kwargs={"source": source}, dont_filter=True, priority=10
        )

    def parse_listing(self, response: Response, source: Source) -> Iterator[Item]:
        """A listing's answer: what it lists is recorded in one piece, what could be the story is followed."""
        if response.status != 200:
            yield self._no_listing(source, f"HTTP {response.status}", response.status)
            return
        try:
            listed = list({entry.url: entry for entry in self.entries(response, source)}.values())
        except ListingError as error:
            yield self._no_listing(source, str(error), response.status)
            return
        self._stats.inc_value("nachlese/sources_ok")
        followed = [item for entry in listed if not self._too_old_for_this_run(entry) for item in self.follow(entry)]
        yield Fetch(
            source,
            self.now(),
            "ok" if listed else "empty",
            response.status,
            etag=_header(response, "ETag"),
            last_modified=_header(response, "Last-Modified"),
            entries=tuple(entry for entry in listed if not self._too_old_for_this_run(entry)),
            verdicts=tuple(item for item in followed if isinstance(item, Verdict)),
        )
        yield from (item for item in followed if not isinstance(item, Verdict))

    def listing_failed(self, failure: Failure) -> Fetch:
        """A listing without an answer."""
        source: Source = failure.request.cb_kwargs["source"]  # type: ignore[attr-defined]
        return self._no_listing(source, _why(failure), None, denied=isinstance(failure.value, IgnoreRequest))

    def _no_listing(self, source: Source, reason: str, status: int | None, *, denied: bool = False) -> Fetch:
        self._stats.inc_value("nachlese/sources_failed")
        self.logger.warning("%s: %s: %s", source.outlet, source.url, reason)
        return Fetch(source, self.now(), "denied" if denied or status in DENIED else "failed", status, reason)

    # --- entries

    def entry(self, link: str, response: Response, source: Source, **said: str) -> Iterator[Entry]:
        """One entry of a listing; none for a link that leads to no article. `link` may be relative."""
        if address := address_of(link, response.url):
            yield Entry(address, source.outlet, source.url, self.now(), **said)

    def follow(self, entry: Entry) -> Iterator[Request | Verdict]:
        """A request for an entry that could be the story; a verdict for one that cannot; nothing if decided."""
        if self.known.decided(entry.url):
            return
        if entry.url in self.known.kept:
            yield self.page_request(entry)
            return
        outlet = self.outlet(entry.outlet)
        if (outlet is None or outlet.scope == "match") and not worth_fetching(f"{entry.words()}\n{entry.url}", self.story):
            yield self._verdict(entry.url, "off_story", f"the listing names nothing of {self.story.party}", stage="listing")
        elif (listed := self._listed_at(entry)) and listed.date() < self.story.since - timedelta(days=1):
            yield self._verdict(entry.url, "out_of_window", f"listed as of {listed.date()}, before {self.story.since}", stage="listing")
        else:
            yield self.page_request(entry)

    def outlet(self, id_: str | None) -> Outlet | None:
        """The catalogue's outlet with this id."""
        return next((outlet for outlet in self.outlets if outlet.id == id_), None)

    def page_request(self, entry: Entry) -> Request:
        """The request for an article's page."""
        return Request(entry.url, self.parse_page, errback=self.page_failed, cb_kwargs={"entry": entry})

    def _listed_at(self, entry: Entry) -> datetime | None:
        """The latest instant that a listing's date allows."""
        zone = outlet.timezone if (outlet := self.outlet(entry.outlet)) else self.story.desk_timezone
        hints = [DateHint(entry.published, "listing")] if entry.published else []
        return latest(published(hints, fetched_at=entry.listed_at, timezone=zone, language=entry.language))

    def _too_old_for_this_run(self, entry: Entry) -> bool:
        if self.since is None or not (listed := self._listed_at(entry)):
            return False
        return listed < datetime.combine(self.since, time.min, ZoneInfo(self.story.desk_timezone))

    # --- pages

    def parse_page(self, response: Response, entry: Entry) -> Iterator[Item]:
        """An article's answer becomes a page to be read, or a verdict."""
        kind = (_header(response, "Content-Type") or "text/html").split(";")[0].strip().lower()
        if response.status != 200:
            yield self._refused(entry, response.status)
        elif urlsplit(response.url).path in ("", "/") and urlsplit(entry.url).path not in ("", "/"):
            yield self._verdict(entry.url, "gone", "redirected to the front page")
        elif kind not in ("text/html", "application/xhtml+xml", "text/plain", "application/octet-stream"):
            yield self._verdict(entry.url, "no_text", f"is no web page but {kind}")
        else:
            yield self._page(response, entry)

    def page_failed(self, failure: Failure) -> Verdict:
        """A page without an answer: forbidden by robots.txt, or to be tried again."""
        entry: Entry = failure.request.cb_kwargs["entry"]  # type: ignore[attr-defined]
        if isinstance(failure.value, IgnoreRequest):
            return self._verdict(entry.url, "denied", _why(failure))
        return self._verdict(entry.url, "failed", _why(failure), again=True)

    def _refused(self, entry: Entry, status: int) -> Verdict:
        if status in GONE:
            return self._verdict(entry.url, "gone", f"HTTP {status}")
        if status in DENIED:
            return self._verdict(entry.url, "denied", f"HTTP {status}")
        return self._verdict(entry.url, "failed", f"HTTP {status}", again=True)

    def _page(self, response: Response, entry: Entry) -> Page:
        outlet = self.outlet(entry.outlet)
        charset = (_header(response, "Content-Type") or "").lower().partition("charset=")[2].strip(" \"'").split(";")[0]
        return Page(
            url=entry.url,
            final_url=canonical_url(response.url) or entry.url,
            http_status=response.status,
            fetched_at=self.now(),
            html=response.body,
            charset=charset or None,
            outlet=entry.outlet,
            language=outlet.language if outlet else None,
            timezone=outlet.timezone if outlet else self.story.desk_timezone,
            entry=entry,
            kept=entry.url in self.known.kept,
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


def address_of(link: str, base: str) -> str | None:
    """The normalised URL that a link of a page leads to; None for one that leads to no page."""
    try:
        return canonical_url(urljoin(base, link.strip())) if link.strip() else None
    except ValueError:  # http://[[x]]
        return None


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None


def _why(failure: Failure) -> str:
    """An exception as a reader of the decisions can understand it."""
    return (failure.getErrorMessage() or failure.type.__name__)[:300] if failure.type else "unknown"
