"""Replicate's refusals: title, detail and status, in the manner of RFC 7807.

Source: recorded replies (401, 402, 422 in both kinds, 429), the page on rate limits (429). The
others are assumptions by analogy.
"""

from __future__ import annotations

from typing import Any

from bodydouble.core.details import Detail
from bodydouble.core.errors import Cause, Refusal, every_cause
from bodydouble.core.reasons import Reason
from bodydouble.core.wire import Call, Reply

LOW_CREDIT = "low credit"
FLAGGED = "The input or output was flagged as sensitive. Please try again with different inputs."
_ERRORS: dict[Cause, tuple[int, str, str]] = every_cause(
    {
        Cause.NO_KEY: (401, "Unauthenticated", "You did not pass an authentication token"),
        Cause.MALFORMED_KEY: (
            401,
            "Unauthenticated",
            "You did not pass a valid authentication token",
        ),
        Cause.UNKNOWN_KEY: (
            401,
            "Unauthenticated",
            "You did not pass a valid authentication token",
        ),
        Cause.SCOPE: (403, "Forbidden", "You do not have permission to perform this action."),
        Cause.NO_ROUTE: (404, "", "The requested resource could not be found."),
        Cause.METHOD: (405, "Method not allowed", "That method is not allowed here."),
        Cause.BAD_BODY: (400, "Bad request", "The request body is not a JSON object."),
        Cause.CONTENT_TYPE: (415, "Unsupported media type", "That media type is not read here."),
        Cause.TOO_LARGE: (413, "Request too large", "The request body is too large."),
        Cause.INVALID: (422, "Input validation failed", ""),
        Cause.UNKNOWN_MODEL: (
            422,
            "Invalid version or not permitted",
            "The specified version does not exist (or perhaps you don't have permission to use "
            "it?)",
        ),
        Cause.NOT_FOUND: (404, "", "The requested resource could not be found."),
        Cause.FUNDS: (
            402,
            "Insufficient credit",
            "You have insufficient credit to run this model. Go to "
            "https://replicate.com/account/billing#billing to purchase credit. Once you purchase "
            "credit, please wait a few minutes before trying again.",
        ),
        Cause.RATE: (429, "Request was throttled", ""),
        Cause.MODERATED: (422, "Input was flagged as sensitive", f"{FLAGGED} (E005)"),
        Cause.UNAVAILABLE: (503, "Service unavailable", "The service is not available."),
        Cause.INTERNAL: (500, "Internal server error", "An unexpected error occurred."),
    }
)

DETAILS = (
    Detail(Reason.MODERATED, "sensitive", f"{FLAGGED} (E005)", "input or output was refused"),
    Detail(
        Reason.MODERATED,
        "nsfw",
        "NSFW content detected. Try running it again, or try a different prompt.",
        "the model found its own result unfit",
    ),
    Detail(
        Reason.PROVIDER_ERROR,
        "unknown",
        "Director: unexpected error handling prediction (E1000)",
        "something broke",
    ),
    Detail(
        Reason.PROVIDER_ERROR,
        "interrupted",
        "Prediction interrupted; please retry (code: PA)",
        "the machine that ran it went away",
    ),
    Detail(
        Reason.PROVIDER_ERROR,
        "memory",
        "Prediction failed: the model ran out of memory (E1001)",
        "the model ran out of memory",
    ),
    Detail(
        Reason.TIMEOUT,
        "starting",
        "Director: unexpected error handling prediction (E6716)",
        "it did not start in time",
    ),
    Detail(
        Reason.BAD_INPUT,
        "file",
        "Failed to download input file (E9825)",
        "a picture could not be read",
    ),
)


def refuse(refusal: Refusal, call: Call) -> Reply:
    """The reply that says ``refusal`` in Replicate's words."""
    status, title, detail = _ERRORS[refusal.cause]
    body: dict[str, Any] = {"detail": detail or refusal.text, "status": status}
    if title:
        body["title"] = title
    if refusal.cause is Cause.RATE:
        return _throttled(refusal)
    if refusal.cause is Cause.INVALID and ("cursor" in refusal.data or "query" in refusal.data):
        said = refusal.data.get("query", "Invalid cursor")
        body = {"title": "Bad request", "detail": said, "status": 400}
    elif refusal.cause is Cause.INVALID:
        problems = refusal.data.get("problems") or [
            {"type": "invalid_type", "field": one.path, "description": one.text or refusal.text}
            for one in refusal.fields
        ]
        body["detail"] = "".join(_line(one) for one in problems) or "- input is not valid\n"
        body["invalid_fields"] = problems
    return Reply(body["status"], body)


def _line(problem: dict[str, str]) -> str:
    field, text = problem["field"], problem["description"]
    return f"- {field}: {text}\n" if field else f"- {text}\n"


def _throttled(refusal: Refusal) -> Reply:
    wait_s = refusal.data.get("retry_after_s", 1)
    reduced = (
        " Your rate limit for creating predictions is reduced to 6 requests per minute with a "
        "burst of 1 requests while you have less than $5.0 in credit."
    )
    why = reduced if refusal.data.get("policy") == LOW_CREDIT else ""
    detail = f"Request was throttled.{why} Your rate limit resets in ~{wait_s}s."
    body = {"detail": detail, "status": 429, "retry_after": wait_s}
    return Reply(429, body, (("retry-after", str(wait_s)),))
