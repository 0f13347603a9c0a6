"""`scrapy proof` on a database: states, counts, text and JSON agree; a gap stands until another listing closes it."""

from __future__ import annotations

import argparse
import io
import json
import sqlite3
from contextlib import closing, redirect_stdout
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from scrapy.settings import Settings

from crawler.commands.proof import Command
from pipelines.article import Outlet, Source, Verdict
from pipelines.store import Store
from pipelines.store.reader import Reader
from pipelines.store.rows import insert
from tests.conftest import ROOT, Desk
from tests.internet import Answer, Internet
from tests.test_proof import REPAIRED, asked, at

WINDOW = ("--since", "2024-06-14T02:00", "--until", "2024-06-14T06:00")

CATALOGUE = """[[outlet]]
id = "{0}"
name = "{1}"
home = "http://{0}.example"
country = "DE"
language = "de"
timezone = "Europe/Berlin"
feeds = ["http://{0}.example/feed"]
news_sitemaps = ["http://{0}.example/news.xml"]
"""


@pytest.fixture
def filled(tmp_path: Path, desk: Desk) -> Desk:
    """Two outlets: `a` with a gap at its feed, `b` never asked; three URLs of `a`."""
    desk.sources = tmp_path / "sources.toml"
    desk.sources.write_text(CATALOGUE.format("a", "Abendblatt") + CATALOGUE.format("b", "Bote"), encoding="utf-8")
    store = Store.open(desk.database)
    with store.transaction():
        outlets = [
            Outlet(id_, id_, "", "DE", "de", "Europe/Berlin", sources=(Source(id_, "feed", f"http://{id_}.example/feed"),)) for id_ in "ab"
        ]
        store.ledger.register(outlets)
        for one in asked("-23:50 ok; 01:10 ok; 01:50 gap; 03:50 ok"):
            insert(
                store.db,
                "fetches",
                {
                    "source": "http://a.example/feed",
                    "at": f"{one.at:%Y-%m-%dT%H:%M:%SZ}",
                    "outcome": one.outcome,
                    "contiguous": one.contiguous,
                },
            )
        for number, clock in enumerate(("00:05", "01:50", "01:50")):
            row = dict.fromkeys(("headline", "summary", "keywords", "language", "authors"), "")
            listed = {"url": f"http://a.example/{number}", "outlet": "a", "first_listed_at": f"{at(clock):%Y-%m-%dT%H:%M:%SZ}"}
            insert(store.db, "entries", row | listed | {"source": "http://a.example/feed", "published": "2024-06-14T03:40:00+02:00"})
        for url, verdict, when in (("0", "failed", "00:06"), ("0", "off_story", "01:06"), ("1", "filed", "01:51"), ("9", "gone", "02:00")):
            store.ledger.decide(Verdict(f"http://a.example/{url}", "page", verdict, "", at(when)), "", None)  # type: ignore[arg-type]
    store.close()
    return desk


def told(desk: Desk, *options: str) -> str:
    """What `scrapy proof` prints, run in this process."""
    command, parser = Command(), argparse.ArgumentParser()
    paths = {"DATABASE": str(desk.database), "SOURCES": str(desk.sources), "STORY": str(ROOT / "seeds" / "story.toml")}
    command.settings = Settings(paths)
    command.add_options(parser)
    with redirect_stdout(io.StringIO()) as printed:
        command.work([], parser.parse_args([*(options or WINDOW)]))
    return printed.getvalue()


def proof(desk: Desk, *options: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(told(desk, "--format", "json", *(options or WINDOW)))
    return found


def test_proof_counts_each_url_once_in_the_hour_of_its_newest_decision(filled: Desk) -> None:
    found = proof(filled)
    first, second = found["outlets"]
    assert [hour["state"] for hour in first["hours"]] == ["covered", "gap", "covered", "open"]
    assert [hour["listed"] for hour in first["hours"]] == [1, 2, 0, 0]
    assert [hour["left_out"] for hour in first["hours"]] == [{}, {"off_story": 1}, {}, {}]
    assert {key: first[key] for key in ("listed", "fetched", "filed", "undecided")} == {
        "listed": 3,
        "fetched": 2,
        "filed": 1,
        "undecided": 1,
    }
    assert (first["first_published"], first["last_published"]) == ("2024-06-14T01:40:00Z", "2024-06-14T01:40:00Z")
    assert first["hours"][1]["desk"] == "2024-06-14T03:00+0200"
    assert second["states"] == {"never_asked": 4}
    assert found["no_outlet"]["left_out"] == {"gone": 1}
    assert found["total"]["listed"] == 3


def test_closed_gap_is_covered_and_says_who_closed_it(filled: Desk) -> None:
    store = Store.open(filled.database)
    with store.transaction():
        store.db.execute("UPDATE fetches SET repaired_at = ?, repaired_by = 'http://a.example/news.xml' WHERE contiguous = 0", [REPAIRED])
    store.close()
    first = proof(filled)["outlets"][0]
    assert [(hour["state"], hour["repaired"]) for hour in first["hours"]][:3] == [("covered", False), ("covered", True), ("covered", False)]
    assert first["gaps"] == [
        {"source": "http://a.example/feed", "from": "2024-06-14T01:10:00Z", "to": "2024-06-14T01:50:00Z", "repaired_at": REPAIRED,
         "repaired_by": "http://a.example/news.xml"}
    ]  # fmt: skip
    assert "closed 2024-06-14 05:00 by http://a.example/news.xml" in told(filled)


def test_text_opens_with_the_sentence_of_the_json_and_names_troubled_outlets_first(filled: Desk) -> None:
    lines = filled.run("proof", *WINDOW).stdout.splitlines()
    assert lines[0] == proof(filled)["sentence"]
    assert lines[0].startswith("1 of 2 outlets has gaps between 03:00 and 04:00; 1 was never asked")
    assert [line[:4] for line in lines if line.startswith(("Aben", "Bote"))] == ["Aben", "Bote"]
    assert "    2024-06-14 03:00 to 2024-06-14 04:00  gap: entries were lost" in lines


@pytest.mark.parametrize(
    ("options", "settings", "code"),
    [
        (("--since", "x"), {}, 2),
        ((), {"DATABASE": "/nowhere/news.db"}, 73),
    ],
)
def test_proof_without_window_catalogue_or_database_ends_with_a_sentence(
    desk: Desk, options: tuple[str, ...], settings: dict[str, str], code: int
) -> None:
    assert "Traceback" not in desk.run("proof", *options, code=code, **settings).stderr


def test_view_counts_the_same_per_outlet_and_hour(filled: Desk) -> None:
    reader = Reader(filled.database)
    found = reader.ask("SELECT at, outlet_id, asked, ok, gaps, repaired, filed, left_out FROM proof WHERE at >= '2024-06-14' ORDER BY at")
    assert found == [
        ("2024-06-14T00:00:00Z", "a", 0, 0, 0, 0, 0, 1),
        ("2024-06-14T01:00:00Z", "a", 2, 2, 1, 0, 1, 1),
        ("2024-06-14T03:00:00Z", "a", 1, 1, 0, 0, 0, 0),
    ]


def feed(*numbers: int) -> Answer:
    items = "".join(f"<item><title>Meldung {n}</title><link>http://a.example/politik/meldung-{n}</link></item>" for n in numbers)
    return Answer(200, f'<rss version="2.0"><channel>{items}</channel></rss>'.encode(), {"Content-Type": "application/xml"})


def sitemap(*numbers: int) -> Answer:
    dated = f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
    urls = "".join(
        f"<url><loc>http://a.example/politik/meldung-{n}</loc><news:news><news:publication_date>{dated}</news:publication_date>"
        f"<news:title>Meldung {n}</news:title></news:news></url>"
        for n in numbers
    )
    spaces = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
    return Answer(200, f"<urlset {spaces}>{urls}</urlset>".encode(), {"Content-Type": "application/xml"})


def test_outlet_that_loses_entries_between_two_fetches_is_a_gap_until_its_sitemap_closes_it(filled: Desk, internet: Internet) -> None:
    earlier, now, later = (f"{datetime.now(UTC) + timedelta(minutes=m):%Y-%m-%dT%H:%M:%SZ}" for m in (-1, 0, 2))
    for numbers in (range(10), range(50, 60)):
        internet.routes["http://a.example/feed"] = lambda url, headers, numbers=numbers: feed(*numbers)  # type: ignore[misc]
        filled.run("crawl", "feeds", "-a", "all=1", "-a", "outlet=a")
        with closing(sqlite3.connect(filled.database)) as db:  # there is some time between two fetches
            db.execute("UPDATE fetches SET at = ? WHERE at >= ? AND contiguous IS NOT 0", (earlier, now))
            db.commit()
    first = proof(filled, "--since", earlier, "--until", later)["outlets"][0]
    assert "gap" in first["states"]
    assert [(gap["source"], gap["repaired_by"]) for gap in first["gaps"]] == [("http://a.example/feed", None)]
    internet.routes["http://a.example/news.xml"] = lambda url, headers: sitemap(*range(60))
    filled.run("crawl", "sitemaps", "-a", "all=1", "-a", "outlet=a")
    first = proof(filled, "--since", earlier, "--until", later)["outlets"][0]
    assert "gap" not in first["states"]
    assert [gap["repaired_by"] for gap in first["gaps"]] == ["http://a.example/news.xml"]
