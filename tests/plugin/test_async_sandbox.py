"""What a blocking sandbox can, an awaited one can too; and webhooks into a program in process."""

from __future__ import annotations

import hmac
import inspect
import json
from hashlib import sha256
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bodydouble.testing import AsyncEmulator, AsyncSandbox, Emulator, Sandbox
from bodydouble.testing.inbox import AsyncInbox, Inbox
from bodydouble.testing.request_log import AsyncRequests, Requests

ORDER = {"model": "kling-v2-1", "type": "text_to_video", "prompt": "a curtain rises"}


class Receiver:
    """An application as somebody writes it: it keeps what is signed right."""

    def __init__(self) -> None:
        self.secret = ""
        self.kept: list[Any] = []
        self.app = Starlette(routes=[Route("/hooks", self.take, methods=["POST"])])

    async def take(self, request: Request) -> Response:
        body = await request.body()
        told = dict(
            part.split("=", 1) for part in request.headers["x-smartlyq-signature"].split(",")
        )
        right = hmac.new(self.secret.encode(), f"{told['t']}.".encode() + body, sha256)
        if told["v1"] != right.hexdigest():
            return Response(status_code=401)
        self.kept.append(json.loads(body))
        return Response(status_code=204)


@pytest.mark.parametrize(
    ("blocking", "awaited"),
    [(Sandbox, AsyncSandbox), (Inbox, AsyncInbox), (Requests, AsyncRequests)],
)
def test_an_awaited_twin_has_every_member_with_the_same_parameters(
    blocking: type, awaited: type
) -> None:
    def members(of: type) -> dict[str, list[str]]:
        found = {name: inspect.getattr_static(of, name) for name in dir(of) if name[0] != "_"}
        return {
            name: list(inspect.signature(one).parameters) if inspect.isfunction(one) else []
            for name, one in found.items()
        }

    assert members(blocking) == members(awaited)


async def test_an_awaited_sandbox_tells_of_money_manners_requests_and_orphans() -> None:
    async with AsyncEmulator() as emulator, await emulator.sandbox(seed=1) as sandbox:
        async with sandbox.smartlyq.async_client() as client:
            await client.post("/videos/generate", json=ORDER)
            fork = await sandbox.fork()
            async with fork.smartlyq.async_client() as other:
                await other.post("/videos/generate", json=ORDER)
        await sandbox.clock.advance("1h")
        assert (await sandbox.spend)["smartlyq"].charges == 1
        assert (await sandbox.spend_in_all)["smartlyq"].charges == 2
        assert sandbox.forked
        assert len(await sandbox.orphans) == 1
        await sandbox.requests.assert_called(operation="generateVideo", times=1)
        await sandbox.requests.assert_not_called(operation="getJob")
        with pytest.raises(AssertionError, match="it came 1 times"):
            await sandbox.requests.assert_called(operation="generateVideo", times=2)
        assert await sandbox.requests.count(status=202) == 1
        await sandbox.lint()
        bad = {"authorization": "Bearer sqk_live_" + "z" * 32}
        async with sandbox.smartlyq.async_client(headers=bad) as client:
            await client.post("/videos/generate", json=ORDER)
        with pytest.raises(AssertionError, match="client lint"):
            await sandbox.lint()
        await sandbox.forget_self_opened()
        await sandbox.lint()
        assert "generate" in await sandbox.transcript()
        assert sandbox.env["SMARTLYQ_API_KEY"] == sandbox.smartlyq.key


async def test_an_awaited_inbox_receives_what_is_signed() -> None:
    async with AsyncEmulator() as emulator, await emulator.sandbox(seed=1) as sandbox:
        await sandbox.webhooks.subscribe()
        key = await sandbox.webhooks.callback_key("leonardo")
        assert key
        async with sandbox.smartlyq.async_client() as client:
            await client.post("/videos/generate", json=ORDER)
        await sandbox.clock.advance("1h")
        assert (await sandbox.webhooks.expect("job.completed")).verified
        assert await sandbox.webhooks.events() == ["job.completed"]


def test_a_program_in_process_receives_webhooks_without_a_socket() -> None:
    receiver = Receiver()
    with Emulator() as emulator, emulator.sandbox(seed=1) as sandbox:
        url = sandbox.webhooks.mount(receiver.app, "/hooks")
        receiver.secret = sandbox.webhooks.subscribe(url=url)
        with sandbox.smartlyq.client() as client:
            client.post("/videos/generate", json=ORDER)
        sandbox.clock.advance("1h")
        sandbox.webhooks.settle()
        assert [one["event"] for one in receiver.kept] == ["job.completed"]
        assert sandbox.webhooks.received == []
        host = url.split("/")[2]
        assert host in sandbox.receivers
    assert host not in sandbox.receivers


async def test_so_does_a_program_on_the_same_loop_and_its_refusal_is_tried_again() -> None:
    receiver = Receiver()
    async with AsyncEmulator() as emulator, await emulator.sandbox(seed=1) as sandbox:
        url = sandbox.webhooks.mount(receiver.app, "hooks")
        secret = await sandbox.webhooks.subscribe(url=url)
        async with sandbox.smartlyq.async_client() as client:
            await client.post("/videos/generate", json=ORDER)
        await sandbox.clock.until_next_event()
        await sandbox.clock.until_next_event()
        assert receiver.kept == []
        receiver.secret = secret
        await sandbox.clock.advance("2d")
        await sandbox.webhooks.settle()
        assert [one["event"] for one in receiver.kept] == ["job.completed"]
