"""The formats by name: what each is called, how its files end, how it travels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath
from typing import BinaryIO

from crawler.command import BadUsageError
from crawler.exports.brief import Brief
from crawler.exports.brief_html import html
from crawler.exports.brief_markdown import markdown
from crawler.exports.cells import Sheet
from crawler.exports.json_lines import write_json_lines
from crawler.exports.separated import write_csv, write_excel
from crawler.exports.workbook import write_workbook


@dataclass(frozen=True, slots=True)
class Format:
    """One format: of rows (`write`), or of a brief (`render`, with a language)."""

    name: str
    endings: tuple[str, ...]
    content_type: str
    write: Callable[[BinaryIO, Sheet], None] | None = None
    render: Callable[[Brief, str], str] | None = None


FORMATS = {
    found.name: found
    for found in (
        Format("csv", (".csv",), "text/csv; charset=utf-8", write_csv),
        Format("excel-csv", (), "text/csv; charset=utf-8", write_excel),
        Format("xlsx", (".xlsx",), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", write_workbook),
        Format("jsonl", (".jsonl", ".ndjson"), "application/x-ndjson; charset=utf-8", write_json_lines),
        Format("brief", (".html", ".htm"), "text/html; charset=utf-8", render=html),
        Format("brief-md", (".md", ".markdown"), "text/markdown; charset=utf-8", render=markdown),
    )
}


def chosen(name: str | None, excel: bool, output: str | None) -> Format | None:
    """The format that was asked for by name, by --excel, or by the file's ending; None when nothing says.

    Raises:
        BadUsageError: when two of them contradict each other.
    """
    ending = PurePath(output or "").suffix.lower()
    by_ending = next((found for found in FORMATS.values() if ending in found.endings), None)
    if name and excel and name not in ("csv", "excel-csv"):
        raise BadUsageError(f"--excel makes CSV for German spreadsheets, --format {name} something else: leave one out")
    if name and not excel:
        return FORMATS[name]
    if excel and by_ending and by_ending.name not in ("csv", "xlsx"):
        raise BadUsageError(f"--excel makes CSV for German spreadsheets, {output} ends otherwise: leave out --excel or write .csv or .xlsx")
    if excel and not (by_ending and by_ending.name == "xlsx" and not name):
        return FORMATS["excel-csv"]
    return by_ending
