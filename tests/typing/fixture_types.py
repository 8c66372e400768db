"""What a type checker must know of the fixture: read by mypy alone, run by nobody.

A type that gets lost becomes Any, and the ignores below would be unused: mypy says so.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, assert_type

import httpx

from understudy.client import AsyncControl, Control, ControlError
from understudy.testing import AsyncEmulator, AsyncSandbox, Emulator, Sandbox, Vendor
from understudy.testing.inbox import Inbox, Received
from understudy.testing.spending import Bill, Spend


def of_the_sandbox(understudy: Sandbox) -> None:
    assert_type(understudy.id, str)
    assert_type(understudy.seed, int)
    assert_type(understudy.keys, dict[str, str])
    assert_type(understudy.env, dict[str, str])
    assert_type(understudy.spend, Spend)
    assert_type(understudy.spend["smartlyq"], Bill)
    assert_type(understudy.spend.net("smartlyq"), Decimal)
    assert_type(understudy.orphans, list[dict[str, Any]])
    assert_type(understudy.requests.all(), list[dict[str, Any]])
    assert_type(understudy.webhooks, Inbox)
    assert_type(understudy.webhooks.expect("job.completed"), Received)
    assert_type(understudy.fork(), Sandbox)
    assert_type(understudy.story(), str)
    understudy.clock.advance(90)
    understudy.clock.advance("90s")
    understudy.clock.advance(b"90s")  # type: ignore[arg-type]
    understudy.lint(waive=["poll-too-fast"])
    understudy.lint(waive=1)  # type: ignore[arg-type]
    understudy.smartlyk  # type: ignore[attr-defined]  # noqa: B018


def of_a_vendor(understudy: Sandbox) -> None:
    assert_type(understudy.smartlyq, Vendor)
    assert_type(understudy.vendor("uniall"), Vendor)
    assert_type(understudy.smartlyq.base_url, str)
    assert_type(understudy.smartlyq.key, str)
    assert_type(understudy.smartlyq.env, dict[str, str])
    assert_type(understudy.smartlyq.client(), httpx.Client)
    assert_type(understudy.smartlyq.async_client(), httpx.AsyncClient)
    understudy.smartlyq.base_url = "http://elsewhere"  # type: ignore[misc]


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
