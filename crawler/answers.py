"""What the headers of an answer say: validators to send back, how long to stay away, where something moved."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from scrapy.http import Response

LONGEST_WAIT = timedelta(days=1)  # that a Retry-After may ask for
PERMANENT = (301, 308)


def header(response: Response, name: str) -> str | None:
    """A header as text."""
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None


def conditional(etag: str | None, last_modified: str | None) -> dict[str, str]:
    """The request headers that ask whether something changed."""
    found = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return {name: value for name, value in found.items() if value}


def resting(response: Response, now: datetime) -> datetime | None:
    """When a server that throttles wants to be asked again (Retry-After, in seconds or as a date), a day at most."""
    said = (header(response, "Retry-After") or "").strip()
    if response.status not in (429, 503) or not said:
        return None
    if said.isdecimal():
        return now + min(timedelta(seconds=min(int(said[:9]), 10**8)), LONGEST_WAIT)
    when = http_date(said)
    return min(max(when, now), now + LONGEST_WAIT) if when else None


def http_date(said: str) -> datetime | None:
    """The instant, in UTC, that a header names; None for what is none."""
    try:
        found = parsedate_to_datetime(said)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):  # each was seen: a server may say anything
        return None


def max_age(response: Response) -> timedelta:
    """How long a listing says it stays as it is (Cache-Control)."""
    said = re.search(r"max-age=(\d{1,9})", header(response, "Cache-Control") or "")
    return timedelta(seconds=int(said.group(1))) if said else timedelta()


def moved(response: Response) -> str | None:
    """Where a request ended when every redirect on its way was permanent."""
    reasons = response.meta.get("redirect_reasons", []) if response.request else []
    return response.url if reasons and all(reason in PERMANENT for reason in reasons) else None


_LISTING = re.compile(rb"<((?:[\w.-]+:)?(?:rss|feed|rdf|urlset|sitemapindex))[\s>]", re.IGNORECASE)
_NEAR = 4096  # bytes: what stands before the root, or after its end, is shorter


def whole(body: bytes) -> bool:
    """Whether a listing goes on to its end: of one cut short the rest would never be given to who says that he has it."""
    root = _LISTING.search(body[:_NEAR])
    return root is None or b"</" + root[1] in body[-_NEAR:]
