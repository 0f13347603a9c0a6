"""Where a crawl may go: every spelling of an address of ours, every way that leads there, against a real server on loopback."""

from __future__ import annotations

import ipaddress
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from crawler.guard import Allowed, literal
from tests import nursery
from tests.internet import Answer, Internet

NEVER = (
    "127.0.0.1", "127.1", "0177.0.0.1", "0x7f.1", "2130706433", "0x7f000001", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "224.0.0.1", "0.0.0.0", "0", "255.255.255.255", "240.0.0.1", "192.0.2.1", "[::1]", "[::]", "[::ffff:127.0.0.1]",
    "[::ffff:10.0.0.1]", "[::127.0.0.1]", "[2002:7f00:1::]", "[2002:a00:1::1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::1]", "[fe80::1%25eth0]",
    "[fd00::1]", "[ff02::1]", "[2001:db8::1]",
)  # fmt: skip
PUBLIC = ("8.8.8.8", "1.1.1.1", "93.184.216.34", "[2001:4860:4860::8888]", "[64:ff9b::808:808]", "[2002:808:808::]", "[::ffff:8.8.8.8]")


@pytest.mark.parametrize("host", NEVER)
def test_address_of_ours_is_refused_in_every_spelling(host: str) -> None:
    address = literal(host)
    assert address
    assert Allowed(False).refuses(address)
    assert not Allowed(True).refuses(address)


@pytest.mark.parametrize("host", PUBLIC)
def test_public_address_is_not_refused(host: str) -> None:
    address = literal(host)
    assert address and Allowed(False).refuses(address) is None


@pytest.mark.parametrize("host", ["zeitung.de", "1und1.de", "3sat.de", "xn--mnchen-3ya.de", "localhost", "1.2.3.4.de", "0x.example"])
def test_name_is_no_spelled_out_address(host: str) -> None:
    assert literal(host) is None


def test_networks_are_opened_one_by_one() -> None:
    allowed = Allowed("127.10.0.0/16, fd00::/8")
    assert allowed.refuses(ipaddress.ip_address("127.10.3.4")) is None
    assert allowed.refuses(ipaddress.ip_address("fd00::7")) is None
    assert allowed.refuses(ipaddress.ip_address("127.11.0.1"))
    assert allowed.refuses(ipaddress.ip_address("::ffff:127.11.0.1"))


class Run:
    """`scrapy crawl pages -a url=…` as an operator runs it, with no proxy before the server."""

    def __init__(self, folder: Path, internet: Internet) -> None:
        self.folder = folder
        self.internet = internet
        self.port = internet.server.server_address[1]

    def __call__(self, url: str, environment: dict[str, str] | None = None, **settings: str) -> str:
        """The reason that is on record for the URL."""
        given = {"DATABASE": str(self.folder / "news.db"), "SOURCES": str(self.sources()), "CONTACT": "x@nachlese.example"}
        given |= {"DOWNLOAD_DELAY": "0", "RETRY_TIMES": "0", "LOG_LEVEL": "WARNING", "DNS_TIMEOUT": "3"} | settings
        args = ["crawl", "pages", "-a", f"url={url}", *(part for name, value in given.items() for part in ("-s", f"{name}={value}"))]
        bare = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        nursery.run(args, bare | (environment or {}))
        rows = sqlite3.connect(self.folder / "news.db").execute("SELECT verdict || ': ' || reason FROM decisions ORDER BY id").fetchall()
        return rows[-1][0] if rows else ""

    def sources(self) -> Path:
        file = self.folder / "sources.toml"
        block = 'id = "x"\nname = "x"\nhome = "http://zeitung.example"\ncountry = "DE"\nlanguage = "de"\ntimezone = "Europe/Berlin"\n'
        file.write_text(f'[[outlet]]\n{block}feeds = ["http://localhost:{self.port}/feed"]\n', encoding="utf-8")
        return file


@pytest.fixture
def run(tmp_path: Path, internet: Internet) -> Run:
    return Run(tmp_path, internet)


def test_name_that_leads_to_loopback_is_refused_at_the_connection(run: Run) -> None:
    said = run(f"http://localhost:{run.port}/bericht-12345.html")
    assert said == "denied: localhost leads to a place nobody may be sent to: 127.0.0.1 is a loopback address"
    assert run.internet.asked == []


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0177.0.0.1"])
def test_spelled_out_address_is_refused_before_any_connection(run: Run, host: str) -> None:
    said = run(f"http://{host}:{run.port}/bericht-12345.html")
    assert said.startswith("denied: 127.0.0.1 is a loopback address")
    assert run.internet.asked == []


def test_port_that_the_catalogue_does_not_name_is_not_asked(run: Run) -> None:
    said = run("http://zeitung.example:22/bericht-12345.html")
    assert said == "denied: port 22 is not asked, for the catalogue does not name zeitung.example:22"


@pytest.mark.parametrize(
    "lead",
    [
        lambda port: f"http://127.0.0.1:{port}/geheim",
        lambda port: "http://169.254.169.254/latest/meta-data/",
        lambda port: "file:///etc/passwd",
    ],
)
def test_redirect_to_an_address_of_ours_is_not_followed(run: Run, lead: Callable[[int], str]) -> None:
    run.internet.routes["http://zeitung.example/bericht-12345.html"] = lambda url, headers: Answer(302, b"", {"Location": lead(run.port)})
    proxy = {"http_proxy": run.internet.proxy, "no_proxy": "127.0.0.1"}
    said = run("http://zeitung.example/bericht-12345.html", proxy)
    assert said.split(":")[0] in ("denied", "failed")
    assert not [url for url in run.internet.asked if "geheim" in url or "meta-data" in url]


def test_the_operator_s_own_proxy_may_stand_on_loopback_but_leads_to_no_spelled_out_address(run: Run) -> None:
    run.internet.routes["http://zeitung.example/bericht-12345.html"] = lambda url, headers: Answer(404)
    assert run("http://zeitung.example/bericht-12345.html", {"http_proxy": run.internet.proxy}) == "gone: HTTP 404"
    assert run("http://10.0.0.1/bericht-12345.html", {"http_proxy": run.internet.proxy}).startswith("denied: 10.0.0.1 is a private address")
    assert "http://10.0.0.1/bericht-12345.html" not in run.internet.asked


def test_network_that_the_operator_opens_is_asked_on_a_port_of_the_catalogue(run: Run) -> None:
    said = run(f"http://localhost:{run.port}/bericht-12345.html", ALLOW_PRIVATE_ADDRESSES="127.0.0.0/8")
    assert said == "gone: HTTP 404"


def test_setting_that_names_no_network_is_said_before_the_crawl() -> None:
    args = ["crawl", "feeds", "-s", "ALLOW_PRIVATE_ADDRESSES=127.0.0.0/99", "-s", "CONTACT=x@y.example"]
    done = nursery.run(args, dict(os.environ))
    assert done.returncode == 2
    assert "ALLOW_PRIVATE_ADDRESSES: '127.0.0.0/99'" in done.stderr
