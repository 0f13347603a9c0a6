"""`scrapy crawl`, with an exit code that tells how it went. Scrapy's own is 0 whatever fails."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from scrapy.commands import crawl
from scrapy.exceptions import UsageError

from crawler.command import BadUsageError, introduce, plain_errors
from crawler.outcome import FAULT, Outcome, outcome
from crawler.report import ReportError, check, report
from crawler.sources import load_sources
from pipelines.file import FilePipeline
from pipelines.store import Store
from pipelines.story import load_story
from pipelines.worker import seldom_look_for_cycles


class Command(crawl.Command):
    """Run a spider; the last line says why it ended as it did."""

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check everything a person can get wrong before the first request, then crawl."""
        if len(args) != 1:
            raise UsageError
        seldom_look_for_cycles()
        assert self.settings is not None
        self.began = datetime.now(UTC)
        fault: Exception | None = None
        try:
            with plain_errors(self):
                try:
                    self._check(args[0], opts)
                    if not self._idle(args[0], opts):
                        self._crawl(args[0], opts)
                except Exception as error:
                    fault = error
                    raise
        finally:
            if fault is not None:
                report(self.settings, args[0], self.began, Outcome(self.exitcode or FAULT, str(fault)))

    def _check(self, name: str, opts: argparse.Namespace) -> None:
        assert self.settings is not None
        assert self.crawler_process is not None
        introduce(self.settings)
        try:
            check(self.settings.get("REPORT") or "")
        except ReportError as error:
            raise BadUsageError(str(error)) from None
        ids = {outlet.id for outlet in load_sources(self.settings["SOURCES"])}
        load_story(self.settings["STORY"])
        chosen = {part.strip() for part in opts.spargs.get("outlet", "").split(",") if part.strip()}
        if unknown := sorted(name for name in chosen - ids if "." not in name):  # a host of no outlet has a dot
            raise BadUsageError(f"-a outlet={','.join(unknown)}: not in {self.settings['SOURCES']}; `scrapy sources` lists them")
        try:
            self.crawler_process.spider_loader.load(name)(**opts.spargs)
        except KeyError:
            known = ", ".join(self.crawler_process.spider_loader.list())
            raise BadUsageError(f"there is no spider {name!r}; there are {known}") from None
        except (ValueError, TypeError, OSError) as error:
            raise BadUsageError(f"-a {' '.join(f'{k}={v}' for k, v in opts.spargs.items())}: {error}") from None

    def _idle(self, name: str, opts: argparse.Namespace) -> bool:
        """Whether nothing is due: then the run is recorded, and Scrapy's engine with all it imports need not start."""
        assert self.settings is not None
        if not self.settings["DATABASE"]:  # a crawl of a fleet: it is asked for because something is due
            return False
        store = Store.open(self.settings["DATABASE"])
        crawler = self._create_crawler(name)
        crawler.spider = crawler.spidercls.from_crawler(crawler, **opts.spargs)
        spider: Any = crawler.spider
        spider.known = store.ledger.standing(datetime.now(UTC), spider.looks_per_outlet)
        store.close()
        if self.settings.get("REPORT") or not spider.idle():
            return False
        pipeline = FilePipeline.from_crawler(crawler)
        pipeline.open_spider()
        pipeline.close_spider("nothing is due")
        sys.stderr.write(f"nachlese: {name}: nothing is due\n")
        return True

    def _crawl(self, name: str, opts: argparse.Namespace) -> None:
        assert self.settings is not None
        assert self.crawler_process is not None
        # Scrapy's part of it looks through the whole stack, three times: from here a tenth of a second sooner than from the engine.
        import_module("crawler.handler")
        crawler = self._create_crawler(name)
        self.crawler_process.crawl(crawler, **opts.spargs)
        self.crawler_process.start()
        if self.crawler_process.bootstrap_failed or crawler.stats is None:
            result = Outcome(FAULT, "the crawl could not begin, see the log")
        else:
            result = outcome(crawler.stats.get_stats())
        self.exitcode = result.code
        report(self.settings, name, self.began, result, crawler)
        sys.stderr.write(f"nachlese: {name}: {result.sentence}\n")
