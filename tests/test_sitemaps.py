"""Plain sitemaps by their dates, and indexes: which files are asked for, and that one that fails costs only itself."""

from __future__ import annotations

import gzip
import time
from datetime import UTC, date, datetime, timedelta

import pytest
from scrapy import Request

from crawler.backfill import ListingError
from crawler.formats.sitemap import SitemapError, is_recent, last_day, read_sitemap, worth_asking, written
from crawler.spiders.sitemaps import SitemapsSpider
from pipelines.article import Entry, Fetch, Source
from tests.conftest import Desk
from tests.internet import Answer, Internet
from tests.test_spiders import answer, sitemap, spider

HOST = "http://tagesfunk.example"
SINCE = datetime(2024, 6, 11, 12, tzinfo=UTC)
PLAIN = Source("tagesfunk", "sitemap", f"{HOST}/listing")
CATALOGUE = """[[outlet]]
id = "tagesfunk"
name = "Tagesfunk"
home = "http://tagesfunk.example"
country = "DE"
language = "de"
timezone = "Europe/Berlin"
sitemaps = ["http://tagesfunk.example/sitemap.xml"]
"""


def index(*files: tuple[str, str]) -> str:
    whole = "".join(f"<sitemap><loc>{url}</loc>{f'<lastmod>{when}</lastmod>' if when else ''}</sitemap>" for url, when in files)
    return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{whole}</sitemapindex>'


def url(path: str, changed: str = "") -> str:
    return f"<loc>{HOST}{path}</loc>{f'<lastmod>{changed}</lastmod>' if changed else ''}"


def ago(**span: float) -> str:
    return (datetime.now(UTC) - timedelta(**span)).isoformat(timespec="seconds")


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2024", "2024-12-31T22:59:59"),
        ("2024-02", "2024-02-29T22:59:59"),
        ("2024-06-14", "2024-06-14T21:59:59"),
        ("2024-06-14T12:00:00Z", "2024-06-14T12:00:00"),
        ("2024-06-14T12:00+02:00", "2024-06-14T10:00:00"),
        ("2024-06-14T12:00:00", "2024-06-14T10:00:00"),
        ("2024-02-31", None),
        ("gestern", None),
        ("9999-12-31T23:59:59-12:00", None),
        ("", None),
    ],
)
def test_date_of_the_protocol_is_read_as_the_latest_instant_it_allows(text: str, instant: str | None) -> None:
    found = written(text, "Europe/Berlin")
    assert (found and found.strftime("%Y-%m-%dT%H:%M:%S")) == instant


@pytest.mark.parametrize(
    ("path", "day"),
    [
        ("/2024/06/14/granaten", date(2024, 6, 14)),
        ("/politik/granaten-2024-6-4.html", date(2024, 6, 4)),
        ("/20240614/granaten", date(2024, 6, 14)),
        ("/2024/06/granaten", date(2024, 6, 30)),
        ("/2024/13/granaten", None),
        ("/granaten-20240614.html", None),  # might be an id
        ("/granaten-19238745.html", None),
        ("/wahl-2021/granaten", None),
    ],
)
def test_day_in_an_address_is_told_from_an_id(path: str, day: date | None) -> None:
    assert last_day(f"{HOST}{path}") == day


@pytest.mark.parametrize(
    ("path", "changed", "recent"),
    [
        ("/a", "2024-06-11T12:00:00Z", True),
        ("/a", "2024-06-11T11:59:59Z", False),
        ("/a", "2024-06-11", True),  # some of that day may be
        ("/2019/01/01/a", "2024-06-12", True),  # an old article that was changed
        ("/2024/06/09/a", "", False),
        ("/2024/06/10/a", "", True),  # it was the 11th somewhere
        ("/2024/05/a", "", False),
        ("/a", "", True),
        ("/a", "neulich", True),
    ],
)
def test_entry_is_recent_by_its_date_or_else_by_its_address(path: str, changed: str, recent: bool) -> None:
    assert is_recent(f"{HOST}{path}", changed, SINCE, "Europe/Berlin") is recent


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        ([("a.xml", 5), ("b.xml", -1), ("c.xml", 9)], ["c.xml", "a.xml"]),
        ([("s1.xml", None), ("s12.xml", None), ("s2.xml", None)], ["s12.xml", "s2.xml", "s1.xml"]),
        ([("2024-05.xml", None), ("2024-06.xml", None), ("202312.xml", None)], ["2024-06.xml"]),
        ([("20240609.xml.gz", None), ("20240611.xml.gz", None)], ["20240611.xml.gz"]),
        ([("2023.xml", None), ("2024.xml", None)], ["2024.xml"]),
        ([("2023.xml", None), ("7.xml", None)], ["2023.xml", "7.xml"]),  # a running number, not a year
        ([("s1.xml", None), ("sitemap-news.xml", None), ("d.xml", 1)], ["d.xml", "sitemap-news.xml", "s1.xml"]),
        ([("post_tag-sitemap.xml", 1), ("sitemap-images.xml.gz", None), ("author-sitemap.xml", 1), ("s.xml", 1)], ["s.xml"]),
    ],
)  # fmt: skip
def test_files_of_an_index_are_chosen_and_ordered_by_how_new_they_look(files: list[tuple[str, int | None]], wanted: list[str]) -> None:
    dated = [(f"{HOST}/{name}", None if hours is None else SINCE + timedelta(hours=hours)) for name, hours in files]
    assert worth_asking(dated, SINCE) == [f"{HOST}/{name}" for name in wanted]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b"<urlset><url><loc>http://a.example/b</loc></url><url><loc>http://a.exam", ["http://a.example/b"]),
        (b"<urlset><url><loc>http://a.example/b</loc></url>", ["http://a.example/b"]),
        (b"<urlset><url><loc>http://a.example/b</loc></url></urlset>Warning: x in line 5", ["http://a.example/b"]),
        (b"<urlset><!-- x --><?y z?><url><loc>http://a.example/b</loc></url><url/></urlset>", ["http://a.example/b", None]),
        (b"<urlset><url><loc>http://a.example/b?x=1&y=2&amp;z=3</loc></url></urlset>", ["http://a.example/b?x=1&y=2&z=3"]),
        (b"<urlset><url><loc><![CDATA[http://a.example/b?x=1&y=2]]></loc></url></urlset>", ["http://a.example/b?x=1&y=2"]),
        (b"<urlset>" + b"<a>" * 100_000, []),
        (b"<urlset>" + b"<" * 300_000, []),
        (b"<urlset><url>" + b"<a/>" * 300_000 + b"</url></urlset>", []),
    ],
)
def test_broken_sitemap_gives_what_it_has_in_full(body: bytes, found: list[str | None]) -> None:
    begun = time.perf_counter()
    assert [said.get("loc") for said in read_sitemap(body)[1]] == found
    assert time.perf_counter() - begun < 2


def test_large_sitemap_is_read_without_a_tree_of_it() -> None:
    import tracemalloc

    body = sitemap(*(url(f"/nachrichten/ausland/ein-artikel-{n}.html", "2024-06-14T12:00:00+02:00") for n in range(20_000))).encode()
    tracemalloc.start()
    assert sum(1 for _ in read_sitemap(body)[1]) == 20_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


@pytest.mark.parametrize("body", [b"\x1f\x8bkaputt", gzip.compress(b"<html/>", mtime=0), b"\xff" * 300_000])
def test_what_is_no_sitemap_says_what_it_is(body: bytes) -> None:
    with pytest.raises(SitemapError, match=r"is not a sitemap|cannot be unpacked"):
        read_sitemap(body)


def test_plain_sitemap_lists_what_changed_in_its_days_and_a_news_sitemap_all() -> None:
    body = sitemap(url("/neu", ago(days=2)), url("/alt", ago(days=4)), "<loc>http://[[x]]/</loc>", url("/2020/01/02/alt"), url("/ohne"))
    asked = spider(SitemapsSpider)
    assert [e.url for e in asked.entries(answer(body), PLAIN)] == [f"{HOST}/neu", f"{HOST}/ohne"]
    assert len(list(asked.entries(answer(body), Source("tagesfunk", "news_sitemap", PLAIN.url)))) == 4  # and http://[[x]]/ is none


def test_since_reaches_further_back_than_the_days() -> None:
    body = sitemap(url("/neu", "2023-10-13"), url("/alt", "2023-10-11"), url("/2023/10/13/x"), url("/2023/10/09/y"))
    found = spider(SitemapsSpider, since="2023-10-12").entries(answer(body), PLAIN)
    assert [entry.url for entry in found] == [f"{HOST}/neu", f"{HOST}/2023/10/13/x"]


def walked(files: dict[str, str | bytes | int], asked: SitemapsSpider | None = None) -> tuple[list[Fetch], list[str]]:
    """The fetches that come of an index and its files, and the URLs asked for in order. A number is a status."""
    asked = asked or spider(SitemapsSpider)
    source = Source("tagesfunk", "sitemap", f"{HOST}/index.xml")
    waiting: list[Request] = [Request(source.url, asked.parse_listing, cb_kwargs={"source": source})]
    fetches, urls = [], []
    while waiting:
        request = waiting.pop(0)
        urls.append(request.url)
        body = files.get(request.url.removeprefix(f"{HOST}/"), 404)
        said = answer(b"" if isinstance(body, int) else body, status=body if isinstance(body, int) else 200)
        parse = asked.parse_file if "walk" in request.cb_kwargs else asked.parse_listing
        for item in parse(said.replace(url=request.url, request=request), **request.cb_kwargs):
            if isinstance(item, Request) and item.callback == asked.in_turn:
                waiting.append(item)
            elif isinstance(item, Fetch):
                fetches.append(item)
    return fetches, urls[1:]


def test_recent_files_of_an_index_are_filed_as_one_fetch_of_it() -> None:
    today = ago(hours=1)
    fetches, asked = walked(
        {
            "index.xml": index((f"{HOST}/a.xml", today), ("b.xml.gz", today), (f"{HOST}/alt.xml", "2020-01-01"), (f"{HOST}/a.xml", today)),
            "a.xml": sitemap(url("/eins", today), url("/zwei", today)),
            "b.xml.gz": gzip.compress(sitemap(url("/zwei", today), url("/drei", today), url("/alt", "2020-01-01")).encode()),
        }
    )
    (fetch,) = fetches
    assert sorted(asked) == [f"{HOST}/a.xml", f"{HOST}/b.xml.gz"]
    assert (fetch.source.url, fetch.outcome, fetch.reason, fetch.etag) == (f"{HOST}/index.xml", "ok", "", None)
    assert sorted(entry.url for entry in fetch.entries) == [f"{HOST}/drei", f"{HOST}/eins", f"{HOST}/zwei"]
    assert set(fetch.urls) == {entry.url for entry in fetch.entries} and fetch.reaches_back_to is not None


def test_file_that_fails_is_said_and_costs_only_itself() -> None:
    today = ago(hours=1)
    files = index((f"{HOST}/a.xml", today), (f"{HOST}/weg.xml", today), (f"{HOST}/b.xml", today))
    (fetch,), _ = walked({"index.xml": files, "a.xml": sitemap(url("/eins", today)), "b.xml": "<html>Wartung</html>"})
    assert (fetch.outcome, [entry.url for entry in fetch.entries]) == ("ok", [f"{HOST}/eins"])
    assert fetch.reason.startswith("2 of 3 files failed: ")
    assert f"{HOST}/weg.xml: HTTP 404" in fetch.reason and f"{HOST}/b.xml: is not a sitemap" in fetch.reason
    assert fetch.reaches_back_to is None  # it closes no gap


def test_index_whose_files_all_fail_has_failed_and_one_with_nothing_recent_is_empty() -> None:
    (fetch,), _ = walked({"index.xml": index((f"{HOST}/a.xml", ""))})
    assert (fetch.outcome, fetch.reason) == ("failed", f"1 of 1 files failed: {HOST}/a.xml: HTTP 404")
    (fetch,), _ = walked({"index.xml": index((f"{HOST}/a.xml", "2020-01-01"))})
    assert (fetch.outcome, fetch.reason) == ("empty", "")


def test_index_stays_on_its_own_domain() -> None:
    files = index(("http://fremd.example/a.xml", ""), ("ftp://tagesfunk.example/a.xml", ""), ("http://[[x]]/", ""), (f"{HOST}/a.xml", ""))
    assert walked({"index.xml": files})[1] == [f"{HOST}/a.xml"]


def test_indexes_are_followed_to_the_third_depth_and_no_file_twice() -> None:
    (fetch,), asked = walked(
        {
            "index.xml": index((f"{HOST}/1.xml", ""), (f"{HOST}/index.xml", "")),
            "1.xml": index((f"{HOST}/2.xml", ""), (f"{HOST}/1.xml", "")),
            "2.xml": index((f"{HOST}/3.xml", ""), (f"{HOST}/tief.xml", "")),
            "3.xml": sitemap(url("/eins")),
            "tief.xml": index((f"{HOST}/4.xml", "")),
        }
    )
    assert sorted(asked) == sorted(f"{HOST}/{name}.xml" for name in ("1", "2", "3", "tief"))
    assert [entry.url for entry in fetch.entries] == [f"{HOST}/eins"]
    assert "tief.xml: is an index of sitemaps nested too deep" in fetch.reason


def test_run_asks_for_so_many_files_and_says_how_many_it_left_out() -> None:
    files: dict[str, str | bytes | int] = {f"{n}.xml": sitemap(url(f"/artikel-{n}")) for n in range(5)}
    (fetch,), asked = walked(
        files | {"index.xml": index(*((f"{HOST}/{n}.xml", "") for n in range(5)))}, spider(SitemapsSpider, {"SITEMAP_FILES": 3})
    )
    assert len(asked) == len(fetch.entries) == 3
    assert fetch.reason == "2 files left out, 3 are the most a run asks for"


def test_flood_of_entries_is_filed_in_parts_that_look_like_no_gap() -> None:
    files: dict[str, str | bytes | int] = {f"{n}.xml": sitemap(url(f"/a-{n}"), url(f"/b-{n}")) for n in range(3)}
    fetches, _ = walked(
        files | {"index.xml": index(*((f"{HOST}/{n}.xml", "") for n in range(3)))}, spider(SitemapsSpider, {"SITEMAP_ENTRIES": 2})
    )
    assert [len(fetch.entries) for fetch in fetches] == [2, 2, 2]
    assert [bool(fetch.urls) for fetch in fetches] == [False, False, True]


def test_index_handed_in_as_a_sitemap_is_refused() -> None:
    with pytest.raises(ListingError, match="is an index of sitemaps"):
        list(spider(SitemapsSpider).entries(answer(index((f"{HOST}/a.xml", ""))), PLAIN))


def test_crawl_reads_the_catalogue_s_plain_sitemap_through_its_index(desk: Desk, internet: Internet) -> None:
    wire = f"{HOST}/ausland/nordkorea-soldaten-kursk-118"
    desk.sources = desk.database.parent / "sources.toml"
    desk.sources.write_text(CATALOGUE, encoding="utf-8")
    files = [(f"{HOST}/s-1.xml.gz", ago(hours=1)), (f"{HOST}/weg.xml", ago(hours=1)), (f"{HOST}/alt.xml", "2019-01-01")]
    said = {
        "sitemap.xml": index(*files).encode(),
        "s-1.xml.gz": gzip.compress(sitemap(f"<loc>{wire}</loc><lastmod>{ago(hours=2)}</lastmod>", url("/alt", "2019-01-01")).encode()),
    }  # fmt: skip
    for name, body in said.items():
        internet.routes[f"{HOST}/{name}"] = lambda url, headers, body=body: Answer(200, body, {"Content-Type": "application/xml"})  # type: ignore[misc]
    desk.run("crawl", "sitemaps")
    assert f"{HOST}/alt.xml" not in internet.asked and f"{HOST}/s-1.xml.gz" in internet.asked
    assert [row["url"] for row in desk.rows("SELECT url FROM articles WHERE relation != 'seed'")] == [wire]
    assert [row["url"] for row in desk.rows("SELECT url FROM entries")] == [wire]
    (fetch,) = desk.rows("SELECT source, outcome, reason, entries, new_entries FROM fetches")
    assert (fetch["source"], fetch["outcome"], fetch["entries"], fetch["new_entries"]) == (f"{HOST}/sitemap.xml", "ok", 1, 1)
    assert fetch["reason"] == f"1 of 2 files failed: {HOST}/weg.xml: HTTP 404"


def test_longer_window_is_a_setting(desk: Desk, internet: Internet) -> None:
    desk.sources = desk.database.parent / "sources.toml"
    desk.sources.write_text(CATALOGUE, encoding="utf-8")
    body = sitemap(url("/ausland/nordkorea-soldaten-kursk-118", ago(days=20))).encode()
    internet.routes[f"{HOST}/sitemap.xml"] = lambda url, headers: Answer(200, body, {"Content-Type": "application/xml"})
    desk.run("crawl", "sitemaps")
    assert desk.rows("SELECT outcome FROM fetches")[0]["outcome"] == "empty"
    desk.run("crawl", "sitemaps", "-a", "all=1", SITEMAP_DAYS="30")
    assert len(desk.rows("SELECT 1 FROM entries")) == 1


def test_entries_keep_the_catalogue_s_source() -> None:
    (fetch,), _ = walked({"index.xml": index((f"{HOST}/a.xml", "")), "a.xml": sitemap(url("/eins"))})
    entry: Entry = fetch.entries[0]
    assert (entry.source, entry.outlet) == (f"{HOST}/index.xml", "tagesfunk")
