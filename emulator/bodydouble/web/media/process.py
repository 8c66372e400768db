"""A process of ours that draws and encodes: started by its first order, one order at a time.

Whoever asks waits in a thread of their own. An order may be given up from any other thread, which
ends the process, because nothing else would stop it; the next order starts another. One that brings
the process down is tried once more. It knows no queue, no cache and no sandbox.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bodydouble

COMMAND = (sys.executable, "-P", "-m", "bodydouble.web.media.drawing.worker")


class RenderError(Exception):
    """The file could not be made; the text says why."""


class RendererBusy(RenderError):
    """Too many files are waiting to be made, or the server is going down; try again later."""


class _CrashedError(RenderError):
    """The process ended without an answer and without our doing."""


@dataclass(order=True, slots=True)
class Order:
    """One file to make: ``wire`` is what the process is told (see `worker`), with its ``id``.

    Compared by ``place`` in the queue, then by ``serial``. ``given_up`` says why nobody waits.
    """

    place: float
    serial: int
    wire: Mapping[str, Any] = field(compare=False)
    work_mp: float = field(compare=False)
    limit_s: float = field(compare=False)
    owner: str = field(compare=False)
    done: Future[None] = field(default_factory=Future, compare=False)
    given_up: RenderError | None = field(default=None, compare=False)


class Process:
    """The process, which lives from the first order until `stop`."""

    def __init__(self, command: tuple[str, ...] = COMMAND) -> None:
        self._command = command
        # Starting a process takes milliseconds, for which nobody else may wait.
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process id while the process lives."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def serve(self, order: Order) -> None:
        """Has the file made. Raises `RenderError`, also for a process that cannot be started."""
        try:
            try:
                self._ask(order)
            except _CrashedError:
                # A crash may have been the machine's; a second one is the order's.
                self._ask(order)
        except (OSError, ValueError) as error:
            raise RenderError(f"the media renderer cannot run: {error}") from error

    def give_up(self, order: Order, why: RenderError) -> None:
        """Ends the process; whoever waits for ``order`` is told ``why``."""
        order.given_up = why
        with self._lock:
            if self._process is not None:
                with suppress(OSError):
                    self._process.kill()

    def stop(self) -> tuple[bytes, int]:
        """Ends and reaps the process; what it wrote to standard error, and its status."""
        with self._lock:
            process, self._process = self._process, None
        if process is None:
            return b"", 0
        with suppress(subprocess.TimeoutExpired):
            # A process that ended by itself is given the instant to say with which status.
            process.wait(timeout=0.05)
        process.kill()
        _, complaint = process.communicate()
        return complaint, process.returncode

    def _ask(self, order: Order) -> None:
        """Sends one order and waits for its answer, so long as its limit. Raises `RenderError`."""
        process = self._living()
        late = RenderError(f"rendering took longer than {order.limit_s:.0f} s and was given up")
        timer = threading.Timer(order.limit_s, self.give_up, (order, late))
        timer.daemon = True
        timer.start()
        try:
            # Given up before there was a process to end.
            line = b"" if order.given_up else _exchange(process, json.dumps(order.wire).encode())
        finally:
            timer.cancel()
        if not line:
            complaint, status = self.stop()
            last = complaint.decode(errors="replace").strip().rpartition("\n")[2][:300]
            ended = f"the media renderer ended with status {status}, twice. {last}".strip()
            raise order.given_up or _CrashedError(ended)
        answer = json.loads(line)
        if not answer["ok"]:
            raise RenderError(f"rendering failed: {answer['error']}")

    def _living(self) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._process is None:
                self._process = subprocess.Popen(
                    self._command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    env=_environment(),
                )
            return self._process


def _exchange(process: subprocess.Popen[bytes], line: bytes) -> bytes:
    if process.stdin is None or process.stdout is None:
        return b""
    try:
        process.stdin.write(line + b"\n")
        process.stdin.flush()
        return process.stdout.readline()
    except (OSError, ValueError):
        return b""


def _environment() -> dict[str, str]:
    """Ours, with the package findable and no threads beside the one that draws."""
    root = str(Path(bodydouble.__file__).parents[1])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    return {**os.environ, **threads, "PYTHONPATH": os.pathsep.join(paths)}
