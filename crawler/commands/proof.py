"""`scrapy proof`: could anything have been missed? Outlet by outlet and hour by hour, with evidence."""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from zoneinfo import ZoneInfo

from crawler.command import BadUsageError, DeskCommand, printable, say
from crawler.commands.export import desk_time
from crawler.proof import as_json, as_text
from crawler.sources import load_sources
from pipelines.proof import Asked, Counts, OutletProof, first_and_last, prove
from pipelines.store.reader import Reader
from pipelines.store.rows import utc
from pipelines.story import load_story

DEFAULT_SPAN = timedelta(days=1)


class Command(DeskCommand):
    """Say for every outlet and hour whether it was covered, and if not, why."""

    def short_desc(self) -> str:
        """One line for `scrapy --help`."""
        return "Prove what was covered: gaps, failures and counts by outlet and hour"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """The window, and the form."""
        super().add_options(parser)
        parser.add_argument("--since", default="", metavar="WHEN", help="a day at the desk, or an instant; default: a day before --until")
        parser.add_argument("--until", default="", metavar="WHEN", help="exclusive; default, and at most: now")
        parser.add_argument("--format", default="text", choices=("text", "json"), help="default: text")

    def work(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print the proof."""
        zone = ZoneInfo(load_story(self.path("STORY")).desk_timezone)
        since, until = window(opts.since, opts.until, zone, datetime.now(UTC))
        names = {outlet.id: outlet.name for outlet in load_sources(self.path("SOURCES"))}
        reader = Reader(self.path("DATABASE"))
        outlets, others = collect(reader, names, since, until)
        if opts.format == "json":
            say(json.dumps(as_json(outlets, others, since, until, zone), ensure_ascii=False, indent=1))
            return
        for line in as_text(outlets, others, since, until, zone):
            say(printable(line))


def window(since: str, until: str, zone: ZoneInfo, now: datetime) -> tuple[datetime, datetime]:
    """The window in UTC, at most up to now.

    Raises:
        BadUsageError: when it is none, or lies in the future.
    """
    now = now.replace(microsecond=0)
    end = min(_instant("--until", until, zone), now) if until else now
    start = _instant("--since", since, zone) if since else end - DEFAULT_SPAN
    if start >= end:
        raise BadUsageError(f"--since {start:%Y-%m-%dT%H:%MZ} is not before --until {end:%Y-%m-%dT%H:%MZ}: nothing to prove")
    return start, end


def _instant(option: str, text: str, zone: ZoneInfo) -> datetime:
    try:
        return datetime.fromisoformat(desk_time(text, zone))
    except BadUsageError as error:
        raise BadUsageError(str(error).replace("--since", option, 1)) from None


def collect(reader: Reader, names: dict[str, str], since: datetime, until: datetime) -> tuple[list[OutletProof], Counts]:
    """The proof of each outlet in `names`, by name; and the counts of URLs that belong to none of them."""
    begin, end = utc(since) or "", utc(until) or ""
    asked = _asked(reader, begin, end)
    counts = _counts(reader, begin, end)
    listed: defaultdict[str, list[tuple[str, str, datetime, str]]] = defaultdict(list)
    for outlet, written, language, listed_at, timezone in reader.publications(begin, end):
        listed[outlet].append((written, language, datetime.fromisoformat(listed_at), timezone))
    outlets = [
        prove(id_, name, asked.get(id_, {}), counts.get(id_, {}), first_and_last(listed[id_]), since, until)
        for id_, name in sorted(names.items(), key=lambda outlet: outlet[1].casefold())
    ]
    others = (count for id_, by_hour in counts.items() if id_ not in names for count in by_hour.values())
    return outlets, sum(others, Counts())


def _asked(reader: Reader, since: str, until: str) -> dict[str, dict[str, list[Asked]]]:
    """The fetches by outlet and source."""
    found: defaultdict[str, dict[str, list[Asked]]] = defaultdict(dict)
    for (outlet, source), rows in groupby(reader.fetches(since, until), key=itemgetter(0, 1)):
        fetches = [row[2:] for row in rows if row[2]]
        found[outlet][source] = [
            Asked(datetime.fromisoformat(at), outcome, None if contiguous is None else bool(contiguous), *repaired)
            for at, outcome, contiguous, *repaired in fetches
        ]
    return found


def _counts(reader: Reader, since: str, until: str) -> dict[str, dict[datetime, Counts]]:
    """What was listed and decided, by outlet and full hour."""
    found: defaultdict[str, defaultdict[datetime, Counts]] = defaultdict(lambda: defaultdict(Counts))
    for outlet, hour, number, undecided in reader.listed(since, until):
        found[outlet][_hour(hour)] += Counts(listed=number, undecided=undecided)
    for outlet, hour, verdict, number, fetched in reader.decided(since, until):
        filed = number if verdict == "filed" else 0
        left_out = Counter({verdict: number}) if verdict != "filed" else Counter[str]()
        found[outlet][_hour(hour)] += Counts(fetched=fetched, filed=filed, left_out=left_out)
    return {outlet: dict(by_hour) for outlet, by_hour in found.items()}


def _hour(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}:00:00+00:00")
