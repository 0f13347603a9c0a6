"""A page becomes an article or a verdict, whatever its bytes; a page that breaks a worker costs only itself."""

from __future__ import annotations

import asyncio
import multiprocessing
from dataclasses import replace
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import pytest
from pebble import ProcessPool
from scrapy import Request, signals
from scrapy.utils.test import get_crawler

from pipelines.article import Article, Entry, Page, Source, Verdict
from pipelines.read import AHEAD, POOLS, ReadPipeline, read
from pipelines.relevance import score
from pipelines.story import Story
from tests.conftest import ROOT
from tests.internet import WEB
from tests.processes import computed

NOW = datetime(2024, 11, 20, 6, 0, tzinfo=UTC)
BUSY = 1  # second of processor: a worker takes a fifth to begin, the long page of this file some two to five
ARTICLE = (WEB / "tagesfunk.example/ausland/nordkorea-soldaten-kursk-118.html").read_bytes()
BODY = """<p>Die Sendung erreichte Wladiwostok am Abend, teilten russische Behörden mit. Moskau verlud die Granaten auf Züge.</p>
<p>Bezahlt wird offenbar mit Treibstoff, wie aus Unterlagen hervorgeht. Der Kreml wollte sich auf Anfrage nicht äußern.</p>"""


def page(html: bytes, *, url: str = "http://a.example/politik/ein-langer-artikel-123456", listed: str = "") -> Page:
    entry = Entry(url, "a", "http://a.example/feed", NOW, headline=listed) if listed else None
    return Page(url, url, 200, NOW, html, timezone="Europe/Berlin", language="de", entry=entry)


def verdict(story: Story, found: Page) -> str:
    outcome = read(found, story)
    return outcome.verdict if isinstance(outcome, Verdict) else "filed"


@pytest.mark.parametrize(
    "name",
    ["Nordkorea", "Nord&shy;korea", "Nord\u00adkorea", "Nord\u200bkorea", "&#78;ordkorea", "Nord-Korea", "NORDKOREA", "Pj&ouml;ngjang"],
)
def test_party_named_in_any_spelling_gets_past_the_cheap_look(story: Story, name: str) -> None:
    html = f"<html><h1>{name} liefert Russland Munition</h1><p>{name} liefert Russland Munition für den Krieg.</p>{BODY}</html>"
    assert verdict(story, page(html.encode())) == "filed"
    assert verdict(story, page(html.encode("utf-16"))) == "filed"


def test_party_named_only_in_json_escapes_gets_a_second_look(story: Story) -> None:
    html = '<script>{"text":"Pj\\u00f6ngjang"}</script>' + BODY
    outcome = read(page(html.encode()), story)
    assert isinstance(outcome, Verdict)
    assert "nowhere names" not in outcome.reason


def test_page_that_nowhere_names_the_party_is_off_story_unparsed(story: Story) -> None:
    outcome = read(page(b"<p>Der Hafen von Bremen schl\xc3\xa4gt mehr Container um.</p>"), story)
    assert isinstance(outcome, Verdict)
    assert (outcome.verdict, outcome.reason) == ("off_story", "the page nowhere names north-korea")


WALL = "<h1>Weiterlesen mit Werbung</h1><p>Pur-Abo oder Zustimmung: Cookies akzeptieren.</p><p>Mit Ihrer Einwilligung lesen Sie gratis.</p>"


@pytest.mark.parametrize(
    ("html", "wanted"),
    [
        ("", "no_text"),
        (WALL, "wall"),
        ("<title>Seite nicht gefunden</title><h1>Seite nicht gefunden</h1><p>Schade.</p>", "gone"),
        ("<title>Just a moment...</title><p>Checking your browser.</p>", "wall"),
        ("<title>Anmelden</title><h1>Anmelden</h1><form><input type=password></form>", "wall"),
    ],
)
def test_what_stands_in_an_article_s_place_is_refused_by_its_kind(story: Story, html: str, wanted: str) -> None:
    outcome = read(page(html.encode(), listed="Nordkorea liefert Russland Granaten"), story)
    assert isinstance(outcome, Verdict)
    assert outcome.verdict == wanted
    assert bool(outcome.retry_at) == (wanted == "wall")


async def through_workers(pipeline: ReadPipeline, *items: Any) -> list[Any]:
    """What the pipeline makes of items."""
    return await asyncio.gather(*map(pipeline.process_item, items))


async def through_a_killed_worker(pipeline: ReadPipeline, item: Any) -> Any:
    """What the pipeline makes of an item whose worker is killed while it reads."""
    task = asyncio.create_task(pipeline.process_item(item))
    while not (busy := [child for child in multiprocessing.active_children() if child.pid and computed(child.pid) > BUSY]):
        assert not task.done(), task
        await asyncio.sleep(0.01)
    for child in busy:
        child.kill()
    return await task


def test_killed_worker_costs_its_page_alone_and_reading_goes_on() -> None:
    said = b"".join(b"<p>Am %d. Mai kamen nach Angaben aus Seoul %d Container mit Munition an.</p>" % (n % 28 + 1, n) for n in range(9_000))
    pipeline = ReadPipeline(ROOT / "seeds" / "story.toml", 1, 60, archive=False)
    try:
        killed = asyncio.run(through_a_killed_worker(pipeline, page(ARTICLE.replace(b"</p>", b"</p>" + said, 1))))
        assert isinstance(killed.outcome, Verdict)
        assert (killed.outcome.verdict, killed.outcome.reason) == ("failed", "the reading process died (exit code -9)")
        assert killed.outcome.retry_at
        after = asyncio.run(through_workers(pipeline, page(ARTICLE)))[0]
        assert isinstance(after.outcome, Article)
    finally:
        pipeline.close_spider()


class Dying(ReadPipeline):
    """One whose workers are gone before they are given anything."""

    pools = 0

    def _new_pool(self) -> ProcessPool:
        pool = super()._new_pool()
        pool.stop()  # type: ignore[no-untyped-call]
        pool.join()
        self.pools += 1
        return pool


def test_page_that_is_given_to_no_worker_fails_and_says_so() -> None:
    pipeline = Dying(ROOT / "seeds" / "story.toml", 1, 20, archive=False)
    try:
        outcome = asyncio.run(through_workers(pipeline, page(ARTICLE)))[0].outcome
        assert isinstance(outcome, Verdict)
        assert (outcome.verdict, bool(outcome.retry_at), pipeline.pools) == ("failed", True, POOLS)
        assert outcome.reason.endswith("no worker lives long enough to be given a page")
    finally:
        pipeline.close_spider()


def test_page_that_takes_too_long_costs_itself_alone_and_reading_goes_on() -> None:
    endless = ARTICLE.replace(b"</p>", b"</p>" + b"<p>Und noch ein Absatz, damit der Text nicht endet.</p>" * 12_000, 1)
    pipeline = ReadPipeline(ROOT / "seeds" / "story.toml", 1, 0.2, archive=False)
    try:
        slow = asyncio.run(through_workers(pipeline, page(endless)))[0]
        assert isinstance(slow.outcome, Verdict)
        assert (slow.outcome.verdict, slow.outcome.reason) == ("failed", "reading took more than 0.2 s")
        assert slow.outcome.retry_at
        after = asyncio.run(through_workers(pipeline, page(b"<p>Der Hafen von Bremen.</p>")))[0]
        assert after.outcome.verdict == "off_story"
    finally:
        pipeline.close_spider()


ABOUT = {"entry": Entry("http://a.example/1", None, None, NOW)}
ASKED = {
    "a listing": (Request("http://a.example/feed", cb_kwargs={"source": Source("a", "feed", "http://a.example/feed")}), False),
    "another look": (Request("http://a.example/1", cb_kwargs=ABOUT, headers={"If-None-Match": '"1"'}), False),
    "another look by date": (Request("http://a.example/1", cb_kwargs=ABOUT, headers={"If-Modified-Since": "Mon, 03 Jun 2024"}), False),
    "a page": (Request("http://a.example/1", cb_kwargs=ABOUT), True),
}


@pytest.mark.parametrize("asked", ASKED)
def test_workers_get_ready_when_the_first_page_is_asked_for(asked: str) -> None:
    request, are_needed = ASKED[asked]
    settings = {"STORY": ROOT / "seeds" / "story.toml", "READ_PROCESSES": 2, "READ_TIMEOUT": 20, "READ_MEMORY": 2**29}
    crawler = get_crawler(settings_dict=settings)
    pipeline = ReadPipeline.from_crawler(crawler)
    crawler.signals.send_catch_log(signals.request_scheduled, request=request, spider=None)
    verdict = Verdict("http://a.example/1", "listing", "off_story", "no", NOW)
    assert asyncio.run(through_workers(pipeline, verdict)) == [verdict]
    assert bool(pipeline._pool) == are_needed
    pipeline.close_spider()  # also one that has not begun yet


def test_crawl_that_reads_by_itself_has_no_workers() -> None:
    pipeline = ReadPipeline(ROOT / "seeds" / "story.toml", 0, 20, archive=False)
    pipeline.expect(ASKED["a page"][0])
    assert isinstance(asyncio.run(through_workers(pipeline, page(ARTICLE)))[0].outcome, Article)
    assert pipeline._pool is None
    pipeline.close_spider()


@pytest.mark.parametrize("listed", [["3 Jun", "1 Jun", "5 Jun", "2 Jun", "1 Jun", "", "4 Jun"], ["", "", "", ""]])
def test_of_pages_that_wait_the_one_of_the_earliest_date_is_read_first(listed: list[str]) -> None:
    """Those given to the worker as they came; then by date, of one date as they came; what its listing does not date comes last."""
    dates = [f"{day} 2024 08:00:00 +0000" if day else "" for day in listed]
    pages = [page(ARTICLE, url=f"http://a.example/{n}", listed="Nordkorea") for n in range(len(listed))]
    dated = [replace(one, entry=replace(one.entry, published=date)) for one, date in zip(pages, dates, strict=True) if one.entry]
    pipeline = ReadPipeline(ROOT / "seeds" / "story.toml", 1, 20, archive=False)
    read: list[int] = []

    async def one(n: int) -> None:
        await pipeline.process_item(dated[n])
        read.append(n)

    async def every() -> None:
        await asyncio.gather(*(one(n) for n in range(len(dated))))

    try:
        asyncio.run(every())
    finally:
        pipeline.close_spider()
    assert read == [*range(AHEAD), *sorted(range(AHEAD, len(dated)), key=lambda n: (not listed[n], listed[n]))]


def test_next_page_is_given_to_a_worker_while_the_crawl_is_busy() -> None:
    """Not when it is free again: its workers would have nothing to do until then."""
    pipeline = ReadPipeline(ROOT / "seeds" / "story.toml", 1, 20, archive=False)

    async def every() -> None:
        pages = [asyncio.create_task(pipeline.process_item(page(ARTICLE, url=f"http://a.example/{n}"))) for n in range(3 * AHEAD)]
        while not any(task.done() for task in pages):
            await asyncio.sleep(0)
        until = monotonic() + 20
        while pipeline.turns._waiting and monotonic() < until:
            read(page(ARTICLE), pipeline.story)  # busy
        assert not pipeline.turns._waiting
        await asyncio.gather(*pages)

    try:
        asyncio.run(asyncio.wait_for(every(), 60))
    finally:
        pipeline.close_spider()


def test_archived_page_is_the_bytes_that_were_fetched(story: Story) -> None:
    import zlib

    from pipelines.read import reading

    kept = reading(page(ARTICLE), read(page(ARTICLE), story), archive=True)
    assert zlib.decompress(kept.packed) == ARTICLE


@pytest.mark.parametrize("headline", ["Der Tag", "Der Tag. Was war? Was kommt", "3. Woche: Das Wichtigste. Kurz"])
def test_mention_quotes_the_sentence_that_names_the_story(story: Story, headline: str) -> None:
    said = "Nordkorea habe Russland erneut Granaten geliefert, sagte der Minister."
    before = "Im Inland ging es um die Schuldenbremse. Der Bundesrat vertagte sich auf den Freitag. Die Bahn streicht Züge nach Kiel."
    after = (
        "Der Wetterdienst warnt vor Sturm an der Küste. Die Fähren bleiben im Hafen. Im Sport gewann der Tabellenführer knapp. "
        "Die Trainerfrage bleibt offen. Die Börse schloss kaum verändert. Im Kino laufen drei neue Filme an, darunter eine Komödie. "
        "Im Zoo wurde ein Elefant geboren. Die Bäcker erhöhen die Preise. Ein Radweg wird gesperrt."
    )
    found = score(headline, f"{before} {said} {after}", story)
    assert (found.grade, found.reason.partition(" | ")[2]) == (1, said)
