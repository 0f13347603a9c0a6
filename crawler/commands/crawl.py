"""`scrapy crawl`, with an exit code that tells how it went. Scrapy's own is 0 whatever fails."""

from __future__ import annotations

import argparse
import sys

from scrapy.commands import crawl
from scrapy.exceptions import UsageError

from crawler.command import BadUsageError, plain_errors
from crawler.outcome import FAULT, outcome
from crawler.settings import VERSION
from crawler.sources import load_sources
from pipelines.store import Store
from pipelines.story import load_story

SMALLEST_DELAY = 0.01  # seconds


class Command(crawl.Command):
    """Run a spider; the last line says why it ended as it did."""

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check everything a person can get wrong before the first request, then crawl."""
        if len(args) != 1:
            raise UsageError
        with plain_errors(self):
            self._check(args[0], opts)
            self._crawl(args[0], opts)

    def _check(self, name: str, opts: argparse.Namespace) -> None:
        assert self.settings is not None
        assert self.crawler_process is not None
        contact = (self.settings["CONTACT"] or "").strip()
        if "@" not in contact and not contact.startswith(("http://", "https://")):
            raise BadUsageError(
                f"CONTACT is {contact!r}; set it to a page or address where an outlet can reach you, "
                "for example: scrapy crawl feeds -s CONTACT=https://newsroom.example/monitor"
            )
        ids = {outlet.id for outlet in load_sources(self.settings["SOURCES"])}
        load_story(self.settings["STORY"])
        if unknown := sorted({part.strip() for part in opts.spargs.get("outlet", "").split(",") if part.strip()} - ids):
            raise BadUsageError(f"-a outlet={','.join(unknown)}: not in {self.settings['SOURCES']}; `scrapy sources` lists them")
        try:
            self.crawler_process.spider_loader.load(name)(**opts.spargs)
        except KeyError:
            known = ", ".join(self.crawler_process.spider_loader.list())
            raise BadUsageError(f"there is no spider {name!r}; there are {known}") from None
        except (ValueError, TypeError, OSError) as error:
            raise BadUsageError(f"-a {' '.join(f'{k}={v}' for k, v in opts.spargs.items())}: {error}") from None
        Store.open(self.settings["DATABASE"]).close()
        # With a delay of 0 Scrapy 2.19 starts a host's whole queue at once, whatever CONCURRENT_REQUESTS_PER_DOMAIN says.
        self.settings.set("DOWNLOAD_DELAY", max(SMALLEST_DELAY, self.settings.getfloat("DOWNLOAD_DELAY")), priority="cmdline")
        self.settings.set("USER_AGENT", f"Nachlese/{VERSION} (+{contact})", priority="cmdline")

    def _crawl(self, name: str, opts: argparse.Namespace) -> None:
        assert self.crawler_process is not None
        crawler = self._create_crawler(name)
        self.crawler_process.crawl(crawler, **opts.spargs)
        self.crawler_process.start()
        if self.crawler_process.bootstrap_failed or crawler.stats is None:
            self.exitcode = FAULT
            sys.stderr.write("nachlese: the crawl could not begin, see the log\n")
            return
        result = outcome(crawler.stats.get_stats())
        self.exitcode = result.code
        sys.stderr.write(f"nachlese: {name}: {result.sentence}\n")
