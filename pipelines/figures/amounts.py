"""Numbers with their hedges and ranges: `rund 10.000 bis 12.000`, `eine halbe Million`, `mehr als tausend`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipelines.evidence import Hedge
from pipelines.figures.grammar import Grammar
from pipelines.figures.hedges import Amount, before, hedged
from pipelines.figures.tokens import Token, low_at

LARGEST = 10**15  # beyond is no count of anything; keeps hostile "million million million …" small
_SUFFIXES = {"": 1, "k": 1000, "m": 10**6, "mn": 10**6, "bn": 10**9}
_GROUPS = re.compile(r"\d{1,3}(?:[.,'’\u2009\u202f\u00a0 ]\d{3})+$")


@dataclass(frozen=True, slots=True)
class _Number:
    last: int
    value: float
    scale: float
    floor: bool = False  # "Hunderte": at least


def amounts(tokens: list[Token], grammar: Grammar) -> Iterator[Amount]:
    """Every number of a text that could be a count, from left to right."""
    beyond = 0
    for at, token in enumerate(tokens):
        if at < beyond or token.kind == "s" or (token.kind == "w" and token.low not in grammar.starts):
            continue
        number = _number(tokens, at, grammar)
        if number:
            amount = _amount(tokens, at, number, grammar)
            beyond = (amount or number).last + 1
            if amount:
                yield amount


def _number(tokens: list[Token], at: int, grammar: Grammar) -> _Number | None:
    token = tokens[at]
    if token.kind == "n":
        return _scaled(tokens, at, _digits(tokens, at, grammar), grammar)
    if token.low in grammar.vague:
        return _vague(tokens, at, grammar)
    if token.low in grammar.numbers and token.low not in grammar.articles:
        return _scaled(tokens, at, grammar.numbers[token.low], grammar)
    if token.low in grammar.articles or token.low in grammar.fractions:
        return _article(tokens, at, grammar)
    several = low_at(tokens, at - 1) in grammar.several | grammar.few
    if token.low in grammar.bare or (several and token.low in grammar.scales):
        return _scaled(tokens, at - 1, 1, grammar)
    return None


def _digits(tokens: list[Token], at: int, grammar: Grammar) -> float | None:
    """What digits say; None for what is no count: leading zeros, telephone numbers, version numbers."""
    written = tokens[at].low
    scaled = low_at(tokens, at + 1) in grammar.scales or bool(tokens[at].suffix)
    if len(written) > 20 or (written[0] == "0" and written[1:2] not in (".", ",")):
        return None
    if _GROUPS.match(written) and not (scaled and written.count(grammar.decimal) == 1):
        return float(re.sub(r"\D", "", written))
    whole, _, rest = written.replace(",", ".").rpartition(".")  # not in groups of three: a decimal, also "1.5 Mio." in Zürich
    whole, rest = (whole, rest) if whole else (rest, "0")
    if len(whole) > 6 and whole.isdigit():
        return None  # ungrouped and so long: a telephone or document number
    return float(re.sub(r"\D", "", whole) + "." + rest) * _SUFFIXES[tokens[at].suffix]


def _scaled(tokens: list[Token], at: int, value: float | None, grammar: Grammar) -> _Number | None:
    if value is None:
        return None
    last, scale = at, float(_SUFFIXES[tokens[at].suffix]) if at >= 0 and tokens[at].kind == "n" else 1.0
    while low_at(tokens, last + 1) in grammar.scales and value <= LARGEST and last < at + 3:
        last += 1
        value = times(value, grammar.scales[tokens[last].low])
        scale *= grammar.scales[tokens[last].low]
    last, value = _tail(tokens, last, value, scale, grammar)
    return _Number(last, value, scale) if 0 < value <= LARGEST else None


def times(value: float, scale: float) -> float:
    """The product as it is written: 8.2 million are 8,199,999.999999999 to a float."""
    return float(f"{value * scale:.12g}")


def _tail(tokens: list[Token], last: int, value: float, scale: float, grammar: Grammar) -> tuple[int, float]:
    """English adds after a scale: `a million and a half`, `a hundred and seventy`."""
    if "and" not in grammar.joins or scale < 100 or low_at(tokens, last + 1) != "and":
        return last, value
    if low_at(tokens, last + 2) == "a" and low_at(tokens, last + 3) == "half":
        return last + 3, value + scale / 2
    more = grammar.numbers.get(low_at(tokens, last + 2), 0)
    return (last + 2, value + more) if scale == 100 and 0 < more < 100 else (last, value)


def _vague(tokens: list[Token], at: int, grammar: Grammar) -> _Number | None:
    """`Hunderte`, `Hunderte Millionen`, `tens of thousands`: at least so many."""
    if low_at(tokens, at - 1) in grammar.few:
        return None
    last, value = at, float(grammar.vague[tokens[at].low])
    if low_at(tokens, at - 1) in grammar.several:
        value *= 2
    of = low_at(tokens, at + 1) in grammar.partitive
    follows = at + 1 + of
    if low_at(tokens, follows) in grammar.vague:
        last, value = follows, value * grammar.vague[tokens[follows].low]
    return _Number(last, value, value, floor=True)


def _article(tokens: list[Token], at: int, grammar: Grammar) -> _Number | None:
    """`ein Dutzend`, `eine halbe Million`, `half a million`, `three-quarters of a million`; else no number."""
    value, here = 1.0, at
    if tokens[here].low in grammar.articles:
        here += 1
    if low_at(tokens, here) in grammar.fractions:
        value = grammar.fractions[tokens[here].low]
        here += 1
        if low_at(tokens, here) in grammar.partitive:
            here += 1
        if low_at(tokens, here) in grammar.articles:
            here += 1
    elif low_at(tokens, here) in grammar.numbers and low_at(tokens, here) not in grammar.articles:
        whole = grammar.numbers[tokens[here].low]  # "eine Viertelmillion"; not "die eine, zwei"
        return _Number(here, whole, 1) if whole >= 1000 else None
    return _scaled(tokens, here - 1, value, grammar) if here > at and low_at(tokens, here) in grammar.scales else None


def _amount(tokens: list[Token], at: int, number: _Number, grammar: Grammar) -> Amount | None:
    """The number with its range and hedge, or None where it counts nothing."""
    first, low, high, last = at, number.value, number.value, number.last
    hedge: Hedge = "at_least" if number.floor else "exact"
    if low_at(tokens, at - 1) in grammar.few and low_at(tokens, at) in grammar.scales:
        return None  # "ein paar hundert"
    if low_at(tokens, at - 1) in grammar.several and tokens[at].kind == "w":
        first, low, hedge = at - 1, low if number.floor else low * 2, "at_least"
    ranged = None if hedge == "at_least" else _range(tokens, at, number, grammar)
    if ranged:
        low, high, last = ranged
        if low > high:
            return None
    spelled = tokens[at].kind == "w" and high <= 12
    digits = tokens[at]
    plain = digits.kind == "n" and last == at and digits.low.isdigit()
    found = Amount(first, at, last, low, None if hedge == "at_least" else high, hedge, number.floor, plain, spelled)
    return hedged(tokens, found, grammar, is_range=bool(ranged))


def _range(tokens: list[Token], at: int, number: _Number, grammar: Grammar) -> tuple[float, float, int] | None:
    sign = number.last + 1
    if low_at(tokens, sign) == "-" and low_at(tokens, sign + 1) in grammar.ranges:
        sign += 1  # "Zehn- bis zwölftausend"
    joint = low_at(tokens, sign)
    dash = joint in ("-", "–") and tokens[at].kind == "n" and tokens[at].start < tokens[sign].start
    enclosed = joint in grammar.joins and low_at(tokens, before(tokens, at)) in grammar.between
    if not (joint in grammar.ranges or dash or enclosed):
        return None
    upper = sign + 1
    if upper < len(tokens) and tokens[upper].low in ("$", "€", "£"):
        upper += 1
    if upper >= len(tokens) or (dash and tokens[upper].kind != "n"):
        return None
    other = _number(tokens, upper, grammar)
    if other is None or other.floor:
        return None
    mantissa, scale = other.value / other.scale, other.scale
    if scale == 1 and tokens[upper].kind == "w" and other.value % 1000 == 0:
        mantissa, scale = other.value / 1000, 1000  # "zwölftausend" in one word
    low = times(number.value, scale) if number.scale == 1 and number.value < mantissa else number.value
    return low, other.value, other.last
