"""Where a text has words for the story's units."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from pipelines.figures.tokens import Token
from pipelines.story import NO_UNIT


@dataclass(frozen=True, slots=True)
class Unit:
    """A word for a unit at tokens `first` to `last`."""

    unit: str
    first: int
    last: int


def units_at(spans: Iterable[tuple[int, int, str]], tokens: list[Token]) -> dict[int, Unit]:
    """The units by their first token; of overlapping words the longer, of equal ones the later part of a compound
    counts. `spans` are offsets; NO_UNIT only hides what it covers."""
    starts = [token.start for token in tokens]
    kept: dict[int, Unit] = {}
    taken: set[int] = set()
    for start, end, unit in sorted(spans, key=lambda span: (span[0] - span[1], -span[0])):
        first, last = bisect_right(starts, start) - 1, bisect_right(starts, end - 1) - 1
        places = range(first, last + 1)
        if first < 0 or start >= tokens[first].end or not _closes(tokens[last], end) or not taken.isdisjoint(places):
            continue
        taken.update(places)
        kept[first] = Unit(unit, first, last)
    return {first: unit for first, unit in kept.items() if unit.unit != NO_UNIT}


def _closes(token: Token, end: int) -> bool:
    """Whether a match reaches the end of its word: "Raketen-Tests" are no missiles."""
    return end <= token.end and "-" not in token.low[max(0, end - token.start) :]
