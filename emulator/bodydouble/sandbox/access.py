"""What the rules beside an open sandbox may use of it, as a protocol.

`OpenSandbox` implements it and calls those rules; they name this instead of importing it back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from bodydouble.core.chance import Draw
from bodydouble.core.provider import Operation, Provider
from bodydouble.core.sandboxes import Sandbox
from bodydouble.core.schedule import DueKind
from bodydouble.core.store import Transaction


class SandboxAccess(Protocol):
    """See `OpenSandbox`, whose members these are."""

    @property
    def tx(self) -> Transaction: ...
    @property
    def record(self) -> Sandbox: ...
    @property
    def now_us(self) -> int: ...
    @property
    def providers(self) -> Mapping[str, Provider]: ...
    @property
    def operation(self) -> Operation | None: ...
    @property
    def released(self) -> list[str]: ...
    @property
    def weights(self) -> dict[str, int]: ...
    @property
    def full(self) -> bool: ...

    def quirks(self, provider: str, /) -> Mapping[str, Any]: ...
    def draw(self, *purpose: object) -> Draw: ...
    async def serial(self, purpose: str, /) -> int: ...
    async def plan(self, at_us: int, kind: DueKind, target: str, /) -> None: ...
