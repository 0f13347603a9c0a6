"""A command of the nursery is a command: what it says, its code and what it leaves are those of one that the interpreter began."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests import nursery
from tests.conftest import Desk
from tests.internet import Internet

CRAWL = ("crawl", "feeds", "-a", "outlet=tagesfunk")


@pytest.mark.parametrize("args", [("sources",), ("export", "--since", "soon"), ("crawl", "nosuch"), ("--help",)])
def test_both_say_the_same_with_the_same_code(desk: Desk, args: tuple[str, ...]) -> None:
    process = desk.start(*args)
    out, err = process.communicate(timeout=60)
    done = desk.run(*args, code=process.returncode)
    assert (done.stdout, done.stderr) == (out, err)


@pytest.mark.parametrize("readers", ["0", "2"])
def test_both_leave_the_same(tmp_path: Path, internet: Internet, readers: str) -> None:
    one, other = (Desk(tmp_path / name / "news.db", internet.proxy, readers=readers) for name in ("one", "other"))
    process = one.start(*CRAWL)
    assert (process.communicate(timeout=60)[1], process.returncode) == (other.run(*CRAWL).stderr, 0)
    assert one.content() == other.content() != set()


def test_command_that_hangs_is_ended_and_the_next_one_runs(desk: Desk) -> None:
    with pytest.raises(TimeoutError, match=r"more than 0\.05 s"):
        nursery.run(["crawl", "feeds", "-s", f"DATABASE={desk.database}"], dict(os.environ), within=0.05)
    assert nursery.run(["version"], dict(os.environ)).stdout.startswith("Scrapy ")
