"""The figures pages, asked over HTTP, and what they are put together from: bounds, contradictions, repetitions, the chart."""

from __future__ import annotations

import re
import sqlite3
import tomllib
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from lxml import etree
from lxml import html as lx
from newsdesk.amounts import short
from newsdesk.labels import LABELS

from pipelines.store import Store
from pipelines.story import Story
from tests.conftest import ROOT, Desk
from tests.internet import Internet
from tests.serving import copy, served
from tests.showcase import AT, RIVAL, SCRIPT, fill, newsroom, page_id


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory, story: Story) -> Path:
    """The database of the newsroom."""
    path = tmp_path_factory.mktemp("room") / "news.db"
    fill(path, story)
    return path


@pytest.fixture(scope="module")
def client(room: Path) -> Iterator[httpx.Client]:
    """Datasette over the newsroom, not logged in: figures are for everybody."""
    with served(room.parent, actor=None) as client:
        yield client


@pytest.fixture(scope="module")
def small_web(crawled: tuple[Desk, Internet], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, Path]]:
    """Datasette over the crawled small web, with its database."""
    folder = tmp_path_factory.mktemp("small")
    with closing(sqlite3.connect(folder / "news.db")) as target:
        copy(crawled[0].database, target)
    with served(folder, actor=None) as client:
        yield client, folder / "news.db"


def rows(database: Path, sql: str, *values: object) -> list[sqlite3.Row]:
    with closing(sqlite3.connect(database)) as connection:
        connection.row_factory = sqlite3.Row
        return connection.execute(sql, values).fetchall()


def get(client: httpx.Client, path: str = "", status: int = 200, **params: str) -> Any:
    """The page as a tree."""
    answer = client.get(f"/news/-/figures{path}", params={"lang": "en"} | params)
    assert answer.status_code == status
    return tree(answer.text)


def tree(html: str) -> Any:
    return lx.fromstring(html)


def text(element: Any) -> str:
    return " ".join(str(element.text_content()).split())


def table(page: Any) -> list[list[str]]:
    """The cells of the table."""
    return [[" ".join(" ".join(cell.itertext()).split()) for cell in row.xpath("./th | ./td")] for row in page.xpath("//table/tbody/tr")]


def test_every_unit_has_a_row_with_its_range_and_the_number_of_its_reports(small_web: tuple[httpx.Client, Path]) -> None:
    client, database = small_web
    sql = """SELECT f.unit, count(DISTINCT a.cluster) AS reports, min(coalesce(low, high)) AS low, max(coalesce(high, low)) AS high
        FROM figures f JOIN articles a ON a.id = f.article WHERE a.state != 'dropped' GROUP BY f.unit"""
    expected = {LABELS[f"unit_{row['unit']}"][1]: row for row in rows(database, sql)}
    found = {row[0]: row for row in table(get(client))}
    assert found.keys() == expected.keys()
    for name, row in expected.items():
        ends = [short(row["low"], "en"), short(row["high"], "en")]
        assert found[name][2] == "–".join(dict.fromkeys(ends)).replace("\u00a0", " ")
        assert found[name][3] == str(row["reports"])


def test_latest_value_is_of_the_newest_dated_report(small_web: tuple[httpx.Client, Path]) -> None:
    client, database = small_web
    sql = """SELECT o.name FROM figures f JOIN articles a ON a.id = f.article JOIN outlets o ON o.id = a.outlet
        WHERE f.unit = 'soldier' AND a.published IS NOT NULL ORDER BY a.rank DESC LIMIT 1"""
    (row,) = [row for row in table(get(client)) if row[0] == "soldiers"]
    assert rows(database, sql)[0]["name"] in row[1] and "no date" not in row[1]


def test_newest_report_s_contradiction_and_the_last_new_value_are_named(client: httpx.Client) -> None:
    (row,) = [row for row in table(get(client)) if row[0] == "containers"]
    assert row[1].startswith("◇ ≈ 7,000 Talbote 18 June 2024")
    assert row[4].startswith("◇ ≈ 7,000 Talbote")
    assert "≠ ▲ ≥ 10,000 Abendpost" in row[5] and "≠ ▲ ≥ 11,000 Hafenkurier" in row[5]


def test_unit_page_says_who_had_each_value_first_who_copied_it_and_who_says_otherwise(client: httpx.Client, room: Path) -> None:
    found = {row[0]: row for row in table(get(client, "/container"))}
    assert list(found) == ["◇ ≈ 7,000", "◇ ≈ 6,500", "▲ ≥ 11,000", "◇ ≈ 6,000", "▲ ≥ 10,000"]
    first = found["▲ ≥ 10,000"]
    assert first[1:4] == ["at least", "mindestens 10.000 Container", "Morgenblatt 13 June 2024, 10:00 CEST"]
    assert first[4] == "by 2 outlets, of these 2 in copies"
    assert "≠ ◇ ≈ 6,000 Talbote 13 June 2024, 15:00 CEST of the same days" in first[5]
    assert found["◇ ≈ 6,500"][4] == "not"


def test_value_leads_to_its_place_in_the_article(client: httpx.Client, room: Path) -> None:
    (link,) = get(client, "/container").xpath(
        '//a[text()="mindestens 10.000 Container" or ./bdi/text()="mindestens 10.000 Container"]/@href'
    )
    (figure,) = rows(room, "SELECT id FROM figures WHERE unit = 'container' AND low = 10000 ORDER BY rank LIMIT 1")
    assert link == f"/news/-/article/{page_id('morgenblatt', 'wire')}#f{figure['id']}"


def test_every_value_of_every_unit_is_in_its_table_once(small_web: tuple[httpx.Client, Path]) -> None:
    client, database = small_web
    for row in rows(database, "SELECT unit, count(*) AS n FROM (SELECT DISTINCT unit, low, high, hedge FROM figures) GROUP BY unit"):
        page = get(client, f"/{row['unit']}")
        assert len(table(page)) == row["n"]
        charted = len(page.xpath('//figure[contains(@class, "wide")]//g[@class="marks"]/path'))
        undrawn = re.search(r"(\d+) values? (?:is|are) in the table only", text(page))
        assert charted + (int(undrawn[1]) if undrawn else 0) == row["n"]


def test_chart_is_whole_named_and_says_the_hedge_by_its_shape(small_web: tuple[httpx.Client, Path]) -> None:
    answer = small_web[0].get("/news/-/figures/container?lang=de")
    drawings = re.findall(r"<svg.*?</svg>", answer.text, re.S)
    assert len(drawings) == 2
    for drawing in drawings:
        svg = etree.fromstring(drawing)
        named = [svg.find(f"*[@id='{id_}']") for id_ in svg.get("aria-labelledby", "").split()]
        assert [element.tag for element in named if element is not None] == ["title", "desc"]
        marks = svg.findall("g[@class='marks']/path")
        assert {mark.get("class") for mark in marks} == {"up", "open", "full"}
        assert all(mark.findtext("title") for mark in marks)
        numbers = [float(number) for path in svg.iter("path") for number in re.findall(r"-?\d+(?:\.\d+)?", path.get("d", ""))]
        assert max(numbers) <= 1100 and "nan" not in drawing and "style=" not in drawing
    assert "13.000" in answer.text and "logarithmisch" in answer.text


def test_values_are_paged_without_loss(tmp_path: Path, story: Story) -> None:
    with newsroom(tmp_path / "news.db", story) as room:
        for n in range(70):
            text_ = RIVAL.split("\n")[0].replace("6.000", f"{1000 + 100 * n:,}".replace(",", "."))
            room.file("talbote", f"n{n}", text_.replace("Reportern", f"Reportern aus {n} Ländern"), after=timedelta(days=n))
    with served(tmp_path, actor=None) as client:
        page, seen = get(client, "/container"), []
        while True:
            seen += [row[0] for row in table(page)]
            older = page.xpath('//p[@class="pages"]/a[last()][text()="Older values"]/@href')
            if not older:
                break
            page = get(client, "/container", before=httpx.URL(older[0]).params["before"])
        given = rows(tmp_path / "news.db", "SELECT DISTINCT low, high, hedge FROM figures WHERE unit = 'container'")
        assert 60 < len(seen) == len(set(seen)) == len(given)
        for odd in ("x", "9" * 30, "-1", ""):
            assert len(table(get(client, "/container", before=odd))) == 50


@pytest.mark.parametrize("unit", ["nothing", "%00", "<script>", "' OR 1=1 --", "x" * 3000, "\u202e"])
def test_unknown_unit_answers_404_with_a_page(client: httpx.Client, unit: str) -> None:
    page = get(client, f"/{quote(unit, safe='')}", status=404)
    assert "There are no figures of this" in text(page)
    assert len(page.xpath("//script")) == 1


def test_unit_that_is_markup_is_shown_and_linked_as_text(client: httpx.Client) -> None:
    page = get(client)
    (link,) = [a for a in page.xpath("//table//a") if SCRIPT in text(a)]
    assert len(page.xpath("//script")) == 1
    answer = client.get(link.get("href") + "?lang=en")
    unit = tree(answer.text)
    assert answer.status_code == 200 and SCRIPT in text(unit.xpath("//h1")[0]) and len(unit.xpath("//script")) == 1
    assert not [href for href in unit.xpath("//@href") if not re.match(r"https?://|/|#|\?", href)]


def test_empty_database_says_so(tmp_path: Path) -> None:
    Store.open(tmp_path / "news.db").close()
    with served(tmp_path, actor=None) as client:
        assert "No report has given a figure yet." in text(get(client))
        assert "Noch hat kein Bericht" in text(get(client, lang="de"))


def test_figures_stand_where_their_article_stands(tmp_path: Path, story: Story) -> None:
    sql = """SELECT f.rank IS CASE WHEN a.state != 'dropped' THEN a.rank END AND f.cluster IS a.cluster AS right, f.rank
        FROM figures f JOIN articles a ON a.id = f.article"""
    path = tmp_path / "news.db"
    with newsroom(path, story) as room:
        room.file("talbote", "rival", RIVAL)
        room.file("talbote", "rival", RIVAL.replace("6.000", "6.100"), again=timedelta(days=1))
        room.filer.say("https://talbote.example/rival", "dropped", "off", AT)
        assert [tuple(row) for row in rows(path, sql)] == [(1, None)]
        room.filer.say("https://talbote.example/rival", "filed", "on", AT)
        assert [row["right"] for row in rows(path, sql)] == [1] and rows(path, sql)[0]["rank"]


def test_every_unit_of_the_story_has_a_name_in_both_languages() -> None:
    story = tomllib.loads((ROOT / "seeds" / "story.toml").read_text(encoding="utf-8"))
    assert story["quantity"]
    assert not [quantity["unit"] for quantity in story["quantity"] if not all(LABELS.get(f"unit_{quantity['unit']}", ("", "")))]
