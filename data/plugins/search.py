"""Full-text search folds what is asked for, as `articles_fts` folds what is stored: `Straße` finds `Strasse`, and the other way."""

from __future__ import annotations

import sqlite3

from datasette import hookimpl
from datasette.utils import escape_fts

# The letters of `folded` in pipelines/views.py; this room imports nothing of ours, a test holds the two together.
PLAIN = {"ä": "a", "ö": "o", "ü": "u", "ß": "ss", "é": "e", "è": "e", "á": "a", "ç": "c", "ñ": "n", "í": "i"}
_FOLD = str.maketrans(PLAIN | {letter.upper(): plain.upper() for letter, plain in PLAIN.items() if letter != "ß"})


def fold(words: str) -> str:
    """Words as the index holds them."""
    return words.translate(_FOLD)


@hookimpl(trylast=True)  # type: ignore[untyped-decorator]  # Datasette's own function of this name comes first
def prepare_connection(conn: sqlite3.Connection) -> None:
    """Give every connection the folding `escape_fts` that the search of tables and views calls."""
    conn.create_function("escape_fts", 1, lambda words: escape_fts(fold(words or "")), deterministic=True)
    conn.create_function("fold", 1, lambda words: fold(words or ""), deterministic=True)
