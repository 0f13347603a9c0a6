"""A source's health: when to ask it next, whether it fell silent, whether something was lost between two fetches.

Pure: what was known, what a fetch brought and the time go in, what is known now comes out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from pipelines.article import Entry, Fetch, Health

DAY = timedelta(days=1)
THE_WEB = datetime(1994, 1, 1, tzinfo=UTC)  # the first newspapers went online
FIRST = timedelta(minutes=15)  # between two fetches of a source nobody knows yet
LONGEST_REST = timedelta(hours=1)  # that a listing's own Cache-Control or ttl may ask for; a day would lose entries
NEWEST = 3  # the newest third of a listing must still be there at the next fetch
# New entries of all: above, ask twice as often; below, half again as rarely. With the peak below, 50 feeds over a simulated
# fortnight lose nothing for .17 of the bytes of polling every 15 minutes; without it 60 articles were missed.
BUSY, QUIET = 0.5, 0.05
LEAST_HOURS = 0.25  # over which a rate is taken; two entries within a minute are no rush
HARD, SOFT, TEMPORARY = 1.0, 0.5, 0.25  # what a failure weighs; the rest after it grows by one interval for each 1.0
JITTER = 0.1  # of the wait after a failure
_TEMPORARY = (408, 425, 429, 503)


@dataclass(frozen=True, slots=True)
class Pace:
    """The bounds of polling: never more often than `fastest`, never more rarely than `slowest`."""

    fastest: timedelta
    slowest: timedelta


PACE = Pace(timedelta(minutes=5), timedelta(hours=4))


def newest_first(entries: Sequence[Entry]) -> tuple[str, ...]:
    """The URLs of a listing, newest first: by the dates it gives where it gives most, else as listed. A pinned entry at the
    top is as old as its date says."""
    dated = [(_instant(entry), -place, entry.url) for place, entry in enumerate(entries)]
    if sum(instant is not None for instant, _, _ in dated) * 2 <= len(dated):
        return tuple(entry.url for entry in entries)
    oldest = datetime.min.replace(tzinfo=UTC)
    return tuple(url for _, _, url in sorted(((instant or oldest, place, url) for instant, place, url in dated), reverse=True))


def oldest_date(entries: Sequence[Entry]) -> datetime | None:
    """The oldest date a listing gives: how far back it reaches."""
    return min((instant for entry in entries if (instant := _instant(entry))), default=None)


def contiguous(before: Health, fetch: Fetch) -> bool | None:
    """Whether nothing can have been lost since the fetch before: something of its newest third is still listed. None where
    that cannot be told: the first fetch, a failed or empty one."""
    if fetch.outcome == "unchanged":
        return True if before.newest else None
    if fetch.outcome != "ok" or not before.newest or not fetch.urls:
        return None
    return bool(set(before.newest) & set(fetch.urls))


def bridged(before: Sequence[str], after: Sequence[str], between: Sequence[Sequence[str]]) -> bool:
    """Whether listings captured within a gap, in their order and each newest first, leave none: each still lists something of
    the newest third of the one before, from the last fetch's newest entries to the next fetch's."""
    newest = before
    for urls in (*between, after):
        if not set(newest) & set(urls):
            return False
        newest = urls[: -(-len(urls) // NEWEST)]
    return True


def after(before: Health, fetch: Fetch, new: int, pace: Pace) -> Health:
    """What is known of a source after a fetch that listed `new` URLs for the first time."""
    if fetch.outcome in ("failed", "denied"):
        return _failed(before, fetch, pace)
    peak = _peak(before, fetch, new)
    every = _every(replace(before, peak=peak), fetch, new, pace)
    found = replace(
        before, peak=peak, every=every, failures=0.0, last_ok_at=fetch.at, moved_to=fetch.moved_to or before.moved_to,
        next_due_at=_due(fetch, every), plain_at=before.plain_at if fetch.conditional else fetch.at,
    )  # fmt: skip
    if fetch.outcome == "unchanged" and fetch.http_status == 304:
        return replace(found, state=_state(found, fetch))
    found = _validators(found, before, fetch, new)
    if fetch.urls:
        found = replace(found, newest=fetch.urls[: -(-len(fetch.urls) // NEWEST)])
    if new:
        pause = fetch.at - before.last_new_at if before.last_new_at else None
        found = replace(found, last_new_at=fetch.at, longest_pause=max(filter(None, (before.longest_pause, pause)), default=None))
    return replace(found, state=_state(found, fetch))


def asks_plainly(health: Health, now: datetime) -> bool:
    """Whether a source is to be asked without validators: it has none, or none were left out for a day."""
    return not (health.etag or health.last_modified) or health.plain_at is None or now - health.plain_at >= DAY


def _every(before: Health, fetch: Fetch, new: int, pace: Pace) -> timedelta:
    """The interval by the share of entries seen before: busy sources more often, sleepy ones rarely; a gap tightens it."""
    if fetch.source.every and pace.slowest:
        return fetch.source.every  # the catalogue's word stands above what a source did
    every = before.every or FIRST
    share = new / len(fetch.urls) if fetch.urls else 0.0
    if contiguous(before, fetch) is False:
        every /= 3
    elif before.last_ok_at and share >= BUSY:
        every /= 2
    elif before.last_ok_at and share <= QUIET:
        every *= 1.5
    if before.peak and before.newest:  # even at its busiest a third of the listing must not turn over unseen
        every = min(every, timedelta(hours=len(before.newest) / before.peak))
    return min(max(every, pace.fastest), pace.slowest)


def _peak(before: Health, fetch: Fetch, new: int) -> float | None:
    """The most new entries an hour a source ever brought between two fetches."""
    if not before.last_ok_at or not new:
        return before.peak
    hours = max((fetch.at - before.last_ok_at).total_seconds() / 3600, LEAST_HOURS)
    return max(before.peak or 0.0, new / hours)


def _due(fetch: Fetch, every: timedelta) -> datetime:
    """When to ask next: after the interval, or the rest that the listing asks for, and in none of the hours it skips."""
    due = fetch.at + max(every, min(fetch.rest, LONGEST_REST) if every else timedelta())
    for _ in range(24):
        if due.hour not in fetch.skip_hours or len(fetch.skip_hours) >= 24:
            return due
        due = (due + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
    return due


def _failed(before: Health, fetch: Fetch, pace: Pace) -> Health:
    """Linear back-off. Validators are dropped: a 304 after a failure would be no proof of anything."""
    retired = fetch.http_status == 410
    weight = TEMPORARY if fetch.http_status in _TEMPORARY else SOFT if fetch.http_status is None or fetch.http_status >= 500 else HARD
    failures = before.failures + weight
    wait = min((before.every or FIRST) * (1 + failures), DAY) * _spread(fetch) if pace.slowest else timedelta()
    due = max(fetch.at + wait, min(fetch.retry_after or fetch.at, fetch.at + DAY))
    state = "retired" if retired else "denied" if fetch.outcome == "denied" else "failing"
    return replace(
        before, failures=failures, state=state, next_due_at=None if retired else due, etag=None, last_modified=None, body_hash=None
    )


def _spread(fetch: Fetch) -> float:
    """1 to 1.1, by chance that anybody can repeat: sources that failed together do not come back together."""
    drawn = hashlib.blake2b(f"{fetch.source.url} {fetch.at}".encode(), digest_size=4).digest()
    return 1 + int.from_bytes(drawn, "big") / 2**32 * JITTER


def _validators(found: Health, before: Health, fetch: Fetch, new: int) -> Health:
    """Keep what the answer offers; a server whose unchanged ETag hid a changed body gets no validators again."""
    validators = (fetch.etag, fetch.last_modified)
    same = any(validators) and validators == (before.etag, before.last_modified)
    if before.distrusted or (same and not fetch.conditional and new and fetch.body_hash != before.body_hash):
        return replace(found, etag=None, last_modified=None, body_hash=fetch.body_hash, distrusted=True)
    return replace(found, etag=fetch.etag, last_modified=fetch.last_modified, body_hash=fetch.body_hash)


def _state(found: Health, fetch: Fetch) -> str:
    """`silent`: answers, yet brings nothing new for longer than this source ever paused before, and for a day at least."""
    if fetch.outcome == "empty":
        return "empty"
    quiet = fetch.at - found.last_new_at if found.last_new_at else timedelta()
    if quiet > max(found.longest_pause or timedelta(), DAY):
        return "silent"
    return "unchanged" if fetch.outcome == "unchanged" else "ok"


def dated(entry: Entry) -> datetime:
    """When an entry says that it was published; when it was listed, where it does not say."""
    return _instant(entry) or entry.listed_at


def _instant(entry: Entry) -> datetime | None:
    """A date as machines write it; what only a person can read is none here: it takes a millisecond each.

    None either for a date before the web or after the listing: it would make an entry the newest for ever, or a listing reach
    back to anywhere.
    """
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = read(entry.published.strip())
            found = found if found.tzinfo else found.replace(tzinfo=UTC)
            return found if THE_WEB <= found <= entry.listed_at + DAY else None
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
    return None
