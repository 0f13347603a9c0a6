"""Cursors: each reader gets exactly what changed since it last took delivery, once it is safely written; again byte for byte."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from scrapy.settings import Settings

from crawler.commands.export import Command
from crawler.exports.formats import FORMATS
from pipelines.article import Verdict
from pipelines.evidence import Figure
from pipelines.story import Story
from pipelines.views import VIEWS
from tests.conftest import ROOT
from tests.test_export import NOON, REPORT, Database
from tests.test_formats import CANARIES

OTHER = "Nordkorea hat Russland nach Angaben aus Kiew am 12. Juni dreißig Geschütze und zwölf Raketenwerfer über die Grenze geschickt."
LATER = NOON + timedelta(hours=3)


def export(desk: Database, *args: str, file: str = "out.jsonl") -> bytes:
    """What `scrapy export … -o` writes, run in this process."""
    command, parser = Command(), argparse.ArgumentParser()
    command.settings = Settings({"DATABASE": str(desk.path), "STORY": str(ROOT / "seeds" / "story.toml")})
    command.add_options(parser)
    target = desk.path.with_name(file)
    command.work([], parser.parse_args([*args, "-o", str(target)]))
    return target.read_bytes()


def take(desk: Database, reader: str = "desk", view: str = "coverage", *args: str) -> list[dict[str, Any]]:
    body = export(desk, "--cursor", reader, "--view", view, *args)
    return [json.loads(line) for line in body.splitlines()]


def told(rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return sorted((row["change"], row["headline"]) for row in rows)


@pytest.fixture
def news(tmp_path: Path, story: Story) -> Database:
    """A report, its copy, and another report."""
    desk = Database(tmp_path / "news.db", story)
    desk.file(desk.article("a", REPORT, headline="A"))
    desk.file(desk.article("b", REPORT, headline="B", outlet="rheinblatt"), NOON + timedelta(minutes=1))
    desk.file(desk.article("c", OTHER, headline="C"))
    return desk


@pytest.mark.parametrize("view", VIEWS)
def test_first_delivery_is_everything_and_the_second_nothing(news: Database, view: str) -> None:
    first = take(news, view=view)
    assert len(first) == news.store.db.execute(f"SELECT count(*) FROM {view}").fetchone()[0]
    assert {row["change"] for row in first} <= {"new"}
    assert len({row["id"] for row in first}) == len(first)
    assert take(news, view=view) == []


def test_article_filed_in_the_same_second_or_with_the_clock_set_back_is_delivered_once(news: Database) -> None:
    take(news)
    for number, at in enumerate((NOON, NOON, NOON - timedelta(days=400))):
        news.file(news.article(f"n{number}", f"Nordkorea schickt Russland {number + 20} Züge voll Munition.", headline=f"N{number}"), at)
        assert told(take(news)) == [("new", f"N{number}")]
        assert take(news) == []


def test_gained_copy_updates_its_report_under_the_same_id(news: Database) -> None:
    ids = {row["headline"]: row["id"] for row in take(news)}
    news.file(news.article("d", REPORT, headline="D", outlet="oststimme"), LATER)
    (row,) = take(news)
    assert (row["change"], row["id"], row["copies"]) == ("updated", ids["A"], 2)


def test_report_keeps_its_id_when_an_earlier_text_comes_to_stand_for_it(news: Database) -> None:
    ids = {row["headline"]: row["id"] for row in take(news)}
    news.file(news.article("z", REPORT, headline="Z", outlet="oststimme"), NOON - timedelta(days=1))
    (row,) = take(news)
    assert (row["change"], row["headline"], row["id"]) == ("updated", "Z", ids["A"])


def test_changed_text_is_corrected_and_a_changed_headline_updated(news: Database) -> None:
    views = ("coverage", "articles_list")
    for view in views:
        take(news, view=view)
    changed = OTHER.replace("dreißig", "vierzig")
    news.file(news.article("c", changed, headline="C"), LATER)
    assert [told(take(news, view=view)) for view in views] == [[("corrected", "C")]] * 2
    news.file(news.article("c", changed, headline="C2"), LATER + timedelta(hours=1))
    assert [told(take(news, view=view)) for view in views] == [[("updated", "C2")]] * 2


def test_corrected_figure_is_told_as_the_one_that_went_and_the_one_that_came(tmp_path: Path, story: Story) -> None:
    desk = Database(tmp_path / "news.db", story)
    article = desk.article("a", OTHER)
    desk.file(replace(article, figures=(Figure("dreißig Geschütze", 60, 30, 30, "guns", "exact"),)))
    take(desk, view="figures_over_time")
    text = OTHER.replace("dreißig", "vierzig")
    desk.file(replace(desk.article("a", text), figures=(Figure("vierzig Geschütze", 60, 40, 40, "guns", "exact"),)), LATER)
    rows = take(desk, view="figures_over_time")
    assert {(row["change"], row["as_written"]) for row in rows} == {("withdrawn", "dreißig Geschütze"), ("new", "vierzig Geschütze")}


@pytest.mark.parametrize("view", ["coverage", "articles_list"])
def test_page_that_is_gone_and_article_an_editor_dropped_are_withdrawn_once(news: Database, view: str) -> None:
    before = {row["headline"]: row for row in take(news, view=view)}
    news.filer.say("http://tagesfunk.example/c", "dropped", "", LATER)
    (row,) = take(news, view=view)
    assert row == before["C"] | {"change": "withdrawn"}
    for url in ("http://tagesfunk.example/a", "http://rheinblatt.example/b"):
        news.store.db.execute("UPDATE articles SET state = 'withdrawn' WHERE url = ?", [url])
    assert {change for change, _ in told(take(news, view=view))} == {"withdrawn"}
    assert take(news, view=view) == []
    news.filer.say("http://tagesfunk.example/a", "dropped", "", LATER)
    assert all(row["headline"] != "A" for row in take(news, view=view))
    news.filer.say("http://tagesfunk.example/c", "filed", "", LATER)
    assert ("new", "C") in told(take(news, view=view))


def test_merged_report_says_into_which_and_so_do_its_articles(news: Database) -> None:
    ids = {row["headline"]: row["id"] for row in take(news)}
    take(news, view="articles_list")
    news.filer.correct("join", "http://tagesfunk.example/c", "http://tagesfunk.example/a", "one event", LATER)
    rows = {row["id"]: row for row in take(news)}
    assert (rows[ids["C"]]["change"], rows[ids["C"]]["into"], rows[ids["C"]]["headline"]) == ("merged", ids["A"], "C")
    assert (rows[ids["A"]]["change"], rows[ids["A"]]["into"], rows[ids["A"]]["copies"]) == ("updated", None, 2)
    (article,) = [row for row in take(news, view="articles_list") if row["headline"] == "C"]
    assert (article["change"], article["into"]) == ("merged", ids["A"])
    news.filer.correct("split", "http://tagesfunk.example/a", None, "two after all", LATER)
    assert {row["change"] for row in take(news)} == {"new", "updated"}
    assert len({row["id"] for row in take(news, reader="another")}) == 2


def test_two_readers_and_two_views_do_not_disturb_each_other(news: Database) -> None:
    assert len(take(news, "desk")) == 2
    news.file(news.article("d", "Nordkorea schickt Russland zwanzig Züge voll Munition.", headline="D"))
    assert len(take(news, "wire")) == 3
    assert told(take(news, "desk")) == [("new", "D")]
    assert len(take(news, "desk", "articles_list")) == 4


def test_first_delivery_may_begin_at_a_time_and_later_ones_miss_nothing(news: Database) -> None:
    news.file(news.article("d", "Nordkorea schickt Russland zwanzig Züge voll Munition.", headline="D"), LATER)
    since = ("--since", "2024-06-14T13:00:00Z")
    assert told(take(news, "desk", "coverage", *since)) == [("new", "D")]
    news.file(news.article("e", "Nordkorea liefert Russland dreihundert Haubitzen.", headline="E"), NOON)  # filed as of before
    assert told(take(news, "desk", "coverage", *since)) == [("new", "E")]


@pytest.mark.parametrize("name", FORMATS)
def test_hostile_texts_of_the_database_stop_no_delivery_in_any_format(news: Database, name: str) -> None:
    for number, canary in enumerate(CANARIES):
        news.file(news.article(f"n{number}", f"Nordkorea schickt Russland {number + 20} Züge voll Munition.", headline=str(number)))
        sql = "UPDATE {} SET headline = CAST(? AS TEXT) WHERE headline = ?"
        for table in ("articles", "clusters"):
            news.store.db.execute(sql.format(table), [canary.encode("utf-8", "surrogatepass"), str(number)])
    for view in ("coverage", "articles_list"):
        body = export(news, "--cursor", "desk", "--view", view, "--format", name, file="out")
        assert len(body) > 1000 or FORMATS[name].render
        assert export(news, "--cursor", "desk", "--view", view, "--format", name, "--again", file="again") == body


def test_decision_on_a_mention_is_delivered_with_its_new_verdict(news: Database) -> None:
    take(news, view="verdicts")
    news.filer.file(Verdict("http://tagesfunk.example/aside", "page", "mention", "names it once", NOON, 0.2), NOON)
    (row,) = take(news, view="verdicts")
    assert (row["change"], row["verdict"]) == ("new", "mention")
    news.filer.file(Verdict("http://tagesfunk.example/aside", "page", "off_story", "not at all", NOON, 0.0), NOON)
    (row,) = take(news, view="verdicts")
    assert (row["change"], row["verdict"]) == ("updated", "off_story")
