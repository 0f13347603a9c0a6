"""What a visitor may see and ask, before any page is made: headers, login, limits, the token of the feeds.

Who has not logged in reads what `allow: true` in metadata.yaml opens, nothing else: a table that the file forgets is closed.
"""

from __future__ import annotations

import hmac
import logging
import os
import re
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Iterator
from contextvars import ContextVar
from typing import Any
from urllib.parse import parse_qsl, urlencode

from datasette import handle_exception, hookimpl
from datasette.plugins import pm
from datasette.utils import await_me_maybe
from datasette.utils.asgi import Request, Response
from markupsafe import Markup

Scope = dict[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[Scope, Any, Send], Awaitable[None]]

STRICT = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; base-uri 'self'; frame-ancestors 'none'"
)
# Datasette's own pages carry scripts and styles in the page and fetch JSON, vega compiles its expressions: for people who logged in.
STOCK = STRICT.replace("-src 'self';", "-src 'self' 'unsafe-inline';", 2).replace(
    "img-src 'self'", "img-src 'self' data:; connect-src 'self'"
)
CHARTS = STOCK.replace("script-src 'self'", "script-src 'self' 'unsafe-eval'")
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "permissions-policy": "accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-robots-tag": "noindex, nofollow, noarchive",
}
ANONYMOUS_MS = 2000  # `proof`, the slowest view, took 1.8 s with 171 outlets
ANONYMOUS_ROWS = 500
LOGINS_A_MINUTE = 10  # an attempt costs 0.2 s of the one process; a person needs two or three
# Where Datasette's own addresses under /-/ may be asked without login; the others tell of paths, plugins and settings.
OPEN_PATHS = re.compile(r"/-/(?:static|static-plugins)/|/-/(?:login|logout|auth-token|dashboards(?:/.*)?)$")
OWN_PAGES = re.compile(r"/$|/[^/]+/-/")
# What turns a search or a table into a way to read closed texts letter by letter, or a whole table at once.
CLOSED_ARGUMENTS = re.compile(r"_where|_through|_stream|_fts_table|_fts_pk|_searchmode|_search_.+")
PHRASES = ("_search", "q")  # "several words" at their place: with it a text could be guessed word by word

_anonymous: ContextVar[bool] = ContextVar("anonymous", default=False)


@hookimpl(trylast=True)  # type: ignore[untyped-decorator]  # the last word counts
def permission_allowed(datasette: Any, actor: Scope | None, action: str, resource: Any) -> bool | None:
    """Close to anonymous visitors every table and view that metadata.yaml does not open with `allow: true`."""
    if action != "view-table" or actor:
        return None
    tables = ((datasette.metadata("databases") or {}).get(resource[0]) or {}).get("tables") or {}
    return None if (tables.get(resource[1]) or {}).get("allow") is True else False


@hookimpl  # type: ignore[untyped-decorator]
def startup(datasette: Any) -> None:
    """Limit what anonymous visitors' queries may cost, and keep tokens out of the server's log."""
    for database in datasette.databases.values():
        database.execute = _limited(database.execute)
    logging.getLogger("uvicorn.access").addFilter(_without_tokens)
    # With rich installed Datasette prints all local variables, cookies among them, at every missing page; that takes half a second.
    handle_exception.rich = None


@hookimpl  # type: ignore[untyped-decorator]
def forbidden(datasette: Any, request: Request, message: str) -> Callable[[], Awaitable[Response]]:
    """A refusal that says where to log in."""
    return lambda: _refuse(datasette, request, message)


@hookimpl(trylast=True)  # type: ignore[untyped-decorator]  # outermost: nothing answers without these headers
def asgi_wrapper(datasette: Any) -> Callable[[App], App]:
    """Every request passes here first, every answer last."""
    attempts: dict[str, deque[float]] = defaultdict(deque)

    def wrap(app: App) -> App:
        async def guarded(scope: Scope, receive: Any, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            # A password with every request would be tried with every request; nobody needs it beside cookie and token.
            scope = dict(scope, headers=[(name, value) for name, value in scope["headers"] if name.lower() != b"authorization"])
            path = _path(datasette, scope)
            actor = await _actor(datasette, Request(scope, receive))
            send = _with_headers(send, _policy(path, actor))
            _anonymous.set(not actor)
            refusal = _refused(scope, path, actor, attempts)
            scope = dict(scope, query_string=_trimmed(scope["query_string"], path, actor))
            if refusal:
                page = Request({**scope, "actor": actor, "csrftoken": str}, receive)  # its template asks for a token it does not need
                await (await _refuse(datasette, page, *refusal)).asgi_send(send)
            else:
                await app(scope, receive, send)

        return guarded

    return wrap


def _path(datasette: Any, scope: Scope) -> str:
    """The path as Datasette's router reads it."""
    path: str = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1").partition("?")[0]
    base: str = datasette.setting("base_url")
    return "/" + path[len(base) :] if base != "/" and path.startswith(base) else path


async def _actor(datasette: Any, request: Request) -> Scope | None:
    for found in pm.hook.actor_from_request(datasette=datasette, request=request):
        if actor := await await_me_maybe(found):
            return dict(actor)
    return None


def _policy(path: str, actor: Scope | None) -> str:
    if not actor or (OWN_PAGES.match(path) and not path.startswith("/-/")):
        return STRICT
    return CHARTS if path.startswith("/-/dashboards") else STOCK


def _closed(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    """A header as it was; a cookie so that no script can read it. What logs in by password leaves that out."""
    return name, value + b"; HttpOnly" if name.lower() == b"set-cookie" and b"httponly" not in value.lower() else value


def _with_headers(send: Send, policy: str) -> Send:
    ours = {**HEADERS, "content-security-policy": policy}

    async def sending(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            theirs = [_closed(*header) for header in message.get("headers", []) if header[0].lower().decode("latin-1") not in ours]
            message = {**message, "headers": [*theirs, *((name.encode(), value.encode()) for name, value in ours.items())]}
        await send(message)

    return sending


def _refused(scope: Scope, path: str, actor: Scope | None, attempts: dict[str, deque[float]]) -> tuple[str, int] | None:
    """Why a request is not answered, and with which status."""
    arguments = list(_arguments(scope["query_string"]))
    if path.endswith(".atom") and not actor and not _token_fits(dict(arguments).get("token", "")):
        return "This feed needs the token that its address was given out with.", 403
    if path == "/-/login" and scope["method"] == "POST" and _too_often(attempts, str((scope.get("client") or ("",))[0])):
        return "Too many attempts. Try again in a minute.", 429
    if actor:
        return None
    if path.startswith("/-/") and not OPEN_PATHS.match(path):
        return "This page needs a login.", 403
    if any(CLOSED_ARGUMENTS.fullmatch(name) or (name in PHRASES and '"' in value) for name, value in arguments):
        return "Conditions, phrases in quotes and whole tables need a login.", 403
    return None


def _arguments(query_string: bytes) -> Iterator[tuple[str, str]]:
    return iter(parse_qsl(query_string.decode("latin-1"), keep_blank_values=True))


def _token_fits(given: str) -> bool:
    token = os.environ.get("NACHLESE_FEED_TOKEN", "")
    return not token or hmac.compare_digest(given.encode(), token.encode())


def _too_often(attempts: dict[str, deque[float]], client: str) -> bool:
    now = time.monotonic()
    for known in [known for known, times in attempts.items() if times[-1] < now - 60]:
        del attempts[known]
    times = attempts[client]
    times.append(now)
    while times[0] < now - 60:
        times.popleft()
    return len(times) > LOGINS_A_MINUTE


def _trimmed(query_string: bytes, path: str, actor: Scope | None) -> bytes:
    """The query without a feed's token, which stands in links otherwise, and with no more rows a page than may be asked."""
    arguments = list(_arguments(query_string))
    kept = [(name, value) for name, value in arguments if name != "token" or not path.endswith(".atom")]
    if not actor:
        kept = [(name, str(ANONYMOUS_ROWS) if name == "_size" and _many(value) else value) for name, value in kept]
    return query_string if kept == arguments else urlencode(kept).encode()


def _many(size: str) -> bool:
    return size == "max" or (size.isdecimal() and int(size[:9]) > ANONYMOUS_ROWS)


def _limited(execute: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def limited(sql: str, params: Any = None, truncate: bool = False, custom_time_limit: int | None = None, **more: Any) -> Any:
        if not _anonymous.get():
            return await execute(sql, params, truncate, custom_time_limit, **more)
        results = await execute(sql, params, truncate, min(custom_time_limit or ANONYMOUS_MS, ANONYMOUS_MS), **more)
        if truncate and len(results.rows) > ANONYMOUS_ROWS + 1:  # a page asks for one row more, to see whether there is a next
            results.rows, results.truncated = results.rows[:ANONYMOUS_ROWS], True
        return results

    return limited


def _without_tokens(record: logging.LogRecord) -> bool:
    if isinstance(record.args, tuple):
        record.args = tuple(re.sub(r"(?i)(token=)[^&\s]*", r"\1…", part) if isinstance(part, str) else part for part in record.args)
    return True


async def _refuse(datasette: Any, request: Request, message: str, status: int = 403) -> Response:
    if request.path.endswith(".json"):
        return Response.json({"ok": False, "error": message, "status": status}, status=status)
    if not request.path.endswith((".atom", ".csv", ".blob")) and not request.actor:
        message = Markup('{} <a href="{}">Log in</a>').format(message, datasette.urls.path("/-/login"))
    context = {"title": "Forbidden" if status == 403 else "Too many requests", "error": message}
    return Response.html(await datasette.render_template("error.html", context, request=request), status=status)
