"""The terms of a story, compiled to one automaton that finds all of them in one pass over a text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ahocorasick_rs import AhoCorasick, Implementation

from pipelines.evidence import Match
from pipelines.text import letters_without_boundaries, lowered

if TYPE_CHECKING:
    from pipelines.story import Facet

WEAK_TERMS = 2  # different weak terms of a facet that speak for it as a strong one does


@dataclass(frozen=True)
class _Form:
    """A spelling of a term: must the match start or end at a word boundary, and which facet it speaks for."""

    facet: str
    weak: bool
    starts: bool
    ends: bool


_UMLAUTS = (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss"))


def spellings(term: str) -> Iterator[str]:
    """A term of a story file in lower case with spaces and hyphens, with umlauts and as ASCII and URLs write it."""
    bare = lowered(term.strip("*"))
    for joint in (" ", "-") if " " in bare else (" ",):
        written = bare.replace(" ", joint)
        yield written
        plain = written
        for umlaut, ascii_ in _UMLAUTS:
            plain = plain.replace(umlaut, ascii_)
        if plain != written:
            yield plain
        if "ß" in written:
            yield written.replace("ß", "ss")


class Terms:
    """All terms of a story. `find` gives every match with its facet and offset."""

    def __init__(self, facets: Iterable[Facet]) -> None:
        forms: dict[str, list[_Form]] = {}
        for facet in facets:
            for weak, by_language in ((False, facet.terms), (True, facet.weak)):
                for term in (t for terms in by_language.values() for t in terms):
                    free = letters_without_boundaries(term)
                    form = _Form(facet.id, weak, not (free or term.startswith("*")), not (free or term.endswith("*")))
                    for spelling in spellings(term):
                        forms.setdefault(spelling, []).append(form)
        self._spellings = list(forms)
        self._forms = [forms[spelling] for spelling in self._spellings]
        self._automaton = AhoCorasick(self._spellings, implementation=Implementation.DFA)  # .4 of the time of the default

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("Terms do not travel between processes; load the story file there")

    def find(self, text: str) -> list[Match]:
        """Every term at its place, in order; a weak one only where its facet also has a strong one, or more weak ones."""
        found: dict[tuple[int, str], tuple[Match, bool]] = {}
        for start, end, form in self._matches(text):
            found.setdefault((start, form.facet), (Match(form.facet, text[start:end], start), form.weak))
        strong = {match.facet for match, weak in found.values() if not weak} | _often(match for match, weak in found.values() if weak)
        return [found[place][0] for place in sorted(found) if not found[place][1] or place[1] in strong]

    def named(self, text: str) -> set[tuple[str, str]]:
        """The (facet, term as written) pairs of a text, weak terms included."""
        return {(form.facet, lowered(text[start:end])) for start, end, form in self._matches(text)}

    def spans(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Where each term starts and ends, overlapping ones too, and its facet."""
        return ((start, end, form.facet) for start, end, form in self._matches(text))

    def _matches(self, text: str) -> Iterator[tuple[int, int, _Form]]:
        low = lowered(text)
        for index, start, end in self._automaton.find_matches_as_indexes(low, overlapping=True):
            opens = start == 0 or not low[start - 1].isalnum()
            closes = end == len(low) or not low[end].isalnum()
            for form in self._forms[index]:
                if (opens or not form.starts) and (closes or not form.ends):
                    yield start, end, form


def _often(weak: Iterable[Match]) -> set[str]:
    """The facets that enough different weak terms speak for."""
    spoken: dict[str, set[str]] = {}
    for match in weak:
        spoken.setdefault(match.facet, set()).add(lowered(match.as_written))
    return {facet for facet, terms in spoken.items() if len(terms) >= WEAK_TERMS}
