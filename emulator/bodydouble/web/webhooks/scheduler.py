"""Wakes sandboxes when something is due in them, so that webhooks leave on time when nobody calls.

One task sleeps until the next due row of all sandboxes and is woken early when an earlier one is
written. A frozen sandbox is left alone until its time is moved; whoever moves it calls `catch_up`.
What happens in a sandbox is not this file's affair.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter as Tally
from contextlib import suppress
from heapq import heappop, heappush

from bodydouble.core.clock import LATEST_US
from bodydouble.core.sandboxes import APART
from bodydouble.core.schedule import Due
from bodydouble.core.webhooks import Outgoing
from bodydouble.sandbox.open_sandbox import OpenSandbox
from bodydouble.web.keys.registry import real_us
from bodydouble.web.keys.secrets import traceback_of
from bodydouble.web.webhooks.dispatcher import CLAIM_US, Dispatcher

log = logging.getLogger("bodydouble")

ROWS_PER_TURN_MAX = 500
SLEEP_MAX_S = 3600.0
AFTER_CRASH_US = 1_000_000
LOOK_S = 0.02
# A request waits so long for receivers: for one that hangs as long as an attempt takes, and a bit.
CATCH_UP_S_MAX = 15.0


class Scheduler:
    """The one scheduler of a server; it does nothing by itself before `start`."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self.dispatcher = dispatcher
        self.store = dispatcher.registry.store
        self._due: dict[str, int] = {}
        self._heap: list[tuple[int, str]] = []
        self._earlier: asyncio.Event | None = None
        self._task: asyncio.Task[None] | None = None
        self._turning = False
        self._catching_up: Tally[str] = Tally()
        dispatcher.on_planned = self.notice
        dispatcher.on_idle = lambda sandbox: self.note(sandbox, real_us())

    async def start(self) -> None:
        """Begins to wake; everything the store holds is looked at once."""
        self._earlier = asyncio.Event()
        self._turning = False
        self.dispatcher.reopen()
        for sandbox in await self.store.sandboxes():
            if APART not in sandbox:
                self.note(sandbox, real_us())
        self._task = asyncio.create_task(self._run())

    async def stop(self, within_s: float = 0.0) -> None:
        """Has what is due sent for so long at most; then stops waking sandboxes, and sending.

        The store keeps what is left, for whoever comes next.
        """
        looks = int(within_s / LOOK_S)
        while looks > 0 and self._at_work():
            looks -= 1
            await asyncio.sleep(LOOK_S)
        self._earlier = None
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        await self.dispatcher.close()

    def _at_work(self) -> bool:
        """Whether anything is due or being sent."""
        due = bool(self._heap) and self._heap[0][0] <= real_us()
        return self._task is not None and (due or self._turning or self.dispatcher.busy)

    # Being told --------------------------------------------------------------------------------

    def notice(self, open_sandbox: OpenSandbox) -> None:
        """Learns what was planned in ``box``, after its commit. It reads nothing."""
        if self._earlier is None or (open_sandbox.wake_us is None and not open_sandbox.released):
            return
        at_us = (
            open_sandbox.now_us
            if open_sandbox.released or open_sandbox.wake_us is None
            else open_sandbox.wake_us
        )
        self._note_virtual(open_sandbox, at_us)

    def note(self, sandbox: str, at_real_us: int) -> None:
        """Has ``sandbox`` woken at a real instant, if it would not be woken earlier."""
        known = self._due.get(sandbox)
        if self._earlier is None or (known is not None and known <= at_real_us):
            return
        self._due[sandbox] = at_real_us
        heappush(self._heap, (at_real_us, sandbox))
        if self._heap[0][0] >= at_real_us:
            self._earlier.set()

    def _note_virtual(self, open_sandbox: OpenSandbox, at_us: int) -> None:
        rate, ahead_us = open_sandbox.record.clock.rate, at_us - open_sandbox.now_us
        if ahead_us <= 0:
            self.note(open_sandbox.record.id, real_us())
        elif rate > 0:
            self.note(open_sandbox.record.id, real_us() + int(min(ahead_us / rate, LATEST_US)) + 1)

    # Waking ------------------------------------------------------------------------------------

    async def _run(self) -> None:
        while self._earlier is not None:
            self._earlier.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._sleep_s()):
                    await self._earlier.wait()
            self._turning = True
            for sandbox in self._ripe():
                await self._turn(sandbox)
            self._turning = False

    def _sleep_s(self) -> float:
        if not self._heap:
            return SLEEP_MAX_S
        return min(SLEEP_MAX_S, max(0.0, (self._heap[0][0] - real_us()) / 1_000_000))

    def _ripe(self) -> list[str]:
        now, ripe = real_us(), []
        while self._heap and self._heap[0][0] <= now:
            at_us, sandbox = heappop(self._heap)
            if self._due.get(sandbox) == at_us:
                del self._due[sandbox]
                ripe.append(sandbox)
        return ripe

    async def _turn(self, sandbox: str) -> None:
        if self._catching_up[sandbox]:
            return  # `catch_up` settles it, and notes it at its end
        try:
            async with self.store.transaction(sandbox) as tx:
                open_sandbox = await self.dispatcher.open(tx, sandbox)
                if open_sandbox is None:
                    return
                await open_sandbox.settle(most=ROWS_PER_TURN_MAX)
                claimed = await self.dispatcher.claim(tx, sandbox)
                row = await tx.first(Due)
                under_way = await tx.count(Outgoing)
        except Exception as error:
            registry = self.dispatcher.registry
            if not registry.outage.met(error):
                told = await traceback_of(error, registry, sandbox)
                log.error("sandbox %s could not be woken; it is tried again\n%s", sandbox, told)
            self.note(sandbox, real_us() + AFTER_CRASH_US)
            return
        self.dispatcher.send(sandbox, claimed)
        await self.dispatcher.registry.weighed(open_sandbox)
        if row is not None:
            self._note_virtual(open_sandbox, row.order)
        if under_way:
            # A claim of another process, or one whose outcome was lost, is free once it is old.
            self.note(sandbox, real_us() + CLAIM_US)

    # Catching up -------------------------------------------------------------------------------

    async def catch_up(self, sandbox: str, timeout_s: float | None = None) -> bool:
        """Has everything sent that is due at the sandbox's present time, retries included.

        However far time was moved, each attempt is made at its own instant and its outcome written
        before the next instant is looked at. False if ``timeout_s`` real seconds
        (`CATCH_UP_S_MAX` if not given) were not enough: the scheduler has what is left sent, and
        nobody waits for it.
        """
        longest_s = CATCH_UP_S_MAX if timeout_s is None else timeout_s
        deadline = asyncio.get_running_loop().time() + longest_s
        self._catching_up[sandbox] += 1
        try:
            return await self._caught_up(sandbox, deadline)
        finally:
            self._catching_up[sandbox] -= 1
            if not self._catching_up[sandbox]:
                del self._catching_up[sandbox]
            self.note(sandbox, real_us())

    async def _caught_up(self, sandbox: str, deadline: float) -> bool:
        loop, dispatcher = asyncio.get_running_loop(), self.dispatcher
        while loop.time() < deadline:
            busy, claimed = dispatcher.has_lanes(sandbox), []
            if not busy:
                async with self.store.transaction(sandbox) as tx:
                    open_sandbox = await dispatcher.open(tx, sandbox)
                    if open_sandbox is None:
                        return True
                    claimed = await self._next_instant(open_sandbox, sandbox)
                dispatcher.send(sandbox, claimed)
                await dispatcher.registry.weighed(open_sandbox)
            if not (busy or claimed):
                return True
            with suppress(TimeoutError):
                async with asyncio.timeout_at(deadline):
                    await dispatcher.idle(sandbox)
        return False

    async def _next_instant(self, open_sandbox: OpenSandbox, sandbox: str) -> list[Outgoing]:
        """Settles up to the next instant at which something is sent, else to now; what to send."""
        dispatcher, tx = self.dispatcher, open_sandbox.tx
        stop_us = await dispatcher.earliest(tx, sandbox) or open_sandbox.now_us
        while await open_sandbox.settle(stop_us, most=1):
            if open_sandbox.released:
                open_sandbox.released.clear()
                stop_us = await dispatcher.earliest(tx, sandbox) or open_sandbox.now_us
        return await dispatcher.claim(tx, sandbox, stop_us)
