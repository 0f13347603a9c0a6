"""Hosts on loopback that serve made pages from disk, from a process of their own, and a feed each that lists them."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import format_datetime
from functools import partial
from html import escape
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

from tests.bench.pages import HOSTS, MadePage, Press

NETWORK = "127.10.0.0/16"
_OUTLET = """
[[outlet]]
id = "zeitung-{n}"
name = "Zeitung {n}"
home = "{home}"
country = "DE"
language = "de"
timezone = "Europe/Berlin"
scope = "{scope}"
feeds = ["{home}/feed.xml"]
"""
_ITEM = "<item><title>{headline}</title><link>{url}</link><description>{lead}</description><pubDate>{date}</pubDate></item>"


@dataclass(frozen=True)
class Listed:
    """A page as its listing and its reader know it; the markup lies on disk."""

    url: str
    story: bool
    headline: str
    text: str
    file: Path


@dataclass(frozen=True)
class Web:
    """Pages on disk, and where they are served."""

    folder: Path
    homes: tuple[str, ...]
    pages: tuple[Listed, ...]

    def catalogue(self, scope: str) -> Path:
        """A catalogue of the hosts. With `all` every page is fetched; with `match` what its headline does not rule out."""
        path = self.folder / f"{scope}.toml"
        path.write_text("".join(_OUTLET.format(n=n, home=home, scope=scope) for n, home in enumerate(self.homes)), encoding="utf-8")
        return path

    def asked(self) -> dict[str, int]:
        """How often `artikel`, `feed.xml` and the like were asked for since the last time."""
        with build_opener(ProxyHandler({})).open(f"{self.homes[0]}/-asked") as answer:
            return dict(json.load(answer))


@contextmanager
def web(folder: Path, count: int, press: Press | None = None, hosts: int = HOSTS, latency: float = 0.0) -> Iterator[Web]:
    """Make so many pages, serve them until the end of the block, each answer so many seconds after its request."""
    context = get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(folder, hosts, latency, there), daemon=True)
    process.start()
    try:
        homes: tuple[str, ...] = here.recv()
        yield Web(folder, homes, _printed(folder, homes, (press or Press()).pages(count)))
    finally:
        process.terminate()
        process.join()


def _printed(folder: Path, homes: tuple[str, ...], pages: Iterator[MadePage]) -> tuple[Listed, ...]:
    listed: list[Listed] = []
    items: dict[int, list[str]] = {n: [] for n in range(len(homes))}
    for made in pages:
        host = len(listed) % len(homes)
        url = f"{homes[host]}{made.path}"
        file = folder / f"{host}{made.path}"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(made.html)
        listed.append(Listed(url, made.story, made.headline, made.text, file))
        lead = escape(made.text.split(". ")[0])
        items[host].insert(0, _ITEM.format(headline=escape(made.headline), url=url, lead=lead, date=format_datetime(made.published)))
    for host, lines in items.items():  # the newest first, as feeds have them
        (folder / str(host)).mkdir(exist_ok=True)
        feed = f'<rss version="2.0"><channel><title>Zeitung {host}</title>{"".join(lines)}</channel></rss>'
        (folder / str(host) / "feed.xml").write_text(feed, encoding="utf-8")
    return tuple(listed)


def _address(host: int) -> str:
    return f"127.10.{host // 250}.{host % 250 + 1}"


def _serve(folder: Path, hosts: int, latency: float, tell: Connection) -> None:
    asyncio.run(_serving(folder, hosts, latency, tell))


async def _serving(folder: Path, hosts: int, latency: float, tell: Connection) -> None:
    loop, asked, port = asyncio.get_running_loop(), Counter[str](), 0
    servers = []
    for host in range(hosts):
        server = await loop.create_server(partial(_Host, folder / str(host), asked, latency), _address(host), port, backlog=512)
        port = server.sockets[0].getsockname()[1]  # the first free one holds for all
        servers.append(server)
    tell.send(tuple(f"http://{_address(host)}:{port}" for host in range(hosts)))
    await asyncio.Event().wait()


class _Host(asyncio.Protocol):
    """HTTP/1.1 as far as a crawl needs it: GET, keep-alive, ETag."""

    def __init__(self, folder: Path, asked: Counter[str], latency: float) -> None:
        self.folder, self.asked, self.latency = folder, asked, latency
        self.came = b""
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client came."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer each whole request."""
        self.came += data
        while b"\r\n\r\n" in self.came:
            head, _, self.came = self.came.partition(b"\r\n\r\n")
            answer = self._answer(head)
            if self.latency:
                asyncio.get_running_loop().call_later(self.latency, self.transport.writelines, answer)
            else:
                self.transport.writelines(answer)

    def _answer(self, head: bytes) -> tuple[bytes, bytes]:
        path = head.split(b" ", 2)[1].decode()
        if path == "/-asked":
            body = json.dumps(self.asked).encode()
            self.asked.clear()
            return _headed(200, "application/json", body)
        self.asked[path.split("/")[1]] += 1
        file = self.folder / path[1:]
        if not file.is_file():
            return _headed(404, "text/plain", b"not here")
        body = file.read_bytes()
        if file.suffix == ".html":
            return _headed(200, "text/html; charset=utf-8", body)
        tag = f'"{zlib.crc32(body):x}"'
        if tag.encode() in head:
            return _headed(304, "application/rss+xml", b"", tag)
        return _headed(200, "application/rss+xml", body, tag)


def _headed(status: int, kind: str, body: bytes, tag: str = "") -> tuple[bytes, bytes]:
    etag = f"ETag: {tag}\r\n" if tag else ""
    return f"HTTP/1.1 {status} OK\r\nContent-Type: {kind}\r\n{etag}Content-Length: {len(body)}\r\n\r\n".encode(), body
