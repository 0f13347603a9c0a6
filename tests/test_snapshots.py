"""Snapshots of web archives: the page of the original's outlet, as it was at its capture."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from scrapy.http import HtmlResponse

from crawler.formats.snapshots import answered, as_captured, snapshot
from tests.conftest import Desk
from tests.internet import Answer, Internet

ORIGINAL = "http://tagesfunk.example/ausland/meldung-104711"
CAPTURED = datetime(2023, 10, 13, 19, 45, tzinfo=UTC)
WAYBACK = f"http://web.archive.example/web/20231013194500/{ORIGINAL}"
PAGE = """<!DOCTYPE html><html lang="de"><head><title>Nordkorea liefert Granaten an Russland</title>
<meta name="date" content="gestern, 18:30 Uhr"><link rel="canonical" href="http://web.archive.example/web/20231013194500/http://tagesfunk.example/ausland/meldung-104711"></head><body>
<!-- BEGIN WAYBACK TOOLBAR INSERT --><div>Gespeichert von jemand anderem</div><!-- END WAYBACK TOOLBAR INSERT -->
<article><h1>Nordkorea liefert Granaten an Russland</h1>
<p>Nordkorea hat am vergangenen Montag weitere Granaten an Russland geliefert, wie das Verteidigungsministerium in Seoul mitteilte.</p>
<p>Die Container mit Munition aus Nordkorea gingen vom Hafen Rajin aus nach Russland und von dort mit dem Zug an die Front.</p>
<p>Russland und Nordkorea bestreiten die Lieferung der Waffen, Südkorea legte Bilder der Schiffe mit Artilleriegranaten vor.</p>
</article></body></html>"""


@pytest.mark.parametrize(
    ("url", "original", "captured"),
    [
        ("https://web.archive.org/web/20231013194500/https://www.a.example/b?id=7", "https://www.a.example/b?id=7", CAPTURED),
        ("https://web.archive.org/web/20231013194500id_/https://a.example/b?utm_source=x#top", "https://a.example/b", CAPTURED),
        ("http://web.archive.org/web/20231013194500if_/https:/a.example/b", "https://a.example/b", CAPTURED),
        ("https://web.archive.org/web/20231013194500/www.a.example/b", "https://www.a.example/b", CAPTURED),
        ("https://archive.ph/20231013194500/https://a.example/b", "https://a.example/b", CAPTURED),
        ("https://archive.ph/2023.10.13-194500/https://a.example/b", "https://a.example/b", CAPTURED),
        ("https://arquivo.pt/noFrame/replay/20231013194500/http://a.example/b", "http://a.example/b", CAPTURED),
        ("https://web.archive.org/web/20231013/https://a.example/b", "https://a.example/b", None),
    ],
)
def test_snapshot_s_address_gives_original_and_capture(url: str, original: str, captured: datetime | None) -> None:
    found = snapshot(url)
    assert found is not None
    assert (found.original, found.captured) == (original, captured)


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/politik/20231013194500/granaten",
        "https://web.archive.org/web/*/https://a.example/b",
        "https://web.archive.org/web/20231399194500/https://a.example/b",
        "https://web.archive.org/web/00011013194500/https://a.example/b",
        "https://web.archive.org/web/20231013194500/https://",
        "https://archive.ph/AbCdE",
        "https://a.example/?u=https://web.archive.org/web/20231013194500/https://b.example/",
        "x" * 300_000,
        "https://a.example/" + "2/" * 150_000,
    ],
)
def test_other_addresses_are_none(url: str) -> None:
    begun = time.perf_counter()
    assert snapshot(url) is None
    assert time.perf_counter() - begun < 0.5


def test_answer_s_header_is_surer_than_its_address() -> None:
    url = "https://web.archive.org/web/20231013/https://a.example/b"
    assert (found := answered(HtmlResponse(url, headers={"Memento-Datetime": "Fri, 13 Oct 2023 19:45:00 GMT"})))
    assert found.captured == CAPTURED
    assert (found := answered(HtmlResponse(url, headers={"Memento-Datetime": "neulich"}))) and found.captured is None
    assert answered(HtmlResponse("https://a.example/b")) is None


def test_page_loses_what_the_archive_wrote_into_it() -> None:
    page = as_captured(
        b"""<a href="http://web.archive.org/web/20231013194500/https://a.example/b"><img src="/web/20231013194500im_/https://a.example/i.jpg">
        <!-- BEGIN WAYBACK TOOLBAR INSERT -->Donate<!-- END WAYBACK TOOLBAR INSERT --><a href="/teilen/https://b.example/c">""",
        "web.archive.org",
    )
    assert b"Donate" not in page and b"archive.org" not in page
    assert b'href="https://a.example/b"' in page and b'src="https://a.example/i.jpg"' in page
    assert b'href="/teilen/https://b.example/c"' in page
    begun = time.perf_counter()
    as_captured(b"http://web.archive.org/" * 15_000 + b"'/" * 100_000 + b"'/1234/" * 40_000, "web.archive.org")
    assert time.perf_counter() - begun < 2


def serve(internet: Internet, url: str, page: str = PAGE, **headers: str) -> None:
    said = {"Content-Type": "text/html; charset=utf-8"} | {name.replace("_", "-"): value for name, value in headers.items()}
    internet.routes[url] = lambda url, headers: Answer(200, page.encode(), said)


@pytest.mark.parametrize("flags", ["", "id_"])
def test_snapshot_is_filed_as_the_original_read_at_its_capture(desk: Desk, internet: Internet, flags: str) -> None:
    url = WAYBACK.replace("194500/", f"194500{flags}/")
    serve(internet, url, ETag='"archive"')
    desk.run("crawl", "pages", "-a", f"url={url}")
    (article,) = desk.rows("SELECT id, url, outlet, fetched_at, text, published, etag FROM articles")
    assert (article["url"], article["outlet"], article["fetched_at"]) == (ORIGINAL, "tagesfunk", "2023-10-13T19:45:00Z")
    assert "Gespeichert" not in article["text"] and article["etag"] is None
    assert article["published"] == "2023-10-12T16:30:00Z"  # the page says "gestern, 18:30 Uhr"
    (mention,) = desk.rows("SELECT as_written, edtf FROM dates WHERE article = ? AND role = 'mention'", article["id"])
    assert mention["edtf"] == "2023-10-09"  # the Monday before the capture, not before today
    assert [row["url"] for row in desk.rows("SELECT url FROM entries")] == [ORIGINAL]
    assert ORIGINAL not in internet.asked


def test_shortened_date_is_taken_from_where_it_leads(desk: Desk, internet: Internet) -> None:
    short = WAYBACK.replace("20231013194500", "2023")
    internet.routes[short] = lambda url, headers: Answer(302, headers={"Location": WAYBACK})
    serve(internet, WAYBACK)
    desk.run("crawl", "pages", "-a", f"url={short}")
    assert desk.rows("SELECT fetched_at FROM articles")[0]["fetched_at"] == "2023-10-13T19:45:00Z"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(404), "its snapshot: HTTP 404"),
        (Answer(302, headers={"Location": "http://web.archive.example/"}), "does not say when it was captured"),
        (Answer(302, headers={"Location": WAYBACK.replace("2023", "2999")}), "does not say when it was captured"),
    ],
)
def test_snapshot_that_an_archive_lacks_says_nothing_of_the_original(desk: Desk, internet: Internet, answer: Answer, reason: str) -> None:
    internet.routes[WAYBACK] = lambda url, headers: answer
    for there in ("http://web.archive.example/", WAYBACK.replace("2023", "2999")):
        serve(internet, there)
    desk.run("crawl", "pages", "-a", f"url={WAYBACK}")
    (verdict,) = desk.rows("SELECT url, verdict, reason, retry_at FROM verdicts")
    assert (verdict["url"], verdict["verdict"]) == (ORIGINAL, "failed")
    assert reason in verdict["reason"] and verdict["retry_at"]
    assert not desk.rows("SELECT 1 FROM articles")


def test_missing_snapshot_of_a_filed_article_leaves_it_as_it_is(desk: Desk, internet: Internet) -> None:
    serve(internet, ORIGINAL)
    desk.run("crawl", "pages", "-a", f"url={ORIGINAL}")
    internet.routes[WAYBACK] = lambda url, headers: Answer(404)
    desk.run("crawl", "pages", "-a", f"url={WAYBACK}")
    assert [row["verdict"] for row in desk.rows("SELECT verdict FROM verdicts")] == ["filed"]


def test_pages_are_named_on_standard_input(desk: Desk, internet: Internet) -> None:
    serve(internet, WAYBACK)
    serve(internet, ORIGINAL.replace("104711", "104712"), PAGE.replace("Rajin", "Wonsan"))
    desk.run("crawl", "pages", "-a", "file=-", given=f"# by hand\n{WAYBACK}\n\n{ORIGINAL.replace('104711', '104712')}\n")
    assert {row["url"] for row in desk.rows("SELECT url FROM articles")} == {ORIGINAL, ORIGINAL.replace("104711", "104712")}
