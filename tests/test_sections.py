"""Section pages: which links lead to articles."""

from __future__ import annotations

import time

import pytest

from crawler.backfill import ListingError
from crawler.spiders.pages import PagesSpider
from pipelines.article import Source
from tests.test_spiders import HOST, answer, listed, spider


@pytest.mark.parametrize(
    ("link", "listed_too"),
    [
        ('<h2><a href="/welt/neue-granaten">Moskau dankt für neue Granaten</a></h2>', True),
        ('<nav><a href="/welt/neue-granaten">Moskau dankt für neue Granaten</a></nav>', False),
        ('<a href="/welt/ukraine-russland">Alles über den Krieg dort</a>', False),  # no word of the address: a topic
        ('<a href="/welt/neue-granaten">Neue Granaten</a>', False),
        ('<a href="/tags/neue-granaten">Moskau dankt für neue Granaten</a>', False),
        ('<a href="/bilder/neue-granaten.jpg">Moskau dankt für neue Granaten</a>', False),
        ('<a href="/articles/20240614-104711.html">北朝鮮がロシアに砲弾供与と発表</a>', True),
        ('<a href="/articles/20240614-104711.html">国際・海外</a>', False),
    ],
)
def test_link_with_a_short_address_is_an_article_s_below_a_headline_that_repeats_it(link: str, listed_too: bool) -> None:
    assert bool(listed(PagesSpider, f"<main>{link}</main>", "text/html; charset=utf-8")) is listed_too


def test_section_page_lists_the_articles_of_its_own_site() -> None:
    slug = f"{HOST}/welt/nordkorea-liefert-wieder-granaten"
    entries = listed(
        PagesSpider,
        f"""<nav><a href="/welt">Alles aus aller Welt hier</a><a href="/impressum.html">Impressum und alle weiteren Angaben</a></nav>
        <article><h2><a href="/welt/nordkorea-liefert-wieder-granaten?utm_source=x#a">Nordkorea liefert  wieder Granaten</a></h2>
        <p>An Russ&shy;land.</p></article>
        <article><a href="../welt/moskau-dankt-fuer-die-hilfe">Moskau dankt für die Hilfe</a>{"Sehr lang. " * 80}</article>
        <a href="{slug}-2">mehr</a> <a>Ein Anker ohne jede Adresse</a>
        <a href="javascript:weiter-und-weiter-und-weiter()">Hier geht es jetzt weiter</a>
        <a href="https://fremd.example/welt/nordkorea-liefert-wieder-granaten">Eine ganz fremde Seite hier</a>""",
        "text/html; charset=utf-8",
    )
    assert [(entry.url, entry.headline, entry.summary) for entry in entries] == [
        (slug, "Nordkorea liefert wieder Granaten", "Nordkorea liefert wieder Granaten An Russland."),
        (f"{HOST}/welt/moskau-dankt-fuer-die-hilfe", "Moskau dankt für die Hilfe", ""),
    ]


def test_section_page_that_takes_too_long_is_broken_off() -> None:
    """Its links stand in one box, whose text is gathered for each of them anew."""
    links = "".join(f"<a href='/nordkorea-liefert-{n}.html'>Nordkorea liefert Russland Granaten</a>{'Wort ' * 80}" for n in range(8_000))
    began = time.monotonic()
    with pytest.raises(ListingError, match="takes longer than 1 s"):
        list(spider(PagesSpider, {"READ_TIMEOUT": 1}).entries(answer(f"<ul><li>{links}", kind="text/html"), Source("x", "page", HOST)))
    assert time.monotonic() - began < 5
