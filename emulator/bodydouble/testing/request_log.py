"""A sandbox's requests: its request log as assertions, and a transcript for a failed test.

Everything here is read through the control plane; secrets were masked before they were stored.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable
from typing import Any

from bodydouble.client import Resources

_LINES_MAX = 40
_BODY_MAX = 400


class Requests:
    """``bodydouble.requests``: every exchange, and whether something was called."""

    def __init__(self, control: Resources[Any], sandbox: str) -> None:
        self._control = control
        self._id = sandbox

    def all(self, **filters: Any) -> list[dict[str, Any]]:
        """The exchanges, newest first; filters as in ``GET …/requests``."""
        rows: list[dict[str, Any]] = self._control.requests(self._id, **filters)
        return rows

    def count(self, **wanted: Any) -> int:
        """How many requests meet what is wanted: see `assert_called`."""
        return int(self._verify(wanted, None)["matched"])

    def assert_called(self, *, times: int | None = None, **wanted: Any) -> None:
        """That such a request came, ``times`` times where that is given.

        ``wanted`` are ``provider``, ``operation``, ``method``, ``path`` (with ``*``), ``status``
        and ``body``, whose objects may have more fields. AssertionError shows the nearest request.
        """
        __tracebackhide__ = True
        verified = self._verify(wanted, times)
        if not verified["ok"]:
            raise AssertionError(_mismatch(wanted, times, verified))

    def assert_not_called(self, **wanted: Any) -> None:
        """That no such request came."""
        __tracebackhide__ = True
        self.assert_called(times=0, **wanted)

    def _verify(self, wanted: dict[str, Any], times: int | None) -> dict[str, Any]:
        verified: dict[str, Any] = self._control.verify(self._id, **_asked(wanted, times))
        return verified


class AsyncRequests:
    """`Requests` of an `AsyncSandbox`: everything is awaited."""

    def __init__(self, control: Resources[Awaitable[Any]], sandbox: str) -> None:
        self._control = control
        self._id = sandbox

    async def all(self, **filters: Any) -> list[dict[str, Any]]:
        """See `Requests.all`."""
        rows: list[dict[str, Any]] = await self._control.requests(self._id, **filters)
        return rows

    async def count(self, **wanted: Any) -> int:
        """See `Requests.count`."""
        return int((await self._control.verify(self._id, **wanted))["matched"])

    async def assert_called(self, *, times: int | None = None, **wanted: Any) -> None:
        """See `Requests.assert_called`."""
        __tracebackhide__ = True
        verified = await self._control.verify(self._id, **_asked(wanted, times))
        if not verified["ok"]:
            raise AssertionError(_mismatch(wanted, times, verified))

    async def assert_not_called(self, **wanted: Any) -> None:
        """See `Requests.assert_not_called`."""
        __tracebackhide__ = True
        await self.assert_called(times=0, **wanted)


def _asked(wanted: dict[str, Any], times: int | None) -> dict[str, Any]:
    return wanted if times is None else {**wanted, "times": times}


def _mismatch(wanted: dict[str, Any], times: int | None, verified: dict[str, Any]) -> str:
    what = ", ".join(f"{name}={value!r}" for name, value in wanted.items()) or "any request"
    often = "at least once" if times is None else f"{times} times"
    lines = [f"expected {what} {often}, and it came {verified['matched']} times"]
    near = verified.get("nearest")
    if near:
        lines.append("the nearest request was")
        lines += [f"  {line}" for line in _request_lines(near["request"])]
        lines += [f"  {difference}" for difference in near["differences"]]
    elif not verified["matched"]:
        lines.append("there was no request at all")
    return "\n".join(lines)


def _request_lines(one: dict[str, Any]) -> list[str]:
    query = f"?{one['query']}" if one["query"] else ""
    first = f"#{one['serial']} {one['provider']} {one['method']} {one['path']}{query}"
    lines = [f"{first} -> {one['status']}"]
    if one["request"]["body"]:
        lines.append(f"    sent {one['request']['body'][:_BODY_MAX]}")
    return lines


def transcript(control: Resources[Any], sandbox: str, seed: int) -> str:
    """Requests, jobs and ledger of a sandbox in lines for people, the oldest first."""
    accounts = control.accounts(sandbox)
    entries = [control.entries(sandbox, account["id"]) for account in accounts]
    told = (control.clock(sandbox), control.requests(sandbox), control.jobs(sandbox))
    return _transcript(f"{sandbox}, seed {seed}", told, accounts, entries)


async def transcript_awaited(control: Resources[Awaitable[Any]], sandbox: str, seed: int) -> str:
    """The same for who must wait for every answer."""
    accounts = await control.accounts(sandbox)
    entries = [await control.entries(sandbox, account["id"]) for account in accounts]
    told = (
        await control.clock(sandbox),
        await control.requests(sandbox),
        await control.jobs(sandbox),
    )
    return _transcript(f"{sandbox}, seed {seed}", told, accounts, entries)


def _transcript(name: str, told: Any, accounts: Any, entries: Any) -> str:
    clock, requests, jobs = told
    lines = [f"sandbox {name}, {clock['now']}, rate {clock['rate']:g}"]
    lines += ["", "requests", *_requests(requests)]
    if jobs:
        lines += ["", "jobs", *(_job(one) for one in reversed(jobs[:_LINES_MAX]))]
    for account, rows in zip(accounts, entries, strict=True):
        lines += ["", f"ledger of {account['id']}, {account['balance']} {account['currency']}"]
        lines += [_entry(one) for one in rows[-_LINES_MAX:]]
    return "\n".join(lines)


def _requests(rows: list[dict[str, Any]]) -> list[str]:
    if not rows:
        return ["  none"]
    lines = [] if len(rows) <= _LINES_MAX else [f"  … {len(rows) - _LINES_MAX} earlier ones"]
    for one in reversed(rows[:_LINES_MAX]):
        lines += [f"  {one['at'][11:]} {line.lstrip()}" for line in _request_lines(one)[:1]]
        if one["status"] >= 400:
            lines.append(f"      answered {one['response']['body'][:_BODY_MAX]}")
        lines += [f"      met {note}" for note in one["notes"] if " " in note]
    return lines


def _job(one: dict[str, Any]) -> str:
    cause = f" ({one['reason']})" if one["reason"] else ""
    back = ", refunded" if one["refunded"] else ""
    prompt = json.dumps(one["prompt"][:60], ensure_ascii=False)
    return f"  {one['id']} {one['state']}{cause} {one['model']} {one['price']}{back} {prompt}"


def _entry(one: dict[str, Any]) -> str:
    about = f" {one['job']}" if one["job"] else ""
    return f"  {one['at'][11:]} {one['kind']} {one['amount']} -> {one['balance_after']}{about}"
