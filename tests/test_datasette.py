"""What editors see: `datasette data/` over a filled and over a fresh database, asked over HTTP."""

from __future__ import annotations

import csv
import json
import re
import runpy
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from pipelines.store import Store
from pipelines.views import VIEWS, folded
from tests.conftest import Desk
from tests.internet import Internet
from tests.serving import DATA, copy, served

METADATA: dict[str, Any] = yaml.safe_load((DATA / "metadata.yaml").read_text(encoding="utf-8"))
NEWS: dict[str, Any] = METADATA["databases"]["news"]
TABLES: dict[str, dict[str, Any]] = NEWS["tables"]
QUERIES: dict[str, dict[str, Any]] = NEWS["queries"]
CLOSED = [name for name, about in TABLES.items() if about.get("allow") is False]
OPEN = [name for name in TABLES if name not in CLOSED]
INTERNAL = {"articles", "versions", "pages", "postings", "imprints", "reuse", "_sqlite_migrations"}
FILLED_IN = {"since": "2022-02-24", "url": "nordkorea", "words": "nordkorea", "days": "1"}


@pytest.fixture(scope="module")
def filled(crawled: tuple[Desk, Internet], tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Datasette over the crawled small web."""
    folder = tmp_path_factory.mktemp("filled")
    with closing(sqlite3.connect(folder / "news.db")) as target:
        copy(crawled[0].database, target)
    with served(folder) as client:
        yield client


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Datasette over a database into which nothing was filed yet."""
    folder = tmp_path_factory.mktemp("fresh")
    Store.open(folder / "news.db").close()
    with served(folder) as client:
        yield client


@pytest.fixture(params=["filled", "fresh"])
def news(request: pytest.FixtureRequest) -> httpx.Client:
    """Either."""
    client: httpx.Client = request.getfixturevalue(request.param)
    return client


def ask(client: httpx.Client, name: str, **params: str) -> dict[str, Any]:
    """The JSON of a table, view or query."""
    answer = client.get(f"/news/{name}.json", params=params)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def objects(client: httpx.Client, name: str, **params: str) -> list[dict[str, Any]]:
    """The rows of a table, view or query by column."""
    return list(ask(client, name, _shape="objects", _size="max", **params)["rows"])


def all_rows(client: httpx.Client, name: str) -> Iterator[tuple[Any, ...]]:
    """Every row of a table or view, page by page, each page also as HTML."""
    page: dict[str, str] = {"_size": "100"}
    while True:
        found = ask(client, name, **page)
        html = client.get(f"/news/{name}", params=page)
        assert html.status_code == 200, html.text
        assert "timed out" not in html.text.replace("facets timed out", "")  # those are cut short by design, where the machine is busy
        yield from (tuple(map(str, row)) for row in found["rows"])
        if found["next"] is None:
            return
        page["_next"] = found["next"]


def searched(client: httpx.Client, words: str) -> set[int]:
    return {row["id"] for row in objects(client, "articles_list", _search=words)}


def holding(desk: Desk, spelling: str, other: str = "–") -> set[int]:
    """The articles that have one spelling, and not the other."""
    sql = "SELECT id FROM articles WHERE instr(lower(headline || text), ?) AND NOT instr(lower(headline || text), ?)"
    return {row["id"] for row in desk.rows(sql, spelling, other)}


def statements(node: object) -> Iterator[str]:
    """Every SQL statement of metadata.yaml, wherever it stands."""
    for key, value in node.items() if isinstance(node, dict) else ():
        if key in ("sql", "query") and isinstance(value, str):
            yield value
        else:
            yield from statements(value)


def test_front_pages_answer_with_the_settings_of_the_file(news: httpx.Client) -> None:
    assert {news.get(path).status_code for path in ("/", "/news", "/news?_show_hidden=1")} == {200}
    assert news.get("/-/settings.json").json().items() >= json.loads((DATA / "settings.json").read_bytes()).items()


@pytest.mark.parametrize("name", OPEN)
def test_every_page_of_every_table_and_view_answers_and_none_is_skipped(news: httpx.Client, name: str) -> None:
    rows = list(all_rows(news, name))
    assert len(rows) == ask(news, name)["filtered_table_rows_count"]
    if TABLES[name].get("sort") or TABLES[name].get("sort_desc"):
        assert len(set(rows)) == len(rows)


@pytest.mark.parametrize("name", VIEWS)
def test_every_view_can_be_had_whole_as_csv(filled: httpx.Client, name: str) -> None:
    answer = filled.get(f"/news/{name}.csv?_stream=on")
    assert answer.status_code == 200
    assert len(list(csv.reader(answer.text.splitlines()))) - 1 == ask(filled, name)["filtered_table_rows_count"]


@pytest.mark.parametrize("form", ["", ".json", ".csv"])
@pytest.mark.parametrize("params", [{}, FILLED_IN, dict.fromkeys(FILLED_IN, "' %_\"")], ids=["empty", "filled in", "odd"])
@pytest.mark.parametrize("name", QUERIES)
def test_every_query_answers(news: httpx.Client, name: str, params: dict[str, str], form: str) -> None:
    answer = news.get(f"/news/{name}{form}", params=params)
    assert answer.status_code == 200, answer.text
    assert "message-error" not in answer.text


def test_every_sql_of_the_metadata_runs_on_a_fresh_database(tmp_path: Path) -> None:
    Store.open(tmp_path / "news.db").close()
    with closing(sqlite3.connect(tmp_path / "news.db")) as connection:
        for sql in statements(METADATA):
            connection.execute(sql, dict.fromkeys(re.findall(r":([a-z_]+)", sql), "")).fetchall()


@pytest.mark.parametrize("name", QUERIES)
def test_every_query_names_its_parameters_and_says_what_it_does(name: str) -> None:
    query = QUERIES[name]
    assert set(query["params"]) == set(re.findall(r":([a-z_]+)", query["sql"])) <= set(FILLED_IN)
    assert query["title"]
    assert all(f"{param}:" in query["description"] for param in query["params"])


def test_everything_described_exists_and_everything_that_exists_is_described(news: httpx.Client) -> None:
    desk = news.get("/news.json").json()
    tables = {table["name"] for table in desk["tables"] if not table["name"].startswith(("articles_fts", "decisions_fts"))}
    views = {view["name"] for view in desk["views"]}
    assert set(VIEWS) == views
    assert set(OPEN) == tables | views
    assert all(about.get("description") for about in TABLES.values())
    assert all(TABLES[view].get("title") for view in views)


@pytest.mark.parametrize("name", OPEN)
def test_columns_described_sorted_and_faceted_exist(fresh: httpx.Client, name: str) -> None:
    about, found = TABLES[name], ask(fresh, name)
    named = {*about.get("columns", {}), *about.get("facets", ()), about.get("sort"), about.get("sort_desc"), about.get("label_column")}
    assert named - {None} <= set(found["columns"])
    assert set(found["facet_results"]) == set(about.get("facets", ()))


@pytest.mark.parametrize("database", ["news", "demo"])
def test_links_of_the_front_page_lead_somewhere(news: httpx.Client, database: str) -> None:
    assert METADATA["databases"][database]["tables"] is TABLES
    links = re.findall(r'href="([^"]+)"', METADATA["databases"][database]["description_html"])
    assert links
    for link in links:
        assert link.startswith(f"{database}/")
        assert news.get("/" + link.replace("&amp;", "&").replace(database, "news", 1)).status_code == 200


def test_search_finds_a_part_of_a_compound(crawled: tuple[Desk, Internet], filled: httpx.Client) -> None:
    compounds = holding(crawled[0], "waffenlieferung") | holding(crawled[0], "munitionslieferung")
    assert compounds
    assert compounds <= searched(filled, "lieferung") == searched(filled, "an LIEFERUNG")  # short words are passed over


@pytest.mark.parametrize(("plain", "proper"), [("Pjongjang", "pjöngjang"), ("Strasse", "straße")])
def test_search_finds_umlaut_and_sharp_s_written_plainly(
    crawled: tuple[Desk, Internet], filled: httpx.Client, plain: str, proper: str
) -> None:
    only_so = holding(crawled[0], proper, other=plain.lower())
    assert only_so
    assert only_so <= searched(filled, plain)


@pytest.mark.parametrize("letter", "aäÄöÖüÜßéÉèÈáÁçÇñÑíÍ북Жx")
def test_search_folds_what_is_asked_for_as_the_index_folds_what_is_stored(letter: str) -> None:
    fold = runpy.run_path(str(DATA / "plugins" / "search.py"))["fold"]
    assert sqlite3.connect(":memory:").execute(f"SELECT {folded('?1')}", (letter,)).fetchone()[0] == fold(letter)


@pytest.mark.parametrize("words", ["ab", "ü", "EU in", '" "', "*", "a*b", "AND", "NEAR(", "text:", "'", "북한", "🙂"])
def test_search_for_little_or_odd_things_does_not_fail(news: httpx.Client, words: str) -> None:
    assert {news.get(f"/news/articles_list{form}", params={"_search": words}).status_code for form in ("", ".json")} == {200}


@pytest.mark.parametrize("name", VIEWS)
def test_no_view_shows_a_body_text(filled: httpx.Client, name: str) -> None:
    assert not {"text", "html", "folded"} & set(ask(filled, name)["columns"])
    assert max((len(cell) for row in all_rows(filled, name) for cell in row), default=0) <= 2000


def test_body_texts_are_closed_internal_tables_hidden_and_the_file_not_for_download(news: httpx.Client) -> None:
    assert CLOSED == ["decisions_search", "articles_search"]
    for name in CLOSED:
        assert {news.get(f"/news/{name}{form}").status_code for form in ("", ".json", ".csv")} == {403}
        assert name not in news.get("/news?_show_hidden=1").text
    assert {table["name"] for table in news.get("/news.json").json()["tables"] if table["hidden"]} >= INTERNAL
    assert news.get("/news.db").status_code == 403


def test_new_reports_are_those_since_a_day_and_by_default_of_the_last_one(filled: httpx.Client) -> None:
    everything = objects(filled, "new_reports", since="2022-02-24")
    assert len(everything) == len(objects(filled, "coverage"))
    assert {row["what"] for row in everything} == {"new"}
    assert objects(filled, "new_reports") == everything
    assert len(objects(filled, "new_sentences_since")) == len(objects(filled, "new_sentences"))
    assert not objects(filled, "new_reports", since="2999") + objects(filled, "new_sentences_since", since="2999")


def test_copies_of_an_article_are_listed_with_their_origin_first(filled: httpx.Client) -> None:
    copied = objects(filled, "copies")
    assert copied
    for row in copied:
        urls = [found["url"] for found in objects(filled, "copies_of", url=f" {row['url']} ")]
        assert row["url"] in urls[1:]
        assert row["origin_url"] in urls


def test_decisions_on_a_page_are_all_shown_newest_first(filled: httpx.Client) -> None:
    decisions = objects(filled, "decisions")
    for url in {row["url"] for row in decisions}:
        shown = [row["reason"] for row in objects(filled, "decisions_on", url=url) if row["url"] == url]
        assert shown == [row["reason"] for row in sorted(decisions, key=lambda row: -row["id"]) if row["url"] == url]


def test_why_it_was_left_out_is_found_by_words_of_the_headline(filled: httpx.Client) -> None:
    left_out = [row for row in objects(filled, "verdicts") if row["verdict"] != "filed"]
    assert len(objects(filled, "why_left_out")) == len(left_out)
    for row in (row for row in left_out if row["headline"]):
        words = str(row["headline"]).split()
        found = objects(filled, "why_left_out", words=" ".join((words[0], *words[2:])))
        assert row["url"] in {page["url"] for page in found}
    filed = objects(filled, "verdicts", verdict="filed")[0]
    assert [row["verdict"] for row in objects(filled, "why_left_out", words=filed["url"])] == ["filed"]


def test_silent_and_failing_sources_are_told_apart(crawled: tuple[Desk, Internet]) -> None:
    troubles = {"failures = 2": "fails", "last_ok_at = NULL": "never asked", "last_new_at = '2022-02-24T00:00:00Z'": "silent"}
    with closing(sqlite3.connect(":memory:")) as database:
        copy(crawled[0].database, database)
        database.execute("UPDATE sources SET state = 'ok', failures = 0, last_ok_at = '2999', last_new_at = '2999'")
        urls = [url for (url,) in database.execute("SELECT url FROM sources ORDER BY url LIMIT 3")]
        for url, change in zip(urls, troubles, strict=True):
            database.execute(f"UPDATE sources SET {change} WHERE url = ?", (url,))
        rows = database.execute(QUERIES["silent_sources"]["sql"], {"days": ""}).fetchall()
    assert {row[-1]: row[0] for row in rows} == dict(zip(urls, troubles.values(), strict=True))
    assert [row[0] for row in rows] == list(troubles.values())


def test_a_page_waits_for_no_count_that_takes_long(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "news.db")) as db:
        db.execute("CREATE VIEW many AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000) SELECT i FROM n")
        db.execute("CREATE VIEW few AS SELECT i FROM many LIMIT 3")
    with served(tmp_path, "root") as client:
        assert client.get("/news/many.json").json()["filtered_table_rows_count"] is None
        assert client.get("/news/few.json").json()["filtered_table_rows_count"] == 3
        asked = client.get("/news.json", params={"sql": "select count(*) from many", "_shape": "arrayfirst"})
        assert asked.json() == [2000000]  # an analyst's own question is answered
