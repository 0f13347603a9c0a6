"""The brief as one HTML page: nothing is fetched, nothing runs, it prints on a sheet of paper."""

from __future__ import annotations

from html import escape

from crawler.exports.brief import Brief, Line
from crawler.exports.cells import is_web
from crawler.exports.phrases import Phrases

_PAGE = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1rem/1.45 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }}
h1 {{ font-size: 1.5rem; margin: 0; }}
h2 {{ font-size: 1.05rem; margin: 1.4rem 0 .4rem; border-bottom: 1px solid; }}
ul {{ list-style: none; margin: 0; padding: 0; }}
li {{ margin: 0 0 .8rem; break-inside: avoid; }}
p {{ margin: .2rem 0; }}
blockquote {{ margin: .2rem 0 0; padding-left: .7rem; border-left: 3px solid; }}
@media print {{ body {{ margin: 0; max-width: none; font-size: 10pt; }} a {{ color: inherit; }} }}
</style>
</head>
<body>
<h1>{title}</h1>
<p>{standing}</p>
{sections}{silence}{rest}</body>
</html>
"""


def html(brief: Brief, language: str) -> str:
    """The whole page."""
    said = Phrases(brief, language)
    sections = [
        f"<h2>{escape(heading)}</h2>\n<ul>\n{''.join(_item(said, line) for line in lines)}</ul>\n" for heading, lines in said.sections()
    ]
    return _PAGE.format(
        language=language, title=escape(said.title), standing=escape(said.standing), sections="".join(sections),
        silence=_paragraph(said.silence()), rest=_paragraph(said.rest()),
    )  # fmt: skip


def _item(said: Phrases, line: Line) -> str:
    headline = f"<bdi>{escape(line.headline or line.url)}</bdi>"
    if is_web(line.url):
        headline = f'<a href="{escape(line.url)}" rel="noopener noreferrer">{headline}</a>'
    note = f"<p>{escape(line.note)}</p>" if line.note else ""
    quote = f"<blockquote><bdi>{escape(said.quoted(line))}</bdi></blockquote>" if line.quote else ""
    return f"<li><strong>{headline}</strong><p>{escape(said.about(line))}</p>{note}{quote}</li>\n"


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>\n" if text else ""
