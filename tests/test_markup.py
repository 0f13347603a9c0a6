"""Bytes to text to tree, whatever a page claims about itself."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines.markup import decode, glance, parse, readable

GERMAN = "<p>„Pjöngjang“ – Straße, 5 €</p>"
KOREAN = "<p>북한이 러시아에 포탄을 보냈다</p>"
JAPANESE = "<p>北朝鮮がロシアに砲弾を送った</p>"
RUSSIAN = "<p>Пхеньян отправил снаряды</p>"
CHINESE = "<p>朝鲜向俄罗斯提供弹药</p>"
LABELS = st.sampled_from(
    [
        None,
        "",
        "utf-8",
        "UTF8",
        "iso-8859-1",
        "windows-1252",
        "euc-kr",
        "shift_jis",
        "iso-2022-jp",
        "gb2312",
        "big5",
        "utf-16",
        "utf-7",
        "klingon",
    ]
)


def declaring(label: str, page: str) -> str:
    return f'<html><head><meta charset="{label}"></head><body>{page}</body></html>'


@pytest.mark.parametrize(
    ("page", "encoding", "header"),
    [
        (GERMAN, "utf-8", None),
        (GERMAN, "utf-8", "utf-8"),
        (GERMAN, "utf-8", "iso-8859-1"),  # mis-declared: every byte agrees with UTF-8
        (GERMAN, "utf-8", "klingon"),
        (GERMAN, "cp1252", None),
        (GERMAN, "cp1252", "windows-1252"),
        (GERMAN, "cp1252", "ISO-8859-1"),  # browsers read windows-1252 under this label
        (GERMAN, "cp1252", "iso8859-1"),
        (GERMAN, "cp1252", "utf-8"),
        (GERMAN, "cp1252", "klingon"),
        (GERMAN, "utf-16-le", None),
        (GERMAN, "utf-16-be", None),
        (GERMAN, "utf-16-le", "utf-16"),
        (KOREAN, "euc-kr", "EUC-KR"),
        (KOREAN, "cp949", "ks_c_5601-1987"),
        (KOREAN, "utf-8", "euc-kr"),
        (JAPANESE + "①", "cp932", "Shift_JIS"),
        (JAPANESE + "①", "cp932", "shift-jis"),
        (JAPANESE + "①", "cp932", "x-sjis"),
        (JAPANESE, "euc-jp", "euc-jp"),
        (JAPANESE, "iso-2022-jp", "iso-2022-jp"),
        (RUSSIAN, "cp1251", "windows-1251"),
        (RUSSIAN, "koi8-r", "KOI8-R"),
        (CHINESE, "gbk", "gb2312"),
        (CHINESE, "gb18030", "gb18030"),
    ],
)
def test_page_is_read_in_the_encoding_it_has(page: str, encoding: str, header: str | None) -> None:
    assert decode(page.encode(encoding), header) == page


@pytest.mark.parametrize(
    ("page", "encoding", "label"),
    [
        (GERMAN, "cp1252", "iso-8859-1"),
        (GERMAN, "cp1252", "utf-8"),
        (KOREAN, "cp949", "euc-kr"),
        (JAPANESE + "①", "cp932", "Shift_JIS"),
        (JAPANESE, "iso-2022-jp", "iso-2022-jp"),
        (RUSSIAN, "cp1251", "windows-1251"),
    ],
)
@pytest.mark.parametrize("header", [None, "klingon"])
def test_page_is_read_in_the_encoding_its_meta_names(page: str, encoding: str, label: str, header: str | None) -> None:
    whole = declaring(label, page)
    assert decode(whole.encode(encoding), header) == whole


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
    ],
)
def test_byte_order_mark_wins_over_every_label_and_is_no_text(mark: bytes, encoding: str) -> None:
    page = declaring("shift_jis", KOREAN)
    assert decode(mark + page.encode(encoding), "iso-8859-1") == page


def test_utf_8_page_with_a_few_broken_bytes_loses_only_those() -> None:
    page = GERMAN * 20
    assert decode(page.encode() + b"\xff\xfe!", "utf-8") == page + "\ufffd\ufffd!"


@pytest.mark.parametrize("label", ["klingon", "hex", "rot13", "base64", "idna", "punycode", "undefined", "utf\x00-8", "ü", " ", "a" * 5000])
def test_label_that_is_no_charset_is_passed_over(label: str) -> None:
    assert decode(GERMAN.encode("cp1252"), label) == GERMAN


@given(st.binary(max_size=300), LABELS)
@settings(deadline=None)
@example(b"\xff\xfe\x00", None)
@example(b"\x00", None)
@example(b'<meta charset="idna">\xff', None)
@example(b'<meta charset="undefined">\xff', None)
def test_no_bytes_under_any_label_raise(raw: bytes, label: str | None) -> None:
    assert isinstance(decode(raw, label), str)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufeff"), max_size=200), LABELS)
@settings(deadline=None)
def test_what_was_written_as_utf_8_is_read_as_written(text: str, label: str | None) -> None:
    if label != "iso-2022-jp":  # its escapes are ASCII: only the label tells it
        assert decode(text.encode(), label) == text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("Nord&shy;korea", "Nordkorea"),
        ("Nord&#173;korea", "Nordkorea"),
        ("Nord\\u00adkorea", "Nordkorea"),
        ("Nord\u00ad\u200bkorea", "Nordkorea"),
        ("Pj&ouml;ngjang", "Pjöngjang"),
        ("Pj&#246;ngjang", "Pjöngjang"),
        ("Pj&#xF6;ngjang", "Pjöngjang"),
        ("Pj\\u00f6ngjang", "Pjöngjang"),
        ("Pj\\u00F6ngjang", "Pjöngjang"),
        ("Pjo&#776;ngjang", "Pjöngjang"),
        ("Kim&nbsp;Jong\u00a0Un", "Kim Jong Un"),
        ("\\ubd81\\ud55c", "북한"),
        ("<p>R&D</p> \\u12", "<p>R&D</p> \\u12"),
    ],
)
def test_words_stand_plain_before_a_page_is_parsed(markup: str, text: str) -> None:
    assert readable(markup) == text
    assert glance(markup) == text


def test_only_a_look_at_a_page_leaves_the_commonest_entities() -> None:
    assert readable("Pjöngjang &amp; Moskau &quot;") == 'Pjöngjang & Moskau "'
    assert glance("Pj&ouml;ngjang &amp; Moskau &quot;") == "Pjöngjang &amp; Moskau &quot;"


@given(st.text(max_size=200))
@settings(deadline=None)
@example("&#xD800;\\ud800\\udc00&#x110000;&#0;")
def test_what_is_readable_can_be_written_and_hides_nothing(markup: str) -> None:
    for text in (readable(markup), glance(markup)):
        text.encode("utf-8")
        assert not set("\u00ad\u200b\ufeff") & set(text)


@pytest.mark.parametrize("markup", ["", " \n\t", "\x00", "\x00\x00 ", "<!-- nothing -->", '<?xml version="1.0"?>', "<!doctype html>"])
def test_page_without_content_has_no_tree(markup: str) -> None:
    assert parse(markup) is None


@pytest.mark.parametrize(
    "markup",
    [
        "<p>Pjöngjang</p>",
        "Pjöngjang",
        "<p>Pjöng\x00jang</p>",
        '<?xml version="1.0" encoding="iso-8859-1"?><html><body><p>Pjöngjang</p></body></html>',
        '\n <?xml version="1.0" encoding="UTF-16"?>\n<!DOCTYPE html><p>Pjöngjang',
        '<meta charset="shift_jis"><p>Pjöngjang</p>',
        "<!-- Seoul --><p>Pjöngjang<!-- Seoul --></p><?php Seoul ?>",
        "<div><p>Pjöngjang</div></span></p>",
        "<html><html><body>Pjöngjang",
    ],
)
def test_text_of_a_page_is_found_in_its_tree(markup: str) -> None:
    tree = parse(markup)
    assert tree is not None
    assert tree.text_content().strip() == "Pjöngjang"


@given(st.one_of(st.text(max_size=200), st.text(alphabet="<>/!?-=\"'& apdivhtmlscrx\x00\x0b\ud800\ufffe", max_size=200)))
@settings(deadline=None)
@example("\ud800")
@example("<![CDATA[")
@example("<a " + "b" * 100_000)
def test_no_text_breaks_the_parser(markup: str) -> None:
    tree = parse(markup)
    assert tree is None or isinstance(tree.text_content(), str)
