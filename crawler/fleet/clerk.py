"""The one who files: beside the SQLite file, what workers send, in the order in which it came."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from scrapy.settings import Settings

from crawler.fleet import Fleet, key
from crawler.fleet.parcels import End, Part, unpack
from crawler.outcome import unwritable
from pipelines.article import Reading
from pipelines.file import Filer
from pipelines.health import Pace
from pipelines.store import Store

logger = logging.getLogger(__name__)

DAY = 24 * 3600  # seconds for which it is remembered which run of the database a crawl is
REST = 10  # seconds until a database that cannot be written is tried again
AGAIN = 300  # seconds until an outlet whose crawl failed is asked for again


class Clerk:
    """Files parts. A part that comes twice, because whoever had it in hand was killed, files what is filed already."""

    def __init__(self, fleet: Fleet, settings: Settings, wait: Callable[[float], bool]) -> None:
        self.fleet = fleet
        self.store = Store.open(settings["DATABASE"])
        self.pace = Pace(*(timedelta(seconds=settings.getfloat(name)) for name in ("POLL_FASTEST", "POLL_SLOWEST")))
        self.wait = wait  # so many seconds, or until the end; whether it is the end

    def file(self, payload: str) -> None:
        """File one part. A database that cannot be written is waited for: what came stays with the clerk.

        Raises:
            ParcelError: for what is no part.
        """
        part = unpack(payload)
        while True:
            try:
                return self._file(part, datetime.now(UTC))
            except Exception as error:
                if not unwritable(error):
                    raise
                logger.error("cannot write the database: %s; tried again in %d s", error, REST)
                if self.wait(REST):
                    raise

    def close(self) -> None:
        """Close the file."""
        self.store.close()

    def _file(self, part: Part, now: datetime) -> None:
        run, content = self._run(part, now), part.content
        if isinstance(content, End):
            self._end(run, content, now)
        elif not (part.spider == "archives" and isinstance(content, Reading) and self.store.ledger.is_decided(content.listed, now)):
            Filer(self.store, part.story, run, self.pace).file(content, now)

    def _run(self, part: Part, now: datetime) -> int:
        """The run that a crawl is, of the database."""
        name = key("run", part.crawl)
        if known := self.fleet.client.get(name):
            return int(known)
        with self.store.transaction():
            run = self.store.ledger.open_run(part.spider, now)
        self.fleet.client.set(name, run, ex=DAY)
        return run

    def _end(self, run: int, end: End, now: datetime) -> None:
        with self.store.transaction():
            self.store.ledger.close_run(run, f"{end.name}: {end.sentence}", now)
        for name in end.asked:
            if end.sound:
                self.fleet.client.delete(key("asked", name))
            else:
                self.fleet.client.expire(key("asked", name), AGAIN)
