"""What a process that reads pages may take, and hostile pages: each costs at most itself, and is refused within a second."""

from __future__ import annotations

import asyncio
import fcntl
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipelines.article import Article, Page, Reading, Verdict
from pipelines.markup import MAX_ATTRIBUTES, tree_of
from pipelines.read import ReadPipeline, read
from pipelines.story import Story
from pipelines.worker import GIVING_WAY, PIPE, nursery
from tests.conftest import ROOT
from tests.processes import runs
from tests.test_read import ARTICLE, page

ROOMY = 64 * 2**20  # bytes: enough for an article, too little for the largest pages
TITLE = b"<title>Nordkorea liefert Russland Munition</title><h1>Nordkorea liefert Russland Munition</h1>"
TEXT = b"".join(
    f"<p>Nordkorea hat Russland im {n}. Monat Granaten geliefert, teilten Behörden mit. Moskau verlud {n}00 Kisten.</p>".encode()
    for n in range(1, 9)
)
FULL = TITLE + TEXT
NO_TEXT = {  # what is in the page, and the beginning of the reason
    "nested 300 deep": (TITLE + b"<div>" * 300 + TEXT, "the page nests more than 256 elements"),
    "nested 10,000 deep": (TITLE + b"<div>" * 10_000 + TEXT + b"</div>" * 10_000, "the page nests more than 256 elements"),
    "nested tables": (FULL + b"<table><tr><td>" * 8000, "the page nests more than 256 elements"),
    "a tag of 1 MB": (FULL + b"<img src='" + b"x" * 1_000_000 + b"'>", "the page has a tag of more than 1,000,000 bytes"),
    "a tag without end": (FULL + b"<img src='" + b"x" * 1_000_001, "the page has a tag of more than 1,000,000 bytes"),
    "100,000 attributes": (
        FULL + b"<p " + b" ".join(b"a%d=1" % n for n in range(100_000)) + b">",
        "the page has a tag of more than 2,000 attributes",
    ),
    "100,000 attributes without values": (
        FULL + b"<p " + b"/".join(b"a%d" % n for n in range(100_000)) + b">",
        "the page has a tag of more than 2,000 attributes",
    ),
    "100,000 attributes behind > in quotes": (
        FULL + b"<p title='>' " + b" ".join(b"a%d=1" % n for n in range(100_000)) + b">",
        "the page has a tag of more than 2,000 attributes",
    ),
    "20,000 attributes behind < in quotes": (
        FULL + b"<p title='<' " + b" ".join(b"a%d" % n for n in range(20_000)) + b">",
        "the page has a tag of more than 2,000 attributes",
    ),
    "20,000 attributes after a quote that nothing closes": (
        b"<p>x='</p>" + FULL + b"<p " + b" ".join(b"a%d='>'" % n for n in range(20_000)) + b">",
        "the page has a tag of more than 2,000 attributes",
    ),
    "30,000 tags": (FULL + b"<br>" * 30_000, "the page has more than 25,000 tags"),
    "200,000 entities": (FULL + b"&amp;" * 200_000, "the page has more than 100,000 entities"),
    "5 MB": (FULL + b"x" * 5_000_000, "the page has more than 4,500,000 characters"),
    "a line of 2 MB": (TITLE + b"<p>" + b"Nordkorea liefert Munition. " * 70_000, "the page has a line of more than 100,000 characters"),
    "a line of 200 kB behind a tag": (FULL + b"<br>" + b"Nordkorea " * 20_000, "the page has a line of more than 100,000 characters"),
    "a headline of 1 MB": (b"<h1>" + b"Nordkorea Russland " * 55_000 + b"</h1>" + TEXT, "the page has a line of more than 100,000"),
}
READ = {
    "nothing odd": FULL,
    "nested 200 deep": TITLE + b"<div>" * 200 + TEXT,
    "NUL within words": FULL.replace(b"liefer", b"lie\0fer"),
    "4 MB of NUL": FULL + b"\0" * 4_000_000,
    "a DTD with entities": b'<!DOCTYPE html [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>' + FULL + b"<p>&b;</p>",
    "an inlined image": FULL + b"<img src='" + b"x" * 900_000 + b"'>",
    "a script of 2 MB": FULL + b"<script>" + b"x" * 2_000_000 + b"</script>",
    "a comment of 2 MB": FULL + b"<!--" + b"x" * 2_000_000 + b"-->",
    "a tag of many words in quotes": FULL + b"<p title='" + b"a " * 10_000 + b"'>",
}


def quickly(story: Story, html: bytes) -> Article | Verdict:
    began = time.process_time()
    outcome = read(page(html), story)
    assert time.process_time() - began < 5  # unbounded, each takes minutes
    return outcome


@pytest.fixture(scope="module", autouse=True)
def warm(story: Story) -> None:
    """What a process loads with its first page is not the page's to pay."""
    read(page(ARTICLE), story)


@pytest.mark.parametrize("name", NO_TEXT)
def test_page_that_no_newsroom_serves_is_refused_within_a_second(story: Story, name: str) -> None:
    html, reason = NO_TEXT[name]
    outcome = quickly(story, html)
    assert isinstance(outcome, Verdict)
    assert outcome.verdict == "no_text"
    assert outcome.reason.startswith(reason)


@pytest.mark.parametrize("name", READ)
def test_page_that_is_only_odd_is_read_within_a_second(story: Story, name: str) -> None:
    outcome = quickly(story, READ[name])
    assert isinstance(outcome, Article)
    assert "Moskau verlud 800 Kisten" in outcome.text
    assert "\0" not in outcome.text + outcome.headline


def test_tag_of_as_many_attributes_as_are_allowed_has_a_tree() -> None:
    tag = "<p " + " ".join(f"a{n}=1" for n in range(MAX_ATTRIBUTES // 2 - 1)) + ">Nordkorea"
    assert not isinstance(tree_of(tag), str)


# --- workers


def through_worker(pages: list[bytes], **limits: float) -> list[Reading]:
    """What one worker after the other makes of pages."""
    given = {"timeout": 20.0, "memory": ROOMY} | limits
    pipeline = ReadPipeline(ROOT / "seeds" / "story.toml", 1, given["timeout"], archive=False, memory=int(given["memory"]))
    try:
        return [asyncio.run(one(pipeline, page(html))) for html in pages]
    finally:
        pipeline.close_spider()


async def one(pipeline: ReadPipeline, item: Page) -> Reading:
    found: Reading = await pipeline.process_item(item)
    return found


def test_page_that_takes_too_much_memory_costs_itself_alone() -> None:
    first, second = through_worker([b"ab " * 2_600_000 + b"Nordkorea", FULL])
    assert isinstance(first.outcome, Verdict)
    assert (first.outcome.verdict, first.outcome.reason) == ("failed", "reading took more than 64 MiB of memory")
    assert first.outcome.retry_at
    assert isinstance(second.outcome, Article)


def test_workers_give_way_to_the_crawl_s_own_process() -> None:
    before = {*multiprocessing.active_children()}  # a worker of another test may not have ended yet
    pipeline = ReadPipeline(ROOT / "seeds" / "story.toml", 1, 20, archive=False)
    try:
        asyncio.run(one(pipeline, page(FULL)))
        (worker,) = {*multiprocessing.active_children()} - before
        assert worker.pid
        mine, its = (os.getpriority(os.PRIO_PROCESS, pid) for pid in (0, worker.pid))
        assert its == min(19, mine + GIVING_WAY)
    finally:
        pipeline.close_spider()


def confined(program: str) -> subprocess.CompletedProcess[str]:
    """Run a few lines in a process that is confined."""
    head = "import os, resource, sys\nfrom pipelines.worker import confine, grant\n"
    return subprocess.run([sys.executable, "-c", head + program], cwd=ROOT, capture_output=True, text=True, timeout=30)


def test_worker_computes_no_longer_than_it_may_even_if_nobody_watches_it() -> None:
    began = time.monotonic()
    done = confined("sum(range(10**7))\ngrant(0.2)\nwhile True: pass")
    assert done.returncode == -signal.SIGXCPU
    assert time.monotonic() - began < 20


def test_each_page_has_its_own_time() -> None:
    assert (
        confined(
            "for _ in range(3):\n    grant(0.5)\n    before = sum(os.times()[:2])\n    while sum(os.times()[:2]) < before + 0.5: pass"
        ).returncode
        == 0
    )


def test_worker_dumps_no_core_and_what_it_prints_goes_nowhere() -> None:
    done = confined(
        "confine(2**29)\nassert resource.getrlimit(resource.RLIMIT_CORE)[0] == 0\n"
        "print('x' * 10**6); print('y' * 10**6, file=sys.stderr); os.write(2, b'z'); os.system('echo child')"
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_worker_s_memory_is_what_it_has_and_so_much_more() -> None:
    program = (
        "had = b'x' * 2**28\nconfine(2**27)\nmore = bytearray(2**26)\ntry:\n    bytearray(2**27)\nexcept MemoryError:\n    os._exit(7)"
    )
    assert confined(program).returncode == 7


def test_page_goes_through_a_pipe_whole() -> None:
    most = int(Path("/proc/sys/fs/pipe-max-size").read_text(encoding="ascii"))
    _, writer = nursery([]).Pipe(duplex=False)
    assert fcntl.fcntl(writer, fcntl.F_GETPIPE_SZ) == min(PIPE, most)


def test_workers_end_with_the_crawl_that_is_killed(tmp_path: Path) -> None:
    program = (
        "import asyncio, multiprocessing, os, signal\nfrom pathlib import Path\nfrom pipelines.read import ReadPipeline\n"
        "from tests.test_read import ARTICLE, page\nif __name__ == '__main__':\n"
        "    pipeline = ReadPipeline(Path('seeds/story.toml'), 2, 20, archive=False)\n"
        "    asyncio.run(pipeline.process_item(page(ARTICLE)))\n"
        "    print(*(child.pid for child in multiprocessing.active_children()), flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    script = tmp_path / "killed.py"
    script.write_text(program, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script)], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True, timeout=60
    )
    workers = [Path(f"/proc/{pid}") for pid in done.stdout.split()]
    assert len(workers) == 2
    until = time.monotonic() + 10
    while any(map(runs, workers)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(map(runs, workers))


def test_workers_import_neither_scrapy_nor_the_script_that_began_the_crawl(tmp_path: Path) -> None:
    program = (
        "import asyncio, sys\nfrom pathlib import Path\nfrom pipelines.read import ReadPipeline\n"
        "from tests.test_read import ARTICLE, page\nwith Path(sys.argv[1]).open('a') as log:\n    log.write(__name__ + ' ')\n"
        "if __name__ == '__main__':\n"
        "    pipeline = ReadPipeline(Path('seeds/story.toml'), 2, 20, archive=False)\n"
        "    asyncio.run(pipeline.process_item(page(ARTICLE)))\n    pipeline.close_spider()\n"
    )
    script, log = tmp_path / "began.py", tmp_path / "log"
    script.write_text(program, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, str(script), str(log)], cwd=ROOT, env=environment, timeout=60, check=True)
    assert log.read_text(encoding="utf-8").split() == ["__main__"]
    imported = "import sys, trafilatura, pipelines.verdict, pipelines.read; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", imported], cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=60, check=True)
    assert not {"scrapy", "twisted", "sqlite_utils", "numpy"} & set(done.stdout.split())
