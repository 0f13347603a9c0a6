"""One outlet with a feed of a dozen articles, whose server does as a test says; for what goes wrong between it and us."""

from __future__ import annotations

import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines.store.checkup import checkup
from tests.conftest import Desk
from tests.internet import Answer, Internet, Serve
from tests.nursery import Running

HOST = "http://blatt.example"
OTHER = "http://bote.example"
STORY = "Nordkorea liefert Russland Raketen und Munition"
PAGES = 12


def block(host: str = HOST, name: str = "Das Blatt") -> str:
    """An outlet of a catalogue, with one feed."""
    return f"""[[outlet]]
id = "{host.split("//")[1].split(".")[0]}"
name = "{name}"
home = "{host}"
country = "DE"
language = "de"
timezone = "Europe/Berlin"
feeds = ["{host}/feed"]
"""


CATALOGUE = "\n".join(block(host, host) for host in (HOST, OTHER))


@pytest.fixture
def blatt(tmp_path: Path, internet: Internet) -> Desk:
    """An outlet with a feed of a dozen articles."""
    desk = Desk(tmp_path / "news.db", internet.proxy)
    desk.sources = tmp_path / "sources.toml"
    desk.sources.write_text(CATALOGUE.split("\n[[")[0], encoding="utf-8")
    return desk


def feed(host: str = HOST, first: int = 0, last: int = PAGES) -> bytes:
    items = "".join(f"<item><link>{host}/artikel-{n}.html</link><title>{STORY}, Meldung {n}</title></item>" for n in range(first, last))
    return f"<rss version='2.0'><channel><title>B</title>{items}</channel></rss>".encode()


def page(number: int) -> bytes:
    days = range(number * 50, number * 50 + 9)
    said = " ".join(f"Nordkorea lieferte Russland am Tag {n} nach Angaben aus Seoul {n * 7} Container mit Munition." for n in days)
    head = f"<html><head><title>{STORY} {number}</title></head>"
    return f"{head}<body><article><h1>{STORY} {number}</h1><p>{said}</p></article></body></html>".encode()


def answering(answer: Answer) -> Serve:
    return lambda url, headers: answer


def serve(internet: Internet, host: str = HOST, etag: str = "", pages: int = PAGES) -> None:
    """A feed and its pages; with `etag` the feed answers 304 to who has it."""

    def listing(url: str, headers: dict[str, str]) -> Answer:
        if etag and headers.get("if-none-match") == etag:
            return Answer(304)
        return Answer(200, feed(host, 0, pages), {"ETag": etag} if etag else {})

    internet.routes[f"{host}/feed"] = listing
    for number in range(pages):
        internet.routes[f"{host}/artikel-{number}.html"] = answering(Answer(200, page(number), {"Content-Type": "text/html"}))


def filed(desk: Desk) -> set[int]:
    found = desk.rows("SELECT url FROM articles WHERE relation != 'seed'") if desk.database.exists() else []
    return {int(re.findall(r"artikel-(\d+)", row["url"])[0]) for row in found}


def sound(desk: Desk) -> None:
    assert list(checkup(desk.database, datetime.now(UTC))) == []


def finish(process: subprocess.Popen[str] | Running, within: float = 60) -> tuple[int, str]:
    """Exit code and all that was said; the log of a crawl may have more than a sentence of what went wrong in its middle."""
    out, err = process.communicate(timeout=within)
    assert "Traceback" not in err or " ERROR " in err, err
    return process.wait(), out + err


@contextmanager
def dripping(internet: Internet, path: str) -> Iterator[threading.Event]:
    """A page whose server says nothing until the test is over; set once it was asked."""
    asked, over = threading.Event(), threading.Event()

    def hang(url: str, headers: dict[str, str]) -> Answer:
        asked.set()
        over.wait(60)
        return Answer(404)

    internet.routes[f"{HOST}{path}"] = hang
    try:
        yield asked
    finally:
        over.set()
