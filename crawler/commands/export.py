"""`scrapy export`: a view as CSV, streamed to a file or standard output."""

from __future__ import annotations

import argparse
import csv
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo

from crawler.command import BadUsageError, DeskCommand
from pipelines.store.reader import Reader
from pipelines.story import load_story
from pipelines.views import VIEWS

Rows = Iterable[tuple[Any, ...]]
_FORMULA = re.compile(r"^[\s\u00a0]*[=+\-@|\uff0b\uff0d\uff1d\uff20]|^[\t\r\n]")  # what makes a spreadsheet compute


def harmless(cell: Any) -> Any:
    """A text that a spreadsheet would run as a formula gets an apostrophe before it; numbers stay numbers."""
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell


def write_csv(file: IO[str], columns: list[str], rows: Rows) -> None:
    """Commas and UTF-8, as programs read it."""
    _write(csv.writer(file), columns, ([harmless(cell) for cell in row] for row in rows))


def write_excel(file: IO[str], columns: list[str], rows: Rows) -> None:
    """A byte order mark and semicolons, as a German spreadsheet opens it at the first try."""
    file.write("\ufeff")
    _write(csv.writer(file, delimiter=";"), columns, ([_comma(harmless(cell)) for cell in row] for row in rows))


def _comma(cell: Any) -> Any:
    """A German spreadsheet reads 1.5 as the first of May."""
    return str(cell).replace(".", ",") if isinstance(cell, float) else cell


def _write(writer: Any, columns: list[str], rows: Iterable[Sequence[Any]]) -> None:
    writer.writerow(columns)
    writer.writerows(rows)


FORMATS: dict[str, Callable[[IO[str], list[str], Rows], None]] = {"csv": write_csv, "excel": write_excel}


class Command(DeskCommand):
    """Write a view to a file or standard output."""

    def short_desc(self) -> str:
        """One line for `scrapy --help`."""
        return "Write a view as CSV"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """The options of an export."""
        super().add_options(parser)
        parser.add_argument("--view", default="coverage", choices=sorted(VIEWS), metavar="VIEW", help=", ".join(sorted(VIEWS)))
        parser.add_argument("--since", default="", metavar="WHEN", help="only what changed since; a bare date is a day at the desk")
        parser.add_argument("--excel", action="store_true", help="UTF-8 with byte order mark, semicolons")
        parser.add_argument("-o", "--output", default="-", metavar="FILE", help="default: standard output")

    def work(self, args: list[str], opts: argparse.Namespace) -> None:
        """Stream the view."""
        since = desk_time(opts.since, ZoneInfo(load_story(self.path("STORY")).desk_timezone))
        reader = Reader(self.path("DATABASE"))
        rows = reader.rows(opts.view, since=since)
        with _output(opts.output) as file:
            FORMATS["excel" if opts.excel else "csv"](file, reader.columns(opts.view), rows)


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


@contextmanager
def _output(name: str) -> Iterator[IO[str]]:
    """Standard output, or a file that stands under its name only once it is whole."""
    if name == "-":
        sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]
        yield sys.stdout
        return
    target = Path(name)
    part = target.parent / f".{target.name}.part"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with part.open("w", encoding="utf-8", newline="") as file:
            yield file
        part.replace(target)
    except OSError as error:
        raise BadUsageError(f"-o {name}: cannot be written ({error.strerror})") from None
    finally:
        with suppress(OSError):  # a folder that is none has no part either
            part.unlink(missing_ok=True)
