"""JSON Lines: one object a row, for programs. Nothing is cut."""

from __future__ import annotations

import json
import math
import re
from typing import Any, BinaryIO

from crawler.exports.cells import Sheet

# Valid in JSON, but they turn the direction of a line, end one in JavaScript, or are no characters: written as \u202e.
_ESCAPED = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff]")
_BROKEN = re.compile("[\x00\ud800-\udfff]")  # no database takes these back


def write_json_lines(file: BinaryIO, sheet: Sheet) -> None:
    """The columns in their order; times in UTC, numbers as numbers, nothing as null."""
    for row in sheet.rows:
        cells = {column: _value(cell) for column, cell in zip(sheet.columns, row, strict=True)}
        line = json.dumps(cells, ensure_ascii=False, allow_nan=False)
        file.write(f"{_ESCAPED.sub(_escape, line)}\n".encode())


def _value(cell: Any) -> Any:
    if isinstance(cell, str):
        return cell if cell.isprintable() else _BROKEN.sub("\ufffd", cell)
    return None if isinstance(cell, float) and not math.isfinite(cell) else cell


def _escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
