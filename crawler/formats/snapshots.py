"""Snapshots of web archives: whose page, captured when, and the page without what the archive wrote into it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from scrapy.http import Response

from crawler.answers import header, http_date
from pipelines.address import canonical_url

# web.archive.org/web/20231013194500id_/https://…, archive.ph/20231013194500/https://…, archive.ph/2023.10.13-194500/https://…
# Normalisers make one slash of two. A shortened date (web/2023/) leads to the capture that is nearest.
_SNAPSHOT = re.compile(
    r"https?://(?P<archive>[^/?#\s]+)/(?:[\w.-]{1,40}/){0,3}"
    r"(?P<day>\d{4,14}|\d{4}\.\d\d\.\d\d-\d{6})(?:[a-z]{2}_)?/(?:(?P<scheme>https?):/{1,2}|(?=www\.))(?P<rest>[^/\s]\S*)",
    re.I,
)
_TOOLBAR = (b"<!-- BEGIN WAYBACK TOOLBAR INSERT -->", b"<!-- END WAYBACK TOOLBAR INSERT -->")
FIRST_YEAR = 1996  # of any web archive; an earlier capture is a slip


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`original` is the normalised URL of the page, `captured` None where the address gives no whole instant."""

    url: str
    archive: str
    original: str
    captured: datetime | None


def snapshot(url: str) -> Snapshot | None:
    """What a snapshot's URL says; None for any other URL, and for a date that is none."""
    found = _SNAPSHOT.fullmatch(url.strip())
    original = canonical_url(f"{found['scheme'] or 'https'}://{found['rest']}") if found else None
    if not found or not original:
        return None
    digits = re.sub(r"\D", "", found["day"])
    try:
        captured = datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC) if len(digits) == 14 else None
    except ValueError:
        return None
    sound = captured is None or captured.year >= FIRST_YEAR
    return Snapshot(url.strip(), found["archive"].lower(), original, captured) if sound else None


def answered(response: Response) -> Snapshot | None:
    """What a snapshot's answer says of itself: its address after redirects, and the instant that archives give in a header."""
    found = snapshot(response.url)
    if found is None:
        return None
    captured = http_date(header(response, "Memento-Datetime") or "")
    return Snapshot(found.url, found.archive, found.original, captured) if captured else found


def as_captured(html: bytes, archive: str) -> bytes:
    """The page without the archive's toolbar, its links leading where they led."""
    begin, end = (html.find(mark) for mark in _TOOLBAR)
    if 0 <= begin < end:
        html = html[:begin] + html[end + len(_TOOLBAR[1]) :]
    # https://web.archive.org/web/20231013194500cs_/https://…, https://archive.ph/o/AbCdE/https://…, "/web/20231013194500/https://…"
    absolute = rb"(?:https?:)?//" + re.escape(archive.encode()) + rb"/(?:[\w.-]{1,40}/){1,4}(?=https?://)"
    relative = rb"(?<=[\"'])/(?:[a-z]{1,20}/)?\d{4,14}(?:[a-z]{2}_)?/(?=https?://)"
    return re.sub(absolute + rb"|" + relative, b"", html)
