"""`scrapy export`: every view as CSV, since when, for spreadsheets, whole or not at all."""

from __future__ import annotations

import argparse
import csv
import io
import os
import shutil
import sqlite3
import tracemalloc
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

import pytest
from scrapy.settings import Settings

from crawler.command import BadUsageError
from crawler.commands.export import Command, desk_time
from crawler.exports.cells import Sheet
from crawler.exports.json_lines import write_json_lines
from crawler.exports.separated import TOGETHER, write_csv, write_excel
from crawler.sources import load_sources
from pipelines.article import Article, Entry, Fetch, Page, Sentence, Verdict
from pipelines.compose import compose
from pipelines.evidence import Extract, Figure
from pipelines.file import Filer
from pipelines.read import reading
from pipelines.seed import read_seed, seed_files
from pipelines.store import Store
from pipelines.store.reader import Reader
from pipelines.story import Story
from pipelines.views import VIEWS
from tests.conftest import ROOT, Desk
from tests.internet import WEB

NOON = datetime(2024, 6, 14, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
ODD = 'Kim: „Granaten“; "nie",\nsagt Pjöngjang'
REPORT = "\n".join(
    f"Nordkorea hat Russland am {day}. Juni {day * 100} Container voll Munition geschickt, wie Seoul meldet; Moskau schweigt dazu weiter."
    for day in range(3, 9)
)
AT_MIDNIGHTS = [  # a second before and at the desk's midnight, around both changes of the clock
    datetime(2024, 3, 30, 22, 59, 59, tzinfo=UTC), datetime(2024, 3, 30, 23, tzinfo=UTC),
    datetime(2024, 3, 31, 21, 59, 59, tzinfo=UTC), datetime(2024, 3, 31, 22, tzinfo=UTC),
    datetime(2024, 10, 26, 21, 59, 59, tzinfo=UTC), datetime(2024, 10, 26, 22, tzinfo=UTC),
    datetime(2024, 10, 27, 22, 59, 59, tzinfo=UTC), datetime(2024, 10, 27, 23, tzinfo=UTC),
]  # fmt: skip
FORMULAS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "\tx",
    "\r=1",
    " =1",
    "\u00a0=1",
    "\u3000=1",
    "  @x",
    "＝1",
    "＋1",
    "－1",
    "＠x",
    "\n=1",
]
HARMLESS = ["", "Kim = Putin", "7000", "a-b", "'=1", "„=1“", "–5 Grad", "5 % mehr", "(=1)"]


class Database:
    """A database that a test fills by hand."""

    def __init__(self, path: Path, story: Story) -> None:
        self.path, self.story = path, story
        self.store = Store.open(path)
        self.store.ledger.register(load_sources(WEB / "sources.toml"))
        self.filer = Filer(self.store, story.sha, self.store.ledger.open_run("feeds", NOON))

    def article(self, name: str, text: str, headline: str = "Container aus Nordkorea", outlet: str = "tagesfunk") -> Article:
        page = Page(f"http://{outlet}.example/{name}", f"http://{outlet}.example/{name}", 200, NOON, b"", outlet=outlet)
        return compose(page.url, Extract(headline, text, [], "de", None, [], [], False, "", None), self.story, page)

    def file(self, article: Article, at: datetime = NOON) -> None:
        page = Page(article.url, article.url, 200, at, b"", outlet=article.outlet)
        self.filer.file(reading(page, replace(article, fetched_at=at), archive=False), at)


def export(database: Path, *args: str) -> str:
    """What `scrapy export` writes into a file, run in this process."""
    command, parser = Command(), argparse.ArgumentParser()
    command.settings = Settings({"DATABASE": str(database), "STORY": str(ROOT / "seeds" / "story.toml")})
    command.add_options(parser)
    file = database.with_name("export.csv")
    command.work([], parser.parse_args([*args, "-o", str(file)]))
    with file.open(encoding="utf-8", newline="") as written:
        return written.read()


def written(write: Callable[[BinaryIO, Sheet], None], columns: list[str], rows: Iterable[tuple[Any, ...]]) -> str:
    """The text that a format makes of rows."""
    file = io.BytesIO()
    write(file, Sheet("coverage", columns, rows, BERLIN, NOON))
    return file.getvalue().decode()


def parsed(text: str, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, story: Story) -> Path:
    """A database with rows for every view."""
    desk = Database(tmp_path_factory.mktemp("filled") / "news.db", story)
    source = next(outlet for outlet in load_sources(WEB / "sources.toml") if outlet.id == "tagesfunk").sources[0]
    desk.filer.file(
        Fetch(source, NOON, "ok", 200, entries=(Entry("http://tagesfunk.example/a", "tagesfunk", source.url, NOON, "A"),)), NOON
    )
    desk.store.db.execute("UPDATE fetches SET contiguous = 0")
    desk.filer.file(Verdict("http://tagesfunk.example/aside", "page", "mention", "names it once", NOON, 0.2), NOON)
    first = replace(desk.article("a", REPORT), figures=(Figure("minus 1,5", 0, -1.5, None, "tonnes", "exact"),))
    desk.file(first)
    desk.file(replace(first, headline="Container aus Nordkorea, neue Fassung"))
    desk.file(desk.article("b", REPORT, outlet="rheinblatt"), NOON + timedelta(hours=1))
    desk.file(desk.article("c", "Nordkorea schickt Russland Raketen.", headline=ODD, outlet="rheinblatt"))
    desk.store.db.execute("INSERT INTO related SELECT max(id), min(id), 0.5 FROM articles")
    desk.store.close()
    return desk.path


@pytest.fixture(scope="module")
def dated(tmp_path_factory: pytest.TempPathFactory, story: Story) -> Path:
    """A database with an article filed at each of `AT_MIDNIGHTS`."""
    desk = Database(tmp_path_factory.mktemp("dated") / "news.db", story)
    for number, at in enumerate(AT_MIDNIGHTS):
        desk.file(desk.article(f"{number}", f"Nordkorea schickt Russland {number + 20} Züge.", headline=f"{at:%Y-%m-%dT%H:%M:%SZ}"), at)
    desk.store.close()
    return desk.path


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_is_exported_whole(filled: Path, view: str) -> None:
    reader = Reader(filled)
    with closing(reader.connection):
        rows = [dict(zip(reader.columns(view), row, strict=True)) for row in reader.ask(f"SELECT * FROM {view}")]
    assert rows
    assert parsed(export(filled, "--view", view)) == [{k: "" if v is None else str(v) for k, v in row.items()} for row in rows]


def test_coverage_goes_to_standard_output_by_default(filled: Path, desk: Desk) -> None:
    rows = parsed(desk.run("export", DATABASE=str(filled)).stdout)
    assert {row["headline"].split("\n")[0] for row in rows} == {"Container aus Nordkorea, neue Fassung", ODD.split("\n")[0]}
    assert {row["copies"] for row in rows} == {"0", "1"}


@pytest.mark.parametrize(("excel", "delimiter"), [([], ","), (["--excel"], ";")])
def test_quotes_newlines_and_umlauts_come_back_as_they_were(filled: Path, excel: list[str], delimiter: str) -> None:
    text = export(filled, "--view", "articles_list", *excel).removeprefix("\ufeff")
    assert ODD in [row["headline"] for row in parsed(text, delimiter)]


def test_excel_gets_a_byte_order_mark_and_semicolons(filled: Path) -> None:
    text = export(filled, "--view", "articles_list", "--excel")
    assert text.startswith("\ufeffid;published;headline;")
    assert text.count("\ufeff") == 1
    assert "Pjöngjang" in text
    assert text.endswith("\r\n")
    assert export(filled, "--view", "articles_list").startswith("id,published,headline,")


@pytest.mark.parametrize("write", [write_csv, write_excel])
@pytest.mark.parametrize(("cell", "kept"), [*((f, f"'{f}") for f in FORMULAS), *((text, text) for text in HARMLESS)])
def test_formula_gets_an_apostrophe_and_other_text_stays(write: Callable[[BinaryIO, Sheet], None], cell: str, kept: str) -> None:
    text = written(write, ["cell", "end"], [(cell, "x")])
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=";" if write is write_excel else ",")
    assert list(rows) == [["cell", "end"], [kept, "x"]]


@pytest.mark.parametrize("write", [write_csv, write_excel])
@pytest.mark.parametrize("odd", [*FORMULAS, *HARMLESS, "", None, 7, -1.5, "x" * 140_000, "ä" * 70_000])
def test_cell_among_many_of_its_column_is_written_as_it_is_alone(write: Callable[[BinaryIO, Sheet], None], odd: Any) -> None:
    others = [f"Zug {n}" for n in range(TOGETHER + 20)]
    alone = written(write, ["cell", "n"], [(odd, 1)]).split("\r\n", 1)[1]
    for place in (0, TOGETHER - 1, TOGETHER, TOGETHER + 19):
        rows = [(cell, 1) for cell in others]
        rows[place] = (odd, 1)
        text = written(write, ["cell", "n"], rows).split("\r\n", 1)[1]
        end = ";1\r\n" if write is write_excel else ",1\r\n"
        assert text == "".join(alone if at == place else f"{cell}{end}" for at, cell in enumerate(others))


@pytest.mark.parametrize("broken", [0, 3, 7])
def test_text_that_is_no_utf_8_costs_itself_alone(dated: Path, tmp_path: Path, broken: int) -> None:
    path = tmp_path / "news.db"
    shutil.copy(dated, path)
    with closing(sqlite3.connect(path)) as db, db:
        ids = [row[0] for row in db.execute("SELECT id FROM articles ORDER BY id")]
        db.execute("UPDATE articles SET headline = CAST(? AS TEXT) WHERE id = ?", [b"Z\xfcge", ids[broken]])
    rows = parsed(export(path, "--view", "articles_list"))
    assert [row["id"] for row in rows] == [str(number) for number in ids]
    assert [at for at, row in enumerate(rows) if row["headline"] == "Z\ufffdge"] == [broken]


def test_formula_in_a_headline_is_harmless_in_the_file(tmp_path: Path, story: Story) -> None:
    desk = Database(tmp_path / "news.db", story)
    desk.file(desk.article("a", "Nordkorea schickt Russland Raketen.", headline='=HYPERLINK("http://x.example";"Kim")'))
    desk.store.close()
    for view in ("articles_list", "coverage", "new_sentences"):
        assert [row["headline"] for row in parsed(export(desk.path, "--view", view))] == ['\'=HYPERLINK("http://x.example";"Kim")']


def test_negative_numbers_stay_numbers(filled: Path) -> None:
    assert "-1.5" in {row["low"] for row in parsed(export(filled, "--view", "figures_over_time"))}
    assert written(write_csv, ["n", "m", "none"], [(-7, -0.25, None)]) == "n,m,none\r\n-7,-0.25,\r\n"


def test_german_spreadsheet_gets_decimal_commas() -> None:
    rows = [(1.5,), (-0.25,), (7,), ("1.5",)]  # it would read 1.5 as the first of May
    assert written(write_excel, ["n"], rows) == "\ufeffn\r\n1,5\r\n-0,25\r\n7\r\n1.5\r\n"


@pytest.mark.parametrize(
    ("since", "kept"),
    [
        ("2024-03-30", AT_MIDNIGHTS),
        ("2024-03-31", AT_MIDNIGHTS[1:]),
        ("2024-04-01", AT_MIDNIGHTS[3:]),
        ("2024-10-27", AT_MIDNIGHTS[5:]),
        ("2024-10-28", AT_MIDNIGHTS[7:]),
        ("2024-10-28T00:00", AT_MIDNIGHTS[7:]),
        ("2024-10-27T22:59:59Z", AT_MIDNIGHTS[6:]),
        ("2024-10-29", []),
    ],
)
def test_since_a_bare_date_begins_at_the_desk_s_midnight(dated: Path, since: str, kept: list[datetime]) -> None:
    rows = parsed(export(dated, "--view", "articles_list", "--since", since))
    assert sorted(row["headline"] for row in rows) == [f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in kept]


@pytest.mark.parametrize("view", ["coverage", "new_sentences", "verdicts", "feed"])
def test_since_leaves_out_of_every_view_what_did_not_change(dated: Path, view: str) -> None:
    assert len(parsed(export(dated, "--view", view))) == 8
    assert len(parsed(export(dated, "--view", view, "--since", "2024-10-27"))) == 3


@pytest.mark.parametrize("since", ["gestern", "2024", "2024-02-30", "14.06.2024", "0001-01-01", "9999-12-31T23:00-10:00"])
def test_since_that_is_no_time_is_refused(since: str) -> None:
    with pytest.raises(BadUsageError, match="--since"):
        desk_time(since, BERLIN)


def test_unknown_view_is_a_usage_error_that_names_the_views(filled: Path, desk: Desk) -> None:
    done = desk.run("export", "--view", "nosuch", code=2, DATABASE=str(filled))
    assert "'nosuch'" in done.stderr
    assert all(view in done.stderr for view in VIEWS)
    assert done.stdout == ""


@pytest.mark.parametrize("write", [write_csv, write_json_lines])
def test_memory_stays_flat_for_twenty_thousand_rows(tmp_path: Path, story: Story, write: Callable[[BinaryIO, Sheet], None]) -> None:
    desk = Database(tmp_path / "news.db", story)
    said = [Sentence(f"Satz {n} über Raketen aus Pjöngjang.", 0, n) for n in range(20_000)]
    for part in range(20):
        desk.file(replace(desk.article(f"{part}", f"Zug {part}."), sentences=tuple(said[part * 1000 : (part + 1) * 1000])))
    desk.store.close()
    reader = Reader(desk.path)
    with closing(reader.connection), Path(os.devnull).open("wb") as nowhere:
        tracemalloc.start()
        try:
            write(nowhere, Sheet("new_sentences", reader.columns("new_sentences"), reader.rows("new_sentences"), BERLIN, NOON))
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert reader.ask("SELECT count(*) FROM new_sentences") == [(20_000,)]
    assert peak < 300_000  # bytes; the rows together take fifty times that


def test_seeds_alone_export_as_articles_but_not_as_coverage(tmp_path: Path, story: Story) -> None:
    desk = Database(tmp_path / "news.db", story)
    for file in seed_files(ROOT / "seeds"):
        assert desk.filer.file_seed(read_seed(file, story, now=NOON), NOON)
    desk.store.close()
    assert {row["relation"] for row in parsed(export(desk.path, "--view", "articles_list"))} == {"seed"}
    assert parsed(export(desk.path)) == []
