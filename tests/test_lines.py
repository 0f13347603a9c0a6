"""Lines of a page that are no part of its article, and news that only looks like them."""

from __future__ import annotations

import pytest

from pipelines.lines import is_appeal, is_caption, is_furniture


@pytest.mark.parametrize(
    "line",
    [
        "Abonnieren Sie unseren Newsletter und lesen Sie morgens, was zählt.",
        "Folgst du uns schon auf WhatsApp?",
        "Sie können unabhängigen Journalismus unterstützen: Werden Sie Mitglied der Genossenschaft.",
        "Hat Ihnen der Text gefallen? Dann freuen wir uns über eine Spende von Leserinnen und Lesern.",
        "Join the conversation in our commenting forum.",
        "Sign up to your daily newsletter for more stories like this.",
    ],
)
def test_line_in_which_the_paper_speaks_for_itself_is_an_appeal(line: str) -> None:
    assert is_appeal(line)


@pytest.mark.parametrize(
    "line",
    [
        "Sie habe niemals um Geld oder Unterstützung gebeten, sagte die Ministerin.",
        "Südkorea will die Ukraine weiter unterstützen, schließt Waffen aber aus.",
        "„Unterstützen Sie uns mit Spenden“, bat der Bürgermeister seine Leser in Charkiw.",
        "Der Verlag kündigte an, den Preis des Abos zu erhöhen.",
        "The ministry said support for the fleet would continue.",
    ],
)
def test_news_that_speaks_of_support_is_no_appeal(line: str) -> None:
    assert not is_appeal(line)


@pytest.mark.parametrize(
    "line", ["Lesen Sie auch: Container aus Rajin", "Anzeige", "Themen:", "Darum gehts", "13.10.2023, 21:45 Uhr", "***"]
)
def test_furniture_is_known_by_the_whole_line(line: str) -> None:
    assert is_furniture(line)


@pytest.mark.parametrize(
    "line",
    ["Die Anzeige ging am Freitag bei der Polizei ein.", "Er las auch die Akten der Reederei.", "Am 13.10.2023 lief das Schiff aus."],
)
def test_sentence_that_contains_such_words_stays(line: str) -> None:
    assert not is_furniture(line)


@pytest.mark.parametrize(
    ("block", "caption"),
    [
        ("Kim Jong Un und Wladimir Putin in Wostotschny. © Agentur/Name", True),
        ("Güterwagen in Tumangang. Foto: Satellitendienst", True),
        ("Containers at the pier in Rajin, North Korea. (AP Photo/Somebody)", True),
        ("Das Foto zeigt nach Angaben des Instituts mehr als siebzig Waggons.", False),
        ("Ein langer Absatz. " * 30 + "© Agentur", False),
    ],
)
def test_caption_is_short_and_closed_by_a_credit(block: str, caption: bool) -> None:
    assert is_caption(block) is caption
