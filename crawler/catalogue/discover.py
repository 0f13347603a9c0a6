"""Where does a site list its articles? Asks its front page, the common places, and the sitemaps that robots.txt names."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from urllib.parse import urldefrag, urljoin, urlsplit

from lxml.html import HtmlElement
from scrapy import Request
from scrapy.http import Response
from scrapy.utils.sitemap import sitemap_urls_from_robots
from twisted.python.failure import Failure

from crawler.answers import moved
from crawler.backfill import ListingError
from crawler.catalogue.check import LookingSpider, is_denial, read, sitemaps_in
from crawler.spiders.base import address_of
from crawler.visits import why
from pipelines.address import registered_domain
from pipelines.article import Entry, Source
from pipelines.markup import decode, parse

PLACES = ("/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml")
AT_PLACE = "not linked, found at a common place"
FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json")
MAX_FEEDS = 40  # linked from the front page; of 116 outlets with feeds in a public list the one with most has 34
MAX_SITEMAPS = 20  # named by robots.txt, and again by one index. Not measured: at a second each a site is through in minutes
# 105 of 121 known news sitemaps say so in their path; a newsletter is none.
_SAYS_NEWS = re.compile(r"(?i)news(?!letter)")

Kind = Literal["feed", "news_sitemap"]


@dataclass(frozen=True, slots=True)
class Listing:
    """A place that may list articles: `how` it was found, what it lists, or the `fault` that makes it none."""

    kind: Kind
    url: str
    how: str
    entries: tuple[Entry, ...] = ()
    fault: str = ""
    index: str = ""  # the index of sitemaps that names it


@dataclass(slots=True)
class Found:
    """What a discovery brought, filled in while it runs. `home` is where the site answers."""

    home: str
    page: HtmlElement | None = None
    trouble: str = ""  # why there is no front page
    notes: list[str] = field(default_factory=list)
    asked: dict[str, Listing | None] = field(default_factory=dict)  # None: not answered yet, or of no account

    @property
    def listings(self) -> list[Listing]:
        """What answered, in the order in which it was thought of."""
        return [listing for listing in self.asked.values() if listing]


class DiscoverSpider(LookingSpider):
    """Fills `found`."""

    name = "discover"

    def __init__(self, *, found: Found, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.found = found

    async def start(self) -> AsyncIterator[Any]:
        """The front page; all else follows from it."""
        yield Request(self.found.home, self.front, errback=self.no_front, dont_filter=True)

    def front(self, response: Response) -> Iterator[Request]:
        """The front page's answer."""
        found, new = self.found, moved(response)
        same_site = registered_domain(urlsplit(response.url).hostname or "") == registered_domain(urlsplit(found.home).hostname or "")
        if response.status != 200:
            found.trouble = f"HTTP {response.status}"
        elif not (same_site or new):
            found.trouble = f"sends visitors to {response.url}"  # a consent page, a parked domain: not theirs
        else:
            found.page = parse(decode(response.body))
            found.home = urldefrag(new or found.home).url.split("?")[0].rstrip("/")
            for url in linked_feeds(found.page, response.url)[:MAX_FEEDS]:
                yield from self._ask("feed", url, "linked from the front page")
        yield from self._elsewhere(response.url if same_site or new else found.home)

    def no_front(self, failure: Failure) -> Iterator[Request]:
        """No answer: a site whose front page robots.txt closes may still list its articles; one without any is not there."""
        self.found.trouble = why(failure)
        if is_denial(failure):
            yield from self._elsewhere(self.found.home)

    def _elsewhere(self, url: str) -> Iterator[Request]:
        for place in PLACES:
            yield from self._ask("feed", urljoin(url, place), AT_PLACE)
        # robots.txt itself is always allowed (RFC 9309, 2.2.2)
        meta = {"dont_obey_robotstxt": True}
        yield Request(urljoin(url, "/robots.txt"), self.robots, errback=self.no_robots, meta=meta, dont_filter=True)

    def robots(self, response: Response) -> Iterator[Request]:
        """The sitemaps that robots.txt names."""
        named = list(sitemap_urls_from_robots(response.body, response.url)) if response.status == 200 else []
        yield from self._sitemaps(named, response.url, "named in robots.txt", self.sitemap)

    def no_robots(self, failure: Failure) -> None:
        """Noted, for then nobody knows whether there are sitemaps."""
        self.found.notes.append(f"robots.txt: {why(failure)}")

    def _sitemaps(self, named: list[str], base: str, how: str, then: Any, index: str = "") -> Iterator[Request]:
        """Ask those that say that they are for news first; they may be too many to ask all."""
        urls = sorted((url for url in dict.fromkeys(named) if address_of(url, base)), key=lambda url: not says_news(url))
        if len(urls) > MAX_SITEMAPS:
            self.found.notes.append(f"{base} names {len(urls)} sitemaps; {MAX_SITEMAPS} of them were looked at")
        for url in urls[:MAX_SITEMAPS]:
            yield from self._ask("news_sitemap", url, how, then, index)

    def _ask(self, kind: Kind, url: str, how: str, then: Any = None, index: str = "") -> Iterator[Request]:
        if url not in self.found.asked:
            self.found.asked[url] = None
            said = {"asked": Listing(kind, url, how, index=index)}
            yield Request(url, then or self.listing, errback=self.no_listing, cb_kwargs=said, dont_filter=True)

    def sitemap(self, response: Response, asked: Listing) -> Iterator[Request]:
        """A sitemap, or an index whose own sitemaps are asked."""
        if response.status == 200 and (parts := sitemaps_in(response)):
            index = moved(response) or asked.url
            yield from self._sitemaps(parts, response.url, f"in the index {index}", self.listing, index)
        else:
            self.listing(response, asked)

    def listing(self, response: Response, asked: Listing) -> None:
        """Read what may be a listing."""
        entries, fault = [], "" if response.status == 200 else f"HTTP {response.status}"
        try:
            if not fault and asked.kind == "news_sitemap" and sitemaps_in(response):
                fault = "is an index within an index: not followed"
            entries = [] if fault else read(self.readers, response, Source("", asked.kind, asked.url))
        except ListingError as error:
            fault = str(error)
        self._note(asked, replace(asked, url=moved(response) or asked.url, entries=tuple(entries), fault=fault))

    def no_listing(self, failure: Failure) -> None:
        """A place without an answer."""
        asked: Listing = failure.request.cb_kwargs["asked"]  # type: ignore[attr-defined]
        self._note(asked, replace(asked, fault=why(failure)))

    def _note(self, asked: Listing, answer: Listing) -> None:
        if not (answer.fault and asked.how == AT_PLACE):  # where nobody said that there is a feed, none is no news
            self.found.asked[asked.url] = answer


def linked_feeds(page: HtmlElement | None, base: str) -> list[str]:
    """The feeds that a page's `<link rel="alternate">` name, in its order."""
    links = page.iter("link") if page is not None else ()
    named = [
        link.get("href") or ""
        for link in links
        if "alternate" in (link.get("rel") or "").lower().split() and (link.get("type") or "").split(";")[0].strip().lower() in FEED_TYPES
    ]
    return list(dict.fromkeys(urldefrag(urljoin(base, href.strip())).url for href in named if address_of(href, base)))


def says_news(url: str) -> bool:
    """Whether a sitemap's address says that it is one for news; the host does not count."""
    parts = urlsplit(url)
    return bool(_SAYS_NEWS.search(f"{parts.path}?{parts.query}"))
