"""What a page says about itself: JSON-LD, then microdata and meta tags, then what is visible."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urljoin

from lxml.html import HtmlElement

from pipelines.evidence import DateHint, LiveEntry
from pipelines.extract import authors, live, microdata, structured
from pipelines.extract.credits import desks, persons
from pipelines.extract.headline import headline, host_names, letters
from pipelines.extract.hints import date_hints
from pipelines.extract.structured import Node
from pipelines.text import one_line


@dataclass
class Metadata:
    """What a page says about itself. `credits` are the authors as given, `authors` the persons among them."""

    headline: str = ""
    authors: list[str] = field(default_factory=list)
    credits: list[str] = field(default_factory=list)
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
    entries: tuple[LiveEntry, ...] = ()
    headlines: frozenset[str] = frozenset()  # letters of all that the page calls its headline, with and without a kicker


def metadata(tree: HtmlElement, url: str) -> Metadata:
    """Everything a page says about itself, from one walk over its head and one over its structured data."""
    nodes = structured.nodes(tree)
    meta = _meta(tree)
    canonical = _canonical(tree, url)
    about = structured.articles(nodes, canonical or url, meta.get("og:title", "")) or microdata.articles(tree)
    node: Node = about[0] if about else {}
    sites = _site_names([*nodes, *about], meta, url)
    names, given = _authors(tree, about, meta, sites)
    published, modified = date_hints(tree, about, meta)
    return Metadata(
        headline=_headline(tree, about, meta, sites, nodes),
        authors=names,
        credits=given,
        credit=structured.first(node, "creditText", "sourceOrganization") or _closing_note(tree),
        language=_language(tree, node, meta),
        canonical_url=canonical,
        published=published,
        modified=modified,
        paywalled=_paywalled(nodes, meta),
        image_url=meta.get("og:image"),
        site_names=sites,
        description=structured.first(node, "description") or meta.get("og:description", "") or meta.get("description", ""),
        article_body=structured.first(node, "articleBody"),
        entries=live.entries(tree, about, url),
        headlines=_headlines(tree, about, meta),
    )


def _meta(tree: HtmlElement) -> dict[str, str]:
    """Meta tags by name or property in lower case; the first of each wins."""
    found: dict[str, str] = {}
    for tag in tree.iter("meta"):
        key = (tag.get("property") or tag.get("name") or tag.get("itemprop") or "").lower().strip()
        value = one_line((tag.get("content") or "")[:MAX_META])
        if key and value:
            found.setdefault(key, value)
    return found


MAX_META = 5000  # characters; the longest of 84 real pages had 754


def _canonical(tree: HtmlElement, url: str) -> str | None:
    for link in tree.iter("link"):
        if "canonical" in (link.get("rel") or "").lower().split() and (address := (link.get("href") or "").strip()):
            try:
                return str(urljoin(url, address))
            except ValueError:  # an address like "http://[": it says nothing
                return None
    return None


def _site_names(nodes: list[Node], meta: dict[str, str], url: str) -> frozenset[str]:
    names = [meta.get(key, "") for key in ("og:site_name", "application-name", "apple-mobile-web-app-title", "publisher", "copyright")]
    for node in nodes:
        names += structured.strings(node.get("publisher"))
        if structured.types(node) & {"website", "organization", "newsmediaorganization"}:
            names += [*structured.strings(node.get("name")), *structured.strings(node.get("alternateName"))]
    names = [name for name in (*names, *host_names(url)) if not name.startswith("http") and len(name) < 100]
    return frozenset(plain for name in names if (plain := _ADDITION.sub("", name).casefold().strip(" ,.-")))


_ADDITION = re.compile(r"\([^()]*\)|©|\bcopyright\b|\b(?:19|20)\d\d\b", re.I)  # Der Bote (www.bote.example), © 2024 Der Bote


def _headline(tree: HtmlElement, about: list[Node], meta: dict[str, str], sites: frozenset[str], nodes: list[Node]) -> str:
    declared = [structured.first(node, key) for key in ("headline", "name") for node in about]
    social = [meta.get(key, "") for key in ("og:title", "twitter:title", "dc.title", "title")]
    sections = [text for node in about for text in structured.strings(node.get("articleSection"))] + [meta.get("article:section", "")]
    for node in nodes:
        if "breadcrumblist" in structured.types(node) and isinstance(items := node.get("itemListElement"), list):
            sections += [text for item in items[:-1] if isinstance(item, dict) for text in _crumb(item)]
    names = frozenset(letters(site) for site in sites)
    return headline(declared, social, tree, names, [section for section in sections if section])


def _headlines(tree: HtmlElement, about: list[Node], meta: dict[str, str]) -> frozenset[str]:
    shown = [h1.text_content()[:MAX_META] for h1 in list(tree.iter("h1"))[:3]]
    said = [text for node in about for key in ("headline", "alternativeHeadline", "name") for text in structured.strings(node.get(key))]
    return frozenset(letters(text) for text in (*shown, *said, meta.get("og:title", ""), meta.get("twitter:title", ""))) - {""}


def _crumb(item: Node) -> list[str]:
    return structured.strings(item.get("name")) or structured.strings(item.get("item"))


def _authors(tree: HtmlElement, about: list[Node], meta: dict[str, str], sites: frozenset[str]) -> tuple[list[str], list[str]]:
    """The persons of the first place that names one, else the desk that signs; and all that the places up to it say."""
    given: list[str] = []
    signed: list[str] = []
    for names, declared in authors.sources(tree, about, meta):
        given += names
        if found := persons(names, sites, declared=declared):
            return found, given
        signed = signed or (desks(names) if declared else [])
    return signed, given


_NOTED = re.compile(r"(?i)mater|quel|sour|report")  # a word of each, for nearly all lines have none
_NOTE = re.compile(r"^\W{0,5}(?:mit material (?:von|der)|with (?:material|reporting) (?:from|by)|quelle:|source:)\s+(.{2,60})$", re.I)


def _closing_note(tree: HtmlElement) -> str:
    """A line of its own that says whose material this is; trafilatura takes it for a footer."""
    for tag in tree.iter("p", "span", "div", "small", "em"):
        text = tag.text
        if text and len(text) < 200 and _NOTED.search(text) and len(tag) == 0 and (note := _NOTE.match(one_line(text))):
            return note.group(1)
    return ""


def _language(tree: HtmlElement, node: Node, meta: dict[str, str]) -> str | None:
    declared = (tree.get("lang"), structured.first(node, "inLanguage"), meta.get("og:locale"), meta.get("content-language"))
    for text in declared:
        match = re.match(r"[A-Za-z]{2}(?=$|[-_])", text or "")
        if match:
            return match.group().lower()
    return None


def _paywalled(nodes: list[Node], meta: dict[str, str]) -> bool:
    for node in nodes:
        parts = node.get("hasPart")
        for part in [node, *(parts if isinstance(parts, list) else [parts])]:
            if isinstance(part, dict) and str(part.get("isAccessibleForFree", "")).rsplit("/", 1)[-1].lower() == "false":
                return True
    return meta.get("article:content_tier", "").lower() in ("locked", "metered") or meta.get("og:article:content_tier", "") == "locked"
