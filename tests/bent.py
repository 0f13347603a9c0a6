"""What was bent: samples of everything that is parsed, with pieces replaced, doubled and dropped; and what any result must be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from hypothesis import strategies as st

from pipelines.text import clean, visible
from tests.internet import WEB
from tests.test_spiders import FEEDS, HOST, sitemap
from tests.warcs import told, warc, weather

PAGES = [path.read_bytes() for path in sorted(WEB.glob("*/*/*.html"))[::12]]
LISTINGS = [text.encode() for text in FEEDS.values()]
NEWS = f"<loc>{HOST}/a</loc><lastmod>2024-06-14</lastmod><news:news><news:title>Nordkorea</news:title></news:news>"
SITEMAPS = [
    sitemap(*[NEWS] * 5).encode(), sitemap(NEWS, doctype='<?xml version="1.0" encoding="latin-1"?><!DOCTYPE x [<!ENTITY a "b">]>').encode(),
    f"<sitemapindex><sitemap><loc>{HOST}/2024-06-14.xml.gz</loc><lastmod>2024</lastmod></sitemap></sitemapindex>".encode(),
]  # fmt: skip
ROBOTS = [b"User-agent: *\nDisallow: /a*b$\nCrawl-delay: 5\nAllow: /\nSitemap: http://a.example/s.xml\n\nUser-agent: Nachlese\nDisallow:\n"]
ARCHIVES = [warc([told(f"{HOST}/ausland/nordkorea-soldaten-kursk-118"), *weather(3)], gzipped=packed) for packed in (True, False)]
ANSWERS = [
    json.dumps({"articles": [{"url": f"{HOST}/a", "title": "Nordkorea", "seendate": "20241114T080000Z", "language": "German"}]}).encode()
]
CAPTURES = [json.dumps([["timestamp"], ["20241114080000"], ["20241114090000"]]).encode()]
TDMREP = [json.dumps([{"location": "/a/*", "tdm-reservation": 1, "tdm-policy": "http://a.example"}]).encode()]
# What parsers stumble over: half structures, numbers out of range, characters that are none.
ODD = [
    b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"\\ud800", b"&#xD800;", b"&#0;", b"&#x202e;", b"\xe2\x80\xae", b"\xe2\x80\x8b", b"<![CDATA[",
    b"]]>", b"<!--",
    b"<!DOCTYPE", b"<?xml", b'encoding="utf-7"', b"charset=punycode", b"99999999999999999999999", b"-1", b"1e999", b"NaN", b"0000-00-00",
    b"9999-12-31",
    b"2024-02-30T25:61:61+99:99", b"http://[::1", b"//", b"javascript:", b"{" * 500, b"[" * 500, b"<div>" * 500, b'"', b"'", b"\r\n\r\n",
    b"&" * 50,
    b"Content-Length: -5", b"WARC/1.0\r\n", b"\x1f\x8b\x08", b"null", b"true", b"<item>", b"<url>", b"\xf0\x9f\x98\x80",
    b"Disallow: " + b"*" * 99,
]  # fmt: skip
LABELS = st.one_of(
    st.none(),
    st.sampled_from(["utf-8", "utf-16", "ascii", "punycode", "rot13", "unicode_escape", "idna", "x" * 99, "\x00"]),
    st.text(max_size=9),
)


@st.composite
def bent(draw: st.DrawFn, samples: list[bytes]) -> bytes:
    """A sample with some of its pieces replaced, doubled, dropped, or the rest cut off."""
    raw = draw(st.sampled_from(samples))
    for _ in range(draw(st.integers(0, 6))):
        at, length = draw(st.integers(0, len(raw))), draw(st.sampled_from([0, 0, 1, 8, 60, 900]))
        piece = draw(st.one_of(st.sampled_from(ODD), st.binary(max_size=12), st.just(raw[at : at + 200])))
        raw = raw[:at] + piece + raw[at + length :]
    return raw[: draw(st.integers(0, len(raw)))] if draw(st.integers(0, 5)) == 0 else raw


def texts(value: Any) -> Iterator[str]:
    """Every text within a value."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value):
        for field in fields(value):
            yield from texts(getattr(value, field.name))
    elif isinstance(value, (tuple, list, set, frozenset)):
        for part in value:
            yield from texts(part)


def storable(*values: Any) -> None:
    """Hold every text of some values against what the database takes and people may see."""
    for text in texts(values):
        text.encode("utf-8")
        assert visible(text) == text
        assert clean(text).split() == text.split()
