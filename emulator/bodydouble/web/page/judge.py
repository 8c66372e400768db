"""The judge's last report as a matrix: contracts by family, one column for each vendor judged.

It shows what somebody handed in and asks no judge.
"""

from __future__ import annotations

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from bodydouble.web.control.wire.access import Services
from bodydouble.web.control.wire.problems import Problem
from bodydouble.web.page.asking import Verbs
from bodydouble.web.page.rendering import moved, rendered

_KIND = {"held": "good", "broken": "bad", "error": "bad", "stale": "warn", "excused": "warn"}


async def matrix(app: Services, verbs: Verbs, request: Request) -> Response:
    """The matrix, and one cell of it opened; how to hand in a report where there is none."""
    context: dict[str, Any] = {"origin": request.state.origin, "report": None, "opened": None}
    try:
        report = await verbs.get("/report")
    except Problem as problem:
        if problem.status != 404:
            raise
        return rendered(request, "judge.html", context)
    cells = {(cell["contract"], cell["column"]): cell for cell in report["cells"]}
    families: dict[str, list[Any]] = {}
    for contract in report["contracts"]:
        row = [cells.get((contract["id"], column["id"])) for column in report["columns"]]
        families.setdefault(contract["family"], []).append({**contract, "cells": row})
    chosen = (request.query_params.get("contract", ""), request.query_params.get("column", ""))
    told = next((one for one in report["contracts"] if one["id"] == chosen[0]), None)
    context |= {
        "report": report,
        "families": families,
        "opened": cells.get(chosen),
        "contract": told,
        "kinds": _KIND,
    }
    return rendered(request, "judge.html", context)


async def hand_in(verbs: Verbs, request: Request, text: str) -> Response:
    """A report that was pasted. Problem 400, 422."""
    try:
        body = orjson.loads(text)
    except ValueError as error:
        raise Problem(400, f"the report is no JSON: {error}") from None
    await verbs.ask("PUT", "/report", body)
    return moved(request, "_bodydouble/ui/judge")
