"""Runway's refusals: a sentence under `error`, mostly an address to read, issues of a bad body.

Source: errors/errors and errors/troubleshooting (statuses), recorded replies (bodies of a bad body,
an unknown version, too few credits, the daily limit, an unknown task). The other sentences are
assumptions.
"""

from __future__ import annotations

from typing import Any

from bodydouble.core.errors import Cause, Refusal, every_cause
from bodydouble.core.wire import Call, Reply
from bodydouble.providers.runway.issues import wrong_model

DOC_URL = "https://docs.dev.runwayml.com/api"
_ERRORS: dict[Cause, tuple[int, str]] = every_cause(
    {
        Cause.NO_KEY: (401, "The API key is missing or not valid."),
        Cause.NO_ROUTE: (404, "There is nothing at this address."),
        Cause.METHOD: (405, "This address does not take that method."),
        Cause.HEADER: (
            400,
            "The API version that was provided in the X-Runway-Version header is not valid.",
        ),
        Cause.BAD_BODY: (400, "The request body is not a JSON object."),
        Cause.TOO_LARGE: (413, "The request body is too large."),
        Cause.INVALID: (400, "Validation of body failed"),
        Cause.NOT_FOUND: (404, "Could not find Task"),
        Cause.ALREADY_FINAL: (404, "Could not find Task"),
        Cause.FUNDS: (400, "You do not have enough credits to run this task."),
        Cause.RATE: (429, "Your daily task limit has been reached."),
        Cause.MODERATED: (400, "The request was flagged by content moderation."),
        Cause.UNAVAILABLE: (503, "The service is not available."),
        Cause.INTERNAL: (500, "An unexpected error occurred."),
    }
)
_WITHOUT_ADDRESS = frozenset((403, 404, 405, 500, 503))


def refuse(refusal: Refusal, call: Call) -> Reply:
    """The reply that says ``refusal`` in Runway's words."""
    status, text = _ERRORS[refusal.cause]
    body: dict[str, Any] = {"error": text}
    if refusal.cause is Cause.HEADER and refusal.data.get("given") is None:
        body["error"] = "The X-Runway-Version header is missing: an API version is required."
    elif refusal.cause is Cause.UNKNOWN_MODEL:
        body["issues"] = wrong_model()
    elif "issues" in refusal.data:
        body["issues"] = refusal.data["issues"]
    if status not in _WITHOUT_ADDRESS:
        body["docUrl"] = DOC_URL
    return Reply(refusal.data.get("status", status), body, media_type=JSON)


JSON = "application/json; charset=utf-8"
