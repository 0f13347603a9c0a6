"""A large sitemap is read a slice at a time: other hosts have their turn, and a stop is heard."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest

from crawler.spiders.sitemaps import SitemapsSpider
from crawler.visits import Item
from pipelines.article import Fetch
from tests.test_sitemaps import HOST, PLAIN, index, url
from tests.test_spiders import answer, sitemap, spider


@pytest.mark.parametrize("make", [index, lambda *files: sitemap(*(url(link, when) for link, when in files))], ids=["index", "sitemap"])
def test_other_hosts_go_on_while_a_large_file_is_read(make: Callable[..., str]) -> None:
    """Of all that reading takes, nothing else waits for a quarter at once."""
    asked = spider(SitemapsSpider)
    asked.crawler.crawling = True
    response = answer(make(*((f"{HOST}/datei-{n}.xml", "2020-01-01") for n in range(60_000))))
    waits: list[float] = []

    async def others() -> None:
        while True:
            before = time.monotonic()
            await asyncio.sleep(0)
            waits.append(time.monotonic() - before)

    async def both() -> list[Item]:
        beside = asyncio.create_task(others())
        items = [item async for item in asked.in_turn(response, source=PLAIN)]
        beside.cancel()
        return items

    began = time.monotonic()
    (fetch,) = asyncio.run(both())
    assert isinstance(fetch, Fetch) and fetch.outcome == "empty"
    assert max(waits) < (time.monotonic() - began) / 4


def test_run_that_is_told_to_stop_reads_no_further_and_says_nothing_of_the_file() -> None:
    asked = spider(SitemapsSpider)
    asked.crawler.crawling = False
    response = answer(index(*((f"{HOST}/datei-{n}.xml", "2020-01-01") for n in range(20_000))))

    async def items() -> list[Item]:
        return [item async for item in asked.in_turn(response, source=PLAIN)]

    assert asyncio.run(items()) == []
