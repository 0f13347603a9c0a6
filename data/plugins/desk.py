"""The desk's own pages in Datasette: their addresses, and what every template is given. The pages are in `newsdesk/`."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from datasette import hookimpl

sys.path.insert(0, str(Path(__file__).parent))  # Datasette loads this file alone, not its folder as a package

from newsdesk.labels import language, translator
from newsdesk.page import chosen, is_desk

Page = Callable[[Any, Any], Awaitable[Any]]
COUNT_MS = 60  # that counting the rows of a table may take; 100,000 articles take 20, their sentences 150, a view of them 600
ROOMS = r"/(?P<database>[^/.]+)/-/"


def _page(module: str, name: str) -> Page:
    """A page of one of the modules of `newsdesk`."""

    async def page(datasette: Any, request: Any) -> Any:
        return await getattr(import_module(f"newsdesk.{module}"), name)(datasette, request)

    return page


PAGES = (
    (r"/$", "front", "front_page"),
    (ROOMS + r"coverage$", "lists", "coverage_page"),
    (ROOMS + r"articles$", "lists", "articles_page"),
    (ROOMS + r"mentions$", "mentions", "mentions_page"),
    (ROOMS + r"sources$", "sources", "sources_page"),
    (ROOMS + r"decisions$", "decisions", "decisions_page"),
    (ROOMS + r"search$", "find", "search_page"),
    (ROOMS + r"article/(?P<public_id>[0-9a-f]{16})$", "article", "article_page"),
    (ROOMS + r"figures$", "figures", "figures_page"),
    (ROOMS + r"figures/(?P<unit>[^/]+)$", "figures", "figure_page"),
)


@hookimpl  # type: ignore[untyped-decorator]
def register_routes() -> list[tuple[str, Page]]:
    """The addresses of our pages."""
    return [(address, _page(module, name)) for address, module, name in PAGES if find_spec(f"newsdesk.{module}")]


@hookimpl  # type: ignore[untyped-decorator]
def startup(datasette: Any) -> None:
    """Datasette's page of a database counts every table first, and that of a table its rows, which takes seconds with 100,000
    articles: there it says "many rows", here it says how many where that is quickly counted."""
    for database in datasette.databases.values():
        database.table_counts = _uncounted(database)
        database.execute = _counting_briefly(database.execute)


def _uncounted(database: Any) -> Callable[..., Awaitable[dict[str, None]]]:
    async def table_counts(limit: int = 10) -> dict[str, None]:
        return dict.fromkeys(await database.table_names())

    return table_counts


def _counting_briefly(execute: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def counting(sql: str, params: Any = None, truncate: bool = False, custom_time_limit: int | None = None, **more: Any) -> Any:
        if not truncate and sql.startswith("select count(*) "):  # Datasette's own; what an analyst writes is cut to a page of rows
            custom_time_limit = min(custom_time_limit or COUNT_MS, COUNT_MS)
        return await execute(sql, params, truncate, custom_time_limit, **more)

    return counting


@hookimpl  # type: ignore[untyped-decorator]
def extra_template_vars(datasette: Any, request: Any, database: str | None) -> Callable[[], Awaitable[dict[str, Any]]]:
    """`t`, `lang` and `home` (the database that the navigation leads to) for every template, ours and Datasette's."""

    async def variables() -> dict[str, Any]:
        lang = language(request) if request else "en"
        here = database if database and database in datasette.databases and await is_desk(datasette, database) else None
        return {"t": translator(lang), "lang": lang, "home": here or await chosen(datasette)}

    return variables
