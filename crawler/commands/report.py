"""`scrapy report`: what a run, or the time since, brought: new reports, copies and what they added, the rest by reason."""

from __future__ import annotations

import argparse
from zoneinfo import ZoneInfo

from crawler.command import DeskCommand, printable, say
from crawler.commands.export import desk_time
from pipelines.store.reader import Reader
from pipelines.story import load_story

QUOTED = 3  # sentences shown of each text that adds some
_RELATIONS = {"copy": "copy of", "abridged": "cut from", "extended": "extends", "merged": "merges"}


class Command(DeskCommand):
    """Print a short table of what is new, what was folded and why the rest was left out."""

    def short_desc(self) -> str:
        """One line for `scrapy --help`."""
        return "Say what is new, what was folded, and why the rest was left out"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """From when on; without it, everything."""
        super().add_options(parser)
        parser.add_argument("--since", default="", metavar="WHEN", help="a day at the desk, or an instant")

    def work(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print the three parts."""
        since = desk_time(opts.since, ZoneInfo(load_story(self.path("STORY")).desk_timezone))
        reader = Reader(self.path("DATABASE"))
        _new(reader, since)
        _folded(reader, since)
        _left_out(reader, since)


def _new(reader: Reader, since: str) -> None:
    rows = reader.ask(
        "SELECT published, outlet, headline, new_sentences, agency FROM articles_list "
        "WHERE relation = 'original' AND filed_at >= ? ORDER BY published",
        since,
    )
    say(f"NEW  {len(rows)} reports in words of their own")
    for published, outlet, headline, new, agency in rows:
        credit = f" ({agency})" if agency else ""
        say(f"  {_when(published)}  {_cut(outlet + credit, 30)}  {_cut(headline, 72)}  {new:>3} new sentences")


def _folded(reader: Reader, since: str) -> None:
    rows = reader.ask(
        "SELECT c.published, c.outlet, c.relation, c.origin_headline, c.origin_outlet, c.own_share, c.new_sentences, c.article "
        "FROM copies c "
        "JOIN articles_list a ON a.id = c.article WHERE a.filed_at >= ? ORDER BY c.published",
        since,
    )
    say(f"\nFOLDED  {len(rows)} texts that others had first")
    for published, outlet, relation, headline, origin, own, new, article in rows:
        added = f"adds {own:.0%}, {new} new sentence{'s' * (new != 1)}" if new else "adds nothing"
        how = f"{_RELATIONS.get(relation, relation)} {origin}: {headline}"
        say(f"  {_when(published)}  {_cut(outlet, 30)}  {_cut(how, 72)}  {added}")
        _quote(reader, article, new)


def _quote(reader: Reader, article: int, new: int) -> None:
    """The first sentences that an outlet added, as it wrote them."""
    sql = "SELECT sentence FROM new_sentences WHERE article = ? ORDER BY position LIMIT ?"
    for (sentence,) in reader.ask(sql, article, QUOTED):
        say(f"{'':20}+ {_cut(sentence, 118).strip()}")
    if new > QUOTED:
        say(f"{'':20}+ and {new - QUOTED} more")


def _left_out(reader: Reader, since: str) -> None:
    # Beside min() SQLite gives the other columns of the same row: the reason is that of the URL shown.
    rows = reader.ask(
        "SELECT verdict, count(*), reason, min(url) FROM verdicts WHERE verdict != 'filed' AND at >= ? GROUP BY verdict ORDER BY 2 DESC",
        since,
    )
    say(f"\nLEFT OUT  {sum(row[1] for row in rows)} pages")
    for verdict, count, reason, url in rows:
        say(f"  {count:>4}  {verdict:<14} for example {_cut(url, 60).strip()}: {_cut(reason, 70).strip()}")


def _when(published: str | None) -> str:
    return _cut((published or "no date").replace("T", " ")[:16], 16)


def _cut(text: str, width: int) -> str:
    """One cell, cut or filled to its width."""
    text = printable(text)
    return text[: width - 1] + "…" if len(text) > width else text.ljust(width)
