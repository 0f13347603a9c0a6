"""What every kind of listing says of its entries, as it is kept: bounded in number and length, nothing in it that cannot be seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from pipelines.article import Entry
from pipelines.health import newest_first
from pipelines.text import one_line

MAX_SAID = 2000  # characters; some feeds put the whole article into a summary
MAX_HEADLINE = 500  # as of a page
MAX_DATE = 100  # a longer one is none
_LOOKED_AT = 10 * MAX_SAID  # markup and blanks make a text longer than it is


def stated(name: str, text: str) -> str:
    """A listing's word on an entry: on one line, cut. Half a date or half a language would be another one, so there is none."""
    if name == "language":
        code = text.strip()[:2].lower()
        return code if len(code) == 2 and code.isascii() and code.isalpha() else ""
    line = one_line(text[:_LOOKED_AT])
    if name == "published":
        return line if len(line) <= MAX_DATE and len(text) <= _LOOKED_AT else ""
    return line[: MAX_HEADLINE if name == "headline" else MAX_SAID]


def newest(entries: Iterable[Entry], most: int, left_out: Counter[str]) -> list[Entry]:
    """Each URL once, of more than the most the newest; the others are counted. A flood is never held as a whole."""
    found: dict[str, Entry] = {}
    for entry in entries:
        found[entry.url] = entry
        if len(found) >= 2 * most:
            found = _cut(found, most, left_out)
    return list((_cut(found, most, left_out) if len(found) > most else found).values())


def _cut(found: dict[str, Entry], most: int, left_out: Counter[str]) -> dict[str, Entry]:
    left_out[older_than(most)] += len(found) - most
    return {url: found[url] for url in newest_first(list(found.values()))[:most]}


def older_than(most: int) -> str:
    """Why entries of a flood are left out."""
    return f"older than the newest {most:,}"


def said_of(left_out: Counter[str]) -> str:
    """How many entries were left out, and why."""
    return "; ".join(f"{number:,} entries left out: {why}" for why, number in left_out.items())
