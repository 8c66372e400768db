"""The key registry: from a secret to its sandbox, and from nothing to a new sandbox.

A well-formed key that nobody issued opens a sandbox of its own, named after the key, unless keys
are strict. Rights inside the sandbox are judged by the pipeline, not here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from secrets import randbits, token_hex
from typing import Any

from bodydouble.core.addresses import Targets, is_loopback
from bodydouble.core.chance import Draw
from bodydouble.core.clock import Clock
from bodydouble.core.errors import Cause, Refused
from bodydouble.core.keys import Claim, Key, digest, digest_if, masked, opened_by
from bodydouble.core.provider import Provider
from bodydouble.core.sandboxes import Sandbox
from bodydouble.core.scenarios.scenario import SCENARIOS, Script
from bodydouble.core.store import Store, Transaction
from bodydouble.web.keys.keeping import Full, Keeping, real_us
from bodydouble.web.keys.outage import Outage
from bodydouble.web.settings import Settings, is_file

_REMEMBERED_KEYS_MAX = 4096
_TOLD_EVERY_US = 60_000_000
__all__ = ["Registry", "real_us"]
log = logging.getLogger("bodydouble")


class Registry(Keeping):
    """Finds keys and makes sandboxes for one server; ``script`` is a scenario by its name."""

    def __init__(self, store: Store, settings: Settings, script: Callable[[str], Script]) -> None:
        super().__init__(store, settings)
        self.outage = Outage(store)
        self._script = script
        self.seed = randbits(32) if settings.seed is None else settings.seed
        self.targets = Targets(settings.webhook_allow, loopback=is_loopback(settings.host))
        self._opened_by_key: dict[str, Key] = {}
        self._told_us = 0

    async def find(self, provider: Provider, secret: str, claim: Claim | None = None) -> Key:
        """The key behind ``secret``, or the one that a claim names. Refused: MALFORMED_KEY,
        UNKNOWN_KEY. Of a name that nobody issued nobody knows the secret, so any proof will do.
        """
        id = digest_if(provider.key_shape, secret) if claim is None else digest(secret)
        if id is None:
            raise Refused(Cause.MALFORMED_KEY, key=masked(secret))
        key = await self.store.key(id)
        if key is not None:
            # A name is no secret, and a secret is no name.
            if key.provider != provider.name or bool(key.proof) is (claim is None):
                raise Refused(Cause.UNKNOWN_KEY, key=masked(secret))
            if claim is not None and not claim.proves(key.proof):
                raise Refused(Cause.UNKNOWN_KEY, key=key.hint, unproven=True)
            return key
        if self.settings.strict_keys:
            raise Refused(Cause.UNKNOWN_KEY, key=masked(secret))
        opened = self._self_opened(provider, secret, id)
        if opened.sandbox not in self.last_used:
            await self._let_in(opened.sandbox)
        return opened

    async def _let_in(self, id: str) -> None:
        try:
            await self.make_room()
        except Full as full:
            if (now_us := real_us()) - self._told_us > _TOLD_EVERY_US:
                self._told_us = now_us
                log.error("keys are refused their sandboxes: %s", full)
            raise Refused(Cause.INTERNAL, str(full)) from None
        # The place is taken before the sandbox is there, so that no two newcomers get one place.
        self.last_used[id] = real_us()

    def _self_opened(self, provider: Provider, secret: str, id: str) -> Key:
        known = self._opened_by_key.get(provider.name + id)
        if known is None:
            if len(self._opened_by_key) >= _REMEMBERED_KEYS_MAX:
                self._opened_by_key.clear()
            known = self._opened_by_key[provider.name + id] = Key(
                id=id,
                sandbox=opened_by(id),
                provider=provider.name,
                account=f"{provider.name}/main",
                hint=masked(secret),
                test=provider.test_key(secret),
            )
        return known

    async def is_key(self, word: str, sandbox: str) -> bool:
        """Whether a word opens a sandbox: who puts a key into a prompt has it in a job."""
        id = digest(word)
        return opened_by(id) == sandbox or await self.store.key(id) is not None

    async def create(self, tx: Transaction, id: str) -> Sandbox:
        """A new sandbox with the server's settings."""
        record = self.new_record(id)
        if record.script:
            tx.put(self._script(self.settings.scenario))
        tx.put(record)
        return record

    def new_record(self, id: str) -> Sandbox:
        """A new record with the server's settings."""
        now = real_us()
        named = self.settings.scenario
        script = None if named in SCENARIOS else self._script(named)
        scenario = script.scenario if script is not None else SCENARIOS[named]
        return Sandbox(
            id=id,
            # Under a given seed, the same key opens the same universe on every run.
            seed=Draw(self.seed, "sandbox", id).between(0, 2**32 - 1),
            clock=Clock(now, now, 0.0 if self.settings.frozen else 1.0),
            created_real_us=now,
            used_real_us=now,
            began_us=now,
            speed=self.settings.speed,
            scenario=scenario.name,
            script=script.id if script is not None else "",
            faulty=scenario.has_faults,
            balances=dict(self.settings.balances),
            quirks=dict(self.settings.quirks),
            hints=self.settings.hints,
            media=self.settings.media,
        )

    @property
    def own_scenario(self) -> Script | None:
        """The scenario that the server was started with, where it is a file of its owner's."""
        named = self.settings.scenario
        return self._script(named) if is_file(named) else None

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
        """A fresh secret for ``account`` in ``sandbox``, kept under its digest, and its pair.

        ``rights`` are fields of `Key`: scopes, limits, revoked, expires_at_us.
        """
        secret = provider.mint_key(Draw(0, "key", token_hex(16)))
        shown = [(secret, "")]
        if provider.key_pair is not None:
            shown.append(provider.key_pair(secret))
        for name, proof in shown:
            await self.store.put_key(
                Key(
                    id=digest(name),
                    sandbox=sandbox,
                    provider=provider.name,
                    account=f"{provider.name}/{account}",
                    hint=masked(name),
                    test=provider.test_key(secret),
                    proof=proof,
                    **(rights or {}),
                )
            )
        return secret
