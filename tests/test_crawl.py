"""The whole journey, run as an operator runs it: real commands, real HTTP, a real database."""

from __future__ import annotations

import signal
import sqlite3
import time
from pathlib import Path

import pytest

from tests.conftest import Desk
from tests.internet import WEB, Answer, Internet
from tests.nursery import Running

WIRE = "http://tagesfunk.example/ausland/nordkorea-soldaten-kursk-118"


def article_requests(internet: Internet) -> list[str]:
    listings = ("feed", "rss", "sitemap", ".rdf", ".atom", ".json", ".xml")
    return [url for url in internet.pages_asked() if not any(part in url for part in listings) and not url.endswith("/nordkorea")]


def test_second_run_finds_nothing_new_and_fetches_no_article_again(desk: Desk, internet: Internet) -> None:
    desk.crawl_all()
    before, first = desk.content(), len(article_requests(internet))
    assert first > 40
    internet.asked.clear()
    desk.crawl_all()
    assert article_requests(internet) == []
    assert desk.content() == before
    assert desk.rows("SELECT sum(filed) AS filed FROM runs WHERE id > 3")[0]["filed"] == 0


def test_killed_crawl_resumed_ends_with_the_same_content(tmp_path: Path, crawled: tuple[Desk, Internet]) -> None:
    with Internet() as internet:
        desk = Desk(tmp_path / "news.db", internet.proxy, readers="2")
        desk.run("seed")
        for wanted in (3, 9, 18):
            process = desk.start("crawl", "feeds", DOWNLOAD_DELAY="0.1")
            kill_when_filed(process, desk, wanted)
            process.communicate(timeout=30)
            check = sqlite3.connect(desk.database).execute("PRAGMA integrity_check").fetchone()[0]
            assert check == "ok"
        desk.crawl_all()
        assert desk.content() == crawled[0].content()


def filed(desk: Desk) -> int:
    if not desk.database.exists():
        return 0
    return int(desk.rows("SELECT count(*) AS n FROM articles WHERE outlet IS NOT NULL")[0]["n"])


def kill_when_filed(process: Running, desk: Desk, wanted: int) -> None:
    """Kill -9 once so many articles are filed; bounded, for a crawl that is through before."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and filed(desk) < wanted and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)


def test_crawl_is_polite_one_request_a_host_and_says_who_it_is(tmp_path: Path) -> None:
    with Internet() as internet:
        desk = Desk(tmp_path / "news.db", internet.proxy)
        desk.run("crawl", "feeds")
        assert internet.most_at_once == 1
        assert internet.agents == {"Nachlese/0.1.0 (+https://nachlese.example/tests)"}
        assert not [url for url in internet.asked if "/archiv/" in url]  # robots.txt of ticker24 forbids it


@pytest.mark.parametrize("contact", ["", "nobody", "   "])
def test_crawl_without_a_contact_refuses_with_a_sentence(desk: Desk, internet: Internet, contact: str) -> None:
    done = desk.run("crawl", "feeds", code=2, CONTACT=contact)
    assert "CONTACT" in done.stderr
    assert "Traceback" not in done.stderr
    assert internet.asked == []


@pytest.mark.parametrize(
    ("args", "settings", "code", "says"),
    [
        (("crawl", "nosuch"), {}, 2, "there is no spider 'nosuch'"),
        (("crawl", "feeds", "-a", "outlet=nowhere"), {}, 2, "outlet=nowhere"),
        (("crawl", "feeds", "-a", "since=yesterday"), {}, 2, "since=yesterday"),
        (("crawl", "pages", "-a", "file=/nowhere.txt"), {}, 2, "nowhere.txt"),
        (("crawl", "feeds"), {"SOURCES": "/nowhere.toml"}, 2, "/nowhere.toml: cannot be read"),
        (("crawl", "feeds"), {"STORY": "/nowhere.toml"}, 2, "/nowhere.toml: cannot be read"),
        (("crawl", "feeds"), {"DATABASE": "/proc/news.db"}, 73, "/proc/news.db: cannot be written"),
        (("seed",), {"DATABASE": "/proc/news.db"}, 73, "/proc/news.db: cannot be written"),
        (("export",), {"DATABASE": "/nowhere/news.db"}, 73, "does not exist yet"),
        (("export", "--since", "soon"), {}, 2, "--since 'soon'"),
    ],
)
def test_what_a_person_got_wrong_ends_with_a_sentence_and_a_code(
    desk: Desk, args: tuple[str, ...], settings: dict[str, str], code: int, says: str
) -> None:
    done = desk.run(*args, code=code, **settings)
    assert says in done.stderr.strip().splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_run_whose_sources_all_fail_exits_69_and_one_failure_is_a_warning(desk: Desk, internet: Internet) -> None:
    feeds = catalogue("tagesfunk")
    for feed in feeds:
        internet.routes[feed] = lambda url, headers: Answer(503)
    done = desk.run("crawl", "feeds", "-a", "outlet=tagesfunk", code=69)
    assert done.stderr.strip().endswith(f"nachlese: feeds: every source failed ({len(feeds)})")
    done = desk.run("crawl", "feeds", "-a", "outlet=tagesfunk,ticker24")
    assert "sources failed" in done.stderr.strip().splitlines()[-1]
    assert desk.rows("SELECT DISTINCT state FROM sources WHERE outlet = 'tagesfunk'")[0]["state"] == "failing"


def catalogue(outlet: str) -> list[str]:
    from crawler.sources import load_sources

    return [s.url for o in load_sources(WEB / "sources.toml") if o.id == outlet for s in o.sources if s.kind == "feed"]


def test_outlet_that_another_run_holds_is_skipped_and_a_run_without_any_exits_75(desk: Desk, internet: Internet) -> None:
    from crawler.locks import Locks

    other_run = Locks(desk.database.parent / "locks")
    assert other_run.take("tagesfunk")
    done = desk.run("crawl", "feeds", "-a", "outlet=tagesfunk", code=75)
    assert "another run holds all 1 outlets" in done.stderr
    assert internet.asked == []
    done = desk.run("crawl", "feeds", "-a", "outlet=tagesfunk,ticker24")
    assert "1 of 2 outlets skipped" in done.stderr
    assert not [url for url in internet.asked if "tagesfunk" in url]
    other_run.release()
    desk.run("crawl", "feeds", "-a", "outlet=tagesfunk")
    outcomes = [row["outcome"] for row in desk.rows("SELECT outcome FROM runs ORDER BY id")]
    assert "skipped" in outcomes[1]


def test_outlet_limits_a_run(desk: Desk, internet: Internet) -> None:
    desk.run("crawl", "feeds", "-a", "outlet=oststimme")
    assert {url.split("/")[2] for url in internet.asked} == {"oststimme.example"}


def test_since_limits_a_run_without_deciding_what_is_older(desk: Desk, internet: Internet) -> None:
    desk.run("crawl", "feeds", "-a", "outlet=tagesfunk", "-a", "since=2024-10-01")
    assert not desk.rows("SELECT 1 FROM articles WHERE published < '2024-10'")
    assert not desk.rows("SELECT 1 FROM entries WHERE url LIKE '%satellitenbilder%'")
    desk.run("crawl", "feeds", "-a", "outlet=tagesfunk")
    assert desk.rows("SELECT 1 FROM articles WHERE published < '2024-10'")


def test_listing_that_cannot_be_the_story_is_recorded_but_not_fetched(crawled: tuple[Desk, Internet]) -> None:
    desk, internet = crawled
    skipped = desk.rows("SELECT url, reason FROM verdicts WHERE stage = 'listing' AND verdict = 'off_story'")
    assert skipped
    assert not {row["url"] for row in skipped} & set(internet.asked)


def test_every_entry_of_an_outlet_with_scope_all_is_fetched(crawled: tuple[Desk, Internet]) -> None:
    desk, internet = crawled
    listed = desk.rows("SELECT url FROM entries WHERE outlet = 'boerse-heute'")
    assert len(listed) >= 5
    assert {row["url"] for row in listed} <= set(internet.asked)


def test_changed_text_at_the_same_url_becomes_a_version_of_the_same_article(desk: Desk, internet: Internet) -> None:
    desk.run("crawl", "pages", "-a", f"url={WIRE}")
    old = desk.rows("SELECT id, relation, text FROM articles WHERE url = ?", WIRE)[0]
    page = internet.answer(WIRE, {}).body.decode()
    assert "2800" in page
    changed = page.replace("2800", "3100").encode()
    internet.routes[WIRE] = lambda url, headers: Answer(200, changed, {"Content-Type": "text/html; charset=utf-8"})
    desk.run("crawl", "pages", "-a", f"url={WIRE}")
    new = desk.rows("SELECT id, relation, text, state FROM articles WHERE url = ?", WIRE)[0]
    assert (new["id"], new["relation"], new["state"]) == (old["id"], old["relation"], "revised")
    assert "3100" in new["text"]
    assert [row["text"] for row in desk.rows("SELECT text FROM versions WHERE article = ?", old["id"])] == [old["text"]]
    assert desk.rows("SELECT 1 FROM sentences WHERE article = ? AND status = 'new' AND text LIKE '%3100%'", old["id"])
    desk.run("crawl", "pages", "-a", f"url={WIRE}")
    assert len(desk.rows("SELECT 1 FROM versions")) == 1


def test_pages_named_in_a_file_and_unknown_hosts_are_filed(desk: Desk, internet: Internet, tmp_path: Path) -> None:
    page = internet.answer(WIRE, {}).body
    internet.routes["http://unlisted.example/welt/nordkorea-soldaten-in-kursk-118"] = lambda url, headers: Answer(
        200, page, {"Content-Type": "text/html; charset=utf-8"}
    )
    named = tmp_path / "urls.txt"
    named.write_text(f"# by hand\n{WIRE}\nhttp://unlisted.example/welt/nordkorea-soldaten-in-kursk-118\nnot a url\n", encoding="utf-8")
    desk.run("crawl", "pages", "-a", f"file={named}")
    found = {row["outlet"]: row["relation"] for row in desk.rows("SELECT outlet, relation FROM articles")}
    assert set(found) == {"tagesfunk", None}
    assert sorted(found.values()) == ["copy", "original"]  # both give the same minute: neither is the earlier one


def test_section_page_s_article_links_are_followed(desk: Desk) -> None:
    desk.run("crawl", "pages", "-a", "url=http://ticker24.example/nordkorea")
    assert desk.rows("SELECT 1 FROM articles WHERE url LIKE '%koksan-geschuetze%'")
    assert not desk.rows("SELECT 1 FROM entries WHERE url LIKE '%impressum%' OR url LIKE '%login%'")


def test_every_candidate_for_a_publication_date_is_kept_the_chosen_one_first(crawled: tuple[Desk, Internet]) -> None:
    desk, _ = crawled
    for article in desk.rows("SELECT id, published, published_basis FROM articles WHERE published IS NOT NULL"):
        found = desk.rows("SELECT edtf, basis FROM dates WHERE article = ? AND role = 'published' ORDER BY id", article["id"])
        assert (found[0]["edtf"], found[0]["basis"]) == (article["published"], article["published_basis"])
    several = desk.rows("SELECT article FROM dates WHERE role = 'published' GROUP BY article HAVING count(DISTINCT basis) > 1")
    assert len(several) >= 10


def test_run_ledger_counts_what_happened(crawled: tuple[Desk, Internet]) -> None:
    desk, _ = crawled
    run = desk.rows("SELECT * FROM runs WHERE spider = 'feeds'")[0]
    articles = desk.rows("SELECT count(*) AS n FROM articles WHERE relation != 'seed'")[0]["n"]
    total = desk.rows("SELECT sum(filed) AS filed, sum(copies) AS copies FROM runs")[0]
    assert run["finished_at"] and run["outcome"].startswith("sound")
    assert run["listed"] >= 60
    # an AMP page that came first was filed, then became an alias: filed may be higher, never lower
    assert articles <= total["filed"] <= articles + 3
    assert total["copies"] >= 8


def test_reading_in_the_crawl_s_own_process_gives_the_same_content(tmp_path: Path, crawled: tuple[Desk, Internet]) -> None:
    with Internet() as internet:
        desk = Desk(tmp_path / "news.db", internet.proxy)
        desk.run("seed")
        for spider in ("pages", "sitemaps", "feeds"):  # another order of fetching too
            desk.run("crawl", spider, READ_PROCESSES="0")
        assert desk.content() == crawled[0].content()
