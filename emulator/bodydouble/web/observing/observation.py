"""What of a server is watched, and by whom: made once, where metrics or traces are asked for.

It hands out the watched store, renderer and transport in place of the plain ones, so that a server
which is not watched pays nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any, cast

from bodydouble.core.provider import Provider
from bodydouble.core.store import Store
from bodydouble.installation import install_command
from bodydouble.web.media.renderer import Renderer
from bodydouble.web.observing.seen_store import SeenStore
from bodydouble.web.observing.watcher import Watcher
from bodydouble.web.pipeline.context import Observer
from bodydouble.web.settings import Settings
from bodydouble.web.webhooks.dispatcher import Dispatcher
from bodydouble.web.webhooks.transport import Answer, Transport, WebhookRequest


class Observation:
    """The watchers of one application. ValueError in one sentence without the `observe` extra."""

    def __init__(self, settings: Settings, providers: Mapping[str, Provider]) -> None:
        self.exposition: Callable[[], tuple[bytes, str]] | None = None
        self._watchers: list[Watcher] = []
        try:
            if settings.metrics:
                from bodydouble.web.observing.metrics import Metrics

                metrics = Metrics(providers)
                self.exposition = metrics.exposition
                self._watchers.append(metrics)
            if settings.traces is not None:
                from bodydouble.web.observing.traces import Traces

                self._watchers.append(Traces(settings.traces))
        except ImportError as error:
            option = "--metrics" if settings.metrics else "--traces"
            advice = install_command("observe")
            raise ValueError(f"{option} needs {error.name}: {advice}") from None

    def store(self, store: Store) -> Store:
        """The store, watched where anybody counts what it keeps."""
        counting = self._watchers[0] if self.exposition is not None else None
        return store if counting is None else cast(Store, SeenStore(store, counting))

    def renderer(self) -> Renderer:
        """A renderer, watched."""
        return _SeenRenderer(self._watchers)

    def watch(self, dispatcher: Dispatcher) -> tuple[Observer, ...]:
        """Has receivers' calls seen; who is to be told of each request."""
        dispatcher.transport = cast(Transport, _SeenTransport(dispatcher.transport, self._watchers))
        return tuple(watcher.answered for watcher in self._watchers)

    def close(self) -> None:
        """Ends the watching. Blocks for a second at most."""
        for watcher in self._watchers:
            watcher.close()


class _SeenRenderer(Renderer):
    def __init__(self, watchers: list[Watcher]) -> None:
        super().__init__()
        self._watchers = watchers

    def submit(self, wire: Mapping[str, Any], *, work_mp: float, owner: str = "") -> Future[None]:
        """Queues an order."""
        kind, began_s = str(wire["kind"]), time.time()
        done = super().submit(wire, work_mp=work_mp, owner=owner)
        for watcher in self._watchers:
            watcher.ordered()

        def told(done: Future[None]) -> None:
            outcome = "dropped" if done.cancelled() else "failed" if done.exception() else "made"
            for watcher in self._watchers:
                watcher.made(kind, outcome, began_s)

        done.add_done_callback(told)
        return done


class _SeenTransport:
    def __init__(self, transport: Transport, watchers: list[Watcher]) -> None:
        self._transport = transport
        self._watchers = watchers

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    async def send(self, request: WebhookRequest) -> Answer:
        """Sends one webhook."""
        began_s = time.time()
        answer = await self._transport.send(request)
        for watcher in self._watchers:
            watcher.called(began_s, answer.attempt.code)
        return answer
