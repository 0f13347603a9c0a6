"""Posting to a webhook: a run's report, an export."""

from __future__ import annotations

import time
from http.client import HTTPException
from io import BytesIO
from typing import Any, BinaryIO
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from crawler.settings import VERSION

TIMEOUT = 10  # seconds a webhook may keep us waiting at each step
PAUSE = 2.0  # seconds before a second try: longer than a server takes to be started anew behind its proxy


class WebhookError(OSError):
    """A webhook could not be given what was meant for it: says which and why."""

    def __init__(self, sentence: str, *, passing: bool) -> None:
        super().__init__(sentence)
        self.passing = passing  # another try may help: no answer, too busy, or a fault of the server's own


def is_webhook(url: str) -> bool:
    """Whether something can be posted there: an http(s) address with a host."""
    try:
        parts = urlsplit(url)
        return parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


class _Stay(HTTPRedirectHandler):
    """A redirected POST would arrive as a GET without its body: a moved webhook is a failure that says so."""

    def redirect_request(self, *_: Any) -> None:
        """None follows."""


def post(url: str, body: bytes | BinaryIO, content_type: str, what: str, *, tries: int = 1) -> None:
    """Post a body, from its beginning; anything but an answer of 200 to 299 is a failure.

    Args:
        what: how the body is called in errors, for example "report".
        tries: how often in all, where another try may help.

    Raises:
        WebhookError: when the last try failed, or the answer was final.
    """
    file = BytesIO(body) if isinstance(body, bytes) else body
    for left in range(tries - 1, -1, -1):
        try:
            _post(url, file, content_type, what)
            return
        except WebhookError as error:
            if not left or not error.passing:
                raise
            time.sleep(PAUSE)


def _post(url: str, file: BinaryIO, content_type: str, what: str) -> None:
    size = file.seek(0, 2)
    file.seek(0)
    headers = {"Content-Type": content_type, "Content-Length": str(size), "User-Agent": f"Nachlese/{VERSION}"}
    where = "?"
    try:
        where = urlsplit(url).hostname or where  # the rest of a webhook's address is often its password
        request = Request(url, file, headers, method="POST")  # noqa: S310 - is_webhook() lets http(s) pass only
        build_opener(_Stay).open(request, timeout=TIMEOUT).close()
    except HTTPError as error:
        passing = error.code == 429 or error.code >= 500
        error.close()
        raise WebhookError(f"the webhook at {where} refused the {what} (HTTP {error.code})", passing=passing) from None
    except (OSError, HTTPException, ValueError) as error:
        why = getattr(error, "reason", None) or error or type(error).__name__
        raise WebhookError(f"the webhook at {where} could not be given the {what} ({why})", passing=isinstance(error, OSError)) from None
