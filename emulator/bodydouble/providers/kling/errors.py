"""Kling's refusals: an envelope with a code of its own, whose table says the status, too.

Source: get-started/error-codes; the texts of 1001, 1102, 1303 and of the newer API's 1002 as they
were seen, the others are the table's explanations (assumption).
"""

from __future__ import annotations

from typing import Any

from bodydouble.core.details import Detail, detail_of
from bodydouble.core.errors import Cause, FieldProblem, Flaw, Refusal, every_cause
from bodydouble.core.wire import Call, Reply

GIVEN_CHARS_MAX = 200
PLAIN = ("/v1/", "/account/")
_KEYS_ONLY = (
    "Authentication error. The current API does not support AK/SK; please go to the console "
    "(https://kling.ai/dev/api-key) to create API key."
)
Words = tuple[int, int, str]
_WORDS: dict[Cause, Words] = every_cause(
    {
        Cause.NO_KEY: (401, 1001, "Authorization is empty"),
        Cause.MALFORMED_KEY: (401, 1002, "Authorization is invalid"),
        Cause.UNKNOWN_KEY: (401, 1002, "Authorization is invalid"),
        Cause.EXPIRED_KEY: (401, 1004, "Authorization has expired"),
        Cause.SCOPE: (403, 1103, "Unauthorized access to requested resource"),
        Cause.NO_ROUTE: (404, 1203, "The requested resource does not exist"),
        Cause.METHOD: (404, 1202, "The requested method is invalid"),
        Cause.BAD_BODY: (400, 1200, "Invalid request parameters"),
        Cause.TOO_LARGE: (413, 1200, "Invalid request parameters"),
        Cause.INVALID: (400, 1201, "Invalid parameters"),
        Cause.UNKNOWN_MODEL: (404, 1203, "model_name value '{model}' is invalid"),
        Cause.NOT_FOUND: (400, 1201, "Task not found by id/external id: {id}"),
        Cause.FUNDS: (429, 1102, "Account balance not enough"),
        Cause.RATE: (429, 1302, "The API request is too fast"),
        Cause.QUEUE_FULL: (429, 1303, "parallel task over resource pack limit"),
        Cause.MODERATED: (400, 1301, "Failure to pass the risk control system"),
        Cause.UNAVAILABLE: (503, 5001, "Server temporarily unavailable"),
        Cause.INTERNAL: (500, 5000, "Server internal error"),
    }
)
_UNPROVEN: Words = (401, 1000, "Authentication failed")
_EARLY: Words = (401, 1003, "Authorization is not yet valid")
# What the table tells apart where there is one cause.
DETAILS = (
    Detail(Cause.MODERATED, "content", "1301", "the content security policy forbids it"),
    Detail(Cause.MODERATED, "platform", "1300", "a policy of the platform forbids it"),
    Detail(Cause.FUNDS, "pack", "1102", "the resource pack is used up or its time is over"),
    Detail(Cause.FUNDS, "arrears", "1101", "an account that pays afterwards owes"),
    Detail(Cause.FUNDS, "account", "1100", "something is wrong with the account"),
    Detail(Cause.RATE, "rate", "1302", "requests come too fast"),
    Detail(Cause.RATE, "address", "1304", "the list of allowed addresses forbids it"),
    Detail(Cause.UNAVAILABLE, "maintenance", "5001", "the service is down for a while"),
    Detail(Cause.UNAVAILABLE, "timeout", "5002", "the service took too long"),
)
_DETAILED: dict[str, Words] = {
    "1300": (400, 1300, "Trigger strategy of the platform"),
    "1101": (429, 1101, "Account in arrears"),
    "1100": (429, 1100, "Account exception"),
    "1304": (429, 1304, "Trigger the platform's IP whitelisting policy"),
    "5002": (504, 5002, "Server internal timeout"),
}


def refuse(refusal: Refusal, call: Call) -> Reply:
    """The reply that says ``refusal`` in Kling's envelope; a refusal has no data."""
    status, code, message = _words(refusal, call)
    return Reply(status, {"code": code, "message": message, "request_id": call.request_id})


def _words(refusal: Refusal, call: Call) -> Words:
    cause, data = refusal.cause, refusal.data
    detail = detail_of(DETAILS, cause, refusal.detail) if refusal.detail else None
    if detail is not None and detail.word in _DETAILED:
        return _DETAILED[detail.word]
    status, code, message = _WORDS[cause]
    if cause is Cause.UNKNOWN_KEY and data.get("unproven"):
        return _UNPROVEN
    if cause is Cause.EXPIRED_KEY and data.get("early"):
        return _EARLY
    if code == 1002 and not call.path.startswith(PLAIN):
        return status, code, _KEYS_ONLY
    if cause is Cause.NOT_FOUND:
        found = 404, 1203, message
        status, code, message = (
            found if call.quirk("kling.unknown_task") == "1203" else _WORDS[cause]
        )
        return status, code, message.format(id=_cut(data.get("id")))
    if cause is Cause.UNKNOWN_MODEL:
        if call.quirk("kling.unknown_model") == "1201":
            status, code = 400, 1201
        return status, code, message.format(model=_cut(data.get("model")))
    if cause is Cause.INVALID and refusal.fields:
        return status, code, worded(refusal.fields[0])
    return status, code, message


def worded(problem: FieldProblem) -> str:
    """What is wrong with one member, in the words that the vendor was seen to use."""
    if problem.text:
        return problem.text
    if problem.flaw is Flaw.MISSING:
        return f"{problem.path} can not be null"
    return f"{problem.path} value '{_cut(problem.given)}' is invalid"


def _cut(value: Any) -> str:
    text = value if isinstance(value, str) else "" if value is None else repr(value)
    return text[:GIVEN_CHARS_MAX].encode("utf-8", "replace").decode()
