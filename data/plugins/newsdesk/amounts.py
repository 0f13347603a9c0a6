"""What a figure says: its bounds and its hedge, in words and signs, and when two of them contradict each other."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from newsdesk.labels import LABELS, number

SIGNS = {"about": "≈", "at_least": "≥", "more_than": ">", "up_to": "≤", "under": "<"}
# What stands for a hedge in charts and tables: the shape says it without colour.
SHAPES = {"at_least": "up", "more_than": "up", "up_to": "down", "under": "down", "about": "open"}
MARKS = {"up": "▲", "down": "▼", "open": "◇", "full": "●"}
HUGE = 1e15  # no honest report counts so many of anything
ABOUT = 0.1  # "rund 6.300" and "6.000" do not contradict each other; chosen, not measured


@dataclass(frozen=True, slots=True)
class Amount:
    """A quantity with its bounds (None: open) and its hedge."""

    low: float | None
    high: float | None
    hedge: str

    @property
    def typical(self) -> float:
        """One number for it: the middle of a range, else the bound that it gives."""
        given = [bound for bound in (self.low, self.high) if bound is not None]
        return sum(given) / len(given) if given else 0.0

    @property
    def shape(self) -> str:
        """up, down, open or full."""
        return SHAPES.get(self.hedge, "full")

    @property
    def mark(self) -> str:
        """The sign that stands for the shape."""
        return MARKS[self.shape]

    @property
    def is_range(self) -> bool:
        """Whether it gives two different bounds."""
        return self.low is not None and self.high is not None and self.low < self.high


def short(value: float, lang: str) -> str:
    """A number as people say it: `10.000`, `4,8 Mio.`; `10,000`, `4.8 million`."""
    if not math.isfinite(value) or abs(value) >= HUGE:
        return f"{value:.1e}"
    for size, german, english in ((1e12, "Bio.", "trillion"), (1e9, "Mrd.", "billion"), (1e6, "Mio.", "million")):
        if abs(value) >= size:
            return f"{number(_rounded(value / size), lang)}\u00a0{german if lang == 'de' else english}"
    return number(_rounded(value), lang)


def _rounded(value: float) -> float:
    return round(value, 2) if abs(value) < 100_000 else round(value)


def said(amount: Amount, lang: str) -> str:
    """An amount in signs: `≥ 10.000`, `250–320`, `≈ 6.300`, `7.000`."""
    if amount.low is None and amount.high is None:
        return "–"
    sign = SIGNS.get(amount.hedge, "")
    bounds = [short(bound, lang) for bound in dict.fromkeys((amount.low, amount.high)) if bound is not None]
    return f"{sign}\u00a0{'–'.join(bounds)}" if sign else "–".join(bounds)


def unit_name(unit: str, t: Callable[..., str]) -> str:
    """What is counted, in the page's language; another story's unit as its story file calls it."""
    return t(f"unit_{unit}") if f"unit_{unit}" in LABELS else unit[:60].replace("_", " ")


def path_of(unit: str) -> str:
    """A unit as one part of an address."""
    return quote(unit, safe="", errors="replace")


def agree(one: Amount, other: Amount) -> bool:
    """Whether both can be true: their bounds meet, `about` taken as ABOUT more or less."""
    low, high = _bounds(one)
    other_low, other_high = _bounds(other)
    return low <= other_high and other_low <= high


def _bounds(amount: Amount) -> tuple[float, float]:
    low = -math.inf if amount.low is None else amount.low
    high = math.inf if amount.high is None else amount.high
    if amount.hedge == "about":
        return low - abs(low) * ABOUT, high + abs(high) * ABOUT
    return low, high
