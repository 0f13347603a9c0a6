"""The example articles: copied by hand, read as articles, filed once."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from pipelines.article import Article
from pipelines.seed import SeedError, read_seed, seed_files
from pipelines.story import Story
from tests.conftest import ROOT, Desk

SEEDS = ROOT / "seeds"
NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)


class Seed(NamedTuple):
    """What must be read from one of the five files."""

    file: str
    headline: str
    begins: str
    ends: str
    published: str | None
    agency: str
    paragraphs: int


FIVE = [
    Seed(
        "000_322fc35965ecb5ab",
        "Nordkorea hat Russland nach US-Angaben „mehr als tausend Container“",
        "Nordkorea hat Russland nach US-Angaben „mehr als tausend Container“ mit militärischer Ausrüstung",
        "die im Krieg gegen die Ukraine eine wichtige Rolle spielte.",
        "2023-10",
        "",
        7,
    ),
    Seed(
        "001_8d9d5a7c66cc8664",
        "Nordkorea liefert laut USA heimlich Munition an Russland für Krieg in der Ukraine",
        "Die USA haben Nordkorea vorgeworfen, heimlich eine «bedeutende» Menge Artilleriemunition",
        "um unter falscher Flagge selbst Atomwaffen einzusetzen.",
        None,
        "",
        11,
    ),
    Seed(
        "002_8cd6da2f7a34876a",
        "In einem kürzlich freigegebenen Geheimdienstbericht",
        "In einem kürzlich freigegebenen Geheimdienstbericht wird behauptet, dass Russland Millionen",
        "Nordkorea seiner Atomwaffen zu berauben, erschwert.“",
        "2022-09",
        "",
        9,
    ),
    Seed(
        "003_d94d5e9d380f4a3d",
        "Nordkorea unterstützt nun Russland im Kampf gegen die Ukraine",
        "Nach Angaben des Weißen Hauses hat Nordkorea mehr als tausend Container mit Munition",
        "bis die westliche Unterstützung zerbröckelt?",
        None,
        "",
        18,
    ),
    Seed(
        "004_742f8b1515dd0f11",
        "7000 Container: Putins Krieg läuft mit Nachschub aus Nordkorea",
        "Russland hat 2023 Massen an Waffen und Munition aus Nordkorea erhalten.",
        "vier Atomwaffentests, den bisher letzten 2017.",
        None,
        "AFP",
        9,
    ),
]  # fmt: skip


@pytest.fixture(params=FIVE, ids=lambda seed: seed.file)
def five(request: pytest.FixtureRequest, story: Story) -> tuple[Seed, Article]:
    """One of the five, as expected and as read."""
    seed: Seed = request.param
    return seed, read_seed(SEEDS / f"{seed.file}.txt", story, now=NOW)


def seeded(folder: Path, text: str | bytes, story: Story) -> Article:
    path = folder / "made-up.txt"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_seed(path, story, now=NOW)


def test_the_five_are_all_there_are() -> None:
    assert [path.stem for path in seed_files(SEEDS)] == [seed.file for seed in FIVE]


def test_headline_is_the_article_s_or_its_first_words(five: tuple[Seed, Article]) -> None:
    seed, article = five
    shown = article.headline
    if not shown.endswith("…"):
        assert shown == seed.headline
    else:
        assert shown.startswith(seed.headline)
        assert article.text.startswith(shown.removesuffix(" …"))
        assert len(shown) <= 102


def test_text_begins_and_ends_as_the_article_does(five: tuple[Seed, Article]) -> None:
    seed, article = five
    assert article.text.startswith(seed.begins)
    assert article.text.endswith(seed.ends)
    assert len(article.text.split("\n")) == seed.paragraphs
    assert all(line == line.strip() != "" for line in article.text.split("\n"))


@pytest.mark.parametrize(
    "furniture", ["Startseite", "Kommentare", "Drucken", "Auch interessant", "IMAGO", "©", "(erpe/AFP)", "Weltraumbahnhof von", "date 20"]
)
def test_no_breadcrumb_caption_or_end_mark_stands_in_a_text(five: tuple[Seed, Article], furniture: str) -> None:
    assert furniture not in five[1].text
    assert furniture not in five[1].headline


def test_furniture_was_there_to_be_left_out() -> None:
    raw = (SEEDS / "004_742f8b1515dd0f11.txt").read_text(encoding="utf-8")
    for furniture in ("1. Startseite", "KommentareDrucken", "Auch interessant", "IMAGO/Sven Simon", "(erpe/AFP)", "Weltraumbahnhof von"):
        assert furniture in raw


def test_date_has_the_precision_that_the_file_gives(five: tuple[Seed, Article]) -> None:
    seed, article = five
    if seed.published is None:
        assert article.published is None
    else:
        assert article.published is not None
        assert (article.published.edtf, article.published.precision, article.published.instant) == (seed.published, "month", None)
    assert article.fetched_at is None
    assert article.modified is None


def test_agency_is_a_credit_and_no_source_that_is_quoted(five: tuple[Seed, Article]) -> None:
    seed, article = five
    assert article.agency == seed.agency  # 002 and 003 quote AP and Reuters


def test_seed_is_on_the_story_german_and_named_by_its_file(five: tuple[Seed, Article]) -> None:
    seed, article = five
    assert article.url == f"seed:{seed.file}"
    assert (article.seed, article.outlet, article.language) == (True, None, "de")
    assert article.relevance.on_story


def test_no_day_is_made_up_from_a_month(five: tuple[Seed, Article]) -> None:
    written = [mention.as_written for mention in five[1].mentions]
    assert not [words for words in written if "Freitag" in words or "Mittwoch" in words or "Wochen" in words]
    assert not [mention for mention in five[1].mentions if mention.edtf == NOW.date().isoformat()]


@pytest.mark.parametrize(
    ("date", "friday"), [("2023-10-14", ["2023-10-13"]), ("2023-10-13", ["2023-10-13"]), ("2023-10", []), ("2023", []), ("", [])]
)
def test_friday_is_a_day_only_where_the_seed_has_one(tmp_path: Path, story: Story, date: str, friday: list[str]) -> None:
    said = "Nordkorea hat Russland Munition geliefert, sagte Kirby am Freitag in Washington."
    article = seeded(tmp_path, f"date {date} {said}" if date else said, story)
    assert [mention.edtf for mention in article.mentions] == friday
    assert article.text == said
    assert (article.published.edtf if article.published else "") == date


@pytest.mark.parametrize("date", ["2023-13", "2023-02-30", "2999-01"])
def test_impossible_date_is_none(tmp_path: Path, story: Story, date: str) -> None:
    article = seeded(tmp_path, f"date {date} Nordkorea hat Russland Munition geliefert.", story)
    assert article.published is None


@pytest.mark.parametrize(
    "raw",
    [
        b"Kim liefert\r\n\r\nNordkorea schickt Russland Munition.\r\n",
        "\ufeffKim liefert\n\nNordkorea schickt Russ\u00adland Munition.".encode(),
        "Kim liefert\n\nNordkorea schickt\nRussland Munition.\n\n\n".encode("utf-16"),
        b"Kim liefert\n\n  1. Startseite\n  2. Politik\n\nNordkorea schickt Russland Munition.\n\nKommentare",
        "Kim liefert\nNordkorea schickt Russland Munition.\nSchöner Kai. Foto: dpa".encode("cp1252"),
    ],
)
def test_seed_is_read_however_the_hand_saved_it(tmp_path: Path, story: Story, raw: bytes) -> None:
    article = seeded(tmp_path, raw, story)
    assert (article.headline, article.text) == ("Kim liefert", "Nordkorea schickt Russland Munition.")


@pytest.mark.parametrize("text", ["", " \n\n\t", "\ufeff", "date 2023-10", "date 2023-10 \n\n", "Startseite\n\nKommentare\n", "* * *"])
def test_seed_without_an_article_is_named(tmp_path: Path, story: Story, text: str) -> None:
    with pytest.raises(SeedError, match=r"made-up\.txt: holds no article"):
        seeded(tmp_path, text, story)


def test_empty_seed_file_ends_the_command_with_a_sentence(desk: Desk, tmp_path: Path) -> None:
    shutil.copy(SEEDS / "story.toml", tmp_path)
    (tmp_path / "leer.txt").write_text("\n", encoding="utf-8")
    done = desk.run("seed", code=2, STORY=str(tmp_path / "story.toml"))
    assert f"nachlese: {tmp_path / 'leer.txt'}: holds no article" in done.stderr
    assert "Traceback" not in done.stderr


def test_seeding_twice_changes_nothing(desk: Desk) -> None:
    tables = ("articles", "clusters", "sentences", "imprints", "postings", "dates", "reuse", "versions", "decisions", "runs", "entries")
    assert desk.run("seed").stdout == "5 seeds, 5 of them new or changed\n"
    before = {table: [tuple(row) for row in desk.rows(f"SELECT * FROM {table}")] for table in tables}
    assert len(before["articles"]) == 5
    assert len(before["sentences"]) > 60
    assert desk.run("seed").stdout == "5 seeds, 0 of them new or changed\n"
    assert {table: [tuple(row) for row in desk.rows(f"SELECT * FROM {table}")] for table in tables} == before
    assert [row["relation"] for row in desk.rows("SELECT relation FROM articles")] == ["seed"] * 5
    assert desk.rows("SELECT * FROM coverage") == []  # seeds alone are no news
