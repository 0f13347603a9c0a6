"""Section pages: which links with a short address lead to articles."""

from __future__ import annotations

import pytest

from crawler.spiders.pages import PagesSpider
from tests.test_spiders import listed


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
