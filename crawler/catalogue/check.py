"""Is the catalogue still right? Every source is asked once, and said to be working, moved, wrong, denied or failed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, Self

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.answers import moved
from crawler.backfill import ListingError
from crawler.formats.sitemap import SitemapError, read_sitemap
from crawler.spiders.base import ListingSpider, address_of
from crawler.spiders.feeds import FeedsSpider
from crawler.spiders.pages import PagesSpider
from crawler.spiders.sitemaps import SitemapsSpider
from crawler.visits import DENIED, why
from pipelines.article import Entry, Outlet, Source, SourceKind
from pipelines.dates import latest, published
from pipelines.evidence import Dated, DateHint

State = Literal["works", "redirected to", "not a feed", "not a sitemap", "denied", "failed", "skipped"]
Readers = Mapping[SourceKind, ListingSpider]


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of one source. `moved_to` is set when it works elsewhere, after permanent redirects alone."""

    source: Source
    state: State
    note: str = ""  # the reason of a failure; where a redirect led
    entries: int = 0
    newest: Dated | None = None
    moved_to: str | None = None

    @property
    def works(self) -> bool:
        """Whether there is a listing, here or elsewhere."""
        return self.state in ("works", "redirected to")


class LookingSpider(Spider):
    """A spider that reads listings as the crawl's spiders do, and files nothing."""

    custom_settings = {"ITEM_PIPELINES": {}}  # noqa: RUF012 -- as Scrapy declares it
    readers: Readers

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Settings: those of the crawl's spiders."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        feeds, sitemaps, pages = (kind.from_crawler(crawler) for kind in (FeedsSpider, SitemapsSpider, PagesSpider))
        spider.readers = {"feed": feeds, "news_sitemap": sitemaps, "sitemap": sitemaps, "page": pages}
        return spider


class CheckSpider(LookingSpider):
    """Asks every source of `outlets` once and adds what it finds to `checked`."""

    name = "check"

    def __init__(self, *, outlets: Sequence[Outlet], checked: dict[Source, Checked], **arguments: Any) -> None:
        super().__init__(**arguments)
        self.outlets = outlets
        self.checked = checked

    async def start(self) -> AsyncIterator[Any]:
        """One request a source."""
        for outlet in self.outlets:
            for source in outlet.sources:
                said = {"outlet": outlet, "source": source}
                meta = {"download_maxsize": self.settings.getint("SITEMAP_MAXSIZE")} if source.kind in ("news_sitemap", "sitemap") else {}
                yield Request(source.url, self.answered, errback=self.unanswered, cb_kwargs=said, meta=meta, dont_filter=True)

    def answered(self, response: Response, outlet: Outlet, source: Source) -> None:
        """Judge an answer."""
        self.checked[source] = judged(self.readers, response, outlet, source, datetime.now(UTC))

    def unanswered(self, failure: Failure) -> None:
        """Note why there is none."""
        source: Source = failure.request.cb_kwargs["source"]  # type: ignore[attr-defined]
        self.checked[source] = Checked(source, "denied" if is_denial(failure) else "failed", why(failure))


def judged(readers: Readers, response: Response, outlet: Outlet, source: Source, now: datetime) -> Checked:
    """What an answer to a request for a source says of it."""
    gone = f"redirected to {response.url}; " if redirected(response) else ""
    if response.status != 200:
        return Checked(source, "denied" if response.status in DENIED else "failed", f"{gone}HTTP {response.status}")
    entries: list[Entry] = []
    try:
        if not (parts := sitemaps_in(response) if source.kind in ("news_sitemap", "sitemap") else []):
            entries = read(readers, response, source)
    except ListingError as error:
        return Checked(source, "not a feed" if source.kind == "feed" else "not a sitemap", f"{gone}{error}")
    said = f"an index of {len(parts)} sitemaps" if parts else ""
    dated = newest((entry.published for entry in entries), timezone=outlet.timezone, language=outlet.language, now=now)
    if not redirected(response):
        return Checked(source, "works", said, len(entries), dated)
    new = moved(response)
    how = ", ".join(part for part in ("for good" if new else "for now", said) if part)
    return Checked(source, "redirected to", f"{response.url} ({how})", len(entries), dated, new if new != source.url else None)


def read(readers: Readers, response: Response, source: Source) -> list[Entry]:
    """The entries of a listing as the spider of its kind reads them, each URL once.

    Raises:
        ListingError: when the answer is no listing of this kind.
    """
    return list({entry.url: entry for entry in readers[source.kind].entries(response, source)}.values())


def sitemaps_in(response: Response) -> list[str]:
    """The sitemaps that an index names, in its order; none when the answer is no index of sitemaps."""
    try:
        is_index, rows = read_sitemap(response.body)
    except SitemapError:  # reading it as a sitemap says what is wrong
        return []
    listed = [said.get("loc", "") for said in rows] if is_index else []
    return list(dict.fromkeys(url for part in listed if (url := address_of(part, response.url))))


def redirected(response: Response) -> bool:
    """Whether something else was asked for than what answered."""
    return bool(response.meta.get("redirect_urls"))


def newest(dates: Iterable[str], *, timezone: str, language: str, now: datetime) -> Dated | None:
    """The latest of the dates that a listing gives, naive ones in the outlet's time zone; None when it gives none."""
    found = (
        published([DateHint(date, "listing")], fetched_at=now, timezone=timezone, language=language)
        for date in dict.fromkeys(dates)
        if date
    )
    return max((dated for dated in found if dated), key=lambda dated: latest(dated) or datetime.min.replace(tzinfo=UTC), default=None)


def shown(dated: Dated | None) -> str:
    """A date in a table: minutes in UTC, or what is known of the day."""
    if dated is None:
        return "-"
    return f"{dated.edtf[:16].replace('T', ' ')}Z" if dated.precision == "instant" else dated.edtf


def is_denial(failure: Failure) -> bool:
    """Whether robots.txt kept a request from being made."""
    return isinstance(failure.value, IgnoreRequest) and "robots.txt" in str(failure.value)


def rows(checked: Iterable[Checked], unchanged_since: Mapping[str, str]) -> Iterator[str]:
    """The table, a line a source. `unchanged_since`: when the crawl last saw something new in each, by its URL."""
    row = "{:<24} {:<12} {:<13} {:>7} {:<17} {:<17} {}"
    yield row.format("outlet", "kind", "state", "entries", "newest", "unchanged since", "source")
    for each in checked:
        note = f"{' ->' if each.state == 'redirected to' else ':'} {each.note}" if each.note else ""
        count = each.entries if each.works else "-"
        since = unchanged_since.get(each.source.url, "")
        since = f"{since[:16].replace('T', ' ')}Z" if since else "-"
        yield row.format(each.source.outlet, each.source.kind, each.state, count, shown(each.newest), since, f"{each.source.url}{note}")
