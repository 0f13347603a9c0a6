"""A dossier as a person reads it: where a URL was listed, each decision, the article, its copies and versions."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from pipelines.store.reader import Dossier
from pipelines.store.rows import Row

CUT = 300  # characters of a text that an outlet wrote


def told(about: Dossier, zone: ZoneInfo) -> Iterator[str]:
    """A dossier as lines for a person, times on the desk's clock."""
    yield _summary(about)
    yield from _part("LISTED", _listed(about, zone) or ["  by no source: named by hand, or reached from another address"])
    yield from _part("DECISIONS", [_decision(row, zone) for row in about.decisions])
    yield from _part("EDITORS", _editors(about, zone))
    yield from _part("PAGE", [_page(row, zone) for row in about.page])
    for article in about.article:
        yield from _part("ARTICLE", list(_article(article, about, zone)))
    yield from _part("WORDS FROM", [f"  {row['words']} words ({row['share']:.0%})  {row['headline']}  {row['url']}" for row in about.reuse])
    yield from _part(f"COPIES  {len(about.copies)}", [_copy(row) for row in about.copies])
    yield from _part(f"VERSIONS  {len(about.versions)} earlier", [line for row in about.versions for line in _version(row, zone)])
    yield from _part("ALIASES", [f"  {row['url']}" for row in about.aliases])


def _part(title: str, lines: list[str]) -> list[str]:
    return ["", title, *lines] if lines else []


def _summary(about: Dossier) -> str:
    """What became of it, in one line."""
    if about.article:
        row = about.article[0]
        copies = f", {len(about.copies)} {'copy' if len(about.copies) == 1 else 'copies'}" if about.copies else ""
        return f"filed: {row['relation']}{copies}" if row["state"] == "live" else f"filed: {row['relation']}, {row['state']}{copies}"
    if not about.decisions:
        return "listed, not decided yet: the next crawl asks for it" if about.listed else "known, not decided yet"
    last = about.decisions[-1]
    word = {"filed": "to be filed", "alias": "another address of an article"}.get(last["verdict"], f"left out: {last['verdict']}")
    return f"{word}: {last['reason']}"


def _listed(about: Dossier, zone: ZoneInfo) -> list[str]:
    lines = []
    for row in about.listed:
        where = f"{row['kind'] or 'source'} {row['source']}" if row["source"] else "named by hand"
        lines.append(f"  {_time(row['first_listed_at'], zone)}  {row['outlet_name'] or 'no outlet'}, {where}")
        lines += [f"    {name}: {row[name][:CUT]}" for name in ("headline", "summary", "keywords", "published", "authors") if row[name]]
    return lines


def _decision(row: Row, zone: ZoneInfo) -> str:
    score = f"  score {row['score']:.2f}" if row["score"] is not None else ""
    again = f"  to be tried again {_time(row['retry_at'], zone)}" if row["retry_at"] else ""
    run = f"  run {row['run']} ({row['spider']})" if row["run"] else ""
    return f"  {_time(row['at'], zone)}  {row['stage']:<8} {row['verdict']:<13}{score}  {row['reason'][:CUT]}{again}{run}"


def _editors(about: Dossier, zone: ZoneInfo) -> list[str]:
    """Their words (keep, drop) and their corrections of folds (split, join)."""
    words = {"filed": "keep", "dropped": "drop"}
    said = [(row["at"], words.get(row["verdict"], row["verdict"]), row["reason"]) for row in about.decisions if row["stage"] == "editor"]
    for row in about.corrections:
        other = row["other"] if row["url"] == about.url else row["url"]
        said.append((row["at"], f"{row['kind']} {other or ''}".strip(), row["why"]))
    return [f"  {_time(at, zone)}  {what}: {why}" for at, what, why in sorted(said)]


def _page(row: Row, zone: ZoneInfo) -> str:
    return f"  {_time(row['fetched_at'], zone)}  HTTP {row['http_status']}, {row['size']} bytes packed, from {row['final_url']}"


def _article(row: Row, about: Dossier, zone: ZoneInfo) -> Iterator[str]:
    origin = f" of {row['origin_outlet']}: {row['origin_headline']}  {row['origin_url']}" if row["origin"] else ""
    yield f"  {row['headline']}"
    yield f"  {row['outlet_name'] or 'no outlet'}; {row['words']} words, {row['language'] or 'language unknown'}; id {row['public_id']}"
    yield f"  relation: {row['relation']}{origin}"
    yield f"  own share: {row['own_share']:.0%}; new sentences: {row['new_sentences']}"
    yield f"  state: {row['state']}; filed {_time(row['filed_at'], zone)}, changed {_time(row['changed_at'], zone)}"
    basis = f" ({row['published_precision']}, from {row['published_basis']})" if row["published"] else ": the page gives no date"
    yield f"  published: {row['published'] or 'none'}{basis}"
    yield from (f"    {date['role']} {date['edtf']}  {date['basis']}  {date['as_written']!r}" for date in about.dates)
    yield from (f"    against it: {conflict}" for conflict in row["published_conflicts"].splitlines())
    if row["reservations"]:
        yield f"  reserved by the publisher: {row['reservations']}"
    yield f"  relevance: {row['relevance']:.2f}  {row['reason'][:CUT]}"
    yield from (f"    {facet}: {terms}" for facet, terms in matched(row["matched"]))


def matched(found: str) -> Iterator[tuple[str, str]]:
    """The terms of each facet as they stand in the text, the frequent first: `Nordkorea ×3, Pjöngjang`."""
    facets: dict[str, Counter[str]] = {}
    for facet, as_written, _ in json.loads(found):
        facets.setdefault(facet, Counter())[as_written] += 1
    for facet, terms in facets.items():
        yield facet, ", ".join(f"{term} ×{count}" if count > 1 else term for term, count in terms.most_common())


def _copy(row: Row) -> str:
    state = f", {row['state']}" if row["state"] != "live" else ""
    return (
        f"  {row['relation']}{state}, {row['own_share']:.0%} its own  {row['outlet_name'] or 'no outlet'}: {row['headline']}  {row['url']}"
    )


def _version(row: Row, zone: ZoneInfo) -> Iterator[str]:
    yield f"  until {_time(row['seen_at'], zone)}  {row['headline']}"
    for name, label in (("figures", "figures"), ("changed", "changed"), ("came", "came"), ("went", "went")):
        if row[name]:
            yield f"    {label}: {row[name][:CUT]}"


def _time(written: str, zone: ZoneInfo) -> str:
    return f"{datetime.fromisoformat(written).astimezone(zone):%Y-%m-%d %H:%M}"
