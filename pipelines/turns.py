"""Who is next, where more wait than can be served at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from heapq import heappop, heappush
from itertools import count


class Turns:
    """Serves so many at a time; of those that wait, whoever is of the earliest date, of one date whoever came first."""

    def __init__(self, at_once: int) -> None:
        self._free = at_once
        self._waiting: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._came = count()

    @asynccontextmanager
    async def turn(self, date: datetime) -> AsyncIterator[None]:
        """Wait for a turn, which lasts as long as the block."""
        if self._free:
            self._free -= 1
        else:
            await self._wait(date)
        try:
            yield
        finally:
            self._next()

    async def _wait(self, date: datetime) -> None:
        called = asyncio.get_running_loop().create_future()
        heappush(self._waiting, (date, next(self._came), called))
        try:
            await called
        except asyncio.CancelledError:
            if called.done() and not called.cancelled():  # whose turn it is already gives it to the next
                self._next()
            raise

    def _next(self) -> None:
        while self._waiting:
            _, _, called = heappop(self._waiting)
            if not called.done():
                called.set_result(None)
                return
        self._free += 1
