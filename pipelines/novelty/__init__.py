"""Which sentences has the reader never seen: known wording, known content in other words, or new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Literal

from pipelines.article import Sentence
from pipelines.novelty.meaning import (
    SHARED,
    SLACK,
    Gist,
    both_may_be_needed,
    content,
    gist,
    gists,
    may_say_no_more,
    meant,
    says_no_more,
    stem,
    without_dateline,
)
from pipelines.sentences import sentences
from pipelines.story import Story
from pipelines.text import hash64, hashes64, words_of

Status = Literal["known", "reworded", "new"]

PLACE = 3  # words of a dateline that is a sentence by itself ("NEW YORK.")
LEAD = 150  # words of an article that say what it is about
MIN_TOPICS = 6  # that two reports must share: entries of a live blog have a dozen, and two of a dozen are chance
KINSHIP = 0.15  # of the topics of two independent reports of one event: recall and precision .99 .95 at .12, .96 .96 here, .85 .96 at .18


def read_sentences(text: str) -> tuple[Sentence, ...]:
    """The sentences of a text with what makes equal wording equal; a place in capitals before the first one is none."""
    found = sentences(text)
    found = found[1:] if found and found[0][1].isupper() and len(found[0][1].split()) <= PLACE else found
    return tuple(Sentence(said, offset, hash64(" ".join(words_of(without_dateline(said)))), gist(said)) for offset, said in found)


class Told:
    """What one text says, sentence by sentence, ready to be asked.

    Most sentences are told apart by numbers alone, and only of the others the words are looked at.

    Args:
        texts: its sentences.
        said: the `Gist` of each, where it is known.
    """

    def __init__(self, texts: Sequence[str], said: Sequence[Gist] | None = None) -> None:
        self.texts = texts
        self.said = gists(b"".join(map(gist, texts))) if said is None else said
        self.facts = frozenset[int]().union(*(said.facts for said in self.said))

    @cached_property
    def gist(self) -> dict[str, Gist]:
        """What each of its sentences says."""
        return dict(zip(self.texts, self.said, strict=True))

    @cached_property
    def having(self) -> dict[int, list[int]]:
        """The places of the sentences with each content word."""
        found: dict[int, list[int]] = {}
        for place, said in enumerate(self.said):
            for part in said.stems:
                found.setdefault(part, []).append(place)
        return found

    def says(self, sentence: str, mine: Gist) -> bool:
        """Whether the text says what a sentence says, in one sentence or in two neighbouring ones."""
        if not mine.facts <= self.facts:
            return False
        enough = (SHARED - SLACK) * len(mine.stems)
        both = self.having.keys() & mine.stems
        if 2 * len(both) < enough:
            return False
        shared = Counter(place for part in both for place in self.having[part])
        near = sorted({near for found in shared for near in (found, found - 1) if near >= 0})
        return any(shared[place] + shared[place + 1] >= enough and self._says(sentence, mine, place) for place in near)

    def _says(self, sentence: str, mine: Gist, place: int) -> bool:
        one, two = self.said[place : place + 2] if place + 1 < len(self.said) else (self.said[place], None)
        if may_say_no_more(mine, one) and says_no_more(content(sentence), content(self.texts[place])):
            return True
        if two is None or not both_may_be_needed(mine, one, two):
            return False
        return says_no_more(content(sentence), content(self.texts[place]) + content(self.texts[place + 1]))


class Said:
    """Everything some earlier texts say, the earliest first."""

    def __init__(self, earlier: Mapping[int, Told]) -> None:
        self.earlier = earlier

    def first_with(self, sentence: str, mine: Gist | None = None) -> int | None:
        """The first text that says what a sentence says, whose `Gist` may be known."""
        if not self.earlier:
            return None
        wanted = mine or gists(gist(sentence))[0]
        return next((article for article, told in self.earlier.items() if told.says(sentence, wanted)), None)


def status(by_key: int | None, by_content: int | None) -> tuple[Status, int | None]:
    """Judge one sentence by the earliest earlier article that had its wording, or its content."""
    if by_key is not None:
        return "known", by_key
    if by_content is not None:
        return "reworded", by_content
    return "new", None


def topics(headline: str, text: str, story: Story) -> tuple[int, ...]:
    """What an article is about, beyond what every text on the story is about: hashes of the content words and facts of
    its headline and first LEAD words. Two reports of one event share many, in whatever words they are written."""
    beginning = f"{headline}\n{' '.join(text.split()[:LEAD])}"
    said = [meant(sentence) for _, sentence in sentences(beginning)]
    common = {stem(word) for match in story.terms.find(beginning) for word in words_of(match.as_written)}
    found = frozenset[str]().union(*said) - common
    return tuple(sorted(hashes64([word for word in found if len(word) > 3 or word[0].isdigit()])))


def kinship(mine: frozenset[int], theirs: frozenset[int]) -> float:
    """The share of topics that two articles have in common, of those of the shorter one; 0 where they share too few."""
    shared = len(mine & theirs)
    return shared / min(len(mine), len(theirs)) if shared >= MIN_TOPICS else 0.0
