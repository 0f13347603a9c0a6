"""Which text stands before which: one number an article, the same however often and in whatever order it is worked out."""

from __future__ import annotations

from datetime import datetime

from pipelines.address import url_key

NEVER = 2**62  # the rank in the index of a dropped article: earlier than none
_SEEDS = 2**37  # seconds that seeds stand before everything
_TIES = 24  # bits of the URL that part texts of one second


def rank(url: str, at: datetime | None, *, seed: bool) -> int:
    """Seeds first, then by the latest instant that `published` allows, else the time of fetch (`at`); then by URL."""
    seconds = int(at.timestamp()) if at else 0
    return ((seconds - _SEEDS if seed else seconds) << _TIES) + (url_key(url) & ((1 << _TIES) - 1))


def days_apart(days: float) -> int:
    """A span of time as a difference of ranks."""
    return int(days * 86_400) << _TIES
