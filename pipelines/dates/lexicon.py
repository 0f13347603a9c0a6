"""What a language must say about its calendar words, for expressions to be read and resolved in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pipelines.dates.words import MONTHS

YEAR = r"(?:18|19|20)\d\d"
DAY = r"(?:0?[1-9]|[12]\d|3[01])"


@dataclass(frozen=True, slots=True)
class Lexicon:
    """One language. Patterns match lower-case text; `roles` says what a word before a calendar word does to it.

    Roles: `at` a preposition, `from`, `until`, `between`, `span` (von … bis), `filler`, `last`, `this`, `next`, `begin`, `mid`,
    `end`, `yesterday`, `today`, `tomorrow`, `night`, `count:n`, `nth:n`, `of_year` (im Jahr 2023), `adverb`, `veto` (jeden Freitag: a
    habit; am folgenden Freitag: counted from something else).
    """

    core: re.Pattern[str]
    left: re.Pattern[str]
    token: re.Pattern[str]
    roles: Mapping[str, str]
    tail_year: re.Pattern[str]
    tail_week: re.Pattern[str]
    units: Mapping[str, str]
    seasons: Mapping[str, int]
    relative: Mapping[str, int]
    joins: Mapping[str, str]  # what stands between two dates: "and" lists them, "to" spans them
    month_first: bool
    bare_weekdays: bool
    past: re.Pattern[str]
    future: re.Pattern[str]
    split: re.Pattern[str]
    papers: re.Pattern[str]
    nouns_counted: re.Pattern[str]
    counts: Mapping[str, int] = field(default_factory=dict)


def words(table: str) -> dict[str, str]:
    """`role: word word | role: …` as word -> role."""
    pairs = (line.split(":=") for line in table.split("|"))
    return {word.replace("_", " "): role.strip() for role, listed in pairs for word in listed.split()}


def declined(*stems: str) -> str:
    """German adjectives with all their endings."""
    return " ".join(f"{stem}e{ending}" for stem in stems for ending in ("", "n", "r", "s", "m"))


def either(options: Iterable[str]) -> str:
    """An alternation, longest first, blanks matching any white space."""
    return "|".join(re.escape(word).replace(r"\ ", r"\s") for word in sorted(options, key=len, reverse=True))


def opening(*options: Iterable[str]) -> str:
    """Where a number or one of these words may begin: one look at a letter, before all of them are tried."""
    return rf"\b(?=[\d{''.join(sorted({word[0] for some in (MONTHS, *options) for word in some}))}])"


def left_of(roles: Iterable[str]) -> re.Pattern[str]:
    """All words with a role that stand directly before a place."""
    return re.compile(rf"(?<![\w.,-])(?:(?:{either(roles)}|\d{{1,2}}\.?)(?:\s+|(?<=mid)-))+\Z")


def token_of(roles: Iterable[str]) -> re.Pattern[str]:
    """One word with a role."""
    return re.compile(rf"(?<!\w)(?:{either(roles)}|\d{{1,2}}\.?)(?=\s|-)")


MONTH = either(MONTHS)
