"""What an answer may cost: a server on loopback that sends too much, too slowly, or nothing; ten neighbours that must be filed."""

from __future__ import annotations

import gzip
import os
import socket
import socketserver
import sqlite3
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from datetime import datetime

import brotli  # type: ignore[import-untyped]
import pytest
from backports import zstd
from scrapy import Request
from scrapy.http import HtmlResponse
from scrapy.utils.test import get_crawler

from crawler.formats.sitemap import MAX_UNPACKED, SitemapError, read_sitemap
from crawler.handler import Decompression
from crawler.limits import LargeError
from tests import nursery

Send = Callable[[bytes], None]
MOST = 100_000  # bytes of a page in these tests
SHORT = {
    "PAGE_MAXSIZE": str(MOST), "DOWNLOAD_MAXSIZE": str(2 * MOST), "HEADERS_MAXSIZE": "20000", "DOWNLOAD_STALLED": "0.5",
    "DOWNLOAD_TIMEOUT": "1.5", "RETRY_TIMES": "0", "DOWNLOAD_DELAY": "0", "ALLOW_PRIVATE_ADDRESSES": "True", "LOG_LEVEL": "WARNING",
    "CONTACT": "https://nachlese.example/tests",
}  # fmt: skip
NEIGHBOURS = 10
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
FEED = OK.replace(b"html", b"xml")


def page(number: int = 0) -> bytes:
    text = "".join(
        f"<p>Nordkorea lieferte Russland im {part}. Monat {number * 31 + part} Waggons mit Granaten, teilten Behörden mit. "
        f"Moskau verlud Sendung {number}-{part} in Wladiwostok auf Züge nach Kursk.</p>"
        for part in range(1, 7)
    )
    return f"<html><body><h1>Nordkorea liefert Russland Munition, Folge {number}</h1>{text}</body></html>".encode()


def whole(body: bytes, coding: str = "", head: bytes = OK) -> Callable[[Send], None]:
    said = f"Content-Length: {len(body)}\r\n" + (f"Content-Encoding: {coding}\r\n" if coding else "")
    return lambda send: send(head + said.encode() + b"\r\n" + body)


def forever(piece: bytes, *, before: bytes = b"", pause: float = 0.0) -> Callable[[Send], None]:
    def answer(send: Send) -> None:
        send(before)
        while True:
            send(piece)
            time.sleep(pause)

    return answer


def then_nothing(begin: bytes) -> Callable[[Send], None]:
    def answer(send: Send) -> None:
        send(begin)
        time.sleep(3)

    return answer


def bomb(size: int = 20 * 2**20) -> bytes:
    return page() + b" " * size


def deflated(body: bytes) -> bytes:
    return zlib.compress(body, 9)[2:-4]  # raw, as some servers send it


CUT = "larger than 0.0954 MiB: cut off"
STALLED = "nothing came for 0.5 s"
SLOW = "took longer than 1.5 s in all: given up"
# path -> what the server does, and the beginning of the reason on record
CASES: dict[str, tuple[Callable[[Send], None], str]] = {
    "gzip-bomb": (whole(gzip.compress(bomb()), "gzip"), CUT),
    "x-gzip-bomb": (whole(gzip.compress(bomb()), "x-gzip"), CUT),
    "deflate-bomb": (whole(zlib.compress(bomb()), "deflate"), CUT),
    "raw-deflate-bomb": (whole(deflated(bomb()), "deflate"), CUT),
    "br-bomb": (whole(brotli.compress(bomb(), quality=1), "br"), CUT),
    "zstd-bomb": (whole(zstd.compress(bomb()), "zstd"), CUT),
    "bomb-in-a-bomb": (whole(gzip.compress(gzip.compress(bomb())), "gzip, gzip"), CUT),
    "packed-five-times": (whole(b"x", ", ".join(["gzip"] * 5)), "packed more than 2 times: not unpacked"),
    "too-large": (whole(page() + b" " * MOST), CUT),
    "endless": (forever(b" " * 5000, before=OK + b"\r\n"), CUT),
    "endless-chunks": (forever(b"400\r\n" + b" " * 1024 + b"\r\n", before=OK + b"Transfer-Encoding: chunked\r\n\r\n"), CUT),
    "says-a-terabyte": (then_nothing(OK + b"Content-Length: 1000000000000\r\n\r\n<p>"), CUT),
    "endless-headers": (forever(b"X-More: " + b"x" * 100 + b"\r\n", before=OK), "headers larger than 0.0191 MiB: cut off"),
    "endless-hints": (forever(b"HTTP/1.1 103 Early Hints\r\n\r\n"), "headers larger than 0.0191 MiB: cut off"),
    "one-long-header": (forever(b"x" * 5000, before=OK + b"X-Long: "), ""),
    "silent": (then_nothing(b""), STALLED),
    "silent-in-the-headers": (then_nothing(OK), STALLED),
    "headers-drip": (forever(b"X-More: y\r\n", before=OK, pause=0.1), STALLED),
    "silent-in-the-page": (then_nothing(OK + b"Content-Length: 5000\r\n\r\n" + page()), STALLED),
    "silent-in-a-chunk": (then_nothing(OK + b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFF\r\n"), STALLED),
    "page-drips": (forever(b" ", before=OK + b"\r\n" + page(), pause=0.1), SLOW),
    "cut-short": (lambda send: send(OK + b"Content-Length: 50000\r\n\r\n" + page()), ""),
    "no-gzip": (whole(page(), "gzip"), ""),
    "no-br": (whole(page(), "br"), ""),
    "no-zstd": (whole(page(), "zstd"), ""),
}  # fmt: skip
LISTINGS: dict[str, tuple[Callable[[Send], None], str]] = {
    "gzip-bomb.xml": (whole(gzip.compress(b"<rss>" + bomb()), "gzip", FEED), "larger than 0.191 MiB: cut off"),
    "endless.xml": (forever(b"<item>" * 500, before=FEED + b"\r\n<rss><channel>"), "larger than 0.191 MiB: cut off"),
    "silent.xml": (then_nothing(FEED), STALLED),
    "drips.xml": (forever(b" ", before=FEED + b"\r\n<rss>", pause=0.1), SLOW),
}


class Server(socketserver.ThreadingTCPServer):
    """Answers by path, byte by byte as the case wants; `deaf` is a port that takes connections and never says anything."""

    daemon_threads = True
    request_queue_size = 100

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        self.port = self.server_address[1]
        self.answers: dict[str, Callable[[Send], None]] = {f"/{name}": answer for name, (answer, _) in {**CASES, **LISTINGS}.items()}
        self.answers |= {f"/nachbar-{number}-123456.html": whole(page(number)) for number in range(NEIGHBOURS)}
        self.accepted: list[bytes] = []

    def feed(self, urls: list[str]) -> None:
        items = "".join(f"<item><link>{url}</link><title>Nordkorea liefert Russland Munition</title></item>" for url in urls)
        self.answers["/feed"] = whole(f"<rss version='2.0'><channel><title>B</title>{items}</channel></rss>".encode(), head=FEED)


class Talk(socketserver.StreamRequestHandler):
    server: Server

    def handle(self) -> None:
        path = self.rfile.readline().split()[1].decode()
        self.server.accepted += [line.strip() for line in iter(self.rfile.readline, b"\r\n") if line.lower().startswith(b"accept-enc")]
        with suppress(OSError):
            self.server.answers.get(path, lambda send: send(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"))(self.request.sendall)  # type: ignore[no-untyped-call]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """The database of one run in which every server misbehaves."""
    folder = tmp_path_factory.mktemp("limits")
    with ExitStack() as open_, Server() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        deaf, full = (open_.enter_context(socket.create_server(("127.0.0.1", 0), backlog=size)) for size in (50, 0))
        for _ in range(4):  # until the queue is full, and nobody gets a connection any more
            waiting = open_.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        pages = [f"http://localhost:{server.port}/{name}" for name in CASES]
        pages += [f"http://localhost:{full.getsockname()[1]}/no-connection", f"https://localhost:{deaf.getsockname()[1]}/no-tls"]
        server.feed(pages + [f"http://localhost:{server.port}/nachbar-{number}-123456.html" for number in range(NEIGHBOURS)])
        (folder / "sources.toml").write_text(catalogue(server.port), encoding="utf-8")
        given = SHORT | {"DATABASE": str(folder / "news.db"), "SOURCES": str(folder / "sources.toml")}
        options = [part for name, value in given.items() for part in ("-s", f"{name}={value}")]
        bare = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        done = nursery.run(["crawl", "feeds", *options], bare)
        assert done.returncode == 0, done.stderr
        assert set(server.accepted) == {b"Accept-Encoding: gzip, deflate, br, zstd"}
    with closing(sqlite3.connect(folder / "news.db")) as database:
        yield database


def catalogue(port: int) -> str:
    block = 'home = "http://{id}.example"\ncountry = "DE"\nlanguage = "de"\ntimezone = "Europe/Berlin"\nfeeds = ["http://localhost:{port}/{path}"]'
    paths = ["feed", *LISTINGS]
    return "\n".join(f'[[outlet]]\nid = "o{i}"\nname = "o{i}"\n' + block.format(id=f"o{i}", port=port, path=p) for i, p in enumerate(paths))


@pytest.mark.parametrize("name", [*CASES, "no-connection", "no-tls"])
def test_page_that_asks_too_much_fails_for_a_reason_and_is_not_tried_again_at_once(found: sqlite3.Connection, name: str) -> None:
    ((verdict, reason, retry_at, at),) = found.execute(
        "SELECT verdict, reason, retry_at, at FROM decisions WHERE url LIKE ?", [f"%/{name}"]
    ).fetchall()
    assert verdict == "failed"
    assert reason.startswith(CASES[name][1]) if name in CASES else reason.endswith(STALLED)  # said of its robots.txt
    assert (datetime.fromisoformat(retry_at) - datetime.fromisoformat(at)).total_seconds() >= 3600


def test_neighbours_of_all_these_are_filed(found: sqlite3.Connection) -> None:
    rows = found.execute("SELECT url FROM articles WHERE url LIKE '%/nachbar-%'").fetchall()
    assert len(rows) == NEIGHBOURS


@pytest.mark.parametrize("name", LISTINGS)
def test_listing_that_asks_too_much_fails_for_a_reason(found: sqlite3.Connection, name: str) -> None:
    (outcome, reason), *more = found.execute("SELECT outcome, reason FROM fetches WHERE source LIKE ?", [f"%/{name}"]).fetchall()
    assert (outcome, more) == ("failed", [])
    assert reason.startswith(LISTINGS[name][1])


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip", gzip.compress(bytes(64 * 2**20), 6)),
        ("deflate", zlib.compress(bytes(64 * 2**20))),
        ("br", brotli.compress(bytes(64 * 2**20), quality=1)),
        ("zstd", zstd.compress(bytes(64 * 2**20))),
    ],
)
def test_bomb_is_cut_while_it_is_unpacked(coding: str, packed: bytes) -> None:
    middleware = Decompression.from_crawler(get_crawler(settings_dict={"DOWNLOAD_MAXSIZE": 2**20}))
    response = HtmlResponse("http://a.example/", headers={"Content-Encoding": coding}, body=packed)
    tracemalloc.start()
    with pytest.raises(LargeError, match="larger than 1 MiB: cut off"):
        middleware.process_response(Request("http://a.example/"), response)
    assert tracemalloc.get_traced_memory()[1] < 4 * 2**20
    tracemalloc.stop()


def test_gzip_of_a_sitemap_is_cut_while_it_is_unpacked() -> None:
    packed = gzip.compress(b"<urlset>" + bytes(MAX_UNPACKED + 1), 6)
    tracemalloc.start()
    with pytest.raises(SitemapError, match="unpacked to at most 1 MiB"):
        read_sitemap(packed, 2**20)
    assert tracemalloc.get_traced_memory()[1] < 4 * 2**20
    tracemalloc.stop()
    with pytest.raises(SitemapError, match="unpacked to at most 50 MiB"):
        read_sitemap(packed)
