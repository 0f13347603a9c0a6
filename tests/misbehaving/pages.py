"""Misbehaviour of pages: types, characters, trees, dates, headlines, claims to be another's."""

from __future__ import annotations

from collections.abc import Iterator

from tests.misbehaving.cases import Case, moved, page, plain, says, story_text

HEADLINE = "Nordkorea liefert Granaten an Russland"
GOOD = page(HEADLINE)
VICTIM = "http://status-404.example/neighbour-1"  # an article of another outlet, for those who claim it


def _html(name: str, html: bytes, verdict: str = "filed", reason: str = "", kind: str = "text/html; charset=utf-8") -> Case:
    return Case(name, says(plain(html, kind=kind)), verdict, reason)


def _headline(name: str, headline: str, verdict: str = "filed") -> Case:
    return _html(name, page(headline, story_text(name, 0)), verdict)


def _dated(name: str, date: str) -> Case:
    head = f'<script type="application/ld+json">{{"@type":"NewsArticle","headline":"{HEADLINE}","datePublished":"{date}"}}</script>'
    html = page(HEADLINE, story_text(name, 0), head).replace(b"2024-06-14T08:00:00+02:00", date.encode())
    return _html(name, html, "filed")


def _claims(name: str, head: str) -> Case:
    return _html(name, page(HEADLINE, story_text(name, 0), head), "filed")


def pages() -> Iterator[Case]:
    """Every case of this kind."""
    yield from _types()
    yield from _characters()
    yield from _trees()
    yield from _claimed()
    for name, date in {
        "year zero": "0000-00-00T00:00:00Z", "year 9999": "9999-12-31T23:59:59Z", "thirtieth of february": "2024-02-30T08:00:00Z",
        "hour 99": "2024-06-14T99:99:99+99:99", "a number for a date": "1" + "0" * 30, "date of the future": "2199-01-01T00:00:00Z",
        "a date of a thousand digits": "2" * 1_000,
    }.items():  # fmt: skip
        yield _dated(name, date)


def _types() -> Iterator[Case]:
    yield _html("page that is a picture", b"\x89PNG\r\n\x1a\n" + b"\0" * 4_000, "no_text", kind="image/png")
    yield _html("page that says it is a picture", GOOD, "no_text", kind="image/png")
    yield _html("page that is a pdf", b"%PDF-1.7\n" + b"1 0 obj <<>> Nordkorea Russland\n" * 90, "no_text", kind="application/pdf")
    yield _html("page that is an archive", b"PK\x03\x04" + bytes(range(256)) * 90, "off_story")
    yield _html("empty page", b"", "no_text")
    yield _html("page of spaces", b" \n\t" * 9_000, "no_text")
    yield _html("page of null bytes", b"\0" * 90_000, "off_story")
    yield _html("type of nonsense", GOOD, "no_text", kind="text/" + "x" * 5_000)
    yield _html("soft 404", page("Seite nicht gefunden", "<p>Die Seite zu Nordkorea und Russland gibt es nicht mehr (404).</p>"), "gone")
    yield _html("consent wall", page("Nordkorea", "<p>Bitte stimmen Sie der Verwendung von Cookies zu.</p>"), "no_text")


def _characters() -> Iterator[Case]:
    yield _html("latin-1 called utf-8", GOOD.decode().replace("liefert", "für").encode("latin-1"), "filed")
    yield _html("utf-16 called ascii", GOOD.decode().encode("utf-16-le"), "filed", kind="text/html; charset=ascii")
    yield _html("unknown charset", GOOD, "filed", kind="text/html; charset=klingon-8")
    yield _html("charset of a bomb", GOOD, "filed", kind="text/html; charset=zlib_codec")
    yield _html("utf-7", GOOD + b"+ADw-script+AD4-alert(1)+ADw-/script+AD4-", "filed", kind="text/html; charset=utf-7")
    yield _html("half characters", GOOD.replace(b"Granaten", b"Granaten \xed\xa0\xbd &#xD83D; &#55357;"), "filed")
    yield _headline("headline of 300 kilobytes", "Nordkorea liefert Russland Granaten " * 8_500)
    yield _headline("headline turned round", "Nordkorea \u202eevil\u202c liefert \u2066Granaten\u2069 an Russland")
    yield _headline("headline of nothing visible", "\u200b\u200c\u200d\u2060\ufeff", "filed")
    yield _headline("headline for a terminal", "Nordkorea \x1b[2J\x1b]0;x\x07 liefert &#27;[31m Russland Granaten")
    yield _headline("headline with a script", "Nordkorea &lt;script&gt;alert(1)&lt;/script&gt; liefert Russland Granaten")
    yield _headline("headline for a spreadsheet", '=HYPERLINK("http://x.example","Nordkorea liefert Russland Granaten")')
    yield _headline("headline for sql", "Nordkorea'; DROP TABLE articles; -- liefert Russland Granaten")
    yield _headline("headline of emoji", "Nordkorea 🇰🇵🚀👩‍👩‍👧‍👦 liefert Russland Granaten")
    yield _headline("headline that piles up", "Nordkorea Z" + "\u0301" * 4_000 + " liefert Russland Granaten")


def _trees() -> Iterator[Case]:
    inside = story_text("trees", 0).encode()
    yield _html("ten thousand levels", b"<html><body>" + b"<div>" * 10_000 + inside + b"</div>" * 10_000, "no_text")
    yield _html("ten thousand levels of tables", b"<html><body>" + b"<table><tr><td>" * 10_000 + inside, "no_text")
    yield _html("one tag of a megabyte", GOOD.replace(b"<main>", b"<main " + b"data-x='" + b"y" * 1_000_000 + b"'>"), "no_text")
    yield _html(
        "a hundred thousand attributes",
        GOOD.replace(b"<main>", b"<main " + b" ".join(b"a%d=1" % n for n in range(100_000)) + b">"),
        "no_text",
    )
    yield _html("a hundred thousand tags", GOOD.replace(b"</main>", b"<i>x</i>" * 100_000 + b"</main>"), "no_text")
    yield _html(
        "one line of five megabytes", GOOD.replace(b"</main>", b"<p>" + b"Nordkorea und Russland " * 220_000 + b"</p></main>"), "no_text"
    )
    yield _html("comment that never ends", GOOD.replace(b"<main>", b"<main><!-- "), "no_text")
    yield _html("script that never ends", GOOD.replace(b"</title>", b"</title><script>"), "no_text")
    yield _html("tag that never ends", GOOD.replace(b"<main>", b"<main <main <main <main <"))
    yield _html(
        "entities that expand",
        b'<!DOCTYPE html [<!ENTITY a "' + b"x" * 9_999 + b'"><!ENTITY b "' + b"&a;" * 999 + b'">]>' + GOOD + b"&b;" * 99,
    )
    yield _html("document that reads a file", b'<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + GOOD.replace(b"Los", b"&x;"))
    yield _html(
        "digits without an end", GOOD.replace(b"</main>", b"<p>" + b"1.234.567,89 Granaten und " * 12_000 + b"</p></main>"), "no_text"
    )
    yield _html("quotes without an end", GOOD.replace(b"</main>", b"<p>" + "„»“".encode() * 60_000 + b"</p></main>"), "no_text")
    ld = b'<script type="application/ld+json">%s</script></title>'
    yield _html("json of a hundred thousand brackets", GOOD.replace(b"</title>", b"</title>" + ld % (b"[" * 100_000)), "filed")
    yield _html(
        "json of huge numbers", GOOD.replace(b"</title>", b"</title>" + ld % (b'{"datePublished":1' + b"0" * 9_000 + b"}")), "filed"
    )
    yield _html("json that is half", GOOD.replace(b"</title>", b"</title>" + ld % b'{"@type":"NewsArticle","headline":"x'), "filed")


def _claimed() -> Iterator[Case]:
    yield _claims("canonical of another", f"<link rel='canonical' href='{VICTIM}'>")
    yield _claims("og url of another", f"<meta property='og:url' content='{VICTIM}'>")
    yield _claims("json url of another", f'<script type="application/ld+json">{{"@type":"NewsArticle","url":"{VICTIM}"}}</script>')
    yield _claims("base of another", f"<base href='{VICTIM}'>")
    yield _claims("canonical of a script", "<link rel='canonical' href='javascript:alert(1)'>")
    yield _claims("canonical of 9999 letters", f"<link rel='canonical' href='/{'x' * 9_999}'>")
    yield Case("redirect to another outlet", moved(VICTIM), "alias")
    yield _html("refresh to another outlet", page(HEADLINE, head=f"<meta http-equiv='refresh' content='0;url={VICTIM}'>"), "alias")
    yield _html("refresh to itself", page(HEADLINE, head="<meta http-equiv='refresh' content='0;url=/bad'>"), "failed")
    yield _html("refresh to a script", page(HEADLINE, head="<meta http-equiv='refresh' content='0;url=javascript:alert(1)'>"), "failed")
