"""The renderer's process: reads orders as JSON lines, writes files, answers each with one line.

    {"id": 7, "kind": "video", "out": "...", "plan": {...}, "first": null, "last": null}
    {"id": 7, "ok": true}    or    {"id": 7, "ok": false, "error": "..."}

It lives as long as its standard input is open and gives way to every other process. It knows
nothing of sandboxes, the cache or the network; pictures are files by the time they come here.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TextIO

from bodydouble.core.media.plan import SHEET_FRAMES, MediaPlan

if TYPE_CHECKING:
    import av

_JPEG_QUALITY = 88
_STILLS = {"poster": "JPEG", "webp": "WEBP"}
# What is drawn drifts so slowly that more are not missed; the frames between show the last again.
DRAWINGS_PER_S = 12


def main() -> None:
    """Serves orders until standard input closes."""
    # Ctrl-C in a terminal reaches the whole group; only the server decides when this ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(10)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="ascii")
    # Whatever a library prints must not be taken for an answer.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    orders: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin, orders), daemon=True).start()
    while True:
        order = json.loads(orders.get())
        try:
            serve(order)
            answer: dict[str, Any] = {"id": order["id"], "ok": True}
        except Exception as error:  # Anything at all is an answer; the next order is served.
            text = f"{type(error).__name__}: {error}"[:500]
            answer = {"id": order["id"], "ok": False, "error": text}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def serve(order: dict[str, Any]) -> None:
    """Writes the file of one order. Raises whatever went wrong."""
    from bodydouble.web.media.drawing.stills import opened, signed, still_of

    first, last = still_of(order["first"]), still_of(order["last"])
    if order["kind"] == "picture":
        width, height = order["size"]
        if first is None:
            raise ValueError("an order for a picture names one")
        image = opened(first, (width, height))
        (signed(image) if first.seed else image).save(order["out"], "JPEG", quality=_JPEG_QUALITY)
        return
    plan = MediaPlan(**order["plan"])
    # Of a tiny film, one frame is drawn and shown until the end.
    tiny = order.get("tiny", False)
    held = plan.frame_count if tiny else max(1, plan.fps // DRAWINGS_PER_S)
    if order["kind"] == "sheet":
        from bodydouble.web.media.drawing.sheet import sheet_of

        held = max(1, -(-plan.frame_count // SHEET_FRAMES))
        sheet = sheet_of(_frames(plan, held, first, last), plan.coded_size)
        sheet.save(order["out"], "JPEG", quality=_JPEG_QUALITY)
        return
    frames = _frames(plan, held, first, last)
    if order["kind"] in _STILLS:
        from bodydouble.web.media.drawing.frames import image_of

        image_of(next(frames)).save(order["out"], _STILLS[order["kind"]], quality=_JPEG_QUALITY)
    else:
        from bodydouble.web.media.drawing.encode import write_mp4

        write_mp4(order["out"], plan, frames, held=held, silent=tiny)


def _frames(plan: MediaPlan, held: int, first: Any, last: Any) -> Iterator[av.VideoFrame]:
    """Every frame of the plan that is not ``held`` from the one before, drawn when asked for."""
    from bodydouble.web.media.drawing.card import Card
    from bodydouble.web.media.drawing.frames import planes
    from bodydouble.web.media.drawing.scene import Scene
    from bodydouble.web.media.drawing.stills import Zoom, opened

    size = plan.coded_size
    scene = Scene(plan.seed, size, shaded=True)
    card = Card(plan, scene.palette.accent)
    zoom = None
    if first is not None:
        zoom = Zoom(opened(first, size), opened(last, size) if last is not None else None)
    final_ms = max(1.0, (plan.frame_count - 1) * 1000 / plan.fps)
    for place in range(0, plan.frame_count, held):
        now_ms = place * 1000 / plan.fps
        frame = zoom.at(now_ms / final_ms) if zoom is not None else scene.at(now_ms / 1000)
        card.over(planes(frame), now_ms)
        yield frame


def _listen(source: TextIO, orders: queue.SimpleQueue[str]) -> None:
    for line in source:
        orders.put(line)
    # The server is gone or wants no more: leave at once, even in the middle of a frame.
    os._exit(0)


if __name__ == "__main__":
    main()
