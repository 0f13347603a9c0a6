"""A known sentence in every place of a database that holds words of articles, to see who comes to read it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from datasette_auth_passwords.utils import hash_password

from tests.conftest import Desk
from tests.internet import Internet
from tests.serving import DATA, copy, logged_in, served

METADATA: dict[str, Any] = yaml.safe_load((DATA / "metadata.yaml").read_text(encoding="utf-8"))
NEWS = METADATA["databases"]["news"]
# A known sentence: in none of its spellings may who has not logged in come to read it.
CANARY = "Zaunkoenig zaehlt siebzehn Heuballen am Dorfteich"
WORD, LEAK = CANARY.split()[0], "zaehlt siebzehn"
PASSWORD = "the newsroom's password"  # noqa: S105


def plant(database: sqlite3.Connection) -> None:
    """The canary in every place that holds words of an article, and in a table that metadata.yaml has never heard of."""
    article, url = database.execute("SELECT id, url FROM articles WHERE relation = 'original' ORDER BY id LIMIT 1").fetchone()
    place = database.execute("SELECT max(position) + 1 FROM sentences WHERE article = ?", (article,)).fetchone()[0]
    shell = (article, place, "elf", 11, 11, "shell", "exact")
    for sql, *values in (
        ("UPDATE articles SET text = text || char(10) || ? WHERE id = ?", CANARY, article),
        (
            "INSERT INTO versions(article, seen_at, headline, text, came, went, changed) VALUES (?, '2024', 'x', ?2, ?2, ?2, ?2)",
            article,
            CANARY,
        ),
        ("UPDATE pages SET html = ? WHERE url = ?", CANARY.encode(), url),
        (
            "INSERT INTO sentences(article, position, text, key, status, new_when_filed) VALUES (?, ?, ?, 1, 'known', 0)",
            article,
            place,
            CANARY,
        ),
        ("INSERT INTO figures(article, sentence, as_written, low, high, unit, hedge) VALUES (?, ?, ?, ?, ?, ?, ?)", *shell),
        ("UPDATE entries SET summary = ?", CANARY),
        ("INSERT INTO boilerplate SELECT id, 1, ?, 9, '2024-01-01T00:00:00Z' FROM outlets LIMIT 1", CANARY),
        ("CREATE TABLE notes (id INTEGER PRIMARY KEY, article INTEGER REFERENCES articles(id), text TEXT)",),
        ("INSERT INTO notes(article, text) VALUES (?, ?)", article, CANARY),
    ):
        database.execute(sql, values)
    database.commit()


@pytest.fixture(scope="module")
def folder(crawled: tuple[Desk, Internet], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A configuration directory over the crawled small web with the canary, and two queries that ask for much."""
    place = tmp_path_factory.mktemp("safe")
    with closing(sqlite3.connect(place / "news.db")) as target:
        copy(crawled[0].database, target)
        plant(target)
    metadata = yaml.safe_load((DATA / "metadata.yaml").read_text(encoding="utf-8"))
    count = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT {}) SELECT {} FROM n"
    metadata["databases"]["news"]["queries"] |= {"slow": {"sql": count.format(10**9, "max(i)")}, "many": {"sql": count.format(3000, "i")}}
    (place / "metadata.yaml").write_text(yaml.safe_dump(metadata, allow_unicode=True), encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def desk_url(folder: Path) -> Iterator[httpx.Client]:
    """The desk, asked by nobody in particular."""
    with served(folder, None, NACHLESE_PASSWORD_HASH=hash_password(PASSWORD, iterations=1000)) as client:
        yield client


@pytest.fixture
def anyone(desk_url: httpx.Client) -> Iterator[httpx.Client]:
    """Someone without cookies."""
    with httpx.Client(base_url=desk_url.base_url, timeout=30, trust_env=False) as client:
        yield client


@pytest.fixture
def analyst(desk_url: httpx.Client) -> Iterator[httpx.Client]:
    """Someone who has logged in."""
    with httpx.Client(base_url=desk_url.base_url, timeout=30, trust_env=False, cookies=logged_in()) as client:
        yield client
