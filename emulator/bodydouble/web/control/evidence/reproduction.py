"""From a request that was logged to one that happens again: as a pytest test, as a fault or rule.

A test sends the same bytes; what the answer came of beside them (a small wallet, a fault) is set up
first as far as the sandbox still knows it. Secrets are not in the log and are left to the fixture.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from bodydouble.core.errors import Cause
from bodydouble.core.evidence.decisions import is_injected
from bodydouble.core.evidence.request_log import BODY_KEPT_BYTES, Exchange
from bodydouble.core.jobs import Job
from bodydouble.core.lifecycle import Event
from bodydouble.core.money.ledger import Entry
from bodydouble.core.scenarios.directives import REFUSABLE
from bodydouble.sandbox.open_sandbox import OpenSandbox
from bodydouble.web.control.requests import found_exchange
from bodydouble.web.control.wire.access import Services, json_response, known_query, opened

_KEPT_HEADERS = frozenset((b"content-type", b"idempotency-key", b"accept"))
_CAUSES = {cause.value: cause for cause in Cause}


async def as_test(app: Services, request: Request) -> Response:
    """The request as a test for the ``bodydouble`` fixture."""
    known_query(request)
    async with opened(app, request) as sandbox:
        exchange = await found_exchange(sandbox, request)
        text = await _test(sandbox, exchange)
    return json_response({"test": text})


async def as_rule(app: Services, request: Request) -> Response:
    """A fault and a scenario rule, either of which gives the next such request the same end."""
    known_query(request)
    async with opened(app, request) as sandbox:
        exchange = await found_exchange(sandbox, request)
        return json_response(
            {"fault": _fault(exchange), "rule": await _rule(sandbox, exchange)},
        )


async def _test(sandbox: OpenSandbox, one: Exchange) -> str:
    base = sandbox.providers[one.provider].base_path
    inside = one.path.startswith(base) if base else True
    path = one.path.removeprefix(base) if inside else one.path
    query = f"?{one.query}" if one.query else ""
    sent: dict[str, Any] = {}
    headers = {
        name.decode("latin-1"): value.decode("latin-1")
        for name, value in one.request_headers
        if name in _KEPT_HEADERS
    }
    if headers:
        sent["headers"] = headers
    if one.request_body:
        sent["content"] = one.request_body.decode("utf-8", "replace")
    lines = [f"def test_request_{one.order}_again(bodydouble):"]
    if len(one.request_body) >= BODY_KEPT_BYTES:
        lines.append("    # The log keeps the first 16 KiB of a body: this one was longer.")
    lines += await _set_up(sandbox, one)
    # A path that leaves the base URL needs the root in its place.
    options = "" if inside else f'base_url=f"{{bodydouble.emulator.origin}}/{one.provider}"'
    lines.append(f"    with bodydouble.vendor({one.provider!r}).client({options}) as client:")
    lines.append(f"        answer = client.request({one.method!r}, {(path + query)!r}")
    lines[-1] += "".join(f", {name}={value!r}" for name, value in sent.items()) + ")"
    lines.append(f"    assert answer.status_code == {one.status}")
    return "\n".join(lines) + "\n"


async def _set_up(sandbox: OpenSandbox, one: Exchange) -> list[str]:
    cause = _cause(one)
    if cause is Cause.FUNDS:
        entries = await sandbox.tx.list(Entry, one.account)
        held = [entry.balance_after for entry in entries if entry.at_us <= one.at_us]
        money = sandbox.providers[one.provider].currency
        if held:
            left = money.text(held[-1])
            return [f"    bodydouble.accounts.set_balance({one.account!r}, {left!r})"]
    if cause in (Cause.FUNDS, Cause.RATE) or one.status >= 500 or _faulted(one):
        given = {name: value for name, value in _fault(one).items() if name != "match"}
        words = "".join(f", {name}={value!r}" for name, value in given.items())
        return [f"    bodydouble.faults.add({words[2:]})"]
    return []


def _fault(one: Exchange) -> dict[str, Any]:
    """What arms a fault that ends the next such request the same way; a success is left alone."""
    match = {"provider": one.provider}
    if one.operation:
        match["operation"] = one.operation
    fault: dict[str, Any] = {"point": "arrival", "kind": "reset", "times": 1, "match": match}
    if one.status:
        fault |= {"kind": "status", "status": max(one.status, 400)}
        cause = _cause(one)
        if cause is not None:
            del fault["status"]
            fault["cause"] = cause.value
    return fault


async def _rule(sandbox: OpenSandbox, one: Exchange) -> dict[str, Any]:
    """A rule of a scenario: the job's own future where there is one, else the refusal."""
    when: dict[str, Any] = {"provider": one.provider}
    if one.operation:
        when["operation"] = one.operation
    job = await sandbox.tx.get(Job, one.job) if one.job else None
    cause = _cause(one)
    if job is not None and one.status < 400:
        return {"when": {**when, "model": job.submission.model}, "then": _future(job)}
    if cause in REFUSABLE:
        return {"when": when, "then": {"refuse": cause.value}}
    fault = {name: v for name, v in _fault(one).items() if name not in ("times", "match")}
    return {"when": when, "then": {"fault": fault}}


def _future(job: Job) -> dict[str, Any]:
    drawn, then = job.timeline, {}
    then["wait"] = f"{drawn.wait_us // 1000}ms"
    if drawn.outcome is None and not job.final:
        return {**then, "stuck": True}
    then["run"] = f"{drawn.run_us // 1000}ms"
    reason = job.reason or drawn.reason
    if reason is not None:
        detail = job.detail or drawn.detail
        then["fail"] = f"{reason.value}:{detail}" if detail else reason.value
    elif drawn.ending is not None:
        then["ending"] = drawn.ending.value
    elif drawn.outcome is Event.SUCCEED or job.final:
        return {**then, "finish": True}
    return then


def _cause(one: Exchange) -> Cause | None:
    return next((_CAUSES[note] for note in one.notes if note in _CAUSES), None)


def _faulted(one: Exchange) -> bool:
    return any(is_injected(note) for note in one.notes)
