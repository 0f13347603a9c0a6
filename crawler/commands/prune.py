"""`scrapy prune`: ages out stored pages and full texts; what folding and novelty need stays."""

from __future__ import annotations

import argparse
import re
from datetime import UTC, datetime, timedelta

from crawler.command import BadUsageError, DeskCommand, say
from pipelines.store import Store
from pipelines.store.prune import prune


class Command(DeskCommand):
    """Take away what is older than it may be kept."""

    def short_desc(self) -> str:
        """One line for `scrapy --help`."""
        return "Age out stored pages and full texts, and free their space"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """How old what may be kept."""
        super().add_options(parser)
        parser.add_argument("--pages", default="", metavar="AGE", help="delete stored pages fetched longer ago (30d, 52w)")
        parser.add_argument("--text", default="", metavar="AGE", help="take away the full texts of articles fetched longer ago (365d)")

    def work(self, args: list[str], opts: argparse.Namespace) -> None:
        """Do it and say how much went."""
        if args or not (opts.pages or opts.text):
            raise BadUsageError("prune: say what is too old, for example: scrapy prune --pages 30d --text 365d")
        now = datetime.now(UTC)
        pages, texts = (now - span if span else None for span in (_age("--pages", opts.pages), _age("--text", opts.text)))
        path = self.path("DATABASE")
        if not path.exists():
            raise BadUsageError(f"{path}: there is no database to prune; set DATABASE")
        store = Store.open(path)
        try:
            done = prune(store, now, pages=pages, texts=texts)
        finally:
            store.close()
        say(f"{done.pages} pages deleted, {done.texts} texts aged out; the file is {max(0, done.freed) / 1e6:.1f} MB smaller")


def _age(option: str, written: str) -> timedelta | None:
    """`30d` or `52w` as a span.

    Raises:
        BadUsageError: when it is neither.
    """
    if not written:
        return None
    match = re.fullmatch(r"(\d{1,4})([dw])", written.strip())
    if not match:
        raise BadUsageError(f"{option} {written!r}: write days or weeks, for example 30d or 52w")
    return timedelta(days=int(match[1]) * (7 if match[2] == "w" else 1))
