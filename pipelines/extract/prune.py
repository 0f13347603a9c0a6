"""Takes out of a page's tree what is no part of its article, before the text is looked for."""

from __future__ import annotations

import re
from functools import lru_cache

from lxml import etree
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
_ATTRIBUTES = frozenset(("class", "id", "role", "data-component", "data-comp", "data-widget", "data-module", "data-testid", "aria-label"))
_NEVER = frozenset(("html", "body", "main", "article", "h1", "p"))  # by their words
_BLOCKS = frozenset(("div", "li", "ul", "ol", "section", "h2", "h3", "h4", "h5", "p", "td", "dd"))
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden")
LINKED = 0.85  # of a block's characters inside links: a teaser, not a paragraph
NO_TEXT = (0, 0)
MOST = 0.4  # of the page's text: what holds more than this is a wrapper, whatever its class says


def prune(tree: HtmlElement) -> None:
    """Drop boxes, navigation, hidden parts and teasers. What holds a good part of the page's text always stays."""
    body = tree.find("body")
    if body is None:
        return
    sizes = _sizes(body)
    limit = sizes.get(body, NO_TEXT)[0] * MOST
    doomed = []
    walk = etree.iterwalk(body, events=("start",))
    for _, element in walk:
        if element is not body and _is_junk(element, *sizes.get(element, NO_TEXT), limit):
            doomed.append(element)
            walk.skip_subtree()  # it goes with it
    for element in doomed:
        element.drop_tree()


def _sizes(body: HtmlElement) -> dict[HtmlElement, tuple[int, int]]:
    """For each element with text its characters, and those of them inside links: the last first, so that what is inside is known."""
    whole: dict[HtmlElement, int] = {}  # so far: of its parts that were met
    linked: dict[HtmlElement, int] = {}
    sizes: dict[HtmlElement, tuple[int, int]] = {}
    for element in reversed(list(body.iter())):
        size = whole.pop(element, 0)
        if (text := element.text) and element.tag not in ("script", "style"):
            size += len(text.strip())
        inside = size if element.tag == "a" else linked.pop(element, 0)
        if size:
            sizes[element] = (size, inside)
        if element is body:
            break
        behind = len(tail.strip()) if (tail := element.tail) else 0
        if size or behind:
            above = element.getparent()
            whole[above] = whole.get(above, 0) + size + behind
            if inside:
                linked[above] = linked.get(above, 0) + inside
    return sizes


def _is_junk(element: HtmlElement, whole: int, linked: int, limit: float) -> bool:
    if whole > limit:
        return False
    tag = element.tag
    if tag in _TAGS:
        return True
    given = element.items()
    if any(name == "hidden" or (name == "style" and _HIDDEN.search(value)) for name, value in given):
        return True
    if tag in _BLOCKS and whole >= 12 and linked >= whole * LINKED:
        return True
    if not given or tag in _NEVER:
        return False
    return _says_junk(" ".join(value for name, value in given if value and name in _ATTRIBUTES))


@lru_cache(maxsize=10_000)
def _says_junk(named: str) -> bool:
    """By its class and the like, of which a site has a few hundred."""
    named = named.lower()
    if not _WORDS.search(named):
        return False
    return bool(_WORDS.search(" ".join(word for word in named.split() if not _MODIFIER.search(word))))
