"""Processes as the system sees them."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def parent(pid: int) -> int:
    """The process that began another one."""
    return int(_stat(pid)[1])


def computed(pid: int) -> float:
    """Seconds of processor that a process has had."""
    return sum(map(int, _stat(pid)[11:13])) / os.sysconf("SC_CLK_TCK")


def _stat(pid: int) -> list[str]:
    """`man proc_pid_stat`, from the third field on: the second, a name, may hold anything."""
    return Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()


def offspring(pid: int) -> set[int]:
    """The processes that one began, and those that these began."""
    parents = {}
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it is gone by now
            parents[int(process.name)] = parent(int(process.name))
    found, new = set[int](), {pid}
    while new:
        new = {child for child, begun_by in parents.items() if begun_by in new}
        found |= new
    return found


def runs(process: Path) -> bool:
    """Whether a process, named as `/proc/1`, still runs Python."""
    try:
        return "python" in (process / "cmdline").read_text(encoding="utf-8")  # a zombie has none
    except OSError:
        return False
