"""Whether a text can be read without login, by any address."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from urllib.parse import quote, urljoin, urlsplit

import httpx
import pytest

from pipelines.views import VIEWS
from tests.canary import LEAK, NEWS, WORD, analyst, anyone, desk_url, folder

__all__ = ["analyst", "anyone", "desk_url", "folder"]  # fixtures

OPEN = sorted(name for name, about in NEWS["tables"].items() if about.get("allow") is True)
CLOSED = sorted({*NEWS["tables"]} - {*OPEN})
HOLDS = ("articles", "versions", "pages", "sentences", "revisions", "figures_over_time", "entries", "boilerplate", "notes", "articles_fts")


def everything(folder: Path) -> list[str]:
    """Tables, among them those of the full-text indexes, and views."""
    with closing(sqlite3.connect(folder / "news.db")) as database:
        return [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name")]


def holding(folder: Path) -> set[str]:
    """Tables and views that have the text in any of their cells."""
    with closing(sqlite3.connect(folder / "news.db")) as database:
        database.text_factory = bytes
        cells = {name: (cell for row in database.execute(f'SELECT * FROM "{name}"') for cell in row) for name in everything(folder)}
        return {name for name, found in cells.items() if any(LEAK.encode() in cell for cell in found if isinstance(cell, bytes))}


def ways(name: str, *, all_forms: bool) -> Iterator[str]:
    """Every way that Datasette offers into a table, view or query; each with all forms of an answer, or with one of them in turn."""
    search, forms, turn = f"_search={WORD}", ("", ".json", ".csv"), count()
    for tail in ("", ".json", ".csv", ".atom", "/1", "/1.json", "/1.blob?_blob_column=html", "/1.blob?_blob_column=text", ".JSON"):
        yield f"/news/{name}{tail}"
        yield f"/NEWS/{name.upper()}{tail}"
    for query in (
        "_size=max", "_labels=on&_shape=objects", "_shape=array&_nl=on", "_col=text", "_sort=text", "_sort_desc=text", "_facet=text",
        "_facet=sentence", "_facet=summary", "_facet_array=text", "text__contains=" + WORD, "_where=1=1",
        "_where=0+union+select+text+from+articles", search, search + "&_fts_table=articles_fts&_fts_pk=id",
        search + "&_fts_table=articles_fts&_searchmode=raw", f"_search_text={WORD}",
        "_stream=on", "_extras=foreign_key_tables", "_trace=1", "_next=1", "_json=headline", "words=" + WORD, "url=" + WORD,
        "_through=" + quote('{"table": "sentences", "column": "status", "value": "known"}'),
        "_extra=_html", "sql=select+text+from+articles", "_group_concat=text",
    ):  # fmt: skip
        for form in forms if all_forms else [forms[next(turn) % 3]]:
            yield f"/news/{name}{form}?{query}"


def test_no_address_of_a_table_view_or_query_shows_a_text_without_login(folder: Path, anyone: httpx.Client) -> None:
    held, queries = holding(folder), {*NEWS["queries"]}
    assert held > {"articles", "versions", "sentences", "entries", "boilerplate", "notes"}
    names = {name: name in held | queries for name in (*everything(folder), *queries, "sqlite_master")}
    shown = [way for name, all_forms in names.items() for way in ways(name, all_forms=all_forms) if LEAK in anyone.get(way).text]
    assert not shown


@pytest.mark.parametrize("form", ["", ".json", ".csv"])
@pytest.mark.parametrize("database", ["news", "_internal", "_memory", "NEWS"])
def test_sql_of_ones_own_needs_a_login(anyone: httpx.Client, database: str, form: str) -> None:
    answer = anyone.get(f"/{database}{form}", params={"sql": "select text from articles"})
    assert answer.status_code in (403, 404)
    assert LEAK not in answer.text


def test_who_follows_every_link_without_login_comes_to_no_text(anyone: httpx.Client) -> None:
    seen, due = set[str](), ["/", "/news", "/news?_show_hidden=1", f"/news/-/search?q={WORD}", "/news/-/figures/shell"]
    while due and len(seen) < 400:
        way = due.pop(0)
        answer = anyone.get(way, follow_redirects=True)
        assert LEAK not in answer.text, way
        assert answer.status_code < 500, way
        for link in re.findall(r'(?:href|src|action)="([^"#]+)', answer.text):
            found = urljoin(str(answer.url), link.replace("&amp;", "&"))
            path = urlsplit(found).path
            if urlsplit(found).netloc == answer.url.netloc.decode() and found not in seen and not re.search(r"_sort|_facet|__|csv", found):
                seen.add(found)
                due.append(found if path.count("/") < 6 else "/")
    assert len(seen) > 30


@pytest.mark.parametrize("name", HOLDS)
def test_who_has_logged_in_reads_the_texts(anyone: httpx.Client, analyst: httpx.Client, name: str) -> None:
    assert anyone.get(f"/news/{name}").status_code == 403
    held = analyst.get(f"/news/{name}.json", params={"_size": "max", "_shape": "array"})
    assert held.status_code == 200
    assert LEAK in held.text or name in ("pages", "articles_fts")


def test_who_has_logged_in_asks_in_sql(analyst: httpx.Client) -> None:
    assert LEAK in analyst.get("/news.json", params={"sql": f"select text from articles where text like '%{WORD}%'"}).text


@pytest.mark.parametrize("name", OPEN)
def test_what_is_open_is_read_without_login(anyone: httpx.Client, name: str) -> None:
    assert {anyone.get(f"/news/{name}{form}").status_code for form in ("", ".json", ".csv")} == {200}


@pytest.mark.parametrize("name", CLOSED)
def test_what_is_closed_says_where_to_log_in(anyone: httpx.Client, name: str) -> None:
    answer = anyone.get(f"/news/{name}")
    assert answer.status_code == 403
    assert 'href="/-/login"' in answer.text
    assert f'href="/news/{name}"' not in anyone.get("/news?_show_hidden=1").text


def test_every_table_and_view_says_who_may_read_it(folder: Path) -> None:
    assert not [name for name, about in NEWS["tables"].items() if about.get("allow") not in (True, False, {"id": "*"})]
    assert {*VIEWS} <= {*NEWS["tables"]}
