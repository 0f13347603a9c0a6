"""Which sentences has the reader never seen: known wording, known content in other words, or new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal

from pipelines.article import Sentence
from pipelines.novelty.meaning import SHARED, SLACK, Content, both_needed, content, says_no_more, stem, without_dateline
from pipelines.sentences import sentences
from pipelines.story import Story
from pipelines.text import hash64, hashes64, words_of

Status = Literal["known", "reworded", "new"]

NOTHING = Content(frozenset(), frozenset(), 0)
PLACE = 3  # words of a dateline that is a sentence by itself ("NEW YORK.")
LEAD = 150  # words of an article that say what it is about
MIN_TOPICS = 6  # that two reports must share: entries of a live blog have a dozen, and two of a dozen are chance
KINSHIP = 0.15  # of the topics of two independent reports of one event: recall and precision .99 .95 at .12, .96 .96 here, .85 .96 at .18


def read_sentences(text: str) -> tuple[Sentence, ...]:
    """The sentences of a text with what makes equal wording equal; a place in capitals before the first one is none."""
    found = sentences(text)
    found = found[1:] if found and found[0][1].isupper() and len(found[0][1].split()) <= PLACE else found
    return tuple(Sentence(sentence, offset, hash64(" ".join(words_of(without_dateline(sentence))))) for offset, sentence in found)


class Told:
    """What one text says, sentence by sentence, ready to be asked."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.said = [content(text) for text in texts]
        self.facts = frozenset().union(*(said.facts for said in self.said))
        self.having: dict[str, list[int]] = {}
        for place, said in enumerate(self.said):
            for part in said.stems:
                self.having.setdefault(part, []).append(place)

    def says(self, mine: Content) -> bool:
        """Whether the text says what a sentence says, in one sentence or in two neighbouring ones."""
        if not mine.facts <= self.facts:
            return False
        enough = (SHARED - SLACK) * len(mine.stems)
        both = self.having.keys() & mine.stems
        if 2 * len(both) < enough:
            return False
        shared = Counter(place for part in both for place in self.having[part])
        near = sorted({near for found in shared for near in (found, found - 1) if near >= 0})
        return any(shared[place] + shared[place + 1] >= enough and self._says(mine, place) for place in near)

    def _says(self, mine: Content, place: int) -> bool:
        one, following = self.said[place], self.said[place + 1 : place + 2]
        return says_no_more(mine, one) or (bool(following) and both_needed(mine, one, following[0]))


class Said:
    """Everything some earlier texts say, the earliest first."""

    def __init__(self, earlier: Mapping[int, Told]) -> None:
        self.earlier = earlier

    def first_with(self, sentence: str) -> int | None:
        """The first text that says what a sentence says."""
        mine = content(sentence) if self.earlier else NOTHING
        return next((article for article, told in self.earlier.items() if told.says(mine)), None)


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
    said = [content(sentence) for _, sentence in sentences(beginning)]
    common = {stem(word) for match in story.terms.find(beginning) for word in words_of(match.as_written)}
    found = frozenset().union(*(part.stems | part.facts for part in said)) - common
    return tuple(sorted(hashes64([word for word in found if len(word) > 3 or word[0].isdigit()])))


def kinship(mine: frozenset[int], theirs: frozenset[int]) -> float:
    """The share of topics that two articles have in common, of those of the shorter one; 0 where they share too few."""
    shared = len(mine & theirs)
    return shared / min(len(mine), len(theirs)) if shared >= MIN_TOPICS else 0.0
