"""Gemini's refusals, in two envelopes: that of interactions and webhooks, and google.rpc's.

Sources: ai.google.dev/gemini-api/docs/api-errors (2026-09-20) for the first,
…/generate-content/api-errors (2026-09-28) for the second, and recorded replies for the sentences.
What is assumed stands in `standing.yaml`.
"""

from __future__ import annotations

from typing import Any

from bodydouble.core.details import Detail, detail_of
from bodydouble.core.errors import Cause, FieldProblem, Flaw, Refusal, Refused, every_cause
from bodydouble.core.jobs import Job
from bodydouble.core.reasons import Reason
from bodydouble.core.wire import Call, Reply

SERVICE = "generativelanguage.googleapis.com"
_TYPES = "type.googleapis.com/google.rpc."
_NO_CALLER = (
    "Method doesn't allow unregistered callers (callers without established identity). Please use "
    "API Key or other form of API consumer identity to call this API."
)
_BAD_KEY = "API key not valid. Please pass a valid API key."
_OLD_KEY = "API key expired. Please renew the API key."
_DEPLETED = (
    "Your prepayment credits are depleted. Please go to AI Studio at https://ai.studio/projects to "
    "manage your project and billing."
)
_EXCEEDED = (
    "You exceeded your current quota, please check your plan and billing details. For more "
    "information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits."
)
_BLOCKED = "Input blocked: the prompt violates Google's policies. Please rephrase it."
_BUSY = "The model is overloaded. Please try again later."
_BROKEN = "Internal error encountered."
_OVER = "Only interactions that run in the background and are not over can be cancelled."
# cause: status and code of interactions; status and name of google.rpc; message
_ERRORS: dict[Cause, tuple[int, str, int, str, str]] = every_cause(
    {
        Cause.NO_KEY: (401, "authentication", 403, "PERMISSION_DENIED", _NO_CALLER),
        Cause.UNKNOWN_KEY: (401, "authentication", 400, "INVALID_ARGUMENT", _BAD_KEY),
        Cause.MALFORMED_KEY: (401, "authentication", 400, "INVALID_ARGUMENT", _BAD_KEY),
        Cause.EXPIRED_KEY: (401, "authentication", 400, "INVALID_ARGUMENT", _OLD_KEY),
        Cause.SCOPE: (
            403,
            "permission_denied",
            403,
            "PERMISSION_DENIED",
            "The caller does not have permission",
        ),
        Cause.NO_ROUTE: (404, "not_found", 404, "NOT_FOUND", "The requested URL was not found."),
        Cause.BAD_BODY: (
            400,
            "invalid_request",
            400,
            "INVALID_ARGUMENT",
            "Invalid JSON payload received.",
        ),
        Cause.TOO_LARGE: (
            400,
            "invalid_request",
            400,
            "INVALID_ARGUMENT",
            "Request payload size exceeds the limit.",
        ),
        Cause.INVALID: (
            400,
            "invalid_request",
            400,
            "INVALID_ARGUMENT",
            "Request contains an invalid argument.",
        ),
        Cause.UNKNOWN_MODEL: (404, "model_not_found", 404, "NOT_FOUND", "Model not found."),
        Cause.NOT_FOUND: (
            404,
            "not_found",
            404,
            "NOT_FOUND",
            "Requested entity was not found.",
        ),
        Cause.ALREADY_FINAL: (400, "failed_precondition", 400, "FAILED_PRECONDITION", _OVER),
        Cause.FUNDS: (402, "payment_required", 402, "RESOURCE_EXHAUSTED", _DEPLETED),
        Cause.RATE: (429, "rate_limit_exceeded", 429, "RESOURCE_EXHAUSTED", _EXCEEDED),
        Cause.MODERATED: (400, "prohibited_content", 400, "INVALID_ARGUMENT", _BLOCKED),
        Cause.UNAVAILABLE: (503, "service_unavailable", 503, "UNAVAILABLE", _BUSY),
        Cause.INTERNAL: (500, "api_error", 500, "INTERNAL", _BROKEN),
    }
)
_KEYS = frozenset(
    (
        Cause.NO_KEY,
        Cause.MALFORMED_KEY,
        Cause.UNKNOWN_KEY,
        Cause.REVOKED_KEY,
        Cause.EXPIRED_KEY,
    )
)
DETAILS = (
    Detail(
        Reason.MODERATED,
        "policy",
        "The prompt or the result violates Google's Responsible AI policies. Please rephrase it "
        "and try again.",
        "what was asked for, or came out, is not allowed",
    ),
    Detail(
        Reason.MODERATED,
        "likeness",
        "Sorry, we can't create videos with real people's names or likenesses. Please remove the "
        "celebrity reference and try again.",
        "somebody who is known was asked for",
    ),
    Detail(
        Reason.MODERATED,
        "audio",
        "We encountered an issue with the audio for your prompt and were unable to generate your "
        "video. You have not been charged for this attempt.",
        "the sound that came out is not allowed",
    ),
    Detail(Reason.PROVIDER_ERROR, "internal", _BROKEN, "something broke"),
    Detail(Reason.PROVIDER_ERROR, "overloaded", _BUSY, "there was no room"),
    Detail(
        Reason.TIMEOUT,
        "deadline",
        "Deadline expired before operation could complete.",
        "it took too long",
    ),
    Detail(
        Reason.BAD_INPUT,
        "input",
        "Unable to process input image. Please retry or report the issue.",
        "a picture could not be read",
    ),
)
# By detail: google.rpc.Code, and the code of interactions.
_CODES = {
    "policy": (3, "prohibited_content"),
    "likeness": (3, "prohibited_content"),
    "audio": (3, "safety"),
    "internal": (13, "api_error"),
    "overloaded": (14, "service_unavailable"),
    "deadline": (4, "deadline_exceeded"),
    "input": (3, "invalid_request"),
}


def failure(job: Job) -> tuple[int, str, str]:
    """Why a job failed: google.rpc's code, the code of interactions, the message."""
    reason = job.reason or Reason.PROVIDER_ERROR
    found = detail_of(DETAILS, reason, job.detail) or detail_of(DETAILS, reason)
    assert found is not None, "every reason has a detail"
    return (*_CODES[found.name], found.word)


def bad(path: str, flaw: Flaw, text: str, given: Any = None, code: str = "") -> Refused:
    """A refusal of one member of a request; to be raised. ``code`` is another than usual."""
    problem = FieldProblem(path, flaw, given, text=text)
    return Refused(Cause.INVALID, text, fields=(problem,), code=code)


def is_plain(call: Call) -> bool:
    """Whether a request is to interactions or webhooks, whose errors are not google.rpc's."""
    return "/interactions" in call.path or "/webhooks" in call.path


def version_of(call: Call) -> str:
    """The version of the API that was asked: ``v1`` or ``v1beta``."""
    return "v1" if "/v1/" in call.path[:12] else "v1beta"


def refuse(refusal: Refusal, call: Call) -> Reply:
    """The reply that says ``refusal``, in the envelope of the API that was asked."""
    cause, data = refusal.cause, refusal.data
    plain, code, status, name, message = _ERRORS[cause]
    message = _message(refusal, call) or message
    if "file" in data:
        plain, code, status, name = 403, "permission_denied", 403, "PERMISSION_DENIED"
    if cause is Cause.FUNDS or cause is Cause.SPENDING_LIMIT:
        plain = status = call.quirk("gemini.no_credit") or status
        code = code if plain == 402 else "too_many_requests"
    front = cause in _KEYS and call.quirk("gemini.key_error") == "front"
    if is_plain(call) and not front:
        return Reply(plain, {"error": {"code": data.get("code") or code, "message": message}})
    error: dict[str, Any] = {"code": status, "message": message, "status": name}
    details = _details(refusal)
    if details:
        error["details"] = details
    # As was recorded, of what the front answers in the place of interactions.
    listed = is_plain(call) and status == 400
    return Reply(status, [{"error": error}] if listed else {"error": error})


def _message(refusal: Refusal, call: Call) -> str:
    """What a cause says that depends on the request."""
    cause, data = refusal.cause, refusal.data
    if "file" in data:
        file = str(data["file"])[:200]
        return f"You do not have permission to access the File {file} or it may not exist."
    if cause is Cause.NO_KEY and is_plain(call) and call.quirk("gemini.key_error") != "front":
        return _BAD_KEY
    if cause is Cause.UNKNOWN_MODEL:
        model = str(data.get("model", ""))[:200]
        if is_plain(call):
            return f"Model '{model}' not found."
        method = data.get("method", "getModel")
        return (
            f"models/{model} is not found for API version {version_of(call)}, or is not supported "
            f"for {method}. Call ListModels to see the list of available models and their "
            "supported methods."
        )
    if cause is Cause.RATE:
        limit, wait = data.get("limit", 0), data.get("retry_after_s", 1)
        if is_plain(call):
            return f"You exceeded your current quota. Please retry in {wait}s."
        metric = f"{SERVICE}/generate_requests_per_model"
        return (
            f"{_EXCEEDED} \n* Quota exceeded for metric: {metric}, limit: {limit}\n"
            f"Please retry in {wait}s."
        )
    if cause is Cause.INVALID:
        problem = refusal.fields[0] if refusal.fields else None
        return refusal.text or (problem.text if problem else "")
    return refusal.text if cause is Cause.NOT_FOUND else ""


def _details(refusal: Refusal) -> list[dict[str, Any]]:
    if refusal.cause in _KEYS and refusal.cause is not Cause.NO_KEY:
        info = {"reason": "API_KEY_INVALID", "domain": "googleapis.com"}
        said = {"locale": "en-US", "message": _ERRORS[refusal.cause][4]}
        return [
            {"@type": f"{_TYPES}ErrorInfo", **info, "metadata": {"service": SERVICE}},
            {"@type": f"{_TYPES}LocalizedMessage", **said},
        ]
    if refusal.cause is Cause.RATE and "retry_after_s" in refusal.data:
        delay = f"{refusal.data['retry_after_s']}s"
        return [{"@type": f"{_TYPES}RetryInfo", "retryDelay": delay}]
    if refusal.cause is Cause.INVALID and refusal.fields and refusal.fields[0].flaw is Flaw.UNKNOWN:
        one = refusal.fields[0]
        violation = {"field": one.path.rpartition(".")[0], "description": one.text}
        return [{"@type": f"{_TYPES}BadRequest", "fieldViolations": [violation]}]
    return []
