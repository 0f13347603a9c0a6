"""A web that means harm, crawled once: each misbehaviour has its verdict, and costs none of its ten neighbours."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Desk
from tests.misbehaving.cases import NEIGHBOURS, Case
from tests.misbehaving.listings import listings
from tests.misbehaving.pages import VICTIM, pages
from tests.misbehaving.server import Misbehaving, catalogue, headline
from tests.misbehaving.transport import transport

CASES = [*transport(), *pages(), *listings()]
# The limits of crawler/settings.py, shorter.
LIMITS = {"DOWNLOAD_STALLED": "10", "DOWNLOAD_TIMEOUT": "20", "CONCURRENT_REQUESTS": "24", "ALLOW_PRIVATE_ADDRESSES": "False"}


@pytest.fixture(scope="module")
def harmed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("misbehaving")
    with Misbehaving(CASES) as web:
        desk = Desk(folder / "news.db", web.proxy, catalogue(CASES, folder / "sources.toml"), readers="2")
        for spider in ("feeds", "sitemaps", "pages"):
            process = desk.start("crawl", spider, **LIMITS)
            out, err = process.communicate(timeout=300)
            (folder / f"{spider}.log").write_text(out + err, encoding="utf-8")
            assert process.returncode == 0, err[-4_000:]
        yield desk


def test_there_are_eighty_ways_to_misbehave_and_more() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 80


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_misbehaviour_costs_no_neighbour(harmed: Desk, case: Case) -> None:
    filed = harmed.rows("SELECT url, outlet FROM articles WHERE url LIKE ?", f"http://{case.host}/neighbour-%")
    assert {row["url"] for row in filed} == {f"http://{case.host}/neighbour-{n}" for n in range(1, NEIGHBOURS + 1)}
    assert {row["outlet"] for row in filed} == {case.name.replace(" ", "-")}


@pytest.mark.parametrize("case", [case for case in CASES if not case.listing], ids=lambda case: case.name)
def test_bad_page_comes_to_a_verdict_that_says_why(harmed: Desk, case: Case) -> None:
    for path in case.bad:
        decided = harmed.rows("SELECT verdict, reason FROM verdicts WHERE url = ?", f"http://{case.bad_host}{path}")
        assert [row["verdict"] for row in decided] == [case.verdict], [tuple(row) for row in decided]
        assert decided[0]["reason"].strip() and re.search(case.reason, decided[0]["reason"]), decided[0]["reason"]


@pytest.mark.parametrize("case", [case for case in CASES if case.listing], ids=lambda case: case.name)
def test_bad_listing_comes_to_an_outcome_that_says_why(harmed: Desk, case: Case) -> None:
    fetched = harmed.rows("SELECT outcome, reason FROM fetches WHERE source = ?", f"http://{case.host}/listing")
    assert {row["outcome"] for row in fetched} == {case.verdict}, [tuple(row) for row in fetched]
    assert all(row["reason"] for row in fetched if row["outcome"] == "failed")
    assert re.search(case.reason, " ".join(row["reason"] or "" for row in fetched))


def test_nobody_got_in(harmed: Desk) -> None:
    with sqlite3.connect(harmed.database) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        everything = "\n".join(line for line in db.iterdump() if line.startswith("INSERT"))
    assert "root:x:0:0" not in everything  # /etc/passwd
    assert "me:secret" not in everything
    (victim,) = harmed.rows("SELECT outlet, headline FROM articles WHERE url = ?", VICTIM)
    assert (victim["outlet"], victim["headline"]) == ("status-404", headline(next(case for case in CASES if case.name == "status 404"), 1))


def test_stored_values_are_clean(harmed: Desk) -> None:
    unseen = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
    for row in harmed.rows("SELECT url, headline, byline, text FROM articles"):
        for name in ("headline", "byline"):
            assert not unseen.search(row[name]) and len(row[name]) <= 1_000, (row["url"], name)
        assert not unseen.search(row["text"].replace("\n", "")), row["url"]


def test_logs_obey_no_terminal_and_hold_no_password(harmed: Desk) -> None:
    for log in Path(harmed.database).parent.glob("*.log"):
        said = log.read_text(encoding="utf-8")
        assert "\x1b" not in said and "me:secret" not in said
        assert "Traceback" not in said, said[said.index("Traceback") - 500 :][:3_000]
