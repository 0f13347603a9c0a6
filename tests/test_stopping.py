"""A run that is stopped or killed, a server that fails or says half: nothing is taken for known that was not filed."""

from __future__ import annotations

import signal
import sqlite3
import time
from contextlib import closing

import pytest

from crawler.locks import Locks
from crawler.outcome import outcome
from pipelines.store import Store
from pipelines.story import Story
from tests.blatt import HOST, PAGES, blatt, dripping, feed, filed, finish, serve, sound
from tests.conftest import Desk
from tests.internet import Answer, Internet
from tests.showcase import WIRE, Newsroom

__all__ = ["blatt"]  # a fixture


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_run_that_is_told_to_stop_files_what_it_read_and_leaves_the_rest_to_the_next(
    blatt: Desk, internet: Internet, number: signal.Signals
) -> None:
    serve(internet)
    with dripping(internet, "/artikel-5.html") as asked:
        process = blatt.start("crawl", "feeds", DOWNLOAD_DELAY="0.05", RETRY_TIMES="2")
        assert asked.wait(40)
        told = time.monotonic()
        process.send_signal(number)
        code, said = finish(process, within=20)
        took = time.monotonic() - told
    assert code == 0
    assert said.strip().endswith("nachlese: feeds: stopped before its end, sound so far; the next run goes on")
    assert [row["outcome"] for row in blatt.rows("SELECT outcome FROM runs")] == [
        "stopped before its end, sound so far; the next run goes on"
    ]
    assert took < 10
    before = served(internet)
    assert len(filed(blatt)) == before > 2
    assert blatt.rows("SELECT 1 FROM runs WHERE finished_at IS NOT NULL")
    assert not blatt.rows("SELECT url FROM decisions WHERE verdict != 'filed'")  # given up, not failed
    sound(blatt)
    serve(internet)
    assert blatt.run("crawl", "feeds").stderr.strip().endswith("nachlese: feeds: sound")
    assert blatt.rows("SELECT outcome FROM runs ORDER BY id DESC")[0]["outcome"] == "sound"
    assert filed(blatt) == set(range(PAGES))


def served(internet: Internet) -> int:
    """How many pages were answered."""
    return len({url for url in internet.asked if "artikel" in url} - {f"{HOST}/artikel-5.html"})


def wait_for(condition: object) -> None:
    deadline = time.monotonic() + 30
    assert callable(condition)
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_run_with_a_hundred_pages_in_the_queue_of_one_slow_host_stops_at_once(blatt: Desk, internet: Internet) -> None:
    serve(internet, pages=60)
    process = blatt.start("crawl", "feeds", DOWNLOAD_DELAY="1")
    wait_for(lambda: len([url for url in internet.asked if "artikel" in url]) >= 2)
    told = time.monotonic()
    process.send_signal(signal.SIGTERM)
    code, _ = finish(process, within=20)
    assert (code, time.monotonic() - told < 10) == (0, True)
    assert filed(blatt) and not blatt.rows("SELECT url FROM decisions WHERE verdict != 'filed'")


# --- what is known


def test_validator_is_not_kept_without_what_it_stands_for(blatt: Desk, internet: Internet) -> None:
    """Killed between the feed and its articles, told 304 from then on: all the same every article is filed."""
    serve(internet, etag='"1"')
    with dripping(internet, "/artikel-2.html") as asked:
        process = blatt.start("crawl", "feeds")
        assert asked.wait(40)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert len(filed(blatt)) < PAGES
    assert blatt.rows("SELECT etag FROM sources")[0]["etag"] == '"1"'
    serve(internet, etag='"1"')
    blatt.run("crawl", "feeds")
    assert [row["outcome"] for row in blatt.rows("SELECT outcome FROM fetches ORDER BY id")] == ["ok", "unchanged"]
    assert filed(blatt) == set(range(PAGES))


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ([Answer(304)], 69),
        ([Answer(200, b"<html><title>Wartung</title></html>", {"ETag": '"1"'})], 69),
        ([Answer(200, feed()[: len(feed()) // 2], {"ETag": '"1"'})], None),
        ([Answer(200, b"", {"ETag": '"1"'})], 69),
        ([Answer(503, feed(), {"ETag": '"1"'})], 69),
    ],
    ids=["304", "html", "truncated", "empty", "503"],
)
def test_answer_that_is_no_whole_listing_hides_no_entry(blatt: Desk, internet: Internet, answers: list[Answer], code: int | None) -> None:
    serve(internet, etag='"1"')
    whole = internet.routes[f"{HOST}/feed"]
    internet.routes[f"{HOST}/feed"] = lambda url, headers: answers[0]
    process = blatt.start("crawl", "feeds")
    found, _ = finish(process)
    assert found == code if code is not None else found in (0, 69)
    internet.routes[f"{HOST}/feed"] = whole
    blatt.run("crawl", "feeds")
    assert filed(blatt) == set(range(PAGES))
    assert len(blatt.rows("SELECT 1 FROM entries")) == PAGES


def test_page_that_fails_for_a_time_is_tried_again_later_and_never_taken_for_known(blatt: Desk, internet: Internet) -> None:
    serve(internet)
    internet.routes[f"{HOST}/artikel-4.html"] = lambda url, headers: Answer(502)
    blatt.run("crawl", "feeds")
    (row,) = blatt.rows("SELECT verdict, retry_at, at FROM verdicts WHERE url LIKE '%artikel-4.html'")
    assert row["verdict"] == "failed" and row["retry_at"] > row["at"]
    asked = internet.asked.count(f"{HOST}/artikel-4.html")
    blatt.run("crawl", "feeds")
    assert internet.asked.count(f"{HOST}/artikel-4.html") == asked  # not before its time
    serve(internet)
    with closing(sqlite3.connect(blatt.database)) as connection:
        connection.execute("UPDATE decisions SET retry_at = '2024-01-01T00:00:00Z' WHERE retry_at IS NOT NULL")
        connection.commit()
    blatt.run("crawl", "feeds")
    assert filed(blatt) == set(range(PAGES))


def test_lock_of_a_killed_run_holds_nobody_up(blatt: Desk, internet: Internet) -> None:
    serve(internet)
    with dripping(internet, "/artikel-2.html") as asked:
        process = blatt.start("crawl", "feeds")
        assert asked.wait(40)
        assert not Locks(blatt.database.parent / "locks").take("blatt")
        process.send_signal(signal.SIGKILL)
        process.communicate()
    serve(internet)
    blatt.run("crawl", "feeds")
    assert filed(blatt) == set(range(PAGES))


def test_delivery_after_a_killed_run_has_what_was_filed(desk: Desk, story: Story) -> None:
    store = Store.open(desk.database)
    Newsroom(store, story).file("morgenblatt", "wire", WIRE)
    store.db.conn.close()  # nothing is tidied up: the article waits for the indexes
    args = ("export", "--cursor", "desk", "--view", "articles_list", "--format", "jsonl")
    assert [desk.run(*args).stdout.count("morgenblatt.example/wire") for _ in range(2)] == [1, 0]
    sound(desk)


@pytest.mark.parametrize(
    ("counts", "code", "sentence"),
    [
        ({"sources_ok": 2}, 0, "stopped before its end, sound so far; the next run goes on"),
        (
            {"sources_ok": 2, "sources_failed": 1},
            0,
            "stopped before its end, sound so far, but 1 of 3 sources failed; the next run goes on",
        ),
        ({"sources_failed": 2}, 69, "stopped before its end; every source asked by then failed (2)"),
        ({"faults": 1}, 1, "1 faults of the program, see the log; the next run goes on"),
    ],
)
def test_run_that_was_stopped_says_so_and_has_the_code_of_what_it_did(counts: dict[str, int], code: int, sentence: str) -> None:
    found = outcome({f"nachlese/{name}": value for name, value in counts.items()} | {"finish_reason": "shutdown"})
    assert (found.code, found.sentence) == (code, sentence)
