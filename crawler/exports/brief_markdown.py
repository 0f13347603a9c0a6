"""The brief as Markdown, for mail and chat. What a page wrote stays text: no link, no image, no HTML of its own."""

from __future__ import annotations

import re

from crawler.exports.brief import Brief, Line
from crawler.exports.cells import is_web
from crawler.exports.phrases import Phrases

_ACTS = re.compile(r"[\\`*_\[\]>|~$@]|(?<=:)/(?=/)|(?<=www)\.|(?<=mailto):|(?<=xmpp):", re.I)  # anywhere; the last make links of addresses
_BEGINS = re.compile(r"^(?:[#+\-=:!]|\d+(?=[.)]))")  # a heading, a list, a rule


def markdown(brief: Brief, language: str) -> str:
    """The whole text."""
    said = Phrases(brief, language)
    parts = [f"# {_text(said.title)}", _text(said.standing)]
    for heading, lines in said.sections():
        parts += [f"## {_text(heading)}", "\n".join(_item(said, line) for line in lines)]
    parts += [_text(text) for text in (said.silence(), said.rest()) if text]
    return "\n\n".join(parts) + "\n"


def _item(said: Phrases, line: Line) -> str:
    headline = _text(line.headline or line.url)
    if is_web(line.url):
        headline = f"[{headline}](<{line.url}>)"
    more = [_text(part) for part in (line.note, said.quoted(line)) if part]
    return "\n  ".join([f"- **{headline}** – {_text(said.about(line))}", *more])


def _text(text: str) -> str:
    """A text on one line, with everything escaped that Markdown or HTML would act on. Addresses in it become no links."""
    text = _ACTS.sub(lambda found: f"\\{found[0]}", " ".join(text.split()))
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    return _BEGINS.sub(lambda found: f"{found[0]}\\" if found[0].isdigit() else f"\\{found[0]}", text)
