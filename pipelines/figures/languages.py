"""The languages whose numbers are known, by their code."""

from __future__ import annotations

from collections.abc import Mapping

from pipelines.figures.english import ENGLISH
from pipelines.figures.german import GERMAN
from pipelines.figures.grammar import Grammar
from pipelines.figures.others import DUTCH, FRENCH, ITALIAN, POLISH, RUSSIAN, SPANISH, UKRAINIAN

GRAMMARS: Mapping[str, Grammar] = {
    "de": GERMAN,
    "en": ENGLISH,
    "es": SPANISH,
    "fr": FRENCH,
    "it": ITALIAN,
    "nl": DUTCH,
    "pl": POLISH,
    "ru": RUSSIAN,
    "uk": UKRAINIAN,
}
