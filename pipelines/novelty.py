"""Which sentences has the reader never seen: known wording, known content in other words, or new."""

from __future__ import annotations

import re
from typing import Literal

from pipelines.article import Sentence
from pipelines.text import hash64, sentences, tokens

Status = Literal["known", "reworded", "new"]

MIN_WORDS = 4  # a shorter sentence is a subhead or a shout; only its exact wording can be known
MIN_CONTENT = 5  # content words that two sentences must share entirely before they say the same
_NEGATIONS = frozenset("nicht kein keine keinen keiner keinem keines nie niemals weder ohne not no never without neither nor".split())
_FUNCTION = frozenset(
    """
    der die das den dem des ein eine einen einem einer eines und oder aber doch auch sowie als wie dass ob wenn weil da so zu zum
    zur im in an am auf aus bei beim mit nach von vom vor für über unter um durch gegen zwischen seit bis sich es er sie wir ihr
    ihre ihren ihrem ihrer sein seine seinen seinem seiner ist sind war waren wird werden wurde wurden worden hat haben hatte
    hatten habe sei seien soll sollen sollte sollten kann können könnte könnten laut zufolge demnach unterdessen zudem außerdem
    ausserdem dabei damit dort hier jetzt nun noch schon bereits sagte sagt erklärte teilte mit hieß hiess so weiter
    the a an and or but also as that if when because to in on at of for from by with about into over under between since until
    it he she we they their his her its is are was were will would be been being has have had may might can could should said
    says told according meanwhile there here now still already
    """.split()
)
_ENDINGS = re.compile(r"(?:en|er|es|em|e|n|s|ed|ing)$")


def read_sentences(text: str) -> tuple[Sentence, ...]:
    """The sentences of a text with what makes them comparable."""
    found = []
    for offset, sentence in sentences(text):
        words = tokens(sentence)
        found.append(Sentence(sentence, offset, hash64(" ".join(words)), _skeleton(words)))
    return tuple(found)


def status(by_key: int | None, by_skeleton: int | None) -> tuple[Status, int | None]:
    """Judge one sentence by the earliest earlier article that had its wording, or its content."""
    if by_key is not None:
        return "known", by_key
    if by_skeleton is not None:
        return "reworded", by_skeleton
    return "new", None


def _skeleton(words: list[str]) -> int:
    """Equal for sentences with the same content words in the same order, the same numbers, names and polarity.

    The order counts: who delivers to whom is the news.
    """
    if len(words) < MIN_WORDS:
        return 0
    content = [_stem(word) for word in words if word not in _FUNCTION and word not in _NEGATIONS]
    if len(content) < MIN_CONTENT:
        return 0
    polarity = sum(word in _NEGATIONS for word in words)
    return hash64(f"{polarity}|{' '.join(content)}")


def _stem(word: str) -> str:
    return _ENDINGS.sub("", word) if len(word) > 5 and not word[0].isdigit() else word
