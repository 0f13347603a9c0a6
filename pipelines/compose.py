"""The steps of reading, put together: what a page or a seed says becomes an article."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pipelines.address import canonical_url
from pipelines.article import Article, Page, Sentence
from pipelines.dates import bounds, mentions, published
from pipelines.duplicates import fingerprints
from pipelines.evidence import Dated, DateHint, Extract, LiveEntry, Mention
from pipelines.extract.credits import persons, without_credits
from pipelines.figures import figures
from pipelines.language import detect
from pipelines.novelty import read_sentences, topics
from pipelines.relevance import score
from pipelines.story import Story
from pipelines.text import hashed, one_line, tokens

MAX_AUTHORS = 20  # of an article: those of a team's report
MAX_HINT = 1000  # characters that a date is looked for in
_URL_DAY = re.compile(r"(?<!\d)(20\d\d|19\d\d)[/_-]?(0[1-9]|1[0-2])[/_-]?(0[1-9]|[12]\d|3[01])(?!\d)")

_LABEL = re.compile(
    r"^\W*(?:(?:zuletzt|last)\s+)?(?:aktualisiert|geändert|bearbeitet|stand|updated?|modified|edited)\b(?:\s+(?:am|on|at))?\W*", re.I
)


def compose(url: str, found: Extract, story: Story, page: Page) -> Article:
    """Put the steps of reading together: relevance, dates, sentences and fingerprints of an extract."""
    text = without_credits(found.text, story.agencies)
    entry = page.entry
    headline = found.headline or (one_line(entry.headline) if entry else "") or first_words(text)
    language = found.language or (entry.language if entry else "") or detect(text, story.languages)
    hints = _seen([*found.published, *_listing_hints(page, url)])
    when = published(hints, fetched_at=page.fetched_at, timezone=page.timezone, language=language)
    changed = [DateHint(_LABEL.sub("", hint.text), hint.basis) for hint in _seen(found.modified)]
    modified = published(changed, fetched_at=page.fetched_at, timezone=page.timezone, language=language)
    return Article(
        url=url,
        headline=headline,
        text=text,
        fetched_at=page.fetched_at,
        outlet=page.outlet,
        byline="; ".join(persons(found.authors, declared=True)[:MAX_AUTHORS]),
        agency=found.agency,
        language=language,
        canonical_url=canonical_url(found.canonical_url or ""),
        paywalled=found.paywalled,
        image_url=found.image_url,
        published=when,
        modified=modified,
        evidence=_evidence(hints, page, language),
        relevance=score(headline, text, story, language=language),
        mentions=_mentions(text, when, story, page, language),
        figures=tuple(figures(text, story, language=language)),
        **marks(headline, text, story)._asdict(),
    )


class Marks(NamedTuple):
    """What makes an article comparable with others."""

    words: int
    sentences: tuple[Sentence, ...]
    tokens: bytes
    fingerprints: tuple[int, ...]
    topics: tuple[int, ...]


def marks(headline: str, text: str, story: Story) -> Marks:
    """The marks of a text; those of its words have its boilerplate still in them."""
    words = tokens(text)
    return Marks(len(words), read_sentences(text), hashed(words), tuple(fingerprints(words)), topics(headline, text, story))


def _evidence(hints: list[DateHint], page: Page, language: str) -> tuple[tuple[DateHint, Dated], ...]:
    """What each hint says of the publication when asked alone; what says no possible date is among the conflicts."""
    alone = ((hint, published([hint], fetched_at=page.fetched_at, timezone=page.timezone, language=language)) for hint in hints)
    return tuple(dict.fromkeys((hint, dated) for hint, dated in alone if dated))


def _mentions(text: str, when: Dated | None, story: Story, page: Page, language: str) -> tuple[Mention, ...]:
    """The days a text speaks of. When its own date is only a month, or unknown, "am Freitag" has no value: only what
    comes out the same from both ends of the time it may be from is kept."""
    if when and when.instant:
        return tuple(mentions(text, anchor=when.instant, timezone=page.timezone, language=language))
    first, last = bounds(when.edtf) if when else (story.since, page.fetched_at.date())
    ends = [datetime.combine(day or story.since, time(12), ZoneInfo(page.timezone)) for day in (first, last)]
    early, late = (mentions(text, anchor=end, timezone=page.timezone, language=language) for end in ends)
    return tuple(mention for mention in early if mention in late)


def compose_entry(url: str, entry: LiveEntry, found: Extract, story: Story, page: Page) -> Article:
    """One entry of a live blog as an article of its own: the page's URL with `#id`, its own time and text.

    Under a headline that names every facet an entry need not name them all again.
    """
    published = [entry.time] if entry.time else []
    alone = replace(found, headline="", text=entry.text, canonical_url=None, published=published, modified=[], agency="", entries=())
    article = compose(f"{url}#{entry.id}", alone, story, replace(page, entry=None))
    headline = {match.facet for match in story.terms.find(found.headline)}
    if headline >= story.core and any(match.facet in story.core for match in story.terms.find(entry.text)):
        return replace(article, relevance=score("", f"{found.headline}\n{entry.text}", story, language=article.language))
    return article


def first_words(text: str, limit: int = 100) -> str:
    """A text's own first words, for one that has no headline."""
    line = one_line(text[: limit * 2].split("\n")[0])
    return line if len(line) <= limit else line[:limit].rsplit(" ", 1)[0] + " …"


def _seen(hints: Sequence[DateHint]) -> list[DateHint]:
    """Dates as a reader sees them: JSON may hold half characters, which no database takes."""
    return [DateHint(one_line(hint.text[:MAX_HINT]), hint.basis) for hint in hints]


def _listing_hints(page: Page, url: str) -> list[DateHint]:
    hints = [DateHint(page.entry.published, "listing")] if page.entry and page.entry.published else []
    day = _URL_DAY.search(url)
    return [*hints, DateHint("-".join(day.groups()), "url")] if day else hints
