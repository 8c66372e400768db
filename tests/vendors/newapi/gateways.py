"""What the tests of both gateways share: a session for each, its usual request, and pictures."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from struct import pack
from typing import Any
from zlib import compress, crc32

import httpx

from bodydouble.core.jobs import Job
from bodydouble.core.media.uploads import Blob
from bodydouble.core.money.ledger import Entry
from tests.vendors.session import Session

SECRET = "sk-" + "k3Y" * 16
STARTING_BALANCE = 10_000_000
UNKNOWN_TASK = "task_0123456789abcdefghijABCDEFGHIJ01"


@dataclass(frozen=True)
class Gateway:
    """One vendor: its usual request, what it costs in quota units, and where it is polled.

    ``live`` is a model whose task is refreshed at each look; empty where none is sold.
    """

    name: str
    body: dict[str, Any]
    price: int
    poll: str
    live: str = ""

    def session(self, *, stock: bool = False, **options: Any) -> Session:
        """A fresh session; ``quirks`` go by their short names."""
        quirks = {f"{self.name}.{name}": value for name, value in options.pop("quirks", {}).items()}
        if stock:
            quirks[f"{self.name}.wire"] = "newapi"
        return Session(f"/{self.name}", SECRET, quirks=quirks, **options)


INFINITYBLUE = Gateway(
    "infinityblue",
    {
        "model": "kling-v2-5-turbo",
        "prompt": "An astronaut walks on the Moon",
        "duration": 5,
        "width": 1280,
        "height": 720,
    },
    175_000,
    "/v1/video/generations/",
    live="veo_3_1",
)
UNIALL = Gateway(
    "uniall",
    {
        "model": "kling-v3-std-silent",
        "prompt": "A quiet harbour at dawn",
        "aspect_ratio": "16:9",
        "duration": 5,
        "extra_body": {"cfg_scale": 0.5, "shot_type": "customize", "negative_prompt": "blur"},
    },
    210_000,
    "/v1/videos/",
)
BOTH = (INFINITYBLUE, UNIALL)


def png(width: int, height: int) -> str:
    """A plain picture of this size as a data URI."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return pack(">I", len(data)) + kind + data + pack(">I", crc32(kind + data))

    head = pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = compress((b"\0" + b"\x80" * width) * height)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return f"data:image/png;base64,{b64encode(data).decode()}"


async def create(session: Session, gateway: Gateway, **changes: Any) -> str:
    """The task id of the usual request with ``changes``; None takes a field out."""
    answer = await session.post("/v1/video/generations", changed(gateway.body, changes))
    assert answer.status_code == 200, answer.text
    task: str = answer.json()["task_id"]
    return task


def changed(body: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """``body`` with ``changes``; None takes a field out."""
    return {name: value for name, value in {**body, **changes}.items() if value is not None}


async def job_of(session: Session, task: str) -> Job:
    """The job behind a task."""
    async with session.app.store.transaction(session.sandbox) as tx:
        job = await tx.get(Job, task)
    assert job is not None
    return job


async def traces(session: Session, gateway: Gateway) -> tuple[int, int, int]:
    """How many jobs, charges and refunds, and pictures the sandbox holds."""
    account = f"{gateway.name}/main"
    async with session.app.store.transaction(session.sandbox) as tx:
        entries = [one for one in await tx.list(Entry, account) if one.job]
        return await tx.count(Job, account), len(entries), await tx.count(Blob)


async def refused(session: Session, gateway: Gateway, **request: Any) -> httpx.Response:
    """The answer to a create that must leave no trace and no hole in the wallet."""
    await session.get("/v1/models")
    before = await traces(session, gateway), await session.balance()
    answer = await session.send("POST", request.pop("path", "/v1/video/generations"), **request)
    assert answer.status_code >= 400, answer.text
    assert (await traces(session, gateway), await session.balance()) == before
    return answer
