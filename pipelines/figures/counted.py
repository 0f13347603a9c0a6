"""What does a number count? The noun after it; else, for a number without a noun, the one its neighbours count."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from pipelines.figures.grammar import Grammar
from pipelines.figures.hedges import Amount
from pipelines.figures.nouns import Counts, Nouns
from pipelines.figures.tokens import ENDS, Token, low_at
from pipelines.figures.units import Unit
from pipelines.story import UNLESS

# On the labelled sentences the farthest noun that a bare number takes up is 14 words back.
_REACH_LEFT = 18
_REACH_NEXT = 5  # "10.000 auf 12.000 Soldaten", "3.000, inzwischen 11.000 Soldaten", "8,000 of the 11,000 soldiers"
_LAST_SMALL = 12  # a bare number up to here is a figure only after "from", "to": "up from two last spring"
_LARGEST_BASE = 10  # "8 of 10 workers" is a share; "20 of 25 trips" counts
_DIRECTIONS = frozenset("von auf from to".split())
_SMALLEST_IN_BRACKETS = 100  # "Raketen (100)"; "Soldaten (23)" is an age
_CLAUSE = ENDS | frozenset(",;:–")


class Counting:
    """Decides for the amounts of a text, which share tokens and units."""

    # Its parts are decided once: what follows each number, and which units are thereby counted.
    def __init__(self, tokens: list[Token], units: dict[int, Unit], amounts: list[Amount], grammar: Grammar) -> None:
        self.tokens, self.units, self.amounts, self.grammar = tokens, units, amounts, grammar
        self._begins = {amount.first: n for n, amount in enumerate(amounts)}
        self._nouns = Nouns(tokens, units, self._begins, grammar)
        self._seen = [self._nouns.after(amount) for amount in amounts]
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
        if isinstance(seen, Unit):
            return None if self._is_year(amount, bare=False) else self._made(amount, seen)
        if self.tokens[amount.last].suffix in ("m", "k") or not self.grammar.ellipsis or self._is_year(amount, bare=True):
            return None
        found = None
        if seen is Counts.BARE and not self._shares_noun(n):
            found = self._labelled(amount) or self._next(n) or self._previous(amount) or self._later(amount)
        found = found or self._total(amount)
        return found and self._made(amount, found)

    def _word(self, at: int) -> str:
        return low_at(self.tokens, at)

    # -- a number without a noun --------------------------------------------------------------------------------------

    def _may_stand_alone(self, amount: Amount) -> bool:
        before, after = self._word(amount.first - 1), self._word(amount.last + 1)
        if amount.vague:
            return before in ("zu", "the")  # "Soldaten zu Tausenden", "by the thousands"
        if after in self.grammar.pronouns or (after in self.grammar.partitive and not self._nouns.of_others(amount.last + 1)):
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

    def _labelled(self, amount: Amount) -> Unit | None:
        """The unit of which this is the number: `Soldaten: 12.000`, `Container (28.000)`. In brackets small ones are ages."""
        before, after = self._word(amount.first - 1), self._word(amount.last + 1)
        bracketed = before == "(" and after == ")" and (amount.high or amount.low or 0) >= _SMALLEST_IN_BRACKETS
        return self._last_units.get(amount.first - 2) if before == ":" or bracketed else None

    def _total(self, amount: Amount) -> Unit | None:
        """`Auf 12.000 schätzt Seoul die Zahl der Soldaten`: what a number opens a sentence for."""
        opens = amount.first < 2 or self._word(amount.first - 2) in ENDS
        follows = self.tokens[amount.last + 1] if amount.last + 1 < len(self.tokens) else None
        if self._word(amount.first - 1) not in self.grammar.toward or not opens or follows is None or follows.capital:
            return None
        named = (self.units[at] for at in self._clause(range(amount.last + 1, len(self.tokens)), ENDS) if at in self.units)
        return next((unit for unit in named if unit.first not in self._counted and self._is_number_of(unit)), None)

    def _shares_noun(self, n: int) -> bool:
        """Whether it counts what the next number counts, and that is no unit: `20 und 26 Jahre alt`."""
        if n + 1 == len(self.amounts) or self._is_large(self.amounts[n]) or self.amounts[n].hedge != "exact":
            return False
        between = range(self.amounts[n].last + 1, self.amounts[n + 1].first)
        joined = len(between) == 1 and self._word(between[0]) in self.grammar.joins | self.grammar.ranges
        return joined and self._seen[n + 1] is Counts.ELSE

    # -- people of whom the sentence says what they are ---------------------------------------------------------------

    def _made(self, amount: Amount, unit: Unit) -> Unit:
        """`3.000 Nordkoreaner getötet`: what is said of people in their part of the sentence; else the first of their units.

        The whole of which a part is told (`ein Drittel der 12.000 Nordkoreaner`) is not what the part has become.
        """
        usual, *others = unit.unit.split(UNLESS)
        if not others:
            return unit
        whole = self._word(amount.first - 1) in self.grammar.whole
        behind = self._clause(range(max(unit.last, amount.last) + 1, len(self.tokens)), _CLAUSE)
        ahead = self._clause(range(amount.first - 1, -1, -1), _CLAUSE)
        said = (self.units[at].unit for part in (behind, ahead) for at in part if at in self.units and at not in self._counted)
        return replace(unit, unit=usual if whole else next((kind for kind in said if kind in others), usual))

    def _clause(self, places: range, ends: frozenset[str]) -> Iterator[int]:
        """The places up to a sign that ends it, or to the next number."""
        for at in places:
            if at in self._begins or (self.tokens[at].kind == "s" and self.tokens[at].low in ends):
                return
            yield at

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
