"""What tests share: the project's own commands, run as a user runs them, against the small web."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from pipelines.story import Story, load_story
from tests import nursery
from tests.internet import WEB, Internet

ROOT = Path(__file__).parent.parent
settings.register_profile("soak", max_examples=3000, suppress_health_check=list(HealthCheck))  # pytest --hypothesis-profile=soak
settings.register_profile("same", derandomize=True)  # who changes one thing is not told of another; the soak looks further each time
settings.load_profile("same")


# The files that take longest, those that wait in turns with those that compute: one that began last would leave a core idle.
LONGEST = ("test_fleet", "test_browser", "test_misbehaving", "test_leaks", "test_trouble", "test_bench", "test_crawl", "test_datasette")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files."""
    first = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: first.get(item.path.stem, len(LONGEST)))


@dataclass
class Desk:
    """A place to run commands: one database, one small web."""

    database: Path
    proxy: str = ""
    sources: Path = WEB / "sources.toml"
    readers: str = "0"  # processes that read; each takes two seconds to begin, so only tests that are about them have any

    def settings(self) -> dict[str, str]:
        """What every command of a test is given with `-s`."""
        return {
            "DATABASE": str(self.database), "SOURCES": str(self.sources), "CONTACT": "https://nachlese.example/tests",
            "DOWNLOAD_DELAY": "0", "RETRY_TIMES": "0", "ALLOW_PRIVATE_ADDRESSES": "True", "LOG_LEVEL": "WARNING",
            "POLL_FASTEST": "0", "POLL_SLOWEST": "0", "READ_PROCESSES": self.readers,
        }  # fmt: skip

    def command(self, *args: str, **settings: str) -> list[str]:
        """The arguments of `scrapy …`."""
        return [*args, *(part for name, value in (self.settings() | settings).items() for part in ("-s", f"{name}={value}"))]

    def environment(self) -> dict[str, str]:
        """What a command finds around it: the small web is its proxy."""
        return {**os.environ, "http_proxy": self.proxy, "no_proxy": "", "PYTHONUTF8": "1"}

    def start(self, *args: str, **settings: str) -> nursery.Running:
        """Start `scrapy …` and return at once."""
        return nursery.start(self.command(*args, **settings), self.environment())

    def run(self, *args: str, code: int = 0, given: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
        """Run `scrapy …` to its end and hold its exit code against `code`; `given` is its standard input."""
        done = nursery.run(self.command(*args, **settings), self.environment(), given=given)
        assert done.returncode == code, f"scrapy {' '.join(args)}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def crawl_all(self) -> None:
        """Seeds and all three spiders."""
        self.run("seed")
        for spider in ("feeds", "sitemaps", "pages"):
            self.run("crawl", spider)

    def rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """The rows of a query."""
        connection = sqlite3.connect(f"{self.database.as_uri()}?mode=ro", uri=True)
        connection.row_factory = sqlite3.Row
        try:
            return connection.execute(sql, values).fetchall()
        finally:
            connection.close()

    def content(self) -> set[tuple[object, ...]]:
        """What makes two databases equal: verdict, relation, origin, text and date of every URL."""
        decided = self.rows(
            "SELECT v.url, v.verdict, a.relation, o.url, a.text_hash, a.published FROM verdicts v "
            "LEFT JOIN articles a ON a.url = v.url LEFT JOIN articles o ON o.id = a.origin"
        )
        return {tuple(row) for row in decided}


@pytest.fixture(scope="session")
def story() -> Story:
    """The story that ships with the project."""
    return load_story(ROOT / "seeds" / "story.toml")


@pytest.fixture
def internet() -> Iterator[Internet]:
    """The small web."""
    with Internet() as internet:
        yield internet


@pytest.fixture
def desk(tmp_path: Path, internet: Internet) -> Desk:
    """An empty database before the small web."""
    return Desk(tmp_path / "news.db", internet.proxy)


@pytest.fixture(scope="session")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, Internet]]:
    """The small web, crawled once by all spiders; tests only read it."""
    with Internet() as internet:
        desk = Desk(tmp_path_factory.mktemp("crawled") / "news.db", internet.proxy, readers="2")
        desk.crawl_all()
        yield desk, internet
