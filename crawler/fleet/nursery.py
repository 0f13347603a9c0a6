"""The processes that a worker's crawls run in, forked from one that has imported what every crawl needs: none costs a start."""

from __future__ import annotations

import os
import pkgutil
import signal
import threading
from collections.abc import Sequence
from multiprocessing import forkserver
from multiprocessing.process import BaseProcess
from pathlib import Path

from crawler.settings import PROJECT
from pipelines.worker import nursery

SETTINGS = "crawler.settings_worker"
_ROOMS = ("commands", "spiders")  # of which Scrapy imports every module
_MODULES = ("scrapy.cmdline", SETTINGS, "crawler.handler", "crawler.fleet.courier", "pipelines.read", __name__)


class Nursery:
    """Begins crawls. To be made in the main thread, before any begins; `url` is Valkey's.

    From a fresh interpreter a crawl computes 1.3 seconds before its first request, so .2.
    """

    def __init__(self, url: str) -> None:
        os.environ |= {"SCRAPY_SETTINGS_MODULE": SETTINGS, "PYTHONPATH": str(PROJECT), "FLEET_URL": url}
        rooms = [(f"crawler.{room}.", [str(PROJECT / "crawler" / room)]) for room in _ROOMS]
        self._context = nursery([*_MODULES, *(module.name for prefix, path in rooms for module in pkgutil.iter_modules(path, prefix))])
        self._turn = threading.Lock()  # whoever begins a crawl asks of all others whether they ended, and their codes can be asked for once
        before = signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a service that is stopped tells it, too; but it goes with the worker
        try:
            forkserver.ensure_running()
        finally:
            signal.signal(signal.SIGTERM, before)

    def begin(self, folder: Path, arguments: Sequence[str]) -> BaseProcess:
        """`scrapy crawl` with these arguments, in this folder."""
        process = self._context.Process(target=_crawl, args=(folder, arguments))
        with self._turn:
            process.start()
        return process

    def code(self, process: BaseProcess) -> int | None:
        """The exit code of a crawl that ended; below 0 the signal that ended it."""
        with self._turn:
            return process.exitcode


def _crawl(folder: Path, arguments: Sequence[str]) -> None:
    from scrapy.cmdline import execute

    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.chdir(folder)
    execute(["scrapy", "crawl", *arguments])
