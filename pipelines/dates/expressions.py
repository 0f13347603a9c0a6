"""Calendar words with what stands around them: one `Term` for each, not yet resolved to a day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from pipelines.dates.lexicon import Lexicon
from pipelines.dates.words import MONTHS, WEEKDAYS, zone

_WINDOW = 60  # characters before a calendar word in which its preposition and adjectives stand; the longest seen has 34
_SHORT = frozenset("mai may juni june juli july märz march april".split())  # month names that are no abbreviations
_PARTS, _DAYLIKE = ("begin", "mid", "end"), ("day", "weekday", "relative", "clock")
_ORDINALS = ("1.", "2.", "3.", "4.")
_TURNS = {"last": -1, "this": 0, "next": 1}
_SHIFTS = {"yesterday": -1, "today": 0, "tomorrow": 1}
_ZONE = re.compile(
    r"\s?\(?(?:(?P<zone>[a-z]{2,4})(?!\w)|(?P<local>ortszeit|local\stime|[a-zäöü]{3,20}(?:er)?\s(?:orts)?zeit|[a-z]{3,12}\stime)(?!\w))\)?"
)
_LOCAL_TIME = re.compile(r"\s?\((?:ortszeit|local\stime)\)")


@dataclass(slots=True)
class Term:
    """A calendar word in its place. `turn` is -1 last, 0 this, 1 next; `year_turn` and `week_turn` the same of the year or
    week it is said to be in; `limit` is from, until, between or span; `days` are (day, offset in the text, length)."""

    start: int
    end: int
    core: int
    kind: str
    value: int = 0
    year: int | None = None
    days: tuple[tuple[int, int, int], ...] = ()
    join: str = "and"
    unit: str = ""
    hour: int = 0
    minute: int = 0
    zone: str = ""
    local: bool = False
    prep: str = ""
    limit: str = ""
    turn: int | None = None
    shift: int | None = None
    year_turn: int | None = None
    week_turn: int | None = None
    part: str = ""
    nth: int = 0
    night: bool = False
    veto: bool = False
    vague: bool = False
    of_year: bool = False
    article: bool = False
    dayparted: bool = False
    until: int | None = None


def terms(text: str, low: str, words: Lexicon) -> Iterator[Term]:
    """Every calendar word of `low`, the lower-case text, in order and without overlaps: of "last year May" the month alone, which
    the year belongs to."""
    place = 0
    before: Term | None = None
    while match := words.core.search(low, place):
        place = match.end()
        term = _core(text, low, match, words)
        if term is not None:
            _look_left(term, low, words)
            place = term.end
            if before and before.end <= term.start:
                yield before
            before = term
    if before:
        yield before


def _core(text: str, low: str, match: re.Match[str], words: Lexicon) -> Term | None:
    named = {name: value for name, value in match.groupdict().items() if value is not None}
    term = Term(match.start(), match.end(), match.start(), "")
    kind = next(iter(named))
    if kind in ("iso", "numeric"):
        return _numeric(term, named)
    if kind in ("days", "month2"):
        return _day_of_month(term, text, low, match, words)
    if kind in ("hour", "clock"):
        return _clock(term, low, named)
    if kind == "opens":
        term.kind, term.value, term.until = "years", int(named["opens"]), int(named["closes"])
        return term
    if kind == "ago":
        term.kind, term.unit = "ago", {"tag": "day", "woche": "week", "monat": "month", "jahr": "year"}.get(named["per"], named["per"])
        term.value = words.counts.get(named["ago"]) or int(named["ago"])
        return term
    return _word(term, text, low, named, kind, words)


def _word(term: Term, text: str, low: str, named: dict[str, str], kind: str, words: Lexicon) -> Term | None:
    term.kind = {"only": "month"}.get(kind, kind)
    word = named[kind]
    if kind in ("only", "weekday", "nth") and not text[term.core].isupper():
        return None
    if kind == "only":
        term.value = MONTHS[word]
    elif kind == "nth":
        term.kind, term.unit, term.nth = "unit", "quarter", int(word)
    elif kind == "weekday":
        term.value, term.dayparted = WEEKDAYS[word], "dayparted" in named
    elif kind == "relative":
        term.value = words.relative[" ".join(word.split())]
        term.dayparted = low[term.core : term.end] != word
    elif kind == "unit":
        term.unit = words.units[word]
        if term.unit == "year" and re.match(r"\s(?:18|19|20)\d\d(?!\d)", low[term.end : term.end + 6]):
            return None  # "im Jahr 2023" is read from the number
    elif kind == "season":
        term.value = words.seasons[word]
    else:
        term.value = int(word)
    if kind == "only":
        term.end -= _full_stop(low, term.end, word)
    _look_right(term, low, words)
    return term


def _full_stop(low: str, end: int, month: str) -> bool:
    """Whether the point after a month ends the sentence: only short forms have one of their own."""
    return low[end - 1 : end] == "." and (len(month) > 5 or month in _SHORT)


def _numeric(term: Term, named: dict[str, str]) -> Term:
    if "iso" in named:
        year, month, day = (int(part) for part in named["iso"].split("-"))
    else:
        parts = [int(part) for part in named["numeric"].replace(" ", "").split(".") if part.strip()]
        day, month, year = parts[0], parts[1], parts[2] if len(parts) > 2 else 0
    term.kind, term.value, term.year = "day", month, (year if year > 99 else 2000 + year) if year else None
    term.days = ((day, term.core, term.end - term.core),)
    return term


def _day_of_month(term: Term, text: str, low: str, match: re.Match[str], words: Lexicon) -> Term | None:
    first = "days" if match["days"] else "days2"
    month = match["month"] or match["month2"]
    if not text[match.start("month" if match["month"] else "month2")].isupper():
        return None
    listed, offset = match[first], match.start(first)
    numbers = list(re.finditer(r"\d+", listed))
    term.kind, term.value = "day", MONTHS[month]
    term.days = tuple((int(n.group()), offset + n.start(), len(n.group())) for n in numbers)
    if len(numbers) > 1:
        between = [listed[a.end() : b.start()].lstrip(".stndrh").split() for a, b in pairwise(numbers)]
        joins = {words.joins.get((gap or ["-"])[0].strip(","), "and") for gap in between}
        term.join = joins.pop() if len(joins) == 1 else "and"
    term.end -= _full_stop(low, term.end, month)
    _look_right(term, low, words)
    return term


def _clock(term: Term, low: str, named: dict[str, str]) -> Term | None:
    term.kind = "clock"
    if "clock" in named:
        term.vague = True  # a bare 14:56 is a clock time only beside a day
        term.hour, term.minute = (int(part) for part in named["clock"].split(":"))
    else:
        term.hour, term.minute = int(named["hour"]), int(named.get("minute", 0))
        if half := named.get("half"):
            term.hour = term.hour % 12 + (12 if half[0] == "p" else 0)
    if term.hour == 24:
        return None
    around = _ZONE.match(low, term.end)
    if around and around["local"]:
        term.local, term.end = True, around.end()
    elif around and zone(around["zone"]):
        term.zone, term.end = around["zone"], around.end() - (around.group().endswith(")") and "(" not in around.group())
    return term


def _look_right(term: Term, low: str, words: Lexicon) -> None:
    """The year, or the week, that follows; a year that counts soldiers is none."""
    tail = None
    if term.kind in ("day", "month", "season") or term.unit in ("quarter", "half"):
        tail = words.tail_year.match(low, term.end)
        if tail and tail["year"] and counted(low, tail.end(), words):
            tail = None
        if tail:
            term.year = int(tail["year"]) if tail["year"] else None
            term.year_turn = None if tail["year"] else _turn(tail)
    elif term.kind == "weekday" and (tail := words.tail_week.match(low, term.end)):
        term.week_turn = _turn(tail)
    if tail:
        term.end = tail.end()
    if term.kind in ("weekday", "day", "relative") and (local := _LOCAL_TIME.match(low, term.end)):
        term.end = local.end()


def _turn(tail: re.Match[str]) -> int:
    return -1 if tail["last"] or tail["previous"] else 1 if tail["next"] else 0


def counted(low: str, end: int, words: Lexicon) -> bool:
    """Whether the number before `end` counts something: `2000 Soldaten`, `1950 fans`."""
    return bool(words.nouns_counted.match(low, end))


def _look_left(term: Term, low: str, words: Lexicon) -> None:
    """Take the prepositions, articles and adjectives that belong to the term; stop at the first that does not."""
    found = words.left.search(low, max(0, term.core - _WINDOW), term.core)
    if found is None:
        return
    for token in reversed(list(words.token.finditer(low, found.start(), term.core))):
        word = " ".join(token.group().split())
        role = f"nth:{word[0]}" if word in _ORDINALS and term.unit in ("quarter", "half") else words.roles.get(word, "")
        if role in _PARTS and term.kind in _DAYLIKE and word not in ("late", "early"):
            break  # "the talks end Friday"
        if not _take(term, word, role):
            break
        term.start = token.start()


def _take(term: Term, word: str, role: str) -> bool:
    """Let one more word to the left modify the term; False when it belongs to something else."""
    if role == "night" and (not term.prep or term.prep in ("zu", "zum", "auf", "vom", "von")):
        term.night, term.prep, term.limit = True, "", ""  # "in der Nacht zu", "overnight into"
    elif term.veto or term.limit or (term.prep and role not in ("from", "until")):
        return False
    elif role in ("at", "before"):
        term.prep, term.vague = word, term.vague or role == "before"
    elif role in ("from", "until", "between", "span"):
        term.limit, term.prep = role, term.prep or word
    elif role in _TURNS and term.of_year and term.kind in ("day", "month"):
        term.year_turn = _TURNS[role]  # "last year May"
    elif role in _TURNS:
        term.turn = _TURNS[role]
    elif role in _SHIFTS:
        term.shift = _SHIFTS[role]
    elif role in ("begin", "mid", "end"):
        term.part = role
    elif role == "adverb":
        term.dayparted = True
    elif role.startswith("nth:"):
        term.nth = int(role[4:])
    elif role in ("veto", "of_year", "filler"):
        name = "article" if role == "filler" else role
        term.article = term.article or role == "filler"
        setattr(term, name, True)
    else:
        return False
    return True
