"""What every language shares: cleaning, folding, words, sentences."""

from __future__ import annotations

import hashlib
import re
import unicodedata

# Soft hyphens, zero-width characters, bidi controls, byte order marks, lone surrogates: none is ever news.
_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SPACES = re.compile(r"[^\S\n]+")
_QUOTES = re.compile("[„“”‟‚‘’‛«»‹›\"'`´]")
_DASHES = re.compile("[‐‑‒–—―−]")
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff"
_CJK_ANY = re.compile(f"[{_CJK}]")
# Korean parts its words by spaces; Japanese and Chinese do not, so there a character is a word.
_HAN_KANA = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_GROUPED = re.compile(r"(?<![\d.,])(\d{1,3})(?:[.,'’´\u2009\u202f ](\d{3}))+(?![\d])")
_WORD = re.compile(rf"\d+(?:[.,]\d+)*|[{_HAN_KANA}]|[^\W\d_{_HAN_KANA}]+")
_UNITS = {
    "ein": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9, "zehn": 10, "elf": 11,
    "zwölf": 12, "zwanzig": 20, "dreissig": 30, "vierzig": 40, "fünfzig": 50, "sechzig": 60, "siebzig": 70, "achtzig": 80,
    "neunzig": 90, "hundert": 100, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60,
    "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_SCALES = {"": 1, "hundert": 100, "tausend": 1000}
# As folded: "neuntausend", "zweihundert", "tausend"; "ein" and "one" alone are articles and pronouns.
_NUMBER_WORDS = {
    f"{unit}{scale}": str(value * size)
    for unit, value in {"": 1, **_UNITS}.items()
    for scale, size in _SCALES.items()
    if f"{unit}{scale}" not in ("", "ein", "one")
}


def clean(text: str) -> str:
    """NFC, no invisible or control characters, single spaces; newlines stay."""
    text = unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
    text = _CONTROL.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "\n".join(line.strip() for line in _SPACES.sub(" ", text).split("\n"))


def one_line(text: str) -> str:
    """`clean`, with newlines as spaces."""
    return " ".join(clean(text).split())


def lowered(text: str) -> str:
    """Lower case with every offset kept: a character whose lower case is longer stays as it is."""
    low = text.lower()
    return low if len(low) == len(text) else "".join(c if len(c.lower()) != 1 else c.lower() for c in text)


def letters_without_boundaries(text: str) -> bool:
    """Whether a term is written in a script where words run together or take endings without a space."""
    return bool(_CJK_ANY.search(text))


def fold(text: str) -> str:
    """The text without what typography changes: case, ß, ligatures, quotes, dashes, grouped numbers."""
    # NFKC would make a space and a combining mark of the acute accent that some write in 1´000.
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text).replace("´", "'")).casefold()
    text = _DASHES.sub("-", _QUOTES.sub(" ", text))
    return _GROUPED.sub(lambda m: re.sub(r"\D", "", m.group()), text)


def tokens(text: str) -> list[str]:
    """The words of a text as comparison sees them: folded, numbers as digits, no punctuation.

    >>> tokens("„Mehr als 1.000 Container“ – Straße")
    ['mehr', 'als', '1000', 'container', 'strasse']
    """
    return [_NUMBER_WORDS.get(word, word) for word in _WORD.findall(fold(text))]


def hash64(text: str) -> int:
    """A signed 64-bit hash, stable over processes and versions."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)


_ABBREVIATIONS = frozenset(
    """
    abs allg art bd betr bzw ca chr co corp dez dgl dipl dr dt ehem eigtl etc evtl feb febr fr frl geb gegr gen ggf hl hr
    hrsg inc inkl jan jr jun kap kgl lt ltd max min mind mio mr mrd mrs ms nov nr okt oct prof rd resp s sen sept sog st
    str tel u usw v verf vgl vol vs z zzt gov sgt col capt lt maj adm jan mar apr aug dec no fig ed eds approx dept est
    """.split()
)
_MONTHS = (
    r"(?:Jan|Jän|Feb|Mär|Mrz|Apr|Mai|Jun|Jul|Aug|Sep|Okt|Nov|Dez|Oct|Dec|Quartal|Halbjahr|Jahrhundert|Jahrestag|"
    r"Weltkrieg|Mal|Breitengrad|Armee|Division|Brigade|Runde|Etage|Platz|Regiment|Parteitag)"
)
_END = re.compile(r"([.!?…]++|[。！？]++)([\"'“”«»‹›’)\]」』）]*+)(\s++|$|(?<=[。！？」』）]))")
AROUND = 60  # characters looked at on both sides of a full stop
_OPENING = re.compile(r"[\s\"'„“”«»‹›‚‘(\[–—-]*")


def _ends_here(line: str, dot: int, after: int) -> bool:
    """Whether the full stop at `dot` ends a sentence, given that the next word starts at `after`."""
    before = re.search(r"[\w.]*$", line[max(0, dot - AROUND) : dot])
    word = before.group() if before else ""
    opening = _OPENING.match(line, after, after + AROUND)
    rest = line[opening.end() if opening else after :][:AROUND]
    if not rest:
        return True
    if rest[0].islower():
        return False
    if re.fullmatch(r"\d{1,2}|[IVX]+", word):
        # An ordinal (13. Oktober, XX. Parteitag), unless the next word can only begin a sentence.
        return not (re.match(_MONTHS, rest) or rest[0].isdigit()) and len(rest.split()) > 1 and _starts_plainly(rest)
    last = word.rsplit(".", 1)[-1]
    return not (re.fullmatch(r"[A-ZÄÖÜa-zäöü]", last) or last.casefold() in _ABBREVIATIONS)


def _starts_plainly(rest: str) -> bool:
    return bool(re.match(r"(?:Der|Die|Das|Ein|Eine|Es|Er|Sie|Im|In|Am|An|Zu|Auch|The|A|It|He|She|They)\b", rest))


def sentences(text: str) -> list[tuple[int, str]]:
    """Each sentence with its offset. A newline always ends one; German and English full stops are told from
    abbreviations, initials, ordinals and decimals."""
    found: list[tuple[int, str]] = []
    offset = 0
    for line in text.split("\n"):
        start = 0
        for end in _END.finditer(line):
            if end.group(1) == "." and not _ends_here(line, end.start(), end.end()):
                continue
            _keep(found, offset, line, start, end.end(2))
            start = end.end()
        _keep(found, offset, line, start, len(line))
        offset += len(line) + 1
    return found


def _keep(found: list[tuple[int, str]], offset: int, line: str, start: int, end: int) -> None:
    piece = line[start:end]
    if any(c.isalnum() for c in piece):
        lead = len(piece) - len(piece.lstrip())
        found.append((offset + start + lead, piece.strip()))
