"""`scrapy proof`: what lies between two contiguous fetches is covered, everything else is named for what it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.command import BadUsageError
from crawler.commands.proof import window
from crawler.proof import sentence
from pipelines.proof import Asked, OutletProof, first_and_last, hours, prove, stretches, together

BERLIN = ZoneInfo("Europe/Berlin")
SINCE, UNTIL = datetime(2024, 6, 14, 0, tzinfo=UTC), datetime(2024, 6, 14, 4, tzinfo=UTC)
REPAIRED = "2024-06-14T03:00:00Z"


def at(clock: str) -> datetime:
    """`02:30`, or `-02:30` for the day before."""
    hour, minute = clock.lstrip("-").split(":")
    return SINCE.replace(hour=int(hour), minute=int(minute)) - timedelta(days=clock.startswith("-"))


def asked(said: str) -> list[Asked]:
    """`00:10 ok; 01:00 gap; 02:00 repaired; 02:30 failed`."""
    found: list[Asked] = []
    for part in filter(None, said.split("; ")):
        clock, word = part.split()
        lost = word in ("gap", "repaired")
        outcome = "ok" if lost else word
        repaired = (REPAIRED, "http://a.example/sitemap") if word == "repaired" else (None, None)
        found.append(Asked(at(clock), outcome, False if lost else True if found and outcome == "ok" else None, *repaired))
    return found


def grid(*sources: str) -> str:
    """The states of the four hours of the window."""
    found = together([stretches(asked(said), SINCE, UNTIL) for said in sources], SINCE, UNTIL)
    return " ".join(state for _, _, state in hours(found, SINCE, UNTIL))


@pytest.mark.parametrize(
    ("sources", "states"),
    [
        ([], "never_asked never_asked never_asked never_asked"),
        ([""], "never_asked never_asked never_asked never_asked"),
        (["-23:50 ok; 04:10 ok"], "covered covered covered covered"),
        (["-23:50 ok; 01:00 unchanged; 02:00 empty; 04:00 ok"], "covered covered covered covered"),
        (["-23:50 ok; 01:30 failed; 02:30 failed; 04:10 ok"], "covered covered covered covered"),  # contiguous all the same
        (["-23:50 ok; 01:10 ok; 01:50 gap; 04:10 ok"], "covered gap covered covered"),
        (["-23:50 ok; 01:10 ok; 01:50 repaired; 04:10 ok"], "covered repaired covered covered"),
        (["-23:50 ok; 01:10 ok; 01:20 failed; 02:50 gap; 04:10 ok"], "covered gap gap covered"),
        (["-23:50 ok; 01:10 ok; 01:20 empty; 02:50 gap; 04:10 ok"], "covered gap gap covered"),  # the empty one proves nothing
        (["-23:50 ok; 01:00 ok; 01:30 failed; 03:00 denied"], "covered failed denied denied"),
        (["00:30 denied; 03:30 denied"], "denied denied denied denied"),
        (["-20:00 failed; 02:00 ok; 04:10 ok"], "failed failed covered covered"),
        (["01:00 ok; 04:10 ok"], "never_asked covered covered covered"),
        (["-23:00 ok; 02:00 ok"], "covered covered open open"),
        (["-23:00 ok"], "never_asked never_asked never_asked never_asked"),  # nobody asked in this window
        (["-23:50 ok; 01:10 ok; 01:50 gap; 04:10 ok", "-23:50 ok; 04:10 ok"], "covered covered covered covered"),
        (["-23:50 ok; 04:10 gap", "-23:50 ok; 01:00 ok; 02:30 failed"], "covered gap gap gap"),
        (["-23:50 ok; 02:00 ok; 02:10 failed", "-20:00 failed; 02:00 ok; 04:10 ok"], "covered covered covered covered"),
        (["-23:00 failed", ""], "failed failed failed failed"),
    ],
)
def test_hour_is_covered_only_between_contiguous_fetches_of_one_source(sources: list[str], states: str) -> None:
    assert grid(*sources) == states


@given(
    st.lists(
        st.tuples(
            st.integers(-300, 500), st.sampled_from(["ok", "unchanged", "empty", "failed", "denied"]), st.sampled_from([None, True, False])
        ),
        max_size=12,
    )
)
def test_stretches_of_any_history_fill_the_window_without_holes(history: list[tuple[int, str, bool | None]]) -> None:
    fetches = [
        Asked(SINCE + timedelta(minutes=minute), outcome, whole) for minute, outcome, whole in sorted(history, key=lambda one: one[0])
    ]
    found = stretches(fetches, SINCE, UNTIL)
    assert (found[0].start, found[-1].end) == (SINCE, UNTIL)
    assert all(one.end == other.start and one.start < one.end for one, other in pairwise(found))
    assert [state for _, _, state in hours(together([found, found], SINCE, UNTIL), SINCE, UNTIL)] == [
        state for _, _, state in hours(found, SINCE, UNTIL)
    ]


def test_window_that_begins_inside_an_hour_has_a_short_first_and_last_hour() -> None:
    since, until = at("00:40"), at("02:10")
    found = hours(stretches(asked("-23:00 ok; 01:00 ok; 03:00 ok"), since, until), since, until)
    assert [(start, end) for start, end, _ in found] == [(since, at("01:00")), (at("01:00"), at("02:00")), (at("02:00"), until)]


def outlet(name: str, *sources: str) -> OutletProof:
    return prove(name, name, {str(number): asked(said) for number, said in enumerate(sources)}, {}, None, SINCE, UNTIL)


COVERED = outlet("a", "-23:50 ok; 04:10 ok")
GAP = outlet("b", "-23:50 ok; 00:10 ok; 02:50 gap; 04:10 ok")
CLOSED = outlet("c", "-23:50 ok; 01:10 ok; 01:50 repaired; 04:10 ok")
FAILED = outlet("d", "-23:50 ok; 03:00 ok; 03:30 failed")
OPEN = outlet("e", "-23:50 ok; 03:10 ok")
NEVER = outlet("f")


@pytest.mark.parametrize(
    ("outlets", "said"),
    [
        ([COVERED, COVERED], "All 2 outlets are covered from 2024-06-14 02:00 to 2024-06-14 06:00."),
        ([GAP, CLOSED, COVERED], "2 of 3 outlets have gaps between 02:00 and 05:00; 1 closed by backfill; 1 is covered throughout."),
        (
            [CLOSED],
            "The one outlet is covered from 2024-06-14 02:00 to 2024-06-14 06:00; 1 had gaps between 03:00 and 04:00, closed by backfill.",
        ),
        (
            [FAILED, NEVER],
            "1 of 2 outlets failed between 05:00 and 06:00; 1 was never asked between 02:00 and 06:00; none is covered throughout.",
        ),
        (
            [COVERED, OPEN],
            "No gap in 2 outlets from 2024-06-14 02:00 to 2024-06-14 06:00: 1 is covered throughout, 1 up to the last fetch, "
            "the oldest at 2024-06-14 05:10.",
        ),
    ],
)
def test_sentence_says_it_plainly_in_desk_time(outlets: list[OutletProof], said: str) -> None:
    assert sentence(outlets, SINCE, UNTIL, BERLIN) == said


def test_gap_of_one_source_is_named_also_where_another_source_covers_it() -> None:
    found = outlet("a", "-23:50 ok; 01:10 ok; 01:50 gap; 04:10 ok", "-23:50 ok; 04:10 ok")
    assert found.states() == {"covered"}
    assert [(source, gap.start, gap.end, gap.state) for source, gap in found.gaps] == [("0", at("01:10"), at("01:50"), "gap")]


def test_first_and_last_publication_keep_the_precision_of_the_listing() -> None:
    entries = [
        (written, "de", SINCE, "Europe/Berlin") for written in ("Fri, 14 Jun 2024 01:10:00 +0200", "2024-06-12", "2099-01-01", "irgendwann")
    ]
    assert first_and_last(entries) == ("2024-06-12", "2024-06-13T23:10:00Z")
    assert first_and_last([]) is None


@pytest.mark.parametrize(
    ("since", "until", "found"),
    [
        ("2024-06-13", "2024-06-14", ("2024-06-12T22:00", "2024-06-13T22:00")),
        ("2024-06-13T20:00", "", ("2024-06-13T18:00", "2024-06-14T04:00")),
        ("", "2024-06-14T02:00+00:00", ("2024-06-13T02:00", "2024-06-14T02:00")),
        ("2024-06-14", "2099-01-01", ("2024-06-13T22:00", "2024-06-14T04:00")),  # nobody can prove the future
    ],
)
def test_window_is_in_desk_time_and_ends_now_at_the_latest(since: str, until: str, found: tuple[str, str]) -> None:
    assert tuple(f"{instant:%Y-%m-%dT%H:%M}" for instant in window(since, until, BERLIN, UNTIL)) == found


@pytest.mark.parametrize(
    ("since", "until", "says"),
    [
        ("soon", "", "--since 'soon'"),
        ("", "later", "--until 'later'"),
        ("2024-06-15", "", "nothing to prove"),
        ("2024-06-13", "2024-06-12", "not before"),
    ],
)
def test_window_that_is_none_is_a_usage_error(since: str, until: str, says: str) -> None:
    with pytest.raises(BadUsageError, match=says):
        window(since, until, BERLIN, UNTIL)
