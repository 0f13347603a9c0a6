"""`scrapy replay`: what today's story file makes of everything stored; `--apply` does it."""

from __future__ import annotations

import argparse
import os
from collections import Counter
from datetime import UTC, datetime

from crawler.command import DeskCommand, printable, say
from pipelines.file import Filer
from pipelines.read import ReadPipeline
from pipelines.replay import Replay
from pipelines.store import Store
from pipelines.story import load_story


class Command(DeskCommand):
    """Decide every stored listing and page anew, without fetching."""

    def short_desc(self) -> str:
        """One line for `scrapy --help`."""
        return "Decide stored listings and pages anew with today's story file"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Whether to do it."""
        super().add_options(parser)
        parser.add_argument("--apply", action="store_true", help="make the changes; without it they are only printed")

    def work(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print each change, then how many of each kind."""
        assert self.settings is not None
        story_path = self.path("STORY")
        story = load_story(story_path)
        store = Store.open(self.path("DATABASE"))
        processes = self.settings.getint("READ_PROCESSES")
        reader = ReadPipeline(
            story_path, processes if processes >= 0 else os.cpu_count() or 1, self.settings.getfloat("READ_TIMEOUT"), False
        )
        filer = Filer(store, story.sha) if opts.apply else None
        replay = Replay(store, story, reader, datetime.now(UTC), filer, respect=self.settings.getbool("RESPECT_TDM_OPTOUT"))
        kinds: Counter[str] = Counter()
        try:
            for change in replay.run():
                kinds[f"{change.before} -> {change.after}"] += 1
                say(printable(f"{change.before} -> {change.after}  {change.url}  {change.reason}"))
        finally:
            reader.close_spider()
            store.close()
        for kind, count in kinds.most_common():
            say(f"{count:>6}  {kind}")
        done = "changed" if opts.apply else "would change; --apply does it"
        say(f"{sum(kinds.values())} decisions {done}")
