"""What no client can do: clock, scenarios, faults, keys and top-ups, through a control plane.

They are plain JSON over HTTP under one prefix and are used only where the profile declares it.
This is the only module that knows that interface.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from bodydouble_contracts.history.exchanges import Request
from bodydouble_contracts.history.instants import instant_us
from bodydouble_contracts.targets.target import Lost, Target, TargetError

Json = Any
ELSE_OUTSIDE = "; if the target is no emulator of ours, judge it with `run --outside`"


@dataclass(slots=True)
class Sandbox:
    """One throw-away sandbox of a target: its id, its main key, its clock."""

    id: str
    key: str
    now_us: int


@dataclass(slots=True)
class ControlPlane:
    """The control plane of one target, for one vendor. `headers` may hold a token."""

    target: Target
    prefix: str
    provider: str
    accounts: str = "{account}"
    headers: tuple[tuple[str, str], ...] = field(default=())

    def create(self, seed: int, spec: dict[str, Json]) -> Sandbox:
        """Make a sandbox with a frozen clock. Raises TargetError with what came instead."""
        doc = self._ask("POST", "/sandboxes", {"seed": seed, "rate": 0, **spec})
        try:
            return Sandbox(doc["id"], doc["keys"][self.provider], self._now(doc["clock"]))
        except (KeyError, TypeError) as error:
            raise TargetError(f"the control plane made a sandbox without {error}") from error

    def forget(self, sandbox: Sandbox) -> None:
        """Delete a sandbox."""
        self._ask("DELETE", f"/sandboxes/{sandbox.id}")

    def key(self, sandbox: Sandbox, spec: dict[str, Json]) -> str:
        """Issue one more key and return it."""
        doc = self._ask(
            "POST", f"/sandboxes/{sandbox.id}/keys", {"provider": self.provider, **spec}
        )
        return str(doc["key"])

    def move(self, sandbox: Sandbox, spec: dict[str, Json]) -> int:
        """Move the clock (`advance_s`, `to`, `until`); return how far, in microseconds."""
        doc = self._ask("PATCH", f"/sandboxes/{sandbox.id}/clock", spec)
        before, sandbox.now_us = sandbox.now_us, self._now(doc)
        return sandbox.now_us - before

    def use(self, sandbox: Sandbox, action: str, data: dict[str, Json]) -> Json:
        """Set a scenario, add a fault, top an account up, settle deliveries."""
        path = f"/sandboxes/{sandbox.id}"
        if action == "scenario":
            return self._ask("PUT", f"{path}/scenario", data)
        if action == "fault":
            return self._ask("POST", f"{path}/faults", {"provider": self.provider, **data})
        if action == "top_up":
            account = self.accounts.format(account=data["account"])
            spec = {"amount": data["amount"]}
            return self._ask("POST", f"{path}/accounts/{account}/top-ups", spec)
        raise ValueError(f"no such power: {action}")

    def look(self, sandbox: Sandbox, noun: str) -> Json:
        """Read one collection of a sandbox (`accounts`, `jobs`, `deliveries`)."""
        return self._ask("GET", f"/sandboxes/{sandbox.id}/{noun}")

    def _ask(self, method: str, path: str, data: Json = None) -> Json:
        body = b"" if data is None else json.dumps(data).encode()
        headers = (("Content-Type", "application/json"), *self.headers)
        where = f"{self.target.name}{self.prefix}{path}"
        try:
            reply = self.target.send(Request(method, self.prefix + path, "control", headers, body))
        except Lost as error:
            raise TargetError(f"no answer from {where}: {error}") from error
        if reply.status >= 300:
            told = reply.body[:300].decode("utf-8", "replace")
            raise TargetError(
                f"the control plane answered {reply.status} to {method} {self.prefix}{path}: {told}"
                f"{ELSE_OUTSIDE if reply.status == 404 else ''}"
            )
        try:
            return json.loads(reply.body) if reply.body else {}
        except (ValueError, RecursionError) as error:
            kind = reply.header("content-type") or "nothing it would name"
            raise TargetError(
                f"{where} answered {kind} where a control plane answers JSON: name the target's "
                f"root{ELSE_OUTSIDE}"
            ) from error

    @staticmethod
    def _now(clock: Json) -> int:
        return instant_us(clock["now"]) or 0
