"""A publisher as its front page shows it: name, country, language, time zone, each with what it was taken from."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from crawler.catalogue.countries import ZONES, country_of_host, language_of, region_of
from pipelines.address import registered_domain
from pipelines.article import Outlet
from pipelines.text import one_line

MAX_NAME = 80  # characters; a longer name is a slogan. The longest in the catalogue has 34
_PARTS = re.compile(r"\s*[|·•»]\s*|\s+[-–—]\s+|:\s+")
_SPELLED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe", "ł": "l", "'": "", "’": ""})


@dataclass(frozen=True, slots=True)
class Trait:
    """One fact. `why` is empty when the page states it, and otherwise says from what it was guessed."""

    value: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Portrait:
    """What a block of the catalogue says of an outlet beside its sources."""

    id: Trait
    name: Trait
    country: Trait
    language: Trait
    timezone: Trait


def portrait(page: HtmlElement | None, home: str, listed: Iterable[str] = (), taken: Collection[str] = ()) -> Portrait:
    """What a front page shows of its publisher.

    Args:
        page: the tree of the page at `home`; None when there is none, then only the address speaks.
        listed: the languages that its listings' entries declare.
        taken: ids that are another outlet's.
    """
    host = urlsplit(home).hostname or ""
    name = _name(page, host)
    tags = _tags(page)
    country = _country(host, tags)
    return Portrait(_id(name.value, host, taken), name, country, _language(tags, list(listed)), _timezone(country.value))


def as_listed(outlet: Outlet) -> Portrait:
    """What the catalogue says of an outlet that it has already."""
    said = (outlet.id, outlet.name, outlet.country, outlet.language, outlet.timezone)
    return Portrait(*(Trait(value) for value in said))


def slug(name: str) -> str:
    """A name as an id; empty when its letters are not Latin.

    >>> slug("Börsen-Zeitung")
    'boersen-zeitung'
    """
    plain = unicodedata.normalize("NFKD", name.lower().translate(_SPELLED))
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    if any(letter.isalpha() and not letter.isascii() for letter in bare):
        return ""
    return "-".join(re.findall("[a-z0-9]+", bare))


def _id(name: str, host: str, taken: Collection[str]) -> Trait:
    label = slug(_label(host)) or "outlet"
    named = "" if name == registered_domain(host) else slug(name)
    wanted = [made for made in (named, label, slug(registered_domain(host))) if made]
    free = next((made for made in wanted if made not in taken), wanted[-1])
    return Trait(free, f"from the {'name' if free == named else 'address'}; permanent once articles are stored")


def _label(host: str) -> str:
    return registered_domain(host).partition(".")[0] if re.search("[a-z]$", host) else host  # or an IP address


def _name(page: HtmlElement | None, host: str) -> Trait:
    if said := _meta(page, "og:site_name"):
        return Trait(said[:MAX_NAME])
    title = one_line(" ".join(page.xpath("//head/title[1]//text()")))[:1000] if page is not None else ""
    for part in _PARTS.split(title):
        # Of "Nachrichten aus Österreich - derStandard.at" the part that is also in the address.
        mark, label = slug(part).replace("-", ""), slug(_label(host)).replace("-", "")
        if mark and len(part) <= MAX_NAME and (mark in label or label in mark) and len(mark) * 2 >= len(label):
            return Trait(part, f"from the title {title[:MAX_NAME]!r}")
    why = f"the title is {title[:MAX_NAME]!r}" if title else "the page has no title"
    return Trait(registered_domain(host), f"from the address; {why}")


def _tags(page: HtmlElement | None) -> list[str]:
    """The page's language tags, the most trustworthy first."""
    if page is None:
        return []
    root = page.getroottree().getroot()
    return [tag for tag in (root.get("lang"), root.get("xml:lang"), _meta(page, "content-language"), _meta(page, "og:locale")) if tag]


def _country(host: str, tags: Sequence[str]) -> Trait:
    if country := country_of_host(host):
        return Trait(country, f"from .{host.rpartition('.')[2]}")
    for tag in tags:
        if country := region_of(tag):
            return Trait(country, f"from the page's language {tag[:20]!r}")
    return Trait("ZZ", "NOT KNOWN: neither the address nor the page's language names a country")


def _language(tags: Sequence[str], listed: Sequence[str]) -> Trait:
    if found := [language for tag in tags if (language := language_of(tag))]:
        return Trait(found[0])
    if said := [language for tag in listed if (language := language_of(tag))]:
        most = max(sorted(set(said)), key=said.count)
        return Trait(most, "from its listings; the page declares none")
    return Trait("xx", "NOT KNOWN: neither the page nor its listings declare it")


def _timezone(country: str) -> Trait:
    if zone := ZONES.get(country):
        return Trait(zone, f"from the country {country}")
    return Trait("UTC", "NOT KNOWN: set it with the country")


def _meta(page: HtmlElement | None, name: str) -> str:
    """The content of the first `<meta>` of this name."""
    for element in page.iter("meta") if page is not None else ():
        if name in ((element.get(key) or "").strip().lower() for key in ("property", "name", "http-equiv")):
            return one_line(element.get("content") or "")
    return ""
