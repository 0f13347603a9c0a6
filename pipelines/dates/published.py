"""Which of a page's dates is the one it was published on: by stated rules, with the losers on record."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from pipelines.dates.edtf import bounds, precision
from pipelines.dates.reading import Reading, read_address, read_date
from pipelines.evidence import Dated, DateHint

# An article's own structured data before its meta tags before what a reader sees; the listing knows only when it
# listed, a URL only the day.
RANK = {"json-ld": 0, "microdata": 1, "meta": 2, "time": 3, "visible": 4, "listing": 5, "text": 6, "url": 7}
# Other names under which callers may know the same places.
_ALIASES = {
    "jsonld": "json-ld", "ld+json": "json-ld", "itemprop": "microdata", "og": "meta", "opengraph": "meta", "byline": "visible",
    "feed": "listing", "rss": "listing", "sitemap": "listing", "news-sitemap": "listing", "article": "meta", "body": "text", "path": "url",
}  # fmt: skip


def _place(hint: DateHint) -> str:
    """Where a hint stood, by the name that `RANK` knows."""
    name = hint.basis.strip().lower().replace("_", "-")
    name = _ALIASES.get(name, _ALIASES.get(name.split(":")[0], name))
    return name if name in RANK else next((known for known in RANK if name.startswith(known)), name)


_FINENESS = {"year": 0, "month": 1, "day": 2, "instant": 3}
THE_WEB = datetime(1994, 1, 1, tzinfo=UTC)  # the first newspapers went online
# A published date is not a modified one: what follows such a label is when the text was changed, or when it appeared.
_LABEL = re.compile(
    r"(?P<changed>\b(?:(?:zuletzt |last )?(?:aktualisiert|ge[äa]ndert|überarbeitet|bearbeitet|updated?|modified|edited|revised)"
    r"|mis à jour|modifié|aktualizacja|zaktualizowano|обновлено|изменено|actualizado|aggiornato|bijgewerkt)\b|수정|업데이트|更新)"
    r"|(?P<appeared>\b(?:veröffentlicht|publiziert|erschienen|erstellt|published|posted|publié|opublikowano|опубликовано|publicado|"
    r"pubblicato|gepubliceerd)\b|입력|등록|公開)",
    re.I,
)
AHEAD = timedelta(days=1)  # a clock may be wrong, an embargo may be late; more is a mistake


@dataclass(frozen=True, slots=True)
class _Candidate:
    hint: DateHint
    reading: Reading
    edtf: str
    instant: datetime | None

    def within(self, other: _Candidate, home: tzinfo) -> bool:
        """Whether this says the same as a coarser date, only finer."""
        first, last = bounds(other.edtf)
        day = self.instant.astimezone(home).date() if self.instant else bounds(self.edtf)[0]
        return day is not None and first is not None and last is not None and first <= day <= last


def published(hints: Sequence[DateHint], *, fetched_at: datetime, timezone: str, language: str) -> Dated | None:
    """Choose the publication date.

    Naive clock times are the outlet's (`timezone`, an IANA name). The best-placed hint wins; a finer one that agrees
    with it is taken instead; a visible clock time wins over a value that shows the same digits under a wrong offset.
    None when no hint gives a possible date. `conflicts` names every candidate that says otherwise, and every refused one.
    """
    home = ZoneInfo(timezone)
    candidates: list[_Candidate] = []
    refused: list[str] = []
    for hint in sorted(hints, key=lambda hint: RANK.get(_place(hint), 9)):
        candidate, why = _candidate(hint, fetched_at, home, language)
        if candidate:
            candidates.append(candidate)
        elif why:
            refused.append(f"{hint.basis} {hint.text[:60]!r}: {why}")
    if not candidates:
        return None
    chosen = _finest(candidates, home)
    conflicts = dict.fromkeys(f"{c.hint.basis} {c.edtf}" for c in candidates if _differ(c, chosen, home))
    return Dated(chosen.instant, chosen.edtf, precision(chosen.edtf), chosen.hint.basis, (*conflicts, *refused))


@lru_cache(maxsize=64)
def _candidate(hint: DateHint, fetched_at: datetime, home: tzinfo, language: str) -> tuple[_Candidate | None, str]:
    said = _of_publication(hint.text[:1000])
    if not said.strip():
        return None, "says when it was modified" if hint.text.strip() else ""
    reading = read_address(hint.text) if _place(hint) == "url" else read_date(said, fetched_at=fetched_at, home=home, language=language)
    if reading is None:
        return None, "says no possible date"
    earliest = reading.instant(home)
    if earliest > fetched_at + AHEAD:
        return None, "lies in the future"
    if earliest < THE_WEB:
        return None, "lies before the web"
    return _Candidate(hint, reading, reading.edtf(home), earliest if reading.precision == "instant" else None), ""


def _of_publication(text: str) -> str:
    """The part of a dateline that says when the text appeared: behind such a label, else before any label of a change."""
    labels = list(_LABEL.finditer(text))
    if not labels:
        return text
    ends = [label.start() for label in labels[1:]] + [len(text)]
    parts = [(label, text[label.end() : end]) for label, end in zip(labels, ends, strict=True)]
    appeared = [part for label, part in parts if label["appeared"] and any(c.isdigit() for c in part)]
    if appeared or not any(label["changed"] for label in labels):
        return appeared[0] if appeared and any(label["changed"] for label in labels) else text
    before = text[: labels[0].start()]
    return before if any(c.isdigit() for c in before) else ""


def _finest(candidates: list[_Candidate], home: tzinfo) -> _Candidate:
    best = candidates[0]
    if best.instant is None or best.reading.wall.time() == datetime.min.time():
        # A midnight is most often a day that a template completed.
        wall = best.reading.wall
        day = best if best.instant is None else _Candidate(best.hint, Reading(wall, None, "day"), wall.date().isoformat(), None)
        known = _FINENESS[day.reading.precision]
        finer = [c for c in candidates if c is not best and _FINENESS[c.reading.precision] > known and c.within(day, home)]
        finer = [c for c in finer if _place(c.hint) != "url"] or finer
        if finer:
            best = max(finer, key=lambda c: _FINENESS[c.reading.precision])  # the first of the finest
    if best.reading.zone is not None and best.instant is not None:
        for seen in candidates:
            if _place(seen.hint) == "visible" and _same_digits(seen, best):
                return seen
    return best


def _same_digits(seen: _Candidate, best: _Candidate) -> bool:
    """The reader sees 21:45 and the markup says 21:45 of another zone: the markup is mislabelled."""
    if seen.instant is None or best.instant is None or seen.instant == best.instant:
        return False
    return seen.reading.wall.replace(second=0) == best.reading.wall.replace(second=0, microsecond=0)


def _differ(one: _Candidate, chosen: _Candidate, home: tzinfo) -> bool:
    if one.instant and chosen.instant:
        return abs(one.instant - chosen.instant) >= timedelta(minutes=1)
    return not (one.within(chosen, home) or chosen.within(one, home))
