"""How well copies are folded and new sentences told: every labelled report, and what newsrooms make of it, filed in order."""

from __future__ import annotations

import json
import random
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

from pipelines.article import Article, Page
from pipelines.compose import compose
from pipelines.evidence import DateHint, Extract
from pipelines.file import Filer
from pipelines.read import reading
from pipelines.seed import read_seed, seed_files
from pipelines.sentences import sentences
from pipelines.store import Store
from pipelines.story import Story
from tests.quality.edits import Body, edits
from tests.quality.score import CASES, Score, load

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LINKS = """SELECT a.url AS a, b.url AS b FROM related r JOIN articles a ON a.id = r.article JOIN articles b ON b.id = r.other
    WHERE a.cluster != b.cluster"""
NEWSROOM = ("wire", "light", "followup", "edit")  # the roles by which newsrooms print each other's words; the rest retells


@dataclass(frozen=True, slots=True)
class Case:
    """One text: to which report it belongs, whether it was made of that, what it is, and its labelled sentences."""

    family: str
    role: str
    edit: str
    made_of_it: bool
    relation: str
    article: Article
    body: Body


def measure(story: Story, only: str = "") -> dict[str, Score]:
    """File everything; the scores of pairs, relations and sentences."""
    cases = [case for case in all_cases(story) if not only or case.family.startswith(tuple(only.split(",")))]
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Path(folder) / "news.db")
        filer = Filer(store, story.sha)
        for case in sorted(cases, key=lambda case: case.article.fetched_at or NOW):
            page = Page(case.article.url, case.article.url, 200, case.article.fetched_at or NOW, b"")
            filer.file(reading(page, case.article, archive=False), NOW)
        found = {row["url"]: row for row in store.db.query("SELECT url, relation, cluster, id, own_share FROM articles")}
        links = [(row["a"], row["b"]) for row in store.db.query(LINKS)]
        said: dict[int, list[tuple[str, str]]] = {}
        for row in store.db.query("SELECT article, text, status FROM sentences ORDER BY article, position"):
            said.setdefault(row["article"], []).append((row["text"], row["status"]))
        store.close()
    told = [case for case in cases if case.role not in NEWSROOM]
    seeds = [case for case in cases if case.role == "wire" and case.family.startswith("seed")]  # nobody labelled their sentences
    printed = [case for case in cases if case.role in NEWSROOM and case not in seeds]
    return {
        "copy pairs": _pairs(cases, found),
        "relations": _relations(cases, found),
        "new sentences": _sentences(printed, found, said),
        "retold sentences": _sentences(told, found, said),
        "related reports": _links(cases, links),
    }


def all_cases(story: Story) -> list[Case]:
    """The labelled reports, the seeds, and the edits of both."""
    chance = random.Random(11)  # noqa: S311 the same edits every time
    reports = [json.loads(line) for path in sorted((CASES / "events").glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()]
    wires = [report for report in reports if report["role"] == "wire"] + list(_seeds(story))
    wires.sort(key=lambda wire: str(wire["published"]))
    own = {language: iter(_own_sentences(language)) for language in {wire["language"] for wire in wires}}
    cases = [_case(story, report, report["role"], report["body"], report["relation"], 0) for report in reports]
    for place, wire in enumerate(wires):
        if wire["event"].startswith("seed"):
            cases.append(_case(story, wire, "wire", wire["body"], "original", 0))
        others = [earlier["body"] for earlier in reversed(wires[:place]) if earlier["language"] == wire["language"]][:2]
        material = own[wire["language"]] if wire["language"] in ("de", "en") else iter(())
        made = edits(wire["body"], material, others, chance)
        for number, edited in enumerate(_until_dry(made), 1):
            cases.append(_case(story, wire, "edit", edited.body, edited.relation, number, edited.edit))
    return cases


def _until_dry(made: Iterator[Any]) -> Iterator[Any]:
    """Edits until own sentences run out: languages without material get those that need none."""
    while True:
        try:
            yield next(made)
        except (StopIteration, RuntimeError):
            return


def _own_sentences(language: str) -> list[str]:
    """Sentences that stand in no report: what an outlet adds of its own."""
    texts = [case for name in ("relevance_wire", "relevance") for case in load(name) if case["language"] == language]
    found = [sentence for case in texts for _, sentence in sentences(case["text"]) if len(sentence.split()) > 7]
    return list(dict.fromkeys(found))


def _seeds(story: Story) -> Iterator[dict[str, Any]]:
    for path in seed_files(CASES.parent.parent / "seeds"):
        seed = read_seed(path, story, now=NOW)
        body = [[("new", sentence) for _, sentence in sentences(paragraph)] for paragraph in seed.text.split("\n")]
        yield {"event": f"seed{path.stem[:3]}", "role": "wire", "outlet": "seed", "language": "de", "agency": seed.agency,
               "relation": "original", "published": f"2022-0{path.stem[2]}-01T10:00:00Z".replace("-00-", "-09-"), "headline": seed.headline,
               "body": [paragraph for paragraph in body if paragraph]}  # fmt: skip


def _case(story: Story, report: dict[str, Any], role: str, body: Body, relation: str, number: int, edit: str = "") -> Case:
    at = datetime.fromisoformat(report["published"]) + timedelta(minutes=number)
    url = f"http://{report['outlet']}-{number}.example/{report['event']}/{report['role']}/{number}"
    text = "\n".join(" ".join(sentence for _, sentence in paragraph) for paragraph in body)
    headline = report["headline"] if not edit else f"{report['headline'].split(':')[-1]} {number}"
    found = Extract(headline, text, [], report["language"], None, [DateHint(at.isoformat(), "json-ld")], [], False, report["agency"], None)
    article = compose(url, found, story, Page(url, url, 200, at, b"", timezone="Europe/Berlin"))
    made = role in ("wire", "light") or (role == "edit" and relation != "original")
    return Case(report["event"], role, edit or report["role"], made, relation, replace(article, text=text), body)


def _pairs(cases: list[Case], found: dict[str, Any]) -> Score:
    """Pairs of one family, and of the wires of all: whether folded together, and whether they should be."""
    outcome: Counter[tuple[bool, bool]] = Counter()
    misses = []
    wires = [case for case in cases if case.role == "wire"]
    families: dict[str, list[Case]] = {}
    for case in cases:
        families.setdefault(case.family, []).append(case)
    within = (pair for family in families.values() for pair in combinations(family, 2))
    for one, two in [*within, *combinations(wires, 2)]:
        wanted = one.family == two.family and one.made_of_it and two.made_of_it
        folded = found[one.article.url]["cluster"] == found[two.article.url]["cluster"]
        outcome[wanted, folded] += 1
        if wanted != folded and "wire" in (one.role, two.role):
            misses.append(f"{'MISSED' if wanted else 'WRONG'} {one.family}: {one.edit} and {two.edit}")
    right = outcome[True, True]
    return Score(
        sum(outcome.values()),
        {"precision": right / max(1, right + outcome[False, True]), "recall": right / max(1, right + outcome[True, False])},
        misses,
    )


def _links(cases: list[Case], links: list[tuple[str, str]]) -> Score:
    """Independent reports linked with a text of the wire's own report; links between texts of two events are wrong."""
    family = {case.article.url: case.family for case in cases}
    wrong = [f"WRONG {one} and {other}" for one, other in links if family[one] != family[other]]
    told = [case for case in cases if case.role in ("independent", "rewrite")]
    reached = {url for pair in links for url in pair}
    missed = [f"MISSED {case.article.url}" for case in told if case.article.url not in reached]
    values = {"recall": 1 - len(missed) / max(1, len(told)), "precision": 1 - len(wrong) / max(1, len(links))}
    return Score(len(told), values, wrong + missed)


def _relations(cases: list[Case], found: dict[str, Any]) -> Score:
    misses = []
    for case in cases:
        row = found[case.article.url]
        if row["relation"] != case.relation:
            misses.append(f"{case.family} {case.edit}: wanted {case.relation}, found {row['relation']}, own {row['own_share']}")
    return Score(len(cases), {"right": 1 - len(misses) / max(1, len(cases))}, misses)


def _sentences(cases: list[Case], found: dict[str, Any], said: dict[int, list[tuple[str, str]]]) -> Score:
    """A labelled sentence counts as found new when any piece of it does."""
    outcome: Counter[tuple[bool, bool]] = Counter()
    misses = []
    for case in cases:
        pieces = said.get(found[case.article.url]["id"], [])
        for label, sentence in (labelled for paragraph in case.body for labelled in paragraph):
            mine = [status for text, status in pieces if text in sentence or sentence in text]
            wanted, new = label == "new", "new" in mine
            outcome[wanted, new] += 1
            if wanted != new:
                misses.append(f"{case.family} {case.edit}: {label} but {'new' if new else 'not new'}: {sentence}")
    right = outcome[True, True]
    values = {"precision": right / max(1, right + outcome[False, True]), "recall": right / max(1, right + outcome[True, False])}
    return Score(sum(outcome.values()), values, misses)
