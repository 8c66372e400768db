"""An emulator for the length of a ``with`` block, and its twin for coroutines.

Both make sandboxes, reach them without a socket, and listen on a free port of the loopback
interface once their address is asked for. Time is frozen unless an option says otherwise.
"""

from __future__ import annotations

import asyncio
from typing import Any

from bodydouble.client import AsyncControl, Control
from bodydouble.core.keys import self_opened
from bodydouble.testing.async_sandbox import AsyncSandbox
from bodydouble.testing.sandbox import Sandbox
from bodydouble.testing.serving import (
    START_S,
    UNREACHABLE,
    Engine,
    QuietServer,
    address,
    server_for,
    started,
)
from bodydouble.testing.transports import LoopTransport, ThreadedTransport, Transport
from bodydouble.web.app import Application
from bodydouble.web.server import bound
from bodydouble.web.settings import Settings

# What replies call the server while it has no address.
NOWHERE = "http://localhost"


def _settings(options: dict[str, Any]) -> Settings:
    # Idle by a clock that a test may move by years: a sandbox goes when its test is over.
    return Settings(**{"frozen": True, "port": 0, "idle_s": 0.0, **options})


class Emulator:
    """A running emulator: ``with Emulator(seed=1) as emulator: emulator.url``.

    Options are those of `web.settings.Settings`; time is frozen unless ``frozen=False``.
    """

    def __init__(self, **options: Any) -> None:
        self.settings = _settings(options)
        self.app = Application(self.settings)
        self._engine = Engine(self.app)
        self.transport = Transport(self._engine)
        self.async_transport = ThreadedTransport(self._engine)
        self.control = Control(NOWHERE, self.settings.control_token, transport=self.transport)

    @property
    def url(self) -> str:
        """Where it listens; it begins to when this is first asked. OSError if it cannot."""
        return self._engine.listen()

    @property
    def origin(self) -> str:
        """Its address if it has one, else the name its transports know it by."""
        return self._engine.url or NOWHERE

    def sandbox(self, **fields: Any) -> Sandbox:
        """A fresh sandbox, gone when its ``with`` block ends; fields as in ``POST /sandboxes``."""
        return Sandbox(self, self.control.create_sandbox(**fields))

    def self_opened(self) -> frozenset[str]:
        """Sandboxes that were opened by a key nobody issued."""
        return frozenset(filter(self_opened, list(self.app.registry.last_used)))

    def close(self) -> None:
        """Ends everything that runs in it."""
        self.control.close()
        self._engine.close()

    def __enter__(self) -> Emulator:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class AsyncEmulator:
    """An emulator in the caller's own event loop: ``async with AsyncEmulator() as emulator:``."""

    def __init__(self, **options: Any) -> None:
        self.settings = _settings(options)
        self.app = Application(self.settings)
        self.async_transport = LoopTransport(self.app, self._promise)
        self.control = AsyncControl(
            NOWHERE, self.settings.control_token, transport=self.async_transport
        )
        self.origin = NOWHERE
        self._server: QuietServer | None = None
        self._serving: asyncio.Task[None] | None = None

    async def listen(self) -> str:
        """Where it listens, from the first call on. OSError if it cannot."""
        if self._server is None:
            self._listen()
        assert self._server is not None
        await started(self._server)
        return self.origin

    def _listen(self) -> None:
        listener = bound(self.settings.host, self.settings.port)
        listener.listen()
        self._server = server_for(self.app)
        self._serving = asyncio.create_task(self._server.serve(sockets=[listener]))
        self.origin = address(self.settings.host, listener.getsockname()[1])

    def _promise(self) -> str:
        """The address for links, which it listens on from here on; see `Engine.promise`."""
        try:
            if self._server is None:
                self._listen()
        except (OSError, RuntimeError):
            return UNREACHABLE
        return self.origin

    async def sandbox(self, **fields: Any) -> AsyncSandbox:
        """A fresh sandbox: ``async with await emulator.sandbox(seed=1) as sandbox:``."""
        return AsyncSandbox(self, await self.control.create_sandbox(**fields))

    def self_opened(self) -> frozenset[str]:
        """See `Emulator.self_opened`."""
        return frozenset(filter(self_opened, list(self.app.registry.last_used)))

    async def __aenter__(self) -> AsyncEmulator:
        await self.app.startup()
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._server is not None and self._serving is not None:
            self.app.streams.close()
            self._server.should_exit = True
            await asyncio.wait_for(self._serving, START_S)
        await self.control.aclose()
        await self.app.shutdown()
