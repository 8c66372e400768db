"""Sends what the schedule put out: one lane per receiver, so that who hangs delays nobody else.

A lane sends in order, one at a time; lanes run side by side, bounded per sandbox and overall. What
is sent was claimed in a transaction and is forgotten in another, after its outcome is written: a
crash in between sends it twice, never not at all. No transaction is open while anything is sent.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter as Tally
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace

from bodydouble.core.errors import Cause, Refused
from bodydouble.core.provider import Provider
from bodydouble.core.sandboxes import Sandbox
from bodydouble.core.scenarios.faults import Fault, Kind
from bodydouble.core.store import Transaction
from bodydouble.core.webhooks import (
    Attempt,
    Delivery,
    DeliveryStatus,
    Outgoing,
    Webhook,
    WebhookStatus,
)
from bodydouble.sandbox.events import record
from bodydouble.sandbox.open_sandbox import OpenSandbox
from bodydouble.web.keys.registry import Registry, real_us
from bodydouble.web.keys.secrets import traceback_of
from bodydouble.web.webhooks.delivery_faults import faults_at_delivery, forged, postponed
from bodydouble.web.webhooks.transport import Answer, Transport, WebhookRequest

log = logging.getLogger("bodydouble")

LANES_MAX = 256
LANES_PER_SANDBOX_MAX = 16
CLAIMED_PER_LANE_MAX = 20
CLAIM_US = 60_000_000
# Of the end of a server.
GIVING_BACK_S = 1.0

Lane = tuple[str, str]


class Dispatcher:
    """The one dispatcher of a server."""

    def __init__(self, registry: Registry, providers: Mapping[str, Provider]) -> None:
        self.registry = registry
        self.providers = providers
        self.transport = Transport(registry.targets, registry.settings.webhook_timeout_s)
        self._lanes: dict[Lane, deque[Outgoing]] = {}
        self._tasks: dict[Lane, asyncio.Task[None]] = {}
        self._busy: Tally[str] = Tally()
        self._waiting: dict[str, list[asyncio.Future[None]]] = {}
        self._closed = False
        # The scheduler is told what an outcome planned, and that nothing is left to send.
        self.on_planned: Callable[[OpenSandbox], None] = lambda open_sandbox: None
        self.on_idle: Callable[[str], None] = lambda sandbox: None

    # What is to be sent ------------------------------------------------------------------------

    async def claim(
        self, tx: Transaction, sandbox: str, until_us: int | None = None
    ) -> list[Outgoing]:
        """Takes what may be sent now, in the caller's transaction; `send` it after the commit.

        With ``until_us``, only what was due by then.
        """
        now, claimed = real_us(), []
        taken: Tally[str] = Tally()
        for one in await self._free(tx, sandbox):
            queue = self._lanes.get((sandbox, one.lane), ())
            late = until_us is not None and one.order > until_us
            if late or len(queue) + taken[one.lane] >= CLAIMED_PER_LANE_MAX:
                continue
            taken[one.lane] += 1
            claimed.append(replace(one, claimed_real_us=now))
            tx.put(claimed[-1])
        return claimed

    async def earliest(self, tx: Transaction, sandbox: str) -> int | None:
        """The instant at which the first of what may be sent was due; None if there is nothing."""
        free = await self._free(tx, sandbox)
        return free[0].order if free else None

    async def _free(self, tx: Transaction, sandbox: str) -> list[Outgoing]:
        """What nobody has claimed, or too long ago to be still at it."""
        oldest_us = real_us() - CLAIM_US
        held = {one.id for (of, _), lane in self._lanes.items() if of == sandbox for one in lane}
        return [
            one
            for one in await tx.list(Outgoing)
            if one.claimed_real_us <= oldest_us and one.id not in held
        ]

    def send(self, sandbox: str, claimed: list[Outgoing]) -> None:
        """Puts claimed deliveries on their lanes."""
        for one in claimed:
            self._lanes.setdefault((sandbox, one.lane), deque()).append(one)
        self._pump()

    async def idle(self, sandbox: str) -> None:
        """Waits until no lane of ``sandbox`` has anything left."""
        if not self.has_lanes(sandbox):
            return
        future = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(sandbox, []).append(future)
        await future

    def has_lanes(self, sandbox: str) -> bool:
        """Whether anything of ``sandbox`` is being sent, or about to be."""
        return any(of == sandbox for of, _ in self._lanes)

    def _pump(self) -> None:
        for lane in self._lanes:
            if self._closed or len(self._tasks) >= LANES_MAX:
                return
            if lane not in self._tasks and self._busy[lane[0]] < LANES_PER_SANDBOX_MAX:
                self._busy[lane[0]] += 1
                self._tasks[lane] = asyncio.create_task(self._first_of(lane))

    async def _first_of(self, lane: Lane) -> None:
        sandbox, queue = lane[0], self._lanes[lane]
        try:
            await self._try(sandbox, queue[0])
        except Exception as error:
            if not self.registry.outage.met(error):
                told = await traceback_of(error, self.registry, sandbox)
                log.error("a webhook of %s stays claimed and is sent later\n%s", sandbox, told)
        finally:
            self._step(lane, queue)

    def _step(self, lane: Lane, queue: deque[Outgoing]) -> None:
        sandbox = lane[0]
        del self._tasks[lane]
        self._busy[sandbox] -= 1
        del self._lanes[lane]
        queue.popleft()
        if queue:
            # To the back, so that every receiver has its turn when all lanes are in use.
            self._lanes[lane] = queue
        self._pump()
        if not self.has_lanes(sandbox):
            del self._busy[sandbox]
            for future in self._waiting.pop(sandbox, []):
                if not future.done():
                    future.set_result(None)
            self.on_idle(sandbox)

    # One attempt -------------------------------------------------------------------------------

    async def _try(self, sandbox: str, outgoing: Outgoing) -> None:
        delivery, request = await self._prepared(sandbox, outgoing.delivery, outgoing)
        if delivery is not None and request is not None:
            await self._delivered(sandbox, delivery, request)

    async def send_now(self, sandbox: str, delivery_id: str) -> Delivery:
        """Tries a delivery once, now, whatever its webhook's status. Refused(NOT_FOUND) if gone."""
        delivery, request = await self._prepared(sandbox, delivery_id, None)
        if delivery is None or request is None:
            raise Refused(Cause.NOT_FOUND, id=delivery_id)
        return await self._delivered(sandbox, delivery, request, once=True)

    async def _prepared(
        self, sandbox: str, delivery_id: str, outgoing: Outgoing | None
    ) -> tuple[Delivery | None, WebhookRequest | None]:
        async with self.registry.store.transaction(sandbox) as tx:
            open_sandbox = await self.open(tx, sandbox)
            delivery = await tx.get(Delivery, delivery_id) if open_sandbox else None
            webhook = await tx.get(Webhook, delivery.webhook) if delivery else None
            if open_sandbox is None or delivery is None or webhook is None:
                return await _given_up(tx, outgoing, delivery, DeliveryStatus.DEAD_LETTER), None
            if outgoing is not None and webhook.status is not WebhookStatus.ACTIVE:
                return await _given_up(tx, outgoing, delivery, delivery.status), None
            faults: list[Fault] = []
            if open_sandbox.record.faulty:
                first = outgoing is not None and outgoing.order == delivery.created_at_us
                faults = await faults_at_delivery(open_sandbox, delivery, first)
                if outgoing is not None and await postponed(
                    open_sandbox, outgoing, delivery, faults
                ):
                    return None, None
            vendor = self.providers[delivery.group.partition("/")[0]].webhooks
            assert vendor is not None, "what is delivered is a webhook of the vendor's"
            at_us = _instant(open_sandbox, outgoing)
            headers = vendor.signed_headers(webhook, delivery, at_us)
            kinds = tuple(fault.kind for fault in faults)
            if Kind.BAD_SIGNATURE in kinds:
                headers = forged(headers)
            return delivery, WebhookRequest(
                webhook.url, headers, delivery.body, at_us, kinds, webhook.public_only
            )

    async def _delivered(
        self, sandbox: str, delivery: Delivery, request: WebhookRequest, *, once: bool = False
    ) -> Delivery:
        answer = await self._sent(request)
        async with self.registry.store.transaction(sandbox) as tx:
            open_sandbox = await self.open(tx, sandbox)
            fresh = await tx.get(Delivery, delivery.id) if open_sandbox else None
            if open_sandbox is None or fresh is None:
                return delivery
            after = await record(
                open_sandbox, fresh, answer.attempt, answer.retry_after_s, once=once
            )
        self.on_planned(open_sandbox)
        await self.registry.weighed(open_sandbox)
        return after

    async def _sent(self, request: WebhookRequest) -> Answer:
        if Kind.DROP in request.faults:
            return Answer(Attempt(request.at_us, error="dropped on purpose"))
        if Kind.DUPLICATE in request.faults:
            await self.transport.send(request)
        answer = await self.transport.send(request)
        if Kind.BAD_SIGNATURE in request.faults:
            # So that whoever took it can be told from whoever did not.
            answer = replace(answer, attempt=replace(answer.attempt, forged=True))
        return answer

    async def open(self, tx: Transaction, sandbox: str) -> OpenSandbox | None:
        """The sandbox as the rules see it; None if it is gone."""
        kept = await tx.get(Sandbox, sandbox)
        return OpenSandbox(tx, kept, self.providers, real_us()) if kept else None

    @property
    def busy(self) -> bool:
        """Whether anything is being sent, or about to be."""
        return bool(self._lanes)

    async def close(self) -> None:
        """Ends every attempt under way, and gives back what was claimed for whoever comes next."""
        self._closed = True
        left: dict[str, list[str]] = {}
        for (sandbox, _), lane in self._lanes.items():
            left.setdefault(sandbox, []).extend(one.id for one in lane)
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._tasks.clear()
        self._lanes.clear()
        self._busy.clear()
        self._waiting.clear()
        self.transport.close()
        # A store that does not answer now has them free after a minute, as after a crash.
        with suppress(TimeoutError, *self.registry.store.failures):
            async with asyncio.timeout(GIVING_BACK_S):
                for sandbox, ids in left.items():
                    await self._give_back(sandbox, ids)

    async def _give_back(self, sandbox: str, ids: list[str]) -> None:
        async with self.registry.store.transaction(sandbox) as tx:
            for id in ids:
                one = await tx.get(Outgoing, id)
                if one is not None:
                    tx.put(replace(one, claimed_real_us=0))

    def reopen(self) -> None:
        """Sends again after a `close`: the same application may be served anew, on another loop."""
        self._closed = False


async def _given_up(
    tx: Transaction, outgoing: Outgoing | None, delivery: Delivery | None, status: DeliveryStatus
) -> Delivery | None:
    """Nothing is sent: there is nobody to send it to any more, or not for the present."""
    if outgoing is not None:
        tx.delete(Outgoing, outgoing.id)
    if delivery is not None:
        delivery = replace(delivery, status=status, next_at_us=None)
        tx.put(delivery)
    return delivery


def _instant(open_sandbox: OpenSandbox, outgoing: Outgoing | None) -> int:
    """When an attempt takes place: under a frozen clock when it was due, else when it is made."""
    if outgoing is None:
        return open_sandbox.now_us
    return (
        outgoing.order
        if open_sandbox.record.clock.rate == 0
        else max(outgoing.order, open_sandbox.now_us)
    )
