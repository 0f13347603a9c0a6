"""`scrapy join URL URL`: an editor's word that two articles are one report."""

from __future__ import annotations

from typing import ClassVar, Literal

from crawler.commands import split


class Command(split.Command):
    """Fold the later of two articles onto the earlier one; refold and replay respect it."""

    kind: ClassVar[Literal["split", "join"]] = "join"
    urls: ClassVar[int] = 2

    def syntax(self) -> str:
        """The arguments."""
        return "[options] <url> <url>"

    def short_desc(self) -> str:
        """One line for `scrapy --help`."""
        return "Correct a missed fold: these two articles are one report"
