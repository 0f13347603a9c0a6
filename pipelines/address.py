"""Addresses: the one spelling of each, and names made from them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import urljoin, urlsplit, urlunsplit

from w3lib.url import canonicalize_url

from pipelines.text import one_line

MAX_URL = 2000  # characters; longer ones are traps, no outlet's article needs them
# What names a visit and no page. `sid` may name an article (article.php?sid=1234), so there the value must look like a
# session's: sixteen characters and more, letters and digits among them.
_VISIT = re.compile(r"(?i)(?:PHPSESSID|ASPSESSIONID\w*|j?sessionid|session_id|oscsid|zenid|cftoken|cfid)=.*")
_PERHAPS_VISIT = re.compile(r"(?i)(?:php)?sid=(?=\D*\d)(?=[^a-z]*[a-z])[0-9a-z,-]{16,}")
_VISIT_IN_PATH = re.compile(r"(?i);(?:jsessionid|phpsessid|sid)=[^/;]*|/\(S\([0-9a-z]+\)\)(?=/)")
_PLAIN = re.compile(r"https?://[a-z0-9.-]+(?::\d+)?/[\w.~,!/-]*(?:\?[\w.=&-]*)?", re.ASCII)
LONGEST_CIRCLE = 4  # parts of a path
ROUNDS = 3  # of them: two are met with (/sport/sport/), three are a relative link of a page that answers to any address


def canonical_url(url: str) -> str | None:
    """The one spelling of an http(s) URL: no fragment, no tracking, no session, query sorted. None if it can be no article's.

    >>> canonical_url("http://Zeitung.example/a?utm_source=x&id=7#top")
    'http://zeitung.example/a?id=7'
    """
    spelled = _spelled(url)
    if spelled is None or _PLAIN.fullmatch(spelled):
        return spelled
    again = _spelled(spelled)  # what is odd may be spelled otherwise once more; a URL that never comes to rest names nothing
    return again if again is not None and again == _spelled(again) else None


def _spelled(url: str) -> str | None:
    url = re.sub(r"[\t\r\n]", "", url).strip()
    try:
        parts = urlsplit(url)
        if parts.scheme.lower() not in ("http", "https") or not parts.hostname or len(url) > MAX_URL:
            return None
        if parts.username is not None or parts.password is not None or (parts.port is not None and parts.port == 0):
            return None
        if _goes_in_circles(parts.path) or one_line(parts.netloc) != parts.netloc:  # a host that is read otherwise than it is
            return None
        url = urlunsplit(parts._replace(path=_VISIT_IN_PATH.sub("", parts.path), query=_without_visit(parts.query)))
        return str(canonicalize_url(_cleaner()(url) or url))
    except ValueError:
        return None


def host(url: str) -> str:
    """The host of a URL, without its port."""
    return urlsplit(url).hostname or ""


def address_of(link: str, base: str) -> str | None:
    """The normalised URL that a link of a page leads to; None for one that leads to no page."""
    try:
        return canonical_url(urljoin(base, link.strip())) if link.strip() else None
    except ValueError:  # http://[[x]]
        return None


def trap(link: str, base: str = "") -> str | None:
    """Why a link is left out that could lead on for ever; None for one that could not, or leads to no page."""
    try:
        url = urljoin(base, link.strip())
        parts = urlsplit(url)
        circles = _goes_in_circles(parts.path)
    except ValueError:  # http://[[x]]
        return None
    if parts.scheme.lower() not in ("http", "https"):
        return None
    if len(url) > MAX_URL:
        return f"their addresses are longer than {MAX_URL:,} characters"
    return "their addresses go in circles" if circles else None


def _goes_in_circles(path: str) -> bool:
    """Whether parts of a path, words among them, come three times in a row. Numbers may: /11/11/11/ is a day."""
    parts = [part for part in path.split("/") if part]
    for size in range(1, LONGEST_CIRCLE + 1):
        for at in range(len(parts) - ROUNDS * size + 1):
            round_ = parts[at : at + size]
            if round_ * ROUNDS == parts[at : at + ROUNDS * size] and any(letter.isalpha() for part in round_ for letter in part):
                return True
    return False


def _without_visit(query: str) -> str:
    return "&".join(part for part in query.split("&") if not _VISIT.fullmatch(part) and not _PERHAPS_VISIT.fullmatch(part))


def public_id(url: str) -> str:
    """The id that exports, feeds and messages use: the first 16 hex digits of the URL's SHA-256."""
    return hashlib.sha256(url.encode()).hexdigest()[:16]


def url_key(url: str) -> int:
    """A URL as 64 bits, for sets of millions."""
    return int.from_bytes(hashlib.blake2b(url.encode(), digest_size=8).digest(), "big")


def registered_domain(address: str) -> str:
    """What one publisher owns, of a URL or a host: `zeitung.de` of `https://www.zeitung.de/1`. Under a suffix that is on no list (the
    reserved ones, an intranet's) the last label is taken for it."""
    name = host(address) or address
    guess = name if ":" in name or name[-1:].isdigit() else ".".join(name.split(".")[-2:])
    return str(_suffixes()(name).top_domain_under_public_suffix) or guess


@cache
def _cleaner() -> Callable[[str], str | None]:
    from courlan import clean_url  # a heavy import: not for a run in which nothing is listed

    return clean_url


@cache
def _suffixes() -> Any:
    from tldextract import TLDExtract  # a heavy import

    # The list that ships with the library, no look-up on the network; blogs of one host are not one publisher. No cache: it would be in
    # the home of who runs this, which hardened units and the image may not write, and saves a hundredth of a second.
    return TLDExtract(suffix_list_urls=(), include_psl_private_domains=True, cache_dir=None)
