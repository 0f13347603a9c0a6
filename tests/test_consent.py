"""What publishers reserve: read from header, markup and tdmrep.json, recorded, and respected when the operator says so."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from crawler.consent import Rules
from pipelines.consent import in_header, in_markup, of_page, outdone
from tests.conftest import Desk
from tests.internet import Answer, Internet
from tests.test_export import REPORT


@pytest.mark.parametrize(
    ("lines", "tdm", "found"),
    [
        ([], "", ""),
        (["noindex, nofollow"], "", "noindex"),
        (["NOARCHIVE"], "", "noarchive"),
        (["none"], "", "noindex"),
        (["noai, noimageai"], "", "noai noimageai"),
        (["nachlese: noindex"], "", "noindex"),
        (["Nachlese: noindex, noarchive"], "", "noindex noarchive"),
        (["googlebot: noindex"], "", ""),
        (["googlebot: noindex, noarchive"], "", ""),
        (["googlebot: noindex, nachlese: noarchive"], "", "noarchive"),
        (["googlebot: noindex", "noai"], "", "noai"),
        (["max-snippet: 20, noarchive"], "", "noarchive"),
        (["unavailable_after: 25 Jun 2010 15:00:00 PST, noindex"], "", "noindex"),
        (["all", "index, follow", "tdm", ",,;:"], "", ""),
        ([], "1", "tdm"),
        ([], "0", "tdm=0"),
        ([], "2", ""),
        ([], "yes", ""),
        (["noindex"], " 1 ", "tdm noindex"),
    ],
)
def test_header_reserves(lines: list[str], tdm: str, found: str) -> None:
    assert in_header(lines, tdm) == found


@pytest.mark.parametrize(
    ("markup", "found"),
    [
        ("<meta name='robots' content='noindex'>", "noindex"),
        ("<META NAME=ROBOTS CONTENT=NOARCHIVE>", "noarchive"),
        ('<meta content="noai, noimageai" name="robots"/>', "noai noimageai"),
        ('<meta name="nachlese" content="none">', "noindex"),
        ('<meta name="googlebot" content="noindex">', ""),
        ('<meta name="robots" content="max-image-preview:large, noarchive">', "noarchive"),
        ('<meta name="robots" content="index"><meta name="robots" content="noai">', "noai"),
        ('<meta name="robots" content="noindex&#44;noarchive">', "noindex noarchive"),
        ('<meta name="tdm-reservation" content="1">', "tdm"),
        ('<meta name="tdm-reservation" content="0">', "tdm=0"),
        ('<meta name="tdm-reservation" content="0"><meta name="tdm-reservation" content="1">', "tdm=0"),
        ('<meta name="tdm-policy" content="https://x.example/p.json">', ""),
        ('<!-- <meta name="robots" content="noindex"> -->', ""),
        ('<!-- --><meta name="robots" content="noindex">', "noindex"),
        ('<script>var a = \'<meta name="robots" content="noindex">\'</script>', ""),
        ('<meta name="robots" content="noindex"', ""),
        ("<p>meta name=robots content=noindex</p>", ""),
    ],
)
def test_markup_reserves(markup: str, found: str) -> None:
    assert in_markup(markup.encode()) == found


@pytest.mark.parametrize(
    ("first", "then", "found"),
    [
        ("tdm", "", "tdm"),
        ("tdm", "tdm=0", "tdm=0"),
        ("tdm=0", "tdm", "tdm"),
        ("noai", "tdm=0", "tdm=0 noai"),
        ("noindex", "noai", "noai noindex"),
    ],
)
def test_page_stands_above_its_header_in_text_and_data_mining_and_adds_to_it_elsewhere(first: str, then: str, found: str) -> None:
    assert outdone(first, then) == found


def test_page_in_another_encoding_reserves_too() -> None:
    assert of_page('<meta name="robots" content="noai">'.encode("utf-16"), None, "noindex") == "noai noindex"


@pytest.mark.parametrize(
    "markup", ["<meta " * 700_000, "<!--<meta name=robots content=noai>" * 100_000, "<meta name=" + "'robots " * 500_000]
)
def test_monstrous_markup_is_looked_through_within_a_second(markup: str) -> None:
    began = time.process_time()
    in_markup(markup.encode())
    assert time.process_time() - began < 1


def rule(location: object, value: object = 1) -> dict[str, object]:
    return {"location": location, "tdm-reservation": value}


@pytest.mark.parametrize(
    ("rules", "path", "reserved"),
    [
        ([rule("/")], "/politik/a.html", True),
        ([rule("/politik/")], "/politik/a.html", True),
        ([rule("/sport/")], "/politik/a.html", False),
        ([rule("/politik/", 0), rule("/")], "/politik/a.html", False),  # the first that fits decides
        ([rule("/"), rule("/politik/", 0)], "/politik/a.html", True),
        ([rule("/*.html$")], "/politik/a.html", True),
        ([rule("/*.html$")], "/politik/a.html?x=1", False),
        ([rule("/*/a")], "/politik/a.html", True),
        ([rule("*")], "/politik/a.html", True),
        ([rule("/Politik/")], "/politik/a.html", False),
        ([rule("/foo-%24")], "/foo-$", True),
        ([rule("/", 2)], "/a", False),
        ([rule("/", None)], "/a", False),
        ([rule("/", "1")], "/a", True),
        ([rule(7), rule("sport"), rule("/x\nDisallow: /"), "x", rule("/b")], "/a", False),
        ({"location": "/", "tdm-reservation": 1}, "/a", False),
        ([], "/a", False),
    ],
)
def test_rules_of_a_server_fit_as_the_protocol_has_it(rules: object, path: str, reserved: bool) -> None:
    assert Rules(json.dumps(rules).encode()).reserves(f"https://zeitung.example{path}") is reserved


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"<html>not here</html>", b"[" * 100_000, b'[{"location": "/"'])
def test_answer_that_is_no_tdmrep_reserves_nothing(body: bytes) -> None:
    assert not Rules(body).reserves("https://zeitung.example/a")


# --- the whole journey

OFF = REPORT.replace("Nordkorea", "Der Verein").replace("Russland", "den Nachbarn").replace("Seoul", "er").replace("Moskau", "Wer")
PAGES: dict[str, tuple[dict[str, str], str, str]] = {  # path: header, meta tags, what is recorded
    "a.example/bericht-10001.html": ({}, "", ""),
    "a.example/bericht-10002.html": ({"X-Robots-Tag": "noai"}, "", "noai"),
    "a.example/bericht-10003.html": ({"TDM-Reservation": "1"}, "", "tdm"),
    "a.example/bericht-10004.html": ({}, '<meta name="tdm-reservation" content="1">', "tdm"),
    "a.example/bericht-10005.html": ({"X-Robots-Tag": "nachlese: noindex"}, "", "noindex"),
    "a.example/bericht-10006.html": ({}, '<meta name="robots" content="noarchive">', "noarchive"),
    "a.example/bericht-10007.html": ({}, '<meta name="robots" content="noimageai">', "noimageai"),
    "b.example/politik/bericht-10008.html": ({}, "", "tdm"),  # by its server's tdmrep.json
    "b.example/frei/bericht-10009.html": ({}, "", ""),
    "b.example/politik/bericht-10010.html": ({"TDM-Reservation": "0"}, "", ""),  # the page stands above its server
}
UNREAD = "a.example/verein-10011.html"  # off the story, with noarchive
OPTED_OUT = [path for path, (_, _, said) in PAGES.items() if {"tdm", "noai", "noindex"} & set(said.split())]


def open_web(internet: Internet) -> None:
    def page(headers: dict[str, str], meta: str, text: str) -> Callable[[str, dict[str, str]], Answer]:
        paragraphs = "".join(f"<p>{line}</p>" for line in text.split("\n"))
        html = f"<html><head><title>Meldung</title>{meta}</head><body><article><h1>Granaten</h1>{paragraphs}</article></body></html>"
        return lambda url, asked: Answer(200, html.encode(), {"Content-Type": "text/html; charset=utf-8", **headers})

    for path, (headers, meta, _) in PAGES.items():
        internet.routes[f"http://{path}"] = page(headers, meta, REPORT)
    internet.routes[f"http://{UNREAD}"] = page({}, '<meta name="robots" content="noarchive">', OFF)
    listed = json.dumps([rule("/frei/", 0), rule("/politik/")]).encode()
    internet.routes["http://b.example/.well-known/tdmrep.json"] = lambda url, asked: Answer(200, listed)


def crawl(desk: Desk, internet: Internet, **settings: Any) -> None:
    open_web(internet)
    desk.run("crawl", "pages", "-a", f"url={' '.join(f'http://{path}' for path in (*PAGES, UNREAD))}", **settings)


def test_what_is_reserved_is_recorded_and_told(desk: Desk, internet: Internet) -> None:
    crawl(desk, internet)
    found = {row["url"].removeprefix("http://"): row["reservations"] for row in desk.rows("SELECT url, reservations FROM articles_list")}
    assert found == {path: said for path, (_, _, said) in PAGES.items()}
    kept = {row["url"].removeprefix("http://"): row["reservations"] for row in desk.rows("SELECT url, reservations FROM pages")}
    assert set(kept) == set(PAGES) - {"a.example/bericht-10006.html"}  # noarchive, read or not
    assert "reserved by the publisher: tdm" in desk.run("why", "http://a.example/bericht-10003.html").stdout
    for host in ("a.example", "b.example"):
        assert internet.asked.count(f"http://{host}/.well-known/tdmrep.json") == 1


def test_nothing_of_a_page_that_opts_out_is_kept_when_opt_outs_are_respected(desk: Desk, internet: Internet) -> None:
    crawl(desk, internet, RESPECT_TDM_OPTOUT="True")
    filed = {row["url"].removeprefix("http://") for row in desk.rows("SELECT url FROM articles")}
    assert filed == set(PAGES) - set(OPTED_OUT)
    said = {
        row["url"].removeprefix("http://"): row["said"] for row in desk.rows("SELECT url, verdict || ': ' || reason AS said FROM verdicts")
    }
    for path in OPTED_OUT:
        assert said[path] == f"denied: the page opts out ({PAGES[path][2]}), and RESPECT_TDM_OPTOUT is on"
    assert not {row["url"].removeprefix("http://") for row in desk.rows("SELECT url FROM pages")} & set(OPTED_OUT)


@pytest.mark.parametrize("answer", ["forbidden", "missing", "broken", "endless"])
def test_server_that_does_not_say_reserves_nothing(desk: Desk, internet: Internet, answer: str) -> None:
    open_web(internet)
    place = "http://b.example/.well-known/tdmrep.json"
    if answer == "forbidden":
        internet.routes["http://b.example/robots.txt"] = lambda url, asked: Answer(200, b"User-agent: *\nDisallow: /.well-known")
    bodies = {"missing": Answer(404), "broken": Answer(200, b"<html>"), "endless": Answer(200, b"[" + b" " * 600_000 + b"]")}
    internet.routes[place] = lambda url, asked: bodies[answer]
    desk.run("crawl", "pages", "-a", "url=http://b.example/politik/bericht-10008.html", RESPECT_TDM_OPTOUT="True")
    assert [row["reservations"] for row in desk.rows("SELECT reservations FROM articles")] == [""]
    assert internet.asked.count(place) == (0 if answer == "forbidden" else 1)


def test_server_is_not_asked_for_a_page_that_is_not_filed(desk: Desk, internet: Internet) -> None:
    open_web(internet)
    desk.run("crawl", "pages", "-a", f"url=http://{UNREAD}")
    assert not [url for url in internet.asked if "well-known" in url]
