"""The control plane: sandboxes steered over HTTP, under ``/_bodydouble``.

Nouns only, JSON in and out; the same rules as a vendor's request, through `overrides`. What it
answers is written down in ``openapi/control.yaml``; who may ask is judged by `guard`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from bodydouble.web.control import (
    accounts,
    clock,
    deliveries,
    faults,
    jobs,
    lint,
    requests,
    sandboxes,
    scenario,
    server,
    snapshots,
)
from bodydouble.web.control.evidence import changes, differences, report, reproduction
from bodydouble.web.control.wire.access import Services
from bodydouble.web.control.wire.guard import admit
from bodydouble.web.control.wire.problems import Problem, problem_response

Handler: TypeAlias = Callable[[Services, Request], Awaitable[Response | ASGIApp]]

PREFIX = "/_bodydouble"
PAGE = f"{PREFIX}/ui"  # below it the page for people is, which asks this room
_BOX = "/sandboxes/{sandbox}"
# What watches a container knows neither its name nor its token, and is told nothing else.
_OPEN = (f"{PREFIX}/live", f"{PREFIX}/ready")

# Paths that end in a verb-like noun come before those that end in an account, whose id has a slash.
TABLE: dict[str, dict[str, Handler]] = {
    "/live": {"GET": server.live},
    "/ready": {"GET": server.ready},
    "/health": {"GET": server.health},
    "/metrics": {"GET": server.metrics},
    "/openapi.json": {"GET": server.document},
    "/report": {"GET": report.read_report, "PUT": report.put_report},
    "/providers": {"GET": server.providers},
    "/sandboxes/import": {"POST": snapshots.import_},
    "/sandboxes": {"GET": sandboxes.listed, "POST": sandboxes.create},
    _BOX: {"GET": sandboxes.read_one, "DELETE": sandboxes.delete},
    f"{_BOX}/changes": {"GET": changes.read_changes},
    f"{_BOX}/keys": {"GET": accounts.keys, "POST": accounts.new_key},
    f"{_BOX}/clock": {"GET": clock.read_clock, "PATCH": clock.change},
    f"{_BOX}/schedule": {"GET": clock.read_schedule},
    f"{_BOX}/scenario": {"GET": scenario.read_scenario, "PUT": scenario.put_scenario},
    f"{_BOX}/faults": {"GET": faults.listed, "POST": faults.create, "DELETE": faults.clear},
    f"{_BOX}/faults/{{fault}}": {"GET": faults.read_one, "DELETE": faults.remove},
    f"{_BOX}/requests": {"GET": requests.listed},
    f"{_BOX}/requests.har": {"GET": requests.har},
    f"{_BOX}/requests/verify": {"POST": requests.verify},
    f"{_BOX}/requests/{{request:int}}": {"GET": requests.read_one},
    f"{_BOX}/requests/{{request:int}}/curl": {"GET": requests.curl},
    f"{_BOX}/requests/{{request:int}}/test": {"GET": reproduction.as_test},
    f"{_BOX}/requests/{{request:int}}/rule": {"GET": reproduction.as_rule},
    f"{_BOX}/lint": {"GET": lint.read_lint},
    f"{_BOX}/receipt": {"GET": lint.read_receipt},
    f"{_BOX}/webhooks": {"GET": deliveries.webhooks},
    f"{_BOX}/deliveries": {"GET": deliveries.listed},
    f"{_BOX}/deliveries/{{delivery}}": {"GET": deliveries.read_one},
    f"{_BOX}/deliveries/{{delivery}}/retry": {"POST": deliveries.retry},
    f"{_BOX}/snapshots": {"GET": snapshots.listed, "POST": snapshots.save},
    f"{_BOX}/snapshots/{{snapshot}}": {"DELETE": snapshots.delete},
    f"{_BOX}/snapshots/{{snapshot}}/differences": {"GET": differences.read_differences},
    f"{_BOX}/snapshots/{{snapshot}}/restore": {"PUT": snapshots.restore},
    f"{_BOX}/forks": {"POST": snapshots.fork},
    f"{_BOX}/export": {"GET": snapshots.export},
    f"{_BOX}/jobs": {"GET": jobs.listed},
    f"{_BOX}/jobs/{{job:path}}": {"GET": jobs.read_one, "PATCH": jobs.change},
    f"{_BOX}/accounts": {"GET": accounts.listed},
    f"{_BOX}/accounts/{{account:path}}/top-ups": {"POST": accounts.add},
    f"{_BOX}/accounts/{{account:path}}/balance": {"PUT": accounts.put_balance},
    f"{_BOX}/accounts/{{account:path}}/entries": {"GET": accounts.entries},
    f"{_BOX}/accounts/{{account:path}}": {"GET": accounts.read_one},
}


class ControlPlane(BaseRoute):
    """Judges who asks, finds the handler, and says every problem as a problem.

    It takes everything below the prefix, whatever its bytes: a mount's pattern stops at a newline.
    """

    def __init__(self, app: Services) -> None:
        self._app = app
        self._router = Router(
            [
                Route(path, self._dispatch(handlers), methods=sorted(handlers))
                for path, handlers in TABLE.items()
            ],
            redirect_slashes=False,
            default=_no_route,
        )

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Full for our paths, none for others."""
        path: str = scope["path"]
        if path != PREFIX and not path.startswith(PREFIX + "/"):
            return Match.NONE, {}
        return Match.FULL, {"root_path": scope.get("root_path", "") + PREFIX}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http":
            return
        try:
            if scope["path"] not in _OPEN:
                admit(scope, self._app.settings)
            await self.answer(scope, receive, send)
        except Problem as problem:
            await problem_response(problem)(scope, receive, send)
        except HTTPException as error:
            refused = Problem(error.status_code, "this method is not for this path")
            refused.headers = error.headers
            await problem_response(refused)(scope, receive, send)
        except ClientDisconnect:
            return

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request of somebody who was admitted. Problem."""
        await self._router(scope, receive, send)

    def _dispatch(
        self, handlers: dict[str, Handler]
    ) -> Callable[[Request], Awaitable[Response | ASGIApp]]:
        async def endpoint(request: Request) -> Response | ASGIApp:
            method = "GET" if request.method == "HEAD" else request.method
            return await handlers[method](self._app, request)

        return endpoint


async def _no_route(scope: Scope, receive: Receive, send: Send) -> None:
    raise Problem(404, f"there is no {scope['path']} in the control plane")
