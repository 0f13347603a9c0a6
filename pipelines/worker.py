"""Processes that cost no start; what one that reads pages may take, so that a page costs at most itself; what neither need spend."""

from __future__ import annotations

import fcntl
import gc
import os
import resource
import sys
from collections.abc import Iterable
from contextlib import suppress
from importlib.util import find_spec
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from pathlib import Path

# New objects after which Python looks for cycles: nearly all goes without that (157 objects of 1,000 pages did not). At its own 700 a
# crawl spends a twelfth of its time on looking through what it imported, and a worker a seventh; the memory they take is the same.
CYCLES = (10_000, 20, 100)
# Steps of niceness: where cores are few, downloading and filing, which one process does, must not wait for readers. Made pages on two
# cores take .59 seconds for each second of processor without, .54 with 5 or 10; what is read and waits to be filed takes 20 MB less.
# With 10 a headline of 300 kB, 1.2 seconds of processor, took more than the ten a page may where six others wanted the two cores.
GIVING_WAY = 5
# Bytes that wait in a pipe, the most a process may ask for. With the usual 64 kB a page of 250 kB, and what was read of it, goes over in
# pieces, each of which waits for the other side: 500 pages on the story took 18.2 s and 32.5 of the processor, 17.0 and 30.9 so.
PIPE = 2**20
OUT_OF_MEMORY = 101  # exit code of a worker that had no memory left; a fresh one takes over


def seldom_look_for_cycles() -> None:
    """Let Python look for cycles after `CYCLES` new objects, and never among those that there are already."""
    gc.freeze()
    gc.set_threshold(*CYCLES)


class _Context(ForkServerContext):
    """With pipes that take what is sent whole."""

    def Pipe(self, duplex: bool = True) -> tuple[Connection, Connection]:  # noqa: N802
        """As multiprocessing has it."""
        ends = super().Pipe(duplex)
        if not duplex:
            most = int(Path("/proc/sys/fs/pipe-max-size").read_text(encoding="ascii"))
            with suppress(PermissionError):  # who has many pipes gets no more than the usual 64 kB, and waits
                fcntl.fcntl(ends[1], fcntl.F_SETPIPE_SZ, min(PIPE, most))
        return ends


def nursery(modules: Iterable[str]) -> ForkServerContext:
    """Of its processes each is forked from one that has imported these modules and does nothing else: a fresh one costs no import.

    Nor does it run the script that was started, `scrapy`, with all its imports: multiprocessing does that in each process, unless the
    main module is a package's, as in `python -m scrapy`.
    """
    main = sys.modules["__main__"]
    main.__spec__ = main.__spec__ or find_spec("scrapy.__main__")
    context = _Context()
    context.set_forkserver_preload(list(modules))
    return context


def confine(memory: int) -> None:
    """Give this process `memory` bytes more than it has, no core dump, and nobody who listens to what it prints.

    What went wrong with a page is its verdict's to say; what a library prints about it is under the page's control.
    """
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[5])  # data and stack, as RLIMIT_DATA counts
    _bound(resource.RLIMIT_DATA, pages * resource.getpagesize() + memory)
    _bound(resource.RLIMIT_CORE, 0)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def grant(seconds: float) -> None:
    """Let this process compute for so long from now; the system ends it then, also when nobody watches it any more."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _bound(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime + seconds) + 1)


def _bound(what: int, most: int) -> None:
    _, hard = resource.getrlimit(what)
    resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
