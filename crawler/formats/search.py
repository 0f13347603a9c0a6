"""How GDELT's full-text search (DOC 2.0) is asked, and what it answers: queries, slices of time, records. No network here.

What it does was learned from its documentation and from the sentences it refuses queries with:
* It searches English machine translations of 65 languages ("Phasing out native language search"); `sourcelang:` picks the
  language an article was published in. So the words asked for are the story file's English ones, whatever the language.
* A blank means AND; OR needs parentheses, which may stand around nothing else; there are no wildcards.
* Phrases and words with a hyphen are quoted; a quoted one must not be short, nor a query long.
* A refused query is answered with status 200 and a sentence; so, at times, is one that came too soon.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate, pairwise, takewhile
from typing import Any

from pipelines.markup import decode
from pipelines.story import Story
from pipelines.text import one_line

FULL = 250  # records an answer has at most
SLOT = timedelta(minutes=15)  # what it has seen is stamped with the quarter of an hour, UTC
PROMISED = timedelta(days=90)  # "must be within the last 3 months"; what is older it may answer or refuse
LONGEST = 240  # characters of a query: 213 were answered, 257 refused; others found the limit at 250
SHORTEST = 3  # letters of a word
SHORTEST_PHRASE = 5  # characters between quotes; below: "The specified phrase is too short."
SEARCHED = "en"
NAMES = {
    "af": "afrikaans", "ar": "arabic", "az": "azerbaijani", "bg": "bulgarian", "bn": "bengali", "bs": "bosnian", "ca": "catalan",
    "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish", "et": "estonian", "fa": "persian",
    "fi": "finnish", "fr": "french", "he": "hebrew", "hi": "hindi", "hr": "croatian", "hu": "hungarian", "hy": "armenian",
    "id": "indonesian", "is": "icelandic", "it": "italian", "ja": "japanese", "ka": "georgian", "ko": "korean", "lt": "lithuanian",
    "lv": "latvian", "mk": "macedonian", "nl": "dutch", "no": "norwegian", "pl": "polish", "pt": "portuguese", "ro": "romanian",
    "ru": "russian", "sk": "slovak", "sl": "slovenian", "sq": "albanian", "sr": "serbian", "sv": "swedish", "th": "thai",
    "tr": "turkish", "uk": "ukrainian", "ur": "urdu", "vi": "vietnamese", "zh": "chinese",
}  # fmt: skip
CODES = {name: code for code, name in NAMES.items()}
_WORDS = re.compile(r"[^\W_]+(?:[ -][^\W_]+)*")  # other characters are illegal in a keyword
_ESCAPE = re.compile(r'\\(["\\/bfnrt]|u[0-9a-fA-F]{4})?')


class AnswerError(ValueError):
    """An answer holds no records: says what it said instead."""


@dataclass(frozen=True, slots=True)
class Slice:
    """A span of time between two quarters of an hour, UTC."""

    begin: datetime
    end: datetime

    def halves(self) -> tuple[Slice, ...]:
        """The later and the earlier half; none of a slice that is one quarter of an hour."""
        slots = (self.end - self.begin) // SLOT
        middle = self.begin + slots // 2 * SLOT
        return (Slice(middle, self.end), Slice(self.begin, middle)) if slots > 1 else ()

    def bounds(self) -> dict[str, str]:
        """As parameters. A second early: the records of a boundary are found whether or not the API counts its bounds in."""
        first = self.begin - timedelta(seconds=1)
        return {"startdatetime": f"{first:%Y%m%d%H%M%S}", "enddatetime": f"{self.end:%Y%m%d%H%M%S}"}

    def __str__(self) -> str:
        return f"{self.begin:%Y-%m-%d %H:%M} to {self.end:%Y-%m-%d %H:%M} UTC"


def slices(begin: datetime, end: datetime, now: datetime) -> list[Slice]:
    """A span in as few slices as can be asked for, the latest first; what is older than the API promises apart, for it may be
    refused. Nothing for a span without a whole quarter of an hour."""
    first, last, promised = _quarter(begin), _quarter(min(end, now)), _quarter(now - PROMISED)
    cuts = [first, promised, last] if first < promised < last else [first, last]
    return [Slice(a, b) for a, b in reversed(list(pairwise(cuts))) if a < b]


def _quarter(instant: datetime) -> datetime:
    instant = instant.astimezone(UTC)
    return instant.replace(minute=instant.minute // 15 * 15, second=0, microsecond=0)


def queries(story: Story, language: str) -> list[str]:
    """What to ask for articles of a language: each party by its first names, and all of the matter, in as many queries as its
    words need. Whoever reports on a place or a person of a party names the party too, so its first names do.

    Empty when the story file has no word for a party that can be asked for.
    """
    source = f"sourcelang:{NAMES[language]}"
    parties = [facet for facet in story.facets if facet.role == "party"]
    share = LONGEST // (2 * len(parties))  # of the query for each party: half of it is for the matter
    named = [_group(_first(_expressed(facet.terms, language), share)) for facet in parties]
    matter = [word for facet in story.facets if facet.role == "matter" for word in _expressed(facet.terms, language)]
    if not all(named):
        return []
    room = LONGEST - len(" ".join([*named, "", source]))
    return [" ".join([*named, _group(words), source]) for words in _chunks(matter, room)] or [" ".join([*named, source])]


def _expressed(terms: dict[str, list[str]], language: str) -> list[str]:
    """The terms of a facet as keywords, in their order, each once."""
    spoken = SEARCHED if SEARCHED in terms else language
    return list(dict.fromkeys(word for term in terms.get(spoken, []) for word in keywords(term, spoken)))


def keywords(term: str, language: str) -> list[str]:
    """A term of the story file as keywords; none for one that whole words cannot express.

    >>> keywords("North Korea*", "en"), keywords("missile*", "en"), keywords("*munition*", "de")
    (['"North Korea"', '"North Korean"'], ['missile', 'missiles'], [])
    """
    stem, name = term.rstrip("*"), term[:1].isupper()
    forms = [stem]
    if term.endswith("*") and not name:
        forms = [stem, f"{stem}s"] if language == "en" else []  # elsewhere the beginning of a word need not be one
    elif term.endswith("a*") and language == "en":
        forms = [stem, f"{stem}n"]
    return [keyword for form in forms if (keyword := _keyword(form))]


def _keyword(form: str) -> str | None:
    if not _WORDS.fullmatch(form):
        return None
    if " " in form or "-" in form:
        return f'"{form}"' if len(form) >= SHORTEST_PHRASE else None
    return form if len(form) >= SHORTEST else None


def _group(words: Sequence[str]) -> str:
    return f"({' OR '.join(words)})" if len(words) > 1 else "".join(words)


def _first(words: Sequence[str], room: int) -> list[str]:
    """The words from the first on whose group fits."""
    lengths = accumulate((len(word) + len(" OR ") for word in words), initial=-len(" OR ") + len("()"))
    fitting = sum(1 for _ in takewhile(lambda length: length <= room, lengths)) - 1
    return list(words[:fitting])


def _chunks(words: Sequence[str], room: int) -> Iterator[list[str]]:
    rest = [word for word in words if len(word) + len("()") <= room]
    while rest:
        chunk = _first(rest, room)
        yield chunk
        rest = rest[len(chunk) :]


def throttles(status: int, body: bytes) -> bool:
    """Whether an answer asks for fewer requests; it does so with status 200, too."""
    return status in (429, 503) or b"limit requests" in body[:500]


def records(body: bytes) -> list[dict[str, Any]]:
    """The records of an answer, each with `url, title, seendate, language` where it has them; `{}` has none.

    Raises:
        AnswerError: with what the answer said instead.
    """
    text = decode(body).strip()
    if not text.startswith("{"):
        raise AnswerError(f"says {one_line(re.sub(r'<[^<>]*>', ' ', text[:2000]))[:200]!r}" if text else "says nothing")
    try:  # titles have been seen with lone backslashes and control characters
        said = json.loads(_ESCAPE.sub(lambda found: found.group() if found.group(1) else "\\\\", text), strict=False)
    except (ValueError, RecursionError):
        raise AnswerError(f"is JSON that breaks off or is none: ends with {one_line(text[-60:])!r}") from None
    listed = said.get("articles", [])
    return [record for record in listed if isinstance(record, dict)] if isinstance(listed, list) else []
