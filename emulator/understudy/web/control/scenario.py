"""The scenario of a sandbox: which one is in force, and another put in its place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response

from understudy.core.sandboxes import Sandbox
from understudy.core.scenarios import SCENARIOS
from understudy.core.store import Record
from understudy.web.control.bodies import NewScenario, read
from understudy.web.control.problems import Wrong, invalid
from understudy.web.control.rooms import body_of, known_query, opened, said

if TYPE_CHECKING:
    from understudy.web.app import Understudy


async def read_scenario(understudy: Understudy, request: Request) -> Response:
    """The scenario in force."""
    known_query(request)
    async with opened(understudy, request.path_params["sandbox"]) as box:
        return said({"name": box.record.scenario})


async def put_scenario(understudy: Understudy, request: Request) -> Response:
    """Puts a scenario in force for the jobs accepted from now on."""
    known_query(request)
    asked = read(NewScenario, await body_of(request))
    async with opened(understudy, request.path_params["sandbox"]) as box:
        record, script = chosen(understudy, box.record, asked.name, asked.parameters, asked.rules)
        if script is not None:
            await box.tx.put(script)
        await box.tx.put(record)
        return said({"name": record.scenario})


def chosen(
    understudy: Understudy,
    record: Sandbox,
    name: str,
    parameters: dict[str, Any],
    rules: list[dict[str, Any]] | None,
) -> tuple[Sandbox, Record | None]:
    """The record under that scenario, and the script to keep beside it. Problem 422."""
    if name not in SCENARIOS:
        known = ", ".join(SCENARIOS)
        raise invalid(Wrong("name", f"no scenario is called {name!r}: there are {known}"))
    return replace(record, scenario=name), None
