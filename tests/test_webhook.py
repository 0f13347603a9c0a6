"""Exports posted to a webhook: the right type, one more try, and a delivery counts only when it was taken."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler

import pytest

from crawler.command import NotDoneError
from crawler.exports.formats import FORMATS
from crawler.webhook import is_webhook
from tests.internet import Answer, Internet
from tests.test_delivery import export, news  # noqa: F401 - a fixture
from tests.test_export import Database

HOOK = "http://hook.example/secret-token"


class Hook:
    """A webhook on the small web: what it was sent, and how it answers."""

    def __init__(self, internet: Internet) -> None:
        self.taken: list[tuple[str, bytes]] = []
        self.answers: list[int] = []
        hook = self
        getting: type[BaseHTTPRequestHandler] = internet.server.RequestHandlerClass  # type: ignore[assignment]

        class Posting(getting):  # type: ignore[misc, valid-type]
            def do_POST(self) -> None:  # noqa: N802
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.taken.append((self.headers["Content-Type"], body))
                self.do_GET()

        internet.server.RequestHandlerClass = Posting
        internet.routes[HOOK] = lambda url, headers: Answer(self.answers.pop(0) if self.answers else 204, headers={"Location": HOOK})


@pytest.fixture
def hook(internet: Internet, monkeypatch: pytest.MonkeyPatch) -> Hook:
    """A webhook that is reached through the small web."""
    monkeypatch.setenv("http_proxy", internet.proxy)
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setattr("crawler.webhook.PAUSE", 0.01)
    return Hook(internet)


@pytest.mark.parametrize("name", FORMATS)
def test_export_arrives_as_it_is_written_with_its_content_type(news: Database, hook: Hook, name: str) -> None:  # noqa: F811
    body = export(news, "--format", name, "--post", HOOK)
    assert hook.taken == [(FORMATS[name].content_type, body)]


@pytest.mark.parametrize("answers", [[500], [503], [429]])
def test_one_more_try_is_made_where_it_may_help(news: Database, hook: Hook, answers: list[int]) -> None:  # noqa: F811
    hook.answers = answers
    body = export(news, "--cursor", "desk", "--post", HOOK)
    assert [taken for _, taken in hook.taken] == [body, body]
    assert body
    assert export(news, "--cursor", "desk") == b""


@pytest.mark.parametrize("answers", [[404], [302], [500, 500]])
def test_delivery_that_was_not_taken_comes_again(news: Database, hook: Hook, answers: list[int]) -> None:  # noqa: F811
    hook.answers = list(answers)
    with pytest.raises(NotDoneError, match=rf"hook\.example refused the export \(HTTP {answers[0]}\)") as refused:
        export(news, "--cursor", "desk", "--post", HOOK)
    assert refused.value.code == 69
    assert "secret" not in str(refused.value)
    assert len(hook.taken) == len(answers)
    first = hook.taken[-1][1]
    assert export(news, "--cursor", "desk", "--post", HOOK) == first == hook.taken[-1][1]
    assert export(news, "--cursor", "desk", "--again", "--post", HOOK) == first == hook.taken[-1][1]


def test_webhook_that_is_not_there_says_why(news: Database, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr("crawler.webhook.PAUSE", 0.01)
    with pytest.raises(NotDoneError, match=r"127\.0\.0\.1 could not be given the export \(.*refused"):
        export(news, "--post", "http://127.0.0.1:9/hook")


@pytest.mark.parametrize("url", ["ftp://a.example", "http://", "https:///x", "x", "http://[", "javascript:alert(1)"])
def test_address_that_takes_no_post_is_none(url: str) -> None:
    assert not is_webhook(url)
