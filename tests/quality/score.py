"""Scores of the steps of reading on the labelled cases beside this file. Pure: cases in, numbers and misses out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from pipelines.dates import mentions, published
from pipelines.evidence import DateHint
from pipelines.figures import figures
from pipelines.relevance import score, worth_fetching
from pipelines.sentences import sentences
from pipelines.story import Story

CASES = Path(__file__).parent
Case = dict[str, Any]


@dataclass
class Score:
    """`values` by name, each a share of `cases`; `misses` as a reader can follow them."""

    cases: int
    values: dict[str, float]
    misses: list[str] = field(default_factory=list)


def load(name: str) -> list[Case]:
    """The labelled cases of a file."""
    return [json.loads(line) for line in (CASES / f"{name}.jsonl").read_text(encoding="utf-8").splitlines() if line.strip()]


def _overlap(wanted: Case, text: str, offset: int, as_written: str) -> bool:
    places = (match.start() for match in re.finditer(re.escape(wanted["as_written"]), text))
    return any(at < offset + len(as_written) and offset < at + len(wanted["as_written"]) for at in places)


def _found(cases: Iterable[Case], key: str, find: Callable[[Case], list[tuple[int, str, Any]]], value: Callable[[Case], Any]) -> Score:
    """Recall and precision of values found in texts: right means the same value at an overlapping place."""
    wanted_sum = found_sum = right = 0
    misses = []
    cases = list(cases)
    for case in cases:
        found = find(case)
        wanted_sum += len(case[key])
        found_sum += len(found)
        free = list(found)
        for wanted in case[key]:
            hit = next((f for f in free if f[2] == value(wanted) and _overlap(wanted, case["text"], f[0], f[1])), None)
            if hit:
                free.remove(hit)
                right += 1
            else:
                near = [f for f in found if _overlap(wanted, case["text"], f[0], f[1])]
                misses.append(f"MISSED {wanted['as_written']!r} = {value(wanted)}; found {near} in: {case['text'][:160]}")
        misses += [f"WRONG {f[1]!r} = {f[2]} in: {case['text'][:160]}" for f in free]
    return Score(wanted_sum, {"recall": right / wanted_sum, "precision": right / found_sum if found_sum else 0.0}, misses)


def date_expressions(cases: list[Case]) -> Score:
    """Dates in running text."""

    def find(case: Case) -> list[tuple[int, str, Any]]:
        anchor = datetime.fromisoformat(case["published"])
        found = mentions(case["text"], anchor=anchor, timezone=case["timezone"], language=case["language"])
        return [(m.offset, m.as_written, m.edtf) for m in found]

    return _found(cases, "mentions", find, lambda wanted: wanted["edtf"])


def figure_sentences(cases: list[Case], story: Story) -> Score:
    """Quantities of the story; hedges are reported beside values and units."""

    def find(case: Case) -> list[tuple[int, str, Any]]:
        found = figures(case["text"], story, language=case["language"])
        return [(f.offset, f.as_written, (f.low, f.high, f.unit)) for f in found]

    scored = _found(cases, "figures", find, lambda wanted: (wanted["low"], wanted["high"], wanted["unit"]))
    right = total = 0
    for case in cases:
        hedges = {(f.low, f.high, f.unit): f.hedge for f in figures(case["text"], story, language=case["language"])}
        for wanted in case["figures"]:
            key = (wanted["low"], wanted["high"], wanted["unit"])
            total += key in hedges
            right += hedges.get(key) == wanted["hedge"]
    scored.values["hedge"] = right / total if total else 0.0
    return scored


def publication(cases: list[Case]) -> Score:
    """Publication dates: the whole value, the precision, and how often a wrong one is claimed."""
    right = claimed = wrong = 0
    misses = []
    for case in cases:
        hints = [DateHint(hint["text"], hint["basis"]) for hint in case["hints"]]
        fetched = datetime.fromisoformat(case["fetched_at"])
        found = published(hints, fetched_at=fetched, timezone=case["timezone"], language=case["language"])
        edtf = found.edtf if found else None
        right += edtf == case["edtf"]
        claimed += edtf is not None
        wrong += edtf is not None and edtf != case["edtf"]
        if edtf != case["edtf"]:
            misses.append(f"{case['hints']} -> {edtf}, wanted {case['edtf']}: {case['why']}")
    return Score(len(cases), {"right": right / len(cases), "precision": 1 - wrong / claimed}, misses)


def relevance(cases: list[Case], story: Story) -> dict[str, Score]:
    """On the story or not, for German and for the rest; mentions apart: how many lie between."""
    found = [(case, score(case["headline"], case["text"], story, language=case["language"])) for case in cases]
    scores = {}
    for name, german in (("de", True), ("rest", False)):
        part = [(case, got) for case, got in found if (case["language"] == "de") == german]
        decided = [(case, got) for case, got in part if case["grade"] != 1]
        yes = [(case, got) for case, got in decided if case["grade"] == 2]
        filed = [(case, got) for case, got in decided if got.on_story]
        asides = [got for case, got in part if case["grade"] == 1]
        right = sum(got.on_story for _, got in yes)
        misses = [
            f"{case['id']} {case['kind']} is {case['grade']}, scored {got.score} ({got.reason[:110]})"
            for case, got in part
            if got.grade != case["grade"]
        ]
        values = {"recall": right / len(yes), "precision": right / len(filed) if filed else 0.0}
        values["mentions between"] = sum(got.grade == 1 for got in asides) / len(asides) if asides else 1.0
        values["mentions filed"] = sum(got.on_story for got in asides) / len(asides) if asides else 0.0
        scores[f"relevance {name}"] = Score(len(part), values, misses)
    return scores


def listings(cases: list[Case], story: Story) -> Score:
    """`worth_fetching`: what it loses of the story (headline and first sentence), what it spares of ordinary news."""
    wanted = [case for case in cases if case["grade"] == 2]
    lost = [c for c in wanted if not worth_fetching(f"{c['headline']}\n{c['text'].split('. ')[0][:200]}", story)]
    ordinary = (CASES / "ordinary.txt").read_text(encoding="utf-8").splitlines()
    spared = sum(not worth_fetching(headline, story) for headline in ordinary)
    values = {"recall": 1 - len(lost) / len(wanted), "spared": spared / len(ordinary)}
    return Score(len(wanted) + len(ordinary), values, [f"{case['id']} {case['headline']}" for case in lost])


def split(cases: Iterable[Case]) -> Score:
    """Texts whose sentences are told apart as labelled."""
    cases = list(cases)
    found = [[sentence for _, sentence in sentences(case["text"])] for case in cases]
    misses = [f"{case['id']}: {mine}" for case, mine in zip(cases, found, strict=True) if mine != case["sentences"]]
    return Score(len(cases), {"right": 1 - len(misses) / len(cases)}, misses)
