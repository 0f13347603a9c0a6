"""The example articles: texts copied by hand, with whatever the hand took along."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from pipelines.article import Article, Page
from pipelines.compose import compose
from pipelines.evidence import DateHint, Extract
from pipelines.extract.credits import agency_of
from pipelines.lines import is_caption, is_furniture
from pipelines.markup import decode
from pipelines.story import Story, StoryError
from pipelines.text import clean, one_line

_DATE = re.compile(r"^\s*date\s+(\d{4}(?:-\d\d){0,2})\s")
MAX_HEADLINE = 20  # words; a longer first line is a paragraph


class SeedError(StoryError):
    """A seed file holds no article: says which file and what was found."""


def seed_files(folder: Path) -> list[Path]:
    """The seed files of a story's folder, in order of their names."""
    return sorted(folder.glob("*.txt"))


def read_seed(path: Path, story: Story, *, now: datetime) -> Article:
    """Read one seed file. Its URL is `seed:<stem>`; it has no outlet and no time of fetch.

    A first word `date 2023-10` is its date, with that precision; a short first line without a full stop its headline;
    breadcrumbs, captions, share labels and end marks are left out.

    Raises:
        SeedError: when the file holds no text.
    """
    raw = clean(decode(path.read_bytes()))
    dated = _DATE.match(raw + " ")
    blocks = _blocks(raw[dated.end() :] if dated else raw)
    headline = blocks[0] if len(blocks) > 1 and _is_headline(blocks[0]) else ""
    text = "\n".join(blocks[1:] if headline else blocks)
    if not text:
        raise SeedError(f"{path}: holds no article; put the article's text there, or delete the file")
    hints = [DateHint(dated.group(1), "text")] if dated else []
    agency = agency_of(text, text, (), agencies=story.agencies)
    found = Extract(headline, text, [], None, None, hints, [], False, agency, None)
    url = f"seed:{path.stem}"
    page = Page(url, url, 200, now, b"", timezone=story.desk_timezone)
    return replace(compose(url, found, story, page), seed=True, fetched_at=None, canonical_url=None)


def _blocks(raw: str) -> list[str]:
    """The paragraphs that are the article's. Where blank lines part them, lines of one block belong together."""
    lines = raw.split("\n")
    spaced = sum(not line for line in lines) * 3 > len(lines)
    blocks = re.split(r"\n\s*\n", raw) if spaced else lines
    return [one_line(block) for block in blocks if block.strip() and not is_caption(block) and not _furniture(block)]


def _furniture(block: str) -> bool:
    lines = [line for line in block.split("\n") if line.strip()]
    return all(is_furniture(line) or re.match(r"^\d+\.\s+\S+(?:\s\S+)?$", line) for line in lines)


def _is_headline(block: str) -> bool:
    return len(block.split()) <= MAX_HEADLINE and not block.endswith((".", "!", "?", "“", "»"))
