"""News sitemaps, with the title, date and language that they give."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree
from scrapy.http import Response

from crawler.spiders.base import ListingError, ListingSpider
from pipelines.article import Entry, Source
from pipelines.markup import decode
from pipelines.text import one_line


class SitemapsSpider(ListingSpider):
    """`scrapy crawl sitemaps`"""

    name = "sitemaps"
    kind = "news_sitemap"

    def entries(self, response: Response, source: Source) -> Iterator[Entry]:
        """The `<url>` elements; Scrapy's own reader would drop `news:title` and `news:publication_date`."""
        # No entities, no network, no DTD: a sitemap needs none, an attacker does.
        parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        root = etree.fromstring(response.body, parser) if response.body.strip() else None
        if root is None or _name(root) not in ("urlset", "sitemapindex"):
            raise ListingError(f"is not a sitemap: begins with {decode(response.body[:200]).strip()[:60]!r}")
        if _name(root) == "sitemapindex":
            raise ListingError("is an index of sitemaps; list the news sitemap itself")
        for element in root:
            if isinstance(element.tag, str) and _name(element) == "url":
                said = _texts(element)
                yield from self.entry(
                    said.get("loc", ""),
                    source,
                    headline=said.get("title", ""),
                    keywords=said.get("keywords", ""),
                    published=said.get("publication_date", "") or said.get("lastmod", ""),
                    language=said.get("language", "")[:2].lower(),
                )


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname.lower()


def _texts(element: etree._Element) -> dict[str, str]:
    """The texts below a `<url>` by their local names, whatever prefix the site uses; images' titles are not its own."""
    found: dict[str, str] = {}
    for child in element.iter():
        if isinstance(child.tag, str) and child.text and not re.search("image|video", child.tag):
            found.setdefault(_name(child), one_line(child.text))
    return found
