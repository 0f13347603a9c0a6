"""`scrapy report` says what is new, what was folded and why the rest was left out, each line true."""

from __future__ import annotations

import re

from tests.conftest import Desk
from tests.internet import Internet


def test_report_counts_what_the_database_holds_and_pairs_each_example_with_its_own_reason(crawled: tuple[Desk, Internet]) -> None:
    desk, _ = crawled
    told = desk.run("report").stdout
    articles = {row["relation"]: row["n"] for row in desk.rows("SELECT relation, count(*) AS n FROM articles GROUP BY relation")}
    assert f"NEW  {articles['original']} reports" in told
    assert f"FOLDED  {sum(articles.values()) - articles['original'] - articles['seed']} texts" in told
    examples = re.findall(r"for example (\S+?)…?: (.*?)…?\s*$", told.split("LEFT OUT")[1], re.M)
    assert len(examples) >= 6
    for url, reason in examples:
        rows = desk.rows("SELECT reason FROM verdicts WHERE url LIKE ? || '%'", url)
        assert any(row["reason"].startswith(reason.strip()) for row in rows), (url, reason)


def test_report_since_a_later_day_is_empty(crawled: tuple[Desk, Internet]) -> None:
    told = crawled[0].run("report", "--since", "2099-01-01").stdout
    assert "NEW  0 reports" in told
    assert "FOLDED  0 texts" in told
    assert "LEFT OUT  0 pages" in told
