"""Is a text on the story? Facets that come together: how near, how early, in how much of the text.

The unit is a window of two neighbouring sentences. A window that names every facet tells the story; the score is
how much of the text does, and whether headline and lead do.
"""

from __future__ import annotations

from bisect import bisect_right

from pipelines.evidence import Match, Relevance
from pipelines.story import Story
from pipelines.text import lowered, sentences

LEAD_SENTENCES = 3  # the first paragraph of agency style
# A report on the story tells it in at least every third window; measured on the pages of tests/web: on-story reports
# 0.33 to 1.0, mentions 0.04 to 0.2.
FULL_SHARE = 0.35
MAX_REASON = 600  # characters
WEIGHTS = {"headline": 0.35, "lead": 0.25, "share": 0.40}


def score(headline: str, text: str, story: Story, *, language: str | None = None) -> Relevance:
    """Judge a cleaned text. Terms of every language are looked for, so `language` is only a hint and may be None."""
    whole = f"{headline}\n{text}"
    matched = story.terms.find(whole)
    facets = _facets_by_sentence(whole, matched)
    if not facets:
        return Relevance(reason="there is no text")
    wanted = {facet.id for facet in story.facets}
    windows = [first | second for first, second in zip(facets, [*facets[1:], set()], strict=True)]
    tells = [wanted <= window for window in windows]
    parts = {
        "headline": _headline(facets[0], story) if headline.strip() else 0.0,
        "lead": 1.0 if any(tells[: LEAD_SENTENCES + 1]) else 0.0,
        "share": min(1.0, sum(tells) / len(tells) / FULL_SHARE),
    }
    # What no window tells, headline and lead cannot: three facets scattered over a page are a coincidence.
    value = round(sum(WEIGHTS[part] * parts[part] for part in parts), 3) if any(tells) else 0.0
    grade = 2 if value >= story.thresholds.on_story else 1 if value >= story.thresholds.mention else 0
    reason = _reason(tells, parts, matched, wanted)
    if grade == 1:  # the sentence that names it, for those who look through the mentions
        reason += f" | {sentences(whole)[tells.index(True)][1]}"
    return Relevance(value, grade, grade == 2, tuple(matched), reason[:MAX_REASON])


def worth_fetching(listed: str, story: Story) -> bool:
    """Whether a listing (headline, summary, keywords and URL, a line each) could be the story.

    True when it names the first party, also by a weak term in the company of another facet, and when it has no words
    but the URL.
    """
    words = "\n".join(line for line in listed.split("\n") if not lowered(line).startswith(("http://", "https://")))
    if not words.strip():
        return True
    if any(match.facet == story.party for match in story.terms.find(listed)):
        return True
    named = story.terms.named(words)
    return story.party in named and len(named) > 1


def could_be(readable: str, story: Story) -> bool:
    """The look before parsing: a page that nowhere names the first party cannot be the story."""
    return bool(story.first_party.find(readable))


def _facets_by_sentence(whole: str, matched: list[Match]) -> list[set[str]]:
    """The facets of each sentence, the headline being the first."""
    found = sentences(whole)
    starts = [offset for offset, _ in found]
    facets: list[set[str]] = [set() for _ in found]
    for match in matched:
        place = bisect_right(starts, match.offset) - 1
        if place >= 0:
            facets[place].add(match.facet)
    return facets


def _headline(named: set[str], story: Story) -> float:
    """1 when the headline names the first party and all but one of the facets, less for less, 0 without the party."""
    if story.party not in named:
        return 0.0
    return min(1.0, len(named) / (len(story.facets) - 1))


def _reason(tells: list[bool], parts: dict[str, float], matched: list[Match], wanted: set[str]) -> str:
    missing = sorted(wanted - {match.facet for match in matched})
    if missing:
        return f"names nothing of: {', '.join(missing)}"
    if not any(tells):
        return "names every facet, but never together"
    where = [name for name in ("headline", "lead") if parts[name] >= 0.99]
    told = f"{sum(tells)} of {len(tells)} sentences tell the story"
    terms = ", ".join(dict.fromkeys(match.as_written for match in matched))
    return f"{told}{', ' + ' and '.join(where) + ' too' if where else ''}: {terms[:200]}"
