"""`scrapy refold`: learn each outlet's boilerplate anew, make the index from the stored texts, judge every article."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from crawler.command import BadUsageError, DeskCommand, say
from pipelines.refold import refold
from pipelines.store import Store
from pipelines.story import load_story


class Command(DeskCommand):
    """Fold everything stored anew; nothing is fetched, editors' corrections stand."""

    def short_desc(self) -> str:
        """One line for `scrapy --help`."""
        return "Learn boilerplate, rebuild the index and fold everything stored anew"

    def work(self, args: list[str], opts: argparse.Namespace) -> None:
        """Do it and say what changed."""
        if args:
            raise BadUsageError(f"{' '.join(args)}: refold takes no argument; it folds everything stored")
        story = load_story(self.path("STORY"))
        store = Store.open(self.path("DATABASE"))
        done = refold(store, story, datetime.now(UTC))
        store.close()
        say(f"{done.boilerplate} sentences are boilerplate; {done.articles} articles judged, {done.changed} folded otherwise")
