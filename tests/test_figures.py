"""How many, of what, and between which bounds: the figures of a text."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.figures import figures
from pipelines.story import StoryError, load_story
from tests.conftest import ROOT

STORY = load_story(ROOT / "seeds" / "story.toml")
Bounds = tuple[float | None, float | None, str, str]


def found(text: str, language: str = "de") -> list[Bounds]:
    return [(f.low, f.high, f.unit, f.hedge) for f in figures(text, STORY, language=language)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Der Dienst zählte 4.200 Container.", (4200, 4200, "container", "exact")),
        ("Der Dienst zählte 4 200 Container.", (4200, 4200, "container", "exact")),
        ("Der Dienst zählte 4’200 Container.", (4200, 4200, "container", "exact")),
        ("Geliefert wurden 2,4 Mio. Schuss.", (2_400_000, 2_400_000, "shell", "exact")),
        ("Geliefert wurden 1.5 Millionen Granaten.", (1_500_000, 1_500_000, "shell", "exact")),
        ("Siebzehn Frachter lagen vor Anker.", (17, 17, "ship", "exact")),
        ("Fünfzehntausend Mann rückten ein.", (15_000, 15_000, "soldier", "exact")),
        ("Drei Dutzend Haubitzen wurden gesehen.", (36, 36, "launcher", "exact")),
        ("Mit einer halben Milliarde Dollar rechnet Seoul.", (5e8, 5e8, "dollar", "exact")),
        ("Zugesagt sind dreieinhalb Millionen Granaten.", (3_500_000, 3_500_000, "shell", "exact")),
        ("Fünf bis sechs Millionen Granaten fehlen.", (5_000_000, 6_000_000, "shell", "exact")),
        ("Etwa 40 bis 50 Waggons standen dort.", (40, 50, "wagon", "about")),
        ("Zwischen 300 und 400 Arbeiter kamen an.", (300, 400, "worker", "exact")),
        ("Zehntausende Soldaten sollen folgen.", (10_000, None, "soldier", "at_least")),
        ("Mehrere Dutzend Raketen seien unterwegs.", (24, None, "missile", "at_least")),
        ("Hunderte Millionen Dollar flossen.", (1e8, None, "dollar", "at_least")),
        ("Kaum 400 Drohnen kamen an.", (None, 400, "drone", "under")),
        ("Keine 30 Raketen trafen.", (None, 30, "missile", "under")),
        ("Die Liste nennt 60+ Frachter.", (60, None, "ship", "at_least")),
    ],
)
def test_numbers_are_read_however_they_are_written(text: str, wanted: Bounds) -> None:
    assert found(text) == [wanted]


def test_a_decimal_of_a_scale_is_the_number_that_is_written() -> None:
    for tenths in range(10, 1000):
        written = f"{tenths // 10},{tenths % 10}"
        assert found(f"Gezählt wurden {written} Millionen Granaten.") == [(tenths * 10**5, tenths * 10**5, "shell", "exact")]
        (ranged,) = found(f"Gezählt wurden {written} bis 100 Milliarden Dollar.")
        assert ranged[:2] == (tenths * 10**8, 10**11)


@pytest.mark.parametrize(
    ("hedge", "wanted"),
    [
        ("Rund 800 Drohnen", (800, 800, "about")),
        ("Wenigstens 800 Drohnen", (800, None, "at_least")),
        ("Nicht weniger als 800 Drohnen", (800, None, "at_least")),
        ("Gut 800 Drohnen", (800, None, "more_than")),
        ("Deutlich mehr als 800 Drohnen", (800, None, "more_than")),
        ("Maximal 800 Drohnen", (None, 800, "up_to")),
        ("Nicht mehr als 800 Drohnen", (None, 800, "up_to")),
        ("Beinahe 800 Drohnen", (None, 800, "under")),
        ("Höchstens noch 800 Drohnen", (None, 800, "up_to")),
        ("800 oder mehr Drohnen", (800, None, "at_least")),
    ],
)
def test_a_hedge_opens_the_bound_it_speaks_of(hedge: str, wanted: tuple[float | None, float | None, str]) -> None:
    assert found(f"{hedge} seien im Einsatz.") == [(wanted[0], wanted[1], "drone", wanted[2])]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("More than 2,500 containers left.", (2500, None, "container", "more_than")),
        ("As many as 900 workers could follow.", (None, 900, "worker", "up_to")),
        ("Nearly two dozen launchers arrived.", (None, 24, "launcher", "under")),
        ("Hundreds of thousands of shells were shipped.", (100_000, None, "shell", "at_least")),
        ("Between 3,000 and 4,000 troops are there.", (3000, 4000, "soldier", "exact")),
        ("The firm earned $2.5m from it.", (2_500_000, 2_500_000, "dollar", "exact")),
        ("Some 30 of the trains were empty.", (30, 30, "train", "about")),
        ("A quarter of a million rounds were fired.", (250_000, 250_000, "shell", "exact")),
        ("Kyiv handed over 300 shells.", (300, 300, "shell", "exact")),
        ("He said 400 were wounded.", (400, 400, "casualty", "exact")),
        ("Seoul counts 300-plus launchers.", (300, None, "launcher", "at_least")),
        ("Seoul counts 2.3 million-plus rounds.", (2_300_000, None, "shell", "at_least")),
        ("A brief speaks of 9K workers.", (9000, 9000, "worker", "exact")),
    ],
)
def test_english_counts_likewise(text: str, wanted: Bounds) -> None:
    assert found(text, "en") == [wanted]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Es kamen 60 mit Granaten beladene Waggons.", [(60, "wagon")]),
        ("Im Hafen lagen 20 Containerschiffe.", [(20, "ship")]),
        ("Gezählt wurden 12 Raketenwerfer und 30 Raketen.", [(12, "launcher"), (30, "missile")]),
        ("Erst waren es 500, dann 700 Arbeiter.", [(500, "worker"), (700, "worker")]),
        ("Die Zahl der Drohnen stieg auf 450.", [(450, "drone")]),
        ("Von den 900 Soldaten sind 300 zurück, 80 davon verletzt.", [(900, "soldier"), (300, "soldier"), (80, "soldier")]),
        ("Seoul zählt 900 Container und mehr als 20 Frachter.", [(900, "container"), (20, "ship")]),
        ("Verschickt wurden 30 152-Millimeter-Haubitzen.", [(30, "launcher")]),
        ("Gemeldet sind 400 Gewehr- und Mörsergranaten.", [(400, "shell")]),
        ("Gemeldet sind 400 Minen-, Gewehr- und Mörsergranaten.", [(400, "shell")]),
        ("Die Zahl der Soldaten stieg auf 12.000 und 30 Prozent davon sind krank.", [(12_000, "soldier")]),
        ("Züge: 40. Waggons: rund 900.", [(40, "train"), (900, "wagon")]),
        ("Die Tafel nennt Raketen (150) und Schiffe (2.100).", [(150, "missile"), (2100, "ship")]),
        ("Auf 7.400 beziffert Seoul die Zahl der Waggons.", [(7400, "wagon")]),
    ],
)
def test_every_number_finds_what_it_counts(text: str, wanted: list[tuple[float, str]]) -> None:
    assert [(low, unit) for low, _, unit, _ in found(text)] == wanted


@pytest.mark.parametrize(
    "text",
    [
        "Im Frühjahr 2024 Granaten, im Herbst Soldaten.",
        "Am 14. November fuhren Züge, 9 Grad kalt war es.",
        "Der 27-jährige Soldat lief über.",
        "Nach 18 Monaten fehlten Raketen.",
        "Die Rakete flog 480 Kilometer weit.",
        "Rund 40 Prozent der Granaten sind Blindgänger.",
        "152-mm-Granaten und 240-mm-Raketenwerfer wurden gefunden.",
        "T-62-Panzer und KN-24-Raketen rollten vorbei.",
        "Resolution 2270 nennt Raketen, Artikel 7 Soldaten.",
        "Die vierte Lieferung umfasste Granaten.",
        "Die 11. Division stellte Soldaten.",
        "Eine Rakete und ein Schiff genügten.",
        "Einige tausend Soldaten üben noch.",
        "Zwei von drei Granaten versagen.",
        "Das Spiel der Soldaten endete 4:2.",
        "Sechs Raketenfabriken arbeiten rund um die Uhr.",
        "Für Granaten im Wert von Milliarden fehlt das Geld.",
        "Auskunft zu den Schiffen: 040 1234567.",
        "Drei Feldzüge später fehlen Soldaten.",
        "Die Soldaten, 22 und 27 Jahre alt, schweigen.",
        "Die Soldaten (22) und (27) schweigen.",
        "Er sah die Raketen: 2023 bei einer Parade.",
        "Auf 900 Metern Höhe liegt die Zahl der Raketen.",
        "Auf 5.000 klettert der Index trotz der Raketen.",
        "Als der Index auf 5.000 kletterte, stieg die Zahl der Raketen.",
        "Gezeigt wurden 30 Gewehr- und Munitionskisten.",
    ],
)
def test_years_ages_distances_types_and_names_are_no_figures(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Rund 9.000 Nordkoreaner üben im Fernen Osten.", [(9000, "soldier")]),
        ("Im Januar fielen dort 250 Nordkoreaner.", [(250, "casualty")]),
        ("600 Nordkoreaner wurden verwundet, weitere 900 folgen.", [(600, "casualty"), (900, "soldier")]),
        ("Unter den Gefallenen sind 250 Nordkoreaner.", [(250, "casualty")]),
        ("Die Hälfte der 9.000 Nordkoreaner wurde verwundet.", [(9000, "soldier")]),
        ("Nach Alabuga ziehen 4.000 Nordkoreaner als Arbeiter.", [(4000, "worker")]),
        ("9.000 Nordkoreaner kämpfen mit, heißt es, viele Russen wurden verwundet.", [(9000, "soldier")]),
        ("Kiew zählt 600 Tote und 3.000 Nordkoreaner im Einsatz.", [(600, "casualty"), (3000, "soldier")]),
        ("9.000 Nordkoreaner kämpfen mit. Verwundet wurden viele.", [(9000, "soldier")]),
    ],
)
def test_people_named_by_their_nation_are_what_their_clause_says(text: str, wanted: list[tuple[float, str]]) -> None:
    assert [(low, unit) for low, _, unit, _ in found(text)] == wanted


def test_a_figure_is_written_from_its_hedge_to_its_unit() -> None:
    text = "Seoul meldet „mehr als 700“ schwere Granaten."
    (figure,) = figures(text, STORY, language="de")
    assert figure.as_written == "mehr als 700“ schwere Granaten"
    assert text[figure.offset :].startswith(figure.as_written)


@pytest.mark.parametrize(
    ("text", "language", "wanted"),
    [
        ("Plus de 9 000 conteneurs ont quitté le port.", "fr", (9000, None, "container", "more_than")),
        ("Séoul parle de 1,5 million d'obus.", "fr", (1_500_000, 1_500_000, "shell", "exact")),
        ("Hasta 12.000 soldados norcoreanos.", "es", (None, 12_000, "soldier", "up_to")),
        ("Circa 3 milioni di proiettili.", "it", (3_000_000, 3_000_000, "shell", "about")),
        ("Zeker 10.000 tot 12.000 militairen.", "nl", (10_000, 12_000, "soldier", "exact")),
        ("Около 11 тыс. северокорейских солдат.", "ru", (11_000, 11_000, "soldier", "about")),
        ("Понад 100 ракет отримала Москва.", "uk", (100, None, "missile", "more_than")),
        ("Ponad 10 tys. żołnierzy.", "pl", (10_000, None, "soldier", "more_than")),
        ("북한군 1만1500명이 이동했다.", "ko", (11_500, 11_500, "soldier", "exact")),
        ("2천500여 명의 병사가 훈련 중이다.", "ko", (2500, None, "soldier", "more_than")),
        ("1억 2000만 달러를 받았다.", "ko", (120_000_000, 120_000_000, "dollar", "exact")),
        ("포탄 800만발과 수행원 100명.", "ko", (8_000_000, 8_000_000, "shell", "exact")),
        ("탄약 약 40만 발.", "ko", (400_000, 400_000, "shell", "about")),
        ("最大3000人の労働者が働く。", "ja", (None, 3000, "worker", "up_to")),
        ("砲弾は70万発近くに上る。", "ja", (None, 700_000, "shell", "under")),
        ("朝方派出三千名工人。", "zh", (3000, 3000, "worker", "exact")),
        ("至少2.5万吨。", "zh", (25_000, None, "tonne", "at_least")),
    ],
)
def test_further_languages_are_read_in_brief(text: str, language: str, wanted: Bounds) -> None:
    assert found(text, language) == [wanted]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("회의는 13일에 32개국이 참석했다. 병력은 없었다.", "ko"),
        ("병사들이 도착했다. 3000명이 지켜봤다.", "ko"),
        ("미사일 한 발, 탄두 1발.", "ko"),
        ("미사일 KN-23 발사 장면.", "ko"),
        ("포탄 2024년 생산분.", "ko"),
        ("병력 문제를 오래 논의한 이번 국제 회의에는 모두 대표단 3000명이 왔다.", "ko"),
        ("兵士の数は不明だ。3000人が見守った。", "ja"),
        ("条約3000条、兵士はいない。", "ja"),
        ("士兵们抵达。共有3000人围观。", "zh"),
        ("2024年10月,士兵抵达。", "zh"),
        ("士兵乘坐T-62坦克,型号KN-23。", "zh"),
    ],
)
def test_days_models_and_what_another_sentence_names_are_no_figures_in_the_east(text: str, language: str) -> None:
    assert found(text, language) == []


def test_a_language_whose_numbers_are_not_known_has_no_figures() -> None:
    assert found("1.000 konteynır", "tr") == []
    assert found("1.000 Container", "") == []


def test_a_story_without_quantities_has_no_figures(tmp_path: Path) -> None:
    text = (ROOT / "seeds" / "story.toml").read_text(encoding="utf-8")
    (tmp_path / "story.toml").write_text(text[: text.index("[[quantity]]")], encoding="utf-8")
    story = load_story(tmp_path / "story.toml")
    assert story.quantities == () and figures("500 Container", story, language="de") == []


@pytest.mark.parametrize(
    ("block", "named"),
    [
        ('unit = "Fass Öl"\n[quantity.words]\nde = ["Fass"]', "unit"),
        ('unit = "cask"\n[quantity.words]\nde = ["Fa*ss"]', "Fa*ss"),
        ('unit = "cask"', "words"),
        ('unit = "ship"\n[quantity.words]\nde = ["Kahn"]', "'ship'"),
        ('unit = "cask"\nunless = ["barel"]\n[quantity.words]\nde = ["Fass"]', "'barel'"),
    ],
)
def test_a_wrong_quantity_is_named(block: str, named: str, tmp_path: Path) -> None:
    text = (ROOT / "seeds" / "story.toml").read_text(encoding="utf-8")
    (tmp_path / "story.toml").write_text(f"{text}\n[[quantity]]\n{block}\n", encoding="utf-8")
    with pytest.raises(StoryError, match="quantity") as error:
        load_story(tmp_path / "story.toml")
    assert named in str(error.value)


WORDS = st.sampled_from(
    "1.000 12 2023 3,5 Millionen mehr als bis zu und oder rund der mit Soldaten Container Granaten beladene eine halbe ein Dutzend Hunderte"
    " . , : – - \n „ “ ? zwischen 152-mm $ 5bn half a million of the shells troops between handed over 1e9 9 ² ½ ٣ ß İ"
    " Nordkoreaner getötet Mörser- ( ) + -plus 11K Auf Zahl der"
    " 북한군 1만 2천 여 명 이상 약 포탄 ~ 砲弾 万 発 名 士兵 一 约 。 ٣万".split(" ")
)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=200), st.lists(WORDS, max_size=40).map(" ".join)), st.sampled_from(["de", "en", "ko", "ja", "zh"]))
def test_any_text_gives_figures_that_stand_in_it_with_bounds_in_order(text: str, language: str) -> None:
    for figure in figures(text, STORY, language=language):
        assert text[figure.offset :].startswith(figure.as_written) and figure.as_written.strip()
        assert figure.low is not None or figure.high is not None
        assert figure.low is None or figure.high is None or 0 < figure.low <= figure.high


JUNK = ["9" * 300_000, "1," * 150_000, "million " * 37_000, "a'b" * 100_000, "eine halbe " * 27_000, "1 bis " * 50_000,
        "7 Nordkoreaner " * 20_000, "Auf 7 steigt " * 24_000]  # fmt: skip

EASTERN = [
    "1만" * 100_000,
    "병력 1만명 " * 30_000,
    "병력 " * 100_000 + "1만명",
    "。1명" * 70_000,
    "9,999" * 60_000,
    "1만 2천 3백 " * 30_000,
]


@pytest.mark.parametrize(("junk", "language"), [*((junk, "de") for junk in JUNK), *((junk, "ko") for junk in EASTERN)])
def test_300_kilobytes_of_junk_are_read_in_time(junk: str, language: str) -> None:
    begun = time.process_time()
    figures(junk, STORY, language=language)
    assert time.process_time() - begun < 20  # linear: 1 to 4 seconds on a slow machine, hours if it were not
