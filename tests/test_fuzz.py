"""Every parser that takes foreign bytes, fed with what was bent: it raises nothing but its named error, ends, and what comes
out is within its bounds. `pytest --hypothesis-profile=soak tests/test_fuzz.py` does so for a long time."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st
from scrapy import Request
from scrapy.http import Response
from scrapy.robotstxt import ProtegoRobotParser

from crawler.answers import conditional, header, max_age, moved, resting
from crawler.backfill import ListingError
from crawler.consent import Rules
from crawler.formats.search import AnswerError, records
from crawler.formats.sitemap import last_day, worth_asking, written
from crawler.formats.snapshots import as_captured, snapshot
from crawler.formats.warc import Archive, BrokenError
from crawler.robots import grouped
from crawler.spiders.base import ListingSpider
from crawler.spiders.feeds import FeedsSpider
from crawler.spiders.gdelt import GdeltSpider
from crawler.spiders.pages import PagesSpider
from crawler.spiders.sitemaps import SitemapsSpider
from pipelines.address import MAX_URL, canonical_url, trap
from pipelines.article import Article, Entry, Gap, Page, Source, Verdict
from pipelines.dates import latest, mentions, published
from pipelines.dates.reading import read_date
from pipelines.evidence import DateHint
from pipelines.figures import figures
from pipelines.markup import decode
from pipelines.story import load_story
from pipelines.verdict import read_page
from tests.bent import ANSWERS, ARCHIVES, CAPTURES, LABELS, LISTINGS, PAGES, ROBOTS, SITEMAPS, TDMREP, bent, storable
from tests.conftest import ROOT
from tests.test_spiders import HOST, ITEM, answer, rss, spider

NOW = datetime(2024, 11, 20, 6, 0, tzinfo=UTC)
STORY = load_story(ROOT / "seeds" / "story.toml")
bounded = settings(deadline=timedelta(seconds=5))  # an example; most take milliseconds, the first loads models


def sound_entry(entry: Entry) -> None:
    storable(entry)
    assert canonical_url(entry.url) == entry.url and len(entry.url) <= 3 * MAX_URL
    assert max(map(len, (entry.headline, entry.summary, entry.keywords, entry.authors))) <= 2000
    assert len(entry.published) <= 100 and len(entry.language) in (0, 2)


SPIDERS: dict[type[ListingSpider], Any] = {}  # one for all examples: it keeps nothing of a listing but what it counts anew


def spider_of(kind: type[ListingSpider]) -> Any:
    return SPIDERS.setdefault(kind, SPIDERS.get(kind) or spider(kind))


def listed(kind: type[ListingSpider], body: bytes) -> list[Entry]:
    asked = spider_of(kind)
    source = Source("tagesfunk", kind.kind, f"{HOST}/listing")
    try:
        found: list[Entry] = asked.listed(answer(body), source)
    except ListingError as error:
        storable(str(error))
        return []
    for entry in found:
        sound_entry(entry)
    for item in asked.parse_listing(answer(body), source):
        if not isinstance(item, Request):
            storable(item)
    return found


@bounded
@given(st.one_of(bent(LISTINGS), bent([rss(*[ITEM] * 9).encode()]), st.binary(max_size=200)))
def test_any_feed_is_read_or_refused(body: bytes) -> None:
    listed(FeedsSpider, body)


@bounded
@given(st.one_of(bent(SITEMAPS), st.binary(max_size=200)))
def test_any_sitemap_is_read_or_refused(body: bytes) -> None:
    listed(SitemapsSpider, body)


@bounded
@given(bent(PAGES))
def test_any_section_page_lists_sound_entries(body: bytes) -> None:
    listed(PagesSpider, body)


@bounded
@given(bent(PAGES), LABELS, st.booleans(), st.text(max_size=50))
def test_any_page_becomes_an_article_or_a_verdict(html: bytes, charset: str | None, kept: bool, said: str) -> None:
    entry = Entry(f"{HOST}/a/b-1234567.html", "a", None, NOW, published=said)
    outcome, live = read_page(Page(entry.url, entry.url, 200, NOW, html, charset, "a", "de", "Europe/Berlin", entry, kept), STORY)
    for found in (outcome, *live):
        storable(
            found.url,
            found.reason if isinstance(found, Verdict) else (found.headline, found.byline, found.agency, found.text, found.published),
        )
        if isinstance(found, Article):
            sound_article(found)


def sound_article(article: Article) -> None:
    assert len(article.headline) <= 500 and len(article.byline) <= 4000
    assert article.published is None or 1994 <= int(article.published.edtf[:4]) <= 2024
    for hint, dated in article.evidence:
        storable(hint.text, dated.edtf)
    storable(article.image_url, article.canonical_url, article.relevance.reason, [f.as_written for f in article.figures])
    for figure in article.figures:
        assert all(bound is None or (math.isfinite(bound) and 0 <= bound < 2**63) for bound in (figure.low, figure.high))


DATES = st.one_of(
    st.text(max_size=60), st.from_regex(r"[0-9]{1,20}", fullmatch=True),
    st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:]{5,9}([+-][0-9:]{4,6}|Z)?)?", fullmatch=True),
    st.from_regex(r"[0-9]{1,2}[./ -][0-9]{1,2}[./ -][0-9]{2,6}( [0-9]{1,2}:[0-9]{2})?( [A-Z]{1,4})?", fullmatch=True),
    st.from_regex(r"(Mon|Do)?, [0-9]{1,2} (Jan|Feb|Mai|Dezember) [0-9]{1,5} [0-9]{2}:[0-9]{2}(:[0-9]{2})? ([+-][0-9]{4}|GMT|KST)",
    fullmatch=True),
    bent([b"2024-10-25T12:31:00+02:00", b"Fri, 25 Oct 2024 12:31:00 GMT", b"25. Oktober 2024, 12.31 Uhr",
    b"1729852260"]).map(lambda raw: raw.decode("latin-1")),
)  # fmt: skip
ZONES = st.sampled_from(["Europe/Berlin", "Asia/Seoul", "America/New_York", "Pacific/Kiritimati", "UTC"])


@bounded
@given(DATES, ZONES, st.sampled_from(["de", "en", "fr", "ko", "ru", "", "xx", "\ud800"]))
def test_any_date_is_possible_or_none(text: str, zone: str, language: str) -> None:
    home = ZoneInfo(zone)
    found = read_date(text, fetched_at=NOW, home=home, language=language)
    assert found is None or found.edtf(home)
    dated = published([DateHint(text, "json-ld"), DateHint(text, "url")], fetched_at=NOW, timezone=zone, language=language)
    when = latest(dated)
    # what is only known to the year or month may end later than today
    assert when is None or datetime(1993, 12, 31, tzinfo=UTC) < when < datetime(2025, 1, 3, tzinfo=UTC)
    instant = written(text, zone)
    assert instant is None or instant.tzinfo is UTC


ODD_DAYS = """am bis seit 30. Februar 31. Juni 2024 9999 0 Jahr im Sommer vor zwei Wochen 99. Monday last year in the 1e9 Nordkorea 12.
½ ²""".split()
SAID = st.lists(st.sampled_from(ODD_DAYS), max_size=12)


@bounded
@given(st.one_of(st.text(max_size=200), SAID.map(" ".join)), ZONES, st.sampled_from(["de", "en", "", "ko"]))
def test_any_text_mentions_days_that_exist(text: str, zone: str, language: str) -> None:
    for mention in mentions(text, anchor=NOW, timezone=zone, language=language):
        assert text[mention.offset :].startswith(mention.as_written)


ODD_NUMBERS = """rund mindestens 12.000 9,5 neun 99999999999999999999 Millionen Milliarden Trilliarden Soldaten Granaten Container troops
shells bis - – 1e400 ٣٠٠٠ ² ½ tausend 0 -5 million billion zwischen und %""".split()
COUNTED = st.lists(st.sampled_from(ODD_NUMBERS), max_size=14)


@bounded
@given(st.one_of(st.text(max_size=200), COUNTED.map(" ".join)), st.sampled_from(["de", "en", "fr", "ko", "ru", ""]))
def test_any_figure_is_finite_and_stands_in_its_text(text: str, language: str) -> None:
    for figure in figures(text, STORY, language=language):
        assert text[figure.offset :].startswith(figure.as_written)
        assert all(bound is None or (math.isfinite(bound) and 0 <= bound < 2**63) for bound in (figure.low, figure.high))


@bounded
@given(st.one_of(bent(ARCHIVES), st.binary(max_size=300)), st.integers(0, 5000))
def test_any_archive_is_read_or_broken(raw: bytes, start: int) -> None:
    archive = Archive(io.BytesIO(raw), most=200_000)
    try:
        for record in archive.records(min(start, len(raw)) if start % 3 == 0 else 0):
            assert 0 <= record.position <= len(raw)
            if record.snapshot:
                assert len(record.snapshot.html) <= 200_000 and record.snapshot.at.year >= 1996
    except BrokenError as error:
        assert 0 <= error.position <= len(raw) + 1


@bounded
@given(st.one_of(bent(ROBOTS), st.binary(max_size=200)), st.text(max_size=40))
def test_any_robots_txt_allows_or_forbids(body: bytes, path: str) -> None:
    parser = ProtegoRobotParser(grouped(body, "Nachlese", 1000), None)
    assert parser.allowed(f"{HOST}/{path}".encode("utf-8", "replace").decode(), "Nachlese") in (True, False)
    delay = parser.rp.crawl_delay("Nachlese")
    assert delay is None or isinstance(delay, float)


@bounded
@given(st.one_of(bent(TDMREP), st.binary(max_size=200)), st.text(max_size=40))
def test_any_reservation_is_one_or_none(body: bytes, path: str) -> None:
    assert Rules(body).reserves(f"{HOST}/{path}".encode("utf-8", "replace").decode()) in (True, False)


@bounded
@given(st.one_of(bent(ANSWERS), st.binary(max_size=200)))
def test_any_answer_of_a_search_has_records_or_says_what_it_is(body: bytes) -> None:
    try:
        found = records(body)
    except AnswerError as error:
        storable(str(error))
        return
    asked = spider_of(GdeltSpider)
    for record in found:
        for entry in asked._entries(record, answer(body), Source("gdelt", "search", HOST)):
            sound_entry(entry)


@bounded
@given(st.one_of(bent(CAPTURES), st.binary(max_size=100)), st.sampled_from([200, 404]))
def test_any_list_of_captures_leads_on_or_says_why_not(body: bytes, status: int) -> None:
    source = Source("tagesfunk", "feed", f"{HOST}/feed")
    asked = spider_of(FeedsSpider)
    request = asked.ask_archive(Gap(1, source, NOW - timedelta(hours=5), NOW, (), ()))
    (item,) = asked.parse_captures(answer(body, status=status), request.cb_kwargs["walk"])
    storable(item) if not isinstance(item, Request) else canonical_url(item.url)


ADDRESS = st.one_of(
    st.text(max_size=80), st.text(max_size=80).map(lambda tail: f"{HOST}/{tail}"),
    st.text(max_size=20).map(lambda host: f"http://{host}.example/a"),
    bent([b"http://zeitung.example/2024/06/14/a;jsessionid=1?utm_source=x&id=7#top",
    b"https://web.archive.org/web/20231013194500id_/https://a.example/b"]).map(lambda raw: raw.decode("latin-1")),
)  # fmt: skip


@bounded
@given(ADDRESS)
def test_any_address_has_one_spelling_or_none(url: str) -> None:
    found = canonical_url(url)
    if found is not None:
        storable(found)
        assert found.startswith(("http://", "https://"))
        assert canonical_url(found) == found
    trap(url, HOST)
    last_day(url)
    worth_asking([(url, None)], NOW)
    if capture := snapshot(url):
        storable(capture.original)


@bounded
@given(bent(PAGES), st.text(max_size=20), LABELS)
def test_any_bytes_are_text_without_markup_of_the_archive(raw: bytes, archive: str, charset: str | None) -> None:
    assert as_captured(raw, archive.encode("utf-8", "replace").decode()) is not None
    decode(raw, charset).encode("utf-8")


HEADERS: list[tuple[str, Callable[[Response], Any]]] = [
    ("Retry-After", lambda response: resting(response, NOW)), ("Cache-Control", max_age), ("ETag",
    lambda response: conditional(header(response, "ETag"), None)),
]  # fmt: skip


@bounded
@given(st.one_of(DATES, st.text(max_size=40)), st.sampled_from(HEADERS), st.sampled_from([200, 301, 429, 503]))
@example("2200000000 OCT 0 0:0 GMT", HEADERS[0], 429)
def test_any_header_is_understood_or_passed_over(text: str, said: tuple[str, Callable[[Response], Any]], status: int) -> None:
    value = text.encode("latin-1", "replace").replace(b"\n", b"").replace(b"\r", b"")
    response = Response(HOST, status=status, headers={said[0]: value})
    found = said[1](response)
    assert not isinstance(found, datetime) or NOW <= found <= NOW + timedelta(days=1)
    assert not isinstance(found, timedelta) or found >= timedelta()
    moved(response)
