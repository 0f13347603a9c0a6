"""Every page of the small web comes out as the one file beside it says."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from tests.conftest import Desk
from tests.internet import WEB, Internet

EXPECTED: dict[str, dict[str, Any]] = tomllib.loads((WEB / "expected.toml").read_text(encoding="utf-8"))
FILED = {url: wanted for url, wanted in EXPECTED.items() if "relation" in wanted}


def one(desk: Desk, sql: str, url: str) -> dict[str, Any]:
    found = desk.rows(sql, url)
    return dict(found[0]) if found else {}


@pytest.mark.parametrize("url", EXPECTED)
def test_page_gets_its_verdict(crawled: tuple[Desk, Internet], url: str) -> None:
    verdict = one(crawled[0], "SELECT verdict, stage, reason, score FROM verdicts WHERE url = ?", url)
    assert verdict.get("verdict") == EXPECTED[url]["verdict"], f"{verdict} – {EXPECTED[url]['why']}"


@pytest.mark.parametrize("url", FILED)
def test_filed_page_has_relation_and_origin(crawled: tuple[Desk, Internet], url: str) -> None:
    sql = "SELECT a.relation, o.url AS origin, a.own_share FROM articles a LEFT JOIN articles o ON o.id = a.origin WHERE a.url = ?"
    found = one(crawled[0], sql, url)
    assert (found.get("relation"), found.get("origin")) == (FILED[url]["relation"], FILED[url].get("origin")), found


@pytest.mark.parametrize("url", FILED)
def test_filed_page_has_its_honest_date(crawled: tuple[Desk, Internet], url: str) -> None:
    found = one(crawled[0], "SELECT published, published_basis, published_conflicts FROM articles WHERE url = ?", url)
    assert found.get("published") == FILED[url].get("published"), found


@pytest.mark.parametrize("url", FILED)
def test_filed_page_has_headline_byline_agency_and_paywall(crawled: tuple[Desk, Internet], url: str) -> None:
    found = one(crawled[0], "SELECT headline, byline, agency, paywalled FROM articles WHERE url = ?", url)
    wanted = FILED[url]
    assert found == {
        "headline": wanted["headline"],
        "byline": wanted.get("byline", ""),
        "agency": wanted.get("agency", ""),
        "paywalled": int(wanted.get("paywalled", False)),
    }


def test_small_web_is_large_and_varied_enough() -> None:
    assert len({url.split("/")[2] for url in EXPECTED}) >= 10
    assert len(EXPECTED) >= 45
    assert len({wanted["build"] for wanted in EXPECTED.values()}) >= 8


def test_no_listed_url_is_left_without_a_verdict(crawled: tuple[Desk, Internet]) -> None:
    undecided = crawled[0].rows("SELECT url FROM entries WHERE url NOT IN (SELECT url FROM decisions)")
    assert not [row["url"] for row in undecided]
