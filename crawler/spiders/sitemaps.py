"""News sitemaps, with the title, date and language that they give."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree
from scrapy.http import Response
from scrapy.utils.gz import gunzip

from crawler.spiders.base import ListingError, ListingSpider
from pipelines.article import Entry, Source
from pipelines.markup import decode, readable
from pipelines.text import one_line

MAX_UNPACKED = 50 * 1024 * 1024  # bytes, as the sitemap protocol allows


class SitemapsSpider(ListingSpider):
    """`scrapy crawl sitemaps`"""

    name = "sitemaps"
    kind = "news_sitemap"

    def entries(self, response: Response, source: Source) -> Iterator[Entry]:
        """The `<url>` elements; Scrapy's own reader would drop `news:title` and `news:publication_date`."""
        # No entities, no network, no DTD: a sitemap needs none, an attacker does.
        parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        body = _unpacked(response.body)
        root = etree.fromstring(body, parser) if body.strip() else None
        if root is None or _name(root) not in ("urlset", "sitemapindex"):
            raise ListingError(f"is not a sitemap: begins with {decode(body[:200]).strip()[:60]!r}")
        if _name(root) == "sitemapindex":
            raise ListingError("is an index of sitemaps; list the news sitemap itself")
        for element in root:
            if isinstance(element.tag, str) and _name(element) == "url":
                said = _texts(element)
                yield from self.entry(
                    said.get("loc", ""),
                    response,
                    source,
                    headline=readable(said.get("title", "")),  # some escape twice: Pj&amp;ouml;ngjang
                    keywords=readable(said.get("keywords", "")),
                    published=said.get("publication_date", "") or said.get("lastmod", ""),
                    language=said.get("language", "")[:2].lower(),
                )


def _unpacked(body: bytes) -> bytes:
    """The sitemap of an `.xml.gz`; what is not gzip as it is."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    try:
        return gunzip(body, max_size=MAX_UNPACKED)
    except Exception as error:
        raise ListingError(f"is gzip that cannot be unpacked to at most {MAX_UNPACKED >> 20} MB: {error}") from None


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname.lower()


def _texts(element: etree._Element) -> dict[str, str]:
    """The texts below a `<url>` by their local names, whatever prefix the site uses; images' titles are not its own."""
    found: dict[str, str] = {}
    for child in element.iter():
        if isinstance(child.tag, str) and child.text and not re.search("image|video", child.tag):
            found.setdefault(_name(child), one_line(child.text))
    return found
