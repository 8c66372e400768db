"""A sandbox's faults: armed, listed with how often they were injected, and removed one by one."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pydantic import Field, model_validator
from starlette.requests import Request
from starlette.responses import Response

from bodydouble.core.scenarios.faults import FAULTS_MAX, ArmedFault, Point
from bodydouble.core.scenarios.reading import FaultText, MatchText, Share, Short, Times
from bodydouble.sandbox.open_sandbox import OpenSandbox
from bodydouble.sandbox.outcomes import with_faulty_flag
from bodydouble.web.control.wire.access import (
    Services,
    asked_of,
    json_response,
    known_query,
    not_found,
    opened,
    page_of,
)
from bodydouble.web.control.wire.problems import Problem, Wrong, invalid


class NewFault(FaultText):
    """`POST /sandboxes/{id}/faults`. ``provider`` and ``operation`` may stand outside ``match``."""

    times: Times | None = None
    probability: Share = 1.0
    provider: Short = ""
    operation: Short = ""
    match: MatchText = Field(default_factory=MatchText)

    @model_validator(mode="after")
    def _once(self) -> NewFault:
        for name in ("provider", "operation"):
            if getattr(self, name) and getattr(self.match, name):
                raise ValueError(f"{name} stands either in match or beside it, not in both")
        return self


async def create(app: Services, request: Request) -> Response:
    """Arms a fault."""
    asked = await asked_of(request, NewFault)
    named = {"provider": asked.provider, "operation": asked.operation}
    given = asked.match.model_copy(update={name: text for name, text in named.items() if text})
    if asked.point is not Point.DELIVERY:
        _check_place(app, given)
    async with opened(app, request) as sandbox:
        if await sandbox.tx.count(ArmedFault) >= FAULTS_MAX:
            raise Problem(409, f"there are {FAULTS_MAX} faults already: remove some")
        serial = await sandbox.serial("faults")
        armed = ArmedFault(
            f"f{serial}", serial, asked.to_fault(), given.match(), asked.times, asked.probability
        )
        sandbox.tx.put(armed)
        await _note(sandbox)
        where = f"{request.url.path}/{armed.id}"
        return json_response(fault_body(armed), 201, {"location": where})


def _check_place(app: Services, match: MatchText) -> None:
    """A vendor or operation that does not exist would never be met, so it is an error."""
    if match.provider and match.provider not in app.providers:
        known = ", ".join(app.providers)
        raise invalid(Wrong("provider", f"no provider is called {match.provider!r}: {known}"))
    if not match.operation or match.operation in ("submit", "read"):
        return
    names = [match.provider] if match.provider else list(app.providers)
    known_ones = {one.name for name in names for one in app.providers[name].operations}
    if match.operation not in known_ones:
        raise invalid(
            Wrong("operation", f"no operation is called {match.operation!r}: see GET /providers")
        )


async def listed(app: Services, request: Request) -> Response:
    """Every fault, also those that were injected as often as they may."""
    offset, limit = page_of(request)
    async with opened(app, request) as sandbox:
        faults = await sandbox.tx.list(ArmedFault, offset=offset, limit=limit)
        total = await sandbox.tx.count(ArmedFault)
        return json_response({"faults": [fault_body(fault) for fault in faults], "total": total})


async def clear(app: Services, request: Request) -> Response:
    """Removes every fault."""
    known_query(request)
    async with opened(app, request) as sandbox:
        for fault in await sandbox.tx.list(ArmedFault):
            sandbox.tx.delete(ArmedFault, fault.id)
        await _note(sandbox)
    return Response(status_code=204)


async def read_one(app: Services, request: Request) -> Response:
    """One fault."""
    known_query(request)
    async with opened(app, request) as sandbox:
        return json_response(fault_body(await _found(sandbox, request)))


async def remove(app: Services, request: Request) -> Response:
    """Removes one fault."""
    known_query(request)
    async with opened(app, request) as sandbox:
        sandbox.tx.delete(ArmedFault, (await _found(sandbox, request)).id)
        await _note(sandbox)
    return Response(status_code=204)


async def _found(sandbox: OpenSandbox, request: Request) -> ArmedFault:
    id = request.path_params["fault"]
    fault = await sandbox.tx.get(ArmedFault, id)
    if fault is None:
        raise not_found("fault", id)
    return fault


async def _note(sandbox: OpenSandbox) -> None:
    sandbox.record = await with_faulty_flag(sandbox)
    sandbox.tx.put(sandbox.record)


def fault_body(armed: ArmedFault) -> dict[str, Any]:
    """A fault with what is left of it; conditions and settings nobody gave are left out."""
    fault = {name: value for name, value in asdict(armed.fault).items() if value is not None}
    return {
        "id": armed.id,
        **fault,
        "match": {name: value for name, value in asdict(armed.match).items() if value},
        "times": armed.times,
        "left": None if armed.times is None else max(0, armed.times - armed.injected),
        "injected": armed.injected,
        "probability": armed.probability,
    }
