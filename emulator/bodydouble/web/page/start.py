"""The first page: where each vendor is, a key that works, what to paste, and which sandboxes live.

Looking at it makes nothing: the keys are drawn from the server's seed and open their sandboxes when
they are first used, as any well-formed key does.
"""

from __future__ import annotations

import logging
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from bodydouble.core.chance import Draw
from bodydouble.web.control.wire.access import Services
from bodydouble.web.control.wire.problems import Problem
from bodydouble.web.http.streams import TooMany
from bodydouble.web.page.asking import Verbs
from bodydouble.web.page.rendering import moved, rendered
from bodydouble.web.page.snippets import snippets

log = logging.getLogger("bodydouble")
_SHOWN_MAX = 12


async def start(app: Services, verbs: Verbs, request: Request) -> Response:
    """The page."""
    listed = await verbs.get("/sandboxes", limit=1_000)
    rows = sorted(listed["sandboxes"], key=lambda row: row["used"] or "", reverse=True)
    context = {
        "vendors": [] if _partial(request) else _vendors(app, request, {}),
        "sandboxes": rows[:_SHOWN_MAX],
        "total": listed["total"],
        "stream": "ui/changes",
        "topics": ("sandboxes",),
    }
    return rendered(request, "start.html", context)


async def make(app: Services, verbs: Verbs, request: Request, fields: dict[str, str]) -> Response:
    """A new sandbox, and the page that tells its keys, which is the only time they are told."""
    body: dict[str, Any] = {"label": fields.get("label", "")}
    if fields.get("frozen"):
        body["rate"] = 0
    if fields.get("scenario"):
        body["scenario"] = fields["scenario"]
    return introduced(app, request, await verbs.ask("POST", "/sandboxes", body))


def introduced(app: Services, request: Request, made: Any) -> Response:
    """A sandbox that was just made, with its keys."""
    context = {"made": made, "vendors": _vendors(app, request, made["keys"])}
    return rendered(request, "made.html", context, 201)


async def drop(verbs: Verbs, request: Request, sandbox: str) -> Response:
    """Forgets a sandbox whole."""
    await verbs.ask("DELETE", f"/sandboxes/{sandbox}")
    return moved(request, "_bodydouble/")


async def changes(app: Services, request: Request) -> ASGIApp:
    """Whether another sandbox lives, or one was used. Problem 503."""

    async def marks() -> dict[str, str]:
        used = app.registry.last_used
        return {"sandboxes": f"{len(used)}:{max(used.values(), default=0)}"}

    try:
        return app.streams.of(marks)
    except TooMany as many:
        raise Problem(503, str(many)) from None


def _partial(request: Request) -> bool:
    return request.headers.get("hx-request") == "true"


def _vendors(app: Services, request: Request, keys: dict[str, str]) -> list[dict[str, Any]]:
    """Each vendor with its address, a key and what to paste; ``keys`` outrank those drawn here."""
    origin, rows = request.state.origin, []
    for name in app.providers:
        try:
            provider = app.providers[name]
        except (ImportError, AttributeError):
            log.exception("%s cannot be loaded, so the page leaves it out", name)
            continue
        root = origin if app.settings.only == name else f"{origin}/{name}"
        key = keys.get(name) or provider.mint_key(Draw(app.registry.seed, "page", name))
        strict = app.settings.strict_keys and name not in keys
        rows.append(
            {
                "name": name,
                "title": provider.title,
                "url": root + provider.base_path,
                "key": "" if strict else key,
                "environment": provider.environment(key, root),
                "snippets": {} if strict else snippets(provider, root, key),
                "documented": f"{name}/docs",
            }
        )
    return rows
