"""The judge's last report, handed in by whoever ran it, kept to be read on the page.

It is the judge's document: its form is checked as far as it is shown, and it is kept whole, one at
a time, in the memory of one process. Nothing here judges.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.requests import Request
from starlette.responses import Response

from bodydouble.web.control.wire.access import Services, asked_of, json_response, known_query
from bodydouble.web.control.wire.problems import Problem

BYTES_MAX = 16 * 1024 * 1024
Text = Annotated[str, StringConstraints(max_length=10_000)]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="allow")


class Contract(_Part):
    """One sentence that must hold."""

    id: Text
    family: Text
    level: Text
    sentence: Text


class Column(_Part):
    """One vendor at one target."""

    id: Text
    title: Text


class Cell(_Part):
    """One verdict."""

    column: Text
    contract: Text
    verdict: Text
    failing: bool
    reason: Text = ""
    evidence: Annotated[list[dict[str, Any]], Field(max_length=1_000)] = []


class Report(_Part):
    """`PUT /report`: what the judge writes with ``--json``."""

    report: Literal[1]
    made: Text
    head: dict[str, Any]
    families: dict[str, str]
    contracts: Annotated[list[Contract], Field(max_length=2_000)]
    columns: Annotated[list[Column], Field(max_length=200)]
    cells: Annotated[list[Cell], Field(max_length=100_000)]
    totals: dict[str, Any]


async def put_report(app: Services, request: Request) -> Response:
    """Keeps a report in place of the one before. Problem 400, 413, 422."""
    asked = await asked_of(request, Report, BYTES_MAX)
    app.report = asked.model_dump()
    return Response(status_code=204)


async def read_report(app: Services, request: Request) -> Response:
    """The last report. Problem 404 where none was handed in."""
    known_query(request)
    if app.report is None:
        raise Problem(404, "no report was handed in: send one with PUT")
    return json_response(app.report)
