"""Serving: sockets, workers, TLS and signals around one application, by uvicorn.

It says where it listens once it does, in words or in a file; what it serves it does not know.
"""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import signal
import socket
import tempfile
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from bodydouble import providers
from bodydouble.installation import install_command
from bodydouble.web.app import Application
from bodydouble.web.http.protocol import Protocol, ask_for_descriptors
from bodydouble.web.running.workers import Workers, die
from bodydouble.web.settings import DRAIN_S, Settings

log = logging.getLogger("bodydouble")

_REQUESTS_PER_COLLECTION = 20_000
BACKLOG = 2_048
# What an end may take beyond the time that is given to clients and receivers.
CUT_S = 2.0
EXIT_FORCED = 1
_LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens."""

    scheme: str
    host: str
    port: int

    @property
    def url(self) -> str:
        """``http://127.0.0.1:8750``."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


def bound(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 picks a free one. OSError if the address is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named, because asyncio turns off Nagle's delay (40 ms a reply) only for what says it is TCP.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


class Server(uvicorn.Server):
    """uvicorn, telling ``ready`` once it answers, and ending when it is told to.

    The first signal gives what is under way the time of ``--drain``, and `CUT_S` more to end; the
    second ends the process at once, as soon as ``abandoned`` has returned.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        ready: Callable[[], None],
        abandoned: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(config)
        self._ready = ready
        self._abandoned = abandoned
        self._last_total = self._collected_total = 0
        self._forcing: threading.Timer | None = None

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serves until told to stop; what ended in time is not ended by force."""
        try:
            super().run(sockets)
        finally:
            if self._forcing is not None:
                self._forcing.cancel()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Told to stop, by a signal. It is not raised again: an end in order is no failure."""
        if sig == signal.SIGINT and multiprocessing.parent_process() is not None:
            return  # ctrl-c is heard by the whole group, and passed on by whoever started it
        if self.should_exit:
            self._abandoned()
            die(sig)
        self.should_exit = True
        patience_s = (self.config.timeout_graceful_shutdown or 0) + CUT_S
        # Not on the loop, which may be what does not end.
        self._forcing = threading.Timer(patience_s, self._force)
        self._forcing.daemon = True
        self._forcing.start()

    def _force(self) -> None:
        log.error("it did not end in time, and is ended by force")
        self._abandoned()
        os._exit(EXIT_FORCED)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts, then says so."""
        await super().startup(sockets)
        gc.collect()
        gc.freeze()
        gc.callbacks.append(_freeze_survivors)
        if self.started:
            self._ready()

    async def on_tick(self, counter: int) -> bool:
        """What uvicorn does ten times a second; in a quiet second, garbage is collected."""
        total = self.server_state.total_requests
        if counter % 10 == 0:
            if (
                total == self._last_total
                and total - self._collected_total > _REQUESTS_PER_COLLECTION
            ):
                self._collected_total = total
                gc.unfreeze()
                gc.collect()
                gc.freeze()
            self._last_total = total
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends, and leaves the process as it was."""
        app = self.config.app
        if isinstance(app, Application):
            app.stopping(self.config.timeout_graceful_shutdown or 0)
        await super().shutdown(sockets)
        if _freeze_survivors in gc.callbacks:
            gc.callbacks.remove(_freeze_survivors)
            gc.unfreeze()


def _freeze_survivors(phase: str, info: dict[str, int]) -> None:
    # Records live long and hold no cycles: walking a hundred thousand jobs again and again would
    # find nothing, and a request would wait for it a third of a second.
    if phase == "stop" and info["generation"] > 0:
        gc.freeze()


def config_for(
    app: ASGIApp,
    *,
    drain_s: int = DRAIN_S,
    log_level: str = "warning",
    certificate: tuple[Path, Path] | None = None,
) -> uvicorn.Config:
    """How uvicorn is run: no access log, no Server header, the fast parsers where installed."""
    return uvicorn.Config(
        app,
        log_level=log_level,
        # Whoever serves says how lines are written; uvicorn's own form would stand among them.
        log_config=None,
        access_log=False,
        server_header=False,
        # The application tells the sandbox's time.
        date_header=False,
        # Whom to believe, and what, is the application's to judge.
        proxy_headers=False,
        # No vendor speaks WebSocket, and looking for who could takes a tenth of the start.
        ws="none",
        http=Protocol,
        timeout_graceful_shutdown=drain_s,
        # Vendors' keep-alive outlives a poll interval; uvicorn's five seconds would cut it.
        timeout_keep_alive=75,
        ssl_keyfile=str(certificate[1]) if certificate else None,
        ssl_certfile=str(certificate[0]) if certificate else None,
    )


def local_certificate(host: str) -> tuple[tuple[Path, Path], Path]:
    """((chain, private key), certificate authority) as PEM files; ValueError without trustme.

    The authority is made for this run, in a folder that only its owner can read. It certifies this
    machine and the vendors' own host names, and nothing else should trust it.
    """
    try:
        import trustme
    except ImportError:
        raise ValueError(f"--tls needs trustme: {install_command('tls')}") from None
    vendors = [name for vendor in providers.names() for name in providers.load(vendor).hosts]
    authority = trustme.CA()
    issued = authority.issue_cert(*dict.fromkeys((*_LOCAL_NAMES, host, *vendors)))
    folder = Path(tempfile.mkdtemp(prefix="bodydouble-tls-"))
    chain, key, ca = (folder / name for name in ("chain.pem", "key.pem", "ca.pem"))
    for position, blob in enumerate(issued.cert_chain_pems):
        blob.write_to_path(str(chain), append=position > 0)
    issued.private_key_pem.write_to_path(str(key))
    key.chmod(0o600)
    authority.cert_pem.write_to_path(str(ca))
    return (chain, key), ca


def _nothing() -> None:
    """Where nothing is to be done; a worker can be told of it."""


def serve(
    settings: Settings,
    *,
    ready: Callable[[Address, Application | None], None],
    gone: Callable[[], None] = _nothing,
    logs: Callable[[], None] = _nothing,
    log_level: str = "warning",
    certificate: tuple[Path, Path] | None = None,
    workers: int = 1,
) -> int:
    """Serves until told to stop; the exit status. OSError if the address is taken.

    ``ready`` is told once it answers, with several workers of the address alone; ``gone`` when it
    answers no more, however that came. ``logs`` is what each worker does first.
    """
    ask_for_descriptors()
    listener = bound(settings.host, settings.port)
    address = Address("https" if certificate else "http", settings.host, listener.getsockname()[1])
    with listener:
        try:
            if workers == 1:
                app = Application(settings)
                config = config_for(
                    app, drain_s=settings.drain_s, log_level=log_level, certificate=certificate
                )
                Server(config, lambda: ready(address, app), gone).run([listener])
                return 0
            listener.listen(BACKLOG)
            with ExitStack() as ending:
                crew = Workers(
                    workers,
                    partial(_work, log_level=log_level, certificate=certificate),
                    (settings, listener, logs),
                    patience_s=settings.drain_s + 2 * CUT_S,
                    ending=listener.close,
                    gone=_counted(ending) if settings.metrics else lambda pid: None,
                )
                return crew.run(lambda: ready(address, None), gone)
        finally:
            gone()


def _counted(ending: ExitStack) -> Callable[[int], None]:
    """Has workers count into one folder, which is gone at the end. ValueError without the extra."""
    folder = ending.enter_context(tempfile.TemporaryDirectory(prefix="bodydouble-metrics-"))
    try:
        from bodydouble.web.observing.metrics import share_among_workers
    except ImportError:
        raise ValueError(
            f"--metrics needs prometheus_client: {install_command('observe')}"
        ) from None
    return share_among_workers(folder)


def _work(
    settings: Settings,
    listener: socket.socket,
    logs: Callable[[], None],
    answers: Callable[[], None],
    *,
    log_level: str,
    certificate: tuple[Path, Path] | None,
) -> None:
    """What each of several workers does."""
    logs()
    ask_for_descriptors()
    config = config_for(
        Application(settings),
        drain_s=settings.drain_s,
        log_level=log_level,
        certificate=certificate,
    )
    Server(config, answers).run([listener])
