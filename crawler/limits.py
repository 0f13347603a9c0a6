"""What a limit says of itself when it is exceeded, and one in time for what no other process can be asked to do."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class LimitError(Exception):
    """An answer was given up: says which limit it exceeded. Not tried again at once, as a connection that broke would be."""


class LargeError(LimitError):
    """An answer was cut off after `most` bytes."""

    def __init__(self, most: int, what: str = "") -> None:
        super().__init__(f"{what}larger than {megabytes(most)}: cut off")


def megabytes(size: int) -> str:
    """A limit as a person reads it: 8 MiB."""
    return f"{size / 2**20:.3g} MiB"


class _OverError(BaseException):
    """Time is over. No Exception: libraries that expect anything of foreign bytes would take it for one of theirs."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Let a block of the main thread take so long. Regular expressions are broken off too, C code as soon as it returns.

    Raises:
        LimitError: when it takes longer.
    """

    def over(number: int, frame: FrameType | None) -> None:
        raise _OverError

    before = signal.signal(signal.SIGALRM, over)
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)  # and each second from then on, for who takes everything for his own
        yield
        signal.setitimer(signal.ITIMER_REAL, 0)
    except _OverError:
        raise LimitError(f"takes longer than {seconds:g} s to read") from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
