"""A frozen bodydouble in this process, one key, and the means to move its time and mood.

Provider tests speak HTTP to it through httpx's ASGI transport; what a client cannot do (moving the
clock, choosing a scenario) goes straight through a store transaction. It knows no vendor.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx

from bodydouble.core.clock import SECOND_US
from bodydouble.core.keys import digest
from bodydouble.core.money.ledger import Account, Entry, balance_of
from bodydouble.core.sandboxes import Sandbox
from bodydouble.sandbox.open_sandbox import OpenSandbox
from bodydouble.web.app import Application
from bodydouble.web.keys.registry import real_us
from bodydouble.web.settings import Settings

ORIGIN = "http://bodydouble.test"


class Session:
    """One server, one vendor, one key. ``prefix`` stands before every path of the vendor."""

    def __init__(
        self,
        prefix: str,
        secret: str,
        *,
        quirks: dict[str, Any] | None = None,
        balance: str | None = None,
        strict_keys: bool = False,
    ) -> None:
        balances = {} if balance is None else {"": balance}
        self.app = Application(
            Settings(
                frozen=True, seed=1, quirks=quirks or {}, balances=balances, strict_keys=strict_keys
            )
        )
        self.prefix = prefix
        self.secret = secret
        self.headers = {"authorization": f"Bearer {secret}"}
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app), base_url=ORIGIN, timeout=30
        )

    @property
    def sandbox(self) -> str:
        """The id of the sandbox this key opens."""
        return f"k{digest(self.secret)[:24]}"

    async def send(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One request with the key, unless other headers are given."""
        more.setdefault("headers", self.headers)
        return await self.client.request(method, self.prefix + path, **more)

    async def get(self, path: str, **more: Any) -> httpx.Response:
        """GET with the key."""
        return await self.send("GET", path, **more)

    async def post(self, path: str, body: Any = None, **more: Any) -> httpx.Response:
        """POST of a JSON body with the key."""
        return await self.send("POST", path, json=body, **more)

    async def advance(self, seconds: float) -> None:
        """Moves the sandbox's clock forward and lets happen what became due."""
        async with self.app.store.transaction(self.sandbox) as tx:
            record = await tx.get(Sandbox, self.sandbox)
            assert record is not None, "time moves only in a sandbox that was used"
            clock = record.clock.advanced(int(seconds * SECOND_US), real_us())
            record = replace(record, clock=clock)
            tx.put(record)
            await OpenSandbox(tx, record, self.app.providers, real_us()).settle()

    async def scenario(self, name: str) -> None:
        """How jobs accepted from now on will go."""
        async with self.app.store.transaction(self.sandbox) as tx:
            record = await tx.get(Sandbox, self.sandbox)
            assert record is not None, "a scenario belongs to a sandbox that was used"
            tx.put(replace(record, scenario=name))

    async def accounts(self) -> list[Account]:
        """Every account of the sandbox, its balance checked against its entries."""
        async with self.app.store.transaction(self.sandbox) as tx:
            accounts = await tx.list(Account)
            for account in accounts:
                assert balance_of(await tx.list(Entry, account.id)) == account.balance
        return accounts

    async def balance(self) -> int:
        """What all accounts hold together; 0 before the first request."""
        return sum(account.balance for account in await self.accounts())

    async def count(self, kind: type[Any], group: str = "") -> int:
        """How many records of a kind the sandbox has."""
        async with self.app.store.transaction(self.sandbox) as tx:
            return await tx.count(kind, group)
