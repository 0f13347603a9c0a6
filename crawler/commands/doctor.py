"""`scrapy doctor`: what ails the database, the disk, the catalogue, the clock; a line each, with what to do."""

from __future__ import annotations

import argparse
import fcntl
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crawler.command import BadUsageError, DeskCommand, NotDoneError, printable, say
from crawler.outcome import FAULT
from crawler.sources import CatalogueError, load_sources
from pipelines.store.checkup import Finding, checkup, mend
from pipelines.story import StoryError, load_story


class Command(DeskCommand):
    """Look at everything a monitor stands on."""

    def short_desc(self) -> str:
        """One line for `scrapy --help`."""
        return "Check database, search, disk, permissions, catalogue, story and clock; say what to do"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Whether to mend what can be."""
        super().add_options(parser)
        parser.add_argument("--mend", action="store_true", help="make the full-text indexes anew first")

    def work(self, args: list[str], opts: argparse.Namespace) -> None:
        """Say each finding; with one or more the exit code is 1."""
        if args:
            raise BadUsageError(f"{' '.join(args)}: doctor takes no argument")
        if opts.mend:
            mend(self.path("DATABASE"))
        findings = list(self._findings(datetime.now(UTC)))
        for finding in findings:
            say(printable(f"{finding.found}: {finding.todo}"))
        if findings:
            raise NotDoneError(FAULT, f"{len(findings)} findings" if len(findings) > 1 else "one finding")
        say("all is well")

    def _findings(self, now: datetime) -> Iterator[Finding]:
        assert self.settings is not None
        path = self.path("DATABASE")
        yield from self._lists()
        if path.is_file():
            yield from checkup(path, now)
            yield from _disk(path, self.settings.getint("FREE_DISK"))
            yield from _locks(path.parent / "locks", now, timedelta(seconds=self.settings.getint("LONGEST_RUN")))
        else:
            yield Finding(f"{path} does not exist", "scrapy seed makes it, or set DATABASE")

    def _lists(self) -> Iterator[Finding]:
        try:
            load_sources(self.path("SOURCES"))
        except CatalogueError as error:
            yield Finding(f"the catalogue cannot be used: {error}", "mend that block; scrapy sources shows the others")
        try:
            load_story(self.path("STORY"))
        except StoryError as error:
            yield Finding(f"the story cannot be used: {error}", "mend that line of the story file")


def _disk(path: Path, least: int) -> Iterator[Finding]:
    """A copy of the database must fit beside it: backups, and a log that could not be emptied for long."""
    free, needed = shutil.disk_usage(path.parent).free, max(least, path.stat().st_size)
    if free < needed:
        what = f"{free / 1e6:,.0f} MB are free in {path.parent}, {needed / 1e6:,.0f} MB should be"
        yield Finding(what, "make room, for example: scrapy prune --pages 30d")


def _locks(folder: Path, now: datetime, longest: timedelta) -> Iterator[Finding]:
    """Locks die with their process; one that is held for very long has a process that hangs."""
    for path in sorted(folder.glob("*.lock")):
        taken = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        if now - taken > longest and _held(path):
            process = path.read_text(encoding="utf-8").strip()
            yield Finding(f"{path.stem} is being asked by process {process} since {taken:%Y-%m-%d %H:%M} UTC", f"kill {process}")


def _held(path: Path) -> bool:
    with path.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
