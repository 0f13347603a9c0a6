"""What our commands share: a story, a database, and errors that end with a sentence and an exit code."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawler.outcome import FAULT, UNWRITABLE, USAGE
from crawler.sources import CatalogueError
from pipelines.seed import SeedError
from pipelines.store import StoreError
from pipelines.story import StoryError


class BadUsageError(ValueError):
    """An argument or setting is wrong: says which, what was found, what to do."""


# The first class that fits gives the exit code.
_CODES: tuple[tuple[type[Exception], int], ...] = (
    (BadUsageError, USAGE),
    (StoryError, USAGE),
    (CatalogueError, USAGE),
    (SeedError, USAGE),
    (StoreError, UNWRITABLE),
)


@contextmanager
def plain_errors(command: ScrapyCommand) -> Iterator[None]:
    """Turn the errors a person can mend into their sentence on standard error and the exit code."""
    try:
        yield
    except tuple(kind for kind, _ in _CODES) as error:
        sys.stderr.write(f"nachlese: {error}\n")
        command.exitcode = next((code for kind, code in _CODES if isinstance(error, kind)), FAULT)


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
