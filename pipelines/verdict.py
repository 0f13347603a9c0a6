"""A page becomes an article or a verdict. Pure: it knows the story and nothing of the past."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from pipelines.address import canonical_url
from pipelines.article import Article, Closing, Page, Verdict
from pipelines.compose import compose, compose_entry
from pipelines.dates import latest
from pipelines.evidence import Extract
from pipelines.extract import extract_tree
from pipelines.extract.refusal import refused
from pipelines.markup import decode, parse, tree_of
from pipelines.relevance import could_be, worth_fetching
from pipelines.sight import nowhere_named
from pipelines.story import Story

_REFUSALS: dict[str, tuple[Closing, str]] = {
    "wall": ("wall", "a consent wall stands in the article's place"),
    "login": ("wall", "a login page stands in the article's place"),
    "challenge": ("wall", "a bot challenge stands in the article's place"),
    "gone": ("gone", "the page says that there is no such article"),
    "section": ("no_text", "a front or section page, not an article"),
}
HEAD = 20_000  # characters with title and description, which name what most pages on the story are about
LIVE_RETRY = timedelta(hours=3)  # until a live blog without the story is read again, which may get to it; not measured
STILL_LIVE = timedelta(hours=12)  # after its newest entry; one that pauses for a night goes on; not measured
WALL_RETRY = timedelta(days=1)  # walls and challenges are often lifted; asked again once a day


def read_page(page: Page, story: Story) -> tuple[Article | Verdict, tuple[Article, ...]]:
    """As `read.read`; for a live blog also the entries that are on the story, judged one by one."""
    markup = decode(page.html, page.charset)
    url = canonical_url(page.final_url) or page.url
    if not page.kept and not (story.first_party.find(markup[:HEAD]) or could_be(markup, story)):
        return _verdict(page, url, *_without_the_party(page, markup, story)), ()
    tree = tree_of(markup)
    if isinstance(tree, str):
        return _verdict(page, url, "no_text", tree), ()
    if why := refused(tree, page.final_url):
        return _verdict(page, url, *_REFUSALS[why]), ()
    found = extract_tree(tree, page.final_url, language=page.language, agencies=story.agencies)
    if found is None:
        return _verdict(page, url, "no_text", "the page has no article text"), ()
    if len(found.entries) > 1 and not page.kept:
        return _read_live(page, url, found, story)
    return _judged(page, url, compose(url, found, story, page), story), ()


def _judged(page: Page, url: str, article: Article, story: Story) -> Article | Verdict:
    """The article, or why it is left out."""
    relevance = article.relevance
    if page.kept:
        return article
    if not relevance.on_story:
        verdict = _verdict(page, url, "mention" if relevance.grade == 1 else "off_story", relevance.reason, relevance.score)
        aside = relevance.reason.partition(" | ")[2]  # the sentence of a mention
        return replace(verdict, figures=tuple(figure for figure in article.figures if figure.as_written in aside))
    if article.published and (when := latest(article.published)) and when < _opening(story):
        return _verdict(page, url, "out_of_window", f"published {article.published.edtf}, before {story.since}")
    return article


def _read_live(page: Page, url: str, found: Extract, story: Story) -> tuple[Verdict, tuple[Article, ...]]:
    """A live blog is many short articles at one address: those on the story are filed, the page itself is not."""
    entries = tuple(compose_entry(url, entry, found, story, page) for entry in found.entries)
    wanted = tuple(entry for entry in entries if isinstance(_judged(page, entry.url, entry, story), Article))
    if wanted:
        return _verdict(page, url, "filed", f"live blog: {len(wanted)} of {len(entries)} entries are on the story"), wanted
    best = max(entries, key=lambda entry: entry.relevance.score)
    closing: Closing = "mention" if best.relevance.grade else "off_story"
    left = _verdict(page, url, closing, f"live blog, its nearest entry: {best.relevance.reason}", best.relevance.score)
    newest = max((entry.published.instant for entry in entries if entry.published and entry.published.instant), default=None)
    goes_on = newest is not None and page.fetched_at - newest < STILL_LIVE
    return replace(left, retry_at=page.fetched_at + LIVE_RETRY) if goes_on else left, ()


def _verdict(page: Page, url: str, closing: Closing, reason: str, score: float | None = None) -> Verdict:
    retry = page.fetched_at + WALL_RETRY if closing == "wall" else None
    return Verdict(url, "page", closing, reason, page.fetched_at, score, retry)


def _without_the_party(page: Page, markup: str, story: Story) -> tuple[Closing, str]:
    """The page never names the first party: off the story, unless it is empty, or its listing did and a wall is shown."""
    if not markup.strip():
        return "no_text", "the answer is empty"
    tree = parse(markup) if page.entry and page.entry.words() and worth_fetching(page.entry.words(), story) else None
    if tree is not None and (why := refused(tree, page.final_url)):
        return _REFUSALS[why]
    return "off_story", nowhere_named(story)


def _opening(story: Story) -> datetime:
    return datetime.combine(story.since, time.min, UTC) - timedelta(days=1)  # it is that day somewhere already
