"""The key registry: from a secret to its sandbox, and from nothing to a new sandbox.

A well-formed key that nobody issued opens a sandbox of its own, named after the key, unless keys
are strict. Rights inside the sandbox are judged by the pipeline, not here.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from secrets import randbits, token_hex
from typing import Any

from bodydouble.core.addresses import Targets, is_loopback
from bodydouble.core.chance import Draw
from bodydouble.core.clock import Clock
from bodydouble.core.errors import Cause, Refused
from bodydouble.core.keys import Claim, Key, digest, digest_if, masked
from bodydouble.core.provider import Provider
from bodydouble.core.sandboxes import APART, Sandbox, Snapshot
from bodydouble.core.scenarios.scenario import SCENARIOS, Script
from bodydouble.core.store import Store, Transaction, When, always
from bodydouble.web.keys.outage import Outage
from bodydouble.web.settings import Settings, is_file

_REMEMBERED_KEYS_MAX = 4096
_BY_KEY = "k"
_NEVER_US = 2**62
_NOTED_EVERY_US = 30_000_000
# Longer than what is noted lags behind.
_IN_USE_US = 60_000_000
_TOLD_EVERY_US = 60_000_000
_TRIES = 16
log = logging.getLogger("bodydouble")


class Full(Exception):
    """There are as many sandboxes as this server keeps; the text says what to do."""


def real_us() -> int:
    """The wall clock, in Unix microseconds."""
    return time.time_ns() // 1000


def opened_by(digest: str) -> str:
    """The sandbox that a key opens which nobody issued."""
    return f"{_BY_KEY}{digest[:24]}"


def self_opened(id: str) -> bool:
    """Whether a sandbox was opened by a key that nobody issued."""
    return id.startswith(_BY_KEY)


class Registry:
    """Finds keys and makes sandboxes for one server; ``script`` is a scenario by its name."""

    def __init__(self, store: Store, settings: Settings, script: Callable[[str], Script]) -> None:
        self.store = store
        self.settings = settings
        self.outage = Outage(store)
        self._script = script
        self.seed = randbits(32) if settings.seed is None else settings.seed
        self.targets = Targets(settings.webhook_allow, loopback=is_loopback(settings.host))
        self._opened_by_key: dict[str, Key] = {}
        # Real time of the last request to each sandbox this process knows of.
        self.last_used: dict[str, int] = {}
        # The store is told that often, so that other processes know of it, too.
        self._noted_every_us = min(_NOTED_EVERY_US, self._idle_us // 10)
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

    # How long, and how many ---------------------------------------------------------------------

    def used(self, tx: Transaction, record: Sandbox, now_us: int) -> Sandbox:
        """The record of a sandbox of which somebody asks something at real ``now_us``."""
        self.last_used[record.id] = now_us
        if now_us - record.used_real_us <= self._noted_every_us:
            return record
        noted = replace(record, used_real_us=now_us)
        tx.put(noted)
        return noted

    @property
    def _idle_us(self) -> int:
        return int(self.settings.idle_limit_s * 1_000_000) or _NEVER_US

    def expires_us(self, id: str) -> int | None:
        """Real time at which the sandbox is forgotten if nobody asks anything of it till then.

        None where none ever is.
        """
        if not self.settings.idle_limit_s:
            return None
        return self.last_used.get(id, real_us()) + self._idle_us

    async def make_room(self) -> None:
        """Lets one more sandbox in, in place of one that is idle or, of those that keys opened, of
        the one used least lately. Full where a tester made them all and uses them.
        """
        for _ in range(_TRIES):
            if len(self.last_used) < self.settings.sandboxes_max:
                return
            now_us = real_us()
            known = [
                (used_us, id)
                for id, used_us in self.last_used.items()
                if self_opened(id) or used_us < now_us - self._idle_us
            ]
            if not known:
                break
            used_us, id = min(known)
            # What another process serves is used more lately than is known here.
            oldest_us = max(used_us + 1, now_us - _IN_USE_US)
            await self._drop_if_idle(id, oldest_us if self_opened(id) else now_us - self._idle_us)
        raise Full(self._full())

    def _full(self) -> str:
        idle_s = self.settings.idle_limit_s
        wait = f", or wait until they have been idle for {idle_s:.0f} s" if idle_s else ""
        return (
            f"there are {self.settings.sandboxes_max} sandboxes, as many as this server keeps: "
            f"delete some{wait}"
        )

    async def sweep(self) -> int:
        """Forgets what has been idle for too long; gives how many that was.

        How long is the store's to say: another process may have served what this one never saw.
        """
        now_us = real_us()
        found = await self.store.sandboxes()
        kept = [id for id in found if APART not in id]
        for id in found:
            # A process that drops a sandbox may end before it has dropped its copies, too.
            if APART in id and id.partition(APART)[0] not in kept:
                await self.store.drop(id)
        for id in self.last_used.keys() - set(kept):
            del self.last_used[id]
        for id in kept:
            self.last_used.setdefault(id, 0)
        if not self.settings.idle_limit_s:
            return 0
        oldest_us = now_us - self._idle_us
        return sum([await self._drop_if_idle(id, oldest_us) for id in kept])

    async def _drop_if_idle(self, id: str, oldest_us: int) -> bool:
        async def idle(tx: Transaction) -> bool:
            record = await tx.get(Sandbox, id)
            if record is not None:
                noted_us = max(record.used_real_us, record.created_real_us)
            else:
                # A copy that is still being made has no record of its own: it counts from now.
                noted_us = 0 if self.last_used.get(id) else real_us()
            self.last_used[id] = max(noted_us, self.last_used.get(id, 0))
            return self.last_used[id] < oldest_us

        return await self.drop(id, idle)

    async def drop(self, id: str, when: When = always) -> bool:
        """Drops a sandbox whole, and every copy kept of it, if ``when`` says so."""
        if not await self.store.drop(id, when):
            return False
        self.last_used.pop(id, None)
        async with self.store.transaction(id + APART) as tx:
            kept = await tx.list(Snapshot)
        for snapshot in kept:
            await self.store.drop(id + APART + snapshot.id)
        if kept:
            await self.store.drop(id + APART)
        return True
