"""GDELT: a search over the world's news that adds outlets nobody listed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Self
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from crawler.answers import resting
from crawler.formats.search import CODES, FULL, NAMES, AnswerError, Slice, queries, records, slices, throttles
from crawler.manners import PATIENT
from crawler.spiders.base import ListingSpider
from crawler.visits import DENIED, Item, why
from pipelines.address import host
from pipelines.article import Entry, Fetch, Outlet, Source, Verdict
from pipelines.markup import readable
from pipelines.text import one_line

DAY = timedelta(days=1)
SMALLEST_DELAY = 0.01  # seconds; with none Scrapy starts a host's whole queue at once
MARGIN = 1.1  # times the delay asked for: what leaves here evenly spaced does not arrive so
PATIENCE = 4  # times a throttled call is made again, each after twice the delay: about three minutes in all
LONGEST_WAIT = timedelta(minutes=10)  # that a Retry-After may ask for within a run
HOSTS = 400  # of no known outlet, locked by one run: each holds a file open, and 1,024 is a usual limit


@dataclass(frozen=True, slots=True)
class Ask:
    """One call: what is asked for, of which time, for which source (a language), and how often it was throttled."""

    source: Source
    query: str
    span: Slice
    throttled: int = 0


class GdeltSpider(ListingSpider):
    """`scrapy crawl gdelt`: asks call by call, halves what comes back full, and follows like every other spider.

    Args (as `-a NAME=VALUE`):
        since, until: first and last day (YYYY-MM-DD, the desk's) that GDELT saw the articles; without them the last day.
        languages: their codes, parted by commas; without them all of the story's.
    """

    name = "gdelt"
    kind = "search"

    def __init__(self, *args: Any, until: str = "", languages: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.until = date.fromisoformat(until) if until else None
        if self.since and self.until and self.since > self.until:
            raise ValueError(f"since {self.since} is after until {self.until}")
        self.languages = [code.strip().lower() for code in languages.split(",") if code.strip()]
        if unknown := [code for code in self.languages if code not in NAMES]:
            raise ValueError(f"languages {','.join(unknown)} cannot be searched; there are {', '.join(NAMES)}")
        self.left: list[Ask] = []  # the next one last
        self.seen: set[str] = set()
        self.held: dict[str, bool] = {}  # outlets and hosts this run may ask, or may not

    api: str
    pace: float  # seconds between two calls
    sources: dict[str, Source]  # by language

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Give the API's host its own pace."""
        super().update_settings(settings)
        pace = max(SMALLEST_DELAY, settings.getfloat("GDELT_DELAY") * MARGIN)
        slot = {host(settings["GDELT_API"]): {"concurrency": 1, "delay": pace, "jitter": 0.0}}
        settings.set("DOWNLOAD_SLOTS", settings.getdict("DOWNLOAD_SLOTS") | slot, priority="cmdline")

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Settings, beside those of every spider: GDELT_API, GDELT_DELAY."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.api = crawler.settings["GDELT_API"]
        spider.pace = max(SMALLEST_DELAY, crawler.settings.getfloat("GDELT_DELAY") * MARGIN)
        spider.languages = spider.languages or [code for code in spider.story.languages if code in NAMES]
        spider.sources = {code: Source("gdelt", "search", f"{spider.api}?sourcelang={NAMES[code]}") for code in spider.languages}
        home = "https://www.gdeltproject.org"
        spider.outlets.append(Outlet("gdelt", "GDELT", home, "US", "en", "UTC", sources=tuple(spider.sources.values())))
        return spider

    # --- the run

    def idle(self) -> bool:
        """Never: it is run to ask."""
        return False

    async def start(self) -> AsyncIterator[Any]:
        """What an earlier search left undecided, then the first call; each answer makes the next."""
        if not self._take("gdelt"):
            return
        ours = {source.url for source in self.sources.values()}
        for entry in self.known.pending:
            if entry.source in ours:
                for item in self._followed(entry):
                    yield item
        for unasked in self._plan(self.now()):
            yield unasked
        for call in self._next():
            yield call

    def _plan(self, now: datetime) -> Iterator[Fetch]:
        spans = slices(*self._window(now), now)
        if not spans:
            self.logger.warning("since and until leave no time to search")
        for source, asked in reversed([(source, queries(self.story, code)) for code, source in self.sources.items()]):
            self.left += [Ask(source, query, span) for query in reversed(asked) for span in reversed(spans)]
            if not asked:
                yield self._no_listing(source, "the story file has no whole word for a party that could be searched for", None)

    def _window(self, now: datetime) -> tuple[datetime, datetime]:
        zone = ZoneInfo(self.story.desk_timezone)
        end = min(now, datetime.combine(self.until + DAY, time.min, zone)) if self.until else now
        return (datetime.combine(self.since, time.min, zone) if self.since else end - DAY), end

    def _next(self) -> Iterator[Request]:
        if self.left:
            yield self._request(self.left.pop())

    def _request(self, ask: Ask) -> Request:
        asked = {"query": ask.query, "mode": "artlist", "format": "json", "maxrecords": FULL, "sort": "datedesc", **ask.span.bounds()}
        return Request(
            f"{self.api}?{urlencode(asked)}",
            self.parse_answer,
            errback=self.answer_failed,
            cb_kwargs={"ask": ask},
            meta={PATIENT: True},
            dont_filter=True,
            priority=10,
        )

    # --- answers

    def parse_answer(self, response: Response, ask: Ask) -> Iterator[Item]:
        """One answer: its records are recorded in one piece and followed, then comes the next call."""
        if throttles(response.status, response.body):
            yield from self._throttled(response, ask)
            return
        self._slow_down(self.pace)
        if response.status in DENIED:
            yield from self._give_up(ask, f"HTTP {response.status}", response.status)
            return
        try:
            if response.status != 200:
                raise AnswerError(f"HTTP {response.status}")
            yield from self._listed(response, records(response.body), ask)
        except AnswerError as error:
            yield self._no_listing(ask.source, f"{ask.query}, {ask.span}: {error}", response.status)
        yield from self._next()

    def _listed(self, response: Response, found: list[dict[str, Any]], ask: Ask) -> Iterator[Item]:
        self._stats.inc_value("nachlese/sources_ok")
        entries = list({entry.url: entry for record in found for entry in self._entries(record, response, ask.source)}.values())
        followed = [item for entry in entries for item in self._followed(entry)]
        reason = ""
        if len(found) >= FULL:
            halves = ask.span.halves()
            self.left += [replace(ask, span=half) for half in reversed(halves)]
            reason = f"{ask.span}: full with {FULL} records, " + ("asked again in halves" if halves else "cut: there may be more")
        yield Fetch(
            ask.source,
            self.now(),
            "ok" if entries else "empty",
            response.status,
            reason,
            entries=tuple(entries),
            verdicts=tuple(item for item in followed if isinstance(item, Verdict)),
            size=len(response.body),
        )
        yield from (item for item in followed if not isinstance(item, Verdict))

    def _entries(self, record: dict[str, Any], response: Response, source: Source) -> Iterator[Entry]:
        """`seendate` is when GDELT saw the page, no publication: it is left out."""
        link, title, language = (value if isinstance(value := record.get(key), str) else "" for key in ("url", "title", "language"))
        if not link.startswith(("http://", "https://")):
            return
        for entry in self.entry(link, response, source, headline=one_line(readable(title))[:500], language=CODES.get(language.lower(), "")):
            outlet = self.publisher(entry.url)
            if not self.chosen or (outlet and outlet.id in self.chosen):
                yield replace(entry, outlet=outlet.id if outlet else None)

    def answer_failed(self, failure: Failure) -> Iterator[Item]:
        """A call without an answer; where robots.txt forbids one it forbids all."""
        ask: Ask = failure.request.cb_kwargs["ask"]  # type: ignore[attr-defined]
        if isinstance(failure.value, IgnoreRequest):
            yield from self._give_up(ask, why(failure), None, denied=True)
            return
        yield self._no_listing(ask.source, f"{ask.query}, {ask.span}: {why(failure)}", None)
        yield from self._next()

    # --- its rate limit

    def _throttled(self, response: Response, ask: Ask) -> Iterator[Item]:
        """Ask again after a growing wait, for the limit is sticky; at last leave it for today."""
        later = resting(response, self.now())
        wait = max(self.pace * 2 ** (ask.throttled + 1), (later - self.now()).total_seconds() if later else 0.0)
        wait += float(response.meta.get("download_latency", 0.0))  # Scrapy counts from when the call was made
        if ask.throttled >= PATIENCE or wait > LONGEST_WAIT.total_seconds():
            yield from self._give_up(ask, f"asks for fewer calls (HTTP {response.status})", response.status)
            return
        self._slow_down(wait)
        yield self._request(replace(ask, throttled=ask.throttled + 1))

    def _slow_down(self, seconds: float) -> None:
        slot = self.crawler.engine.downloader.slots.get(host(self.api))
        if slot:
            slot.delay = seconds

    def _give_up(self, ask: Ask, reason: str, status: int | None, *, denied: bool = False) -> Iterator[Fetch]:
        """Make no other call; every language that had calls left says so."""
        for source in dict.fromkeys([ask.source, *(each.source for each in reversed(self.left))]):
            yield self._no_listing(source, f"{reason}; calls not made: {len(self.left) + 1}", status, denied=denied)
        self.left.clear()

    # --- articles

    def follow(self, entry: Entry) -> Iterator[Request | Verdict]:
        """Every page that is not decided: the search found both parties and the matter in its text, and a headline that
        names none of them says nothing against that."""
        if not self.known.decided(entry.url) or self.known.ruled_out(entry.url):
            yield self.page_request(entry)

    def _followed(self, entry: Entry) -> Iterator[Request | Verdict]:
        """What `follow` says, once a run; a page only of an outlet or a host that no other run asks: others wait for a next run."""
        if entry.url in self.seen:
            return
        self.seen.add(entry.url)
        for item in self.follow(entry):
            if isinstance(item, Verdict) or self._may_ask(entry):
                yield item

    def _may_ask(self, entry: Entry) -> bool:
        name = entry.outlet or host(entry.url)
        if name not in self.held:
            self.held[name] = (entry.outlet is not None or len(self.held) < HOSTS) and self._take(name)
        return self.held[name]
