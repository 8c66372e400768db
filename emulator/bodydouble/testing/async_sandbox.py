"""`Sandbox` for coroutines: what asks the emulator is awaited, properties included.

It says nothing new; what each member means is written at `Sandbox`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from bodydouble.client import ControlError
from bodydouble.testing.inbox import AsyncInbox
from bodydouble.testing.request_log import AsyncRequests, transcript_awaited
from bodydouble.testing.sandbox import Handle, complain
from bodydouble.testing.spending import Spend, spend_of
from bodydouble.testing.vendor import Server, Vendor

if TYPE_CHECKING:
    from bodydouble.client import AsyncControl
    from bodydouble.web.app import Application


class AsyncSandboxServer(Server, Protocol):
    """What an `AsyncSandbox` needs of its `AsyncEmulator`."""

    @property
    def app(self) -> Application: ...
    @property
    def control(self) -> AsyncControl: ...

    def self_opened(self) -> frozenset[str]: ...


class AsyncSandbox(Handle[Awaitable[Any]]):
    """A sandbox of an `AsyncEmulator`; every verb is awaited."""

    def __init__(self, emulator: AsyncSandboxServer, created: dict[str, Any]) -> None:
        super().__init__(emulator.control, emulator.app, created)
        self.emulator = emulator
        self.requests = AsyncRequests(emulator.control, self.id)
        self._known = emulator.self_opened()
        self._forks: list[AsyncSandbox] = []
        self._before = Spend()

    @cached_property
    def webhooks(self) -> AsyncInbox:
        """See `Sandbox.webhooks`."""
        return AsyncInbox(self)

    def vendor(self, name: str) -> Vendor:
        """See `Handle.vendor`."""
        server = self.emulator
        return Vendor(server.app.providers[name], self.keys[name], server, lambda: server.origin)

    @property
    async def spend(self) -> Spend:
        """See `Sandbox.spend`."""
        return spend_of((await self.control.receipt(self.id))["vendors"]).since(self._before)

    @property
    async def spend_in_all(self) -> Spend:
        """See `Sandbox.spend_in_all`."""
        total = await self.spend
        for fork in self._forks:
            for bill in (await fork.spend_in_all).values():
                total.add(bill)
        return total

    @property
    def forked(self) -> bool:
        """See `Sandbox.forked`."""
        return bool(self._forks)

    @property
    async def orphans(self) -> list[dict[str, Any]]:
        """See `Sandbox.orphans`."""
        left: list[dict[str, Any]] = (await self.control.receipt(self.id))["orphans"]
        return left

    async def findings(self, *, waive: Iterable[str] = ()) -> list[dict[str, Any]]:
        """See `Sandbox.findings`."""
        found: list[dict[str, Any]] = []
        for id in (self.id, *self._self_opened()):
            found += await self.control.lint(id, waive=",".join(waive))
        return found

    async def lint(self, *, waive: Iterable[str] = ()) -> None:
        """See `Sandbox.lint`."""
        __tracebackhide__ = True
        complain(await self.findings(waive=tuple(waive)))

    def _self_opened(self) -> list[str]:
        return sorted(self.emulator.self_opened() - self._known)

    async def forget_self_opened(self) -> None:
        """See `Sandbox.forget_self_opened`."""
        for id in self._self_opened():
            await self.control.delete_sandbox(id)

    async def transcript(self) -> str:
        """See `Sandbox.transcript`."""
        return await transcript_awaited(self.control, self.id, self.seed)

    async def fork(self, **fields: Any) -> AsyncSandbox:
        """See `Sandbox.fork`."""
        fork = AsyncSandbox(self.emulator, await self.control.fork(self.id, **fields))
        fork._before = spend_of((await self.control.receipt(fork.id))["vendors"])
        self._forks.append(fork)
        return fork

    async def close(self) -> None:
        """See `Sandbox.close`."""
        if "webhooks" in self.__dict__:
            self.webhooks.close()
        for fork in self._forks:
            await fork.close()
        try:
            await self.control.delete_sandbox(self.id)
        except ControlError as error:
            if error.status != 404:
                raise

    async def __aenter__(self) -> AsyncSandbox:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()
