"""Texts of a page that means harm, and a database full of them."""

from __future__ import annotations

import sqlite3

HOSTILE = {
    "script": "<script>alert(1)</script><img src=x onerror=alert(2)>\"'><svg onload=alert(3)>",
    "link": "javascript:alert(4)//http://x.example/",
    "escaped link": "JaVa\tScRiPt:alert(5)",
    "data link": "data:text/html,<script>alert(6)</script>",
    "quoted link": 'http://x.example/"onmouseover="alert(7)"x=\'',
    "turned": "\u202egnippihs \u2066evil\u2069 \u200f\u061c",
    "control": "bell\x07 null\x00 escape\x1b[31m separator\u2028\u2029\ufeff",
    "template": "{{ 7 * 7 }}{% raw %}]]>--></title></script><!--",
    "long": "Lange " * 5_000,  # 30 kB, sixty times what reading leaves of a headline
    "zalgo": "Z" + "\u0301" * 4000,
}
# What SQLite holds where a program wrote half a character: no Python string.
SURROGATE = b"half \xed\xa0\xbd a character \xff\xfe"


def spoil(database: sqlite3.Connection) -> None:
    """Give every column that takes its text from a page, row by row, something hostile."""
    columns = (
        ("articles", "headline byline agency text published_conflicts reason image_url matched"),
        ("clusters", "headline added"),
        ("entries", "headline summary keywords authors"),
        ("decisions", "reason"),
        ("sentences", "text"),
        ("figures", "as_written"),
        ("dates", "as_written"),
        ("fetches", "reason"),
        ("outlets", "name"),
        ("versions", "headline text came went changed figures"),
    )
    values: list[object] = [*HOSTILE.values(), SURROGATE]
    article = database.execute("SELECT min(id) FROM articles WHERE relation = 'original'").fetchone()[0]
    database.execute("INSERT INTO versions(article, seen_at, headline, text) SELECT ?, '2024', '', '' FROM articles LIMIT 20", (article,))
    for table, names in columns:
        key, marks = ("article, position", "?, ?") if table == "sentences" else ("rowid", "?")
        rows = database.execute(f"SELECT {key} FROM {table} ORDER BY {key}").fetchall()
        for shift, name in enumerate(names.split()):
            changes = [(values[(place + shift) % len(values)], *row) for place, row in enumerate(rows)]
            database.executemany(f"UPDATE {table} SET {name} = CAST(? AS TEXT) WHERE ({key}) = ({marks})", changes)
    links = ("javascript:alert(8)//", "//x.example/", "data:text/html,x", HOSTILE["quoted link"], HOSTILE["script"])
    for table in ("articles", "entries", "decisions"):
        for place, link in enumerate(links):
            one = f"SELECT rowid FROM {table} ORDER BY rowid DESC LIMIT 1 OFFSET {place}"
            database.execute(f"UPDATE OR IGNORE {table} SET url = ? WHERE rowid = ({one})", (link,))
    database.commit()
