"""The report of a run, as a file or to a webhook, agrees with the process; where it cannot go, the run does not mind."""

from __future__ import annotations

import json
import time
from http.server import BaseHTTPRequestHandler
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from crawler.report import ReportError, check, deliver, run_report
from pipelines.story import Story
from tests.conftest import Desk
from tests.internet import Answer, Internet
from tests.quality import editor
from tests.test_crawl import catalogue
from tests.test_export import NOON, REPORT, Database

SAID = {"spider": "feeds", "started": "2024-06-14T12:00:00Z", "finished": "2024-06-14T12:01:00Z", "exit_code": 0, "sentence": "sound"}
HOOK = "http://hook.example/secret-token"


@pytest.fixture
def posted(internet: Internet) -> list[tuple[str, dict[str, Any]]]:
    """What was posted to the small web; it answers as its routes say."""
    log: list[tuple[str, dict[str, Any]]] = []
    getting: type[BaseHTTPRequestHandler] = internet.server.RequestHandlerClass  # type: ignore[assignment]

    class Posting(getting):  # type: ignore[misc, valid-type]
        def do_POST(self) -> None:  # noqa: N802
            log.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
            self.do_GET()

    internet.server.RequestHandlerClass = Posting
    internet.routes[HOOK] = lambda url, headers: Answer(204)
    return log


def test_report_of_a_crawl_names_its_articles_and_failed_sources(desk: Desk, internet: Internet, tmp_path: Path) -> None:
    broken, *_ = catalogue("tagesfunk")
    internet.routes[broken] = lambda url, headers: Answer(500)
    path = tmp_path / "new" / "run.json"
    done = desk.run("crawl", "feeds", "-a", "outlet=tagesfunk,ticker24", REPORT=str(path))
    report = json.loads(path.read_text(encoding="utf-8"))
    run = desk.rows("SELECT * FROM runs")[0]
    assert (report["run"], report["spider"], report["exit_code"]) == (run["id"], "feeds", 0)
    assert (report["started"], report["finished"]) == (run["started_at"], run["finished_at"])
    assert done.stderr.strip().splitlines()[-1] == f"nachlese: feeds: {report['sentence']}"
    assert {name: report["counts"][name] for name in ("listed", "fetched", "filed")} == {n: run[n] for n in ("listed", "fetched", "filed")}
    assert report["counts"]["sources_failed"] == 1
    (failed,) = report["failed_sources"]
    assert (failed["source"], failed["outlet"], failed["outcome"], failed["http_status"]) == (broken, "tagesfunk", "failed", 500)
    assert "500" in failed["reason"]
    filed = desk.rows("SELECT public_id, headline, outlet, relation, new_sentences, url FROM articles_list ORDER BY id")
    assert report["new_articles"] == [dict(row) for row in filed]
    assert report["new_articles"]
    assert list(path.parent.iterdir()) == [path]


def test_page_that_only_changed_is_no_new_article(tmp_path: Path, story: Story) -> None:
    desk = Database(tmp_path / "news.db", story)
    desk.file(desk.article("a", REPORT))
    desk.store.db.execute("UPDATE articles SET filed_at = '2024-06-13T00:00:00Z'")
    desk.file(desk.article("a", REPORT + "\nSeoul legt neue Bilder vor."))
    desk.file(desk.article("b", "Nordkorea schickt Russland am 9. Juni Raketen."))
    found = run_report(desk.path, 1, {}, SAID)
    assert [article["url"] for article in found["new_articles"]] == ["http://tagesfunk.example/b"]


@pytest.mark.parametrize(
    ("args", "settings", "code"),
    [
        (("crawl", "feeds", "-a", "outlet=tagesfunk"), {}, 69),
        (("crawl", "nosuch"), {}, 2),
        (("crawl", "feeds"), {"DATABASE": "/proc/news.db"}, 73),
    ],
)
def test_exit_code_of_the_report_is_that_of_the_process_also_when_nothing_was_crawled(
    desk: Desk, internet: Internet, posted: list[tuple[str, dict[str, Any]]], args: tuple[str, ...], settings: dict[str, str], code: int
) -> None:
    for feed in catalogue("tagesfunk"):
        internet.routes[feed] = lambda url, headers: Answer(404)
    done = desk.run(*args, code=code, REPORT=HOOK, **settings)
    ((path, report),) = posted
    assert (path, report["exit_code"], report["spider"]) == (HOOK, code, args[1])
    assert report["sentence"] in done.stderr
    assert (report["run"] is None) == (code != 69)


def test_webhook_that_fails_is_a_warning_before_the_last_line_and_no_exit_code(desk: Desk, internet: Internet) -> None:
    done = desk.run("crawl", "feeds", "-a", "outlet=sportnetz", REPORT=HOOK)  # the small web takes no POST
    warning, last = done.stderr.strip().splitlines()[-2:]
    assert warning == "nachlese: warning: the webhook at hook.example refused the report (HTTP 501)"
    assert last.startswith("nachlese: feeds: sound")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("status", [302, 404, 500])
def test_webhook_that_moved_or_refuses_is_named_without_its_token(
    internet: Internet, posted: list[tuple[str, dict[str, Any]]], monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setenv("http_proxy", internet.proxy)
    monkeypatch.setenv("no_proxy", "")
    internet.routes[HOOK] = lambda url, headers: Answer(status, headers={"Location": "http://hook.example/other"})
    with pytest.raises(ReportError, match=f"hook.example refused the report .HTTP {status}") as refused:
        deliver(HOOK, SAID)
    assert "secret" not in str(refused.value)
    assert len(internet.asked) == len(posted) == 1


def test_webhook_that_is_not_there_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with pytest.raises(ReportError, match=r"the webhook at 127\.0\.0\.1 could not be given the report \(.*refused"):
        deliver("http://127.0.0.1:9/hook", SAID)


@pytest.mark.parametrize("target", ["ftp://a.example/x", "http://", "mailto://x", "HTTPS:///path"])
def test_report_to_nowhere_is_refused_before_the_crawl(target: str) -> None:
    with pytest.raises(ReportError, match="give a path or an http"):
        check(target)


def test_report_that_cannot_be_written_leaves_the_old_one_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "run.json").mkdir()
    with pytest.raises(ReportError, match="could not be written"):
        deliver(str(tmp_path / "run.json"), SAID)
    assert [path.name for path in tmp_path.iterdir()] == ["run.json"]


@pytest.mark.parametrize("database", ["/nowhere/news.db", __file__])
def test_report_without_a_readable_database_still_says_how_it_went(database: str) -> None:
    assert run_report(Path(database), 1, {"nachlese/sources_ok": 3}, SAID)["counts"]["sources_ok"] == 3


def test_manners_of_a_run_stand_in_its_report_as_the_server_saw_them(desk: Desk, internet: Internet, tmp_path: Path) -> None:
    seen: list[float] = []
    links = "".join(
        f"<item><link>http://hof.example/bericht-1000{n}.html</link><title>Nordkorea, Russland</title></item>" for n in range(3)
    )

    def feed(url: str, headers: dict[str, str]) -> Answer:
        seen.append(time.monotonic())
        body = f"<rss version='2.0'><channel><title>H</title>{links}</channel></rss>".encode()
        return Answer(304) if "if-none-match" in headers else Answer(200, body, {"ETag": '"1"'})

    def page(url: str, headers: dict[str, str]) -> Answer:
        seen.append(time.monotonic())
        return Answer(404)

    block = 'name = "h"\nhome = "http://hof.example"\ncountry = "DE"\nlanguage = "de"\ntimezone = "Europe/Berlin"\n'
    desk.sources = tmp_path / "sources.toml"
    desk.sources.write_text(f'[[outlet]]\nid = "h"\n{block}feeds = ["http://hof.example/feed", "http://z.hof.example/feed"]\n')
    internet.routes |= {f"http://hof.example/bericht-1000{n}.html": page for n in range(3)}
    internet.routes |= {f"http://hof.example/{name}": feed for name in ("feed", "robots.txt")}
    rows = []
    for most in ("300", "1"):
        desk.run("crawl", "feeds", REPORT=str(tmp_path / "run.json"), DOWNLOAD_DELAY="0.2", HOSTS_REPORTED=most)
        rows.append(json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))["hosts"])
        if len(rows) == 1:
            gap = min(later - earlier for earlier, later in pairwise(seen))
    (first, other), (second,) = rows
    assert (first["host"], first["requests"], first["most_at_once"], first["not_modified"]) == ("hof.example", 5, 1, 0.0)
    assert 0.09 < first["smallest_gap"] == pytest.approx(gap, abs=0.25)
    assert (other["host"], other["requests"]) == ("z.hof.example", 2)
    assert (second["requests"], second["not_modified"]) == (2, 0.5)


# --- what editors said is a label


def test_editors_words_are_cases_from_articles_and_stored_pages(desk: Desk, internet: Internet, story: Story) -> None:
    desk.run("crawl", "feeds", "-a", "outlet=oststimme")
    filed = desk.rows("SELECT url FROM verdicts WHERE verdict = 'filed'")[0]["url"]
    left_out = desk.rows("SELECT v.url FROM verdicts v JOIN pages p ON p.url = v.url WHERE v.verdict = 'off_story'")[0]["url"]
    store = Database(desk.database, story)
    for url, words in ((filed, ("filed", "dropped")), (left_out, ("filed",)), ("http://oststimme.example/unseen-page-here", ("dropped",))):
        for word in words:
            store.filer.say(url, word, "", NOON)  # type: ignore[arg-type]
    store.store.close()
    found = {case["id"]: case for case in editor.cases(desk.database, story)}
    assert {url: case["grade"] for url, case in found.items()} == {filed: 0, left_out: 2}
    assert all(len(case["text"]) > 200 for case in found.values())
    said = editor.agreement(desk.database, story)
    assert (said.cases, said.values, len(said.misses)) == (2, {"agreement": 0.0, "kept": 0.0, "dropped": 0.0}, 2)


def test_database_without_editors_words_has_no_score(crawled: tuple[Desk, Internet], story: Story) -> None:
    assert editor.agreement(crawled[0].database, story).values == {}
