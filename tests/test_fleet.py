"""Several machines bring what one does, whoever of them is killed. Valkey is real, and so are all processes."""

from __future__ import annotations

import base64
import os
import signal
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from scrapy.settings import Settings

from crawler.fleet import ARTICLES, STOPPING
from crawler.fleet import Fleet as Wire
from crawler.fleet.parcels import End, Item, ParcelError, Part, Task, pack, unpack
from pipelines.article import Backfill, Entry, Fetch, Gap, Health, Look, Page, Progress, Revisit, Source, Verdict
from pipelines.known import Known, keys_of
from pipelines.read import read, reading
from pipelines.story import Story
from tests.conftest import Desk
from tests.fleets import Fleet, until, valkey
from tests.internet import WEB, Answer, Internet
from tests.nursery import Running
from tests.processes import offspring, parent, runs
from tests.serving import free_ports
from tests.warcs import STORY, page, told, warc, weather

OUTLETS = ("tagesfunk", "ticker24", "oststimme", "nordlicht-zeitung", "rheinblatt", "hauptstadtpost")
SOURCES = WEB / "sources.toml"


class Slow(Internet):
    """The small web, from far away."""

    seconds = 0.2

    def answer(self, url: str, headers: dict[str, str]) -> Answer:
        """The answer, so many seconds later."""
        threading.Event().wait(self.seconds)
        return super().answer(url, headers)


def some(folder: Path) -> Path:
    """A catalogue of some outlets of the small web."""
    blocks = SOURCES.read_text(encoding="utf-8").split("[[outlet]]")
    chosen = [block for block in blocks[1:] if any(f'id = "{name}"' in block for name in OUTLETS)]
    assert len(chosen) == len(OUTLETS)
    path = folder / "sources.toml"
    path.write_text("[[outlet]]".join(["", *chosen]), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def web() -> Iterator[Slow]:
    with Slow() as internet:
        yield internet


@pytest.fixture(scope="module")
def alone(web: Slow, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """What one machine brings."""
    folder = tmp_path_factory.mktemp("alone")
    desk = Desk(folder / "news.db", web.proxy, some(folder))
    desk.crawl_all()
    return desk


@pytest.fixture
def fleet(alone: Desk, web: Slow, tmp_path: Path) -> Iterator[Fleet]:
    """Nobody yet, and a database with the example articles."""
    fleet = Fleet(replace(alone, database=tmp_path / "news.db"))
    fleet.desk.run("seed")
    web.most_at_once = 0
    web.seconds = Slow.seconds
    web.asked.clear()
    yield fleet
    fleet.close()


def test_whoever_is_killed_or_stopped_the_fleet_brings_what_one_machine_does(fleet: Fleet, alone: Desk, web: Slow) -> None:
    with valkey() as server:
        fleet.url, port = server.connection_url, server.port
        consumer = fleet.begin("start")
        workers = [fleet.begin("work", "--crawls", "1") for _ in range(3)]
        until(lambda: len(web.pages_asked()) > 10)
        fleet.end(workers[0], signal.SIGKILL)
        until(lambda: fleet.desk.rows("SELECT 1 FROM runs WHERE finished_at IS NOT NULL"))
    with valkey(port):
        fleet.end(consumer, signal.SIGKILL)
        consumer = fleet.begin("start")
        asked = len(web.pages_asked())
        until(lambda: len(web.pages_asked()) > asked + 5)
        assert fleet.end(workers[1]) == 0  # gives back what it has in hand
        fleet.begin("work", "--crawls", "1")
        until(lambda: fleet.desk.content() == alone.content(), 150)
        until(lambda: not fleet.client.exists("nachlese:articles"))
        assert "NONE" not in fleet.status()
        assert web.most_at_once == 1
        assert [fleet.end(process) for process in list(fleet.running)] == [0, 0, 0]


def test_a_worker_waits_for_valkey_and_for_somebody_who_files(fleet: Fleet, alone: Desk, web: Slow) -> None:
    (port,) = free_ports(1)
    fleet.url = f"redis://127.0.0.1:{port}"
    assert "cannot be reached" in fleet.desk.run("fleet", "status", code=69, FLEET_URL=fleet.url).stderr
    worker = fleet.begin("work", FLEET_WAITING="5")
    fleet.hears(worker, f"Valkey at 127.0.0.1:{port} cannot be reached: waiting")
    with valkey(port):
        fleet.hears(worker, f"Valkey at 127.0.0.1:{port} is back")
        consumer = fleet.begin("start")
        until(lambda: fleet.client.llen("nachlese:outlets") or web.asked)
        again = fleet.desk.run("fleet", "start", code=75, FLEET_URL=fleet.url, FLEET_LEASE="1")
        assert "another `scrapy fleet start` files already" in again.stderr
        assert fleet.end(consumer) == 0
        until(lambda: fleet.client.llen("nachlese:articles") == 5)
        asked, held = len(web.asked), fleet.status(code=69)
        assert "consumer  NONE" in held
        assert "articles  5 wait" in held
        assert any(name in held.split("in hand")[1] for name in OUTLETS)
        fleet.begin("start")
        until(lambda: fleet.desk.content() == alone.content(), 120)
        assert len(web.asked) > asked
        assert fleet.end(worker) == 0


@contextmanager
def in_the_middle(fleet: Fleet, web: Slow, **settings: str) -> Iterator[Running]:
    """A worker that has begun to ask for pages, as long as there is a Valkey."""
    with valkey() as server:
        fleet.url = server.connection_url
        fleet.begin("start")
        worker = fleet.begin("work", "--crawls", "1", **settings)
        until(lambda: len(web.pages_asked()) > 3)
        yield worker


def test_a_worker_in_the_middle_of_a_crawl_ends_when_told_to_though_valkey_is_away(fleet: Fleet, web: Slow) -> None:
    with in_the_middle(fleet, web) as worker:
        pass
    fleet.hears(worker, "cannot be reached: waiting")
    assert fleet.end(worker, within=STOPPING) == 0  # it does not wait as one that can give its task back


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_worker_s_crawls_end_with_it(fleet: Fleet, web: Slow, number: signal.Signals) -> None:
    with in_the_middle(fleet, web, STOP_PATIENCE="4") as worker:
        asked, web.seconds = len(web.pages_asked()), 9
        until(lambda: len(web.pages_asked()) > asked)
        begun = offspring(worker.pid)
        assert len(begun) > 1
        told, began = os.getpgid(worker.pid), time.monotonic()
        for pid in [pid for pid in begun if os.getpgid(pid) == told] if number == signal.SIGINT else []:  # as Ctrl-C in a terminal does
            os.kill(pid, number)
        worker.send_signal(number)
        assert worker.wait(20) == (0 if number == signal.SIGINT else -number)
        # A crawl waits four seconds for the answer it asked for last; a worker that was told waits for the crawl.
        assert number == signal.SIGKILL or time.monotonic() - began > 3
        until(lambda: not any(map(runs, (Path(f"/proc/{pid}") for pid in begun))), 1 if number == signal.SIGINT else 7)


def test_a_crawl_of_whose_end_nobody_would_hear_is_ended(fleet: Fleet, web: Slow) -> None:
    with in_the_middle(fleet, web) as worker:
        web.seconds = 9  # and so long it would run on
        crawl = next(pid for pid in offspring(worker.pid) if os.getpgid(pid) == pid)
        os.kill(parent(crawl), signal.SIGKILL)
        fleet.hears(worker, "the crawl ended with code 255")
        until(lambda: not runs(Path(f"/proc/{crawl}")), 5)  # the worker let go of it
        until(lambda: offspring(worker.pid))  # the worker goes on
        assert web.most_at_once == 1


def test_archives_are_read_by_workers_and_none_twice(fleet: Fleet, tmp_path: Path) -> None:
    paths = [tmp_path / f"{n}.warc.gz" for n in range(2)]
    for path, urls in zip(paths, (STORY[:2], STORY[2:]), strict=True):
        path.write_bytes(warc([*weather(5), *(told(url) for url in urls)]))
    broken = "redis://127.0.0.1:1"
    assert "cannot be reached" in fleet.desk.run("fleet", "archives", str(paths[0]), code=69, FLEET_URL=broken).stderr
    with valkey() as server:
        fleet.url = server.connection_url
        Wire.of(Settings({"FLEET_URL": fleet.url, "FLEET_LEASE": 3})).send(ARTICLES, "nonsense")
        asked = fleet.desk.run("fleet", "archives", *map(str, paths), FLEET_URL=fleet.url)
        assert asked.stdout.startswith("asked for 2 of 2")
        assert fleet.desk.run("fleet", "archives", str(paths[0]), FLEET_URL=fleet.url).stdout.startswith("asked for 0 of 1")
        consumer = fleet.begin("start", FLEET_AHEAD="0")
        fleet.begin("work", "--only", "archives")
        done = "SELECT count(*) AS done FROM archives WHERE finished_at IS NOT NULL"
        until(lambda: fleet.desk.rows(done)[0]["done"] == 2)
        filed = {row["url"] for row in fleet.desk.rows("SELECT url FROM articles WHERE relation != 'seed'")}
        assert filed == set(STORY)
        until(lambda: not list(fleet.client.scan_iter("nachlese:asked:*")))
        assert "articles  0 wait, 1 SET ASIDE" in fleet.status()
        again = fleet.desk.run("fleet", "archives", "-", FLEET_URL=fleet.url, given="\n".join(map(str, paths)))
        assert again.stdout.startswith("asked for 0 of 2")
        assert fleet.end(consumer) == 0
    assert "nonsense" not in fleet.said
    assert "a message that no version of this program sent" in fleet.said


@pytest.mark.parametrize("given", [("fleet",), ("fleet", "sleep"), ("fleet", "archives"), ("fleet", "status", "x")], ids=" ".join)
def test_a_fleet_that_is_asked_wrongly_says_how_it_is_done(desk: Desk, given: tuple[str, ...]) -> None:
    assert "start | work | archives FILE... | status" in desk.run(*given, code=2, FLEET_URL="redis://x").stdout


@pytest.mark.parametrize(("url", "said"), [("", "FLEET_URL is not set"), ("http://:secret@valkey", "FLEET_URL: ")])
def test_an_address_that_is_none_of_valkey_is_refused_without_its_password(desk: Desk, url: str, said: str) -> None:
    answer = desk.run("fleet", "status", code=2, FLEET_URL=url)
    assert said in answer.stderr
    assert "secret" not in answer.stderr


# --- what travels

NOW = datetime(2024, 11, 14, 8, tzinfo=UTC)
SOURCE = Source("taz", "feed", "https://taz.example/feed", timedelta(minutes=5))
ENTRY = Entry("https://taz.example/1", "taz", SOURCE.url, NOW, "Überschrift", published="gestern")
GAP = Gap(7, SOURCE, NOW, NOW, ("a",), ("b", "c"))
VERDICT = Verdict(ENTRY.url, "page", "failed", "HTTP 500", NOW, 0.25, NOW)
ITEMS: list[Item | End] = [
    ENTRY, VERDICT, Look(ENTRY.url, NOW, "gone", "HTTP 410"), Progress("a.warc", 17, False, NOW),
    Backfill(GAP, NOW, "archive", "all", True),
    Fetch(SOURCE, NOW, "ok", 200, entries=(ENTRY,), verdicts=(VERDICT,), rest=timedelta(hours=1), skip_hours=frozenset({3})),
    End("taz", ("taz",), "sound", sound=True),
]  # fmt: skip
KNOWN = Known(
    keys_of([ENTRY.url]), (ENTRY,), frozenset({"x"}), {"a.warc": -1}, {SOURCE.url: Health(SOURCE.url, "taz", every=timedelta(1))},
    (Revisit(ENTRY, '"x"'),), (GAP,), keys_of([f"{ENTRY.url}/2"]),
)  # fmt: skip


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: type(item).__name__)
def test_what_travels_arrives_as_it_was(item: Item | End) -> None:
    part = Part("1", "feeds", "sha", item)
    assert unpack(pack(part)) == part


def test_a_page_that_was_read_elsewhere_arrives_as_it_was(story: Story) -> None:
    found = Page(STORY[0], STORY[0], 200, NOW, page(STORY[0]), outlet="tagesfunk", language="de", timezone="Europe/Berlin")
    part = Part("1", "feeds", story.sha, reading(found, read(found, story), archive=True))
    assert unpack(pack(part)) == part


def test_a_task_takes_along_what_is_known_of_the_past() -> None:
    task = Task("1", "feeds", "taz", ("taz",), {"outlet": "taz"}, "story", "sources", KNOWN)
    assert unpack(pack(task)) == task
    assert unpack(pack(task)).known.decided(ENTRY.url)


def wrapped(raw: bytes) -> str:
    return base64.b64encode(zlib.compress(raw)).decode()


JUNK = {
    "nothing": "", "no base64": "nonsense", "no ascii": "ä", "empty": wrapped(b""), "a list": wrapped(b"[]"), "not packed": "eA==",
    "half a part": wrapped(b'{"crawl": 1}'), "a bomb": wrapped(b" " * (257 * 1024**2)), "a number": 7,
}  # fmt: skip


@pytest.mark.parametrize("message", JUNK.values(), ids=JUNK)
def test_what_is_no_parcel_is_refused(message: Any) -> None:
    with pytest.raises(ParcelError):
        unpack(message)
