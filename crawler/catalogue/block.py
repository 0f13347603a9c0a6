"""A discovery as a block for the catalogue: what was guessed says so, what was left out says why."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from crawler.catalogue.check import newest, shown
from crawler.catalogue.discover import Found, Listing, says_news
from crawler.catalogue.portrait import Portrait, Trait, as_listed, portrait
from crawler.command import printable
from crawler.sources import load_sources
from pipelines.article import Outlet

_COMMENTS = re.compile(r"(?i)/(?:comments?|kommentare?)(?:/|$|\.)")  # what readers write is no article


def folded(listings: Sequence[Listing]) -> list[Listing]:
    """The listings, those of one index as the index itself where all of them are news sitemaps: its files come and go."""
    made: dict[str, Listing] = {}
    for listing in listings:
        parts = [part for part in listings if part.index and part.index == listing.index]
        if len(parts) > 1 and all(part.entries and not _unfit(part, (), {}) for part in parts):
            entries = tuple(entry for part in parts for entry in part.entries)
            listing = Listing("news_sitemap", listing.index, f"named in robots.txt, an index of {len(parts)}", entries)
        made.setdefault(listing.url, listing)
    return list(made.values())


def sort_out(listings: Iterable[Listing], elsewhere: dict[str, str]) -> tuple[list[Listing], list[str]]:
    """The listings worth a place in the catalogue, and a line for each that is not.

    Args:
        elsewhere: sources of other outlets, URL to the outlet's id.
    """
    kept: list[Listing] = []
    left: list[str] = []
    for listing in listings:
        if any(listing.url == other.url for other in kept):
            continue  # a redirect led there
        if reason := _unfit(listing, kept, elsewhere):
            left.append(f"{listing.url}: {reason}")
        else:
            kept.append(listing)
    return kept, left


def _unfit(listing: Listing, kept: Sequence[Listing], elsewhere: dict[str, str]) -> str:
    """Why a listing is left out; empty when it is not."""
    urls = {entry.url for entry in listing.entries}
    same = (other.url for other in kept if other.kind == listing.kind and urls and urls == {entry.url for entry in other.entries})
    if listing.fault:
        return listing.fault
    if listing.kind == "feed" and _COMMENTS.search(urlsplit(listing.url).path):
        return "lists comments"
    if listing.kind == "news_sitemap" and urls and not any(entry.headline for entry in listing.entries):
        return f"is a plain sitemap: {len(urls)} addresses without headlines"
    if listing.kind == "news_sitemap" and not urls and not says_news(listing.url):
        return "is empty"
    if other := next(same, None):
        return f"lists the same as {other}"
    return f'stands in the catalogue already, at outlet "{elsewhere[listing.url]}"' if listing.url in elsewhere else ""


def listed_as(home: str, catalogue: Iterable[Outlet]) -> Outlet | None:
    """The catalogue's outlet at this home, if it has one."""
    return next((outlet for outlet in catalogue if _host(outlet.home) == _host(home)), None)


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def block(found: Found, catalogue: Sequence[Outlet], now: datetime) -> tuple[str, int]:
    """The block as TOML, and how many sources it has. Without any it is comments alone.

    Raises:
        CatalogueError: when the block is not one that the catalogue would take: a fault of this program.
    """
    already = listed_as(found.home, catalogue)
    others = [outlet for outlet in catalogue if outlet is not already]
    kept, left = sort_out(folded(found.listings), {source.url: outlet.id for outlet in others for source in outlet.sources})
    languages = (entry.language for listing in kept for entry in listing.entries)
    traits = as_listed(already) if already else portrait(found.page, found.home, languages, {outlet.id for outlet in others})
    lines = list(_head(found, traits, already)) if kept else []
    for key, kind in (("feeds", "feed"), ("news_sitemaps", "news_sitemap")):
        lines += _sources(key, [listing for listing in kept if listing.kind == kind], traits, now)
    lines += [_comment(f"left out: {line}") for line in [*left, *found.notes]]
    text = "".join(f"{line}\n" for line in lines)
    if kept:
        _validate(text)
    return text, len(kept)


def _head(found: Found, traits: Portrait, already: Outlet | None) -> Iterator[str]:
    if found.trouble:
        yield _comment(f"the front page {found.home} could not be read ({found.trouble}): the address alone speaks")
    if already:
        yield _comment(f'the catalogue has this outlet already, as "{already.id}": change that block, do not add a second one')
    yield "[[outlet]]"
    yield _pair("id", traits.id)
    yield _pair("name", traits.name)
    yield _pair("home", Trait(found.home))
    yield _pair("country", traits.country)
    yield _pair("language", traits.language)
    yield _pair("timezone", traits.timezone)
    yield _pair("scope", Trait(already.scope if already else "match"))


def _sources(key: str, listings: Sequence[Listing], traits: Portrait, now: datetime) -> Iterator[str]:
    if not listings:
        return
    yield f"{key} = ["
    for listing in listings:
        count, latest = (
            len(listing.entries),
            newest((entry.published for entry in listing.entries), timezone=traits.timezone.value, language=traits.language.value, now=now),
        )
        said = f"{count} entries, newest {shown(latest)}" if count else "empty at present"
        yield f"    {_quoted(listing.url)},  {_comment(f'{listing.how}; {said}')}"
    yield "]"


def _pair(key: str, trait: Trait) -> str:
    why = trait.why if trait.why.startswith("NOT") or not trait.why else f"guessed {trait.why}"
    return f"{key} = {_quoted(trait.value)}" + (f"  {_comment(why)}" if why else "")


def _quoted(text: str) -> str:
    """A TOML string; JSON's are the same once control characters are gone."""
    return json.dumps(printable(text), ensure_ascii=False)


def _comment(text: str) -> str:
    return f"# {printable(text)}"


def _validate(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "discovered.toml"
        file.write_text(text, encoding="utf-8")
        load_sources(file)
