"""Misbehaviour below the page: connections, status lines, headers, encodings, lengths, time."""

from __future__ import annotations

import gzip
import time
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from typing import BinaryIO

import brotli  # type: ignore[import-untyped]

from tests.misbehaving.cases import Case, Serve, moved, page, plain, says

GOOD = page("Nordkorea liefert Granaten an Russland")
DRIP = 0.05  # seconds between two bytes


def _reset(begin: bytes) -> Serve:
    """Some bytes, then the connection ends."""
    return says(begin)


def _silent(out: BinaryIO, path: str) -> None:
    """Nothing, for longer than anybody waits."""
    time.sleep(SILENCE)


def _drip(before: bytes, unit: bytes) -> Serve:
    def serve(out: BinaryIO, path: str) -> None:
        out.write(before)
        for _ in range(int(SILENCE / DRIP)):
            out.write(unit)
            out.flush()
            time.sleep(DRIP)

    return serve


SILENCE = 20.0  # seconds, more than the limits that the tests set


def _endless(out: BinaryIO, path: str) -> None:
    """A page that never ends, as fast as it can."""
    out.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<html><body>")
    for _ in range(100_000):
        out.write(b"<p>Nordkorea Russland</p>" * 400)


def _encoded(name: str, body: bytes) -> Serve:
    return says(plain(body, f"Content-Encoding: {name}"))


def _chunks(*chunks: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n" + b"".join(chunks)


def _numbered(out: BinaryIO, path: str) -> None:
    """A redirect to the next number, for ever."""
    number = int(path.removeprefix("/hop-")) if path.startswith("/hop-") else 0
    out.write(plain(b"", f"Location: /hop-{number + 1}", status="302 Found"))


def _deflated(body: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(body) + packer.flush()


def _brotlied(body: bytes) -> bytes:
    return bytes(brotli.compress(body, quality=1))


def _gzipped_twice(body: bytes) -> bytes:
    return gzip.compress(gzip.compress(body))


def bomb(pack: Callable[[bytes], bytes], *headers: str, kind: str = "text/html", begin: bytes = b"<html><body><p>") -> Serve:
    """76 MB, packed into a few kilobytes when they are first asked for."""

    @cache
    def answer() -> bytes:
        return plain(pack(begin + b"Nordkorea Russland " * 4_000_000), *headers, kind=kind)

    def serve(out: BinaryIO, path: str) -> None:
        out.write(answer())

    return serve


FAILED = "failed"


def transport() -> Iterator[Case]:
    """Every case of this kind."""
    yield from _lines()
    yield from _time_and_size()
    yield from _encodings()
    yield from _statuses()
    yield from _redirects()


def _lines() -> Iterator[Case]:
    yield Case("nothing at all", _reset(b""), FAILED)
    yield Case("half a status line", _reset(b"HTTP/1."), FAILED)
    yield Case("garbage for a status line", _reset(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 40), FAILED)
    yield Case("headers that end early", _reset(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-"), FAILED)
    yield Case("header without a colon", _reset(b"HTTP/1.1 200 OK\r\nnonsense\r\nContent-Length: 2\r\n\r\nok"), "off_story")
    yield Case("a thousand headers", says(plain(GOOD, *(f"X-{n}: {n}" for n in range(1_000)))), "filed")
    yield Case("a header of a megabyte", says(plain(GOOD, f"X-Long: {'x' * 1_000_000}")), FAILED)
    yield Case("null bytes in a header", says(plain(GOOD, "X-Null: a\0b")), "filed")
    yield Case("length too long", says(plain(GOOD).replace(b"Content-Length: ", b"Content-Length: 9")), FAILED)
    yield Case("length too short", says(plain(GOOD).replace(b"Content-Length: ", b"Content-Length: 0")[:-1]), FAILED)
    yield Case("two lengths", says(plain(GOOD, "Content-Length: 7")), FAILED)
    yield Case("length that is no number", says(plain(GOOD).replace(b"Content-Length: ", b"Content-Length: x")), FAILED)
    yield Case("chunk of a wild size", _reset(_chunks(b"zz\r\n<html>\r\n")), FAILED)
    yield Case("chunk of four gigabytes", _reset(_chunks(b"ffffffff\r\n<html>")), FAILED)
    yield Case("chunks without an end", _reset(_chunks(b"6\r\n<html>\r\n")), FAILED)


def _time_and_size() -> Iterator[Case]:
    yield Case("silence", _silent, FAILED, "nothing came|longer than")
    yield Case("silence after the headers", _drip(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", b""), FAILED)
    yield Case("headers byte by byte", _drip(b"HTTP/1.1 200 OK\r\nX: ", b"x"), FAILED)
    yield Case("body byte by byte", _drip(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n<html>", b"x"), FAILED)
    yield Case("a page without an end", _endless, FAILED, "MiB|larger")
    yield Case("a page of nine megabytes", says(plain(GOOD + b"<!--" + b"x" * 9_000_000 + b"-->")), FAILED, "MiB|larger")


def _encodings() -> Iterator[Case]:
    yield Case("gzip bomb", bomb(gzip.compress, "Content-Encoding: gzip"), FAILED, "MiB|larger")
    yield Case("gzip in gzip bomb", bomb(_gzipped_twice, "Content-Encoding: gzip, gzip"), FAILED, "MiB|larger")
    yield Case("deflate bomb", bomb(_deflated, "Content-Encoding: deflate"), FAILED, "MiB|larger")
    yield Case("brotli bomb", bomb(_brotlied, "Content-Encoding: br"), FAILED, "MiB|larger")
    yield Case("zstandard that nobody asked for", _encoded("zstd", b"\x28\xb5\x2f\xfd" + b"\0" * 400), "no_text")
    yield Case("half a gzip", _encoded("gzip", gzip.compress(GOOD)[:-40]), "filed")
    yield Case("gzip that is none", _encoded("gzip", GOOD), FAILED)
    yield Case("unknown encoding", _encoded("rot13", GOOD), "filed")


def _statuses() -> Iterator[Case]:
    yield Case("status 999", says(plain(GOOD, status="999 Ask me later")), FAILED)
    yield Case("status 204 with a body", says(plain(GOOD, status="204 No Content")), FAILED)
    yield Case("status 206 unasked", says(plain(GOOD[:200], status="206 Partial Content")), FAILED)
    yield Case("status 304 unasked", says(plain(b"", status="304 Not Modified")), FAILED)
    yield Case("status 101", says(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"), FAILED)
    yield Case("status 100 for ever", says(b"HTTP/1.1 100 Continue\r\n\r\n" * 1_000), FAILED)
    yield Case("status 500", says(plain(GOOD, status="500 Oops")), FAILED)
    yield Case("status 403", says(plain(GOOD, status="403 Forbidden")), "denied")
    yield Case("status 404", says(plain(GOOD, status="404 Not Found")), "gone")
    yield Case("status 410", says(plain(GOOD, status="410 Gone")), "gone")
    yield Case("throttled for a century", says(plain(b"", "Retry-After: 3153600000", status="429 Slow")), FAILED, apart=True)
    yield Case("rest of nonsense", says(plain(b"", "Retry-After: tomorrow -1", status="503 Busy")), FAILED, apart=True)


def _redirects() -> Iterator[Case]:
    yield Case("redirect to itself", moved("/bad"), FAILED)
    yield Case("redirects for ever", _numbered, FAILED)
    yield Case("redirect to a file", moved("file:///etc/passwd"), FAILED)
    yield Case("redirect to a script", moved("javascript:alert(1)"), FAILED)
    yield Case("redirect to the metadata service", moved("http://169.254.169.254/latest/meta-data"), "denied", "link-local")
    yield Case("redirect to another port", moved("http://redirect-to-another-port.example:22/"), "denied", "port 22")
    yield Case("redirect to nowhere", moved(""), FAILED)
    yield Case("redirect with a password", moved("http://me:secret@redirect-with-a-password.example/neighbour-1"), FAILED)
    yield Case("redirect of 60 kilobytes", moved("/" + "x" * 60_000), FAILED)
    yield Case("redirect that smuggles a header", moved("/x%0d%0aSet-Cookie:%20a=b"), FAILED)
    yield Case("cookies by the hundred", says(plain(GOOD, *(f"Set-Cookie: c{n}={'x' * 400}" for n in range(100)))), "filed")
