"""What the spiders make of a listing: feeds, sitemaps, section pages, and which entries they follow."""

from __future__ import annotations

import gzip
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest
from scrapy import Request
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes
from scrapy.utils.test import get_crawler

from crawler import settings as project_settings
from crawler.backfill import ListingError
from crawler.spiders.base import ListingSpider
from crawler.spiders.feeds import FeedsSpider
from crawler.spiders.pages import PagesSpider, is_article_url
from crawler.spiders.sitemaps import SitemapsSpider
from pipelines.article import Entry, Fetch, Source, Verdict
from pipelines.known import Known, keys_of
from tests.conftest import ROOT
from tests.internet import WEB

S = TypeVar("S", bound=ListingSpider)
HOST = "http://tagesfunk.example"
HEADLINE, SUMMARY, WHEN = "Pjöngjang & Moskau", "Neue Granaten", "2024-06-14T06:30:00+02:00"
LINK = f"{HOST}/a/meldung-1"
NEWS = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
DC = "http://purl.org/dc/elements/1.1/"
LISTED = datetime(2024, 6, 14, 12, tzinfo=UTC)
ARTICLES = """/politik/nordkorea-liefert-wieder-granaten /nordkorea-liefert-wieder-granaten/ /!5963840/ /ausland/artikel-104711.html
/2024/06/14/granaten /2024-06/granaten /a/granaten.htm /login-daten-von-soldaten-gestohlen""".split()
SECTIONS = """/ /politik /politik/ausland/ /kurze-meldung /a/granaten?id=12345 /thema/krieg-in-der-ukraine /autor/eva-maria-von-berg-12345
/impressum.html /Datenschutz/stand-2024-06-14 /login/weiter-zu-dem-artikel /suche/nordkorea-liefert-wieder-granaten""".split()


def rss(*items: str, version: str = "2.0") -> str:
    whole = "".join(f"<item>{item}</item>" for item in items)
    return f'<rss version="{version}"><channel><title>x</title><language>de-AT</language>{whole}</channel></rss>'


def sitemap(*urls: str, doctype: str = "") -> str:
    whole = "".join(f"<url>{url}</url>" for url in urls)
    return f'{doctype}<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" {NEWS}>{whole}</urlset>'


ITEM = f"""<title>Pjöngjang &amp;amp; Moskau</title><link>{LINK}?utm_source=rss#top</link>
<description>Neue &lt;b&gt;Granaten&lt;/b&gt;</description>"""
FEEDS = {
    "RSS 0.91": rss(ITEM, version="0.91"),
    "RSS 0.92": rss(f"{ITEM}<category>Welt</category>", version="0.92"),
    "RSS 1.0": f"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
    xmlns:dc="{DC}"><channel rdf:about="{HOST}"><title>x</title><dc:language>de</dc:language></channel>
    <item rdf:about="{LINK}">{ITEM}<dc:date>{WHEN}</dc:date><dc:subject>Welt</dc:subject></item></rdf:RDF>""",
    "RSS 2.0": rss(f"{ITEM}<category>Welt</category><pubDate>{WHEN}</pubDate>"),
    "Atom": f"""<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de"><title>x</title><entry>
    <link rel="enclosure" href="{HOST}/a.mp3"/>
    <title type="html">Pjöngjang &amp;amp; Moskau</title><link href="/a/meldung-1"/><summary>Neue Granaten</summary><category term="Welt"/>
    <published>{WHEN}</published><updated>2024-06-15T00:00:00Z</updated></entry></feed>""",
    "JSON Feed": f"""{{"version": "https://jsonfeed.org/version/1.1", "language": "de-DE", "items": [{{"url": "/a/meldung-1",
    "title": "Pj\\u00f6ngjang & Moskau", "tags": ["Welt"], "summary": "Neue Granaten", "date_published": "{WHEN}"}}]}}""",
}


def spider(kind: type[S], knobs: dict[str, Any] | None = None, **args: str) -> S:
    project = {name: value for name, value in vars(project_settings).items() if name.isupper()}
    places = {"SOURCES": str(WEB / "sources.toml"), "DATABASE": str(ROOT / "tests" / "none.db")}
    return kind.from_crawler(get_crawler(kind, {**project, **places, **(knobs or {})}), **args)


def answer(body: str | bytes, *, kind: str = "", status: int = 200) -> Response:
    """A response of the class that Scrapy itself would choose."""
    raw, headers = body.encode() if isinstance(body, str) else body, Headers({"Content-Type": kind} if kind else {})
    response = responsetypes.from_args(headers=headers, url=f"{HOST}/listing", body=raw)
    return response(f"{HOST}/listing", status=status, headers=headers, body=raw)


def listed(kind: type[ListingSpider], body: str | bytes, content_type: str = "") -> list[Entry]:
    return list(spider(kind).entries(answer(body, kind=content_type), Source("tagesfunk", kind.kind, f"{HOST}/listing")))


@pytest.mark.parametrize("kind", FEEDS)
def test_feed_of_every_kind_lists_the_same_report(kind: str) -> None:
    (entry,) = listed(FeedsSpider, FEEDS[kind])
    assert (entry.url, entry.headline, entry.summary, entry.language) == (LINK, HEADLINE, SUMMARY, "de")
    assert (entry.outlet, entry.source) == ("tagesfunk", f"{HOST}/listing")
    assert entry.keywords == ("" if kind == "RSS 0.91" else "Welt")


@pytest.mark.parametrize("kind", ["RSS 1.0", "RSS 2.0", "Atom", "JSON Feed"])
def test_publication_date_stands_as_the_feed_wrote_it(kind: str) -> None:
    assert [entry.published for entry in listed(FeedsSpider, FEEDS[kind])] == [WHEN]


def test_update_of_an_atom_entry_is_no_publication() -> None:
    assert [entry.published for entry in listed(FeedsSpider, FEEDS["Atom"].replace("published>", "other>"))] == [""]


@pytest.mark.parametrize(
    ("kind", "body", "found"),
    [
        (FeedsSpider, "<!DOCTYPE html><title>Wartung</title>", "is not a feed: begins with '<!DOCTYPE html><title>Wartung"),
        (FeedsSpider, "bitte später", "'bitte später'"),
        (FeedsSpider, "", "is not a feed: begins with ''"),
        (FeedsSpider, '{"error": 1}', "is not a JSON Feed: no list of items"),
        (SitemapsSpider, "<!doctype html><html><body>Wartung<br></body></html>", "is not a sitemap: begins with '<!doctype html>"),
        (SitemapsSpider, "", "is not a sitemap: begins with ''"),
        (SitemapsSpider, f"<sitemapindex><sitemap><loc>{HOST}/s.xml</loc></sitemap></sitemapindex>", "is an index of sitemaps"),
        (SitemapsSpider, FEEDS["RSS 2.0"], "is not a sitemap: begins with '<rss"),
    ],
)
def test_what_is_no_listing_is_refused_with_what_was_found(kind: type[ListingSpider], body: str, found: str) -> None:
    with pytest.raises(ListingError) as refused:
        listed(kind, body)
    assert found in str(refused.value)


@pytest.mark.parametrize(
    ("kind", "body"), [(FeedsSpider, rss()), (FeedsSpider, '{"items": []}'), (SitemapsSpider, sitemap()), (PagesSpider, "<p>leer</p>")]
)
def test_listing_without_entries_is_no_fault(kind: type[ListingSpider], body: str) -> None:
    assert listed(kind, body) == []
    (fetch,) = spider(kind).parse_listing(answer(body), Source("tagesfunk", kind.kind, HOST))
    assert isinstance(fetch, Fetch)
    assert (fetch.outcome, fetch.entries) == ("empty", ())


@pytest.mark.parametrize(
    "title",
    [
        "Nord&amp;shy;korea: Pj&amp;ouml;ngjang",
        "Nord\u00adkorea: Pj&#246;ngjang",
        "<![CDATA[Nordkorea: Pj&ouml;ngjang]]>",
        "Nordkorea:\n Pjöngjang",
    ],
)
@pytest.mark.parametrize("kind", [FeedsSpider, SitemapsSpider])
def test_entities_in_titles_are_resolved(kind: type[ListingSpider], title: str) -> None:
    feed = rss(f"<title>{title}</title><link>{LINK}</link>")
    news = sitemap(f"<loc>{LINK}</loc><news:news><news:title>{title}</news:title></news:news>")
    assert [entry.headline for entry in listed(kind, feed if kind is FeedsSpider else news)] == ["Nordkorea: Pjöngjang"]


@pytest.mark.parametrize("link", ["javascript:alert(1)", "mailto:a@b.example", "", "ftp://x.example/a", "http://[[link]]/a"])
def test_link_that_is_none_costs_only_its_own_entry(link: str) -> None:
    good = f"<title>gut</title><link>{LINK}</link>"
    entries = listed(FeedsSpider, rss(f"<title>schlecht</title><link>{link}</link>", good, "<title>ohne Link</title>"))
    assert [entry.headline for entry in entries] == ["gut"]
    items = [{"url": link, "title": "schlecht"}, {"title": "ohne"}, {"url": 5}, None, {"url": LINK, "title": "gut"}]
    assert [entry.headline for entry in listed(FeedsSpider, json.dumps({"items": items}))] == ["gut"]
    assert [entry.url for entry in listed(SitemapsSpider, sitemap(f"<loc>{link}</loc>", "", f"<loc> {LINK} </loc>"))] == [LINK]
    page = f'<a href="{link}">Ein Link der keiner ist</a><a href="{LINK}2345">Ein Link der einer ist</a>'
    assert [entry.headline for entry in listed(PagesSpider, page, "text/html")] == ["Ein Link der einer ist"]


@pytest.mark.parametrize("odd", [{"tags": 5}, {"tags": "Welt"}, {"tags": [None, 5]}, {"authors": 5}, {"title": 5}, {"date_published": []}])
def test_json_feed_with_odd_values_loses_only_those(odd: dict[str, Any]) -> None:
    assert [entry.url for entry in listed(FeedsSpider, json.dumps({"items": [{"url": LINK, "title": "gut"} | odd]}))] == [LINK]


@pytest.mark.parametrize("kind", ["RSS 2.0", "Atom", "JSON Feed"])
@pytest.mark.parametrize(("mark", "charset"), [("\ufeff", ""), ("\ufeff", "; charset=utf-8"), ("", "; charset=utf-8")])
def test_feed_with_a_byte_order_mark_or_declared_charset_is_read(kind: str, mark: str, charset: str) -> None:
    assert [entry.headline for entry in listed(FeedsSpider, mark + FEEDS[kind], f"application/xml{charset}")] == [HEADLINE]


@pytest.mark.parametrize("prefix", ["news", "n"])
def test_news_sitemap_gives_title_date_language_and_keywords_under_any_prefix(prefix: str) -> None:
    url = (
        f"<loc>{LINK}</loc><lastmod>2020-01-01</lastmod><image:image xmlns:image='http://www.google.com/schemas/sitemap-image/1.1'>"
        "<image:loc>http://x.example/i.jpg</image:loc><image:title>Ein Bild</image:title></image:image><news:news><news:publication>"
        f"<news:name>T</news:name><news:language>de-AT</news:language></news:publication><news:publication_date>{WHEN}"
        "</news:publication_date><news:title>Pjöngjang &amp; Moskau</news:title><news:keywords>Welt, Asien</news:keywords></news:news>"
    )
    news = sitemap(url).replace("news:", f"{prefix}:").replace("xmlns:news", f"xmlns:{prefix}")
    for body in (news, f'\ufeff<?xml version="1.0" encoding="UTF-8"?>{news}'):
        (entry,) = listed(SitemapsSpider, body)
        assert (entry.url, entry.headline, entry.published, entry.language) == (LINK, HEADLINE, WHEN, "de")
        assert entry.keywords == "Welt, Asien"


def test_plain_sitemap_gives_urls_and_their_dates_without_words() -> None:
    (entry,) = listed(SitemapsSpider, sitemap(f"<loc>{LINK}</loc><lastmod>2024-06-14</lastmod>"))
    assert (entry.url, entry.words(), entry.published) == (LINK, "", "2024-06-14")


def test_packed_sitemap_is_unpacked() -> None:
    assert [entry.url for entry in listed(SitemapsSpider, gzip.compress(sitemap(f"<loc>{LINK}</loc>").encode()))] == [LINK]


@pytest.mark.parametrize("kind", [FeedsSpider, SitemapsSpider])
def test_entities_of_a_doctype_are_neither_expanded_nor_read_from_disk(kind: type[ListingSpider], tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("streng geheim", encoding="utf-8")
    laughs = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10 if i else "haha"}">' for i in range(9))
    doctype = f'<?xml version="1.0"?><!DOCTYPE x [{laughs}<!ENTITY file SYSTEM "{secret.as_uri()}">]>'
    title = "Moskau &l8; &file;"
    feed = doctype + rss(f"<title>{title}</title><link>{LINK}</link>")
    news = sitemap(f"<loc>{LINK}</loc><news:title>{title}</news:title>", doctype=doctype)
    (entry,) = listed(kind, feed if kind is FeedsSpider else news)
    assert entry.url == LINK
    assert "geheim" not in entry.words() and "haha" not in entry.words()


@pytest.mark.parametrize("path", [*ARTICLES, *SECTIONS])
def test_article_is_told_from_a_section_by_its_path(path: str) -> None:
    assert is_article_url(f"{HOST}{path}") is (path in ARTICLES)


def test_endless_link_is_judged_in_no_time() -> None:
    begun = time.perf_counter()
    assert not is_article_url(f"{HOST}/{'a-' * 8000}/x")
    assert time.perf_counter() - begun < 0.5


def entry(outlet: str | None = "tagesfunk", **said: str) -> Entry:
    return Entry(LINK, outlet, None, LISTED, **said)


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (entry(), None),
        (entry(headline="Nordkorea schickt Granaten"), None),
        (entry(headline="Wieder Granaten", summary="Sie kommen aus Pjöngjang."), None),
        (entry(keywords="Granaten, Nordkorea"), None),
        (entry(headline="Fußball am Samstag"), "off_story"),
        (entry(None, headline="Fußball am Samstag"), "off_story"),
        (entry("boerse-heute", headline="Fußball am Samstag"), None),  # scope = "all"
        (entry(headline="Nordkorea testet", published="2022-02-22"), "out_of_window"),
        (entry(published="Tue, 22 Feb 2022 20:00:00 +0100"), "out_of_window"),
        (entry(headline="Nordkorea testet", published="2022-02-23"), None),  # it was the 24th somewhere
        (entry(headline="Nordkorea testet", published="neulich"), None),
    ],
)
def test_entry_is_fetched_or_left_with_a_verdict(found: Entry, verdict: str | None) -> None:
    (followed,) = spider(FeedsSpider).follow(found)
    if verdict is None:
        assert isinstance(followed, Request)
        assert followed.url == LINK
    else:
        assert isinstance(followed, Verdict)
        assert (followed.url, followed.stage, followed.verdict, followed.retry_at) == (LINK, "listing", verdict, None)
        assert followed.reason


@pytest.mark.parametrize("headline", ["Nordkorea schickt Granaten", "Fußball am Samstag", ""])
def test_decided_url_is_neither_fetched_nor_decided_again(headline: str) -> None:
    desk = spider(FeedsSpider)
    desk.known = Known(keys_of([f"{HOST}/other", LINK]))
    assert list(desk.follow(entry(headline=headline))) == []
    desk.known = Known(keys_of([f"{HOST}/other"]))
    assert len(list(desk.follow(entry(headline=headline)))) == 1


def test_listing_is_recorded_in_one_piece_each_url_once() -> None:
    story, sport = f"<title>Nordkorea liefert</title><link>{LINK}</link>", f"<title>Fußball</title><link>{HOST}/sport</link>"
    fetch, request = spider(FeedsSpider).parse_listing(answer(rss(story, sport, story, sport)), Source("tagesfunk", "feed", HOST))
    assert isinstance(fetch, Fetch) and isinstance(request, Request)
    assert (fetch.outcome, [e.url for e in fetch.entries]) == ("ok", [LINK, f"{HOST}/sport"])
    assert [(v.url, v.verdict) for v in fetch.verdicts] == [(f"{HOST}/sport", "off_story")]
    assert request.url == LINK


@pytest.mark.parametrize(
    ("status", "body", "outcome", "reason"),
    [(503, "", "failed", "HTTP 503"), (403, "", "denied", "HTTP 403"), (200, "<!DOCTYPE html>", "failed", "is not a feed")],
)
def test_listing_that_fails_says_why(status: int, body: str, outcome: str, reason: str) -> None:
    (fetch,) = spider(FeedsSpider).parse_listing(answer(body, status=status), Source("tagesfunk", "feed", HOST))
    assert isinstance(fetch, Fetch)
    assert (fetch.outcome, fetch.http_status, fetch.entries) == (outcome, status, ())
    assert fetch.reason.startswith(reason)


@pytest.mark.parametrize(("when", "kept"), [("2024-06-14T00:30:00+02:00", 1), ("2024-06-13T23:30:00+02:00", 0), ("", 1)])
def test_since_begins_at_the_desk_s_midnight(when: str, kept: int) -> None:
    feed = rss(f"<title>Nordkorea liefert</title><link>{LINK}</link><pubDate>{when}</pubDate>")
    items = list(spider(FeedsSpider, since="2024-06-14").parse_listing(answer(feed), Source("tagesfunk", "feed", HOST)))
    assert len(items) == 1 + kept
