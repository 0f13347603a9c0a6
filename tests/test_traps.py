"""Traps of a web that goes on for ever, or says one thing at fifty addresses: each ends at a stated number, and says so."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest

from crawler.spiders.feeds import FeedsSpider
from crawler.spiders.pages import PagesSpider
from crawler.spiders.sitemaps import SitemapsSpider
from pipelines.address import MAX_URL, address_of, canonical_url, trap
from pipelines.article import Fetch, Source
from tests.conftest import Desk
from tests.internet import WEB, Answer, Internet
from tests.test_spiders import answer, rss, sitemap, spider

HOST = "http://tagesfunk.example"
SOURCE = Source("tagesfunk", "feed", f"{HOST}/listing")
ARTICLE = (WEB / "tagesfunk.example/ausland/nordkorea-soldaten-kursk-118.html").read_bytes()
SESSION = "0123456789abcdef0123456789abcdef"
BLOCK = f"""[[outlet]]
id = "tagesfunk"
name = "Tagesfunk"
home = "{HOST}"
country = "DE"
language = "de"
timezone = "Europe/Berlin"
"""
NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def trapped(desk: Desk, tmp_path: Path) -> Desk:
    """One outlet, on a web that answers as the test says."""
    desk.sources = tmp_path / "sources.toml"
    desk.sources.write_text(f'{BLOCK}feeds = ["{HOST}/feed"]\npages = ["{HOST}/politik"]\n', encoding="utf-8")
    return desk


def asked(internet: Internet) -> list[str]:
    """What was asked for, but for what every host is asked."""
    return [url for url in internet.pages_asked() if "/.well-known/" not in url]


def html(body: str | bytes) -> Answer:
    return Answer(200, body.encode() if isinstance(body, str) else body, {"Content-Type": "text/html; charset=utf-8"})


# --- addresses


@pytest.mark.parametrize(
    ("url", "one"),
    [
        ("/a;jsessionid=AB12CD34.node1?id=7", "/a?id=7"), ("/a.php?PHPSESSID=12&id=7", "/a.php?id=7"), ("/a?id=7&phpsessid=x", "/a?id=7"),
        ("/a?ASPSESSIONIDQACD=ABC&id=7", "/a?id=7"), (f"/a?sid={SESSION}", "/a"), ("/(S(lit3py55t21z5v55vlm25s55))/a.aspx", "/a.aspx"),
        ("/a?utm_source=rss&fbclid=x&id=7#top", "/a?id=7"), ("/a?id=7&a=1", "/a?a=1&id=7"), ("/a#kommentare", "/a"),
        # what may name an article stays
        ("/artikel.php?sid=1234", "/artikel.php?sid=1234"), ("/a?sid=nordkorea-liefert-granaten", "/a?sid=nordkorea-liefert-granaten"),
        ("/a?s=nordkoreanischesoldaten2024", "/a?s=nordkoreanischesoldaten2024"), ("/(S)/a", "/(S)/a"),
    ],
)  # fmt: skip
def test_sessions_tracking_and_fragments_make_no_other_address(url: str, one: str) -> None:
    assert canonical_url(HOST + url) == HOST + one
    assert canonical_url(HOST + one) == HOST + one


@pytest.mark.parametrize(
    ("path", "circles"),
    [
        ("/a/b/a/b/a/b", True), ("/welt/welt/welt/x.html", True), ("/x/politik/ausland/asien/politik/ausland/asien/politik/ausland/asien",
        True),
        ("/2024/a/2024/a/2024/a/", True), ("/sport/sport/x", False), ("/11/11/11/x", False), ("/a/b/a/b/a/c", False), ("/a/aa/aaa", False),
        ("/a/b/c/d/e/a/b/c/d/e/a/b/c/d/e", False),
    ],
)  # fmt: skip
def test_link_whose_path_goes_in_circles_leads_nowhere(path: str, circles: bool) -> None:
    assert (address_of(path, HOST) is None) is circles
    assert trap(path, HOST) == ("their addresses go in circles" if circles else None)


@pytest.mark.parametrize("link", ["javascript:" + "x" * 3000, "data:text/html," + "x" * 3000, "mailto:a@b.example", "http://[[x]]/", ""])
def test_link_that_leads_to_no_page_is_no_trap(link: str) -> None:
    assert address_of(link, HOST) is None
    assert trap(link, HOST) is None


def test_addresses_that_are_too_long_or_go_in_circles_are_counted_in_the_fetch() -> None:
    links = [f"{HOST}/artikel-{'x' * MAX_URL}", f"{HOST}/{'y' * MAX_URL}", "/a/b/a/b/a/b/nordkorea-1234567.html", "/nordkorea-1234567.html"]
    feed = rss(*(f"<title>Nordkorea</title><link>{link}</link>" for link in links))
    page = "".join(f'<a href="{link}">Nordkorea liefert Russland wieder Granaten</a>' for link in links)
    for kind, body in ((FeedsSpider, feed), (PagesSpider, page), (SitemapsSpider, sitemap(*(f"<loc>{link}</loc>" for link in links[:3])))):
        fetch = next(iter(spider(kind).parse_listing(answer(body, kind="text/html"), SOURCE)))
        assert isinstance(fetch, Fetch)
        assert fetch.reason == (
            "2 entries left out: their addresses are longer than 2,000 characters; 1 entries left out: their addresses go in circles"
        )


# --- floods


def flood(number: int) -> str:
    """A feed, oldest entry first."""
    return rss(
        *(
            f"<title>Gemeinderat {n}</title><link>{HOST}/artikel-{n}.html</link>"
            f"<pubDate>{NOW - timedelta(minutes=number - n):%a, %d %b %Y %H:%M:%S +0000}</pubDate>"
            for n in range(number)
        )
    )


def json_flood(number: int) -> str:
    items = [
        {
            "url": f"{HOST}/artikel-{n}.html",
            "title": "Gemeinderat",
            "date_published": f"{(NOW - timedelta(minutes=number - n)).isoformat()}",
        }
        for n in range(number)
    ]
    return json.dumps({"items": items})


@pytest.mark.parametrize("make", [flood, json_flood])
def test_of_a_flood_of_entries_the_newest_are_kept_and_the_rest_is_said(make: type[str]) -> None:
    fetch = next(iter(spider(FeedsSpider, {"LISTING_ENTRIES": 100}).parse_listing(answer(make(1000)), SOURCE)))
    assert isinstance(fetch, Fetch)
    assert {entry.url for entry in fetch.entries} == {f"{HOST}/artikel-{n}.html" for n in range(900, 1000)}
    assert fetch.reason == "900 entries left out: older than the newest 100"


def test_hundred_thousand_entries_hold_nobody_up_for_long() -> None:
    body = answer(flood(100_000))
    began = time.monotonic()
    fetch = next(iter(spider(FeedsSpider).parse_listing(body, SOURCE)))
    assert isinstance(fetch, Fetch) and len(fetch.entries) == 5000
    assert fetch.reason == "95,000 entries left out: older than the newest 5,000"
    assert time.monotonic() - began < 30  # some 5 s; feedparser alone would take 20 for all


def test_sitemap_has_a_flood_of_its_own_measure() -> None:
    urls = (f"<loc>{HOST}/artikel-{n}.html</loc><lastmod>{(NOW - timedelta(minutes=300 - n)).isoformat()}</lastmod>" for n in range(300))
    fetch = next(iter(spider(SitemapsSpider, {"SITEMAP_ENTRIES": 100}).parse_listing(answer(sitemap(*urls)), SOURCE)))
    assert isinstance(fetch, Fetch)
    assert {entry.url for entry in fetch.entries} == {f"{HOST}/artikel-{n}.html" for n in range(200, 300)}
    assert fetch.reason.startswith("200 entries left out")


# --- pages that go on for ever


def test_pagination_and_calendars_are_not_walked(trapped: Desk, internet: Internet) -> None:
    def section(url: str, headers: dict[str, str]) -> Answer:
        number = int(url.partition("seite=")[2] or 1)
        further = "".join(f'<a href="/politik?seite={number + n}">Weiter zur nächsten Seite hier</a>' for n in range(1, 30))
        days = "".join(f'<a href="/kalender/2024-{n:02}/">Alle Meldungen dieses Monats hier</a>' for n in range(1, 13))
        return html(f'{further}{days}<a href="/nordkorea-artikel-{number}.html">Nordkorea liefert Russland neue Granaten</a>')

    internet.routes[f"{HOST}/politik"] = section
    for n in range(1, 13):
        internet.routes[f"{HOST}/kalender/2024-{n:02}/"] = section
    internet.routes[f"{HOST}/nordkorea-artikel-1.html"] = lambda url, headers: html(ARTICLE)
    for _ in range(2):
        trapped.run("crawl", "pages")
    assert not [url for url in asked(internet) if "seite=" in url]
    assert asked(internet).count(f"{HOST}/nordkorea-artikel-1.html") == 1
    assert len(asked(internet)) <= 2 + 1 + 12  # the section twice, the article and each month once


def test_sitemaps_that_breed_end_at_their_depth_and_number(trapped: Desk, internet: Internet) -> None:
    trapped.sources.write_text(f'{BLOCK}news_sitemaps = ["{HOST}/s"]\n', encoding="utf-8")

    def breed(url: str, headers: dict[str, str]) -> Answer:
        path = url.removeprefix(HOST)
        files = "".join(f"<sitemap><loc>{HOST}{path}/{n}</loc></sitemap>" for n in "abcdefghij")
        return Answer(200, f"<sitemapindex>{files}<sitemap><loc>{HOST}/s</loc></sitemap></sitemapindex>".encode())

    paths = ("".join(f"/{n}" for n in way) for depth in range(5) for way in product("abcdefghij", repeat=depth))
    internet.routes |= {f"{HOST}/s{path}": breed for path in paths}
    trapped.run("crawl", "sitemaps", SITEMAP_FILES="30")
    files = asked(internet)
    assert len(files) == len(set(files)) == 31
    assert max(url.count("/") for url in files) <= HOST.count("/") + 1 + 3
    assert "files left out, 30 are the most a run asks for" in trapped.rows("SELECT reason FROM fetches")[0]["reason"]


@pytest.mark.parametrize("delay", [0, 3])
def test_meta_refreshes_in_a_circle_end_with_a_verdict(trapped: Desk, internet: Internet, delay: int) -> None:
    page = f"{HOST}/nordkorea-artikel-1.html"
    link = f"<link>{page}</link><title>Nordkorea liefert Granaten</title>"
    internet.routes[f"{HOST}/feed"] = lambda url, headers: Answer(200, rss(link).encode())
    internet.routes[page] = lambda url, headers: html(f'<meta http-equiv="refresh" content="{delay}; url={page}?x=1"><p>Nordkorea</p>')
    trapped.run("crawl", "feeds")
    assert 2 <= len(asked(internet)) <= 2 + 5
    assert [row["verdict"] for row in trapped.rows("SELECT verdict FROM decisions")] != []
    internet.asked.clear()
    trapped.run("crawl", "feeds")
    assert page not in internet.asked


def test_redirects_and_meta_refreshes_share_the_five(trapped: Desk, internet: Internet) -> None:
    def lead(url: str, headers: dict[str, str]) -> Answer:
        number = int(url.rsplit("-", 1)[1]) + 1
        to = f"{HOST}/nordkorea-artikel-{number}"
        return Answer(302, b"", {"Location": to}) if number % 2 else html(f'<meta http-equiv="refresh" content="0; url={to}">')

    internet.routes |= {f"{HOST}/nordkorea-artikel-{n}": lead for n in range(10001, 10030)}
    trapped.run("crawl", "pages", "-a", f"url={HOST}/nordkorea-artikel-10001")
    assert len(asked(internet)) == 1 + 5
    (row,) = trapped.rows("SELECT url, verdict FROM decisions")
    assert (row["url"], row["verdict"]) != (f"{HOST}/nordkorea-artikel-10001", "filed")


def test_page_that_loads_itself_anew_every_minute_is_read(trapped: Desk, internet: Internet) -> None:
    page = f"{HOST}/ausland/nordkorea-soldaten-kursk-118.html"
    internet.routes[page] = lambda url, headers: html(ARTICLE.replace(b"<head>", b'<head><meta http-equiv="refresh" content="60">', 1))
    trapped.run("crawl", "pages", "-a", f"url={page}")
    assert asked(internet) == [page]
    assert [row["verdict"] for row in trapped.rows("SELECT verdict FROM decisions")] == ["filed"]


# --- one article at fifty addresses


def test_fifty_addresses_of_one_article_are_one_article(trapped: Desk, internet: Internet) -> None:
    page = "/ausland/nordkorea-soldaten-kursk-118.html"
    tails = [f"?utm_source=s{n}" for n in range(15)] + [f"?PHPSESSID={n}{SESSION}" for n in range(15)]
    tails += (
        [f";jsessionid={SESSION}{n}" for n in range(10)] + [f"#absatz-{n}" for n in range(5)] + [f"?fbclid={n}x&gclid=y" for n in range(5)]
    )
    feed = rss(*(f"<title>Nordkoreas Soldaten in Kursk</title><link>{HOST}{page}{tail}</link>" for tail in tails))
    internet.routes[f"{HOST}/feed"] = lambda url, headers: Answer(200, feed.encode())
    trapped.run("crawl", "feeds")
    assert len(tails) == 50
    assert asked(internet) == [f"{HOST}/feed", HOST + page]
    assert [row["url"] for row in trapped.rows("SELECT url FROM articles")] == [HOST + page]


@pytest.mark.parametrize("canonical", ["nordkorea-soldaten-kursk-118.html", "nirgends-gelistet"])
def test_print_and_amp_editions_are_the_article(trapped: Desk, internet: Internet, canonical: str) -> None:
    page = f"{HOST}/ausland/nordkorea-soldaten-kursk-118.html"
    body = ARTICLE.replace(b'/ausland/nordkorea-soldaten-kursk-118"', f'/ausland/{canonical}"'.encode())
    editions = [
        page,
        f"{HOST}/amp/nordkorea-soldaten-kursk-118.html",
        f"{HOST}/druck/nordkorea-soldaten-kursk-118.html",
        f"{page}?output=amp",
    ]
    feed = rss(*(f"<title>Nordkoreas Soldaten in Kursk</title><link>{url}</link>" for url in editions))
    internet.routes[f"{HOST}/feed"] = lambda url, headers: Answer(200, feed.encode())
    internet.routes |= {url.partition("?")[0]: lambda url, headers: html(body) for url in editions}
    trapped.run("crawl", "feeds")
    assert len(trapped.rows("SELECT url FROM articles")) == 1
    verdicts = [row["verdict"] for row in trapped.rows("SELECT verdict FROM decisions WHERE newest = 1 ORDER BY verdict")]
    assert verdicts == ["alias", "alias", "alias", "filed"]


@pytest.mark.parametrize("title", ["Seite nicht gefunden", "404 - Not Found", "Fehler 404"])
def test_page_that_says_200_and_is_none_is_gone(trapped: Desk, internet: Internet, title: str) -> None:
    page = f"{HOST}/nordkorea-artikel-1234567.html"
    gone = (
        f"<html><head><title>{title}</title></head><body><h1>{title}</h1><p>Nordkorea, Russland, Raketen: mehr im Archiv.</p></body></html>"
    )
    internet.routes[page] = lambda url, headers: html(gone)
    trapped.run("crawl", "pages", "-a", f"url={page}")
    assert [row["verdict"] for row in trapped.rows("SELECT verdict FROM decisions")] == ["gone"]
