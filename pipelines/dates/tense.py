"""Whether a clause looks back or ahead, which decides between the last Friday and the next."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Literal

from pipelines.dates.lexicon import Lexicon

Tense = Literal["past", "future", ""]
_LONGEST = 600  # characters; what runs on longer is no sentence and is read in pieces, which keeps the time linear
# A full stop before a capital, unless it ends an abbreviation, an initial or an ordinal.
_STOP = re.compile(
    r"[.!?](?<!\d.)(?<!\b[A-Z].)(?<!\bMr.)(?<!\bDr.)(?<!\bMrs.)(?<!\bGen.)(?<!\bSen.)(?<!\bCol.)(?<!\bJan.)(?<!\bFeb.)(?<!\bAug.)"
    r"(?<!\bSept.)(?<!\bOct.)(?<!\bOkt.)(?<!\bNov.)(?<!\bDec.)(?<!\bDez.)[.!?]{0,3}[\"“”»«’]{0,3}\s{1,3}(?=[\"„“«A-ZÄÖÜ])|\n"
)
_AND = re.compile(r"\s(?:und|aber|and|but|while)\s")
# "soll geliefert haben", "could have arrived", "hätte stattfinden sollen": modals that look back.
_PERFECT = re.compile(
    r"\b(?:ge|be|ver|er|wor)[a-zäöüß]{1,25}(?:t|en)\s(?:haben|sein|habe|hätten)\b|\b[a-zäöüß]{2,25}iert\s(?:haben|sein)\b"
    r"|\b(?:may|might|could|would|should) have\b|\bhätten?\b[^,;\n]{0,120}\b(?:sollen|müssen|können|wollen|dürfen)\b"
)
# "in einem am Montag freigegebenen Bericht": the participle before its noun says when.
_DETERMINER = re.compile(r"\b(?:d(?:er|ie|as|en|em|es)|eine?[mnrs]?|(?:sein|ihr|kein)e?[mnrs]?)\s\Z", re.I)
_ATTRIBUTE = re.compile(r"\s(?:[\w-]{1,30}\s){0,4}?(?!heute|letzte|erste)[a-zäöüß]{2,30}(?:t|en)e[nrsm]?\s[A-ZÄÖÜ\d]")


@dataclass(frozen=True, slots=True)
class _Sentence:
    begin: int
    end: int
    cuts: list[tuple[int, int]]
    past: list[int]
    future: list[int]


@dataclass(slots=True)
class Tenses:
    """The tenses of one text; each sentence is looked through once."""

    text: str
    words: Lexicon
    stops: list[int] = field(init=False)
    read: dict[int, _Sentence] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.stops = [0, *(stop.end() for stop in _STOP.finditer(self.text)), len(self.text)]

    def begin(self, place: int) -> int:
        """Where the sentence around a place begins."""
        return self._bounds(place)[0]

    def _bounds(self, place: int) -> tuple[int, int]:
        at = min(bisect_right(self.stops, place), len(self.stops) - 1)
        first, last = self.stops[at - 1], self.stops[at]
        first += (max(0, place - first) // _LONGEST) * _LONGEST
        return first, min(last, first + _LONGEST)

    def _sentence(self, place: int) -> _Sentence:
        begin, end = self._bounds(place)
        if begin not in self.read:
            cuts = [cut.span() for cut in self.words.split.finditer(self.text, begin, end)]
            past = [mark.start() for mark in self.words.past.finditer(self.text, begin, end)]
            future = [mark.start() for mark in self.words.future.finditer(self.text, begin, end)]
            self.read[begin] = _Sentence(begin, end, cuts, past, future)
        return self.read[begin]

    def own(self, start: int, end: int) -> Tense:
        """The tense of the clause that a place stands in; of the one after it, where the place stands in front of the verb
        (`By Monday, troops had arrived`)."""
        sentence, clauses, here = self._clauses(start, end)
        in_front = not self.text[clauses[here][0] : start].strip()
        return self._first(sentence, clauses[here : here + 1 + in_front], start)

    def around(self, start: int, end: int) -> Tense:
        """The tense of the clause; where it has no verb, of the one before it, else of the next."""
        attribute = None if self.words.bare_weekdays else _ATTRIBUTE.match(self.text, end, end + 160)
        if attribute and _DETERMINER.search(self.text, max(0, start - 12), start):
            return "future" if self.words.future.search(attribute.group()) else "past"
        sentence, clauses, here = self._clauses(start, end)
        return self._first(sentence, [*clauses[here::-1], *clauses[here + 1 :]], start)

    def _clauses(self, start: int, end: int) -> tuple[_Sentence, list[tuple[int, int]], int]:
        sentence = self._sentence(start)
        cuts = [cut for cut in sentence.cuts if cut[1] <= start or cut[0] >= end]
        firsts = [sentence.begin, *(cut[1] for cut in cuts)]
        lasts = [*(cut[0] for cut in cuts), sentence.end]
        here = max((i for i, first in enumerate(firsts) if first <= start), default=0)
        return sentence, list(zip(firsts, lasts, strict=True)), here

    def _first(self, sentence: _Sentence, clauses: list[tuple[int, int]], start: int) -> Tense:
        for first, last in clauses:
            if found := self._clause(sentence, first, last, min(max(start, first), last)):
                return found
        return ""

    def _clause(self, sentence: _Sentence, first: int, last: int, place: int) -> Tense:
        back = [at for at in sentence.past if first <= at < last]
        ahead = [at for at in sentence.future if first <= at < last]
        if not back or not ahead:
            return "past" if back else "future" if ahead else ""
        if _PERFECT.search(self.text, first, last):
            return "past"
        for joint in _AND.finditer(self.text, first, last):  # two verbs, two halves
            low, high = (first, joint.start()) if place <= joint.start() else (joint.end(), last)
            behind, before = any(low <= at < high for at in back), any(low <= at < high for at in ahead)
            if behind != before:
                return "past" if behind else "future"
        if not self.words.bare_weekdays:
            return "future"  # German brackets the clause: the finite modal rules
        # English puts the verb before its time: the nearest to the left rules.
        left = max((at for at in (*back, *ahead) if at < place), default=min(*back, *ahead))
        return "future" if left in ahead else "past"
