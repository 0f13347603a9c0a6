"""`scrapy keep URL`: an editor's word that a page belongs to the story, whatever its score."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import ClassVar, Literal

from crawler.command import BadUsageError, DeskCommand, say
from pipelines.address import canonical_url
from pipelines.file import Filer
from pipelines.store import Store
from pipelines.story import load_story


class Command(DeskCommand):
    """Record an editor's word; it stands above every rule, also in replay."""

    word: ClassVar[Literal["filed", "dropped"]] = "filed"
    answers: ClassVar[tuple[str, str]] = ("kept", "noted: the next `scrapy replay --apply` or crawl files it")

    def syntax(self) -> str:
        """The arguments."""
        return "[options] <url>"

    def short_desc(self) -> str:
        """One line for `scrapy --help`."""
        return "Keep a page on the story, whatever its score"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Why."""
        super().add_options(parser)
        parser.add_argument("--why", default="an editor's word", metavar="TEXT", help="goes on record with the decision")

    def work(self, args: list[str], opts: argparse.Namespace) -> None:
        """Record it."""
        url = canonical_url(args[0]) if len(args) == 1 else None
        if url is None:
            raise BadUsageError(f"{' '.join(args) or 'nothing'}: give one http(s) URL")
        store = Store.open(self.path("DATABASE"))
        there = Filer(store, load_story(self.path("STORY")).sha).say(url, self.word, opts.why, datetime.now(UTC))
        store.close()
        say(f"{url}: {self.answers[0] if there else self.answers[1]}")
