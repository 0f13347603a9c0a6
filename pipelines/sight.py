"""What can be said of a page before it is read: most pages name the story's first party nowhere, and their bytes show it."""

from __future__ import annotations

from pipelines.address import canonical_url
from pipelines.article import Page, Verdict
from pipelines.markup import utf8
from pipelines.relevance import worth_fetching
from pipelines.story import Story


def off_at_sight(page: Page, story: Story) -> Verdict | None:
    """The verdict on a page that surely is not the story; None for one that must be read.

    So must one that an editor wants, an empty one, and one whose listing could be the story: a wall may stand in its place.
    """
    if page.kept or not page.html.strip() or (page.entry and page.entry.words() and worth_fetching(page.entry.words(), story)):
        return None
    if story.anchors.may_name(utf8(page.html, page.charset)):
        return None
    url = canonical_url(page.final_url) or page.url
    return Verdict(url, "page", "off_story", nowhere_named(story), page.fetched_at)


def nowhere_named(story: Story) -> str:
    """Why such a page is not the story."""
    return f"the page nowhere names {story.party}"
