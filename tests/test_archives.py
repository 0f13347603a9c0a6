"""Archives, read by the real command from disk and by URL: resumed, killed, cut, damaged."""

from __future__ import annotations

import gzip
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from crawler.locks import Locks
from crawler.spiders.archives import COMMON_CRAWL, located
from pipelines.address import public_id
from tests.conftest import Desk
from tests.internet import Answer, Internet
from tests.warcs import STORY, WHEN, Made, page, starts, told, warc, weather

BUCKET = "http://data.example/crawl-data/news.warc.gz"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """An archive of four pages on the story among others, junk between them."""
    junk = [told(STORY[0], status="404 Not Found"), told(STORY[0], at="1970-01-01T00:00:00Z"), told(STORY[0], kind="revisit")]
    far = [told(STORY[1], at="2999-01-01T00:00:00Z"), Made("mailto:x@y.example", page(STORY[0])), Made("http://[broken", page(STORY[0]))]
    path = tmp_path / "news.warc.gz"
    path.write_bytes(warc([*junk, *far, *weather(5), *(told(url) for url in STORY), *weather(5)]))
    return path


def filed(desk: Desk) -> set[str]:
    return {row["url"] for row in desk.rows("SELECT url FROM verdicts WHERE verdict = 'filed'")}


def progress(desk: Desk) -> list[tuple[str, int, bool]]:
    return [tuple(row) for row in desk.rows("SELECT path, position, finished_at IS NOT NULL FROM archives")]


def test_pages_on_the_story_are_filed_as_of_the_record_s_date_and_no_other_is_listed(desk: Desk, internet: Internet, file: Path) -> None:
    done = desk.run("crawl", "archives", "-a", f"file={file}")
    assert done.stderr.strip().endswith("nachlese: archives: sound")
    assert filed(desk) == set(STORY)
    assert {row["url"] for row in desk.rows("SELECT url FROM entries WHERE source IS NULL")} == set(STORY)
    rows = desk.rows("SELECT DISTINCT outlet, fetched_at, first_listed_at FROM articles WHERE outlet IS NOT NULL")
    assert [tuple(row) for row in rows] == [("tagesfunk", WHEN, WHEN)]
    assert progress(desk) == [(str(file), file.stat().st_size, True)]
    assert internet.asked == []


def test_archive_gives_the_same_articles_as_the_live_pages(desk: Desk, internet: Internet, file: Path, tmp_path: Path) -> None:
    live = Desk(tmp_path / "live" / "news.db", internet.proxy)
    live.run("crawl", "pages", "-a", f"url={' '.join(STORY)}")
    desk.run("crawl", "archives", "-a", f"file={file}")
    assert desk.content() == live.content()


def test_finished_archive_is_skipped_and_read_again_only_when_asked_to(desk: Desk, file: Path) -> None:
    desk.run("crawl", "archives", "-a", f"file={file}")
    before = desk.rows("SELECT count(*) AS n FROM decisions")[0]["n"]
    done = desk.run("crawl", "archives", "-a", f"file={file}", LOG_LEVEL="INFO")
    assert "read to its end by an earlier run" in done.stderr
    done = desk.run("crawl", "archives", "-a", f"file={file}", "-a", "again=1", LOG_LEVEL="INFO")
    assert "20 records from byte 0, 0 pages that could be the story" in done.stderr
    assert desk.rows("SELECT count(*) AS n FROM decisions")[0]["n"] == before


def test_archive_of_which_more_comes_is_resumed_at_the_record_where_it_broke_off(desk: Desk, file: Path) -> None:
    raw = file.read_bytes()
    third = starts(raw)[13]
    file.write_bytes(raw[: third + 500])
    done = desk.run("crawl", "archives", "-a", f"file={file}", code=69)
    assert f"{file}: byte {third}: " in done.stderr
    assert filed(desk) == set(STORY[:2])
    assert progress(desk) == [(str(file), third, False)]
    file.write_bytes(raw)
    done = desk.run("crawl", "archives", "-a", f"file={file}", LOG_LEVEL="INFO")
    assert f"7 records from byte {third}, 2 pages" in done.stderr
    assert filed(desk) == set(STORY)
    assert progress(desk) == [(str(file), len(raw), True)]


def test_damage_in_the_middle_is_told_and_the_rest_is_read(desk: Desk, file: Path, tmp_path: Path) -> None:
    raw = file.read_bytes()
    begins = starts(raw)
    file.write_bytes(raw[: begins[7]] + b"\0" * 100 + raw[begins[7] + 100 :])
    sound = tmp_path / "sound.warc"
    sound.write_bytes(warc(weather(2), gzipped=False))
    done = desk.run("crawl", "archives", "-a", f"file={file} {sound}")
    assert f"{file}: byte " in done.stderr
    assert done.stderr.strip().endswith("nachlese: archives: sound, but 1 of 2 sources failed")
    assert filed(desk) == set(STORY)
    assert {finished for _, _, finished in progress(desk)} == {True}


def test_killed_run_is_resumed_where_all_before_was_filed(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "long.warc.gz"
    path.write_bytes(warc([told(STORY[0]), *weather(3000), told(STORY[1]), *weather(3000), told(STORY[2])]))
    process = desk.start("crawl", "archives", "-a", f"file={path}")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None and not (desk.database.exists() and marks(desk)):
        pass
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    ((_, position, finished),) = progress(desk)
    assert position in starts(path.read_bytes())
    assert STORY[0] in filed(desk)
    if not finished:
        desk.run("crawl", "archives", "-a", f"file={path}")
    assert filed(desk) == set(STORY[:3])


def marks(desk: Desk) -> bool:
    return bool(desk.rows("SELECT 1 FROM sqlite_master WHERE name = 'archives'")) and bool(progress(desk))


@pytest.mark.parametrize(
    ("option", "found"), [("outlet=ticker24", 0), ("outlet=tagesfunk", 4), ("since=2024-12-01", 0), ("since=2024-01-01", 4)]
)
def test_run_that_looks_at_some_pages_only_leaves_no_progress(desk: Desk, file: Path, option: str, found: int) -> None:
    desk.run("crawl", "archives", "-a", f"file={file}", "-a", option)
    assert len(filed(desk)) == found
    assert progress(desk) == []


def test_archive_that_another_run_reads_is_left_to_it(desk: Desk, file: Path) -> None:
    other_run = Locks(desk.database.parent / "locks")
    assert other_run.take(f"archive-{public_id(str(file))}-{str(file)[-60:]}")
    desk.run("crawl", "archives", "-a", f"file={file}", code=75)
    assert progress(desk) == []


@pytest.mark.parametrize("options", [(), ("-a", "file=/nowhere.warc.gz"), ("-a", "list=/nowhere.paths"), ("-a", "file= ")])
def test_run_without_an_archive_to_read_ends_with_a_sentence(desk: Desk, options: tuple[str, ...]) -> None:
    done = desk.run("crawl", "archives", *options, code=2)
    assert "nowhere" in done.stderr or "-a file=" in done.stderr
    assert "Traceback" not in done.stderr


# --- by URL


def ranged(raw: bytes, asked: list[str]) -> Callable[[str, dict[str, str]], Answer]:
    def serve(url: str, headers: dict[str, str]) -> Answer:
        asked.append(headers.get("range", ""))
        start = int(asked[-1].removeprefix("bytes=").rstrip("-") or 0)
        said = {"Content-Range": f"bytes {start}-{len(raw) - 1}/{len(raw)}"}
        return Answer(206, raw[start:], said) if start else Answer(200, raw)

    return serve


def test_archive_by_url_is_read_and_the_rest_alone_is_fetched_by_the_next_run(desk: Desk, internet: Internet, file: Path) -> None:
    raw, asked = file.read_bytes(), list[str]()
    third = starts(raw)[13]
    internet.routes[BUCKET] = lambda url, headers: Answer(200, raw[: third + 500])
    desk.run("crawl", "archives", "-a", f"file={BUCKET}", code=69)
    assert progress(desk) == [(BUCKET, third, False)]
    internet.routes[BUCKET] = ranged(raw, asked)
    desk.run("crawl", "archives", "-a", f"file={BUCKET}")
    assert asked == [f"bytes={third}-"]
    assert filed(desk) == set(STORY)
    assert progress(desk) == [(BUCKET, len(raw), True)]
    assert internet.agents == {"Nachlese/0.1.0 (+https://nachlese.example/tests)"}
    assert not [path.name for path in desk.database.parent.iterdir() if path.name.startswith("tmp")]


def test_server_that_knows_no_ranges_sends_it_all_again(desk: Desk, internet: Internet, file: Path) -> None:
    raw = file.read_bytes()
    third = starts(raw)[13]
    for body in (raw[: third + 500], raw):
        internet.routes[BUCKET] = lambda url, headers, body=body: Answer(200, body)  # type: ignore[misc]
        desk.run("crawl", "archives", "-a", f"file={BUCKET}", code=0 if body is raw else 69)
    assert filed(desk) == set(STORY)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (Answer(404), "404"),
        (Answer(503), "503"),
        (Answer(302, headers={"Location": "file:///etc/passwd"}), "file"),
        (Answer(200, b"<html>no archive"), "byte 0"),
        (Answer(200, b"x" * 200_000), "ARCHIVE_MAXSIZE"),
    ],
    ids=["404", "503", "redirect to a file", "no archive", "too large"],
)
def test_archive_that_is_not_to_be_had_fails_with_a_reason(desk: Desk, internet: Internet, answer: Answer, says: str) -> None:
    internet.routes[BUCKET] = lambda url, headers: answer
    done = desk.run("crawl", "archives", "-a", f"file={BUCKET}", code=69, ARCHIVE_MAXSIZE="100000")
    assert says in next(line for line in done.stderr.splitlines() if BUCKET in line)
    assert "Traceback" not in done.stderr
    assert not [row for row in progress(desk) if row[2]]


@pytest.mark.parametrize("zipped", [True, False])
def test_list_of_a_month_names_archives_relative_to_its_base(desk: Desk, internet: Internet, file: Path, zipped: bool) -> None:
    lines = b"news.warc.gz\n\nhttp://elsewhere.example/x.warc.gz\n../../etc/x.warc\n"
    internet.routes["http://data.example/month/warc.paths"] = lambda url, headers: Answer(200, gzip.compress(lines) if zipped else lines)
    internet.routes[BUCKET] = lambda url, headers: Answer(200, file.read_bytes())
    desk.run("crawl", "archives", "-a", "list=http://data.example/month/warc.paths", "-a", "base=http://data.example/crawl-data")
    assert filed(desk) == set(STORY)
    assert not [url for url in internet.asked if "elsewhere" in url]


def test_list_that_cannot_be_had_is_a_failed_source(desk: Desk, internet: Internet) -> None:
    assert "404" in desk.run("crawl", "archives", "-a", "list=http://data.example/warc.paths", code=69).stderr


@pytest.mark.parametrize(
    ("line", "base", "where"),
    [
        ("crawl-data/a.warc.gz", COMMON_CRAWL, f"{COMMON_CRAWL}crawl-data/a.warc.gz"),
        (f"{COMMON_CRAWL}a.warc.gz", COMMON_CRAWL, f"{COMMON_CRAWL}a.warc.gz"),
        ("a.warc.gz", "https://mirror.example/news", "https://mirror.example/news/a.warc.gz"),
        ("//elsewhere.example/a.warc.gz", COMMON_CRAWL, None),
        ("file:///etc/passwd", COMMON_CRAWL, None),
        ("http://[x", COMMON_CRAWL, None),
        ("../a.warc.gz", "https://mirror.example/news/", None),
        ("a/b.warc.gz", "/srv/warc", "/srv/warc/a/b.warc.gz"),
        ("../b.warc.gz", "/srv/warc", None),
        ("/etc/passwd", "/srv/warc", None),
        ("http://elsewhere.example/a", "/srv/warc", None),
    ],
)
def test_line_of_a_list_leads_nowhere_but_under_its_base(line: str, base: str, where: str | None) -> None:
    assert located(line, base) == where
