"""Takes out of a page's tree what is no part of its article, before the text is looked for."""

from __future__ import annotations

import re

from lxml.html import HtmlElement

# By tag: never running text.
_TAGS = frozenset(
    (
        "script",
        "style",
        "noscript",
        "template",
        "nav",
        "aside",
        "footer",
        "form",
        "button",
        "iframe",
        "svg",
        "figcaption",
        "select",
        "dialog",
    )
)
# By the words of class, id, role, data-component and the like. Whole words: "related" but not "correlated".
_WORDS = re.compile(
    r"(?<![a-z])(?:newsletters?|consent|cookies?|cmp|teasers?|related|recommend(?:ed|ations?)|comments?|kommentare?|forum|postings?|most-?(?:read|viewed)|"
    r"meistgelesen|sidebar|breadcrumbs?|share|sharing|social|paywall-?(?:offer|layer)|promo|advert(?:isement)?s?|anzeige|werbung|outbrain|taboola|"
    r"ticker|lesetipps?|read-?(?:more|also|on)|see-?also|mehr-?zum-?thema|topics?|tags|tag-?list|author-?(?:box|bio|card)|autorenbox|caption|bildunterschrift|"
    r"copyright|navigation|complementary|banner|subscribe|abo-?box|whatsapp|push-?box|embed-?(?:hint|consent)|opt-?in|popup|modal|toolbar|tools)(?![a-z])"
)
# A class that says how a box is laid out or what it lacks, not what it is: "has-sidebar", "sidebar-grid__item", "no-comments".
_MODIFIER = re.compile(
    r"^(?:has|with|without|no|not|hide|hides|show|is|js|u|l)-|[a-z](?:-|__|_)?(?:grid|layout)(?![a-z])|^(?:grid|layout)(?![a-z])"
)
_ATTRIBUTES = ("class", "id", "role", "data-component", "data-comp", "data-widget", "data-module", "data-testid", "aria-label")
_BLOCKS = frozenset(("div", "li", "ul", "ol", "section", "h2", "h3", "h4", "h5", "p", "td", "dd"))
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden")
LINKED = 0.85  # of a block's characters inside links: a teaser, not a paragraph
MOST = 0.4  # of the page's text: what holds more than this is a wrapper, whatever its class says


def prune(tree: HtmlElement) -> None:
    """Drop boxes, navigation, hidden parts and teasers. What holds a good part of the page's text always stays."""
    body = tree.find("body")
    if body is None:
        return
    sizes = _sizes(body)
    limit = sizes[body][0] * MOST
    doomed = [element for element in body.iterdescendants() if isinstance(element.tag, str) and _is_junk(element, sizes, limit)]
    for element in doomed:
        if element.getparent() is not None:
            element.drop_tree()


def _sizes(body: HtmlElement) -> dict[HtmlElement, tuple[int, int]]:
    """For each element its characters, and those of them inside links; one walk from the leaves up."""
    sizes: dict[HtmlElement, tuple[int, int]] = {}
    for element in reversed(list(body.iter())):
        whole = len((element.text or "").strip()) if element.tag not in ("script", "style") else 0
        linked = 0
        for child in element:
            inner, inside = sizes.get(child, (0, 0))
            whole += inner + len((child.tail or "").strip())
            linked += inside
        sizes[element] = (whole, whole if element.tag == "a" else linked)
    return sizes


def _is_junk(element: HtmlElement, sizes: dict[HtmlElement, tuple[int, int]], limit: float) -> bool:
    whole, linked = sizes.get(element, (0, 0))
    if whole > limit:
        return False
    if element.tag in _TAGS or element.get("hidden") is not None or _HIDDEN.search(element.get("style") or ""):
        return True
    if element.tag in _BLOCKS and whole >= 12 and linked >= whole * LINKED:
        return True
    if element.tag in ("html", "body", "main", "article", "h1", "p"):
        return False
    named = " ".join(value for name in _ATTRIBUTES if (value := element.get(name))).lower()
    if not named or not _WORDS.search(named):
        return False
    return bool(_WORDS.search(" ".join(word for word in named.split() if not _MODIFIER.search(word))))
