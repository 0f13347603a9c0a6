"""Is a text on the story? Facets that come together: how near, how early, in how much of the text.

A sentence tells the story when it and its neighbours name every facet; the score weighs how many do, how often the
least named facet is named (an aside names it once), and what headline and lead name.
"""

from __future__ import annotations

from bisect import bisect_right

from pipelines.evidence import Match, Relevance
from pipelines.story import Story
from pipelines.text import lowered, sentences

LEAD = 4  # sentences: standfirst and first paragraph
WEIGHTS = {"headline": 0.25, "lead": 0.25, "density": 0.30, "grip": 0.20}
# As much as an agency report on the story has, as a share of its sentences; or in all, for a long read.
DENSE, DENSE_SENTENCES = 0.20, 8  # sentences that tell the story
GRIP, GRIP_SENTENCES = 0.15, 6  # sentences that name the facet which is named least
SCATTERED = 0.50  # below it, one sentence (or two with the link) must say it all; missile tests reach 0.43, reports 0.56
MAX_REASON = 600  # characters


def score(headline: str, text: str, story: Story, *, language: str | None = None) -> Relevance:
    """Judge a cleaned text. Terms of every language are looked for, so `language` is only a hint and may be None."""
    whole = f"{headline.strip()}\n{text}" if headline.strip() else text
    matched = story.terms.find(whole)
    facets = _facets_by_sentence(whole, matched)
    if not facets:
        return Relevance(reason="there is no text")
    first, body = (facets[0], facets[1:]) if headline.strip() and len(facets) > 1 else (set(), facets)
    near = [before | here | after for before, here, after in zip([set(), *body], body, [*body[1:], set()], strict=False)]
    tells = [window >= story.core for window in near]
    parts = _parts(first, body, near, tells, story)
    # What no neighbourhood tells, headline and lead cannot: facets scattered over a page are a coincidence.
    value = sum(WEIGHTS[part] * parts[part] for part in parts) if any(tells) else 0.0
    aside = _aside(body, story)
    if aside is None and value < SCATTERED:
        value = min(value, story.thresholds.mention / 2)
    grade = 2 if value >= story.thresholds.on_story else 1 if value >= story.thresholds.mention else 0
    reason = _reason(tells, parts, matched, story)
    if grade == 1 and aside is not None:  # the sentence that names it, for those who look through the mentions
        reason += f" | {sentences(text)[aside][1]}"
    return Relevance(round(value, 3), grade, grade == 2, tuple(matched), reason[:MAX_REASON])


def _parts(first: set[str], body: list[set[str]], near: list[set[str]], tells: list[bool], story: Story) -> dict[str, float]:
    core = story.core
    missing = len(core - first.union(*body[:LEAD]))
    # A neighbourhood without the link (that it changes hands) counts half.
    told = sum(1.0 if near[i] - core else 0.5 for i, tell in enumerate(tells) if tell)
    least = min(sum(facet in named for named in body) for facet in core)
    return {
        "headline": min(1.0, len(first) / len(core)),
        "lead": {0: 1.0, 1: 0.4}.get(missing, 0.0),
        "density": min(1.0, max(told / len(body) / DENSE, told / DENSE_SENTENCES)),
        "grip": min(1.0, max(least / len(body) / GRIP, least / GRIP_SENTENCES)),
    }


def _aside(body: list[set[str]], story: Story) -> int | None:
    """The first sentence that says it all, alone, or with the next one and the link between them."""
    for place, (here, after) in enumerate(zip(body, [*body[1:], set()], strict=True)):
        if here >= story.core or (here | after >= story.core and (here | after) - story.core):
            return place
    return None


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


def _reason(tells: list[bool], parts: dict[str, float], matched: list[Match], story: Story) -> str:
    missing = sorted(story.core - {match.facet for match in matched})
    if missing:
        return f"names nothing of: {', '.join(missing)}"
    if not any(tells):
        return "names every facet, but never together"
    where = [name for name in ("headline", "lead") if parts[name] >= 0.99]
    told = f"{sum(tells)} of {len(tells)} sentences tell the story"
    terms = ", ".join(dict.fromkeys(match.as_written for match in matched))
    return f"{told}{', ' + ' and '.join(where) + ' too' if where else ''}: {terms[:200]}"
