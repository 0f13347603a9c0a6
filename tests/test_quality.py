"""Quality floors are pinned beside the cases and cannot sink by accident."""

from __future__ import annotations

import json

import pytest

from pipelines.story import Story
from tests.quality import copies, score
from tests.quality.__main__ import FLOORS, all_scores


@pytest.fixture(scope="module")
def scores(story: Story) -> dict[str, score.Score]:
    return all_scores(story)


@pytest.mark.parametrize(
    ("name", "value", "floor"), [(n, v, f) for n, values in json.loads(FLOORS.read_bytes()).items() for v, f in values.items()]
)
def test_score_stands_on_or_above_its_floor(scores: dict[str, score.Score], name: str, value: str, floor: float) -> None:
    found = scores[name]
    assert found.values[value] >= floor, "\n".join(found.misses)


@pytest.mark.parametrize(
    ("name", "least"), [("date_expressions", 150), ("publication", 60), ("figures", 120), ("relevance", 120), ("sentences", 200)]
)
def test_there_are_enough_labelled_cases(name: str, least: int) -> None:
    assert len(score.load(name)) >= least


def test_there_are_enough_labelled_texts_and_pairs(scores: dict[str, score.Score], story: Story) -> None:
    texts = copies.all_cases(story)
    assert len([case for case in texts if case.role != "edit"]) >= 150
    assert scores["copy pairs"].cases >= 1000
