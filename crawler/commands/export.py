"""`scrapy export`: a view, what changed in it since a reader last took delivery, or a brief; to a file or a webhook."""

from __future__ import annotations

import argparse
import re
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from crawler.command import BadUsageError, DeskCommand, NotDoneError
from crawler.exports.brief import VIEWS as BRIEFED
from crawler.exports.brief import compose
from crawler.exports.cells import Sheet
from crawler.exports.formats import FORMATS, Format, chosen
from crawler.exports.phrases import LANGUAGES
from crawler.exports.since import Since
from crawler.exports.spool import Spool
from crawler.locks import Locks
from crawler.outcome import LOCKED, UNAVAILABLE
from crawler.webhook import WebhookError, is_webhook, post
from pipelines.store import Store
from pipelines.store.delivery import Change, Delivery, body, last, taking
from pipelines.store.reader import Reader
from pipelines.store.rows import legible, utc
from pipelines.story import load_story
from pipelines.views import VIEWS

BRIEF = "brief"  # what a reader of briefs takes, of several views at once
CHANGED = ("change", "id", "into")  # the columns that a delivery puts before those of its view
POSTS = 2  # tries: a webhook that is just being started anew is there the second time


@dataclass(frozen=True, slots=True)
class _Order:
    """What was asked for, once it is known to make sense. `since` is UTC text."""

    view: str
    format: Format
    columns: tuple[str, ...]
    since: str
    language: str
    zone: ZoneInfo
    now: datetime


class Command(DeskCommand):
    """Write a view, a delivery or a brief."""

    def short_desc(self) -> str:
        """One line for `scrapy --help`."""
        return "Write a view, what changed in it for a reader, or a brief: CSV, Excel, JSON Lines, HTML, Markdown"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """The options of an export."""
        super().add_options(parser)
        add = parser.add_argument
        add("--view", default="coverage", choices=sorted(VIEWS), metavar="VIEW", help=", ".join(sorted(VIEWS)))
        add(
            "--since",
            default="",
            metavar="WHEN",
            help="only what changed since; a bare date is a day at the desk. With --cursor: of the first",
        )
        add("--format", choices=sorted(FORMATS), metavar="FORMAT", help=f"{', '.join(FORMATS)}; default: by the file's ending, else csv")
        add("--excel", action="store_true", help="CSV as German Excel opens it; a file that ends in .xlsx is a real workbook")
        add("--columns", default="", metavar="A,B,C", help="only these, in this order")
        add(
            "--cursor", default="", metavar="READER", help="what changed since this reader last took delivery; it counts once it is written"
        )
        add("--again", action="store_true", help="the reader's last delivery once more, byte for byte")
        add("--lang", default="de", choices=LANGUAGES, help="of a brief; default: de")
        add("--post", default="", metavar="URL", help="send it to a webhook; with --cursor it counts once the answer was 2xx")
        add("-o", "--output", metavar="FILE", help="default: standard output, or nothing with --post")

    def work(self, args: list[str], opts: argparse.Namespace) -> None:
        """Write it aside, put it in its place, note that it was taken."""
        _check(opts)
        order = self._order(opts)
        reader = Reader(self.path("DATABASE"))
        if opts.again:
            return self._again(opts)
        if opts.cursor:
            return self._deliver(opts, order)
        with Spool(_place(opts)) as spool:
            if order.format.render:
                reader.connection.text_factory = legible
                reader.connection.execute("BEGIN")
                _brief(spool, order, Since(reader.connection, order.since), order.since)
            else:
                columns = reader.columns(order.view)
                _write(spool, order, columns, reader.rows(order.view, since=order.since))
            _send(spool, order.format, opts.post)
        return None

    def _order(self, opts: argparse.Namespace) -> _Order:
        zone = ZoneInfo(load_story(self.path("STORY")).desk_timezone)
        now = datetime.now(UTC)
        form = chosen(opts.format, opts.excel, opts.output) or FORMATS["csv"]
        since = desk_time(opts.since, zone)
        if form.render and not since:  # "today" begins at the desk's midnight
            since = utc(now.astimezone(zone).replace(hour=0, minute=0, second=0)) or ""
        columns = tuple(dict.fromkeys(name.strip() for name in opts.columns.split(",") if name.strip()))
        if form.render and columns:
            raise BadUsageError("--columns: a brief has none")
        return _Order(BRIEF if form.render else opts.view, form, columns, since, opts.lang, zone, now)

    def _deliver(self, opts: argparse.Namespace, order: _Order) -> None:
        with (
            self._reader(opts.cursor, order.view) as store,
            taking(store, opts.cursor, order.view, order.since) as delivery,
            Spool(_place(opts)) as spool,
        ):
            if order.format.render and delivery.last_at:
                _brief(spool, order, delivery, delivery.last_at)
            elif order.format.render:  # to a new reader everything is new; a brief tells what is since today began
                for view in BRIEFED:
                    deque(delivery.changes(view), maxlen=0)
                _brief(spool, order, Since(store.db.conn, order.since), order.since)
            else:
                columns = [*CHANGED, *(name for name in delivery.columns(order.view) if name not in CHANGED)]
                _write(spool, order, columns, _rows(delivery.changes(order.view), columns[len(CHANGED) :]))
            _send(spool, order.format, opts.post)
            delivery.record(order.format.name, spool.file, order.now)

    def _again(self, opts: argparse.Namespace) -> None:
        asked = chosen(opts.format, opts.excel, opts.output)
        view = BRIEF if asked and asked.render else opts.view
        with self._reader(opts.cursor, view) as store:
            found = last(store, opts.cursor, view, [asked.name] if asked else list(FORMATS))
            if found is None:
                what = f"{view} as {asked.name}" if asked else view
                raise BadUsageError(f"--again: {opts.cursor} has not taken {what} yet; leave out --again")
            with Spool(_place(opts)) as spool:
                for part in body(store, found):
                    spool.file.write(part)
                _send(spool, FORMATS[found.format], opts.post)

    @contextmanager
    def _reader(self, name: str, view: str) -> Iterator[Store]:
        """The database, while no other export serves the same reader."""
        locks = Locks(self.path("DATABASE").parent / "locks")
        if not locks.take(f"export-{name}-{view}"):
            raise NotDoneError(LOCKED, f"--cursor {name}: another export is delivering {view} to this reader")
        try:
            store = Store.open(self.path("DATABASE"))
            try:
                yield store
            finally:
                store.close()
        finally:
            locks.release()


def _check(opts: argparse.Namespace) -> None:
    if opts.cursor and not re.fullmatch(r"\w[\w.-]{0,63}", opts.cursor):
        raise BadUsageError(f"--cursor {opts.cursor!r}: a reader's name has letters, digits, dots and hyphens, at most 64")
    if opts.again and not opts.cursor:
        raise BadUsageError("--again: say whose delivery with --cursor")
    if opts.again and (opts.columns or opts.since):
        raise BadUsageError("--again repeats what was delivered: leave out --columns and --since")
    if opts.post and not is_webhook(opts.post):
        raise BadUsageError("--post: give an http(s) URL")


def _place(opts: argparse.Namespace) -> str | None:
    return opts.output or (None if opts.post else "-")


def _rows(changes: Iterator[Change], columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    for change in changes:
        yield (change.what, change.id, change.into, *(change.row.get(name) for name in columns))


def _write(spool: Spool, order: _Order, columns: Sequence[str], rows: Iterator[Sequence[Any]]) -> None:
    """Rows in their format, of the columns that were asked for."""
    assert order.format.write
    if unknown := [name for name in order.columns if name not in columns]:
        raise BadUsageError(f"--columns {','.join(unknown)}: {order.view} has {', '.join(columns)}")
    if order.columns:
        places = [columns.index(name) for name in order.columns]
        rows = (tuple(row[place] for place in places) for row in rows)
    order.format.write(spool.file, Sheet(order.view, order.columns or columns, rows, order.zone, order.now))


def _brief(spool: Spool, order: _Order, source: Delivery | Since, since: str) -> None:
    assert order.format.render
    spool.file.write(order.format.render(compose(source, since, order.now, order.zone), order.language).encode())


def _send(spool: Spool, form: Format, url: str) -> None:
    """Into its place, then to the webhook.

    Raises:
        NotDoneError: when the webhook does not take it.
    """
    spool.publish()
    if url:
        try:
            post(url, spool.file, form.content_type, "export", tries=POSTS)
        except WebhookError as error:
            raise NotDoneError(UNAVAILABLE, f"--post: {error}") from None


def desk_time(text: str, zone: ZoneInfo) -> str:
    """A day or an instant as UTC text. A bare date begins at the desk's midnight, a naive time is the desk's.

    Raises:
        BadUsageError: when it is neither.
    """
    if not text:
        return ""
    try:
        instant = datetime.fromisoformat(text)
        return (instant if instant.tzinfo else instant.replace(tzinfo=zone)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError):
        raise BadUsageError(f"--since {text!r}: write a day (2024-06-14) or an instant (2024-06-14T06:00)") from None
