"""The renderer: one process of ours that draws and encodes, one order at a time.

It is started by the first order and ended after a quiet while or at `close`. A thread owns it, so
orders may come from any event loop and none ever waits on a pipe. An order that takes too long
or brings the process down is tried once more, then refused. It knows no cache and no sandbox.
"""

from __future__ import annotations

import itertools
import json
import os
import queue
import subprocess
import sys
import threading
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bodydouble

QUEUE_MAX = 64
IDLE_S = 60.0
# A frame of 1080p takes a fiftieth of a second; a machine ten times as slow is still waited for.
LIMIT_FLOOR_S = 30.0
LIMIT_PER_MEGAPIXEL_S = 0.12
COMMAND = (sys.executable, "-P", "-m", "bodydouble.web.media.drawing.worker")


class RenderError(Exception):
    """The file could not be made; the text says why."""


class RendererBusy(RenderError):
    """Too many files are waiting to be made, or the server is going down; try again later."""


@dataclass(order=True, slots=True)
class _Order:
    """One file to make. Ordered by urgency, then by arrival."""

    urgency: int
    serial: int
    wire: dict[str, Any] = field(compare=False)
    limit_s: float = field(compare=False)
    done: Future[None] = field(compare=False)


class Renderer:
    """The process and the queue before it. Nothing starts before the first `submit`."""

    def __init__(self, command: tuple[str, ...] = COMMAND, *, idle_s: float = IDLE_S) -> None:
        self._command = command
        self._idle_s = idle_s
        self._orders: queue.PriorityQueue[_Order] = queue.PriorityQueue(QUEUE_MAX)
        self._serials = itertools.count(1)
        self._lock = threading.Lock()
        # Starting a process takes milliseconds, for which no event loop may wait on `submit`.
        self._process_lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False

    def submit(self, wire: dict[str, Any], *, urgency: int, limit_s: float) -> Future[None]:
        """Queues an order (see `worker` for ``wire``, without ``id``); lower urgency goes first.

        Raises `RendererBusy` if the queue is full; the future fails with `RenderError`.
        """
        serial = next(self._serials)
        order = _Order(urgency, serial, {**wire, "id": serial}, limit_s, Future())
        with self._lock:
            if self._closed:
                raise RendererBusy("the media renderer has been closed with its server")
            try:
                self._orders.put_nowait(order)
            except queue.Full:
                text = f"{QUEUE_MAX} videos are waiting to be rendered already: try again later"
                raise RendererBusy(text) from None
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="media", daemon=True)
                self._thread.start()
        return order.done

    @property
    def pid(self) -> int | None:
        """The process id while the process lives."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def close(self) -> None:
        """Ends the process and fails what was waiting. Blocks for an instant."""
        with self._lock:
            self._closed = True
            thread, self._thread = self._thread, None
            with suppress(queue.Full):
                self._orders.put_nowait(_Order(-1, 0, {}, 0, Future()))
        self._kill()
        if thread is not None:
            thread.join(timeout=5)

    def _work(self) -> None:
        while not self._closed:
            try:
                order = self._orders.get(timeout=self._idle_s if self._process else 0.5)
            except queue.Empty:
                self._stop()
                with self._lock:
                    if self._orders.empty():
                        self._thread = None
                        break
                continue
            if order.done.set_running_or_notify_cancel():
                self._serve(order)
        else:
            self._refuse_rest()

    def _serve(self, order: _Order) -> None:
        try:
            try:
                self._ask(order)
            except _CrashedError:
                # A crash may have been the machine's; a second one is the order's.
                self._ask(order)
        except RenderError as error:
            order.done.set_exception(error)
        except Exception as error:
            order.done.set_exception(RenderError(f"the media renderer cannot run: {error}"))
        else:
            order.done.set_result(None)

    def _ask(self, order: _Order) -> None:
        """Sends one order and waits for its answer, so long as its limit. Raises `RenderError`."""
        process = self._living()
        late = threading.Event()

        def give_up() -> None:
            late.set()
            self._kill()

        timer = threading.Timer(order.limit_s, give_up)
        timer.daemon = True
        timer.start()
        try:
            line = _exchange(process, json.dumps(order.wire).encode() + b"\n")
        finally:
            timer.cancel()
        if not line:
            raise self._ended_error(late.is_set(), order.limit_s)
        answer = json.loads(line)
        if not answer["ok"]:
            raise RenderError(f"rendering failed: {answer['error']}")

    def _living(self) -> subprocess.Popen[bytes]:
        with self._process_lock:
            if self._closed:
                raise RendererBusy("the media renderer has been closed with its server")
            if self._process is None:
                self._process = subprocess.Popen(
                    self._command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    env=_environment(),
                )
            return self._process

    def _ended_error(self, late: bool, limit_s: float) -> RenderError:
        """Reaps the dead process and says how it ended."""
        complaint, status = self._stop()
        if self._closed:
            return RendererBusy("the media renderer has been closed with its server")
        if late:
            return RenderError(f"rendering took longer than {limit_s:.0f} s and was given up")
        last = complaint.decode(errors="replace").strip().rpartition("\n")[2][:300]
        return _CrashedError(
            f"the media renderer ended with status {status}, twice. {last}".strip()
        )

    def _stop(self) -> tuple[bytes, int]:
        """Ends and reaps the process; what it wrote to standard error, and its status."""
        with self._process_lock:
            process, self._process = self._process, None
        if process is None:
            return b"", 0
        with suppress(subprocess.TimeoutExpired):
            # A process that ended by itself is given the instant to say with which status.
            process.wait(timeout=0.05)
        process.kill()
        _, complaint = process.communicate()
        return complaint, process.returncode

    def _kill(self) -> None:
        with self._process_lock:
            process = self._process
        if process is not None:
            with suppress(OSError):
                process.kill()

    def _refuse_rest(self) -> None:
        self._stop()
        with suppress(queue.Empty):
            while True:
                order = self._orders.get_nowait()
                if order.done.set_running_or_notify_cancel():
                    order.done.set_exception(RendererBusy("the server is going down"))


class _CrashedError(RenderError):
    """The process ended without an answer and without our doing."""


def limit_for(pixels: int) -> float:
    """How many seconds an order that draws ``pixels`` in all may take."""
    return LIMIT_FLOOR_S + LIMIT_PER_MEGAPIXEL_S * pixels / 1e6


def _exchange(process: subprocess.Popen[bytes], line: bytes) -> bytes:
    if process.stdin is None or process.stdout is None:
        return b""
    try:
        process.stdin.write(line)
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
