"""The values of a unit over time, as a drawing: where each mark, bar, tick and word stands. The template draws it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from newsdesk.amounts import Amount

LOG = 50.0  # times the largest value may be the smallest on an even scale; beyond, the small ones lie on the ground
DAY = 86_400.0
WIDE = 120  # units between labels of the times: "September 2023" takes 100 of them
_STEPS = (1, 2, 3, 6, 12, 24, 60, 120)  # months between ticks
_SIZE = 5.5  # half a mark


@dataclass(frozen=True, slots=True)
class Point:
    """A value: an instant (`at`, seconds) or the time `begin` to `end` it may be of, and until when it was repeated."""

    amount: Amount
    at: float
    begin: float
    end: float
    until: float
    name: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A drawn value: `path` of its shape, `bar` of its range, `span` of an imprecise date, `trail` to its last repetition."""

    x: float
    y: float
    shape: str
    path: str
    name: str
    bar: str = ""
    span: str = ""
    trail: str = ""


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on an axis with its label."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing of `width` by `height`; `left`, `right`, `top`, `bottom` are the edges of the field."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    log: bool
    marks: tuple[Mark, ...]
    times: tuple[Tick, ...]
    values: tuple[Tick, ...]


def draw(
    points: Sequence[Point], width: int, height: int, *, say: Callable[[float], str], label: Callable[[datetime, bool], str]
) -> Chart | None:
    """A chart of values; `say` writes a number, `label` a month, or a day where it is told so. None where there is nothing to draw."""
    given = [p for p in points if math.isfinite(p.amount.typical) and (p.amount.low is not None or p.amount.high is not None)]
    if not given:
        return None
    bounds = [bound for p in given for bound in (p.amount.low, p.amount.high) if bound is not None]
    log = min(bounds) > 0 and max(bounds) / min(bounds) > LOG
    low, high = _reach(bounds, log=log)
    begin, end = min(p.begin for p in given), max(max(p.end, p.until) for p in given)
    room = max((end - begin) * 0.04, 5 * DAY)
    begin, end = begin - room, end + room
    left, right, top, bottom = 64, width - 14, 14, height - 34

    def x(at: float) -> float:
        return round(left + (at - begin) / (end - begin) * (right - left), 1)

    def y(value: float) -> float:
        share = (math.log10(value) - math.log10(low)) / (math.log10(high) - math.log10(low)) if log else (value - low) / (high - low)
        return round(bottom - share * (bottom - top), 1)

    marks = tuple(_mark(point, x, y, log=log) for point in sorted(given, key=lambda p: p.at))
    values = tuple(Tick(y(value), say(value)) for value in _grid(low, high, log=log))
    times = tuple(Tick(x(at), label) for at, label in _calendar(begin, end, most=max(2, (right - left) // WIDE), label=label))
    return Chart(width, height, left, right, top, bottom, log, marks, times, values)


def _mark(point: Point, x: Callable[[float], float], y: Callable[[float], float], *, log: bool) -> Mark:
    amount = point.amount
    middle = amount.typical
    if log and amount.is_range and amount.low and amount.high:
        middle = math.sqrt(amount.low * amount.high)
    at, height = x(point.at), y(middle)
    bar = f"M{at} {y(amount.low)}V{y(amount.high)}" if amount.is_range and amount.low is not None and amount.high is not None else ""
    span = f"M{x(point.begin)} {height}H{x(point.end)}" if point.end - point.begin > 2 * DAY else ""
    trail = f"M{at} {height}H{x(point.until)}" if point.until > point.at else ""
    return Mark(at, height, amount.shape, _path(amount.shape, at, height), point.name, bar, span, trail)


def _path(shape: str, x: float, y: float) -> str:
    s = _SIZE
    if shape == "up":
        return f"M{x} {y - s}l{s} {2 * s}h{-2 * s}z"
    if shape == "down":
        return f"M{x} {y + s}l{s} {-2 * s}h{-2 * s}z"
    if shape == "open":
        return f"M{x} {y - s}l{s} {s}l{-s} {s}l{-s} {-s}z"
    return f"M{x - s} {y}a{s} {s} 0 1 0 {2 * s} 0a{s} {s} 0 1 0 {-2 * s} 0z"


def _reach(bounds: Sequence[float], *, log: bool) -> tuple[float, float]:
    low, high = min(bounds), max(bounds)
    if log:
        return 10 ** math.floor(math.log10(low)), 10 ** math.ceil(math.log10(high * 1.05))
    low = min(0.0, low)
    step = _step(high - low or abs(high) or 1.0)
    return math.floor(low / step) * step, math.ceil(max(high, low + step) * 1.02 / step) * step


def _step(reach: float) -> float:
    """A round step that parts a reach into four to ten."""
    power = float(10 ** math.floor(math.log10(reach)))
    return next(power * part for part in (0.1, 0.2, 0.25, 0.5, 1, 2) if reach / (power * part) <= 6)


def _grid(low: float, high: float, *, log: bool) -> list[float]:
    if not log:
        step = _step(high - low)
        return [low + step * n for n in range(round((high - low) / step) + 1)]
    powers = range(round(math.log10(low)), round(math.log10(high)) + 1)
    every = max(1, len(powers) // 7)
    grid = [10.0**power for power in powers][::every]
    return sorted([*grid, *(3 * value for value in grid[:-1])]) if len(grid) <= 4 else grid


def _calendar(begin: float, end: float, *, most: int, label: Callable[[datetime, bool], str]) -> list[tuple[float, str]]:
    """The beginnings of months (or of every second, third … one) between two instants; of less than that, the days of both."""
    first, last = (datetime.fromtimestamp(at, UTC) for at in (begin, end))
    months = range(first.year * 12 + first.month, last.year * 12 + last.month)
    step = next((step for step in _STEPS if len(months) / step <= most), len(months) // most + 1)
    starts = [datetime(n // 12, n % 12 + 1, 1, tzinfo=UTC) for n in months if n % step == 0]
    if len(starts) < 3:
        parts = min(most, 5)
        days = [begin + (end - begin) * (n + 0.5) / parts for n in range(parts)]
        return [(at // DAY * DAY, label(datetime.fromtimestamp(at, UTC), True)) for at in days]
    return [(start.timestamp(), label(start, False)) for start in starts]
