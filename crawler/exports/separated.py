"""CSV: for programs as it is, for German spreadsheets as they open it at the first try."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from itertools import islice
from operator import itemgetter
from typing import IO, Any, BinaryIO
from zoneinfo import ZoneInfo

from crawler.exports.cells import IDS, LONGEST, Sheet, cut, harmless, is_time, moment

LONGEST_FIELD = 131_072  # characters: Python's reader of CSV refuses a file with a longer one
# Rows whose cells are looked at together, column by column: half the time of looking at each cell. More are no faster.
TOGETHER = 50
_NUMERAL = re.compile(r"\d+(?:[eE]\d+)?")  # an id like these (one in seven hundred) would be taken for a number, and rounded
_Column = tuple[Callable[[Sequence[Any]], bool], Callable[[Any], Any]]  # whether these cells may stay as they are; what one becomes


def write_csv(file: BinaryIO, sheet: Sheet) -> None:
    """Commas, UTF-8, times as they are stored: UTC."""
    with _text(file) as text:
        _write(csv.writer(text), sheet, [(_may_stay, _safe)] * len(sheet.columns))


def write_excel(file: BinaryIO, sheet: Sheet) -> None:
    """A byte order mark, semicolons, decimal commas, times as the clock at the desk shows them."""
    with _text(file) as text:
        text.write("\ufeff")
        _write(csv.writer(text, delimiter=";"), sheet, [_for_excel(column, sheet.zone) for column in sheet.columns])


@contextmanager
def _text(file: BinaryIO) -> Iterator[IO[str]]:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=False)
    try:
        yield text
    finally:
        text.detach()  # flushes, and leaves the file open


def _for_excel(column: str, zone: ZoneInfo) -> _Column:
    time, name = is_time(column), column in IDS
    return (_never if time or name else _without_decimals), partial(_cell, time=time, name=name, zone=zone)


def _write(writer: Any, sheet: Sheet, columns: Sequence[_Column]) -> None:
    writer.writerow(sheet.columns)
    rows = iter(sheet.rows)
    while some := list(islice(rows, TOGETHER)):
        looked = zip(columns, zip(*some, strict=True), strict=True)
        written = (cells if may_stay(cells) else map(change, cells) for (may_stay, change), cells in looked)
        writer.writerows(zip(*written, strict=True))


def _may_stay(cells: Sequence[Any]) -> bool:
    """Whether these cells are written as they are: a look at them together, which is sure of what it lets pass."""
    texts = [cell for cell in set(cells) if isinstance(cell, str) and cell]
    whole = "".join(texts)
    return not texts or (
        whole.isprintable()
        and "".join(map(itemgetter(0), texts)).isalnum()
        and (len(whole) * 2 <= LONGEST or max(map(len, texts)) * 2 <= LONGEST)
    )


def _without_decimals(cells: Sequence[Any]) -> bool:
    return float not in set(map(type, cells)) and _may_stay(cells)


def _never(cells: Sequence[Any]) -> bool:
    return False


def _cell(cell: Any, *, time: bool, name: bool, zone: ZoneInfo) -> Any:
    if isinstance(cell, float):
        return str(cell).replace(".", ",")  # a German spreadsheet reads 1.5 as the first of May
    if not isinstance(cell, str):
        return cell
    if time and (at := moment(cell, zone)):
        # Both orders of a day are read right in this spelling, whatever the language of the spreadsheet.
        return f"{at:%Y-%m-%d %H:%M:%S}" if isinstance(at, datetime) else at.isoformat()
    return f"'{cell}" if name and _NUMERAL.fullmatch(cell) else cut(harmless(cell))


def _safe(cell: Any) -> Any:
    text = harmless(cell)
    return cut(text, LONGEST_FIELD) if isinstance(text, str) and len(text) * 2 > LONGEST_FIELD else text
