"""What goes wrong in the course of years: two at once, full disks, clocks, other files. A clear sentence, the right code, no damage."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from tests.blatt import CATALOGUE, HOST, OTHER, PAGES, blatt, filed, finish, page, serve, sound
from tests.conftest import ROOT, Desk
from tests.internet import Answer, Internet

IMPATIENT = "import sys, pipelines.store as s; s.BUSY = .3; from scrapy.cmdline import execute; execute(['scrapy', *sys.argv[1:]])"

__all__ = ["blatt"]  # a fixture


# --- two at once


def test_two_crawls_at_once_ask_each_outlet_once_and_lose_nothing(blatt: Desk, internet: Internet) -> None:
    blatt.sources.write_text(CATALOGUE, encoding="utf-8")
    serve(internet)
    serve(internet, OTHER)
    both = [blatt.start("crawl", "feeds", DOWNLOAD_DELAY="0.05"), blatt.start("crawl", "feeds", DOWNLOAD_DELAY="0.05")]
    codes = [finish(process)[0] for process in both]
    assert set(codes) <= {0, 75} and 0 in codes
    assert len(blatt.rows("SELECT url FROM articles")) == 2 * PAGES
    articles = [url for url in internet.asked if "artikel" in url]
    assert len(articles) == len(set(articles))
    sound(blatt)


def test_crawl_and_prune_and_backup_at_once(blatt: Desk, internet: Internet, tmp_path: Path) -> None:
    serve(internet)
    blatt.run("seed")
    crawl = blatt.start("crawl", "feeds", DOWNLOAD_DELAY="0.05")
    others = [blatt.start("prune", "--pages", "1d"), blatt.start("backup", str(tmp_path / "copy")), blatt.start("refold")]
    assert [finish(process)[0] for process in (crawl, *others)] == [0, 0, 0, 0]
    assert filed(blatt) == set(range(PAGES))
    sound(blatt)


# --- others in the way


def test_reader_that_holds_the_database_stops_nobody(blatt: Desk, internet: Internet) -> None:
    serve(internet)
    blatt.run("seed")
    with closing(sqlite3.connect(blatt.database, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        before = reader.execute("SELECT count(*) FROM articles").fetchone()
        blatt.run("crawl", "feeds")
        blatt.run("prune", "--pages", "0d", "--text", "0d")
        assert reader.execute("SELECT count(*) FROM articles").fetchone() == before
    assert filed(blatt) == set(range(PAGES))
    sound(blatt)


def impatient(desk: Desk, *args: str) -> subprocess.Popen[str]:
    """`scrapy …` that waits a third of a second for another writer, where all others wait a minute."""
    return subprocess.Popen(
        [sys.executable, "-c", IMPATIENT, *desk.command(*args)],
        cwd=ROOT,
        env=desk.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("args", [("seed",), ("crawl", "feeds"), ("prune", "--pages", "1d"), ("refold",)])
def test_writer_that_never_lets_go_is_said(blatt: Desk, internet: Internet, seeded: Path, args: tuple[str, ...]) -> None:
    shutil.copy(seeded, blatt.database)
    with closing(sqlite3.connect(blatt.database, isolation_level=None)) as writer:
        writer.execute("PRAGMA journal_mode = WAL")  # as a run leaves it
        writer.execute("BEGIN IMMEDIATE")
        code, said = finish(impatient(blatt, *args))
    assert code == 73
    assert "database is locked" in said.strip().splitlines()[-1]
    assert internet.asked == []
    sound(blatt)


def test_writer_that_takes_the_database_in_the_middle_of_a_crawl_ends_it_and_the_next_completes_it(blatt: Desk, internet: Internet) -> None:
    serve(internet)
    writer = sqlite3.connect(blatt.database, isolation_level=None, check_same_thread=False)

    def take(url: str, headers: dict[str, str]) -> Answer:
        writer.execute("BEGIN IMMEDIATE")
        return Answer(200, page(3), {"Content-Type": "text/html"})

    internet.routes[f"{HOST}/artikel-3.html"] = take
    code, said = finish(impatient(blatt, "crawl", "feeds"))
    writer.close()
    assert code == 73
    assert "cannot write the database: database is locked" in said.strip().splitlines()[-1]
    serve(internet)
    blatt.run("crawl", "feeds")
    assert filed(blatt) == set(range(PAGES))
    sound(blatt)


# --- the disk


def confined(desk: Desk, setup: str, *args: str, after: str = ":") -> subprocess.Popen[str]:
    """`scrapy …` in a world of its own, where `setup` was done to the folder `$D` of the database, and `after` at the end."""
    script = f'{setup} || exit 99; "$@"; code=$?; {after}; exit $code'
    return subprocess.Popen(
        ["unshare", "-rm", "sh", "-c", script, "sh", sys.executable, "-m", "scrapy", *desk.command(*args)],
        cwd=ROOT,
        env=desk.environment() | {"D": str(desk.database.parent)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


own_mounts = pytest.mark.skipif(
    subprocess.run(["unshare", "-rm", "sh", "-c", "mount -t tmpfs none /mnt"], capture_output=True, check=False).returncode != 0,
    reason="this machine lets nobody mount in a namespace of his own",
)


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A seeded database, in one file; tests work on copies."""
    desk = Desk(tmp_path_factory.mktemp("seeded") / "news.db")
    desk.run("seed")
    with closing(sqlite3.connect(desk.database)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    return desk.database


@pytest.fixture
def inside(blatt: Desk, tmp_path: Path, seeded: Path) -> Desk:
    """A seeded database in a folder of its own."""
    (tmp_path / "disk").mkdir()
    blatt.database = tmp_path / "disk" / "news.db"
    shutil.copy(seeded, blatt.database)
    return blatt


@own_mounts
@pytest.mark.parametrize("room", [16, 150, 600])
@pytest.mark.parametrize("args", [("crawl", "feeds"), ("refold",), ("export", "--cursor", "desk", "--view", "articles_list")])
def test_full_disk_is_said_and_damages_nothing(inside: Desk, internet: Internet, room: int, args: tuple[str, ...]) -> None:
    serve(internet)
    size = inside.database.stat().st_size // 1024 + room
    left = inside.database.parent.parent / "left"
    left.mkdir()
    small = f'cp "$D"/news.db "{left}"/before && mount -t tmpfs -o size={size}k none "$D" && cp "{left}"/before "$D"/news.db'
    code, said = finish(confined(inside, small, *args, after=f'cp "$D"/news.db* "{left}"'))
    assert code == 73 or (code == 0 and room > 16), said
    if code:
        assert re.search("disk is full|disk I/O|cannot be written|No space", said.strip().splitlines()[-1]), said
    inside.database = left / "news.db"
    with closing(sqlite3.connect(inside.database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    inside.run("crawl", "feeds")
    assert filed(inside) == set(range(PAGES))
    sound(inside)


@own_mounts
@pytest.mark.parametrize("what", ["folder", "file"])
@pytest.mark.parametrize("args", [("seed",), ("crawl", "feeds"), ("prune", "--text", "1d"), ("export", "--cursor", "desk")])
def test_database_that_may_only_be_read_is_said(inside: Desk, internet: Internet, what: str, args: tuple[str, ...]) -> None:
    place = '"$D"' if what == "folder" else '"$D"/news.db'
    code, said = finish(confined(inside, f"mount --bind {place} {place} && mount -o remount,ro,bind {place}", *args))
    assert code == 73
    assert re.search(rf"{inside.database}: cannot be written|cannot write the database: .*Read-only", said.strip().splitlines()[-1])
    assert internet.asked == []
    sound(inside)


@own_mounts
def test_database_that_may_only_be_read_is_looked_at_and_copied(inside: Desk, tmp_path: Path) -> None:
    setup = 'mount --bind "$D" "$D" && mount -o remount,ro,bind "$D"'
    assert finish(confined(inside, setup, "export", "--view", "articles_list"))[0] == 0
    assert finish(confined(inside, setup, "backup", str(tmp_path / "copy")))[0] == 0
    code, said = finish(confined(inside, setup, "doctor"))
    assert code == 1 and "cannot be" in said


def test_file_size_limit_ends_a_crawl_and_the_next_completes_it(blatt: Desk, internet: Internet) -> None:
    """A real refusal of the system in the middle of a run, where nobody may mount."""
    serve(internet)
    blatt.run("seed")
    limit = blatt.database.stat().st_size // 1024 + 120
    limited = subprocess.Popen(
        ["sh", "-c", f'ulimit -f {limit * 2}; exec "$@"', "sh", sys.executable, "-m", "scrapy", *blatt.command("crawl", "feeds")],
        cwd=ROOT,
        env=blatt.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    code, said = finish(limited)
    assert code == 73
    assert "cannot write the database" in said.strip().splitlines()[-1]
    with closing(sqlite3.connect(blatt.database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    blatt.run("crawl", "feeds")
    assert filed(blatt) == set(range(PAGES))
    sound(blatt)


# --- the file


@pytest.mark.parametrize("args", [("seed",), ("crawl", "feeds"), ("prune", "--text", "1d"), ("export", "--cursor", "desk"), ("refold",)])
@pytest.mark.parametrize("what", ["newer schema", "newer index", "no database"])
def test_file_that_is_not_ours_stays_as_it_is(blatt: Desk, internet: Internet, seeded: Path, what: str, args: tuple[str, ...]) -> None:
    if what == "no database":
        blatt.database.write_bytes(b"this is not a database, but long enough to look like a file" * 20)
        says = "file is not a database"
    else:
        shutil.copy(seeded, blatt.database)
        with closing(sqlite3.connect(blatt.database)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")  # as a run leaves it
            sql = "INSERT INTO _sqlite_migrations VALUES (99, 'nachlese', '999_future', '2030-01-01')"
            connection.execute(sql if what == "newer schema" else "PRAGMA user_version = 999")
            connection.execute("DROP VIEW coverage")
            connection.execute("CREATE VIEW coverage AS SELECT 1 AS of_the_future")
            connection.commit()
        says = "a newer version of the program made it"
    before = blatt.database.read_bytes()
    done = blatt.run(*args, code=73)
    assert says in done.stderr.strip().splitlines()[-1]
    assert str(blatt.database) in done.stderr and "Traceback" not in done.stderr
    assert blatt.database.read_bytes() == before
    assert internet.asked == []


# --- the clock


def test_clock_set_back_an_hour_loses_nothing_and_tells_nothing_twice(blatt: Desk, internet: Internet, tmp_path: Path) -> None:
    """To a database whose every time is an hour ahead, the clock was set back an hour."""
    serve(internet, pages=6)
    blatt.run("crawl", "feeds")
    export = ("export", "--cursor", "desk", "--view", "articles_list", "-o")
    blatt.run(*export, str(tmp_path / "one.jsonl"))
    shift(blatt, timedelta(hours=1))
    assert "timedatectl" in blatt.run("doctor", code=1, FREE_DISK="0").stdout
    before = blatt.content()
    serve(internet)
    blatt.run("crawl", "feeds", "-a", "all=1")
    assert filed(blatt) == set(range(PAGES))
    assert before < blatt.content()
    assert not blatt.rows("SELECT 1 FROM versions")
    blatt.run(*export, str(tmp_path / "two.jsonl"))
    one, two = ((tmp_path / name).read_text(encoding="utf-8").splitlines() for name in ("one.jsonl", "two.jsonl"))
    told = [re.findall(r"artikel-(\d+)", line)[0] for line in one + two if '"change": "new"' in line or '"change":"new"' in line]
    assert sorted(map(int, told)) == list(range(PAGES))


def shift(desk: Desk, by: timedelta) -> None:
    columns = {
        "articles": ("fetched_at", "filed_at", "changed_at", "first_listed_at", "next_look_at"),
        "runs": ("started_at", "finished_at"), "fetches": ("at",), "decisions": ("at", "retry_at"), "entries": ("first_listed_at",),
        "sources": ("last_ok_at", "last_new_at", "next_due_at", "plain_at"), "clusters": ("changed_at", "filed_at"),
        "readers": ("taken_at",), "deliveries": ("at",),
    }  # fmt: skip
    with closing(sqlite3.connect(desk.database)) as connection:
        for table, names in columns.items():
            for name in names:
                connection.execute(
                    f"UPDATE {table} SET {name} = strftime('%Y-%m-%dT%H:%M:%SZ', {name}, ?)", (f"{by.total_seconds()} seconds",)
                )
        connection.commit()
