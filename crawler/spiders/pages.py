"""Single pages: URLs and snapshots the operator names, and the article links of front and section pages."""

from __future__ import annotations

import re
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lxml.html import HtmlElement
from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.backfill import ListingError
from crawler.budget import OUTLET, SpentError
from crawler.formats.snapshots import Snapshot, answered, as_captured, snapshot
from crawler.limits import LimitError, within
from crawler.spiders.base import ListingSpider, address_of
from crawler.visits import Item, why
from pipelines.address import canonical_url, host, trap
from pipelines.article import Entry, Page, Source, Verdict
from pipelines.markup import decode, tree_of
from pipelines.text import one_line

_NUMBERED = re.compile(r"\d{5,}|\d{4}[/-]\d\d|\.html?$")
_NOT_ARTICLE = re.compile(
    r"(?i)/(?:tag|thema|themen|autor|author|login|anmelden|impressum|datenschutz|agb|suche|search|kontakt|abo|newsletter)(?:/|$|\.)"
)
MIN_LABEL = 4  # words of a link that is a headline
MIN_WIDE = 10  # characters of one in a script without blanks; names of sections have two to six
SLUG = 4  # words of a path's last part that is one
# Below a headline of five words that repeats a word of it a slug of two is enough: on the small web's section pages 84 of 86
# articles are found, 74 by `is_article_url` alone, with no more other pages; on 60 pages of newsrooms 3 links of 1,132 are
# added, one an article. Slugs of two alone add 118, all sections; courlan's own filter finds all 86, and 16 sections.
SENTENCE = 5
SHORT_SLUG = 2
_WIDE = re.compile(r"[\u3041-\u30ff\u3400-\u9fff]")


def is_article_url(url: str) -> bool:
    """Whether a URL looks like an article's: an id, a date or a slug of at least four words in its path."""
    path = urlsplit(url).path
    slug = [word for word in path.rstrip("/").rsplit("/", 1)[-1].split("-") if word]
    return bool(_NUMBERED.search(path) or len(slug) >= SLUG) and not _NOT_ARTICLE.search(path)


def _leads_to_text(url: str, link: HtmlElement, label: str) -> bool:
    """Whether a link leads to an article though its address is short: a whole sentence for a label, outside of navigation."""
    from courlan import check_url, is_navigation_page  # a heavy import, which other spiders do without

    words = [word for word in re.split(r"[-_]", urlsplit(url).path.rstrip("/").rsplit("/", 1)[-1]) if word]
    if len(words) < SHORT_SLUG or len(label.split()) < SENTENCE or _NOT_ARTICLE.search(urlsplit(url).path) or is_navigation_page(url):
        return False
    if any(True for _ in link.iterancestors("nav", "header", "footer", "aside")):
        return False
    folded = label.casefold()
    return any(len(word) > 3 and word.casefold() in folded for word in words) and check_url(url, strict=True) is not None


def _is_headline(label: str) -> bool:
    return len(label.split()) >= MIN_LABEL or len(_WIDE.findall(label)) >= MIN_WIDE


class PagesSpider(ListingSpider):
    """`scrapy crawl pages`: the catalogue's section pages, or what is named.

    Args (as `-a NAME=VALUE`):
        url: one or more URLs parted by blanks; articles, pages that link to articles, or snapshots of articles in a web
            archive, whose date of capture is then the time of fetch. A named article is fetched again even if it is decided.
        file: a file with one URL a line, `-` for standard input.
    """

    name = "pages"
    kind = "page"

    def __init__(self, *args: Any, url: str = "", file: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.named = url.split()
        self.from_stdin = file == "-"  # read at the start: a spider is also made to check its arguments
        if file and not self.from_stdin:
            self.named += _lines(Path(file).read_text(encoding="utf-8"))

    def idle(self) -> bool:
        """With nothing named, as every spider."""
        return not (self.named or self.from_stdin) and super().idle()

    def strangers(self) -> list[str]:
        """The hosts of pages that were named by hand, or that an editor keeps."""
        return list(dict.fromkeys(host(entry.url) for entry in self._unclaimed()))

    def _unclaimed(self) -> list[Entry]:
        """What waits for a decision and is of no outlet in the catalogue."""
        strangers = (entry for entry in self.known.pending if self.outlet(entry.outlet) is None)
        return [entry for entry in strangers if self._is_chosen(host(entry.url))]

    async def start(self) -> AsyncIterator[Any]:
        """The named URLs; without any, the catalogue's section pages and what is left undecided."""
        if self.from_stdin:
            self.named += _lines(sys.stdin.read())
        elif not self.named:
            async for item in super().start():
                yield item
            for entry in self._unclaimed():
                if self._take(host(entry.url)):
                    yield self.page_request(entry)
        for line in self.named:
            for item in self._named(line):
                yield item

    def _named(self, line: str) -> Iterator[Item]:
        if archived := snapshot(line):
            yield from self._snapshot(archived)
            return
        url = canonical_url(line)
        if url is None:
            self.logger.warning("%r is not an http(s) URL: left out", line.rpartition("@")[2])  # no password in a log
            return
        outlet = self.publisher(url)
        if not self._take(outlet.id if outlet else host(url)):
            return
        if is_article_url(url):
            entry = Entry(url, outlet.id if outlet else None, None, self.now())
            yield entry
            yield self.page_request(entry)
        else:
            yield self._listing_request(Source(outlet.id if outlet else "", "page", url))

    # --- snapshots

    def _snapshot(self, archived: Snapshot) -> Iterator[Item]:
        """The article is the original, of the original's outlet; the host that is asked is the archive's."""
        if self._take(archived.archive):
            outlet = self.publisher(archived.original)
            entry = Entry(archived.original, outlet.id if outlet else None, None, self.now())
            yield entry
            meta = {"download_maxsize": self.page_maxsize, OUTLET: archived.archive}
            yield Request(archived.url, self.parse_snapshot, errback=self.snapshot_failed, cb_kwargs={"entry": entry}, meta=meta)

    def parse_snapshot(self, response: Response, entry: Entry) -> Iterator[Item]:
        """A snapshot's answer becomes the page as it was at its capture. What an archive lacks says nothing of the original."""
        archived = answered(response)
        if response.status != 200:
            yield from self._no_snapshot(entry, f"HTTP {response.status}")
        elif archived is None or archived.captured is None or archived.captured > self.now():
            yield from self._no_snapshot(entry, f"{response.url} does not say when it was captured")
        else:
            url = entry.url if _same_page(entry.url, archived.original) else archived.original
            page = response.replace(url=url, body=as_captured(response.body, archived.archive))
            for item in self.parse_page(page, entry):
                if isinstance(item, Page):  # what the archive's header says is not the outlet's word
                    item = replace(item, fetched_at=archived.captured, etag=None, last_modified=None, reservations="")
                yield item

    def snapshot_failed(self, failure: Failure) -> list[Verdict]:
        """A snapshot without an answer; nothing to say of one that was not asked."""
        if isinstance(failure.value, SpentError):
            return []
        return list(self._no_snapshot(failure.request.cb_kwargs["entry"], why(failure)))  # type: ignore[attr-defined]

    def _no_snapshot(self, entry: Entry, reason: str) -> Iterator[Verdict]:
        """Only a warning where the original is decided; else it is tried again, at its own address."""
        self.logger.warning("%s: its snapshot cannot be read: %s", entry.url, reason)
        if not self.known.decided(entry.url):
            yield self._verdict(entry.url, "failed", f"its snapshot: {reason}", again=True)

    # --- section pages

    def parse_listing(self, response: Response, source: Source) -> Iterator[Item]:
        """A named page without links to articles is itself the article."""
        if response.status == 200 and source.url in map(canonical_url, self.named) and not self._lists(response):
            entry = Entry(source.url, source.outlet or None, None, self.now())
            yield entry
            yield from self.parse_page(response, entry)
        else:
            yield from super().parse_listing(response, source)

    def entries(self, response: Response, source: Source) -> Iterator[Entry]:
        """The links of a section page that look like articles of the same site, their labels as headlines."""
        for url, label, around in self._links(response):
            for entry in self.entry(url, response, source, headline=label, summary=around):
                yield entry if source.outlet else replace(entry, outlet=None)

    def _lists(self, response: Response) -> bool:
        """Whether a page links to articles. One that cannot be told is left to those who read pages, who say why."""
        try:
            return bool(self._links(response))
        except ListingError:
            return False

    def _links(self, response: Response) -> list[tuple[str, str, str]]:
        """Read in the crawl's own process, so with the bounds of a page: those of its tree, and a clock for what it is made into."""
        tree = tree_of(decode(response.body))
        if isinstance(tree, str):
            raise ListingError(tree)
        try:
            with within(self.settings.getfloat("READ_TIMEOUT")):
                return list(self._found(tree, response))
        except LimitError as error:
            raise ListingError(str(error)) from None

    def _found(self, tree: HtmlElement, response: Response) -> Iterator[tuple[str, str, str]]:
        here = host(response.url)
        for link in tree.iter("a"):
            url = address_of(link.get("href") or "", response.url)
            if url is None and (reason := trap(link.get("href") or "", response.url)):
                self.left_out[reason] += 1
            label = one_line(link.text_content())
            if url and host(url) == here and _is_headline(label) and (is_article_url(url) or _leads_to_text(url, link, label)):
                yield url, label[:500], _around(link)


def _around(link: HtmlElement) -> str:
    """The teaser a link stands in, when it is small enough to speak of this article alone."""
    for box in link.iterancestors("article", "li"):
        text = one_line(box.text_content())
        return text if len(text) < 600 else ""
    return ""


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]


def _same_page(one: str, other: str) -> bool:
    """Whether two addresses differ in nothing but what archives get wrong: the scheme, and `www.`."""
    return one.partition("://")[2].removeprefix("www.") == other.partition("://")[2].removeprefix("www.")
