"""A large sitemap is read a slice at a time: other hosts have their turn, and a stop is heard."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest
from scrapy import Request

from crawler.spiders import sitemaps
from crawler.spiders.sitemaps import SitemapsSpider
from crawler.visits import Item
from pipelines.article import Fetch
from tests.test_sitemaps import HOST, PLAIN, index, url
from tests.test_spiders import answer, sitemap, spider


def for_a_listing(asked: SitemapsSpider) -> Request:
    return asked._listing_request(PLAIN)


def for_a_file_of_an_index(asked: SitemapsSpider) -> Request:
    (item,) = asked.parse_listing(answer(index((f"{HOST}/neu.xml", ""))), PLAIN)
    assert isinstance(item, Request)
    return item


@pytest.mark.parametrize("request_of", [for_a_listing, for_a_file_of_an_index])
@pytest.mark.parametrize("make", [index, lambda *files: sitemap(*(url(link, when) for link, when in files))], ids=["index", "sitemap"])
def test_other_hosts_go_on_while_a_large_file_is_read(
    make: Callable[..., str], request_of: Callable[[SitemapsSpider], Request], monkeypatch: pytest.MonkeyPatch
) -> None:
    """They have a turn while it is parsed, and between any two slices of it."""
    asked = spider(SitemapsSpider)
    request = request_of(asked)
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
        assert request.callback is not None
        items = [item async for item in request.callback(response, **request.cb_kwargs)]
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
