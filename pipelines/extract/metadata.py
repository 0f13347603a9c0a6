"""Headline, byline, language, canonical URL, dates, paywall: JSON-LD, then meta tags, then what is visible."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urljoin

from lxml.html import HtmlElement

from pipelines.evidence import DateHint
from pipelines.extract import structured
from pipelines.extract.structured import Node
from pipelines.text import one_line

MAX_HEADLINE = 500  # characters; the longest real one measured had 214


@dataclass
class Metadata:
    """What a page says about itself."""

    headline: str = ""
    authors: list[str] = field(default_factory=list)
    credit: str = ""
    language: str | None = None
    canonical_url: str | None = None
    published: list[DateHint] = field(default_factory=list)
    modified: list[DateHint] = field(default_factory=list)
    paywalled: bool = False
    image_url: str | None = None
    site_names: frozenset[str] = frozenset()
    description: str = ""
    article_body: str = ""


def metadata(tree: HtmlElement, url: str) -> Metadata:
    """Everything a page says about itself, from one walk over its head and one over its structured data."""
    nodes = structured.nodes(tree)
    about = structured.articles(nodes)
    meta = _meta(tree)
    node: Node = about[0] if about else {}
    sites = _site_names(nodes, meta)
    canonical = next((link.get("href") for link in tree.iter("link") if link.get("rel", "").lower() == "canonical"), None)
    return Metadata(
        headline=_headline(tree, about, meta, sites),
        authors=_authors(tree, about, meta),
        credit=structured.first(node, "creditText", "sourceOrganization") or _closing_note(tree),
        language=_language(tree, node, meta),
        canonical_url=urljoin(url, canonical.strip()) if canonical and canonical.strip() else None,
        published=_dates(tree, about, meta, "datePublished", _PUBLISHED, _PUBLISHED_PROPS) + _visible_dates(tree),
        modified=_dates(tree, about, meta, "dateModified", _MODIFIED, ("datemodified",)),
        paywalled=_paywalled(nodes, meta),
        image_url=meta.get("og:image"),
        site_names=sites,
        description=structured.first(node, "description") or meta.get("og:description", "") or meta.get("description", ""),
        article_body=structured.first(node, "articleBody"),
    )


def _meta(tree: HtmlElement) -> dict[str, str]:
    """Meta tags by name or property in lower case; the first of each wins."""
    found: dict[str, str] = {}
    for tag in tree.iter("meta"):
        key = (tag.get("property") or tag.get("name") or tag.get("itemprop") or "").lower().strip()
        value = one_line(tag.get("content") or "")
        if key and value:
            found.setdefault(key, value)
    return found


def _site_names(nodes: list[Node], meta: dict[str, str]) -> frozenset[str]:
    names = [meta.get("og:site_name", ""), meta.get("application-name", "")]
    for node in nodes:
        names += structured.strings(node.get("publisher"))
        if structured.types(node) & {"website", "organization", "newsmediaorganization"}:
            names += structured.strings(node.get("name"))
    return frozenset(name.casefold().strip() for name in names if name.strip() and not name.startswith("http"))


def _headline(tree: HtmlElement, about: list[Node], meta: dict[str, str], sites: frozenset[str]) -> str:
    heads = [one_line(h1.text_content()) for h1 in tree.iter("h1")]
    declared = [one_line(structured.first(node, "headline")) for node in about]
    social = [_without_site(meta.get(key, ""), sites) for key in ("og:title", "twitter:title")]
    title = tree.find(".//title")
    titles = [_without_site(one_line(title.text_content()), sites)] if title is not None else []
    for text in (*declared, *social, *heads, *titles):
        if text and text.casefold() not in sites and not text.endswith(("…", "...")):
            return text[:MAX_HEADLINE]
    return ""


def _without_site(title: str, sites: frozenset[str]) -> str:
    """The title without the site's name behind or before a separator."""
    title = one_line(title)
    parts = re.split(r"\s+[|–—·:»-]\s+|\s*\|\s*", title)
    while len(parts) > 1 and _is_site(parts[-1], sites):
        title = title[: title.rindex(parts.pop())].rstrip(" |–—·:»-")
    if len(parts) > 1 and _is_site(parts[0], sites):
        title = title[title.index(parts[1]) :]
    return title


def _is_site(part: str, sites: frozenset[str]) -> bool:
    bare = part.casefold().strip()
    return bare in sites or bool(re.fullmatch(r"[\w-]+\.(?:de|at|ch|com|net|org|eu|info|example)", bare))


def _authors(tree: HtmlElement, about: list[Node], meta: dict[str, str]) -> list[str]:
    for node in about:
        if names := structured.strings(node.get("author")):
            return names
    for key in ("author", "article:author", "dc.creator", "parsely-author"):
        if (name := meta.get(key, "")) and not name.startswith("http"):
            return [name]
    marked = tree.xpath('//*[@itemprop="author"]//*[@itemprop="name"] | //*[@itemprop="author"][not(*)] | //a[@rel="author"]')
    names = [one_line(tag.text_content()) for tag in marked if isinstance(tag, HtmlElement)]
    names = names or _bylines(tree)
    return [name for name in names if name and len(name) < 120]


_BYLINE = re.compile(r"(?<![a-z])(?:by|by-?line|authors?|autor(?:en|in)?|writer|reporter|verfasser)(?![a-z])")


def _bylines(tree: HtmlElement) -> list[str]:
    """The first element near the top that its class calls a byline."""
    for tag in tree.iter("p", "span", "div", "a", "address", "em"):
        if _BYLINE.search(tag.get("class", "").lower()) and (name := one_line(tag.text_content())) and len(name) < 120:
            return [name]
    return []


_NOTE = re.compile(r"^\W*(?:mit material (?:von|der)|with (?:material|reporting) (?:from|by)|quelle:|source:)\s+(.{2,60})$", re.I)


def _closing_note(tree: HtmlElement) -> str:
    """A line of its own that says whose material this is; trafilatura takes it for a footer."""
    for tag in tree.iter("p", "span", "div", "small", "em"):
        if len(tag) == 0 and (note := _NOTE.match(one_line(tag.text or ""))):
            return note.group(1)
    return ""


def _language(tree: HtmlElement, node: Node, meta: dict[str, str]) -> str | None:
    declared = (tree.get("lang"), structured.first(node, "inLanguage"), meta.get("og:locale"), meta.get("content-language"))
    for text in declared:
        match = re.match(r"[A-Za-z]{2}(?=$|[-_])", text or "")
        if match:
            return match.group().lower()
    return None


_PUBLISHED = (
    "article:published_time", "og:published_time", "article:published", "datepublished", "date", "dc.date", "dc.date.issued",
    "dcterms.created", "dcterms.issued", "publishdate", "pubdate", "publish-date", "sailthru.date", "parsely-pub-date",
    "cxenseparse:recs:publishtime",
)  # fmt: skip
_MODIFIED = ("article:modified_time", "og:updated_time", "datemodified", "dcterms.modified", "last-modified")
_PUBLISHED_PROPS = ("datepublished",)


def _dates(
    tree: HtmlElement, about: list[Node], meta: dict[str, str], key: str, names: tuple[str, ...], props: tuple[str, ...]
) -> list[DateHint]:
    stated = [text for node in about for text in structured.strings(node.get(key))]
    if not stated and key == "datePublished":  # some systems only know when the article was made
        stated = [text for node in about for text in structured.strings(node.get("dateCreated"))]
    hints = [DateHint(text, "json-ld") for text in stated]
    for tag in tree.xpath("//*[@itemprop]"):
        if isinstance(tag, HtmlElement) and tag.get("itemprop", "").lower() in props and tag.tag != "meta":
            hints.append(DateHint(tag.get("datetime") or tag.get("content") or one_line(tag.text_content()), "microdata"))
    return hints + [DateHint(meta[name], "meta") for name in names if name in meta]


_CLOCKED = re.compile(
    r"(?:\d\d?\.\s?\d\d?\.\s?\d{4}|\d\d?\.\s?[A-ZJa-z]\w{2,8}\.?\s\d{4}|[A-Z][a-z]{2,8}\.?\s\d\d?,\s\d{4})"
    r"(?:[\s,|·–-]{1,5}(?:um|at)?\s?\d\d?[:.]\d\d(?:\s?[ap]\.m\.)?(?:\s?Uhr)?(?:\s[A-Z]{2,4}\b)?)?"
)
_MAX_DATE_LINE = 90  # characters of an element that is a date line, not a paragraph with a date in it


def _visible_dates(tree: HtmlElement) -> list[DateHint]:
    """`<time>` elements outside teasers and comments, then date lines near the headline, as a reader sees them."""
    hints: list[DateHint] = []
    places = tree.xpath("//article | //main") or [tree]
    for tag in list(places[0].iter("time"))[:3]:
        label = f"{tag.get('class', '')} {tag.get('itemprop', '')}".lower()
        if tag.get("datetime") and "modif" not in label and "updat" not in label:
            hints.append(DateHint(tag.get("datetime") or "", "time"))
    for h1 in list(tree.iter("h1"))[:1]:
        near = h1.getparent()
        for _ in range(2):
            if near is None or near.tag in ("body", "html"):
                break
            hints += [DateHint(text, "visible") for text in _date_lines(near)]
            near = near.getparent()
    return hints[:6]


def _date_lines(near: HtmlElement) -> list[str]:
    found = []
    for tag in near.iter("span", "p", "div", "time", "li", "small"):
        own = one_line("".join(tag.itertext()))[: _MAX_DATE_LINE + 1]
        if (
            len(own) <= _MAX_DATE_LINE
            and (match := _CLOCKED.search(own))
            and not re.search(r"aktualisiert|update|geändert|stand", own, re.I)
        ):
            found.append(match.group())
    return list(dict.fromkeys(found))[:2]


def _paywalled(nodes: list[Node], meta: dict[str, str]) -> bool:
    for node in nodes:
        if str(node.get("isAccessibleForFree", "")).lower() == "false":
            return True
    return meta.get("article:content_tier", "").lower() in ("locked", "metered") or meta.get("og:article:content_tier", "") == "locked"
