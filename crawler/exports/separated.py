"""CSV: for programs as it is, for German spreadsheets as they open it at the first try."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import IO, Any, BinaryIO
from zoneinfo import ZoneInfo

from crawler.exports.cells import IDS, Sheet, cut, harmless, is_time, moment

LONGEST_FIELD = 131_072  # characters: Python's reader of CSV refuses a file with a longer one
_NUMERAL = re.compile(r"\d+(?:[eE]\d+)?")  # an id like these (one in seven hundred) would be taken for a number, and rounded


def write_csv(file: BinaryIO, sheet: Sheet) -> None:
    """Commas, UTF-8, times as they are stored: UTC."""
    with _text(file) as text:
        rows = ([_safe(cell) if isinstance(cell, str) else cell for cell in row] for row in sheet.rows)
        _write(csv.writer(text), sheet.columns, rows)


def write_excel(file: BinaryIO, sheet: Sheet) -> None:
    """A byte order mark, semicolons, decimal commas, times as the clock at the desk shows them."""
    with _text(file) as text:
        text.write("\ufeff")
        _write(csv.writer(text, delimiter=";"), sheet.columns, _for_excel(sheet))


@contextmanager
def _text(file: BinaryIO) -> Iterator[IO[str]]:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=False)
    try:
        yield text
    finally:
        text.detach()  # flushes, and leaves the file open


def _for_excel(sheet: Sheet) -> Iterator[list[Any]]:
    kinds = [(is_time(column), column in IDS) for column in sheet.columns]
    for row in sheet.rows:
        yield [_cell(cell, time, name, sheet.zone) for cell, (time, name) in zip(row, kinds, strict=True)]


def _cell(cell: Any, time: bool, name: bool, zone: ZoneInfo) -> Any:
    if isinstance(cell, float):
        return str(cell).replace(".", ",")  # a German spreadsheet reads 1.5 as the first of May
    if not isinstance(cell, str):
        return cell
    if time and (at := moment(cell, zone)):
        # Both orders of a day are read right in this spelling, whatever the language of the spreadsheet.
        return f"{at:%Y-%m-%d %H:%M:%S}" if isinstance(at, datetime) else at.isoformat()
    return f"'{cell}" if name and _NUMERAL.fullmatch(cell) else cut(harmless(cell))


def _safe(cell: str) -> str:
    text: str = harmless(cell)
    return cut(text, LONGEST_FIELD) if len(text) * 2 > LONGEST_FIELD else text


def _write(writer: Any, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    writer.writerow(columns)
    writer.writerows(rows)
