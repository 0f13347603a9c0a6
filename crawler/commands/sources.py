"""`scrapy sources`: the catalogue as a table; with `--check` asked source by source; with `--discover` a block for a new outlet."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from scrapy import Spider

from crawler.command import BadUsageError, DeskCommand, NotDoneError, ask_web, introduce, printable, say
from crawler.locks import Locks
from crawler.outcome import LOCKED, UNAVAILABLE, UNWRITABLE, USAGE
from crawler.sources import load_sources
from pipelines.address import canonical_url, host
from pipelines.article import Outlet, Source
from pipelines.store.reader import Reader

if TYPE_CHECKING:  # heavy, and every command imports this module to know its name
    from crawler.catalogue.check import Checked


class Command(DeskCommand):
    """List outlets and how many sources of each kind they have; see whether they answer; find those of a site."""

    def short_desc(self) -> str:
        """One line for `scrapy --help`."""
        return "List the outlets of the catalogue, check their sources, discover those of a site"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """What to do with them."""
        super().add_options(parser)
        parser.add_argument("--check", action="store_true", help="ask every source once and print what became of it")
        parser.add_argument("--outlet", default="", metavar="IDS", help="with --check: only these, parted by commas")
        parser.add_argument("--write", action="store_true", help="with --check: put sources that moved for good right, after asking")
        parser.add_argument("--yes", action="store_true", help="with --write: do not ask")
        parser.add_argument("--discover", default="", metavar="URL", help="print a block for the site's feeds and news sitemaps")

    def work(self, args: list[str], opts: argparse.Namespace) -> None:
        """One of the three."""
        if args:
            raise BadUsageError(f"{' '.join(args)}: not understood; `scrapy sources --help` lists the options")
        if ((opts.outlet or opts.write) and not opts.check) or (opts.yes and not opts.write):
            raise BadUsageError("--outlet and --write go with --check, --yes with --write")
        if opts.check and opts.discover:
            raise BadUsageError("--check and --discover are two commands")
        if opts.discover:
            self._discover(opts.discover)
        elif opts.check:
            self._check({name.strip() for name in opts.outlet.split(",") if name.strip()}, opts)
        else:
            _list(load_sources(self.path("SOURCES")))

    # --- check

    def _check(self, names: set[str], opts: argparse.Namespace) -> None:
        from crawler.catalogue.check import rows

        path = self.path("SOURCES")
        outlets = load_sources(path)
        if unknown := sorted(names - {outlet.id for outlet in outlets}):
            raise BadUsageError(f"--outlet {','.join(unknown)}: not in {path}; `scrapy sources` lists them")
        chosen = [outlet for outlet in outlets if not names or outlet.id in names]
        checked = self._ask(chosen)
        for line in rows(checked, self._unchanged_since()):
            say(printable(line))
        counts = Counter(each.state.removesuffix(" to") for each in checked)
        say(f"{len(checked)} sources: {', '.join(f'{count} {state}' for state, count in counts.most_common())}")
        if opts.write:
            self._write({each.source.url: each.moved_to for each in checked if each.moved_to}, outlets, yes=opts.yes)
        if not any(each.works for each in checked):
            raise NotDoneError(UNAVAILABLE, f"every source failed ({len(checked)})")

    def _unchanged_since(self) -> dict[str, str]:
        """When the crawl last saw something new in each source; nothing before the first crawl."""
        if not self.path("DATABASE").exists():
            return {}
        return dict(Reader(self.path("DATABASE")).ask("SELECT url, coalesce(last_new_at, '') FROM source_health"))

    def _ask(self, outlets: Sequence[Outlet]) -> list[Checked]:
        """What became of each source, in the catalogue's order."""
        from crawler.catalogue.check import Checked, CheckSpider

        checked: dict[Source, Checked] = {}
        with self._held([outlet.id for outlet in outlets]) as held:
            self._ask_web(CheckSpider, outlets=[outlet for outlet in outlets if outlet.id in held], checked=checked)
        sources = [source for outlet in outlets for source in outlet.sources]
        return [checked.get(source, Checked(source, "skipped", "another run holds the outlet")) for source in sources]

    def _write(self, moves: dict[str, str], outlets: Sequence[Outlet], *, yes: bool) -> None:
        from crawler.catalogue.corrections import feasible, write

        path = self.path("SOURCES")
        moves, clashing = feasible(moves, [source.url for outlet in outlets for source in outlet.sources])
        for old, new in clashing.items():
            say(printable(f"{old}: not corrected, for {new} stands in the catalogue already; take one of the two out"))
        if not moves:
            say("nothing to correct")
            return
        many = f"{len(moves)} correction{'s' * (len(moves) != 1)}"
        if not (yes or _agrees(f"Write {many} to {path}? [y/N] ")):
            say("nothing written")
            return
        try:
            done = write(path, moves)
        except OSError as error:
            raise NotDoneError(UNWRITABLE, f"{path}: cannot be written: {error.strerror}") from None
        say(f"{len(done)} written to {path}")
        for old in moves.keys() - set(done):
            say(printable(f"{old}: not found as a plain string; correct it by hand"))

    # --- discover

    def _discover(self, url: str) -> None:
        from crawler.catalogue.block import block, listed_as
        from crawler.catalogue.discover import DiscoverSpider, Found

        if not url.startswith(("http://", "https://")) or canonical_url(url) is None:
            raise BadUsageError(f"--discover {url!r}: give a whole address, such as https://www.derstandard.at")
        path = self.path("SOURCES")
        outlets = load_sources(path)
        found = Found(url)
        with self._held([listed.id if (listed := listed_as(url, outlets)) else host(url)]):
            self._ask_web(DiscoverSpider, found=found)
        text, count = block(found, outlets, datetime.now(UTC))
        (sys.stdout if count else sys.stderr).write(text)
        if not count and found.trouble:
            raise NotDoneError(UNAVAILABLE, printable(f"{url}: cannot be reached ({found.trouble})"))
        if not count:
            raise NotDoneError(USAGE, printable(f"{url}: lists no feed and no news sitemap that can be read"))

    # --- both

    @contextmanager
    def _held(self, names: Sequence[str]) -> Iterator[list[str]]:
        """Those outlets that no other run is asking, locked."""
        locks = Locks(self.path("DATABASE").parent / "locks")
        try:
            held = [name for name in names if locks.take(name)]
        except OSError as error:
            raise NotDoneError(UNWRITABLE, f"{locks.folder}: cannot be written: {error.strerror}") from None
        if not held:
            raise NotDoneError(
                LOCKED, f"nothing done: another run holds {', '.join(names) if len(names) < 4 else f'all {len(names)} outlets'}"
            )
        try:
            yield held
        finally:
            locks.release()

    def _ask_web(self, kind: type[Spider], **arguments: Any) -> None:
        assert self.settings is not None
        introduce(self.settings)
        ask_web(self.settings, kind, **arguments)


def _agrees(question: str) -> bool:
    try:
        return input(question).strip().lower() in ("y", "yes")
    except (EOFError, KeyboardInterrupt):  # nobody there, or nobody who wants it
        say()
        return False


def _list(outlets: Sequence[Outlet]) -> None:
    """One line an outlet, then the sum."""
    row = "{:<28} {:<32} {:<3} {:<3} {:<18} {:<6} {:>5} {:>8} {:>5}"
    say(row.format("id", "name", "in", "lang", "time zone", "scope", "feeds", "sitemaps", "pages"))
    for outlet in outlets:
        kinds = [source.kind for source in outlet.sources]
        sitemaps = kinds.count("news_sitemap") + kinds.count("sitemap")
        facts = (outlet.id, outlet.name[:32], outlet.country, outlet.language, outlet.timezone, outlet.scope)
        say(row.format(*facts, kinds.count("feed"), sitemaps, kinds.count("page")))
    say(f"{len(outlets)} outlets, {sum(len(outlet.sources) for outlet in outlets)} sources")
