"""How a run went: an exit code and the sentence that says why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SOUND, FAULT, USAGE, UNAVAILABLE, UNWRITABLE, LOCKED = 0, 1, 2, 69, 73, 75


@dataclass(frozen=True, slots=True)
class Outcome:
    """`code` is the process's exit code."""

    code: int
    sentence: str


def outcome(stats: Mapping[str, Any]) -> Outcome:
    """Judge a run by its statistics (`nachlese/…`)."""
    count = {key.removeprefix("nachlese/"): value for key, value in stats.items() if key.startswith("nachlese/")}
    ok, failed, locked, chosen = (count.get(key, 0) for key in ("sources_ok", "sources_failed", "outlets_locked", "outlets"))
    skipped = f"; {locked} of {chosen} outlets skipped, another run holds them" if locked else ""
    if count.get("unwritable"):
        return Outcome(UNWRITABLE, f"cannot write the database: {count['unwritable']}")
    if count.get("faults"):
        return Outcome(FAULT, f"{count['faults']} faults of the program, see the log{skipped}")
    if chosen and locked == chosen:
        return Outcome(LOCKED, f"nothing done: another run holds all {chosen} outlets")
    if failed and not ok:
        return Outcome(UNAVAILABLE, f"every source failed ({failed})")
    if failed:
        return Outcome(SOUND, f"sound, but {failed} of {ok + failed} sources failed{skipped}")
    return Outcome(SOUND, f"sound{skipped}")
