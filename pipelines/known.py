"""What a crawl must know of the past. It is given to a spider; the spider never opens the database."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from pipelines.address import host, url_key
from pipelines.article import Entry, Gap, Health, Revisit


def keys_of(urls: Iterable[str]) -> bytes:
    """URLs as `Known` keeps them, eight bytes each: a year of 170 outlets (12 million listed) stays under 100 MB."""
    return array("Q", sorted(url_key(url) for url in urls)).tobytes()


def parted(decided: Iterable[tuple[str, int]]) -> tuple[bytes, bytes]:
    """The keys of decided URLs, apart from those with a 1, which their listing alone ruled out."""
    keys = array("Q"), array("Q")
    for url, unseen in decided:
        keys[unseen].append(url_key(url))
    seen, unseen_keys = (array("Q", sorted(found)).tobytes() for found in keys)
    return seen, unseen_keys


@dataclass(frozen=True)
class Known:
    """Which URLs are decided (`keys_of` them), which entries wait for a decision, which URLs an editor keeps, how far archives
    were read (path -> position; -1 when finished), how sources fare (by URL), which articles are due for another look, what was
    lost and not found yet; which URLs their listing alone ruled out (`keys_of` them, none of them among `keys`)."""

    keys: bytes = field(default=b"", repr=False)
    pending: tuple[Entry, ...] = ()
    kept: frozenset[str] = frozenset()
    archives: Mapping[str, int] = field(default_factory=dict)
    health: Mapping[str, Health] = field(default_factory=dict)
    revisits: tuple[Revisit, ...] = ()
    gaps: tuple[Gap, ...] = ()
    unseen: bytes = field(default=b"", repr=False)

    def decided(self, url: str) -> bool:
        """Whether this normalised URL has a decision that needs no other fetch."""
        return _has(self.keys, url) or self.ruled_out(url)

    def ruled_out(self, url: str) -> bool:
        """Whether this normalised URL was decided by what its listing said of it, and nobody saw the page."""
        return _has(self.unseen, url)

    def of(self, name: str, keys: bytes, unseen: bytes) -> Known:
        """The part that a crawl of one outlet needs, or of a host that belongs to none; `keys` and `unseen` are of its decided URLs."""
        return replace(
            self,
            keys=keys,
            unseen=unseen,
            pending=tuple(entry for entry in self.pending if name in (entry.outlet, host(entry.url))),
            health={url: health for url, health in self.health.items() if health.outlet == name},
            revisits=tuple(revisit for revisit in self.revisits if place(revisit.entry) == name),
            gaps=tuple(gap for gap in self.gaps if gap.source.outlet == name),
        )


def _has(keys: bytes, url: str) -> bool:
    key, sorted_keys = url_key(url), memoryview(keys).cast("Q")
    at = bisect_left(sorted_keys, key)
    return at < len(sorted_keys) and sorted_keys[at] == key


def place(entry: Entry) -> str:
    """Whose an article is: its outlet's, or its host's where the catalogue has none."""
    return entry.outlet or host(entry.url)
