"""`kill -9` at any moment: the database is whole, nothing is lost or doubled, and the next run completes the work.

KILLS=100 kills so often (`make soak`), KILL_SEED chooses other moments.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlite_utils import Database

from pipelines import schema
from pipelines.store.checkup import checkup
from pipelines.store.rows import insert
from tests.conftest import ROOT, Desk
from tests.internet import Internet
from tests.nursery import Running
from tests.serving import copy
from tests.showcase import RIVAL, WIRE

KILLS = int(os.environ.get("KILLS", "7"))
SEED = os.environ.get("KILL_SEED", "1")
SHARE = {
    "crawl": 4,
    "seed": 2,
    "replay": 2,
    "export": 2,
    "prune": 2,
    "backup": 1,
    "migration": 1,
}  # of 15 kills; two databases are migrated
IN_A_ROW = 3  # kills before the work is completed, at most: the second meets what the first left
OUTLETS = "tagesfunk,ticker24,oststimme"  # of the small web, with copies of one another
FAST = {"READ_PROCESSES": "0", "DOWNLOAD_DELAY": "0.02"}


@dataclass
class Work:
    """What is killed: a command over a copy of `base` (none: over nothing), and what must hold once it is completed."""

    args: tuple[str, ...]
    base: Path | None
    settings: dict[str, str] = field(default_factory=dict)
    content: Callable[[Desk], object] = Desk.content
    after_kill: Callable[[Desk], None] = lambda desk: None


def begun(folder: Path) -> set[tuple[str, int, int]]:
    """What tells whether a command has begun to write."""
    found = set()
    for path in folder.rglob("*"):
        try:
            stat = path.stat()
        except FileNotFoundError:
            continue
        if path.is_file() and path.suffix != ".db-shm":
            found.add((path.name, stat.st_size, stat.st_mtime_ns))
    return found


def wait_to_begin(process: Running, folder: Path, before: set[tuple[str, int, int]]) -> float:
    deadline = time.monotonic() + 60
    while process.poll() is None and begun(folder) == before:
        assert time.monotonic() < deadline, "it never wrote anything"
        time.sleep(0.002)
    return time.monotonic()


def start(desk: Desk, work: Work) -> tuple[Running, float]:
    """Start the work; the process, and when it began to write."""
    before = begun(desk.database.parent)
    args = [arg.format(folder=desk.database.parent) for arg in work.args]
    process = desk.start(*args, **work.settings)
    return process, wait_to_begin(process, desk.database.parent, before)


def complete(desk: Desk, work: Work) -> tuple[object, float]:
    """Let the work come to its end; what the database holds then, and how long it wrote."""
    process, began = start(desk, work)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, f"{out}\n{err}"
    assert list(checkup(desk.database, datetime.now(UTC))) == []
    return work.content(desk), time.monotonic() - began


def fresh(work: Work, folder: Path, proxy: str) -> Desk:
    folder.mkdir()
    if work.base:
        shutil.copy(work.base, folder / "news.db")
    return Desk(folder / "news.db", proxy)


def whole(desk: Desk) -> None:
    if desk.database.exists():
        with closing(sqlite3.connect(desk.database)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def kill_at_random(name: str, work: Work, folder: Path, proxy: str) -> None:
    moments = random.Random(f"{SEED} {name}")  # noqa: S311
    wanted, span = complete(fresh(work, folder / "undisturbed", proxy), work)
    left = -(-KILLS * SHARE[name] // 15)
    for number in range(3 * left):
        desk = fresh(work, folder / f"killed-{number}", proxy)
        for _ in range(moments.randint(1, min(left, IN_A_ROW))):
            process, began = start(desk, work)
            time.sleep(max(0.0, began + moments.uniform(0, span) - time.monotonic()))
            process.send_signal(signal.SIGKILL)
            process.communicate()
            if process.returncode == -signal.SIGKILL:
                left -= 1
            else:  # it was through before: the first run was slower than this one
                span *= 0.7
            whole(desk)
            work.after_kill(desk)
        found, _ = complete(desk, work)
        assert found == wanted, f"KILL_SEED={SEED}, {name}, round {number}"
        shutil.rmtree(desk.database.parent)
        if left <= 0:
            return
    pytest.fail(f"{name} mostly ended before it was killed")


# --- what is killed


@pytest.fixture(scope="module")
def web() -> Iterator[Internet]:
    """The small web, for all of this."""
    with Internet() as internet:
        yield internet


@pytest.fixture(scope="module")
def fed(tmp_path_factory: pytest.TempPathFactory, web: Internet) -> Path:
    """A database after a crawl of all feeds, in one file."""
    return at_rest(tmp_path_factory.mktemp("fed"), web, {})


def at_rest(folder: Path, web: Internet, settings: dict[str, str]) -> Path:
    desk = Desk(folder / "crawled.db", web.proxy)
    desk.run("seed")
    desk.run("crawl", "feeds", "-a", f"outlet={OUTLETS}", code=0, **FAST | settings)
    with closing(sqlite3.connect(folder / "rest.db")) as target:
        copy(desk.database, target)
    return folder / "rest.db"


def test_crawl(tmp_path: Path, web: Internet) -> None:
    desk = Desk(tmp_path / "seeded.db", web.proxy)
    desk.run("seed")
    kill_at_random("crawl", Work(("crawl", "feeds", "-a", f"outlet={OUTLETS}"), desk.database, FAST), tmp_path, web.proxy)


def test_seed_of_a_new_database(tmp_path: Path) -> None:
    kill_at_random("seed", Work(("seed",), None, content=lambda desk: rows(desk, TEXTS)), tmp_path, "")


def test_replay(tmp_path: Path, web: Internet) -> None:
    shutil.copytree(ROOT / "seeds", tmp_path / "strict")
    story = tmp_path / "strict" / "story.toml"
    story.write_text(story.read_text(encoding="utf-8").replace("on_story = 0.45", "on_story = 1.0"), encoding="utf-8")
    (tmp_path / "base").mkdir()
    base = at_rest(tmp_path / "base", web, {"STORY": str(story)})
    kill_at_random("replay", Work(("replay", "--apply"), base, FAST), tmp_path, "")


def test_export_with_a_cursor(tmp_path: Path, fed: Path) -> None:
    """What is noted as delivered stands in a whole file; what is not is delivered by the next."""

    def keep(desk: Desk) -> None:
        for path in desk.database.parent.glob("out*.jsonl"):
            path.rename(path.with_name(f"kept-{time.monotonic_ns()}.jsonl"))

    def delivered(desk: Desk) -> object:
        files = [
            [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] for path in desk.database.parent.glob("*.jsonl")
        ]
        assert not list(desk.database.parent.glob("kept*.part"))
        told = {json.dumps(row, sort_keys=True) for rows in files for row in rows}
        assert all(not rows or len(rows) == len(told) for rows in files), "a part of a delivery was published"
        assert desk.rows("SELECT count(*) AS n FROM delivered")[0]["n"] == len(told)
        return told

    args = ("export", "--cursor", "desk", "--view", "articles_list", "-o", "{folder}/out.jsonl")
    kill_at_random("export", Work(args, fed, content=delivered, after_kill=keep), tmp_path, "")


def test_prune(tmp_path: Path, fed: Path) -> None:
    base = tmp_path / "full.db"
    shutil.copy(fed, base)
    with closing(sqlite3.connect(base)) as connection:
        filler = ((f"http://x.example/{n}", "2024-01-01T00:00:00Z", "", 200, None, os.urandom(5000)) for n in range(3000))
        connection.executemany(
            "INSERT INTO pages (url, fetched_at, final_url, http_status, charset, html) VALUES (?, ?, ?, ?, ?, ?)", filler
        )
        connection.commit()

    def content(desk: Desk) -> object:
        left = "SELECT (SELECT count(*) FROM pages), (SELECT count(*) FROM articles WHERE text != ''), "
        left += "(SELECT count(*) FROM sentences WHERE text != ''), (SELECT count(*) FROM articles WHERE pruned_at IS NOT NULL)"
        return desk.content(), rows(desk, left), rows(desk, JUDGED)

    kill_at_random("prune", Work(("prune", "--pages", "0d", "--text", "0d"), base, content=content), tmp_path, "")


def test_backup(tmp_path: Path, fed: Path) -> None:
    def sound(desk: Desk) -> None:
        target = Desk(desk.database.with_name("copy"))
        whole(target)
        if target.database.exists():
            assert target.content() == desk.content()

    def content(desk: Desk) -> object:
        assert sorted(path.name for path in desk.database.parent.iterdir() if "copy" in path.name) == ["copy"]
        return Desk(desk.database.with_name("copy")).content()

    kill_at_random("backup", Work(("backup", "{folder}/copy"), fed, content=content, after_kill=sound), tmp_path, "")


TEXTS = "SELECT url, text_hash, relation, headline FROM articles ORDER BY url"
JUDGED = """SELECT a.url, a.relation, o.url, s.position, s.key, s.status, f.url FROM articles a JOIN sentences s ON s.article = a.id
LEFT JOIN articles o ON o.id = a.origin LEFT JOIN articles f ON f.id = s.first_seen_in ORDER BY a.url, s.position"""


def rows(desk: Desk, sql: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in desk.rows(sql)]


@pytest.mark.parametrize("stop", ["003_reuse", "012_decisions_text"])
def test_migration_of_an_older_database(tmp_path: Path, stop: str) -> None:
    base = tmp_path / "old.db"
    old(base, stop)
    work = Work(("refold",), base, content=lambda desk: (rows(desk, TEXTS), rows(desk, JUDGED)))
    kill_at_random("migration", work, tmp_path, "")


def old(path: Path, stop: str) -> None:
    """A database as an older version left it, with articles."""
    db = Database(sqlite3.connect(path, isolation_level=None))
    db.execute("PRAGMA auto_vacuum = INCREMENTAL")
    db.execute("PRAGMA journal_mode = WAL")
    schema.migrations.apply(db, stop_before=stop)
    with db.atomic():
        for number in range(1, 61):
            at, url = f"2024-06-{number % 28 + 1:02}T08:00:00Z", f"http://a.example/{number}"
            text = (WIRE if number % 3 else RIVAL).replace("000", f"{number:03}", 1) + f" Das ist Meldung {number}."
            article = {
                "id": number, "url": url, "public_id": f"id{number}", "headline": f"Meldung {number}", "byline": "", "agency": "",
                "language": "de", "fetched_at": at, "filed_at": at, "changed_at": at, "text": text, "text_hash": "", "words": 90,
                "relevance": 1.0, "matched": "[]", "reason": "", "relation": "original", "own_share": 1.0, "new_sentences": 0,
                "state": "live", "cluster": number, ("ordered_at" if stop <= "003_reuse" else "rank"): 0,
            }  # fmt: skip
            insert(db, "clusters", {"id": number, "root": number, "headline": "", "changed_at": ""})
            insert(db, "articles", article)
            insert(db, "decisions", {"url": url, "at": at, "stage": "page", "verdict": "filed", "reason": "", "story_hash": ""})
    db.conn.close()
