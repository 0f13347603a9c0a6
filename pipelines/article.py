"""The nouns of a journey: what a listing says, what was fetched, what was read, what was decided.

All are frozen values that travel between processes; instants are aware and in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from pipelines.evidence import Dated, DateHint, Figure, Mention, Relevance

Stage = Literal["listing", "page", "editor"]
Closing = Literal[
    "filed", "alias", "mention", "off_story", "out_of_window", "no_text", "wall", "gone", "denied", "failed",
    "over_budget", "dropped",
]  # fmt: skip
Relation = Literal["seed", "original", "copy", "abridged", "extended", "merged"]
SourceKind = Literal["feed", "news_sitemap", "sitemap", "page", "search"]
FetchOutcome = Literal["ok", "unchanged", "failed", "denied", "empty"]


@dataclass(frozen=True, slots=True)
class Source:
    """A place where an outlet lists articles; its URL is its name. `every`: how often the catalogue wants it asked."""

    outlet: str
    kind: SourceKind
    url: str
    every: timedelta | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Outlet:
    """A publisher. `id` is permanent; `timezone` is what its naive clock times mean."""

    id: str
    name: str
    home: str
    country: str
    language: str
    timezone: str
    scope: Literal["match", "all"] = "match"
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One URL as it was listed. `url` is normalised, `published` stands as the listing wrote it."""

    url: str
    outlet: str | None
    source: str | None
    listed_at: datetime
    headline: str = ""
    summary: str = ""
    keywords: str = ""
    published: str = ""
    language: str = ""
    authors: str = ""

    def words(self) -> str:
        """What the listing says of the article; empty when it gives only the URL."""
        return "\n".join(part for part in (self.headline, self.summary, self.keywords) if part)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One decision on a URL. With `retry_at` it is provisional: the URL will be tried again then."""

    url: str
    stage: Stage
    verdict: Closing
    reason: str
    at: datetime
    score: float | None = None
    retry_at: datetime | None = None
    figures: tuple[Figure, ...] = ()  # of a mention: in the sentence that names the story


@dataclass(frozen=True, slots=True)
class Fetch:
    """One request for a listing, with what it listed and what was decided on sight: filed in one piece."""

    source: Source
    at: datetime
    outcome: FetchOutcome
    http_status: int | None = None
    reason: str = ""
    etag: str | None = None
    last_modified: str | None = None
    entries: tuple[Entry, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    urls: tuple[str, ...] = ()  # all that was listed, newest first
    reaches_back_to: datetime | None = None  # the oldest date listed
    size: int = 0  # bytes of the answer
    body_hash: str | None = None
    conditional: bool = False  # asked with validators
    moved_to: str | None = None  # where every redirect on the way was permanent
    retry_after: datetime | None = None
    rest: timedelta = timedelta()  # that Cache-Control or ttl asks for
    skip_hours: frozenset[int] = frozenset()  # of the day, UTC


@dataclass(frozen=True, slots=True)
class Health:
    """What is known of a source. `newest` is the newest third of its last listing; `distrusted`: its validators lied."""

    url: str
    outlet: str = ""
    state: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    distrusted: bool = False
    newest: tuple[str, ...] = ()
    every: timedelta | None = None
    peak: float | None = None  # the most new entries an hour it ever brought
    longest_pause: timedelta | None = None
    last_ok_at: datetime | None = None
    last_new_at: datetime | None = None
    plain_at: datetime | None = None
    next_due_at: datetime | None = None
    failures: float = 0.0
    moved_to: str | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which a source lost entries nobody gave back yet: the newest of the last fetch before it, and all of the first
    one after, which shares none of them."""

    fetch: int
    source: Source
    begin: datetime
    end: datetime
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Backfill:
    """What an archive had of a gap: entries, with what was decided on sight. `closed` when nothing is missing between the
    two fetches any more; `note` says what was found."""

    gap: Gap
    at: datetime
    archive: str  # its host
    note: str
    closed: bool = False
    entries: tuple[Entry, ...] = ()
    verdicts: tuple[Verdict, ...] = ()


@dataclass(frozen=True, slots=True)
class Revisit:
    """A filed article that is due for another look, as its listing named it, with its page's validators."""

    entry: Entry
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """Another look at a filed article that brought no page: `unchanged` (304), `gone`, or `failed`."""

    url: str
    at: datetime
    outcome: Literal["unchanged", "gone", "failed"]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an archive was read: `position` is the byte at which the next record begins."""

    path: str
    position: int
    finished: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """An article's page as fetched: `url` as it was listed, `final_url` after redirects, `html` the raw bytes."""

    url: str
    final_url: str
    http_status: int
    fetched_at: datetime
    html: bytes = field(repr=False)
    charset: str | None = None
    outlet: str | None = None
    language: str | None = None
    timezone: str = "UTC"
    entry: Entry | None = None
    kept: bool = False  # an editor wants it, whatever its relevance
    etag: str | None = None
    last_modified: str | None = None
    reservations: str = ""  # of the answer's header


class Sentence(NamedTuple):
    """A sentence as judged against memory: `key` is equal for equal wording, `gist` what it says (`novelty.meaning`)."""

    text: str
    offset: int
    key: int
    gist: bytes = b""


@dataclass(frozen=True, slots=True)
class Article:
    """One text that is on the story, read but not yet held against memory."""

    url: str
    headline: str
    text: str
    words: int
    fetched_at: datetime | None
    outlet: str | None = None
    byline: str = ""
    agency: str = ""
    language: str = ""
    canonical_url: str | None = None
    paywalled: bool = False
    image_url: str | None = None
    published: Dated | None = None
    modified: Dated | None = None
    evidence: tuple[tuple[DateHint, Dated], ...] = ()  # every candidate for `published`, with what it says by itself
    relevance: Relevance = field(default_factory=Relevance)
    mentions: tuple[Mention, ...] = ()
    figures: tuple[Figure, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    tokens: bytes = field(default=b"", repr=False)  # its words as comparing needs them (`text.hashed`)
    fingerprints: tuple[int, ...] = ()
    topics: tuple[int, ...] = ()  # hashes of what it is about, beyond the words every text on the story has
    seed: bool = False
    reservations: str = ""  # what the publisher reserves: tdm, noai, noindex …, parted by a space


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of a page: the outcome for `url` (where it was found), and the page for the archive.

    `listed` is the URL as it was listed; where it differs it is an alias of `url`. `live` are the entries of a live
    blog that are on the story, each an article of its own at `url#id`. With `uncopied` what was kept of the page goes.
    """

    outcome: Article | Verdict
    url: str
    listed: str
    final_url: str
    fetched_at: datetime
    http_status: int
    charset: str | None
    packed: bytes = field(repr=False)  # zlib
    entry: Entry | None
    live: tuple[Article, ...] = ()
    etag: str | None = None
    last_modified: str | None = None
    reservations: str = ""
    uncopied: bool = False
