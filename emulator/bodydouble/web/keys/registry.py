"""The key registry: from a secret to its sandbox, and from nothing to a new sandbox.

A well-formed key that nobody issued opens a sandbox of its own, named after the key, unless keys
are strict. Rights inside the sandbox are judged by the pipeline, not here.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from secrets import randbits, token_hex
from typing import Any

from bodydouble.core.addresses import Targets
from bodydouble.core.chance import Draw
from bodydouble.core.clock import Clock
from bodydouble.core.errors import Cause, Refused
from bodydouble.core.keys import Key, digest, digest_if, masked
from bodydouble.core.provider import Provider
from bodydouble.core.sandboxes import APART, Sandbox, Snapshot
from bodydouble.core.scenarios.scenario import SCENARIOS, Script
from bodydouble.core.store import Store, Transaction
from bodydouble.web.settings import Settings

_REMEMBERED_KEYS_MAX = 4096
_BY_KEY = "k"
log = logging.getLogger("bodydouble")


class Full(Exception):
    """There are as many sandboxes as this server keeps; the text says what to do."""


def real_us() -> int:
    """The wall clock, in Unix microseconds."""
    return time.time_ns() // 1000


def self_opened(id: str) -> bool:
    """Whether a sandbox was opened by a key that nobody issued."""
    return id.startswith(_BY_KEY)


class Registry:
    """Finds keys and makes sandboxes for one server; ``script`` is a scenario by its name."""

    def __init__(self, store: Store, settings: Settings, script: Callable[[str], Script]) -> None:
        self.store = store
        self.settings = settings
        self._script = script
        self.seed = randbits(32) if settings.seed is None else settings.seed
        self.targets = Targets(settings.webhook_allow)
        self._opened_by_key: dict[str, Key] = {}
        # Real time of the last request to each sandbox this process knows of.
        self.last_used: dict[str, int] = {}

    async def find(self, provider: Provider, secret: str) -> Key:
        """The key behind ``secret``. Refused: MALFORMED_KEY, UNKNOWN_KEY."""
        id = digest_if(provider.key_shape, secret)
        if id is None:
            raise Refused(Cause.MALFORMED_KEY, key=masked(secret))
        key = await self.store.key(id)
        if key is not None:
            if key.provider != provider.name:
                raise Refused(Cause.UNKNOWN_KEY, key=masked(secret))
            return key
        if self.settings.strict_keys:
            raise Refused(Cause.UNKNOWN_KEY, key=masked(secret))
        return self._self_opened(provider, secret, id)

    def _self_opened(self, provider: Provider, secret: str, id: str) -> Key:
        known = self._opened_by_key.get(provider.name + id)
        if known is None:
            if len(self._opened_by_key) >= _REMEMBERED_KEYS_MAX:
                self._opened_by_key.clear()
            known = self._opened_by_key[provider.name + id] = Key(
                id=id,
                sandbox=f"{_BY_KEY}{id[:24]}",
                provider=provider.name,
                account=f"{provider.name}/main",
                hint=masked(secret),
                test=provider.test_key(secret),
            )
        return known

    async def create(self, tx: Transaction, id: str) -> Sandbox:
        """A new sandbox with the server's settings. Refused: INTERNAL where there are too many."""
        if len(self.last_used) >= self.settings.sandboxes_max:
            log.error("a key was refused its sandbox: %s", self._full())
            raise Refused(Cause.INTERNAL, self._full())
        record = self.new_record(id)
        if record.script:
            tx.put(self._script(record.scenario))
        tx.put(record)
        return record

    def new_record(self, id: str) -> Sandbox:
        """A new record with the server's settings."""
        now = real_us()
        name = self.settings.scenario
        script = None if name in SCENARIOS else self._script(name)
        scenario = script.scenario if script is not None else SCENARIOS[name]
        return Sandbox(
            id=id,
            # Under a given seed, the same key opens the same universe on every run.
            seed=Draw(self.seed, "sandbox", id).between(0, 2**32 - 1),
            clock=Clock(now, now, 0.0 if self.settings.frozen else 1.0),
            created_real_us=now,
            speed=self.settings.speed,
            scenario=name,
            script=script.id if script is not None else "",
            faulty=scenario.has_faults,
            balances=dict(self.settings.balances),
            quirks=dict(self.settings.quirks),
        )

    def new_id(self) -> str:
        """An id that nobody guesses, for a sandbox made on request."""
        return f"s{token_hex(12)}"

    async def issue(
        self,
        provider: Provider,
        sandbox: str,
        account: str = "main",
        rights: Mapping[str, Any] | None = None,
    ) -> str:
        """A fresh secret for ``account`` in ``sandbox``, kept under its digest.

        ``rights`` are fields of `Key`: scopes, limits, revoked, expires_at_us.
        """
        secret = provider.mint_key(Draw(0, "key", token_hex(16)))
        await self.store.put_key(
            Key(
                id=digest(secret),
                sandbox=sandbox,
                provider=provider.name,
                account=f"{provider.name}/{account}",
                hint=masked(secret),
                test=provider.test_key(secret),
                **(rights or {}),
            )
        )
        return secret

    # How long, and how many ---------------------------------------------------------------------

    def used(self, id: str) -> None:
        """Notes that somebody asked something of a sandbox."""
        self.last_used[id] = real_us()

    def expires_us(self, id: str) -> int:
        """Real time at which the sandbox is forgotten if nobody asks anything of it till then."""
        return self.last_used.get(id, real_us()) + int(self.settings.idle_s * 1_000_000)

    async def make_room(self) -> None:
        """Lets one more sandbox in. Full where there are too many, and none of them is idle."""
        most = self.settings.sandboxes_max
        if len(self.last_used) < most:
            return
        await self.sweep()
        if len(self.last_used) >= most:
            raise Full(self._full())

    def _full(self) -> str:
        return (
            f"there are {self.settings.sandboxes_max} sandboxes, as many as this server keeps: "
            f"delete some, or wait until they have been idle for {self.settings.idle_s:.0f} s"
        )

    async def sweep(self) -> int:
        """Forgets what has been idle for too long; gives how many that was."""
        oldest_us = real_us() - int(self.settings.idle_s * 1_000_000)
        # What this process never saw used, an earlier one left in the store: it counts from now.
        for id in await self.store.sandboxes():
            if APART not in id:
                self.last_used.setdefault(id, real_us())
        idle = [id for id, used_us in self.last_used.items() if used_us < oldest_us]
        for id in idle:
            await self.drop(id)
        return len(idle)

    async def drop(self, id: str) -> None:
        """Drops a sandbox whole, and every copy kept of it."""
        self.last_used.pop(id, None)
        async with self.store.transaction(id + APART) as tx:
            kept = await tx.list(Snapshot)
        for snapshot in kept:
            await self.store.drop(id + APART + snapshot.id)
        if kept:
            await self.store.drop(id + APART)
        await self.store.drop(id)
