"""An outlet that takes more than its share of a run ends itself, not the run: nothing is lost, and it is said."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from scrapy import Request

from crawler.budget import OUTLET, outlet_of
from crawler.outcome import outcome
from pipelines.article import Entry, Source
from tests.blatt import HOST
from tests.conftest import Desk
from tests.internet import Answer, Internet
from tests.test_polling import CATALOGUE, archive, serve
from tests.test_polling import feed as dated
from tests.test_spiders import LISTED

GREEDY, MODEST = "http://gierig.example", "http://ruhig.example"
BLOCK = """[[outlet]]
id = "{id}"
name = "{id}"
home = "{home}"
country = "DE"
language = "de"
timezone = "Europe/Berlin"
feeds = ["{home}/feed"]
news_sitemaps = ["{home}/sitemap.xml"]
"""
PAGE = b"<html><body><article><h1>Nordkorea liefert Russland Raketen</h1><p>Nordkorea liefert.</p></article></body></html>"
PAGES = 12


def feed(home: str, number: int) -> bytes:
    items = "".join(
        f"<item><link>{home}/artikel-{n}.html</link><title>Nordkorea liefert Russland {n}</title></item>" for n in range(number)
    )
    return f"<rss version='2.0'><channel><title>x</title>{items}</channel></rss>".encode()


@pytest.fixture
def two(desk: Desk, internet: Internet, tmp_path: Path) -> Desk:
    """Two outlets, each with twelve articles that could be the story."""
    desk.sources = tmp_path / "sources.toml"
    desk.sources.write_text(BLOCK.format(id="gierig", home=GREEDY) + BLOCK.format(id="ruhig", home=MODEST), encoding="utf-8")
    for home, number in ((GREEDY, PAGES), (MODEST, 2)):
        internet.routes[f"{home}/feed"] = lambda url, headers, home=home, number=number: Answer(200, feed(home, number))  # type: ignore[misc]
        for n in range(number):
            internet.routes[f"{home}/artikel-{n}.html"] = lambda url, headers: Answer(200, PAGE, {"Content-Type": "text/html"})
    return desk


def asked(internet: Internet, home: str) -> list[str]:
    return [url for url in internet.pages_asked() if url.startswith(home)]


def undecided(desk: Desk) -> int:
    return int(desk.rows("SELECT count(*) AS n FROM entries WHERE url NOT IN (SELECT url FROM decisions)")[0]["n"])


def test_requests_end_the_outlet_and_the_next_run_goes_on_where_it_ended(two: Desk, internet: Internet) -> None:
    done = two.run("crawl", "feeds", OUTLET_REQUESTS="5")
    assert len(asked(internet, GREEDY)) == 5
    assert len(asked(internet, MODEST)) == 3
    assert undecided(two) == PAGES - 4
    assert "WARNING" in done.stderr and "gierig: its share of this run is spent, 5 requests (OUTLET_REQUESTS)" in done.stderr
    assert done.stderr.strip().splitlines()[-1] == "nachlese: feeds: sound; gierig had its share, 5 requests (OUTLET_REQUESTS)"
    assert two.rows("SELECT outcome FROM runs")[0]["outcome"] == "sound; gierig had its share, 5 requests (OUTLET_REQUESTS)"
    for _ in range(2):
        two.run("crawl", "feeds", OUTLET_REQUESTS="5")
    assert undecided(two) == 0
    pages = [url for url in asked(internet, GREEDY) if "artikel" in url]
    assert sorted(pages) == sorted(set(pages)) and len(pages) == PAGES


def test_bytes_end_the_outlet(two: Desk, internet: Internet) -> None:
    body = PAGE + b"<!--" + b"x" * 50_000 + b"-->"
    for n in range(PAGES):
        internet.routes[f"{GREEDY}/artikel-{n}.html"] = lambda url, headers: Answer(200, body, {"Content-Type": "text/html"})
    done = two.run("crawl", "feeds", OUTLET_BYTES="102400")
    assert len(asked(internet, GREEDY)) == 4  # the feed and three pages of 50 kB, the last of them over it
    assert "gierig had its share, 0.09766 MiB (OUTLET_BYTES)" in done.stderr
    assert undecided(two) == PAGES - 3


def test_minutes_end_the_outlet_with_what_waits_for_it_already(two: Desk, internet: Internet) -> None:
    done = two.run("crawl", "feeds", OUTLET_MINUTES="0.01", DOWNLOAD_DELAY="0.25")
    assert 2 <= len(asked(internet, GREEDY)) < 8
    assert "gierig had its share, 0.01 minutes (OUTLET_MINUTES)" in done.stderr
    assert undecided(two) >= PAGES - 6
    assert not two.rows("SELECT 1 FROM decisions WHERE verdict IN ('failed', 'denied')")


def test_listing_that_was_not_asked_is_neither_a_failure_nor_a_success(two: Desk, internet: Internet) -> None:
    index = "".join(f"<sitemap><loc>{GREEDY}/s-{n}.xml</loc></sitemap>" for n in range(4))
    files = {"sitemap.xml": f"<sitemapindex>{index}</sitemapindex>"}
    internet.routes |= {f"{GREEDY}/{name}": lambda url, headers, text=text: Answer(200, text.encode()) for name, text in files.items()}  # type: ignore[misc]
    done = two.run("crawl", "sitemaps", "-a", "outlet=gierig", OUTLET_REQUESTS="1")
    assert asked(internet, GREEDY) == [f"{GREEDY}/sitemap.xml"]
    assert two.rows("SELECT * FROM fetches") == []
    assert two.rows(f"SELECT state FROM sources WHERE url = '{GREEDY}/sitemap.xml'")[0]["state"] is None
    assert done.stderr.strip().endswith("sound; gierig had its share, 1 requests (OUTLET_REQUESTS)")
    for n in range(4):
        internet.routes[f"{GREEDY}/s-{n}.xml"] = lambda url, headers: Answer(200, b"<urlset></urlset>")
    two.run("crawl", "sitemaps", "-a", "outlet=gierig", OUTLET_REQUESTS="3")
    (fetch,) = two.rows("SELECT outcome, reason FROM fetches")
    assert (fetch["outcome"], fetch["reason"]) == ("empty", "2 of 4 files not asked for: the outlet had its share of the run")


def test_without_limits_nothing_ends(two: Desk, internet: Internet) -> None:
    done = two.run("crawl", "feeds", OUTLET_REQUESTS="0", OUTLET_BYTES="0", OUTLET_MINUTES="0")
    assert undecided(two) == 0
    assert done.stderr.strip().endswith("feeds: sound")


def test_redirects_are_on_the_account_of_the_outlet_that_led_there(two: Desk, internet: Internet) -> None:
    for n in range(PAGES):
        internet.routes[f"{GREEDY}/artikel-{n}.html"] = lambda url, headers: Answer(
            302, b"", {"Location": url.replace("artikel", "weiter")}
        )
    two.run("crawl", "feeds", "-a", "outlet=gierig", OUTLET_REQUESTS="7")
    assert len(asked(internet, GREEDY)) == 7
    with sqlite3.connect(two.database) as database:
        assert database.execute("SELECT count(*) FROM decisions WHERE verdict = 'denied'").fetchone() == (0,)


def test_archive_that_is_asked_for_a_gap_has_a_share_of_its_own(desk: Desk, internet: Internet, tmp_path: Path) -> None:
    desk.sources = tmp_path / "sources.toml"
    desk.sources.write_text(CATALOGUE.replace("news_sitemaps", "# news_sitemaps"), encoding="utf-8")
    serve(internet, "/feed", Answer(200, dated(range(5))), Answer(200, dated(range(45, 60))), Answer(200, dated(range(46, 61))))
    archive(internet, {f"202406011{n}0000": dated(range(n * 10, n * 10 + 12)) for n in range(5)})
    places: dict[str, Any] = {"ARCHIVE_INDEX": "http://archiv.example/cdx", "ARCHIVE_CAPTURE": "http://archiv.example/web/{at}id_/{url}"}
    for _ in range(2):
        desk.run("crawl", "feeds", **places)
    gap, listed = "SELECT found, searches FROM fetches WHERE contiguous = 0", "SELECT count(*) AS n FROM entries"
    before = desk.rows(listed)[0]["n"]
    done = desk.run("crawl", "feeds", **places, OUTLET_REQUESTS="1")  # the list of captures, and none of them
    assert done.stderr.strip().endswith("feeds: sound; archiv.example had its share, 1 requests (OUTLET_REQUESTS)")
    assert [tuple(row) for row in desk.rows(gap)] == [("", 0)]  # the next run asks again
    done = desk.run("crawl", "feeds", **places, OUTLET_REQUESTS="3")
    assert [url.split("/")[4] for url in asked(internet, "http://archiv.example/web/")] == ["20240601100000id_", "20240601110000id_"]
    ((found, searches),) = (tuple(row) for row in desk.rows(gap))
    assert found.startswith("2 captures; 22 entries; archiv.example: its share of this run is spent"), found
    assert searches == 1 and desk.rows(listed)[0]["n"] > before
    assert f"{HOST}/artikel-7.html" in internet.asked


SOURCE, ENTRY = Source("blatt", "feed", f"{GREEDY}/feed"), Entry(f"{MODEST}/a", None, None, LISTED)


@pytest.mark.parametrize(
    ("said", "owner"),
    [({"source": SOURCE}, "blatt"), ({"entry": ENTRY}, "ruhig.example"), ({"walk": object()}, None), ({}, None)],
)
def test_what_is_made_for_no_outlet_is_on_no_account(said: dict[str, object], owner: str | None) -> None:
    assert outlet_of(Request(f"{GREEDY}/anderswo", cb_kwargs=said)) == owner
    assert outlet_of(Request(f"{GREEDY}/anderswo", cb_kwargs=said, meta={OUTLET: "archiv.example"})) == "archiv.example"


def test_many_outlets_that_had_their_share_are_counted_and_not_all_named() -> None:
    said = outcome({"nachlese/sources_ok": 9, "nachlese/spent": {f"o{n}": "1 requests" for n in range(8)}})
    assert said.code == 0
    assert said.sentence.startswith("sound; o0 had its share, 1 requests; o1 had") and said.sentence.endswith("; 3 more outlets theirs")
