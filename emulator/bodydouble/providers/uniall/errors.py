"""UniAll's refusals: those of the program beneath, or all of them wrapped as OpenAI does.

No page shows an error of UniAll's (U3), so both forms are assumed; `uniall.error_envelope` picks.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bodydouble.core.errors import Cause, Refusal
from bodydouble.core.wire import Call, Reply
from bodydouble.providers.newapi import errors as stock

_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
}


def refuse(refusal: Refusal, call: Call) -> Reply:
    """The reply to ``refusal`` in UniAll's documented profile."""
    reply = stock.relayed(refusal, call)
    if refusal.cause in (Cause.RATE, Cause.QUEUE_FULL):
        wait_s = refusal.data.get("retry_after_s", 1)
        reply = replace(reply, headers=(*reply.headers, ("retry-after", str(wait_s))))
    if call.quirk("uniall.error_envelope") == "openai":
        reply = replace(reply, body=_wrapped(reply, refusal))
    return reply


def _wrapped(reply: Reply, refusal: Refusal) -> dict[str, Any]:
    error_body = reply.body.get("error", reply.body)
    kind = "server_error" if reply.status >= 500 else "invalid_request_error"
    error = {
        "message": error_body["message"],
        "type": _TYPES.get(reply.status, kind),
        "code": error_body.get("code") or None,
        "param": refusal.fields[0].path if refusal.fields else None,
    }
    return {"error": error}
