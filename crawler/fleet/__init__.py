"""Beyond one machine: outlets that are due, and what came of them, travel through Valkey (or Redis) as Dramatiq's messages.

`schedule` asks for crawls, `work` runs them, `courier` sends what they bring, `clerk` files it. The truth stays in the one
SQLite file: whatever is lost on the way is still due, and asked for again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

import redis
from dramatiq import Actor, Message, MessageProxy, Worker
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import Retries
from redis.backoff import NoBackoff
from redis.retry import Retry
from scrapy.settings import BaseSettings

from crawler.fleet.parcels import ParcelError

logger = logging.getLogger(__name__)

SPACE = "nachlese"  # before every key
OUTLETS, ARCHIVES, ARTICLES = "outlets", "archives", "articles"  # the queues
ACTORS = {OUTLETS: "crawl_outlet", ARCHIVES: "crawl_archive", ARTICLES: "file_articles"}
MAINTENANCE = 100_000  # of a million commands: how many look for the dead. A worker at rest gives two a second: it looks every 5 s
STOPPING = 40  # seconds for what is in hand when all is to end: a crawl that is told to stop takes up to 30
ALONE = 12  # without Valkey: most crawls end in 10, and one that does not ends with its worker
TRIES = 3  # of what the program fails at; then the message is set aside, where `scrapy fleet status` counts it
AWAY = (redis.ConnectionError, redis.TimeoutError)  # of a server that is down, restarts, or loads its data
T = TypeVar("T")


@dataclass
class Fleet:
    """The connection to Valkey, and what travels through it."""

    broker: RedisBroker
    where: str  # without a password
    lease: float  # seconds; whoever gives no sign of life for so long is taken for dead, and what it had in hand is given to others
    away: bool = False

    @classmethod
    def of(cls, settings: BaseSettings) -> Fleet:
        """Settings: FLEET_URL, FLEET_LEASE. Nothing is asked of the server yet.

        Raises:
            ValueError: when the URL is none of redis, rediss or unix.
        """
        url, lease = settings["FLEET_URL"], settings.getfloat("FLEET_LEASE")
        client = redis.Redis.from_url(url, socket_timeout=lease / 3, socket_connect_timeout=lease / 3, retry=Retry(NoBackoff(), 0))
        retries = Retries(max_retries=TRIES, min_backoff=1000, max_backoff=60_000)
        broker = RedisBroker(  # type: ignore[no-untyped-call]
            client=client, namespace=SPACE, middleware=[retries], heartbeat_timeout=int(1000 * lease), maintenance_chance=MAINTENANCE
        )
        parts = urlsplit(url)
        return cls(broker, f"{parts.hostname}:{parts.port or 6379}" if parts.hostname else parts.path, lease)

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
        return int(self.client.llen(key(queue)))

    def uptime(self) -> float:
        """Seconds since Valkey began."""
        said: Any = self.client.info("server")
        return float(said["uptime_in_seconds"])

    def serve(self, queues: list[str], do: Callable[[str], None], threads: int) -> Worker:
        """Take messages from queues, so many at a time; those of the first queue go first."""
        for priority, queue in enumerate(queues):
            Actor(
                _refusing(do),
                broker=self.broker,
                actor_name=ACTORS[queue],
                queue_name=queue,
                priority=priority,
                options={"throws": ParcelError},
            )
        for name in ("WorkerThread", *(f"ConsumerThread({queue}{suffix})" for queue in queues for suffix in ("", ".DQ"))):
            logging.getLogger(f"dramatiq.worker.{name}").addFilter(_without_payload)
        worker = Worker(self.broker, queues=set(queues), worker_threads=threads)
        worker.queue_prefetch = threads  # what waits here others cannot take
        worker.start()
        return worker

    def dismiss(self, worker: Worker) -> None:
        """End what `serve` began. Without Valkey nobody can be told that a message was dealt with: it comes again, to another."""
        try:
            self.client.ping()
            patience = STOPPING
        except AWAY:  # its crawls may have met that before the worker did
            patience = ALONE
        worker.stop(timeout=patience * 1000)

    def patiently(self, ask: Callable[[], T], stopped: Callable[[], bool]) -> T:
        """What `ask` returns, once Valkey can be reached.

        Raises:
            redis.ConnectionError, redis.TimeoutError: when it cannot and nobody wants to wait any longer.
        """
        while True:
            try:
                found = ask()
            except AWAY as error:
                self.missed(error)
                if stopped():
                    raise
                time.sleep(1)
            else:
                self.met()
                return found

    def missed(self, error: Exception) -> None:
        """Say once that Valkey cannot be reached."""
        if not self.away:
            logger.warning("Valkey at %s cannot be reached: waiting (%s)", self.where, str(error)[:200])
        self.away = True

    def met(self) -> None:
        """Say once that it can again."""
        if self.away:
            logger.warning("Valkey at %s is back", self.where)
        self.away = False


def _refusing(do: Callable[[str], None]) -> Callable[[str], None]:
    def refusing(payload: str) -> None:
        try:
            do(payload)
        except ParcelError as error:
            logger.error("set aside: %s", error)
            raise

    return refusing


def _without_payload(record: logging.LogRecord) -> bool:
    """Dramatiq logs a message that failed with all it carries, a page or more: its name says enough."""
    record.args = tuple(arg.actor_name if isinstance(arg, MessageProxy) else arg for arg in record.args or ())
    return True


def key(*parts: str) -> str:
    """A key of ours in Valkey."""
    return ":".join((SPACE, *parts))
