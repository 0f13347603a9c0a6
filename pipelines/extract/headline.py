"""The headline: as declared, shared or shown, without the site's name, its sections and the date behind it."""

from __future__ import annotations

import html as entities
import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from pipelines.text import one_line, tokens

MAX_HEADLINE = 500  # characters; the longest of 183 real ones had 186
LONG_NAME = 8  # letters: "tageszeitung" inside "Die Neue Tageszeitung" is the site, "welt" inside a sentence may be the world
CUT_AT = 60  # some systems cut what they declare at 60, 70 or 110 characters without a mark
_SEPARATOR = re.compile(r"\s*[|¦•·»›]\s*|\s+[–—-]{1,2}\s+|\s+::\s+|\s*\|\s*")
_DATE = re.compile(r"(?:\w{2,10},\s)?\d{1,4}[./-]\s?(?:\d{1,2}[./-]|\w{3,9})\s?\d{2,4}(?:,?\s\d{1,2}:\d\d)?|\d{1,2}\s\w{3,9}\s\d{4}")
_DOMAIN = re.compile(r"(?:www\.)?[\w-]{2,40}(?:\.[\w-]{2,20}){0,2}\.(?:de|at|ch|com|net|org|eu|info|it|fr|co|tv|news|example)")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,80}>")
_KICKER = re.compile(r"(?<![a-z])(?:kicker|overline|topline|dachzeile|eyebrow|spitzmarke|label|badge|section|category|prefix)(?![a-z])")


def headline(declared: Sequence[str], social: Sequence[str], tree: HtmlElement, sites: frozenset[str], sections: Sequence[str] = ()) -> str:
    """The best of what the page gives; empty when it gives none. `sites` are the site's names in letters and digits only,
    `sections` its parts."""
    heads = [_shown(h1) for h1 in list(tree.iter("h1"))[:5]]
    title = tree.find(".//title")
    titles = [one_line(title.text_content())] if title is not None else []
    areas = frozenset(letters(section) for section in sections)
    given = [(_plain(text), kind) for kind, texts in enumerate((declared, social, heads, titles)) for text in texts]
    candidates = [text for raw, _ in given if (text := without_site(raw, sites, areas)) and letters(text) not in sites | areas]
    shown = [text for text in heads if len(tokens(text)) >= 2]
    best = next((text for text in candidates if not text.endswith(("…", "..."))), candidates[0] if candidates else "")
    return _whole(_as_shown(best, shown), candidates)[:MAX_HEADLINE]


def without_site(title: str, names: frozenset[str], sections: frozenset[str] = frozenset()) -> str:
    """The title without site, section and date at its ends, as long as something is left.

    >>> without_site("Granaten verladen | Ausland | 28.04.2023 - Der Bote", frozenset({"derbote"}), frozenset({"ausland"}))
    'Granaten verladen'
    """
    parts = list(_SEPARATOR.finditer(title))
    site_seen = False
    while parts:
        tail = title[parts[-1].end() :]
        if not (
            _is_site(tail, names)
            or _DATE.fullmatch(tail.strip())
            or (letters(tail) in sections and (site_seen or "|" in parts[-1].group()))
        ):
            break
        site_seen = True
        title = title[: parts.pop().start()]
    if parts and _is_site(title[: parts[0].start()], names):
        title = title[parts[0].end() :]
    return title.strip(" |–—·»")


def _is_site(part: str, names: frozenset[str]) -> bool:
    bare = letters(part)
    if bare in names or any(len(name) >= LONG_NAME and name in bare and len(bare) < 3 * len(name) for name in names):
        return True
    return bool(_DOMAIN.fullmatch(part.casefold().strip()))


def letters(name: str) -> str:
    """A name's letters and digits only: "DW.COM", "Der Bote" and "der-bote" are compared so."""
    return re.sub(r"[\W_]+", "", name.casefold())


def host_names(url: str) -> list[str]:
    """A host's own label, also without its hyphens and with its ending: bote, bote.example."""
    try:
        labels = (urlsplit(url).hostname or "").removeprefix("www.").split(".")
    except ValueError:
        return []
    return [labels[-2], ".".join(labels[-2:])] if len(labels) >= 2 and not labels[-1].isdigit() else []


def _plain(text: str) -> str:
    """One line; markup and entities that a template escaped twice are resolved."""
    text = one_line(text)
    return one_line(_TAG.sub("", entities.unescape(text))) if "&" in text or "<" in text else text


def _shown(h1: HtmlElement) -> str:
    """An h1 as it is read: without the kicker that some layouts put into it."""
    whole = one_line(h1.text_content())
    for inner in h1.iterdescendants("span", "small", "div", "strong", "p"):
        if _KICKER.search((inner.get("class") or "").lower()) and (kicker := one_line(inner.text_content())) and whole.startswith(kicker):
            rest = whole[len(kicker) :].lstrip(" :|–-")
            return rest if len(tokens(rest)) >= 2 else whole
    return whole


def _as_shown(best: str, shown: Sequence[str]) -> str:
    """Where the h1 is the candidate without an end behind a separator, that end is no part of the headline."""
    for text in shown:
        end = best[len(text) :]
        if text != best and best.casefold().startswith(text.casefold()) and (mark := _SEPARATOR.match(end)) and len(end) < len(text):
            # a subtitle behind a dash is a sentence of its own and longer than a name
            return text if "|" in mark.group() or len(tokens(end)) <= 6 else best
    return best


def _whole(best: str, candidates: Sequence[str]) -> str:
    """The longer candidate of which a cut one is the beginning."""
    if len(best) < CUT_AT:
        return best
    start = best.rstrip(" .…")
    longer = [
        text for text in candidates if len(text) > len(best) and text.startswith(start) and (text[len(start)].isalnum() or best != start)
    ]
    return min(longer, key=len) if longer else best
