"""One application for each store, asked the same; whatever differs is an AssertionError.

Real time stands still unless it is moved, and what a server would roll (ids, secrets) comes from a
count of the requests, so that nothing but the store can make a difference. A receiver in this
process takes every webhook. It knows no vendor and no rule.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from bodydouble.core.store import Record, Store
from bodydouble.stores import open_store
from bodydouble.stores.redis import RedisStore
from bodydouble.web.app import Application
from bodydouble.web.http import messages
from bodydouble.web.keys import keeping, registry
from bodydouble.web.settings import Settings

PLANE = "/_bodydouble"
ORIGIN = "http://localhost"
RECEIVER = "hooks.test"
START_US = 1_785_058_882_000_000
Said = tuple[int, tuple[tuple[str, str], ...], bytes]


class World:
    """What all sides have in common: real time, and chance by the number of the request."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.now_us = START_US
        self.turn, self.rolled = 0, 0
        time = SimpleNamespace(
            time_ns=lambda: self.now_us * 1000, time=lambda: self.now_us / 1_000_000
        )
        patch.setattr(keeping, "time", time)
        patch.setattr(messages, "time", time)
        patch.setattr(registry, "token_hex", self.rolls)

    def begin(self, turn: int) -> None:
        """From here on, chance is that of this request."""
        self.turn, self.rolled = turn, 0

    def rolls(self, size: int) -> str:
        """The next bytes of this request, in hexadecimal."""
        self.rolled += 1
        return blake2b(f"{self.turn}:{self.rolled}".encode(), digest_size=size).hexdigest()


class Receiver(httpx.AsyncBaseTransport):
    """Takes webhooks without a socket, into ``told``, and gives the ``answers`` in turn."""

    def __init__(self, answers: list[int]) -> None:
        self.answers = answers
        self.told: list[tuple[str, bytes]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.told.append((str(sorted(request.headers.items())), request.content))
        code = self.answers[len(self.told) % len(self.answers)]
        return httpx.Response(code, stream=httpx.ByteStream(b""))


@dataclass
class Side:
    """One store under one application, and who receives its webhooks."""

    name: str
    store: Store
    receiver: Receiver
    url: str = ""

    def __post_init__(self) -> None:
        settings = Settings(seed=1, frozen=True, webhook_allow=(RECEIVER,), strict_keys=True)
        self.app = Application(settings, self.store)
        self.app.scheduler.dispatcher.transport.receivers[RECEIVER] = self.receiver
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url=ORIGIN)

    async def ask(self, method: str, path: str, body: Any, headers: Mapping[str, str]) -> Said:
        """One request; a connection that was cut is an answer with the status 0."""
        try:
            sent = await self.client.request(method, path, json=body, headers=dict(headers))
        except (httpx.HTTPError, ConnectionError, AssertionError) as cut:
            return 0, (), type(cut).__name__.encode()
        return sent.status_code, tuple(sorted(sent.headers.items())), sent.content

    async def records(self, sandbox: str) -> list[str]:
        """Everything a sandbox holds, as text."""
        async with self.store.transaction(sandbox) as tx:
            return sorted(map(shown, await tx.everything()))

    async def in_order(self, boxes: list[str]) -> str:
        """The first group that whoever remembers nothing finds in another order than its own."""
        if not isinstance(self.store, RedisStore):
            return ""
        fresh = open_store(self.url)
        for box in boxes:
            async with fresh.transaction(box) as tx:
                groups: dict[tuple[type, str], list[Record]] = {}
                for one in await tx.everything():
                    groups.setdefault((type(one), one.group), []).append(one)
                for (kind, group), records in groups.items():
                    records.sort(key=lambda one: (one.order, one.id))
                    if await tx.list(kind, group) != records:
                        return f"{kind.__name__} {group}"
        await fresh.close()
        return ""

    async def close(self) -> None:
        """Lets go of the store."""
        await self.client.aclose()
        await self.app.scheduler.dispatcher.close()
        await self.store.close()


def shown(record: Record) -> str:
    """A record as text that says everything."""
    return f"{type(record).__name__} {record!r}"


class Sides:
    """Every store's application; the first one's replies are given, the others' must equal them."""

    def __init__(self, stores: Mapping[str, str], world: World) -> None:
        self.runner = asyncio.Runner()
        self.world = world
        self.answers = [204]  # what the receiver says, in turn
        self.sides = [
            Side(name, open_store(url), Receiver(self.answers), url) for name, url in stores.items()
        ]
        self.turn = 0

    def ask(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """One request to each; AssertionError where one answers otherwise."""
        self.turn += 1
        said = []
        for side in self.sides:
            self.world.begin(self.turn)
            said.append(self.runner.run(side.ask(method, path, body, headers or {})))
        self._alike(f"{method} {path} {body} is answered", said)
        status, given, content = said[0]
        plain = [(name, value) for name, value in given if name != "content-encoding"]
        return httpx.Response(status or 599, headers=plain, content=content)

    def compare(self) -> list[str]:
        """Everything every sandbox holds on every side, and every webhook; gives the records."""
        boxes = [self.runner.run(side.store.sandboxes()) for side in self.sides]
        self._alike("sandboxes are", boxes)
        found = []
        for box in boxes[0]:
            kept = [self.runner.run(side.records(box)) for side in self.sides]
            self._alike(f"what {box} holds is", kept)
            found += kept[0]
        for side in self.sides:
            told = self.runner.run(side.in_order(boxes[0]))
            assert not told, f"{told} is ordered differently in {side.name} itself"
        self._alike("what was sent is", [side.receiver.told for side in self.sides])
        return found

    def _alike(self, what: str, said: list[Any]) -> None:
        for side, one in zip(self.sides[1:], said[1:], strict=True):
            if one != said[0]:
                names = f"in {self.sides[0].name} and in {side.name}"
                raise AssertionError(f"{what} differently {names}:\n{_apart(said[0], one)}")

    def close(self) -> None:
        """Closes every store and the loop."""
        for side in self.sides:
            self.runner.run(side.close())
        self.runner.close()


def _apart(one: Any, other: Any) -> str:
    if isinstance(one, list) and isinstance(other, list):
        mine = [row for row in one if row not in other]
        theirs = [row for row in other if row not in one]
        return f"{mine[:3]}\n{theirs[:3]}\n({len(one)} and {len(other)})"
    return f"{one}\n{other}"
