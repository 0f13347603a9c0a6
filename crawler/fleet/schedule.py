"""What is due, asked for: a message an outlet. The same spiders say what they would ask as in a run on one machine."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from scrapy.crawler import Crawler
from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

from crawler.fleet import ARCHIVES, ARTICLES, OUTLETS, Fleet, key
from crawler.fleet.parcels import Task, pack
from crawler.sources import load_sources
from pipelines.address import host
from pipelines.file import prepare
from pipelines.known import Known
from pipelines.store import Store
from pipelines.story import load_story

logger = logging.getLogger(__name__)

SPIDERS = ("feeds", "sitemaps", "pages")  # in this order: what the one asks of an outlet the next need not
READ = -1  # how far an archive was read: to its end
SENDING = 60  # seconds for which a task that is about to be sent is taken for sent
WAIT = 3600  # seconds a task may wait before it is asked for again; while it is worked on the worker says so


class Scheduler:
    """Asks for crawls. Reads the database, and writes what the catalogue says of outlets when that changed."""

    def __init__(self, fleet: Fleet, store: Store, settings: Settings) -> None:
        self.fleet = fleet
        self.store = store
        self.settings = settings
        self.spiders = SpiderLoader.from_settings(settings)
        self._told = ""

    def round(self, now: datetime) -> int:
        """Ask for what is due and not asked for yet, as long as not too much waits; how many crawls."""
        self.tell(now)
        if self.fleet.uptime() <= self.fleet.lease + 1:  # a Valkey that forgot all: whoever holds an outlet is given time to say so
            return 0
        room = self.settings.getint("FLEET_AHEAD") - self.fleet.waiting(OUTLETS)
        if room <= 0 or self.fleet.waiting(ARTICLES) >= self.settings.getint("FLEET_WAITING"):
            return 0
        standing = self.store.ledger.standing(now, self.settings.getint("LOOKS_PER_OUTLET"))
        sent = 0
        for spider, name in self._due(standing, now):
            if sent >= room:
                break
            sent += self._ask(OUTLETS, spider, name, {"outlet": name}, standing, now)
        return sent

    def archives(self, paths: Sequence[str], now: datetime) -> int:
        """Ask for WARC files, each a crawl of its own, from where an earlier one stopped; how many."""
        self.tell(now)
        standing = self.store.ledger.standing(now)
        unread = [path for path in paths if standing.archives.get(path) != READ]
        return sum(self._ask(ARCHIVES, "archives", path, {"file": path}, standing, now) for path in unread)

    def _due(self, standing: Known, now: datetime) -> Iterator[tuple[str, str]]:
        for kind in SPIDERS:
            spider: Any = self.spiders.load(kind).from_crawler(Crawler(self.spiders.load(kind), self.settings))
            spider.known = standing
            for name in [*spider.due(now), *spider.strangers()]:
                yield kind, name

    def _ask(self, queue: str, spider: str, name: str, arguments: dict[str, str], standing: Known, now: datetime) -> int:
        crawl = uuid4().hex
        if not self._mark(name, crawl):
            return 0
        asked, known = [name], self._known(queue, name, standing, now)
        archive = host(self.settings["ARCHIVE_INDEX"])
        if known.gaps and self._mark(archive, crawl):  # one crawl at a time asks the web archive
            asked.append(archive)
        elif known.gaps:
            known = replace(known, gaps=())
        story, sources = (Path(self.settings[name]).read_text(encoding="utf-8") for name in ("STORY", "SOURCES"))
        parcel = pack(Task(crawl, spider, name, tuple(asked), arguments, story, sources, known))
        self.fleet.send(queue, parcel)
        for each in asked:
            self.fleet.client.expire(key("asked", each), WAIT)
        return 1

    def _known(self, queue: str, name: str, standing: Known, now: datetime) -> Known:
        if queue == ARCHIVES:
            return Known(archives={name: standing.archives.get(name, 0)}, kept=standing.kept)
        return standing.of(name, *self.store.ledger.decided_of(name, now))

    def _mark(self, name: str, crawl: str) -> bool:
        if self.fleet.client.exists(key("held", name)):  # by a worker, though Valkey forgot that it was asked for
            return False
        return bool(self.fleet.client.set(key("asked", name), crawl, nx=True, ex=SENDING))

    def tell(self, now: datetime) -> None:
        """Bring the database to the story and the catalogue, when they changed."""
        story, outlets = load_story(self.settings["STORY"]), load_sources(self.settings["SOURCES"])
        if (said := f"{story.sha} {hash(tuple(outlets))}") != self._told:
            prepare(self.store, story, outlets, now)
            self._told = said
