"""The search of GDELT, against a double that cuts, refuses and throttles as the real one does."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from scrapy.settings import Settings

from crawler.formats.search import FULL, SLOT
from crawler.locks import Locks
from crawler.spiders.gdelt import GdeltSpider
from tests.conftest import Desk
from tests.internet import WEB, Answer, Internet
from tests.test_search import NOON, TOO_SOON, refusal

API = "http://api.gdelt.example/api/v2/doc/doc"
PACE = 0.05  # seconds between two calls
LISTED = "http://tagesfunk.example/ausland/nordkorea-soldaten-kursk-118"
UNLISTED = "http://unbekannt.example/welt/nordkorea-soldaten-kursk"
TEXT = "North Korean troops and missiles for Russia"  # what the translation of a page says


@dataclass
class Gdelt:
    """The double: at most 250 records of the time and language asked for whose text has a word of every group."""

    records: list[dict[str, str]] = field(default_factory=list)
    instead: Callable[[str], Answer | None] = lambda query: None
    bounds_count: bool = True  # whether a record at a bound of the time asked for is found
    calls: list[tuple[str, str, str]] = field(default_factory=list)  # query, from, to
    gaps: list[float] = field(default_factory=list)  # seconds before each call
    most: int = 0  # records in an answer
    too_soon: int = 0
    last: float = 0.0
    owed: float = 0.0  # when all calls so far are due; one may come early, for what leaves evenly spaced does not arrive so

    def add(self, url: str, title: str, seen: datetime, language: str = "German", text: str = TEXT) -> None:
        stamp = f"{seen:%Y%m%dT%H%M%SZ}"
        self.records.append({"url": url, "title": title, "seendate": stamp, "language": language, "domain": "", "text": text})

    def serve(self, url: str, headers: dict[str, str]) -> Answer:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        now = time.monotonic()
        self.gaps.append(now - self.last)
        self.last = now
        self.calls.append((asked["query"], asked["startdatetime"], asked["enddatetime"]))
        if now < self.owed - PACE:
            self.too_soon += 1
            return Answer(429, TOO_SOON)
        self.owed = max(self.owed, now) + PACE
        if sentence := refusal(asked["query"]):
            return Answer(200, sentence.encode(), {"Content-Type": "text/html; charset=utf-8"})
        return self.instead(asked["query"]) or self.answer(asked)

    def within(self, begin: str, seen: str, end: str) -> bool:
        return begin <= seen <= end if self.bounds_count else begin < seen < end

    def answer(self, asked: dict[str, str]) -> Answer:
        groups = [part.strip("()").split(" OR ") for part in re.findall(r"\([^()]*\)", asked["query"])]
        language = asked["query"].rpartition(":")[2]
        found = [
            record
            for record in sorted(self.records, key=lambda record: record["seendate"], reverse=True)
            if record["language"].lower() == language
            and self.within(asked["startdatetime"], re.sub(r"\D", "", record["seendate"]), asked["enddatetime"])
            and all(any(re.search(rf"\b{word.strip(chr(34))}\b", record["text"]) for word in group) for group in groups)
        ][: int(asked["maxrecords"])]
        self.most = max(self.most, len(found))
        return Answer(200, json.dumps({"articles": found} if found else {}).encode(), {"Content-Type": "application/json; charset=utf-8"})


@pytest.fixture
def gdelt(internet: Internet) -> Gdelt:
    double = Gdelt()
    page = (WEB / "tagesfunk.example" / f"{urlsplit(LISTED).path.strip('/')}.html").read_bytes()
    internet.routes |= {API: double.serve, UNLISTED: lambda url, headers: Answer(200, page, {"Content-Type": "text/html; charset=utf-8"})}
    return double


def crawl(desk: Desk, *args: str, code: int = 0) -> str:
    """Search 14 June 2024, in German; the last line on standard error."""
    day = ("-a", "since=2024-06-14", "-a", "until=2024-06-14", "-a", "languages=de")
    done = desk.run("crawl", "gdelt", *day, *args, code=code, GDELT_API=API, GDELT_DELAY=str(PACE))
    assert "Traceback" not in done.stderr
    return done.stderr.strip().splitlines()[-1]


def test_calls_keep_the_rate_limit_without_jitter_and_other_hosts_their_own_pace() -> None:
    settings = Settings({"GDELT_API": API, "GDELT_DELAY": 5.0, "DOWNLOAD_SLOTS": {"other.example": {"delay": 2.0}}})
    GdeltSpider.update_settings(settings)
    assert settings.getdict("DOWNLOAD_SLOTS") == {
        "api.gdelt.example": {"concurrency": 1, "delay": 5.5, "jitter": 0.0},
        "other.example": {"delay": 2.0},
    }


def test_search_files_articles_of_outlets_nobody_listed_and_asks_for_none_of_them_twice(
    desk: Desk, internet: Internet, gdelt: Gdelt
) -> None:
    gdelt.add(UNLISTED, "Nordkorea schickt Soldaten nach Kursk , sagt Seoul", NOON)
    gdelt.add(LISTED + "?utm_source=x", "Nordkoreas Soldaten", NOON + SLOT)
    gdelt.add("http://unbekannt.example/sport", "Fußball am Samstag", NOON)
    gdelt.add("javascript:alert(1)", "Nordkorea", NOON)
    gdelt.add("http://unbekannt.example/en", "North Korea", NOON, "English")
    assert crawl(desk) == "nachlese: gdelt: sound"
    listed = desk.rows("SELECT url, outlet, published, language FROM entries ORDER BY url")
    assert [tuple(row) for row in listed] == [
        (LISTED, "tagesfunk", "", "de"), ("http://unbekannt.example/sport", None, "", "de"), (UNLISTED, None, "", "de"),
    ]  # fmt: skip
    assert {row["url"] for row in desk.rows("SELECT url FROM articles")} == {LISTED, UNLISTED}
    (sport,) = desk.rows("SELECT verdict, stage FROM decisions WHERE url LIKE '%sport'")
    assert tuple(sport) == ("gone", "page")  # asked for: the search found the story in its text, whatever the headline says
    (source,) = desk.rows("SELECT s.url, s.kind, o.name FROM sources s JOIN outlets o ON o.id = s.outlet WHERE s.outlet = 'gdelt'")
    assert tuple(source) == (f"{API}?sourcelang=german", "search", "GDELT")
    internet.asked.clear()
    assert crawl(desk) == "nachlese: gdelt: sound"
    assert [url for url in internet.pages_asked() if not url.startswith(API)] == []


@pytest.mark.parametrize("bounds_count", [True, False])
def test_full_slices_are_halved_until_nothing_is_left_out(desk: Desk, internet: Internet, gdelt: Gdelt, bounds_count: bool) -> None:
    gdelt.bounds_count = bounds_count
    internet.routes["http://unbekannt.example/robots.txt"] = lambda url, headers: Answer(200, b"User-agent: *\nDisallow: /")
    for number in range(700):
        seen = NOON - timedelta(hours=12) + number % 88 * SLOT
        gdelt.add(f"http://unbekannt.example/{number}", "Das Wetter", seen, text="North Korea Russia missiles")
    assert crawl(desk) == "nachlese: gdelt: sound"
    assert desk.rows("SELECT count(*) AS n FROM entries")[0]["n"] == 700
    assert desk.rows("SELECT count(*) AS n FROM decisions")[0]["n"] == 700
    reasons = [row["reason"] for row in desk.rows("SELECT reason FROM fetches WHERE reason != ''")]
    assert 2 <= len(reasons) <= 7
    assert all(reason.endswith("full with 250 records, asked again in halves") for reason in reasons)
    assert (gdelt.most, gdelt.too_soon) == (FULL, 0)


def test_quarter_of_an_hour_that_is_full_says_that_it_was_cut(desk: Desk, internet: Internet, gdelt: Gdelt) -> None:
    internet.routes["http://unbekannt.example/robots.txt"] = lambda url, headers: Answer(200, b"User-agent: *\nDisallow: /")
    for number in range(FULL + 10):
        gdelt.add(f"http://unbekannt.example/{number}", "Das Wetter", NOON + timedelta(minutes=1), text="North Korea Russia missiles")
    crawl(desk)
    reasons = [row["reason"] for row in desk.rows("SELECT reason FROM fetches WHERE outcome = 'ok'")]
    assert [reason for reason in reasons if "cut" in reason] == [
        "2024-06-14 12:00 to 2024-06-14 12:15 UTC: full with 250 records, cut: there may be more"
    ]


@pytest.mark.parametrize("answer", [Answer(429, TOO_SOON), Answer(200, TOO_SOON), Answer(429, TOO_SOON, {"Retry-After": "0"})])
def test_throttled_calls_are_made_again_later(desk: Desk, gdelt: Gdelt, answer: Answer) -> None:
    gdelt.add(UNLISTED, "Nordkorea schickt Soldaten nach Kursk", NOON)
    gdelt.instead = lambda query: answer if len(gdelt.calls) in (2, 3) else None
    assert crawl(desk) == "nachlese: gdelt: sound"
    assert gdelt.calls[1] == gdelt.calls[2] == gdelt.calls[3]
    assert [row["url"] for row in desk.rows("SELECT url FROM articles")] == [UNLISTED]


@pytest.mark.parametrize(("after", "calls"), [("", 5), ("3600", 1)])
def test_search_that_stays_throttled_is_left_and_every_language_says_so(desk: Desk, gdelt: Gdelt, after: str, calls: int) -> None:
    gdelt.instead = lambda query: Answer(429, TOO_SOON, {"Retry-After": after} if after else {})
    assert crawl(desk, "-a", "languages=de,ko", code=69) == "nachlese: gdelt: every source failed (2)"
    assert len(gdelt.calls) == calls
    assert all(sum(gdelt.gaps[1:last]) >= PACE * (2**last - 3) for last in range(2, calls + 1))  # a call's grace in all
    said = [
        (row["source"], row["outcome"], row["reason"]) for row in desk.rows("SELECT source, outcome, reason FROM fetches ORDER BY source")
    ]
    reason = "asks for fewer calls (HTTP 429); calls not made: 12"
    assert said == [(f"{API}?sourcelang={language}", "failed", reason) for language in ("german", "korean")]


def test_refused_query_is_on_record_with_the_sentence_and_the_others_are_asked(desk: Desk, gdelt: Gdelt) -> None:
    gdelt.add(UNLISTED, "Nordkorea schickt Soldaten nach Kursk", NOON, text="North Korea Russia troops")
    gdelt.instead = lambda query: Answer(200, b"Your query was too short or too long.\n") if "missiles" in query else None
    assert crawl(desk) == "nachlese: gdelt: sound, but 1 of 6 sources failed"
    (failed,) = desk.rows("SELECT reason, http_status FROM fetches WHERE outcome = 'failed'")
    assert failed["reason"].endswith("says 'Your query was too short or too long.'")
    assert "2024-06-13 22:00 to 2024-06-14 22:00 UTC" in failed["reason"]  # the desk's day
    assert [row["url"] for row in desk.rows("SELECT url FROM articles")] == [UNLISTED]


def test_search_that_robots_txt_forbids_is_not_asked(desk: Desk, internet: Internet, gdelt: Gdelt) -> None:
    internet.routes["http://api.gdelt.example/robots.txt"] = lambda url, headers: Answer(200, b"User-agent: *\nDisallow: /api/")
    crawl(desk, code=69)
    assert gdelt.calls == []
    assert [row["outcome"] for row in desk.rows("SELECT outcome FROM fetches")] == ["denied"]


def test_host_that_another_run_asks_waits_for_the_next_search(desk: Desk, gdelt: Gdelt) -> None:
    gdelt.add(UNLISTED, "Nordkorea schickt Soldaten nach Kursk", NOON)
    other = Locks(desk.database.parent / "locks")
    assert other.take("unbekannt.example")
    assert crawl(desk) == "nachlese: gdelt: sound; 1 of 2 outlets skipped, another run holds them"
    assert desk.rows("SELECT * FROM decisions") == []
    other.release()
    gdelt.records.clear()
    crawl(desk)
    assert [row["url"] for row in desk.rows("SELECT url FROM articles")] == [UNLISTED]


def test_two_searches_never_run_at_once(desk: Desk, gdelt: Gdelt) -> None:
    other = Locks(desk.database.parent / "locks")
    assert other.take("gdelt")
    crawl(desk, code=75)
    other.release()
    assert gdelt.calls == []


@pytest.mark.parametrize("argument", ["languages=de,xx", "until=soon", "until=2024-06-13"])
def test_argument_that_makes_no_sense_ends_with_a_sentence(desk: Desk, gdelt: Gdelt, argument: str) -> None:
    assert argument.split("=")[1].split(",")[-1] in crawl(desk, "-a", argument, code=2)
    assert gdelt.calls == []
