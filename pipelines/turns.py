"""Who is next, where more wait than can be served at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from functools import partial
from heapq import heappop, heappush
from itertools import count
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class _ByDate(Generic[T]):
    """What waits: the earliest date comes first, of one date what came first."""

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, int, T]] = []
        self._came = count()

    def __len__(self) -> int:
        return len(self._heap)

    def push(self, date: datetime, waiting: T) -> None:
        """Let it wait."""
        heappush(self._heap, (date, next(self._came), waiting))

    def pop(self) -> T:
        """Whoever is next."""
        return heappop(self._heap)[-1]


class Turns(Generic[T]):
    """Lets so many begin at a time; of those that wait, whoever is of the earliest date, of one date whoever came first.

    The next one begins where one ends, in the thread that says so: whoever asked for it may be busy with other things.
    """

    def __init__(self, at_once: int) -> None:
        self._free = at_once
        self._waiting: _ByDate[tuple[Callable[[], Future[T]], Future[T]]] = _ByDate()
        self._lock = Lock()

    def give(self, date: datetime, begin: Callable[[], Future[T]]) -> Future[T]:
        """What will become of `begin`, which is called when its turn comes, unless nobody waits for it any more."""
        given: Future[T] = Future()
        with self._lock:
            self._waiting.push(date, (begin, given))
        self._next()
        return given

    def _next(self) -> None:
        while turn := self._turn():
            begin, given = turn
            try:
                begin().add_done_callback(partial(self._ended, given))
            except Exception as error:  # whoever asked for it is told
                self._end()
                given.set_exception(error)

    def _turn(self) -> tuple[Callable[[], Future[T]], Future[T]] | None:
        """Whose turn it is, if anybody's."""
        with self._lock:
            while self._free and self._waiting:
                begin, given = self._waiting.pop()
                if given.set_running_or_notify_cancel():
                    self._free -= 1
                    return begin, given
        return None

    def _end(self) -> None:
        with self._lock:
            self._free += 1

    def _ended(self, given: Future[T], begun: Future[T]) -> None:
        self._end()
        self._next()  # before what waits for this one is called
        if error := begun.exception():
            given.set_exception(error)
        else:
            given.set_result(begun.result())


class Line:
    """Lets one pass each time the event loop comes round: of those that wait, whoever is of the earliest date."""

    def __init__(self) -> None:
        self._waiting: _ByDate[asyncio.Future[None]] = _ByDate()

    async def turn(self, date: datetime) -> None:
        """Wait until nobody of an earlier date waits, at least until all that is ready now had its say."""
        called = asyncio.get_running_loop().create_future()
        self._waiting.push(date, called)
        if len(self._waiting) == 1:
            called.get_loop().call_soon(self._call)
        await called

    def _call(self) -> None:
        called = self._waiting.pop()
        if not called.done():  # it is, if nobody waits for it any more
            called.set_result(None)
        if self._waiting:
            called.get_loop().call_soon(self._call)
