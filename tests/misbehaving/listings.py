"""Misbehaviour of feeds, sitemaps, section pages and robots.txt. The ten neighbours are listed by a second feed of the outlet."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import BinaryIO

from tests.misbehaving.cases import Case, Serve, page, plain, says
from tests.misbehaving.transport import bomb

FAILED = "failed"
XML = "application/xml"
RSS = "<rss version='2.0'><channel><title>x</title>%s</channel></rss>"
ITEM = "<item><title>Nordkorea liefert Russland Granaten</title><link>%s</link></item>"
LAUGHS = "<!DOCTYPE lolz [<!ENTITY a 'lol'>" + "".join(
    f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(12)
) + "]>"  # fmt: skip
FILE = "<!DOCTYPE x [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"
REMOTE = "<!DOCTYPE x SYSTEM 'http://169.254.169.254/x.dtd'>"


def _feed(name: str, body: str | bytes, outcomes: str, reason: str = "", *headers: str) -> Case:
    raw = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    return Case(name, says(plain(raw, *headers, kind=XML)), outcomes, reason, (), "feed")


def _sitemap(name: str, serve: Serve, outcomes: str, reason: str = "") -> Case:
    return Case(name, serve, outcomes, reason, (), "sitemap")


def _index(out: BinaryIO, path: str) -> None:
    """An index of two more indexes, however deep one looks."""
    number = path.rpartition("-")[2] if "-" in path else "1"
    inner = "".join(f"<sitemap><loc>http://sitemaps-without-an-end.example/s-{number}{n}</loc></sitemap>" for n in (1, 2))
    out.write(plain(f"<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{inner}</sitemapindex>".encode(), kind=XML))


def _itself(out: BinaryIO, path: str) -> None:
    inner = "<sitemap><loc>http://sitemap-of-itself.example/listing</loc></sitemap>" * 3
    out.write(plain(f"<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{inner}</sitemapindex>".encode(), kind=XML))


def _robots(answer: bytes) -> Serve:
    good = plain(page("Nordkorea liefert Granaten an Russland"))

    def serve(out: BinaryIO, path: str) -> None:
        out.write(answer if path == "/robots.txt" else good)

    return serve


def listings() -> Iterator[Case]:
    """Every case of this kind."""
    yield from _broken_feeds()
    yield from _full_feeds()
    yield from _sitemaps()
    yield from _sections()
    yield from _rules()


def _broken_feeds() -> Iterator[Case]:
    yield _feed("laughs by the billion", LAUGHS + RSS % (ITEM % "&m;"), "ok")
    yield _feed("feed that reads a file", FILE + RSS % (ITEM % "http://feed-that-reads-a-file.example/&x;"), "ok")
    yield _feed("feed with a remote document type", REMOTE + RSS % "", "empty")
    yield _feed(
        "feed that is a page",
        "<!doctype html><html><body><h1>Wartung</h1></body></html>",
        FAILED,
        "not a feed: begins with '<!doctype html",
    )
    yield _feed("feed that is empty", b"", FAILED)
    yield _feed("feed that is noise", bytes(range(256)) * 40, FAILED)
    yield _feed("half a feed", (RSS % (ITEM % "http://half-a-feed.example/bad" * 3))[:-60], "ok")
    yield _feed("feed of another charset", "<?xml version='1.0' encoding='utf-16'?>" + RSS % (ITEM % "/x"), "ok")


def _full_feeds() -> Iterator[Case]:
    yield _feed(
        "feed of a hundred thousand",
        RSS % "".join(ITEM % f"/zzz/{n}.html" for n in range(100_000)).replace("Nordkorea liefert Russland Granaten", "Das Wetter"),
        "ok",
        "5000|5,000|most",
    )
    yield _feed("feed of long links", RSS % (ITEM % ("/" + "x" * 3_000) * 5), "empty")
    yield _feed(
        "feed of scripts",
        RSS % "".join(ITEM % link for link in ("javascript:alert(1)", "data:text/html,x", "file:///etc/passwd")),
        "empty",
    )
    yield _feed("feed of passwords", RSS % (ITEM % "http://me:secret@feed-of-passwords.example/x"), "empty")
    yield _feed(
        "feed of private addresses", RSS % "".join(ITEM % f"http://{host}/x" for host in ("0x7f.1", "169.254.169.254", "[::1]")), "ok"
    )
    yield _feed("feed of impossible dates", RSS % "".join(
        f"<item><title>x</title><link>/d{n}</link><pubDate>{date}</pubDate></item>"
        for n, date in enumerate(("Mon, 30 Feb 0000 99:99:99 +9999", "9999-99-99", "now", "1" * 400, "\u202e2024"))
    ), "ok")  # fmt: skip
    yield Case("feed bomb", bomb(gzip.compress, "Content-Encoding: gzip", kind=XML), FAILED, "MiB|larger", (), "feed")
    yield _feed("feed of deep elements", "<rss><channel>" + "<a>" * 100_000, "empty")
    yield _feed("feed that is json of brackets", "[" * 200_000, FAILED)


def _sitemaps() -> Iterator[Case]:
    yield _sitemap("sitemaps without an end", _index, "empty")
    yield _sitemap("sitemap of itself", _itself, "empty")
    yield _sitemap("sitemap bomb", bomb(gzip.compress, kind="application/gzip", begin=b"<urlset>"), FAILED, "MiB|larger|bytes")
    yield _sitemap("sitemap of laughs", says(plain((LAUGHS + "<urlset><url><loc>&m;</loc></url></urlset>").encode(), kind=XML)), "empty")
    yield _sitemap("sitemap that is noise", says(plain(b"\xff\xfe" * 400, kind=XML)), FAILED)


def _section(name: str, begin: bytes, outcomes: str, reason: str = "") -> Case:
    link = b"<a href='/politik/nordkorea-liefert-wieder-granaten'>Nordkorea liefert Russland wieder Granaten</a>"
    return Case(name, says(plain(b"<html><body>" + begin + link)), outcomes, reason, (), "page")


def _sections() -> Iterator[Case]:
    many = b" ".join(b"a%d=1" % n for n in range(100_000))  # half a minute each, beyond any clock
    yield _section("section of many attributes", b"<a " + many + b">", FAILED, "more than 2,000 attributes")
    yield _section("section of attributes behind a bracket in quotes", b"<a title='>' " + many + b">", FAILED, "more than 2,000 attributes")
    yield _section("section that nests", b"<div>" * 10_000, FAILED, "nests more than 256")
    yield _section("section of tags", b"<i>x</i>" * 100_000, FAILED, "more than 25,000 tags")
    yield _section("section of noise", bytes(range(256)) * 40, "ok")
    yield Case("section without a word", says(plain(b"")), FAILED, "empty", (), "page")


def _rules() -> Iterator[Case]:
    rules = {
        "robots of ten megabytes": (plain(b"User-agent: *\nDisallow: /private\n" * 330_000, kind="text/plain"), "filed"),
        "robots that fail": (plain(b"", status="500 Oops"), "failed"),
        "robots that are a page": (plain(b"<html>" * 900), "filed"),
        "robots that are noise": (plain(bytes(range(256)) * 40, kind="text/plain"), "filed"),
        "robots that lead in a circle": (plain(b"", "Location: /robots.txt", status="302 Found"), "filed"),
        "robots that are cut off": (b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\nUser-agent: *", "failed"),
        "robots that forbid": (plain(b"User-agent: *\nDisallow: /", kind="text/plain"), "denied"),
    }  # fmt: skip
    for name, (answer, verdict) in rules.items():
        yield Case(name, _robots(answer), verdict, apart=True)
