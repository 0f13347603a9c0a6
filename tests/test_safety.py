"""Login, limits, and what every answer says to the browser."""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
import time
from pathlib import Path

import httpx
import pytest
from datasette.app import Datasette

from pipelines.store import Store
from tests.canary import PASSWORD, WORD, analyst, anyone, desk_url, folder
from tests.serving import served

__all__ = ["analyst", "anyone", "desk_url", "folder"]  # fixtures

STRICT = {"default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "frame-ancestors": "'none'", "base-uri": "'self'"}
INTROSPECTION = "databases threads plugins versions metadata settings config actor permissions messages patterns allow-debug password-tool"


@pytest.mark.parametrize("name", INTROSPECTION.split())
@pytest.mark.parametrize("form", ["", ".json"])
def test_what_the_server_is_made_of_needs_a_login(anyone: httpx.Client, name: str, form: str) -> None:
    answer = anyone.get(f"/-/{name}{form}")
    assert answer.status_code == 403
    assert "/news.db" not in answer.text


@pytest.mark.parametrize("way", ["/-/metadata.json", "/-/plugins.json?all=1", "/-/config.json", "/-/databases.json", "/-/settings.json"])
def test_the_password_s_hash_is_shown_to_nobody(analyst: httpx.Client, way: str) -> None:
    assert "pbkdf2" not in analyst.get(way).text


def log_in(client: httpx.Client, password: str) -> httpx.Response:
    token = re.search(r'name="csrftoken" value="([^"]+)"', client.get("/-/login").text)
    assert token
    return client.post("/-/login", data={"username": "newsroom", "password": password, "csrftoken": token[1]})


def test_a_newsroom_logs_in_by_password_until_it_tries_too_often(anyone: httpx.Client) -> None:
    assert "Invalid" in log_in(anyone, "guess").text
    assert anyone.get("/news/articles").status_code == 403
    into = log_in(anyone, PASSWORD)
    assert into.status_code == 302
    assert [cookie for cookie in into.headers.get_list("set-cookie") if "httponly" not in cookie.lower()] == []
    assert anyone.get("/news/articles").status_code == 200
    anyone.cookies.delete("ds_actor")
    assert [log_in(anyone, "guess").status_code for _ in range(20)][-1] == 429
    assert log_in(anyone, PASSWORD).status_code == 429


def test_a_password_in_a_header_opens_nothing(anyone: httpx.Client) -> None:
    assert anyone.get("/news/articles", auth=("newsroom", PASSWORD)).status_code == 403
    assert anyone.get("/", headers={"authorization": "Basic x"}).status_code == 200


WAYS = [
    "/", "/news", "/news/coverage", "/news/coverage.json", "/news/coverage.csv", "/news/articles", "/news/nothing", "/nothing",
    "/news/x/y/z", "/news?sql=select", "/news/feed.atom", "/robots.txt", "/-/static/app.css", "/static/desk.css", "/-/login",
    "/-/dashboards/news", "/news/", "/news.db", "/news/coverage?_sort=nothing", "/favicon.ico",
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("who", ["anyone", "analyst"])
def test_every_answer_tells_the_browser_to_be_careful(request: pytest.FixtureRequest, who: str, way: str) -> None:
    answer = request.getfixturevalue(who).get(way, headers={"origin": "https://elsewhere.example"})
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-frame-options"] == "DENY"
    assert "camera=()" in answer.headers["permissions-policy"]
    assert "noindex" in answer.headers["x-robots-tag"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert not [name for name in answer.headers if name.startswith("access-control")]


def policy(answer: httpx.Response) -> dict[str, str]:
    return dict(part.strip().partition(" ")[::2] for part in answer.headers["content-security-policy"].split(";"))


@pytest.mark.parametrize(("who", "way"), [("anyone", way) for way in WAYS] + [("analyst", "/"), ("analyst", "/news/-/coverage")])
def test_our_pages_and_those_without_login_run_no_script_of_the_page(request: pytest.FixtureRequest, who: str, way: str) -> None:
    found = policy(request.getfixturevalue(who).get(way))
    assert found.items() >= STRICT.items()
    assert "unsafe" not in str(found)


def test_stock_tables_and_the_dashboard_may_run_theirs_after_login_but_fetch_nothing_from_elsewhere(analyst: httpx.Client) -> None:
    table, dashboard = (policy(analyst.get(way)) for way in ("/news/coverage", "/-/dashboards/news"))
    assert table["script-src"] == "'self' 'unsafe-inline'"
    assert set(dashboard["script-src"].split()) == {"'self'", "'unsafe-inline'", "'unsafe-eval'"}
    assert not re.search(r"https?:|\*", str([table, dashboard]))


def test_robots_are_sent_away(anyone: httpx.Client) -> None:
    assert anyone.get("/robots.txt").text == "User-agent: *\nDisallow: /"


def test_the_file_is_not_given_away_even_after_login(analyst: httpx.Client) -> None:
    assert analyst.get("/news.db").status_code == 403


def test_queries_of_anonymous_visitors_end_sooner_and_give_fewer_rows(anyone: httpx.Client, analyst: httpx.Client) -> None:
    started = time.monotonic()
    answer = anyone.get("/news/slow.json")
    assert time.monotonic() - started < 4.5  # people who logged in get five seconds
    assert answer.status_code == 400
    few, more = (client.get("/news/many.json").json() for client in (anyone, analyst))
    assert (len(few["rows"]), few["truncated"], len(more["rows"])) == (500, True, 2000)
    assert len(anyone.get("/news/dates.json?_size=max&_shape=array").json()) <= 500


@pytest.mark.parametrize(
    "query", ["_stream=on", "_search=%22a+b%22", "q=%22a+b%22", "_searchmode=raw", "_fts_table=articles_fts", "_where=1"]
)
def test_what_would_spell_out_closed_texts_needs_a_login(anyone: httpx.Client, analyst: httpx.Client, query: str) -> None:
    assert anyone.get(f"/news/articles_list.csv?{query}").status_code == 403
    assert analyst.get(f"/news/articles_list.csv?{query}").status_code == 200


def test_search_without_login_finds_articles(anyone: httpx.Client) -> None:
    assert len(anyone.get(f"/news/articles_list.json?_search={WORD}").json()["rows"]) == 1


def test_the_connection_cannot_write(folder: Path) -> None:
    database = Datasette([str(folder / "news.db")]).get_database("news")
    for sql in ("CREATE TABLE x (y)", "DELETE FROM articles", "PRAGMA user_version = 9"):
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            asyncio.run(database.execute(sql))


def test_the_server_listens_on_loopback_alone(desk_url: httpx.Client) -> None:
    port = f"{desk_url.base_url.port:04X}"
    sockets = [line.split()[1:4] for table in ("tcp", "tcp6") for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]]
    assert [local for local, _, state in sockets if local.endswith(f":{port}") and state == "0A"] == [f"0100007F:{port}"]


def test_without_a_password_nobody_logs_in_and_nothing_breaks(tmp_path: Path) -> None:
    assert "NACHLESE_PASSWORD_HASH" not in os.environ
    Store.open(tmp_path / "news.db").close()
    with served(tmp_path, None) as client:
        assert {client.get(way).status_code for way in ("/", "/-/login", "/robots.txt", "/news/coverage")} == {200}
        assert "Invalid" in log_in(client, "").text
        assert client.get("/news?sql=select+1").status_code == 403


def test_printed_link_logs_the_analyst_of_a_laptop_in_once(tmp_path: Path) -> None:
    Store.open(tmp_path / "news.db").close()
    with served(tmp_path, None, ("--root",)) as client:
        link = re.search(r"/-/auth-token\?token=\w+", (tmp_path / "log").read_text())
        assert link
        assert client.get("/news/sentences").status_code == 403
        assert client.get(link[0]).status_code == 302
        assert client.get("/news/sentences").status_code == 200
        client.cookies.clear()
        assert client.get(link[0]).status_code == 403
