"""All cases on one real server, used as a forward proxy: whatever a case writes goes over the wire as it is."""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import urlsplit

from tests.internet import Proxy
from tests.misbehaving.cases import NEIGHBOURS, Case, page, plain

ITEM = "<item><title>{title}</title><link>http://{host}{path}</link></item>"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who is given too much hangs up."""


class Misbehaving(Proxy):
    """Serves `cases`.

    >>> with Misbehaving(cases) as web:
    ...     web.proxy
    'http://127.0.0.1:…'
    """

    def __init__(self, cases: Sequence[Case]) -> None:
        self.cases = {host: case for case in cases for host in (case.host, case.bad_host)}
        web = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 20

            def do_GET(self) -> None:
                self.close_connection = True
                parts = urlsplit(self.path)
                with contextlib.suppress(OSError):  # who is given too much hangs up
                    web.answer(cast(BinaryIO, self.wfile), parts.hostname or "", parts.path)

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing."""

        self.server = _Server(("127.0.0.1", 0), Handler)

    def answer(self, out: BinaryIO, host: str, path: str) -> None:
        """Write the answer of a host: its feed, a neighbour, or what it does wrong."""
        case = self.cases.get(host)
        number = path.removeprefix("/neighbour-")
        if case is None or (path == "/robots.txt" and not (case.name.startswith("robots") and host == case.bad_host)):
            out.write(plain(b"", status="404 Not Found"))
        elif path == "/feed" and host == case.host:
            out.write(plain(feed(case).encode(), kind="application/rss+xml"))
        elif path.startswith("/neighbour-") and number.isdigit() and host == case.host:
            out.write(plain(page(headline(case, int(number)), number=int(number))))
        elif host == case.bad_host:
            case.serve(out, path)
        else:
            out.write(plain(b"", status="404 Not Found"))


def headline(case: Case, number: int) -> str:
    """Of a neighbour; without the case's name, for who reads "404" is right to think that the page is gone."""
    return f"Nordkorea liefert Russland Granaten, Fracht {zlib.crc32(case.name.encode()) % 9_000}.{number}"


def feed(case: Case) -> str:
    """What the case does wrong, then its ten neighbours."""
    listed = [(case.bad_host, path) for path in case.bad] + [(case.host, f"/neighbour-{n}") for n in range(1, NEIGHBOURS + 1)]
    items = "".join(ITEM.format(title=headline(case, n), host=host, path=path) for n, (host, path) in enumerate(listed))
    return f"<rss version='2.0'><channel><title>{case.name}</title>{items}</channel></rss>"


def catalogue(cases: Sequence[Case], path: Path) -> Path:
    """The sources.toml of all cases."""
    blocks = []
    for case in cases:
        feeds = [f"http://{case.host}/feed"] + ([f"http://{case.host}/listing"] if case.listing == "feed" else [])
        sitemaps, pages = ([f"http://{case.host}/listing"] if case.listing == kind else [] for kind in ("sitemap", "page"))
        blocks.append(
            f'[[outlet]]\nid = "{case.name.replace(" ", "-")}"\nname = "{case.name}"\nhome = "http://{case.host}"\ncountry = "DE"\n'
            f'language = "de"\ntimezone = "Europe/Berlin"\n'
            + f"feeds = {feeds!r}\nsitemaps = {sitemaps!r}\npages = {pages!r}\n".replace("'", '"')
        )
    path.write_text("\n".join(blocks), encoding="utf-8")
    return path
