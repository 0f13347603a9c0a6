"""The desk behind `deploy/nginx.conf` and `deploy/Caddyfile`, as a newsroom serves it: the real proxies, with a certificate of the test."""

from __future__ import annotations

import re
import shutil
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.canary import PASSWORD, desk_url, folder
from tests.conftest import ROOT
from tests.serving import free_ports

__all__ = ["desk_url", "folder"]  # fixtures

HOST = "desk.newsroom.example"
TOKEN = "opens-the-feeds"  # noqa: S105


def nginx(folder: Path, desk: int, plain: int, secure: int) -> tuple[list[str], Path]:
    """nginx with our file inside its `http`: the command, and the authority behind the certificate."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    request = f"req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN={HOST} -addext subjectAltName=DNS:{HOST}"
    subprocess.run(["openssl", *request.split(), "-keyout", key, "-out", certificate], check=True, capture_output=True)
    ours = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    for there, here in {
        f"/etc/letsencrypt/live/{HOST}/fullchain.pem": certificate,
        f"/etc/letsencrypt/live/{HOST}/privkey.pem": key,
        "/var/log/nginx/desk.log": folder / "log",
        "127.0.0.1:8001": f"127.0.0.1:{desk}",
        "listen 443": f"listen 127.0.0.1:{secure}",
        "listen 80": f"listen 127.0.0.1:{plain}",
    }.items():
        assert there in ours
        ours = ours.replace(there, str(here))
    (folder / "desk.conf").write_text(ours, encoding="utf-8")
    places = "".join(f"{kind}_temp_path {folder}/{kind}; " for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    whole = f"pid {folder}/pid; error_log stderr; daemon off; master_process off; events {{}} http {{ {places} include desk.conf; }}"
    (folder / "nginx.conf").write_text(whole, encoding="utf-8")
    return ["nginx", "-p", str(folder), "-c", "nginx.conf", "-e", "stderr"], certificate


def caddy(folder: Path, desk: int, plain: int, secure: int) -> tuple[list[str], Path]:
    """Caddy with our file, its certificate from an authority of its own."""
    where = f"storage file_system {folder}/store\n http_port {plain}\n https_port {secure}\n default_bind 127.0.0.1"
    ours = (ROOT / "deploy" / "Caddyfile").read_text(encoding="utf-8")
    assert "127.0.0.1:8001" in ours
    text = f"{{\n admin off\n local_certs\n skip_install_trust\n {where}\n}}\n{ours.replace('127.0.0.1:8001', f'127.0.0.1:{desk}')}"
    (folder / "Caddyfile").write_text(text, encoding="utf-8")
    return [
        "caddy",
        "run",
        "--config",
        str(folder / "Caddyfile"),
        "--adapter",
        "caddyfile",
    ], folder / "store/pki/authorities/local/root.crt"


Way = Callable[[Path, int, int, int], tuple[list[str], Path]]
NEEDED = {nginx: ("nginx", "openssl"), caddy: ("caddy",)}


@contextmanager
def proxied(way: Way, folder: Path, desk: int) -> Iterator[tuple[httpx.Client, str]]:
    """A reader outside, who trusts the certificate and knows the desk by its name; and where it answers without TLS."""
    plain, secure = free_ports(2)
    command, authority = way(folder, desk, plain, secure)
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        until(authority.exists, folder / "log")
        with httpx.Client(
            base_url=f"https://127.0.0.1:{secure}",
            headers={"host": HOST},
            verify=ssl.create_default_context(cafile=str(authority)),
            trust_env=False,
            timeout=30,
            event_hooks={"request": [lambda request: request.extensions.update(sni_hostname=HOST)]},
        ) as reader:
            until(lambda: answers(reader), folder / "log")
            yield reader, f"http://127.0.0.1:{plain}"
    finally:
        process.terminate()
        process.wait(20)


def until(done: Callable[[], bool], log: Path) -> None:
    for _ in range(600):
        if done():
            return
        time.sleep(0.05)
    pytest.fail(f"half a minute, and it is not so:\n{log.read_text()}")


def answers(reader: httpx.Client) -> bool:
    """Whether it listens and has its certificate."""
    try:
        return reader.get("/robots.txt").status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture(params=NEEDED, ids=lambda way: way.__name__)
def outside(request: pytest.FixtureRequest, desk_url: httpx.Client, tmp_path: Path) -> Iterator[tuple[httpx.Client, str]]:
    for program in NEEDED[request.param]:
        if not shutil.which(program):
            pytest.skip(f"no {program}: apt install {program}")
    with proxied(request.param, tmp_path, desk_url.base_url.port or 0) as found:
        yield found


def test_a_newsroom_logs_in_through_a_proxy(outside: tuple[httpx.Client, str]) -> None:
    reader, plain = outside
    moved = httpx.get(f"{plain}/news/coverage?_size=5", headers={"host": HOST}, trust_env=False)
    assert moved.status_code in (301, 308)
    assert re.fullmatch(rf"https://{HOST}(:\d+)?/news/coverage\?_size=5", moved.headers["location"])

    form = reader.get("/-/login")
    assert "max-age" in form.headers["strict-transport-security"]
    assert form.headers["x-frame-options"] == "DENY"
    assert "; secure" in form.headers["set-cookie"].lower()
    token = re.findall(r'name="csrftoken" value="([^"]+)"', form.text)[0]
    assert reader.get("/news/articles").status_code == 403
    into = reader.post("/-/login", data={"username": "newsroom", "password": PASSWORD, "csrftoken": token})
    assert into.status_code == 302
    (login,) = (cookie.lower() for cookie in into.headers.get_list("set-cookie") if cookie.startswith("ds_actor="))
    assert {"secure", "httponly", "samesite=lax"} <= set(login.split("; "))
    assert reader.get("/news/articles").status_code == 200
    much = {"csrftoken": token, "password": "x" * 100_000}
    assert reader.post("/-/login", data=much).status_code in (413, 502)  # Caddy before 2.7 says 502


def test_behind_a_proxy_links_are_https_and_logs_know_no_token(outside: tuple[httpx.Client, str], tmp_path: Path) -> None:
    reader, _ = outside
    following = reader.get("/news/coverage.json?_size=1").json()["next_url"]
    assert re.match(rf"https://{HOST}(:\d+)?/news/coverage\.json\?", following)
    feed = reader.get(f"/news/reports_feed.atom?token={TOKEN}")
    assert f"https://{HOST}" in feed.text
    assert f"http://{HOST}" not in feed.text
    log = tmp_path / "log"
    until(lambda: "/news/reports_feed.atom" in log.read_text(), log)  # it is written after the answer
    assert TOKEN not in log.read_text()


def test_who_guesses_is_stopped_though_each_guess_names_another_address(outside: tuple[httpx.Client, str]) -> None:
    reader, _ = outside
    token = re.findall(r'name="csrftoken" value="([^"]+)"', reader.get("/-/login").text)[0]
    guess = {"username": "newsroom", "password": "guess", "csrftoken": token}
    answers = [reader.post("/-/login", data=guess, headers={"x-forwarded-for": f"198.51.100.{n}"}).status_code for n in range(20)]
    assert answers[-1] == 429
