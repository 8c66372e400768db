"""Leonardo's refusals: one flat body of three keys, as its engine and its backend word them.

Never more than ``error``, ``path`` and ``code``. Statuses are 400 unless a page or a capture says
otherwise. Source: docs.leonardo.ai/docs/api-error-messages (2026-01-28), fact sheet section 9.
"""

from __future__ import annotations

from bodydouble.core.errors import Cause, Refusal, Refused, every_cause
from bodydouble.core.wire import Call, Reply

JSON = "application/json; charset=utf-8"
# An answer need not carry back megabytes of what was wrong.
_ECHO_MAX = 200

_ERRORS: dict[Cause, tuple[int, str, str]] = every_cause(
    {
        Cause.NO_KEY: (401, "access-denied", "Authentication hook unauthorized this request"),
        Cause.MALFORMED_KEY: (500, "unexpected", "Invalid response from authorization hook"),
        Cause.NO_ROUTE: (404, "not-found", "Endpoint not found"),
        Cause.METHOD: (405, "method-not-allowed", "Allowed methods: "),
        Cause.BAD_BODY: (400, "invalid-json", "the request could not be read"),
        Cause.CONTENT_TYPE: (400, "unexpected", "unsupported content type"),
        Cause.TOO_LARGE: (413, "unexpected", "request entity too large"),
        Cause.INVALID: (400, "unexpected", "invalid input"),
        Cause.UNKNOWN_MODEL: (400, "validation-failed", "unknown model"),
        Cause.NOT_FOUND: (404, "not-found", "not found"),
        Cause.FUNDS: (400, "unexpected", "not enough api tokens userId: "),
        Cause.RATE: (429, "unexpected", "Too many requests, the rate limit is exceeded"),
        Cause.QUEUE_FULL: (429, "unexpected", "Too many pending jobs, the queue is full"),
        Cause.MODERATED: (403, "unexpected", "content moderation filter: "),
        Cause.UNAVAILABLE: (503, "unexpected", "Service Error"),
        Cause.INTERNAL: (500, "unexpected", "Service Error"),
    }
)
# Refusals whose text is the vendor's beginning and our data.
_ENDINGS = {Cause.FUNDS: "user", Cause.SPENDING_LIMIT: "user", Cause.MODERATED: "word"}


def invalid(error: str, *, code: str = "unexpected", path: str = "$") -> Refused:
    """The refusal (400) that says exactly ``error``."""
    return Refused(Cause.INVALID, error, code=code, path=path)


def unsupported(model: str) -> Refused:
    """The refusal of a model that is not served, or not any more."""
    told = "is not supported within the Production API. Please try again with a different model ID."
    return invalid(f"{model} {told}")


def shown(value: str) -> str:
    """A client's own text as far as an error repeats it."""
    return value[:_ECHO_MAX]


def refuse(refusal: Refusal, call: Call) -> Reply:
    """Leonardo's reply to ``refusal``."""
    status, code, error = _ERRORS[refusal.cause]
    data = refusal.data
    if refusal.cause is Cause.METHOD:
        error += ", ".join(data.get("allowed", ()))
    elif refusal.cause in _ENDINGS:
        error += str(data.get(_ENDINGS[refusal.cause], "unnamed"))
    elif refusal.cause is Cause.INVALID and refusal.text:
        error = refusal.text
    if refusal.cause is Cause.MODERATED:
        status = int(call.quirk("leonardo.prompt_block_status") or status)
    headers: tuple[tuple[str, str], ...] = ()
    if status == 429 and call.quirk("leonardo.retry_after"):
        headers = (("retry-after", str(data.get("retry_after_s", 1))),)
    path = "$"
    if refusal.cause is Cause.INVALID:
        path, code = data.get("path", path), data.get("code", code)
    return Reply(status, {"error": error, "path": path, "code": code}, headers, JSON)
