"""What the figures pages are put together from: bounds, contradictions, repetitions, times and the chart."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from newsdesk.amounts import Amount, agree, said
from newsdesk.chart import Chart, Point, draw
from newsdesk.disputes import SECOND, Report, disputes, reports, seconds
from newsdesk.spans import span
from newsdesk.values import Repetition, joined, repetition

from pipelines.dates.edtf import bounds

DAY = 86_400

EXACT, ABOUT, LEAST, MOST = (
    Amount(9000, 9000, "exact"), Amount(6300, 6300, "about"), Amount(10_000, None, "at_least"), Amount(None, 5000, "up_to"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "agreed"),
    [
        (EXACT, EXACT, True), (EXACT, LEAST, False), (EXACT, MOST, False), (LEAST, MOST, False), (ABOUT, Amount(6000, 6000, "exact"), True),
        (ABOUT, Amount(5000, 5000, "exact"), False), (LEAST, Amount(12_000, 12_000, "exact"), True), (MOST, Amount(2, 2, "exact"), True),
        (Amount(250, 320, "exact"), Amount(300, 300, "exact"), True), (Amount(250, 320, "exact"), Amount(400, 400, "exact"), False),
        (Amount(None, None, "exact"), EXACT, True),
    ],
)  # fmt: skip
def test_amounts_agree_where_both_can_be_true(one: Amount, other: Amount, agreed: bool) -> None:
    assert agree(one, other) == agree(other, one) == agreed


@pytest.mark.parametrize(
    ("amount", "german", "english"),
    [
        (LEAST, "≥ 10.000", "≥ 10,000"), (ABOUT, "≈ 6.300", "≈ 6,300"), (Amount(None, 4_800_000, "up_to"), "≤ 4,8 Mio.", "≤ 4.8 million"),
        (Amount(250, 320, "exact"), "250–320", "250–320"), (Amount(1000, None, "more_than"), "> 1.000", "> 1,000"),
        (Amount(None, None, "exact"), "–", "–"), (Amount(2.5e9, 2.5e9, "exact"), "2,5 Mrd.", "2.5 billion"),
        (Amount(1e300, 1e300, "exact"), "1.0e+300", "1.0e+300"),
    ],
)  # fmt: skip
def test_amounts_are_written_as_the_language_does(amount: Amount, german: str, english: str) -> None:
    assert [said(amount, lang).replace("\u00a0", " ") for lang in ("de", "en")] == [german, english]


def report(article: int, days: float, *amounts: Amount, cluster: int | None = None) -> Report:
    return Report(article, article if cluster is None else cluster, int(days * DAY) * SECOND, amounts)


SOME = Amount(30, 30, "exact")


@pytest.mark.parametrize(
    ("others", "kin", "said_by"),
    [
        ([report(2, 1, ABOUT)], {}, [2]),
        ([report(2, 4, ABOUT)], {}, []),  # too late
        ([report(2, 1, EXACT)], {}, []),  # the same
        ([report(2, 1, SOME)], {}, []),  # counts something else
        ([report(2, 1, SOME)], {1: {2}}, [2]),  # but not of the same event
        ([report(2, 1, SOME, cluster=1)], {}, [2]),  # nor in a copy that changed it
        ([report(2, 1, ABOUT, EXACT)], {}, []),  # names both
        ([report(2, 2, ABOUT), report(3, 1, ABOUT)], {}, [3]),  # the nearer of those who say the same
        ([report(2, 2, ABOUT), report(3, 1, Amount(5, 5, "exact"))], {1: {3}}, [3, 2]),  # the same event first
    ],
)
def test_contradictions_are_found_in_the_same_event_and_the_same_days(
    others: list[Report], kin: dict[int, set[int]], said_by: list[int]
) -> None:
    told = sorted([report(1, 0, EXACT), *others], key=lambda each: each.rank)
    assert [dispute.article for dispute in disputes(EXACT, 1, told, kin)] == said_by


def test_what_two_reports_have_alike_is_no_contradiction() -> None:
    told = [report(1, 0, EXACT, SOME), report(2, 1, EXACT)]
    assert not disputes(SOME, 1, told, {1: {2}})


def test_rows_become_reports_in_time_order() -> None:
    given = [{"article": a, "cluster": 1, "rank": r, "low": 1.0, "high": 1.0, "hedge": "exact"} for a, r in ((2, 9), (1, 5), (2, 9))]
    assert [(each.article, len(each.amounts)) for each in reports(given)] == [(1, 1), (2, 1)]


@pytest.mark.parametrize(
    ("given", "outlets", "copies"),
    [
        ([(1, "a")], 0, 0),
        ([(1, "a"), (1, "b"), (1, "c")], 2, 2),  # copies alone
        ([(1, "a"), (2, "b"), (2, "c")], 2, 1),  # an independent report and its copy
        ([(1, "a"), (1, "b"), (2, "b")], 1, 0),  # first copied, then reported
        ([(1, "a"), (1, "a"), (2, "a")], 0, 0),  # the same outlet again
    ],
)
def test_copies_are_no_independent_repetition(given: list[tuple[int, str]], outlets: int, copies: int) -> None:
    assert repetition([{"cluster": cluster, "outlet": outlet} for cluster, outlet in given]) == Repetition(outlets, copies)


def test_spans_of_ranks_are_joined_latest_first() -> None:
    assert joined([(1, 5), (4, 8), (20, 30), (22, 25)]) == [(20, 30), (1, 8)]


def test_rank_tells_the_second_for_examples_too() -> None:
    assert seconds(1_718_265_600 << 24) == 1_718_265_600
    assert seconds(((1_718_265_600 - (1 << 37)) << 24) + 77) == 1_718_265_600


@pytest.mark.parametrize("edtf", ["2023", "2023-10", "2023-02-28", "2023-21", "2023-24", "2023-36", "2023-09-07/2023-10-01", "2023-12"])
def test_span_of_a_date_is_that_of_its_days(edtf: str) -> None:
    first, last = bounds(edtf)
    found = span(edtf)
    assert found and first and last
    assert [datetime.fromtimestamp(at, UTC).date() for at in found] == [first, last]


@pytest.mark.parametrize("edtf", [None, "", "2023-08/..", "../2019", "nonsense", "2023-99-99", "0000", "9999-12", "2023-13"])
def test_what_is_no_closed_date_has_no_span(edtf: str | None) -> None:
    assert span(edtf) is None


def chart(*amounts: Amount, days: float = 30) -> Chart | None:
    points = [Point(amount, n * days * DAY, n * days * DAY, n * days * DAY, n * days * DAY, str(n)) for n, amount in enumerate(amounts)]
    return draw(points, 1100, 380, say=str, label=lambda at, day: f"{at:%d.%m.%Y}")


@pytest.mark.parametrize(
    "values",
    [
        [(5, 5)],
        [(0, 0)],
        [(-5, 5), (3, 3)],
        [(1, 1), (1e9, 1e9)],
        [(5, None), (None, 7)],
        [(250, 320)],
        [(0, 1e6)],
        [(7, 7)] * 40,
        [(1e-3, 1e3)],
    ],
    ids=str,
)
@pytest.mark.parametrize("days", [0, 1, 30, 400])
def test_every_mark_and_tick_lies_in_the_field(values: list[tuple[float | None, float | None]], days: float) -> None:
    drawn = chart(*(Amount(low, high, "exact") for low, high in values), days=days)
    assert drawn and len(drawn.marks) == len(values)
    assert all(drawn.left <= mark.x <= drawn.right and drawn.top <= mark.y <= drawn.bottom for mark in drawn.marks)
    assert all(drawn.left <= tick.at <= drawn.right for tick in drawn.times) and 1 < len(drawn.times) <= 12
    assert all(drawn.top - 1 <= tick.at <= drawn.bottom + 1 for tick in drawn.values) and 1 < len(drawn.values) <= 14


def test_scale_is_logarithmic_where_the_small_ones_would_lie_on_the_ground() -> None:
    far, near, zero = (chart(Amount(low, low, "exact"), Amount(1e6, 1e6, "exact")) for low in (2, 5e5, 0))
    assert far and near and zero
    assert (far.log, near.log, zero.log) == (True, False, False)


def test_there_is_no_chart_of_nothing() -> None:
    assert chart() is None
    assert chart(Amount(None, None, "exact"), Amount(float("inf"), None, "at_least")) is None


def test_marks_of_imprecise_repeated_and_ranging_values_say_so() -> None:
    amount = Amount(250, 320, "exact")
    drawn = draw([Point(amount, 15 * DAY, 0, 30 * DAY, 60 * DAY, "x")], 400, 300, say=str, label=lambda at, day: "")
    assert drawn
    (mark,) = drawn.marks
    assert mark.bar and mark.span and mark.trail
