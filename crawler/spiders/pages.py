"""Single pages: URLs the operator names, and the article links of front and section pages."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lxml.html import HtmlElement
from scrapy.http import Response

from crawler.spiders.base import ListingSpider, address_of
from crawler.visits import Item
from pipelines.article import Entry, Source, canonical_url
from pipelines.markup import decode, parse
from pipelines.text import one_line

_NUMBERED = re.compile(r"\d{5,}|\d{4}[/-]\d\d|\.html?$")
_NOT_ARTICLE = re.compile(
    r"(?i)/(?:tag|thema|themen|autor|author|login|anmelden|impressum|datenschutz|agb|suche|search|kontakt|abo|newsletter)(?:/|$|\.)"
)
MIN_LABEL = 4  # words of a link that is a headline
SLUG = 4  # words of a path's last part that is one


def is_article_url(url: str) -> bool:
    """Whether a URL looks like an article's: an id, a date or a slug of at least four words in its path."""
    path = urlsplit(url).path
    slug = [word for word in path.rstrip("/").rsplit("/", 1)[-1].split("-") if word]
    return bool(_NUMBERED.search(path) or len(slug) >= SLUG) and not _NOT_ARTICLE.search(path)


class PagesSpider(ListingSpider):
    """`scrapy crawl pages`: the catalogue's section pages, or what is named.

    Args (as `-a NAME=VALUE`):
        url: one or more URLs parted by blanks; articles, or pages that link to articles. A named article is fetched
            again even if it is decided.
        file: a file with one URL a line, `-` for standard input.
    """

    name = "pages"
    kind = "page"

    def __init__(self, *args: Any, url: str = "", file: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lines = url.split()
        if file:
            text = Path("/dev/stdin" if file == "-" else file).read_text(encoding="utf-8")
            lines += [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
        self.named = lines

    async def start(self) -> AsyncIterator[Any]:
        """The named URLs; without any, the catalogue's section pages and what is left undecided."""
        if not self.named:
            async for item in super().start():
                yield item
            for entry in self.known.pending:  # of no outlet in the catalogue: named by hand, or kept by an editor
                if self.outlet(entry.outlet) is None and self._take(str(urlsplit(entry.url).hostname)):
                    yield self.page_request(entry)
        for line in self.named:
            for item in self._named(line):
                yield item

    def _named(self, line: str) -> Iterator[Item]:
        url = canonical_url(line)
        if url is None:
            self.logger.warning("%r is not an http(s) URL: left out", line)
            return
        outlet = self.publisher(url)
        if not self._take(outlet.id if outlet else str(urlsplit(url).hostname)):
            return
        if is_article_url(url):
            entry = Entry(url, outlet.id if outlet else None, None, self.now())
            yield entry
            yield self.page_request(entry)
        else:
            yield self._listing_request(Source(outlet.id if outlet else "", "page", url))

    def parse_listing(self, response: Response, source: Source) -> Iterator[Item]:
        """A named page without links to articles is itself the article."""
        if response.status == 200 and source.url in self.named and not any(self._links(response)):
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

    def _links(self, response: Response) -> Iterator[tuple[str, str, str]]:
        tree = parse(decode(response.body))
        host = urlsplit(response.url).hostname
        for link in tree.iter("a") if tree is not None else ():
            url = address_of(link.get("href") or "", response.url)
            label = one_line(link.text_content())
            if url and urlsplit(url).hostname == host and is_article_url(url) and len(label.split()) >= MIN_LABEL:
                yield url, label[:500], _around(link)


def _around(link: HtmlElement) -> str:
    """The teaser a link stands in, when it is small enough to speak of this article alone."""
    for box in link.iterancestors("article", "li"):
        text = one_line(box.text_content())
        return text if len(text) < 600 else ""
    return ""
