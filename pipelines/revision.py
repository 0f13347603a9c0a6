"""What an outlet changed in a text it had already published: which sentences came, went or changed, and which figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from pipelines.sentences import sentences
from pipelines.text import tokens

LIKE = 0.5  # of the words of two sentences in one place: the one was made of the other; chosen, not measured


@dataclass(frozen=True, slots=True)
class Revision:
    """Sentences that came and went, pairs (before, after) of those that changed, and figures as `unit: before → after`."""

    came: tuple[str, ...]
    went: tuple[str, ...]
    changed: tuple[tuple[str, str], ...]
    figures: tuple[str, ...]


def compare(before: str, after: str, figures_before: Iterable[tuple[str, str]], figures_after: Iterable[tuple[str, str]]) -> Revision:
    """Compare two texts of one article; figures as (unit, as written). Typography alone is no change."""
    old = [sentence for _, sentence in sentences(before)]
    new = [sentence for _, sentence in sentences(after)]
    came: list[str] = []
    went: list[str] = []
    changed: list[tuple[str, str]] = []
    keys = [[tuple(tokens(sentence)) for sentence in side] for side in (old, new)]
    for what, a, b, c, d in SequenceMatcher(None, keys[0], keys[1], autojunk=False).get_opcodes():
        if what != "equal":
            pairs, gone, added = _pair(old[a:b], new[c:d])
            changed += pairs
            went += gone
            came += added
    moved = {tuple(tokens(sentence)) for sentence in went} & {tuple(tokens(sentence)) for sentence in came}
    came, went = ([sentence for sentence in side if tuple(tokens(sentence)) not in moved] for side in (came, went))
    return Revision(tuple(came), tuple(went), tuple(changed), _figures(figures_before, figures_after))


def _pair(old: Sequence[str], new: Sequence[str]) -> tuple[list[tuple[str, str]], list[str], list[str]]:
    """Of the sentences in one place: which was made of which, in order; what is left on both sides."""
    pairs: list[tuple[str, str]] = []
    gone, added = list(old), list(new)
    for before in old:
        likeness = [(SequenceMatcher(None, tokens(before), tokens(after), autojunk=False).ratio(), after) for after in added]
        best = max(likeness, default=(0.0, ""))
        if best[0] >= LIKE:
            pairs.append((before, best[1]))
            gone.remove(before)
            added.remove(best[1])
    return pairs, gone, added


def _figures(before: Iterable[tuple[str, str]], after: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    old, new = dict.fromkeys(before), dict.fromkeys(after)
    units = dict.fromkeys(unit for unit, _ in [*old, *new])
    said = []
    for unit in units:
        gone = [written for kind, written in old if kind == unit and (kind, written) not in new]
        come = [written for kind, written in new if kind == unit and (kind, written) not in old]
        if gone or come:
            said.append(f"{unit}: {', '.join(gone) or '–'} → {', '.join(come) or '–'}")
    return tuple(said)
