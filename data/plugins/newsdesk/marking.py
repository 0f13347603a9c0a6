"""The text of an article as its reader wants it: paragraphs kept, each sentence with what it is, figures and dates with their value."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Value:
    """A figure or a date that a sentence gives: its words, what they come to, and where it stands in the list of facts."""

    key: str  # f12 or d7, the row's id on the page
    kind: str  # figure or date
    as_written: str
    said: str
    unit: str = ""  # of a figure


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a sentence, with the value that it gives."""

    text: str
    value: Value | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence: `status` is new, reworded or known; `first` is the article that had it first (None: nobody, or not on record)."""

    position: int
    text: str
    status: str
    first: int | None = None
    furniture: bool = False  # the outlet prints it under many articles
    pieces: tuple[Piece, ...] = ()
    closes: bool = True  # the next sentence is of another status or another origin


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Sentences and, as plain text, what stands between them and is none (a dateline, a line of dashes)."""

    parts: tuple[Said | str, ...] = field(default=())


def paragraphs(text: str, sentences: Iterable[Said], *, cut: bool = False) -> list[Paragraph]:
    """The paragraphs of a text with its sentences in their places.

    Sentences that the text does not hold in their order make paragraphs of their own instead: better without the
    paragraphs than without the sentences. `cut`: the text is only a beginning, and what follows it is left out.
    """
    said = list(sentences)
    waiting = deque(said)
    found = [_paragraph(line, waiting) for line in text.split("\n") if line.strip()]
    if waiting and not cut:
        return _runs([Paragraph((sentence,)) for sentence in said])
    return _runs(found)


def _paragraph(line: str, waiting: deque[Said]) -> Paragraph:
    parts: list[Said | str] = []
    place = 0
    while waiting and (at := line.find(waiting[0].text, place)) >= 0:
        if line[place:at]:
            parts.append(line[place:at])
        place = at + len(waiting[0].text)
        parts.append(waiting.popleft())
    if line[place:].strip():
        parts.append(line[place:])
    return Paragraph(tuple(parts))


def _runs(found: list[Paragraph]) -> list[Paragraph]:
    """Mark in each paragraph the last sentence of those that go back to the same article."""
    return [Paragraph(tuple(_closing(paragraph.parts, i) for i in range(len(paragraph.parts)))) for paragraph in found]


def _closing(parts: tuple[Said | str, ...], place: int) -> Said | str:
    part = parts[place]
    if isinstance(part, str):
        return part
    following = next((other for other in parts[place + 1 :] if not isinstance(other, str)), None)
    goes_on = following is not None and (following.status, following.first) == (part.status, part.first)
    return replace(part, closes=not goes_on)


def pieces(sentence: str, values: Sequence[Value]) -> tuple[Piece, ...]:
    """A sentence with its values in their places; of two that overlap the one that begins first, then the longer, is marked."""
    spans: list[tuple[int, int, Value]] = []
    after: dict[str, int] = {}
    for value in values:
        at = sentence.find(value.as_written, after.get(value.kind, 0)) if value.as_written else -1
        at = at if at >= 0 or not value.as_written else sentence.find(value.as_written)
        if at >= 0:
            after[value.kind] = at + len(value.as_written)
            spans.append((at, after[value.kind], value))
    found: list[Piece] = []
    place = 0
    for start, end, value in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start >= place:
            found += [Piece(sentence[place:start])] if start > place else []
            found.append(Piece(sentence[start:end], value))
            place = end
    return (*found, Piece(sentence[place:])) if place < len(sentence) or not found else tuple(found)
