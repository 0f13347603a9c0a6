"""Whether a page may name a facet at all, told from its bytes: a fifth of what it takes to read it as text and look for every term.

Every spelling of a term leaves an anchor, its longest run of ASCII letters and digits. Where no anchor stands no term does; around
one the rest of its term is looked for. What this cannot tell (other scripts, letters with loose accents) may be anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ahocorasick_rs import BytesAhoCorasick, Implementation

from pipelines.markup import resolved
from pipelines.terms import WEAK_TERMS

MANY = 500  # anchors of a page that are looked at, 1 ms; bundles of scripts hold "kn" of "KN 23" dozens of times
AROUND = 150  # bytes on both sides of an anchor in which the rest of its term is looked for
_ASCII, _BEYOND = bytes(range(128)), bytes(range(128, 256))
_PLAIN = bytes(ord(chr(c).lower()) if c < 128 and chr(c).isalnum() else ord(" ") for c in range(256))
# Letters that Unicode composes, or lowers, to what a term may have: all scripts but Latin, loose accents, the Kelvin sign. Punctuation,
# symbols, emoji, the private letters of icon fonts and lone halves of a pair never do.
_OTHER = re.compile(rb"[\xcc-\xe1\xe3-\xec]|\xed[\x80-\x9f]|\xef[\xa4-\xab]|\xf0[\xa0-\xaf]|\xe2\x84\xaa")
_RUN = re.compile(rb"[a-z0-9]+")


class Anchors:
    """The anchors of a facet's terms, given as they are spelled (`terms.spellings`)."""

    def __init__(self, strong: Iterable[str], weak: Iterable[str]) -> None:
        self._terms: dict[bytes, dict[bytes, int]] = {}  # anchor -> term, and how much that says
        self._blind = False  # a term leaves no anchor, and is of no other script
        for weight, spelled in [(1, term.encode()) for term in weak] + [(WEAK_TERMS, term.encode()) for term in strong]:
            if runs := _RUN.findall(_plain(spelled)):
                self._terms.setdefault(max(runs, key=len), {})[b"".join(runs)] = weight
            elif not _OTHER.search(spelled):
                self._blind = True
        self._anchors = list(self._terms)
        self._longest = max((len(term) for terms in self._terms.values() for term in terms), default=0)
        self._automaton = BytesAhoCorasick(self._anchors, implementation=Implementation.DFA)

    def may_name(self, markup: bytes) -> bool:
        """Whether a page in UTF-8 may name the facet; where it does not, `Terms.find` finds nothing in it, `glance` or not."""
        raw = resolved(markup)
        if self._blind or _OTHER.search(raw.translate(None, _ASCII)):
            return True
        plain = _plain(raw)
        places = self._automaton.find_matches_as_indexes(plain, overlapping=True)
        if len(places) > MANY:
            return True
        said = 0
        for anchor, start, end in places:
            said += self._says(self._anchors[anchor], plain, start, end)
            if said >= WEAK_TERMS:
                return True
        return False

    def _says(self, anchor: bytes, plain: bytes, start: int, end: int) -> int:
        """How much the terms around an anchor say: a weak one 1, a strong one as much as weak ones must say together."""
        before, after = (_joined(part) for part in (plain[max(0, start - AROUND) : start], plain[end : end + AROUND]))
        if (len(before) < self._longest and start > AROUND) or (len(after) < self._longest and end + AROUND < len(plain)):
            return WEAK_TERMS  # so much space between two words: the term may go on behind it
        around = before + anchor + after
        return max((weight for term, weight in self._terms[anchor].items() if term in around), default=0)


def _plain(raw: bytes) -> bytes:
    """ASCII letters and digits in lower case, spaces between them."""
    return raw.translate(_PLAIN, _BEYOND)


def _joined(plain: bytes) -> bytes:
    return b"".join(plain.split())
