"""The article page, asked over HTTP: over the crawled small web, and over a newsroom with pages made to do harm."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from lxml import html as lx
from newsdesk.lineage import SHOWN
from newsdesk.shown import HEADLINE

from pipelines.story import Story
from tests.conftest import Desk
from tests.internet import Internet
from tests.serving import copy, served
from tests.showcase import LONG, OWN, SCRIPT, WIRE, fill, multiply, page_id

TURNING = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory, story: Story) -> Path:
    """The database of the newsroom, with one report of 500 copies."""
    path = tmp_path_factory.mktemp("room") / "news.db"
    fill(path, story)
    multiply(path, "talbote", "rival", 500)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE articles SET state = 'dropped' WHERE public_id = ?", (page_id("abendpost", "undated"),))
        cluster = connection.execute("SELECT cluster FROM articles WHERE public_id = ?", (page_id("morgenblatt", "wire"),)).fetchone()[0]
        left = connection.execute(
            "INSERT INTO clusters (root, merged_into, headline, changed_at) VALUES (1, ?, '', '')", (cluster,)
        ).lastrowid
        connection.execute("UPDATE articles SET cluster = ? WHERE public_id = ?", (left, page_id("talbote", "month")))
        connection.commit()
    return path


@pytest.fixture(scope="module")
def newsroom(room: Path) -> Iterator[httpx.Client]:
    """Datasette over the newsroom, logged in."""
    with served(room.parent) as client:
        yield client


@pytest.fixture(scope="module")
def small_web(crawled: tuple[Desk, Internet], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, Path]]:
    """Datasette over the crawled small web, logged in, with its database."""
    folder = tmp_path_factory.mktemp("small")
    with closing(sqlite3.connect(folder / "news.db")) as target:
        copy(crawled[0].database, target)
    with served(folder) as client:
        yield client, folder / "news.db"


def rows(database: Path, sql: str, *values: object) -> list[sqlite3.Row]:
    with closing(sqlite3.connect(database)) as connection:
        connection.row_factory = sqlite3.Row
        return connection.execute(sql, values).fetchall()


def get(client: httpx.Client, id_: str, *, status: int = 200, nobody: bool = False, **params: str) -> Any:
    """The page of an article as a tree."""
    cookies = {} if nobody else dict(client.cookies)
    answer = httpx.get(client.base_url.join(f"/news/-/article/{id_}"), params=params, cookies=cookies, trust_env=False, timeout=30)
    assert answer.status_code == status
    return lx.fromstring(answer.text)


def text(element: Any) -> str:
    return " ".join(str(element.text_content()).split())


def without_notes(element: Any) -> str:
    """The words of the article alone: no labels for screen readers, no links to who had it first."""
    for note in element.xpath('.//*[contains(@class, "unseen") or contains(concat(" ", @class, " "), " source ")]'):
        note.drop_tree()
    return text(element)


def test_head_names_who_wrote_it_and_leads_to_the_original(newsroom: httpx.Client) -> None:
    page = get(newsroom, page_id("morgenblatt", "wire"), lang="en")
    assert text(page.xpath("//h1")[0]) == "Seoul: Nordkorea lieferte Russland Munition"
    assert "Anna Sommer" in text(page.xpath('//*[@class="byline"]')[0])
    assert text(page.xpath('//*[@class="kicker"]')[0]) == "Morgenblatt · 13 June 2024, 10:00 CEST"
    link = page.xpath('//p[@class="original"]/a')[0]
    assert (link.get("href"), link.get("rel")) == ("https://morgenblatt.example/wire", "noopener noreferrer")
    assert page.xpath("//html/@lang") == ["en"]


def test_every_article_of_the_small_web_shows_its_paragraphs_and_marks_its_sentences(small_web: tuple[httpx.Client, Path]) -> None:
    client, database = small_web
    for row in rows(database, "SELECT id, public_id, text FROM articles"):
        said = rows(database, "SELECT * FROM sentences WHERE article = ? ORDER BY position", row["id"])
        page = get(client, row["public_id"], lang="de")
        assert len(page.xpath('//div[starts-with(@class, "body")]/p')) == sum(bool(line.strip()) for line in row["text"].split("\n"))
        marked = page.xpath('//div[starts-with(@class, "body")]//*[starts-with(@class, "said")]')
        assert [element.get("class").split()[1] for element in marked] == [s["status"] for s in said]
        for element, sentence in zip(marked, said, strict=True):
            links = element.xpath('.//a[contains(concat(" ", @class, " "), " source ")]/@href')
            first = rows(database, "SELECT public_id FROM articles WHERE id = ?", sentence["first_seen_in"])
            assert links == [f"/news/-/article/{first[0]['public_id']}"] if first and not sentence["boilerplate"] else not links
        body = page.xpath('//div[starts-with(@class, "body")]')[0]
        assert without_notes(body).replace(" ", "") == "".join(row["text"].split())


def test_figures_and_dates_are_marked_where_they_stand_with_what_they_come_to(small_web: tuple[httpx.Client, Path]) -> None:
    client, database = small_web
    sql = """SELECT f.id, f.as_written, a.public_id, s.text, f.sentence FROM figures f JOIN articles a ON a.id = f.article
        JOIN sentences s ON s.article = f.article AND s.position = f.sentence"""
    checked = 0
    for row in rows(database, sql):
        page = get(client, row["public_id"])
        links = page.xpath(f'//*[@id="s{row["sentence"]}"]//a[@href="#f{row["id"]}"]')
        fact = page.xpath(f'//tr[@id="f{row["id"]}"]')[0]
        assert row["as_written"] in text(fact)
        if row["as_written"] in row["text"] and links:
            checked += 1
            assert links[0].text == row["as_written"]
            assert links[0].get("title") == links[0].get("data-said")
            assert " ".join(links[0].get("title").split()) in text(fact)
    assert checked > 80
    page = get(client, "5b7d15b142fb7010", lang="de")
    assert page.xpath('//a[contains(@class, "date")][text()="am Freitag"]/@title') == ["13.10.2023"]


def test_without_login_there_are_headline_facts_and_new_sentences_and_no_word_more(small_web: tuple[httpx.Client, Path]) -> None:
    client, database = small_web
    kept, seen = 0, 0
    for row in rows(database, "SELECT id, public_id, headline, reason FROM articles"):
        page = get(client, row["public_id"], nobody=True)
        whole = text(page)
        quoted = " ".join(text(each) for each in page.xpath('//blockquote | //h1 | //*[@class="snippets"] | //*[contains(@class, "leaf")]'))
        for sentence in rows(database, "SELECT text, status FROM sentences WHERE article = ? AND length(text) > 40", row["id"]):
            shown_there = " ".join(sentence["text"].split()) in whole
            if sentence["status"] == "new":
                seen += shown_there
            elif " ".join(sentence["text"].split()) not in quoted:
                kept += 1
                assert not shown_there, sentence["text"]
        assert page.xpath('//p[@class="log-in"]/a/@href') == ["/-/login"]
    assert kept > 100
    assert seen > 300


def test_without_login_versions_say_how_many_sentences_changed_and_which_figures(newsroom: httpx.Client) -> None:
    page = get(newsroom, page_id("hafenkurier", "edited"), nobody=True, lang="en")
    assert "0 came, 1 went, 1 changed" in text(page)
    assert "containers: mindestens 10.000 Container → mindestens 11.000 Container" in text(page)
    assert "Die Frachter hätten" not in text(page)


def test_versions_show_word_by_word_what_changed(newsroom: httpx.Client) -> None:
    page = get(newsroom, page_id("hafenkurier", "edited"), lang="de")
    section = page.xpath('//section[@class="version"]')[0]
    assert [text(each) for each in section.xpath("./ul[1]//del | ./ul[1]//ins")] == ["10.000", "11.000"]
    assert [text(each) for each in section.xpath("./ul[2]//del")] == [
        "Die Frachter hätten seit August 2023 zwischen dem Hafen Rajin und Häfen im russischen Fernen Osten verkehrt."
    ]
    assert text(section.xpath(".//details/div")[0]).replace(" ", "") == "".join(WIRE.split())
    assert "Fassungen" in text(page) and "1-mal geändert" in text(page)


def test_copies_stand_below_their_origin_in_time_order_with_what_each_added(newsroom: httpx.Client) -> None:
    page = get(newsroom, page_id("abendpost", "copy"), lang="en")
    (root,) = page.xpath('//ul[@class="tree"]/li')
    assert text(root.xpath("./div/p[1]")[0]).startswith("● Morgenblatt 13 June 2024, 10:00 CEST")
    children = [text(each) for each in root.xpath("./ul/li/div")]
    assert [child.split()[1] for child in children] == ["Abendpost", "Seerundschau", "Hafenkurier", "Abendpost"]
    assert "this article" in children[0] and "25 minutes later" in children[0] and "adds nothing" in children[0]
    assert "4 hours later" in children[1] and "adds 2 sentences" in children[1]
    assert [text(quote) for quote in root.xpath("./ul/li[2]//blockquote")] == [part.strip() for part in re.split(r"(?<=\.) ", OWN)]


def test_text_of_several_sources_names_the_one_from_another_report(small_web: tuple[httpx.Client, Path]) -> None:
    client, database = small_web
    (merged,) = rows(database, "SELECT public_id FROM articles WHERE relation = 'merged'")
    (here,) = get(client, merged["public_id"], lang="en").xpath('//li[@class="here"]')
    assert "with words of Tagesfunk: Satellitenbilder" in text(here) and "(42 %)" in text(here)


def test_report_of_500_copies_is_cut_and_can_be_had_whole(newsroom: httpx.Client) -> None:
    here = page_id("hafenkurier", "copy-444")
    page = get(newsroom, here, lang="en")
    leaves = page.xpath('//ul[@class="tree"]//li[not(@class="hidden-ones")]')
    assert len(leaves) == SHOWN
    assert page.xpath('//li[@class="here"]//b[1]')[0].text_content() == "Hafenkurier"
    (more,) = page.xpath('//li[@class="hidden-ones"]//a')
    total = int(re.search(r"([\d,]+) texts of this report", text(page))[1].replace(",", ""))  # type: ignore[index]
    assert text(more) == f"… {total - SHOWN} more" and total >= 501
    address = httpx.URL(more.get("href"))
    assert address.path.endswith(here)
    whole = get(newsroom, here, lang="en", copies=address.params["copies"])
    assert len(whole.xpath('//ul[@class="tree"]//li')) == total


@pytest.mark.parametrize(("id_", "leads_to"), [(page_id("morgenblatt", "amp/wire"), page_id("morgenblatt", "wire"))])
def test_id_of_a_twin_page_leads_to_the_article(newsroom: httpx.Client, id_: str, leads_to: str) -> None:
    answer = newsroom.get(f"/news/-/article/{id_}?lang=de")
    assert (answer.status_code, answer.headers["location"]) == (302, f"/news/-/article/{leads_to}?lang=de")


def test_article_left_in_a_merged_report_shows_the_report_that_took_it_in(newsroom: httpx.Client) -> None:
    page = get(newsroom, page_id("talbote", "month"), lang="en")
    assert [text(each).split()[1] for each in page.xpath('//ul[@class="tree"]/li/div/p[1]')] == ["Morgenblatt"]


def test_unknown_id_answers_404_with_a_page_in_the_reader_s_language(newsroom: httpx.Client) -> None:
    assert "Diesen Artikel gibt es hier nicht" in text(get(newsroom, "0123456789abcdef", status=404, lang="de"))
    assert "There is no such article here" in text(get(newsroom, "0123456789abcdef", status=404, lang="en"))


def test_live_blog_entry_leads_to_its_place_and_an_example_text_nowhere(
    newsroom: httpx.Client, small_web: tuple[httpx.Client, Path]
) -> None:
    entry = get(newsroom, page_id("talbote", "live#e1"), lang="en")
    assert entry.xpath('//p[@class="original"]/a/@href') == ["https://talbote.example/live#e1"]
    assert "live-blog entry" in text(entry)
    for row in rows(small_web[1], "SELECT public_id, published FROM articles WHERE relation = 'seed'"):
        seed = get(small_web[0], row["public_id"], lang="en")
        assert not seed.xpath('//p[@class="original"]/a')
        assert "no address on the web" in text(seed) and "example text" in text(seed)
        assert not seed.xpath('//dl[@class="times"]//dt[text()="Fetched"]')


def test_dropped_partial_and_paywalled_articles_say_so(newsroom: httpx.Client) -> None:
    assert "This article was dropped" in text(get(newsroom, page_id("abendpost", "undated"), lang="en"))
    month = get(newsroom, page_id("talbote", "month"), lang="en")
    assert "May 2024" in text(month) and "the month only" in text(month) and "partial date" in text(month)
    assert "Only the beginning was free to read." not in text(month)


def test_dates_say_which_was_chosen_and_what_says_otherwise(small_web: tuple[httpx.Client, Path]) -> None:
    client, database = small_web
    found = rows(database, "SELECT * FROM articles WHERE published_conflicts != '' AND published IS NOT NULL")
    assert found
    for row in found:
        page = get(client, row["public_id"], lang="en")
        chosen = page.xpath('//li[@class="chosen-date"]')
        assert len(chosen) == 1 and chosen[0].xpath(".//time/@datetime") == [row["published"]]
        assert len(page.xpath('//ul[@class="conflicts"]/li')) == len(row["published_conflicts"].split("\n"))
        assert page.xpath('//dl[@class="times"]//time')


def test_decision_stands_with_its_reason_and_the_terms_found(small_web: tuple[httpx.Client, Path]) -> None:
    page = get(small_web[0], "5b7d15b142fb7010", lang="de")
    section = text(page.xpath('//*[@id="decision"]')[0])
    assert "abgelegt" in section and "15 von 16 Sätzen erzählen das Thema." in section
    assert {"Nordkorea", "Munition"} <= {text(term) for term in page.xpath('//*[@class="term"]/bdi')}


@pytest.mark.parametrize("nobody", [False, True], ids=["logged in", "nobody"])
@pytest.mark.parametrize("name", ["hostile", "long", "wire"])
def test_pages_made_to_do_harm_do_none(newsroom: httpx.Client, room: Path, name: str, nobody: bool) -> None:
    ids = {
        row["headline"][:8]: row["public_id"]
        for row in rows(room, "SELECT headline, public_id FROM articles WHERE url LIKE 'javascript:%'")
    }
    id_ = {"hostile": next(iter(ids.values())), "long": page_id("seerundschau", "long"), "wire": page_id("morgenblatt", "wire")}[name]
    page = get(newsroom, id_, nobody=nobody)
    source = lx.tostring(page, encoding="unicode")
    assert page.xpath("//script/@src") == ["/static/desk.js"] and len(page.xpath("//script")) == 1
    assert not page.xpath("//@style") and not page.xpath("//style")
    assert not [name for element in page.iter() if isinstance(element.tag, str) for name in element.attrib if name.startswith("on")]
    assert not [href for href in page.xpath("//@href") if not re.match(r"https?://|/|#|\?", href)]
    assert not TURNING.search(source) and "49 Nordkorea" not in source
    assert LONG[: HEADLINE + 50] not in source and len(source) < 200_000
    if name == "hostile":
        assert SCRIPT in text(page)


def test_what_runs_in_the_text_itself_is_shown_as_text(newsroom: httpx.Client, room: Path) -> None:
    (row,) = rows(room, "SELECT public_id FROM articles WHERE url LIKE 'javascript:%'")
    page = get(newsroom, row["public_id"])
    assert [text(mark) for mark in page.xpath('//div[@class="body"]//mark')] == [f"new: {SCRIPT} sagte er."]


@pytest.mark.parametrize(("lang", "label"), [("de", "Wer hat von wem?"), ("en", "Who copied whom?")])
def test_labels_follow_the_browser(newsroom: httpx.Client, lang: str, label: str) -> None:
    answer = newsroom.get(f"/news/-/article/{page_id('morgenblatt', 'wire')}", headers={"accept-language": lang})
    assert label in answer.text and f'<html lang="{lang}">' in answer.text
