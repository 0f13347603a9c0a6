"""`scrapy fleet`: crawl beyond one machine."""

from __future__ import annotations

import argparse
import math
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any, ClassVar

from scrapy.exceptions import UsageError
from scrapy.settings import SETTINGS_PRIORITIES

from crawler.command import BadUsageError, DeskCommand, NotDoneError, introduce, say
from crawler.outcome import LOCKED, UNAVAILABLE

BEAT = 1  # seconds between two signs of life, and two looks whether it is time for a round
OURS = ("DATABASE", "STORY", "SOURCES", "FLEET_URL", "USER_AGENT")  # settings that a worker does not hand to its crawls


class Command(DeskCommand):
    """start: ask workers for what is due, and file what they send. work: be a worker. archives: ask for WARC files.
    status: how it goes."""

    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": True}

    def syntax(self) -> str:
        """As the usage line shows it."""
        return "start | work | archives FILE... | status"

    def short_desc(self) -> str:
        """One line for the list of commands."""
        return "Crawl on several machines: the one with the database, workers, and Valkey between them"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """What `work` may be told."""
        super().add_options(parser)
        parser.add_argument("--crawls", type=int, default=4, metavar="N", help="work: so many outlets at a time")
        parser.add_argument("--only", choices=("outlets", "archives"), help="work: on these alone")

    def work(self, args: list[str], opts: argparse.Namespace) -> None:
        """One of them."""
        from crawler.fleet import Fleet  # heavy, as are those below; no other command needs them

        verbs = {"start": self._start, "work": self._work, "archives": self._archives, "status": self._status}
        if not args or args[0] not in verbs or (len(args) > 1) != (args[0] == "archives"):
            raise UsageError
        assert self.settings is not None
        if not self.settings["FLEET_URL"]:
            raise BadUsageError("FLEET_URL is not set; give Valkey's address, for example FLEET_URL=redis://:password@valkey:6379/0")
        try:
            self.fleet = Fleet.of(self.settings)
        except ValueError as error:
            raise BadUsageError(f"FLEET_URL: {error}") from None
        self.ended = threading.Event()
        verbs[args[0]](args[1:], opts)

    # --- the machine with the database

    def _start(self, args: list[str], opts: argparse.Namespace) -> None:
        """File what comes, and ask for what is due, until told to stop."""
        from crawler.fleet import ARTICLES, AWAY
        from crawler.fleet.clerk import Clerk
        from crawler.fleet.schedule import Scheduler
        from pipelines.store import Store

        assert self.settings is not None
        store = Store.open(self.settings["DATABASE"])
        clerk = Clerk(self.fleet, self.settings, self.ended.wait)
        scheduler = Scheduler(self.fleet, store, self.settings)
        with self._told_to_stop(), self._alone() as stay:
            scheduler.tell(datetime.now(UTC))  # before the first part is filed
            consumer = self.fleet.serve([ARTICLES], clerk.file, threads=1)
            say(f"nachlese: filing into {self.settings['DATABASE']}, asking for what is due every {self.settings['FLEET_ROUND']} s")
            due = 0.0
            while not self.ended.wait(BEAT):
                try:
                    stay()
                    if time.monotonic() >= due:
                        due = time.monotonic() + self.settings.getfloat("FLEET_ROUND")
                        scheduler.round(datetime.now(UTC))
                    self.fleet.met()
                except AWAY as error:
                    self.fleet.missed(error)
            self.fleet.dismiss(consumer)
        clerk.close()
        store.close()

    @contextmanager
    def _alone(self) -> Iterator[Callable[[], None]]:
        """Be the only consumer; what is yielded says that we still are."""
        from redis.exceptions import LockError

        from crawler.fleet import AWAY, key

        lock = self.fleet.client.lock(key("consumer"), timeout=self.fleet.lease, thread_local=False)
        patience = time.monotonic() + 2 * self.fleet.lease  # one that was killed holds it for a while yet
        while not self._reaching(lambda: self.fleet.patiently(lambda: lock.acquire(blocking=False), self.ended.is_set)):
            if self.ended.wait(BEAT) or time.monotonic() > patience:
                raise NotDoneError(LOCKED, "another `scrapy fleet start` files already; one database has one")

        def stay() -> None:
            try:
                lock.reacquire()
            except LockError:  # a Valkey that forgot us
                if not lock.acquire(blocking=False, token=lock.local.token):
                    raise NotDoneError(LOCKED, "another `scrapy fleet start` took over") from None

        try:
            yield stay
        finally:
            with suppress(LockError, *AWAY):
                lock.release()

    def _archives(self, args: list[str], opts: argparse.Namespace) -> None:
        """Ask for WARC files: paths as workers see them, or URLs; `-` reads them from standard input, one a line."""
        from crawler.fleet.schedule import Scheduler
        from pipelines.store import Store

        assert self.settings is not None
        named = [line for arg in args for line in (sys.stdin.read().splitlines() if arg == "-" else [arg])]
        store = Store.open(self.settings["DATABASE"])
        scheduler = Scheduler(self.fleet, store, self.settings)
        sent = self._reaching(lambda: scheduler.archives(list(filter(None, named)), datetime.now(UTC)))
        store.close()
        say(f"asked for {sent} of {len(named)} archives; the others are read already, or were asked for before")

    # --- a worker

    def _work(self, args: list[str], opts: argparse.Namespace) -> None:
        """Crawl what is asked for, until told to stop."""
        from crawler.fleet import ARCHIVES, OUTLETS
        from crawler.fleet.nursery import Nursery
        from crawler.fleet.work import Hands

        assert self.settings is not None
        introduce(self.settings)
        options = {name: str(self.settings[name]) for name in self.settings if self._given(name)}
        hands = Hands(self.fleet, Nursery(self.settings["FLEET_URL"]), options, self.ended.is_set)
        queues = [opts.only] if opts.only else [OUTLETS, ARCHIVES]
        with self._told_to_stop():
            worker = self.fleet.serve(queues, hands.crawl, threads=max(1, opts.crawls))
            say(f"nachlese: crawling up to {opts.crawls} outlets at a time for {self.fleet.where}")
            me = f"{socket.gethostname()}, process {os.getpid()}"
            while not self.ended.wait(BEAT):
                self._alive(me)
            self.fleet.dismiss(worker)

    def _given(self, name: str) -> bool:
        assert self.settings is not None
        return name not in OURS and (self.settings.getpriority(name) or 0) >= SETTINGS_PRIORITIES["cmdline"]

    def _alive(self, me: str) -> None:
        from crawler.fleet import AWAY, key

        try:
            self.fleet.client.set(key("worker", me), 1, ex=math.ceil(self.fleet.lease))
            self.fleet.met()
        except AWAY as error:
            self.fleet.missed(error)

    # --- how it goes

    def _status(self, args: list[str], opts: argparse.Namespace) -> None:
        """Who is there, what waits, what is in hand, what was set aside."""
        from crawler.fleet import ARCHIVES, ARTICLES, OUTLETS

        seen = self._reaching(self._seen)
        say(f"valkey    {self.fleet.where}, {seen['memory']} of memory")
        say(f"consumer  {'here' if seen['consumer'] else 'NONE: what workers send waits until `scrapy fleet start` runs'}")
        say(f"workers   {'; '.join(seen['workers']) or 'NONE: nothing is crawled until `scrapy fleet work` runs'}")
        for queue in (OUTLETS, ARCHIVES, ARTICLES):
            aside = f", {seen[queue + '.XQ']} SET ASIDE: no try succeeded, the log of the process says why" if seen[queue + ".XQ"] else ""
            say(f"{queue:9} {seen[queue]} wait{aside}")
        say(f"in hand   {'; '.join(seen['held']) or 'nothing'}")
        if not seen["consumer"] or not seen["workers"]:
            raise NotDoneError(UNAVAILABLE, "the fleet is not complete")

    def _seen(self) -> dict[str, Any]:
        from crawler.fleet import ACTORS, key

        client = self.fleet.client
        seen: dict[str, Any] = {queue: self.fleet.waiting(queue) for queue in ACTORS}
        seen |= {f"{queue}.XQ": client.zcard(key(f"{queue}.XQ")) for queue in ACTORS}
        for kind in ("worker", "held"):
            names = (name.decode("utf-8", "replace") for name in client.scan_iter(key(kind, "*"), count=1000))
            seen[{"worker": "workers"}.get(kind, kind)] = sorted(name.removeprefix(key(kind, "")) for name in names)
        info: Any = client.info("memory")
        return seen | {"consumer": client.exists(key("consumer")), "memory": info["used_memory_human"]}

    # --- together

    def _reaching(self, ask: Callable[[], Any]) -> Any:
        from crawler.fleet import AWAY

        try:
            return ask()
        except AWAY as error:
            raise NotDoneError(UNAVAILABLE, f"Valkey at {self.fleet.where} cannot be reached: {str(error)[:200]}") from None

    @contextmanager
    def _told_to_stop(self) -> Iterator[None]:
        """SIGTERM and Ctrl-C end it in good order."""
        before = {number: signal.signal(number, lambda *_: self.ended.set()) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
