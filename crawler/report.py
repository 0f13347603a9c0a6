"""The report of one run as JSON, written to a file or posted to a webhook: `-s REPORT=path.json`, `-s REPORT=https://…`."""

from __future__ import annotations

import json
import re
import sqlite3
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings

from crawler.extensions import WatchedDownloader
from crawler.outcome import Outcome
from crawler.webhook import WebhookError, is_webhook, post
from pipelines.file import FilePipeline
from pipelines.store import StoreError
from pipelines.store.reader import Reader
from pipelines.store.rows import utc

_STATS = ("sources_ok", "sources_failed", "outlets", "outlets_locked", "faults")
_COUNTS = ("listed", "fetched", "filed", "copies", "errors")
_RUN = "SELECT started_at, finished_at, listed, fetched, filed, copies, errors FROM runs WHERE id = ?"
_FAILED = """SELECT s.outlet, f.source, f.outcome, f.http_status, f.reason FROM fetches f LEFT JOIN sources s ON s.url = f.source
WHERE f.run = ? AND f.outcome IN ('failed', 'denied') ORDER BY s.outlet, f.source"""
# Filed for the first time in this run: a page that only changed was filed before it began.
_NEW = """SELECT DISTINCT a.public_id, a.headline, a.outlet, a.relation, a.new_sentences, a.url FROM decisions d
JOIN articles_list a ON a.url = d.url JOIN runs r ON r.id = d.run
WHERE d.run = ? AND d.verdict = 'filed' AND a.filed_at >= r.started_at ORDER BY a.id"""
_NEW_KEYS = ("public_id", "headline", "outlet", "relation", "new_sentences", "url")


class ReportError(OSError):
    """A report could not be delivered: says where and why."""


def check(target: str) -> None:
    """Whether a report can be meant to go there.

    Raises:
        ReportError: for an address that is neither a path nor http(s).
    """
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]*)://", target)
    if scheme and not is_webhook(target):
        raise ReportError(f"REPORT={target}: give a path or an http(s) URL")


def report(settings: BaseSettings, spider: str, began: datetime, result: Outcome, crawler: Crawler | None = None) -> None:
    """Deliver the report of a run that ended as `result` says, if REPORT asks for one. A failure is a warning, no more."""
    target = settings.get("REPORT")
    if not target:
        return
    said = {
        "spider": spider, "started": utc(began), "finished": utc(datetime.now(UTC)), "exit_code": result.code, "sentence": result.sentence,
    }  # fmt: skip
    stats = crawler.stats.get_stats() if crawler and crawler.stats else {}
    try:
        found = run_report(Path(settings["DATABASE"]), _run(crawler), stats, said)
        deliver(target, found | {"hosts": _hosts(crawler, settings.getint("HOSTS_REPORTED"))})
    except ReportError as error:
        sys.stderr.write(f"nachlese: warning: {error}\n")


def _run(crawler: Crawler | None) -> int | None:
    """The run that a crawl opened, if it came so far."""
    pipeline = crawler.get_item_pipeline(FilePipeline) if crawler and crawler.engine else None
    return pipeline.filer.run if pipeline and hasattr(pipeline, "filer") else None


def _hosts(crawler: Crawler | None, most: int) -> list[dict[str, Any]]:
    """The manners of the run: what each host was asked, and how fast."""
    downloader = crawler.engine.downloader if crawler and crawler.engine else None
    return downloader.manners(most) if isinstance(downloader, WatchedDownloader) else []


def run_report(database: Path, run: int | None, stats: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """All that is known of a run. `said` has spider, started, finished, exit_code and sentence; what the database cannot
    tell (no run was begun, the file cannot be read) is left empty."""
    report = {"run": run, **said, "counts": {name: stats.get(f"nachlese/{name}", 0) for name in _STATS}}
    report |= {"failed_sources": [], "new_articles": []}
    if run is None:
        return report
    with suppress(StoreError, sqlite3.Error):
        reader = Reader(database)
        rows = reader.ask(_RUN, run)
        for started, finished, *counts in rows:
            report |= {"started": started, "finished": finished or said["finished"]}
            report["counts"] |= dict(zip(_COUNTS, counts, strict=True))
        keys = ("outlet", "source", "outcome", "http_status", "reason")
        report["failed_sources"] = [dict(zip(keys, row, strict=True)) for row in reader.ask(_FAILED, run)]
        report["new_articles"] = [dict(zip(_NEW_KEYS, row, strict=True)) for row in reader.ask(_NEW, run)]
    return report


def deliver(target: str, report: Mapping[str, Any]) -> None:
    """Write the report whole or not at all, or post it.

    Raises:
        ReportError: when that fails.
    """
    check(target)
    body = json.dumps(report, ensure_ascii=False, indent=1).encode() + b"\n"
    if "://" in target:
        try:
            post(target, body, "application/json; charset=utf-8", "report")
        except WebhookError as error:
            raise ReportError(str(error)) from None
    else:
        _write(Path(target), body)


def _write(path: Path, body: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(body)
        part.replace(path)
    except OSError as error:
        raise ReportError(f"the report could not be written to {path} ({error.strerror})") from None
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
