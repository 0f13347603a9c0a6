"""Bytes to text to tree: the only place that knows encodings and lxml's parser."""

from __future__ import annotations

import codecs
import html as entities
import re
from collections.abc import Iterable
from typing import Any

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
_JSON_ESCAPE = re.compile(rb"\\u([0-9a-fA-F]{4})")
# Nine in ten entities of a page are in its attributes and scripts and stand for what parts words anyhow, as they do themselves.
_ENTITY = re.compile(rb"&(?!(?:amp|quot|lt|gt|apos|#39|#34|#039|#x27);)(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});?")
_XML_DECLARATION = re.compile(rb"^\s*<\?xml[^>]*\?>")
# What browsers read under these labels (WHATWG Encoding Standard).
_LABELS = {"iso-8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252", "ascii": "cp1252", "us-ascii": "cp1252",
           "ks_c_5601-1987": "cp949", "euc-kr": "cp949", "shift_jis": "cp932", "shift-jis": "cp932", "x-sjis": "cp932",
           "iso8859-1": "cp1252", "windows-949": "cp949", "x-gbk": "gb18030", "gb2312": "gb18030", "gbk": "gb18030"}  # fmt: skip
# Codecs of Python that no page is written in: some make half characters; punycode takes .3 s for 80 kB, an hour for 8 MiB.
_NO_CHARSETS = ("punycode", "idna", "utf-7", "unicode-escape", "raw-unicode-escape", "undefined")


def decode(raw: bytes, charset: str | None = None) -> str:
    """The text of a page, whatever it claims about its encoding.

    A byte order mark wins; then UTF-8, if every byte agrees (other encodings practically never do by chance); then
    what header and `<meta>` declare; then windows-1252. Undecodable bytes become U+FFFD: nothing raises.
    """
    for bom, encoding in _BOMS:
        if raw.startswith(bom):
            return raw.decode(encoding, "replace").lstrip("\ufeff")
    if sniffed := _utf16_without_mark(raw):
        return raw.decode(sniffed, "replace")
    declared = [label for label in (charset, _meta_charset(raw)) if label]
    if (text := _utf8(raw, declared)) is not None:
        return text
    for label in (label for label in declared if not _is_utf8(label)):
        try:
            codec = codecs.lookup(_LABELS.get(label.lower(), label))
            if codec.name not in _NO_CHARSETS:
                return raw.decode(codec.name, "replace")
        except (LookupError, ValueError):  # a charset nobody knows, or one that makes no text of bytes (rot13)
            continue
    return raw.decode("utf-8" if _mostly_utf8(raw) else "cp1252", "replace")


def utf8(raw: bytes, charset: str | None = None) -> bytes:
    """`decode`, in UTF-8, but for bytes that are none in a page that claims no other encoding: they stay as they came."""
    marked = raw.startswith(tuple(bom for bom, _ in _BOMS)) or _utf16_without_mark(raw)
    if not marked and all(_is_utf8(label) for label in (charset, _meta_charset(raw)) if label):
        return raw  # as most pages are; that every byte agrees takes .1 ms to see. Where one does not, `Anchors` may see another script
    return _bytes(decode(raw, charset))


def _utf8(raw: bytes, declared: Iterable[str]) -> str | None:
    """The text of a page in UTF-8; None for any other. Japanese ISO-2022 has no byte that UTF-8 has not."""
    if any(label.lower().startswith("iso-2022") for label in declared):
        return None
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return None


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
    """The markup on one line, with entities and JSON escapes resolved and invisible characters gone."""
    return " ".join(visible(_text(_unescaped(_bytes(entities.unescape(markup))))).split())


def glance(markup: str) -> str:
    """As `readable`, for a look at a whole page before it is parsed: entities that part words as what they stand for does stay."""
    return " ".join(visible(_text(resolved(_bytes(markup)))).split())


def resolved(markup: bytes) -> bytes:
    """Markup in UTF-8 with entities and JSON escapes resolved, but for entities that part words as what they stand for does."""
    return _unescaped(_ENTITY.sub(lambda m: _bytes(entities.unescape(_text(m.group()))), markup) if b"&" in markup else markup)


def _unescaped(markup: bytes) -> bytes:
    if b"\\" not in markup or b"\\u" not in markup:  # one character is found ten times sooner than two
        return markup
    return _JSON_ESCAPE.sub(lambda m: _bytes(chr(int(m.group(1), 16))), markup)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogatepass")


# What the largest of 183 real pages had: 2,227,915 characters, 5,022 "<", 40,845 "&", a tag of 569,051 (an inlined image), 59
# attributes (614 by the count below, which takes a "<" in a script for a tag), 34 levels, 2,007 characters between two tags. Of a
# tag's attributes libxml2 compares each with each: 2,000 take 5 ms, 100,000 half a minute, and no clock stops it.
MAX_MARKUP = 4_500_000
MAX_TAGS = 25_000  # counted by "<"
MAX_TAG = 1_000_000
MAX_ATTRIBUTES = 2_000
MAX_ENTITIES = 100_000
MAX_DEPTH = 256  # libxml2's own; it leaves out what is deeper
MAX_RUN = 100_000
MAX_HEADLINE_RUN = 500_000  # a headline is cut later, where it is read
_HEADLINES = ("title", "h1")
_LONG_TEXTS = etree.XPath(f"//text()[string-length() > {MAX_RUN}][not(parent::script or parent::style)]")  # scripts are data
_LARGE = re.compile(rb"<[a-zA-Z][^<>]{%d}" % (MAX_TAG - 1))
_BLANK = " \\t\\n\\r"
_NAME = f"[{_BLANK}/]*+[^{_BLANK}/>][^{_BLANK}/>=]*+"
_VALUE = f"[{_BLANK}]*+=[{_BLANK}]*+(?:\"[^\"]*+\"?|'[^']*+'?|[^{_BLANK}>]*+)"
# From any "<" on as the HTML standard, and libxml2 by it, tells attributes apart: a ">" or "<" in quotes ends no tag.
_MANY = re.compile(f"</?[a-zA-Z][^{_BLANK}/>]*+(?:{_NAME}(?:{_VALUE})?+){{{MAX_ATTRIBUTES + 1}}}".encode())
# libxml2 reads them, but fails when a text with one is moved, as pruning does.
_NO_MARKUP = bytes((*range(9), 11, 12, *range(14, 32)))
_NO_CHARACTERS = ("\ufffe".encode(), "\uffff".encode())
# lxml.html asks Python for the class of every element; forms are none of our affair, and C knows the one for all.
_ONE_CLASS = etree.ElementDefaultClassLookup(element=HtmlElement)


def tree_of(markup: str) -> HtmlElement | str:
    """The tree of a page, or why there is none: it is empty, or none that a newsroom serves. Never raises on bad markup."""
    raw = markup.encode("utf-8", "replace").translate(None, _NO_MARKUP)
    for character in _NO_CHARACTERS if _NO_CHARACTERS[0][:1] in raw else ():  # one byte is found ten times sooner than three
        raw = raw.replace(character, b"")
    raw = _XML_DECLARATION.sub(b"", raw)
    if why := _unbearable(raw, len(markup)):
        return why
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=False)
    parser.set_element_class_lookup(_ONE_CLASS)
    try:
        tree = document_fromstring(raw, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return "the answer is empty, or no web page"
    if any(error.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for error in parser.error_log):
        return f"the page nests more than {MAX_DEPTH} elements"
    long: Any = _LONG_TEXTS(tree)
    if any(_is_giant(text) for text in long):
        return f"the page has a line of more than {MAX_RUN:,} characters"
    return tree


def parse(markup: str) -> HtmlElement | None:
    """`tree_of`, for whom the reason does not matter."""
    found = tree_of(markup)
    return None if isinstance(found, str) else found


def _unbearable(markup: bytes, characters: int) -> str | None:
    """What is too much in a page: checked before the parse, which would take it all."""
    if not markup or markup.isspace():
        return "the answer is empty, or no web page"
    for much, most, what in ((characters, MAX_MARKUP, "characters"), (markup.count(b"<"), MAX_TAGS, "tags"),
                             (markup.count(b"&"), MAX_ENTITIES, "entities")):  # fmt: skip
        if much > most:
            return f"the page has more than {most:,} {what}"
    if len(markup) > MAX_TAG and _LARGE.search(markup):
        return f"the page has a tag of more than {MAX_TAG:,} bytes"
    return f"the page has a tag of more than {MAX_ATTRIBUTES:,} attributes" if _MANY.search(markup) else None


def _is_giant(text: Any) -> bool:
    """Whether a text is a one-line giant. A headline may be longer; what follows a tag in it is not the headline's own."""
    most = MAX_HEADLINE_RUN if text.is_text and text.getparent().tag in _HEADLINES else MAX_RUN
    return len(text) > most
