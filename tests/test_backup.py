"""A backup is of one moment, whole, and made while a crawl writes; it never takes the place of something else."""

from __future__ import annotations

import fcntl
import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from pipelines.store import Store, StoreError
from pipelines.store.backup import back_up
from pipelines.story import Story
from tests.conftest import Desk
from tests.internet import Internet
from tests.showcase import WIRE, Newsroom, fill


@pytest.fixture
def news(tmp_path: Path, story: Story) -> Path:
    """A database with a dozen articles."""
    fill(tmp_path / "news.db", story)
    return tmp_path / "news.db"


@contextmanager
def writer(path: Path, story: Story) -> Iterator[list[int]]:
    """Someone who files articles all the time; how many there are after each."""
    filed: list[int] = []
    done = threading.Event()

    def write() -> None:
        store = Store.open(path)
        room = Newsroom(store, story)
        for number in range(100_000):
            if done.is_set():
                break
            room.file("morgenblatt", f"more-{number}", WIRE.replace("10.000", str(number)))
            filed.append(store.db.execute("SELECT count(*) FROM articles").fetchone()[0])
        store.close()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        while len(filed) < 3:
            assert thread.is_alive()
            done.wait(0.01)
        yield filed
    finally:
        done.set()
        thread.join()


def look(path: Path) -> tuple[str, int, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(path)) as copy:
        return (
            copy.execute("PRAGMA integrity_check").fetchone()[0],
            copy.execute("SELECT count(*) FROM articles").fetchone()[0],
            copy.execute("PRAGMA foreign_key_check").fetchall(),
        )


def test_copies_made_while_articles_are_filed_are_each_of_one_moment(news: Path, story: Story, tmp_path: Path) -> None:
    with writer(news, story) as filed:
        for number in range(5):
            before = len(filed)
            made = back_up(news, tmp_path / "copies" / f"{number}.db")
            assert look(made.path) == ("ok", made.articles, [])
            assert filed[before - 1] <= made.articles <= filed[-1] + 1
            with closing(sqlite3.connect(made.path)) as copy:  # an article never without what was found in it
                assert copy.execute("SELECT count(*) FROM articles WHERE cluster IS NULL").fetchone() == (0,)
                assert copy.execute("SELECT count(DISTINCT article) FROM sentences").fetchone() == (made.articles,)
        going_on = len(filed)
        while len(filed) == going_on:
            threading.Event().wait(0.01)  # the writer was not stopped by it


def test_copy_can_be_worked_with(news: Path, story: Story, tmp_path: Path) -> None:
    back_up(news, tmp_path / "copy.db")
    assert [path.name for path in tmp_path.iterdir() if "copy" in path.name] == ["copy.db"]
    store = Store.open(tmp_path / "copy.db")
    Newsroom(store, story).file("morgenblatt", "more", WIRE)
    store.close()
    assert look(tmp_path / "copy.db")[1] == look(news)[1] + 1


def test_older_copy_of_the_same_database_is_replaced(news: Path, story: Story, tmp_path: Path) -> None:
    back_up(news, tmp_path / "copy.db")
    store = Store.open(news)
    Newsroom(store, story).file("morgenblatt", "more", WIRE)
    store.close()
    assert back_up(news, tmp_path / "copy.db").articles == look(tmp_path / "copy.db")[1] == look(news)[1]


@pytest.mark.parametrize("other", ["text", "folder", "itself", "link to itself", "another database", "copy in use"])
def test_what_is_no_copy_of_it_stays_as_it_is(news: Path, story: Story, tmp_path: Path, other: str) -> None:
    target = tmp_path / "target"
    if other == "text":
        target.write_text("my only novel")
    elif other == "folder":
        target.mkdir()
    elif other == "itself":
        target = news
    elif other == "link to itself":
        target.symlink_to(news)
    elif other == "another database":
        store = Store.open(target)
        Newsroom(store, story).file("talbote", "another", WIRE)
        store.close()
    else:
        back_up(news, target)
        target.with_name("target-wal").write_bytes(b"x")
    before = target.read_bytes() if target.is_file() else b""
    with pytest.raises(StoreError, match=r"name (?:a|another) file"):
        back_up(news, target)
    assert (target.read_bytes() if target.is_file() else b"") == before
    assert not list(tmp_path.glob(".*part*"))


def test_damaged_database_does_not_replace_a_sound_copy(news: Path, tmp_path: Path) -> None:
    sound = back_up(news, tmp_path / "copy.db").path.read_bytes()
    with closing(sqlite3.connect(news)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'figures_article'").fetchone()[0]
    with news.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)
    with pytest.raises(StoreError, match="doctor"):
        back_up(news, tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_bytes() == sound
    assert not list(tmp_path.glob(".*part*"))


def test_two_backups_to_one_place_do_not_meet(news: Path, tmp_path: Path) -> None:
    with (tmp_path / ".copy.db.part").open("w") as part:
        fcntl.flock(part, fcntl.LOCK_EX)
        with pytest.raises(StoreError, match="another backup is writing it"):
            back_up(news, tmp_path / "copy.db")
    assert back_up(news, tmp_path / "copy.db").articles


def test_copy_may_be_read_by_as_few_as_the_database(news: Path, tmp_path: Path) -> None:
    news.chmod(0o600)
    assert back_up(news, tmp_path / "copy.db").path.stat().st_mode & 0o777 == 0o600


def test_command_says_in_one_sentence_what_the_copy_holds(crawled: tuple[Desk, Internet], tmp_path: Path) -> None:
    desk, _ = crawled
    articles = desk.rows("SELECT count(*) AS n FROM articles")[0]["n"]
    said = desk.run("backup", str(tmp_path / "copy.db")).stdout
    assert re.fullmatch(
        rf".*copy\.db: {articles} articles, the newest filed .+Z, \d+ decisions, \d+ stored pages; .+ MB, whole and checked\n", said
    )
    assert Desk(tmp_path / "copy.db").content() == desk.content()


@pytest.mark.parametrize(
    ("args", "code", "says"), [((), 2, "name one file"), (("a", "b"), 2, "name one file"), (("/proc/copy.db",), 73, "/proc/copy.db")]
)
def test_what_cannot_be_done_is_said(crawled: tuple[Desk, Internet], args: tuple[str, ...], code: int, says: str) -> None:
    done = crawled[0].run("backup", *args, code=code)
    assert says in done.stderr and "Traceback" not in done.stderr


def test_backup_of_no_database_is_refused(desk: Desk, tmp_path: Path) -> None:
    assert "nothing to back up" in desk.run("backup", str(tmp_path / "copy.db"), code=73).stderr
    assert not desk.database.exists()
