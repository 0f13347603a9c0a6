"""`scrapy sources`: the catalogue as a table."""

from __future__ import annotations

import argparse

from crawler.command import DeskCommand, say
from crawler.sources import load_sources


class Command(DeskCommand):
    """List outlets and how many sources of each kind they have."""

    def short_desc(self) -> str:
        """One line for `scrapy --help`."""
        return "List the outlets of the catalogue"

    def work(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print one line an outlet, then the sum."""
        outlets = load_sources(self.path("SOURCES"))
        row = "{:<28} {:<32} {:<3} {:<3} {:<18} {:<6} {:>5} {:>8} {:>5}"
        say(row.format("id", "name", "in", "lang", "time zone", "scope", "feeds", "sitemaps", "pages"))
        for outlet in outlets:
            kinds = [source.kind for source in outlet.sources]
            sitemaps = kinds.count("news_sitemap") + kinds.count("sitemap")
            facts = (outlet.id, outlet.name[:32], outlet.country, outlet.language, outlet.timezone, outlet.scope)
            say(row.format(*facts, kinds.count("feed"), sitemaps, kinds.count("page")))
        say(f"{len(outlets)} outlets, {sum(len(outlet.sources) for outlet in outlets)} sources")
