"""The language of a text that declares none."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lingua import LanguageDetector

SAMPLE = 1000  # characters; more does not make the answer surer


def detect(text: str, languages: Sequence[str]) -> str:
    """The likeliest of the story's languages (ISO 639-1), or empty when none stands out."""
    found = _detector(tuple(languages)).detect_language_of(text[:SAMPLE])
    return found.iso_code_639_1.name.lower() if found else ""


@lru_cache(maxsize=1)
def _detector(languages: tuple[str, ...]) -> LanguageDetector:
    from lingua import IsoCode639_1, LanguageDetectorBuilder  # 80 MB of models: only where it is needed

    codes = [getattr(IsoCode639_1, code.upper()) for code in languages if hasattr(IsoCode639_1, code.upper())]
    return LanguageDetectorBuilder.from_iso_codes_639_1(*codes).with_low_accuracy_mode().build()
