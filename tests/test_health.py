"""A source's health: asked when it is due, trusted as far as it deserves, and every gap seen."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipelines.article import Entry, Fetch, Health, Source
from pipelines.health import DAY, JITTER, PACE, after, asks_plainly, contiguous, newest_first, oldest_date

NOW = datetime(2024, 11, 20, 6, 0, tzinfo=UTC)
SOURCE = Source("blatt", "feed", "http://blatt.example/feed")


def fetch(urls: str = "", at: datetime = NOW, **said: Any) -> Fetch:
    found = Fetch(SOURCE, at, "ok" if urls else "empty", 200, urls=tuple(urls.split()))
    return replace(found, **said)


def after_all(*fetches: tuple[Fetch, int]) -> Health:
    health = Health(SOURCE.url)
    for one, new in fetches:
        health = after(health, one, new, PACE)
    return health


@pytest.mark.parametrize(
    ("before", "now", "wanted"),
    [
        ("f e d c b a", "h g f e d c", True),
        ("f e d c b a", "l k j i h g", False),
        ("f e d c b a", "i h g d c b", False),  # e and f, the newest third, are gone
        ("", "c b a", None),
    ],
)
def test_fetch_that_shares_nothing_with_the_newest_third_of_the_one_before_is_a_gap(before: str, now: str, wanted: bool | None) -> None:
    health = after_all((fetch(before), 6)) if before else Health(SOURCE.url)
    assert contiguous(health, fetch(now)) is wanted


@pytest.mark.parametrize("outcome", ["failed", "denied", "empty"])
def test_fetch_that_lists_nothing_is_neither_contiguous_nor_a_gap(outcome: str) -> None:
    assert contiguous(after_all((fetch("b a"), 2)), fetch("", outcome=outcome)) is None


def test_pinned_entry_at_the_top_hides_no_gap() -> None:
    def entry(name: str, day: int) -> Entry:
        return Entry(name, "blatt", SOURCE.url, NOW, published=f"2024-11-{day:02d}T08:00:00+01:00")

    listed = [entry("pinned", 1), entry("b", 19), entry("a", 18)]
    assert newest_first(listed) == ("b", "a", "pinned")
    assert oldest_date(listed) == datetime(2024, 11, 1, 7, 0, tzinfo=UTC)
    later = newest_first([entry("pinned", 1), entry("d", 20), entry("c", 20)])
    assert contiguous(after_all((fetch(" ".join(newest_first(listed))), 3)), fetch(" ".join(later))) is False


def test_busy_sources_are_asked_more_often_and_sleepy_ones_rarely_within_bounds() -> None:
    busy = sleepy = after_all((fetch("b a"), 2))
    for _ in range(9):
        busy = after(busy, fetch("b a"), 2, PACE)
        sleepy = after(sleepy, fetch("b a"), 0, PACE)
    assert busy.every == PACE.fastest
    assert sleepy.every == PACE.slowest
    assert sleepy.next_due_at == NOW + PACE.slowest


@pytest.mark.parametrize(
    ("said", "due"),
    [
        ({"rest": timedelta(minutes=40)}, timedelta(minutes=40)),
        ({"rest": timedelta(days=2)}, timedelta(hours=1)),  # no listing may ask for so much
        ({"skip_hours": frozenset({6, 7})}, timedelta(hours=2)),
        ({"skip_hours": frozenset(range(24))}, timedelta(minutes=15)),
    ],
)
def test_listing_s_own_wish_for_rest_is_respected_within_reason(said: dict[str, Any], due: timedelta) -> None:
    assert after_all((fetch("b a", **said), 2)).next_due_at == NOW + due


@pytest.mark.parametrize(("status", "weight"), [(404, 1.0), (500, 0.5), (None, 0.5), (429, 0.25), (503, 0.25)])
def test_failures_weigh_by_their_kind_and_the_rest_grows_in_a_line(status: int | None, weight: float) -> None:
    failed = fetch("", outcome="failed", http_status=status)
    once, twice = after_all((failed, 0)), after_all((failed, 0), (failed, 0))
    assert (once.failures, twice.failures, twice.state) == (weight, 2 * weight, "failing")
    assert once.next_due_at and twice.next_due_at
    for waits, found in ((1 + weight, once), (1 + 2 * weight, twice)):  # and a little longer, each source by its own measure
        late = (found.next_due_at or NOW) - NOW - timedelta(minutes=15) * waits
        assert timedelta() <= late < timedelta(minutes=15) * waits * JITTER


def test_retry_after_is_kept_a_day_at_most_and_410_retires() -> None:
    throttled = fetch("", outcome="failed", http_status=429, retry_after=NOW + timedelta(hours=5))
    assert after_all((throttled, 0)).next_due_at == NOW + timedelta(hours=5)
    assert after_all((replace(throttled, retry_after=NOW + 9 * DAY), 0)).next_due_at == NOW + DAY
    retired = after_all((fetch("", outcome="failed", http_status=410), 0))
    assert (retired.state, retired.next_due_at) == ("retired", None)


def test_failure_drops_the_validators_so_that_no_304_can_hide_it() -> None:
    health = after_all((fetch("b a", etag='"1"', body_hash="x"), 2), (fetch("", outcome="failed", http_status=500), 0))
    assert (health.etag, health.body_hash, asks_plainly(health, NOW)) == (None, None, True)


def test_validators_are_left_out_once_a_day_and_dropped_for_good_when_they_lied() -> None:
    first = fetch("b a", etag='"1"', body_hash="x")
    health = after_all((first, 2))
    assert not asks_plainly(health, NOW + DAY / 2)
    assert asks_plainly(health, NOW + DAY)
    lied = after(health, fetch("c b", NOW + DAY, etag='"1"', body_hash="y"), 1, PACE)
    assert (lied.distrusted, lied.etag) == (True, None)
    honest = after(health, fetch("c b", NOW + DAY, etag='"2"', body_hash="y"), 1, PACE)
    assert (honest.distrusted, honest.etag) == (False, '"2"')


def test_source_that_answers_but_pauses_longer_than_ever_before_is_silent() -> None:
    health = after_all((fetch("a"), 1), (fetch("b a", NOW + 2 * DAY), 1))
    assert after(health, fetch("b a", NOW + 3.5 * DAY), 0, PACE).state == "ok"
    assert after(health, fetch("b a", NOW + 4.5 * DAY), 0, PACE).state == "silent"
    assert after(health, fetch("b a", NOW + 4.5 * DAY, outcome="unchanged", http_status=304), 0, PACE).state == "silent"
    assert after(health, fetch("c b", NOW + 4.5 * DAY), 1, PACE).state == "ok"


@dataclass
class Outlet:
    """A feed over a fortnight: when its articles appear, how many it lists, whether it answers 304."""

    times: list[datetime]
    length: int
    validators: bool
    size: int = 60_000
    seen: set[int] = field(default_factory=set)
    told: int = 0
    bytes: int = 0
    requests: int = 0

    def ask(self, now: datetime, conditional: bool) -> tuple[int, range]:
        """How many articles stand there, and which of them are listed."""
        there = sum(at <= now for at in self.times)
        self.requests += 1
        self.bytes += 300 if conditional and self.validators and there == self.told else self.size
        self.told = there
        self.seen |= set(range(max(0, there - self.length), there))
        return there, range(max(0, there - self.length), there)


def outlets(seed: int) -> list[Outlet]:
    chance = random.Random(seed)  # noqa: S311 the same fortnight every time
    found = []
    for _ in range(50):
        a_day = chance.choice((1, 3, 8, 20, 40, 80, 150))
        times = sorted(NOW + timedelta(days=chance.random() * 14) for _ in range(14 * a_day))
        times = [at for at in times if 4 <= at.hour <= 22]  # newsrooms sleep
        found.append(Outlet(times, chance.choice((15, 30, 50)), chance.random() < 0.7))
    return found


def adaptive(outlet: Outlet) -> None:
    """A fortnight of polling by health alone."""
    health, now = Health(SOURCE.url), NOW
    while now < NOW + 14 * DAY:
        conditional = bool(health.etag) and not asks_plainly(health, now)
        known = len(outlet.seen)
        there, listed = outlet.ask(now, conditional)
        unchanged = conditional and outlet.validators and health.etag == f'"{there}"'
        said = Fetch(
            SOURCE, now, "unchanged" if unchanged else "ok" if listed else "empty", 304 if unchanged else 200,
            etag=f'"{there}"' if outlet.validators else None, body_hash=str(there), conditional=conditional,
            urls=() if unchanged else tuple(str(n) for n in reversed(listed)),
        )  # fmt: skip
        health = after(health, said, len(outlet.seen) - known, PACE)
        assert health.next_due_at
        now = max(health.next_due_at, now + timedelta(minutes=5))


def test_fortnight_of_polling_misses_nothing_for_a_third_of_the_bytes(capsys: pytest.CaptureFixture[str]) -> None:
    ours, fixed = outlets(3), outlets(3)
    for outlet in ours:
        adaptive(outlet)
    for outlet in fixed:
        for step in range(14 * 24 * 4):
            outlet.ask(NOW + step * timedelta(minutes=15), conditional=False)
    missed = [sum(n not in outlet.seen for n in range(sum(at <= NOW + 14 * DAY - PACE.slowest for at in outlet.times))) for outlet in ours]
    share = sum(outlet.bytes for outlet in ours) / sum(outlet.bytes for outlet in fixed)
    with capsys.disabled():
        print(f"\n{sum(o.requests for o in ours)} requests, {share:.2f} of the bytes of fixed polling, {sum(missed)} articles missed")
    assert sum(missed) == 0
    assert share <= 1 / 3


def test_interval_of_the_catalogue_stands_above_what_a_source_did() -> None:
    source = replace(SOURCE, every=timedelta(hours=2))
    busy = [(replace(fetch(f"{n}a {n}b {n}c", at=NOW + timedelta(minutes=n)), source=source), 3) for n in range(4)]
    assert after_all(*busy).next_due_at == NOW + timedelta(minutes=3, hours=2)
