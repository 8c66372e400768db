"""The log is filtered by what a request met, and a request that met several is found by each."""

from __future__ import annotations

from typing import Any

import pytest

from bodydouble.core.evidence.decisions import Decided
from bodydouble.providers import names
from tests.control.session import ControlSession, control_session

ONCE: dict[str, Any] = {"idempotency-key": "once"}
FAULT = {"point": "arrival", "kind": "status", "status": 500, "times": 1}
SLOW = {"point": "arrival", "kind": "latency", "latency": {"ms": 0}, "times": 1}


async def found(session: ControlSession, decision: str) -> list[int]:
    listed = await session.done("GET", f"/requests?decision={decision}")
    assert listed["total"] == len(listed["requests"])
    return [one["serial"] for one in listed["requests"]]


async def test_each_request_is_found_by_every_decision_it_met() -> None:
    async with control_session() as session:
        await session.submit(**ONCE)
        await session.submit(**ONCE)
        await session.submit(prompt="another fox", **ONCE)
        await session.done("POST", "/faults", FAULT)
        await session.submit()
        await session.submit(prompt="a fox [[bodydouble: refuse=queue_full]]")
        await session.poll("job_unknown")
        await session.done("POST", "/faults", SLOW)
        poor = {"provider": "smartlyq", "account": "poor", "balance": "0.01", "rate_limit": 1}
        session.keys["smartlyq"] = (await session.done("POST", "/keys", poor))["key"]
        await session.submit()
        await session.submit()
        assert await found(session, "answered") == [1]
        assert await found(session, "idempotency") == [3, 2]
        assert await found(session, "fault") == [7, 4]
        assert await found(session, "limit") == [8, 5]
        assert await found(session, "refused") == [6]
        assert await found(session, "price") == [7]
        both = await session.done("GET", "/requests/7")
        assert both["decided"] == ["fault", "price"]
        unknown = await session.ask("GET", "/requests?decision=luck")
        assert unknown.status_code == 422
        assert all(one in unknown.text for one in Decided)
        archived = await session.done("GET", "/requests.har?decision=price")
        assert len(archived["log"]["entries"]) == 1


@pytest.mark.parametrize("vendor", names())
async def test_a_poor_wallet_is_a_matter_of_price_at_every_vendor(vendor: str) -> None:
    async with control_session(balance="0") as session:
        answer = await session.submit(vendor)
        listed = await session.done("GET", "/requests")
        (one,) = listed["requests"]
        assert one["decided"] == ["price"], (answer.status_code, one["notes"])
