"""fal's refusals: a sentence under `detail`, a list of places for a bad input, a word for an id.

Sources: fal.ai/docs/documentation/model-apis (errors, request-errors, concurrency-limits), recorded
replies for keys, an empty wallet, an unknown app and an unknown request. Other sentences are
assumptions.
"""

from __future__ import annotations

from typing import Any

from bodydouble.core.errors import Cause, Refusal, every_cause
from bodydouble.core.wire import Call, Reply
from bodydouble.providers.fal.details import error_headers, model_error

_REQUIRED = "Authentication is required to access this application."
_ERRORS: dict[Cause, tuple[int, dict[str, Any]]] = every_cause(
    {
        Cause.NO_KEY: (401, {"detail": _REQUIRED}),
        Cause.MALFORMED_KEY: (
            401,
            {
                "detail": "Invalid Key Authorization header format. "
                "Expected '<key_id>:<key_secret>'."
            },
        ),
        Cause.UNKNOWN_KEY: (401, {"detail": "invalid key credentials"}),
        Cause.NO_ROUTE: (404, {"detail": "Not Found"}),
        Cause.METHOD: (405, {"detail": "Method Not Allowed"}),
        Cause.BAD_BODY: (400, {"detail": "Bad request", "error_type": "bad_request"}),
        Cause.TOO_LARGE: (413, {"detail": "Request body is too large"}),
        Cause.INVALID: (422, {"detail": []}),
        Cause.UNKNOWN_MODEL: (404, {"detail": "Application not found"}),
        Cause.NOT_FOUND: (404, {"status": "NOT_FOUND"}),
        Cause.NOT_READY: (400, {"detail": "Request is still in progress"}),
        Cause.ALREADY_FINAL: (400, {"status": "ALREADY_COMPLETED"}),
        Cause.FUNDS: (
            403,
            {
                "detail": "User is locked. Reason: Exhausted balance. "
                "Top up your balance at fal.ai/dashboard/billing."
            },
        ),
        Cause.RATE: (
            429,
            {
                "detail": "Concurrent requests limit exceeded",
                "error_type": "concurrent_requests_limit",
            },
        ),
        Cause.QUEUE_FULL: (429, {"detail": "Queue length limit exceeded"}),
        Cause.MODERATED: (422, {"detail": []}),
        Cause.UNAVAILABLE: (
            503,
            {
                "detail": "No runner could be allocated to handle the request",
                "error_type": "runner_scheduling_failure",
            },
        ),
        Cause.INTERNAL: (500, {"detail": "Internal error", "error_type": "internal_error"}),
    }
)
_PLACES = {"image": ("body", "image_url")}


def refuse(refusal: Refusal, call: Call) -> Reply:
    """The reply that says ``refusal`` in fal's words."""
    status, told = _ERRORS[refusal.cause]
    body = dict(told)
    if refusal.cause is Cause.MODERATED:
        place = _PLACES.get(refusal.detail, ("body", "prompt"))
        body["detail"] = [model_error("content_policy_violation", place)]
    elif "problems" in refusal.data:
        body["detail"] = list(refusal.data["problems"])
    elif body.get("detail") == []:
        body["detail"] = [
            {"loc": ["query", one.path], "msg": one.text or "Invalid value", "type": "value_error"}
            for one in refusal.fields
        ]
    elif "app" in refusal.data:
        body["detail"] = _about(refusal.cause, refusal.data["app"])
    headers = error_headers(status, body)
    if refusal.cause is Cause.RATE:
        headers = (*headers, ("x-fal-needs-retry", "1"))
    return Reply(status, body, headers)


def _about(cause: Cause, app: str) -> str:
    if cause is Cause.UNKNOWN_MODEL:
        return f"Application '{app}' not found"
    return (
        f'Cannot access application "{app}". Authentication is required to access this application.'
    )
