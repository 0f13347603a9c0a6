"""Pages served in an article's place: walls, logins, soft 404s, section pages, bot challenges."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import urlsplit

from lxml import etree
from lxml.html import HtmlElement

from pipelines.extract import microdata, structured
from pipelines.text import one_line

# Also what asks to come back later (overload, maintenance): like a challenge it is asked again, while `gone` closes a URL.
_CHALLENGE = re.compile(
    r"(?i)just a moment|checking (?:your|the) (?:browser|connection)|attention required|(?:are you|verify you are|confirm you are|"
    r"not) (?:a )?(?:human|robot)|"
    r"captcha|ddos|access (?:to this (?:page|site) )?(?:has been )?denied|zugriff (?:wurde )?(?:verweigert|blockiert|gesperrt)|"
    r"bot.?(?:check|detect|schutz|protection)|"
    r"sicherheits(?:überprüfung|prüfung|abfrage|check)|security check|pardon our interruption|unusual (?:traffic|activity)|"
    r"ungewöhnliche(?:r|n)? (?:datenverkehr|aktivität)|"
    r"one more step|request (?:blocked|unsuccessful)|too many requests|zu viele anfragen|please wait|bitte warten|enable (?:javascript|"
    r"cookies)|javascript (?:aktivieren|is (?:disabled|required))|"
    r"(?:403|406|429|451|5\d\d)\s*[-–:|]?\s*(?:error|forbidden|fehler|verboten)|(?:error|fehler|status)\W{0,3}(?:403|406|429|451|"
    r"5\d\d)\b|\bforbidden\b|bad gateway|"
    r"service (?:temporarily )?unavailable|internal server error|gateway time-?out|wartungs(?:arbeiten|modus)|under maintenance|"
    r"technische (?:störung|probleme)|"
    r"temporarily unavailable|vorübergehend nicht (?:erreichbar|verfügbar)|not available in your (?:country|region)|"
    r"in ihrem land nicht verfügbar"
)
_GONE = re.compile(
    r"(?i)\b404\b|\b410\b|(?:seite|artikel|beitrag|inhalt|meldung|dokument)\b.{0,40}\b(?:nicht (?:mehr )?(?:gefunden|verf[üu]gbar|"
    r"vorhanden|auffindbar|online)|"
    r"existiert nicht|gelöscht|entfernt|gibt es nicht)|existiert (?:leider )?nicht(?: mehr)?|nicht gefunden\W*$|"
    r"(?:page|article|story|content|document)\b.{0,30}\b(?:not found|doesn.t exist|does not exist|no longer (?:available|exists)|"
    r"(?:been|was) (?:removed|deleted|moved))|"
    r"(?:can.?t|cannot|could not|couldn.t|unable to) (?:be found|find (?:that|the|this|what))|^\W*not found|no longer available|"
    r"nicht mehr verf[üu]gbar|"
    r"diese seite gibt es nicht|page (?:introuvable|non trouvée)|pagina non trovata|página no encontrada|pagina niet gevonden|"
    r"страница не найдена|"
    r"페이지를 찾을 수 없|存在하지 않는|見つかりません|页面不存在"
)
# Not "cookies", "partners" or "accept" alone: the banner over most pages has them.
_WALL = re.compile(
    r"(?i)pur.?abo|\bpur\b.{0,20}(?:lesen|nutzen|abonn)|(?:mit|ohne) werbung|werbefrei|werbung und tracking|zustimmung|zustimmen|"
    r"einwillig\w+|consent|cookies? (?:akzeptieren|annehmen|zulassen)|privatsph[äa]re|personalisierte|contentpass|your privacy|"
    r"accept (?:all|and)|agree (?:to|and)|personal data|j.accepte|tout accepter|refuser|accetta|aceptar|without ads|ad.free"
)
# What a wall asks for; footers and reports name cookies and privacy too, but ask nothing.
_ASKS = re.compile(
    r"(?i)pur.?abo|weiterlesen mit|mit werbung|werbefrei|(?:ich |wir |sie )?(?:stimme|willige)\w* .{0,40}(?:zu|ein)\b|zustimmen|"
    r"ihre (?:zustimmung|einwilligung)|"
    r"ihrer (?:zustimmung|einwilligung)|akzeptieren|accept (?:all|and)|agree (?:to|and)|we value|your (?:consent|privacy)|"
    r"manage (?:consent|cookies|preferences)|"
    r"einverstanden|contentpass|j.accepte|tout accepter|accetta"
)
_LOGIN = re.compile(
    r"(?i)^\W*(?:bitte )?(?:log.?in\b|log in|anmelden|anmeldung|einloggen|sign.?in|konto\b|mein konto|registrieren|registrierung|"
    r"register\b|create (?:an )?account|"
    r"willkommen zurück|welcome back|jetzt anmelden|se connecter|connexion|accedi|iniciar sesión|로그인|ログイン)"
)
_LIST_TYPES = frozenset(("collectionpage", "searchresultspage", "profilepage", "itemlist"))
_LIST_PATH = re.compile(
    r"(?i)/(?:tags?|topics?|themen?|thema|schlagwort|schlagworte|kategorie|category|categories|rubrik|suche|search|archiv|archive|"
    r"autoren|authors?|autor|dossier)(?:/|$)"
)
SHORT = 1200  # characters of visible text: an article has more, or has its own structured data
LONG = 25  # words of a paragraph of running text
TEASERS = 8  # headlines that are links: fewer stand below many articles
WALL_WORDS = 2  # different signs of a wall, one of them a request


def refused(tree: HtmlElement, url: str) -> str | None:
    """Why this is no article; None when it may be one. An article's own description overrules suspicion, but not a wall."""
    names = _names(tree)
    visible = _visible(tree)
    short = len(visible) < SHORT
    signs = {match.group().casefold() for match in _WALL.finditer(visible)} if short else set()
    if len(signs) >= WALL_WORDS and _ASKS.search(visible) and not _paragraphs(tree, 3):
        return "wall"
    nodes = structured.nodes(tree)
    if structured.articles(nodes, url, names[0]) or microdata.articles(tree):
        return None
    if any(_GONE.search(name) for name in names) and (short or not _paragraphs(tree)):
        return "gone"
    if short and any(_CHALLENGE.search(name) for name in (*names, visible if len(visible) < SHORT // 3 else "")):
        return "challenge"
    if short and any(_LOGIN.search(name) for name in names) and next(_passwords(tree), None) is not None:
        return "login"
    if _is_home(url) or _is_listing(tree, url, nodes):
        return "section"
    return None


def _names(tree: HtmlElement) -> list[str]:
    """What the page calls itself: its title and its first headings."""
    heads = [tree.find(".//title"), *islice(tree.iter("h1", "h2"), 2)]
    return [one_line(head.text_content()[:300]) if head is not None else "" for head in heads]


def _is_home(url: str) -> bool:
    try:
        return urlsplit(url).path in ("", "/") and not urlsplit(url).query
    except ValueError:
        return False


def _passwords(tree: HtmlElement) -> Iterator[HtmlElement]:
    return (field for field in tree.iter("input") if (field.get("type") or "").lower() in ("password", "email"))


def _visible(tree: HtmlElement) -> str:
    """The text of the body as far as it decides: up to a little more than a short page has."""
    body = tree.find("body")
    parts: list[str] = []
    size = 0
    for part in _texts(body) if body is not None else ():
        parts.append(part)
        size += len(part.strip())
        if size > 2 * SHORT:
            break
    return one_line(" ".join(parts))


def _texts(top: HtmlElement) -> Iterator[str]:
    """Its pieces of text in order, without those of scripts, navigation and footers."""
    hidden = ("script", "style", "noscript", "nav", "footer", "template")
    skipped: HtmlElement | None = None
    for event, tag in etree.iterwalk(top, events=("start", "end")):
        if skipped is None and event == "start":
            if tag.tag in hidden:
                skipped = tag
            elif tag.text:
                yield tag.text
        elif event == "end" and (skipped is None or skipped is tag):
            skipped = None
            if tag.tail and tag is not top:
                yield tag.tail


def _paragraphs(tree: HtmlElement, wanted: int = 2) -> bool:
    """Whether the page has running text: paragraphs that are no links and stand in no teaser."""
    long = (p for p in tree.iter("p") if len(p.text_content().split()) + len(p.text_content()) // 60 > LONG and not _is_aside(p))
    return sum(1 for _ in zip(long, range(wanted), strict=False)) >= wanted


def _is_aside(paragraph: HtmlElement) -> bool:
    """Inside a link, a footer, or a box with a linked headline: a teaser's text is no running text."""
    near: HtmlElement | None = paragraph
    for level in range(8):
        if near is None or near.tag in ("body", "main"):
            return False
        if near.tag in ("a", "footer", "nav", "form", "dialog"):
            return True
        if level and near.tag in ("article", "li") and any(_is_linked(head) for head in near.iter("h2", "h3", "h4")):
            return not any(True for _ in near.iter("h1"))
        near = near.getparent()
    return False


def _is_linked(head: HtmlElement) -> bool:
    above = head.getparent()
    return next(head.iter("a"), None) is not None or (above is not None and above.tag == "a")


def _is_listing(tree: HtmlElement, url: str, nodes: list[structured.Node]) -> bool:
    """A section, tag, author or search page: many teasers, each a linked headline of its own, and no running text."""
    for tag in tree.iter("meta"):
        name = (tag.get("property") or tag.get("name") or "").lower()
        if name == "article:published_time" or (name == "og:type" and (tag.get("content") or "").lower() == "article"):
            return False
    teasers = sum(1 for _ in islice((head for head in tree.iter("h2", "h3", "h4") if _is_linked(head)), TEASERS))
    said = any(structured.types(node) & _LIST_TYPES for node in nodes) or bool(_LIST_PATH.search(url[:2000]))
    return teasers >= (TEASERS // 2 if said else TEASERS) and not _paragraphs(tree)
