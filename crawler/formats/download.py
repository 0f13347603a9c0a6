"""A large file by http(s), to disk in pieces.

Not through Scrapy: its downloader holds an answer in memory, and robots.txt and politeness are an outlet's. An archive
is published to be downloaded whole, one at a time. Proxies are those of the environment.
"""

from __future__ import annotations

import re
import tempfile
import urllib.request
from http.client import HTTPException
from pathlib import Path
from typing import Any, BinaryIO, Self
from urllib.parse import urlsplit

PIECE = 1 << 20  # bytes a read
PIECES = 8  # reads a call of `more`: a stop is heeded between two calls
ERRORS = (OSError, HTTPException)
_HANDLERS = (
    urllib.request.ProxyHandler, urllib.request.HTTPHandler, urllib.request.HTTPSHandler, urllib.request.HTTPRedirectHandler,
    urllib.request.HTTPErrorProcessor, urllib.request.HTTPDefaultErrorHandler, urllib.request.UnknownHandler,
)  # fmt: skip


class DownloadError(OSError):
    """A file that is not to be had; says why."""


class Download:
    """A file on its way to disk. `file` vanishes with the process; its first byte is byte `offset` of the whole.

    Args:
        most: bytes; a larger file is refused.
        start: the byte to begin at, if the server can; otherwise it begins at 0.
    """

    def __init__(self, url: str, folder: Path, *, most: int, agent: str, timeout: float, start: int = 0) -> None:
        self.url = url
        self.most = most
        self.timeout = timeout
        self.headers = {"User-Agent": agent, "Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
        self.file: BinaryIO = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed with the download
        self.offset = 0
        self.came = 0
        self.announced: int | None = None
        self._answer: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()
        if self._answer is not None:
            self._answer.close()

    def begin(self) -> None:
        """Ask.

        Raises:
            OSError, HTTPException: when there is no answer, or not the file; or it says that it is too large.
        """
        opener = urllib.request.OpenerDirector()  # without the handlers that a redirect could lead to ftp: or file: by
        for handler in _HANDLERS:
            opener.add_handler(handler())
        try:
            answer = self._answer = opener.open(urllib.request.Request(self.url, headers=self.headers), timeout=self.timeout)  # noqa: S310
        except ValueError as error:  # a host that no name server could be asked for
            raise DownloadError(f"is no URL: {error}") from None
        span = re.match(r"bytes (\d{1,18})-", answer.headers.get("Content-Range") or "")
        self.offset = int(span.group(1)) if answer.status == 206 and span else 0
        length = answer.headers.get("Content-Length") or ""
        self.announced = int(length) if re.fullmatch(r"\d{1,18}", length, re.ASCII) else None
        self._check_size(self.announced or 0)

    def more(self) -> bool:
        """Take some more; whether that was not all."""
        for _ in range(PIECES):
            piece = self._answer.read(PIECE)
            if not piece:
                return False
            self.came += len(piece)
            self._check_size(self.came)
            self.file.write(piece)
        return True

    @property
    def missing(self) -> int:
        """Bytes that were announced and did not come."""
        return max(0, (self.announced or 0) - self.came)

    def _check_size(self, size: int) -> None:
        if size > self.most:
            raise DownloadError(f"is larger than {self.most / 2**20:,.1f} MiB (ARCHIVE_MAXSIZE)")


def is_remote(path: str) -> bool:
    """Whether a path is an http(s) URL."""
    try:
        return urlsplit(path).scheme.lower() in ("http", "https")
    except ValueError:
        return False
