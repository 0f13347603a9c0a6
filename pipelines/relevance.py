"""Is a text on the story? Facets that come together: how near, how early, in how much of the text.

A sentence tells the story when it and its neighbours name every facet. A handful of readable measures of that are
weighed by a logistic model, so the score is how probable it is that the story is the text's main subject.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from itertools import pairwise

from pipelines.evidence import Match, Relevance
from pipelines.markup import glance
from pipelines.sentences import sentences
from pipelines.story import Story
from pipelines.text import lowered

LEAD = 4  # sentences: standfirst and first paragraph
# Fitted by logistic regression (L2, C = 0.5) on the 285 labelled texts of tests/quality and tests/web together; in
# ten-fold cross-validation there: recall .94, precision .96 at 0.4 to 0.5, and 3 % of the mentions filed. Half of
# those texts were written to be hard. The 60 ordinary agency reports among them had, before they were fitted to, recall
# 1.0, precision .96 (German) and .75 (English).
WEIGHTS = {
    "headline": 1.1,  # share of the facets that the headline names
    "headline elsewhere": -0.9,  # it names a neighbouring story
    "lead": 3.4,  # share of the facets that headline and lead name
    "told at once": 10.2,  # share of sentences that name every facet by themselves
    "told": 0.5,  # log(1 + sentences that do so with their neighbours)
    "least": 1.55,  # log(1 + sentences with the facet that is named least): an aside names it once
    "matter": 4.5,  # share of sentences that name the matter
    "elsewhere": -11.2,  # share of sentences that speak of neighbouring stories
}
BIAS = -5.9
NEAR = 80  # characters; 28 of 33 labelled asides have at most 76, the text of tests/web whose words merely meet has 174
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
    told = sum(window >= story.core for window in near)
    # What no neighbourhood tells, headline and lead cannot: facets scattered over a page are a coincidence.
    value = _probability(_measures(first, body, told, story)) if told else 0.0
    aside = _aside(body, story) if _near(matched, story) else range(0)
    value, grade = _grade(value, bool(aside), story)
    matched = [match for match in matched if match.facet in story.told]
    reason = _reason(told, len(body), matched, story)
    if grade == 1:  # the sentence that names it, for those who look through the mentions
        said = [sentence for _, sentence in sentences(whole)][len(facets) - len(body) :]
        reason += f" | {' '.join(said[aside.start : aside.stop])}"
    return Relevance(round(value, 3), grade, grade == 2, tuple(matched), reason[:MAX_REASON])


def _measures(first: set[str], body: list[set[str]], told: int, story: Story) -> dict[str, float]:
    core, size = story.core, len(body)
    return {
        "headline": len(core & first) / len(core),
        "headline elsewhere": float(bool(first & story.neighbours)),
        "lead": len(core & first.union(*body[:LEAD])) / len(core),
        "told at once": sum(named >= core for named in body) / size,
        "told": math.log1p(told),
        "least": math.log1p(min(sum(facet in named for named in body) for facet in core)),
        "matter": sum(bool(named & story.matter) for named in body) / size,
        "elsewhere": sum(bool(named & story.neighbours) for named in body) / size,
    }


def _probability(measures: dict[str, float]) -> float:
    return 1 / (1 + math.exp(-BIAS - sum(WEIGHTS[name] * measure for name, measure in measures.items())))


def _grade(value: float, aside: bool, story: Story) -> tuple[float, int]:
    """Score and grade: on the story; mentioned, when one sentence says it all; or not. Scores keep that order."""
    if value >= story.thresholds.on_story:
        return value, 2
    if aside:
        return max(value, story.thresholds.mention), 1
    return min(value, story.thresholds.mention / 2), 0


def _near(matched: list[Match], story: Story) -> bool:
    """Whether the first party is anywhere named close to the matter ("nordkoreanische Granaten"): three words that
    merely meet in one long sentence are none."""
    party = [match.offset for match in matched if match.facet == story.party]
    matter = [match.offset for match in matched if match.facet in story.matter]
    return any(abs(one - other) <= NEAR for one in party for other in matter)


def _aside(body: list[set[str]], story: Story) -> range:
    """The first sentence that says it all, or the first two that do with the link between them; empty where none do."""
    alone = next((place for place, here in enumerate(body) if here >= story.core), None)
    if alone is not None:
        return range(alone, alone + 1)
    for place, (here, after) in enumerate(pairwise(body)):
        if here | after >= story.core and story.links & (here | after):
            return range(place, place + 2)
    return range(0)


def worth_fetching(listed: str, story: Story) -> bool:
    """Whether a listing (headline, summary, keywords and URL, a line each) could be the story.

    True when it has no words but the URL; when it names the first party; when two of parties, matter and witnesses come
    together in it, weak terms counted; and when it speaks of the matter with a link or in two terms. A headline need
    not name the party ("Kims Granaten für Putin"), and a miss is worse than a fetch.
    """
    words = "\n".join(line for line in listed.split("\n") if not lowered(line).startswith(("http://", "https://")))
    if not words.strip():
        return True
    if any(match.facet == story.party for match in story.terms.find(listed)):
        return True
    named = story.terms.named(listed)
    if len({facet for facet, _ in named} & story.listed) > 1:
        return True
    terms = {term for facet, term in named if facet in story.matter}
    return len(terms) > 1 or bool(terms and any(facet in story.links for facet, _ in named))


def could_be(markup: str, story: Story) -> bool:
    """The look before parsing: a page that nowhere names the first party cannot be the story."""
    return story.anchors.may_name(markup.encode("utf-8", "surrogatepass")) and bool(story.first_party.find(glance(markup)))


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


def _reason(told: int, size: int, matched: list[Match], story: Story) -> str:
    missing = sorted(story.core - {match.facet for match in matched})
    if missing:
        return f"names nothing of: {', '.join(missing)}"
    if not told:
        return "names every facet, but never together"
    terms = ", ".join(dict.fromkeys(match.as_written for match in matched))
    return f"{told} of {size} sentences tell the story: {terms[:200]}"
