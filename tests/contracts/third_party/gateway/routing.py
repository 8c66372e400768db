"""The table of routes, and what stands beside it: redirects, 404s, the dashboard's page.

A wrong verb, a HEAD and a doubled slash are 404s under `/v1`, `/api` and `/assets`, and the page
of the dashboard elsewhere. It refuses to look at keys.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse, Response

from tests.contracts.third_party.gateway import creating, models, money, polls
from tests.contracts.third_party.gateway.replies import Asked, reply

if TYPE_CHECKING:
    from tests.contracts.third_party.gateway.program import Gateway

Handler = Callable[["Gateway", Asked], Response]
CACHE_VERSION = hashlib.sha256(b"gateway").hexdigest()
PAGE = "<!doctype html><title>dashboard</title>"
NATIVE = "/kling/v1/videos/{form:text2video|image2video}"
TABLE: dict[str, Handler] = {
    "POST /v1/video/generations": creating.create,
    "GET /v1/video/generations/{task}": polls.generations,
    "POST /v1/videos": creating.create,
    "GET /v1/videos/{task}": polls.videos,
    "GET /v1/videos/{task}/content": polls.content,
    "POST /v1/videos/{task}/remix": creating.remix,
    f"POST {NATIVE}": creating.create,
    f"GET {NATIVE}/{{task}}": polls.generations,
    "POST /jimeng/": creating.jimeng,
    "GET /v1/models": models.models,
    "GET /v1/models/{model}": models.model,
    "GET /v1beta/models": models.for_google,
    "GET /v1/files": creating.guarded,
    "POST /v1/files": creating.guarded,
    "GET /v1/files/{file}": creating.guarded,
    "POST /v1/chat/completions": creating.guarded,
    "GET /v1/dashboard/billing/subscription": money.subscription,
    "GET /v1/dashboard/billing/usage": money.total_usage,
    "GET /dashboard/billing/subscription": money.subscription,
    "GET /dashboard/billing/usage": money.total_usage,
    "GET /api/usage/token/": money.usage,
    "GET /api/log/token": money.key_log,
    "POST /api/user/login": money.login,
    "GET /api/user/self": money.myself,
    "GET /api/task/self": polls.my_tasks,
    "GET /api/status": money.open_to_all,
    "GET /api/pricing": money.open_to_all,
}


def pattern(route: str) -> re.Pattern[str]:
    """Return a route as an expression over `VERB path`."""
    named = re.sub(r"\{(\w+):([^}]+)\}", r"(?P<\1>\2)", route)
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", named))


ROUTES = [(pattern(route), handler) for route, handler in TABLE.items()]


def find(verb: str, path: str) -> tuple[Handler, dict[str, str]] | None:
    """Return who answers a path, and the parts that its route leaves open."""
    for expression, handler in ROUTES:
        if found := expression.fullmatch(f"{verb} {path}"):
            return handler, found.groupdict()
    return None


def other_slash(verb: str, path: str) -> Response | None:
    """Return the redirect to the route that has one slash more or less at its end, if there is
    one. It is the router's own: no header of the program is on it."""
    other = path[:-1] if path.endswith("/") else f"{path}/"
    if find(verb, other) is None:
        return None
    if verb == "GET":
        html = f'<a href="{other}">Moved Permanently</a>.\n\n'
        return HTMLResponse(html, 301, {"Location": other})
    return Response(b"", 307, {"Location": other})


def nowhere(asked: Asked) -> Response:
    """Answer a path that no route has."""
    verb = asked.request.method
    if not asked.path.startswith(("/v1", "/api", "/assets")) and "//" not in asked.path:
        return HTMLResponse(
            PAGE, 200, {"Cache-Control": "no-cache", "Cache-Version": CACHE_VERSION}
        )
    said = f"Invalid URL ({verb} {asked.path})"
    error = {"message": said, "type": "invalid_request_error", "param": "", "code": ""}
    kept = {"Cache-Control": "max-age=604800", "Cache-Version": CACHE_VERSION}
    if verb == "HEAD":
        return Response(b"", 404, kept)
    return reply({"error": error}, 404, kept)
