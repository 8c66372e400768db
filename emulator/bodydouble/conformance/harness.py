"""A harness for one provider: its pipeline on a memory store, called one by one, time frozen.

It notices when a call was answered only because something crashed, which the pipeline otherwise
turns into the vendor's own 500.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from bodydouble.core.chance import Draw
from bodydouble.core.errors import Cause, Refusal, Refused
from bodydouble.core.jobs import Job
from bodydouble.core.money.ledger import Account
from bodydouble.core.provider import Provider
from bodydouble.core.sandboxes import Sandbox
from bodydouble.core.wire import Call, Reply
from bodydouble.data import exchanges_dir
from bodydouble.sandbox.open_sandbox import OpenSandbox
from bodydouble.stores.memory import MemoryStore
from bodydouble.web.app import Application, Providers
from bodydouble.web.settings import Settings

EXAMPLES_MAX = 40


@dataclass(frozen=True, slots=True)
class Example:
    """A request that the vendor accepts and that makes a job. ``body`` is JSON-able."""

    method: str
    path: str
    body: Any = None
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()


def documented(provider: Provider) -> tuple[Example, ...]:
    """The accepted requests among the golden exchanges of ``provider``: none for a stranger's."""
    billed = {(one.method, one.path) for one in provider.operations if one.billed}
    found = []
    for path in sorted(exchanges_dir(provider.name).glob("*.json")):
        exchange = json.loads(path.read_text())
        request = exchange.get("request", {})
        plain = not ({"quirks", "setup"} & set(exchange)) and "raw" not in request
        if (
            plain
            and (request.get("method"), request.get("path")) in billed
            and exchange["response"]["status"] < 300
        ):
            query = "&".join(f"{name}={value}" for name, value in request.get("query", {}).items())
            found.append(Example(request["method"], request["path"], request.get("body"), query))
    return tuple(found[:EXAMPLES_MAX])


class ProviderHarness:
    """One sandbox of one provider; every harness starts with the same empty one."""

    def __init__(
        self, provider: Provider, quirks: Mapping[str, Any] | None = None, balance: str = ""
    ) -> None:
        self.crashed = False
        self.provider = replace(provider, refuse=self._noting(provider.refuse))
        # A rate limit is no part of what is asked here, so each harness makes few calls.
        settings = Settings(
            frozen=True, seed=1, quirks=quirks or {}, balances={"": balance} if balance else {}
        )
        self.app = Application(settings, MemoryStore())
        self.app.providers = cast(Providers, {provider.name: self.provider})
        self.secret = provider.mint_key(Draw(1, "key"))
        self.headers = credential_headers(provider, self.secret)

    def _noting(self, refuse: Callable[[Refusal, Call], Reply]) -> Callable[[Refusal, Call], Reply]:
        def noting(refusal: Refusal, call: Call) -> Reply:
            self.crashed = self.crashed or refusal.cause is Cause.INTERNAL
            return refuse(refusal, call)

        return noting

    async def call(self, method: str, path: str, body: bytes = b"", query: str = "") -> Reply:
        """The finished reply. AssertionError if only a crash was behind it."""
        headers = (*self.headers, (b"content-type", b"application/json"), (b"host", b"test"))
        call = Call(
            method,
            path,
            query=query.encode(),
            headers=headers,
            body=body,
            origin="http://test",
        )
        reply = await self.app.pipeline(self.provider.name).answer(call)
        assert not self.crashed, f"{method} {path} with the body {body[:80]!r} crashed"
        return reply

    async def submit(self, example: Example) -> Reply:
        """Sends an example."""
        body = b"" if example.body is None else json.dumps(example.body).encode()
        self.headers += tuple((name.lower().encode(), v.encode()) for name, v in example.headers)
        return await self.call(example.method, example.path, body, example.query)

    async def open(self, act: Callable[[OpenSandbox], Any]) -> Any:
        """What ``act`` makes of the sandbox, held open."""
        (id,) = await self.app.store.sandboxes()
        async with self.app.store.transaction(id) as tx:
            record = await tx.get(Sandbox, id)
            assert record is not None, "a sandbox has no record of itself"
            return await act(OpenSandbox(tx, record, self.app.providers, 0))

    async def jobs(self) -> list[Job]:
        """Every job there is, in the order they were accepted."""
        return cast(list[Job], await self.open(_jobs))

    async def account(self) -> Account | None:
        """The account behind the harness's key."""
        name = f"{self.provider.name}/main"
        return cast(Account | None, await self.open(lambda box: box.tx.get(Account, name)))

    async def advance(self, span_us: int) -> None:
        """Moves the clock; what becomes due happens at the next call."""

        async def move(box: OpenSandbox) -> None:
            clock = box.record.clock.advanced(span_us, 0)
            box.tx.put(replace(box.record, clock=clock))

        await self.open(move)


async def _jobs(box: OpenSandbox) -> list[Job]:
    found: list[Job] = []
    for name in box.providers:
        found += await box.tx.list(Job, f"{name}/main")
    return found


def credential_headers(provider: Provider, secret: str) -> tuple[tuple[bytes, bytes], ...]:
    """The headers in which ``provider`` looks for a key. AssertionError if it is none we know."""
    for name, scheme in (("authorization", "Bearer "), ("x-api-key", ""), ("authorization", "")):
        headers = ((name.encode(), f"{scheme}{secret}".encode()),)
        try:
            if provider.credential(Call("GET", "/", headers=headers)) == secret:
                return headers
        except Refused:
            continue
    raise AssertionError("the key is found neither in Authorization nor in X-API-Key")
