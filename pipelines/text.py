"""What every language shares: cleaning, folding, words, sentences."""

from __future__ import annotations

import re
import struct
import unicodedata
import zlib
from array import array
from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import blake2b

from pipelines.sentences import sentences

# What nobody sees is no news, and hides words from readers or from comparing: Unicode's Default_Ignorable_Code_Point (soft hyphens,
# joiners, fillers, bidi controls, byte order marks, variation selectors, tags), marks of annotations, lone surrogates. Two things stay,
# for without them a reader would see something else: a selector of emoji or text style right behind a symbol, and the three flags that
# Unicode makes of tags (England, Scotland, Wales). Joined emoji (families) fall apart into their parts.
_RANGES = (
    (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x200B, 0x200F),
    (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0D), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFFB),
)  # fmt: skip
_UNSEEN = frozenset(chr(code) for first, last in _RANGES for code in range(first, last + 1))
_STYLES = re.compile("(?<![\u203c-\u32ff\U0001f000-\U0001faff])[\ufe0e\ufe0f]")
_FLAGS = "|".join("".join(chr(0xE0000 + ord(letter)) for letter in land) for land in ("gbeng", "gbsct", "gbwls"))
_ASTRAL = re.compile("[\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]")
_ASTRAL_BUT_FLAGS = re.compile(f"(\U0001f3f4(?:{_FLAGS})\U000e007f)|{_ASTRAL.pattern}")
_SURROGATES = re.compile("[\ud800-\udfff]")
_ASCII = bytes(range(128))
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_CLEAN = re.compile("(?:[!-~¡-¬®-ſ–-”„…€]++ ?)*+")  # one line of words as most are; of these letters none is composed or falls apart
_SPACES = re.compile(r"[^\S\n]{2,}|[^\S\n ]")  # all but single plain ones
_QUOTES = re.compile("[„“”‟‚‘’‛«»‹›\"'`´]")
_DASHES = re.compile("[‐‑‒–—―−]")
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff"
_CJK_ANY = re.compile(f"[{_CJK}]")
# Korean parts its words by spaces; Japanese and Chinese do not, so there a character is a word.
_HAN_KANA = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_GROUPED = re.compile(r"(?<![\d.,])(\d{1,3})(?:[.,'’´\u2009\u202f ](\d{3}))+(?![\d])")
_WORD = re.compile(rf"\d+(?:[.,]\d+)*|[{_HAN_KANA}]|[^\W\d_{_HAN_KANA}]+")
_ONES = (
    "ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn".split()
)
_TENS = "zwanzig dreissig vierzig fünfzig sechzig siebzig achtzig neunzig".split()
_ONES_EN = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
)
_TENS_EN = "twenty thirty forty fifty sixty seventy eighty ninety".split()


LONG = 1000  # characters; a shorter text is lowered sooner than looked at
SENTENCES = 1000  # whose words are remembered, 2 MB: a text's are asked for four times, and copies have the same ones
ENDLESS = 1000  # characters; a longer sentence is not remembered
MANY = 40  # capitals beyond ASCII: German has 4, Russian 33; an alphabet of thousands, one by one, would take seconds


def _below_hundred() -> dict[str, int]:
    """As folded: "einundzwanzig", "zwölf", "ninety"; "twenty-five" is joined before words are told apart."""
    found = {word: value for value, word in enumerate(_ONES, 1)} | {word: value for value, word in enumerate(_ONES_EN, 1)}
    for value, ten in enumerate(_TENS, 2):
        found[ten] = value * 10
        found |= {f"{one}und{ten}": value * 10 + unit for unit, one in enumerate(_ONES[:9], 1)}
    for value, ten in enumerate(_TENS_EN, 2):
        found[ten] = value * 10
        found |= {f"{ten}{one}": value * 10 + unit for unit, one in enumerate(_ONES_EN[:9], 1)}
    return found


_SMALL = _below_hundred()
_ARTICLES = frozenset(("ein", "one"))  # words before they are numbers
_SCALES = {
    "hundert": 100, "hundred": 100, "tausend": 1000, "thousand": 1000, "million": 10**6, "millionen": 10**6, "mio": 10**6,
    "milliarde": 10**9, "milliarden": 10**9, "mrd": 10**9, "billion": 10**9,
}  # fmt: skip
_COUNTED = re.compile(r"(?:stöckig|jährig|köpfig|tägig|stündig|monatig|wöchig|stellig|teilig|seitig|fach|mal)(?:e[nrsm]?)?$")
_HYPHENED = re.compile(rf"\b({'|'.join(_TENS_EN)})-({'|'.join(_ONES_EN[:9])})\b")
_DECIMAL = re.compile(r"(\d+)[.,](\d{1,2})")


@lru_cache(maxsize=10_000)
def _number(word: str) -> tuple[str, ...]:
    """A word as numbers and words: `neuntausend` is 9000, `fünfstöckigen` is 5 and `stöckigen`; any other is itself."""
    if word in _ARTICLES:
        return (word,)
    value = _spelled(word)
    if value is not None:
        return (str(value),)
    tail = _COUNTED.search(word)
    value = _SMALL.get(word[: tail.start()]) if tail else None
    return (str(value), word[tail.start() :]) if tail and value else (word,)


def _spelled(word: str) -> int | None:
    if word in _SMALL:
        return _SMALL[word]
    for scale in ("tausend", "hundert"):
        many, found, rest = word.partition(scale)
        if found:
            left = _spelled(many) if many else 1
            right = _spelled(rest.removeprefix("und")) if rest else 0
            return None if left is None or right is None else left * _SCALES[scale] + right
    return None


def visible(text: str) -> str:
    """NFC without invisible characters."""
    if text.isascii():
        return text
    other = beyond_ascii(text)
    for character in _UNSEEN.intersection(other):
        text = text.replace(character, "")
    if _ASTRAL.search(other):
        text = _ASTRAL_BUT_FLAGS.sub(r"\1", text)
    if "\ufe0f" in other or "\ufe0e" in other:
        text = _STYLES.sub("", text)
    return unicodedata.normalize("NFC", _SURROGATES.sub("", text) if _SURROGATES.search(other) else text)


def beyond_ascii(text: str) -> str:
    """The characters of a text that are not ASCII: of a German page one in a hundred, and the rest need not be looked at one by one."""
    return text.encode("utf-8", "surrogatepass").translate(None, _ASCII).decode("utf-8", "surrogatepass")


def clean(text: str) -> str:
    """NFC, no invisible or control characters, single spaces; newlines stay."""
    if _CLEAN.fullmatch(text):
        return text.strip()
    text = visible(text)
    text = _CONTROL.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "\n".join(line.strip() for line in _SPACES.sub(" ", text).split("\n"))


def one_line(text: str) -> str:
    """`clean`, with newlines as spaces."""
    return " ".join(clean(text).split())


def lowered(text: str) -> str:
    """Lower case with every offset kept: a character whose lower case is longer stays as it is."""
    low = text.lower() if len(text) < LONG or text.isascii() else _long_lowered(text)
    return low if len(low) == len(text) else "".join(c if len(c.lower()) != 1 else c.lower() for c in text)


def _long_lowered(text: str) -> str:
    """`str.lower`, which takes three times as long for what is not all ASCII. Sigma depends on what stands beside it."""
    capitals = {character for character in set(beyond_ascii(text)) if character.lower() != character}
    if len(capitals) > MANY or "Σ" in capitals or "İ" in capitals:
        return text.lower()
    low = text.encode("utf-8", "surrogatepass").lower().decode("utf-8", "surrogatepass")
    for character in capitals:
        low = low.replace(character, character.lower())
    return low


def letters_without_boundaries(text: str) -> bool:
    """Whether a term is written in a script where words run together or take endings without a space."""
    return bool(_CJK_ANY.search(text))


def fold(text: str) -> str:
    """The text without what typography changes: case, ß, ligatures, quotes, dashes, grouped numbers."""
    # NFKC would make a space and a combining mark of the acute accent that some write in 1´000.
    text = unicodedata.normalize("NFKC", visible(text).replace("´", "'")).casefold()
    text = _DASHES.sub("-", _QUOTES.sub(" ", text))
    return _GROUPED.sub(lambda m: re.sub(r"\D", "", m.group()), text)


def tokens(text: str) -> list[str]:
    """The words of a text as comparison sees them: folded, numbers as digits, no punctuation.

    >>> tokens("„Mehr als 1.000 Container“ – Straße, drei Millionen, 20 %")
    ['mehr', 'als', '1000', 'container', 'strasse', '3000000', '20', 'prozent']
    """
    return [word for _, sentence in sentences(text) for word in words_of(sentence)]


def words_of(sentence: str) -> tuple[str, ...]:
    """The `tokens` of one sentence."""
    return _remembered(sentence) if len(sentence) <= ENDLESS else _words(sentence)


@lru_cache(maxsize=SENTENCES)
def _remembered(sentence: str) -> tuple[str, ...]:
    return _words(sentence)


def _words(sentence: str) -> tuple[str, ...]:
    folded = fold(sentence).replace("%", " prozent ")
    if "-" in folded:
        folded = _HYPHENED.sub(r"\1\2", folded)
    found: list[str] = []
    for word in _WORD.findall(folded):
        if word in _SCALES and found and found[-1][0].isdigit():
            found[-1] = _scaled(found[-1], _SCALES[word])
        elif word[0].isalpha():
            found += _number(word)
        else:
            found.append(word)
    return tuple(found)


def _scaled(number: str, scale: int) -> str:
    """`1,5` millions as digits; what is no plain number stays, as the millions that a grouped number stands for do."""
    decimal = _DECIMAL.fullmatch(number)
    if decimal:
        whole, part = decimal.groups()
        return str((int(whole) * 10 ** len(part) + int(part)) * scale // 10 ** len(part))
    return str(int(number) * scale) if number.isdecimal() and len(number) < 7 else number


def hash64(text: str) -> int:
    """A signed 64-bit hash, stable over processes and versions."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)


def hashes64(texts: Sequence[str]) -> tuple[int, ...]:
    """`hash64` of each, in half the time."""
    return struct.unpack(f">{len(texts)}q", b"".join([blake2b(text.encode(), digest_size=8).digest() for text in texts]))


def hashed(words: Iterable[str]) -> bytes:
    """Words as comparing needs them, four bytes each: CRC-32, native order. No text can be read from it."""
    return array("I", [zlib.crc32(word.encode()) for word in words]).tobytes()
