"""What our own pages say, in German and English.

A label is found by its key: `t("copies", n=3)` gives `3 Kopien`. Where `n` counts something, a bar parts one from many
(`{n} Kopie|{n} Kopien`). Numbers are grouped as the language does. An unknown key is an error, so that no page shows one.
The article page and the figures pages keep theirs in `labels_reading`, in the same form.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from newsdesk.labels_lists import LISTS
from newsdesk.labels_reading import READING
from newsdesk.labels_shell import SHELL

LANGUAGES = ("de", "en")
DEFAULT = "en"  # for a browser that wants neither
COOKIE = "desk_lang"  # keeps the choice of `?lang=`
Translate = Callable[..., str]

LABELS: dict[str, tuple[str, str]] = {**SHELL, **LISTS, **READING}


def language(request: Any) -> str:
    """The language of a request: `?lang=`, else the one chosen before, else what the browser likes best of the two."""
    for asked in (request.args.get("lang"), request.cookies.get(COOKIE)):
        if asked in LANGUAGES:
            return str(asked)
    return preferred(request.headers.get("accept-language", ""))


def preferred(accepted: str) -> str:
    """The better liked of German and English in an `Accept-Language` header: `fr, de-AT;q=0.8, en;q=0.5` gives `de`."""
    best, liking = DEFAULT, 0.0
    for part in accepted[:500].split(","):
        tag, _, weight = part.strip().partition(";")
        try:
            q = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        name = tag.lower().partition("-")[0]
        if name in LANGUAGES and q > liking:
            best, liking = name, q
    return best


def number(value: float, lang: str) -> str:
    """A number as the language writes it: 1.234 or 1,234."""
    plain = f"{value:,.0f}" if value == int(value) else f"{value:,}"
    return plain.translate(str.maketrans(",.", ".,")) if lang == "de" else plain


def translator(lang: str) -> Translate:
    """The function `t` of a page in this language."""
    column = LANGUAGES.index(lang)

    def t(key: str, **values: Any) -> str:
        text = LABELS[key][column]
        if "|" in text:
            one, many = text.split("|")
            text = one if values.get("n") == 1 else many
        shown = {name: number(value, lang) if isinstance(value, int | float) else value for name, value in values.items()}
        return text.format_map(shown) if shown else text

    return t
