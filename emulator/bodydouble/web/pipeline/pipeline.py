"""One request, through the rooms, read top to bottom.

route → key → transaction → schedule settles → faults at arrival → scope → rate limit → idempotency
→ the provider's handler (body, price, admission, writes) → the provider's words → faults at
acceptance and departure → request log → commit → bytes.
Nothing here knows a vendor: which gates there are, and their order, is the provider's tuple.
With the memory store and no delay it never suspends.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import lru_cache
from typing import cast

import orjson

from bodydouble.core.chance import Draw
from bodydouble.core.errors import Cause, Refused
from bodydouble.core.evidence.request_log import Exchange
from bodydouble.core.idempotency import Remembered, fingerprint, still_counts
from bodydouble.core.keys import Key
from bodydouble.core.limits import Decision, WindowCount, decide
from bodydouble.core.money.ledger import Account
from bodydouble.core.provider import Desk, Provider
from bodydouble.core.sandboxes import Counter, Sandbox
from bodydouble.core.schedule import Due
from bodydouble.core.wire import Call, Errand, Reply, Served
from bodydouble.sandbox.account_view import AccountDesk
from bodydouble.sandbox.open_sandbox import OpenSandbox
from bodydouble.web.keys.registry import Registry, real_us
from bodydouble.web.pipeline.context import Visit, line_of
from bodydouble.web.pipeline.endings import odd_reply
from bodydouble.web.pipeline.fault_injection import REPLAYED, arrive, depart
from bodydouble.web.pipeline.hints import Noticed, hinted
from bodydouble.web.pipeline.routing import Routes
from bodydouble.web.webhooks.scheduler import Waker

log = logging.getLogger("bodydouble")


class Pipeline:
    """Answers the calls of one provider."""

    def __init__(
        self,
        provider: Provider,
        registry: Registry,
        providers: Mapping[str, Provider],
        waker: Waker,
    ) -> None:
        self.waker = waker
        self.provider = provider
        self.registry = registry
        self.providers = providers
        self.routes = Routes(provider.operations)
        self.usual_quirks = provider.quirk_defaults()
        self._nobodys = 0

    async def answer(self, call: Call) -> Reply:
        """The finished reply: body encoded, every header in place."""
        visit = Visit(call)
        try:
            try:
                visit.operation, call.params = self.routes.find(call.method, call.path)
            except Refused as lost:
                visit.lost = lost
            if visit.operation is not None and visit.operation.open:
                self._stamp_without_sandbox(call)
                reply = await visit.operation.handle(call, cast(Desk, None))
            else:
                secret = self.provider.credential(call)
                visit.key = await self.registry.find(self.provider, secret)
                return await self._inside(visit, visit.key)
        except Refused as refused:
            self._stamp_without_sandbox(call)
            # Where nothing is, nobody is asked for a key, nor told that there is no room.
            reply = self.provider.refuse((visit.lost or refused).refusal, call)
        except Exception:
            log.exception("%s %s crashed; nothing of it was kept", call.method, call.path)
            self._stamp_without_sandbox(call)
            reply = self.provider.refuse(Refused(Cause.INTERNAL).refusal, call)
        return self._finished(visit, reply)

    def refused(self, call: Call, refused: Refused) -> Reply:
        """The finished reply to a request that never got as far as a key."""
        self._stamp_without_sandbox(call)
        return self._finished(Visit(call), self.provider.refuse(refused.refusal, call))

    async def _inside(self, visit: Visit, key: Key) -> Reply:
        call = visit.call
        started_us = real_us()
        async with self.registry.store.transaction(key.sandbox) as tx:
            record = await tx.get(Sandbox, key.sandbox)
            if record is None:
                record = await self.registry.made(tx, key.sandbox)
            self.registry.last_used[key.sandbox] = started_us
            box = OpenSandbox(tx, record, self.providers, started_us)
            row = await tx.first(Due)
            if row is not None and row.order <= box.now_us:
                await box.settle()
            call.now_us = box.now_us
            call.quirks = box.quirks(self.provider.name) if record.quirks else self.usual_quirks
            counter = await tx.get(Counter, "requests")
            serial = counter.value + 1 if counter is not None else 1
            tx.put(Counter("requests", serial))
            draw = _request_draw(record.seed, serial)
            call.request_id = self.provider.request_id(draw, box.now_us)
            box.operation = visit.operation
            if record.hints:
                call.quirks = Noticed(call.quirks, record.quirks)
            try:
                if visit.lost is not None:
                    raise visit.lost
                struck = await arrive(box, visit, self.provider) if record.faulty else None
                reply = struck or await self._judged(visit, box, key)
            except Refused as refused:
                visit.notes += (refused.refusal.cause.value, refused.refusal.text)
                reply = self.provider.refuse(refused.refusal, call)
            if reply.errand is None:
                reply = await self._kept(visit, box, reply, (serial, started_us))
        if box.wake_us is not None or box.released:
            self.waker.notice(box)
        if reply.errand is not None:
            return await self._after_errand(visit, key, reply.errand, (serial, started_us))
        return reply

    async def _kept(
        self, visit: Visit, box: OpenSandbox, reply: Reply, stamp: tuple[int, int]
    ) -> Reply:
        serial, started_us = stamp
        key = visit.key
        assert key is not None, "a request without a key is in no sandbox"
        if visit.job is not None and visit.job.timeline.oddity is not None:
            reply = odd_reply(reply, visit.job, self.provider)
        reply = self._finished(visit, reply)
        if visit.memory_id and reply.status < 300:
            await box.remember(self._remembered(visit, reply), self.provider)
        if box.record.faulty:
            reply = await depart(box, visit, reply, self.provider)
        if box.record.hints:
            reply = hinted(box, visit, reply)
        box.tx.append(Exchange, line_of(visit, key, reply, (serial, real_us() - started_us)))
        return reply

    async def _after_errand(
        self, visit: Visit, key: Key, errand: Errand, stamp: tuple[int, int]
    ) -> Reply:
        # What has to go out to the network goes while nobody waits for the sandbox.
        delivery = await self.waker.sender.send_now(key.sandbox, errand.delivery)
        async with self.registry.store.transaction(key.sandbox) as tx:
            box = await self.waker.sender.open(tx, key.sandbox)
            reply = errand.say(delivery)
            return (
                await self._kept(visit, box, reply, stamp) if box else self._finished(visit, reply)
            )

    async def _judged(self, visit: Visit, box: OpenSandbox, key: Key) -> Reply:
        call, operation = visit.call, visit.operation
        assert operation is not None, "routing comes before the gates"
        for gate in self.provider.gates:
            if gate == "key":
                if key.revoked or key.expires_at_us is not None:
                    _check_key(key, call.now_us)
            elif gate == "scope":
                if key.scopes is not None and not key.may(operation.scope):
                    raise Refused(Cause.SCOPE, scope=operation.scope)
            elif gate == "rate":
                for window in self.provider.windows(call, key, operation):
                    count = await box.tx.get(WindowCount, window.id)
                    count, decision = decide(window, count, box.now_us)
                    visit.decisions += (decision,)
                    if not decision.allowed:
                        raise _over(decision)
                    box.tx.put(count)
            elif gate == "idempotency" and operation.idempotent:
                stored = await self._check_memory(visit, box, key)
                if stored is not None:
                    return stored
        account = await box.tx.get(Account, key.account)
        if account is None:
            account = await box.account(self.provider, key.account.partition("/")[2])
        desk = AccountDesk(box, account, key, call.origin, self.registry.targets)
        desk.stale = visit.stale
        reply = await operation.handle(call, desk)
        visit.job = desk.last_job
        if desk.account is not account:
            visit.cost = account.balance - desk.account.balance
        return reply

    async def _check_memory(self, visit: Visit, box: OpenSandbox, key: Key) -> Reply | None:
        call = visit.call
        name = self.provider.idempotency_key(call)
        if name is None:
            return None
        id = f"{key.account}:{name}"
        memory = await box.tx.get(Remembered, id)
        lifetime_us = self.provider.idempotency_lifetime_us
        if memory is None or not still_counts(memory, box.now_us, lifetime_us):
            visit.memory_id = id
            return None
        if memory.fingerprint != fingerprint(call.method, call.path, call.body):
            raise Refused(Cause.IDEMPOTENCY, key=name)
        visit.notes += (REPLAYED,)
        return Reply(memory.status, memory.body, memory.headers, secrets=memory.secrets)

    def _remembered(self, visit: Visit, reply: Reply) -> Remembered:
        call = visit.call
        return Remembered(
            id=visit.memory_id,
            fingerprint=fingerprint(call.method, call.path, call.body),
            at_us=call.now_us,
            status=reply.status,
            headers=(),
            body=reply.body or b"",
            job=visit.job.id if visit.job else "",
            order=call.now_us,
            secrets=reply.secrets,
        )

    def _finished(self, visit: Visit, reply: Reply) -> Reply:
        headers = reply.headers + self.provider.finish(reply, visit.call, visit.decisions)
        body = reply.body
        if isinstance(body, Served):
            if visit.key is not None:
                body = Served(body.job_id, body.extension, visit.key.sandbox)
        elif body is not None and not isinstance(body, bytes):
            body = orjson.dumps(body)
        return Reply(reply.status, body, headers, reply.media_type, reply.secrets)

    def _stamp_without_sandbox(self, call: Call) -> None:
        self._nobodys += 1
        call.now_us = real_us()
        draw = Draw(self.registry.seed, "nobody", self._nobodys, call.now_us)
        call.request_id = self.provider.request_id(draw, call.now_us)
        call.quirks = {**self.provider.quirk_defaults(), **self.registry.settings.quirks}


@lru_cache(maxsize=1024)
def _request_block(seed: int, number: int) -> Draw:
    return Draw(seed, "request", number)


def _request_draw(seed: int, serial: int) -> Draw:
    # One hash is enough for the ids of four requests.
    number, place = divmod(serial, 4)
    return _request_block(seed, number).at(16 * place)


def _over(decision: Decision) -> Refused:
    return Refused(Cause.RATE, limit=decision.limit, retry_after_s=decision.retry_after_s)


def _check_key(key: Key, now_us: int) -> None:
    if key.revoked:
        raise Refused(Cause.REVOKED_KEY, key=key.hint)
    if key.expires_at_us is not None and now_us >= key.expires_at_us:
        raise Refused(Cause.EXPIRED_KEY, key=key.hint)
