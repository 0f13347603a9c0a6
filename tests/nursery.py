"""Commands of the project, each in a process of its own that begins where its imports are done: they take a second, forking none.

A process that has imported everything waits, and forks for each command that is asked for. `Desk.run` asks it; `Desk.start` and
tests with processes of their own begin with the interpreter.
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
import threading
from collections.abc import Sequence
from pathlib import Path

from crawler import settings

ROOT = Path(__file__).parent.parent
LONGEST = 200_000  # bytes of a command with its environment
OURS = ("crawler", "pipelines")
USED = (  # by them, when they are run
    "scrapy.cmdline", "scrapy.core.engine", "scrapy.core.scheduler", "scrapy.core.scraper", "scrapy.pipelines", "scrapy.squeues",
    "scrapy.statscollectors", "scrapy.spiderloader", "scrapy.resolver", "trafilatura", "twisted.internet.asyncioreactor",
)  # fmt: skip


class Nursery:
    """The side of the tests. One command at a time."""

    def __init__(self) -> None:
        self.door, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.turn = threading.Lock()
        command = [sys.executable, "-m", "tests.nursery", str(other.fileno())]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, "PYTHONUTF8": "1"}, stdin=subprocess.DEVNULL, pass_fds=[other.fileno()]
        )
        other.close()

    def run(self, args: Sequence[str], environment: dict[str, str], within: float) -> subprocess.CompletedProcess[str]:
        """Run `scrapy …` to its end.

        Raises:
            TimeoutError: when it takes longer; it is ended.
        """
        asked = json.dumps([list(args), environment]).encode()
        assert len(asked) < LONGEST
        with self.turn, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            socket.send_fds(self.door, [asked], [out.fileno(), err.fileno()])
            pid = int(self.door.recv(20))
            late = not select.select([self.door], [], [], within)[0]
            if late:
                os.kill(pid, signal.SIGKILL)
            code = int(self.door.recv(20))
            said = [_text(file.fileno()) for file in (out, err)]
        if late:
            raise TimeoutError(f"scrapy {' '.join(args)}: more than {within:g} s\n{said[0]}\n{said[1]}")
        return subprocess.CompletedProcess(args, code, *said)


def _text(file: int) -> str:
    return os.pread(file, os.fstat(file).st_size, 0).decode().replace("\r\n", "\n")


_nurseries: list[Nursery] = []


def run(args: Sequence[str], environment: dict[str, str], within: float = 120) -> subprocess.CompletedProcess[str]:
    """Run `scrapy …` to its end, in the nursery of this process; the first command begins it."""
    if not _nurseries:
        _nurseries.append(Nursery())
    return _nurseries[0].run(args, environment, within)


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
    """Fork for each command and say how it ended. Returns in the child alone, with its arguments."""
    while True:
        asked, files, _, _ = socket.recv_fds(door, LONGEST, 2)
        if not asked:
            os._exit(0)
        child = os.fork()
        if not child:
            door.close()
            args, environment = json.loads(asked)
            os.environ.clear()
            os.environ.update(environment)
            for file, standard in zip(files, (1, 2), strict=True):
                os.dup2(file, standard)
                os.close(file)
            return ["scrapy", *args]
        for file in files:
            os.close(file)
        door.send(str(child).encode())
        door.send(str(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])).encode())


if __name__ == "__main__":
    load()
    sys.argv = serve(socket.socket(fileno=int(sys.argv[1])))
    from scrapy.cmdline import execute

    execute()
