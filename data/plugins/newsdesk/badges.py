"""What is worth knowing of an article at a glance: a sign, a word and a colour that says the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from newsdesk.labels import Translate
from newsdesk.page import Desk, Row
from newsdesk.shown import original, shown

SIGNS = {"original": "●", "copy": "≡", "abridged": "≡", "extended": "⊕", "merged": "⊕", "seed": "◇"}


@dataclass(frozen=True)
class Badge:
    """`kind` is good, warn, bad, info or nothing."""

    words: str
    sign: str = ""
    kind: str = ""


def dress(desk: Desk, row: Row) -> Row:
    """A row of a list as templates want it: headline fit to be shown, `address` of our page, `link` to the original, badges."""
    row["headline"] = shown(row.get("headline")) or desk.t("no_headline")
    row["address"] = desk.at(f"article/{row['public_id']}") if row.get("public_id") else ""
    row["link"] = original(row.get("url")) or ""
    row["badges"] = badges(row, desk.t)
    return row


def badges(row: Mapping[str, Any], t: Translate) -> list[Badge]:
    """The badges of an article or a report. What `row` does not tell is left out."""
    found = []
    if row.get("relation"):
        found.append(_relation(row, t))
    if "new_sentences" in row:
        n = row["new_sentences"]
        found.append(Badge(t("new_sentences", n=n), "✚", "info") if n else Badge(t("nothing_new")))
    if row.get("copies"):
        found.append(Badge(t("copies", n=row["copies"]), "≡"))
    if row.get("independent"):
        found.append(Badge(t("independent_n", n=row["independent"]), "⇄"))
    if row.get("paywalled"):
        found.append(Badge(t("paywall"), "▤", "warn"))
    if "published" in row and row.get("relation") != "seed" and (word := imprecise(row["published"])):
        found.append(Badge(t(word), "◔", "warn"))
    if row.get("versions"):
        found.append(Badge(t("revised_n", n=row["versions"]), "✎"))
    if row.get("state") == "withdrawn":
        found.append(Badge(t("withdrawn"), "✕", "bad"))
    return found


def imprecise(published: str | None) -> str:
    """The label for a date that is no day: `partial_date` for a month, a season, a span of days; `no_date` for none."""
    if not published:
        return "no_date"
    return "" if len(published) >= 10 and "/" not in published else "partial_date"


def _relation(row: Mapping[str, Any], t: Translate) -> Badge:
    relation = str(row["relation"])
    if relation == "original" and not row.get("agency"):
        return Badge(t("own_reporting"), SIGNS["original"], "good")
    return Badge(t(relation), SIGNS.get(relation, ""))
