"""What does a number count? The noun after it; else, for a number without a noun, the one its neighbours count."""

from __future__ import annotations

from enum import Enum
from itertools import pairwise

from pipelines.figures.grammar import Grammar
from pipelines.figures.hedges import Amount
from pipelines.figures.tokens import ENDS, Token, low_at
from pipelines.figures.units import Unit

# On the labelled sentences the farthest noun that a bare number takes up is 14 words back.
_REACH_LEFT = 18
_REACH_NEXT = 5  # "10.000 auf 12.000 Soldaten", "3.000, inzwischen 11.000 Soldaten", "8,000 of the 11,000 soldiers"
_LAST_SMALL = 12  # a bare number up to here is a figure only after "from", "to": "up from two last spring"
_LARGEST_BASE = 10  # "8 of 10 workers" is a share; "20 of 25 trips" counts
_DIRECTIONS = frozenset("von auf from to".split())


class Counts(Enum):
    """What follows a number when no unit does: another noun, or nothing that is counted."""

    ELSE = 0
    BARE = 1


class Counting:
    """Decides for the amounts of a text, which share tokens and units."""

    # Its parts are decided once: what follows each number, and which units are thereby counted.
    def __init__(self, tokens: list[Token], units: dict[int, Unit], amounts: list[Amount], grammar: Grammar) -> None:
        self.tokens, self.units, self.amounts, self.grammar = tokens, units, amounts, grammar
        self._begins = {amount.first: n for n, amount in enumerate(amounts)}
        self._seen = [self._after(amount) for amount in amounts]
        self._last_units = {unit.last: unit for unit in units.values()}
        ratios = [pair for pair in pairwise(amounts) if self._is_ratio(*pair)]
        self._shares = {amount.at for pair in ratios for amount in pair}
        self._counted = {seen.first for seen in self._seen if isinstance(seen, Unit)}

    def unit_of(self, n: int) -> Unit | None:
        """What the n-th amount counts, if it is a quantity of the story."""
        amount, seen = self.amounts[n], self._seen[n]
        if self._is_name(amount) or amount.low == amount.high == 1:
            return None
        sign = self._last_units.get(amount.at - 1)
        if sign and self.tokens[sign.last].kind == "s":
            return sign
        if self.tokens[amount.last].suffix in ("m", "k"):
            return None
        if isinstance(seen, Unit):
            return None if self._is_year(amount, bare=False) else seen
        if seen is Counts.ELSE or not self.grammar.ellipsis or self._is_year(amount, bare=True):
            return None
        return self._next(n) or self._previous(amount) or self._later(amount)

    def _word(self, at: int) -> str:
        return low_at(self.tokens, at)

    # -- the noun after the number ------------------------------------------------------------------------------------

    def _after(self, amount: Amount) -> Unit | Counts:
        if self._word(amount.last + 1) in self.grammar.more and self._word(amount.last + 2) in self.grammar.than:
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
            if self._word(at - 1) not in self.grammar.copulas:
                return None
            if at in self.units:
                return self.units[at]
        return None

    def _after_german(self, begin: int, end: int) -> Unit | Counts:
        """Past adjectives, and past attributes: "mit Munition beladene Container". Nouns are capital."""
        opened = nouns = 0  # an attribute is open; nouns in it since its last preposition or article
        for at in range(begin, end):
            token, unit = self.tokens[at], self.units.get(at)
            if token.kind == "s" or at in self._begins:
                return self._sign(at, begin)
            partitive = opened == 1 and self._word(begin) in self.grammar.partitive
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
        return Counts.ELSE if self._of_others(begin) else Counts.BARE

    def _is_adjective(self, at: int) -> bool:
        token = self.tokens[at]
        return not token.capital and token.low.endswith(("e", "en", "er", "es", "em")) and token.low not in self.grammar.openers

    def _of_others(self, begin: int) -> bool:
        """`3.000 der Kisten`, `100 of the factories`: counts a part of something else."""
        return self._word(begin) in self.grammar.partitive and self._word(begin + 1) not in self.grammar.pronouns

    def _after_english(self, begin: int, end: int) -> Unit | Counts:
        """Past adjectives and `of the`; a plural or a verb ends the search, for nouns look like any word."""
        at = begin
        if self._word(at) in self.grammar.partitive:
            at += 1
            while at < end and self._word(at) in self.grammar.openers and at < begin + 3 and at not in self._begins:
                at += 1
        for here in range(at, end):
            token = self.tokens[here]
            if here in self.units:
                return self.units[here]
            if token.kind == "s" or here in self._begins:
                return self._sign(here, at) if here == at else Counts.ELSE
            if token.low in self.grammar.measures and here == begin:
                return Counts.ELSE
            if token.low in self.grammar.stops or token.low in self.grammar.pronouns:
                alone = here == begin or token.low in self.grammar.pronouns or self._word(begin).endswith("ed")
                return Counts.BARE if alone else Counts.ELSE
            if token.low.endswith("s") and not token.low.endswith(("ss", "us", "'s", "’s")) and here + 1 not in self.units:
                return Counts.ELSE
        return Counts.BARE if begin >= len(self.tokens) else Counts.ELSE

    def _sign(self, at: int, begin: int) -> Counts:
        """What a sign right after a number makes of it: 1:3, 60 %, 202-555, 13. Oktober are no counts."""
        token = self.tokens[at]
        if at != begin or token.kind != "s":
            return Counts.BARE if not self._of_others(begin) or at in self._begins else Counts.ELSE
        follows = self.tokens[at + 1] if at + 1 < len(self.tokens) else None
        if token.low in "%°/+=&-" or (token.low == ":" and follows and follows.kind == "n" and follows.start == token.end):
            return Counts.ELSE
        if token.low == "." and follows and follows.kind != "s":
            ordinal = not follows.capital or self._word(begin - 2) in self.grammar.openers
            return Counts.ELSE if ordinal else Counts.BARE
        return Counts.BARE

    # -- a number without a noun --------------------------------------------------------------------------------------

    def _may_stand_alone(self, amount: Amount) -> bool:
        before, after = self._word(amount.first - 1), self._word(amount.last + 1)
        if amount.vague:
            return before in ("zu", "the")  # "Soldaten zu Tausenden", "by the thousands"
        if after in self.grammar.pronouns or (after in self.grammar.partitive and not self._of_others(amount.last + 1)):
            return True  # "80 davon", "two of them"
        if (amount.high or amount.low or 0) <= _LAST_SMALL:
            return before in _DIRECTIONS or amount.hedge != "exact"
        listed = before in (",", "und", "and") and after in self.grammar.year | self.grammar.copulas  # ", 131 am 2. Januar"
        return listed or amount.hedge != "exact" or before in self.grammar.elliptic

    def _next(self, n: int) -> Unit | None:
        """The unit of the next number, a few small words on: `von 10.000 auf 12.000 Soldaten`."""
        if n + 1 >= len(self.amounts):
            return None
        here, there = self.amounts[n], self.amounts[n + 1]
        seen = self._seen[n + 1]
        between = self.tokens[here.last + 1 : there.first]
        if not isinstance(seen, Unit) or len(between) > _REACH_NEXT or self._is_year(there, bare=False):
            return None
        if any(token.capital or token.low in ENDS or token.low in ";:" for token in between):
            return None
        joined = bool(between) and (between[0].low in self.grammar.partitive or between[0].low in self.grammar.joins)
        return seen if joined or self._is_large(here) or self._may_stand_alone(here) else None

    def _previous(self, amount: Amount) -> Unit | None:
        """The unit before it in the sentence, a counted one first; in a question just before. Without a hedge or a word
        that announces it, a number must be large and the unit counted."""
        alone = self._may_stand_alone(amount)
        if not alone and (amount.vague or not self._is_large(amount)):
            return None
        uncounted: Unit | None = None
        asked = False
        for at in range(amount.first - 1, max(-1, amount.first - 1 - _REACH_LEFT), -1):
            if self._word(at) in ENDS and self.tokens[at].kind == "s":
                if self._word(at) != "?" or asked or uncounted:
                    break
                asked = True
            unit = self._last_units.get(at) if self.tokens[at].kind == "w" else None  # a sign, "$", counts its own number only
            if unit and (unit.first in self._counted or self._is_number_of(unit)):
                return unit
            uncounted = uncounted or unit
        return uncounted if alone else None

    def _later(self, amount: Amount) -> Unit | None:
        """The one unit that follows in a sentence with no other: `„Es sind 4.700“, sagte er zur Zahl der Toten.`"""
        opens = amount.first == 0 or self._word(amount.first - 1) in ENDS
        closed = self._word(amount.last + 1) == ","
        if not closed or amount.vague or not (self._is_large(amount) and (opens or self._may_stand_alone(amount))):
            return None
        units = []
        for at in range(amount.last + 1, min(len(self.tokens), amount.last + _REACH_LEFT)):
            if self._word(at) in ENDS and self.tokens[at].kind == "s":
                break
            if at in self.units:
                units.append(self.units[at])
        return units[0] if len({unit.unit for unit in units}) == 1 and units[0].first not in self._counted else None

    def _is_large(self, amount: Amount) -> bool:
        """Grouped, scaled or spelled from a thousand on: neither a year nor an age, hardly a number of anything small."""
        return not amount.plain and (amount.high or amount.low or 0) >= 1000

    def _is_number_of(self, unit: Unit) -> bool:
        return any(self._word(unit.first - back) in ("zahl", "anzahl", "number") for back in (1, 2, 3))

    # -- numbers that count nothing -----------------------------------------------------------------------------------

    def _is_name(self, amount: Amount) -> bool:
        """Part of a name, a score, a label: `Seite 12`, `1:3`, `030 4455667`, `im Alter von 20`."""
        at = amount.at
        before = self.tokens[at - 1] if at else None
        touches = before is not None and before.kind == "s" and before.low in ":/-.,#№§" and before.end == self.tokens[at].start
        digits = before is not None and before.kind == self.tokens[at].kind == "n"
        return touches or digits or at in self._shares or any(self._word(at - back) in self.grammar.labels for back in (1, 2))

    def _is_ratio(self, part: Amount, whole: Amount) -> bool:
        """`8 of 10 workers`, `zwei von drei Granaten`: small, and no article between."""
        small = (whole.high or 0) <= _LARGEST_BASE and (part.high or 0) < (whole.high or 0)
        return small and whole.first == part.last + 2 and self._word(part.last + 1) in self.grammar.shares

    def _is_year(self, amount: Amount, *, bare: bool) -> bool:
        """`Ende 2023 Container`: four digits from 1900 to 2099 are a year unless a hedge or a round hundred says not."""
        if not amount.plain or not 1900 <= (amount.low or amount.high or 0) <= 2099:
            return False
        if bare:
            return True
        round_ = (amount.low or 0) % 100 == 0 and self._word(amount.first - 1) not in self.grammar.year
        return amount.hedge == "exact" and not round_
