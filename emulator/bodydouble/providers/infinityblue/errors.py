"""InfinityBlue's refusals: one OpenAI-style envelope, a type for each status.

Source: quickstart/errors (types, statuses, ``Retry-After``, the 401 sample). Codes other than
``invalid_api_key`` are assumed, as are the rows for an empty wallet and an unknown task.
"""

from __future__ import annotations

from bodydouble.core.errors import Cause, FieldProblem, Flaw, Refusal, every_cause
from bodydouble.core.wire import Call, Reply
from bodydouble.providers.newapi.conventions import amount_text

_BAD = "invalid_request_error"
_KEY = (401, "", "invalid_api_key", "The API key is missing or malformed.")
_ERRORS: dict[Cause, tuple[int, str, str, str]] = every_cause(
    {
        # A revoked or deleted key gets the same answer as a wrong one.
        Cause.NO_KEY: _KEY,
        Cause.SCOPE: (403, "permission_error", "permission_denied", "This key may not do that."),
        Cause.NO_ROUTE: (
            404,
            "not_found_error",
            "endpoint_not_found",
            "There is no such endpoint.",
        ),
        Cause.BAD_BODY: (400, _BAD, "invalid_json", "The request body is not a valid JSON object."),
        Cause.CONTENT_TYPE: (
            400,
            _BAD,
            "invalid_content_type",
            "Send Content-Type application/json.",
        ),
        Cause.TOO_LARGE: (413, _BAD, "request_too_large", "The request body is too large."),
        Cause.INVALID: (400, _BAD, "invalid_value", "The request is not valid."),
        Cause.UNKNOWN_MODEL: (404, "not_found_error", "model_not_found", ""),
        Cause.NOT_FOUND: (404, "not_found_error", "task_not_exist", "There is no such task."),
        Cause.FUNDS: (403, "permission_error", "insufficient_user_quota", ""),
        Cause.SPENDING_LIMIT: (403, "permission_error", "pre_consume_token_quota_failed", ""),
        Cause.RATE: (429, "rate_limit_error", "rate_limit_exceeded", "Too many requests a minute."),
        Cause.QUEUE_FULL: (
            429,
            "rate_limit_error",
            "rate_limit_exceeded",
            "Too many tasks at once.",
        ),
        Cause.MODERATED: (
            400,
            _BAD,
            "content_policy_violation",
            "The content policy forbids this.",
        ),
        Cause.UNAVAILABLE: (
            503,
            "server_error",
            "service_unavailable",
            "The service is unavailable.",
        ),
        Cause.INTERNAL: (500, "server_error", "internal_error", "The upstream provider failed."),
    }
)
_FLAWS = {Flaw.MISSING: "missing_required_parameter", Flaw.TYPE: "invalid_type"}
_MONEY = (Cause.FUNDS, Cause.SPENDING_LIMIT)


def refuse(refusal: Refusal, call: Call) -> Reply:
    """The reply to ``refusal``, as InfinityBlue documents it."""
    status, kind, code, text = _ERRORS[refusal.cause]
    param = None
    if status == 401:
        kind = call.quirk("infinityblue.auth_error_type")
        text = _bad_key(refusal) or text
    elif refusal.fields:
        param = refusal.fields[0].path
        code = refusal.data.get("code") or _FLAWS.get(refusal.fields[0].flaw, code)
        text = refusal.text if "code" in refusal.data else _field_text(refusal.fields[0])
    elif refusal.cause is Cause.UNKNOWN_MODEL:
        param = "model"
        text = f"The model '{str(refusal.data.get('model', ''))[:200]}' does not exist."
    elif refusal.cause in _MONEY:
        status = call.quirk("infinityblue.empty_wallet_status")
        left, needed = refusal.data["balance"], refusal.data["required"]
        text = f"Insufficient quota: {amount_text(left)} left, {amount_text(needed)} needed."
        if status == 429:  # the older pages' words for it
            kind, code = "rate_limit_error", "insufficient_quota"
    elif refusal.cause is Cause.NOT_FOUND:
        text = refusal.text or text
    status = refusal.data.get("status", status)
    headers: tuple[tuple[str, str], ...] = ()
    if status == 429 and refusal.cause not in _MONEY:
        headers = (("retry-after", str(refusal.data.get("retry_after_s", 1))),)
    body = {"error": {"message": text, "type": kind, "code": code, "param": param}}
    return Reply(status, body, headers)


def _bad_key(refusal: Refusal) -> str:
    shown = refusal.data.get("key")
    if not shown:
        return ""
    return (
        f"Incorrect API key provided: {shown}. "
        "You can find your API key at https://getinfinityblue.com."
    )


def _field_text(problem: FieldProblem) -> str:
    return f"Invalid '{problem.path}': {problem.text}"
