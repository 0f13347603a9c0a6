"""A large sitemap is read a slice at a time: other hosts have their turn, and a stop is heard."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from crawler.spiders import sitemaps
from crawler.spiders.sitemaps import SitemapsSpider
from crawler.visits import Item
from pipelines.article import Fetch
from tests.blatt import answering
from tests.conftest import Desk
from tests.internet import Answer, Internet
from tests.test_sitemaps import HOST, PLAIN, index, url
from tests.test_spiders import answer, sitemap, spider


@pytest.mark.parametrize("make", [index, lambda *files: sitemap(*(url(link, when) for link, when in files))], ids=["index", "sitemap"])
def test_other_hosts_go_on_while_a_large_file_is_read(make: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    """They have a turn while it is parsed, and between any two slices of it."""
    asked = spider(SitemapsSpider)
    asked.crawler.crawling = True
    monkeypatch.setattr(sitemaps, "TURN", 0)  # a slice is an entry
    slices, turns = asked._slices, [""]

    def watched(*given: Any) -> Iterator[None]:
        for _ in slices(*given):
            turns.append("slice")
            yield

    async def others() -> None:
        while True:
            if turns[-1] != "others":
                turns.append("others")
            await asyncio.sleep(0)

    async def both() -> list[Item]:
        beside = asyncio.create_task(others())
        response = answer(make(*((f"{HOST}/datei-{n}.xml", "2020-01-01") for n in range(200))))
        items = [item async for item in asked.in_turn(response, source=PLAIN)]
        beside.cancel()
        return items

    monkeypatch.setattr(asked, "_slices", watched)
    (fetch,) = asyncio.run(both())
    assert isinstance(fetch, Fetch) and fetch.outcome == "empty"
    assert turns[1] == "others"
    assert turns.count("slice") >= 100
    assert ("slice", "slice") not in pairwise(turns)


def test_run_that_is_told_to_stop_reads_no_further_and_says_nothing_of_the_file() -> None:
    asked = spider(SitemapsSpider)
    asked.crawler.crawling = False
    response = answer(index(*((f"{HOST}/datei-{n}.xml", "2020-01-01") for n in range(20_000))))

    async def items() -> list[Item]:
        return [item async for item in asked.in_turn(response, source=PLAIN)]

    assert asyncio.run(items()) == []


BLOCK = """[[outlet]]
id = "{id}"
name = "{id}"
home = "http://{id}.example"
country = "DE"
language = "de"
timezone = "Europe/Berlin"
sitemaps = ["http://{id}.example/sitemap.xml"]
"""


def test_small_outlet_is_read_to_its_end_while_a_large_one_s_sitemap_is_read(desk: Desk, internet: Internet, tmp_path: Path) -> None:
    desk.sources = tmp_path / "sources.toml"
    desk.sources.write_text(BLOCK.format(id="gross") + BLOCK.format(id="klein"), encoding="utf-8")
    on_story = {name: f"http://{name}.example/nordkorea-liefert-russland-raketen" for name in ("gross", "klein")}
    old = f"<loc>http://gross.example/{'x' * 60}-%d.html</loc><lastmod>2020-01-01</lastmod>"
    large = sitemap(*(old % n for n in range(120_000)), f"<loc>{on_story['gross']}</loc>")  # some seconds
    small = sitemap(*(f"<loc>{on_story['klein']}-{n}</loc>" for n in range(8)))
    for name, body in (("gross", large), ("klein", small)):
        internet.routes[f"http://{name}.example/sitemap.xml"] = answering(Answer(200, body.encode()))
    desk.run("crawl", "sitemaps", DOWNLOAD_DELAY="0.05")
    pages = [address for address in internet.pages_asked() if "raketen" in address]
    assert set(pages[:8]) == {f"{on_story['klein']}-{n}" for n in range(8)}
    assert pages[8:] == [on_story["gross"]]
