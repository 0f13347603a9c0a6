"""Which text comes from which: local text reuse, not a similarity score.

Candidates share a winnowed fingerprint (Schleimer, Wilkerson & Aiken 2003: of every window of WINDOW consecutive
shingles at least one is kept, so any shared run of SHINGLE + WINDOW - 1 = 28 words is sure to be found). What a
candidate really shares is then aligned on the words themselves, in both directions (local text reuse, Seo & Croft
2008): runs of words that both have, and the few words exchanged between two such runs.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from pipelines.article import Relation
from pipelines.text import hashes64

# Measured on the 739 texts of tests/quality (7,289 pairs; floors beside them), one threshold moved at a time. Pairs are folded
# with precision and recall 1.0 at every value named here, so the comments give the share of right relations, .996 as chosen.
# MinHash LSH (datasketch, 128 permutations, same shingles, same pairs): precision .901 and recall .994 at Jaccard .2, .997 and
# .795 at .4, 1.0 and .616 at .5: an abridged wire and a long report that holds a short one are out of its reach.
SHINGLE = 5  # words a fingerprint stands for; 4, 5 and 7 find the same sources
WINDOW = 24  # 6 to 32 find the same sources; whole sentences in common are found besides (`sentences.key`)
RUN = 5  # words in a row that count as carried over: 4 .999, 5 .996, 6 .993; four are a stock phrase ("im Krieg gegen die Ukraine")
BRIDGE = 4  # words exchanged between two carried runs that still count as light rewording: 0 .995, 2 to 8 .996
PLACES = 8  # places of a run in the other text that are tried; only a litany has more

SHORT = 48  # words; shorter texts only fold when identical
REUSED = 0.40  # of its words a text must have from others; .30 to .60 are alike: quotations and stock sentences stay below .30
CREDITED = 0.30  # where both credit the same agency, which is evidence; at .20 its follow-ups with stock background fold (precision .981)
OWN = 0.15  # of its words own: more is an extension: .10 .993, .15 to .25 .996
BLOCK = 12  # own words in a row that are something added, not something reworded: 8 to 20 .996
ADDED = 0.07  # of its words in such blocks: .04 to .08 .996, .10 .985
KEPT = 0.80  # of the origin's words in the copy: less is an abridgement: .70 .995, .80 and .85 .996, .90 .992
SECOND = 0.20  # of its words from a second source alone: a merger: .10 to .30 .996
EQUAL = 0.97  # of the words of the largest source: as large as it; of such the earliest is the origin. A margin: .90 to 1.0 are alike
SAME = 0.9  # of the words of both editions of a page; the three AMP twins of tests/web share all of them
QUOTED = 12  # words shared with a source that are worth a row in `reuse`: 8 to 20 are alike
CLOSE = 8  # sources looked at word by word
_STRETCH = re.compile(b"\x01{%d,}" % RUN)


@dataclass(frozen=True, slots=True)
class Reuse:
    """`words` of the text also stand in `source`; `share` is that of all its words; `kept` of the source's words."""

    source: int
    words: int
    share: float
    kept: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """How a text relates to the earlier ones. `origin` is the largest source, None for an original."""

    relation: Relation
    origin: int | None
    own_share: float
    reuse: tuple[Reuse, ...]


ORIGINAL = Judgement("original", None, 1.0, ())


class Words:
    """The words of a text (its `tokens`, or all of them hashed, without what is no evidence), ready to be held against others."""

    def __init__(self, words: Sequence[Hashable], agency: str = "") -> None:
        self.words = tuple(words)
        self.agency = agency

    @cached_property
    def runs(self) -> dict[tuple[Hashable, ...], int]:
        """Every run of RUN words with its first place."""
        last = len(self._all) - 1
        return dict(zip(reversed(self._all), range(last, -1, -1), strict=True))

    @cached_property
    def again(self) -> dict[tuple[Hashable, ...], list[int]]:
        """The runs that stand in more than one place, with all of them."""
        found: dict[tuple[Hashable, ...], list[int]] = {}
        for place, run in enumerate(self._all) if len(self.runs) < len(self._all) else ():
            if self.runs[run] != place:
                found.setdefault(run, [self.runs[run]]).append(place)
        return found

    @cached_property
    def _all(self) -> list[tuple[Hashable, ...]]:
        return list(zip(*(self.words[start:] for start in range(RUN)), strict=False))

    def places(self, run: tuple[Hashable, ...]) -> Sequence[int]:
        """Where a run stands, from left to right."""
        return self.again.get(run) or (self.runs[run],)

    @cached_property
    def vocabulary(self) -> frozenset[Hashable]:
        """Its words, each once."""
        return frozenset(self.words)

    def shared_runs(self, theirs: Words) -> dict[tuple[Hashable, ...], list[int]]:
        """The runs that another text has too, with their places there.

        They can only be where RUN words in a row are among these: in independent reports, at a few places of hundreds.
        """
        found: dict[tuple[Hashable, ...], list[int]] = {}
        for stretch in _STRETCH.finditer(bytes(map(self.vocabulary.__contains__, theirs.words))):
            for place in range(stretch.start(), stretch.end() - RUN + 1):
                if (run := theirs.words[place : place + RUN]) in self.runs:
                    found.setdefault(run, []).append(place)
        return found


def fingerprints(words: Sequence[str]) -> list[int]:
    """The winnowed fingerprints of a text, each once, in order; 64-bit signed integers.

    A text shorter than a shingle has none; every longer one has at least one.
    """
    hashes = hashes64([" ".join(words[i : i + SHINGLE]) for i in range(len(words) - SHINGLE + 1)])
    if len(hashes) <= WINDOW:
        return [min(hashes)] if hashes else []
    kept: dict[int, None] = {}
    window: deque[int] = deque()  # places of rising hashes: the first is the window's minimum
    for place, value in enumerate(hashes):
        while window and hashes[window[-1]] >= value:
            window.pop()
        window.append(place)
        if window[0] <= place - WINDOW:
            window.popleft()
        if place >= WINDOW - 1:
            kept.setdefault(hashes[window[0]])
    return list(kept)


def closest(shared: Mapping[int, set[int]]) -> list[int]:
    """The earlier texts worth a look word by word, given as text -> fingerprints shared, the earliest text first.

    The one that shares most, the earliest that share nearly as much, then whatever covers fingerprints those lack: of
    twenty copies of one wire two or three are looked at.
    """
    if not shared:
        return []
    most = max(len(prints) for prints in shared.values())
    best = next(text for text, prints in shared.items() if len(prints) == most)
    near = [text for text, prints in shared.items() if len(prints) >= 0.8 * most][:2]
    chosen = list(dict.fromkeys([best, *near]))
    seen = set[int]().union(*(shared[text] for text in chosen))
    left = dict(shared)
    while len(chosen) < CLOSE:
        left = {text: more for text, prints in left.items() if (more := prints - seen)}
        if not left:
            break
        text, seen = max(left.items(), key=lambda found: len(found[1]))
        chosen.append(text)
    return [text for text in shared if text in set(chosen)]


def judge(mine: Words, sources: Sequence[tuple[int, Words]]) -> Judgement:
    """Judge a text against earlier ones, given as (article id, words), the earliest first.

    The answer depends on the set of earlier texts alone, not on the order of filing.
    """
    size = len(mine.words)
    aligned = [(source, theirs, *carried(mine, theirs)) for source, theirs in sources] if size else []
    found = [(source, theirs, here, kept) for source, theirs, here, kept in aligned if sum(here) >= QUOTED]
    if not found:
        return ORIGINAL
    largest = max(sum(here) for _, _, here, _ in found)
    origin = next(part for part in found if sum(part[2]) >= EQUAL * largest)
    found = [origin, *sorted((part for part in found if part is not origin), key=lambda part: -sum(part[2]))]
    reuse = tuple(Reuse(s, sum(here), round(sum(here) / size, 3), round(kept, 3)) for s, _, here, kept in found)
    anywhere = [any(column) for column in zip(*(here for _, _, here, _ in found), strict=True)]
    own = 1 - sum(anywhere) / size
    relation = _relation(mine, found[0][1], [here for _, _, here, _ in found], found[0][3], own, _paragraphs(anywhere) / size)
    return Judgement(relation, None if relation == "original" else reuse[0].source, round(own, 3), reuse)


def by_an_editors_word(mine: Words, origin: Words, source: int, found: Judgement) -> Judgement:
    """The judgement when an editor says from which text another comes, whatever its words."""
    here, kept = carried(mine, origin)
    said = Reuse(source, sum(here), round(sum(here) / max(1, len(here)), 3), round(kept, 3))
    relation: Relation = "copy" if found.relation == "original" else found.relation
    return Judgement(relation, source, found.own_share, (said, *(part for part in found.reuse if part.source != source)))


def same_text(one: Words, other: Words) -> bool:
    """Whether two pages carry one text: almost every word of each stands in the other too."""
    if min(len(one.words), len(other.words)) < SHORT:
        return one.words == other.words
    here, kept = carried(one, other)
    return min(sum(here) / len(here), kept) >= SAME


def _relation(mine: Words, origin: Words, carried: Sequence[Sequence[bool]], kept: float, own: float, added: float) -> Relation:
    size = len(mine.words)
    if size < SHORT:
        return "copy" if mine.words == origin.words else "original"
    if 1 - own < (CREDITED if mine.agency and mine.agency == origin.agency else REUSED):
        return "original"
    for other in carried[1:]:
        if sum(here and not known for here, known in zip(other, carried[0], strict=True)) >= SECOND * size:
            return "merged"
    if max(own - OWN, added - ADDED) > 0:
        return "extended"
    return "copy" if kept >= KEPT else "abridged"


def _paragraphs(carried: Sequence[bool]) -> int:
    """Own words that stand together, BLOCK of them or more: something added, not something reworded."""
    lengths = (len(list(words)) for known, words in groupby(carried) if not known)
    return sum(length for length in lengths if length >= BLOCK)


def carried(mine: Words, theirs: Words) -> tuple[list[bool], float]:
    """For each word of mine whether it is carried over from theirs; and how much of theirs is in mine."""
    here, there = [False] * len(mine.words), [False] * len(theirs.words)
    place = at = 0  # the end of the last run, in mine and in theirs
    for start, found, length in _runs(mine, theirs):
        if 0 < start - place <= BRIDGE and 0 <= found - at <= BRIDGE and place:
            here[place:start] = [True] * (start - place)
            there[at:found] = [True] * (found - at)
        here[start : start + length] = [True] * length
        there[found : found + length] = [True] * length
        place, at = start + length, found + length
    return here, sum(there) / max(1, len(there))


def _runs(mine: Words, theirs: Words) -> list[tuple[int, int, int]]:
    """The runs of words both have, as (place in mine, place in theirs, length), from left to right in mine."""
    found: list[tuple[int, int, int]] = []
    end, expected = 0, 0
    there = mine.shared_runs(theirs)
    for place in sorted(place for run in there for place in mine.places(run)):
        if place < end:
            continue
        places = there[mine.words[place : place + RUN]]
        lengths = [(_length(mine.words, theirs.words, place, at), -abs(at - expected), at) for at in places[:PLACES]]
        length, _, at = max(lengths)
        found.append((place, at, length))
        end, expected = place + length, at + length
    return found


def _length(mine: Sequence[Hashable], theirs: Sequence[Hashable], place: int, at: int) -> int:
    length = RUN
    while place + length < len(mine) and at + length < len(theirs) and mine[place + length] == theirs[at + length]:
        length += 1
    return length
