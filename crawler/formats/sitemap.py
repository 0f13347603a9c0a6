"""Sitemap files: what they list, how old it is, which files of an index are worth asking for. No network, no clock."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

from lxml import etree
from scrapy.utils.gz import gunzip

from crawler.formats.feed import whole, xml_text
from pipelines.markup import decode
from pipelines.text import one_line

MAX_UNPACKED = 50 * 1024 * 1024  # bytes, as the sitemap protocol allows
MAX_ELEMENTS = 10_000  # below one <url>; one with a thousand images, the most that is allowed, has about 3,000
MAX_ALONE = 500_000  # `&` that stand alone and are mended, ten an address; each costs 80 bytes while it is
DAY = timedelta(days=1)
_PIECE = 64 * 1024

_DAY = re.compile(r"(?<!\d)((?:19|20)\d\d)([/._-])(0?[1-9]|1[0-2])\2(0?[1-9]|[12]\d|3[01])(?!\d)")
# Eight digits are a date only as the beginning of a part of the path: article ids (…-19238745.html) look like one too.
_COMPACT = re.compile(r"/((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=[/_-])")
_MONTH = re.compile(r"/((?:19|20)\d\d)[/-](0?[1-9]|1[0-2])(?=/)")
# A file's name is less ambiguous: the protocol allows 50,000 files, so six digits are no running number.
_FILE_DAY = re.compile(r"(?<!\d)((?:19|20)\d\d)[/._-]?(0[1-9]|1[0-2])(?:[/._-]?(0[1-9]|[12]\d|3[01]))?(?!\d)")
_FILE_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
_FRESH = re.compile(r"(?i)(?:^|[/._-])(?:news|latest|recent|current|today|aktuell\w*|heute)(?:[/._-]|$)")
# Files that list no articles, as content systems name them (post_tag-sitemap.xml, sitemap-authors.xml).
_ASIDE = re.compile(
    r"(?i)(?:^|[/._-])(?:images?|videos?|tags?|authors?|autor(?:en)?|category|categories|kategorien?)(?:[/._-]?sitemap|[/._-]|$)"
)


class SitemapError(ValueError):
    """The bytes are no sitemap: says what was found instead."""


def read_sitemap(body: bytes, most: int = MAX_UNPACKED) -> tuple[bool, Iterator[dict[str, str]]]:
    """Whether a file is an index, and what each `<url>` or `<sitemap>` says, by the local names of its elements.

    Read piece by piece: of 50 MB only one `<url>` is in memory at a time. A truncated file gives what it has in full, and an
    element of another name nothing ({}), so that whoever reads can pause.

    Raises:
        SitemapError: when it is neither, or gzip that cannot be unpacked.
    """
    body = _in_utf8(_unpacked(body, most)).strip()
    body = _sound(whole(body.decode("latin-1")).encode("latin-1") if b"&#" in body else body)
    root = next(_elements(body, "start"), None)
    name = _local(root.tag) if root is not None else ""
    if name not in ("urlset", "sitemapindex"):
        raise SitemapError(f"is not a sitemap: begins with {decode(body[:200]).strip()[:60]!r}")
    return name == "sitemapindex", _rows(body, name)


def written(text: str, zone: str) -> datetime | None:
    """The latest instant that a date of the protocol (2024, 2024-06, 2024-06-14, with or without time and zone) allows."""
    try:
        if re.fullmatch(r"\d{4}", text):
            return _end_of(date(int(text), 12, 31), zone)
        if re.fullmatch(r"\d{4}-\d\d", text):
            return _end_of(_last_of_month(int(text[:4]), int(text[5:])), zone)
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return _end_of(date.fromisoformat(text), zone)
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def last_day(url: str) -> date | None:
    """The last day that a date in an article's path allows: of `/2024/06/14/` that day, of `/2024/06/` the 30th."""
    path = _path(url)
    days = [(year, month, day) for year, _, month, day in _DAY.findall(path)] + _COMPACT.findall(path)
    return max(_dates(days or [(year, month, "") for year, month in _MONTH.findall(path)]), default=None)


def is_recent(url: str, changed: str, since: datetime, zone: str) -> bool:
    """Whether an entry's date is not older; without one, whether its address carries no older day."""
    if instant := written(changed, zone):
        return instant >= since
    day = last_day(url)
    return day is None or day >= (since - DAY).date()  # it was the day before somewhere


def worth_asking(files: Iterable[tuple[str, datetime | None]], since: datetime) -> list[str]:
    """The files of an index that may list something since an instant, the most promising first.

    `files` are URLs with their last change. A dated file is judged by its date. An undated one is left out when its name
    gives an older day, month, or year, the latter only where all undated ones carry years, else it is a running number.
    """
    wanted = {url: changed for url, changed in files if not _ASIDE.search(_path(url).removesuffix(".gz").removesuffix(".xml"))}
    dated = {url: changed for url, changed in wanted.items() if changed and changed >= since}
    undated = [url for url, changed in wanted.items() if changed is None]
    years = all(_FILE_YEAR.search(_after_host(url)) or _day_of_file(url) for url in undated)
    days = {url: _day_of_file(url) or (_year_of_file(url) if years else None) for url in undated}
    fresh = [url for url, day in days.items() if day is None or day >= (since - DAY).date()]
    return [
        *sorted(dated, key=lambda url: dated[url], reverse=True),
        *sorted(fresh, key=lambda url: (bool(_FRESH.search(_path(url))), days[url] or date.min, _number(url)), reverse=True),
    ]


def address(link: str, base: str) -> str | None:
    """Where a file of an index lies, as written: its query may matter in its order. None for what is no web address."""
    try:
        url = urljoin(base, link)
        parts = urlsplit(url)
        sound = bool(link and parts.scheme in ("http", "https") and parts.hostname and parts.port != 0)
    except ValueError:  # http://[[x]], a port of letters
        return None
    return url if sound else None


def _elements(body: bytes, event: Literal["start", "end"]) -> Iterator[etree._Element]:
    # No entities, no network, no DTD: a sitemap needs none, an attacker does.
    context = etree.iterparse(
        io.BytesIO(body), events=(event,), recover=True, resolve_entities=False, no_network=True, load_dtd=False,
        huge_tree=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        for _, element in context:
            yield element
    except etree.XMLSyntaxError:
        return


def _rows(body: bytes, root: str) -> Iterator[dict[str, str]]:
    """What the children of the root say. Of a file that ends inside an address the last is left out: it is another's."""
    wanted, seen, last = "sitemap" if root == "sitemapindex" else "url", 0, None
    for element in _elements(body, "end"):
        seen += 1
        parent = element.getparent()
        if seen > MAX_ELEMENTS:
            return
        if parent is None or parent.getparent() is not None:
            continue
        if last is not None:
            yield last
        seen, last = 0, _texts(element) if _local(element.tag) == wanted else {}
        element.clear()
        while (before := element.getprevious()) is not None:  # lxml forbids to discard the element it stands at
            parent.remove(before)
    if last is not None and (body.endswith(b">") or f"</{root}".encode() in body[-1000:]):
        yield last


def _sound(body: bytes) -> bytes:
    """A file without its DTD, which a sitemap needs none of, and whose entities may be a bomb that ends the parser; with `&`
    escaped that stands alone in addresses, which the parser would drop with what follows."""
    if (begin := body[:1000].find(b"<!DOCTYPE")) >= 0 and (end := re.compile(rb"[^\[>]*(?:>|\[.*?\]\s*>)", re.S).match(body, begin)):
        body = body[:begin] + body[end.end() :]
    return body if b"<![CDATA[" in body else re.sub(rb"&(?!#?\w{1,10};)", b"&amp;", body, count=MAX_ALONE)


def _in_utf8(body: bytes) -> bytes:
    """A file in the letters it is written in, whichever it declares: the parser would believe the declaration."""
    if b"encoding" in body[:200] and not re.search(rb"encoding\s*=\s*[\"']utf-?8", body[:200], re.I):
        return xml_text(body, "").encode("utf-8", "replace")
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for at in range(0, len(body), _PIECE):  # of 50 MB no second copy
            decoder.decode(body[at : at + _PIECE])
    except UnicodeDecodeError:
        return xml_text(body, "").encode("utf-8", "replace")
    return body


def _unpacked(body: bytes, most: int) -> bytes:
    """The sitemap of an `.xml.gz`; what is not gzip as it is."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    try:
        return gunzip(body, max_size=most)  # cut while it is unpacked
    except Exception as error:
        raise SitemapError(f"is gzip that cannot be unpacked to at most {most / 2**20:.3g} MiB: {error}") from None


@lru_cache(maxsize=1000)
def _local(tag: str) -> str:
    return tag.rpartition("}")[2].rpartition(":")[2].lower()  # an undeclared prefix stays in the name, where lxml's own reader fails


def _texts(element: etree._Element) -> dict[str, str]:
    """The texts below an element by their local names, whatever prefix the site uses; images' titles are not its own."""
    found: dict[str, str] = {}
    for child in element.iter(etree.Element):
        if child.text and "image" not in child.tag and "video" not in child.tag:
            found.setdefault(_local(child.tag), one_line(child.text))
    return found


def _end_of(day: date, zone: str) -> datetime:
    return datetime.combine(day, time.max, ZoneInfo(zone)).astimezone(UTC)


def _last_of_month(year: int, month: int) -> date:
    return (date(year, month, 28) + 4 * DAY).replace(day=1) - DAY


def _dates(parts: Iterable[tuple[str, str, str]]) -> Iterator[date]:
    """The days of (year, month, day); without a day the month's last; what is none (31 June) is left out."""
    for year, month, day in parts:
        try:
            yield date(int(year), int(month), int(day)) if day else _last_of_month(int(year), int(month))
        except ValueError:
            continue


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:  # http://[[x]]
        return ""


def _after_host(url: str) -> str:
    return f"{_path(url)}?{url.partition('?')[2]}"


def _day_of_file(url: str) -> date | None:
    return max(_dates(_FILE_DAY.findall(_after_host(url))), default=None)


def _year_of_file(url: str) -> date | None:
    return max((date(int(year), 12, 31) for year in _FILE_YEAR.findall(_after_host(url))), default=None)


def _number(url: str) -> int:
    """The last number of a file's name: the highest is where most content systems add."""
    return int((re.findall(r"\d{1,18}", _after_host(url)) or ["0"])[-1])
