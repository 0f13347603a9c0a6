"""Values no page should have: cut, cleaned or refused by stated rules on the whole way from feed and page to table, CSV and desk."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx
import pytest

from crawler.formats.feed import newest_items, xml_text
from crawler.formats.listing import MAX_HEADLINE, stated
from crawler.sources import CatalogueError, load_sources
from crawler.spiders.feeds import FeedsSpider
from crawler.spiders.sitemaps import SitemapsSpider
from pipelines.article import Entry
from pipelines.health import newest_first, oldest_date
from pipelines.markup import decode
from tests.blatt import HOST, block
from tests.conftest import Desk
from tests.internet import Answer, Internet, Serve
from tests.serving import copy, served
from tests.test_file import WIRE
from tests.test_spiders import LISTED, listed, rss, sitemap

BLOCK = block()
RANGES = ((0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x2069), (0x3164, 0x3164))
UNSEEN = {chr(code) for first, last in RANGES for code in range(first, last + 1)}
UNSEEN |= {"\ufeff", "\u061c", "\u00ad", *map(chr, range(9)), *map(chr, range(14, 32)), "\x7f"}
PLAIN = "Nordkorea: Pjöngjang verschifft größere Lieferung"
WHEN = "2024-10-25T12:31:00+02:00"


@dataclass(frozen=True)
class Case:
    """A headline, byline and date as feed and page give them, and what is to be stored."""

    headline: str = PLAIN
    byline: str = "Eva Braumann"
    date: str = WHEN
    stored: str = PLAIN
    author: str = "Eva Braumann"
    published: str | None = "2024-10-25T10:31:00Z"
    charset: str = "utf-8"
    claims: str = "text/html; charset=utf-8"


DATES = {
    "year 0": ("0000-01-01T00:00:00Z", None), "year 1": ("0001-01-01T00:00:00+14:00", None), "year 9999": ("9999-12-31", None),
    "end of time": ("9999-12-31T23:59:59-12:00", None), "30 February": ("2024-02-30", None), "30. Februar": ("30. Februar 2024", None),
    "31 June with time": ("2024-06-31T10:00:00Z", None), "hour 25": ("2024-10-25T25:00:00Z", None), "two digits": ("25.10.24",
    "2024-10-25"),
    "10^18": ("1000000000000000000", None), "epoch": ("1729852260", "2024-10-25T10:31:00Z"), "epoch of ms": ("1729852260000",
    "2024-10-25T10:31:00Z"),
    "epoch 0": ("0", None), "negative": ("-62135596800", None), "words": ("neulich", None), "1e400": ("1e400", None),
    "long": ("2024-10-25 " * 30_000, None), "surrogate": ("2024-10-25\ud800", "2024-10-25"), "turned": ("\u202e2024-10-25", "2024-10-25"),
    "next year": ("2090-01-01T00:00:00Z", None), "before the web": ("1850-01-01", None),
    "offset of 99 hours": ("2024-10-25T10:00:00+99:00", None),
}  # fmt: skip
TEXTS = {
    "300 kB": Case(headline="Nordkorea liefert " * 17_000, stored=("Nordkorea liefert " * 28)[:MAX_HEADLINE].strip()),
    "right to left": Case(headline=f"\u202e{PLAIN}\u202c \u2067\u200f", byline="\u202eEva\u200b Brau\u2066mann"),
    "zero width": Case(headline="Nord\u200bkorea: Pj\u200cöng\u200djang ver\u2060schifft\ufeff größere Lie\u00adferung"),
    "half a character": Case(headline=f"{PLAIN}\ud83d", byline="Eva \udc00Braumann"),
    "emoji": Case(headline=f"{PLAIN} \U0001f680", stored=f"{PLAIN} \U0001f680"),
    "control": Case(headline=f"\x1b]0;x\x07{PLAIN}\x9b", stored=f"]0;x {PLAIN}"),
    "decomposed": Case(headline=PLAIN.replace("ö", "o\u0308").replace("ü", "u\u0308")),
    "latin-1 called utf-8": Case(charset="cp1252"),
    "utf-8 called latin-1": Case(claims="text/html; charset=iso-8859-1"),
    "utf-16 called ascii": Case(charset="utf-16-le", claims="text/html; charset=ascii"),
    "utf-16 with mark": Case(charset="utf-16", claims="text/html"),
    "unknown": Case(charset="cp1252", claims="text/html; charset=klingon-1"),
    "codec of Python": Case(charset="cp1252", claims="text/html; charset=unicode_escape"),
    "no text": Case(charset="cp1252", claims="text/html; charset=rot13"),
}  # fmt: skip
CASES = {f"date {name}": Case(date=date, published=found) for name, (date, found) in DATES.items()} | TEXTS


def address(number: int) -> str:
    return f"{HOST}/politik/meldung-{number + 1000000}.html"


def page(case: Case) -> bytes:
    """A page as a newsroom's system writes it: structured data with escapes, no canonical link."""
    about = {
        "@type": "NewsArticle",
        "headline": case.headline,
        "datePublished": case.date,
        "author": {"@type": "Person", "name": case.byline},
    }
    plain = case.charset == "cp1252"
    data = json.dumps(about, ensure_ascii=not plain)
    text = f"""<html lang="de"><head><script type="application/ld+json">{data}</script></head><body><article>
    <h1>{case.headline}</h1><p>{"</p><p>".join(WIRE.replace(". ", ".|").split("|"))}</p></article></body></html>"""
    return text.encode(case.charset, "replace" if plain else "surrogatepass")


def shown(case: Case, url: str, headers: dict[str, str]) -> Answer:
    return Answer(200, page(case), {"Content-Type": case.claims})


def feed() -> bytes:
    items = [
        {"url": address(n), "title": c.headline, "date_published": c.date, "authors": [{"name": c.byline}]}
        for n, c in enumerate(CASES.values())
    ]
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "language": "\u202ede", "items": items}).encode()


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, list[dict[str, str]], httpx.Client]]:
    """All cases, crawled in one run; the rows of an export; the desk."""
    folder = tmp_path_factory.mktemp("values")
    routes: dict[str, Serve] = {address(n): partial(shown, case) for n, case in enumerate(CASES.values())}
    routes[f"{HOST}/feed"] = lambda url, headers: Answer(200, feed(), {"Content-Type": "application/feed+json"})
    with Internet(folder, routes) as internet:
        desk = Desk(folder / "news.db", internet.proxy, folder / "sources.toml")
        desk.sources.write_text(BLOCK, encoding="utf-8")
        desk.run("crawl", "feeds")
    desk.run("export", "--view", "articles_list", "-o", str(folder / "out.csv"))
    rows = list(csv.DictReader(io.StringIO((folder / "out.csv").read_bytes().decode("utf-8-sig"), newline="")))
    (folder / "desk").mkdir()
    with closing(sqlite3.connect(folder / "desk" / "news.db")) as database:
        copy(desk.database, database)
    with served(folder / "desk") as client:
        yield desk, rows, client


Journey = tuple[Desk, list[dict[str, str]], httpx.Client]


@pytest.mark.parametrize("name", CASES)
def test_value_is_the_same_in_table_export_and_desk(journey: Journey, name: str) -> None:
    desk, rows, client = journey
    case, url = CASES[name], address(list(CASES).index(name))
    (article,) = desk.rows("SELECT headline, byline, published, public_id FROM articles WHERE url = ?", url)
    assert (article["headline"], article["byline"], article["published"]) == (case.stored, case.author, case.published)
    (row,) = [row for row in rows if row["url"] == url]
    assert (row["headline"], row["published"]) == (case.stored, case.published or "")
    shown = client.get(f"/news/-/article/{article['public_id']}")
    assert shown.status_code == 200
    assert case.stored[:60] in shown.text


def test_nothing_invisible_is_stored_exported_or_shown(journey: Journey) -> None:
    desk, rows, client = journey
    with closing(sqlite3.connect(desk.database)) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%fts%'")]
        for table in tables:
            for values in database.execute(f"SELECT * FROM {table}"):
                assert not [value for value in values if isinstance(value, str) and set(value) & UNSEEN], table
    assert not set("".join("".join(row.values()) for row in rows)) & UNSEEN
    for way in ("/", "/news/-/articles", "/news/articles_list", "/news/entries"):
        assert not set(client.get(way).text) & (UNSEEN - {"\u00ad"}), way


def test_no_value_is_longer_than_its_measure(journey: Journey) -> None:
    (longest,) = journey[0].rows("SELECT max(length(headline)) AS a, max(length(published)) AS b, max(length(authors)) AS c FROM entries")
    assert longest["a"] <= MAX_HEADLINE and longest["b"] <= 100 and longest["c"] <= 2000


def test_outlet_s_name_is_what_it_looks_like(tmp_path: Path) -> None:
    file = tmp_path / "sources.toml"
    file.write_text(BLOCK.replace("Das Blatt", "Das\\u202e\\u200b Blatt\\u3164"), encoding="utf-8")
    assert [outlet.name for outlet in load_sources(file)] == ["Das Blatt"]
    file.write_text(BLOCK.replace("Das Blatt", "\\u200b"), encoding="utf-8")
    with pytest.raises(CatalogueError, match="name"):
        load_sources(file)


# --- listings


@pytest.mark.parametrize("date", [date for date, _ in DATES.values()])
@pytest.mark.parametrize("kind", ["feed", "sitemap"])
def test_odd_date_costs_its_entry_nothing_else(kind: str, date: str) -> None:
    written = date.encode("utf-8", "replace").decode()
    if kind == "feed":
        (entry,) = listed(FeedsSpider, rss(f"<title>x</title><link>{HOST}/a</link><pubDate>{written}</pubDate>"))
    else:
        news = f"<news:news><news:publication_date>{written}</news:publication_date></news:news>"
        (entry,) = listed(SitemapsSpider, sitemap(f"<loc>{HOST}/a</loc>{news}"))
    assert entry.url == f"{HOST}/a" and len(entry.published) <= 100
    found = oldest_date([entry])
    assert found is None or 1994 <= found.year < 2100


def test_entry_of_the_far_future_is_not_the_newest_and_one_of_year_one_reaches_back_to_nowhere() -> None:
    odd = [Entry(f"{HOST}/{n}", None, None, LISTED, published=date) for n, date in enumerate(("9999-12-31", "0001-01-01T00:00:00+14:00"))]
    sound = [Entry(f"{HOST}/{n}", None, None, LISTED, published=f"2024-06-{n}T10:00:00Z") for n in range(10, 14)]
    assert newest_first([*odd, *sound])[0] == f"{HOST}/13"
    assert str(oldest_date([*odd, *sound])) == "2024-06-10 10:00:00+00:00"


@pytest.mark.parametrize(
    ("name", "text", "kept"),
    [
        ("language", "de-AT", "de"), ("language", "\u202ede", ""), ("language", "d", ""), ("language", "deutsch", "de"), ("language",
        "日本", ""),
        ("published", "2024-06-14\x00", "2024-06-14"), ("published", "2024-06-1" + "4" * 100, ""), ("published", " " * 10**6 + "2024", ""),
        ("headline", "a" * 10**6, "a" * MAX_HEADLINE), ("summary", "a\u202eb\ud800c\n", "abc"), ("authors", "\u200b", ""),
    ],
)  # fmt: skip
def test_what_a_listing_states_is_cut_cleaned_or_none(name: str, text: str, kept: str) -> None:
    assert stated(name, text) == kept


WORDS = "Pjöngjang: größer"


@pytest.mark.parametrize(
    ("declared", "header", "really"),
    [
        ("utf-8", "", "cp1252"), ("utf-8", "charset=utf-8", "cp1252"), ("iso-8859-1", "", "utf-8"), ("us-ascii", "charset=us-ascii",
        "utf-8"),
        ("utf-16", "charset=ascii", "utf-16-le"), ("ascii", "", "utf-16-be"), ("klingon", "charset=klingon", "cp1252"), ("iso-8859-1", "",
        "cp1252"),
        ("windows-1250", "", "cp1250"), ("utf-8", "", "utf-8-sig"), ("punycode", "charset=idna", "cp1252"), ("unicode_escape", "",
        "cp1252"),
    ],
)  # fmt: skip
def test_feed_and_sitemap_are_read_whatever_charset_they_claim(declared: str, header: str, really: str) -> None:
    head = f'<?xml version="1.0" encoding="{declared}"?>'
    one = f"<title>{WORDS}</title><link>{HOST}/a</link>"
    raw = (head + rss(one)).encode(really)
    assert [entry.headline for entry in listed(FeedsSpider, raw, f"application/xml; {header}".strip("; "))] == [WORDS]
    news = (head + sitemap(f"<loc>{HOST}/a</loc><news:news><news:title>{WORDS}</news:title></news:news>")).encode(really)
    assert [entry.headline for entry in listed(SitemapsSpider, news, f"application/xml; {header}".strip("; "))] == [WORDS]


@pytest.mark.parametrize("half", ["&#xD800;", "&#55296;", "&#xdfff", "&#x110000;", "&#0;", "&#99999999999999999999;"])
def test_reference_to_half_a_character_costs_no_listing(half: str) -> None:
    """Bent besides, so that feedparser reads it in its tolerant way, which raises."""
    broken = f"<{half}rss>" + rss(f"<title>{WORDS}{half}</title><link>{HOST}/a</link>")
    assert [entry.headline for entry in listed(FeedsSpider, broken)] == [WORDS]
    news = sitemap(f"<loc>{HOST}/a</loc><news:news><news:title>{WORDS}{half}</news:title></news:news>")
    for body in (news, news.replace('xmlns="', f'xmlns="{half}', 1)):
        assert [entry.headline for entry in listed(SitemapsSpider, body)] == [WORDS]


def test_charset_that_python_knows_and_no_page_may_name_takes_no_time() -> None:
    raw = b"\xe4-" + b"kva9" * 1_000_000  # an hour, were it punycode
    assert decode(raw, "punycode").startswith("ä-kva9")
    assert xml_text(b'<?xml version="1.0" encoding="punycode"?>' + raw, "").startswith("ä-kva9")


def test_feed_that_is_cut_keeps_its_head_and_the_rest_of_its_shape() -> None:
    text, left_out = newest_items(rss(*(f"<title>{n}</title><pubDate>2024-06-{n}</pubDate>" for n in range(10, 20))), 2, LISTED)
    assert left_out == 8
    assert text == rss(*(f"<title>{n}</title><pubDate>2024-06-{n}</pubDate>" for n in (14, 15)))  # the others are of the future
