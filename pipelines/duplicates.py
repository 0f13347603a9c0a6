"""Which text comes from which: local text reuse, not a similarity score.

Candidates share a winnowed fingerprint (Schleimer, Wilkerson & Aiken 2003: of every window of WINDOW consecutive
shingles at least one is kept, so any shared run of SHINGLE + WINDOW - 1 = 12 words is sure to be found). What a
candidate really shares is then counted on the words themselves (local text reuse, Seo & Croft 2008).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.article import Relation
from pipelines.text import hash64

SHINGLE = 7  # words a fingerprint stands for
WINDOW = 6
RUN = 5  # words in a row that count as carried over; four are often a stock phrase ("im Krieg gegen die Ukraine")

# Chosen between the kinds that tests/web holds, 16 texts: copies have at most .08 own and keep at least .93 of the
# origin, abridgements keep .44 to .58, extensions have .31 to .37 own, the merger has .42 from its second source.
SHORT = 48  # words; shorter texts only fold when identical
REUSED = 0.40  # of its words a text must have from others; below, it quotes or shares a stock sentence
OWN = 0.15  # of its words own: more is an extension; a new dateline, lead and two reworded sentences stay below
KEPT = 0.80  # of the origin's words in the copy: less is an abridgement
SECOND = 0.20  # of its words from a second source alone: a merger
SAME = 0.9  # of the words of both editions of a page; the three AMP twins of tests/web share all of them
QUOTED = 12  # words shared with a source that are worth a row in `reuse`


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


def fingerprints(words: Sequence[str]) -> list[int]:
    """The winnowed fingerprints of a text, each once, in order; 64-bit signed integers.

    A text shorter than a shingle has none; every longer one has at least one.
    """
    hashes = [hash64(" ".join(words[i : i + SHINGLE])) for i in range(len(words) - SHINGLE + 1)]
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


def judge(words: Sequence[str], sources: Sequence[tuple[int, Sequence[str]]]) -> Judgement:
    """Judge a text (its `tokens`) against earlier ones, given as (article id, tokens), the earliest first.

    The answer depends on the set of earlier texts alone, not on the order of filing.
    """
    if not words:
        return Judgement("original", None, 1.0, ())
    shared = [(source, theirs, _covered(words, theirs)) for source, theirs in sources]
    shared = [(source, theirs, mine) for source, theirs, mine in shared if sum(mine) >= QUOTED]
    if not shared:
        return Judgement("original", None, 1.0, ())
    shared.sort(key=lambda found: -sum(found[2]))  # stable: of equals the earliest stays first
    reuse = tuple(
        Reuse(source, sum(mine), round(sum(mine) / len(words), 3), round(sum(_covered(theirs, words)) / len(theirs), 3))
        for source, theirs, mine in shared
    )
    anywhere = [any(column) for column in zip(*(mine for _, _, mine in shared), strict=True)]
    own = 1 - sum(anywhere) / len(words)
    relation = _relation(words, shared, reuse[0].kept, own)
    origin = None if relation == "original" else reuse[0].source
    return Judgement(relation, origin, round(own, 3), reuse)


def same_text(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two pages carry one text: almost every word of each stands in the other too."""
    if min(len(one), len(other)) < SHORT:
        return list(one) == list(other)
    return min(sum(_covered(a, b)) / len(a) for a, b in ((one, other), (other, one))) >= SAME


def _relation(words: Sequence[str], shared: list[tuple[int, Sequence[str], list[bool]]], kept: float, own: float) -> Relation:
    first = shared[0][2]
    if len(words) < SHORT:
        return "copy" if list(words) == list(shared[0][1]) else "original"
    if 1 - own < REUSED:
        return "original"
    for _, _, other in shared[1:]:
        beyond = sum(1 for mine, known in zip(other, first, strict=True) if mine and not known)
        if beyond / len(words) >= SECOND:
            return "merged"
    if own > OWN:
        return "extended"
    return "copy" if kept >= KEPT else "abridged"


def _covered(words: Sequence[str], theirs: Sequence[str]) -> list[bool]:
    """For each word, whether it stands in a run of RUN words that the other text has too."""
    runs = {tuple(theirs[i : i + RUN]) for i in range(len(theirs) - RUN + 1)}
    covered = [False] * len(words)
    for i in range(len(words) - RUN + 1):
        if tuple(words[i : i + RUN]) in runs:
            covered[i : i + RUN] = [True] * RUN
    return covered
