"""What a page says about itself comes out, whatever form it is said in; what is no article is refused by its kind."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.extract import extract, refusal
from pipelines.extract.credits import agency_of, persons
from pipelines.extract.headline import without_site
from pipelines.lines import is_end, is_furniture

URL = "https://www.hafenbote.example/politik/kran-am-kai-steht-still-12345"
SENTENCE = "Der große Kran am Nordkai steht seit Montag still, weil ein Seil gerissen ist und Ersatz erst in zwei Wochen eintrifft"
BODY = "".join(f"<p>{SENTENCE}, sagte Sprecher Nummer {n} der Hafenverwaltung.</p>" for n in range(4))
LD = '<script type="application/ld+json">%s</script>'
NEWS = '"@type": "NewsArticle", "headline": "Kran am Kai steht still", "datePublished": "2024-05-03T08:15:00+02:00"'
AUTHOR = '"author": {"@type": "Person", "name": "Jule Brandis"}'


def page(head: str = "", body: str = BODY, h1: str = "Kran am Kai steht still") -> bytes:
    return f"<html lang=de><head><meta charset=utf-8>{head}</head><body><article><h1>{h1}</h1>{body}</article></body></html>".encode()


def read(head: str = "", body: str = BODY, **more: Any) -> Any:
    found = extract(page(head, body, **more), URL)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "script",
    [
        f"{{{NEWS}, {AUTHOR}}}",
        f"[{{{NEWS}, {AUTHOR}}}]",
        f'{{"@graph": [{{"@type": "WebSite", "name": "Hafenbote"}}, {{{NEWS}, {AUTHOR}}}]}}',
        f"{{{NEWS}, {AUTHOR},}}",
        f"/* eigene Angaben */ {{{NEWS}, {AUTHOR}}}",
        f"// <![CDATA[\n{{{NEWS}, {AUTHOR}}}\n// ]]>",
        f"{{{NEWS}, {AUTHOR}}}".replace('"', "&quot;"),
        f"{{{NEWS}, {AUTHOR}}};",
        f'{{"@type": "Organization", "name": "Hafenbote"}} {{{NEWS}, {AUTHOR}}}',
        f"{{{NEWS}, {AUTHOR}}} undefined",
        f"{{{NEWS}, {AUTHOR}}}".replace("NewsArticle", "ReportageNewsArticle"),
        f"{{{NEWS}, {AUTHOR}}}".replace('"NewsArticle"', '["Article", "http://schema.org/NewsArticle"]'),
        f'{{"@type": "WebPage", "mainEntity": {{{NEWS}, {AUTHOR}}}}}',
        f"{{{NEWS}, {AUTHOR}}}".replace("still", "still\n", 1),
        f"{{{NEWS}, " + '"author": ["Jule Brandis", {"@type": "Organization", "name": "Hafenbote GmbH"}]}',
    ],
)
def test_structured_data_are_read_in_every_form(script: str) -> None:
    found = read(LD % script, h1="")
    assert (found.headline, found.authors) == ("Kran am Kai steht still", ["Jule Brandis"])
    assert (found.published[0].text, found.published[0].basis) == ("2024-05-03T08:15:00+02:00", "json-ld")


def test_microdata_describe_an_article_as_scripts_do() -> None:
    body = (
        '<div itemscope itemtype="https://schema.org/NewsArticle"><h2 itemprop="headline">Kran am Kai steht still</h2>'
        '<span itemprop="author" itemscope itemtype="https://schema.org/Person"><b itemprop="name">Jule Brandis</b></span>'
        f'<time itemprop="datePublished" datetime="2024-05-03T08:15:00+02:00">3. Mai</time>{BODY}</div>'
    )
    found = read(body=body, h1="")
    assert (found.headline, found.authors, found.published[0].basis) == ("Kran am Kai steht still", ["Jule Brandis"], "microdata")


def test_teasers_that_describe_themselves_as_articles_are_not_the_page_s() -> None:
    teasers = ",".join(f'{{"@type": "NewsArticle", "headline": "Etwas anderes {n}", "author": "Fremde Feder"}}' for n in range(4))
    found = read(LD % f"[{teasers}]")
    assert (found.headline, found.authors) == ("Kran am Kai steht still", [])


def test_clock_of_a_declared_zone_is_not_given_a_second_time_without_it() -> None:
    when = "<p>May 3, 2024 8:15 a.m.</p>"
    declared = LD % f"{{{NEWS}}}"
    assert [hint.basis for hint in read(declared, when + BODY).published] == ["json-ld"]
    assert [hint.basis for hint in read(declared.replace("+02:00", "Z"), when + BODY).published] == ["json-ld", "visible"]


def test_offset_beats_the_same_digits_labelled_as_utc() -> None:
    metas = '<meta property="article:published_time" content="2024-05-03T08:15:00+02:00"><meta name="date" content="2024-05-03T08:15:00Z">'
    assert [hint.text for hint in read(metas).published] == ["2024-05-03T08:15:00+02:00"]


@pytest.mark.parametrize(
    "title",
    [
        "Kran am Kai steht still | Hafenbote",
        "Kran am Kai steht still - Hafenbote.example",
        "Kran am Kai steht still – Politik | Der Hafenbote",
        "Kran am Kai steht still | Hafenbote | 03.05.2024",
        "Hafenbote: Kran am Kai steht still".replace(": ", " | "),
        "Kran am Kai steht still",
        "Kran am Kai steht still &#8211; Hafenbote",
    ],
)
def test_headline_is_given_without_the_site_s_name(title: str) -> None:
    site = '<meta property="og:site_name" content="Der Hafenbote"><meta property="article:section" content="Politik">'
    assert read(f"{site}<title>{title}</title>", h1="").headline == "Kran am Kai steht still"


@pytest.mark.parametrize("title", ["Nach dem Sturm – was bleibt", "Interview: „Wir warten“", "Preis 2024 – ein Rückblick", "A | B"])
def test_headline_with_a_separator_of_its_own_stays_whole(title: str) -> None:
    assert without_site(title, frozenset({"hafenbote"})) == title


def test_headline_that_was_cut_when_declared_is_given_whole() -> None:
    whole = "Kran am Kai steht seit Montag still und die Schiffe stauen sich bis weit vor die Mündung"
    assert read(f'<meta property="og:title" content="{whole[:70]}">', h1=whole).headline == whole


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (["Von Jule Brandis und Tom Okafor, Bremen"], ["Jule Brandis", "Tom Okafor"]),
        (["Ein Kommentar von Jule Brandis"], ["Jule Brandis"]),
        (["Jule Brandis, Redakteurin; Tom Okafor"], ["Jule Brandis", "Tom Okafor"]),
        (["By Jule Brandis, New York"], ["Jule Brandis"]),
        (["Ursula von der Linde"], ["Ursula von der Linde"]),
        (["Hafenbote GmbH", "Der Hafenbote"], []),
        (["Redaktion", "Online-Redaktion", "Hafenbote Newsdesk"], []),
        (["dpa", "AFP/Jule Brandis"], ["Jule Brandis"]),
        (["김도윤 기자"], ["김도윤"]),
        (["山田太郎", "海洋新聞"], ["山田太郎"]),
        (["https://social.example/jule", "jule@hafenbote.example"], []),
        (["Die Lage am Morgen ist ruhig"], []),
    ],
)
def test_authors_are_the_persons(given: list[str], wanted: list[str]) -> None:
    assert persons(given, {"der hafenbote"}) == wanted


@pytest.mark.parametrize(
    "byline",
    [
        '<p class="article-byline">Von Jule Brandis</p>',
        '<div class="ArticleAuthorName"><a href="/autor/jule">Jule Brandis</a></div>',
        '<ul class="authors__list"><li class="authors__item"><span>von</span> <span>Jule Brandis</span></li></ul>',
        '<a rel="author" href="/x">Jule Brandis</a>',
        "<h5>Von Jule Brandis, Bremen</h5>",
        "<dl><dt>Autorin/Autor</dt><dd>Jule Brandis</dd></dl>",
        '<span><a href="/autoren/jule-brandis">Jule Brandis</a></span>',
    ],
)
def test_byline_is_found_where_a_reader_sees_it(byline: str) -> None:
    assert read(body=byline + BODY).authors == ["Jule Brandis"]


@pytest.mark.parametrize(
    "head",
    [
        '<meta name="author" content="Jule Brandis">',
        '<meta name="author" content="jule@hafenbote.example"><meta name="sailthru.author" content="Jule Brandis">',
        '<meta name="twitter:label1" content="Verfasst von"><meta name="twitter:data1" content="Jule Brandis">',
        LD % f'{{{NEWS}, "author": {{"@type": "Organization", "name": "Hafenbote"}}}}' + '<meta name="author" content="Jule Brandis">',
    ],
)
def test_author_is_found_in_meta_tags_behind_a_publisher(head: str) -> None:
    assert read(head).authors == ["Jule Brandis"]


@pytest.mark.parametrize(
    ("text", "authors", "wanted"),
    [
        ("Bremen (dpa) - Der Kran steht.\nMehr Text.", [], "dpa"),
        ("Bremen (APA/Reuters) – Der Kran steht.", [], "APA/Reuters"),
        ("Der Kran steht.\nEr bleibt stehen. (jb/AFP)", [], "AFP"),
        ("Der Kran steht.\nMit Material von dpa und epd", [], "dpa/epd"),
        ("Der Kran steht.\nsda/jb", [], "Keystone-SDA"),
        ("Der Kran steht.", ["Von dpa"], "dpa"),
        ("Der Kran steht.", ["Agence France-Presse"], "AFP"),
        ("Das sagte ein Sprecher der dpa.\nDer Kran steht.", ["Jule Brandis"], ""),
    ],
)
def test_agency_is_a_credit_and_no_quotation(text: str, authors: list[str], wanted: str) -> None:
    assert agency_of(text, text, authors) == wanted


def test_standfirst_comes_first_and_headline_byline_and_caption_are_left_out() -> None:
    lead = '<p class="article-intro">Im Hafen warten elf Frachter auf ihre Ladung und die Reeder rechnen vor.</p>'
    picture = "<figure><img alt='Der Kran'><figcaption>Der Kran am Kai. Foto: J. Brandis</figcaption></figure>"
    more = BODY.replace("Nummer", "Zahl")
    lines = read(body=f"{lead}<p>Von Jule Brandis</p>{picture}{BODY}{more}").text.split("\n")
    assert lines[0].startswith("Im Hafen warten")
    assert lines[-1].startswith("Der große Kran")
    assert len(lines) == 9


def test_class_that_says_what_a_layout_lacks_does_not_cost_the_text() -> None:
    body = f'<div class="has-sidebar sidebar-grid__main no-comments">{BODY}</div><div class="sidebar"><p>Fremd. {SENTENCE}.</p></div>'
    text = read(body=body).text
    assert "Nummer 3" in text
    assert "Fremd" not in text


@pytest.mark.parametrize(
    "line",
    ["Lesen Sie auch: Der Leuchtturm", ">> Hier geht es zur Karte", "Externer Inhalt nicht verfügbar", "May 3, 2024", "Kommentar abgeben"],
)
def test_furniture_is_no_text(line: str) -> None:
    assert is_furniture(line)


@pytest.mark.parametrize("line", ["Mehr zum Thema", "Most read", "Über den Autor", "More from Opinion"])
def test_heading_of_other_articles_ends_the_text(line: str) -> None:
    assert is_end(line)


@pytest.mark.parametrize(
    "line", ["Mehr dazu will das Amt am Montag sagen.", "Die Ministerin gab ihre Zustimmung.", "Stand der Kran, stand alles."]
)
def test_sentence_that_begins_like_furniture_is_text(line: str) -> None:
    assert not is_furniture(line)
    assert not is_end(line)


def test_paywalled_stub_is_kept_as_what_it_is() -> None:
    stub = LD % f'{{{NEWS}, "isAccessibleForFree": "False"}}'
    found = read(stub, f"<p>{SENTENCE}.</p><p>{SENTENCE} …</p>")
    assert found.paywalled
    assert refusal(page(stub, f"<p>{SENTENCE}.</p>"), URL) is None


def test_live_blog_s_entries_are_declared() -> None:
    updates = ",".join(
        f'{{"@type": "BlogPosting", "url": "{URL}#e{n}", "headline": "Lage {n}", "datePublished": "2024-05-03T1{n}:00:00Z", '
        f'"articleBody": "<p>{SENTENCE}</p>"}}'
        for n in range(3)
    )
    found = read(LD % f'{{"@type": "LiveBlogPosting", "headline": "Newsblog", "liveBlogUpdate": [{updates}]}}').entries
    assert [entry.id for entry in found] == ["e0", "e1", "e2"]
    assert found[1].time is not None
    assert (found[1].time.text, found[1].text) == ("2024-05-03T11:00:00Z", f"Lage 1\n{SENTENCE}")


def test_live_blog_s_entries_are_found_as_the_page_lays_them_out() -> None:
    box = '<div class=e id="p{n}"><time datetime="2024-05-03T1{n}:00">1{n}:00</time><p>{text} ({n}).</p></div>'
    boxes = "".join(box.format(n=n, text=SENTENCE) for n in range(4))
    found = read(body=f"<div>{boxes}</div>", h1="Liveblog zum Kran").entries
    assert [(entry.id, entry.time and entry.time.text) for entry in found] == [(f"p{n}", f"2024-05-03T1{n}:00") for n in range(4)]
    assert read(body=f"<div class=comments>{boxes}</div>", h1="Kran steht still").entries == ()


SCRIPT = '<script type="application/ld+json">'


@pytest.mark.parametrize(
    "markup",
    [
        "<div>" * 20_000 + BODY,
        "<div>" * 200_000 + BODY,
        "wort " * 200_000,
        "<p>x</p>" * 100_000,
        "<span>x</span>" * 12_000,
        '<p class="' + "a " * 2_000_000 + '">' + BODY,
        '<div class="' + "sidebar-" * 40_000 + '">' + BODY,
        "\0" * 300_000 + BODY,
        "<" * 300_000,
        "&" * 300_000,
        "<p>" + "(--)" * 75_000 + "x",
        SCRIPT + "[" * 300_000 + "</script>" + BODY,
        SCRIPT + "/*" * 150_000 + "</script>" + BODY,
        SCRIPT + '"\\' * 150_000 + "</script>" + BODY,
        SCRIPT + "{" + "\n" * 300_000 + "</script>" + BODY,
        SCRIPT + '{"@type":' * 2_000 + "</script>" + BODY,
        '<h1>A b</h1><span class="author">' + "Von " * 75_000 + "</span>" + BODY,
        "<title>" + "A | " * 75_000 + "</title>" + BODY,
        "<table>" + "<tr><td>x y z</td></tr>" * 5_000 + "</table>" + BODY,
        "<!--" * 20_000 + BODY,
        "<p>" + "bild: " * 50_000,
        '<link rel=canonical href="http://["><p>' + BODY,
    ],
    ids=range(22),
)
def test_hostile_markup_is_refused_or_read_in_under_a_second(markup: str) -> None:
    import trafilatura  # noqa: F401  # its import is not the page's fault

    raw = markup.encode()
    began = time.process_time()
    extract(raw, URL)
    refusal(raw, URL)
    assert time.process_time() - began < 1


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=400),
    st.sampled_from([b"", b"<html><h1>", b"\xff\xfe<p>", SCRIPT.encode(), b'<div itemscope itemtype="x/Article">']),
)
def test_no_bytes_raise(raw: bytes, start: bytes) -> None:
    extract(start + raw + page(), URL)
    refusal(start + raw, "http://[")
