"""Ark's refusals: code, message, parameter and type in one envelope, with the request's id.

Source: volcengine.com/docs/82379/1299023 (statuses, codes, messages) and recorded answers; what is
of neither is marked in `standing.yaml`.
"""

from __future__ import annotations

from bodydouble.core.errors import Cause, Flaw, Refusal, every_cause
from bodydouble.core.wire import Call, Reply

_TYPES = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    405: "MethodNotAllowed",
    409: "Conflict",
    413: "RequestEntityTooLarge",
    429: "TooManyRequests",
    500: "InternalServerError",
    503: "ServiceUnavailable",
}
_INVALID = "The parameter `{param}` specified in the request is not valid."
_TEXT = "InputTextSensitiveContentDetected"
_ERRORS: dict[Cause, tuple[int, str, str]] = every_cause(
    {
        Cause.NO_KEY: (
            401,
            "AuthenticationError",
            "The API key or AK/SK in the request is missing or invalid.",
        ),
        Cause.SCOPE: (
            403,
            "AccessDenied",
            "The request failed because you do not have access to the requested resource.",
        ),
        Cause.NO_ROUTE: (404, "InvalidPath", "There is nothing at this path."),
        Cause.METHOD: (405, "InvalidMethod", "This path does not take that method."),
        Cause.BAD_BODY: (400, "InvalidParameter", "The request body is not a JSON object."),
        Cause.TOO_LARGE: (413, "RequestTooLarge", "The request body is too large."),
        Cause.INVALID: (400, "InvalidParameter", _INVALID),
        Cause.UNKNOWN_MODEL: (
            404,
            "InvalidEndpointOrModel.NotFound",
            "The model or endpoint {model} does not exist or you do not have access to it.",
        ),
        Cause.NOT_FOUND: (
            404,
            "NotFound.ID",
            "The specified content generation task is not found",
        ),
        Cause.ALREADY_FINAL: (
            409,
            "InvalidAction.CancelledTaskDeletion",
            "Cannot delete task because it is cancelled.",
        ),
        Cause.FUNDS: (
            403,
            "AccountOverdueError",
            "The request failed because your account has an overdue balance.",
        ),
        Cause.RATE: (
            429,
            "ModelAccountRpmRateLimitExceeded",
            "The requests of this account to the model are more than its limit for a minute.",
        ),
        Cause.QUEUE_FULL: (429, "QuotaExceeded", "Too many tasks of this account are waiting."),
        Cause.MODERATED: (
            400,
            _TEXT,
            "The request failed because the input text may contain sensitive information.",
        ),
        Cause.UNAVAILABLE: (
            503,
            "ServiceUnavailable",
            "The service is not available for now.",
        ),
        Cause.INTERNAL: (
            500,
            "InternalServiceError",
            "The service encountered an unexpected internal error.",
        ),
    }
)
_INPUTS = {
    "input-image": ("InputImageSensitiveContentDetected", "image"),
    "input-privacy": ("InputImageSensitiveContentDetected.PrivacyInformation", "image"),
    "input-policy": ("InputImageSensitiveContentDetected.PolicyViolation", "image"),
}


def refuse(refusal: Refusal, call: Call) -> Reply:
    """The reply that says ``refusal`` in Ark's words."""
    status, code, message = _ERRORS[refusal.cause]
    param = ""
    if refusal.cause is Cause.UNKNOWN_MODEL:
        message = message.format(model=refusal.data.get("model", ""))
    elif refusal.cause is Cause.ALREADY_FINAL and refusal.data.get("running"):
        code = "InvalidAction.RunningTaskDeletion"
        message = "Cannot delete task because it is currently running."
    elif refusal.cause is Cause.MODERATED and refusal.detail in _INPUTS:
        code, what = _INPUTS[refusal.detail]
        message = f"The request failed because the input {what} may contain sensitive information."
    elif refusal.cause is Cause.NOT_FOUND:
        param = "id"
    elif refusal.cause is Cause.INVALID and refusal.fields:
        problem = refusal.fields[0]
        param = problem.path
        if problem.flaw is Flaw.MISSING:
            code = "MissingParameter"
            message = f"The request failed because it is missing `{param}` parameter."
        else:
            code = refusal.data.get("code", code)
            message = f"{message.format(param=param)} {problem.text}".rstrip()
    status = refusal.data.get("status", status)
    if refusal.cause is not Cause.NOT_FOUND:
        message += f" Request id: {call.request_id}"
    kind = _TYPES.get(status, "BadRequest")
    headers: tuple[tuple[str, str], ...] = ()
    if refusal.cause is Cause.RATE:
        headers = (("retry-after", str(refusal.data.get("retry_after_s", 1))),)
    body = {"error": {"code": code, "message": message, "param": param, "type": kind}}
    return Reply(status, body, headers)
