"""Every format: what a page wrote is text, whatever it looks like; dates are dates, links are links, numbers are numbers."""

from __future__ import annotations

import csv
import io
import json
import os
import tracemalloc
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from lxml import etree
from openpyxl import load_workbook

from crawler.command import BadUsageError
from crawler.exports import workbook
from crawler.exports.cells import LONGEST, Sheet, cut, is_web, plain
from crawler.exports.formats import FORMATS, chosen

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2024, 6, 14, 12, tzinfo=UTC)
TABLES = [name for name, found in FORMATS.items() if found.write]
LONG = "Raketen " * 37_500  # 300 kB
CANARIES = [
    '=HYPERLINK("http://x.example";"Kim")', "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\x00=1", "\u200b=1", "\u202e=1",
    "=cmd|' /C calc'!A0",
    "<script>alert(1)</script>", "javascript:alert(1)", "a\u202egnp.exe\u202c", "halb\ud800", "nu\x00ll", "\ufffe\x1b[31m", "_x000D_", LONG,
]  # fmt: skip
FORMULAS = CANARIES[:10]


def written(name: str, columns: list[str], rows: Iterable[tuple[Any, ...]]) -> bytes:
    write, file = FORMATS[name].write, io.BytesIO()
    assert write
    write(file, Sheet("coverage", columns, rows, BERLIN, NOON))
    return file.getvalue()


def read(name: str, body: bytes) -> list[list[Any]]:
    """The rows below the header, as a program or a spreadsheet reads them."""
    if name == "xlsx":
        return [list(row) for row in load_workbook(io.BytesIO(body)).worksheets[0].iter_rows(min_row=2, values_only=True)]
    text = body.decode("utf-8")
    if name == "jsonl":
        return [list(json.loads(line).values()) for line in text.splitlines()]
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=";" if name == "excel-csv" else ","))[1:]


@pytest.mark.parametrize("name", TABLES)
def test_every_canary_comes_out_as_one_text_in_its_place(name: str) -> None:
    body = written(name, ["headline", "end"], [(canary, "end") for canary in CANARIES])
    rows = read(name, body)
    assert [row[1] for row in rows] == ["end"] * len(CANARIES)
    for canary, (text, _) in zip(CANARIES, rows, strict=True):
        assert isinstance(text, str)
        if name != "jsonl":  # there an escape keeps them from acting
            assert not set(text) & set("\x00\x1b\u202e\u202c\ufffe")
        if canary in FORMULAS and name in ("csv", "excel-csv"):
            assert text.startswith("'")
    if name != "xlsx":
        assert not any(sign.encode() in body for sign in "\x00\x1b\u202e\ufffe")
    assert rows[CANARIES.index("javascript:alert(1)")][0] == "javascript:alert(1)"


def test_json_lines_keep_everything_but_what_no_database_takes_back() -> None:
    rows = read("jsonl", written("jsonl", ["t", "n", "f", "x", "none"], [(c, 7, 0.5, float("inf"), None) for c in CANARIES]))
    assert [row[0] for row in rows] == [c.replace("\ud800", "\ufffd").replace("\x00", "\ufffd") for c in CANARIES]
    assert rows[0][1:] == [7, 0.5, None, None]


def cells(rows: list[tuple[Any, ...]], columns: list[str]) -> Any:
    return load_workbook(io.BytesIO(written("xlsx", columns, rows))).worksheets[0]


def test_workbook_has_no_formula_and_no_link_but_of_the_web() -> None:
    urls = [
        "https://a.example/x?a=1&b=2#c",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "http://a.example/\u202egnp",
        "//a.example",
        "HTTP:",
    ]
    sheet = cells([(c, url) for c, url in zip(CANARIES, urls * 9, strict=False)], ["headline", "url"])
    kinds = {cell.data_type for row in sheet.iter_rows() for cell in row}
    assert kinds == {"inlineStr"} or kinds <= {"s", "inlineStr", "n"}
    assert "f" not in kinds
    links = {cell.hyperlink.target for row in sheet.iter_rows() for cell in row if cell.hyperlink}
    assert links == {"https://a.example/x?a=1&b=2"}
    with zipfile.ZipFile(io.BytesIO(written("xlsx", ["headline"], [(c,) for c in CANARIES]))) as archive:
        for name in archive.namelist():
            tree = etree.fromstring(archive.read(name))  # valid XML, every part
            assert not tree.findall(".//{*}f")


def test_workbook_dates_are_dates_at_the_desk_and_no_more_precise_than_they_are() -> None:
    times = [
        "2024-06-13T22:30:00Z",
        "2024-01-01T23:30:00Z",
        "2024-06-13",
        "2024-06",
        "2023-21",
        "",
        None,
        "9999-12-31T23:30:00Z",
        "1850-01-01",
    ]
    sheet = cells([(time, "2024-06-13") for time in times], ["published", "headline"])
    found = [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)]
    expected = [datetime(2024, 6, 14, 0, 30), datetime(2024, 1, 2, 0, 30), datetime(2024, 6, 13), "2024-06", "2023-21"]  # noqa: DTZ001
    assert found == [*expected, None, None, "9999-12-31T23:30:00Z", "1850-01-01"]
    assert sheet["A2"].number_format == "dd.mm.yyyy hh:mm" and sheet["A4"].number_format == "dd.mm.yyyy"
    assert sheet["B2"].value == "2024-06-13"  # a headline is none


def test_workbook_is_laid_out_for_reading() -> None:
    sheet = cells([("Ein Satz", 7, 0.5, 10**17, "x" * 40_000)], ["sentence", "copies", "share", "number", "headline"])
    assert sheet.freeze_panes == "A2" and sheet.auto_filter.ref == "A1:E2"
    assert sheet["A2"].alignment.wrap_text and sheet.column_dimensions["A"].width > 60 and sheet["A1"].font.bold
    assert [cell.value for cell in sheet[2]][:4] == ["Ein Satz", 7, 0.5, str(10**17)]
    assert len(sheet["E2"].value) == LONGEST and sheet["E2"].value.endswith("…")


def test_workbook_goes_on_in_another_sheet_and_without_links_when_excel_takes_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "ROWS", 3)
    monkeypatch.setattr(workbook, "LINKS", 2)
    book = load_workbook(io.BytesIO(written("xlsx", ["url"], [(f"http://a.example/{n}",) for n in range(7)])))
    assert [sheet.title for sheet in book] == ["coverage", "coverage 2", "coverage 3"]
    assert [cell.value for sheet in book for (cell,) in sheet.iter_rows(min_row=2)] == [f"http://a.example/{n}" for n in range(7)]
    assert [sum(bool(cell.hyperlink) for (cell,) in sheet.iter_rows()) for sheet in book] == [2, 2, 1]
    assert list(load_workbook(io.BytesIO(written("xlsx", ["url"], []))).worksheets[0].values) == [("url",)]


def test_workbook_of_the_same_rows_is_the_same_file_and_memory_stays_flat() -> None:
    rows = [("Pjöngjang", 1)]
    assert written("xlsx", ["headline", "n"], rows) == written("xlsx", ["headline", "n"], rows)
    write = FORMATS["xlsx"].write
    with Path(os.devnull).open("wb") as nowhere:
        tracemalloc.start()
        try:
            assert write
            write(nowhere, Sheet("coverage", ["headline", "n"], ((f"Satz {n} über Raketen", n) for n in range(20_000)), BERLIN, NOON))
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < 2_000_000  # bytes; the rows take more, the links of a sheet would, too


def test_excel_csv_has_times_of_the_desk_and_ids_that_stay_ids() -> None:
    rows = [("2024-06-13T22:30:00Z", "2024-06-13", "12345678901234e5", "12e5"), ("2024-06", None, "f00a490954f7e231", "y" * 40_000)]
    text = written("excel-csv", ["changed_at", "published", "id", "headline"], rows).decode("utf-8-sig")
    first, second = list(csv.reader(io.StringIO(text), delimiter=";"))[1:]
    assert first == ["2024-06-14 00:30:00", "2024-06-13", "'12345678901234e5", "12e5"]
    assert second[:3] == ["2024-06", "", "f00a490954f7e231"] and len(second[3]) == LONGEST


@pytest.mark.parametrize(
    ("name", "excel", "output", "found"),
    [
        (None, False, None, None), (None, False, "-", None), (None, False, "a.txt", None), (None, False, "a.csv", "csv"),
        (None, True, "-", "excel-csv"), (None, True, "a.csv", "excel-csv"), (None, True, "a.XLSX", "xlsx"),
        (None, False, "a.ndjson", "jsonl"),
        (None, False, "a.html", "brief"), (None, False, "a.md", "brief-md"), ("jsonl", False, "a.csv", "jsonl"),
        ("csv", True, "a", "excel-csv"),
    ],
)  # fmt: skip
def test_format_is_that_asked_for_or_that_of_the_file_s_ending(
    name: str | None, excel: bool, output: str | None, found: str | None
) -> None:
    form = chosen(name, excel, output)
    assert (form.name if form else None) == found


@pytest.mark.parametrize(("name", "output"), [("jsonl", "-"), (None, "a.jsonl"), (None, "a.html")])
def test_formats_that_contradict_each_other_are_refused(name: str | None, output: str) -> None:
    with pytest.raises(BadUsageError, match="--excel"):
        chosen(name, True, output)


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "http://a.example/ x", "http:///x", "http://[", "https://a\x00", "x"]
)
def test_what_is_no_address_of_the_web_is_no_link(url: str) -> None:
    assert not is_web(url)
    assert is_web("https://www.taz.de/!5963840/") and is_web("http://한국.example/a?b=c#d")


def test_text_is_cut_where_excel_counts_and_never_within_a_character() -> None:
    assert cut("😀" * 10, 7) == "😀😀😀…"
    assert cut("abc", 3) == "abc"
    assert plain("Pjöngjang\n\t북한 👍🏽 e\u0301") == "Pjöngjang\n\t북한 👍🏽 e\u0301"
