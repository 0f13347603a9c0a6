"""Who is credited: persons in the byline, agencies in byline, dateline, end mark and structured data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from pipelines.text import one_line

AGENCIES = (
    "dpa", "AFP", "APA", "Reuters", "AP", "Keystone-SDA", "SDA", "epd", "KNA", "dts", "SID", "AWP", "Yonhap", "KCNA", "TASS",
    "Interfax", "RIA Nowosti", "Ukrinform", "Kyodo", "Jiji", "Xinhua", "ANSA", "EFE", "PAP", "ČTK", "Belga", "ANP",
    "NTB", "Ritzau", "AAP", "UPI", "PTI",
)  # fmt: skip
# As they sign, where that is not their name.
_ALIASES = {
    "deutsche presse-agentur": "dpa", "dpa-infocom": "dpa", "dpa-afx": "dpa", "agence france-presse": "AFP", "agence france presse": "AFP",
    "austria presse agentur": "APA", "thomson reuters": "Reuters", "rtr": "Reuters", "the associated press": "AP", "associated press": "AP",
    "sda": "Keystone-SDA", "keystone-ats": "Keystone-SDA", "keystone sda": "Keystone-SDA", "dts nachrichtenagentur": "dts",
    "yonhap news agency": "Yonhap", "evangelischer pressedienst": "epd", "katholische nachrichten-agentur": "KNA", "afp news": "AFP",
    "reuters news": "Reuters", "연합뉴스": "Yonhap", "tass news agency": "TASS", "тасс": "TASS",
    "интерфакс": "Interfax", "риа новости": "RIA Nowosti",
    "kyodo news": "Kyodo", "共同通信": "Kyodo", "時事通信": "Jiji", "ロイター": "Reuters", "新华社": "Xinhua", "朝鮮中央通信": "KCNA",
}  # fmt: skip

_DATELINE = re.compile(r"^[^\n(]{0,80}\(([^()\n]{2,40})\)\s*[-–—:.]|^[^\n]{2,60}?,\s[^\n(]{0,30}\(([^()\n]{2,40})\)\s*[-–—]")
_END_MARK = re.compile(r"[(\[]([^()\[\]\n]{2,60})[)\]]\W*$")
_MATERIAL = re.compile(r"(?:mit material (?:von|der)|quelle:|with (?:material|reporting) (?:from|by)|source:)\s+([^\n.]{2,80})", re.I)
_CREDITED = re.compile(
    r"(?i)\s*(?:[/,;+&|·]|\b(?:und|and|von|by|mit|with|from|der|des|material|agenturmaterial|text|quellen?|source)\b:?)\s*"
)
# A line of its own that is signs only: "dpa/afp", "sda/ks", "AFP".
_SIGNS = re.compile(r"^\W{0,3}[\w-]{2,12}(?:\s?[/,;]\s?[\w-]{2,12}){0,4}\W{0,3}$")
_PREFIX = re.compile(
    r"^(?:(?:eine?\s)?(?:analyse|kommentar|interview|bericht|gastbeitrag|gastkommentar|kolumne|essay|reportage|leitartikel|glosse|artikel|"
    r"meinungsbeitrag|text|story|written|reported|posted|published|opinion|analysis|commentary|ein artikel|geschrieben|verfasst)\s+)?"
    r"(?:von|by|par|por|di|af|av|door)\b[:\s]+|^(?:text|autor(?:in|innen|en)?(?:/autor(?:in)?)?|authors?|aus|interview|protokoll|"
    r"exclusive)\b\s*[:\s]\s*", re.I
)  # fmt: skip
_ROLE = re.compile(
    r"\s*[,|·/(]\s*[^;,|]{0,80}?\b(?:\w{0,20}(?:redakt|korrespond|editor|correspond|ressort|chef|report|freelanc|journalist|kolumnist|"
    r"columnist|professor|volont)|(?:autor(?:in)?|bureau|staff|politik|leiter(?:in)?|head of|washington|berlin|moskau|seoul|wien)\b)"
    r"[^;,|]{0,80}?(?=\s(?:und|and)\s|[;,|]|$)", re.I
)  # fmt: skip
_PARTS = re.compile(
    r"\s*(?:;|,|/|\||•|·|、|・|，|\bund\b|\band\b|\bsowie\b|\bmit\b|\bwith\b|\bet\b|&|\bfür\b|\bfor\b|\bin\s(?=[A-ZÄÖÜ]))\s*"
)
_NO_PERSON = re.compile(
    r"(?i)\b(?:redaktion\w*|online|gmbh|ag|kg|ltd|inc|llc|zeitung|\w+zeitung|nachrichten|agentur\w*|news|newsroom|\w*desk|teams?|staff|"
    r"media|medien|verlag|www|"
    r"rundfunk|tv|editorial|editors?|presse|press|magazin|magazine|kurier|anzeiger|tagblatt|reporters?|correspondents?|autoren|gast\w*|"
    r"guest|admin|"
    r"agency|agencies|contributors?|writers?|foto|fotos|bild|video|uhr|min|minuten|lesezeit|aktualisiert|updated|published|kommentare?|"
    r"times|post|"
    r"institute?|university|universität|service|digital|mehr|more|about|über|follow|folgen|contact|teilen|share|home|artikel|article)\b|"
    r"https?:|@"
)
# Where correspondents write from, as far as it looks like a name.
_PLACES = frozenset(
    """
    new york, los angeles, san francisco, tel aviv, hong kong, hongkong, são paulo, rio janeiro, buenos aires, mexico city, den haag,
    the hague, kuala lumpur, new delhi, neu delhi, abu dhabi, frankfurt am main, st. petersburg, washington d.c, washington dc, addis abeba,
    cape town,
    """.replace("\n", " ").replace("    ", " ").strip(" ,").split(", ")
)  # fmt: skip
_PARTICLES = frozenset("von van de der den zu zur zum bin ibn al el da di do dos du la le les del della ten ter vom y e und af".split())
_CJK_NAME = re.compile(r"^[\uac00-\ud7a3]{2,5}$|^[\u3040-\u30ff\u4e00-\u9fff]{1,4}\s?[\u3040-\u30ff\u4e00-\u9fff]{1,6}$")
_CJK_PUBLISHER = re.compile(r"新聞|通信|テレビ|放送|ニュース|編集|デジタル|オンライン|日刊|週刊|取材班|뉴스|신문|방송|일보|팀")
_CJK_ROLE = re.compile(r"\s*(?:기자|특파원|記者|记者|編集委員|論説委員)$")
_SIGN = re.compile(r"^[a-zäöüß]{2,5}$")  # how reporters of German papers sign
_NO_SIGN = frozenset("red onl web pm ots von und der die das mit ap tv news text bild foto admin sid user by the and for".split())
MAX_NAME = 60  # characters; the longest on 84 real pages had 21
MAX_AUTHORS = 20


def persons(authors: Sequence[str], site_names: Iterable[str] = (), *, declared: bool = False) -> list[str]:
    """The persons among the authors, each once: no agency, no publisher, no "Von", no role, no place.

    `declared`: the page says that these are authors, so a reporter's sign (`kesm`) is taken for a person too.
    """
    sites = {_bare(site) for site in site_names}
    found: dict[str, str] = {}
    for given in authors:
        for part in _PARTS.split(_ROLE.sub("", _PREFIX.sub("", one_line(given)[:500]))):
            name = _CJK_ROLE.sub("", re.sub(r"\([^()]{0,80}\)|^\W+", "", _PREFIX.sub("", part)).strip(" .,:-–"))
            if (
                (_is_name(name) or (declared and _SIGN.match(name) and name not in _NO_SIGN))
                and _bare(name) not in sites
                and not _agency(name, AGENCIES)
            ):
                found.setdefault(name.casefold(), name)
    return list(found.values())[:MAX_AUTHORS]


_COMPANY = re.compile(r"(?i)\b(?:gmbh|ag|kg|se|ltd|inc|llc|verlag|anstalt|corporation)\b|https?:|@")


def desks(authors: Sequence[str]) -> list[str]:
    """Who signs where no person does: a desk ("Guardian staff reporter") or the paper itself; no agency, no company."""
    names = [one_line(name) for name in authors]
    return [
        name for name in dict.fromkeys(names) if 0 < len(name) <= MAX_NAME and not _COMPANY.search(name) and not _agencies(name, AGENCIES)
    ]


def opens_a_byline(line: str) -> bool:
    """Whether a line begins as bylines do: "Von …", "Ein Kommentar von …", "Text: …"."""
    return bool(_PREFIX.match(line))


def _bare(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


def _is_name(name: str) -> bool:
    """Two to five words, all but the particles with a capital where the script has them; or a name in Chinese letters or Hangul."""
    if _CJK_NAME.match(name):
        return not _CJK_PUBLISHER.search(name)
    words = name.split()
    own = [word for word in words if word.casefold() not in _PARTICLES]
    if not 2 <= len(words) <= 6 or len(own) < 2 or len(name) > MAX_NAME or " ".join(own).casefold() in _PLACES:
        return False
    return not _NO_PERSON.search(name) and all(_is_name_word(word) for word in own)


def _is_name_word(word: str) -> bool:
    letters = word.strip(".'’")
    return bool(letters) and letters[0].isalpha() and not letters[0].islower() and not re.search(r"[^\w.'’-]|[\d_]", word)


def agency_of(text: str, raw: str, authors: Sequence[str], credit: str = "", agencies: Sequence[str] = AGENCIES) -> str:
    """The agency or agencies a text is credited to, joined by `/`; empty when none. `raw` is the text with its loose ends.

    Looked for in the byline, the dateline (`Washington (dpa) –`), the end mark (`(erpe/AFP)`), a closing note (`mit
    Material von dpa`) and the structured credit; an agency that the text merely quotes is none.
    """
    lines = [line for line in text.split("\n") if line.strip()]
    places = [*authors, credit]
    # The dateline opens the text, or follows a standfirst; the mark closes it, or stands above a last note.
    for line in lines[:3]:
        if dateline := _DATELINE.search(line[:200]):
            places += [group for group in dateline.groups() if group]
    for line in [*lines[-2:], *[line for line in raw.split("\n") if line.strip()][-6:]]:
        places += [match.group(1) for match in (_END_MARK.search(line[-200:]), _MATERIAL.search(line[-400:])) if match]
        places += [line] if _SIGNS.match(line) else []
    found: dict[str, None] = {}
    for place in places:
        for agency in _agencies(place, agencies):
            found.setdefault(agency)
    return "/".join(found)


def _agencies(place: str, agencies: Sequence[str]) -> list[str]:
    return [agency for part in _CREDITED.split(place.strip()[:300]) if (agency := _agency(part, agencies))]


def _agency(part: str, agencies: Sequence[str]) -> str:
    bare = part.strip(" .()").casefold()
    if bare in _ALIASES:
        return _ALIASES[bare]
    return next((agency for agency in agencies if agency.casefold() == bare), "")


def without_credits(text: str, agencies: Sequence[str] = AGENCIES) -> str:
    """The text without its dateline's agency and its end mark, as comparison sees it."""
    lines = text.split("\n")
    for place, line in enumerate(lines[:3]):
        match = _DATELINE.search(line[:200])
        if match and _agencies(next(g for g in match.groups() if g), agencies):
            lines[place] = line[match.end() :].lstrip()
            break
    for place in range(max(0, len(lines) - 2), len(lines)):
        match = _END_MARK.search(lines[place], max(0, len(lines[place]) - 200))
        if match and _agencies(match.group(1), agencies):
            lines[place] = lines[place][: match.start()].rstrip()
    return "\n".join(line for line in lines if line)
