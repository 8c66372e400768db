"""What a request for a prediction says: its body, the model it means, and two headers.

Source: replicate.com/docs/topics/predictions/create-a-prediction and the types of
replicate 2.0.0b4; bodies are closed, as a recorded reply shows, and a model's own input is not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from bodydouble.core.clock import MINUTE_US, SECOND_US, parse_span
from bodydouble.core.errors import Cause, Refused
from bodydouble.core.forms import media_type_of
from bodydouble.core.wire import Call
from bodydouble.providers.replicate.catalogue import HIDDEN, Row, by_version, rows
from bodydouble.providers.replicate.inputs import invalid, problem, problems_of

EVENTS = ("start", "output", "logs", "completed")
# Without a filter: whenever there is output, or the prediction has finished.
USUAL = ("output", "completed")
WAIT_S_MAX = 60
DEADLINE_US_MIN = 5 * SECOND_US
DEADLINE_US_MAX = 24 * 60 * MINUTE_US
_WAIT = re.compile(r"wait(?:=(\d{1,6}))?")
_MEMBERS: dict[str, dict[str, Any]] = {
    "input": {"type": "object"},
    "stream": {"type": "boolean"},
    "webhook": {"type": "string", "format": "uri"},
    "webhook_completed": {"type": "string", "format": "uri"},
    "webhook_events_filter": {
        "type": "array",
        "items": {"type": "string", "enum": list(EVENTS)},
    },
}
_WITH_VERSION = {**_MEMBERS, "version": {"type": "string"}}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A prediction as it is wanted: ``version`` as its reply will name it."""

    row: Row
    version: str
    input: dict[str, Any]
    webhook: str
    events: tuple[str, ...]
    filter: list[str] | None
    wait_us: int
    deadline_us: int | None


def read_wanted(call: Call, model: str = "") -> Wanted:
    """A body for ``model``, or for the version it names itself. Refused: BAD_BODY, INVALID,
    UNKNOWN_MODEL.
    """
    if media_type_of(call.header(b"content-type") or "").startswith("multipart/"):
        # Forms are for files.
        raise Refused(Cause.CONTENT_TYPE)
    told = call.json_object()
    members, required = (_MEMBERS, ["input"]) if model else (_WITH_VERSION, ["version", "input"])
    found = problems_of("", told, members, required=required, closed=True)
    version = HIDDEN
    row = rows().get(model)
    if row is None and isinstance(told.get("version"), str):
        row, version = _meant(told["version"])
        if row is None and not found:
            raise Refused(Cause.UNKNOWN_MODEL, model=told["version"][:200])
    given = told.get("input")
    if row is not None and isinstance(given, dict):
        found += problems_of("input", given, row.input, required=row.required)
    if found:
        raise invalid(found)
    assert row is not None, "without a problem there is a model"
    completed = told.get("webhook_completed", "")
    chosen = told.get("webhook_events_filter")
    return Wanted(
        row=row,
        version=version if row.official else row.version,
        input=told["input"],
        webhook=told.get("webhook") or completed,
        events=("completed",) if completed and "webhook" not in told else tuple(chosen or USUAL),
        filter=chosen,
        wait_us=_wait_us(call.header(b"prefer") or ""),
        deadline_us=_deadline_us(call.header(b"cancel-after")),
    )


def _meant(text: str) -> tuple[Row | None, str]:
    """The model that ``owner/name``, ``owner/name:version`` or a version's id means."""
    name, colon, version = text.partition(":")
    if not colon and "/" not in name:
        return by_version().get(name), name
    row = rows().get(name)
    if row is None or (version != row.version if colon else not row.official):
        return None, text
    return row, version or HIDDEN


def _wait_us(prefer: str) -> int:
    """How long ``Prefer: wait`` holds the request; 0: not at all. What is no such wish is none."""
    for wish in prefer.lower().split(","):
        found = _WAIT.fullmatch(wish.partition(";")[0].replace(" ", ""))
        if found is not None:
            seconds = WAIT_S_MAX if found[1] is None else int(found[1])
            return max(1, min(seconds, WAIT_S_MAX)) * SECOND_US
    return 0


def _deadline_us(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        span_us = parse_span(text.strip())
    except ValueError:
        span_us = -1
    if not DEADLINE_US_MIN <= span_us <= DEADLINE_US_MAX:
        said = "Cancel-After must be a duration between 5s and 24h, such as 30s or 1m"
        raise invalid([problem("format", "Cancel-After", said)])
    return span_us
