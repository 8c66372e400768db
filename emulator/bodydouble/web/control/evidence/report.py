"""The judge's last report, handed in by whoever ran it, kept to be read on the page.

It is the judge's document: its form is checked as far as it is shown, and it is kept whole, one at
a time, in the store, so that every process of a server tells the same. Nothing here judges.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.requests import Request
from starlette.responses import Response

from bodydouble.core.evidence.reports import HandedIn
from bodydouble.core.sandboxes import APART
from bodydouble.web.control.wire.access import Services, asked_of, known_query
from bodydouble.web.control.wire.problems import Problem

# Kept beside the sandboxes and seen as none of them.
_PLACE, _ID = f"{APART}report", "last"
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
    async with app.store.transaction(_PLACE) as tx:
        tx.put(HandedIn(_ID, asked.model_dump_json().encode()))
    return Response(status_code=204)


async def read_report(app: Services, request: Request) -> Response:
    """The last report. Problem 404 where none was handed in."""
    known_query(request)
    async with app.store.transaction(_PLACE) as tx:
        kept = await tx.get(HandedIn, _ID)
    if kept is None:
        raise Problem(404, "no report was handed in: send one with PUT")
    return Response(kept.body, media_type="application/json")
