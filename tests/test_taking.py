"""Taking delivery: it counts once it is safely written, may be had again, and nobody else's work disturbs it."""

from __future__ import annotations

import os
import sqlite3
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crawler.command import BadUsageError, NotDoneError
from crawler.exports.formats import FORMATS
from crawler.exports.spool import Spool
from crawler.locks import Locks
from pipelines.store.delivery import QUIET, Delivery
from pipelines.story import Story
from tests.test_delivery import LATER, OTHER, export, news, take, told  # noqa: F401 - news is a fixture
from tests.test_export import Database


@pytest.mark.parametrize("name", FORMATS)
def test_again_repeats_the_last_delivery_byte_for_byte_and_moves_nothing(news: Database, name: str) -> None:  # noqa: F811
    first = export(news, "--cursor", "desk", "--format", name, file="first")
    news.file(news.article("d", "Nordkorea schickt Russland zwanzig Züge voll Munition.", headline="D"), LATER)
    for _ in range(2):
        assert export(news, "--cursor", "desk", "--format", name, "--again", file="again") == first
    assert export(news, "--cursor", "desk", "--format", name, file="second") != first


def test_only_the_last_delivery_of_a_format_is_kept_in_parts(news: Database, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr("pipelines.store.delivery.PART", 100)
    export(news, "--cursor", "desk", "--format", "csv", file="a.csv")
    news.store.db.execute("UPDATE clusters SET copies = 77")
    second = export(news, "--cursor", "desk", file="a.csv")
    assert export(news, "--cursor", "desk", "--again", file="b") == second
    assert [row["number"] for row in news.store.db.query("SELECT number FROM deliveries")] == [2]
    parts = news.store.db.execute("SELECT count(*) FROM delivery_parts").fetchone()[0]
    assert parts == -(-len(second) // 100)


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("place", [(Spool, "publish"), (Delivery, "record"), (os, "fsync")], ids=str)
def test_crash_before_delivery_counts_delivers_the_same_again(
    news: Database,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    place: tuple[Any, str],
) -> None:
    def die(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(*place, die)
        with pytest.raises(Killed):
            take(news)
    assert len(take(news)) == 2
    assert take(news) == []
    assert not list(news.path.parent.glob("*.part"))


def test_place_that_cannot_be_written_takes_no_delivery(news: Database) -> None:  # noqa: F811
    (news.path.with_name("folder")).mkdir()
    with pytest.raises(BadUsageError, match="cannot be written"):
        export(news, "--cursor", "desk", file="folder")
    assert len(take(news)) == 2


def test_what_a_crawl_files_during_a_delivery_belongs_to_the_next(news: Database, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    judge: Callable[..., Any] = Delivery._judge
    more = iter(range(20, 30))

    def meanwhile(self: Delivery, *args: Any) -> Any:
        number = next(more)
        news.file(news.article(f"n{number}", f"Nordkorea schickt Russland {number} Züge.", headline=f"N{number}"))
        return judge(self, *args)

    with monkeypatch.context() as patch:
        patch.setattr(Delivery, "_judge", meanwhile)
        assert told(take(news)) == [("new", "A"), ("new", "C")]
    assert told(take(news)) == [("new", "N20"), ("new", "N21")]


def test_second_export_of_a_reader_waits_for_none_and_says_so(news: Database) -> None:  # noqa: F811
    locks = Locks(news.path.parent / "locks")
    assert locks.take("export-desk-coverage")
    with pytest.raises(NotDoneError, match="another export is delivering coverage") as refused:
        take(news)
    assert refused.value.code == 75
    assert len(take(news, "wire")) == 2
    locks.release()


def test_bookkeeping_is_no_change(news: Database) -> None:  # noqa: F811
    take(news)
    news.store.db.execute("UPDATE clusters SET changed_at = '2030-01-01T00:00:00Z'")
    assert take(news) == []
    assert {"changed_at", "fetched_at"} <= QUIET


def test_columns_are_those_asked_for_and_an_unknown_one_is_refused_with_the_list(news: Database) -> None:  # noqa: F811
    body = export(news, "--cursor", "desk", "--columns", "id, change,headline", file="a.csv").decode()
    assert body.splitlines()[0] == "id,change,headline"
    with pytest.raises(BadUsageError, match=r"--columns nosuch: coverage has change, id, into, cluster, .*headline"):
        export(news, "--cursor", "wire", "--columns", "headline,nosuch")
    assert len(take(news, "wire")) == 2


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--again",), "say whose"),
        (("--cursor", "desk", "--again"), "has not taken coverage as jsonl yet"),
        (("--cursor", "desk", "--again", "--columns", "url"), "leave out --columns"),
        (("--cursor", "../desk"), "a reader's name"),
        (("--post", "ftp://x.example"), r"http\(s\)"),
        (("--format", "brief", "--columns", "url"), "a brief has none"),
    ],
)
def test_wrong_usage_is_refused_with_what_to_do(news: Database, args: tuple[str, ...], said: str) -> None:  # noqa: F811
    with pytest.raises(BadUsageError, match=said):
        export(news, *args)


def test_broken_text_in_the_database_stops_no_delivery(news: Database) -> None:  # noqa: F811
    news.store.db.execute("UPDATE clusters SET headline = CAST(x'41eda080ff42' AS TEXT)")
    assert {row["headline"][0] + row["headline"][-1] for row in take(news)} == {"AB"}
    assert export(news, "--excel", file="a.csv").startswith(b"\xef\xbb\xbfcluster;")


def steps(monkeypatch: pytest.MonkeyPatch, work: Callable[[], Any]) -> int:
    """Thousands of steps that SQLite takes for some work."""
    connect, taken = sqlite3.connect, Counter[str]()

    def watched(*args: Any, **given: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*args, **given)
        connection.set_progress_handler(lambda: taken.update(["steps"]), 1000)
        return connection

    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", watched)
        work()
    return taken["steps"]


def test_four_times_the_reports_are_delivered_in_four_times_the_steps(
    tmp_path: Path, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = []
    for count in (2_000, 8_000):
        desk = Database(tmp_path / f"{count}.db", story)
        desk.file(desk.article("a", OTHER))
        fill(desk.store.db.conn, count)
        for lines in (count + 2, 1):
            taken.append(steps(monkeypatch, lambda: export(desk, "--cursor", "desk", file="a.csv")))  # noqa: B023 runs at once
            assert (tmp_path / "a.csv").read_bytes().count(b"\r\n") == lines
    few, few_again, many, many_again = taken
    assert few and few_again
    assert many < 5 * few  # 4.0 and 4.0; were it the square, 16
    assert many_again < 5 * few_again


def fill(conn: sqlite3.Connection, count: int) -> None:
    """Copies of the one article that is there, each a report of its own."""
    names = [row[1] for row in conn.execute("PRAGMA table_info(articles)") if row[1] not in ("id", "url", "public_id", "cluster")]
    conn.execute("BEGIN")
    conn.execute(
        f"""WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
        INSERT INTO articles (url, public_id, {", ".join(names)}) SELECT url || i, printf('%016x', i), {", ".join(names)} FROM n, articles
        WHERE articles.id = 1"""
    )
    conn.execute(
        """INSERT INTO clusters (root, first_live, public_id, headline, changed_at, first_seen_at)
        SELECT id, id, public_id, headline, changed_at, first_listed_at FROM articles WHERE id > 1"""
    )
    conn.execute("UPDATE articles SET cluster = (SELECT id FROM clusters WHERE root = articles.id) WHERE id > 1")
    conn.execute("COMMIT")
