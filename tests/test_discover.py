"""Discovery: which listings of a site are found, what is said of its publisher, and how it ends when there is nothing."""

from __future__ import annotations

import time
import tomllib
from zoneinfo import ZoneInfo

import pytest

from crawler.catalogue.block import folded, sort_out
from crawler.catalogue.countries import ZONES, country_of_host, language_of, region_of
from crawler.catalogue.discover import Listing, linked_feeds, says_news
from crawler.catalogue.portrait import Portrait, portrait, slug
from pipelines.markup import parse
from tests.conftest import Desk
from tests.internet import Answer, Internet, Serve
from tests.test_spiders import entry, rss, sitemap

SITE = "http://abendpost.example"
HEAD = '<html lang="de-AT"><head><title>Nachrichten - Abendpost</title><meta property="og:site_name" content="Die &quot;Abendpost&quot;">'


def page(*links: str) -> str:
    whole = "".join(f'<link rel="alternate" type="application/rss+xml" href="{link}">' for link in links)
    return f"{HEAD}{whole}</head><body>Guten Abend</body></html>"


def item(number: int) -> str:
    return f"<title>Meldung {number}</title><link>{SITE}/a/{number}</link><pubDate>2024-06-{number:02}T06:30:00Z</pubDate>"


def news(number: int) -> str:
    return f"<loc>{SITE}/n/{number}</loc><news:news><news:title>Meldung {number}</news:title></news:news>"


def index(*paths: str) -> str:
    return f"<sitemapindex>{''.join(f'<sitemap><loc>{SITE}{path}</loc></sitemap>' for path in paths)}</sitemapindex>"


def says(body: str, kind: str = "application/xml", status: int = 200, **headers: str) -> Serve:
    return lambda url, asked: Answer(status, body.encode(), {"Content-Type": kind, **headers})


def opened(internet: Internet, **bodies: str) -> None:
    """Let `SITE` answer: path (with _ for the front page) to body."""
    for path, body in bodies.items():
        serve = says(body, "text/html" if path == "_" else "application/xml")
        internet.routes |= {f"{SITE}{end}": serve for end in (("", "/") if path == "_" else (f"/{path}",))}


def discovered(desk: Desk, url: str = SITE) -> dict[str, object]:
    (outlet,) = tomllib.loads(desk.run("sources", "--discover", url).stdout)["outlet"]
    return dict(outlet)


def test_block_has_linked_and_usual_feeds_and_news_sitemaps_and_says_what_was_guessed(desk: Desk, internet: Internet) -> None:
    opened(
        internet, _=page("/alle.rss", "/tot.rss", "/comments/feed/"), **{"alle.rss": rss(item(1), item(2)), "comments/feed/": rss(item(9))}
    )
    opened(
        internet, **{"feed.xml": rss(item(3)), "rss": page(), "robots.txt": f"User-agent: *\nSitemap: {SITE}/s.xml\nSitemap: /archiv.xml\n"}
    )
    opened(internet, **{"s.xml": sitemap(news(1)), "archiv.xml": sitemap(f"<loc>{SITE}/alt</loc>")})
    text = desk.run("sources", "--discover", SITE).stdout
    (outlet,) = tomllib.loads(text)["outlet"]
    assert outlet == {
        "id": "die-abendpost", "name": 'Die "Abendpost"', "home": SITE, "country": "AT", "language": "de", "timezone": "Europe/Vienna",
        "scope": "match", "feeds": [f"{SITE}/alle.rss", f"{SITE}/feed.xml"], "news_sitemaps": [f"{SITE}/s.xml"],
    }  # fmt: skip
    lines = {line.split(" ")[0].strip('",') or line.strip().split('"')[1]: line for line in text.splitlines() if not line.startswith("#")}
    assert "guessed from the page's language 'de-AT'" in lines["country"] and "guessed from the country AT" in lines["timezone"]
    assert "#" not in lines["language"] + lines["name"]
    assert "linked from the front page; 2 entries, newest 2024-06-02 06:30Z" in text
    assert "not linked, found at a common place; 1 entries" in text
    assert [line for line in text.splitlines() if line.startswith("# left out")] == [
        f"# left out: {SITE}/tot.rss: HTTP 404",
        f"# left out: {SITE}/comments/feed/: lists comments",
        f"# left out: {SITE}/archiv.xml: is a plain sitemap: 1 addresses without headlines",
    ]
    assert not desk.database.exists()


def test_one_level_of_an_index_is_followed(desk: Desk, internet: Internet) -> None:
    opened(internet, _=page(), **{"robots.txt": f"Sitemap: {SITE}/index.xml", "index.xml": index("/alt.xml", "/news.xml", "/tief.xml")})
    opened(internet, **{"alt.xml": sitemap(f"<loc>{SITE}/alt</loc>"), "news.xml": sitemap(news(1)), "tief.xml": index("/nie.xml")})
    assert discovered(desk)["news_sitemaps"] == [f"{SITE}/news.xml"]
    assert {f"{SITE}/news.xml", f"{SITE}/alt.xml"} < set(internet.asked) and f"{SITE}/nie.xml" not in internet.asked


def test_index_of_nothing_but_news_stands_for_its_files(desk: Desk, internet: Internet) -> None:
    opened(internet, _=page(), **{"robots.txt": f"Sitemap: {SITE}/index.xml", "index.xml": index("/1.xml", "/2.xml")})
    opened(internet, **{"1.xml": sitemap(news(1)), "2.xml": sitemap(news(2))})
    assert discovered(desk)["news_sitemaps"] == [f"{SITE}/index.xml"]


def test_robots_txt_is_obeyed_and_who_asks_is_said(desk: Desk, internet: Internet) -> None:
    opened(
        internet,
        _=page("/offen.rss", "/zu.rss"),
        **{"robots.txt": "User-agent: *\nDisallow: /zu\nDisallow: /feed", "offen.rss": rss(item(1))},
    )
    text = desk.run("sources", "--discover", SITE).stdout
    assert f"# left out: {SITE}/zu.rss: Forbidden by robots.txt" in text
    assert not [url for url in internet.asked if "/zu" in url or "/feed" in url]
    assert internet.agents == {"Nachlese/0.1.0 (+https://nachlese.example/tests)"}
    assert internet.most_at_once == 1


def test_site_that_closed_its_front_page_is_described_by_its_address_and_listings(desk: Desk, internet: Internet) -> None:
    opened(internet, **{"robots.txt": "User-agent: *\nDisallow: /$", "feed": rss(item(1))})
    text = desk.run("sources", "--discover", SITE).stdout
    (outlet,) = tomllib.loads(text)["outlet"]
    assert (outlet["id"], outlet["country"], outlet["language"], outlet["timezone"]) == ("abendpost", "ZZ", "de", "UTC")
    assert f"# the front page {SITE} could not be read (Forbidden by robots.txt)" in text
    assert text.count("NOT KNOWN") == 2


def test_permanent_redirects_are_followed_to_where_things_are(desk: Desk, internet: Internet) -> None:
    internet.routes["http://alt.example/"] = says("", status=301, Location=f"{SITE}/")
    opened(internet, _=page("/a.rss", "/b.rss", "/c.rss"), **{"b.rss": rss(item(1))})
    internet.routes[f"{SITE}/a.rss"] = says("", status=308, Location="/b.rss")
    internet.routes[f"{SITE}/c.rss"] = says("", status=302, Location="/d.rss")
    opened(internet, **{"d.rss": rss(item(2))})
    outlet = discovered(desk, "http://alt.example/")
    assert (outlet["home"], outlet["feeds"]) == (SITE, [f"{SITE}/b.rss", f"{SITE}/c.rss"])


def test_page_of_a_stranger_says_nothing_of_the_site(desk: Desk, internet: Internet) -> None:
    internet.routes[f"{SITE}/"] = says("", status=302, Location="http://consent.fremd.example/")
    internet.routes["http://consent.fremd.example/"] = says(page("/fremd.rss"), "text/html")
    opened(internet, feed=rss(item(1)))
    outlet = discovered(desk)
    assert (outlet["name"], outlet["home"], outlet["feeds"]) == ("abendpost.example", SITE, [f"{SITE}/feed"])


def test_outlet_that_the_catalogue_has_keeps_what_it_says_there(desk: Desk) -> None:
    text = desk.run("sources", "--discover", "http://nordlicht-zeitung.example/").stdout
    (outlet,) = tomllib.loads(text)["outlet"]
    assert text.startswith('# the catalogue has this outlet already, as "nordlicht-zeitung"')
    assert (outlet["country"], outlet["timezone"], outlet["scope"]) == ("DE", "Europe/Berlin", "all")


@pytest.mark.parametrize(
    ("bodies", "code", "sentence"),
    [
        ({"_": page()}, 2, f"{SITE}: lists no feed and no news sitemap that can be read"),
        ({"_": page("/a.rss"), "a.rss": page()}, 2, f"{SITE}: lists no feed"),
        ({}, 69, f"{SITE}: cannot be reached (HTTP 404)"),
    ],
)
def test_site_without_listings_ends_with_a_sentence(
    desk: Desk, internet: Internet, bodies: dict[str, str], code: int, sentence: str
) -> None:
    opened(internet, **bodies)
    done = desk.run("sources", "--discover", SITE, code=code)
    assert sentence in done.stderr.splitlines()[-1]
    assert (done.stdout, "Traceback" in done.stderr) == ("", False)


def test_site_that_cannot_be_reached_exits_69(desk: Desk) -> None:
    desk.proxy = "http://127.0.0.1:9"
    assert f"{SITE}: cannot be reached (" in desk.run("sources", "--discover", SITE, code=69).stderr


@pytest.mark.parametrize("url", ["orf.at", "ftp://orf.at", "http://", "http://[orf", "http://a:b@orf.at"])
def test_what_is_no_address_is_refused(desk: Desk, internet: Internet, url: str) -> None:
    assert "give a whole address" in desk.run("sources", "--discover", url, code=2).stderr
    assert internet.asked == []


@pytest.mark.parametrize(
    ("markup", "home", "expected"),
    [
        ('<html lang="de"><title>Politik – DER TAG</title>', "https://www.dertag.ch", ("der-tag", "DER TAG", "CH", "de", "Europe/Zurich")),
        ("<title>Alles, was zählt</title>", "https://www.abend.co.uk", ("abend", "abend.co.uk", "GB", "xx", "Europe/London")),
        ('<html lang="ko"><title>조선</title>', "https://chosun.com", ("chosun", "chosun.com", "ZZ", "ko", "UTC")),
        ('<html lang="zh-Hant-TW">', "https://a.io", ("a", "a.io", "TW", "zh", "Asia/Taipei")),
        ('<meta name="og:locale" content="pt_BR">', "https://folha.tv", ("folha", "folha.tv", "BR", "pt", "America/Sao_Paulo")),
        ('<meta property="og:site_name" content="조선일보">', "https://chosun.kr", ("chosun", "조선일보", "KR", "xx", "Asia/Seoul")),
    ],
)
def test_publisher_is_described_by_what_its_page_says(markup: str, home: str, expected: tuple[str, ...]) -> None:
    assert values(portrait(parse(f"{markup}<p>x</p>"), home)) == expected


def values(found: Portrait) -> tuple[str, ...]:
    return tuple(trait.value for trait in (found.id, found.name, found.country, found.language, found.timezone))


def test_id_that_another_outlet_has_is_not_given_again() -> None:
    named = parse('<meta property="og:site_name" content="Kurier"><p>x</p>')
    assert portrait(named, "https://www.kurier.at").id.value == "kurier"
    assert portrait(named, "https://www.rhein-kurier.de", taken={"kurier"}).id.value == "rhein-kurier"
    assert portrait(named, "https://kurier.de", taken={"kurier"}).id.value == "kurier-de"


def test_language_of_the_listings_serves_where_the_page_declares_none() -> None:
    found = portrait(None, "https://a.example", ["fr", "de", "de", ""])
    assert (found.language.value, bool(found.language.why)) == ("de", True)


@pytest.mark.parametrize(
    ("name", "made"),
    [("Börsen-Zeitung", "boersen-zeitung"), ("People's Daily", "peoples-daily"), ("Česká televize", "ceska-televize"), ("Правда", "")],
)
def test_name_becomes_an_id(name: str, made: str) -> None:
    assert slug(name) == made


@pytest.mark.parametrize(
    ("host", "country"), [("a.at", "AT"), ("a.com.au", "AU"), ("a.uk", "GB"), ("a.com", None), ("a.eu", None), ("a.tv", None)]
)
def test_country_is_told_by_a_domain_that_is_one_s(host: str, country: str | None) -> None:
    assert country_of_host(host) == country


@pytest.mark.parametrize(
    ("tag", "said"),
    [("de-AT", ("de", "AT")), ("de_CH.UTF-8", ("de", "CH")), ("deu", (None, None)), ("", (None, None)), ("x" * 300_000, (None, None))],
)
def test_language_tag_gives_language_and_region(tag: str, said: tuple[str | None, str | None]) -> None:
    assert (language_of(tag), region_of(tag)) == said


def test_every_country_s_time_zone_exists() -> None:
    assert len(ZONES) >= 240
    assert all(ZoneInfo(zone) for zone in ZONES.values())


def test_linked_feeds_are_those_that_say_so_once_each_in_their_order() -> None:
    links = """<link rel="alternate" type="application/rss+xml" href="/b">
    <link rel="ALTERNATE home" type="application/atom+xml; charset=utf-8"
    href="http://x.example/a#top"><link rel="alternate" hreflang="en" href="/en">
    <link rel="stylesheet" type="application/rss+xml" href="/c">
    <link rel="alternate" type="application/rss+xml" href="javascript:x"><link rel="alternate" type="application/rss+xml" href="b">
    <link rel="alternate" type="application/rss+xml"><link rel="alternate" type="application/rss+xml" href="http://[x">"""
    assert linked_feeds(parse(f"{links}<p>x</p>"), f"{SITE}/") == [f"{SITE}/b", "http://x.example/a"]
    assert linked_feeds(None, SITE) == []


@pytest.mark.parametrize(
    ("url", "said"),
    [("/sitemap-news.xml", True), ("/News/index.xml", True), ("/s?type=news", True), ("/newsletter.xml", False), ("/s.xml", False)],
)
def test_sitemap_for_news_says_so_in_its_path(url: str, said: bool) -> None:
    assert says_news(f"http://news.example{url}") is said


def test_listing_that_repeats_another_or_belongs_to_another_outlet_is_left_out() -> None:
    one, two = entry(headline="eins"), entry(headline="zwei")
    found = [Listing("feed", f"{SITE}/{path}", "x", (one,)) for path in "ab"] + [Listing("news_sitemap", f"{SITE}/c", "x", (two,))]
    found += [Listing("feed", f"{SITE}/d", "x"), Listing("news_sitemap", f"{SITE}/e", "x"), Listing("news_sitemap", f"{SITE}/news", "x")]
    kept, left = sort_out(folded(found), {f"{SITE}/d": "other"})
    assert [listing.url[-1] for listing in kept] == ["a", "c", "s"]
    assert [line.split(": ", 1)[1] for line in left] == [
        f"lists the same as {SITE}/a", 'stands in the catalogue already, at outlet "other"', "is empty",
    ]  # fmt: skip


def test_hostile_page_neither_raises_nor_hangs() -> None:
    begun = time.process_time()
    for junk in (
        "<title>" + " - |" * 75_000,
        "<html lang='" + "-" * 300_000,
        "<meta property='og:site_name' content='" + '\x1b[2J"\\' * 60_000 + "'>",
    ):
        portrait(parse(f"{junk}<p>x</p>"), "http://127.0.0.1:80/", ["\x00", "x" * 300_000])
    assert time.process_time() - begun < 10
