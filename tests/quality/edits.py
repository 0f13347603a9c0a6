"""What newsrooms do to a wire text, done by a machine from a seed: each edit knows which sentences it left, turned or added."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

Labelled = tuple[str, str]  # (known, reworded or new; sentence)
Body = list[list[Labelled]]  # paragraphs

SYNONYMS = (
    ("nach Angaben", "laut Angaben"), ("mitteilte", "bekannt gab"), ("teilte mit", "gab bekannt"), ("sagte", "erklärte"),
    ("bereits", "schon"),
    ("derzeit", "momentan"), ("etwa", "ungefähr"), ("zunächst", "vorerst"), ("außerdem", "zudem"), ("vor allem", "insbesondere"),
    ("warf vor", "hielt vor"), ("Staatschef", "Präsident"), ("Machthaber", "Staatschef"), ("mehrere", "einige"), ("hieß es", "so hieß es"),
    ("weil", "da"), ("said", "stated"), ("about", "around"), ("several", "a number of"), ("officials", "representatives"),
    ("because", "since"), ("also", "in addition"), ("began", "started"),
)  # fmt: skip
NUMBER_WORDS = {"2": "zwei", "3": "drei", "5": "fünf", "7": "sieben", "9": "neun", "10": "zehn", "12": "zwölf"}
DATELINES = ("Seoul (dpa) - ", "Kiew/Moskau (AFP) – ", "Washington — ", "Wien (APA) - ", "BERLIN. ")
NAMES = (
    ("Kim Jong Un", "Kim Yo Jong"),
    ("Putin", "Schoigu"),
    ("Moskau", "Minsk"),
    ("Seoul", "Tokio"),
    ("Washington", "London"),
    ("Kiew", "Warschau"),
)
NEGATED = tuple((f" {verb} ", f" {verb} nicht ") for verb in ("ist", "hat", "habe", "wurden", "sei")) + tuple(
    (f" {verb} ", f" {verb} not ") for verb in ("has", "was", "were")
)


@dataclass(frozen=True, slots=True)
class Edited:
    """A text made of another: how, what it is to that one, and its sentences with their labels."""

    edit: str
    relation: str
    body: Body


def _known(body: Body) -> Body:
    return [[("known", sentence) for _, sentence in paragraph] for paragraph in body]


def _each(body: Body, change: Callable[[str], str], label: str = "known") -> Body:
    return [[(kept, s) if (turned := change(s)) == s else (label, turned) for kept, s in paragraph] for paragraph in _known(body)]


def size(body: Body) -> int:
    """Words."""
    return sum(len(sentence.split()) for paragraph in body for _, sentence in paragraph)


def cut(body: Body, words: int) -> Body:
    """The beginning of a text, whole sentences."""
    kept: Body = []
    for paragraph in body:
        kept.append([])
        for labelled in paragraph:
            if size(kept) < words:
                kept[-1].append(labelled)
    return [paragraph for paragraph in kept if paragraph]


def typography(sentence: str) -> str:
    """Other quotes, dashes, spellings, spaces and ways to write a number."""
    for one, other in (("„", "»"), ("“", "«"), ("ß", "ss"), (" - ", " – "), ("fi", "ﬁ"), (" Prozent", " %")):
        sentence = sentence.replace(one, other)
    sentence = re.sub(r"(?<=\d)\.(?=\d{3}\b)", "\u202f", sentence)
    sentence = re.sub(r"(?<![\d.,])(2|3|5|7|9|10|12) (?=[A-Z][a-z]{4,})", lambda m: NUMBER_WORDS[m.group(1)] + "\u00a0", sentence)
    return re.sub(r"(\w{6})(\w{5,})", "\\1\u00ad\\2", sentence, count=2)


def _synonyms(sentence: str) -> str:
    for one, other in SYNONYMS:
        sentence = re.sub(rf"\b{one}\b", other, sentence, count=1)
    return sentence


def _one(body: Body, change: Callable[[str], str], most: int) -> Body | None:
    """A few sentences changed so that each says something else; None when none can be."""
    changed = 0
    edited = _known(body)
    for paragraph in edited:
        for place, (_, sentence) in enumerate(paragraph):
            turned = change(sentence) if changed < most else sentence
            if turned != sentence:
                paragraph[place] = ("new", turned)
                changed += 1
    return edited if changed else None


def _other_number(sentence: str) -> str:
    number = re.search(r"(?<![\d.,-])(?<![A-Z][a-z]{2} )(\d{2,3})(?![\d.,]|-)(?! (?:Uhr|Jahre))", sentence)
    return sentence[: number.start(1)] + str(int(number.group(1)) + 37) + sentence[number.end(1) :] if number else sentence


_DATELINE = re.compile(r"[^.]{2,40}\([\w/-]{2,14}\)")


def _swap(pairs: Sequence[tuple[str, str]]) -> Callable[[str], str]:
    def change(sentence: str) -> str:
        for one, other in pairs:
            place = sentence.find(one)
            if other not in sentence and place >= 0 and not _DATELINE.match(sentence, place):
                return sentence[:place] + other + sentence[place + len(one) :]
        return sentence

    return change


def edits(body: Body, own: Iterator[str], others: Sequence[Body], chance: random.Random) -> Iterator[Edited]:
    """Everything a newsroom might make of a text; `own` are sentences nobody else has, `others` two other wires."""
    words = size(body)
    yield Edited("typography", "copy", _each(body, typography))
    dated = _known(body)
    dated[0][0] = ("known", chance.choice(DATELINES) + re.sub(rf"{_DATELINE.pattern}\.? ?[-–—]* ?", "", dated[0][0][1]))
    yield Edited("dateline", "copy", dated)
    if words > 120:
        yield Edited("cut from the end", "abridged", cut(_known(body), int(words * chance.uniform(0.4, 0.65))))
        yield Edited("flash", "abridged", cut(_known(body), 50))
        shorter = [[labelled for i, labelled in enumerate(paragraph) if i % 2 == 0] for paragraph in _known(body)]
        if 50 < size(shorter) < 0.72 * words:
            yield Edited("every second sentence", "abridged", shorter)
    yield Edited("synonyms", "copy", _each(body, _synonyms, "reworded"))
    for name, change, most in (("number", _other_number, 2), ("name", _swap(NAMES), 1), ("negation", _swap(NEGATED), 1)):
        turned = _one(body, change, most)
        if turned:
            yield Edited(f"other {name}", "copy", turned)
    yield Edited("new lead", "extended", [_own(own, 0.1 * words), *_known(body)])
    yield Edited("own paragraphs", "extended", [*_known(body), _own(own, 0.2 * words), _own(own, 0.15 * words)])
    yield Edited("own beginning", "extended", [_own(own, 0.35 * words), *_known(body)])
    quoted = [_own(own, 0.3 * words), [chance.choice(_known(body))[0]], _own(own, 0.3 * words)]
    yield Edited("one sentence quoted", "original", quoted)
    for name, other in zip(("two wires", "two wires in turn"), others, strict=False):
        if size(other) > 0.7 * words:
            second = cut(_known(other), int(0.7 * words))
            empty: list[Labelled] = []
            turns = [paragraph for pair in zip_longest(_known(body), second, fillvalue=empty) for paragraph in pair if paragraph]
            yield Edited(name, "merged", turns if "turn" in name else _known(body) + second)


def _own(own: Iterator[str], words: float) -> list[Labelled]:
    taken: list[Labelled] = []
    while sum(len(sentence.split()) for _, sentence in taken) < words:
        taken.append(("new", next(own)))
    return taken
