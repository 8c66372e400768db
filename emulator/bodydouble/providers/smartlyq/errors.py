"""SmartlyQ's refusals: one envelope, one code per status, in two dialects.

The seed page's codes are served; the quirk `smartlyq.error_dialect` serves those of the published
examples. Source: seed page "Errors" table; docs.smartlyq.com/guides/errors.
"""

from __future__ import annotations

from typing import Any

from bodydouble.core.clock import iso_s
from bodydouble.core.errors import Cause, Refusal, every_cause
from bodydouble.core.money.amounts import Currency
from bodydouble.core.wire import Call, Reply

MONEY = Currency("USD", 10_000, 4)

_NO_KEY = "The API key is missing, malformed or not valid."
_ERRORS: dict[Cause, tuple[int, str, str]] = every_cause(
    {
        Cause.NO_KEY: (401, "UNAUTHORIZED", _NO_KEY),
        Cause.REVOKED_KEY: (401, "UNAUTHORIZED", "This API key was revoked."),
        Cause.EXPIRED_KEY: (401, "UNAUTHORIZED", "This API key has expired."),
        Cause.SCOPE: (403, "FORBIDDEN", "This API key does not carry the required scope."),
        Cause.NO_ROUTE: (404, "RESOURCE_NOT_FOUND", "There is no such endpoint."),
        Cause.METHOD: (405, "METHOD_NOT_ALLOWED", "This endpoint does not take that method."),
        Cause.BAD_BODY: (400, "BAD_REQUEST", "The request body is not a valid JSON object."),
        Cause.CONTENT_TYPE: (400, "BAD_REQUEST", "Content-Type must be application/json."),
        Cause.TOO_LARGE: (413, "PAYLOAD_TOO_LARGE", "The request body is too large."),
        Cause.INVALID: (422, "VALIDATION_ERROR", "The request has invalid or missing fields"),
        Cause.NOT_FOUND: (404, "RESOURCE_NOT_FOUND", "The requested resource does not exist."),
        Cause.NOT_READY: (409, "CONFLICT", "The resource is not ready yet."),
        Cause.ALREADY_FINAL: (409, "CONFLICT", "The job has already finished."),
        Cause.IDEMPOTENCY: (409, "CONFLICT", "This idempotency key was used for another request."),
        Cause.FUNDS: (
            402,
            "INSUFFICIENT_BALANCE",
            "The wallet balance does not cover this request.",
        ),
        Cause.SPENDING_LIMIT: (
            402,
            "INSUFFICIENT_BALANCE",
            "This key's spending limit is reached.",
        ),
        Cause.RATE: (429, "RATE_LIMIT_EXCEEDED", "Too many requests; try again later."),
        Cause.QUEUE_FULL: (
            429,
            "RATE_LIMIT_EXCEEDED",
            "Too many jobs are waiting; try again later.",
        ),
        Cause.MODERATED: (
            422,
            "CONTENT_POLICY_VIOLATION",
            "The prompt violates the content policy.",
        ),
        Cause.UNAVAILABLE: (502, "", ""),
        Cause.INTERNAL: (500, "INTERNAL_ERROR", "Something went wrong on our side."),
    }
)
_EXAMPLE_DIALECT = {
    "UNAUTHORIZED": "INVALID_API_KEY",
    "FORBIDDEN": "INSUFFICIENT_SCOPE",
    "RATE_LIMIT_EXCEEDED": "RATE_LIMITED",
    "INTERNAL_ERROR": "SERVER_ERROR",
}


def refuse(refusal: Refusal, call: Call) -> Reply:
    """SmartlyQ's reply to ``refusal``."""
    status, code, message = _ERRORS[refusal.cause]
    if status == 502:
        # The newer errors guide: a 502 carries no JSON body.
        return Reply(502, b"Bad Gateway", media_type="text/plain")
    if refusal.cause is Cause.IDEMPOTENCY:
        code = call.quirk("smartlyq.idempotency_code")
    elif call.quirk("smartlyq.error_dialect") == "examples":
        code = _EXAMPLE_DIALECT.get(code, code)
    if refusal.fields:
        message += ": " + ", ".join(problem.path for problem in refusal.fields)
    error: dict[str, Any] = {"code": code, "message": message, "details": _details(refusal)}
    if status == 402 and call.quirk("smartlyq.balance_error") == "balance_sqc":
        error["code"] = "INSUFFICIENT_CREDITS"
        error["details"] = {}
        error["balance_sqc"] = MONEY.text(refusal.data["balance"])
    headers: tuple[tuple[str, str], ...] = ()
    if status == 429 and "retry_after_s" in refusal.data:
        headers = (("retry-after", str(refusal.data["retry_after_s"])),)
    return Reply(status, {"success": False, "error": error, "meta": meta(call)}, headers)


def _details(refusal: Refusal) -> dict[str, Any]:
    data = refusal.data
    if refusal.cause in (Cause.INVALID, Cause.UNKNOWN_MODEL):
        return {"fields": [problem.path for problem in refusal.fields]}
    if refusal.cause in (Cause.FUNDS, Cause.SPENDING_LIMIT):
        return {
            "required": MONEY.text(data["required"]),
            "balance": MONEY.text(data["balance"]),
        }
    if refusal.cause is Cause.SCOPE:
        return {"required_scope": data["scope"]}
    if refusal.cause is Cause.RATE:
        return {"retry_after": data["retry_after_s"]}
    return {}


def meta(call: Call) -> dict[str, str]:
    """The envelope's ``meta``; sent on every response (A2)."""
    return {"request_id": call.request_id, "timestamp": iso_s(call.now_us)}
