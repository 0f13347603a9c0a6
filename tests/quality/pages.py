"""Scores of `extract` on saved pages with gold, from a folder that does not ship with the project.

The folder holds `gold.jsonl` (id, url, lang, site or publisher, title, title_alts, authors, date, date_prec, body) and
`html/<id>.html.gz`. Body: F1 of the multisets of four-word shingles. Intervals resample sites, for the pages of one
site are not independent.
"""

from __future__ import annotations

import gzip
import json
import random
import re
import time
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from pipelines.dates import published
from pipelines.extract import extract

FETCHED = datetime(2026, 11, 1, tzinfo=UTC)  # after every page of the collection
ZONES = {"de": "Europe/Berlin", "at": "Europe/Vienna", "ch": "Europe/Zurich"}
Case = dict[str, Any]
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]|[^\W\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]+")


@dataclass(frozen=True)
class Measure:
    """A mean over pages with its 95 % interval."""

    mean: float
    low: float
    high: float
    pages: int


def measure(folder: Path, boot: int = 1000) -> tuple[dict[str, Measure], dict[str, Measure], dict[str, float]]:
    """Scores of all pages and of the German ones; CPU seconds: ours, trafilatura's, our slowest page."""
    gold = [json.loads(line) for line in (folder / "gold.jsonl").read_text(encoding="utf-8").splitlines() if line.strip()]
    scores: list[tuple[Case, dict[str, float]]] = []
    for warm in (extract, _peer):  # imports are no page's
        warm(b"<p>Nordkorea</p>" * 60, "http://unknown.example/a")
    cpu: dict[str, float] = {"ours": 0.0, "trafilatura": 0.0, "slowest": 0.0}
    for case in gold:
        html = gzip.decompress((folder / "html" / f"{case['id']}.html.gz").read_bytes())
        found, spent = _timed(extract, html, case["url"] or "http://unknown.example/a")
        cpu["ours"] += spent
        cpu["slowest"] = max(cpu["slowest"], spent)
        cpu["trafilatura"] += _timed(_peer, html, case["url"])[1]
        scores.append((case, _scores(case, found)))
    german = [pair for pair in scores if pair[0].get("lang") == "de"]
    return _means(scores, boot), _means(german, boot), cpu


def _peer(html: bytes, url: str | None) -> Any:
    from trafilatura import bare_extraction

    return bare_extraction(html, url=url, with_metadata=True)


def _timed(work: Callable[..., Any], *args: Any) -> tuple[Any, float]:
    began = time.process_time()
    found = work(*args)
    return found, time.process_time() - began


def _scores(case: Case, found: Any) -> dict[str, float]:
    scores: dict[str, float] = {}
    if case.get("body") and not case.get("stub") and not case.get("suspect"):
        scores["body F1"] = _f1(_shingles(case["body"]), _shingles(found.text if found else ""))
    if case.get("title"):
        wanted = {_squash(title) for title in [case["title"], *(case.get("title_alts") or [])]}
        scores["headline"] = float(bool(found) and _squash(found.headline) in wanted)
    if case.get("authors"):
        # The gold names agencies among the authors; we keep them apart, so both are counted.
        credited = [*found.authors, *(name for name in found.agency.split("/") if name)] if found else []
        scores["authors F1"] = _authors(case["authors"], credited)
    if case.get("date") and case.get("date_prec") == "instant":
        scores |= _dates(case, found)
    return scores


def _dates(case: Case, found: Any) -> dict[str, float]:
    zone = ZONES.get(case.get("country") or "", "UTC")
    dated = published(found.published, fetched_at=FETCHED, timezone=zone, language=found.language or "") if found else None
    wanted = datetime.fromisoformat(case["date"].replace("Z", "+00:00"))
    days = {wanted.date(), wanted.astimezone(UTC).date()}
    if dated is None:
        return {"day": 0.0, "instant": 0.0, "wrong instant": 0.0}
    if dated.instant is None:
        return {"day": float(date.fromisoformat(f"{dated.edtf}-01-01"[:10]) in days), "instant": 0.0, "wrong instant": 0.0}
    right = abs((dated.instant - wanted).total_seconds()) < 60
    return {"day": float(dated.instant.date() in days), "instant": float(right), "wrong instant": float(not right)}


def _shingles(text: str, size: int = 4) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(unicodedata.normalize("NFC", text or ""))
    return Counter(tuple(words[i : i + size]) for i in range(max(1, len(words) - size + 1)) if words[i : i + size])


def _f1(wanted: Counter[Any], found: Counter[Any]) -> float:
    both = (wanted & found).total()
    return 2 * both / (wanted.total() + found.total()) if both else 0.0


def _squash(text: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text or "").casefold())


def _authors(wanted: Iterable[str], found: Iterable[str]) -> float:
    """F1 of names; a title or a middle name more is the same person, a lone surname is not."""
    names = [set(re.findall(r"\w+", name.casefold())) for name in wanted]
    free = [set(re.findall(r"\w+", name.casefold())) for name in found]
    size, right = len(names) + len(free), 0
    for name in names:
        hit = next((o for o in free if name == o or (len(name & o) >= 2 and (name <= o or o <= name))), None)
        if hit is not None:
            free.remove(hit)
            right += 1
    return 2 * right / size if size else 0.0


def _means(scores: list[tuple[Case, dict[str, float]]], boot: int) -> dict[str, Measure]:
    rng = random.Random(7)  # noqa: S311
    sites: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for case, found in scores:
        for name, value in found.items():
            sites[name][case.get("site") or case.get("publisher") or case["id"]].append(value)
    return {name: _interval(list(groups.values()), rng, boot) for name, groups in sites.items()}


def _interval(groups: list[list[float]], rng: random.Random, boot: int) -> Measure:
    def mean(picked: list[list[float]]) -> float:
        return sum(map(sum, picked)) / sum(map(len, picked))

    drawn = sorted(mean(rng.choices(groups, k=len(groups))) for _ in range(boot))
    return Measure(mean(groups), drawn[int(0.025 * boot)], drawn[int(0.975 * boot)], sum(map(len, groups)))
