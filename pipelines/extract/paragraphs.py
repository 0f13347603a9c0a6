"""The paragraphs that stand in a pruned page: a measure for what was found, and a rescue where too little was."""

from __future__ import annotations

from lxml.html import HtmlElement

from pipelines.text import one_line

MIN_WORDS = 15  # of a paragraph that counts: shorter ones are labels as often as text
MOST_LINKED = 0.5
INSIDE = 0.75  # of the words lie inside the article's element
_BLOCKS = ("p", "h2", "h3", "h4", "h5", "li", "blockquote", "pre")


def words(text: str) -> int:
    """How many words a text has; where words are not parted by spaces, about as many as it would have."""
    return max(len(text.split()), len(text) // 12)


def running(tree: HtmlElement) -> tuple[int, HtmlElement | None]:
    """How many words stand in paragraphs, and the smallest element that holds most of them."""
    sizes: dict[HtmlElement, int] = {}
    for paragraph in tree.iter("p"):
        size = _size(paragraph)
        near: HtmlElement | None = paragraph if size else None
        while near is not None:
            sizes[near] = sizes.get(near, 0) + size
            near = near.getparent()
    place = tree.find("body")
    while place is not None:
        inner = max((child for child in place if child in sizes), key=lambda child: sizes[child], default=None)
        if inner is None or inner.tag == "p" or sizes[inner] < INSIDE * sizes[place]:
            break
        place = inner
    return (sizes.get(place, 0), place) if place is not None else (0, None)


def _size(paragraph: HtmlElement) -> int:
    text = one_line(paragraph.text_content())
    linked = sum(len(link.text_content()) for link in paragraph.iter("a"))
    size = words(text)
    return size if size >= MIN_WORDS and linked <= MOST_LINKED * len(text) else 0


def text_of(place: HtmlElement) -> str:
    """The blocks of an element, one a line, without blocks inside blocks and lines that are links."""
    lines = []
    for block in place.iter(*_BLOCKS):
        parent = block.getparent()
        if parent is not None and parent.tag in _BLOCKS:
            continue
        text = one_line(block.text_content())
        if text and sum(len(link.text_content()) for link in block.iter("a")) <= MOST_LINKED * len(text):
            lines.append(text)
    return "\n".join(lines)
