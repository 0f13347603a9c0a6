"""What an outlet changed in a text after it was published, sentence by sentence and, in those that changed, word by word."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

WORDS = 300  # of a sentence that are compared one by one; beyond that both are shown whole
_WORDS = re.compile(r"\s+|\d[\d.,]*\d|\w+|[^\s\w]")  # a number with its separators is one word


@dataclass(frozen=True, slots=True)
class Stretch:
    """Words of a changed sentence: `same`, `went` or `came`."""

    what: str
    text: str


@dataclass(frozen=True, slots=True)
class Version:
    """What the text that followed an earlier one changed."""

    seen_at: str
    headline: tuple[Stretch, ...]  # empty where it stayed
    came: tuple[str, ...]
    went: tuple[str, ...]
    changed: tuple[tuple[Stretch, ...], ...]
    figures: tuple[str, ...]
    text: str  # the earlier one

    @property
    def silent(self) -> bool:
        """Whether nothing but typography changed, or the order of sentences."""
        return not (self.headline or self.came or self.went or self.changed or self.figures)


def version(row: Mapping[str, Any], headline_after: str) -> Version:
    """A row of `versions`; `headline_after` is the one that followed."""
    changed = (row["changed"] or "").split("\n")
    pairs = [(before, after.removeprefix("→ ")) for before, after in zip(changed[::2], changed[1::2], strict=False)]
    headline = words(row["headline"], headline_after) if row["headline"] != headline_after else ()
    came, went, figures = (tuple(line for line in (row[name] or "").split("\n") if line) for name in ("came", "went", "figures"))
    return Version(row["seen_at"], headline, came, went, tuple(words(*pair) for pair in pairs), figures, row["text"] or "")


def words(before: str, after: str) -> tuple[Stretch, ...]:
    """The words that stayed, went and came between two sentences."""
    old, new = (_WORDS.findall(side) for side in (before, after))
    if max(len(old), len(new)) > WORDS:
        return (Stretch("went", before), Stretch("came", after))
    found: list[Stretch] = []
    for what, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            found.append(Stretch("same", "".join(old[a:b])))
            continue
        found += [Stretch("went", "".join(old[a:b]))] if b > a else []
        found += [Stretch("came", "".join(new[c:d]))] if d > c else []
    return tuple(found)
