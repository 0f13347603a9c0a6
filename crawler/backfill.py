"""What a listing lost between two fetches, asked of a web archive: captures of the listing itself, one after the other, until
they lead without a break from the one fetch to the other."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.budget import OUTLET, SpentError
from crawler.visits import Item, Visits, why
from pipelines.address import host
from pipelines.article import Backfill, Entry, Gap, Source, Verdict
from pipelines.health import bridged, newest_first

MOST = 48  # captures of one gap that are asked for, evenly spread over those there are
INDEXED = 5000  # rows of an index that are read
_STAMP = "%Y%m%d%H%M%S"


class ListingError(ValueError):
    """A listing is not what it should be: says what was found instead."""


@dataclass
class _Walk:
    """The way through a gap: captures still to ask for, the earliest last; what those so far listed, newest first each."""

    gap: Gap
    left: list[str]
    listings: list[tuple[str, ...]] = field(default_factory=list)
    listed: dict[str, Entry] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


class Backfills(Visits):
    """The third of a spider that closes gaps. Settings: ARCHIVE_INDEX (a CDX server), ARCHIVE_CAPTURE (with `{at}`, `{url}`)."""

    archive_index: str
    archive_capture: str

    @abstractmethod
    def entries(self, response: Response, source: Source) -> Iterable[Entry]:
        """The entries of a listing.

        Raises:
            ListingError: when the answer is no listing of this kind.
        """

    @abstractmethod
    def follow(self, entry: Entry) -> Iterator[Request | Verdict]:
        """A request for an entry that could be the story; a verdict for one that cannot; nothing if decided."""

    def ask_archive(self, gap: Gap) -> Request:
        """The request for the list of captures within a gap."""
        asked: dict[str, Any] = {"url": gap.source.url, "output": "json", "fl": "timestamp", "collapse": "digest", "limit": INDEXED}
        asked |= {"filter": "statuscode:200", "from": gap.begin.strftime(_STAMP), "to": gap.end.strftime(_STAMP)}
        return self._archived(f"{self.archive_index}?{urlencode(asked)}", self.parse_captures, _Walk(gap, []))

    def parse_captures(self, response: Response, walk: _Walk) -> Iterator[Item]:
        """Choose from the list of captures; without any, the gap stays open."""
        if response.status != 200:
            yield self._found_nothing(walk, f"the archive's index answered HTTP {response.status}")
            return
        try:
            stamps = sorted({str(row[0]) for row in json.loads(response.body or b"[]")[1:] if _is_instant(str(row[0]))})
        except (ValueError, LookupError, TypeError, RecursionError):
            yield self._found_nothing(walk, f"the archive's index is no list: begins with {response.body[:60]!r}")
            return
        if not stamps:
            yield self._found_nothing(walk, "the archive has no capture of that time")
            return
        step = max(1.0, len(stamps) / MOST)
        walk.left = [stamps[int(place * step)] for place in range(min(len(stamps), MOST))][::-1]
        yield self._next_capture(walk)

    def parse_capture(self, response: Response, walk: _Walk) -> Iterator[Item]:
        """Read one capture as its listing is read, then ask for the next; after the last, say what became of the gap."""
        source = walk.gap.source
        try:
            if response.status != 200:
                raise ListingError(f"HTTP {response.status}")
            listed = list({entry.url: entry for entry in self.entries(response.replace(url=source.url), source)}.values())
            walk.listings.append(newest_first(listed))
            walk.listed |= {entry.url: entry for entry in listed}
        except ListingError as error:
            walk.faults.append(f"{response.url}: {error}")
        yield from self._on(walk)

    def archive_failed(self, failure: Failure) -> Iterator[Item]:
        """A capture, or the list of them, without an answer. Where the archive had its share of the run before any capture came,
        there is nothing to say: the next run asks."""
        walk: _Walk = failure.request.cb_kwargs["walk"]  # type: ignore[attr-defined]
        if isinstance(failure.value, SpentError):
            if not walk.listings:
                return
            walk.left.clear()
        walk.faults.append(why(failure))
        yield from self._on(walk)

    def _on(self, walk: _Walk) -> Iterator[Item]:
        if walk.left:
            yield self._next_capture(walk)
            return
        followed = [item for entry in walk.listed.values() for item in self.follow(entry)]
        yield Backfill(
            walk.gap,
            self.now(),
            host(self.archive_index),
            "; ".join([f"{len(walk.listings)} captures", f"{len(walk.listed)} entries", *walk.faults[:3]]),
            closed=bridged(walk.gap.before, walk.gap.after, walk.listings) if walk.listings else False,
            entries=tuple(walk.listed.values()),
            verdicts=tuple(item for item in followed if isinstance(item, Verdict)),
        )
        yield from (item for item in followed if not isinstance(item, Verdict))

    def _next_capture(self, walk: _Walk) -> Request:
        url = self.archive_capture.format(at=walk.left.pop(), url=walk.gap.source.url)
        return self._archived(url, self.parse_capture, walk)

    def _archived(self, url: str, callback: Any, walk: _Walk) -> Request:
        asked = {OUTLET: host(self.archive_index)}  # the archive's own account, not that of the outlet whose gap it is
        return Request(url, callback, errback=self.archive_failed, cb_kwargs={"walk": walk}, dont_filter=True, meta=asked)

    def _found_nothing(self, walk: _Walk, note: str) -> Backfill:
        return Backfill(walk.gap, self.now(), host(self.archive_index), note)


def _is_instant(stamp: str) -> bool:
    try:
        return len(stamp) == 14 and bool(datetime.strptime(stamp, _STAMP))  # noqa: DTZ007 -- only asked whether it is one
    except ValueError:
        return False
