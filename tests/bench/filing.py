"""What filing one article costs as the database grows, against MinHash LSH on the same texts."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import partial
from itertools import zip_longest
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from pipelines.article import Article, Outlet, Page, Reading
from pipelines.duplicates import SHINGLE
from pipelines.file import Filer
from pipelines.read import reading
from pipelines.store import Store
from pipelines.story import load_story
from pipelines.text import tokens
from tests.bench.reading import PEERS
from tests.bench.texts import OUTLETS, Newsroom

ROOT = Path(__file__).parent.parent.parent
NOW = datetime(2026, 1, 1, tzinfo=UTC)
ROUNDS, ROUND = 9, 100  # of which the median round counts
CHUNK = 100  # articles at a time, between the sizes
PEER = 100_000  # articles up to which the peer, whose index is in memory, is measured
AHEAD = 8  # such chunks made ahead by the other core


def filing(sizes: Sequence[int], path: Path, large: Path | None = None) -> list[dict[str, float]]:
    """One row a size: milliseconds to file an article here and to sketch it there, how ours grows, bytes on disk.

    What was filed is left at `path`. The last size is measured on the database `large`, if there is one, after what misses there was
    filed: a million take hours, and may be gone on with.
    """
    ours = _apart(partial(_ours, path), sizes[:-1] if large else sizes)  # one side after the other, each in its own process
    ours += _apart(partial(_ours, large), sizes[-1:]) if large else []
    found = [{"stored": row["stored"], "growth": round(row["ms"] / ours[0]["ms"], 2)} | _named("filing", row) for row in ours]
    if not PEERS.exists():
        sys.stderr.write("datasketch is left out: `make peers` installs it where a registry can be reached\n")
        return found
    theirs = _apart(_theirs, [size for size in sizes if size <= PEER])
    return [row | (_named("minhash", other) if other else {}) for row, other in zip_longest(found, theirs)]


def _named(side: str, row: dict[str, float]) -> dict[str, float]:
    return {f"{side}_{key}": value for key, value in row.items() if key != "stored"}


def _apart(side: Callable[[Sequence[int]], list[dict[str, float]]], sizes: Sequence[int]) -> list[dict[str, float]]:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(side, sizes).result() if sizes else []


def _ours(path: Path, sizes: Sequence[int]) -> list[dict[str, float]]:
    filer = _filer(path)
    store = filer.store
    rows = _grow(sizes, partial(_file, filer), partial(_fill, filer), lambda: _bytes(store, path), _stored(store))
    store.close()
    return rows


def filled(path: Path, count: int) -> None:
    """A database with at least so many articles; one that was interrupted is gone on with."""
    filer = _filer(path)
    stored = _stored(filer.store)
    batches = _batches(count, stored)
    for _ in range(stored, count, CHUNK):
        _fill(filer, batches.get())
    filer.store.close()


def _stored(store: Store) -> int:
    """Articles that were filed."""
    return int(store.db.execute("SELECT count(*) FROM articles").fetchone()[0])


def _filer(path: Path) -> Filer:
    store = Store.open(path)
    with store.transaction():
        store.ledger.register(Outlet(f"outlet-{n}", f"Outlet {n}", "https://x.example", "DE", "de", "UTC") for n in range(OUTLETS))
    return Filer(store, load_story(ROOT / "seeds" / "story.toml").sha)


def _file(filer: Filer, article: Article) -> float:
    began = time.perf_counter()
    filer.file(_read(article), NOW)
    return time.perf_counter() - began


def _fill(filer: Filer, batch: Sequence[Article]) -> None:
    """What filing one by one would leave, in one transaction: 100,000 take nine minutes so."""
    with filer.store.transaction():
        for article in batch:
            filer.reading(_read(article), NOW)


def _theirs(sizes: Sequence[int]) -> list[dict[str, float]]:
    command = [str(PEERS), str(Path(__file__).parent / "sketch.py"), str(SHINGLE)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as peer:
        work = partial(_sketch, peer)
        rows = _grow(sizes, work, lambda batch: _each(work, batch), lambda: 0)
        assert peer.stdin
        peer.stdin.close()
    return rows


def _sketch(peer: subprocess.Popen[str], article: Article) -> float:
    assert peer.stdin
    assert peer.stdout
    began = time.perf_counter()
    words = tokens(article.text)
    took = time.perf_counter() - began
    peer.stdin.write(f"{json.dumps(words)}\n")
    peer.stdin.flush()
    return took + float(peer.stdout.readline())


def _grow(
    sizes: Sequence[int],
    work: Callable[[Article], float],
    fill: Callable[[Sequence[Article]], Any],
    size_on_disk: Callable[[], int],
    stored: int = 0,
) -> list[dict[str, float]]:
    rows = []
    batches = _batches(max(sizes) + (len(sizes) * ROUNDS + 2 * AHEAD) * CHUNK, stored)
    for size in sizes:
        while stored < size:
            fill(batches.get())
            stored += CHUNK
        measured = [batches.get()[:ROUND] for _ in range(ROUNDS)]
        size_on_disk()  # checkpoints; then whatever the filling left to write is written
        os.sync()
        while not batches.full():  # the other core makes no more articles while this one is timed
            time.sleep(0.05)
        costs = [_each(work, batch) for batch in measured]
        every = sorted(cost for batch in costs for cost in batch)
        row = {"stored": size, "ms": statistics.median(map(statistics.mean, costs)), "p95_ms": every[int(0.95 * len(every))]}
        row["bytes"] = round(size_on_disk() / (stored or 1))
        rows.append({key: round(value, 2) for key, value in row.items()})
        sys.stderr.write(f"{rows[-1]}\n")
    return rows


def _batches(count: int, stored: int = 0) -> Any:
    """What follows the stored articles, up to so many, CHUNK at a time, made by the other core."""
    context = get_context("spawn")
    queue = context.Queue(maxsize=AHEAD)
    context.Process(target=_make, args=(queue, count, stored), daemon=True).start()
    return queue


def _make(queue: Any, count: int, stored: int) -> None:
    room = Newsroom(load_story(ROOT / "seeds" / "story.toml"), number=stored)
    for _ in range(stored, count, CHUNK):
        queue.put(list(room.articles(CHUNK)))


def _read(article: Article) -> Reading:
    assert article.fetched_at
    return reading(Page(article.url, article.url, 200, article.fetched_at, b""), article, archive=False)


def _each(work: Callable[[Article], float], batch: Sequence[Article]) -> list[float]:
    """Milliseconds that each took."""
    return [1000 * work(article) for article in batch]


def _bytes(store: Store, path: Path) -> int:
    store.db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path.stat().st_size
