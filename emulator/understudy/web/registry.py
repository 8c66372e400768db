"""The key registry: from a secret to its sandbox, and from nothing to a new sandbox.

A well-formed key that nobody issued opens a sandbox of its own, named after the key, unless keys
are strict. Rights inside the sandbox are judged by the pipeline, not here.
"""

from __future__ import annotations

import time
from secrets import randbits, token_hex

from understudy.core.chance import Draw
from understudy.core.clock import Clock
from understudy.core.errors import Cause, Refused
from understudy.core.keys import Key, digest, masked
from understudy.core.provider import Provider
from understudy.core.sandboxes import Sandbox
from understudy.core.store import Store, Transaction
from understudy.web.settings import Settings

_REMEMBERED_KEYS_MAX = 4096


def real_us() -> int:
    """The wall clock, in Unix microseconds."""
    return time.time_ns() // 1000


class Registry:
    """Finds keys and makes sandboxes for one server."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store = store
        self.settings = settings
        self.seed = randbits(32) if settings.seed is None else settings.seed
        self._opened_by_key: dict[str, Key] = {}

    async def find(self, provider: Provider, secret: str) -> Key:
        """The key behind ``secret``. Refused: MALFORMED_KEY, UNKNOWN_KEY."""
        if not provider.key_shape.fullmatch(secret):
            raise Refused(Cause.MALFORMED_KEY, key=masked(secret))
        id = digest(secret)
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
                sandbox=f"k{id[:24]}",
                provider=provider.name,
                account=f"{provider.name}/main",
                hint=masked(secret),
                test=provider.test_key(secret),
            )
        return known

    async def sandbox(self, tx: Transaction, id: str) -> Sandbox:
        """The sandbox ``tx`` holds, made with the server's settings if it is new."""
        return await tx.get(Sandbox, id) or await self._made(tx, id)

    async def _made(self, tx: Transaction, id: str) -> Sandbox:
        now = real_us()
        record = Sandbox(
            id=id,
            # Under a given seed, the same key opens the same universe on every run.
            seed=Draw(self.seed, "sandbox", id).between(0, 2**32 - 1),
            clock=Clock(now, now, 0.0 if self.settings.frozen else 1.0),
            created_real_us=now,
            speed=self.settings.speed,
            scenario=self.settings.scenario,
            balances=dict(self.settings.balances),
            quirks=dict(self.settings.quirks),
        )
        await tx.put(record)
        return record

    async def issue(self, provider: Provider, sandbox: str, account: str = "main") -> str:
        """A fresh secret for ``account`` in ``sandbox``, kept under its digest."""
        secret = provider.mint_key(Draw(0, "key", token_hex(16)))
        await self.store.put_key(
            Key(
                id=digest(secret),
                sandbox=sandbox,
                provider=provider.name,
                account=f"{provider.name}/{account}",
                hint=masked(secret),
                test=provider.test_key(secret),
            )
        )
        return secret
