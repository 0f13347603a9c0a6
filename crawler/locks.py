"""One outlet, one run: an advisory lock (flock) a host's politeness can rely on. It dies with its process."""

from __future__ import annotations

import fcntl
import os
import re
from pathlib import Path
from typing import IO


class Locks:
    """The locks a run holds, one file each in a folder beside the database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._held: dict[str, IO[str]] = {}

    def take(self, name: str) -> bool:
        """Take the lock of an outlet; False when another run has it."""
        if name in self._held:
            return True
        self.folder.mkdir(parents=True, exist_ok=True)
        file = (self.folder / f"{re.sub(r'[^a-z0-9.-]', '_', name.lower())}.lock").open("a")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        self._held[name] = file
        return True

    def release(self) -> None:
        """Let go of all."""
        for file in self._held.values():
            file.close()
        self._held.clear()
