"""What `deploy/` starts exists, what it is told is read, and nothing in it is secret or floats."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import httpx
import pytest
import yaml

from crawler.commands.fleet import Command
from pipelines.store import Store
from tests.conftest import ROOT
from tests.serving import served

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
EXAMPLE = re.findall(r"^(\w+)=(.*)$", (DEPLOY / "nachlese.env.example").read_text(encoding="utf-8"), re.M)
OUTSIDE = {"TMPDIR", "VALKEY_PASSWORD"}  # Python reads the one; the other is a part of FLEET_URL
ANALYZE = shutil.which("systemd-analyze")


def started() -> Iterator[list[str]]:
    """The words of every command of ours, from `scrapy` on."""
    for unit in UNITS:
        for line in re.findall(r"^Exec\w+=(.*)$", unit.read_text(encoding="utf-8"), re.M):
            yield shlex.split(line.partition(" -m scrapy ")[2])
    yield from (service["command"] for service in COMPOSE["services"].values() if "image" in service and "valkey" not in service["image"])


@pytest.mark.parametrize("words", [words for words in started() if words], ids=" ".join)
def test_every_command_that_is_started_exists(words: list[str]) -> None:
    command, *rest = words
    assert (ROOT / "crawler" / "commands" / f"{command}.py").exists()
    if command == "crawl":
        assert (ROOT / "crawler" / "spiders" / f"{rest[0]}.py").exists()
    if command == "fleet":
        assert rest[0] in Command().syntax().split()
        assert set(rest[1:]) <= {"--crawls", "4"}


def test_what_a_service_is_told_by_its_environment_is_read_by_something() -> None:
    said = {name for name, _ in EXAMPLE} | {name for service in COMPOSE["services"].values() for name in service.get("environment", {})}
    read = "".join(path.read_text(encoding="utf-8") for path in [ROOT / "crawler" / "settings.py", *(ROOT / "data").rglob("*.py")])
    read += (ROOT / "data" / "metadata.yaml").read_text(encoding="utf-8")
    unread = {name for name in said - OUTSIDE if not re.search(rf'environ\S*"{name}"|env: {name}', read)}
    assert unread == {"DATASETTE_SECRET", "FORWARDED_ALLOW_IPS"}  # Datasette reads the one, its server the other


def test_desk_of_compose_believes_a_proxy_that_comes_over_a_bridge(tmp_path: Path) -> None:
    Store.open(tmp_path / "news.db").close()
    told = {name: value for name, value in COMPOSE["services"]["desk"]["environment"].items() if "$" not in value}
    bridge = httpx.HTTPTransport(local_address="127.0.0.2")
    with served(tmp_path, None, **told) as desk, httpx.Client(transport=bridge, base_url=desk.base_url) as proxy:
        feed = proxy.get("/news/reports_feed.atom", headers={"host": "desk.newsroom.example", "x-forwarded-proto": "https"})
    assert "https://desk.newsroom.example/news/" in feed.text


def test_compose_asks_for_every_secret_and_has_none() -> None:
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    assert set(re.findall(r"(?<!\$)\$\{(\w+)", text)) <= {name for name, _ in EXAMPLE}
    assert [value for _, value in EXAMPLE if value] == []
    assert re.findall(r"redis://:(?!\$)\w+@", text) == []


def test_every_image_has_a_version_and_nobody_outside_reaches_valkey() -> None:
    images = [service["image"] for service in COMPOSE["services"].values()]
    images += re.findall(r"^FROM (\S+)", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"), re.M)
    assert all(re.search(r":\d+\.\d+\.\d+", image) for image in images)
    assert "ports" not in COMPOSE["services"]["valkey"]
    assert all(port.startswith("127.0.0.1:") for service in COMPOSE["services"].values() for port in service.get("ports", ()))


def test_image_is_made_of_what_is_copied_and_of_no_database_or_password() -> None:
    copied = re.findall(r"^COPY (.+) \S+$", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"), re.M)
    lines = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert {line[1:] for line in lines if line.startswith("!")} == {name for names in copied for name in names.split()}
    left_out = [line for line in lines if not line.startswith(("#", "!"))]
    for kept_here in re.findall(r"^/?(data/.*?|.*__pycache__)/?$", (ROOT / ".gitignore").read_text(encoding="utf-8"), re.M):
        assert [line for line in left_out[1:] if fnmatch(f"./{kept_here}".replace("*", "news"), f"*{line.removeprefix('**')}")]
    assert left_out[0] == "*"


def test_whose_home_may_not_be_written_is_served_without_a_word(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("no folder")
    code = "import logging; logging.basicConfig(); from pipelines.address import registered_domain; print(registered_domain('https://www.zeitung.co.uk/1'))"
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env={"HOME": f"{tmp_path}/home"}, capture_output=True, text=True)
    assert (said.stdout, said.stderr) == ("zeitung.co.uk\n", "")


@pytest.mark.skipif(not ANALYZE, reason="no systemd here")
def test_units_are_sound_and_hardened(tmp_path: Path) -> None:
    for unit in UNITS:
        text = re.sub(r"/srv/nachlese/\.venv/bin/\w+", sys.executable, unit.read_text(encoding="utf-8"))
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    paths = sorted(map(str, tmp_path.iterdir()))
    found = subprocess.run([str(ANALYZE), "verify", "--man=no", *paths], capture_output=True, text=True)
    assert [line for line in found.stderr.splitlines() if "nachlese" in line] == []
    for path in (path for path in paths if path.endswith(".service")):
        said = subprocess.run([str(ANALYZE), "security", "--offline=true", path], capture_output=True, text=True).stdout
        assert float(re.findall(r"exposure level for \S+: ([\d.]+)", said)[0]) < 2
