"""Archives: WARC files as Common Crawl's CC-NEWS publishes them, local or by URL. Looked at bytes first, resumed where a run stopped."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Self
from urllib.parse import urljoin

from scrapy import signals
from scrapy.crawler import Crawler

from crawler.formats.download import ERRORS, Download, is_remote
from crawler.formats.warc import Archive, BrokenError, Record, Snapshot
from crawler.spiders.base import ListingSpider
from pipelines.address import canonical_url, public_id, url_key
from pipelines.article import Entry, Page, Progress

COMMON_CRAWL = "https://data.commoncrawl.org/"
MAX_LIST = 64 * 1024 * 1024  # bytes; the longest list of Common Crawl, 90,000 paths, has 13 MB
BATCH = 200  # records looked at in one go: 3.4 s at 17 ms a page of 335 kB (183 real ones), then a stop is heeded
PAGES = 8  # of a batch: 128 MiB at the worst
UNDER_WAY = 16  # items on their way through the pipelines; more would pile up in memory
EVERY = 1000  # records between two marks of progress: 17 s of looking are lost at most


@dataclass(slots=True)
class _Batch:
    """What came of some records: the byte where the first begins, pages that could be the story, what ended the archive."""

    position: int | None = None
    looked: int = 0
    found: list[tuple[str, Snapshot]] = field(default_factory=list)
    end: BrokenError | bool = False  # True: read to its end


class ArchivesSpider(ListingSpider):
    """`scrapy crawl archives`

    Args (as `-a NAME=VALUE`):
        file: WARC files, paths or http(s) URLs, parted by blanks.
        list: a path or URL of a list of WARC files, one a line, plain or gzipped.
        base: what the lines of the list are relative to: a URL, or a folder.
        again: with 1, from the beginning, whatever earlier runs have read.
    With `outlet` or `since` only some pages are looked at, so progress is neither used nor kept.
    """

    name = "archives"

    def __init__(self, *args: Any, file: str = "", list: str = "", base: str = COMMON_CRAWL, again: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not file.split() and not list:
            raise ValueError("name WARC files with -a file=, or a list of them with -a list=")
        self.named = [path if is_remote(path) else str(Path(path).resolve()) for path in file.split()]
        self.list, self.base = list, base
        for path in [*self.named, *([list] if list else [])]:
            if not is_remote(path) and not Path(path).is_file():
                raise ValueError(f"{path}: no such file")
        self.whole = not self.chosen and self.since is None
        self.again = again not in ("", "0") or not self.whole
        self._seen: set[int] = set()
        self._under_way = 0
        self._filed = asyncio.Event()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Settings: those of every spider, ARCHIVE_MAXSIZE, PAGE_MAXSIZE, DOWNLOAD_STALLED, USER_AGENT."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        for signal in (signals.item_scraped, signals.item_dropped, signals.item_error):
            crawler.signals.connect(spider._left, signal=signal)
        return spider

    def idle(self) -> bool:
        """Never: it is run to ask."""
        return False

    async def start(self) -> AsyncIterator[Any]:
        """One archive after the other."""
        listed = await self._listed() if self.list else []
        for path in dict.fromkeys([*self.named, *listed]):
            position = 0 if self.again else self.known.archives.get(path, 0)
            if position < 0:
                self.logger.info("%s: read to its end by an earlier run; -a again=1 reads it again", path)
            elif self._take(f"archive-{public_id(path)}-{path[-60:]}"):
                async for item in self._archive(path, position):
                    await self._room(UNDER_WAY)
                    self._under_way += 1
                    yield item

    # --- where archives are

    async def _listed(self) -> list[str]:
        """The archives of the list; what lies not under `base` is left out."""
        try:
            with ExitStack() as closing:
                file = await self._fetched(self.list, 0, closing, MAX_LIST) if is_remote(self.list) else None
                raw = file.file.read() if file else Path(self.list).read_bytes()
            lines = _unpacked(raw).decode("utf-8", "replace").split("\n")
        except (*ERRORS, zlib.error) as error:
            self._fail(self.list, error)
            return []
        paths = {line.strip(): located(line.strip(), self.base) for line in lines if line.strip()}
        if outside := [line for line, path in paths.items() if path is None]:
            self.logger.warning("%s: %d lines lie not under %s, the first is %.100r", self.list, len(outside), self.base, outside[0])
        return [path for path in paths.values() if path]

    async def _fetched(self, url: str, start: int, closing: ExitStack, most: int) -> Download:
        """A file by URL, on disk beside the database while `closing` is open."""
        agent, timeout = self.settings["USER_AGENT"], self.settings.getfloat("DOWNLOAD_STALLED")
        folder = Path(self.settings["DATABASE"]).parent
        download = closing.enter_context(Download(url, folder, most=most, agent=agent, timeout=timeout, start=start))
        await asyncio.to_thread(download.begin)
        while await asyncio.to_thread(download.more):
            pass
        download.file.seek(0)
        return download

    # --- one archive

    async def _archive(self, path: str, position: int) -> AsyncIterator[Entry | Page | Progress]:
        """Its pages that could be the story, and from time to time how far it is read."""
        try:
            with ExitStack() as closing:
                if is_remote(path):
                    file = await self._fetched(path, position, closing, self.settings.getint("ARCHIVE_MAXSIZE"))
                    archive = Archive(file.file, offset=file.offset, most=self.settings.getint("PAGE_MAXSIZE"))
                    missing = file.missing
                else:
                    local = closing.enter_context(await asyncio.to_thread(Path(path).open, "rb"))
                    archive, missing = Archive(local, most=self.settings.getint("PAGE_MAXSIZE")), 0
                async for item in self._read(path, archive, position, missing):
                    yield item
        except ERRORS as error:
            self._fail(path, error)

    async def _read(self, path: str, archive: Archive, position: int, missing: int) -> AsyncIterator[Entry | Page | Progress]:
        records = archive.records(position)
        batch, looked, found = _Batch(), 0, 0
        while not batch.end:
            batch = await asyncio.to_thread(self._look, records)
            if batch.position is not None and looked // EVERY < (looked + batch.looked) // EVERY:
                async for mark in self._mark(path, batch.position, finished=False):
                    yield mark
            looked, found = looked + batch.looked, found + len(batch.found)
            for url, snapshot in batch.found:
                for item in self._items(url, snapshot):
                    yield item
        self.logger.info("%s: %d records from byte %d, %d pages that could be the story", path, looked, position, found)
        broken = batch.end if isinstance(batch.end, BrokenError) else None
        if missing and not broken:
            broken = BrokenError(archive.size, f"the download ended {missing} bytes early")
        async for mark in self._mark(path, broken.position if broken else archive.size, finished=not broken):
            yield mark
        if broken or archive.damage:
            self._fail(path, "; ".join([*archive.damage[:5], *([str(broken)] if broken else [])]))
        else:
            self._stats.inc_value("nachlese/sources_ok")

    def _look(self, records: Iterator[Record]) -> _Batch:
        """In a thread: the next records, until there are enough of them or of pages."""
        batch = _Batch()
        try:
            while batch.looked < BATCH and len(batch.found) < PAGES:
                record = next(records)
                batch.position = record.position if batch.position is None else batch.position
                batch.looked += 1
                if record.snapshot and (url := self._wanted(record.snapshot)):
                    batch.found.append((url, record.snapshot))
        except StopIteration:
            batch.end = True
        except BrokenError as error:
            batch.end = error
        return batch

    def _wanted(self, snapshot: Snapshot) -> str | None:
        """The normalised URL of a page that is not decided and could be the story; the oldest of each address."""
        url = canonical_url(snapshot.url)
        if url is None or self.known.decided(url) or url_key(url) in self._seen or not self._is_asked_for(url, snapshot):
            return None
        if url not in self.known.kept and not self.could_be_story(snapshot.html, snapshot.charset):
            return None
        self._seen.add(url_key(url))
        return url

    def _is_asked_for(self, url: str, snapshot: Snapshot) -> bool:
        outlet = self.publisher(url)
        if self.chosen and (outlet is None or outlet.id not in self.chosen):
            return False
        if self.since and snapshot.at.date() < self.since - timedelta(days=1):  # it is that day somewhere already
            return False
        return snapshot.at < self.now() + timedelta(days=1)  # a record of the future has no date

    def _items(self, url: str, snapshot: Snapshot) -> Iterable[Entry | Page]:
        outlet = self.publisher(url)
        entry = Entry(url, outlet.id if outlet else None, None, snapshot.at)
        page = Page(
            url=url,
            final_url=url,
            http_status=200,
            fetched_at=snapshot.at,
            html=snapshot.html,
            charset=snapshot.charset,
            outlet=entry.outlet,
            language=outlet.language if outlet else None,
            timezone=outlet.timezone if outlet else self.story.desk_timezone,
            entry=entry,
            kept=url in self.known.kept,
        )
        return entry, page

    async def _mark(self, path: str, position: int, *, finished: bool) -> AsyncIterator[Progress]:
        """How far an archive is read, once all that was found so far is filed: a killed run loses nothing."""
        await self._room(0)
        if self.whole:
            yield Progress(path, position, finished, self.now())

    def _fail(self, path: str, why: object) -> None:
        self._stats.inc_value("nachlese/sources_failed")
        self.logger.error("%s: %s", path, why)

    # --- back-pressure: Scrapy starts what `start` yields at once, however much is under way

    async def _room(self, most: int) -> None:
        """Wait until at most so many items are on their way through the pipelines."""
        while self._under_way > most:
            self._filed.clear()
            await self._filed.wait()

    def _left(self) -> None:
        self._under_way -= 1
        self._filed.set()


def located(line: str, base: str) -> str | None:
    """Where a line of a list leads to; None when that is not under `base`."""
    if is_remote(base):
        root = f"{base.rstrip('/')}/"
        try:
            url = urljoin(root, line)
        except ValueError:  # http://[x
            return None
        return url if url.startswith(root) else None
    if is_remote(line):
        return None
    path = (Path(base) / line).resolve()
    return str(path) if path.is_relative_to(Path(base).resolve()) else None


def _unpacked(raw: bytes) -> bytes:
    return zlib.decompressobj(wbits=31).decompress(raw, MAX_LIST) if raw.startswith(b"\x1f\x8b") else raw
