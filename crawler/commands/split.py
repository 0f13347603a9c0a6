"""`scrapy split URL`: an editor's word that an article was folded wrongly and stands for itself."""

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
    """Correct a wrong fold; refold and replay respect it."""

    kind: ClassVar[Literal["split", "join"]] = "split"
    urls: ClassVar[int] = 1

    def syntax(self) -> str:
        """The arguments."""
        return "[options] <url>"

    def short_desc(self) -> str:
        """One line for `scrapy --help`."""
        return "Correct a wrong fold: this article stands for itself"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Why."""
        super().add_options(parser)
        parser.add_argument("--why", default="an editor's word", metavar="TEXT", help="goes on record with the correction")

    def work(self, args: list[str], opts: argparse.Namespace) -> None:
        """Record it, fold anew what depends on it, say how it stands now."""
        urls = [arg if arg.startswith("seed:") else canonical_url(arg) for arg in args]
        if len(urls) != self.urls or None in urls:
            raise BadUsageError(f"{' '.join(args) or 'nothing'}: give {'one URL' if self.urls == 1 else 'two URLs'} of filed articles")
        url, *other = [str(url) for url in urls]
        store = Store.open(self.path("DATABASE"))
        try:
            filer = Filer(store, load_story(self.path("STORY")).sha)
            missing = [each for each in (url, *other) if store.memory.by_url(each) is None]
            if missing:
                raise BadUsageError(f"{missing[0]}: no article is filed there; `scrapy export --view articles_list` lists them")
            for line in filer.correct(self.kind, url, other[0] if other else None, opts.why, datetime.now(UTC)):
                say(line)
        finally:
            store.close()
