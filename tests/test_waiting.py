"""What waits has its turn by its date: pages to be read, articles to be filed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import cast

import pytest

from crawler.spiders.feeds import FeedsSpider
from pipelines.article import Article, Fetch, Reading, Source
from pipelines.file import FilePipeline
from pipelines.read import AHEAD, ReadPipeline
from pipelines.story import Story
from pipelines.turns import Line, Turns
from tests.conftest import ROOT
from tests.test_file import article, read, rows
from tests.test_read import ARTICLE, page
from tests.test_spiders import spider

NOW = datetime(2024, 11, 20, 6, 0, tzinfo=UTC)


def served_in_turn(at_once: int, *names: str) -> tuple[list[Future[str]], dict[str, Future[str]], list[str]]:
    """What was promised, what is under way, and what has begun, of turns that were asked for in this order."""
    turns, under_way, begun = Turns[str](at_once), {name: Future[str]() for name in names}, list[str]()

    def begin(name: str) -> Future[str]:
        begun.append(name)
        if name == "fails":
            raise ValueError(name)
        return under_way[name]

    return [turns.give(NOW, partial(begin, name)) for name in names], under_way, begun


def test_who_no_longer_waits_for_a_turn_keeps_nobody_from_it() -> None:
    given, under_way, begun = served_in_turn(1, "first", "leaves", "last")
    assert given[1].cancel()
    assert begun == ["first"]
    under_way["first"].set_result("read")
    assert (given[0].result(), begun) == ("read", ["first", "last"])


def test_who_cannot_begin_or_fails_is_told_and_keeps_nobody_from_their_turn() -> None:
    given, under_way, begun = served_in_turn(2, "first", "second", "fails", "fails", "third", "last")
    under_way["second"].set_exception(KeyError("second"))
    assert begun == ["first", "second", "fails", "fails", "third"]
    assert [type(given[n].exception()) for n in (1, 2, 3)] == [KeyError, ValueError, ValueError]
    under_way["first"].set_result("read")
    assert begun[-1] == "last"


def test_page_whose_pool_ended_while_it_waited_is_read_by_the_next_pool() -> None:
    pipeline, before = ReadPipeline(ROOT / "seeds" / "story.toml", 1, 20, archive=False), Future[Reading]()

    async def one() -> Reading:
        for _ in range(AHEAD):
            pipeline.turns.give(NOW, lambda: before)
        reading = asyncio.create_task(pipeline.process_item(page(ARTICLE)))
        while not pipeline.turns._waiting:
            await asyncio.sleep(0)
        assert pipeline._pool
        ended = pipeline._pool.result()
        ended.stop()  # type: ignore[no-untyped-call]
        ended.join()
        before.set_exception(ValueError("the pool is no more"))
        return cast(Reading, await reading)

    try:
        assert isinstance(asyncio.run(asyncio.wait_for(one(), 60)).outcome, Article)
    finally:
        pipeline.close_spider()


def test_earliest_passes_first_also_when_it_comes_while_others_pass() -> None:
    async def passed() -> list[int]:
        line, done = Line(), list[int]()

        async def through(hour: int) -> None:
            await line.turn(NOW + timedelta(hours=hour))
            done.append(hour)
            if hour == 1:
                tasks.append(asyncio.create_task(through(0)))

        tasks = [asyncio.create_task(through(hour)) for hour in (5, 1, 4, 2, 3)]
        await asyncio.sleep(0)
        tasks[3].cancel()
        while not all(task.done() for task in tasks):
            await asyncio.sleep(0)
        await line.turn(NOW)  # nobody waits any more
        return done

    done = asyncio.run(asyncio.wait_for(passed(), 20))
    assert (done[0], sorted(done)) == (1, [0, 1, 3, 4, 5])
    assert done.index(0) < done.index(4)
    assert [hour for hour in done if hour] == [1, 3, 4, 5]


@pytest.fixture
def pipeline(tmp_path: Path) -> Iterator[FilePipeline]:
    feeds = spider(FeedsSpider, {"DATABASE": tmp_path / "news.db"})
    feeds.crawler.spider = feeds
    pipeline = FilePipeline.from_crawler(feeds.crawler)
    pipeline.open_spider()
    yield pipeline
    pipeline.close_spider("done")


def test_articles_that_wait_are_filed_in_the_order_of_their_dates(pipeline: FilePipeline, story: Story) -> None:
    """One each time the event loop comes round: what else there is, answers and what workers read, has its say in between."""
    hours = Random(7).sample(range(20), 20)  # noqa: S311 a shuffle
    items = [read(article(story, f"wire-{hour}", host=f"blatt-{hour}", hour=hour)) for hour in hours]
    rounds = 0

    async def others() -> None:
        nonlocal rounds
        while True:
            rounds += 1
            await asyncio.sleep(0)

    async def every() -> None:
        beside = asyncio.create_task(others())
        await asyncio.gather(*map(pipeline.process_item, items))
        beside.cancel()

    asyncio.run(every())
    filed = rows(pipeline.store, "SELECT url FROM articles ORDER BY id")
    assert [row["url"] for row in filed] == [f"http://blatt-{hour}.example/wire-{hour}" for hour in range(20)]
    assert rounds >= 20


def test_what_is_no_article_is_filed_at_once(pipeline: FilePipeline) -> None:
    source = Source("tagesfunk", "feed", "https://tagesfunk.example/feed")
    with pytest.raises(StopIteration):
        pipeline.process_item(Fetch(source, NOW, "ok", 200)).send(None)
    assert rows(pipeline.store, "SELECT outcome FROM fetches") == [{"outcome": "ok"}]
