"""Where a sentence ends: full stops told from abbreviations, initials, ordinals and decimals.

Written for German and English news, sane for the other languages of the story.
"""

from __future__ import annotations

import re
from functools import lru_cache

LINES = 500  # remembered: relevance, topics and keys each ask for the sentences of one text
AROUND = 60  # characters looked at on both sides of a full stop
_CLOSING = "\"'“”„«»‹›‘’)\\]」』）"
# French sets a space before the closing mark; in German the same mark after a space opens.
_END = re.compile(rf"([.!?…]++|[。！？]++)([{_CLOSING}]*+(?:[ \u00a0\u202f]»(?=\s|$|[,.]))?)(\s++|$|(?<=[。！？」』）])|(?<=[。！？][”’]))")
_OPENING = re.compile(r"[\s\"'„“”«»‹›‚‘(\[–—¿¡-]*")
_WORD = re.compile(r"[^\W_]+")
_BEFORE = re.compile(r"(?:(\S+)\s)?(\S*)$")

# No sentence ends here, whatever follows.
_INSIDE = frozenset(
    """
    abg abs allg anm art bd bes betr bj bsp bzw ca chr dez dgl dipl dr dt ehem eigtl einschl evtl feb febr fr frl gebr geb gegr gen
    ggf hl hr hrsg ing inkl insb jan jr jun kap kfm kgl komm lt max med mind mr mrs ms nov nr okt oct phil pol prof rd rel sen sept sog
    st stv tel u urspr v verf vgl vol vors vs zit zzt gov sgt col capt cpl maj adm brig mar apr aug dec no nos fig ed eds approx dept
    ee est rep reps sens messrs mt ft pres sec supt hon rev ave blvd e.g i.e viz cf env mme mlle av bd p pp sr sra dra pág núm av art
    sig sigg dott on avv pag godz im ul al płk gen prof tys nr ok вул просп проф акад ген им ул тыс долл млн млрд стор стр рис см напр тис
    ред гл ім м. dr
    """.split()
)
# A sentence ends here when the next word begins one for certain.
_EITHER = frozenset("mrd mio tsd inc co corp ltd jr sr jh hs u.s u.k u.n e.u d.c a.m p.m uu str std min sek kg km".split())
# A sentence ends here before any capital.
_LAST = frozenset("usw etc usf uws ff".split())
_YEAR = frozenset("r г р".split())  # Polish, Russian and Ukrainian: "w 2024 r."
_BEGINS = frozenset(
    """
    der die das dem den ein eine einen einem einer es er sie ihm ihn ihr ihnen wir man im in am an zum zur zu auf aus bei mit nach von vor
    seit durch für gegen ohne um unter über auch aber doch dabei dazu damit danach dann denn deshalb dennoch daher dort da dies diese dieser
    dieses jetzt nun noch nur schon so sein seine ihre wer wem wen was wann wo wie wenn während weil als allerdings bereits bislang bisher
    zudem zuvor zwar inzwischen unterdessen heute gestern morgen kein keine keiner nicht beide viele mehr alle einige laut demnach
    the a an it he she they we you his her their its this that these those there here in on at by for from with after before but and
    however when while since under over two three four five six several some many no not what who as if both later earlier
    il elle ils elles le la les un une ce cette en el los las su se lo ma non si на в он она они это но она его
    """.split()
)
_ORDINAL_AFTER = frozenset(
    """
    an am im zum zur vom beim der die das des dem den und bis sein seine seinen seinem seiner ihr ihre ihren ihrem ihrer jeder jede jedes
    jeden dieser diese diesem unser unsere ans ins ab seit vor nach
    """.split()
)
_ORDINAL_BEFORE = re.compile(
    r"(?:Jan|Jän|Feb|Mär|Mrz|Apr|Mai|Jun|Jul|Aug|Sep|Okt|Nov|Dez|Oct|Dec|Quartal|Halbjahr|Jahrhundert|Jahrestag|Geburtstag|"
    r"Weltkrieg|Mal|Breitengrad|Armee|Division|Brigade|Runde|Etage|Platz|Regiment|Bataillon|Parteitag|Stock|Klasse)"
)


def sentences(text: str) -> list[tuple[int, str]]:
    """Each sentence with its offset. A newline always ends one; what holds no letter or digit is none."""
    found: list[tuple[int, str]] = []
    offset = 0
    for line in text.split("\n"):
        found += [(offset + start, sentence) for start, sentence in _of_line(line)]
        offset += len(line) + 1
    return found


@lru_cache(maxsize=LINES)
def _of_line(line: str) -> tuple[tuple[int, str], ...]:
    found: list[tuple[int, str]] = []
    start = 0
    for end in _END.finditer(line):
        if end.end() < len(line) and not _ends(line, end):
            continue
        _keep(found, line, start, end.end(2))
        start = end.end()
    _keep(found, line, start, len(line))
    return tuple(found)


def _keep(found: list[tuple[int, str]], line: str, start: int, end: int) -> None:
    piece = line[start:end]
    if any(c.isalnum() for c in piece):
        lead = len(piece) - len(piece.lstrip())
        found.append((start + lead, piece.strip()))


def _ends(line: str, end: re.Match[str]) -> bool:
    """Whether the mark found within a line ends its sentence."""
    opening = _OPENING.match(line, end.end(), end.end() + AROUND)
    rest = line[opening.end() if opening else end.end() :][:AROUND]
    if rest[:1].islower() and not rest[1:2].isupper():  # iPhone begins a sentence, "fragte er" does not
        return False
    if end.group(1)[0] in "。！？":
        return not rest.startswith(("と", "って", "という"))
    return end.group(1) != "." or _full_stop(line[max(0, end.start() - AROUND) : end.start()], rest, bool(end.group(2)))


def _full_stop(before: str, rest: str, closed: bool) -> bool:
    """Whether a full stop between what stands before it and the next word ends a sentence."""
    found = _BEFORE.search(before)
    previous, word = (found.group(1) or "", found.group(2)) if found else ("", "")
    word = re.split(r"[\"'’„“”«»‹›‚‘(\[–—¿¡-]", word)[-1].casefold()
    following = _WORD.match(rest)
    begins = bool(following) and following.group().casefold() in _BEGINS if following else False
    if closed and not word.endswith(")"):
        return True
    if re.fullmatch(r"\d{1,2}|[ivx]+", word):
        return _after_number(previous.casefold().strip('(„"'), word, rest, begins)
    if word in _LAST or (previous == "a." and word == "m") or (word in _YEAR and previous.isdecimal()):
        return True
    if word in _EITHER or re.fullmatch(r"[^\W\d_]|(?:[^\W\d_]\.)+[^\W\d_]", word):
        return begins and (len(rest.split()) > 1 or rest.endswith("."))
    return word not in _INSIDE


def _after_number(previous: str, word: str, rest: str, begins: bool) -> bool:
    """After 13. or XX.: an ordinal goes on, a number ends the sentence."""
    if _ORDINAL_BEFORE.match(rest) or rest[:1].isdigit():
        return False
    return bool(previous) and (begins or (word.isdigit() and previous not in _ORDINAL_AFTER))
