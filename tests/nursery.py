"""Commands of the project, each in a process of its own that begins where its imports are done: they take a second, forking none.

A process that has imported everything waits, and forks for each command that is asked for.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from crawler import settings

ROOT = Path(__file__).parent.parent
LONGEST = 200_000  # bytes of a command with its environment
OURS = ("crawler", "pipelines")
USED = (  # by them, when they are run
    "scrapy.cmdline", "scrapy.core.engine", "scrapy.core.scheduler", "scrapy.core.scraper", "scrapy.pipelines", "scrapy.squeues",
    "scrapy.statscollectors", "scrapy.spiderloader", "scrapy.resolver", "trafilatura", "twisted.internet.asyncioreactor",
)  # fmt: skip


class Running:
    """A command that was begun, like a `subprocess.Popen`. Its standard input, output and error are files: it never waits for
    somebody to read, and nobody waits for what it began itself."""

    def __init__(self, args: Sequence[str], ends: socket.socket, files: Sequence[IO[bytes]]) -> None:
        self.args, self.ends, self.files = args, ends, files
        self.pid = int(ends.recv(20))
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Its exit code, once it has one."""
        if self.returncode is None and select.select([self.ends], [], [], 0)[0]:
            self.returncode = int(self.ends.recv(20))
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code.

        Raises:
            subprocess.TimeoutExpired: when it takes longer; it runs on.
        """
        if self.returncode is None and not select.select([self.ends], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        code = self.poll()
        assert code is not None
        return code

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """What it printed and what it said, once it has ended; as `wait`."""
        self.wait(timeout)
        return _text(self.files[1]), self.said()

    def said(self) -> str:
        """What it has said until now, on its standard error."""
        return _text(self.files[2])

    def send_signal(self, number: int) -> None:
        """Tell it something, if it has not ended."""
        if self.poll() is None:
            os.kill(self.pid, number)


def _text(file: IO[bytes]) -> str:
    return os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0).decode().replace("\r\n", "\n")


class Nursery:
    """The side of the tests."""

    def __init__(self) -> None:
        self.door, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-m", "tests.nursery", str(other.fileno())]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, "PYTHONUTF8": "1"}, stdin=subprocess.DEVNULL, pass_fds=[other.fileno()]
        )
        other.close()

    def start(self, args: Sequence[str], environment: dict[str, str], given: str) -> Running:
        """Begin `scrapy …` with this on its standard input."""
        asked = json.dumps([list(args), environment]).encode()
        assert len(asked) < LONGEST
        files = [tempfile.TemporaryFile() for _ in range(3)]  # noqa: SIM115 they are read as long as somebody has the command
        ours, ends = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with ends:
            files[0].write(given.encode())
            files[0].seek(0)
            socket.send_fds(self.door, [asked], [*(file.fileno() for file in files), ends.fileno()])
        return Running(args, ours, files)


_nurseries: list[Nursery] = []


def start(args: Sequence[str], environment: dict[str, str], given: str = "") -> Running:
    """Begin `scrapy …`, in the nursery of this process; the first command begins it."""
    if not _nurseries:
        _nurseries.append(Nursery())
    return _nurseries[0].start(args, environment, given)


def run(args: Sequence[str], environment: dict[str, str], within: float = 120, given: str = "") -> subprocess.CompletedProcess[str]:
    """Run `scrapy …` to its end.

    Raises:
        TimeoutError: when it takes longer; it is ended.
    """
    running = start(args, environment, given)
    try:
        said = running.communicate(within)
    except subprocess.TimeoutExpired:
        running.send_signal(signal.SIGKILL)
        out, err = running.communicate()
        raise TimeoutError(f"scrapy {' '.join(args)}: more than {within:g} s\n{out}\n{err}") from None
    return subprocess.CompletedProcess(args, running.wait(), *said)


# --- the other side


def load() -> None:
    """Import what commands do, and nothing that begins to work when it is imported."""
    for name in OURS:
        package = importlib.import_module(name)
        for module in pkgutil.walk_packages(package.__path__, f"{name}."):
            importlib.import_module(module.name)
    middle = {**settings.DOWNLOADER_MIDDLEWARES_BASE, **settings.EXTENSIONS_BASE}
    for name in (*USED, *(path.rpartition(".")[0] for path in middle)):
        importlib.import_module(name)
    assert "twisted.internet.reactor" not in sys.modules
    gc.freeze()


def serve(door: socket.socket) -> list[str]:
    """Fork for each command and say how it ended to who asked for it. Returns in the child alone, with its arguments."""
    running: dict[int, tuple[int, socket.socket]] = {}
    while True:
        for ready in select.select([door.fileno(), *running], [], [])[0]:
            if ready != door.fileno():
                child, asker = running.pop(ready)
                os.close(ready)
                with asker, suppress(BrokenPipeError):  # who asked may be gone
                    asker.send(str(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])).encode())
            else:
                asked, files, _, _ = socket.recv_fds(door, LONGEST, 4)
                if not asked:
                    os._exit(0)
                child = os.fork()
                if not child:
                    door.close()
                    return _begun(asked, files, running)
                asker = socket.socket(fileno=files.pop())
                asker.send(str(child).encode())
                running[os.pidfd_open(child)] = child, asker
                for file in files:
                    os.close(file)


def _begun(asked: bytes, files: Sequence[int], others: dict[int, tuple[int, socket.socket]]) -> list[str]:
    """Let this process be the command that was asked for; its arguments."""
    args, environment = json.loads(asked)
    os.environ.clear()
    os.environ.update(environment)
    for file, standard in zip(files, (0, 1, 2), strict=False):
        os.dup2(file, standard)
    for file in (*files, *others):
        os.close(file)
    for _, asker in others.values():
        asker.close()
    return ["scrapy", *args]


if __name__ == "__main__":
    load()
    sys.argv = serve(socket.socket(fileno=int(sys.argv[1])))
    from scrapy.cmdline import execute

    execute()
