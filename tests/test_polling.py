"""The journey of polling on a real server: unchanged, moved, throttled, gone; a gap that closes itself."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from sqlite_utils import Database

from tests.blatt import HOST, block
from tests.conftest import Desk
from tests.internet import Answer, Internet

CATALOGUE = f'{block()}news_sitemaps = ["{HOST}/sitemap.xml"]\n'
NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def blatt(desk: Desk, tmp_path: Path) -> Desk:
    desk.sources = tmp_path / "sources.toml"
    desk.sources.write_text(CATALOGUE, encoding="utf-8")
    return desk


def headline(number: int) -> str:
    return f"Nordkorea liefert Russland Raketen, Meldung {number}" if number == 7 else f"Gemeinderat berät den Haushalt, Teil {number}"


def at(number: int) -> datetime:
    return NOW - timedelta(minutes=200 - number)


def feed(numbers: range) -> bytes:
    items = "".join(
        f"<item><link>{HOST}/artikel-{n}.html</link><title>{headline(n)}</title>"
        f"<pubDate>{at(n):%a, %d %b %Y %H:%M:%S +0000}</pubDate></item>"
        for n in reversed(numbers)
    )
    return f"<rss version='2.0'><channel><title>B</title>{items}</channel></rss>".encode()


def on_story(numbers: range) -> bytes:
    return feed(numbers).replace("Gemeinderat berät den Haushalt".encode(), b"Nordkorea liefert Russland Raketen")


def sitemap(numbers: range) -> bytes:
    urls = "".join(
        f"<url><loc>{HOST}/artikel-{n}.html</loc><n:news><n:title>{headline(n)}</n:title>"
        f"<n:publication_date>{at(n).isoformat()}</n:publication_date></n:news></url>"
        for n in numbers
    )
    return f"<urlset xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'>{urls}</urlset>".encode()


def serve(internet: Internet, path: str, *answers: Answer | Callable[[dict[str, str]], Answer]) -> list[dict[str, str]]:
    """Answer one after the other, the last for ever; the request headers as they come."""
    seen: list[dict[str, str]] = []

    def route(url: str, headers: dict[str, str]) -> Answer:
        seen.append(headers)
        found = answers[min(len(seen), len(answers)) - 1]
        return found(headers) if callable(found) else found

    internet.routes[f"{HOST}{path}"] = route
    return seen


def source(desk: Desk, path: str = "/feed") -> dict[str, object]:
    return next(dict(row) for row in desk.rows(f"SELECT * FROM sources WHERE url = '{HOST}{path}'"))


def test_validators_are_sent_and_a_304_counts_as_unchanged(blatt: Desk, internet: Internet) -> None:
    seen = serve(
        internet, "/feed", Answer(200, feed(range(3)), {"ETag": '"1"', "Last-Modified": "Mon, 18 Nov 2024 10:00:00 GMT"}), Answer(304)
    )
    for _ in range(2):
        blatt.run("crawl", "feeds")
    assert "if-none-match" not in seen[0]
    assert (seen[1]["if-none-match"], seen[1]["if-modified-since"]) == ('"1"', "Mon, 18 Nov 2024 10:00:00 GMT")
    found = [(row["outcome"], row["http_status"], row["contiguous"]) for row in blatt.rows("SELECT * FROM fetches ORDER BY id")]
    assert found == [("ok", 200, None), ("unchanged", 304, 1)]


def test_body_seen_before_is_unchanged_whatever_the_status(blatt: Desk, internet: Internet) -> None:
    serve(internet, "/feed", Answer(200, feed(range(3))))
    for _ in range(2):
        blatt.run("crawl", "feeds")
    assert [row["outcome"] for row in blatt.rows("SELECT outcome FROM fetches ORDER BY id")] == ["ok", "unchanged"]


def test_304_after_a_failure_stays_a_failure(blatt: Desk, internet: Internet) -> None:
    seen = serve(internet, "/feed", Answer(200, feed(range(3)), {"ETag": '"1"'}), Answer(200, b"<html>Wartung</html>"), Answer(304))
    blatt.run("crawl", "feeds")
    for _ in range(2):
        blatt.run("crawl", "feeds", code=69)
    assert "if-none-match" not in seen[2]
    assert [row["outcome"] for row in blatt.rows("SELECT outcome FROM fetches ORDER BY id")] == ["ok", "failed", "failed"]
    assert "is not a feed" in blatt.rows("SELECT reason FROM fetches WHERE id = 2")[0]["reason"]
    assert source(blatt)["state"] == "failing"


def test_source_that_is_not_due_is_left_alone_unless_all_are_wanted(blatt: Desk, internet: Internet) -> None:
    seen = serve(internet, "/feed", Answer(200, feed(range(3))))
    for _ in range(2):
        blatt.run("crawl", "feeds", POLL_FASTEST="300", POLL_SLOWEST="3600")
    assert len(seen) == 1
    blatt.run("crawl", "feeds", "-a", "all=1", POLL_FASTEST="300", POLL_SLOWEST="3600")
    assert len(seen) == 2


def test_permanent_redirect_is_recorded_and_the_listing_read(blatt: Desk, internet: Internet) -> None:
    serve(internet, "/feed", Answer(301, b"", {"Location": f"{HOST}/neu"}))
    serve(internet, "/neu", Answer(200, feed(range(3))))
    blatt.run("crawl", "feeds")
    assert (source(blatt)["moved_to"], source(blatt)["state"]) == (f"{HOST}/neu", "ok")


@pytest.mark.parametrize(("status", "state"), [(429, "failing"), (503, "failing"), (410, "retired")])
def test_throttled_source_is_asked_when_it_says_and_a_gone_one_no_more(blatt: Desk, internet: Internet, status: int, state: str) -> None:
    seen = serve(internet, "/feed", Answer(status, b"", {"Retry-After": "7200"}))
    blatt.run("crawl", "feeds", code=69)
    assert len(seen) == 1
    row = source(blatt)
    assert row["state"] == state
    if state == "retired":
        blatt.run("crawl", "feeds")
        assert len(seen) == 1
    else:
        assert datetime.fromisoformat(str(row["next_due_at"])) >= NOW + timedelta(hours=2)


def test_outlet_that_loses_forty_entries_between_two_fetches_is_repaired_from_its_sitemap(blatt: Desk, internet: Internet) -> None:
    serve(internet, "/feed", Answer(200, feed(range(5))), Answer(200, feed(range(45, 60))))
    serve(internet, "/sitemap.xml", Answer(200, sitemap(range(3))), Answer(200, sitemap(range(60))))
    for _ in range(2):  # what `make crawl` does: feeds, then sitemaps
        for spider in ("feeds", "sitemaps"):
            blatt.run("crawl", spider)
        Database(blatt.database).execute("UPDATE fetches SET at = ? WHERE id < 3", [f"{at(6):%Y-%m-%dT%H:%M:%SZ}"])
    (gap,) = blatt.rows("SELECT contiguous, repaired_at, repaired_by FROM fetches WHERE contiguous = 0")
    assert gap["repaired_by"] == f"{HOST}/sitemap.xml"
    assert {row["url"] for row in blatt.rows("SELECT url FROM entries")} == {f"{HOST}/artikel-{n}.html" for n in range(60)}
    assert f"{HOST}/artikel-7.html" in internet.asked
    assert f"lost in {HOST}/feed, closed" in blatt.run("proof").stdout


def test_gap_makes_the_outlet_s_sitemap_due_at_once(blatt: Desk, internet: Internet) -> None:
    serve(internet, "/feed", Answer(200, feed(range(5))), Answer(200, feed(range(45, 60))))
    seen = serve(internet, "/sitemap.xml", Answer(200, sitemap(range(60))))
    for spider in ("feeds", "sitemaps", "sitemaps"):
        blatt.run("crawl", spider, POLL_FASTEST="300", POLL_SLOWEST="3600")
    assert len(seen) == 1
    Database(blatt.database).execute("UPDATE sources SET next_due_at = '2024-01-01T00:00:00Z' WHERE kind = 'feed'")
    for spider in ("feeds", "sitemaps"):
        blatt.run("crawl", spider, POLL_FASTEST="300", POLL_SLOWEST="3600")
    assert len(seen) == 2


def archive(internet: Internet, captures: dict[str, bytes]) -> list[str]:
    """A web archive of the feed: its index, and each capture by its stamp; the spans asked for as they come."""
    spans: list[str] = []

    def index(url: str, headers: dict[str, str]) -> Answer:
        asked = dict(parse_qsl(urlsplit(url).query))
        assert asked["url"] == f"{HOST}/feed"
        spans.append(f"{asked['from']}-{asked['to']}")
        return Answer(200, json.dumps([["timestamp"], *([stamp] for stamp in captures)]).encode())

    internet.routes["http://archiv.example/cdx"] = index
    for stamp, body in captures.items():
        internet.routes[f"http://archiv.example/web/{stamp}id_/{HOST}/feed"] = partial(capture, body)
    return spans


def capture(body: bytes, url: str, headers: dict[str, str]) -> Answer:
    return Answer(200, body)


@pytest.mark.parametrize(
    ("captures", "closed"),
    [
        ({"20240601100000": feed(range(3, 25)), "20240601110000": feed(range(20, 50))}, True),
        ({"20240601110000": feed(range(20, 50))}, False),  # nothing leads from the fetch before to this capture
        ({"20240601100000": b"<html>Wartung</html>"}, False),
        ({}, False),
    ],
    ids=["whole", "partly", "no feed", "none"],
)
def test_gap_that_no_sitemap_closes_is_filled_from_the_archive(
    blatt: Desk, internet: Internet, captures: dict[str, bytes], closed: bool
) -> None:
    blatt.sources.write_text(CATALOGUE.replace("news_sitemaps", "# news_sitemaps"), encoding="utf-8")
    serve(internet, "/feed", Answer(200, feed(range(5))), Answer(200, feed(range(45, 60))), Answer(200, feed(range(46, 61))))
    spans = archive(internet, captures)
    for _ in range(4):
        blatt.run("crawl", "feeds", ARCHIVE_INDEX="http://archiv.example/cdx", ARCHIVE_CAPTURE="http://archiv.example/web/{at}id_/{url}")
    (gap,) = blatt.rows("SELECT at, repaired_by, found FROM gaps")
    assert gap["repaired_by"] == ("archiv.example" if closed else None)
    assert len(spans) == 1  # asked once; where that did not help, not again for hours
    assert gap["found"]
    if closed:
        assert {row["url"] for row in blatt.rows("SELECT url FROM entries")} == {f"{HOST}/artikel-{n}.html" for n in range(61)}
        assert f"{HOST}/artikel-7.html" in internet.asked


def test_server_that_lies_about_its_validators_is_found_out_within_a_day_and_trusted_no_more(blatt: Desk, internet: Internet) -> None:
    told: list[dict[str, str]] = []

    def lies(headers: dict[str, str]) -> Answer:
        told.append(headers)
        return Answer(304) if "if-none-match" in headers else Answer(200, feed(range(3 + len(told))), {"ETag": '"always the same"'})

    serve(internet, "/feed", lies)
    for _ in range(2):
        blatt.run("crawl", "feeds")
    assert source(blatt)["state"] == "unchanged"  # it said so
    Database(blatt.database).execute("UPDATE sources SET plain_at = '2024-01-01T00:00:00Z'")
    for _ in range(2):
        blatt.run("crawl", "feeds")
    assert ["if-none-match" in headers for headers in told] == [False, True, False, False]
    assert (source(blatt)["distrusted"], source(blatt)["etag"], source(blatt)["state"]) == (1, None, "ok")


def test_source_that_answers_but_brings_nothing_new_for_longer_than_ever_is_silent(blatt: Desk, internet: Internet) -> None:
    serve(internet, "/feed", Answer(200, feed(range(3))))
    blatt.run("crawl", "feeds")
    Database(blatt.database).execute("UPDATE sources SET last_new_at = ?", [f"{NOW - timedelta(hours=25):%Y-%m-%dT%H:%M:%SZ}"])
    blatt.run("crawl", "feeds")
    assert source(blatt)["state"] == "silent"


@pytest.mark.parametrize("late", [0.0, 0.5], ids=["at once", "when all others wait for it"])
def test_host_that_throttles_one_request_is_asked_for_nothing_else_until_it_may_be(blatt: Desk, internet: Internet, late: float) -> None:
    def throttled(url: str, headers: dict[str, str]) -> Answer:
        time.sleep(late)
        return Answer(429, b"", {"Retry-After": "7200"})

    serve(internet, "/feed", Answer(200, on_story(range(10))))
    internet.routes |= {f"{HOST}/artikel-{number}.html": throttled for number in range(10)}
    for _ in range(2):
        blatt.run("crawl", "feeds", "-a", "all=1")
    assert len([url for url in internet.asked if "artikel" in url]) == 1
    said = blatt.rows("SELECT verdict, retry_at FROM decisions")
    assert {row["verdict"] for row in said} == {"failed"} and len(said) == 10
    assert min(datetime.fromisoformat(row["retry_at"]) for row in said) >= NOW + timedelta(hours=2)


def test_crawl_delay_of_robots_txt_is_kept(blatt: Desk, internet: Internet) -> None:
    asked: list[float] = []

    def page(url: str, headers: dict[str, str]) -> Answer:
        asked.append(time.monotonic())
        return Answer(404)

    internet.routes[f"{HOST}/robots.txt"] = lambda url, headers: Answer(200, b"User-agent: *\nCrawl-delay: 0.4")
    serve(
        internet,
        "/feed",
        Answer(200, on_story(range(4))),
    )
    for number in range(4):
        internet.routes[f"{HOST}/artikel-{number}.html"] = page
    blatt.run("crawl", "feeds")
    assert len(asked) == 4
    assert min(later - earlier for earlier, later in pairwise(asked)) >= 0.2  # without it some hundredths
