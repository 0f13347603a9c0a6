"""Filed articles are looked at again on a real server: unchanged, revised, withdrawn; a look that fails says nothing."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlite_utils import Database

from pipelines.store import Store
from tests.conftest import Desk
from tests.internet import Answer, Internet


def look(desk: Desk) -> None:
    Database(desk.database).execute("UPDATE articles SET next_look_at = '2024-01-01T00:00:00Z' WHERE next_look_at IS NOT NULL")
    desk.run("crawl", "feeds", "-a", "outlet=tagesfunk")


def filed(desk: Desk, internet: Internet) -> str:
    desk.run("crawl", "feeds", "-a", "outlet=tagesfunk")
    return str(desk.rows("SELECT url FROM articles WHERE outlet = 'tagesfunk' AND instr(url, '#') = 0 ORDER BY id")[0]["url"])


def test_second_look_asks_with_validators_and_an_unchanged_page_stays_as_it_is(desk: Desk, internet: Internet) -> None:
    url = filed(desk, internet)
    page = internet.answer(url, {}).body
    seen: list[dict[str, str]] = []

    def route(asked: str, headers: dict[str, str]) -> Answer:
        seen.append(headers)
        return Answer(304) if "if-none-match" in headers else Answer(200, page, {"ETag": '"7"', "Content-Type": "text/html; charset=utf-8"})

    internet.routes[url] = route
    for _ in range(2):
        look(desk)
    assert [headers.get("if-none-match") for headers in seen] == [None, '"7"']
    (row,) = desk.rows(f"SELECT state, looks, missing FROM articles WHERE url = '{url}'")
    assert (row["state"], row["looks"], row["missing"]) == ("live", 2, 0)
    assert not desk.rows("SELECT 1 FROM versions")


def test_page_gone_twice_is_withdrawn_and_exported_as_such(desk: Desk, internet: Internet) -> None:
    url = filed(desk, internet)
    internet.routes[url] = lambda asked, headers: Answer(404)
    look(desk)
    assert desk.rows(f"SELECT state FROM articles WHERE url = '{url}'")[0]["state"] == "live"
    look(desk)
    assert desk.rows(f"SELECT state, next_look_at FROM articles WHERE url = '{url}'")[0]["state"] == "withdrawn"
    assert "withdrawn" in desk.run("export", "--view", "articles_list").stdout


def test_changed_page_makes_a_version_that_says_what_changed(desk: Desk, internet: Internet) -> None:
    url = filed(desk, internet)
    page = internet.answer(url, {}).body
    added = "<p>Am Abend legte das Ministerium neue Zahlen vor und sprach von 12.345 Granaten aus Nordkorea.</p></article>"
    changed = page.decode().replace("</article>", added, 1).encode()
    assert changed != page
    internet.routes[url] = lambda asked, headers: Answer(200, changed, {"Content-Type": "text/html; charset=utf-8"})
    look(desk)
    (row,) = desk.rows("SELECT came, figures FROM revisions")
    assert "12.345 Granaten" in row["came"] and "12.345" in row["figures"]
    assert desk.rows(f"SELECT state FROM articles WHERE url = '{url}'")[0]["state"] == "revised"


def test_look_that_fails_says_nothing_of_the_page_and_waits(desk: Desk, internet: Internet) -> None:
    url = filed(desk, internet)
    internet.routes[url] = lambda asked, headers: Answer(500)
    look(desk)
    (row,) = desk.rows(f"SELECT state, missing, next_look_at FROM articles WHERE url = '{url}'")
    assert (row["state"], row["missing"]) == ("live", 0)
    assert datetime.fromisoformat(row["next_look_at"]) > datetime.now(UTC)


def test_article_of_no_outlet_is_looked_at_again(desk: Desk, internet: Internet) -> None:
    url = filed(desk, internet)
    Database(desk.database).execute("UPDATE articles SET outlet = NULL WHERE url = ?", [url])
    Database(desk.database).execute("UPDATE articles SET next_look_at = '2024-01-01T00:00:00Z' WHERE url = ?", [url])
    before = internet.asked.count(url)
    desk.run("crawl", "feeds")
    assert internet.asked.count(url) == before + 1


def test_run_knows_as_many_looks_as_it_takes_of_each_outlet_the_newest_first(desk: Desk, internet: Internet) -> None:
    desk.run("crawl", "feeds")
    database = Database(desk.database)
    database.execute(
        "UPDATE articles SET next_look_at = strftime('%Y-%m-%dT%H:%M:%SZ', 1.7e9 + id, 'unixepoch') WHERE next_look_at IS NOT NULL"
    )
    database.execute("UPDATE articles SET outlet = NULL WHERE outlet = 'ticker24'")
    parts = database.execute("UPDATE articles SET next_look_at = '2023-12-31T23:59:59Z' WHERE outlet = 'tagesfunk' AND instr(url, '#')")
    assert parts.rowcount > 2
    due = desk.rows("SELECT url, outlet FROM articles WHERE next_look_at < '2024' ORDER BY next_look_at DESC, id DESC")
    of: dict[str | None, list[str]] = {row["outlet"]: [] for row in due}
    for row in due:
        page = row["url"].partition("#")[0]  # a live blog is one page
        of[row["outlet"]] += [page] if page not in of[row["outlet"]] else []
    assert len(of["tagesfunk"]) > 2 < len(of[None])
    store = Store.open(desk.database)
    known = {revisit.entry.url for revisit in store.ledger.standing(datetime.now(UTC), looks=2).revisits}
    store.close()
    assert known == {url for outlet, urls in of.items() for url in (urls[:2] if outlet else urls)}
    internet.asked.clear()
    desk.run("crawl", "feeds", "-s", "LOOKS_PER_OUTLET=2", "-a", "outlet=tagesfunk")
    assert [url for url in internet.asked if url in of["tagesfunk"]] == of["tagesfunk"][:2]
