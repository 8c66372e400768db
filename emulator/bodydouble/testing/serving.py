"""Where an application runs in a test's process: in the caller's thread, or in one of its own.

Until somebody listens, or calls from inside an event loop, there is no thread and no socket: a
request is run to its end by whoever makes it, real delays included. From then on one thread runs
the same event loop, and everything is done there. It never knows what it runs.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from selectors import EVENT_READ, DefaultSelector
from socket import SHUT_RDWR, socket
from typing import Any, TypeVar

import uvicorn
from anyio import to_thread

from bodydouble.web.app import Application
from bodydouble.web.server import bound, config_for

T = TypeVar("T")
Work = Callable[[], Coroutine[Any, Any, T]]

START_S = 20.0
# What links begin with where no socket may be opened: the client that got one can follow it.
UNREACHABLE = "http://ask-the-client-that-got-this-link.invalid"


class QuietServer(uvicorn.Server):
    """uvicorn inside somebody's process: signals and the collector are left alone."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Captures none."""
        yield


def server_for(app: Application) -> QuietServer:
    """A server that leaves starting and stopping the application to its engine."""
    config = config_for(app)
    config.lifespan = "off"
    return QuietServer(config)


class SteadyLoop(asyncio.SelectorEventLoop):
    """An event loop whose time goes on while a test's library holds the process's clocks still.

    Such libraries replace functions in modules, and the monotonic clock in place; this is kept in
    a class, and is another clock.
    """

    _now = staticmethod(time.perf_counter)

    def time(self) -> float:
        """Seconds that only ever go forward."""
        return self._now()


class Engine:
    """Runs one application for callers of any thread."""

    def __init__(self, app: Application) -> None:
        self.app = app
        self._loop = SteadyLoop()
        self._turn = threading.RLock()
        self._thread: threading.Thread | None = None
        self._server: QuietServer | None = None
        self._serving: Any = None
        self._listener: socket | None = None
        self._binding = threading.Lock()
        self._closed = False
        self.url = ""

    def run(self, work: Work[T]) -> T:
        """Does ``work()`` and gives what came of it. Callers without a loop take turns."""
        if self._thread is None and asyncio._get_running_loop() is None:
            with self._turn:
                if self._thread is None:
                    return self._loop.run_until_complete(work())
        self.start()
        if threading.current_thread() is self._thread:
            raise RuntimeError("the emulator's own thread cannot wait for itself")
        return asyncio.run_coroutine_threadsafe(work(), self._loop).result()

    async def arun(self, work: Work[T]) -> T:
        """The same for a caller that is a coroutine of another loop."""
        self.start()
        done = asyncio.run_coroutine_threadsafe(work(), self._loop)
        if asyncio._get_running_loop() is not None:
            return await asyncio.wrap_future(done)
        # Another library's loop, such as trio's, waits in a thread.
        return await to_thread.run_sync(done.result, abandon_on_cancel=True)

    def start(self) -> None:
        """Gives the loop a thread, from where webhooks leave by themselves."""
        with self._turn:
            if self._thread is not None:
                return
            thread = threading.Thread(target=self._loop.run_forever, name="bodydouble", daemon=True)
            thread.start()
            self._thread = thread
            asyncio.run_coroutine_threadsafe(self.app.startup(), self._loop).result(START_S)

    def listen(self) -> str:
        """The address it listens on, from the first call on. OSError if it is taken."""
        with self._turn:
            url = self._bound()
            if self._server is None and self._listener is not None:
                self.start()
                self._server = server = server_for(self.app)
                serving = server.serve(sockets=[self._listener])
                self._serving = asyncio.run_coroutine_threadsafe(serving, self._loop)
                asyncio.run_coroutine_threadsafe(started(server), self._loop).result(START_S)
            return url

    def promise(self) -> str:
        """The address for links: it is listened on from here on, and served once somebody comes.

        A test whose sockets are taken away gets one that says who can open it.
        """
        try:
            return self._bound()
        except (OSError, RuntimeError):
            return UNREACHABLE

    def _bound(self) -> str:
        with self._binding:
            if not self.url:
                settings = self.app.settings
                self._listener = listener = bound(settings.host, settings.port)
                listener.listen()
                self.url = address(settings.host, listener.getsockname()[1])
                threading.Thread(
                    target=self._wait, args=(listener,), name="bodydouble-waiting", daemon=True
                ).start()
            return self.url

    def _wait(self, listener: socket) -> None:
        """Who never connects pays for no server, and for no change of threads."""
        with DefaultSelector() as selector:
            selector.register(listener, EVENT_READ)
            selector.select()
        with self._turn:
            if self._closed:
                listener.close()
            else:
                self.listen()

    def close(self) -> None:
        """Stops listening, lets go of everything and ends the thread."""
        with self._turn:
            self._closed = True
            if self._server is not None:
                self.app.streams.close()
                self._server.should_exit = True
                self._serving.result(START_S)
            elif self._listener is not None:
                with suppress(OSError):  # wakes who waits for somebody to come, and closes it
                    self._listener.shutdown(SHUT_RDWR)
            if self._thread is None:
                self._loop.run_until_complete(self.app.shutdown())
            else:
                asyncio.run_coroutine_threadsafe(self.app.shutdown(), self._loop).result(START_S)
                self._loop.call_soon_threadsafe(self._loop.stop)
                self._thread.join(START_S)
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()


async def started(server: uvicorn.Server) -> None:
    """Waits until a server answers."""
    async with asyncio.timeout(START_S):
        while not server.started:  # noqa: ASYNC110 (uvicorn has a flag and no event)
            await asyncio.sleep(0.001)


def address(host: str, port: int) -> str:
    """``http://127.0.0.1:40123``."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
