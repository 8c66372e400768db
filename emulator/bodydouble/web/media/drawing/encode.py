"""Planes and samples into an MP4 that any browser plays, the same bytes for the same plan.

One encoder thread, no clock, no encoder name in the container: nothing but the plan decides the
bytes. The index comes first, so that playing starts while the file is still arriving.
Runs in the renderer's process only.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.stream import VideoStream

from bodydouble.core.media.plan import MediaPlan
from bodydouble.web.media.drawing.colour import Planes
from bodydouble.web.media.drawing.tone import RATE_HZ, Tone

_X264 = {"preset": "superfast", "crf": "21", "threads": "1", "bf": "0", "profile": "high"}
_BT709 = 1
_LIMITED = 1
_BLOCK = 1024


def write_mp4(path: str, plan: MediaPlan, frames: Iterable[Planes]) -> None:
    """Encodes ``plan.frame_count`` ``frames`` of ``plan.coded_size`` into ``path``."""
    options = {"movflags": "+faststart", "fflags": "+bitexact"}
    with av.open(path, "w", format="mp4", options=options) as out:
        video = _video_stream(out, plan)
        audio = _audio_stream(out) if plan.audio else None
        tone = Tone(plan.seed, plan.duration_ms)
        samples = plan.duration_ms * RATE_HZ // 1000
        heard = 0
        for place, planes in enumerate(frames):
            _show(out, video, plan, place, planes)
            # Sound follows the picture, so that a player never waits for either.
            until = min(samples, (place + 1) * RATE_HZ // plan.fps)
            while audio is not None and heard < until:
                heard += _sound(out, audio, tone, heard, min(_BLOCK, samples - heard))
        _finish(out, video, plan)
        if audio is not None:
            out.mux(audio.encode(None))


def _video_stream(out: OutputContainer, plan: MediaPlan) -> VideoStream:
    # Two seconds between key frames keep seeking quick.
    stream = out.add_stream("libx264", rate=plan.fps, options={**_X264, "g": str(plan.fps * 2)})
    stream.width, stream.height = plan.coded_size
    stream.pix_fmt = "yuv420p"
    # A thousand ticks a frame: a duration in milliseconds is then a whole number of ticks.
    stream.time_base = stream.codec_context.time_base = Fraction(1, plan.fps * 1000)
    coder = stream.codec_context
    coder.color_primaries = coder.color_trc = coder.colorspace = _BT709
    coder.color_range = _LIMITED
    return stream


def _audio_stream(out: OutputContainer) -> AudioStream:
    stream = out.add_stream("aac", rate=RATE_HZ, layout="mono")
    stream.bit_rate = 64_000
    return stream


def _show(
    out: OutputContainer, stream: VideoStream, plan: MediaPlan, place: int, planes: Planes
) -> None:
    frame = av.VideoFrame(*plan.coded_size, "yuv420p")
    for held, plane in zip(frame.planes, planes, strict=True):
        rows = np.frombuffer(held, np.uint8).reshape(-1, held.line_size)  # type: ignore[call-overload]
        rows[: plane.height, : plane.width] = np.asarray(plane)
    # The container may have chosen finer ticks for the stream by now; the encoder keeps ours.
    frame.pts, frame.time_base = place * 1000, stream.codec_context.time_base
    _mux(out, stream.encode(frame), plan)


def _finish(out: OutputContainer, stream: VideoStream, plan: MediaPlan) -> None:
    _mux(out, stream.encode(None), plan)


def _mux(out: OutputContainer, packets: list[av.Packet[VideoStream]], plan: MediaPlan) -> None:
    for packet in packets:
        # The last frame ends where the video ends, even if that is within the frame.
        packet.duration = min(1000, plan.duration_ms * plan.fps - (packet.pts or 0))
        out.mux(packet)


def _sound(out: OutputContainer, stream: AudioStream, tone: Tone, start: int, count: int) -> int:
    frame = av.AudioFrame.from_ndarray(tone.samples(start, count), format="fltp", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, start, Fraction(1, RATE_HZ)
    out.mux(stream.encode(frame))
    return count
