"""Pages served in an article's place: walls, logins, soft 404s, section pages, bot challenges."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from pipelines.extract import structured
from pipelines.text import one_line

_CHALLENGE = re.compile(
    r"(?i)just a moment|checking your browser|attention required|are you (?:a )?(?:human|robot)|captcha|ddos|access denied|"
    r"zugriff verweigert|bot.?check"
)
_GONE = re.compile(
    r"(?i)\b404\b|\b410\b|seite (?:wurde )?nicht gefunden|(?:page|article|story) (?:was )?not found|existiert nicht(?: mehr)?|"
    r"nicht (?:mehr )?verf[üu]gbar|"
    r"no longer available|diese seite gibt es nicht|page introuvable|페이지를 찾을 수 없|見つかりません"
)
_WALL = re.compile(
    r"(?i)pur.?abo|mit werbung (?:und tracking )?(?:lesen|weiterlesen|nutzen)|zustimmung|einwilligung|consent|cookies? akzeptieren|"
    r"privatsph[äa]re.einstellungen|"
    r"werbefrei lesen|accept (?:all )?cookies"
)
_LOGIN = re.compile(r"(?i)^(?:log.?in|anmelden|anmeldung|einloggen|sign in|konto|registrieren)\b")
SHORT = 1200  # characters of visible text: an article has more, or has its own structured data


def refused(tree: HtmlElement, url: str) -> str | None:
    """Why this is no article; None when it may be one. Structured data of an article overrules every suspicion."""
    if structured.articles(structured.nodes(tree)):
        return None
    title = tree.find(".//title")
    heads = [one_line(h1.text_content()) for h1 in tree.iter("h1")]
    names = [one_line(title.text_content()) if title is not None else "", *heads[:2]]
    visible = _visible(tree)
    short = len(visible) < SHORT
    if short and any(_CHALLENGE.search(name) for name in names):
        return "challenge"
    if any(_GONE.search(name) for name in names) and (short or not _paragraphs(tree)):
        return "gone"
    if short and len(_WALL.findall(visible)) >= 2 and not _paragraphs(tree, 3):
        return "wall"
    if short and any(_LOGIN.search(name) for name in names) and tree.xpath('//input[@type="password"]'):
        return "login"
    if urlsplit(url).path in ("", "/") or _is_listing(tree):
        return "section"
    return None


def _visible(tree: HtmlElement) -> str:
    body = tree.find("body")
    if body is None:
        return ""
    texts = body.xpath(".//text()[not(ancestor::script or ancestor::style or ancestor::noscript or ancestor::nav or ancestor::footer)]")
    return one_line(" ".join(str(text) for text in texts))


def _paragraphs(tree: HtmlElement, wanted: int = 2) -> bool:
    """Whether the page has running text: paragraphs of more than 25 words that are not links."""
    long = (
        p for p in tree.iter("p") if len(p.text_content().split()) > 25 and not p.xpath("ancestor::a or ancestor::footer or ancestor::nav")
    )
    return sum(1 for _ in zip(long, range(wanted), strict=False)) >= wanted


def _is_listing(tree: HtmlElement) -> bool:
    """A section page: many teasers, each a linked headline of its own, and no running text."""
    teasers = tree.xpath("//article[.//a[@href]] | //h2[a[@href] or parent::a] | //h3[a[@href] or parent::a]")
    return isinstance(teasers, list) and len(teasers) >= 8 and not _paragraphs(tree)
