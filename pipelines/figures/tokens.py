"""A text as the words, numbers and signs that counting needs: quotation marks are gone, calibres and type names are words."""

from __future__ import annotations

import re
from typing import NamedTuple

_TOKEN = re.compile(
    r"""(?x)
    (?P<word>
        \d{1,4}(?:[.,]\d{1,2})?[ \u00a0-]?(?:mm|cm|(?:milli|centi|zenti)met\w{1,4})\b(?:-\w+)*  # a calibre: 152-mm, 122 mm
      | \d[\d.,]{0,20}(?:-?(?!(?:bn|mn|[mk])(?!\w))(?!(?<=-)plus\b)[^\W\d_])[\w-]*  # 20-Fuss-Container, 3,000-mile, 11th
      | (?<!\w)[a-z]\.[a-z](?!\w)                                                 # a.m, u.s
      | [^\W\d_]\w*(?:[-'’](?=\w)(?!(?<=-)plus\b)\w+)*                             # US-Dollar, KN-23-Raketen; not million-plus
    )
  | (?P<number>
        (?<!\d)(?:\d{1,3}(?:[.,'’\u2009\u202f\u00a0 ]\d{3}){1,5}|\d{1,20})(?!\d)(?:[.,]\d{1,9})?
    )(?P<suffix>bn|mn|[mk])?(?!\w|-(?!plus\b)[^\W\d_])
  | (?P<sign>[^\w\s"„“”‟‚‘’‛«»‹›'`´*_]|\n)
  | (?P<junk>\w)
    """
)
# After these a full stop ends no sentence.
_ABBREVIATIONS = frozenset("mio mrd ca mr mrs dr st bzw ggf usw inkl prof тыс млн млрд тис tys mln mld ok gen col lt etwa nr u.s".split())
ENDS = frozenset(".!?…\n")


class Token(NamedTuple):
    """A word (`kind` "w"), a number ("n") or a sign ("s"), lower-cased, with its offsets in the text."""

    kind: str
    low: str
    start: int
    end: int
    capital: bool
    suffix: str = ""


def tokenise(text: str, low: str) -> list[Token]:
    """Tokens of a text; `low` is the same text in lower case with the same offsets."""
    found: list[Token] = []
    add = found.append
    for match in _TOKEN.finditer(low):
        kind = match.lastgroup
        start, end = match.span()
        if kind == "word":
            first = text[start]
            add(Token("w", match[0], start, end, first.isupper() or first.isdigit()))
        elif kind == "sign":
            if low[start] == "." and found and found[-1].end == start and _abbreviated(found[-1]):
                continue
            add(Token("s", match[0], start, end, False))
        elif kind in ("number", "suffix"):
            suffix = match["suffix"] or ""
            add(Token("n", match["number"], start, end, False, suffix))
    return found


def low_at(tokens: list[Token], at: int) -> str:
    """The word, number or sign at a place, "" beyond either end."""
    return tokens[at].low if 0 <= at < len(tokens) else ""


def _abbreviated(token: Token) -> bool:
    return token.kind == "w" and (token.low in _ABBREVIATIONS or (len(token.low) == 1 and token.capital))
