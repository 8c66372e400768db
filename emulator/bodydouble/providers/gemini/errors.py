"""Gemini's refusals, in two envelopes: google.rpc's, and that of interactions and webhooks.

Source: recorded replies (keys, quota, prepaid credit, files, unknown models, parameters of Veo;
`invalid_request` and `too_many_requests` of interactions) and google-genai 3.6.1. Keys are refused
before either API is reached, in google.rpc's envelope. What is assumed stands in `standing.yaml`.
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
_DEPLETED = (
    "Your prepayment credits are depleted. Please go to AI Studio at https://ai.studio/projects to "
    "manage your project and billing."
)
_QUOTA = "You do not have enough quota to make this request."
_EXCEEDED = (
    "You exceeded your current quota, please check your plan and billing details. For more "
    "information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits. "
)
_SENSITIVE = (
    "The prompt could not be submitted. This prompt contains sensitive words that violate Google's "
    "Responsible AI practices. Try rephrasing the prompt."
)
_BUSY = "The model is overloaded. Please try again later."
_BROKEN = "Internal error encountered."
_UNREAD = "Invalid JSON payload received."
_ABSENT = "Requested entity was not found."
# cause: status, google.rpc's word, the word of interactions, message
_ERRORS: dict[Cause, tuple[int, str, str, str]] = every_cause(
    {
        Cause.NO_KEY: (403, "PERMISSION_DENIED", "permission_denied", _NO_CALLER),
        Cause.MALFORMED_KEY: (400, "INVALID_ARGUMENT", "invalid_request", _BAD_KEY),
        Cause.UNKNOWN_KEY: (400, "INVALID_ARGUMENT", "invalid_request", _BAD_KEY),
        Cause.EXPIRED_KEY: (
            400,
            "INVALID_ARGUMENT",
            "invalid_request",
            "API key expired. Please renew the API key.",
        ),
        Cause.SCOPE: (
            403,
            "PERMISSION_DENIED",
            "permission_denied",
            "The caller does not have permission",
        ),
        Cause.NO_ROUTE: (404, "NOT_FOUND", "not_found", "The requested URL was not found."),
        Cause.BAD_BODY: (400, "INVALID_ARGUMENT", "invalid_request", _UNREAD),
        Cause.TOO_LARGE: (
            400,
            "INVALID_ARGUMENT",
            "invalid_request",
            "Request payload size exceeds the limit.",
        ),
        Cause.INVALID: (
            400,
            "INVALID_ARGUMENT",
            "invalid_request",
            "Request contains an invalid argument.",
        ),
        Cause.UNKNOWN_MODEL: (404, "NOT_FOUND", "not_found", "Model not found."),
        Cause.NOT_FOUND: (404, "NOT_FOUND", "not_found", _ABSENT),
        Cause.ALREADY_FINAL: (
            400,
            "FAILED_PRECONDITION",
            "invalid_request",
            "Only interactions that run in the background and are not over can be cancelled.",
        ),
        Cause.FUNDS: (429, "RESOURCE_EXHAUSTED", "too_many_requests", _DEPLETED),
        Cause.RATE: (429, "RESOURCE_EXHAUSTED", "too_many_requests", _QUOTA),
        Cause.MODERATED: (400, "INVALID_ARGUMENT", "invalid_request", _SENSITIVE),
        Cause.UNAVAILABLE: (503, "UNAVAILABLE", "service_unavailable", _BUSY),
        Cause.INTERNAL: (500, "INTERNAL", "internal_error", _BROKEN),
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
# What asks for words or pictures that are not allowed ends well, with words and without a film.
DETAILS = (
    Detail(
        Reason.MODERATED,
        "policy",
        "The prompt or the result violates Google's Responsible AI policies. Please rephrase it "
        "and try again.",
        "what was asked for, or came out, is not allowed",
        "completed",
    ),
    Detail(
        Reason.MODERATED,
        "likeness",
        "Sorry, we can't create videos with real people's names or likenesses. Please remove the "
        "celebrity reference and try again.",
        "somebody who is known was asked for",
        "completed",
    ),
    Detail(
        Reason.MODERATED,
        "audio",
        "We encountered an issue with the audio for your prompt and were unable to generate your "
        "video. You have not been charged for this attempt.",
        "the sound that came out is not allowed",
        "completed",
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
# google.rpc.Code, by reason; and what interactions call it.
_CODES = {Reason.TIMEOUT: (4, "deadline_exceeded"), Reason.BAD_INPUT: (3, "invalid_request")}


def failure(job: Job) -> tuple[int, str, str]:
    """Why a job failed: google.rpc's code, the word of interactions, the message."""
    reason = job.reason or Reason.PROVIDER_ERROR
    found = detail_of(DETAILS, reason, job.detail) or detail_of(DETAILS, reason)
    assert found is not None, "every reason has a detail"
    code, word = _CODES.get(reason, (13, "internal_error"))
    return (
        (14, "service_unavailable", found.word)
        if found.name == "overloaded"
        else (
            code,
            word,
            found.word,
        )
    )


def bad(path: str, flaw: Flaw, text: str, given: Any = None) -> Refused:
    """A refusal of one member of a request; to be raised."""
    return Refused(Cause.INVALID, text, fields=(FieldProblem(path, flaw, given, text=text),))


def is_plain(call: Call) -> bool:
    """Whether a request is to interactions or webhooks, whose errors are not google.rpc's."""
    return "/interactions" in call.path or "/webhooks" in call.path


def refuse(refusal: Refusal, call: Call) -> Reply:
    """The reply that says ``refusal``, in the envelope of the API that was asked."""
    cause, data = refusal.cause, refusal.data
    status, name, word, message = _ERRORS[cause]
    message = _message(refusal, call) or message
    if cause is Cause.NOT_FOUND and "file" in data:
        status, name = 403, "PERMISSION_DENIED"
    if is_plain(call) and cause not in _KEYS:
        return Reply(status, {"error": {"message": message, "code": word}})
    error: dict[str, Any] = {"code": status, "message": message, "status": name}
    details = _details(refusal)
    if details:
        error["details"] = details
    body: Any = {"error": error}
    if is_plain(call) and status == 400 and call.quirk("gemini.key_error") == "list":
        body = [body]
    return Reply(status, body)


def _message(refusal: Refusal, call: Call) -> str:
    """What a cause says that depends on the request."""
    cause, data = refusal.cause, refusal.data
    if cause is Cause.NOT_FOUND and "file" in data:
        file = str(data["file"])[:200]
        return f"You do not have permission to access the File {file} or it may not exist."
    if cause is Cause.UNKNOWN_MODEL:
        model = str(data.get("model", ""))[:200]
        if is_plain(call):
            return f"Model '{model}' was not found or is not supported by this API."
        method, version = data.get("method", "getModel"), version_of(call)
        return (
            f"models/{model} is not found for API version {version}, or is not supported for "
            f"{method}. Call ListModels to see the list of available models and their supported "
            "methods."
        )
    if cause is Cause.RATE and not is_plain(call):
        limit, wait = data.get("limit", 0), data.get("retry_after_s", 1)
        return (
            f"{_EXCEEDED}\n* Quota exceeded for metric: {SERVICE}/generate_requests_per_model, "
            f"limit: {limit}\nPlease retry in {wait}s."
        )
    if cause is Cause.INVALID:
        problem = refusal.fields[0] if refusal.fields else None
        return refusal.text or (problem.text if problem else "")
    return refusal.text if cause in (Cause.NOT_FOUND, Cause.ALREADY_FINAL) else ""


def version_of(call: Call) -> str:
    """The version of the API that was asked: ``v1`` or ``v1beta``."""
    return "v1" if "/v1/" in call.path[:12] else "v1beta"


def _details(refusal: Refusal) -> list[dict[str, Any]]:
    if refusal.cause in _KEYS and refusal.cause is not Cause.NO_KEY:
        info = {"reason": "API_KEY_INVALID", "domain": "googleapis.com"}
        return [{"@type": f"{_TYPES}ErrorInfo", **info, "metadata": {"service": SERVICE}}]
    if refusal.cause is Cause.RATE and "retry_after_s" in refusal.data:
        delay = f"{refusal.data['retry_after_s']}s"
        return [{"@type": f"{_TYPES}RetryInfo", "retryDelay": delay}]
    if refusal.cause is Cause.INVALID and refusal.fields and refusal.fields[0].flaw is Flaw.UNKNOWN:
        one = refusal.fields[0]
        violation = {"field": one.path.rpartition(".")[0], "description": one.text}
        return [{"@type": f"{_TYPES}BadRequest", "fieldViolations": [violation]}]
    return []
