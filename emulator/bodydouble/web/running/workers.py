"""Worker processes around one listening socket: started, replaced when one dies, stopped together.

A worker that is told to stop is waited for as long as it was promised, and then killed; a second
signal kills at once. Workers end by themselves when whoever started them is gone. What a worker
does it does not know.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any, TypeAlias

log = logging.getLogger("bodydouble")

STOPPING = (signal.SIGINT, signal.SIGTERM)
EXIT_NOT_STARTED = 3
# A worker that cannot start while others serve is tried again after so long.
RETRY_S = 1.0
_SPAWN = multiprocessing.get_context("spawn")

Work: TypeAlias = Callable[..., None]
"""``work(*given, answers)``: serves, and calls ``answers`` once it does."""


def die(signum: int) -> None:
    """Ends this process at once, as the signal does where nobody handles it."""
    signal.signal(signum, signal.SIG_DFL)
    signal.raise_signal(signum)


@dataclass(slots=True)
class _Worker:
    process: SpawnProcess
    line: Connection
    answers: bool = False


class Workers:
    """``count`` processes that each do ``work(*given, answers)``.

    ``patience_s`` is how long one that was told to stop may take; ``ending()`` is told when all
    are, and ``gone(pid)`` of each that has ended.
    """

    def __init__(
        self,
        count: int,
        work: Work,
        given: tuple[Any, ...],
        *,
        patience_s: float,
        ending: Callable[[], None] = lambda: None,
        gone: Callable[[int], None] = lambda pid: None,
    ) -> None:
        self._count = count
        self._work, self._given = work, given
        self._patience_s = patience_s
        self._ending, self._gone = ending, gone
        self._living: list[_Worker] = []

    def run(self, ready: Callable[[], None], abandoned: Callable[[], None]) -> int:
        """Serves until told to stop; the exit status. ``ready`` is told when the first answers,
        ``abandoned`` when a second signal ends everything at once.
        """
        told: list[int] = []
        ear, mouth = socket.socketpair()
        ear.setblocking(False)
        mouth.setblocking(False)
        before = {one: signal.signal(one, lambda sig, frame: told.append(sig)) for one in STOPPING}
        signal.set_wakeup_fd(mouth.fileno(), warn_on_full_buffer=False)
        try:
            status = self._supervise(told, ear, ready)
            self._end(told, ear)
        finally:
            signal.set_wakeup_fd(-1)
            for one, handler in before.items():
                signal.signal(one, handler)
            ear.close()
            mouth.close()
        if len(told) > 1:
            abandoned()
            die(told[-1])
        return status

    def _supervise(self, told: list[int], ear: socket.socket, ready: Callable[[], None]) -> int:
        """Keeps so many alive until told to stop, or until the first of them cannot start."""
        served, start_at = False, 0.0
        while not told:
            now = time.monotonic()
            while len(self._living) < self._count and now >= start_at:
                self._start()
            lines = [one.line for one in self._living if not one.answers]
            ends = [one.process.sentinel for one in self._living]
            wait([ear, *lines, *ends], start_at - now if start_at > now else None)
            for one in list(self._living):
                one.answers = one.answers or _said(one.line)
                if one.answers and not served:
                    served = True
                    ready()
                if one.process.is_alive() or told:
                    continue
                if not served:
                    return EXIT_NOT_STARTED
                self._bury(one)
                log.error("worker %s ended with %s", one.process.pid, one.process.exitcode)
                if not one.answers:
                    start_at = time.monotonic() + RETRY_S
        return 0

    def _start(self) -> None:
        line, theirs = _SPAWN.Pipe()
        process = _SPAWN.Process(target=_serve, args=(self._work, self._given, theirs))
        process.start()
        theirs.close()
        self._living.append(_Worker(process, line))

    def _end(self, told: list[int], ear: socket.socket) -> None:
        """Has all end, by force where there are two signals, or no more patience."""
        self._ending()
        for one in self._living:
            one.process.terminate()
        until = time.monotonic() + self._patience_s
        while self._living:
            if len(told) > 1 or time.monotonic() > until:
                for one in self._living:
                    one.process.kill()
            with suppress(BlockingIOError):
                ear.recv(16)
            ends = [one.process.sentinel for one in self._living]
            wait([ear, *ends], max(0.1, until - time.monotonic()))
            for one in list(self._living):
                if not one.process.is_alive():
                    self._bury(one)

    def _bury(self, one: _Worker) -> None:
        self._living.remove(one)
        one.line.close()
        if one.process.pid is not None:
            self._gone(one.process.pid)


def _said(line: Connection) -> bool:
    try:
        return line.poll() and bool(line.recv())
    except (EOFError, OSError):
        return False


def _serve(work: Work, given: tuple[Any, ...], line: Connection) -> None:
    """What a worker does: its signals are its starter's affair, and so is its life."""
    # Whoever presses ctrl-c tells the whole group; of us only the first passes it on.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_outlived, args=(line,), daemon=True).start()
    work(*given, lambda: line.send(True))


def _outlived(line: Connection) -> None:
    with suppress(EOFError, OSError):
        line.recv()
    os.kill(os.getpid(), signal.SIGTERM)
