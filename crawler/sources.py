"""The catalogue: reads and checks `sources.toml`. An error names file, outlet, key and what was found."""

from __future__ import annotations

import re
import tomllib
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipelines.article import Outlet, Source, SourceKind
from pipelines.story import explain, time_zone
from pipelines.text import one_line


class CatalogueError(ValueError):
    """The catalogue is wrong; one line a fault."""


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in text
    except ValueError:  # https://[abend
        sound = False
    if sound and parts.netloc != parts.netloc.rpartition("@")[2]:
        raise ValueError(f"a URL of {parts.hostname} has a user name or password in it; leave them out")
    if not sound:
        raise ValueError(f'"{text}" is not an http(s) URL')
    return text


def _slug(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", text):
        raise ValueError(f'"{text}" is not an id; use small letters, digits and hyphens')
    return text


_UNITS = {"m": 60, "h": 3600, "d": 86_400}


def _span(text: str) -> str:
    if not re.fullmatch(r"[1-9]\d{0,3}[mhd]", text):
        raise ValueError(f'"{text}" is no interval; give minutes, hours or days, such as 15m, 2h, 1d')
    return text


def _seconds(span: str) -> int:
    return int(span[:-1]) * _UNITS[span[-1]]


Url = Annotated[str, AfterValidator(_url)]
_KINDS: dict[str, SourceKind] = {"feeds": "feed", "news_sitemaps": "news_sitemap", "sitemaps": "sitemap", "pages": "page"}


class _Block(BaseModel):
    """One `[[outlet]]` block as written."""

    model_config = ConfigDict(extra="forbid")

    id: Annotated[str, AfterValidator(_slug)]
    name: Annotated[str, AfterValidator(one_line), Field(min_length=1)]
    home: Url
    country: str = Field(pattern=r"^[A-Z]{2}$")
    language: str = Field(pattern=r"^[a-z]{2}$")
    timezone: Annotated[str, AfterValidator(time_zone)]
    scope: Literal["match", "all"] = "match"
    every: Annotated[str, AfterValidator(_span)] | None = None
    feeds: list[Url] = []
    news_sitemaps: list[Url] = []
    sitemaps: list[Url] = []
    pages: list[Url] = []

    @model_validator(mode="after")
    def _lists_somewhere(self) -> _Block:
        if not any(getattr(self, key) for key in _KINDS):
            raise ValueError(f"has no source; give at least one of {', '.join(_KINDS)}")
        return self

    def outlet(self) -> Outlet:
        """The outlet as the rest of the house knows it."""
        every = timedelta(seconds=_seconds(self.every)) if self.every else None
        sources = tuple(Source(self.id, kind, url, every) for key, kind in _KINDS.items() for url in getattr(self, key))
        return Outlet(self.id, self.name, self.home, self.country, self.language, self.timezone, self.scope, sources)


def load_sources(path: Path | str) -> list[Outlet]:
    """Read the catalogue.

    Raises:
        CatalogueError: naming, for every fault, file, outlet, key and what was found.
    """
    try:
        return list(_outlets(Path(path).read_bytes(), Path(path)))
    except OSError as error:
        raise CatalogueError(f"{path}: cannot be read ({error.strerror}); set SOURCES to a catalogue") from None


@lru_cache(maxsize=4)  # a run asks for it three times
def _outlets(raw: bytes, path: Path) -> tuple[Outlet, ...]:
    try:
        blocks = tomllib.loads(raw.decode("utf-8")).get("outlet", [])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{path}: is not TOML: {error}") from None
    if not isinstance(blocks, list) or not blocks:
        raise CatalogueError(f"{path}: lists no outlet; add a block that begins with [[outlet]]")
    outlets: list[Outlet] = []
    faults: list[str] = []
    for number, block in enumerate(blocks, 1):
        try:
            outlets.append(_Block.model_validate(block).outlet())
        except ValidationError as error:
            faults += [f"{path}: outlet {_label(block, number)}: {line}" for line in explain(error)]
    faults += [f"{path}: {line}" for line in _twice(outlets)]
    if faults:
        raise CatalogueError("\n".join(faults))
    return tuple(outlets)


def _label(block: Any, number: int) -> str:
    name = block.get("id") if isinstance(block, dict) else None
    return f'"{name}"' if name else f"number {number}"


def _twice(outlets: list[Outlet]) -> list[str]:
    """Ids and URLs that stand in the catalogue more than once."""
    seen: dict[str, str] = {}
    faults = []
    for outlet in outlets:
        for what, name in [(f'the id "{outlet.id}"', outlet.id), *((source.url, source.url) for source in outlet.sources)]:
            if name in seen:
                faults.append(f'outlet "{outlet.id}": {what} stands already at outlet "{seen[name]}"')
            seen.setdefault(name, outlet.id)
    return faults
