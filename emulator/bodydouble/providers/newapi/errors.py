"""Refusals on the stock wire: gate errors, task errors and those of the content proxy.

A refusal's data may name its ``envelope`` and ``code``; else the table does. Source: C.5, C.5.1,
C.5.3 of the fact sheet (era C, English); where new-api itself never refuses so (rate, queue,
idempotency, cancel), the row is assumed.
"""

from __future__ import annotations

from typing import Any

from bodydouble.core.errors import Cause, FieldProblem, Flaw, Refusal, Refused, every_cause
from bodydouble.core.wire import Call, Reply
from bodydouble.providers.newapi.conventions import amount_text

NO_MODEL = "Model name not specified, model name cannot be empty"
NOT_JSON = "Invalid request: Invalid request: invalid JSON request body"
TOO_LARGE = "Invalid request: Invalid request: request body exceeds 128 MB: request body too large"
JSON_UTF8 = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"
PANIC = (
    "Panic detected, error: runtime error: invalid memory address or nil pointer dereference. "
    "Please submit a issue here: https://github.com/Calcium-Ion/new-api"
)
BUSY = "当前分组上游负载已饱和，请稍后再试"
_TOKEN = (401, "gate", "", "Invalid token")

_ERRORS: dict[Cause, tuple[int, str, str, str]] = every_cause(
    {
        # One text for every way in which a key can be bad.
        Cause.NO_KEY: _TOKEN,
        Cause.SCOPE: (403, "gate", "access_denied", "This token has no access to this route"),
        # The stock router answers a wrong method as it answers an unknown path.
        Cause.NO_ROUTE: (404, "route", "", ""),
        Cause.BAD_BODY: (400, "gate", "", NOT_JSON),
        # A body that is neither JSON nor a form is not read, so the model is what is missing.
        Cause.CONTENT_TYPE: (400, "gate", "", NO_MODEL),
        Cause.TOO_LARGE: (413, "gate", "", "request body too large"),
        Cause.INVALID: (400, "task", "invalid_request", "invalid request"),
        Cause.UNKNOWN_MODEL: (503, "gate", "model_not_found", ""),
        Cause.NOT_FOUND: (400, "task", "task_not_exist", "task_not_exist"),
        Cause.NOT_READY: (400, "proxy", "", "Task is not completed yet"),
        Cause.FUNDS: (403, "task", "insufficient_user_quota", ""),
        Cause.SPENDING_LIMIT: (403, "task", "pre_consume_token_quota_failed", ""),
        Cause.RATE: (429, "task", "fail_to_fetch_task", BUSY),
        Cause.MODERATED: (400, "task", "task_failed", "the prompt violates the content policy"),
        Cause.UNAVAILABLE: (503, "task", "fail_to_fetch_task", "upstream is not available"),
        # What breaks is nearly always the upstream, whose answer is passed on.
        Cause.INTERNAL: (500, "task", "fail_to_fetch_task", "upstream error"),
    }
)


# What the program's own router adds where it knows no such path.
_VERSION = ("cache-version", "5f" * 32)
_NOWHERE = (("cache-control", "max-age=604800"), _VERSION)
# Below these its router knows what is missing; anywhere else it serves its dashboard's page.
_OWN = ("/v1", "/api", "/assets")
PAGE = Reply(
    200,
    b"<!doctype html><title>New API</title><p>The dashboard is not part of this.</p>",
    (("cache-control", "no-cache"), _VERSION),
    HTML,
)
_CHINESE = {"Invalid token": "无效的令牌", NO_MODEL: "未指定模型名称，模型名称不能为空"}
# Of these the text is a reason of ours, for the console; the program's own words are in `said`.
_OURS = (
    *(Cause.BAD_BODY, Cause.CONTENT_TYPE, Cause.TOO_LARGE),
    *(Cause.UNAVAILABLE, Cause.INTERNAL),
)
# One limiter for log-ins and the key's own usage: so many requests in so many seconds.
CRITICAL, CRITICAL_S = 20, 1200
TOKEN_USAGE_PATH = "/api/usage/token/"
_KEY_WORDS = {
    Cause.NO_KEY: "Token not provided",
    Cause.REVOKED_KEY: "This token status is unavailable",
}
_KEY_CAUSES = (
    *(Cause.NO_KEY, Cause.MALFORMED_KEY, Cause.UNKNOWN_KEY),
    *(Cause.REVOKED_KEY, Cause.EXPIRED_KEY),
)


def refuse(refusal: Refusal, call: Call) -> Reply:
    """The reply to ``refusal`` on the stock wire."""
    reply = relayed(refusal, call)
    cause, body, headers = refusal.cause, reply.body, reply.headers
    if call.path == TOKEN_USAGE_PATH and cause is Cause.RATE:
        return Reply(429, None, (("retry-after", str(CRITICAL_S)),))
    if call.path == TOKEN_USAGE_PATH and cause in _KEY_CAUSES:
        told = _KEY_WORDS.get(cause, "Invalid token")
        body = {"message": told, "success": False}
    elif cause is Cause.TOO_LARGE:
        # Whatever is wrong with a body, the gate says 400.
        return Reply(400, enveloped("gate", "", TOO_LARGE, call), (), JSON_UTF8)
    elif cause in (Cause.NO_ROUTE, Cause.METHOD):
        if not call.path.startswith(_OWN):
            return PAGE
        headers = _NOWHERE
    return Reply(reply.status, body, headers, JSON_UTF8)


def relayed(refusal: Refusal, call: Call) -> Reply:
    """The same for a vendor whose program is thought to be a descendant: what is the program's own
    router's and limiter's is left out.
    """
    status, envelope, code, text = _ERRORS[refusal.cause]
    data = refusal.data
    status = data.get("status", status)
    envelope = data.get("envelope", envelope)
    code = data.get("code", code)
    if refusal.cause in _OURS:
        text = data.get("said", text)
    else:
        text = _text(refusal, call) or refusal.text or text
    return Reply(status, enveloped(envelope, code, text, call))


def enveloped(envelope: str, code: str, text: str, call: Call) -> dict[str, Any]:
    """``text`` in one of the envelopes; keys in the order they are sent."""
    if envelope == "gate":
        if (call.header(b"accept-language") or "").lower().startswith("zh"):
            text = _CHINESE.get(text, text)
        message = f"{text} (request id: {call.request_id})"
        return {"error": {"code": code, "message": message, "type": "new_api_error"}}
    if envelope == "proxy":
        return {"error": {"message": text, "type": "invalid_request_error"}}
    if envelope == "route":
        message = f"Invalid URL ({call.method} {call.path[:1000]})"
        kind = "invalid_request_error"
        return {"error": {"message": message, "type": kind, "param": "", "code": ""}}
    if envelope == "panic":
        return {"error": {"message": text, "type": "new_api_panic"}}
    return {"code": code, "message": text, "data": None}


def _text(refusal: Refusal, call: Call) -> str:
    data = refusal.data
    if refusal.cause is Cause.UNKNOWN_MODEL:
        model = str(data.get("model", ""))[:200]
        return f"No available channel for model {model} under group default (distributor)"
    if refusal.cause is Cause.FUNDS:
        if data["balance"] <= 0:
            return f"用户额度不足, 剩余额度: {amount_text(data['balance'])}"
        left, needed = amount_text(data["balance"]), amount_text(data["required"])
        return f"预扣费额度失败, 用户剩余额度: {left}, 需要预扣费额度: {needed}"
    if refusal.cause is Cause.SPENDING_LIMIT:
        left, needed = amount_text(data["balance"]), amount_text(data["required"])
        return f"token quota is not enough, token remain quota: {left}, need quota: {needed}"
    return ""


def no_model(given: Any) -> Refused:
    """The gate's refusal of a request without a usable model name; to be raised."""
    text, flaw = NO_MODEL, Flaw.MISSING
    if given is not None and not isinstance(given, str):
        text, flaw = "Invalid request: Invalid request: field model must be a string", Flaw.TYPE
    problem = FieldProblem("model", flaw, given, text=text)
    return Refused(Cause.INVALID, text, fields=(problem,), envelope="gate", code="")


def bad_field(
    problem: FieldProblem, code: str = "invalid_request", *, status: int = 400
) -> Refused:
    """A task error about one field; to be raised. ``problem.text`` is what the client reads."""
    return Refused(Cause.INVALID, problem.text, fields=(problem,), code=code, status=status)
