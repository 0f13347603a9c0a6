"""Addresses in the catalogue put right: nothing but the addresses changes, byte for byte."""

from __future__ import annotations

import shutil
import tempfile
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from crawler.sources import load_sources


def feasible(moves: Mapping[str, str], listed: Iterable[str]) -> tuple[dict[str, str], dict[str, str]]:
    """The moves that leave every address in the catalogue once, and those that would make two of one."""
    taken, good, clashing = set(listed), dict[str, str](), dict[str, str]()
    for old, new in moves.items():
        (clashing if new in taken else good)[old] = new
        taken.add(new)
    return good, clashing


def corrected(text: str, old: str, new: str) -> str | None:
    """The catalogue's text with one source's address replaced; None when it does not stand there as a plain string.

    The same address may stand in a comment, or as a home: the one place is right whose change changes that source alone.
    """
    wanted = _with(tomllib.loads(text), old, new)
    for quote in "\"'":
        place = -1
        while (place := text.find(f"{quote}{old}{quote}", place + 1)) >= 0:
            candidate = f"{text[: place + 1]}{new}{text[place + 1 + len(old) :]}"
            if _data(candidate) == wanted:
                return candidate
    return None


def write(path: Path, moves: Mapping[str, str]) -> list[str]:
    """Correct the catalogue file as it is now; gives the old addresses that were replaced.

    The file is replaced in one piece, and only by one that reads as a catalogue.

    Raises:
        CatalogueError: when the file, or what it would become, is none.
        OSError: when it cannot be written.
    """
    path = path.resolve()  # a link stays one
    text = path.read_bytes().decode()
    done: list[str] = []
    for old, new in moves.items():
        if changed := corrected(text, old, new):
            text = changed
            done.append(old)
    if done:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
            draft = Path(folder) / path.name
            draft.write_bytes(text.encode())
            load_sources(draft)
            shutil.copymode(path, draft)
            draft.replace(path)
    return done


def _data(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _with(catalogue: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    for block in catalogue.get("outlet", []):
        for key, value in block.items():
            if isinstance(value, list):  # its sources; a home is no list
                block[key] = [new if url == old else url for url in value]
    return catalogue
