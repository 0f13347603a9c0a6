"""What goes on after it was first listed: live tickers whose headline changes, live blogs that grow."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlite_utils import Database

from crawler.spiders.feeds import FeedsSpider
from crawler.spiders.gdelt import GdeltSpider
from pipelines.known import Known, keys_of
from tests.blatt import HOST, blatt
from tests.conftest import Desk
from tests.internet import Answer, Internet
from tests.test_spiders import LINK, entry, spider

__all__ = ["blatt"]  # fixture

OTHER_PAGE = f"{HOST}/other"
TICKER = f"{HOST}/politik/ukraine-ticker.html"
HTML = {"Content-Type": "text/html; charset=utf-8"}
OTHER, STORY = "Ukraine-Ticker: Regen über Odessa", "Ukraine-Ticker: Nordkorea schickt Russland weitere Soldaten"
NOW = datetime.now(UTC).replace(microsecond=0)


def listed(internet: Internet, headline: str) -> None:
    body = f"<rss version='2.0'><channel><title>B</title><item><link>{TICKER}</link><title>{headline}</title></item></channel></rss>"
    internet.routes[f"{HOST}/feed"] = lambda url, headers: Answer(200, body.encode(), {"Content-Type": "application/rss+xml"})


def article(headline: str) -> Answer:
    text = "".join(
        f"<p>Nordkorea hat nach Angaben aus Seoul {part} Bataillone nach Russland geschickt. Die Soldaten aus Nordkorea sollen von Kursk "
        f"aus mit Granaten in den Krieg gegen die Ukraine ziehen, {part} Züge mit Munition seien schon eingetroffen.</p>"
        for part in range(3, 9)
    )
    return Answer(200, f"<html><body><article><h1>{headline}</h1>{text}</article></body></html>".encode(), HTML)


def verdicts(desk: Desk, url: str = TICKER) -> list[tuple[str, str]]:
    return [(row["stage"], row["verdict"]) for row in desk.rows(f"SELECT stage, verdict FROM decisions WHERE url = '{url}' ORDER BY id")]


def test_page_that_its_listing_ruled_out_is_seen_once_its_headline_names_the_party(blatt: Desk, internet: Internet) -> None:
    internet.routes[TICKER] = lambda url, headers: article(STORY)
    for headline in (OTHER, "Ukraine-Ticker: Sonne über Odessa", STORY, f"{STORY}, sagt Seoul"):
        listed(internet, headline)
        blatt.run("crawl", "feeds")
    assert internet.asked.count(TICKER) == 1
    assert verdicts(blatt) == [("listing", "off_story"), ("listing", "off_story"), ("page", "filed")]
    assert blatt.rows(f"SELECT headline FROM entries WHERE url = '{TICKER}'")[0]["headline"] == STORY


def test_changed_headline_is_not_lost_when_the_run_ends_before_the_page_is_asked_for(blatt: Desk, internet: Internet) -> None:
    internet.routes[TICKER] = lambda url, headers: article(STORY)
    listed(internet, OTHER)
    blatt.run("crawl", "feeds")
    listed(internet, STORY)
    blatt.run("crawl", "feeds", OUTLET_REQUESTS="1", RETRY_FAILED_AFTER="0")
    assert TICKER not in internet.asked
    blatt.run("crawl", "feeds")
    assert verdicts(blatt)[-1] == ("page", "filed")


@pytest.mark.parametrize(
    ("headline", "asked"), [("Nordkorea schickt Granaten", ["Verdict", "Request"]), ("Fußball am Samstag", []), ("", [])]
)
def test_url_that_its_listing_ruled_out_is_asked_for_when_it_is_listed_in_other_words(headline: str, asked: list[str]) -> None:
    desk = spider(FeedsSpider)
    desk.known = Known(unseen=keys_of([LINK]))
    assert [type(item).__name__ for item in desk.follow(entry(headline=headline))] == asked


def test_search_in_texts_asks_for_what_a_listing_ruled_out() -> None:
    search = spider(GdeltSpider)
    search.known = Known(keys_of([OTHER_PAGE]), unseen=keys_of([LINK]))
    assert [item.url for item in search.follow(entry(headline="Fußball am Samstag"))] == [LINK]
    assert list(search.follow(replace(entry(headline="Nordkorea"), url=OTHER_PAGE))) == []


def at(hours: int) -> str:
    return (NOW - timedelta(hours=hours)).isoformat()


def blog(*entries: tuple[int, str], hour: int = 1) -> Answer:
    """A live blog whose entries have a number, which says how many hours ago they were, and a text."""
    updates = [{"@type": "BlogPosting", "url": f"{TICKER}#e{n}", "datePublished": at(n * hour), "articleBody": text} for n, text in entries]
    about = {"@context": "https://schema.org", "@type": "LiveBlogPosting", "headline": "Ukraine-Ticker", "liveBlogUpdate": updates}
    body = "".join(f"<p>{text}</p>" for _, text in entries)
    declared = f'<script type="application/ld+json">{json.dumps(about)}</script>'
    return Answer(200, f"<html><head>{declared}</head><body><h1>Ukraine-Ticker</h1>{body}</body></html>".encode(), HTML)


TROOPS = (5, "Nordkorea hat nach Angaben aus Seoul 3000 Soldaten nach Russland geschickt, die in Kursk gegen die Ukraine kämpfen sollen.")
SHELLS = (4, "Russland hat aus Nordkorea weitere Züge mit Granaten erhalten, sagt der ukrainische Geheimdienst über die Lieferungen.")
MORE = (2, "Nordkorea liefert Russland nach Erkenntnissen aus Seoul weitere 170 Haubitzen samt Munition für die Front in der Ukraine.")
RAIN = (3, "Über Odessa regnet es seit dem Morgen, mehrere Straßen der Stadt stehen unter Wasser, wie die Behörden am Mittag mitteilten.")


@pytest.fixture
def live(blatt: Desk, internet: Internet) -> Desk:
    listed(internet, STORY)
    internet.routes[TICKER] = lambda url, headers: blog(RAIN, SHELLS, TROOPS)
    blatt.run("crawl", "feeds")
    return blatt


def look(desk: Desk) -> None:
    Database(desk.database).execute("UPDATE articles SET next_look_at = '2024-01-01T00:00:00Z' WHERE next_look_at IS NOT NULL")
    desk.run("crawl", "feeds")


def due(desk: Desk) -> list[str]:
    sql = "SELECT url FROM articles WHERE state = 'live' AND next_look_at < strftime('%Y-%m-%dT%H:%M:%SZ', 'now')"
    return [row["url"] for row in desk.rows(sql)]


def parts(desk: Desk) -> dict[str, str]:
    return {row["url"].partition("#")[2]: row["state"] for row in desk.rows("SELECT url, state FROM articles WHERE outlet = 'blatt'")}


def test_live_blog_is_looked_at_again_once_for_all_its_entries_and_new_ones_are_filed(live: Desk, internet: Internet) -> None:
    assert parts(live) == {"e5": "live", "e4": "live"}
    internet.routes[TICKER] = lambda url, headers: blog(MORE, RAIN, SHELLS)  # the oldest is no longer there
    look(live)
    assert parts(live) == {"e5": "live", "e4": "live", "e2": "live"}
    assert internet.asked.count(TICKER) == 2
    assert due(live) == []
    assert "170 Haubitzen" in str([row["sentence"] for row in live.rows("SELECT sentence FROM new_sentences")])
    assert verdicts(live) == [("page", "filed"), ("page", "filed")]
    live.run("crawl", "feeds")
    assert internet.asked.count(TICKER) == 2


def test_live_blog_that_became_one_article_or_was_dropped_is_not_asked_for_in_every_run(live: Desk, internet: Internet) -> None:
    internet.routes[TICKER] = lambda url, headers: article(STORY)
    look(live)
    live.run("drop", TICKER)
    for asked in (2, 3):
        assert internet.asked.count(TICKER) == asked
        assert due(live) == []
        look(live)


def test_live_blog_that_cannot_be_read_now_stays_and_one_gone_twice_is_withdrawn(live: Desk, internet: Internet) -> None:
    answers = [Answer(304), Answer(500), Answer(200, b"<html><body><p>Wartung</p></body></html>", HTML)]
    internet.routes[TICKER] = lambda url, headers: answers[0]
    while answers:
        look(live)
        answers.pop(0)
        assert set(parts(live).values()) == {"live"}
        assert due(live) == []
    assert verdicts(live) == [("page", "filed")]
    internet.routes[TICKER] = lambda url, headers: Answer(404)
    for _ in range(2):
        look(live)
    assert set(parts(live).values()) == {"withdrawn"}


@pytest.mark.parametrize(("hours", "again"), [(1, True), (24, False)])
def test_live_blog_without_the_story_is_read_again_while_it_goes_on(blatt: Desk, internet: Internet, hours: int, again: bool) -> None:
    listed(internet, STORY)
    other = (1, "In Nordkorea ist nach Berichten des Staatsfernsehens ein neuer Badeort eröffnet worden, zu dem auch Gäste kommen sollen.")
    internet.routes[TICKER] = lambda url, headers: blog(other, RAIN, hour=hours)
    blatt.run("crawl", "feeds")
    ((verdict, retry),) = [(row["verdict"], row["retry_at"]) for row in blatt.rows("SELECT verdict, retry_at FROM decisions")]
    assert verdict == "off_story"
    assert bool(retry) is again
    internet.routes[TICKER] = lambda url, headers: blog(MORE, other, RAIN, hour=hours)
    Database(blatt.database).execute("UPDATE decisions SET retry_at = '2024-01-01T00:00:00Z' WHERE retry_at IS NOT NULL")
    blatt.run("crawl", "feeds")
    assert parts(blatt) == ({"e2": "live"} if again else {})
