"""`datasette folder/` as a test asks it: the project's own configuration over databases of the test."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import httpx
import pytest
from itsdangerous import URLSafeSerializer

from tests.conftest import ROOT

DATA = ROOT / "data"
SECRET = "signs the cookies of the tests"  # noqa: S105


def logged_in(actor: str = "root") -> dict[str, str]:
    """The cookie of someone who has logged in."""
    return {"ds_actor": URLSafeSerializer(SECRET, "actor").dumps({"a": {"id": actor}})}


@contextmanager
def served(folder: Path, actor: str | None = "root", options: tuple[str, ...] = (), **environment: str) -> Iterator[httpx.Client]:
    """`datasette folder/` on a free port, with a client that asks it, logged in as `actor` or as nobody.

    What the folder has of its own of metadata.yaml, settings.json and the other parts of a configuration counts; the rest is
    the project's. `folder/log` is what the server said.
    """
    for name in ("metadata.yaml", "settings.json"):
        if not (folder / name).exists():
            shutil.copy(DATA / name, folder)
    for name in ("plugins", "templates", "static"):
        if (DATA / name).exists() and not (folder / name).exists():
            (folder / name).symlink_to(DATA / name)
    (port,) = free_ports(1)
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "datasette", str(folder), "--port", str(port), *options],
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, "DATASETTE_SECRET": SECRET, **environment},
        )
    try:
        _wait(process, port, folder / "log")
        cookies = logged_in(actor) if actor else None
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False, cookies=cookies) as client:
            yield client
    finally:
        process.terminate()
        process.wait(20)


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nobody listens on."""
    with ExitStack() as held:
        free = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in free:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in free]


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _ in range(1200):
        assert process.poll() is None, log.read_text()
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail(f"datasette does not answer:\n{log.read_text()}")


def copy(database: Path, target: sqlite3.Connection) -> None:
    """A copy of a database, with what still stands in its write-ahead log."""
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as source:
        source.backup(target)
