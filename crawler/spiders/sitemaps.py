"""Sitemaps: news sitemaps with the title, date and language that they give, plain ones by `lastmod`, and indexes of both."""

from __future__ import annotations

import asyncio
import time as clock
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.backfill import ListingError
from crawler.budget import OUTLET, SpentError
from crawler.formats.listing import said_of
from crawler.formats.sitemap import MAX_UNPACKED, SitemapError, address, is_recent, read_sitemap, worth_asking, written
from crawler.formats.walk import File, Walk
from crawler.spiders.base import ListingSpider
from crawler.visits import Item, why
from pipelines.address import registered_domain
from pipelines.article import Entry, Fetch, Outlet, Source, Verdict
from pipelines.health import newest_first, oldest_date
from pipelines.markup import readable

TURN = 0.05  # seconds that a file is read before other hosts have theirs: a sitemap of 50 MB and 500,000 addresses takes 50 s
MAX_DEPTH = 3  # from the catalogue's index: an index of indexes of indexes is the deepest whose files are read
_Rows = tuple[tuple[bool, Iterator[dict[str, str]]], ListingError | None]


class SitemapsSpider(ListingSpider):
    """`scrapy crawl sitemaps`: news sitemaps whole, plain ones and the files of indexes as far as they are recent.

    Recent is what changed in the last SITEMAP_DAYS days, or since `-a since`.
    """

    name = "sitemaps"
    kind = "news_sitemap"
    days: timedelta
    most_files: int
    held_at_once: int
    files: set[str]  # of indexes, asked for in this run
    files_of: Counter[str]  # how many of them, by outlet
    ahead: tuple[Response, File] | None = None  # the file that was read last

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Settings: SITEMAP_DAYS, SITEMAP_FILES, SITEMAP_ENTRIES, and those of every spider."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.days = timedelta(days=crawler.settings.getfloat("SITEMAP_DAYS"))
        spider.most_files = crawler.settings.getint("SITEMAP_FILES")
        spider.held_at_once = spider.most_entries = crawler.settings.getint("SITEMAP_ENTRIES")
        spider.files, spider.files_of = set(), Counter()
        return spider

    def entries(self, response: Response, source: Source) -> Iterator[Entry]:
        """The `<url>` elements; Scrapy's own reader would drop `news:title` and `news:publication_date`."""
        is_index, rows = _read(response)
        if is_index:
            raise ListingError("is an index of sitemaps nested too deep")
        since, zone = self._opening(), self._zone(source)
        for said in rows:
            yield from self._entry(said, response, source, since, zone)

    def _entry(self, said: dict[str, str], response: Response, source: Source, since: datetime, zone: str) -> Iterator[Entry]:
        changed = said.get("lastmod", "") or said.get("publication_date", "")
        if source.kind != "news_sitemap" and not is_recent(said.get("loc", ""), changed, since, zone):
            return
        yield from self.entry(
            said.get("loc", ""),
            response,
            source,
            headline=readable(said.get("title", "")),  # some escape twice: Pj&amp;ouml;ngjang
            keywords=readable(said.get("keywords", "")),
            published=said.get("publication_date", "") or said.get("lastmod", ""),
            language=said.get("language", ""),
        )

    def _sources(self, outlet: Outlet) -> list[Source]:
        return [source for source in outlet.sources if source.kind in ("news_sitemap", "sitemap")]

    def _listing_request(self, source: Source) -> Request:
        request = super()._listing_request(source).replace(callback=self.in_turn)
        request.meta["download_maxsize"] = self.settings.getint("SITEMAP_MAXSIZE")
        if self.since or self.everything:
            for name in ("If-None-Match", "If-Modified-Since"):
                request.headers.pop(name, None)
        return request

    def _answer(self, response: Response, source: Source) -> Fetch:
        """A run with another window than the last one's reads what is unchanged too, and leaves no mark for the next."""
        fetch = super()._answer(response, source)
        if response.status == 200 and (self.since or self.everything):
            return replace(fetch, outcome="ok", etag=None, last_modified=None, body_hash=None)
        return fetch

    def _opening(self) -> datetime:
        """What changed before this instant is not asked for."""
        if self.since:
            return datetime.combine(self.since, time.min, ZoneInfo(self.story.desk_timezone))
        return self.now() - self.days

    def _zone(self, source: Source) -> str:
        return outlet.timezone if (outlet := self.outlet(source.outlet)) else self.story.desk_timezone

    # --- files, a slice at a time

    async def in_turn(self, response: Response, **given: Any) -> AsyncIterator[Item]:
        """`parse_listing` or `parse_file`, once the file was read with pauses: meanwhile other hosts go on. A run that is told to
        stop reads no further, and nothing is said of the file."""
        walk: Walk | None = given.get("walk")
        source = walk.fetch.source if walk else given["source"]
        domains = walk.domains if walk else _domains(source, response)
        if response.status == 200 and (walk or self._answer(response, source).outcome != "unchanged"):
            file = File()
            for _ in self._slices(file, await asyncio.to_thread(_read_or_fault, response), response, source, domains):
                await asyncio.sleep(0)
                if not self.crawler.crawling:
                    return
            file.promising = await asyncio.to_thread(worth_asking, file.files.items(), self._opening())
            self.ahead = response, file
        for item in list(self.parse_file(response, **given) if walk else self.parse_listing(response, **given)):
            yield item  # listed first: in the pauses between them another file may be ahead

    def _slices(self, file: File, read: _Rows, response: Response, source: Source, domains: frozenset[str]) -> Iterator[None]:
        """Fill in what a file says; a pause after each TURN."""
        (file.is_index, rows), file.fault = read
        since, zone, end = self._opening(), self._zone(source), clock.monotonic() + TURN
        for said in rows:
            if file.is_index:
                url = address(said.get("loc", ""), response.url)
                if url and registered_domain(url) in domains:
                    file.files[url] = written(said.get("lastmod", ""), zone)
            else:
                self.left_out.clear()  # in the pause another file may have been read
                file.listed |= {entry.url: entry for entry in self._entry(said, response, source, since, zone)}
                if self.left_out:
                    file.left_out += self.left_out
                if len(file.listed) >= 2 * self.most_entries:
                    file.cut(self.most_entries)
            if clock.monotonic() > end:
                yield
                end = clock.monotonic() + TURN
        file.cut(self.most_entries)

    def _file(self, response: Response, source: Source, domains: frozenset[str] = frozenset()) -> File:
        """What a file says, read already or, without pauses, now."""
        if self.ahead is None or self.ahead[0] is not response:
            self.ahead = response, File()
            list(self._slices(self.ahead[1], _read_or_fault(response), response, source, domains or _domains(source, response)))
        return self.ahead[1]

    def listed(self, response: Response, source: Source) -> list[Entry]:
        """As of every listing. An index has files, and none of them here."""
        file = self._file(response, source)
        self.left_out = file.left_out.copy()
        if file.fault or file.is_index:
            raise file.fault or ListingError("is an index of sitemaps nested too deep")
        return list(file.listed.values())

    # --- indexes

    def parse_listing(self, response: Response, source: Source) -> Iterator[Item]:
        """A sitemap is a listing; of an index the recent files are asked for, and filed together as one fetch of it.

        An index is never `unchanged`, whatever its validators say: its files change without it.
        """
        if response.status != 200 or self._answer(response, source).outcome == "unchanged" or not self._file(response, source).is_index:
            yield from super().parse_listing(response, source)
            return
        fetch = replace(self._answer(response, source), outcome="ok", reason="", etag=None, last_modified=None, body_hash=None)
        walk = Walk(fetch, _domains(source, response))
        self.files |= {source.url, response.url}  # an index may list itself
        yield from self._files(response, walk, depth=1)
        yield from self._filed(walk)

    def parse_file(self, response: Response, walk: Walk, depth: int) -> Iterator[Item]:
        """A file of an index: its entries, or the files of an index in it. One that fails is said, the rest goes on."""
        try:
            if response.status != 200:
                raise ListingError(f"HTTP {response.status}")
            if registered_domain(response.url) not in walk.domains:
                raise ListingError(f"leads to {response.url}")
            walk.fetch = replace(walk.fetch, size=walk.fetch.size + len(response.body))
            if depth < MAX_DEPTH and self._file(response, walk.fetch.source, walk.domains).is_index:
                yield from self._files(response, walk, depth + 1)
            else:
                walk.listed |= {entry.url: entry for entry in self.listed(response, walk.fetch.source)}
                walk.cut += self.left_out
        except ListingError as error:
            walk.faults.append(f"{response.request.url if response.request else response.url}: {error}")
        walk.open -= 1
        yield from self._filed(walk)

    def file_failed(self, failure: Failure) -> Iterable[Item]:
        """A file of an index without an answer."""
        request: Request = failure.request  # type: ignore[attr-defined]
        walk: Walk = request.cb_kwargs["walk"]
        if isinstance(failure.value, SpentError):
            walk.unasked += 1
        else:
            walk.faults.append(f"{request.url}: {why(failure)}")
        walk.open -= 1
        return self._filed(walk)

    def _files(self, response: Response, walk: Walk, depth: int) -> list[Request]:
        """Requests for the files of an index that are recent, on the same registered domain, and not asked for yet."""
        file = self._file(response, walk.fetch.source, walk.domains)
        promising = worth_asking(file.files.items(), self._opening()) if file.promising is None else file.promising
        wanted = [url for url in promising if url not in self.files]
        outlet = walk.fetch.source.outlet
        chosen = wanted[: max(0, self.most_files - self.files_of[outlet])]
        self.files.update(chosen)
        self.files_of[outlet] += len(chosen)
        walk.left_out += len(wanted) - len(chosen)
        walk.open += len(chosen)
        walk.asked += len(chosen)
        return [self._file_request(url, walk, depth) for url in chosen]

    def _file_request(self, url: str, walk: Walk, depth: int) -> Request:
        return Request(
            url, self.in_turn, errback=self.file_failed, cb_kwargs={"walk": walk, "depth": depth}, dont_filter=True, priority=9,
            meta={"download_maxsize": self.settings.getint("SITEMAP_MAXSIZE"), OUTLET: walk.fetch.source.outlet},
        )  # fmt: skip

    def _filed(self, walk: Walk) -> Iterator[Item]:
        """What the files of an index listed, as one fetch of the index, once all have answered; a flood of them in parts.

        One fetch and not one a file: neighbouring files share no entry, which would look like a gap.
        """
        if walk.open and len(walk.listed) < self.held_at_once:
            return
        if walk.asked and walk.asked == walk.unasked:  # neither a failure nor a success: the next run asks
            return
        listed, walk.listed = list(walk.listed.values()), {}
        recent = [entry for entry in listed if not self._too_old_for_this_run(entry)]
        followed = [item for entry in recent for item in self.follow(entry)]
        decided = tuple(item for item in followed if isinstance(item, Verdict))
        fetch = replace(walk.fetch, at=self.now(), outcome="ok" if listed else "empty", entries=tuple(recent), verdicts=decided)
        yield fetch if walk.open else self._ended(walk, fetch, listed)
        yield from (item for item in followed if not isinstance(item, Verdict))

    def _ended(self, walk: Walk, fetch: Fetch, listed: list[Entry]) -> Fetch:
        """The last fetch of an index. It reaches back, and so closes gaps, only if no file is missing."""
        faults = [f"{len(walk.faults)} of {walk.asked} files failed: {'; '.join(walk.faults)}"[:300]] if walk.faults else []
        faults += [f"{walk.left_out} files left out, {self.most_files} are the most a run asks for"] if walk.left_out else []
        faults += [f"{walk.unasked} of {walk.asked} files not asked for: the outlet had its share of the run"] if walk.unasked else []
        faults += [said_of(walk.cut)] if walk.cut else []
        lost = bool(walk.faults) and len(walk.faults) == walk.asked - walk.unasked
        self._stats.inc_value("nachlese/sources_failed" if lost else "nachlese/sources_ok")
        if faults:
            self.logger.warning("%s: %s: %s", fetch.source.outlet, fetch.source.url, "; ".join(faults))
        fetch = replace(fetch, outcome="failed" if lost else fetch.outcome, reason="; ".join(faults), urls=newest_first(listed))
        return fetch if faults else replace(fetch, reaches_back_to=oldest_date(listed))


def _read(response: Response) -> tuple[bool, Iterator[dict[str, str]]]:
    try:
        return read_sitemap(response.body, response.meta.get("download_maxsize", MAX_UNPACKED) if response.request else MAX_UNPACKED)
    except SitemapError as error:
        raise ListingError(str(error)) from None


def _read_or_fault(response: Response) -> _Rows:
    try:
        return _read(response), None
    except ListingError as error:
        return (False, iter(())), error


def _domains(source: Source, response: Response) -> frozenset[str]:
    """Whose files an index may list."""
    return frozenset(registered_domain(url) for url in (source.url, response.url))
