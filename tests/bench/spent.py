"""What a command takes, with all processes it leaves behind: `python -m tests.bench.spent COMMAND…` prints seconds, CPU seconds, MB."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass

from tests.conftest import ROOT

ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")} | {"PYTHONUTF8": "1"}
_SUBREAPER = 36  # prctl(2): whoever loses its parent becomes a child of this process, and its time is counted here


@dataclass(frozen=True)
class Spent:
    """Seconds until a command ended, those that it and its processes computed, the most MB one of them had."""

    wall: float
    cpu: float
    mb: float


def spent(*command: str) -> Spent:
    """Run a Python command (`-m scrapy …`) to its end."""
    runner = [sys.executable, "-m", "tests.bench.spent", sys.executable, *command]
    done = subprocess.run(runner, cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: exit {done.returncode}")
    return Spent(*json.loads(done.stdout.splitlines()[-1]))


def main(command: list[str]) -> int:
    """Run it, wait for what it leaves behind, print."""
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    began = time.perf_counter()
    code = subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode
    wall = time.perf_counter() - began
    try:
        while True:
            os.wait()
    except ChildProcessError:  # none is left
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(json.dumps([wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
