"""What a type checker must know of the fixture: read by mypy alone, run by nobody.

A type that gets lost becomes Any, and the ignores below would be unused: mypy says so.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, assert_type

import httpx

from bodydouble.client import AsyncControl, Control, ControlError
from bodydouble.testing import AsyncEmulator, AsyncSandbox, Emulator, Sandbox, Vendor
from bodydouble.testing.inbox import Inbox, Received
from bodydouble.testing.spending import Bill, Spend


def of_the_sandbox(bodydouble: Sandbox) -> None:
    assert_type(bodydouble.id, str)
    assert_type(bodydouble.seed, int)
    assert_type(bodydouble.keys, dict[str, str])
    assert_type(bodydouble.env, dict[str, str])
    assert_type(bodydouble.spend, Spend)
    assert_type(bodydouble.spend["smartlyq"], Bill)
    assert_type(bodydouble.spend.net("smartlyq"), Decimal)
    assert_type(bodydouble.orphans, list[dict[str, Any]])
    assert_type(bodydouble.requests.all(), list[dict[str, Any]])
    assert_type(bodydouble.webhooks, Inbox)
    assert_type(bodydouble.webhooks.expect("job.completed"), Received)
    assert_type(bodydouble.fork(), Sandbox)
    assert_type(bodydouble.transcript(), str)
    bodydouble.clock.advance(90)
    bodydouble.clock.advance("90s")
    bodydouble.clock.advance(b"90s")  # type: ignore[arg-type]
    bodydouble.lint(waive=["poll-too-fast"])
    bodydouble.lint(waive=1)  # type: ignore[arg-type]
    bodydouble.clok.advance(90)  # type: ignore[attr-defined]


def of_a_vendor(bodydouble: Sandbox) -> None:
    assert_type(bodydouble.smartlyq, Vendor)
    assert_type(bodydouble.a_vendor_of_somebody_elses, Vendor)
    assert_type(bodydouble.vendor("smartlyq"), Vendor)
    assert_type(bodydouble.smartlyq.base_url, str)
    assert_type(bodydouble.smartlyq.key, str)
    assert_type(bodydouble.smartlyq.env, dict[str, str])
    assert_type(bodydouble.smartlyq.client(), httpx.Client)
    assert_type(bodydouble.smartlyq.async_client(), httpx.AsyncClient)
    bodydouble.smartlyq.base_url = "http://elsewhere"  # type: ignore[misc]


def of_emulators() -> None:
    with Emulator(seed=1) as emulator, emulator.sandbox() as sandbox:
        assert_type(emulator, Emulator)
        assert_type(emulator.url, str)
        assert_type(emulator.control, Control)
        assert_type(sandbox, Sandbox)


async def of_the_twin() -> None:
    async with AsyncEmulator(seed=1) as emulator, await emulator.sandbox() as sandbox:
        assert_type(emulator.control, AsyncControl)
        assert_type(sandbox, AsyncSandbox)
        assert_type(await emulator.listen(), str)
        assert_type(await sandbox.fork(), AsyncSandbox)
        await sandbox.clock.advance("90s")


def of_errors(error: ControlError) -> None:
    assert_type(error.status, int)
    assert_type(error.detail, str)
