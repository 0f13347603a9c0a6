"""What a page reserves for its publisher: words of robots directives and of the TDM Reservation Protocol (W3C, 2024).

Words are kept in one text, parted by a space: `tdm`, `noai`, `noimageai`, `noindex`, `noarchive`; `tdm=0` says expressly
that nothing is reserved and outdoes what its server says of all its pages.
"""

from __future__ import annotations

import html as entities
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice

from pipelines.article import Article, Reading, Verdict
from pipelines.markup import utf8

OURS = "nachlese"  # the name by which a page may speak to this robot alone
OPT_OUT = ("tdm", "noai", "noindex")
_WORDS = ("tdm", "noai", "noimageai", "noindex", "noarchive")
_MEANS = {"none": "noindex"}  # and "nofollow", which is about links
_VALUED = ("unavailable_after", "max-snippet", "max-image-preview", "max-video-preview")  # directives with a colon
_META = re.compile(rb"<meta\b[^<>]{0,1000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([a-z-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_SPEAKS = re.compile(rb"robots|%b|tdm-reservation" % OURS.encode(), re.IGNORECASE)
MAX_TAGS = 50  # of these are looked at; a page has one or two


def in_header(robots: Iterable[str], tdm: str = "") -> str:
    """What the `X-Robots-Tag` lines of an answer reserve, and its `TDM-Reservation`."""
    found = [word for line in robots for word in _directives(line)]
    return _text([*found, *_tdm(tdm)])


def in_markup(markup: bytes) -> str:
    """What the meta tags of a page in UTF-8 reserve, whether or not the page can be read otherwise."""
    found: list[str] = []
    tdm: list[str] = []
    for tag in _tags(markup):
        said = {match[1].lower(): entities.unescape(match[2] or match[3] or match[4] or "") for match in _ATTRIBUTE.finditer(tag)}
        name = said.get("name", "").strip().lower()
        if name in ("robots", OURS):
            found += _directives(said.get("content", ""))
        elif name == "tdm-reservation":
            tdm = tdm or _tdm(said.get("content", ""))
    return _text([*found, *tdm])


def _tags(markup: bytes) -> Iterator[str]:
    """The meta tags that may reserve something, without those in comments and scripts."""
    speaking = (match for match in _META.finditer(markup) if _SPEAKS.search(match[0]))
    for match in islice(speaking, MAX_TAGS):
        if not any(markup.rfind(a, 0, match.start()) > markup.rfind(b, 0, match.start()) for a, b in _HIDING):
            yield match[0].decode("utf-8", "replace")


_HIDING = ((b"<!--", b"-->"), (b"<script", b"</script"))


def _directives(line: str) -> list[str]:
    """The words of one line of directives that are for everyone, or for this robot: `noindex, nachlese: noarchive`."""
    found: list[str] = []
    agent = ""
    for part in line.lower().split(","):
        name, colon, rest = part.partition(":")
        if colon and name.strip() not in _VALUED:
            agent, part = name.strip(), rest
        if agent in ("", OURS):
            found.append(_MEANS.get(part.strip(), part.strip()))
    return [word for word in found if word in _WORDS and word != "tdm"]


def _tdm(said: str) -> list[str]:
    """1 reserves, 0 does not; any other value is an error and says nothing."""
    return {"1": ["tdm"], "0": ["tdm=0"]}.get(said.strip(), [])


def _text(words: Iterable[str]) -> str:
    said = set(words)
    return " ".join(word for word in ("tdm=0", *_WORDS) if word in said)


def outdone(first: str, then: str) -> str:
    """Both together; what the second says of text and data mining stands above the first."""
    later = then.split()
    silenced = {"tdm", "tdm=0"} if {"tdm", "tdm=0"} & set(later) else set()
    return _text([*(word for word in first.split() if word not in silenced), *later])


def marked(reading: Reading, words: str) -> Reading:
    """A reading with what its page reserves. A page that wants no copy (`noarchive`) is not kept."""
    said = " ".join(word for word in words.split() if word != "tdm=0")
    outcome = replace(reading.outcome, reservations=said) if isinstance(reading.outcome, Article) else reading.outcome
    live = tuple(replace(entry, reservations=said) for entry in reading.live)
    uncopied = "noarchive" in words.split()
    packed = b"" if uncopied else reading.packed
    return replace(reading, outcome=outcome, live=live, packed=packed, reservations=words, uncopied=uncopied)


def of_page(html: bytes, charset: str | None, header: str) -> str:
    """What a page reserves in its header and, above that, in its markup."""
    return outdone(header, in_markup(utf8(html, charset)))


def withheld(reading: Reading) -> Reading:
    """What is left of a reading when opt-outs are respected: of a page with one neither text nor copy, but why.

    Only from here has a reading the verdict `denied`; filing takes it as the word to let go of what the page gave earlier.
    """
    said = opted_out(reading.reservations)
    if not said:
        return reading
    outcome = reading.outcome
    if isinstance(outcome, Article) or outcome.verdict in ("filed", "mention"):  # a mention keeps a sentence of its page
        reason = f"the page opts out ({', '.join(said)}), and RESPECT_TDM_OPTOUT is on"
        outcome = Verdict(outcome.url, "page", "denied", reason, reading.fetched_at)
    return replace(reading, outcome=outcome, live=(), packed=b"", uncopied=True)


def opted_out(words: str) -> list[str]:
    """The words by which a page opts out of being read."""
    return [word for word in words.split() if word in OPT_OUT]
