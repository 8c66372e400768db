"""The page's routes: who is let in, which function draws what, and how a refusal is told.

Reading is GET, pressing a button is POST and leads back to what it changed. It knows no vendor.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from bodydouble.web.control.evidence.report import BYTES_MAX
from bodydouble.web.control.routes import PAGE, PREFIX, ControlPlane
from bodydouble.web.control.wire.access import Services, body_of
from bodydouble.web.control.wire.problems import Problem
from bodydouble.web.page import judge, sandbox, start
from bodydouble.web.page.asking import Verbs
from bodydouble.web.page.guard import admit_page, check_own_form, sign_in
from bodydouble.web.page.rendering import moved, rendered, static_file, told

FORM_BYTES_MAX = 64 * 1024
_FIELDS_MAX = 100
_BOX = f"{PAGE}/{{sandbox}}"
Reading = Callable[["Page", Request], Awaitable[Response | ASGIApp]]


class Page:
    """The page of one server, as an ASGI application."""

    def __init__(self, app: Services, control: ControlPlane) -> None:
        self.app = app
        self.control = control
        self._router = Router(
            [
                Route("/", _home),
                Route(PREFIX, _home),
                Route(f"{PREFIX}/", self._read(_start)),
                Route(f"{PAGE}/static/{{name}}", _static),
                Route(f"{PAGE}/sign-in", self._sign_in, methods=["POST"]),
                Route(f"{PAGE}/changes", self._read(_changes)),
                Route(f"{PAGE}/new", self._read(_make), methods=["POST"]),
                Route(f"{PAGE}/judge", self._read(_judge), methods=["GET", "POST"]),
                Route(f"{_BOX}/", _jobs_of),
                Route(f"{_BOX}/changes", self._read(_changes_in)),
                Route(f"{_BOX}/state", self._read(_shown(sandbox.state))),
                Route(f"{_BOX}/do/{{verb}}", self._read(_press), methods=["POST"]),
                Route(f"{_BOX}/requests/{{request:int}}", self._read(_shown(sandbox.exchange))),
                Route(f"{_BOX}/jobs/{{job:path}}", self._read(_shown(sandbox.job))),
                Route(f"{_BOX}/{{tab}}", self._read(_shown(sandbox.tab))),
            ],
            redirect_slashes=False,
            default=_no_page,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        request = Request(scope, receive)
        try:
            await self._router(scope, receive, send)
        except Problem as problem:
            answer = told(request, problem)
            if problem.status == 401 and self.app.settings.control_token:
                answer = rendered(request, "sign_in.html", {"detail": problem.detail}, 401)
            await answer(scope, receive, send)
        except ClientDisconnect:
            return

    def verbs(self, request: Request) -> Verbs:
        """The control plane's verbs, for one request of somebody who was admitted."""
        return Verbs(self.control, request)

    def _read(self, reading: Reading) -> Callable[[Request], Awaitable[Response | ASGIApp]]:
        async def endpoint(request: Request) -> Response | ASGIApp:
            admit_page(request, self.app.settings)
            return await reading(self, request)

        return endpoint

    async def _sign_in(self, request: Request) -> Response:
        check_own_form(request)
        answer = moved(request, "_bodydouble/")
        sign_in(answer, request, self.app.settings, (await fields_of(request)).get("token", ""))
        return answer


async def fields_of(request: Request, most: int = FORM_BYTES_MAX) -> dict[str, str]:
    """A form's fields, without those left empty. Problem 400, 413."""
    body = await body_of(request, most)
    try:
        pairs = parse_qsl(
            body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_FIELDS_MAX
        )
    except ValueError:
        raise Problem(400, f"a form has at most {_FIELDS_MAX} fields") from None
    return {name: value.strip() for name, value in pairs if value.strip()}


async def _home(request: Request) -> Response:
    return moved(request, "_bodydouble/")


async def _static(request: Request) -> Response:
    return static_file(request.path_params["name"])


async def _start(page: Page, request: Request) -> Response:
    return await start.start(page.app, page.verbs(request), request)


async def _changes(page: Page, request: Request) -> ASGIApp:
    return await start.changes(page.app, request)


async def _make(page: Page, request: Request) -> Response:
    fields = await fields_of(request)
    return await start.make(page.app, page.verbs(request), request, fields)


def _shown(shows: Callable[[Services, Verbs, Request], Awaitable[Response]]) -> Reading:
    async def reading(page: Page, request: Request) -> Response:
        return await shows(page.app, page.verbs(request), request)

    return reading


async def _judge(page: Page, request: Request) -> Response:
    if request.method != "POST":
        return await judge.matrix(page.app, page.verbs(request), request)
    # Written as a form, a document takes up to three times its bytes.
    fields = await fields_of(request, 3 * BYTES_MAX)
    return await judge.hand_in(page.verbs(request), request, fields.get("report", ""))


async def _jobs_of(request: Request) -> Response:
    return moved(request, f"_bodydouble/ui/{request.path_params['sandbox']}/jobs")


async def _changes_in(page: Page, request: Request) -> ASGIApp:
    return await sandbox.changes(page.app, request)


async def _press(page: Page, request: Request) -> Response:
    fields = await fields_of(request)
    return await sandbox.press(page.app, page.verbs(request), request, fields)


async def _no_page(scope: Scope, receive: Receive, send: Send) -> None:
    raise Problem(404, "there is no such page")
