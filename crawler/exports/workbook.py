"""A real Excel workbook, written row by row: dates are dates, links are links, text is never a formula."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain, islice
from typing import Any, BinaryIO

from crawler.exports.cells import Sheet, cut, is_formula, is_link, is_time, moment, plain

ROWS = 1_048_575  # of a sheet, below its header
LINKS = 65_530  # of a sheet; Excel drops all when there are more
LONGEST_LINK = 2079  # characters
SAFE_NUMBER = 10**15  # Excel keeps 15 digits
OLDEST = 1900  # years before are no dates in Excel
_WIDTHS = {  # characters; by what a column usually holds
    "headline": 60, "origin_headline": 50, "other_headline": 50, "earlier_headline": 50, "atom_title": 60, "sentence": 80, "came": 60,
    "went": 60, "changed": 60, "figures": 40, "added": 40, "reason": 60, "as_written": 30, "atom_content": 40, "last_fetch": 40,
    "byline": 24, "outlet": 22, "origin_outlet": 22, "other_outlet": 22, "agency": 14, "url": 50, "origin_url": 50, "other_url": 50,
    "atom_link": 50, "source": 50, "id": 18, "into": 18, "report": 18, "public_id": 18, "atom_id": 32,
}  # fmt: skip
TIME_WIDTH, PLAIN_WIDTH = 17, 12
_OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def write_workbook(file: BinaryIO, sheet: Sheet) -> None:
    """One sheet, another where the rows are more than Excel takes. Times are those of the desk's clock."""
    import xlsxwriter  # heavy: not for a run that writes no workbook

    book = xlsxwriter.Workbook(file, _OPTIONS)
    book.set_properties(
        {"title": sheet.title, "comments": f"Times: {sheet.zone.key}", "created": sheet.at.astimezone(UTC).replace(tzinfo=None)}
    )
    page = _Page(book, sheet)
    for number, rows in enumerate(_pages(sheet.rows), 1):
        page.begin(sheet.title[:25] if number == 1 else f"{sheet.title[:25]} {number}")
        page.write(rows)
    book.close()


def _pages(rows: Iterable[Sequence[Any]]) -> Iterator[Iterable[Sequence[Any]]]:
    """The rows in portions that fit; one without rows where there are none."""
    left = iter(rows)
    yield islice(left, ROWS)
    for first in left:
        yield chain([first], islice(left, ROWS - 1))


class _Page:
    """Writes the sheets of one workbook, one after the other."""

    def __init__(self, book: Any, sheet: Sheet) -> None:
        self.book, self.sheet = book, sheet
        top = {"valign": "top"}
        self.header = book.add_format({"bold": True, "bottom": 1, "bg_color": "#E8EDF2", **top})
        self.text = book.add_format({"text_wrap": True, **top})
        # Still text when someone edits the cell.
        self.quoted = book.add_format({"text_wrap": True, "quote_prefix": True, **top})
        self.link = book.add_format({"font_color": "#0B57D0", "underline": 1, **top})
        self.number = book.add_format(top)
        self.instant = book.add_format({"num_format": "dd.mm.yyyy hh:mm", "align": "left", **top})
        self.day = book.add_format({"num_format": "dd.mm.yyyy", "align": "left", **top})
        self.times = [is_time(column) for column in sheet.columns]

    def begin(self, title: str) -> None:
        """A new sheet with its header, which stays in sight and on every printed page."""
        self.page = self.book.add_worksheet(title)
        self.links = 0
        for place, column in enumerate(self.sheet.columns):
            self.page.set_column(place, place, _WIDTHS.get(column, TIME_WIDTH if is_time(column) else PLAIN_WIDTH))
            self.page.write_string(0, place, column, self.header)
        self.page.freeze_panes(1, 0)
        self.page.repeat_rows(0)
        self.page.set_landscape()
        self.page.set_paper(9)  # A4
        self.page.fit_to_pages(1, 0)

    def write(self, rows: Iterable[Sequence[Any]]) -> None:
        """The rows below the header, which lets them be filtered."""
        last = 0
        for last, row in enumerate(rows, 1):
            for place, cell in enumerate(row):
                if cell is not None and cell != "":
                    self._cell(last, place, cell)
        self.page.autofilter(0, 0, last, len(self.sheet.columns) - 1)

    def _cell(self, row: int, place: int, cell: Any) -> None:
        if not isinstance(cell, str):
            if math.isfinite(cell) and abs(cell) < SAFE_NUMBER:
                self.page.write_number(row, place, cell, self.number)
            else:
                self.page.write_string(row, place, str(cell), self.text)
        elif self.times[place] and (at := moment(cell, self.sheet.zone)) and at.year > OLDEST:
            self.page.write_datetime(row, place, at, self.instant if isinstance(at, datetime) else self.day)
        elif self.links < LINKS and len(cell) <= LONGEST_LINK and is_link(self.sheet.columns[place], cell) and self._link(row, place, cell):
            self.links += 1
        else:
            text = cut(plain(cell).replace("\r\n", "\n").replace("\r", "\n"))
            self.page.write_string(row, place, text, self.quoted if is_formula(text) else self.text)

    def _link(self, row: int, place: int, url: str) -> bool:
        return bool(self.page.write_url(row, place, url, self.link) == 0)
