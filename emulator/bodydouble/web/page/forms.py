"""The buttons: each form is one verb of the control plane, and leads back to what it changed.

A field that was left empty is not sent; what is wrong with the others the control plane says.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from math import isfinite
from typing import Any

from bodydouble.web.control.wire.problems import Problem, Wrong, invalid
from bodydouble.web.page.asking import Verbs, at

_DIGITS_MAX = 18  # more would be no number that JSON can carry

Fields = dict[str, str]
Form = Callable[[Verbs, str, Fields], Awaitable[str]]


async def pressed(verbs: Verbs, sandbox: str, name: str, fields: Fields) -> str:
    """Does what the button says; gives the page to read next, below the sandbox. Problem."""
    form = FORMS.get(name)
    if form is None:
        raise Problem(404, f"there is no button {name!r}")
    after = await form(verbs, sandbox, fields)
    return fields.get("back", after)


async def _job(verbs: Verbs, id: str, fields: Fields) -> str:
    verb = fields.get("verb", "")
    body: dict[str, Any] = {verb: True} if verb != "fail" else {"fail": fields.get("reason", "")}
    await verbs.ask("PATCH", at(id, "jobs", _needed(fields, "job")), body)
    return "jobs"


async def _clock(verbs: Verbs, id: str, fields: Fields) -> str:
    body: dict[str, Any] = {}
    for name in ("advance", "to", "until"):
        if name in fields:
            body[name] = fields[name]
    if "job" in fields:
        body["until"] = {"job": fields["job"]}
    if "rate" in fields:
        body["rate"] = _number(fields, "rate")
    await verbs.ask("PATCH", at(id, "clock"), body)
    return "time"


async def _scenario(verbs: Verbs, id: str, fields: Fields) -> str:
    await verbs.ask("PUT", at(id, "scenario"), {"name": fields.get("name", "")})
    return "direct"


async def _arm(verbs: Verbs, id: str, fields: Fields) -> str:
    names = ("point", "kind", "cause", "provider", "operation")
    body: dict[str, Any] = {name: fields[name] for name in names if name in fields}
    for name in ("status", "retry_after_s", "times"):
        if name in fields:
            body[name] = _number(fields, name, whole=True)
    for name in ("hold_s", "probability"):
        if name in fields:
            body[name] = _number(fields, name)
    match = {name: fields[name] for name in ("model", "prompt") if name in fields}
    if match:
        body["match"] = match
    if "ms" in fields:
        body["latency"] = {"ms": _number(fields, "ms")}
    await verbs.ask("POST", at(id, "faults"), body)
    return "direct"


async def _disarm(verbs: Verbs, id: str, fields: Fields) -> str:
    which = ("faults", fields["fault"]) if "fault" in fields else ("faults",)
    await verbs.ask("DELETE", at(id, *which))
    return "direct"


async def _money(verbs: Verbs, id: str, fields: Fields) -> str:
    account, amount = _needed(fields, "account"), {"amount": fields.get("amount", "")}
    if fields.get("how") == "set":
        await verbs.ask("PUT", at(id, "accounts", account, "balance"), amount)
    else:
        await verbs.ask("POST", at(id, "accounts", account, "top-ups"), amount)
    return "wallet"


async def _retry(verbs: Verbs, id: str, fields: Fields) -> str:
    delivery = _needed(fields, "delivery")
    await verbs.ask("POST", at(id, "deliveries", delivery, "retry"))
    return f"webhooks?delivery={delivery}"


async def _save(verbs: Verbs, id: str, fields: Fields) -> str:
    await verbs.ask("POST", at(id, "snapshots"), {"name": fields.get("name", "")})
    return "snapshots"


async def _restore(verbs: Verbs, id: str, fields: Fields) -> str:
    await verbs.ask("PUT", at(id, "snapshots", _needed(fields, "snapshot"), "restore"))
    return "snapshots"


async def _forget(verbs: Verbs, id: str, fields: Fields) -> str:
    await verbs.ask("DELETE", at(id, "snapshots", _needed(fields, "snapshot")))
    return "snapshots"


async def new_key(verbs: Verbs, id: str, fields: Fields) -> Any:
    """A key with the rights that the form says; the answer tells its secret. Problem."""
    names = ("provider", "account", "balance", "spending_limit", "callback_url", "callback_secret")
    body: dict[str, Any] = {name: fields[name] for name in names if name in fields}
    if "scopes" in fields:
        body["scopes"] = [one for one in fields["scopes"].replace(",", " ").split() if one]
    if "rate_limit" in fields:
        body["rate_limit"] = _number(fields, "rate_limit", whole=True)
    for name in ("revoked", "expired"):
        if name in fields:
            body[name] = True
    return await verbs.ask("POST", at(id, "keys"), body)


async def fork(verbs: Verbs, id: str, fields: Fields) -> Any:
    """A fork; the answer tells its keys. Problem."""
    return await verbs.ask("POST", at(id, "forks"), {"label": fields.get("label", "")})


FORMS: dict[str, Form] = {
    "job": _job,
    "clock": _clock,
    "scenario": _scenario,
    "arm": _arm,
    "disarm": _disarm,
    "money": _money,
    "retry": _retry,
    "save": _save,
    "restore": _restore,
    "forget": _forget,
}


def _needed(fields: Fields, name: str) -> str:
    if name not in fields:
        raise invalid(Wrong(name, "is missing"))
    return fields[name]


def _number(fields: Fields, name: str, *, whole: bool = False) -> float:
    text = fields[name][:_DIGITS_MAX]
    try:
        number = int(text) if whole else float(text)
    except ValueError:
        raise invalid(Wrong(name, f"is a number, not {text!r}")) from None
    # JSON has no such number, so nobody else could judge it.
    if not isfinite(number):
        raise invalid(Wrong(name, f"is no number that ends: {text!r}"))
    return number
