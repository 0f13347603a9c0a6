"""Full-text search folds what is asked for, as `articles_fts` folds what is stored: `Straße` finds `Strasse`, and the other way."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

from datasette import hookimpl
from datasette.utils import escape_fts

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # the `datasette` command does not look into the project by itself

from pipelines.views import fold


@hookimpl(trylast=True)  # Datasette's own function of this name comes first
def prepare_connection(conn: sqlite3.Connection) -> None:
    """Give every connection the folding `escape_fts` that the search of tables and views calls."""
    conn.create_function("escape_fts", 1, lambda words: escape_fts(fold(words or "")))
