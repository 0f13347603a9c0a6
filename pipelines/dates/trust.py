"""Whether a calendar word is a date at all: Freitag may be a surname, 2000 a number of soldiers, morgen a morning."""

from __future__ import annotations

import re
from collections.abc import Callable

from pipelines.dates.expressions import Term, counted
from pipelines.dates.lexicon import Lexicon
from pipelines.dates.tense import Tense

Look = Callable[[], Tense]  # the tense is looked up only where it decides
_ON_A_DAY = {"am", "ab", "seit", "bis", "vom", "zwischen", "on", "since", "by", "until", "till", "through", "between", "over", "during"}
_IN_A_MONTH = {
    "im",
    "in",
    "seit",
    "ab",
    "bis",
    "zwischen",
    "since",
    "by",
    "until",
    "till",
    "through",
    "between",
    "during",
    "throughout",
    "vom",
}
_IN_A_YEAR = _IN_A_MONTH | {"für", "gegenüber", "aus", "zum", "of", "around", "for", "auf"}
_MORNING = re.compile(r"\b(?:am|auf|jed\w+|gut\w+|heute|gestern|tag|abend|\w+tag|früh\w+|ein\w*|nächst\w+|d(?:er|en|em|ie|as))\s\Z")
_HABIT = re.compile(r"(?:täglich|jeden\s\w+|jeweils|daily|every\s\w+|each\s\w+)\W[^.!?]{0,12}\Z")
_HALF_A_SPAN = re.compile(r"\d\s?(?:bis|und|–|-|to|and)\s?\Z")
_OPENERS = frozenset("schon bereits erst zuletzt noch auch der das dem".split())  # "Die 2000 verletzten …" may be a number
_MODERN = (1990, 2040)  # a year without "im Jahr" or "in": earlier and later ones are numbers as often as years


def is_date(term: Term, text: str, low: str, words: Lexicon, tense: Look, *, beside: bool) -> bool:
    """Whether the term says a day or period. `beside`: a date or clock time stands next to it, or a list of its like."""
    weekend = term.unit == "weekend" and term.prep == "über"
    if term.veto or (term.vague and not weekend and term.kind not in ("day", "clock", "relative")):
        return False
    if words.papers.search(low, max(0, term.start - 20), term.start) or words.papers.search(low, max(0, term.core - 20), term.core):
        return False  # Bild am Sonntag, Straße des 17. Juni
    check = _CHECKS.get(term.kind)
    return check is None or check(term, text, low, words, tense, beside)


def _day(term: Term, text: str, low: str, words: Lexicon, tense: Look, beside: bool) -> bool:
    written = low[term.core : term.end]
    if term.year is None and not any(c.isalpha() for c in written):
        return bool(term.prep or beside)  # 26.8. may be a sum
    return "." in written or term.year is not None or words.month_first or bool(term.prep)


def _month(term: Term, text: str, low: str, words: Lexicon, tense: Look, beside: bool) -> bool:
    if beside or term.year is not None or term.year_turn is not None:
        return True
    if len(low[term.core : term.end]) < 4 and low[term.core : term.end] not in ("mai", "may"):
        return False  # "im Jan" is as likely a name
    if low.startswith(("'s", "’s"), term.end):
        return False
    if term.part or term.turn is not None or (term.prep.startswith("as ") and tense()):
        return True
    if term.limit == "span" and term.prep != "vom":
        return False  # "von August Brenner"
    if term.prep == "für":
        return tense() == "future"
    return term.prep in _IN_A_MONTH and not (term.limit == "until" and words.month_first and tense() == "past")


def _weekday(term: Term, text: str, low: str, words: Lexicon, tense: Look, beside: bool) -> bool:
    if beside or term.turn is not None or term.shift is not None or term.week_turn is not None or term.night or term.dayparted or term.part:
        return re.search(r"(\w+)\s(?:für|by|after)\s\Z", low[max(0, term.start - 20) : term.core]) is None
    if term.prep in ("für", "for"):
        return tense() == "future"
    if term.prep in _ON_A_DAY:
        return True
    return words.bare_weekdays and not term.article and not term.limit and _bare(term, text)


def _bare(term: Term, text: str) -> bool:
    """American news writes `said Monday`; a capital before it or after it makes it a name, as does the start of a sentence."""
    before = re.search(r"(\w+)(['’]s)?[ \n]\Z", text[max(0, term.core - 40) : term.core])
    if term.prep:
        return text.startswith(("'s", "’s"), term.end)
    if re.match(r"\s[A-Z]", text[term.end : term.end + 2]):
        return False
    if before is None:
        opening = not text[max(0, term.core - 9) : term.core].rstrip(' "“”(„').endswith((",", ";", "–", "—"))
        return not opening or text.startswith(",", term.end)
    return before[1].islower() and before[1] not in ("a", "an", "any", "the", "black", "good")


def _relative(term: Term, text: str, low: str, words: Lexicon, tense: Look, beside: bool) -> bool:
    word = low[term.core : term.end]
    idiom = re.match(r"\s(?:auf\s(?:morgen|heute|gestern)|vor\s\w+\s(?:tag|woche|monat|jahr))", low[term.end : term.end + 24])
    if idiom or term.limit == "span":
        return False  # idioms: von heute auf morgen, das Russland von heute
    if not word.startswith("morgen"):
        return not low.startswith("heute auf ", max(0, term.core - 10))
    if _MORNING.search(low[max(0, term.core - 20) : term.core]):
        return False
    return term.dayparted or text[term.core].islower() or tense() == "future"


def _unit(term: Term, text: str, low: str, words: Lexicon, tense: Look, beside: bool) -> bool:
    unit = term.unit
    if unit[-1] in "-<=>0":
        return not (term.unit == "year-" and low.startswith("s", term.end))
    if term.article and term.turn in (-1, 1) and words.month_first and not term.part:
        return False  # "over the last year" is twelve months, not a calendar's
    if unit in ("quarter", "half"):
        return bool(term.nth or term.turn is not None) and (unit == "quarter" or not words.month_first or term.year is not None)
    if unit == "weekend" and term.prep in ("über", "übers"):
        return True
    if unit == "weekend":
        return term.turn is not None or (term.prep in ("am", "over", "on", "at", "during") and not term.limit)
    if unit in ("month", "year") and term.part:
        return term.turn is not None or term.article
    return term.turn is not None and not term.nth


def _season(term: Term, text: str, low: str, words: Lexicon, tense: Look, beside: bool) -> bool:
    if not words.month_first and not text[term.core].isupper():
        return False
    if term.year is not None or term.year_turn is not None or term.turn is not None:
        return True
    if words.month_first:
        return term.prep in ("in", "during", "since") and term.article
    return term.prep in ("im", "seit", "bis", "ab")


def _year(term: Term, text: str, low: str, words: Lexicon, tense: Look, beside: bool) -> bool:
    year, after = term.value, text[term.end : term.end + 40]
    opened = term.prep in ("seit", "since", "im") and year % 10  # "seit 2022 Granaten": no one counts shells since
    if (
        (not opened and counted(low, term.end, words))
        or re.match(r"\s?\d", after)
        or re.search(r"\d\s?\Z", text[max(0, term.core - 2) : term.core])
    ):
        return False
    round_number = year % 10 == 0 and not term.of_year and not term.part
    if round_number and re.match(r"\s[a-z]+s\b" if words.month_first else r"\s[A-ZÄÖÜ]", after):
        return False
    if term.of_year or term.part or beside or term.prep in _IN_A_YEAR or low.startswith("of ", max(0, term.core - 3)):
        return True
    if text[term.core - 1 : term.core] == "(" and after.startswith(")"):
        return True
    if (term.limit == "span" or low.startswith("the ", max(0, term.core - 4))) and year % 10:
        return not re.match(r"\s[A-ZÄÖÜ]|\s[a-z]+s\b", after)  # "der Vertrag von 1961 gilt", "the 2022 invasion"
    if words.month_first or term.limit or term.prep or not _MODERN[0] <= year <= _MODERN[1]:
        return False
    before = re.search(r"([\w“”»«\"]+),?[ ]\Z", text[max(0, term.core - 40) : term.core])
    if before is None:
        return not text[max(0, term.core - 40) : term.core].strip()
    if before[1].lower() in _OPENERS and re.match(r"\s[a-zäöü]", after):
        return True
    return before[1][0].islower() or (before.group().endswith(", ") and not re.match(r"\s[A-ZÄÖÜ]", after))


def _clock(term: Term, text: str, low: str, words: Lexicon, tense: Look, beside: bool) -> bool:
    left = low[max(0, term.core - 40) : term.core]
    if _HALF_A_SPAN.search(left) or _HABIT.search(low[max(0, term.start - 40) : term.start]):
        return False
    return not term.vague or (beside and not term.prep.startswith("kurz")) or term.prep == "at"


_CHECKS = {
    "day": _day, "month": _month, "weekday": _weekday, "relative": _relative, "unit": _unit, "season": _season,
    "year": _year, "clock": _clock,
}  # fmt: skip
