"""A worker's part: run `scrapy crawl` for one task, in a process and a folder of its own, while nobody else asks that outlet."""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from dramatiq.errors import Retry
from redis.exceptions import LockError
from redis.lock import Lock

from crawler.fleet import ARTICLES, AWAY, Fleet, key
from crawler.fleet.nursery import Nursery
from crawler.fleet.parcels import End, Part, Task, pack, unpack
from crawler.fleet.schedule import WAIT
from crawler.outcome import LOCKED, SOUND, UNAVAILABLE

logger = logging.getLogger(__name__)

BREATH = 0.2  # seconds between two looks at the crawl: it takes two and more
FAREWELL = 30  # seconds a crawl that was told to stop may take: it ends in under ten
DONE = (SOUND, UNAVAILABLE, LOCKED)  # exit codes of a crawl that did what could be done


class Hands:
    """Runs tasks. `options` are settings for every crawl; `stopped` says whether the worker is to end."""

    def __init__(self, fleet: Fleet, nursery: Nursery, options: Mapping[str, str], stopped: Callable[[], bool]) -> None:
        self.fleet = fleet
        self.nursery = nursery
        self.options = options
        self.stopped = stopped

    def crawl(self, payload: str) -> None:
        """Run one task to its end. What it read is with the clerk by then; of a crawl that failed the clerk is told.

        Raises:
            ParcelError: for what is no task.
            Retry: when the worker is stopped before the crawl came to its end.
        """
        task: Task = unpack(payload)
        with self._held(task) as lock, tempfile.TemporaryDirectory(prefix="nachlese-") as folder:
            if lock is None:
                logger.info("%s is in the hands of another worker: left to it", task.name)
                return
            code = self._run(task, Path(folder), lock)
        if code not in DONE and self.stopped():
            raise Retry("the worker was stopped", delay=1000)  # milliseconds; for another one
        if code not in DONE:
            logger.error("%s: the crawl ended with code %d", task.name, code)
            part = Part(task.crawl, task.spider, "", End(task.name, task.asked, f"the crawl ended with code {code}", sound=False))
            self.fleet.patiently(lambda: self.fleet.send(ARTICLES, pack(part)), self.stopped)

    @contextmanager
    def _held(self, task: Task) -> Iterator[Lock | None]:
        """The outlet, as long as this goes on. Whoever had it and was killed holds it for a few seconds yet."""
        lock = self.fleet.client.lock(key("held", task.name), timeout=self.fleet.lease, thread_local=False)
        if not lock.acquire(blocking_timeout=2 * self.fleet.lease):
            yield None
            return
        try:
            yield lock
        finally:
            with suppress(LockError, *AWAY):
                lock.release()

    def _run(self, task: Task, folder: Path, lock: Lock) -> int:
        process = self._start(task, folder)
        renewed, ends = time.monotonic(), float("inf")
        while (code := self.nursery.code(process)) is None:
            now = time.monotonic()
            if now - renewed > self.fleet.lease / 3:
                if (held := self._renew(task, lock, now - renewed)) is False:
                    process.kill()
                renewed = now if held is not None else renewed
            if self.stopped() and ends == float("inf"):
                ends = now + FAREWELL
                process.terminate()
            if now > ends:
                process.kill()
            wait([process.sentinel], BREATH)
        process.close()
        return code

    def _start(self, task: Task, folder: Path) -> BaseProcess:
        given = {"FLEET_TASK": folder / "task", "STORY": folder / "story.toml", "SOURCES": folder / "sources.toml"}
        for path, text in zip(given.values(), (pack(task), task.story, task.sources), strict=True):
            path.write_text(text, encoding="utf-8")
        settings = {**self.options, **{name: str(path) for name, path in given.items()}}
        arguments = [part for name, value in task.arguments.items() for part in ("-a", f"{name}={value}")]
        arguments += [part for name, value in settings.items() for part in ("-s", f"{name}={value}")]
        return self.nursery.begin(folder, [task.spider, *arguments])

    def _renew(self, task: Task, lock: Lock, since: float) -> bool | None:
        """Hold on to the outlet; False when the crawl must end, None when Valkey could not be asked. Where nobody listens any more
        others cannot take the outlet either; where nothing is heard, they may have."""
        try:
            for name in task.asked:
                self.fleet.client.expire(key("asked", name), WAIT)  # if the clerk has not heard of the end yet
            lock.reacquire()
        except LockError:  # a Valkey that forgot us
            if lock.acquire(blocking=False, token=lock.local.token):
                return True
            logger.warning("%s is in the hands of another worker by now: given up", task.name)
            return False
        except AWAY as error:
            if since < self.fleet.lease or isinstance(error.__context__, ConnectionRefusedError):
                return None
            logger.warning("%s: nothing heard of Valkey for %d s, others may have the outlet: given up", task.name, since)
            return False
        return True
