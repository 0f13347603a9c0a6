"""Bytes to text to tree: the only place that knows encodings and lxml's parser."""

from __future__ import annotations

import codecs
import html as entities
import re

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from pipelines.text import visible

_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.I)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_JSON_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
# What browsers read under these labels (WHATWG Encoding Standard).
_LABELS = {"iso-8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252", "ascii": "cp1252", "us-ascii": "cp1252",
           "ks_c_5601-1987": "cp949", "euc-kr": "cp949", "shift_jis": "cp932", "shift-jis": "cp932", "x-sjis": "cp932",
           "iso8859-1": "cp1252", "windows-949": "cp949", "x-gbk": "gb18030", "gb2312": "gb18030", "gbk": "gb18030"}  # fmt: skip


def decode(raw: bytes, charset: str | None = None) -> str:
    """The text of a page, whatever it claims about its encoding.

    A byte order mark wins; then UTF-8, if every byte agrees (other encodings practically never do by chance); then
    what header and `<meta>` declare; then windows-1252. Undecodable bytes become U+FFFD: nothing raises.
    """
    for bom, encoding in _BOMS:
        if raw.startswith(bom):
            return raw.decode(encoding, "replace").lstrip("\ufeff")
    declared = [label for label in (charset, _meta_charset(raw)) if label]
    if sniffed := _utf16_without_mark(raw):
        return raw.decode(sniffed, "replace")
    if not any(label.lower().startswith("iso-2022") for label in declared):
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            declared = [label for label in declared if not _is_utf8(label)]
    for label in declared:
        try:
            return raw.decode(_LABELS.get(label.lower(), label), "replace")
        except (LookupError, ValueError):  # a charset nobody knows, or one that is none (idna, undefined)
            continue
    return raw.decode("utf-8" if _mostly_utf8(raw) else "cp1252", "replace")


def _meta_charset(raw: bytes) -> str | None:
    declared = _META_CHARSET.search(raw[:4096])
    return declared.group(1).decode("ascii") if declared else None


def _is_utf8(label: str) -> bool:
    return label.lower().replace("_", "-") in ("utf-8", "utf8")


def _utf16_without_mark(raw: bytes) -> str | None:
    """Western markup in UTF-16 has a NUL in every other byte."""
    head = raw[:200]
    if head[1::2].count(0) > len(head) // 3:
        return "utf-16-le"
    return "utf-16-be" if head[::2].count(0) > len(head) // 3 else None


def _mostly_utf8(raw: bytes) -> bool:
    """A UTF-8 page with a few broken bytes (cut comments, mixed-in advertising)."""
    text = raw.decode("utf-8", "replace")
    return text.count("\ufffd") * 20 < sum(c > "\x7f" for c in text)


def readable(markup: str) -> str:
    """The markup on one line, with entities and JSON escapes resolved and invisible characters gone, for a look before parsing."""
    if "&" in markup:
        markup = entities.unescape(markup)
    if "\\u" in markup:
        markup = _JSON_ESCAPE.sub(lambda m: chr(int(m.group(1), 16)), markup)
    return " ".join(visible(markup).split())


# At least twice what the largest of 84 real pages had: 2,227,915 characters, 5,022 "<", 40,845 "&", a tag of 569,051 (an inlined
# image), 34 levels. Within these limits the worst page made for the tests is read in under a second.
MAX_MARKUP = 4_500_000
MAX_TAGS = 25_000  # counted by "<"
MAX_TAG = 2_000_000
MAX_ENTITIES = 100_000
_FAR = re.compile(rf"<[a-zA-Z][^<>]{{{MAX_TAG}}}")


def _is_bearable(markup: str) -> bool:
    """Whether size, number and length of tags are those of a page: checked before the parse, which would take them all."""
    if len(markup) > MAX_MARKUP or markup.count("<") > MAX_TAGS or markup.count("&") > MAX_ENTITIES:
        return False
    return len(markup) <= MAX_TAG or not _FAR.search(markup)


def parse(markup: str) -> HtmlElement | None:
    """The tree of a page; None when there is none, or when it is none that a newsroom serves. Never raises on bad markup."""
    markup = _XML_DECLARATION.sub("", markup.replace("\x00", ""))
    if not markup.strip() or not _is_bearable(markup):
        return None
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        return document_fromstring(markup.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None
