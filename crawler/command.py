"""What our commands share: a story, a database, and errors that end with a sentence and an exit code."""

from __future__ import annotations

import argparse
import re
import signal
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

from scrapy import Spider
from scrapy.commands import ScrapyCommand
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.exceptions import UsageError
from scrapy.settings import BaseSettings, Settings

from crawler.guard import Allowed
from crawler.outcome import FAULT, UNWRITABLE, USAGE, unwritable
from crawler.settings import VERSION
from crawler.sources import CatalogueError
from pipelines.store import StoreError
from pipelines.story import StoryError


class BadUsageError(ValueError):
    """An argument or setting is wrong: says which, what was found, what to do."""


class NotDoneError(RuntimeError):
    """What was asked for could not be done: `code` is the exit code, the text says why."""

    def __init__(self, code: int, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


# The first class that fits gives the exit code.
_CODES: tuple[tuple[type[Exception], int], ...] = (
    (BadUsageError, USAGE),
    (StoryError, USAGE),
    (CatalogueError, USAGE),
    (StoreError, UNWRITABLE),
)


@contextmanager
def plain_errors(command: ScrapyCommand) -> Iterator[None]:
    """Turn the errors a person can mend into their sentence on standard error and the exit code."""
    try:
        yield
    except NotDoneError as error:
        sys.stderr.write(f"nachlese: {error}\n")
        command.exitcode = error.code
    except tuple(kind for kind, _ in _CODES) as error:
        sys.stderr.write(f"nachlese: {error}\n")
        command.exitcode = next((code for kind, code in _CODES if isinstance(error, kind)), FAULT)
    except (sqlite3.Error, OSError) as error:
        if not unwritable(error):
            raise
        sys.stderr.write(f"nachlese: cannot write the database: {error}; `scrapy doctor` looks further\n")
        command.exitcode = UNWRITABLE


SMALLEST_DELAY = 0.01  # seconds


def introduce(settings: BaseSettings) -> None:
    """What every command that asks the web does first: say in the user agent who asks, keep a pause between
    requests, obey robots.txt.

    Raises:
        BadUsageError: when CONTACT is neither a page nor an address.
    """
    contact = (settings["CONTACT"] or "").strip()
    if "@" not in contact and not contact.startswith(("http://", "https://")):
        raise BadUsageError(
            f"CONTACT is {contact!r}; set it to a page or address where an outlet can reach you, "
            "for example: scrapy crawl feeds -s CONTACT=https://newsroom.example/monitor"
        )
    try:
        Allowed(settings["ALLOW_PRIVATE_ADDRESSES"])
    except ValueError as error:
        raise BadUsageError(f"ALLOW_PRIVATE_ADDRESSES: {error}; give True, False, or networks such as 127.10.0.0/16") from None
    # With a delay of 0 Scrapy 2.19 starts a host's whole queue at once, whatever CONCURRENT_REQUESTS_PER_DOMAIN says.
    settings.set("DOWNLOAD_DELAY", max(SMALLEST_DELAY, settings.getfloat("DOWNLOAD_DELAY")), priority="cmdline")
    settings.set("USER_AGENT", f"Nachlese/{VERSION} (+{contact})", priority="cmdline")


def ask_web(settings: Settings, kind: type[Spider], **arguments: Any) -> None:
    """Run a spider that keeps what it finds in its arguments, to its end.

    Raises:
        NotDoneError: when it was stopped before its end, or did not begin.
    """
    interrupt = signal.getsignal(signal.SIGINT)
    process = AsyncCrawlerProcess(settings)
    crawler = process.create_crawler(kind)
    process.crawl(crawler, **arguments)
    process.start()
    signal.signal(signal.SIGINT, interrupt)  # Scrapy keeps its own, and a question on the terminal could not be broken off
    stats = crawler.stats.get_stats() if crawler.stats else {}
    if process.bootstrap_failed or stats.get("nachlese/faults"):
        raise NotDoneError(FAULT, "a fault of the program; -s LOG_ENABLED=True shows it")
    if stats.get("finish_reason") != "finished":
        raise NotDoneError(FAULT, "stopped before its end")


class DeskCommand(ScrapyCommand):
    """A command that needs no crawl. Subclasses write `work`."""

    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def work(self, args: list[str], opts: argparse.Namespace) -> None:
        """Do it; raise one of our errors to end with a sentence."""
        raise UsageError

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """`work`, with its errors as sentences."""
        with plain_errors(self):
            self.work(args, opts)

    def path(self, setting: str) -> Path:
        """A setting that is a path."""
        assert self.settings is not None
        return Path(self.settings[setting])


_ESCAPES = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def printable(text: str) -> str:
    """A text from outside without the control characters that a terminal would obey."""
    return _ESCAPES.sub(" ", text)


def say(line: str = "") -> None:
    """A line for a person, on standard output."""
    sys.stdout.write(f"{line}\n")
