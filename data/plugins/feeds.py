"""Atom as newsreaders accept it, whatever a page's headline holds: datasette-atom behind a sieve."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from datasette import hookimpl
from datasette.utils.asgi import Response
from datasette_atom import can_render_atom, render_atom
from feedgen.feed import FeedGenerator
from lxml import etree

# What XML cannot hold, what turns the direction of a line, and what stands for a character that was none.
_UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffd]")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
LONGEST_TITLE = 300  # the longest headline of an outlet that we have seen has 190 characters
LONGEST_CONTENT = 5000
EARLIEST = "1970-01-01T00:00:00Z"


@hookimpl(trylast=True)  # type: ignore[untyped-decorator]  # takes the place of datasette-atom's own
def register_output_renderer() -> dict[str, Any]:
    """`.atom` for every table, view and query that has the columns of a feed."""
    return {"extension": "atom", "render": render, "can_render": can_render_atom}


def render(datasette: Any, request: Any, sql: str, columns: list[str], rows: list[Any], database: str, table: str | None,
           query_name: str | None, view_name: str, data: dict[str, Any]) -> Response:  # fmt: skip
    """The rows as an Atom feed; an empty one where there are none. Raises what datasette-atom raises when a column is missing."""
    if not can_render_atom(columns):
        return render_atom(datasette, request, sql, columns, rows, database, table, query_name, view_name, data)
    if not rows:
        return _response(_empty(request.url, str(query_name or table or database)))
    entries = [entry(dict(zip(columns, row, strict=True))) for row in rows]
    names = [name for name in columns if name != "atom_content_html"]  # plain text alone
    answer = render_atom(datasette, request, sql, names, entries, database, table, query_name, view_name, data)
    return _response(answer.body)


def entry(row: dict[str, Any]) -> dict[str, Any]:
    """A row whose texts fit XML and a line, whose link is a web address and whose time is an instant."""
    fit = {name: plain(value, LONGEST_CONTENT) for name, value in row.items()}
    fit["atom_title"] = " ".join(plain(row.get("atom_title"), LONGEST_TITLE).split()) or "–"
    fit["atom_updated"] = fit["atom_updated"] if _INSTANT.fullmatch(fit["atom_updated"]) else EARLIEST
    fit["atom_link"] = web_address(fit.get("atom_link", ""))
    return fit


def plain(value: object, longest: int) -> str:
    """A value as text without characters that harm, cut at `longest`."""
    text = _UNFIT.sub("", "" if value is None else str(value)[: longest + 200])
    return text if len(text) <= longest else text[: longest - 1] + "…"


def web_address(url: str) -> str:
    """The address if it is an absolute one of the web, else nothing."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    return url.strip() if parts.scheme in ("http", "https") and parts.hostname else ""


def _empty(url: str, title: str) -> bytes:
    feed = FeedGenerator()
    feed.id(url)
    feed.link(href=url, rel="self")
    feed.title(title)
    feed.updated(EARLIEST)
    return bytes(feed.atom_str())


def _response(body: bytes) -> Response:
    feed = etree.fromstring(body)
    for item in feed.iterfind("{*}entry"):
        for link in item.findall("{*}link[@href='']"):
            item.remove(link)
    text = etree.tostring(feed, xml_declaration=True, encoding="UTF-8").decode()
    return Response(text, content_type="application/atom+xml; charset=utf-8")
