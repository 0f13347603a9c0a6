"""What travels: a crawl that is asked for, with all it must know, and what it brings. As JSON, checked when it is unpacked: a
parcel can carry these values and nothing else, so a worker is trusted with no more than what it read."""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass
from typing import Any

from pydantic import ConfigDict, TypeAdapter

from pipelines.article import Backfill, Entry, Fetch, Look, Progress, Reading, Verdict
from pipelines.known import Known

Item = Reading | Fetch | Backfill | Verdict | Look | Progress | Entry
MOST = 256 * 1024**2  # bytes of a parcel, unpacked: a page has at most 8 MiB, an outlet's decided URLs 8 bytes each


class ParcelError(ValueError):
    """Something came that is no parcel: says what was found."""


@dataclass(frozen=True)
class Task:
    """A crawl that is asked for. `name` is whom no other crawl may ask meanwhile: an outlet, a host, an archive; `asked` are all
    names that are marked as asked for. `story` and `sources` are the files themselves: a worker has what the scheduler has."""

    crawl: str
    spider: str
    name: str
    asked: tuple[str, ...]
    arguments: dict[str, str]
    story: str
    sources: str
    known: Known


@dataclass(frozen=True)
class End:
    """The end of a crawl: `sentence` says how it went, `sound` whether what it was asked for is done."""

    name: str
    asked: tuple[str, ...]
    sentence: str
    sound: bool


@dataclass(frozen=True)
class Part:
    """Something that a crawl brought. `story` is the hash of the story it was read with."""

    crawl: str
    spider: str
    story: str
    content: Item | End


_PARCELS: TypeAdapter[Task | Part] = TypeAdapter(Task | Part, config=ConfigDict(ser_json_bytes="base64", val_json_bytes="base64"))


def pack(parcel: Task | Part) -> str:
    """A parcel as a message carries it."""
    return base64.b64encode(zlib.compress(_PARCELS.dump_json(parcel), 1)).decode("ascii")


def unpack(packed: str) -> Any:
    """A parcel out of a message.

    Raises:
        ParcelError: when it is none.
    """
    try:
        opened = zlib.decompressobj()
        raw = opened.decompress(base64.b64decode(packed, validate=True), MOST)
        if opened.unconsumed_tail:
            raise ParcelError(f"a message of more than {MOST:,} bytes")
        return _PARCELS.validate_json(raw)
    except (ValueError, TypeError, zlib.error) as error:
        raise ParcelError(f"a message that no version of this program sent, or another one: {str(error)[:300]}") from None
