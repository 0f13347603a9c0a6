"""The desk's own pages, asked over HTTP: what all have in common, and the front page; empty, with one article, crawled, under attack."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from pipelines.store import Store
from pipelines.story import Story
from tests.conftest import Desk
from tests.desks import LISTS, headlines, hostile, nobody, read, rows, said, small_web, tree
from tests.internet import Internet
from tests.serving import served
from tests.showcase import SCRIPT, WIRE, newsroom

ROOMS = ("coverage", "articles", "mentions", "sources", "decisions", "search")
PAGES = ("/", *(f"/news/-/{room}" for room in ROOMS))

__all__ = ["hostile", "nobody", "small_web"]  # fixtures


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A database that nothing was filed into."""
    folder = tmp_path_factory.mktemp("empty")
    Store.open(folder / "news.db").close()
    with served(folder) as client:
        yield client


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory, story: Story) -> Iterator[httpx.Client]:
    """One article, filed in 2024."""
    folder = tmp_path_factory.mktemp("one")
    with newsroom(folder / "news.db", story) as room:
        room.file("morgenblatt", "wire", WIRE, headline="Container für Moskau")
    with served(folder) as client:
        yield client


@pytest.fixture(params=["empty", "one", "small_web", "nobody", "hostile"])
def any_desk(request: pytest.FixtureRequest) -> httpx.Client:
    """Each of them."""
    client: httpx.Client = request.getfixturevalue(request.param)
    return client


@pytest.mark.parametrize("lang", ["de", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_answers_in_the_reader_s_language_and_can_be_walked_by_keyboard(any_desk: httpx.Client, path: str, lang: str) -> None:
    page = read(any_desk, path, lang)
    assert page.get("lang") == lang
    assert len(page.xpath("//h1")) == 1
    assert page.xpath("//title")[0].text_content().endswith("– Nachlese")
    assert page.xpath("//body/a[@class='skip']/@href") == ["#main"]
    assert page.xpath("//main[@id='main']")
    assert page.xpath("//nav[@aria-label]//a[@aria-current='page']/@href") == [path]
    assert not [name for name in page.xpath("//input[not(@type='hidden')]/@id") if not page.xpath(f"//label[@for='{name}']")]
    levels = [int(node.tag[1]) for node in page.xpath("//main//*[self::h1 or self::h2 or self::h3]")]
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


@pytest.mark.parametrize("path", PAGES)
def test_pages_bring_nothing_from_elsewhere_and_no_script_or_style_of_their_own(any_desk: httpx.Client, path: str) -> None:
    page = read(any_desk, path)
    assert not page.xpath("//script[not(@src)] | //style | //*[@style] | //@*[starts-with(name(), 'on')]")
    assert all(str(address).startswith("/static/") for address in page.xpath("//script/@src | //link/@href | //img/@src"))


@pytest.mark.parametrize("path", [*PAGES, "/news/-/search?q=Container", "/news/-/search?q=script", "/news/-/decisions?q=Container"])
def test_what_came_from_a_page_stays_text(hostile: httpx.Client, path: str) -> None:
    text = hostile.get(path).text
    page = tree(text)
    assert not page.xpath("//script[not(@src)] | //img | //*[@onerror]")
    assert not [link for link in page.xpath("//a/@href") if not re.match(r"(?:https?:/)?/|#|\?", str(link))]
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", text)
    assert len(text) < 200_000  # a headline of 300 kB is cut


def test_hostile_headline_is_shown_as_it_was_written(hostile: httpx.Client) -> None:
    assert any(headline.startswith(SCRIPT) for headline in headlines(read(hostile, "/news/-/articles")))
    assert any(SCRIPT in headline for headline in headlines(read(hostile, "/news/-/decisions")))


@pytest.mark.parametrize("path", ["/nowhere/-/articles", "/_internal/-/articles", "/news/articles/-"])
def test_what_is_no_page_of_a_desk_is_not_found(small_web: httpx.Client, path: str) -> None:
    assert small_web.get(path).status_code == 404


@pytest.mark.parametrize(
    ("accepted", "lang"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", "de"), ("en-GB", "en"), ("fr,en;q=0.3,de;q=0.4", "de"), ("ko", "en"), ("", "en"), ("de;q=x, en", "en"),
    ],
)  # fmt: skip
def test_language_is_the_one_the_browser_likes_best(one: httpx.Client, accepted: str, lang: str) -> None:
    assert read(one, "/", accepted).get("lang") == lang


def test_other_language_is_chosen_by_a_link_and_kept(one: httpx.Client) -> None:
    link = read(one, "/news/-/articles", relation="original").xpath("//footer//a[@hreflang='en']/@href")[0]
    assert "relation=original" in link
    with httpx.Client(base_url=one.base_url, cookies=dict(one.cookies), trust_env=False) as reader:
        assert read(reader, f"/news/-/articles{link}", "de").get("lang") == "en"
        assert read(reader, "/", "de").get("lang") == "en"
    assert one.get("/").headers["vary"].lower().startswith("accept-language")


def test_empty_desk_says_that_nothing_came_yet(empty: httpx.Client) -> None:
    assert "Noch ist kein Bericht eingegangen" in said(read(empty, "/"))
    assert all("Hier ist noch nichts" in said(read(empty, f"/news/-/{room}")) for room in LISTS)


def test_front_page_tells_the_story_and_what_is_new_since_yesterday(
    small_web: httpx.Client, crawled: tuple[Desk, Internet], story: Story
) -> None:
    page = read(small_web, "/")
    assert story.title == page.xpath("//h1")[0].text_content()
    assert " ".join(story.summary.split()) in said(page)
    new = crawled[0].rows("SELECT count(*) AS n FROM coverage")[0]["n"]
    assert page.xpath("//*[@class='facts-number']")[0].text_content() == str(new)
    assert len(rows(page)) == min(new, 25)
    last = crawled[0].rows("SELECT outcome FROM runs ORDER BY id DESC")[0]["outcome"]
    assert last in said(page)


def test_front_page_quotes_a_sentence_that_nobody_had_before(small_web: httpx.Client, crawled: tuple[Desk, Internet]) -> None:
    new = {" ".join(row["text"].split()) for row in crawled[0].rows("SELECT text FROM sentences WHERE status = 'new'")}
    quoted = [" ".join(node.xpath("./bdi")[0].text_content().split()) for node in read(small_web, "/").xpath("//ol//blockquote")]
    assert quoted
    assert all(quote in new or quote.endswith("…") for quote in quoted)


def test_front_page_quotes_what_has_a_figure_and_does_not_repeat_its_headline(small_web: httpx.Client) -> None:
    told = {
        " ".join(row.xpath(".//*[contains(@class, 'headline')]")[0].text_content().split()): row.xpath("string(.//blockquote/bdi)")
        for row in rows(read(small_web, "/"))
    }
    assert [headline for headline, quote in told.items() if headline == quote] == []
    assert told["Pentagon: 8000 Mann an der Grenze"].endswith("stehen inzwischen 8000 nordkoreanische Soldaten in Kursk.")
    assert "137 Güterwagen" in told["Die Gleise von Tumangang: Was zwischen Nordkorea und Russland rollt"]


def test_front_page_shows_the_latest_day_with_news_when_yesterday_brought_none(one: httpx.Client) -> None:
    text = said(read(one, "/"))
    assert "Seit gestern ist nichts Neues gekommen" in text
    assert "Zuletzt kam Neues am 13.06.2024" in text
    assert headlines(read(one, "/")) == ["Container für Moskau"]


def test_times_are_the_desk_s_with_the_name_of_the_zone(one: httpx.Client) -> None:
    time = read(one, "/news/-/coverage").xpath("//td/time")[0]
    assert (time.get("datetime"), time.text) == ("2024-06-13T08:00:00Z", "13.06.2024, 10:00 MESZ")
    assert read(one, "/news/-/coverage", "en").xpath("//td/time")[0].text == "13 June 2024, 10:00 CEST"


def test_links_of_the_front_page_lead_on(small_web: httpx.Client) -> None:
    links = {str(link) for link in read(small_web, "/").xpath("//main//a/@href | //nav//a/@href") if str(link).startswith("/news/-/")}
    assert any("/article/" in link for link in links)
    assert {small_web.get(link).status_code for link in links} == {200}


def test_datasette_s_own_pages_wear_the_same_head(small_web: httpx.Client) -> None:
    for path in ("/news", "/news/coverage", "/news/new_reports", "/-/versions", "/-/login", "/-/dashboards"):
        page = tree(small_web.get(path).text)
        assert page.xpath("//header[@class='mast']//nav//a/@href")[1] == "/news/-/coverage"
        assert page.xpath("/html/@lang") and page.xpath("//main[@id='main']")


def test_an_error_leads_home_and_looks_like_the_rest(small_web: httpx.Client) -> None:
    page = tree(small_web.get("/news/nothing").text)
    assert page.xpath("//header[@class='mast']/a/@href") == ["/"]
    assert "/static/desk.css" in page.xpath("//link/@href")


def test_desk_without_any_database_says_what_to_do(tmp_path: Path) -> None:
    with served(tmp_path) as client:
        answer = client.get("/")
    assert answer.status_code == 404
    assert "scrapy seed" in answer.text
