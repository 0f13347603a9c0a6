"""Reading one page against trafilatura on the same page, and against newspaper4k and news-please; how good the texts are."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from trafilatura import bare_extraction

from pipelines.article import Article, Page
from pipelines.extract import extract
from pipelines.read import read
from pipelines.story import load_story
from tests.bench.pages import MadePage, Press
from tests.conftest import ROOT

PAGES = 200
NOW = datetime(2026, 1, 1, tzinfo=UTC)
PEERS = ROOT / ".venv" / "peers" / "bin" / "python"  # `make peers` puts them there: they pin other versions than we do
WARM = 10  # pages before any counts: imports and caches are no page's


def reading(count: int = PAGES, peers: Path = PEERS) -> dict[str, dict[str, float]]:
    """A row a reader: CPU milliseconds a page (median), articles a CPU second, recall, precision and F1 of the words."""
    story = load_story(ROOT / "seeds" / "story.toml")
    pages = list(Press(story_share=1.0).pages(count + WARM))

    def whole(page: MadePage) -> str:
        found = read(Page(_url(page), _url(page), 200, NOW, page.html, language="de"), story)
        return found.text if isinstance(found, Article) else ""

    sides: dict[str, Callable[[MadePage], str]] = {
        "trafilatura": lambda page: _text(bare_extraction(page.html, url=_url(page), with_metadata=True)),
        "extract": lambda page: _text(extract(page.html, _url(page))),
        "read": whole,
    }
    costs: dict[str, list[float]] = {name: [] for name in sides}
    texts: dict[str, list[str]] = {name: [] for name in sides}
    for page in pages:
        for name, side in sides.items():  # in turns, so that a machine's moods meet all of them
            began = time.process_time()
            texts[name].append(side(page))
            costs[name].append(time.process_time() - began)
    rows = {name: _row(costs[name], texts[name], pages) for name in sides}
    for name in ("extract", "read"):
        rows[name]["of_trafilatura"] = round(rows[name]["ms"] / rows["trafilatura"]["ms"], 2)
    return rows | _peers(pages, peers)


def _peers(pages: list[MadePage], python: Path) -> dict[str, dict[str, float]]:
    if not python.exists():
        sys.stderr.write("newspaper4k and news-please are left out: `make peers` installs them where a registry can be reached\n")
        return {}
    with tempfile.TemporaryDirectory() as folder:
        for number, page in enumerate(pages):
            (Path(folder) / f"{number:05}.html").write_bytes(page.html)
        rows = {}
        for name in ("newspaper4k", "news-please"):
            done = subprocess.run(
                [str(python), str(Path(__file__).parent / "peers.py"), name, folder], stdout=subprocess.PIPE, check=True, text=True
            )
            answers = [json.loads(line) for line in done.stdout.splitlines()]
            rows[name] = _row([cost for cost, _ in answers], [text for _, text in answers], pages)
    return rows


def _row(costs: list[float], texts: list[str], pages: list[MadePage]) -> dict[str, float]:
    kept = costs[WARM:]
    recall, precision = (
        statistics.mean(share) for share in zip(*(_shares(page.text, text) for page, text in zip(pages, texts, strict=True)), strict=True)
    )
    return {
        "ms": round(1000 * statistics.median(kept), 1),
        "articles_a_second": round(len(kept) / sum(kept), 1),
        "recall": round(recall, 3),
        "precision": round(precision, 3),
        "f1": round(2 * recall * precision / (recall + precision), 3) if recall + precision else 0.0,
    }


def _shares(true: str, found: str) -> tuple[float, float]:
    """The share of the true words that were found, and of the found words that are true."""
    wanted, got = _words(true.split()), _words(found.split())
    both = (wanted & got).total()
    return both / max(1, wanted.total()), both / max(1, got.total())


def _words(words: Iterable[str]) -> Counter[str]:
    return Counter(words)


def _text(found: Any) -> str:
    return str(found.text or "") if found is not None else ""


def _url(page: MadePage) -> str:
    return f"https://zeitung-{page.host}.example{page.path}"
