"""Beyond one machine: outlets that are due, and what came of them, travel through Valkey (or Redis) as Dramatiq's messages.

`schedule` asks for crawls, `work` runs them, `courier` sends what they bring, `clerk` files it. The truth stays in the one
SQLite file: whatever is lost on the way is still due, and asked for again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

import redis
from dramatiq import Actor, Message, Worker
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import Retries

from crawler.fleet.parcels import ParcelError

logger = logging.getLogger(__name__)

SPACE = "nachlese"  # before every key
OUTLETS, ARCHIVES, ARTICLES = "outlets", "archives", "articles"  # the queues
ACTORS = {OUTLETS: "crawl_outlet", ARCHIVES: "crawl_archive", ARTICLES: "file_articles"}
SIGN_OF_LIFE = 10  # seconds; whoever gave none for so long is taken for dead, and what it had in hand is given to others
MAINTENANCE = 100_000  # of a million commands: how many look for the dead. A worker at rest gives two a second: it looks every 5 s
TRIES = 3  # of what the program fails at; then the message is set aside, where `scrapy fleet status` counts it
AWAY = (redis.ConnectionError, redis.TimeoutError)  # of a server that is down, restarts, or loads its data
T = TypeVar("T")


@dataclass(frozen=True)
class Fleet:
    """The connection to Valkey, and what travels through it."""

    broker: RedisBroker
    where: str  # without a password

    @classmethod
    def at(cls, url: str) -> Fleet:
        """Nothing is asked of the server yet.

        Raises:
            ValueError: when the URL is none of redis, rediss or unix.
        """
        retries = Retries(max_retries=TRIES, min_backoff=1000, max_backoff=60_000)
        broker = RedisBroker(
            url=url, namespace=SPACE, middleware=[retries], heartbeat_timeout=1000 * SIGN_OF_LIFE, maintenance_chance=MAINTENANCE
        )
        parts = urlsplit(url)
        return cls(broker, f"{parts.hostname}:{parts.port or 6379}" if parts.hostname else parts.path)

    @property
    def client(self) -> redis.Redis:
        """Valkey itself."""
        client: redis.Redis = self.broker.client
        return client

    def send(self, queue: str, payload: str) -> None:
        """Add a message to a queue."""
        self.broker.enqueue(Message(queue_name=queue, actor_name=ACTORS[queue], args=(payload,), kwargs={}, options={}))

    def waiting(self, queue: str) -> int:
        """How many messages of a queue nobody has taken yet."""
        return int(self.client.llen(key(queue)))  # type: ignore[arg-type]

    def serve(self, queues: list[str], do: Callable[[str], None], threads: int) -> Worker:
        """Take messages from queues, so many at a time; those of the first queue go first."""
        for priority, queue in enumerate(queues):
            Actor(do, broker=self.broker, actor_name=ACTORS[queue], queue_name=queue, priority=priority, options={"throws": ParcelError})
        worker = Worker(self.broker, queues=set(queues), worker_threads=threads)
        worker.queue_prefetch = threads  # what waits here others cannot take
        worker.start()
        return worker

    def patiently(self, ask: Callable[[], T], stopped: Callable[[], bool]) -> T:
        """What `ask` returns, once Valkey can be reached; a log that it cannot, and that it can again.

        Raises:
            redis.ConnectionError, redis.TimeoutError: when it cannot and nobody wants to wait any longer.
        """
        away = False
        while True:
            try:
                found = ask()
            except AWAY as error:
                if stopped():
                    raise
                if not away:
                    logger.warning("Valkey at %s cannot be reached: waiting (%s)", self.where, str(error)[:200])
                away = True
                time.sleep(1)
            else:
                if away:
                    logger.warning("Valkey at %s is back", self.where)
                return found


def key(*parts: str) -> str:
    """A key of ours in Valkey."""
    return ":".join((SPACE, *parts))
