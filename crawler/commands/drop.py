"""`scrapy drop URL`: an editor's word that a page does not belong to the story."""

from __future__ import annotations

from typing import ClassVar, Literal

from crawler.commands import keep


class Command(keep.Command):
    """Take an article out of every view; its copies find another origin."""

    word: ClassVar[Literal["filed", "dropped"]] = "dropped"
    answers: ClassVar[tuple[str, str]] = ("dropped", "noted: it will not be filed")

    def short_desc(self) -> str:
        """One line for `scrapy --help`."""
        return "Drop a page from the story, whatever its score"
