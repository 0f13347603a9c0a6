"""The processes that a worker's crawls run in, forked from one that has imported what every crawl needs: none costs a start."""

from __future__ import annotations

import os
import pkgutil
import threading
from collections.abc import Sequence
from multiprocessing import forkserver
from multiprocessing.process import BaseProcess
from pathlib import Path

from crawler.settings import PROJECT
from pipelines.worker import nursery

SETTINGS = "crawler.settings_worker"
_PACKAGES = ("crawler", "crawler.commands", "crawler.spiders")  # with every module; Scrapy imports all of the last two
_MODULES = ("scrapy.cmdline", "itemadapter", "feedparser", "courlan", "crawler.fleet.courier", "pipelines.read", __name__)


class Nursery:
    """Begins crawls; `url` is Valkey's, and belongs on no command line.

    From a fresh interpreter a crawl computes 1.4 seconds before its first request, so .15.
    """

    def __init__(self, url: str) -> None:
        os.environ |= {"SCRAPY_SETTINGS_MODULE": SETTINGS, "PYTHONPATH": str(PROJECT), "FLEET_URL": url}
        paths = {f"{package}.": str(PROJECT.joinpath(*package.split("."))) for package in _PACKAGES}
        self._context = nursery([*_MODULES, *(found.name for name, path in paths.items() for found in pkgutil.iter_modules([path], name))])
        self._turn = threading.Lock()  # whoever begins a crawl asks of all others whether they ended, and their codes can be asked for once
        forkserver.ensure_running()  # imports while the worker finds Valkey

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

    os.setsid()  # Ctrl-C is the worker's affair: Scrapy takes a second signal for haste
    os.chdir(folder)
    execute(["scrapy", "crawl", *arguments])
