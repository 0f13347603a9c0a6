"""What the desk asks of SQLite never reads through a table that holds texts."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.store import Store
from pipelines.views import VIEWS
from tests.serving import DATA

METADATA: dict[str, Any] = yaml.safe_load((DATA / "metadata.yaml").read_text(encoding="utf-8"))
NEWS = METADATA["databases"]["news"]
TEXTS = "articles|versions|pages|sentences"
SMALL = ("source_health", "gaps", "proof")  # a row a source, a gap, an hour of the last days: sorted when asked
ALIAS = rf"\b(?:FROM|JOIN)\s+({TEXTS})\b(?:\s+(?!WHERE|ON|JOIN|LEFT|GROUP|ORDER|CROSS|INDEXED|LIMIT)(\w+))?"


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """A database without statistics, as every new one is."""
    path: Path = tmp_path_factory.mktemp("plans") / "news.db"
    Store.open(path).close()
    connection = sqlite3.connect(path)
    yield connection
    connection.close()


def pages() -> Iterator[tuple[str, str]]:
    """The canned queries, the dashboard's charts, and what Datasette asks for the first page of a view."""
    for name, query in NEWS["queries"].items():
        yield f"query {name}", query["sql"]
    for name, chart in METADATA["plugins"]["datasette-dashboards"]["news"]["charts"].items():
        yield f"chart {name}", chart["query"]
    yield "export of all articles", "select * from articles_list"
    for name in VIEWS:
        about = NEWS["tables"][name]
        order = f"order by {about['sort_desc']} desc" if "sort_desc" in about else ""
        yield f"{name} rows", f"select * from {name} {order} limit 51"
        yield f"{name} count", f"select count(*) from {name}"
        for facet in about.get("facets", ()):
            yield (
                f"{name} facet {facet}",
                f"select {facet} as value, count(*) as count from (select * from {name}) where {facet} is not null "
                "group by value order by count desc, value limit 11",
            )


def spelt_out(sql: str, known: tuple[str, ...] = ()) -> str:
    """A query with the text of the views that it stands on."""
    views = [name for name in VIEWS if name not in known and re.search(rf"\b{name}\b", sql)]
    return "\n".join([sql, *(spelt_out(VIEWS[name], (*known, name)) for name in views)])


def scans(connection: sqlite3.Connection, sql: str) -> list[str]:
    """The steps of a plan that read through a table with texts.

    An index that has all that is asked for may be read through; any other only in its order, to the end of a page.
    """
    texts = {alias or table for table, alias in re.findall(ALIAS, spelt_out(sql), re.I)}
    values = dict.fromkeys(re.findall(r":([a-z_]+)", sql), "")
    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
    page = bool(re.search(r"\blimit\b", sql, re.I)) and not any("TEMP B-TREE FOR" in step for step in plan)
    # All that has a date is as good as all; what was asked for since some day is not.
    reads = r"SCAN (\w+)" if values else r"SCAN (\w+)|SEARCH (\w+) USING INDEX \w+ \(\w+>\?\)"
    through = [step for step in plan if (found := re.match(reads, step)) and found[found.lastindex or 0] in texts]
    return [step for step in through if "USING COVERING INDEX" not in step and not (page and "USING INDEX" in step)]


@pytest.mark.parametrize(("name", "sql"), [pytest.param(*page, id=page[0]) for page in pages()])
def test_no_page_reads_through_a_table_that_holds_texts(fresh: sqlite3.Connection, name: str, sql: str) -> None:
    assert not scans(fresh, sql), name


@pytest.mark.parametrize("name", [name for name in VIEWS if "sort_desc" in NEWS["tables"][name] and name not in SMALL])
def test_the_first_page_of_a_view_is_read_in_its_order(fresh: sqlite3.Connection, name: str) -> None:
    plan = fresh.execute(f"EXPLAIN QUERY PLAN SELECT * FROM {name} ORDER BY {NEWS['tables'][name]['sort_desc']} DESC LIMIT 51").fetchall()
    assert not [step[3] for step in plan if "TEMP B-TREE FOR ORDER BY" in step[3]]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT text FROM articles WHERE words > 3", "SELECT count(*) FROM sentences WHERE text LIKE '%x%'",
        "SELECT a.text FROM articles a", "SELECT * FROM versions ORDER BY text LIMIT 5",
        "SELECT headline FROM articles WHERE text LIKE '%x%' LIMIT 5",
        "SELECT a.text FROM outlets o CROSS JOIN articles a", "SELECT html FROM pages", "SELECT a.text FROM articles a ORDER BY a.rank",
    ],
)  # fmt: skip
def test_what_does_read_through_texts_is_noticed(fresh: sqlite3.Connection, sql: str) -> None:
    assert scans(fresh, sql)
