"""`scrapy seed`: files the example articles. Again: changes nothing."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from crawler.command import BadUsageError, DeskCommand, say
from pipelines.file import Filer
from pipelines.store import Store
from pipelines.story import load_story


class Command(DeskCommand):
    """File the seeds that lie beside the story file."""

    def short_desc(self) -> str:
        """One line for `scrapy --help`."""
        return "File the example articles of the story"

    def work(self, args: list[str], opts: argparse.Namespace) -> None:
        """Read and file each seed."""
        from pipelines.seed import read_seed, seed_files  # reading is a heavy import, and Scrapy imports all commands

        story_path = self.path("STORY")
        story = load_story(story_path)
        files = seed_files(story_path.parent)
        if not files:
            raise BadUsageError(f"{story_path.parent}: holds no *.txt; put the example articles there")
        now = datetime.now(UTC)
        store = Store.open(self.path("DATABASE"))
        with store.transaction():
            store.ledger.tell(story)
        filer = Filer(store, story.sha)
        filed = sum(filer.file_seed(read_seed(file, story, now=now), now) for file in files)
        store.close()
        say(f"{len(files)} seeds, {filed} of them new or changed")
