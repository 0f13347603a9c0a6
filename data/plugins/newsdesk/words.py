"""What someone looks for: words as the full-text indexes hold them, and where they stand in the text as it was written."""

from __future__ import annotations

import re
from dataclasses import dataclass

from markupsafe import Markup
from search import PLAIN, fold

LEAST = 3  # letters: the indexes hold groups of three
LONGEST = 200  # letters of a question that are looked at
AROUND = 110  # letters shown on each side of a match

_SPELLINGS: dict[str, str] = {}
for _letter, _plain in PLAIN.items():
    if len(_plain) == 1:
        _SPELLINGS[_plain] = _SPELLINGS.get(_plain, _plain) + _letter


@dataclass(frozen=True)
class Question:
    """What was asked: the phrases to look for (a word, or several in quotes), and those too short to be found."""

    asked: str
    phrases: tuple[str, ...]
    short: tuple[str, ...]

    @property
    def match(self) -> str:
        """The question for a full-text index: every phrase must occur."""
        return " ".join('"' + fold(phrase).replace('"', '""') + '"' for phrase in self.phrases)

    @property
    def pattern(self) -> re.Pattern[str] | None:
        """Finds any of the phrases in a text as it was written: `strasse` in `Straße`, `Pjongjang` in `Pjöngjang`."""
        spelt = [_spelt(fold(phrase).lower()) for phrase in sorted(self.phrases, key=len, reverse=True)]
        return re.compile("|".join(spelt), re.IGNORECASE) if spelt else None


def question(asked: str | None, *, quotes: bool) -> Question:
    """Read what was typed, word by word. Quotes hold words together, if whoever asks may read the texts: with phrases one could
    spell out a text that one may not read."""
    plain = re.sub(r"[\x00-\x1f\ud800-\udfff]", " ", asked or "")[:LONGEST].strip()
    said = re.sub('["„“”«»]', '"' if quotes else " ", plain)
    phrases = [" ".join((quoted or word).split()) for quoted, word in re.findall(r'"([^"]+)"|([^\s"]+)', said)]
    phrases = list(dict.fromkeys(phrase for phrase in phrases if phrase))
    long = tuple(phrase for phrase in phrases if len(fold(phrase)) >= LEAST)
    return Question(plain, long, tuple(phrase for phrase in phrases if len(fold(phrase)) < LEAST))


def marked(text: str, pattern: re.Pattern[str] | None) -> Markup:
    """A text with every match marked; all else escaped."""
    if pattern is None:
        return Markup("{}").format(text)
    parts, at = [], 0
    for match in pattern.finditer(text):
        parts += [Markup("{}").format(text[at : match.start()]), Markup("<mark>{}</mark>").format(match.group())]
        at = match.end()
    return Markup("").join([*parts, Markup("{}").format(text[at:])])


def snippet(text: str, pattern: re.Pattern[str] | None) -> Markup:
    """The part of a text around its first match, matches marked; its beginning where nothing is found."""
    match = pattern.search(text) if pattern else None
    begin = max(0, match.start() - AROUND) if match else 0
    end = min(len(text), (match.end() if match else 0) + AROUND)
    while 0 < begin < len(text) and not text[begin - 1].isspace() and match and begin < match.start():
        begin += 1
    while match and end > match.end() and end < len(text) and not text[end].isspace():
        end -= 1
    inside = marked(" ".join(text[begin:end].split()), pattern)
    return Markup("{}{}{}").format("… " if begin else "", inside, " …" if end < len(text) else "")


def _spelt(folded: str) -> str:
    """A pattern for every way to write a folded word."""
    parts = []
    for part in re.findall(r"ss|\s+|.", folded, re.DOTALL):
        if part == "ss":
            parts.append("(?:ss|ß)")
        elif part == "s":
            parts.append("[sß]")
        elif part.isspace():
            parts.append(r"\s+")
        else:
            parts.append(f"[{_SPELLINGS[part]}]" if part in _SPELLINGS else re.escape(part))
    return "".join(parts)
