"""Addresses: the one spelling of each, and names made from them."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import urlsplit

from courlan import clean_url
from w3lib.url import canonicalize_url

MAX_URL = 2000  # characters; longer ones are traps, no outlet's article needs them


def canonical_url(url: str) -> str | None:
    """The one spelling of an http(s) URL: no fragment, no tracking, query sorted. None if it can be no article's.

    >>> canonical_url("http://Zeitung.example/a?utm_source=x&id=7#top")
    'http://zeitung.example/a?id=7'
    """
    url = re.sub(r"[\t\r\n]", "", url).strip()
    try:
        parts = urlsplit(url)
        if parts.scheme.lower() not in ("http", "https") or not parts.hostname or len(url) > MAX_URL:
            return None
        if parts.username is not None or parts.password is not None or (parts.port is not None and parts.port == 0):
            return None
        return str(canonicalize_url(clean_url(url) or url))
    except ValueError:
        return None


def public_id(url: str) -> str:
    """The id that exports, feeds and messages use: the first 16 hex digits of the URL's SHA-256."""
    return hashlib.sha256(url.encode()).hexdigest()[:16]


def url_key(url: str) -> int:
    """A URL as 64 bits, for sets of millions."""
    return int.from_bytes(hashlib.blake2b(url.encode(), digest_size=8).digest(), "big")
