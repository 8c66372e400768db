"""What the control plane says when it cannot do as asked: RFC 9457 problem details.

Every bad field is listed at once, by the path the client wrote it under. It knows no vendor.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import orjson
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from bodydouble.web.keys.outage import Outage
from bodydouble.web.keys.registry import Registry
from bodydouble.web.keys.secrets import traceback_of

log = logging.getLogger("bodydouble")

# Films are anybody's to ask for, and where the store is and what it says is not theirs to know.
AWAY = "the store does not answer: /_bodydouble/health and the server's log say why"

_ERRORS_LISTED_MAX = 100
# pydantic names the branch of a choice in an error's place; no field of ours is called like that.
_BRANCH = re.compile(r"constrained-|literal\[|dict\[|list\[|[A-Z]|str$|int$")


@dataclass(frozen=True, slots=True)
class Wrong:
    """One bad field: where it is, and what would be right."""

    field: str
    problem: str


class Problem(Exception):
    """The request cannot be answered. Raised inside a transaction, it undoes the transaction."""

    def __init__(
        self,
        status: int,
        detail: str,
        wrongs: Iterable[Wrong] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.wrongs = tuple(wrongs)
        self.headers = headers


def invalid(*wrongs: Wrong) -> Problem:
    """A 422 that lists ``wrongs``."""
    listed = "; ".join(f"{wrong.field}: {wrong.problem}" for wrong in wrongs[:5])
    return Problem(422, f"{listed}", wrongs)


def from_pydantic(error: ValidationError, within: str = "") -> Problem:
    """A body that is no JSON is a 400; one whose fields are wrong a 422 with all of them.

    ``within`` is the field that holds what was read.
    """
    rows = error.errors(include_url=False, include_context=False, include_input=False)
    if any(row["type"] == "json_invalid" for row in rows):
        return Problem(400, f"the body is no JSON: {rows[0]['msg']}")
    wrongs = [
        Wrong(_field(within, row["loc"]), _sentence(row["msg"]))
        for row in rows[:_ERRORS_LISTED_MAX]
    ]
    return invalid(*dict.fromkeys(wrongs))


def _field(within: str, place: tuple[int | str, ...]) -> str:
    named = [str(part) for part in place if not _BRANCH.match(str(part))]
    parts = [within, *named] if within else named
    return ".".join(parts) or "body"


def _sentence(text: str) -> str:
    return text.removeprefix("Value error, ")


def problem_response(problem: Problem) -> Response:
    """The problem as ``application/problem+json``."""
    title = HTTPStatus(problem.status).phrase
    body: dict[str, Any] = {
        "type": f"urn:bodydouble:problem:{title.lower().replace(' ', '-')}",
        "title": title,
        "status": problem.status,
        "detail": problem.detail,
    }
    if problem.wrongs:
        body["errors"] = [
            {"field": wrong.field, "problem": wrong.problem} for wrong in problem.wrongs
        ]
    return Response(orjson.dumps(body), problem.status, problem.headers, "application/problem+json")


def handlers(outage: Outage) -> dict[Any, Callable[[Request, Exception], Awaitable[Response]]]:
    """What becomes of an exception outside of the vendors: a 503 while the store fails, else a 500.

    What is no outage is raised again then, for `telling_crashes`.
    """

    async def unavailable(request: Request, error: Exception) -> Response:
        outage.met(error)
        return problem_response(Problem(503, AWAY, headers={"retry-after": "1"}))

    async def crashed(request: Request, error: Exception) -> Response:
        detail = "this is a fault of the server's own: its log has the rest"
        return problem_response(Problem(500, detail))

    return {Exception: crashed, **dict.fromkeys(outage.failures, unavailable)}


def telling_crashes(app: ASGIApp, registry: Registry) -> ASGIApp:
    """``app``, of which what it raises is logged without what nobody may read."""

    async def telling(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await app(scope, receive, send)
        except Exception as error:
            path, given = scope.get("path", ""), scope.get("path_params", {})
            told = await traceback_of(error, registry, str(given.get("sandbox", "")))
            for name, value in given.items():  # a key may have stood there
                path = path.replace(str(value), f"{{{name}}}")
            log.error("%s %s crashed; nothing of it was kept\n%s", scope.get("method"), path, told)

    return telling
