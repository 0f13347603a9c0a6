"""Processes as the system sees them."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


def offspring(pid: int) -> set[int]:
    """The processes that one began, and those that these began."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it is gone by now
            parents[int(stat.parent.name)] = int(stat.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[1])
    found, new = set[int](), {pid}
    while new:
        new = {child for child, parent in parents.items() if parent in new}
        found |= new
    return found


def runs(process: Path) -> bool:
    """Whether a process, named as `/proc/1`, still runs Python."""
    try:
        return "python" in (process / "cmdline").read_text(encoding="utf-8")  # a zombie has none
    except OSError:
        return False
