"""Who wrote it: persons where the page names them, the desk where no person signs, agencies apart."""

from __future__ import annotations

import pytest

from pipelines.extract import Extract, extract

TEXT = """<p>Die Sendung erreichte Wladiwostok am Abend, teilten die Behörden mit, und wurde auf Züge nach Westen verladen.</p>
<p>Im Hafen lagen am Morgen noch zwei weitere Schiffe, deren Ladung niemand beschreiben wollte, auch die Reederei nicht.</p>
<p>Eine Sprecherin verwies auf das Ministerium, das wiederum auf den Hafen verwies, wie schon in der Woche davor.</p>"""


def read(head: str, byline: str = "", below: str = "") -> Extract:
    html = f"<html><head>{head}</head><body><article><h1>Ein Frachter kehrt zurück</h1>{byline}{TEXT}</article>{below}</body></html>"
    found = extract(html.encode(), "http://zeitung.example/politik/ein-frachter-kehrt-zurueck-123456")
    assert found is not None
    return found


def declared(author: str) -> str:
    return f'<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "Ein Frachter", "author": {author}}}</script>'


@pytest.mark.parametrize(
    ("author", "authors", "agency"),
    [
        ('{"@type": "Person", "name": "Marta Holm"}', ["Marta Holm"], ""),
        ('[{"@type": "Person", "name": "Marta Holm"}, {"@type": "Organization", "name": "dpa"}]', ["Marta Holm"], ""),
        ('"dpa"', [], "dpa"),
        ('{"@type": "Organization", "name": "Agence France-Presse"}', [], "AFP"),
        ('{"@type": "Organization", "name": "Nordblatt Verlag GmbH"}', [], ""),
        ('"Nordblatt staff reporter"', ["Nordblatt staff reporter"], ""),
        ('"Von Marta Holm und Jens Aas"', ["Marta Holm", "Jens Aas"], ""),
    ],
)
def test_persons_desks_and_agencies_are_told_apart(author: str, authors: list[str], agency: str) -> None:
    found = read(declared(author))
    assert found.authors == authors
    if agency:
        assert found.agency == agency


@pytest.mark.parametrize(
    "byline",
    [
        "<p class='byline'>Von Marta Holm</p>",
        "<div><span style='float:left'>Marta Holm &nbsp;|</span> <span>13.10.2023 - 21:45</span></div>",
        "<div>Marta Holm | 13.10.2023, 21:45 Uhr</div>",
        "<a href='/autor/marta-holm'>Marta Holm</a>",
        "<span itemprop='author'><span itemprop='name'>Marta Holm</span></span>",
    ],
)
def test_byline_that_a_reader_sees_is_found(byline: str) -> None:
    assert read("", byline).authors == ["Marta Holm"]


def test_authors_of_teasers_below_are_not_the_article_s() -> None:
    own = "<div><span itemprop='author'><span itemprop='name'>Marta Holm</span></span></div>"
    teaser = "<section><ul><li><div><h3>Anderes</h3><p itemprop='author'>Jens Aas</p></div></li></ul></section>"
    assert read("", own, teaser).authors == ["Marta Holm"]


@pytest.mark.parametrize("line", ["Politik | 13.10.2023", "Seoul | 13.10.2023", "New York |", "Startseite | Politik | Ausland"])
def test_section_or_place_before_a_bar_is_no_author(line: str) -> None:
    assert read("", f"<div>{line}</div>").authors == []
