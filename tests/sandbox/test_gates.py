"""Required headers and limits that count accepted jobs, on a toy vendor that has both."""

from dataclasses import replace
from typing import Any

import pytest

from bodydouble.core.account_view import AccountView
from bodydouble.core.clock import DAY_US
from bodydouble.core.errors import Cause, Refusal
from bodydouble.core.keys import Key
from bodydouble.core.limits import RollingWindow, Window
from bodydouble.core.provider import Operation, RequiredHeader
from bodydouble.core.wire import Call, Reply
from tests.sandbox.toy import TOY, Toy
from tests.sandbox.toy import refuse as refused

VERSION = RequiredHeader("x-version", ("2024-11-06",))
ORDER = {"prompt": "a boat"}


def refuse(refusal: Refusal, call: Call) -> Reply:
    if refusal.cause is Cause.HEADER:
        return Reply(400, {"error": "version", "given": refusal.data["given"]})
    return refused(refusal, call)


def daily(call: Call, key: Key, operation: Operation) -> tuple[Window, ...]:
    return (DAILY,) if operation.billed else ()


DAILY = RollingWindow("daily", 2, "all", DAY_US, accepted_only=True)


async def used(call: Call, view: AccountView) -> Reply:
    return Reply(200, {"used": (await view.usage(DAILY)).used})


@pytest.mark.parametrize(
    ("given", "status", "told"),
    [
        ({}, 400, None),
        ({"x-version": "2"}, 400, "2"),
        ({"x-version": ""}, 400, ""),
        ({"x-version": "2024-11-06"}, 200, None),
    ],
)
async def test_a_required_header_is_a_gate(given: dict[str, str], status: int, told: Any) -> None:
    server = Toy(replace(TOY, refuse=refuse, required_headers=(VERSION,)))
    answer = await server.send("POST", "/v1/tasks", json=ORDER, headers=given)
    assert answer.status_code == status, answer.text
    if status == 400:
        assert answer.json() == {"error": "version", "given": told}


async def test_whoever_has_no_key_learns_nothing_of_headers() -> None:
    server = Toy(replace(TOY, refuse=refuse, required_headers=(VERSION,)))
    server.headers = {}
    assert (await server.send("POST", "/v1/tasks", json=ORDER)).status_code == 401


async def test_a_limit_on_accepted_jobs_counts_no_refused_request() -> None:
    reading = Operation("used", "GET", "/v1/used", used)
    server = Toy(replace(TOY, windows=daily, operations=(*TOY.operations, reading)))
    counted = []
    for body in ({}, ORDER, {"prompt": 1}, ORDER, ORDER):
        answer = await server.send("POST", "/v1/tasks", json=body)
        looked = await server.send("GET", "/v1/used")
        counted.append((answer.status_code, looked.json()["used"]))
    assert counted == [(400, 0), (200, 1), (400, 1), (200, 2), (429, 2)]
