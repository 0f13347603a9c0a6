"""The results as the README prints them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]


def _table(head: str, rows: Sequence[str]) -> str:
    return "\n".join([head, "|---|" + "---:|" * (head.count("|") - 2), *rows])


def crawl_table(found: Mapping[str, Row]) -> str:
    """The floor, the plain way, the crawl as it comes and one that asks for every page: seconds, and in brackets those computed by all
    processes together; of each crawl how many times the floor it takes, and how many times as fast as the plain way it is."""
    ratios = "of the floor | times as fast"
    head = f"| pages | only downloading | plain way | crawl | {ratios} | every page asked for | {ratios} |"
    rows = []
    for row in found.values():
        cells = [f"{row['pages']:,}, {row['story']:,} on the story", _seconds(row, "bare"), _seconds(row, "plain")]
        for side in ("listed", "ours"):
            cells += [_seconds(row, side), _times(row, side, "bare"), _times(row, "plain", side)]
        rows.append(f"| {' | '.join(cells)} |")
    return _table(head, rows)


def _seconds(row: Row, side: str) -> str:
    return f"{row[f'{side}_s']:.1f} ({row[f'{side}_cpu_s']:.1f})"


def _times(row: Row, one: str, other: str) -> str:
    return f"{row[f'{one}_s'] / row[f'{other}_s']:.1f} ({row[f'{one}_cpu_s'] / row[f'{other}_cpu_s']:.1f})"


def read_table(found: Mapping[str, Row]) -> str:
    """Readers of the same pages."""
    head = "| reader | CPU, ms a page | of trafilatura's | articles a CPU second | words found | found words true | F1 |"
    base = found["trafilatura"]["ms"]
    rows = [
        f"| {name} | {row['ms']:.1f} | {row['ms'] / base:.2f} | {row['articles_a_second']:.1f} | {row['recall']:.3f} | "
        f"{row['precision']:.3f} | {row['f1']:.3f} |"
        for name, row in found.items()
    ]
    return _table(head, rows)


def idle_table(found: Row) -> str:
    """A run in which nothing changed."""
    head = "| all answer 304 | article requests | only asking, s | crawl, s | more, s | CPU to the first request, s | of a one-feed run |"
    row = (
        f"| {found['feeds']} feeds | {found['articles_asked']} | {found['bare_s']:.2f} | {found['ours_s']:.2f} | {found['more_s']:.2f} | "
        f"{found['start_cpu_s']:.2f} | {found['one_feed_cpu_s']:.2f} |"
    )
    return _table(head, [row])


def memory_table(found: Row) -> str:
    """The crawl's own process over many pages."""
    head = "| light pages in one crawl | first quarter, MB | last quarter, MB | growth | most, MB | processes that read |"
    row = (
        f"| {found['pages']:,} | {found['first_quarter_mb']:.0f} | {found['last_quarter_mb']:.0f} | {found['growth']:.2f} | "
        f"{found['most_mb']:.0f} | {found['readers']} |"
    )
    return _table(head, [row])


def _known(row: Row, name: str) -> str:
    return f"{row[name]:.1f}" if name in row else "–"


def filing_table(found: Sequence[Row]) -> str:
    """Filing as the database grows."""
    head = "| stored | filing, ms an article | growth | 95 of 100 under | datasketch MinHash LSH, ms | database, kB an article |"
    rows = [
        f"| {row['stored']:,.0f} | {row['filing_ms']:.1f} | {row['growth']:.1f} | {row['filing_p95_ms']:.1f} | "
        f"{_known(row, 'minhash_ms')} | {row['filing_bytes'] / 1000:.0f} |"
        for row in found
    ]
    return _table(head, rows)


PAGES = ("front", "coverage", "articles", "article", "figures", "sources", "decisions", "search", "dashboard")


def desk_table(found: Row) -> str:
    """Pages of the desk, and an export."""
    head = f"| stored | {' | '.join(f'{name}, ms' for name in PAGES)} | export of all, s | its memory, MB |"
    costs = " | ".join(f"{found[name]:.0f}" for name in PAGES)
    return _table(head, [f"| {found['stored']:,} | {costs} | {found['export_s']:.1f} | {found['export_mb']:.0f} |"])


def fleet_table(found: Sequence[Row]) -> str:
    """Workers of a fleet."""
    head = "| a fleet of | pages | seconds | pages a second | times as fast as one |"
    rows = []
    for row in found:
        size = f"{row['workers']} worker{'s' * (row['workers'] > 1)}"
        rows.append(f"| {size} | {row['pages']:,} | {row['s']:.1f} | {row['pages_a_second']:.1f} | {row['times']:.2f} |")
    return _table(head, rows)


TABLES: dict[str, Callable[[Any], str]] = {
    "crawl": crawl_table,
    "read": read_table,
    "idle": idle_table,
    "memory": memory_table,
    "filing": filing_table,
    "desk": desk_table,
    "fleet": fleet_table,
}
