"""The brief: ten lines with their sources, in German or English, as a page or as Markdown; quiet when nothing is new."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import html
from markdown_it import MarkdownIt

from crawler.exports.brief import LINES
from pipelines.evidence import Figure
from pipelines.store.delivery import Delivery
from pipelines.store.rows import utc
from pipelines.story import Story
from tests.conftest import Desk
from tests.internet import Internet
from tests.test_delivery import OTHER, export, take
from tests.test_export import NOON, REPORT, Database
from tests.test_formats import CANARIES

SINCE = ("--since", "2024-06-01")


@pytest.fixture
def news(tmp_path: Path, story: Story) -> Database:
    """A report with a copy, another with a figure."""
    desk = Database(tmp_path / "news.db", story)
    desk.file(replace(desk.article("a", REPORT, headline="Container voll Munition"), figures=()))
    copy = desk.article("b", REPORT, headline="Abdruck", outlet="rheinblatt")
    desk.file(replace(copy, figures=()), NOON + timedelta(minutes=1))
    article = desk.article("c", OTHER, headline="Dreißig Geschütze")
    desk.file(replace(article, figures=(Figure("dreißig Geschütze", 60, 30, 30, "guns", "exact"),)))
    return desk


def page(desk: Database, *args: str) -> Any:
    return html.fromstring(export(desk, *args, file="brief.html").decode())


def words(tree: Any) -> str:
    return " ".join(tree.text_content().split())


def text(desk: Database, *args: str) -> str:
    return export(desk, *args, file="brief.md").decode()


def test_brief_names_report_outlet_time_copies_and_quotes_what_is_new(news: Database) -> None:
    tree = page(news, *SINCE)
    said = words(tree)
    assert "Neue Berichte (2)" in said and "Neue Zahlen (1)" in said
    assert "Container voll Munition" in said and "1 Abdruck" in said
    assert "„Nordkorea hat Russland am 3. Juni 300 Container voll Munition geschickt" in said
    assert "dreißig Geschütze" in said and "01.06.2024, 00:00 Uhr" in said
    assert {link.get("href") for link in tree.iter("a")} == {"http://tagesfunk.example/a", "http://tagesfunk.example/c"}
    english = words(page(news, *SINCE, "--lang", "en"))
    assert "New reports (2)" in english and "1 copy" in english and "01 Jun 2024, 00:00" in english


def test_brief_of_a_reader_tells_what_is_new_since_the_last_and_plainly_when_nothing_is(news: Database) -> None:
    first = page(news, "--cursor", "desk", *SINCE)
    assert "Neue Berichte (2)" in words(first)
    assert re.search(r"Nichts Neues seit \d\d\.\d\d\.\d{4}, \d\d:\d\d Uhr\.", words(page(news, "--cursor", "desk")))
    news.file(news.article("d", "Nordkorea schickt Russland zwanzig Züge voll Munition.", headline="D", outlet="oststimme"), NOON)
    said = text(news, "--cursor", "desk")  # the page and the text are one cursor
    assert "Neue Berichte (1)" in said and "[D](<http://oststimme.example/d>)" in said and "Container" not in said
    assert "Nothing new since" in text(news, "--cursor", "desk", "--lang", "en")


def test_brief_of_a_new_reader_is_of_today_and_what_was_before_is_not_told_later(news: Database) -> None:
    assert "Nichts Neues" in text(news, "--cursor", "desk")
    assert "Nichts Neues" in text(news, "--cursor", "desk")
    assert len(take(news)) == 2  # another cursor


@pytest.mark.parametrize("cursor", [(), ("--cursor", "desk")])
def test_corrections_and_withdrawals_are_told_with_what_changed(news: Database, cursor: tuple[str, ...]) -> None:
    later = NOON + timedelta(days=1)
    if cursor:
        text(news, *cursor)
    news.file(news.article("c", OTHER.replace("dreißig", "vierzig"), headline="Vierzig Geschütze"), later)
    news.filer.say("http://rheinblatt.example/b", "dropped", "", later)
    said = text(news, *cursor, "--since", (utc(later) or "")[:10])
    assert "Korrigiert oder zurückgezogen (2)" in said
    assert "korrigiert · Tagesfunk" in said and "30 Geschütze" not in said and "→" in said and "vierzig" in said
    assert re.search(r"Abdruck\]\(<http://rheinblatt.example/b>\)\*\* – zurückgezogen", said)


def test_brief_has_ten_lines_and_says_how_many_there_are(news: Database) -> None:
    for number in range(20, 40):
        news.file(news.article(f"n{number}", f"Nordkorea schickt Russland {number} Züge voll Munition.", headline=f"N{number}"))
    news.store.db.execute("UPDATE sources SET last_ok_at = '2024-06-14T00:00:00Z', last_new_at = '2024-05-01T00:00:00Z', state = 'ok'")
    news.store.db.execute("UPDATE sources SET failures = 3 WHERE outlet = 'tagesfunk'")
    tree = page(news, *SINCE)
    assert len(tree.findall(".//li")) == LINES - 1  # and one of silent sources
    all_ = len(news.store.db.execute("SELECT 1 FROM coverage").fetchall())
    shown, figures = re.search(rf"Neue Berichte \((\d) von {all_}\)", words(tree)), re.search(r"Neue Zahlen \((\d)", words(tree))
    assert shown and figures and int(shown[1]) + int(figures[1]) == LINES - 1
    assert words(tree).count("Container voll Munition") >= 1  # with its copy the weightiest
    assert "Verstummte Quellen:" in words(tree) and "weitere" in words(tree)
    assert "Tagesfunk (antwortet nicht)" in words(tree) or "nichts seit 01.05.2024" in words(tree)


def test_figure_that_an_earlier_text_gave_is_not_new(news: Database) -> None:
    figure = Figure("30 Geschütze", 21, 30, 30, "guns", "exact")
    late = news.article("e", "Nach neuen Angaben: 30 Geschütze.", headline="E", outlet="oststimme")
    news.file(replace(late, figures=(figure,)), NOON + timedelta(days=2))
    assert "Neue Zahlen (1)" in text(news, *SINCE)
    assert "Neue Zahlen" not in text(news, "--since", "2024-06-15")


@pytest.mark.parametrize("canary", CANARIES)
def test_nothing_in_a_brief_runs_or_links_elsewhere(news: Database, canary: str) -> None:
    written = canary.encode("utf-8", "surrogatepass")
    db = news.store.db
    db.execute("UPDATE articles SET headline = CAST(? AS TEXT)", [written])
    db.execute("UPDATE clusters SET headline = CAST(? AS TEXT)", [written])
    db.execute("UPDATE sentences SET text = CAST(? AS TEXT)", [written])
    db.execute("UPDATE figures SET as_written = CAST(? AS TEXT)", [written])
    for table in ("articles", "clusters"):
        db.execute(f"UPDATE {table} SET url = 'javascript:alert(1)' WHERE url LIKE '%/c'")
    body = export(news, *SINCE, file="brief.html").decode()
    tree = html.fromstring(body)
    assert not tree.xpath("//script | //img | //iframe | //link | //@onerror | //@src")
    assert {link.get("href") for link in tree.iter("a")} <= {"http://tagesfunk.example/a", "http://rheinblatt.example/b"}
    source = export(news, *SINCE, file="brief.md").decode()
    rendered = html.fromstring(MarkdownIt("commonmark", {"html": True}).render(source))
    assert not rendered.xpath("//script | //img | //pre | //code")
    assert {link.get("href") for link in rendered.iter("a")} <= {"http://tagesfunk.example/a", "http://rheinblatt.example/b"}
    for made in (body, source):
        assert len(made) < 20_000 and not set(made) & set("\x00\x1b\u202e\u202c\ufffe")


@pytest.mark.parametrize(
    "headline",
    [
        "[x](http://evil.example)", "![x](http://evil.example/a.png)", "<http://evil.example>", "# laut", "- Liste", "1. Juni", "`c`",
        "a\n\n    b", "**x** _y_ ~~z~~", "<b>fett</b> &amp; &lt;", "| a | b |", "\\[x](http://evil.example)", "[x]: http://evil.example",
    ],
)  # fmt: skip
def test_markdown_of_a_page_stays_text(news: Database, headline: str) -> None:
    news.store.db.execute("UPDATE clusters SET headline = ?", [headline])
    rendered = html.fromstring(MarkdownIt("commonmark", {"html": True}).enable("strikethrough").render(text(news, *SINCE)))
    assert " ".join(headline.split()) in [words(link) for link in rendered.iter("a")]
    assert not rendered.xpath("//img | //em | //code | //pre | //s | //b | //h3 | //li//h1 | //li//ul | //li//ol")
    assert not [link for link in rendered.iter("a") if "evil" in (link.get("href") or "")]


def test_brief_of_a_crawl_and_of_an_empty_database_reads_well(crawled: tuple[Desk, Internet], tmp_path: Path) -> None:
    done = crawled[0].run("export", "--format", "brief-md", "--since", "2020-01-01")
    assert "## Neue Berichte" in done.stdout and "## Neue Zahlen" in done.stdout
    assert len(re.findall(r"^- \*\*", done.stdout, re.M)) <= LINES
    assert "Nichts Neues" in crawled[0].run("export", "--format", "brief-md", "--since", "2999-01-01").stdout


def test_brief_is_read_in_one_moment(news: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    text(news, "--cursor", "desk", *SINCE)
    ask = Delivery.ask

    def meanwhile(self: Delivery, sql: str, *values: Any) -> Any:
        news.file(news.article("late", "Nordkorea schickt Russland neunzig Züge voll Munition.", headline="Spät"))
        return ask(self, sql, *values)

    with monkeypatch.context() as patch:
        patch.setattr(Delivery, "ask", meanwhile)
        assert "Spät" not in text(news, "--cursor", "desk")
    assert "Spät" in text(news, "--cursor", "desk")
