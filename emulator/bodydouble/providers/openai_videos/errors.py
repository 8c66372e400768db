"""OpenAI's refusals: one envelope with message, type, param and code; and vLLM-Omni's.

Source: the guide on error codes (statuses, types, codes), recorded replies of this API (its words
for parameters, `sentinel_block`, the size of a first frame) and of its others; vllm's own handlers
of exceptions for the other wire. What is merely assumed stands in `standing.yaml`.
"""

from __future__ import annotations

from typing import Any

from bodydouble.core.details import Detail, detail_of
from bodydouble.core.errors import Cause, FieldProblem, Flaw, Refusal, Refused, every_cause
from bodydouble.core.jobs import Job
from bodydouble.core.reasons import Reason
from bodydouble.core.wire import Call, Reply
from bodydouble.providers.openai_videos.facts import is_vllm

BAD = "invalid_request_error"
_QUOTA = (
    "You exceeded your current quota, please check your plan and billing details. For more "
    "information on this error, read the docs: "
    "https://platform.openai.com/docs/guides/error-codes/api-errors."
)
_NO_KEY = (
    "You didn't provide an API key. You need to provide your API key in an Authorization header "
    "using Bearer auth (i.e. Authorization: Bearer YOUR_KEY)."
)
_BROKEN = "The server had an error while processing your request. Sorry about that!"
_BUSY = "The server is currently overloaded with other requests. Sorry about that!"
# status, type, code, message
_ERRORS: dict[Cause, tuple[int, str, str | None, str]] = every_cause(
    {
        Cause.NO_KEY: (401, BAD, None, _NO_KEY),
        Cause.UNKNOWN_KEY: (401, BAD, "invalid_api_key", "Incorrect API key provided."),
        Cause.MALFORMED_KEY: (401, BAD, "invalid_api_key", "Incorrect API key provided."),
        Cause.SCOPE: (
            403,
            BAD,
            "missing_scope",
            "You have insufficient permissions for this operation.",
        ),
        Cause.NO_ROUTE: (404, BAD, None, "Invalid URL"),
        Cause.METHOD: (405, BAD, "method_not_supported", "Invalid method for URL"),
        Cause.BAD_BODY: (400, BAD, None, "We could not parse the body of your request."),
        Cause.CONTENT_TYPE: (
            400,
            BAD,
            "unsupported_content_type",
            "Unsupported content type. This API takes application/json or multipart/form-data.",
        ),
        Cause.TOO_LARGE: (413, BAD, None, "The request body is too large."),
        Cause.INVALID: (400, BAD, None, "The request is not valid."),
        Cause.NOT_FOUND: (404, BAD, None, "Not found."),
        Cause.NOT_READY: (404, BAD, None, "The video is not ready yet."),
        Cause.ALREADY_FINAL: (400, BAD, None, "The video has ended already."),
        Cause.FUNDS: (429, "insufficient_quota", "insufficient_quota", _QUOTA),
        Cause.RATE: (429, "requests", "rate_limit_exceeded", "Rate limit reached."),
        Cause.QUEUE_FULL: (429, "requests", "rate_limit_exceeded", "Too many videos at once."),
        Cause.MODERATED: (400, BAD, "sentinel_block", "The request was blocked."),
        Cause.UNAVAILABLE: (503, "service_unavailable_error", None, _BUSY),
        Cause.INTERNAL: (500, "server_error", None, _BROKEN),
    }
)
_BLOCKED = "Your request was blocked by our moderation system."
_SENTINEL = (
    "Hmmm something didn't look right with your request. Please try again later or visit "
    "https://help.openai.com if this issue persists."
)
DETAILS = (
    Detail(Cause.MODERATED, "sentinel", "sentinel_block", "refused before anything is made"),
    Detail(Cause.MODERATED, "moderation", "moderation_blocked", "refused by the moderation system"),
    Detail(Reason.MODERATED, "moderation", "moderation_blocked", "blocked while it was made"),
    Detail(Reason.PROVIDER_ERROR, "processing", "processing_error", "something broke"),
    Detail(Reason.TIMEOUT, "timeout", "generation_timeout", "it took too long"),
    Detail(Reason.BAD_INPUT, "input", "invalid_input", "what was given could not be used"),
)
_SAID = {
    "sentinel_block": _SENTINEL,
    "moderation_blocked": _BLOCKED,
    "processing_error": "We're under heavy load, please try again later.",
    "generation_timeout": "Generating the video took too long.",
    "invalid_input": "The reference could not be used.",
}
_LIMIT = {
    "type": "billing_limit_user_error",
    "code": "billing_hard_limit_reached",
    "message": "Billing hard limit has been reached.",
}
_PHRASES = {400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 405: "Method Not Allowed"}
_PHRASES |= {413: "Content Too Large", 429: "Too Many Requests", 500: "Internal Server Error"}
_PHRASES |= {403: "Forbidden", 503: "Service Unavailable"}


def failure(job: Job) -> dict[str, str]:
    """Why a job failed, as its ``error`` says it."""
    reason = job.reason or Reason.PROVIDER_ERROR
    found = detail_of(DETAILS, reason, job.detail) or detail_of(DETAILS, reason)
    assert found is not None, "every reason has a detail"
    return {"code": found.word, "message": _SAID[found.word]}


def bad(param: str | None, code: str | None, message: str, given: Any = None) -> Refused:
    """A refusal of one parameter; to be raised."""
    problem = FieldProblem(param or "", _FLAWS.get(code or "", Flaw.CONFLICT), given, text=message)
    return Refused(Cause.INVALID, message, fields=(problem,), param=param, code=code)


_FLAWS = {
    "missing_required_parameter": Flaw.MISSING,
    "unknown_parameter": Flaw.UNKNOWN,
    "invalid_type": Flaw.TYPE,
    "invalid_value": Flaw.CHOICE,
    "empty_string": Flaw.LENGTH,
    "string_above_max_length": Flaw.LENGTH,
    "array_above_max_length": Flaw.LENGTH,
}


def refuse(refusal: Refusal, call: Call) -> Reply:
    """The reply that says ``refusal``, in the words of the wire that is spoken."""
    status, kind, code, message = _ERRORS[refusal.cause]
    data = refusal.data
    status = data.get("status", status)
    message = _message(refusal, call) or message
    if refusal.cause is Cause.MODERATED:
        found = detail_of(DETAILS, Cause.MODERATED, refusal.detail)
        code = found.word if found is not None else code
        message = _SAID[code or ""]
    if is_vllm(call):
        told = _PHRASES.get(status, "Error")
        error: dict[str, Any] = {"message": message, "type": told, "param": data.get("param")}
        return Reply(status, {"error": {**error, "code": status}}, _later(status, data))
    error = {"message": message, "type": kind, "param": data.get("param")}
    error["code"] = data.get("code", code)
    limited = call.quirk("openai-videos.no_money") == "billing_hard_limit_reached"
    if refusal.cause in (Cause.FUNDS, Cause.SPENDING_LIMIT) and limited:
        return Reply(400, {"error": {**error, **_LIMIT}})
    return Reply(status, {"error": error}, _later(status, data))


def _later(status: int, data: Any) -> tuple[tuple[str, str], ...]:
    if status != 429 or "retry_after_s" not in data:
        return ()
    seconds = data["retry_after_s"]
    return (("retry-after", str(seconds)), ("retry-after-ms", str(seconds * 1000)))


def _message(refusal: Refusal, call: Call) -> str:
    """What a cause says that depends on the request."""
    cause, data = refusal.cause, refusal.data
    if cause is Cause.NO_ROUTE:
        return f"Invalid URL ({call.method} {call.path[:1000]})"
    if cause is Cause.METHOD:
        return f"Invalid method for URL ({call.method} {call.path[:1000]})"
    if cause in (Cause.MALFORMED_KEY, Cause.UNKNOWN_KEY, Cause.REVOKED_KEY, Cause.EXPIRED_KEY):
        shown = str(data.get("key", ""))[:40]
        where = "You can find your API key at https://platform.openai.com/account/api-keys."
        return f"Incorrect API key provided: {shown}. {where}"
    if cause is Cause.RATE and "limit" in data:
        wait = data.get("retry_after_s", 1)
        limit = f"Limit {data['limit']}, Used {data['limit']}, Requested 1."
        head = "Rate limit reached on requests per min (RPM):"
        return f"{head} {limit} Please try again in {wait}s."
    if cause is Cause.NOT_FOUND and not refusal.text:
        return f"Video with id '{str(data.get('id', ''))[:200]}' not found."
    if cause in (Cause.INVALID, Cause.NOT_FOUND, Cause.NOT_READY, Cause.ALREADY_FINAL):
        problem = refusal.fields[0] if refusal.fields else None
        return refusal.text or (problem.text if problem else "")
    return ""
