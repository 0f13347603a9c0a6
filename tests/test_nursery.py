"""A command of the nursery is a command: what it says, its code and what it leaves are those of one that the interpreter began."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests import nursery
from tests.conftest import ROOT, Desk
from tests.internet import Internet

CRAWL = ("crawl", "feeds", "-a", "outlet=tagesfunk")


def interpreted(desk: Desk, *args: str) -> subprocess.CompletedProcess[str]:
    """`scrapy …` as the interpreter begins it."""
    command = [sys.executable, "-m", "scrapy", *desk.command(*args)]
    return subprocess.run(command, cwd=ROOT, env=desk.environment(), capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("args", [("sources",), ("export", "--since", "soon"), ("crawl", "nosuch"), ("--help",)])
def test_both_say_the_same_with_the_same_code(desk: Desk, args: tuple[str, ...]) -> None:
    by_itself = interpreted(desk, *args)
    done = desk.run(*args, code=by_itself.returncode)
    assert (done.stdout, done.stderr) == (by_itself.stdout, by_itself.stderr)


@pytest.mark.parametrize("readers", ["0", "2"])
def test_both_leave_the_same(tmp_path: Path, internet: Internet, readers: str) -> None:
    one, other = (Desk(tmp_path / name / "news.db", internet.proxy, readers=readers) for name in ("one", "other"))
    by_itself = interpreted(one, *CRAWL)
    assert (by_itself.stderr, by_itself.returncode) == (other.run(*CRAWL).stderr, 0)
    assert one.content() == other.content() != set()


def test_command_that_hangs_is_ended_and_the_next_one_runs(desk: Desk) -> None:
    with pytest.raises(TimeoutError, match=r"more than 0\.05 s"):
        nursery.run(["crawl", "feeds", "-s", f"DATABASE={desk.database}"], dict(os.environ), within=0.05)
    assert nursery.run(["version"], dict(os.environ)).stdout.startswith("Scrapy ")


def test_commands_run_side_by_side_and_each_is_told_apart(desk: Desk) -> None:
    slow, quick = desk.start("crawl", "feeds"), desk.start("version")
    assert quick.wait(30) == 0
    assert quick.communicate()[0].startswith("Scrapy ")
    assert slow.poll() is None
    slow.send_signal(signal.SIGKILL)
    assert slow.wait(30) == -signal.SIGKILL
    slow.send_signal(signal.SIGKILL)  # it is nobody any more: nobody is hit
    with pytest.raises(subprocess.TimeoutExpired):
        desk.start("crawl", "feeds").communicate(timeout=0.05)
