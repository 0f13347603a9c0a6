"""What does a page say? One parse; its own structured data first, then trafilatura, then what a reader sees."""

from __future__ import annotations

from lxml.html import HtmlElement

from pipelines.evidence import DateHint, Extract
from pipelines.extract.body import body_text
from pipelines.extract.credits import AGENCIES, agency_of
from pipelines.extract.metadata import Metadata, metadata
from pipelines.extract.refusal import refused
from pipelines.markup import decode, parse

__all__ = ["DateHint", "Extract", "extract", "extract_tree", "refusal"]


def refusal(html: bytes, url: str) -> str | None:
    """Why a page is no article: `wall`, `login`, `gone`, `section`, `challenge`; None when it may be one."""
    tree = parse(decode(html))
    return refused(tree, url) if tree is not None else None


def extract(html: bytes, url: str, *, language: str | None = None) -> Extract | None:
    """Read a page's bytes. `language` is the outlet's, a hint. None when the page has no article text."""
    tree = parse(decode(html))
    return extract_tree(tree, url, language=language) if tree is not None else None


def extract_tree(tree: HtmlElement, url: str, *, language: str | None = None, agencies: tuple[str, ...] = ()) -> Extract | None:
    """As `extract`, of a tree that is already parsed. The tree may be changed."""
    found: Metadata = metadata(tree, url)
    text, raw = body_text(tree, url, found)
    if not text:
        return None
    return Extract(
        headline=found.headline,
        text=text,
        authors=found.authors,
        language=found.language or language,
        canonical_url=found.canonical_url,
        published=found.published,
        modified=found.modified,
        paywalled=found.paywalled,
        agency=agency_of(text, raw, found.credits, found.credit, agencies or AGENCIES),
        image_url=found.image_url,
        entries=found.entries,
    )
