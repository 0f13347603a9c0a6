"""What publishers reserve later than a page was filed: respected by replays and other looks, recorded without a new version."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from pipelines.article import Page, Verdict
from pipelines.consent import marked, withheld
from pipelines.read import reading
from pipelines.story import Story
from tests.conftest import Desk
from tests.internet import Answer, Internet
from tests.showcase import AT, RIVAL, WIRE, address, newsroom
from tests.test_consent import OPTED_OUT, PAGES, crawl

FIRST, NEXT = "a.example/bericht-10001.html", "a.example/bericht-10003.html"


def standing(desk: Desk, sql: str) -> set[str]:
    return {row["url"].removeprefix("http://") for row in desk.rows(sql)}


def test_replay_that_respects_opt_outs_files_and_keeps_nothing_of_them(desk: Desk, internet: Internet) -> None:
    crawl(desk, internet)
    desk.run("drop", "http://a.example/bericht-10005.html")
    mention(desk)
    asked = len(internet.asked)
    told = desk.run("replay", RESPECT_TDM_OPTOUT="True").stdout
    assert standing(desk, "SELECT url FROM articles WHERE state != 'dropped'") == set(PAGES) - {"a.example/bericht-10005.html", NEXT}
    assert f"mention -> denied  http://{NEXT}  the page opts out (tdm), and RESPECT_TDM_OPTOUT is on" in told
    desk.run("replay", "--apply", RESPECT_TDM_OPTOUT="True")
    assert standing(desk, "SELECT url FROM articles WHERE state != 'dropped'") == set(PAGES) - set(OPTED_OUT)
    assert standing(desk, "SELECT url FROM verdicts WHERE verdict = 'filed'") == set(PAGES) - set(OPTED_OUT)
    assert not standing(desk, "SELECT url FROM pages") & set(OPTED_OUT)
    assert desk.rows("SELECT 1 FROM pages")
    assert not desk.rows("SELECT 1 FROM decisions WHERE instr(reason, 'Satz aus der Seite')")
    bare = "SELECT a.url FROM articles a WHERE text = '' AND NOT EXISTS (SELECT 1 FROM sentences s WHERE s.article = a.id AND s.text != '')"
    assert standing(desk, bare) == set(OPTED_OUT) - {"a.example/bericht-10005.html"}  # an editor's word stands, and is decided no more
    assert "0 decisions" in desk.run("replay", RESPECT_TDM_OPTOUT="True").stdout
    assert len(internet.asked) == asked


def mention(desk: Desk) -> None:
    """As if an earlier story file had made a mention of a page that opts out."""
    with closing(sqlite3.connect(desk.database)) as connection:
        connection.execute(
            "INSERT INTO decisions (url, at, stage, verdict, reason, story_hash) VALUES (?, ?, 'page', 'mention', ?, '')",
            (f"http://{NEXT}", "2024-06-14T00:00:00Z", "in one of 9 sentences | Ein Satz aus der Seite."),
        )
        connection.execute("UPDATE articles SET state = 'dropped' WHERE url = ?", (f"http://{NEXT}",))
        connection.commit()


def look_again(desk: Desk, internet: Internet, meta: str, **settings: Any) -> None:
    """The first page says something else in its head now; what its text says is as it was."""
    html = internet.answer(f"http://{FIRST}", {}).body.replace(b"</head>", f"{meta}</head>".encode())
    internet.routes[f"http://{FIRST}"] = lambda url, asked: Answer(200, html, {"Content-Type": "text/html; charset=utf-8"})
    desk.run("crawl", "pages", "-a", f"url=http://{FIRST}", **settings)


def test_word_of_an_unchanged_page_is_brought_up_to_date_and_its_copy_goes_when_it_wants_none(desk: Desk, internet: Internet) -> None:
    crawl(desk, internet)
    before = "SELECT changed_at, filed_at, state, text_hash, (SELECT count(*) FROM versions) AS versions FROM articles WHERE url = ?"
    was = [tuple(row) for row in desk.rows(before, f"http://{FIRST}")]
    export = ("export", "--cursor", "desk", "--view", "articles_list", "--format", "jsonl")
    desk.run(*export)
    look_again(desk, internet, '<meta name="robots" content="noai, noarchive">')
    assert desk.rows("SELECT reservations FROM articles WHERE url = ?", f"http://{FIRST}")[0]["reservations"] == "noai noarchive"
    assert [tuple(row) for row in desk.rows(before, f"http://{FIRST}")] == was
    assert FIRST not in standing(desk, "SELECT url FROM pages")
    (told,) = (json.loads(line) for line in desk.run(*export).stdout.splitlines())  # who lists articles must know
    assert (told["change"], told["url"], told["reservations"]) == ("updated", f"http://{FIRST}", "noai noarchive")


def test_article_whose_page_opts_out_later_goes_when_opt_outs_are_respected(desk: Desk, internet: Internet) -> None:
    crawl(desk, internet, RESPECT_TDM_OPTOUT="True")
    look_again(desk, internet, '<meta name="tdm-reservation" content="1">', RESPECT_TDM_OPTOUT="True")
    (row,) = desk.rows("SELECT state, text, pruned_at FROM articles WHERE url = ?", f"http://{FIRST}")
    assert (row["state"], row["text"]) == ("dropped", "") and row["pruned_at"]
    assert FIRST not in standing(desk, "SELECT url FROM pages") | standing(desk, "SELECT url FROM articles_list")
    (said,) = desk.rows("SELECT verdict, reason FROM verdicts WHERE url = ?", f"http://{FIRST}")
    assert tuple(said) == ("denied", "the page opts out (tdm), and RESPECT_TDM_OPTOUT is on")
    desk.run("refold")
    assert desk.rows("SELECT 1 FROM articles WHERE url = ? AND text = ''", f"http://{FIRST}")


def test_entries_of_a_live_blog_go_with_its_page(tmp_path: Path, story: Story) -> None:
    with newsroom(tmp_path / "news.db", story) as room:
        room.file("talbote", "live#e1", RIVAL)
        room.file("talbote", "live-2", WIRE)
        url = address("talbote", "live")
        page = Page(url, url, 200, AT, b"", outlet="talbote", language="de", timezone="Europe/Berlin")
        read = reading(page, Verdict(url, "page", "filed", "live blog: 1 of 2 entries are on the story", AT), archive=False)
        room.filer.file(withheld(marked(read, "tdm")), AT)
        states = room.filer.store.db.execute("SELECT url, state, text != '' FROM articles").fetchall()
        assert set(states) == {(f"{url}#e1", "dropped", 0), (f"{url}-2", "live", 1)}
