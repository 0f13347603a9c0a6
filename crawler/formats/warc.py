"""WARC files: the HTML pages among their records, where each record begins, what is damaged, and whether the file is whole."""

from __future__ import annotations

import io
import os
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, BinaryIO

from fastwarc.stream_io import BrotliReader, ChunkedReader, GzipReader, WarcReader, ZstdReader
from fastwarc.warc import ArchiveIterator, WarcRecord

HTML = ("text/html", "application/xhtml+xml")
FIRST_YEAR = 1996  # of the first web archive: an older date is an unset clock
MAX_HEAD = 256 * 1024  # bytes of HTTP headers; browsers take no more
MAX_TRIES = 1000  # places where a record may begin again after damage; by chance a gigabyte has 64
_CHUNK = 1 << 20
_STEP = 64 * 1024  # bytes inflated at once, to 64 MiB at the worst
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_STATUS = re.compile(r"HTTP/\d(?:\.\d)? +(\d{3})")
_GZIP, _PLAIN = b"\x1f\x8b\x08", b"\r\nWARC/1."


class BrokenError(ValueError):
    """An archive that cannot be read to its end: cut off, damaged to the end, or none at all.

    `position` is the byte at which the first record begins that could not be read.
    """

    def __init__(self, position: int, what: str) -> None:
        super().__init__(f"byte {position}: {what}")
        self.position = position


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A web page that was answered with status 200, at the record's instant (UTC); `html` as the server meant it."""

    url: str
    at: datetime
    html: bytes
    charset: str | None


@dataclass(frozen=True, slots=True)
class Record:
    """A record that begins at a byte of the archive; `snapshot` only if it is a web page's."""

    position: int
    snapshot: Snapshot | None


class Archive:
    """A WARC file, gzipped record by record or plain. `damage` says what had to be left out on the way to the end.

    Args:
        file: seekable; its first byte is byte `offset` of the archive.
        most: bytes of a page that are read; the rest is left out.
    """

    def __init__(self, file: BinaryIO, *, offset: int = 0, most: int = 16 * _CHUNK) -> None:
        self.file = file
        self.offset = offset
        self.most = most
        self.size = file.seek(0, os.SEEK_END) + offset
        self.damage: list[str] = []

    def records(self, start: int) -> Iterator[Record]:
        """Every record from the one that begins at byte `start`, in order. What follows damage is read on.

        Raises:
            BrokenError: at the end, when the archive is not whole.
        """
        here, read, tries = start, False, 0
        broken: BrokenError | None = None
        while True:
            try:
                for record in self._records_from(here):
                    if broken:
                        self.damage.append(str(broken))
                    here, read, broken = record.position, True, None
                    yield record
                cut = self._cut(here) if read else here
                if cut is None:
                    return
                at, what = cut, "the archive is cut off" if read else "no record begins here"
            except OSError as error:
                at, what = here, str(error)
            again, tries = self._next_beginning(at + 1), tries + 1
            if broken is None:  # a record that was read is sound: what is broken begins after it
                broken = BrokenError(again if at == here and read and again else at, what)
            if again is None or tries > MAX_TRIES:
                raise broken
            here, read = again, False

    def _records_from(self, start: int) -> Iterator[Record]:
        self.file.seek(start - self.offset)
        short: BrokenError | None = None  # a record with less in it than it announces: damaged, or the end of a cut file
        for record in ArchiveIterator(self.file, parse_http=False):
            if short:
                self.damage.append(str(short))
            position = record.stream_pos + self.offset
            is_response = (record.headers.get("WARC-Type") or "").lower() == "response"
            raw = _up_to(self.most, record.reader) if is_response else b""
            short = BrokenError(position, "the record is cut off") if is_response and self._is_short(record, raw) else None
            if not short:
                yield Record(position, _snapshot(record, raw, self.most) if is_response else None)
        if short:
            raise short

    def _is_short(self, record: WarcRecord, raw: bytes) -> bool:
        return len(raw) < min(record.content_length, self.most)

    def _next_beginning(self, start: int) -> int | None:
        """Where, from byte `start` on, a record may begin."""
        self.file.seek(0)
        mark, ahead = (_GZIP, 0) if self.file.read(2) == _GZIP[:2] else (_PLAIN, 2)
        position = self.file.seek(start - self.offset)
        window = b""
        while chunk := self.file.read(_CHUNK):
            window += chunk
            if (found := window.find(mark)) >= 0:
                return position + found + ahead + self.offset
            position += max(0, len(window) - len(mark))
            window = window[-len(mark) :]
        return None

    def _cut(self, last: int) -> int | None:
        """The byte of a record that does not end within the file, the last one read or what follows it; None when it is whole."""
        self.file.seek(last - self.offset)
        if not (rest := self.file.read(_STEP)).startswith(_GZIP):
            self.file.seek(-4, os.SEEK_END)
            return None if self.file.read() == b"\r\n\r\n" else last
        while rest:
            begun = self.file.tell() - len(rest) + self.offset
            member = zlib.decompressobj(wbits=31)
            try:
                while rest and not member.eof:
                    member.decompress(rest)
                    rest = member.unused_data or self.file.read(_STEP)
            except zlib.error:
                return begun
            if not member.eof:
                return begun
            rest = rest.lstrip(b"\0")  # padding
        return None


def _snapshot(record: WarcRecord, raw: bytes, most: int) -> Snapshot | None:
    """The page of a response; None when its status is not 200, its type not HTML, or it has no date."""
    end = _HEAD_END.search(raw, 0, MAX_HEAD)
    lines = raw[: end.start() if end else 0].decode("latin-1").splitlines()
    status = _STATUS.match(lines[0]) if lines else None
    if end is None or status is None or status.group(1) != "200":
        return None
    said = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    declared = said.get("content-type") or record.headers.get("WARC-Identified-Payload-Type") or HTML[0]
    kind, _, charset = declared.lower().partition("charset=")
    at = _instant(record.headers.get("WARC-Date") or "")
    if kind.split(";")[0].strip() not in HTML or at is None:
        return None
    html = _plain(raw[end.end() :], said, most)
    url = (record.headers.get("WARC-Target-URI") or "").strip("<> ")  # early writers put the address in brackets
    return Snapshot(url, at, html, charset.strip(" \"'").split(";")[0] or None)


def _instant(written: str) -> datetime | None:
    """A record's date in UTC; None when it has none, or no time of day, or an impossible one."""
    try:
        at = datetime.fromisoformat(written.strip())
        if "T" not in written or at.year < FIRST_YEAR:
            return None
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _plain(body: bytes, said: dict[str, str], most: int) -> bytes:
    """A body without the encodings that its headers name. Many archives keep the header of what they have undone."""
    codings = [said.get("transfer-encoding", ""), *reversed(said.get("content-encoding", "").split(","))]
    for coding in codings:
        body = _undone(coding.strip().lower(), body, most)
    return body


def _undone(coding: str, body: bytes, most: int) -> bytes:
    """A body without one encoding; as it is where it does not have that, whatever its header says."""
    stream = io.BytesIO(body)
    readers: dict[str, Callable[[], Any]] = {
        "gzip": lambda: GzipReader(stream), "x-gzip": lambda: GzipReader(stream), "deflate": lambda: GzipReader(stream, zlib=True),
        "br": lambda: BrotliReader(stream), "zstd": lambda: ZstdReader(stream), "chunked": lambda: ChunkedReader(stream),
    }  # fmt: skip
    try:
        return _up_to(most, readers[coding]()) or body if coding in readers else body
    except OSError:
        return body


def _up_to(most: int, reader: WarcReader) -> bytes:
    """What a reader has to give, at most so many bytes."""
    parts, left = [], most
    while left and (part := reader.read(min(left, _CHUNK))):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)
