"""The bounds that words leave to a number: `rund`, `mehr als`, `bis zu`, `oder mehr`."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pipelines.evidence import Hedge
from pipelines.figures.grammar import Grammar
from pipelines.figures.tokens import Token, low_at

_LONGEST_HEDGE = 4  # words: "in the region of"


@dataclass(frozen=True, slots=True)
class Amount:
    """A number as it stands in tokens `first` to `last` (hedge included; `at` is where the number itself begins)."""

    first: int
    at: int
    last: int
    low: float | None
    high: float | None
    hedge: Hedge
    vague: bool  # "Hunderte", "thousands"
    plain: bool  # digits without grouping or scale: it could be a year
    spelled: bool  # a number word below 13


def before(tokens: list[Token], at: int) -> int:
    """The place before a number, its currency sign left aside."""
    return at - 2 if low_at(tokens, at - 1) in ("$", "€", "£") else at - 1


def hedged(tokens: list[Token], amount: Amount, grammar: Grammar, *, is_range: bool) -> Amount:
    """The amount with the hedge before or directly behind it."""
    end = before(tokens, amount.first)
    if end > 0 and tokens[end].low in grammar.fillers:
        end -= 1  # "allenfalls noch fünf Millionen"
    hedge: Hedge | None = None
    first = amount.first
    for size in range(min(_LONGEST_HEDGE, end + 1), 0, -1):
        hedge = grammar.hedges.get(" ".join(token.low for token in tokens[end - size + 1 : end + 1]))
        if hedge and not _governed(tokens, end, grammar):
            first = end - size + 1
            break
        hedge = None
    if not hedge:
        hedge, amount = hedge_after(tokens, amount, amount.last, grammar)
    elif low_at(tokens, end) in grammar.between:
        hedge = None
    return with_hedge(replace(amount, first=first), hedge, is_range=is_range or amount.low != amount.high)


def _governed(tokens: list[Token], at: int, grammar: Grammar) -> bool:
    """Whether the word is a preposition of a verb or noun: `verfügt über 1.500 Raketen`, `handed over 2,000 shells`."""
    governors = grammar.governors.get(tokens[at].low, frozenset())
    return any(low_at(tokens, at - back) in governors for back in range(1, 4))


def hedge_after(tokens: list[Token], amount: Amount, place: int, grammar: Grammar) -> tuple[Hedge | None, Amount]:
    """A hedge behind `place`: `20.000 oder mehr`, `100+`, `20,000-plus`, `ten thousand men, give or take`."""
    comma = 1 if low_at(tokens, place + 1) == "," else 0
    for size in (3, 2, 1):
        begin = place + 1 + comma
        hedge = grammar.after.get(" ".join(token.low for token in tokens[begin : begin + size]))
        if hedge and low_at(tokens, begin + size) not in grammar.than:
            return hedge, replace(amount, last=begin + size - 1) if place == amount.last and not comma else amount
    return None, amount


def with_hedge(amount: Amount, hedge: Hedge | None, *, is_range: bool) -> Amount:
    """The bounds that a hedge leaves: at least so many has no upper one, up to so many no lower one."""
    if hedge is None:
        return amount
    if is_range or amount.hedge == "at_least":
        return replace(amount, hedge="about") if hedge == "about" and amount.hedge == "exact" else amount
    low, high = bounded(hedge, amount.low, amount.high)
    return replace(amount, low=low, high=high, hedge=hedge)


def bounded(hedge: Hedge, low: float | None, high: float | None) -> tuple[float | None, float | None]:
    """What a hedge leaves of two bounds."""
    return None if hedge in ("up_to", "under") else low, None if hedge in ("at_least", "more_than") else high
