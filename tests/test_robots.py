"""robots.txt by RFC 9309: its rules case by case, its answers on a real server."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from scrapy.robotstxt import ProtegoRobotParser
from sqlite_utils import Database

from crawler.robots import grouped
from tests.conftest import Desk
from tests.internet import Answer, Internet, Serve

KIB = 1024
RULES = {
    "no rules": ("", "/a", True),
    "everything forbidden": ("User-agent: *\nDisallow: /", "/a", False),
    "nothing forbidden": ("User-agent: *\nDisallow:", "/a", True),
    "another robot": ("User-agent: Googlebot\nDisallow: /", "/a", True),
    "our name in capitals": ("User-agent: NACHLESE\nDisallow: /", "/a", False),
    "our name with a version": ("User-agent: Nachlese/0.1\nDisallow: /", "/a", False),
    "ours before all": ("User-agent: *\nDisallow: /\nUser-agent: nachlese\nDisallow: /b", "/a", True),
    "ours without a rule": ("User-agent: *\nDisallow: /\n\nUser-agent: nachlese\nDisallow:", "/a", True),
    "the beginning of our name": ("User-agent: nach\nDisallow: /", "/a", True),
    "our name and more": ("User-agent: nachlese-news\nDisallow: /", "/a", True),
    "a word of our contact": ("User-agent: newsroom\nDisallow: /\nUser-agent: monitor\nDisallow: /", "/a", True),
    "two agents of one group": ("User-agent: a\nUser-agent: nachlese\nDisallow: /a", "/a", False),
    "groups of one agent are merged": ("User-agent: nachlese\nDisallow: /a\n\nUser-agent: nachlese\nDisallow: /b", "/a", False),
    "merged, the second": (
        "User-agent: nachlese\nDisallow: /a\n\nUser-agent: x\nDisallow: /\n\nUser-agent: nachlese\nDisallow: /b",
        "/b",
        False,
    ),
    "the longest match allows": ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", True),
    "the longest match forbids": ("User-agent: *\nAllow: /a\nDisallow: /a/b", "/a/b/c", False),
    "of two as long the one that allows": ("User-agent: *\nDisallow: /a\nAllow: /a", "/a", True),
    "order means nothing": ("User-agent: *\nAllow: /\nDisallow: /a", "/a", False),
    "a star": ("User-agent: *\nDisallow: /*.php", "/x/y.php?z", False),
    "a dollar": ("User-agent: *\nDisallow: /*.php$", "/x/y.php?z", True),
    "the end": ("User-agent: *\nDisallow: /*.php$", "/x/y.php", False),
    "case of a path": ("User-agent: *\nDisallow: /A", "/a", True),
    "percent-encoded": ("User-agent: *\nDisallow: /ü", "/%C3%BC", False),
    "an encoded slash is none": ("User-agent: *\nDisallow: /a/b", "/a%2Fb", True),
    "a comment": ("User-agent: * # all\nDisallow: /a # not this", "/a", False),
    "fields in any case": ("uSER-AGENT : *\n  dISALLOW :/a  ", "/a", False),
    "lines ended as on old machines": ("User-agent: *\rDisallow: /a\r", "/a", False),
    "a byte order mark": ("\ufeffUser-agent: *\nDisallow: /a", "/a", False),
    "a sitemap within a group": ("User-agent: *\nSitemap: http://x.example/s.xml\nDisallow: /a", "/a", False),
    "robots.txt itself": ("User-agent: *\nDisallow: /", "/robots.txt", True),
    "markup": ("<html><body>User-agent: *<br>Disallow: /</body></html>", "/a", True),
    "a rule at the end of 500 KiB": ("#" * (500 * KIB - 30) + "\nUser-agent: *\nDisallow: /a\n", "/a", False),
    "a rule behind 500 KiB": ("#" * 500 * KIB + "\nUser-agent: *\nDisallow: /a\n", "/a", True),
    "a rule that 500 KiB cut": ("#" * (500 * KIB - 28) + "\nUser-agent: *\nDisallow: /abc\n", "/a", True),
}


def parser(text: str) -> ProtegoRobotParser:
    return ProtegoRobotParser(grouped(text.encode(), "Nachlese", 500 * KIB), None)


@pytest.mark.parametrize(("text", "path", "allowed"), RULES.values(), ids=list(RULES))
def test_rule_is_read_as_the_rfc_has_it(text: str, path: str, allowed: bool) -> None:
    assert parser(text).allowed(f"https://zeitung.example{path}", "Nachlese") is allowed


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"User-agent: {n}\n" for n in range(16_000)) + "".join(f"Disallow: /{n}\n" for n in range(14_000)),
        "User-agent: *\nDisallow: /" + "*a" * 249 * KIB,
        "User-agent: *\n" + "Disallow: /*b*c\n" * 31 * KIB,
    ],
    ids=["thousands of agents before thousands of rules", "a rule of stars", "thousands of stars"],
)
def test_monstrous_robots_txt_is_read_within_a_second(text: str) -> None:
    began = time.process_time()
    parser(text).allowed("https://zeitung.example/" + "ab" * 900, "Nachlese")
    assert time.process_time() - began < 5  # unbounded, each takes minutes


# --- answers

PAGE = "bericht-12345.html"


def say(status: int, body: str = "", **headers: str) -> Serve:
    return lambda url, asked: Answer(status, body.encode(), {name.replace("_", "-"): value for name, value in headers.items()})


def breaks(url: str, asked: dict[str, str]) -> Answer:
    raise ConnectionResetError  # the connection ends without an answer


def sleeps(url: str, asked: dict[str, str]) -> Answer:
    time.sleep(1.5)
    return Answer(404)


def chain(internet: Internet, host: str, hops: int, end: Answer) -> None:
    """A robots.txt that is so many redirects away, on another host each time."""
    names = [host, *(f"hop{n}.{host}" for n in range(hops))]
    for here, there in pairwise(names):
        internet.routes[f"http://{here}/robots.txt"] = say(301, Location=f"http://{there}/robots.txt")
    internet.routes[f"http://{names[-1]}/robots.txt"] = lambda url, asked: end


FORBIDDEN = "User-agent: nachlese\nDisallow: /"
CUT = "so nothing else is asked: "
ANSWERS: dict[str, tuple[Serve, str]] = {
    "h200": (say(200, "User-agent: *\nDisallow: /geheim"), "gone: HTTP 404"),
    "forbids": (say(200, FORBIDDEN), "denied: Forbidden by robots.txt"),
    "h206": (say(206, FORBIDDEN), "denied: Forbidden by robots.txt"),
    "h204": (say(204), "gone: HTTP 404"),
    "h404": (say(404, FORBIDDEN), "gone: HTTP 404"),
    "h410": (say(410), "gone: HTTP 404"),
    "h401": (say(401), "gone: HTTP 404"),
    "h403": (say(403, FORBIDDEN), "gone: HTTP 404"),
    "h304": (say(304), "gone: HTTP 404"),
    "h500": (say(500), f"failed: http://h500.example/robots.txt cannot be read now, {CUT}HTTP 500"),
    "h502": (say(502, "User-agent: *\nAllow: /"), f"failed: http://h502.example/robots.txt cannot be read now, {CUT}HTTP 502"),
    "h503": (say(503), f"failed: http://h503.example/robots.txt cannot be read now, {CUT}HTTP 503"),
    "h599": (say(599), f"failed: http://h599.example/robots.txt cannot be read now, {CUT}HTTP 599"),
    "h429": (say(429), f"failed: http://h429.example/robots.txt cannot be read now, {CUT}HTTP 429"),
    "later": (say(503, Retry_After="7200"), "failed: later.example answered HTTP 503: left alone until "),
    "breaks": (breaks, "failed: http://breaks.example/robots.txt cannot be read now, "),
    "sleeps": (sleeps, "failed: http://sleeps.example/robots.txt cannot be read now, "),
    "file": (say(302, Location="file:///etc/passwd"), "failed: http://file.example/robots.txt cannot be read now, "),
    "broken": (say(302, Location="http://[x/robots.txt"), "failed: http://broken.example/robots.txt cannot be read now, "),
}


def robots(internet: Internet, host: str) -> int:
    return internet.asked.count(f"http://{host}/robots.txt")


def test_answer_that_says_nothing_forbids_for_now_and_one_that_there_is_none_allows(desk: Desk, internet: Internet) -> None:
    for name, (answer, _) in ANSWERS.items():
        internet.routes[f"http://{name}.example/robots.txt"] = answer
    chain(internet, "five.example", 5, Answer(200, FORBIDDEN.encode()))
    chain(internet, "six.example", 6, Answer(200, FORBIDDEN.encode()))
    wanted = {name: said for name, (_, said) in ANSWERS.items()}
    wanted |= {"five": "denied: Forbidden by robots.txt", "six": "gone: HTTP 404"}
    desk.run("crawl", "pages", "-a", f"url={' '.join(f'http://{name}.example/{PAGE}' for name in wanted)}", DOWNLOAD_TIMEOUT="1")
    found = {row["url"]: row for row in desk.rows("SELECT url, verdict || ': ' || reason AS said, retry_at FROM decisions")}
    for name, said in wanted.items():
        row = found[f"http://{name}.example/{PAGE}"]
        assert row["said"].startswith(said), name
        assert (f"http://{name}.example/{PAGE}" in internet.asked) == (said == "gone: HTTP 404"), name
        assert bool(row["retry_at"]) == said.startswith("failed"), name
    assert robots(internet, "hop5.six.example") == 0
    until = datetime.fromisoformat(found[f"http://later.example/{PAGE}"]["retry_at"])
    assert until > datetime.now(UTC) + timedelta(hours=1.9)

    for name in ("h500", "breaks"):  # they come back, and the next run that is due reads what the first could not
        internet.routes[f"http://{name}.example/robots.txt"] = say(200)
    Database(desk.database).execute("UPDATE decisions SET retry_at = '2024-01-01T00:00:00Z' WHERE url LIKE '%h500%' OR url LIKE '%breaks%'")
    desk.run("crawl", "pages", SOURCES=str(empty(desk)))
    again = desk.rows("SELECT url FROM verdicts WHERE verdict = 'gone' AND (url LIKE '%h500%' OR url LIKE '%breaks%')")
    assert len(again) == 2


def empty(desk: Desk) -> Path:
    file = desk.database.with_name("sources.toml")
    block = 'id = "b"\nname = "b"\nhome = "http://b.example"\ncountry = "DE"\nlanguage = "de"\ntimezone = "Europe/Berlin"\n'
    file.write_text(f'[[outlet]]\n{block}feeds = ["http://b.example/feed"]\n', encoding="utf-8")
    return file


def feed(url: str, asked: dict[str, str]) -> Answer:
    titles = "".join(
        f"<item><link>http://b.example/bericht-1234{n}.html</link><title>Nordkorea liefert Russland Granaten {n}</title></item>"
        for n in range(3)
    )
    return Answer(200, f"<rss version='2.0'><channel><title>B</title>{titles}</channel></rss>".encode())


@pytest.mark.parametrize(("kept", "asked"), [("86400", 1), ("0", 2)])
def test_robots_txt_is_asked_again_in_a_run_only_when_it_is_too_old(desk: Desk, internet: Internet, kept: str, asked: int) -> None:
    # with nothing kept: once for the feed, once for the three pages that are wanted at the same time
    internet.routes["http://b.example/feed"] = feed
    desk.run("crawl", "feeds", SOURCES=str(empty(desk)), ROBOTSTXT_KEPT=kept)
    assert len([url for url in internet.asked if "bericht" in url]) == 3
    assert robots(internet, "b.example") == asked


@pytest.mark.parametrize("answer", [say(500), breaks], ids=["HTTP 500", "no answer"])
def test_listing_whose_robots_txt_cannot_be_had_failed_and_is_asked_again(desk: Desk, internet: Internet, answer: Serve) -> None:
    internet.routes["http://b.example/feed"] = feed
    internet.routes["http://b.example/robots.txt"] = answer
    sources = str(empty(desk))
    desk.run("crawl", "feeds", SOURCES=sources, code=69)
    (row,) = desk.rows("SELECT outcome, reason FROM fetches")
    assert row["outcome"] == "failed"
    assert row["reason"].startswith(f"http://b.example/robots.txt cannot be read now, {CUT}")
    internet.routes["http://b.example/robots.txt"] = say(404)
    desk.run("crawl", "feeds", SOURCES=sources)
    assert "http://b.example/feed" in internet.asked
