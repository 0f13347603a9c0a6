"""Feeds: RSS 0.9x, 1.0, 2.0, Atom, JSON Feed."""

from __future__ import annotations

import codecs
import io
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from scrapy.http import Response
from w3lib.html import remove_tags, remove_tags_with_content

from crawler.answers import header
from crawler.backfill import ListingError
from crawler.formats.feed import newest_items, xml_text
from crawler.formats.listing import older_than
from crawler.limits import LimitError, within
from crawler.spiders.base import ListingSpider
from pipelines.article import Entry, Source
from pipelines.markup import decode, readable
from pipelines.text import one_line

HEAD = 4096  # bytes in which a feed speaks of itself
_TTL = re.compile(rb"<ttl>\s*(\d{1,5})\s*</ttl>", re.I)
_SKIP = re.compile(rb"<skipHours>(.*?)</skipHours>", re.I | re.S)
_UTF8 = {"content-type": "application/xml; charset=utf-8"}
_ROOT = re.compile(r"<[^\W\d]")
MAX_TAGS = 300_000  # 60 for each of as many entries as are read; feedparser takes up to a kilobyte for each
MAX_SUMMARY = 2000  # characters; some feeds put the whole article there


class FeedsSpider(ListingSpider):
    """`scrapy crawl feeds`"""

    name = "feeds"
    kind = "feed"
    looks_again = True

    def rest(self, response: Response) -> timedelta:
        """What Cache-Control or the feed's own ttl (minutes) asks for, whichever is longer."""
        ttl = _TTL.search(response.body[:HEAD])
        return max(super().rest(response), timedelta(minutes=int(ttl.group(1))) if ttl else timedelta())

    def skipped_hours(self, response: Response) -> frozenset[int]:
        """The `skipHours` of an RSS feed."""
        skipped = _SKIP.search(response.body[:HEAD])
        return (
            frozenset(int(hour) % 24 for hour in re.findall(rb"<hour>\s*(\d{1,2})\s*</hour>", skipped.group(1))) if skipped else frozenset()
        )

    def entries(self, response: Response, source: Source) -> Iterator[Entry]:
        """The entries of a feed of any kind."""
        if response.body.removeprefix(codecs.BOM_UTF8).lstrip()[:1] == b"{":
            yield from self._json_feed(response, source)
        else:
            yield from self._xml_feed(response, source)

    def _xml_feed(self, response: Response, source: Source) -> Iterator[Entry]:
        import feedparser  # a heavy import: not for a run whose feeds have not changed

        text = xml_text(response.body, header(response, "Content-Type") or "")
        begin = _ROOT.search(text)  # before it may stand a DTD whose entities are a bomb, and feedparser keeps some: cut
        text, left_out = newest_items(text[begin.start() :] if begin else "", self.most_entries, self.now())
        if left_out:
            self.left_out[older_than(self.most_entries)] += left_out
        if max(text.count("<"), text.count("&")) > MAX_TAGS:
            raise ListingError(f"has more than {MAX_TAGS:,} tags or entities, which no feed has")
        plain = io.BytesIO(text.encode("utf-8", "replace"))
        try:
            with within(self.settings.getfloat("READ_TIMEOUT")):
                # Only the text of markup is kept; what else feedparser does with it takes longest, and hangs beyond any clock.
                feed = feedparser.parse(plain, response_headers=_UTF8, resolve_relative_uris=False, sanitize_html=False) if text else {}
        except LimitError as error:
            raise ListingError(str(error)) from None
        except Exception as error:  # half a reference, a declaration within a tag: it has no error of its own
            raise ListingError(f"cannot be read as a feed: {type(error).__name__}: {error}"[:200]) from None
        if not feed.get("version") and not feed.get("entries"):
            raise ListingError(f"is not a feed: begins with {decode(response.body[:200]).strip()[:60]!r}")
        language = str(feed["feed"].get("language") or "")
        for item in feed["entries"]:
            yield from self.entry(
                item.get("feedburner_origlink") or item.get("link") or "",
                response,
                source,
                headline=_plain(item.get("title")),
                summary=_plain(item.get("summary")),
                keywords=", ".join(_plain(tag.get("term")) for tag in item.get("tags", []))[:MAX_SUMMARY],
                published=_dated(item, feed["version"]),
                language=item.get("language") or language,
                authors="; ".join(_plain(author.get("name")) for author in item.get("authors", []) if author),
            )

    def _json_feed(self, response: Response, source: Source) -> Iterator[Entry]:
        try:
            feed: Any = json.loads(decode(response.body))
            items = feed["items"]
        except (ValueError, KeyError, TypeError, RecursionError):
            raise ListingError("is not a JSON Feed: no list of items") from None
        for item in _objects(items):
            link = item.get("url") or item.get("external_url")
            yield from self.entry(
                link if isinstance(link, str) else "",
                response,
                source,
                headline=_plain(item.get("title")),
                summary=_plain(item.get("summary") or item.get("content_text")),
                keywords=", ".join(_plain(tag) for tag in _list(item.get("tags")))[:MAX_SUMMARY],
                published=_plain(item.get("date_published")),
                language=_plain(item.get("language") or feed.get("language")),
                authors="; ".join(_plain(author.get("name")) for author in _objects(item.get("authors"))),
            )


def _dated(item: Any, version: str) -> str:
    """An entry's date as written: feedparser's own are hours off for KST and MSK and missing for German names.

    RSS 1.0 has one date, `dc:date`, which feedparser calls `updated`; elsewhere an update is no publication.
    """
    only = item.get("updated") if version in ("rss10", "rss090") else ""
    return one_line(item.get("published") or item.get("created") or only or "")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _objects(value: Any) -> list[dict[str, Any]]:
    return [part for part in _list(value) if isinstance(part, dict)]


def _plain(text: Any) -> str:
    """A feed's text without markup, entities and invisible characters, on one line."""
    if not isinstance(text, str):
        return ""
    return one_line(readable(remove_tags(remove_tags_with_content(text[: 10 * MAX_SUMMARY], ("script", "style")))))[:MAX_SUMMARY]
