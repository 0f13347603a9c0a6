"""Text and addresses from pages, made fit to be shown: nothing that hides, turns the line around or runs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

HEADLINE = 300  # characters of a headline that are shown; the longest honest one of the small web has 120
TITLE = 120  # of it in the name of a browser tab
# Controls, marks that turn the writing direction, letters without width, lone surrogates. Joiners stay: Persian needs them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


def shown(text: str | None, most: int = HEADLINE) -> str:
    """A text without what cannot be seen, cut to `most` characters at a word."""
    whole = _UNSEEN.sub("", (text or "")[: 4 * most]).strip()
    if len(whole) <= most and len(text or "") <= 4 * most:
        return whole
    cut = whole[:most]
    return (cut.rsplit(" ", 1)[0] if " " in cut[most // 2 :] else cut) + " …"


def clean(text: str | None) -> str:
    """A text without what cannot be seen, at its whole length."""
    return _UNSEEN.sub("", text or "")


def original(url: str | None) -> str | None:
    """The address of an article, if a browser may be sent there: http and https alone."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return None
    return url if url and parts.scheme in ("http", "https") and parts.hostname and not _UNSEEN.search(url) else None


def asked(values: Iterable[Any]) -> str:
    """Values as SQL takes them through `json_each`."""
    return json.dumps(list(values))
