"""Who is credited: persons in the byline, agencies in byline, dateline, end mark and structured data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from pipelines.text import one_line

AGENCIES = ("dpa", "AFP", "APA", "Reuters", "AP", "Keystone-SDA", "SDA", "epd", "KNA", "dts", "Yonhap", "KCNA", "TASS", "Interfax")
# As they sign, where that is not their name.
_ALIASES = {
    "deutsche presse-agentur": "dpa", "dpa-infocom": "dpa", "agence france-presse": "AFP", "austria presse agentur": "APA",
    "thomson reuters": "Reuters", "rtr": "Reuters", "the associated press": "AP", "associated press": "AP", "sda": "Keystone-SDA",
    "keystone-ats": "Keystone-SDA", "dts nachrichtenagentur": "dts", "yonhap news agency": "Yonhap", "evangelischer pressedienst": "epd",
}  # fmt: skip

_DATELINE = re.compile(r"^[^\n(]{0,80}\(([^()\n]{2,40})\)\s*[-–—:.]|^[^\n]{2,60}?,\s[^\n(]{0,30}\(([^()\n]{2,40})\)\s*[-–—]")
_END_MARK = re.compile(r"[(\[]([^()\[\]\n]{2,60})[)\]]\W*$")
_MATERIAL = re.compile(r"(?:mit material (?:von|der)|quelle:|with (?:material|reporting) (?:from|by)|source:)\s+([^\n.]{2,80})", re.I)
_PREFIX = re.compile(r"^(?:von|by|par|por|di|text|autor(?:in)?|author|aus|geschrieben von|ein artikel von|interview)\b[:\s]+", re.I)
_ROLE = re.compile(
    r"\s*(?:[,|·/(]\s*)(?:.*?(?:redakt|korrespond|chef|reporter|editor|correspond|ressort|politik|washington|berlin|moskau|seoul|"
    r"wien|bureau|staff|autor|volont).*)$", re.I
)  # fmt: skip
_NO_PERSON = re.compile(
    r"(?i)\b(?:redaktion|online|gmbh|ag|zeitung|nachrichten|agentur|news|newsroom|desk|team|staff|media|medien|verlag|www|"
    r"rundfunk|tv|editorial|presse|magazin|kurier|anzeiger)\b|https?:|@"
)
_CJK_NAME = re.compile(r"^[\uac00-\ud7a3]{2,5}$|^[\u3040-\u30ff\u4e00-\u9fff]{2,4}\s?[\u3040-\u30ff\u4e00-\u9fff]{1,6}$")
_CJK_ROLE = re.compile(r"\s*(?:기자|특파원|記者|记者|編集委員)$")
_NAME = re.compile(r"^[^\W\d_][\w.'’-]*(?:\s+(?:(?:von|van|de|der|den|zu|zur|bin|al|el|da|di|le|la)\s+)*[^\W\d_][\w.'’-]*){1,4}$")


def persons(authors: Sequence[str], site_names: Iterable[str] = ()) -> list[str]:
    """The persons among the authors, each once: no agency, no publisher, no "Von", no role."""
    sites = set(site_names)
    found: dict[str, str] = {}
    for given in authors:
        for part in re.split(r"\s*(?:;|,|/|\||\bund\b|\band\b|&)\s*", _ROLE.sub("", _PREFIX.sub("", one_line(given)))):
            name = _CJK_ROLE.sub("", re.sub(r"\(.*?\)", "", _PREFIX.sub("", part)).strip(" .,:-–"))
            if (
                (_NAME.match(name) or _CJK_NAME.match(name))
                and not _NO_PERSON.search(name)
                and name.casefold() not in sites
                and not _agency(name, AGENCIES)
            ):
                found.setdefault(name.casefold(), name)
    return list(found.values())


def agency_of(text: str, raw: str, authors: Sequence[str], credit: str = "", agencies: Sequence[str] = AGENCIES) -> str:
    """The agency or agencies a text is credited to, joined by `/`; empty when none. `raw` is the text with its loose ends.

    Looked for in the byline, the dateline (`Washington (dpa) –`), the end mark (`(erpe/AFP)`), a closing note (`mit
    Material von dpa`) and the structured credit; an agency that the text merely quotes is none.
    """
    lines = [line for line in text.split("\n") if line.strip()]
    places = [*authors, credit]
    # The dateline opens the text, or follows a standfirst; the mark closes it, or stands above a last note.
    for line in lines[:3]:
        if dateline := _DATELINE.search(line):
            places += [group for group in dateline.groups() if group]
    for line in [*lines[-2:], *[line for line in raw.split("\n") if line.strip()][-6:]]:
        places += [match.group(1) for match in (_END_MARK.search(line), _MATERIAL.search(line)) if match]
    found: dict[str, None] = {}
    for place in places:
        for agency in _agencies(place, agencies):
            found.setdefault(agency)
    return "/".join(found)


def _agencies(place: str, agencies: Sequence[str]) -> list[str]:
    parts = re.split(r"\s*(?:[/,;+&|]|\bund\b|\band\b|\bvon\b)\s*", place.strip())
    return [agency for part in parts if (agency := _agency(part, agencies))]


def _agency(part: str, agencies: Sequence[str]) -> str:
    bare = part.strip(" .()").casefold()
    if bare in _ALIASES:
        return _ALIASES[bare]
    return next((agency for agency in agencies if agency.casefold() == bare), "")


def without_credits(text: str, agencies: Sequence[str] = AGENCIES) -> str:
    """The text without its dateline's agency and its end mark, as comparison sees it."""
    lines = text.split("\n")
    for place, line in enumerate(lines[:3]):
        match = _DATELINE.search(line)
        if match and _agencies(next(g for g in match.groups() if g), agencies):
            lines[place] = line[match.end() :].lstrip()
            break
    for place in range(max(0, len(lines) - 2), len(lines)):
        match = _END_MARK.search(lines[place])
        if match and _agencies(match.group(1), agencies):
            lines[place] = lines[place][: match.start()].rstrip()
    return "\n".join(line for line in lines if line)
