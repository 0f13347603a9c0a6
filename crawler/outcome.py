"""How a run went: an exit code and the sentence that says why."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SOUND, FAULT, USAGE, UNAVAILABLE, UNWRITABLE, LOCKED = 0, 1, 2, 69, 73, 75

FINISHED = "finished"  # Scrapy's word for a run that nobody broke off
NAMED = 5  # outlets; the log has all

_SAID = ("disk is full", "readonly", "read-only", "disk I/O", "unable to open", "locked")
_NUMBERS = (errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def unwritable(error: BaseException | None) -> bool:
    """Whether an error says that the database, or what lies beside it, cannot be written: nothing after it could be kept."""
    if isinstance(error, OSError):
        return error.errno in _NUMBERS
    return isinstance(error, sqlite3.Error) and any(words in str(error) for words in _SAID)


@dataclass(frozen=True, slots=True)
class Outcome:
    """`code` is the process's exit code."""

    code: int
    sentence: str


def outcome(stats: Mapping[str, Any]) -> Outcome:
    """Judge a run by its statistics (`nachlese/…`, and Scrapy's `finish_reason`). One that was told to stop did what it should:
    its code is that of what it had done by then."""
    count = {key.removeprefix("nachlese/"): value for key, value in stats.items() if key.startswith("nachlese/")}
    ok, failed, locked, chosen = (count.get(key, 0) for key in ("sources_ok", "sources_failed", "outlets_locked", "outlets"))
    skipped = f"; {locked} of {chosen} outlets skipped, another run holds them" if locked else ""
    skipped += _unfinished(count.get("spent", {}))
    stopped = stats.get("finish_reason", FINISHED) != FINISHED
    sound = "stopped before its end, sound so far" if stopped else "sound"
    skipped += "; the next run goes on" if stopped else ""
    if count.get("unwritable"):
        return Outcome(UNWRITABLE, f"cannot write the database: {count['unwritable']}")
    if count.get("faults"):
        return Outcome(FAULT, f"{count['faults']} faults of the program, see the log{skipped}")
    if chosen and locked == chosen:
        return Outcome(LOCKED, f"nothing done: another run holds all {chosen} outlets")
    if failed and not ok:
        asked = "stopped before its end; every source asked by then failed" if stopped else "every source failed"
        return Outcome(UNAVAILABLE, f"{asked} ({failed})")
    if failed:
        return Outcome(SOUND, f"{sound}, but {failed} of {ok + failed} sources failed{skipped}")
    return Outcome(SOUND, f"{sound}{skipped}")


def _unfinished(spent: Mapping[str, str]) -> str:
    """The outlets that had their share of the run, each with the budget that ended it."""
    named = [f"{outlet} had its share, {which}" for outlet, which in sorted(spent.items())]
    more = [f"{len(named) - NAMED} more outlets theirs"] if len(named) > NAMED else []
    return "".join(f"; {part}" for part in named[:NAMED] + more)
