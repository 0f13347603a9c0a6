"""What is written aside first, and put where it belongs only when it is whole and on the disk."""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, cast

from crawler.command import BadUsageError, NotDoneError
from crawler.outcome import FAULT, LOCKED
from pipelines.store.backup import sync


class Spool:
    """`file` takes the bytes; `publish` puts them into a file, or on standard output (`-`). None: nowhere, they are only posted.

    Raises:
        BadUsageError: when the file cannot be written.
        NotDoneError: when another export is writing it.
    """

    def __init__(self, output: str | None) -> None:
        self.output = output
        target = Path(os.path.realpath(output)) if output not in (None, "-") else None
        self._stream = target is not None and target.exists() and not target.is_file() and not target.is_dir()  # a pipe, a device
        self._target = None if self._stream else target
        self._part = self._target.with_name(f".{self._target.name}.part") if self._target else None
        self._placed = False

    def __enter__(self) -> Self:
        try:
            self.file = self._open()
        except (OSError, ValueError) as error:
            raise self._refused(error) from None
        return self

    def _open(self) -> BinaryIO:
        if self._target is None or self._part is None:
            return cast(BinaryIO, tempfile.TemporaryFile())
        if self._target.is_dir():
            raise IsADirectoryError(21, "Is a directory")
        self._target.parent.mkdir(parents=True, exist_ok=True)
        file = os.fdopen(os.open(self._part, os.O_RDWR | os.O_CREAT, 0o666), "r+b")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            self._part = None  # it is the other's
            raise NotDoneError(LOCKED, f"-o {self.output}: another export is writing it") from None
        file.truncate(0)  # what a killed one left
        return cast(BinaryIO, file)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._part and not self._placed:
            with suppress(OSError):  # a folder that is none has no part either
                self._part.unlink(missing_ok=True)
        self.file.close()

    def publish(self) -> None:
        """Put everything written in its place. When this returns, a file is on the disk under its name."""
        try:
            self.file.flush()
            if self._target and self._part:
                os.fsync(self.file.fileno())
                self._part.replace(self._target)
                self._placed = True
                sync(self._target.parent)
            elif self._stream and self.output:
                with Path(self.output).open("wb") as stream:
                    self._copy(stream)
            elif self.output == "-":
                self._copy(sys.stdout.buffer)
        except BrokenPipeError:
            raise NotDoneError(FAULT, "who reads the output went away before its end") from None
        except OSError as error:
            raise self._refused(error) from None

    def _copy(self, stream: BinaryIO) -> None:
        self.file.seek(0)
        try:
            shutil.copyfileobj(self.file, stream)
            stream.flush()
        except BrokenPipeError:
            if stream is sys.stdout.buffer:  # or Python tries once more at its end, and complains
                os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            raise

    def _refused(self, error: Exception) -> BadUsageError:
        return BadUsageError(f"-o {self.output}: cannot be written ({getattr(error, 'strerror', None) or error})")
