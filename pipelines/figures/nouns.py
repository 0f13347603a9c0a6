"""What stands after a number: the noun it counts, another one, or none."""

from __future__ import annotations

from collections.abc import Container
from enum import Enum

from pipelines.figures.grammar import Grammar
from pipelines.figures.hedges import Amount
from pipelines.figures.tokens import Token, low_at
from pipelines.figures.units import Unit


class Counts(Enum):
    """What follows a number when no unit does: another noun, or nothing that is counted."""

    ELSE = 0
    BARE = 1


class Nouns:
    """Looks from numbers to their nouns, in a text of which the words for units and the places where numbers begin are known."""

    def __init__(self, tokens: list[Token], units: dict[int, Unit], begins: Container[int], grammar: Grammar) -> None:
        self.tokens, self.units, self.begins, self.grammar = tokens, units, begins, grammar

    def word(self, at: int) -> str:
        """The word, number or sign at a place, in lower case."""
        return low_at(self.tokens, at)

    def after(self, amount: Amount) -> Unit | Counts:
        """What a number is followed by."""
        if self.word(amount.last + 1) in self.grammar.more and self.word(amount.last + 2) in self.grammar.than:
            return Counts.ELSE  # "2.000 mehr als im Januar" is a difference
        named = self._after_copula(amount.last + 1)
        if named:
            return named
        walk = self._after_german if self.grammar.nouns_are_capital else self._after_english
        at = amount.last + 1
        return walk(at, min(len(self.tokens), at + self.grammar.reach))

    def _after_copula(self, begin: int) -> Unit | None:
        """`2.000 were killed`, `600 seien Soldaten`: one or two verbs between."""
        for at in (begin + 1, begin + 2):
            if self.word(at - 1) not in self.grammar.copulas:
                return None
            if at in self.units:
                return self.units[at]
        return None

    def _after_german(self, begin: int, end: int) -> Unit | Counts:
        """Past adjectives, and past attributes: "mit Munition beladene Container". Nouns are capital."""
        opened = nouns = 0  # an attribute is open; nouns in it since its last preposition or article
        for at in range(begin, end):
            token, unit = self.tokens[at], self.units.get(at)
            if self._hangs(at):
                continue
            if token.kind == "s" or at in self.begins:
                return self._sign(at, begin)
            partitive = opened == 1 and self.word(begin) in self.grammar.partitive
            if unit and (not opened or partitive or (nouns and self._is_adjective(at - 1))):
                return unit
            if token.capital:
                if not opened:
                    return Counts.ELSE
                nouns += 1
            elif token.low in self.grammar.measures and at == begin:
                return Counts.ELSE
            elif token.low in self.grammar.openers or token.low in self.grammar.partitive:
                opened, nouns = opened + 1, 0
            elif token.low in self.grammar.stops and not (opened and token.low in self.grammar.joins):
                break
        return Counts.ELSE if self.of_others(begin) else Counts.BARE

    def _hangs(self, at: int) -> bool:
        """In `Artillerie- und Raketengeschosse` of the first three parts: the noun is the second's."""
        return any(
            self.word(here + 1) == "-"
            and self.tokens[here].end == self.tokens[here + 1].start
            and self.word(here + 2) in self.grammar.joins | self.grammar.ranges | {","}
            for here in range(max(at - 2, 0), at + 1)
        )

    def _is_adjective(self, at: int) -> bool:
        token = self.tokens[at]
        return not token.capital and token.low.endswith(("e", "en", "er", "es", "em")) and token.low not in self.grammar.openers

    def of_others(self, begin: int) -> bool:
        """`3.000 der Kisten`, `100 of the factories`: counts a part of something else."""
        return self.word(begin) in self.grammar.partitive and self.word(begin + 1) not in self.grammar.pronouns

    def _after_english(self, begin: int, end: int) -> Unit | Counts:
        """Past adjectives and `of the`; a plural or a verb ends the search, for nouns look like any word."""
        at = begin
        if self.word(at) in self.grammar.partitive:
            at += 1
            while at < end and self.word(at) in self.grammar.openers and at < begin + 3 and at not in self.begins:
                at += 1
        for here in range(at, end):
            token = self.tokens[here]
            if here in self.units:
                return self.units[here]
            if token.kind == "s" or here in self.begins:
                return self._sign(here, at) if here == at else Counts.ELSE
            if token.low in self.grammar.measures and here == begin:
                return Counts.ELSE
            if token.low in self.grammar.stops or token.low in self.grammar.pronouns:
                alone = here == begin or token.low in self.grammar.pronouns or self.word(begin).endswith("ed")
                return Counts.BARE if alone else Counts.ELSE
            if token.low.endswith("s") and not token.low.endswith(("ss", "us", "'s", "’s")) and here + 1 not in self.units:
                return Counts.ELSE
        return Counts.BARE if begin >= len(self.tokens) else Counts.ELSE

    def _sign(self, at: int, begin: int) -> Counts:
        """What a sign right after a number makes of it: 1:3, 60 %, 202-555, 13. Oktober are no counts."""
        token = self.tokens[at]
        if at != begin or token.kind != "s":
            return Counts.BARE if not self.of_others(begin) or at in self.begins else Counts.ELSE
        follows = self.tokens[at + 1] if at + 1 < len(self.tokens) else None
        if token.low in "%°/+=&-" or (token.low == ":" and follows and follows.kind == "n" and follows.start == token.end):
            return Counts.ELSE
        if token.low == "." and follows and follows.kind != "s":
            ordinal = not follows.capital or self.word(begin - 2) in self.grammar.openers
            return Counts.ELSE if ordinal else Counts.BARE
        return Counts.BARE
