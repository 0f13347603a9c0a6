"""How a page is answered: which database it shows, who asks and in which language, what every template is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from datasette.utils.asgi import Response
from datasette.views.base import DatasetteError

from newsdesk.labels import COOKIE, LABELS, Translate, language, number, translator
from newsdesk.shown import clean, shown
from newsdesk.times import Clock

NAMES = ("news", "demo")  # which database the front page shows, if both hold articles
SUMMARY = 2000  # characters of the story's summary that are shown
YEAR = 365 * 86_400  # seconds that the browser keeps the choice of a language
Row = dict[str, Any]


@dataclass(frozen=True)
class Desk:
    """What a page needs to know of where it stands: given to templates as `desk`."""

    datasette: Any
    request: Any
    db: str  # name of the database
    lang: str
    clock: Clock
    story: Row  # title, summary, desk_timezone; empty texts before a story was filed
    may_read: bool  # full texts

    @property
    def t(self) -> Translate:
        """The labels."""
        return translator(self.lang)

    def at(self, path: str = "", **query: Any) -> str:
        """The address of a page of this database: `at("article/0d9826030d7a575e")`, `at("search", q="Granaten")`.

        Empty values are left out.
        """
        asked = urlencode({name: value for name, value in query.items() if value not in (None, "")}, errors="replace")
        address = str(self.datasette.urls.path(f"/{self.db}/-/{path}"))
        return f"{address}?{asked}" if asked else address

    def number(self, value: float) -> str:
        """A number as the language of the page writes it."""
        return number(value, self.lang)

    def known(self, prefix: str, word: str) -> str:
        """The label of a word that comes from the database, if it has one: `known("kind_", "feed")`; else the word."""
        return self.t(prefix + word) if prefix + word in LABELS else word

    @property
    def other_language(self) -> str:
        """The address of this page in the other language."""
        asked = [(name, value) for name, value in parse_qsl(self.request.query_string) if name != "lang"]
        return "?" + urlencode([*asked, ("lang", "en" if self.lang == "de" else "de")], errors="replace")

    async def rows(self, sql: str, **values: Any) -> list[Row]:
        """The rows of a query as dictionaries."""
        found = await self.datasette.get_database(self.db).execute(sql, values, truncate=False)
        return [dict(row) for row in found.rows]

    async def tidy(self, sql: str, **values: Any) -> list[Row]:
        """The rows of a query, their texts without what cannot be seen: for rows that are shown as they are."""
        rows = await self.rows(sql, **values)
        return [{name: clean(value) if isinstance(value, str) else value for name, value in row.items()} for row in rows]


async def open_desk(datasette: Any, request: Any, db: str | None = None) -> Desk:
    """The desk a request asks for: the database of its address, else the first that holds articles.

    Raises:
        DatasetteError: when there is no such database, or it holds no story.
        Forbidden: when whoever asks may not see it.
    """
    name = db or request.url_vars.get("database") or await chosen(datasette)
    if name not in datasette.databases or not await is_desk(datasette, name):
        said = f"{name} is no database of Nachlese, or one of an older version: any command (scrapy seed) makes it or brings it up to date"
        raise DatasetteError(said, status=404)  # a NotFound on "/" would be redirected to itself, without end
    await datasette.ensure_permissions(request.actor, [("view-database", name), "view-instance"])
    story = await _story(datasette, name)
    lang = language(request)
    may_read = await _may_read(datasette, request, name)
    return Desk(datasette, request, name, lang, Clock(story["desk_timezone"], lang), story, may_read)


async def chosen(datasette: Any) -> str:
    """The database that the front page shows: one with articles, `news` before `demo`."""
    names = [name for name in (*NAMES, *datasette.databases) if name in datasette.databases]
    desks: list[str] = [name for name in dict.fromkeys(names) if await is_desk(datasette, name)]
    for name in desks:
        if (await datasette.get_database(name).execute("SELECT EXISTS (SELECT 1 FROM articles)")).single_value():
            return name
    return desks[0] if desks else NAMES[0]


async def is_desk(datasette: Any, name: str) -> bool:
    """Whether a database is one of ours, as today's version writes it."""
    sql = "SELECT count(*) FROM sqlite_master WHERE name IN ('articles', 'clusters', 'articles_fts', 'story', 'articles_shelf')"
    return name != "_internal" and (await datasette.get_database(name).execute(sql)).single_value() == 5


async def show(desk: Desk, template: str, *, status: int = 200, **context: Any) -> Response:
    """A page: `template` extends `desk_base.html` and is given `desk`, `t`, `lang` and what the page adds."""
    html = await desk.datasette.render_template(template, {"desk": desk, "page_path": desk.request.path, **context}, desk.request)
    headers = {"vary": "accept-language, cookie", "content-language": desk.lang}
    response = Response.html(html, status=status, headers=headers)
    if desk.request.args.get("lang") == desk.lang:
        response.set_cookie(COOKIE, desk.lang, max_age=YEAR, samesite="lax")
    return response


async def _story(datasette: Any, name: str) -> Row:
    database = datasette.get_database(name)
    for row in (await database.execute("SELECT title, summary, desk_timezone FROM story")).rows:
        return {"title": shown(row["title"]), "summary": shown(row["summary"], SUMMARY), "desk_timezone": row["desk_timezone"]}
    return {"title": "", "summary": "", "desk_timezone": "Europe/Berlin"}


async def _may_read(datasette: Any, request: Any, name: str) -> bool:
    may, _ = await datasette.check_visibility(
        request.actor, permissions=[("view-table", (name, "articles")), ("view-database", name), "view-instance"]
    )
    return bool(may)
