"""Replies that follow what happens after their request: streams of a vendor's events.

Each look is a transaction of its own, a few times a second for as long as somebody reads, and
changes no more than a poll does. How many there are is bounded together with all other streams.
What is looked at, and what is told of it, is the provider's to say.
"""

from __future__ import annotations

from typing import Any

import orjson

from bodydouble.core.addresses import PUBLIC
from bodydouble.core.provider import Provider
from bodydouble.core.wire import Call, Events, Reply
from bodydouble.sandbox.account_view import SandboxAccountView
from bodydouble.web.http.messages import http_date
from bodydouble.web.http.streams import HEADERS, EventStream, Streams
from bodydouble.web.keys.registry import Registry
from bodydouble.web.pipeline.gates import account_of
from bodydouble.web.webhooks.scheduler import Scheduler


def written(events: Events, told: Any) -> str:
    """What is told, as a stream's text."""
    if not events.named:
        return f"data: {orjson.dumps(told).decode()}\n\n"
    lines = [f"event: {one[events.named]}\ndata: {orjson.dumps(one).decode()}\n\n" for one in told]
    return "".join(lines)


class Following:
    """Tells a vendor's events, looking again once the request's own transaction is over."""

    def __init__(
        self, provider: Provider, registry: Registry, scheduler: Scheduler, streams: Streams
    ) -> None:
        self._provider = provider
        self._registry = registry
        self._scheduler = scheduler
        self._streams = streams

    async def _look(self, call: Call, events: Events) -> tuple[Any, bool] | None:
        """What is to be told now, looked up in a transaction; None where the sandbox is gone."""
        key = events.key
        assert key is not None, "the pipeline filled it in"
        async with self._registry.store.transaction(key.sandbox) as tx:
            sandbox = await self._scheduler.dispatcher.open(tx, key.sandbox)
            if sandbox is None:
                return None
            await sandbox.settle()
            call.now_us = sandbox.now_us
            account = await account_of(self._provider, sandbox, key)
            targets = PUBLIC if call.foreign else self._registry.targets
            origin = call.listening or call.origin
            view = SandboxAccountView(sandbox, account, key, origin, targets)
            found = await events.look(view)
        self._scheduler.notice(sandbox)
        return found

    def stream(self, reply: Reply, call: Call) -> EventStream:
        """A reply of `Events` as an ASGI response. TooMany."""
        events, told = reply.body, ""
        assert isinstance(events, Events), "a stream is of events"

        async def look() -> tuple[str, bool]:
            nonlocal told
            found = await self._look(call, events) if told else events.first
            if found is None:
                return "", True
            before, told = told, written(events, found[0])
            if events.named:
                return told.removeprefix(before), found[1]
            return "" if told == before else told, found[1]

        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers]
        date = http_date(call.now_us // 1_000_000).encode()
        return self._streams.looking(look, (*HEADERS, *raw, (b"date", date)))
