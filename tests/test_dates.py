"""Dates in running text and of publication: what they say, what they do not say, and that no text is too odd."""

from __future__ import annotations

import re
import time
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.dates import bounds, mentions, published
from pipelines.dates.english import ENGLISH as ENGLISH_WORDS
from pipelines.dates.german import GERMAN as GERMAN_WORDS
from pipelines.dates.lexicon import Lexicon
from pipelines.dates.words import MONTHS, WEEKDAYS
from pipelines.evidence import DateHint, Mention
from tests.quality.score import date_expressions, load, publication

WEDNESDAY = datetime.fromisoformat("2024-06-19T12:00:00+02:00")
GERMAN = {
    "Das teilte das Ministerium am Dienstag mit.": ["2024-06-18"],
    "Am Donnerstag werde der Ausschuss tagen.": ["2024-06-20"],
    "Putin reist am Freitag nach Hanoi.": ["2024-06-21"],
    "Nach dem am Montag veröffentlichten Bericht sind es mehr.": ["2024-06-17"],
    "Der am kommenden Montag geplante Besuch entfällt.": ["2024-06-24"],
    "Das war am frühen Dienstagmorgen bekannt geworden.": ["2024-06-18"],
    "Am Montag, Dienstag und Mittwoch kam es zu Angriffen.": ["2024-06-17", "2024-06-18", "2024-06-19"],
    "In der Nacht von Montag auf Dienstag fiel der Strom aus.": ["2024-06-17/2024-06-18"],
    "Bis zum 30. Juni müssen die Unterlagen vorliegen.": ["../2024-06-30"],
    "Von 2006 bis 2017 verhängte der Rat zehn Sanktionsrunden.": ["2006/2017"],
    "Kim war 2019 und 2023 in Russland.": ["2019", "2023"],
    "Seit September vergangenen Jahres kamen 5000 Container.": ["2023-09/.."],
    "Zwischen August 2023 und Februar 2024 kamen 6700 Container.": ["2023-08/2024-02"],
    "Am Dienstagabend um 20 Uhr (MESZ) sprach er.": ["2024-06-18T18:00:00Z"],
    "Sie trafen sich beim Gipfel (13. bis 15. Juni) in Italien.": ["2024-06-13/2024-06-15"],
    "Im kommenden Frühjahr will Seoul liefern.": ["2025-21"],
    "In der ersten Jahreshälfte 2024 nahm das zu.": ["2024-01/2024-06"],
    "Der Vertrag von 1961 gilt nicht mehr.": ["1961"],
    "Letztes Jahr Mai kamen 300 Container.": ["2023-05"],
}
ENGLISH = {
    "Putin visited Pyongyang on Tuesday and will fly to Hanoi on Thursday.": ["2024-06-18", "2024-06-20"],
    "The talks, which began Tuesday, are expected to end Friday.": ["2024-06-18", "2024-06-21"],
    "By Monday, troops had arrived.": ["../2024-06-17"],
    "Last year May they sent 300 containers.": ["2023-05"],
    "The summit will be held July 9-11 in Washington.": ["2024-07-09/2024-07-11"],
    "It was signed in 1961 and renewed in 2000.": ["1961", "2000"],
    "The 2022 invasion changed everything.": ["2022"],
    "Since the start of the year, exports rose.": ["2024-01-01/.."],
    "He spoke at 9:30 a.m. local time Tuesday.": ["2024-06-18"],
    "It was the first such launch since mid-May.": ["2024-05-11/.."],
    "By mid-2025 they will double.": ["../2025-07"],
    "Kim traveled to Russia last September.": ["2023-09"],
}
SILENT = {
    "de": [
        "Heute vor zwei Jahren begann der Krieg.",
        "Jeden Freitag tagt der Stab, am folgenden Montag berichtet er.",
        "Die Sitzung dauert von 10 bis 12 Uhr.",
        "Mitte der 1990er Jahre hungerte das Land.",
        "Noch am selben Tag dementierte Moskau.",
        "Klaus Sommer und Eva Mai trafen August Winter.",
        "Die Karl-Marx-Allee und der Platz des 9. November liegen weit auseinander.",
        "Guten Morgen, am Morgen danach schwieg er.",
        "Es sind 2000 Soldaten, 1990 Granaten und rund 2020 Container.",
        "Tel. 0228 2023, PLZ 1020 Wien, Zimmer 2012",
        "Vor wenigen Wochen, in den letzten Jahren, im Laufe der Zeit.",
        "In den vergangenen zwei Wochen war es ruhig.",
    ],
    "en": [
        "Over the last year trade grew, over the past two weeks it fell.",
        "Every Friday they march; the Friday Times may report it.",
        "More than two weeks ago it left.",
        "Nine days after the summit, Kim left.",
        "Jack May and April March fall out.",
    ],
}


def said(text: str, language: str = "de", anchor: datetime = WEDNESDAY) -> list[Mention]:
    return mentions(text, anchor=anchor, timezone="Europe/Berlin", language=language)


@pytest.mark.parametrize(("text", "wanted"), GERMAN.items())
def test_german_expressions_have_the_value_a_reader_gives_them(text: str, wanted: list[str]) -> None:
    assert [mention.edtf for mention in said(text)] == wanted


@pytest.mark.parametrize(("text", "wanted"), ENGLISH.items())
def test_english_expressions_have_the_value_a_reader_gives_them(text: str, wanted: list[str]) -> None:
    assert [mention.edtf for mention in said(text, "en")] == wanted


@pytest.mark.parametrize(("language", "text"), [(language, text) for language, texts in SILENT.items() for text in texts])
def test_names_counts_habits_and_vague_times_have_no_value(language: str, text: str) -> None:
    assert said(text, language) == []


def test_a_day_that_is_as_likely_today_as_next_week_has_no_value() -> None:
    assert said("Der Rat soll am Mittwoch zusammentreten.") == []


def test_other_languages_give_only_dates_written_in_full() -> None:
    assert [mention.edtf for mention in said("Il est parti le 13.10.2023, vendredi, en 2022.", "fr")] == ["2023-10-13"]


def test_the_labelled_sentences_stay_above_their_marks() -> None:
    found = date_expressions(load("date_expressions")).values
    assert found["recall"] >= 0.93
    assert found["precision"] >= 0.97


@pytest.mark.parametrize("words", [GERMAN_WORDS, ENGLISH_WORDS], ids=["German", "English"])
def test_the_look_at_a_first_letter_passes_over_no_calendar_word(words: Lexicon) -> None:
    every = re.compile(r"\b(?:" + words.core.pattern.partition("(?:")[2])
    named = [*MONTHS, *WEEKDAYS, *words.units, *words.seasons, *words.relative, *(f"{count} weeks ago" for count in words.counts)]
    named += [
        "q3",
        "2023-10-13",
        "13.10.2023",
        "12 uhr",
        "8 p.m.",
        "20:15",
        "2022–2024",
        "3. mai",
        *(f"vor {count} tagen" for count in words.counts),
    ]
    for text in [*named, *(row["text"].lower() for row in load("date_expressions"))]:
        assert [match.span() for match in words.core.finditer(text)] == [match.span() for match in every.finditer(text)], text


def test_the_labelled_publication_dates_stay_above_their_marks() -> None:
    assert publication(load("publication")).values["right"] >= 0.97


PIECES = st.sampled_from(
    """am Freitag 13. Oktober Okt. 2023 und bis zum vor zwei Wochen seit Ende Mai , . ; 18 Uhr gegen in der Nacht zu 30. Februar 31. on
    Tuesday late last year between Sept. 7 and Oct. 1 5-8 Q2 the end of wird hatte will said ( ) Ortszeit 24:00 00:00 3:1 1.1. 29.2. morgen
    heute früh Wochenende Quartal ersten vierten Jahr kommenden Herbst 1950–1953 9999 0000 \n İ ﬁ""".split(" ")
)


@settings(max_examples=300, deadline=None)
@given(
    text=st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=25).map(" ".join)),
    anchor=st.datetimes(datetime(1995, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    language=st.sampled_from(["de", "en", "ko", ""]),
)
def test_any_text_gives_sound_mentions(text: str, anchor: datetime, language: str) -> None:
    place = 0
    for mention in mentions(text, anchor=anchor, timezone="Asia/Seoul", language=language):
        assert text[mention.offset :].startswith(mention.as_written)
        assert mention.offset >= place
        place = mention.offset + len(mention.as_written)
        first, last = bounds(mention.edtf)
        assert (mention.starts_on, mention.ends_on) == (first and first.isoformat(), last and last.isoformat())
        assert first is None or last is None or date.min < first <= last


@pytest.mark.parametrize("piece", ["a", "1", "am ", "2023 ", "bis zum ", "12-", ".", "seit ge", "Mai und ", "vor zwei ", "年"])
@pytest.mark.parametrize("language", ["de", "en"])
def test_300_kilobytes_of_junk_are_read_in_seconds(piece: str, language: str) -> None:
    junk = piece * (300_000 // len(piece))
    began = time.process_time()
    said(junk, language)
    assert time.process_time() - began < 10  # .3 to 1 s; what grows with the square of the length takes minutes


FETCHED = datetime(2023, 10, 14, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "language", "zone", "wanted"),
    [
        ("13.10.2023, 21.45 Uhr (aktualisiert 14.10.2023, 7.30 Uhr)", "de", "Europe/Berlin", "2023-10-13T19:45:00Z"),
        ("Zuletzt aktualisiert am 13.10.2023", "de", "Europe/Berlin", None),
        ("Vorgestern, 9 Uhr", "de", "Europe/Berlin", "2023-10-12T07:00:00Z"),
        ("20231013T2145", "de", "Europe/Berlin", "2023-10-13T19:45:00Z"),
        ("20231013", "de", "Europe/Berlin", "2023-10-13"),
        ("2023년 10월 13일 오후 9:45", "ko", "Asia/Seoul", "2023-10-13T12:45:00Z"),
        ("13 de octubre de 2023", "es", "Europe/Madrid", "2023-10-13"),
        ("1697226300.5", "de", "Europe/Berlin", "2023-10-13T19:45:00Z"),
    ],
)
def test_a_visible_date_is_read_as_it_is_meant(text: str, language: str, zone: str, wanted: str | None) -> None:
    found = published([DateHint(text, "visible")], fetched_at=FETCHED, timezone=zone, language=language)
    assert (found.edtf if found else None) == wanted


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("https://a.example/2023/10/13/text", "2023-10-13"),
        ("https://a.example/2023/10/text", "2023-10"),
        ("https://a.example/text-202310", None),
        ("https://a.example/text-118203344", None),
        ("https://a.example/2023/02/30/text", None),
    ],
)
def test_a_url_is_believed_to_the_day_at_best(url: str, wanted: str | None) -> None:
    found = published([DateHint(url, "url")], fetched_at=FETCHED, timezone="Europe/Berlin", language="de")
    assert (found.edtf if found else None) == wanted


def test_a_refused_date_says_why() -> None:
    hints = [DateHint("2031-01-01", "json-ld"), DateHint("1900-01-01", "meta"), DateHint("13.10.2023", "visible")]
    found = published(hints, fetched_at=FETCHED, timezone="Europe/Berlin", language="de")
    assert found is not None
    assert [reason.split(": ")[1] for reason in found.conflicts] == ["lies in the future", "lies before the web"]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=60), st.sampled_from(["json-ld", "visible", "url"])), max_size=4))
def test_any_hints_give_a_possible_date_or_none(hints: list[tuple[str, str]]) -> None:
    found = published([DateHint(*hint) for hint in hints], fetched_at=FETCHED, timezone="Europe/Berlin", language="de")
    assert found is None or bounds(found.edtf)[0] is not None


@pytest.mark.parametrize(
    "basis", ["json-ld", "JSON-LD", "jsonld", "meta", "og:published_time", "article:published_time", "news_sitemap", "elsewhere"]
)
def test_place_of_a_hint_is_known_by_any_of_its_names(basis: str) -> None:
    hints = [DateHint("https://blatt.example/2023/10/14/container", "url"), DateHint("2023-10-13T19:45:00Z", basis)]
    found = published(hints, fetched_at=datetime(2023, 10, 15, tzinfo=UTC), timezone="Europe/Berlin", language="de")
    assert found is not None
    assert found.edtf == ("2023-10-14" if basis == "elsewhere" else "2023-10-13T19:45:00Z")
