"""What editors said with `keep` and `drop` is a label: how often the rules, left to themselves, agree with them."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipelines.extract import extract_tree
from pipelines.markup import decode, parse
from pipelines.relevance import score
from pipelines.store.reader import Reader
from pipelines.story import Story
from tests.quality.score import Case, Score

_LABELS = {"filed": 2, "dropped": 0}
# The newest word on each URL; the article as it is stored, even a dropped one, else the page.
_SAID = """SELECT d.url, d.verdict, a.headline, a.text, a.language, p.html, p.charset, p.final_url, o.language
FROM decisions d LEFT JOIN articles a ON a.url = d.url LEFT JOIN pages p ON p.url = d.url LEFT JOIN entries e ON e.url = d.url
LEFT JOIN outlets o ON o.id = coalesce(a.outlet, e.outlet)
WHERE d.stage = 'editor' AND d.id = (SELECT max(id) FROM decisions WHERE url = d.url AND stage = 'editor') ORDER BY d.url"""


def cases(database: Path, story: Story) -> Iterator[Case]:
    """One case for each URL that an editor spoke of and whose text is stored: id, headline, text, language, grade 2 or 0.

    Raises:
        StoreError: when the database cannot be read.
    """
    for url, word, headline, text, language, *page in Reader(database).ask(_SAID):
        if text is None:
            headline, text, language = _read(story, *page)
        if text and word in _LABELS:
            yield {"id": url, "headline": headline, "text": text, "language": language or "", "grade": _LABELS[word]}


def _read(story: Story, html: bytes | None, charset: str | None, url: str | None, language: str | None) -> tuple[Any, Any, Any]:
    """Headline, text and language of a stored page that was never filed."""
    tree = parse(decode(zlib.decompress(html), charset)) if html else None
    found = extract_tree(tree, url or "", language=language, agencies=story.agencies) if tree is not None else None
    return (found.headline, found.text, found.language or language) if found else ("", "", language)


def agreement(database: Path, story: Story) -> Score:
    """Shares of the editors' words that the rules agree with: all, what was kept, what was dropped. No cases, no values."""
    found = [(case, score(case["headline"], case["text"], story, language=case["language"])) for case in cases(database, story)]
    right = {case["id"]: got.on_story == (case["grade"] == 2) for case, got in found}
    values = {}
    for name, grades in (("agreement", (0, 2)), ("kept", (2,)), ("dropped", (0,))):
        part = [right[case["id"]] for case, _ in found if case["grade"] in grades]
        if part:
            values[name] = sum(part) / len(part)
    misses = [
        f"{case['id']} was {'kept' if case['grade'] else 'dropped'}, scored {got.score} ({got.reason[:110]})"
        for case, got in found
        if not right[case["id"]]
    ]
    return Score(len(found), values, misses)
