"""One sandbox as a test holds it: its vendors, its clock, its trouble and what was said in it.

`Sandbox` blocks and `AsyncSandbox` is awaited. Both forget their sandbox when their block ends.
"""

from __future__ import annotations

from collections.abc import Awaitable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from understudy.client import Nouns
from understudy.testing.controls import Accounts, Clock, Faults, Jobs
from understudy.testing.vendor import Vendor

if TYPE_CHECKING:
    from understudy.testing.emulator import AsyncEmulator, Emulator

AnswerT = TypeVar("AnswerT")


class _Handle(Generic[AnswerT]):
    """What both kinds of handle share; ``created`` is the answer that made the sandbox."""

    def __init__(self, control: Nouns[AnswerT], created: dict[str, Any]) -> None:
        self.control = control
        self.id: str = created["id"]
        self.seed: int = created["seed"]
        self.keys: dict[str, str] = created["keys"]
        self.clock = Clock(control, self.id)
        self.faults = Faults(control, self.id)
        self.jobs = Jobs(control, self.id)
        self.accounts = Accounts(control, self.id)

    def vendor(self, name: str) -> Vendor:
        """A vendor by name, strangers included. KeyError if none is called so."""
        raise TypeError("use Sandbox or AsyncSandbox")

    @property
    def smartlyq(self) -> Vendor:
        """SmartlyQ."""
        return self.vendor("smartlyq")

    @property
    def leonardo(self) -> Vendor:
        """Leonardo.Ai."""
        return self.vendor("leonardo")

    @property
    def infinityblue(self) -> Vendor:
        """InfinityBlue."""
        return self.vendor("infinityblue")

    @property
    def uniall(self) -> Vendor:
        """UniAll."""
        return self.vendor("uniall")

    def set_scenario(self, name: str, **fields: Any) -> AnswerT:
        """Puts a scenario in force for the jobs accepted from now on."""
        return self.control.set_scenario(self.id, name, **fields)

    def add_key(self, vendor: str, **fields: Any) -> AnswerT:
        """One more key; fields are ``account``, ``scopes``, ``spending_limit``, ``revoked``, …"""
        return self.control.add_key(self.id, provider=vendor, **fields)


class Sandbox(_Handle[Any]):
    """A sandbox of an `Emulator`; what the fixture ``understudy`` gives."""

    def __init__(self, emulator: Emulator, created: dict[str, Any]) -> None:
        super().__init__(emulator.control, created)
        self.emulator = emulator

    def vendor(self, name: str) -> Vendor:
        """See `_Handle.vendor`."""
        house = self.emulator
        return Vendor(house.app.providers[name], self.keys[name], house, lambda: house.url)

    def fork(self, **fields: Any) -> Sandbox:
        """A copy with keys of its own, which goes its own way from here."""
        return Sandbox(self.emulator, self.control.fork(self.id, **fields))

    def close(self) -> None:
        """Forgets the sandbox."""
        self.control.delete_sandbox(self.id)

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class AsyncSandbox(_Handle[Awaitable[Any]]):
    """A sandbox of an `AsyncEmulator`; every verb is awaited."""

    def __init__(self, emulator: AsyncEmulator, created: dict[str, Any]) -> None:
        super().__init__(emulator.control, created)
        self.emulator = emulator

    def vendor(self, name: str) -> Vendor:
        """See `_Handle.vendor`."""
        house = self.emulator
        return Vendor(house.app.providers[name], self.keys[name], house, lambda: house.origin)

    async def fork(self, **fields: Any) -> AsyncSandbox:
        """A copy with keys of its own, which goes its own way from here."""
        return AsyncSandbox(self.emulator, await self.control.fork(self.id, **fields))

    async def close(self) -> None:
        """Forgets the sandbox."""
        await self.control.delete_sandbox(self.id)

    async def __aenter__(self) -> AsyncSandbox:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()
