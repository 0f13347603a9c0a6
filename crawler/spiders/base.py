"""What every spider does with what it lists: decide whether to follow, fetch, give each answer a verdict or a page.

A spider only turns a listing's response into entries. It never opens the database: `known` is given to it.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.answers import conditional, header, max_age, moved, resting, whole
from crawler.backfill import Backfills, ListingError
from crawler.budget import SpentError
from crawler.formats.listing import newest, said_of, stated
from crawler.locks import Locks
from crawler.manners import RestingError
from crawler.outcome import Outcome, outcome
from crawler.sources import load_sources
from crawler.visits import DENIED, Item, why
from pipelines.address import address_of as address_of
from pipelines.address import host, trap
from pipelines.article import Entry, Fetch, Outlet, Revisit, Source, SourceKind, Verdict
from pipelines.dates import latest, published
from pipelines.evidence import DateHint
from pipelines.health import asks_plainly, newest_first, oldest_date
from pipelines.known import place
from pipelines.relevance import worth_fetching
from pipelines.story import load_story


class ListingSpider(Backfills):
    """Base of all spiders.

    Args (as `-a NAME=VALUE`):
        outlet: limit the run to these ids, or hosts of no outlet, parted by commas.
        since: follow nothing that its listing dates before this day (YYYY-MM-DD).
        all: with 1, ask every source; without, those that are due.
    """

    kind: ClassVar[SourceKind]
    looks_again: ClassVar[bool] = False  # whether runs of this spider look at filed articles again
    looks_per_outlet: int
    most_entries: int
    left_out: Counter[str]  # entries of the listing that was read last, by why
    locks: Locks

    def __init__(self, *args: Any, outlet: str = "", since: str = "", all: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.everything = all not in ("", "0")
        self.chosen = {name.strip() for name in outlet.split(",") if name.strip()}
        self.since = date.fromisoformat(since) if since else None

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Settings: SOURCES, STORY, DATABASE (its folder holds the locks), RETRY_FAILED_AFTER, LISTING_ENTRIES."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        settings = crawler.settings
        spider.outlets = load_sources(settings["SOURCES"])
        spider.story = load_story(settings["STORY"])
        spider.locks = Locks(Path(settings["DATABASE"]).parent / "locks")
        spider.archive_index, spider.archive_capture = settings["ARCHIVE_INDEX"], settings["ARCHIVE_CAPTURE"]
        spider.looks_per_outlet = settings.getint("LOOKS_PER_OUTLET")
        spider.most_entries, spider.left_out = settings.getint("LISTING_ENTRIES"), Counter()
        spider.retry_after = timedelta(seconds=settings.getint("RETRY_FAILED_AFTER"))
        spider.page_maxsize = settings.getint("PAGE_MAXSIZE")
        return spider

    def entries(self, response: Response, source: Source) -> Iterable[Entry]:
        """The entries of a listing.

        Raises:
            ListingError: when the answer is no listing of this kind.
        """
        raise ListingError(f"{self.name} reads no listings")

    def idle(self) -> bool:
        """Whether a run now would ask for nothing: `start` would yield nothing."""
        return not self.due(self.now()) and not self.strangers()

    def due(self, now: datetime) -> dict[str, list[Source]]:
        """The outlets that a run now would ask something of, each with its sources that are due. One without any has entries
        that an earlier run left undecided, articles to be looked at again, or a gap."""
        looked_at = {revisit.entry.outlet for revisit in self._revisits()}
        busy = looked_at | {entry.outlet for entry in self.known.pending} | {gap.source.outlet for gap in self.known.gaps}
        wanted = [o for o in self.outlets if self._is_chosen(o.id) and (self._sources(o) or o.id in looked_at)]
        due = {outlet.id: [source for source in self._sources(outlet) if self._is_due(source, now)] for outlet in wanted}
        return {id_: sources for id_, sources in due.items() if sources or id_ in busy}

    def strangers(self) -> list[str]:
        """The hosts of no outlet that a run now would ask: found by a search, and followed from then on."""
        return list(dict.fromkeys(host for r in self._revisits() if not r.entry.outlet and self._is_chosen(host := place(r.entry))))

    async def start(self) -> AsyncIterator[Any]:
        """Ask what is `due` of every outlet that no other run holds: sources, entries, gaps, articles for another look."""
        due = self.due(self.now())
        held = [id_ for id_ in due if self._take(id_)]
        for source in (source for id_ in held for source in due[id_]):
            yield self._listing_request(source)
        for entry in self.known.pending:
            if entry.outlet in held:
                for item in self.follow(entry):
                    yield item
        for gap in self.known.gaps:
            if gap.source.kind == self.kind and gap.source.outlet in held and self.locks.take(host(self.archive_index)):
                yield self.ask_archive(gap)
        held += [name for name in self.strangers() if self.locks.take(name)]
        looks: Counter[str] = Counter()
        for revisit in self._revisits():
            name = place(revisit.entry)
            looks[name] += 1
            if looks[name] <= self.looks_per_outlet and name in held:
                yield self._look_again(revisit)

    def closed(self, reason: str) -> None:
        """Let other runs have the outlets."""
        self.locks.release()

    def outcome(self) -> Outcome:
        """How the run went so far."""
        stopped = {} if self.crawler.crawling else {"finish_reason": "shutdown"}  # Scrapy says so only after the books are closed
        return outcome({**self._stats.get_stats(), **stopped})

    def _sources(self, outlet: Outlet) -> list[Source]:
        return [source for source in outlet.sources if source.kind == self.kind]

    def _is_due(self, source: Source, now: datetime) -> bool:
        health = self.known.health.get(source.url)
        if health is None or health.state is None or self.everything:
            return True
        return health.state != "retired" and (health.next_due_at is None or health.next_due_at <= now)

    def _revisits(self) -> tuple[Revisit, ...]:
        return self.known.revisits if self.looks_again else ()

    def _is_chosen(self, name: str) -> bool:
        return not self.chosen or name in self.chosen

    def _take(self, name: str) -> bool:
        self._stats.inc_value("nachlese/outlets")
        if self.locks.take(name):
            return True
        self._stats.inc_value("nachlese/outlets_locked")
        self.logger.warning("%s is being asked by another run: skipped", name)
        return False

    # --- listings

    def _listing_request(self, source: Source) -> Request:
        health = self.known.health.get(source.url)
        headers = conditional(health.etag, health.last_modified) if health and not asks_plainly(health, self.now()) else {}
        return Request(
            source.url, self.parse_listing, errback=self.listing_failed, headers=headers, cb_kwargs={"source": source},
            dont_filter=True, priority=10,
        )  # fmt: skip

    def parse_listing(self, response: Response, source: Source) -> Iterator[Item]:
        """A listing's answer: what it lists is recorded in one piece, what could be the story is followed."""
        plain = self._answer(response, source)
        if plain.outcome == "unchanged":
            self._stats.inc_value("nachlese/sources_ok")
            yield plain
            return
        if response.status != 200:
            yield self._no_listing(source, f"HTTP {response.status}", response.status, retry_after=resting(response, self.now()))
            return
        try:
            listed = self.listed(response, source)
        except ListingError as error:
            yield self._no_listing(source, str(error), response.status)
            return
        self._stats.inc_value("nachlese/sources_ok")
        recent = [entry for entry in listed if not self._too_old_for_this_run(entry)]
        followed = [item for entry in recent for item in self.follow(entry)]
        if len(recent) < len(listed) or not whole(response.body):  # what this run left out the next must be given again
            plain = replace(plain, etag=None, last_modified=None, body_hash=None)
        yield replace(
            plain,
            outcome="ok" if listed else "empty",
            reason=self.missing(source),
            entries=tuple(recent),
            verdicts=tuple(item for item in followed if isinstance(item, Verdict)),
            urls=newest_first(listed),
            reaches_back_to=oldest_date(listed),
        )
        yield from (item for item in followed if not isinstance(item, Verdict))

    def _answer(self, response: Response, source: Source) -> Fetch:
        """What an answer says before it is read: `unchanged` by its status, or by a body that was seen before."""
        health = self.known.health.get(source.url)
        seen = hashlib.blake2b(response.body, digest_size=16).hexdigest() if response.body else None
        same = response.status == 304 or (response.status == 200 and health is not None and seen == health.body_hash is not None)
        fetch = Fetch(
            source,
            self.now(),
            "unchanged" if same else "ok",
            response.status,
            etag=header(response, "ETag"),
            last_modified=header(response, "Last-Modified"),
            size=len(response.body),
            body_hash=seen,
            conditional=b"If-None-Match" in (response.request or response).headers
            or b"If-Modified-Since" in (response.request or response).headers,
            moved_to=moved(response),
            rest=self.rest(response),
            skip_hours=self.skipped_hours(response),
        )
        if response.status == 304 and (not fetch.conditional or health is None or health.state == "failing"):
            return replace(fetch, outcome="failed", reason="HTTP 304 to a request that has nothing to compare with")
        return fetch

    def rest(self, response: Response) -> timedelta:
        """How long a listing asks to be left alone."""
        return max_age(response)

    def skipped_hours(self, response: Response) -> frozenset[int]:
        """The hours of the day (UTC) in which a listing brings nothing."""
        return frozenset()

    def listing_failed(self, failure: Failure) -> Fetch | None:
        """A listing without an answer; nothing to say of one that was not asked."""
        source: Source = failure.request.cb_kwargs["source"]  # type: ignore[attr-defined]
        if isinstance(failure.value, SpentError):
            return None
        if isinstance(failure.value, RestingError):
            return self._no_listing(source, why(failure), failure.value.status, retry_after=failure.value.until)
        return self._no_listing(source, why(failure), None, denied=isinstance(failure.value, IgnoreRequest))

    def _no_listing(
        self, source: Source, reason: str, status: int | None, *, denied: bool = False, retry_after: datetime | None = None
    ) -> Fetch:
        self._stats.inc_value("nachlese/sources_failed")
        self.logger.warning("%s: %s: %s", source.outlet, source.url, reason)
        return Fetch(source, self.now(), "denied" if denied or status in DENIED else "failed", status, reason, retry_after=retry_after)

    # --- entries

    def entry(self, link: str, response: Response, source: Source, **said: str) -> Iterator[Entry]:
        """One entry of a listing; none for a link that leads to no article. `link` may be relative."""
        if address := address_of(link, response.url):
            yield Entry(address, source.outlet, source.url, self.now(), **{name: stated(name, text) for name, text in said.items()})
        elif reason := trap(link, response.url):
            self.left_out[reason] += 1

    def listed(self, response: Response, source: Source) -> list[Entry]:
        """The entries of a listing, each URL once; of more than the most the newest. What is missing is in `left_out`.

        Raises:
            ListingError: when the answer is no listing of this kind.
        """
        self.left_out.clear()
        return newest(self.entries(response, source), self.most_entries, self.left_out)

    def missing(self, source: Source) -> str:
        """What is missing of the listing that was read last, in words."""
        if said := said_of(self.left_out):
            self.logger.warning("%s: %s: %s", source.outlet, source.url, said)
        return said

    def follow(self, entry: Entry) -> Iterator[Request | Verdict]:
        """A request for an entry that could be the story; a verdict for one that cannot; nothing if decided, unless its listing ruled it
        out and says something else by now: a live ticker has another headline every hour."""
        listed = f"{entry.words()}\n{entry.url}"
        if self.known.decided(entry.url):
            if not (self.known.ruled_out(entry.url) and entry.words() and worth_fetching(listed, self.story)):
                return
            yield self._verdict(entry.url, "off_story", "listed in other words by now: to be seen", stage="listing", again=True)
        if entry.url in self.known.kept:
            yield self.page_request(entry)
            return
        outlet = self.outlet(entry.outlet)
        if (outlet is None or outlet.scope == "match") and not worth_fetching(listed, self.story):
            yield self._verdict(entry.url, "off_story", f"the listing names nothing of {self.story.party}", stage="listing")
        elif (when := self._listed_at(entry)) and when.date() < self.story.since - timedelta(days=1):
            yield self._verdict(entry.url, "out_of_window", f"listed as of {when.date()}, before {self.story.since}", stage="listing")
        else:
            yield self.page_request(entry)

    def _listed_at(self, entry: Entry) -> datetime | None:
        """The latest instant that a listing's date allows."""
        zone = outlet.timezone if (outlet := self.outlet(entry.outlet)) else self.story.desk_timezone
        hints = [DateHint(entry.published, "listing")] if entry.published else []
        return latest(published(hints, fetched_at=entry.listed_at, timezone=zone, language=entry.language))

    def _too_old_for_this_run(self, entry: Entry) -> bool:
        if self.since is None or not (listed := self._listed_at(entry)):
            return False
        return listed < datetime.combine(self.since, time.min, ZoneInfo(self.story.desk_timezone))
