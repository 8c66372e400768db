"""Frames that nobody encoded: a decoder shows the last drawing again, bit for bit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import av.logging
import pytest

from bodydouble.core.media.plan import MediaPlan
from bodydouble.web.media.drawing.encode import write_mp4
from bodydouble.web.media.drawing.repeats import numbered
from bodydouble.web.media.drawing.scene import Scene

if TYPE_CHECKING:
    from numpy.typing import NDArray

PLAN = MediaPlan(
    width=320,
    height=180,
    fps=24,
    duration_ms=3_000,
    audio=False,
    seed=7,
    prompt="",
    model="",
    label="",
)


def drawings(plan: MediaPlan, held: int) -> Iterator[av.VideoFrame]:
    scene = Scene(plan.seed, plan.coded_size)
    for place in range(0, plan.frame_count, held):
        # A third of a second between two, so that no two are alike.
        yield scene.at(place / held / 3)


def shown(path: Path) -> list[NDArray[Any]]:
    """The frames as a decoder has them that forgives nothing and has nothing to say."""
    with av.logging.Capture() as said, av.open(str(path)) as file:
        file.streams.video[0].codec_context.options = {"err_detect": "explode"}
        frames = [frame.to_ndarray() for frame in file.decode(video=0)]
    assert said == []
    return frames


@pytest.mark.parametrize("held", [2, 3, 5, 72])
@pytest.mark.parametrize(
    "plan",
    [
        PLAN,
        replace(PLAN, width=180, height=320, fps=30),
        replace(PLAN, width=16, height=16, fps=60, duration_ms=4_500),
        replace(PLAN, width=1920, height=1080, fps=50, duration_ms=1_000),
        replace(PLAN, width=1080, height=1920, fps=12, duration_ms=1_000),
        replace(PLAN, width=242, height=136, fps=25, duration_ms=5_020),
    ],
    ids=lambda plan: f"{plan.width}x{plan.height}@{plan.fps}",
)
def test_every_frame_is_that_of_its_drawing(plan: MediaPlan, held: int, tmp_path: Path) -> None:
    """Bit for bit as it was decoded first; over each number and each key frame."""
    path = tmp_path / "x.mp4"
    write_mp4(str(path), plan, drawings(plan, held), held=held, silent=False)
    frames, drawn = shown(path), [frame.to_ndarray() for frame in drawings(plan, held)]
    assert len(frames) == plan.frame_count
    for place, frame in enumerate(frames):
        # The encoder loses a little, and never what it lost before.
        assert abs(frame.astype(int) - drawn[place // held]).mean() < 3
        if place % held:
            assert (frame == frames[place - 1]).all()
        elif place:
            assert (frame != frames[place - 1]).any()


def test_a_player_can_start_at_every_key_frame(tmp_path: Path) -> None:
    """Also at those that are a drawing shown again."""
    plan = replace(PLAN, duration_ms=9_000)
    path = tmp_path / "x.mp4"
    write_mp4(str(path), plan, drawings(plan, plan.frame_count), held=plan.frame_count, silent=True)
    whole = shown(path)
    with av.open(str(path)) as file:
        track = file.streams.video[0]
        keys = [packet.pts or 0 for packet in file.demux(track) if packet.is_keyframe]
        assert [key * (track.time_base or 0) for key in keys] == [0, 2, 4, 6, 8]
        for key in keys:
            file.seek(key, stream=track)
            first = next(file.decode(track))
            assert first.pts == key
            assert (first.to_ndarray() == whole[0]).all()


@pytest.mark.parametrize(
    "packet",
    [
        pytest.param("000000016588820e", id="key frame"),
        pytest.param("00000001417a228003", id="another type"),
        pytest.param("00000001419a208003", id="no bits behind the number"),
        pytest.param("000001419a228003", id="shorter start code"),
    ],
)
def test_a_slice_that_begins_otherwise_is_refused(packet: str) -> None:
    """Rather than made into one that nobody can decode."""
    known = bytes.fromhex("00000001419a228003fc30")
    assert numbered(known, 17) == known
    assert numbered(known, 9).hex() == "00000001419b228003fc30"
    with pytest.raises(ValueError, match="begins a slice"):
        numbered(bytes.fromhex(packet), 3)
