"""A small internet on loopback: a real HTTP server that serves `tests/web/<host>/…`, used as a forward proxy."""

from __future__ import annotations

import threading
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import unquote, urlsplit

WEB = Path(__file__).parent / "web"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".json": "application/feed+json",
    ".txt": "text/plain",
    ".xml": "application/xml",
    ".rss": "application/xml",
    ".rdf": "application/xml",
    ".atom": "application/xml",
}


@dataclass
class Answer:
    """What the server says."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


Serve = Callable[[str, dict[str, str]], Answer | None]


class Proxy:
    """A real HTTP server on loopback that the crawl takes for its way to the web; `with` starts and ends it."""

    server: ThreadingHTTPServer

    @property
    def proxy(self) -> str:
        """The value of `http_proxy`."""
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


class Internet(Proxy):
    """Serves hosts from a folder; `routes` (URL to a function of path and headers) go first. `asked` logs each URL.

    >>> with Internet() as internet:
    ...     internet.proxy
    'http://127.0.0.1:…'
    """

    def __init__(self, web: Path = WEB, routes: dict[str, Serve] | None = None) -> None:
        self.web = web
        self.routes = routes or {}
        self.asked: list[str] = []
        self.agents: set[str] = set()
        self.most_at_once = 0  # requests to one host
        self._open: Counter[str] = Counter()
        self._lock = threading.Lock()
        internet = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                internet.asked.append(self.path)
                internet.agents.add(self.headers.get("User-Agent", ""))
                with internet.counting(urlsplit(self.path).netloc):
                    answer = internet.answer(self.path, {k.lower(): v for k, v in self.headers.items()})
                self.send_response(answer.status)
                for name, value in {**answer.headers, "Content-Length": str(len(answer.body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing: `asked` is the log."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True

    @contextmanager
    def counting(self, host: str) -> Iterator[None]:
        """Keep the highest number of requests to one host that were open at the same time."""
        with self._lock:
            self._open[host] += 1
            self.most_at_once = max(self.most_at_once, self._open[host])
        try:
            yield
        finally:
            with self._lock:
                self._open[host] -= 1

    def answer(self, url: str, headers: dict[str, str]) -> Answer:
        """The answer to one URL."""
        parts = urlsplit(url)
        if serve := self.routes.get(f"{parts.scheme}://{parts.netloc}{parts.path}"):
            return serve(url, headers) or Answer(404)
        host = self.web / (parts.hostname or "")
        path = unquote(parts.path)
        said = _exceptions(host).get(path, {})
        if "location" in said:
            return Answer(said.get("status", 302), headers={"Location": said["location"]})
        file = host / said["file"] if "file" in said else _file(host, path.strip("/"))
        if file is None:
            return Answer(said.get("status", 404), b"not here", {"Content-Type": "text/plain"})
        kind = said.get("type") or TYPES.get(file.suffix, "text/html; charset=utf-8")
        return Answer(said.get("status", 200), file.read_bytes(), {"Content-Type": kind})

    def pages_asked(self) -> list[str]:
        """The URLs asked for that are no robots.txt."""
        return [url for url in self.asked if not url.endswith("/robots.txt")]


def _exceptions(host: Path) -> dict[str, dict[str, Any]]:
    file = host / "_host.toml"
    return tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def _file(host: Path, path: str) -> Path | None:
    candidates = (host / path, host / f"{path}.html", host / path / "index.html")
    found = next((file for file in candidates if file.is_file()), None)
    return found if found and found.resolve().is_relative_to(host.resolve()) and found.name != "_host.toml" else None
