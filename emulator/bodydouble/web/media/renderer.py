"""The renderer: orders for files, and two processes that make them.

Stills and small films have a process of their own, so that none waits behind a long film. In each
the shortest goes first, and what its owner has waiting already counts as its length, too. A thread
owns each process, so orders may come from any event loop. It knows no cache and no sandbox.
"""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any

from bodydouble.web.media.process import COMMAND, Order, Process, RendererBusy, RenderError

QUEUE_MAX = 256
# A process that has loaded its libraries answers a second sooner.
IDLE_S = 600.0
# Megapixels drawn in a quarter of a second.
SMALL_MP = 120.0
# What every order that comes later is behind, so that none is passed by for ever.
_PATIENCE_MP = 1.0
# A megapixel takes two milliseconds; a machine twenty times as slow is still waited for.
LIMIT_FLOOR_S = 30.0
LIMIT_PER_MP_S = 0.04


class Renderer:
    """The two queues and their processes. Nothing starts before the first `submit`."""

    def __init__(self, command: tuple[str, ...] = COMMAND, *, idle_s: float = IDLE_S) -> None:
        self._serials = itertools.count(1)
        self._quick, self._long = (_Lane(command, idle_s) for _ in range(2))

    def submit(self, wire: Mapping[str, Any], *, work_mp: float, owner: str = "") -> Future[None]:
        """Queues an order (see `worker` for ``wire``, without ``id``) to draw so many megapixels.

        Raises `RendererBusy` if the queue is full; the future fails with `RenderError`.
        """
        serial = next(self._serials)
        limit_s = LIMIT_FLOOR_S + LIMIT_PER_MP_S * work_mp
        order = Order(work_mp, serial, {**wire, "id": serial}, work_mp, limit_s, owner)
        (self._quick if work_mp <= SMALL_MP else self._long).put(order)
        return order.done

    def drop(self, done: Future[None]) -> None:
        """Nobody waits for this order any more: it is not begun, or ended where it is."""
        for lane in (self._quick, self._long):
            lane.drop(done)

    @property
    def pids(self) -> list[int]:
        """The processes that live."""
        return [pid for lane in (self._quick, self._long) if (pid := lane.process.pid) is not None]

    def close(self) -> None:
        """Ends the processes and fails what was waiting. Blocks for an instant."""
        for lane in (self._quick, self._long):
            lane.close()


class _Lane:
    """A queue, the thread that empties it, and the thread's process."""

    def __init__(self, command: tuple[str, ...], idle_s: float) -> None:
        self.process = Process(command)
        self._command = command
        self._idle_s = idle_s
        self._changed = threading.Condition()
        self._waiting: list[Order] = []
        self._now: Order | None = None
        self._thread: threading.Thread | None = None
        self._closed = False

    def put(self, order: Order) -> None:
        with self._changed:
            if self._closed:
                raise _going_down()
            if len(self._waiting) >= QUEUE_MAX:
                raise RendererBusy(f"{QUEUE_MAX} files are waiting to be made: try again later")
            held = sum(one.work_mp for one in self._waiting if one.owner == order.owner)
            order.place += held + _PATIENCE_MP * order.serial
            heapq.heappush(self._waiting, order)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="media", daemon=True)
                self._thread.start()
            self._changed.notify()

    def drop(self, done: Future[None]) -> None:
        with self._changed:
            self._waiting = [one for one in self._waiting if one.done is not done]
            heapq.heapify(self._waiting)
            done.cancel()
            if self._now is not None and self._now.done is done:
                self.process.give_up(self._now, RenderError("nobody waits for the file any more"))

    def close(self) -> None:
        with self._changed:
            self._closed = True
            thread = self._thread
            refused, self._waiting = self._waiting, []
            if self._now is not None:
                self.process.give_up(self._now, _going_down())
            self._changed.notify()
        for order in refused:
            if order.done.set_running_or_notify_cancel():
                order.done.set_exception(_going_down())
        if thread is not None:
            thread.join(timeout=5)

    def _work(self) -> None:
        process = self.process
        while (order := self._next()) is not None:
            try:
                process.serve(order)
            except RenderError as error:
                order.done.set_exception(error)
            else:
                order.done.set_result(None)
            with self._changed:
                self._now = None
        process.stop()

    def _next(self) -> Order | None:
        """The next order, as soon as there is one; None after a quiet while, or at the end."""
        with self._changed:
            while True:
                ready = self._changed.wait_for(lambda: self._waiting or self._closed, self._idle_s)
                if not ready or self._closed:
                    # Whoever comes next has another thread and process, also while these end.
                    self._thread, self.process = None, Process(self._command)
                    return None
                order = heapq.heappop(self._waiting)
                if order.done.set_running_or_notify_cancel():
                    self._now = order
                    return order


def _going_down() -> RendererBusy:
    return RendererBusy("the media renderer has been closed with its server")
