"""WARC files, whole, cut, damaged and full of junk: which pages are in them, and where they break off."""

from __future__ import annotations

import gzip
import io
import os
import time
import zlib
from datetime import UTC, datetime

import pytest

from crawler.formats.warc import Archive, BrokenError, Record
from tests.warcs import HOST, WEATHER, Made, starts, warc, weather


def walk(raw: bytes, start: int = 0) -> tuple[list[Record], str, list[str]]:
    """The records, what ended the archive, and the damage on the way."""
    archive, found = Archive(io.BytesIO(raw)), []
    try:
        for record in archive.records(start):
            found.append(record)
    except BrokenError as error:
        return found, str(error), archive.damage
    return found, "", archive.damage


def snapshot(made: Made) -> bytes | None:
    (record,) = Archive(io.BytesIO(warc([made]))).records(0)
    return record.snapshot.html if record.snapshot else None


@pytest.mark.parametrize("gzipped", [True, False])
def test_every_record_is_read_and_any_can_be_begun_at(gzipped: bool) -> None:
    raw = warc(weather(5), gzipped=gzipped)
    whole, end, damage = walk(raw)
    assert (len(whole), end, damage) == (5, "", [])
    assert [record.snapshot and record.snapshot.url for record in whole] == [made.url for made in weather(5)]
    assert walk(raw, whole[3].position)[0] == whole[3:]


@pytest.mark.parametrize("gzipped", [True, False])
@pytest.mark.parametrize("kept", [0.02, 0.2, 0.5, 0.8, 0.99, -7, -2])
def test_cut_archive_keeps_what_is_whole_and_says_where_it_breaks_off(gzipped: bool, kept: float) -> None:
    raw = warc(weather(5), gzipped=gzipped)
    begins = [*starts(raw), len(raw)]
    length = begins[-2] - begins[-3]
    at = begins[3] + int(length * kept) if kept > 0 else begins[4] + int(kept)
    found, end, _ = walk(raw[:at])
    assert len(found) in (3, 4)  # the fourth when only its end mark is cut
    assert end.startswith(f"byte {begins[3]}: ")
    assert walk(raw, begins[3])[0][-1].position == begins[4]


@pytest.mark.parametrize("gzipped", [True, False])
@pytest.mark.parametrize("junk", [b"\0" * 60, bytes(range(200, 256)), b"\x1f\x8b\x08" * 20, b"\r\nWARC/1.0\r\n\r\n" * 5])
def test_damaged_record_costs_itself_alone_and_is_named(gzipped: bool, junk: bytes) -> None:
    raw = warc(weather(6), gzipped=gzipped)
    begins = starts(raw)
    spoiled = raw[: begins[2]] + junk + raw[begins[2] + len(junk) :]
    found, end, damage = walk(spoiled)
    assert {record.position for record in found} >= {begins[place] for place in (0, 1, 3, 4, 5)}
    assert not [record for record in found if record.snapshot and record.position not in begins]
    assert end == ""
    assert damage[0].startswith("byte ")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"no archive",
        b"<html>" * 50_000,
        b"\x1f\x8b\x08" * 100_000,
        b"\r\nWARC/1.0" * 30_000,
        os.urandom(300_000),
        gzip.compress(b"text"),
    ],
    ids=["empty", "text", "markup", "gzip heads", "warc heads", "noise", "gzipped text"],
)
def test_what_is_no_archive_is_said_and_never_hangs(raw: bytes) -> None:
    begun = time.monotonic()
    found, end, _ = walk(raw)
    assert not [record for record in found if record.snapshot]
    assert end.startswith("byte ")
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize(
    ("changes", "is_page"),
    [
        ({}, True),
        ({"headers": {}}, True),
        ({"headers": {"content-type": "application/xhtml+xml"}}, True),
        ({"at": "2024-06-14T08:00:00.123456789Z"}, True),
        ({"url": f"<{HOST}/wetter>"}, True),
        ({"status": "404 Not Found"}, False),
        ({"status": "301 Moved"}, False),
        ({"headers": {"Content-Type": "image/png"}}, False),
        ({"headers": {"Content-Type": "application/json"}}, False),
        ({"at": ""}, False),
        ({"at": "yesterday"}, False),
        ({"at": "2024-06-14"}, False),
        ({"at": "1970-01-01T00:00:00Z"}, False),
        ({"kind": "request"}, False),
        ({"kind": "revisit"}, False),
        ({"kind": "nonsense"}, False),
    ],
    ids=str,
)
def test_only_html_answered_with_200_at_a_known_instant_is_a_page(changes: dict[str, object], is_page: bool) -> None:
    assert (snapshot(Made(**{"url": f"{HOST}/wetter", **changes})) is not None) == is_page  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ({"Content-Encoding": "gzip"}, gzip.compress(WEATHER, mtime=0)),
        ({"Content-Encoding": "deflate"}, zlib.compress(WEATHER)),
        ({"Content-Encoding": "gzip"}, WEATHER),  # as Common Crawl once kept the header of what it had unpacked
        ({"Content-Encoding": "br"}, WEATHER),
        ({"Content-Encoding": "unheard-of"}, WEATHER),
        ({"Transfer-Encoding": "chunked"}, b"%x\r\n%s\r\n0\r\n\r\n" % (len(WEATHER), WEATHER)),
        ({"Transfer-Encoding": "chunked"}, WEATHER),
        (
            {"Transfer-Encoding": "chunked", "Content-Encoding": "gzip"},
            b"%x\r\n%s\r\n0\r\n\r\n" % (len(gzip.compress(WEATHER, mtime=0)), gzip.compress(WEATHER, mtime=0)),
        ),
    ],
    ids=str,
)
def test_page_is_unpacked_as_its_headers_say_or_stands_as_it_is(coding: dict[str, str], body: bytes) -> None:
    assert snapshot(Made(HOST, body, headers={"Content-Type": "text/html", **coding})) == WEATHER


def test_page_that_unpacks_to_a_gigabyte_is_cut() -> None:
    bomb = gzip.compress(gzip.compress(b"a" * 200_000_000))
    made = Made(HOST, bomb, headers={"Content-Type": "text/html", "Content-Encoding": "gzip, gzip"})
    (record,) = Archive(io.BytesIO(warc([made])), most=1_000_000).records(0)
    assert record.snapshot is not None
    assert len(record.snapshot.html) == 1_000_000


def test_instant_of_a_record_is_in_utc() -> None:
    (record,) = Archive(io.BytesIO(warc([Made(HOST, at="2024-06-14T08:00:00+02:00")]))).records(0)
    assert record.snapshot is not None
    assert record.snapshot.at == datetime(2024, 6, 14, 6, tzinfo=UTC)
