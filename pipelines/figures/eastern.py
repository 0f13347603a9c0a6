"""How Korean, Japanese and Chinese count: digits with 万 and the like, a classifier, the noun before the number or right behind it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator

from pipelines.evidence import Figure, Hedge
from pipelines.figures.amounts import LARGEST, times
from pipelines.figures.hedges import bounded
from pipelines.terms import Terms

_SCALES = {
    "백": 10**2, "천": 10**3, "만": 10**4, "억": 10**8, "조": 10**12,
    "百": 10**2, "千": 10**3, "万": 10**4, "萬": 10**4, "億": 10**8, "亿": 10**8, "兆": 10**12,
}  # fmt: skip
_DIGITS = {sign: value for value, signs in enumerate(("一", "二两兩", "三", "四", "五", "六", "七", "八", "九", "十"), 1) for sign in signs}
_CLASSIFIERS = "명 名 人 발 发 発 發 枚 개 個 个 箇 つ 기 基 문 門 门 척 隻 艘 대 台 辆 輛 량 両 件".split()
_BEFORE: dict[str, Hedge] = {
    "약": "about", "대략": "about", "최대": "up_to", "최소": "at_least", "적어도": "at_least", "거의": "under",
    "約": "about", "およそ": "about", "最大で": "up_to", "最大": "up_to", "少なくとも": "at_least", "ほぼ": "under",
    "大约": "about", "约": "about", "至少": "at_least", "超过": "more_than", "超過": "more_than", "逾": "more_than", "最多": "up_to",
    "多达": "up_to", "高达": "up_to", "将近": "under", "接近": "under", "近": "under",
}  # fmt: skip
_BEHIND: dict[str, Hedge] = {
    "여": "more_than", "余": "more_than", "餘": "more_than", "多": "more_than", "넘는": "more_than", "넘은": "more_than",
    "넘어": "more_than", "넘었": "more_than", "超": "more_than",
    "이상": "at_least", "以上": "at_least", "이하": "up_to", "以下": "up_to", "미만": "under", "未満": "under", "가까이": "under",
    "近く": "under",
}  # fmt: skip
# What may part a number from the noun behind it, by language; it says whose, or what became of them.
_LINKS = {
    "ko": re.compile(r"([의이가은는]?\s?)((?:북한\s?)?)"),
    "ja": re.compile("([のがはも]?)((?:北朝鮮)?)"),
    "zh": re.compile("(的?)((?:朝鲜|朝鮮|北韩|北韓|朝方)?)"),
}
LANGUAGES = frozenset(_LINKS)
_REACH = 16  # characters before a number in which its noun stands; not measured
_PART = rf"(?:\d{{1,3}}(?:,\d{{3}})+|\d{{1,12}}(?:\.\d{{1,3}})?|[{''.join(_DIGITS)}])\s?[{''.join(_SCALES)}]{{0,2}}"
_NUMBER = rf"{_PART}(?:(?<=[{''.join(_SCALES)}])\s?{_PART}){{0,3}}"
_EACH = re.compile(rf"([\d,.]+|[{''.join(_DIGITS)}])\s?([{''.join(_SCALES)}]*)")
_ENDS = re.compile(r"\.(?!\d)|[。!?！？;；]")


def _any(words: Iterable[str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_AMOUNT = re.compile(  # 탄약 is ammunition, 最近 recently, 条約 a treaty
    rf"(?:(?<![가-힣最条契])(?P<before>{_any(_BEFORE)})\s?有?)?(?<![0-9.,A-Za-z-])"
    rf"(?P<low>{_NUMBER})(?:\s?[~∼～〜]\s?(?P<high>{_NUMBER}))?\s?(?P<inside>[여余餘多])?"
    rf"\s?(?P<classifier>{_any(_CLASSIFIERS)})?(?P<behind>\s?(?:[이을를を]\s?)?(?:{_any(_BEHIND)}))?"
)


def eastern(line: str, code: str, units: Terms) -> Iterator[Figure]:
    """Every quantity of a line: a number whose noun stands right behind it, or nearest before it, in the same sentence."""
    nouns = _Nouns(line, code, units)
    beyond = 0  # where the number before ended: its noun is not another's
    for found in _AMOUNT.finditer(line) if nouns.ends else ():
        unit, end = nouns.behind(found)
        if not unit and found["classifier"]:
            unit = nouns.before(found.start(), beyond)
        beyond = found.end()
        low, high = _value(found["low"]), _value(found["high"] or found["low"])
        if unit and not low == high == 1 and 0 < low <= high <= LARGEST:
            yield _figure(line, found, unit, max(end, found.end()), low, high)


class _Nouns:
    """Where a line has words for units."""

    def __init__(self, line: str, code: str, units: Terms) -> None:
        named = sorted(units.spans(line))
        self.line, self.link = line, _LINKS[code]
        self.starts = {start: (unit, end) for start, end, unit in named}  # of those that begin together the longest
        self.ends = sorted((end, unit) for _, end, unit in named)
        self.sentences = [0, *(found.end() for found in _ENDS.finditer(line))]

    def behind(self, found: re.Match[str]) -> tuple[str | None, int]:
        """The unit that begins where a number, its classifier or what links it with its noun ends, and where its word ends."""
        link = self.link.match(self.line, found.end())
        places = (found.start("classifier"), found.end("inside"), found.end("low"), *(link.end(part) for part in (1, 2) if link))
        return next((self.starts[place] for place in places if place in self.starts), (None, 0))

    def before(self, begin: int, beyond: int) -> str | None:
        """The unit that ends nearest before a number, behind the number before it."""
        first = max(beyond, begin - _REACH, self.sentences[bisect_right(self.sentences, begin) - 1])
        nearest = bisect_right(self.ends, (begin, "\U0010ffff")) - 1
        return self.ends[nearest][1] if nearest >= 0 and self.ends[nearest][0] > first else None


def _value(written: str) -> float:
    total = 0.0
    for digits, scales in _EACH.findall(written):
        value = float(_DIGITS.get(digits) or digits.replace(",", ""))
        for scale in scales:
            value = times(value, _SCALES[scale])
        total += value
    return total


def _figure(line: str, found: re.Match[str], unit: str, end: int, low: float, high: float) -> Figure:
    behind = next((hedge for word, hedge in _BEHIND.items() if word in (found["inside"] or "") + (found["behind"] or "")), None)
    hedge: Hedge = _BEFORE.get(found["before"] or "") or behind or "exact"
    written = line[found.start() : end].rstrip()
    if found["high"]:
        return Figure(written, found.start(), low, high, unit, "about" if hedge == "about" else "exact")
    return Figure(written, found.start(), *bounded(hedge, low, high), unit, hedge)
