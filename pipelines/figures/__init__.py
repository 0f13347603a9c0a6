"""How many? The quantities of the story in a text, with the bounds that its words leave."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from pipelines.evidence import Figure
from pipelines.figures.amounts import amounts
from pipelines.figures.counted import Counting
from pipelines.figures.eastern import LANGUAGES, eastern
from pipelines.figures.hedges import Amount, hedge_after, with_hedge
from pipelines.figures.languages import GRAMMARS
from pipelines.figures.tokens import tokenise
from pipelines.figures.units import Unit, units_at
from pipelines.story import Story
from pipelines.terms import Terms
from pipelines.text import lowered

__all__ = ["Figure", "figures"]

LINES = 500  # remembered: copies have the same ones


def figures(text: str, story: Story, *, language: str) -> list[Figure]:
    """Every quantity of the story that a text gives, in order; none for a language whose numbers are not known.

    Money is in whole dollars or euros, tonnes in tonnes, everything else in pieces.
    """
    code = language[:2].lower()
    if code not in {*GRAMMARS, *LANGUAGES} or code not in story.units:
        return []
    found: list[Figure] = []
    start = 0
    for line in text.split("\n"):
        found += [figure._replace(offset=start + figure.offset) for figure in _of_line(line, code, story.units[code])]
        start += len(line) + 1
    return found


@lru_cache(maxsize=LINES)
def _of_line(line: str, code: str, units: Terms) -> tuple[Figure, ...]:
    """What a number counts stands in its own line; where no unit is named nothing is counted."""
    if code in LANGUAGES:
        return tuple(eastern(line, code, units))
    line += "\n"
    low, grammar = lowered(line), GRAMMARS[code]
    named = list(units.spans(low))
    tokens = tokenise(line, low) if named else []
    found = list(amounts(tokens, grammar))
    return tuple(_counted(line, Counting(tokens, units_at(named, tokens), found, grammar))) if found else ()


def _counted(line: str, counting: Counting) -> Iterator[Figure]:
    for n, amount in enumerate(counting.amounts):
        unit = counting.unit_of(n)
        if unit:
            hedge = hedge_after(counting.tokens, amount, unit.last, counting.grammar)[0] if amount.hedge == "exact" else None
            hedged = with_hedge(amount, hedge, is_range=amount.low != amount.high)
            yield _figure(line, hedged, unit, *_extent(amount, unit, counting))


def _extent(amount: Amount, unit: Unit, counting: Counting) -> tuple[int, int]:
    """From the hedge to the unit where that follows before the next number, else the number alone."""
    following = next((other.first for other in counting.amounts if other.first > amount.last), len(counting.tokens))
    last = unit.last if amount.last < unit.last < following else amount.last
    first = min(amount.first, unit.first) if unit.last == amount.at - 1 else amount.first
    return counting.tokens[first].start, counting.tokens[last].end


def _figure(text: str, amount: Amount, unit: Unit, start: int, end: int) -> Figure:
    low, high = (None if bound is None else float(bound) for bound in (amount.low, amount.high))
    return Figure(text[start:end], start, low, high, unit.unit, amount.hedge)
