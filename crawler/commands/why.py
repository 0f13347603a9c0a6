"""`scrapy why URL`: everything known about a page, from where it was listed to what became of it."""

from __future__ import annotations

import argparse
import heapq
import re
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from crawler.command import BadUsageError, DeskCommand, printable, say
from crawler.dossier import told
from pipelines.address import canonical_url
from pipelines.store.reader import Dossier, Reader
from pipelines.story import load_story

NEAREST = 5  # known URLs shown for an unknown one
CHAIN = 10  # aliases followed: more are a loop of redirects


class Command(DeskCommand):
    """Print the dossier of a URL; of an alias, also that of the article it leads to."""

    def syntax(self) -> str:
        """The arguments."""
        return "[options] <url>"

    def short_desc(self) -> str:
        """One line for `scrapy --help`."""
        return "Say everything known about a URL: listings, decisions, article, copies"

    def work(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print it; an unknown URL is a usage error that names the nearest known ones."""
        if len(args) != 1:
            raise BadUsageError(f"{' '.join(args) or 'nothing'}: give one URL")
        urls = spellings(args[0])
        if not urls:
            raise BadUsageError(f"{args[0]}: give one http(s) URL")
        zone = ZoneInfo(load_story(self.path("STORY")).desk_timezone)
        reader = Reader(self.path("DATABASE"))
        chain = chained(reader, next((found for url in urls if (found := reader.about(url)).known), reader.about(urls[0])))
        if not chain[0].known:
            raise BadUsageError(_unknown(urls[-1], nearest(reader, urls[-1])))
        for number, dossier in enumerate(chain):
            say(f"{'' if number == 0 else chr(10) + 'LEADS TO  '}{printable(dossier.url)}")
            for line in told(dossier, zone):
                say(printable(line))


def spellings(said: str) -> list[str]:
    """The URLs of ours that someone may mean: an entry of a live blog (`page#id`) before its page; none if it can be none."""
    if said.startswith("seed:"):
        return [said]
    url = canonical_url(said if "://" in said else f"https://{said}")
    if url is None:
        return []
    fragment = said.partition("#")[2]
    return [f"{url}#{fragment}", url] if fragment else [url]


def chained(reader: Reader, first: Dossier) -> list[Dossier]:
    """A dossier and those of the pages that it leads to, one alias after the other."""
    chain = [first]
    while (target := leads_to(chain[-1])) and target not in {dossier.url for dossier in chain} and len(chain) < CHAIN:
        chain.append(reader.about(target))
    return chain


def leads_to(dossier: Dossier) -> str | None:
    """The URL that an alias stands for: its decision names it as the last word of the reason."""
    last = dossier.decisions[-1] if dossier.decisions else None
    if last is None or last["verdict"] != "alias":
        return None
    target = str(last["reason"]).rpartition(" ")[2]
    return target if "://" in target else None


def nearest(reader: Reader, url: str) -> list[str]:
    """The known URLs of the same host, with or without www., that share most words with this one."""
    host = urlsplit(url).netloc
    bare = host.removeprefix("www.")
    wanted = _words(url)

    def likeness(other: str) -> float:
        words = _words(other)
        return len(words & wanted) / max(1, len(words | wanted))

    return heapq.nlargest(NEAREST, reader.urls_of((bare, f"www.{bare}")), key=likeness)


def _words(url: str) -> set[str]:
    parts = urlsplit(url)
    return set(re.findall(r"\w+", f"{parts.path} {parts.query}".casefold()))


def _unknown(url: str, near: list[str]) -> str:
    host = urlsplit(url).hostname
    if not near:
        return f"{url}: unknown, and so is every URL of {host}: no source ever listed one"
    return printable(f"{url}: unknown: no source ever listed it. Nearest of {host}:") + "".join(f"\n  {printable(each)}" for each in near)
