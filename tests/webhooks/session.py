"""A frozen bodydouble and receivers on real sockets of this machine, for tests of webhooks.

A receiver answers as it was told, keeps every request it got, and can be held so that it answers
only when it is let go. Time is moved the way the control plane moves it.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from bodydouble.core.clock import SECOND_US
from bodydouble.core.keys import digest
from bodydouble.core.sandboxes import Sandbox
from bodydouble.core.webhooks import Delivery, Webhook
from bodydouble.sandbox.open_sandbox import OpenSandbox
from bodydouble.web.app import Application
from bodydouble.web.keys.registry import real_us
from bodydouble.web.settings import Settings
from tests.vendors.session import ORIGIN

KEY = "sqk_live_webhooks"
JOB = {"model": "kling-v2-1", "type": "text_to_video", "prompt": "a curtain rises"}
JOB_EVENTS = ("job.completed", "job.failed")


@dataclass(frozen=True, slots=True)
class Got:
    """One request as a receiver saw it: header names in lower case, the body untouched."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def at_s(self) -> int:
        """The ``t`` of its signature."""
        return int(self.headers["x-smartlyq-signature"].split(",")[0].removeprefix("t="))


@dataclass(slots=True)
class Receiver:
    """Answers with ``answers`` in turn, then with the last: a status, and headers if any."""

    answers: Sequence[int | tuple[int, dict[str, str]]] = (200,)
    port: int = 0
    got: list[Got] = field(default_factory=list)
    open: asyncio.Event = field(default_factory=asyncio.Event)
    came: asyncio.Condition = field(default_factory=asyncio.Condition)
    body: bytes = b"thanks"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    async def until(self, count: int) -> None:
        """Waits until ``count`` requests have come; half a minute without is a failure."""
        async with asyncio.timeout(30), self.came:
            await self.came.wait_for(lambda: len(self.got) >= count)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {
                name.lower(): value.strip()
                for name, _, value in (line.partition(":") for line in head[1:] if line)
            }
            body = await reader.readexactly(int(headers["content-length"]))
            async with self.came:
                self.got.append(Got(head[0].split(" ")[1], headers, body))
                self.came.notify_all()
            answer = self.answers[min(len(self.got), len(self.answers)) - 1]
            await self.open.wait()
            status, extra = answer if isinstance(answer, tuple) else (answer, {})
            lines = "".join(f"{name}: {value}\r\n" for name, value in extra.items())
            size = len(self.body)
            writer.write(f"HTTP/1.1 {status} X\r\n{lines}content-length: {size}\r\n\r\n".encode())
            writer.write(self.body)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()


@asynccontextmanager
async def receiving(
    *answers: int | tuple[int, dict[str, str]], held: bool = False
) -> AsyncIterator[Receiver]:
    """A receiver on a free port; ``held`` ones answer when their ``open`` is set."""
    receiver = Receiver(answers or (200,))
    if not held:
        receiver.open.set()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        receiver.open.set()
        server.close()


class WebhookSession:
    """One bodydouble with a SmartlyQ key; its clock stands still unless ``more`` says otherwise."""

    def __init__(self, app: Application | None = None, **more: Any) -> None:
        settings: dict[str, Any] = {"frozen": True, "seed": 1, **more}
        self.app = app or Application(Settings(**settings))
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app),
            base_url=f"{ORIGIN}/smartlyq",
            headers={"authorization": f"Bearer {KEY}"},
            timeout=60,
        )

    @property
    def sandbox(self) -> str:
        return f"k{digest(KEY)[:24]}"

    async def call(self, method: str, path: str, body: Any = None, expect: int = 200) -> Any:
        """One request; what it says under ``data`` (or ``error``)."""
        reply = await self.client.request(method, path, json=body)
        assert reply.status_code == expect, reply.text
        said = reply.json()
        return said["data"] if said["success"] else said["error"]

    async def hook(self, url: str, events: Sequence[str] = JOB_EVENTS) -> Any:
        """Makes a webhook; what its creation said, the secret included."""
        return await self.call("POST", "/v1/webhooks", {"url": url, "events": list(events)}, 201)

    async def job(self) -> str:
        """Orders a video and gives the job's id."""
        said = await self.call("POST", "/v1/videos/generate", JOB, 202)
        return str(said["job_uid"])

    async def logs(self, query: str = "") -> list[Any]:
        """The delivery log, newest first."""
        said = await self.call("GET", f"/v1/webhooks/logs?per_page=100{query}")
        return list(said["deliveries"])

    async def now_us(self) -> int:
        """The sandbox's time."""
        async with self.app.store.transaction(self.sandbox) as tx:
            record = await tx.get(Sandbox, self.sandbox)
            assert record is not None, "a sandbox has a time once it was used"
            return record.clock.now(real_us())

    async def travel(self, seconds: float) -> None:
        """Moves time forward through the control plane, which has deliveries made on the way."""
        path = f"http://127.0.0.1/_bodydouble/sandboxes/{self.sandbox}/clock"
        reply = await self.client.patch(path, json={"advance_s": seconds})
        assert reply.status_code == 200, reply.text

    async def jump(self, seconds: float) -> None:
        """Moves time forward at once and settles nothing, as a sandbox restored late finds it."""
        async with self.app.store.transaction(self.sandbox) as tx:
            record = await tx.get(Sandbox, self.sandbox)
            assert record is not None, "time moves only in a sandbox that was used"
            clock = record.clock.advanced(int(seconds * SECOND_US), real_us())
            tx.put(replace(record, clock=clock))

    async def box(self, write: Any) -> None:
        """Runs ``write(box)`` in a transaction of the sandbox."""
        async with self.app.store.transaction(self.sandbox) as tx:
            record = await tx.get(Sandbox, self.sandbox)
            assert record is not None, "a sandbox can be opened once it was used"
            await write(OpenSandbox(tx, record, self.app.providers, real_us()))

    async def delivery(self, id: str) -> Delivery:
        """A delivery as it is kept, every attempt with it."""
        async with self.app.store.transaction(self.sandbox) as tx:
            found = await tx.get(Delivery, id)
        assert found is not None, f"there is no delivery {id}"
        return found

    async def webhook(self, id: str) -> Webhook | None:
        """A webhook as it is kept."""
        async with self.app.store.transaction(self.sandbox) as tx:
            return await tx.get(Webhook, id)


def verifies(got: Got, secret: str) -> bool:
    """Whether a request is signed as the vendor's guide says: plain HMAC, none of our code."""
    parts = dict(part.split("=", 1) for part in got.headers["x-smartlyq-signature"].split(","))
    message = parts["t"].encode() + b"." + got.body
    right = hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
    return hmac.compare_digest(right, parts["v1"])
