"""`scrapy backup PATH`: a consistent copy of the database, while a crawl writes; looked at before it counts."""

from __future__ import annotations

import argparse
from pathlib import Path

from crawler.command import BadUsageError, DeskCommand, say
from pipelines.store.backup import back_up


class Command(DeskCommand):
    """Copy the database to a file."""

    def syntax(self) -> str:
        """What follows the command's name."""
        return "[options] PATH"

    def short_desc(self) -> str:
        """One line for `scrapy --help`."""
        return "Copy the database as it stands, while others write, and check the copy"

    def work(self, args: list[str], opts: argparse.Namespace) -> None:
        """Do it and say what the copy holds."""
        if len(args) != 1:
            raise BadUsageError("backup: name one file for the copy, for example: scrapy backup /backup/news.db")
        made = back_up(self.path("DATABASE"), Path(args[0]))
        newest = f", the newest filed {made.newest}" if made.newest else ""
        say(
            f"{made.path}: {made.articles} articles{newest}, {made.decisions} decisions, {made.pages} stored pages; "
            f"{made.size / 1e6:.1f} MB, whole and checked"
        )
