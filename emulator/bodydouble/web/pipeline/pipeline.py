"""One request, read top to bottom.

route → key → transaction → schedule settles → faults at arrival → scope → rate limit → idempotency
→ the provider's handler (body, price, admission, writes) → the provider's words → faults at
acceptance and departure → request log → commit → bytes.
Nothing here knows a vendor: which gates there are, and their order, is the provider's tuple.
With the memory store and no delay it never suspends. Where another worker wrote meanwhile, and the
store holds no sandbox for a mere attempt, the request is answered once more from its beginning.
"""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter_ns
from typing import cast

from bodydouble.core.account_view import AccountView
from bodydouble.core.addresses import PUBLIC
from bodydouble.core.chance import Draw, request_draw
from bodydouble.core.errors import Cause, Refused
from bodydouble.core.evidence.request_log import Exchange
from bodydouble.core.keys import Key, masked
from bodydouble.core.limits import WindowCount, decide, refused_by
from bodydouble.core.provider import Provider
from bodydouble.core.sandboxes import Counter, Sandbox
from bodydouble.core.schedule import Due
from bodydouble.core.store import Opened, Stale, attempts
from bodydouble.core.wire import Call, Reply
from bodydouble.sandbox.account_view import SandboxAccountView
from bodydouble.sandbox.open_sandbox import OpenSandbox
from bodydouble.web.http.streams import Streams
from bodydouble.web.keys.registry import Registry, real_us
from bodydouble.web.pipeline.console import tell_crash
from bodydouble.web.pipeline.context import Observer, RequestContext, line_of
from bodydouble.web.pipeline.deferring import waited
from bodydouble.web.pipeline.endings import altered_reply
from bodydouble.web.pipeline.fault_injection import inject_at_arrival, inject_at_departure
from bodydouble.web.pipeline.following import Following
from bodydouble.web.pipeline.gates import (
    account_of,
    check_claim,
    check_headers,
    check_key,
    over,
    windows_of,
)
from bodydouble.web.pipeline.hints import NearMisses, TrackedQuirks, hinted, hints_of
from bodydouble.web.pipeline.memory import remembered, stored_reply
from bodydouble.web.pipeline.routing import routes_of
from bodydouble.web.webhooks.scheduler import Scheduler


class Pipeline:
    """Answers the calls of one provider, and tells ``observers`` of each.

    ``explains``: an observer says why a reply is what it is, so that is found out for every one.
    """

    def __init__(
        self,
        provider: Provider,
        registry: Registry,
        providers: Mapping[str, Provider],
        scheduler: Scheduler,
        observers: tuple[Observer, ...] = (),
        *,
        streams: Streams,
        explains: bool = False,
    ) -> None:
        self.observers = observers
        self.following = Following(provider, registry, scheduler, streams)
        self.explains = explains
        self.scheduler = scheduler
        self.provider = provider
        self.registry = registry
        self.providers = providers
        self.routes = routes_of(provider)
        self.usual_quirks = provider.quirk_defaults
        self._unkeyed = 0
        self._attempt = attempts(registry.store)
        self._near_misses = NearMisses(provider, self.routes)

    async def answer(self, call: Call) -> Reply:
        """The finished reply: body encoded, every header in place."""
        context = RequestContext(call)
        started_ns = perf_counter_ns() if self.observers else 0
        try:
            reply = await self._answered(context, self._attempt)
        except Stale:
            context = RequestContext(call)
            reply = await self._answered(context, self.registry.store.transaction)
        return self._told(context, reply, started_ns) if self.observers else reply

    async def _answered(self, context: RequestContext, opened: Opened) -> Reply:
        call = context.call
        call.reads = self.provider.reads
        try:
            try:
                context.operation, call.params = self.routes.find(call.method, call.path)
            except Refused as refused:
                context.no_route = refused
            if context.operation is not None and context.operation.open:
                self._stamp_without_sandbox(call)
                reply = await context.operation.handle(call, cast(AccountView, None))
            else:
                context.secret = self.provider.credential(call)
                context.key = await self.registry.find(self.provider, context.secret, call.claim)
                return await self._in_transaction(context, context.key, opened)
        except Refused as refused:
            self._stamp_without_sandbox(call)
            if context.no_route is not None:
                told = self._near_misses.say(call, hinted=self.explains)
                context.hints = (told,)
            # No route outranks a missing key and a full server.
            context.refusal = (context.no_route or refused).refusal
            reply = self.provider.refuse(context.refusal, call)
        except Exception as error:
            refused_by_store = self.registry.outage.met(error)
            if refused_by_store is None:
                await tell_crash(error, context, self.registry)
            self._stamp_without_sandbox(call)
            context.refusal = (refused_by_store or Refused(Cause.INTERNAL)).refusal
            reply = self.provider.refuse(context.refusal, call)
        return self._encoded(context, reply)

    def refused(self, call: Call, refused: Refused) -> Reply:
        """The finished reply to a request that never got as far as a key."""
        self._stamp_without_sandbox(call)
        context = RequestContext(call)
        context.refusal = refused.refusal
        reply = self.provider.refuse(refused.refusal, call)
        return self._told(context, self._encoded(context, reply), perf_counter_ns())

    def unread(self, call: Call, refused: Refused) -> Reply:
        """The finished reply to a request that was not read to its end; a bad key comes first."""
        try:
            secret = self.provider.credential(call)
            if call.claim is None and not self.provider.key_shape.fullmatch(secret):
                raise Refused(Cause.MALFORMED_KEY, key=masked(secret))
        except Refused as keyless:
            refused = keyless
        return self.refused(call, refused)

    def _told(self, context: RequestContext, reply: Reply, started_ns: int) -> Reply:
        took_us = (perf_counter_ns() - started_ns) // 1000
        for observe in self.observers:
            observe(self.provider, context, reply, took_us)
        return reply

    async def _in_transaction(self, context: RequestContext, key: Key, opened: Opened) -> Reply:
        call = context.call
        started_us = real_us()
        async with opened(key.sandbox) as tx:
            record = await tx.get(Sandbox, key.sandbox)
            if record is None:
                record = await self.registry.create(tx, key.sandbox)
            record = self.registry.used(tx, record, started_us)
            sandbox = OpenSandbox(tx, record, self.providers, started_us)
            row = await tx.first(Due)
            if row is not None and row.order <= sandbox.now_us:
                await sandbox.settle()
            call.now_us = sandbox.now_us
            call.quirks = sandbox.quirks(self.provider.name) if record.quirks else self.usual_quirks
            counter = await tx.get(Counter, "requests")
            serial = counter.value + 1 if counter is not None else 1
            tx.put(Counter("requests", serial))
            draw = request_draw(record.seed, serial)
            call.request_id = self.provider.request_id(draw, sandbox.now_us)
            sandbox.operation, sandbox.full = context.operation, self.registry.held.full
            if record.hints:
                call.quirks = TrackedQuirks(call.quirks, record.quirks)
            try:
                if context.no_route is not None:
                    raise context.no_route
                injected = (
                    await inject_at_arrival(sandbox, context, self.provider)
                    if record.faulty
                    else None
                )
                reply = injected or await self._pass_gates(context, sandbox, key)
            except Refused as refused:
                context.refusal = refused.refusal
                context.notes += (refused.refusal.cause.value, refused.refusal.text)
                if refused.refusal.cause is Cause.RATE:
                    wait_s = refused.refusal.data.get("retry_after_s", 1)
                    context.decisions = refused_by(context.decisions, wait_s, call.now_us)
                if refused is context.no_route:
                    told = record.hints or self.explains
                    context.notes += (self._near_misses.say(call, hinted=told),)
                reply = self.provider.refuse(refused.refusal, call)
            if reply.deferred is None:
                reply = await self._complete(context, sandbox, reply, (serial, started_us))
        if self.registry.outage.since is not None:
            self.registry.outage.over()
        if sandbox.wake_us is not None or sandbox.released:
            self.scheduler.notice(sandbox)
        if sandbox.weights:
            await self.registry.weighed(sandbox)
        if reply.deferred is not None:
            return await self._deferred(context, key, reply, (serial, started_us))
        return reply

    async def _complete(
        self, context: RequestContext, sandbox: OpenSandbox, reply: Reply, stamp: tuple[int, int]
    ) -> Reply:
        serial, started_us = stamp
        key = context.key
        assert key is not None, "a request without a key is in no sandbox"
        if context.job is not None and context.job.timeline.ending is not None:
            reply = altered_reply(reply, context.job, self.provider)
        reply = self._encoded(context, reply)
        if context.memory_id and reply.status < 300:
            await sandbox.remember(remembered(context, reply), self.provider)
        if sandbox.record.faulty:
            reply = await inject_at_departure(sandbox, context, reply, self.provider)
        if sandbox.record.hints or self.explains:
            context.hints = hints_of(sandbox, context)
        if sandbox.record.hints:
            reply = hinted(reply, context.hints)
        sandbox.tx.append(Exchange, line_of(context, key, reply, (serial, real_us() - started_us)))
        return reply

    async def _deferred(
        self, context: RequestContext, key: Key, reply: Reply, stamp: tuple[int, int]
    ) -> Reply:
        # What takes its time is waited for while nobody waits for the sandbox.
        say = await waited(self.scheduler, key.sandbox, reply, context.call)
        async with self.registry.store.transaction(key.sandbox) as tx:
            sandbox = await self.scheduler.dispatcher.open(tx, key.sandbox)
            if sandbox is None:
                return self._encoded(context, reply)
            account = await account_of(self.provider, sandbox, key)
            call = context.call
            view = SandboxAccountView(sandbox, account, key, call.listening or call.origin)
            reply = await say(view)
            context.job = view.last_job or context.job
            return await self._complete(context, sandbox, reply, stamp)

    async def _pass_gates(self, context: RequestContext, sandbox: OpenSandbox, key: Key) -> Reply:
        call, operation = context.call, context.operation
        assert operation is not None, "routing comes before the gates"
        for gate in self.provider.gates:
            if gate == "key":
                if call.claim is not None:
                    check_claim(call.claim, call, real_us())
                if key.revoked or key.expires_at_us is not None:
                    check_key(key, call.now_us)
            elif gate == "headers":
                if self.provider.required_headers:
                    check_headers(self.provider.required_headers, call)
            elif gate == "scope":
                if key.scopes is not None and not key.may(operation.scope):
                    raise Refused(Cause.SCOPE, scope=operation.scope)
            elif gate == "rate":
                for window in await windows_of(self.provider, call, operation, (sandbox, key)):
                    count = await sandbox.tx.get(WindowCount, window.id)
                    count, decision = decide(window, count, sandbox.now_us)
                    context.decisions += (decision,)
                    if not decision.allowed:
                        raise over(decision)
                    if window.accepted_only:
                        context.counts += (count,)
                    else:
                        sandbox.tx.put(count)
            elif gate == "idempotency" and operation.idempotent:
                stored = await stored_reply(context, sandbox, key, self.provider)
                if stored is not None:
                    return stored
        account = await account_of(self.provider, sandbox, key)
        targets = PUBLIC if call.foreign else self.registry.targets
        view = SandboxAccountView(sandbox, account, key, call.listening or call.origin, targets)
        view.stale = context.stale
        reply = await operation.handle(call, view)
        context.job = view.last_job
        if context.counts and context.job is not None:
            for count in context.counts:
                sandbox.tx.put(count)
        if view.account is not account:
            context.cost = account.balance - view.account.balance
        return reply

    def _encoded(self, context: RequestContext, reply: Reply) -> Reply:
        headers = reply.headers + self.provider.finish(reply, context.call, context.decisions)
        if reply.status == 405 and not any(name == "allow" for name, _ in headers):
            headers = (*headers, ("allow", ", ".join(self.routes.allowed(context.call.path))))
        body = context.encoded(reply.body)
        return Reply(
            reply.status, body, headers, reply.media_type, reply.secrets, folds=reply.folds
        )

    def _stamp_without_sandbox(self, call: Call) -> None:
        self._unkeyed += 1
        call.now_us = real_us()
        draw = Draw(self.registry.seed, "nobody", self._unkeyed, call.now_us)
        call.request_id = self.provider.request_id(draw, call.now_us)
        call.quirks = {**self.provider.quirk_defaults, **self.registry.settings.quirks}
