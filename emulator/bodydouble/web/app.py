"""The application: vendors by prefix, by host, or one at the root; everything else is Starlette's.

A vendor's request goes straight to its pipeline, because it is the hot path; media, uploads and
the control plane are ordinary Starlette routes. Knows where things are mounted, not what they do.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from collections.abc import Mapping
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
from starlette.types import ASGIApp, Receive, Scope, Send

from bodydouble import providers
from bodydouble.core import wire
from bodydouble.core.errors import Refused
from bodydouble.core.provider import Provider
from bodydouble.core.scenarios.scenario import SCENARIOS, Script
from bodydouble.core.signatures import ed25519
from bodydouble.core.store import Store
from bodydouble.core.wire import Call, Events, Served
from bodydouble.stores import open_store
from bodydouble.web.http import messages
from bodydouble.web.http.cross_origin import CrossOrigin
from bodydouble.web.http.proxies import Proxies
from bodydouble.web.http.streams import Streams
from bodydouble.web.http.unread import Unread
from bodydouble.web.keys.registry import Registry
from bodydouble.web.keys.secrets import traceback_of
from bodydouble.web.keys.starting_values import bad_balances, bad_quirks
from bodydouble.web.pipeline.console import Console
from bodydouble.web.pipeline.context import Observer
from bodydouble.web.pipeline.mounts import Mounts
from bodydouble.web.pipeline.unusual import send_unusual
from bodydouble.web.settings import Settings, is_file
from bodydouble.web.webhooks.dispatcher import Dispatcher
from bodydouble.web.webhooks.scheduler import Scheduler

if TYPE_CHECKING:
    from bodydouble.web.media.links import MediaLinks
    from bodydouble.web.observing.observation import Observation
    from bodydouble.web.replay.cassette import Replay

log = logging.getLogger("bodydouble")
wire.decode_json = orjson.loads
wire.encode_json = orjson.dumps
ed25519.arithmetic = partial(import_module, "bodydouble.web.webhooks.ed25519")

SWEEP_EVERY_S = 60.0
# In the scope of a request that came without a socket: gives the address that links lead to.
LISTENING = "bodydouble.listening"


@cache
def _script(name: str) -> Script:
    """The scenario of a file: one of ours by its name, or somebody's own by its path."""
    # Reading YAML takes longer to load than a server may take to start, and few servers do.
    from bodydouble.web.control.scenario_files import read_scenario, scenario_files

    return read_scenario(Path(name)) if is_file(name) else scenario_files()[name]


class Application:
    """The ASGI application. ``rest`` answers what is no vendor's.

    ``known`` are the vendors it stands in for; left out, all that are installed.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        store: Store | None = None,
        known: Mapping[str, Provider] | None = None,
    ) -> None:
        self.settings = settings or Settings()
        self.store: Store = store or open_store(self.settings.store)
        self.providers: Mapping[str, Provider] = providers.Installed() if known is None else known
        self._check()
        self._observation: Observation | None = None
        if self.settings.metrics or self.settings.traces is not None:
            from bodydouble.web.observing.observation import Observation

            self._observation = Observation(self.settings, self.providers)
            self.store = self._observation.store(self.store)
        self.exposition = self._observation.exposition if self._observation else None
        self.registry = Registry(self.store, self.settings, _script)
        self.scheduler = Scheduler(Dispatcher(self.registry, self.providers))
        observers: list[Observer] = []
        explains = self.settings.log_format != "none"
        if explains:
            observers.append(Console(sys.stderr, as_json=self.settings.log_format == "json"))
        if self._observation is not None:
            observers += self._observation.watch(self.scheduler.dispatcher)
        self.streams = Streams()
        self.mounts = Mounts(
            self.providers,
            self.registry,
            self.scheduler,
            self.settings.only,
            tuple(observers),
            streams=self.streams,
            explains=explains,
        )
        self.pipeline = self.mounts.pipeline
        self.pages = CrossOrigin(self.settings.cors_origins)
        self.proxies = Proxies(self.settings.trusted_proxies, self.settings.public_url)
        self._rest: ASGIApp | None = None
        self._sweeping: asyncio.Task[None] | None = None
        self._until = 0.0
        self._media: MediaLinks | None = None
        self._replay: Replay | None = None
        if self.settings.replay is not None:
            from bodydouble.web.replay.cassette import read_replay

            self._replay = read_replay(self.settings.replay)

    def _check(self) -> None:
        """ValueError in one sentence for a setting that no vendor or scenario knows."""
        settings = self.settings
        if settings.only is not None and settings.only not in self.providers:
            listed = ", ".join(self.providers)
            raise ValueError(f"no provider is called {settings.only!r}: there are {listed}")
        # Files are read only where the core knows no such name; a bad one says what is wrong.
        if is_file(settings.scenario):
            _script(settings.scenario)
        elif settings.scenario not in SCENARIOS:
            from bodydouble.web.control.scenario_files import scenario_files

            if settings.scenario not in scenario_files():
                listed = ", ".join((*SCENARIOS, *scenario_files()))
                raise ValueError(f"no scenario is called {settings.scenario!r}: there are {listed}")
        for name, problem in bad_balances(self.providers, settings.balances):
            raise ValueError(f"the balance{name and f' of {name}'}: {problem}")
        for name, problem in bad_quirks(self.providers, settings.quirks).items():
            raise ValueError(f"the quirk {name} {problem}")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            if messages.head_too_long(scope):
                await messages.refuse_head(send)
                return
            found = self.mounts.find(scope)
            if found is not None:
                pipeline, path = found
                headers = tuple(scope["headers"])
                call = Call(scope["method"], path, query=scope["query_string"], headers=headers)
                call.origin = self.proxies.origin(scope, call.named)
                call.listening = scope.get(LISTENING)
                call.asked_path = scope["path"]
                if b"origin" in call.named:
                    admitted = await self.pages.admit(call, pipeline.provider.cors, send)
                    if admitted is None:
                        return
                    send = admitted
                if scope["method"] != "GET" or not messages.bodiless(scope, call.named):
                    try:
                        call.body = await messages.read_body(call, receive)
                    except Refused as refused:
                        unread = Unread(receive, send, None)
                        await messages.send_reply(unread.send, pipeline.unread(call, refused), call)
                        return
                    except ConnectionResetError:
                        return
                if self._replay is not None and self._replay.provider == pipeline.provider.name:
                    await self._replay.answer(call, messages.dated(send))
                    return
                reply = await pipeline.answer(call)
                if reply.fault is None and not isinstance(reply.body, (Served, Events)):
                    await messages.send_reply(send, reply, call, scope)
                else:
                    asgi = scope, receive, send
                    await send_unusual(pipeline, lambda: self.media, reply, call, asgi)
                return
            named = dict(reversed(scope["headers"]))
            if not messages.bodiless(scope, named):
                unread = Unread(receive, send, named.get(b"content-length"))
                receive, send = unread.receive, unread.send
            scope, send = self.proxies.seen(scope, named), messages.dated(send)
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:
            await self.rest(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        # Not Starlette's, so that a server starts without everything that is no vendor's.
        await receive()
        try:
            await self.startup()
        except Exception as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            raise
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.shutdown()
        await send({"type": "lifespan.shutdown.complete"})

    @property
    def rest(self) -> ASGIApp:
        """Media, uploads, documents, control plane and front page: built when first needed."""
        if self._rest is None:
            from starlette.applications import Starlette
            from starlette.requests import Request
            from starlette.responses import JSONResponse
            from starlette.routing import Route

            from bodydouble.web.control.routes import ControlPlane
            from bodydouble.web.control.wire.problems import handlers, telling_crashes
            from bodydouble.web.media.uploads import upload_route
            from bodydouble.web.page.door import PageDoor
            from bodydouble.web.reference.documents import reference_routes

            async def front(request: Request) -> JSONResponse:
                return JSONResponse({"bodydouble": list(self.providers)})

            control = ControlPlane(self)
            rest = Starlette(
                routes=[
                    PageDoor(self, control),
                    Route("/", front),
                    *self.media.routes(),
                    *reference_routes(self.providers),
                    upload_route(self.registry, self.providers),
                    control,
                ],
                exception_handlers=handlers(self.registry.outage),
            )
            rest.router.redirect_slashes = False
            self._rest = self.pages.around(telling_crashes(rest, self.registry))
        return self._rest

    @property
    def media(self) -> MediaLinks:
        """The links to media files, and the files: opened when the first is asked for."""
        if self._media is None:
            from bodydouble.web.media.files import MediaFiles
            from bodydouble.web.media.links import MediaLinks, blob_bytes

            settings = self.settings
            files = MediaFiles(
                settings.media_dir,
                settings.media_bytes_max,
                settings.fetch_inputs,
                partial(blob_bytes, self.store),
                renderer=self._observation.renderer() if self._observation else None,
            )
            self._media = MediaLinks(self.store, self.providers, files)
        return self._media

    async def startup(self) -> None:
        """Called by the server at its start: from now on, what is due happens by itself."""
        await self.scheduler.start()
        self._sweeping = asyncio.create_task(self._sweep_regularly())

    def stopping(self, within_s: float) -> None:
        """The server was told to stop, and calls `shutdown` within so many seconds.

        Streams end and films are given up. What is due goes out meanwhile.
        """
        self._until = time.monotonic() + within_s
        self.streams.close()
        if self._media is not None:
            self._media.files.give_up()

    async def shutdown(self) -> None:
        """Stops sending, ends the renderer and lets go of the store."""
        self.streams.close()
        if self._sweeping is not None:
            self._sweeping.cancel()
            await asyncio.gather(self._sweeping, return_exceptions=True)
        await self.scheduler.stop(self._until - time.monotonic())
        if self._media is not None:
            await self._media.files.close()
        await self.store.close()
        if self._observation is not None:
            await asyncio.to_thread(self._observation.close)

    async def _sweep_regularly(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_EVERY_S)
            try:
                await self.registry.sweep()
            except Exception as error:
                if not self.registry.outage.met(error):
                    told = await traceback_of(error, self.registry)
                    log.error("idle sandboxes could not be forgotten; it is tried again\n%s", told)
