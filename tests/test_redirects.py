"""Redirects, canonical links and TLS on real servers: who published an article is not for another page to say."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.conftest import ROOT, Desk
from tests.internet import Answer, Internet, Serve
from tests.test_export import REPORT

TRUE, FALSE = "http://wahr.example", "http://gift.example"
POISON = REPORT.replace("Seoul", "Tokio").replace("Container", "Züge").replace("schweigt", "widerspricht")
HTML = "text/html; charset=utf-8"


def block(name: str, feed: str = "") -> str:
    source = feed or f"http://{name}.example/feed"
    return (
        f'[[outlet]]\nid = "{name}"\nname = "{name}"\nhome = "http://{name}.example"\ncountry = "DE"\nlanguage = "de"\n'
        f'timezone = "Europe/Berlin"\nfeeds = ["{source}"]\n'
    )


@pytest.fixture
def two(desk: Desk, tmp_path: Path) -> Desk:
    desk.sources = tmp_path / "sources.toml"
    desk.sources.write_text(block("wahr") + block("gift"), encoding="utf-8")
    return desk


def page(text: str, head: str = "") -> Answer:
    paragraphs = "".join(f"<p>{line}</p>" for line in text.split("\n"))
    html = f"<html lang=de><head><title>Granaten</title>{head}</head><body><article><h1>Granaten</h1>{paragraphs}</article></body></html>"
    return Answer(200, html.encode(), {"Content-Type": HTML})


def to(url: str, status: int = 302) -> Serve:
    return lambda asked, headers: Answer(status, b"", {"Location": url})


def always(answer: Answer) -> Serve:
    return lambda asked, headers: answer


def crawl(desk: Desk, *urls: str, **settings: Any) -> subprocess.CompletedProcess[str]:
    return desk.run("crawl", "pages", "-a", f"url={' '.join(urls)}", **settings)


def said(desk: Desk, url: str) -> str:
    return str(desk.rows("SELECT verdict || ': ' || reason AS said FROM verdicts WHERE url = ?", url)[0]["said"])


def test_five_redirects_are_followed_and_no_sixth_in_whatever_way_they_are_meant(two: Desk, internet: Internet) -> None:
    for name, hops in (("fuenf", 5), ("sechs", 6)):
        for hop in range(hops):
            there = f"{TRUE}/{name}-{10001 + hop}.html"
            refresh = always(Answer(200, f'<meta http-equiv="refresh" content="0; url={there}">'.encode(), {"Content-Type": HTML}))
            internet.routes[f"{TRUE}/{name}-{10000 + hop}.html"] = refresh if hop == 2 else to(there)
    crawl(two, f"{TRUE}/fuenf-10000.html", f"{TRUE}/sechs-10000.html")
    assert said(two, f"{TRUE}/fuenf-10000.html") == "gone: HTTP 404"
    assert said(two, f"{TRUE}/sechs-10000.html") == "failed: more than 5 redirects"
    assert f"{TRUE}/sechs-10006.html" not in internet.asked


@pytest.mark.parametrize(
    "there", ["http://geheim:wort@wahr.example/ziel-10001.html", "file:///etc/passwd", "ftp://wahr.example/a", "data:text/html,x"]
)
def test_redirect_to_another_scheme_or_with_a_password_is_not_followed(two: Desk, internet: Internet, there: str) -> None:
    internet.routes[f"{TRUE}/weg-10000.html"] = to(there)
    told = crawl(two, f"{TRUE}/weg-10000.html", LOG_LEVEL="DEBUG")
    assert said(two, f"{TRUE}/weg-10000.html").startswith("failed: ")
    assert not [url for url in internet.asked if "ziel" in url]
    assert "wort" not in told.stderr + said(two, f"{TRUE}/weg-10000.html")


# --- a page that claims another outlet's article

CLAIMS: dict[str, tuple[str, str]] = {  # what the page says of itself, and its text
    "canonical": ('<link rel="canonical" href="{url}">', POISON),
    "canonical of a copy": ('<link rel="canonical" href="{url}">', REPORT),
    "og:url": ('<meta property="og:url" content="{url}">', POISON),
    "json-ld": (
        '<script type="application/ld+json">{{"@type":"NewsArticle","@id":"{url}","url":"{url}","mainEntityOfPage":"{url}"}}</script>',
        POISON,
    ),
    "meta refresh": ('<meta http-equiv="refresh" content="0; url={url}">', POISON),
    "redirect": ("", POISON),
}


@pytest.mark.parametrize("first", ["the true one", "the false one"])
def test_claiming_another_outlet_s_address_takes_nothing_from_its_article(two: Desk, internet: Internet, first: str) -> None:
    true = {name: f"{TRUE}/bericht-1000{n}.html" for n, name in enumerate(CLAIMS)}
    false = {name: f"{FALSE}/bericht-1000{n}.html" for n, name in enumerate(CLAIMS)}
    for name, (head, text) in CLAIMS.items():
        internet.routes[true[name]] = always(page(REPORT))
        internet.routes[false[name]] = to(true[name]) if name == "redirect" else always(page(text, head.format(url=true[name])))
    for urls in (true, false) if first == "the true one" else (false, true):
        crawl(two, *urls.values())
    filed = {row["url"]: row for row in two.rows("SELECT url, outlet, text FROM articles")}
    for name, (_, text) in CLAIMS.items():
        own = filed[true[name]]
        assert (own["outlet"], "Seoul" in own["text"], "Tokio" in own["text"]) == ("wahr", True, False), name
        if name in ("redirect", "meta refresh"):
            assert said(two, false[name]) == f"alias: leads to {true[name]}"
        else:
            assert (filed[false[name]]["outlet"], said(two, false[name])[:6]) == ("gift", "filed:"), name
            assert ("Tokio" in filed[false[name]]["text"]) == (text == POISON), name
    assert not two.rows("SELECT 1 FROM versions")


def test_article_is_its_publisher_s_whoever_lists_it_and_nobody_s_where_nobody_is_known(two: Desk, internet: Internet) -> None:
    heard: list[dict[str, str]] = []

    def listens(answer: Answer) -> Serve:
        def serve(url: str, headers: dict[str, str]) -> Answer:
            heard.append(headers)
            return Answer(answer.status, answer.body, answer.headers | {"Set-Cookie": "a=1; Path=/; Domain=.example", "Link": "</x>"})

        return serve

    links = [f"{TRUE}/bericht-10001.html", f"{FALSE}/weg-10002.html", f"{FALSE}/weg-10003.html", f"{FALSE}/bericht-10004.html"]
    links += ["http://geheim:wort@wahr.example/bericht-10005.html", "ftp://wahr.example/bericht-10006.html", "file:///etc/passwd"]
    items = "".join(f"<item><link>{link}</link><title>Nordkorea liefert Russland Granaten</title></item>" for link in links)
    feed = f"<rss version='2.0'><channel><title>B</title>{items}</channel></rss>"
    internet.routes[f"{FALSE}/feed"] = listens(Answer(200, feed.encode()))
    internet.routes[f"{FALSE}/weg-10002.html"] = listens(Answer(301, b"", {"Location": "http://fremd.example/bericht-10002.html"}))
    internet.routes[f"{FALSE}/weg-10003.html"] = listens(Answer(301, b"", {"Location": "http://m.wahr.example/bericht-10003.html"}))
    for place in (links[0], links[3], "http://fremd.example/bericht-10002.html", "http://m.wahr.example/bericht-10003.html"):
        internet.routes[place] = listens(page(REPORT))
    told = two.run("crawl", "feeds", "-a", "outlet=gift", LOG_LEVEL="DEBUG")
    outlets = {row["url"]: row["outlet"] for row in two.rows("SELECT url, outlet FROM articles")}
    ended = {"http://fremd.example/bericht-10002.html": None, "http://m.wahr.example/bericht-10003.html": "wahr"}
    assert outlets == {links[0]: "wahr", links[3]: "gift"} | ended
    assert len(heard) == 7
    assert not [headers for headers in heard if headers.keys() & {"cookie", "referer", "authorization"}]
    assert not [url for url in internet.asked if not url.startswith("http://") or url[-6] in "56"]
    assert "wort" not in told.stderr + told.stdout
    assert not two.rows("SELECT 1 FROM entries WHERE url LIKE '%wort%' OR url NOT LIKE 'http%'")


def test_password_in_a_url_that_is_named_stands_in_no_log(two: Desk, internet: Internet) -> None:
    told = crawl(two, "http://geheim:wort@wahr.example/bericht-10001.html", LOG_LEVEL="DEBUG").stderr
    assert "'wahr.example/bericht-10001.html' is not an http(s) URL: left out" in told
    assert "wort" not in told
    assert internet.asked == []


def test_catalogue_refuses_a_password_and_does_not_repeat_it(two: Desk) -> None:
    two.sources.write_text(block("wahr", "http://geheim:wort@wahr.example/feed"), encoding="utf-8")
    told = two.run("crawl", "feeds", code=2).stderr
    assert "has a user name or password in it" in told and "wort@" not in told and "geheim" not in told


# --- TLS


class Secure:
    """A server with a certificate that nobody signed."""

    def __init__(self, folder: Path, internet: Internet) -> None:
        self.asked: list[str] = []
        secure = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                secure.asked.append(self.path)
                answer = internet.answer(f"https://sicher.example{self.path}", {})
                self.send_response(answer.status)
                for name, value in {**answer.headers, "Content-Length": str(len(answer.body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, format: str, *args: object) -> None:
                """Nothing: `asked` is the log."""

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate(folder))
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        self.url = f"https://localhost:{self.server.server_address[1]}"


def certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).add_extension(names, critical=False)
    made = made.serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    shape = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = folder / "both.pem"
    file.write_bytes(key.private_bytes(*shape) + made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def secure(tmp_path: Path, internet: Internet, two: Desk) -> Iterator[Secure]:
    server = Secure(tmp_path, internet)
    two.sources.write_text(block("wahr", f"{server.url}/feed"), encoding="utf-8")
    two.proxy = ""
    yield server
    server.server.shutdown()
    server.server.server_close()


def test_certificate_that_nobody_signed_is_a_failure_that_says_so(two: Desk, secure: Secure) -> None:
    two.run("crawl", "feeds", code=69)
    (row,) = two.rows("SELECT outcome, reason FROM fetches")
    assert row["outcome"] == "failed"
    assert "certificate" in row["reason"] and "<" not in row["reason"]
    assert secure.asked == []


def test_listing_and_article_never_go_from_https_to_http(two: Desk, secure: Secure, internet: Internet) -> None:
    plain = f"http://127.0.0.1:{internet.server.server_address[1]}"
    internet.routes["https://sicher.example/feed"] = to(f"{plain}/feed")
    internet.routes["https://sicher.example/weg-10000.html"] = to(f"{plain}/weg-10000.html")
    internet.routes["https://sicher.example/um-10000.html"] = to(f"{secure.url}/bericht-10001.html")
    trust: dict[str, Any] = {"DOWNLOAD_VERIFY_CERTIFICATES": "False"}
    two.run("crawl", "feeds", code=69, **trust)
    (row,) = two.rows("SELECT outcome, reason FROM fetches")
    assert (row["outcome"], row["reason"]) == ("failed", f"a redirect from https to {plain}/feed: not followed")
    crawl(two, f"{secure.url}/weg-10000.html", f"{secure.url}/um-10000.html", **trust)
    assert said(two, f"{secure.url}/weg-10000.html") == f"failed: a redirect from https to {plain}/weg-10000.html: not followed"
    assert said(two, f"{secure.url}/um-10000.html") == "gone: HTTP 404"
    assert internet.asked == []


# --- what is off

ASKS = """
import json, os
from pathlib import Path
from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.utils.project import get_project_settings
from crawler.command import introduce

class Asks(Spider):
    name = "asks"
    custom_settings = {"ITEM_PIPELINES": {}}
    said = {}
    async def start(self):
        for url in ("file:///etc/passwd", "data:text/html,x", "ftp://zeitung.example/a", "s3://bucket/key", "gopher://zeitung.example/"):
            yield Request(url, self.got, errback=self.refused, meta={"dont_obey_robotstxt": True})
    def got(self, response):
        self.said[response.url[:4]] = "got"
    def refused(self, failure):
        self.said[failure.request.url[:4]] = str(failure.value)
    def closed(self, reason):
        links = [os.readlink(f"/proc/self/fd/{fd}") for fd in range(256) if os.path.lexists(f"/proc/self/fd/{fd}")]
        ours = {link[8:-1] for link in links if link.startswith("socket:")}
        rows = [row.split() for name in ("tcp", "tcp6") for row in Path(f"/proc/self/net/{name}").read_text().splitlines()[1:]]
        listening = [row[1] for row in rows if row[3] == "0A" and row[9] in ours]
        print(json.dumps({"said": self.said, "listening": listening}))

settings = get_project_settings()
settings.set("CONTACT", "x@nachlese.example")
settings.set("LOG_ENABLED", False)
introduce(settings)
process = AsyncCrawlerProcess(settings)
process.crawl(Asks)
process.start()
"""


def test_spider_that_asks_for_files_ftp_or_s3_gets_nothing_and_nothing_listens() -> None:
    bare = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    done = subprocess.run([sys.executable, "-c", ASKS], cwd=ROOT, env=bare, capture_output=True, text=True, timeout=60)
    told = json.loads(done.stdout.strip().splitlines()[-1])
    assert told["listening"] == []
    assert set(told["said"]) == {"file", "data", "ftp:", "s3:/", "goph"}
    assert all(words.endswith("is no scheme that is asked") for words in told["said"].values())
