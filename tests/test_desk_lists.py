"""Lists, search, decisions and sources of the desk: what they show, what their filters leave, what is found."""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from pipelines.article import Closing, Entry, Source, Verdict
from pipelines.evidence import Figure
from pipelines.store import Store
from pipelines.story import Story
from tests.conftest import Desk
from tests.desks import LISTS, headlines, hostile, nobody, read, rows, said, served_copy, small_web
from tests.internet import Internet
from tests.serving import DATA, served
from tests.showcase import WIRE, newsroom

__all__ = ["hostile", "nobody", "small_web"]  # fixtures


@pytest.mark.parametrize(("room", "view"), [("coverage", "coverage"), ("articles", "articles_list"), ("mentions", "mentions")])
def test_lists_show_what_the_views_hold(small_web: httpx.Client, crawled: tuple[Desk, Internet], room: str, view: str) -> None:
    page, found = read(small_web, f"/news/-/{room}"), []
    while True:
        found += headlines(page)
        if not (following := page.xpath("//a[@rel='next']/@href")):
            break
        page = read(small_web, following[0])
    stored = [" ".join(row["headline"].split()) or "(ohne Überschrift)" for row in crawled[0].rows(f"SELECT headline FROM {view}")]
    assert sorted(found) == sorted(stored)


@pytest.mark.parametrize("room", LISTS)
def test_a_filter_leaves_as_many_rows_as_it_says(small_web: httpx.Client, room: str) -> None:
    options = read(small_web, f"/news/-/{room}").xpath("//aside//li")
    assert options
    for option in options:
        page = read(small_web, option.xpath("./a/@href")[0])
        assert len(rows(page)) == min(50, int(option.xpath("./span")[-1].text))
        chosen = page.xpath("//ul[@class='chosen-list']//a/@href")
        assert len(chosen) == 1
        assert len(rows(read(small_web, chosen[0]))) >= len(rows(page))


@pytest.mark.parametrize("room", [*LISTS, "search"])
@pytest.mark.parametrize("after", ["x", "~", "1~", "~1", "9" * 40, f"{2**63}~1", "-5~3", "\ud800~1", "1~1;--"])
def test_an_odd_place_to_go_on_from_does_no_harm(small_web: httpx.Client, room: str, after: str) -> None:
    read(small_web, f"/news/-/{room}", after=after.encode("utf-8", "replace").decode(), month="2023-13", outlet="' OR 1", q="Container")


def test_badges_say_what_an_article_is(hostile: httpx.Client) -> None:
    badges = {node.text_content() for node in read(hostile, "/news/-/articles").xpath("//*[contains(@class, 'badge ')]")}
    assert badges >= {
        "eigene Recherche",
        "Kopie",
        "erweitert",
        "Bezahlschranke",
        "ungenaues Datum",
        "ohne Datum",
        "1-mal geändert",
        "1 Kopie",
    }


@pytest.mark.parametrize(
    ("asked", "holds"),
    [
        ("lieferung", "Waffenlieferung"),
        ("Pjongjang", "Pjöngjang"),
        ("Pjöngjang", "Pjöngjang"),
        ("Strasse", "straße"),
        ("Straße", "straße"),
    ],
)
def test_search_finds_parts_of_words_in_any_spelling_and_marks_them(
    small_web: httpx.Client, crawled: tuple[Desk, Internet], asked: str, holds: str
) -> None:
    page = read(small_web, "/news/-/search", q=asked)
    marks = {node.text_content().lower() for node in page.xpath("//mark")}
    stored = crawled[0].rows("SELECT 1 FROM articles WHERE instr(lower(headline || text), lower(?))", holds)
    assert stored
    wanted = {"pjöngjang", "pjongjang"} if "jang" in asked else {"straße", "strasse"} if "Str" in asked else {"lieferung"}
    assert marks & wanted
    assert marks <= wanted


def test_search_says_which_words_are_too_short(small_web: httpx.Client) -> None:
    assert "Zu kurz zum Suchen: EU, in" in said(read(small_web, "/news/-/search", q="EU in Container"))
    assert "Too short to search for: 北한" in said(read(small_web, "/news/-/search", "en", q="北한"))


def test_search_finds_figures_outlets_and_decisions(small_web: httpx.Client, crawled: tuple[Desk, Internet]) -> None:
    value = crawled[0].rows("SELECT low, unit FROM figures WHERE low > 1000 AND rank IS NOT NULL LIMIT 1")[0]
    links = read(small_web, "/news/-/search", q=f"{value['low']:.0f}").xpath("//main//a/@href")
    assert f"/news/-/figures/{value['unit']}" in links
    outlet = crawled[0].rows("SELECT id, name FROM outlets LIMIT 1")[0]
    assert f"/news/-/articles?outlet={outlet['id']}" in read(small_web, "/news/-/search", q=outlet["name"]).xpath("//main//a/@href")
    left_out = crawled[0].rows("SELECT url, reason FROM verdicts WHERE verdict = 'off_story' AND headline != '' LIMIT 1")[0]
    assert left_out["reason"] in said(read(small_web, "/news/-/search", q=left_out["url"]))


def test_who_has_not_logged_in_is_shown_new_sentences_alone(nobody: httpx.Client, crawled: tuple[Desk, Internet]) -> None:
    new = [" ".join(row["text"].split()) for row in crawled[0].rows("SELECT text FROM sentences WHERE status = 'new'")]
    page = read(nobody, "/news/-/search", q="Container")
    snippets = [" ".join(node.text_content().split()).strip("… ") for node in page.xpath("//*[@class='snippet']")]
    assert snippets
    assert all(any(snippet in sentence for sentence in new) for snippet in snippets)
    assert "Den vollen Text lesen Angemeldete" in said(page)
    quoted = read(nobody, "/news/-/search", q="„Container Russland“")  # a phrase would spell out a text word by word
    assert headlines(quoted) == headlines(read(nobody, "/news/-/search", q="Container Russland"))


@pytest.mark.parametrize(
    "asked", ['"', "*", "a*b", "AND OR NOT", "NEAR(x y)", "headline:x", "'; --", "%", "🙂🙂🙂", "\u202exyz", "x" * 5000, "(((", "^^^"]
)
def test_search_for_odd_things_does_not_fail(small_web: httpx.Client, asked: str) -> None:
    for room in ("search", "decisions"):
        read(small_web, f"/news/-/{room}", q=asked)


def test_decisions_tell_why_a_page_was_left_out_newest_first(small_web: httpx.Client, crawled: tuple[Desk, Internet]) -> None:
    left_out = crawled[0].rows("SELECT url, reason FROM decisions WHERE newest = 1 AND verdict != 'filed' ORDER BY id DESC")
    shown = [" ".join(row.xpath(".//*[@class='reason']")[0].text_content().split()) for row in rows(read(small_web, "/news/-/decisions"))]
    assert shown[:30] == [" ".join(row["reason"].split()) for row in left_out[:30]]
    for row in left_out[:10]:
        assert row["reason"].split(" | ")[0] in said(read(small_web, "/news/-/decisions", q=row["url"]))


def test_decision_on_a_filed_page_is_found_by_its_address(small_web: httpx.Client, crawled: tuple[Desk, Internet]) -> None:
    filed = crawled[0].rows("SELECT v.url, a.public_id FROM verdicts v JOIN articles a ON a.url = v.url WHERE v.verdict = 'filed'")[0]
    page = read(small_web, "/news/-/decisions", q=filed["url"])
    assert f"/news/-/article/{filed['public_id']}" in page.xpath("//main//a/@href")
    assert "abgelegt" in said(page)


def decide(store: Store, number: int, verdict: Closing, *, figures: tuple[Figure, ...] = ()) -> str:
    url, at = f"https://talbote.example/{number}", datetime(2024, 6, 13, tzinfo=UTC) + timedelta(hours=number)
    source = Source("https://talbote.example/feed", "feed", "talbote")
    with store.transaction():
        store.ledger.list_entry(Entry(url, source.url, "talbote", at, headline=f"Seite {number}"))
        reason = f"1 of 9 sentences tell the story | Satz {number}."
        store.ledger.decide(Verdict(url, "page", verdict, reason, at, 0.1, figures=figures), "x", None)
    return url


def test_newest_decision_counts_and_a_mention_with_a_new_figure_comes_first(tmp_path: Path, story: Story) -> None:
    with newsroom(tmp_path / "news.db", story) as room:
        room.file("morgenblatt", "wire", WIRE)
        store = room.filer.store
        known, new = Figure("10.000 Container", 0, 10_000, None, "container", "at_least"), Figure("70 Schiffe", 0, 70, 70, "ship", "exact")
        decide(store, 1, "mention", figures=(known, new))
        decide(store, 2, "mention", figures=(known,))
        decide(store, 3, "failed")
        decide(store, 3, "off_story")
        newest = store.db.execute("SELECT count(*), count(DISTINCT url) FROM decisions WHERE newest = 1").fetchone()
        assert newest == (4, 4)
    with served(tmp_path) as client:
        page = read(client, "/news/-/mentions")
        assert headlines(page) == ["Seite 1", "Seite 2"]
        assert [node.text_content() for node in page.xpath("//*[@data-sign='✚']")] == ["neue Zahl: 70 Schiffe"]
        assert "Satz 1." in said(page)
        assert rows(read(client, "/news/-/decisions"))[0].xpath(".//td")[0].text_content() == "anderes Thema"
        assert "fehlgeschlagen" not in said(read(client, "/news/-/decisions"))


def test_sources_say_in_words_and_signs_how_they_are(tmp_path: Path, story: Story) -> None:
    with newsroom(tmp_path / "news.db", story) as room:
        room.file("morgenblatt", "wire", WIRE)
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    states = {"ok": (now, now, 0), "failing": (now, now, 3), "denied": (now, now, 1), "empty": (now, now, 0), "unasked": (None, None, 0)}
    with closing(sqlite3.connect(tmp_path / "news.db")) as db:
        for state, (answered, new, failures) in states.items():
            sql = "INSERT INTO sources (url, outlet, kind, state, last_ok_at, last_new_at, failures) VALUES (?, 'talbote', 'x', ?, ?, ?, ?)"
            db.execute(sql, (f"https://talbote.example/{state}", None if state == "unasked" else state, answered, new, failures))
        old = ("https://talbote.example/old", "ok", now, "2024-01-01T00:00:00Z", 0)
        db.execute(sql, old)
        db.execute("INSERT INTO fetches (source, at, outcome, contiguous) VALUES ('https://talbote.example/ok', ?, 'ok', 0)", (now,))
        db.commit()
    with served(tmp_path) as client:
        page = read(client, "/news/-/sources", outlet="talbote")
        badges = [node.text_content() for node in page.xpath("//main//*[contains(@class, 'badge ')]")]
        assert sorted(badges) == ["antwortet", "fällt aus", "listet nichts", "noch nicht gefragt", "schweigt", "verweigert"]
        signs = page.xpath("//main//*[contains(@class, 'badge ')]/@data-sign")
        assert len(set(signs)) == len(signs)
        front = read(client, "/")
        assert [node.text_content() for node in front.xpath("//*[@class='facts-number']")][1:] == ["4", "1"]
        assert "1 offene Lücke" in said(front)
        assert rows(read(client, "/news/-/sources"))[0].xpath(".//td")[0].text_content().startswith("fällt aus")


TRACER = """import sqlite3
from pathlib import Path
from datasette import hookimpl

@hookimpl
def prepare_connection(conn: sqlite3.Connection) -> None:
    def note(sql: str) -> None:
        with (Path(__file__).parent.parent / "asked").open("a") as asked:
            asked.write(sql + "\\0")
    conn.set_trace_callback(note)
"""


def test_no_page_scans_a_table_that_holds_body_texts(crawled: tuple[Desk, Internet], tmp_path: Path) -> None:
    shutil.copytree(DATA / "plugins", tmp_path / "plugins", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "plugins" / "tracer.py").write_text(TRACER)
    filters = {"outlet": "tagesfunk", "relation": "copy", "month": "2023-10", "verdict": "off_story"}
    with served_copy(crawled[0], tmp_path) as client:
        for params in ({}, *({name: value} for name, value in filters.items()), filters, {"q": "Container 7000"}):
            for room in ("", *(f"news/-/{room}" for room in (*LISTS, "sources", "search"))):
                read(client, f"/{room}", **params)
    asked = {sql for sql in (tmp_path / "asked").read_text().split("\0") if re.match(r"\s*(?:WITH|SELECT)\b", sql)}
    assert len(asked) > 50
    with closing(sqlite3.connect(tmp_path / "news.db")) as db:
        steps = {(step[3], sql) for sql in asked for step in db.execute(f"EXPLAIN QUERY PLAN {sql}")}
    scans = [(match[1], sql) for step, sql in steps if (match := re.match(r"SCAN (\w+)(?!.*COVERING INDEX)", step))]
    bodies = r"(?:articles|versions|sentences|pages)"
    assert not [sql for name, sql in scans if re.fullmatch(bodies, name) or re.search(rf"\b{bodies} (?:AS )?{name}\b", sql)]
