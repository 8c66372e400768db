"""What is drawn is what was ordered, in the same bytes on any machine with the same libraries."""

from __future__ import annotations

import hashlib
import io
import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import av
import httpx
import pytest

from bodydouble.testing import Emulator
from bodydouble.web.media.orders import plan_wire
from bodydouble.web.media.renderer import Renderer
from tests.web.films import PLAN

if TYPE_CHECKING:
    from pathlib import Path

# Large enough for an encoder to divide it among threads, if it may.
LARGE = replace(PLAN, width=1280, height=720)
HAS_AFFINITY = hasattr(os, "sched_getaffinity")
CORES = sorted(os.sched_getaffinity(0)) if HAS_AFFINITY else [0]
PATIENCE_S = 60
FEW = len(CORES) < 2 and "CI" not in os.environ


def film(out: Path, cores: list[int]) -> str:
    """The digest of a film whose renderer sees ``cores`` alone."""
    script = (
        f"import os; os.sched_setaffinity(0, {cores})\n"
        "from bodydouble.web.media.drawing.worker import main; main()"
    )
    renderer = Renderer((sys.executable, "-P", "-c", script))
    order = {"kind": "video", "out": str(out), "plan": plan_wire(LARGE)}
    try:
        renderer.submit({**order, "first": None, "last": None}, work_mp=1).result(PATIENCE_S)
    finally:
        renderer.close()
    return hashlib.sha256(out.read_bytes()).hexdigest()


@pytest.mark.skipif(FEW, reason="one core cannot be told from several")
def test_the_bytes_are_the_same_with_any_number_of_cores(tmp_path: Path) -> None:
    """A seed replays the film on the laptop and on the build server."""
    assert len(CORES) > 1
    assert film(tmp_path / "one.mp4", CORES[:1]) == film(tmp_path / "all.mp4", CORES)


@pytest.mark.parametrize("fps", [1, 24, 25, 30, 50, 60])
def test_the_frame_rate_is_as_ordered(fps: int) -> None:
    """From a vendor's order to the file behind its link."""
    size = {"width": 64, "height": 36, "fps": fps, "duration": 2}
    order = {"model": "kling-v2-5-turbo", "prompt": "a boat", **size}
    with Emulator() as emulator, emulator.sandbox(seed=1) as sandbox:
        with sandbox.infinityblue.client() as client:
            made = client.post("/video/generations", json=order).json()
            sandbox.clock.advance("10m")
            told = client.get(f"/video/generations/{made['task_id']}").json()
        with httpx.Client(transport=emulator.transport) as client:
            content = client.get(told["url"]).raise_for_status().content
    with av.open(io.BytesIO(content), "r") as file:
        video = file.streams.video[0]
        shown = [frame.time for frame in file.decode(video)]
        assert video.average_rate == video.guessed_rate == told["metadata"]["fps"] == fps
        # What the pictures' own track says, beside what the container says.
        assert video.codec_context.framerate == fps
    assert shown == pytest.approx([place / fps for place in range(2 * fps)])
