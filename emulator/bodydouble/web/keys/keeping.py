"""Which sandboxes a server keeps: how many, how much of them, and for how long.

Who is let in, and with what key, is the registry's.
"""

from __future__ import annotations

import time
from dataclasses import replace

from bodydouble.core.keys import self_opened
from bodydouble.core.sandboxes import APART, Sandbox, Snapshot
from bodydouble.core.store import Store, Transaction, When, always
from bodydouble.sandbox.open_sandbox import OpenSandbox
from bodydouble.web.keys.held import HELD_BYTES_MAX, Held
from bodydouble.web.settings import Settings

_NEVER_US = 2**62
_NOTED_EVERY_US = 30_000_000
# Longer than what is noted lags behind.
_IN_USE_US = 60_000_000
_MADE_WITHIN_US = 60_000_000
_TRIES = 16


class Full(Exception):
    """This server keeps as many sandboxes, or as much of them, as it may; what to do."""


def real_us() -> int:
    """The wall clock, in Unix microseconds."""
    return time.time_ns() // 1000


class Keeping:
    """The sandboxes of one server, which may share their store with other processes."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store = store
        self.settings = settings
        self.held = Held(within_process=not store.failures)
        # Real time of the last request to each sandbox this process knows of.
        self.last_used: dict[str, int] = {}
        # The store is told that often, so that other processes know of it, too.
        self._noted_every_us = min(_NOTED_EVERY_US, self._idle_us // 10)
        # What needs no second look, and when what is not whole was first seen.
        self._whole: set[str] = set()
        self._half_made: dict[str, int] = {}

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

    async def weighed(self, sandbox: OpenSandbox) -> None:
        """Learns, after its commit, what a sandbox keeps now; others make room if that is much."""
        id = sandbox.record.id
        self.held.weigh(id, sandbox.weights)
        for _ in range(_TRIES):
            if not self.held.full or not await self._one_less(id):
                return

    async def make_room(self) -> None:
        """Lets one more sandbox in, in place of one that is idle or, of those that keys opened, of
        the one used least lately. Full where a tester made them all and uses them.
        """
        for _ in range(_TRIES):
            if len(self.last_used) < self.settings.sandboxes_max and not self.held.full:
                return
            if not await self._one_less():
                break
        raise Full(self._full())

    async def _one_less(self, but: str = "") -> bool:
        """Has one sandbox make room; False where none can."""
        now_us = real_us()
        known = [
            (used_us, id)
            for id, used_us in self.last_used.items()
            if id != but and (self_opened(id) or used_us < now_us - self._idle_us)
        ]
        if not known:
            return False
        used_us, id = min(known)
        # What another process serves is used more lately than is known here.
        oldest_us = max(used_us + 1, now_us - _IN_USE_US)
        await self._drop_if_idle(id, oldest_us if self_opened(id) else now_us - self._idle_us)
        return True

    def _full(self) -> str:
        idle_s = self.settings.idle_limit_s
        wait = f", or wait until they have been idle for {idle_s:.0f} s" if idle_s else ""
        most = f"there are {self.settings.sandboxes_max} sandboxes, as many"
        if self.held.full:
            most = f"all sandboxes together hold {HELD_BYTES_MAX} bytes, as much"
        return f"{most} as this server keeps: delete some{wait}"

    async def sweep(self) -> int:
        """Forgets what has been idle for too long; gives how many that was.

        How long is the store's to say: another process may have served what this one never saw.
        """
        now_us = real_us()
        found = await self.store.sandboxes()
        kept = [id for id in found if APART not in id]
        for id in found:
            # A process that drops a sandbox may end before it has dropped its copies, too.
            of, apart, _ = id.partition(APART)
            if apart and of and of not in kept:
                await self.store.drop(id)
        await self._drop_half_made(found, now_us)
        for id in self.last_used.keys() - set(kept):
            del self.last_used[id]
        for id in kept:
            self.last_used.setdefault(id, 0)
        if not self.settings.idle_limit_s:
            return 0
        oldest_us = now_us - self._idle_us
        return sum([await self._drop_if_idle(id, oldest_us) for id in kept])

    async def _drop_half_made(self, found: list[str], now_us: int) -> None:
        """Forgets copies whose making ended halfway: those that stay unfinished for a while.

        Each is looked at until it is whole. A copy is made in moments, by whichever process.
        """
        self._whole &= set(found)
        half: dict[str, int] = {}
        for id in found:
            if id in self._whole:
                continue
            if await self._is_whole(id):
                self._whole.add(id)
            elif now_us - (seen_us := self._half_made.get(id, now_us)) < _MADE_WITHIN_US:
                half[id] = seen_us
            else:
                await self.store.drop(id, self._still_half(id))
        self._half_made = half

    async def _is_whole(self, id: str) -> bool:
        of, _, name = id.partition(APART)
        if not of or (APART in id and not name):
            return True  # what is kept beside all sandboxes, and a sandbox's list of snapshots
        async with self.store.transaction(of + APART if name else id) as tx:
            return await tx.get(Snapshot if name else Sandbox, name or id) is not None

    def _still_half(self, id: str) -> When:
        async def half(tx: Transaction) -> bool:
            return APART in id or await tx.get(Sandbox, id) is None

        return half

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
        self.held.forget(id)
        async with self.store.transaction(id + APART) as tx:
            kept = await tx.list(Snapshot)
        for snapshot in kept:
            await self.store.drop(id + APART + snapshot.id)
        if kept:
            await self.store.drop(id + APART)
        return True
