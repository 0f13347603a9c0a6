"""Feeds: RSS 0.9x, 1.0, 2.0, Atom, JSON Feed."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import feedparser
from scrapy.http import Response
from w3lib.html import remove_tags

from crawler.spiders.base import ListingError, ListingSpider
from pipelines.article import Entry, Source
from pipelines.markup import decode, readable
from pipelines.text import one_line

MAX_SUMMARY = 2000  # characters; some feeds put the whole article there


class FeedsSpider(ListingSpider):
    """`scrapy crawl feeds`"""

    name = "feeds"
    kind = "feed"

    def entries(self, response: Response, source: Source) -> Iterator[Entry]:
        """The entries of a feed of any kind."""
        if response.body.lstrip()[:1] == b"{":
            yield from self._json_feed(response, source)
        else:
            yield from self._xml_feed(response, source)

    def _xml_feed(self, response: Response, source: Source) -> Iterator[Entry]:
        headers = {"content-type": (response.headers.get("Content-Type") or b"application/xml").decode("latin-1")}
        feed = feedparser.parse(io.BytesIO(response.body), response_headers=headers)
        if not feed.version and not feed.entries:
            raise ListingError(f"is not a feed: begins with {decode(response.body[:200]).strip()[:60]!r}")
        for item in feed.entries:
            link = item.get("feedburner_origlink") or item.get("link") or ""
            yield from self.entry(
                response.urljoin(link) if link else "",
                source,
                headline=_plain(item.get("title")),
                summary=_plain(item.get("summary")),
                keywords=", ".join(_plain(tag.get("term")) for tag in item.get("tags", []))[:MAX_SUMMARY],
                # feedparser's own dates are hours off for KST and MSK and missing for German names: kept as written.
                published=one_line(item.get("published") or item.get("created") or ""),
                language=(item.get("language") or feed.feed.get("language") or "")[:2].lower(),
                authors="; ".join(_plain(author.get("name")) for author in item.get("authors", []) if author),
            )

    def _json_feed(self, response: Response, source: Source) -> Iterator[Entry]:
        try:
            feed: Any = json.loads(decode(response.body))
            items = feed["items"]
        except (ValueError, KeyError, TypeError, RecursionError):
            raise ListingError("is not a JSON Feed: no list of items") from None
        for item in items if isinstance(items, list) else []:
            if not isinstance(item, dict) or not isinstance(item.get("url") or item.get("external_url"), str):
                continue
            authors = item.get("authors") or []
            yield from self.entry(
                response.urljoin(item.get("url") or item["external_url"]),
                source,
                headline=_plain(item.get("title")),
                summary=_plain(item.get("summary") or item.get("content_text")),
                keywords=", ".join(_plain(tag) for tag in item.get("tags") or []),
                published=_plain(item.get("date_published")),
                language=_plain(item.get("language") or feed.get("language"))[:2].lower(),
                authors="; ".join(_plain(author.get("name")) for author in authors if isinstance(author, dict)),
            )


def _plain(text: Any) -> str:
    """A feed's text without markup, entities and invisible characters, on one line."""
    return one_line(readable(remove_tags(text)))[:MAX_SUMMARY] if isinstance(text, str) else ""
