"""What is known on the way through a sitemap or an index of them. No network, no clock."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from crawler.backfill import ListingError
from crawler.formats.listing import newest
from pipelines.article import Entry, Fetch


@dataclass
class Walk:
    """The way through one index: what its files listed so far, which failed, how many have not answered."""

    fetch: Fetch
    domains: frozenset[str]
    open: int = 0
    asked: int = 0
    left_out: int = 0
    unasked: int = 0  # because the outlet had its share of the run
    cut: Counter[str] = field(default_factory=Counter)  # entries left out, by why
    listed: dict[str, Entry] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


@dataclass
class File:
    """What a file lists: entries, or as an index files with their last change; `promising` are those worth asking for."""

    is_index: bool = False
    fault: ListingError | None = None
    listed: dict[str, Entry] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    files: dict[str, datetime | None] = field(default_factory=dict)
    promising: list[str] | None = None

    def cut(self, most: int) -> None:
        """Of a flood of entries keep the newest."""
        self.listed = {entry.url: entry for entry in newest(self.listed.values(), most, self.left_out)}
