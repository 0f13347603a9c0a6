"""Sources: which answer, which fail, which have fallen silent, and where something may have been missed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from newsdesk.badges import Badge
from newsdesk.labels import Translate
from newsdesk.months import text_of
from newsdesk.page import Desk, Row, open_desk, show
from newsdesk.shown import original

SILENT = timedelta(days=7)  # without anything new; as in the query silent_sources
GAPS = 100  # shown; the view `gaps` has them all
SOURCES = 300  # in one table; more than any outlet has
ORDER = ("failing", "denied", "silent", "empty", "unasked", "ok")  # what needs a look first

# The last request of each source by the index of its times; how often it was asked is not counted, that is a scan of all fetches.
_SOURCES = """SELECT s.url, s.outlet AS outlet_id, o.name AS outlet, o.country, s.kind, s.state, s.failures, s.last_ok_at, s.last_new_at,
  s.next_due_at,
  (SELECT f.outcome || coalesce(' ' || f.http_status, '') || coalesce(': ' || nullif(f.reason, ''), '') FROM fetches f
   WHERE f.source = s.url ORDER BY f.at DESC, f.id DESC LIMIT 1) AS last_fetch
FROM sources s JOIN outlets o ON o.id = s.outlet {where} ORDER BY o.name, s.kind, s.url"""
_GAPS = """SELECT f.at, f.source, o.name AS outlet, s.kind, f.entries, f.repaired_at, f.repaired_by, f.found
FROM fetches f INDEXED BY fetches_open_gaps CROSS JOIN sources s ON s.url = f.source JOIN outlets o ON o.id = s.outlet
WHERE f.contiguous = 0 AND f.repaired_at IS NULL ORDER BY f.at DESC LIMIT :size"""
_REPAIRED = """SELECT f.at, f.source, o.name AS outlet, s.kind, f.entries, f.repaired_at, f.repaired_by, f.found
FROM fetches f INDEXED BY fetches_repaired CROSS JOIN sources s ON s.url = f.source JOIN outlets o ON o.id = s.outlet
WHERE f.contiguous = 0 AND f.repaired_at IS NOT NULL ORDER BY f.repaired_at DESC LIMIT :size"""
OPEN_GAPS = "SELECT count(*) AS n FROM fetches INDEXED BY fetches_open_gaps WHERE contiguous = 0 AND repaired_at IS NULL"

_SIGNS = {
    "ok": ("●", "good"), "silent": ("◔", "warn"), "empty": ("◌", "warn"), "unasked": ("○", ""), "failing": ("▲", "bad"),
    "denied": ("✕", "bad"),
}  # fmt: skip


@dataclass(frozen=True)
class OutletHealth:
    """An outlet by its sources: the best of them says how it is."""

    name: str
    country: str
    badge: Badge
    sources: int
    last_ok_at: str
    last_new_at: str
    address: str


async def sources_page(datasette: Any, request: Any) -> Any:
    """Health of all outlets, what needs a look first; one outlet's sources with `?outlet=`."""
    desk = await open_desk(datasette, request)
    now = datetime.now(UTC)
    asked = request.args.get("outlet") or ""
    rows = await health(desk, now, asked)
    troubled = sorted((row for row in rows if row["trouble"] not in ("ok", "unasked")), key=lambda row: ORDER.index(row["trouble"]))
    gaps = [] if asked else await desk.tidy(_GAPS, size=GAPS)
    repaired = [] if asked else await desk.tidy(_REPAIRED, size=20)
    return await show(
        desk, "desk_sources.html", asked=asked, rows=rows if asked else troubled[:SOURCES], outlets=[] if asked else outlets(desk, rows),
        gaps=gaps, repaired=repaired, total=len(rows),
    )  # fmt: skip


async def health(desk: Desk, now: datetime, outlet: str = "") -> list[Row]:
    """Every source, or an outlet's, with what troubles it and the badge that says so."""
    where = "WHERE s.outlet = :outlet" if outlet else ""
    rows = await desk.tidy(_SOURCES.format(where=where), **({"outlet": outlet} if outlet else {}))
    for row in rows:
        row["trouble"] = trouble(row, now)
        row["badge"], row["link"] = badge(row["trouble"], desk.t), original(row["url"]) or ""
    return rows


def trouble(row: Row, now: datetime) -> str:
    """What is the matter with a source: failing, denied, silent, empty, unasked; or ok."""
    if row["failures"] or row["state"] == "failing":
        return "denied" if row["state"] == "denied" else "failing"
    if row["state"] == "denied":
        return "denied"
    if row["last_ok_at"] is None:
        return "unasked"
    if (row["last_new_at"] or "") < text_of(now - SILENT):
        return "silent"
    return "empty" if row["state"] == "empty" else "ok"


def badge(state: str, t: Translate) -> Badge:
    """A state as sign, word and colour."""
    sign, kind = _SIGNS[state]
    return Badge(t(f"source_{state}"), sign, kind)


def outlets(desk: Desk, rows: Iterable[Row]) -> list[OutletHealth]:
    """One row an outlet, by name. An outlet is well when one of its sources is: it can be read."""
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row["outlet_id"], []).append(row)
    return [_outlet(desk, id_, group) for id_, group in grouped.items()]


def _outlet(desk: Desk, id_: str, group: list[Row]) -> OutletHealth:
    best = max((row["trouble"] for row in group), key=ORDER.index)
    answered, new = (max(row[name] or "" for row in group) for name in ("last_ok_at", "last_new_at"))
    return OutletHealth(
        group[0]["outlet"], group[0]["country"], badge(best, desk.t), len(group), answered, new, desk.at("sources", outlet=id_)
    )  # fmt: skip
