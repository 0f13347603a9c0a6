"""Filters beside a list: what can be chosen, how many rows each choice leaves, where it leads.

Counts come from a cube: one row for each combination of the parts, counted in SQL over a narrow index, added up here. A
count tells what is left when this filter alone is changed, as people expect of filters.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

NONE = "-"  # in an address: without an outlet, without an agency
MOST = 40  # choices shown of one filter; the chosen one always


@dataclass(frozen=True)
class Option:
    """One choice: its value in the address, its words, the rows it leaves, the page it leads to."""

    value: str
    words: str
    n: int
    address: str
    chosen: bool = False


@dataclass(frozen=True)
class Facet:
    """One filter. `options` are the choices, most rows first; months newest first."""

    name: str
    options: tuple[Option, ...]

    @property
    def chosen(self) -> Option | None:
        """The choice that is in force."""
        return next((option for option in self.options if option.chosen), None)


def value_of(asked: str) -> str | None:
    """What a filter in an address stands for in the database; None is no value at all."""
    return None if asked == NONE else asked


def add_up(cube: Iterable[Mapping[str, Any]], parts: Sequence[str], chosen: Mapping[str, str]) -> dict[str, Counter[str]]:
    """Rows left by each value of each part, when the other parts stay as chosen."""
    counts: dict[str, Counter[str]] = {part: Counter() for part in parts}
    for row in cube:
        values = {part: row[part] or NONE for part in parts}
        missed = [part for part in parts if part in chosen and values[part] != chosen[part]]
        for part in parts if not missed else missed if len(missed) == 1 else ():
            counts[part][values[part]] += row["n"]
    return counts


def facet(
    name: str,
    counts: Mapping[str, int],
    chosen: Mapping[str, str],
    words: Callable[[str], str],
    leads_to: Callable[[Mapping[str, str]], str],
    *,
    by_value: bool = False,
) -> Facet:
    """A filter from its counts. `leads_to` gives the address of the list under these filters; a chosen value leads out again."""
    order = sorted(counts, reverse=True) if by_value else sorted(counts, key=lambda value: (-counts[value], words(value).casefold()))
    here = chosen.get(name)
    others = {key: value for key, value in chosen.items() if key != name}
    options = [Option(value, words(value), counts[value], leads_to({**others, name: value})) for value in order if counts[value]]
    if here is not None and not any(option.value == here for option in options):
        options.append(Option(here, words(here), 0, ""))
    shown = [option for at, option in enumerate(options) if at < MOST or by_value or option.value == here]
    out = leads_to(others)
    return Facet(name, tuple(replace(option, chosen=True, address=out) if option.value == here else option for option in shown))
