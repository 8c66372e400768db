"""Reading a create request as the stock program does: a gate that wants a model, then the task.

What it does not parse it drops (width, height, fps, seed, n, user); what an upstream makes of the
rest is in `upstreams`. Observed at commit 823e2630 (2026-08-08).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from bodydouble.core import wire
from bodydouble.core.errors import Cause, FieldProblem, Flaw, Refused
from bodydouble.core.forms import MULTIPART
from bodydouble.core.wire import Call
from bodydouble.providers.newapi.catalogue import Row
from bodydouble.providers.newapi.errors import bad_field, no_model
from bodydouble.providers.newapi.orders import Order, row_of
from bodydouble.providers.newapi.upstreams import Asked, kind_of, kling, number, veo
from bodydouble.providers.openai_dialect.requests import READS, is_form

SECONDS_MAX = 3600
BROKEN_FORM = "Invalid request: Invalid request: multipart: NextPart: EOF"
_TEXTS = ("prompt", "mode", "image", "size", "seconds", "input_reference")


def read_task(call: Call, rows: Mapping[str, Row]) -> Order:
    """The order in a create. Refused: BAD_BODY, TOO_LARGE, INVALID, UNKNOWN_MODEL."""
    asked, row = _read(call, rows)
    return veo(asked, row) if row.kind == "veo" else kling(asked, row)


def billed(call: Call, rows: Mapping[str, Row]) -> int:
    """What the gate charges before the upstream is asked. Refused: as `read_task`."""
    asked, row = _read(call, rows)
    return row.price(asked.seconds or row.default_s)


def _read(call: Call, rows: Mapping[str, Row]) -> tuple[Asked, Row]:
    body, form = _members(call)
    model = body.get("model")
    if not isinstance(model, str) or not model:
        raise no_model(model)
    row = row_of(rows, model)
    return _asked(body, form=form), row


def model_of(call: Call) -> str:
    """The model that a create names; empty where it names none. Refused: BAD_BODY, TOO_LARGE."""
    try:
        model = _members(call)[0].get("model")
    except Refused as refused:
        if refused.refusal.cause is Cause.INVALID:
            return ""
        raise
    return model if isinstance(model, str) else ""


def _members(call: Call) -> tuple[dict[str, Any], bool]:
    """The body by name, and whether it is a form. What is neither has no model."""
    if call.media_type not in READS.media_types:
        raise no_model(None)
    if is_form(call):
        try:
            return call.fields(), True
        except Refused as refused:
            if refused.refusal.cause is not Cause.BAD_BODY or call.media_type != MULTIPART:
                raise
            raise Refused(Cause.BAD_BODY, refused.refusal.text, said=BROKEN_FORM) from None
    if not call.content.strip():
        raise no_model(None)
    body = _json(call)
    if not isinstance(body, dict):
        raise no_model(None)
    if call.content.count(b'"model"') > 1:
        body = {**body, "model": _first_model(call.content, body.get("model"))}
    return body, False


def _json(call: Call) -> Any:
    """The body; a number beyond all numbers, which Go's gate does not look at, counts as none."""
    try:
        return call.json
    except Refused:
        try:
            body = wire.read_json(call.content, _with_infinity)
        except ValueError:
            body = None
        beyond = isinstance(body, dict) and any(
            isinstance(one, float) and math.isinf(one) for one in body.values()
        )
        if not beyond:
            raise
        return {name: one for name, one in body.items() if one not in (math.inf, -math.inf)}


def _with_infinity(content: bytes) -> Any:
    return json.loads(content, parse_constant=_no_number)


def _no_number(word: str) -> None:
    raise ValueError(word)


def _first_model(content: bytes, last: Any) -> Any:
    """Of two models the gate reads the first, unlike everybody else."""
    try:
        pairs: Any = json.loads(content, object_pairs_hook=lambda found: found)
    except RecursionError:
        # Our usual reader goes a little deeper than this one, and has read the last.
        return last
    return next((value for name, value in pairs if name == "model"), None)


def _asked(body: dict[str, Any], *, form: bool) -> Asked:
    if not form:
        _check_types(body)
    text = {name: value for name in _TEXTS if isinstance(value := body.get(name), str)}
    if not text.get("prompt", "").strip():
        raise bad_field(FieldProblem("prompt", Flaw.MISSING, text="prompt is required"))
    duration, seconds = number(body.get("duration")), number(body.get("seconds"))
    billed = duration or seconds
    if not 0 <= billed <= SECONDS_MAX:
        words = f"seconds must be between 1 and {SECONDS_MAX}"
        raise bad_field(FieldProblem("duration", Flaw.RANGE, billed, text=words), "invalid_seconds")
    images = body.get("images")
    images = images if isinstance(images, list) else []
    image = text.get("image", "")
    first = image or (images or [""])[0] or body.get("input_reference") or ""
    return Asked(
        prompt=text["prompt"],
        mode=text.get("mode", ""),
        image=image,
        first=first,
        size=text.get("size", ""),
        seconds=billed,
        # The upstream hears of seconds only where a form has said them.
        sent=billed if form else duration,
        metadata=_metadata(body.get("metadata")),
    )


def _check_types(body: dict[str, Any]) -> None:
    """Refuses the first member of another type, in the words of Go's decoder."""
    for name, value in body.items():
        if value is None:
            continue
        if name in _TEXTS and not isinstance(value, str):
            raise _unfit(name, value, "string")
        if name == "images" and not isinstance(value, list):
            raise _unfit(name, value, "[]string")
        if name == "images":
            for one in value:
                if not isinstance(one, str):
                    raise _unfit(name, one, "string")


def _unfit(name: str, value: Any, wanted: str) -> Refused:
    text = f"json: cannot unmarshal {kind_of(value)} into Go struct field .Alias.{name} of type"
    return bad_field(FieldProblem(name, Flaw.TYPE, value, text=f"{text} {wanted}"))


def _metadata(given: Any) -> dict[str, Any]:
    """What overrides the upstream's payload; a text that is no object, or a list, is ignored."""
    if isinstance(given, str):
        try:
            # The same reader as for the body, which takes no NaN and no half character.
            given = wire.read_json(given.encode()) if given else {}
        except ValueError:
            return {}
    if not isinstance(given, dict):
        return {}
    # Go leaves a member alone that null is written over.
    return {name: one for name, one in given.items() if name != "model" and one is not None}
