"""Seeded articles of real length and mix: own reports, and copies as newsrooms make them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from pipelines.article import Article
from pipelines.duplicates import fingerprints
from pipelines.evidence import Dated
from pipelines.novelty import read_sentences, topics
from pipelines.novelty.words import FUNCTION
from pipelines.story import Story
from pipelines.text import hashed, tokens

OUTLETS = 150
COPIES = 0.3  # of all articles; a wire has one to some dozens of them
LATE = 0.1  # of the copies were published before what is filed already
_SYLLABLES = "ba de fi go ku la me ni po ra se ti vo wu za sch er en tra gen kei nung ver be lich mann hof burg stadt ei au".split()


def vocabulary(chance: random.Random, size: int = 30_000) -> list[str]:
    """Words of two to four syllables, a third with a capital letter, as German has them."""
    words = {"".join(chance.choices(_SYLLABLES, k=chance.randint(2, 4))) for _ in range(size * 2)}
    return [word.capitalize() if chance.random() < 0.33 else word for word in sorted(words)[:size]]


class Newsroom:
    """An endless supply of articles, always the same for a seed and how many there are already."""

    def __init__(self, story: Story, seed: int = 7, number: int = 0) -> None:
        self.story = story
        self.chance = random.Random(seed)  # noqa: S311 the same texts every time
        self.words = vocabulary(self.chance)
        self.chance.shuffle(self.words)
        self.words = [*sorted(FUNCTION)[:200], *self.words]  # the commonest words of a language say nothing
        self.weights = list(accumulate(1 / (rank + 3) for rank in range(len(self.words))))  # Zipf's law
        self.chance.seed(f"{seed} {number}")  # the vocabulary stays
        self.recent: list[list[str]] = []
        self.number = number

    def articles(self, count: int) -> Iterator[Article]:
        """The next articles, a few minutes apart."""
        for _ in range(count):
            self.number += 1
            copied = bool(self.recent) and self.chance.random() < COPIES
            sentences = self._copy() if copied else self._report()
            self.recent = [*self.recent[-300:], sentences]
            minutes = self.number * 7 - (self.chance.randint(10, 600) if copied and self.chance.random() < LATE else 0)
            yield self._article(sentences, datetime(2023, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes))

    def _report(self) -> list[str]:
        return [self._sentence() for _ in range(self.chance.randint(16, 28))]

    def _sentence(self) -> str:
        words = self.chance.choices(self.words, cum_weights=self.weights, k=self.chance.randint(10, 26))
        if self.chance.random() < 0.2:
            words[self.chance.randrange(len(words))] = str(self.chance.randint(2, 9000))
        return " ".join(words).capitalize() + "."

    def _copy(self) -> list[str]:
        """Cut from the end, with own sentences, with a word exchanged here and there, or as it is."""
        source = list(self.chance.choice(self.recent))
        kind = self.chance.choice(("whole", "cut", "extended", "reworded"))
        if kind == "cut":
            source = source[: max(6, len(source) // 2)]
        elif kind == "extended":
            source += [self._sentence() for _ in range(6)]
        elif kind == "reworded":
            source = [sentence.replace(" ", f" {self.chance.choice(self.words)} ", 1) for sentence in source]
        return source

    def _article(self, sentences: list[str], at: datetime) -> Article:
        text = "\n".join(" ".join(sentences[i : i + 4]) for i in range(0, len(sentences), 4))
        outlet = f"outlet-{self.chance.randrange(OUTLETS)}"
        words = tokens(text)
        return Article(
            url=f"https://{outlet}.example/{self.number}",
            headline=sentences[0][:80],
            text=text,
            words=len(words),
            fetched_at=at + timedelta(minutes=5),
            outlet=outlet,
            language="de",
            published=Dated(at, at.strftime("%Y-%m-%dT%H:%M:%SZ"), "instant", "json-ld", ()),
            sentences=read_sentences(text),
            tokens=hashed(words),
            fingerprints=tuple(fingerprints(words)),
            topics=topics(sentences[0][:80], text, self.story),
        )
