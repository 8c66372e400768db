"""From a body of JSON to a submission and its pictures: what every profile reads the same way.

It opens the body, finds the model's row, reads pictures and checks a video's bounds; which fields
there are, and the words of a refusal, are the profile's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bodydouble.core.account_view import AccountView
from bodydouble.core.errors import Cause, Refused
from bodydouble.core.jobs import Job, Submission
from bodydouble.core.media.inputs import Given
from bodydouble.core.media.plan import (
    DURATION_MAX_MS,
    FPS_MAX,
    PIXELS_MAX,
    SIDE_MAX,
    SIDE_MIN,
    Picture,
)
from bodydouble.core.media.uploads import Blob
from bodydouble.core.wire import Call
from bodydouble.providers.newapi.catalogue import Row
from bodydouble.providers.newapi.conventions import task_id

DURATION_MIN_S = 1
DURATION_MAX_S = DURATION_MAX_MS // 1000
FPS = (1, FPS_MAX)
SIDE = (SIDE_MIN, SIDE_MAX)
PIXELS = PIXELS_MAX
# What every JSON reader keeps exactly.
SEED_MAX = 2**53 - 1


@dataclass(frozen=True, slots=True)
class Frames:
    """The stills of a request and the bytes that came with them."""

    first: Picture | None = None
    last: Picture | None = None
    blobs: tuple[Blob, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """A submission without its names, its pictures, and what its price was multiplied by."""

    submission: Submission
    blobs: tuple[Blob, ...] = ()
    ratios: Mapping[str, float] = field(default_factory=dict)


def frames(first: Given | None, last: Given | None = None) -> Frames:
    """The stills of a request from what was given for each."""
    given = [one for one in (first, last) if one is not None]
    return Frames(
        first.picture if first else None,
        last.picture if last else None,
        tuple(one.blob for one in given if one.blob is not None),
    )


def json_body(call: Call) -> dict[str, Any]:
    """The body as an object, whole floats as integers. Refused: CONTENT_TYPE, BAD_BODY."""
    kind = (call.header(b"content-type") or "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Refused(Cause.CONTENT_TYPE)
    return call.json_object()


def whole(value: Any) -> Any:
    """``value``, or the integer that it is: 5.0 and 5 are one number in JSON."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def row_of(rows: Mapping[str, Row], model: str) -> Row:
    """The row of ``model``. Refused: UNKNOWN_MODEL."""
    row = rows.get(model)
    if row is None:
        raise Refused(Cause.UNKNOWN_MODEL, model=model)
    return row


async def place(view: AccountView, order: Order) -> Job:
    """Submits an order under a fresh task id. Refused: as `AccountView.submit`."""
    names = {"job": task_id(await view.job_draw())}
    return await view.submit(replace(order.submission, names=names), order.blobs)
