"""What a language needs to be told of how it counts: numbers, scales, vague amounts, hedges. Units are the story's, not ours.

All words are in lower case. A language without a grammar has no figures: a number whose hedge is not understood would be
a wrong value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from pipelines.evidence import Hedge


def phrases(words: str) -> frozenset[str]:
    """A list of words as a text; "_" stands for the space in a phrase."""
    return frozenset(word.replace("_", " ") for word in words.split())


@dataclass(frozen=True)
class Grammar:
    """How one language counts. Phrases of several words are parted by one space."""

    decimal: str  # the sign before a fraction; the other of "." and "," groups thousands
    numbers: Mapping[str, float]
    scales: Mapping[str, int]
    hedges: Mapping[str, Hedge]
    after: Mapping[str, Hedge] = field(default_factory=dict)  # hedges that follow the number or its unit
    copulas: frozenset[str] = frozenset()  # "2.000 were killed", "600 seien Soldaten"
    shares: frozenset[str] = frozenset()  # "8 of 10"
    more: frozenset[str] = frozenset()
    than: frozenset[str] = frozenset()  # "und mehr als 50" begins the next number
    fillers: frozenset[str] = frozenset()  # one may part a hedge from its number
    governors: Mapping[str, frozenset[str]] = field(default_factory=dict)  # words that make a hedge a mere preposition
    vague: Mapping[str, int] = field(default_factory=dict)  # "Hunderte": at least so many
    fractions: Mapping[str, float] = field(default_factory=dict)  # only before a scale: "eine halbe Million"
    bare: frozenset[str] = frozenset()  # scales that count one without an article: "hundert Raketen"
    articles: frozenset[str] = frozenset()
    several: frozenset[str] = frozenset()  # doubles the scale, as a floor
    few: frozenset[str] = frozenset()  # makes the amount valueless
    ranges: frozenset[str] = frozenset()
    between: frozenset[str] = frozenset()  # before a range that is joined by `joins`
    joins: frozenset[str] = frozenset()
    partitive: frozenset[str] = frozenset()  # directly after a number: "of", "von"
    openers: frozenset[str] = frozenset()  # prepositions and articles: what follows is not the thing that is counted
    stops: frozenset[str] = frozenset()  # verbs, pronouns, conjunctions: the counted thing comes no more
    pronouns: frozenset[str] = frozenset()  # "600 of them"
    whole: frozenset[str] = frozenset()  # before a number of which a part was told: "ein Drittel der 12.000"
    toward: frozenset[str] = frozenset()  # before a number whose noun comes last: "auf 12.000 schätzt er die Zahl der Soldaten"
    elliptic: frozenset[str] = frozenset()  # words after which a number may stand without its noun
    year: frozenset[str] = frozenset()  # words before a year
    labels: frozenset[str] = frozenset()  # the number after them is a name or a size: "Seite 12", "im Alter von 20"
    measures: frozenset[str] = frozenset()  # small words that are counted and are no unit of a story
    nouns_are_capital: bool = False
    reach: int = 6  # words between a number and its noun; where nouns cannot be told, only adjectives are passed
    ellipsis: bool = False  # whether numbers without a noun are read

    @cached_property
    def starts(self) -> frozenset[str]:
        """Every word that can begin a number."""
        return frozenset([*self.numbers, *self.scales, *self.vague, *self.fractions, *self.articles])


def hedges(**listed: str) -> dict[str, Hedge]:
    """Hedges by phrase; `listed` has the phrases of each kind."""
    names: dict[str, Hedge] = {"about": "about", "at_least": "at_least", "up_to": "up_to", "more_than": "more_than", "under": "under"}
    return {phrase: names[name] for name, words in listed.items() for phrase in phrases(words)}
