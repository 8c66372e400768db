"""Frames and samples into an MP4 that any browser plays, the same bytes for the same plan.

One encoder thread, no clock, no encoder name in the container: nothing but the plan decides the
bytes. Few frames are drawn, and the others show the one before again, which costs no encoding. The
index comes first, so that playing starts while the file is still arriving.
Runs in the renderer's process only.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import av
from av.container import OutputContainer
from av.video.stream import VideoStream

from bodydouble.core.media.plan import MediaPlan
from bodydouble.web.media.drawing.repeats import numbered, repeats
from bodydouble.web.media.drawing.tone import Sound

# One quantizer for all, so that no bits are spent on what stands still. `8x8dct` keeps the High
# profile, and `deblock` the smoothness that the preset gives up.
_X264 = {
    "preset": "ultrafast",
    "qp": "20",
    "threads": "1",
    "x264-params": "8x8dct=1:deblock=0,0",
}
_BT709 = 1
_LIMITED = 1
# Two seconds between key frames keep seeking quick.
_KEYS_S = 2


def write_mp4(
    path: str, plan: MediaPlan, frames: Iterable[av.VideoFrame], *, held: int, silent: bool
) -> None:
    """Encodes ``frames``, each shown for ``held`` frames of ``plan``, into ``path``."""
    options = {"movflags": "+faststart", "fflags": "+bitexact"}
    with av.open(path, "w", format="mp4", options=options) as out:
        video = _Video(out, plan, held)
        sound = Sound(out, plan, silent=silent) if plan.audio else None
        for place, frame in enumerate(frames):
            video.show(frame, place * held)
            # Sound follows the picture, so that a player never waits for either.
            if sound is not None:
                sound.play((place + 1) * held)
        video.end()


class _Video:
    """The track of pictures."""

    def __init__(self, out: OutputContainer, plan: MediaPlan, held: int) -> None:
        self._out = out
        self._plan = plan
        self._held = held
        self._keys = max(2, plan.fps * _KEYS_S)
        # With only key frames there would be no reference to show again.
        options = {**_X264, "g": str(max(2, self._keys // held))}
        self._repeats = repeats(plan.coded_size, options) if held > 1 else []
        self._key = b""
        self._since_key = 0
        self._stream = stream = out.add_stream("libx264", rate=plan.fps, options=options)
        stream.width, stream.height = plan.coded_size
        stream.pix_fmt = "yuv420p"
        # A thousand ticks a frame: a duration in milliseconds is then a whole number of ticks.
        self._tick = stream.time_base = Fraction(1, plan.fps * 1000)
        coder = stream.codec_context
        # The pictures' own track tells a rate, too, and tells it by what the encoder counts in.
        coder.time_base = Fraction(1, plan.fps)
        coder.color_primaries = coder.color_trc = coder.colorspace = _BT709
        coder.color_range = _LIMITED

    def show(self, frame: av.VideoFrame, place: int) -> None:
        """Encodes the drawing that is first shown as frame number ``place``."""
        frame.pts, frame.time_base = place, Fraction(1, self._plan.fps)
        self._take(self._stream.encode(frame))

    def end(self) -> None:
        """Encodes what is left."""
        self._take(self._stream.encode(None))

    def _take(self, packets: list[av.Packet[VideoStream]]) -> None:
        """Writes each drawing, and behind it the frames that show it again."""
        for packet in packets:
            place = packet.pts or 0
            data = bytes(packet)
            # A key frame can be shown again as one, so long as it is what is shown.
            self._key = data if packet.is_keyframe else b""
            if packet.is_keyframe:
                self._since_key = 0
            else:
                data = numbered(data, self._since_key)
            self._write(data, place, key=packet.is_keyframe)
            for again in range(place + 1, min(place + self._held, self._plan.frame_count)):
                if self._key and self._since_key == self._keys:
                    self._since_key = 0
                    self._write(self._key, again, key=True)
                else:
                    repeat = self._repeats[self._since_key % len(self._repeats)]
                    self._write(repeat, again, key=False)

    def _write(self, data: bytes, place: int, *, key: bool) -> None:
        packet = av.Packet(data)
        packet.stream, packet.time_base = self._stream, self._tick
        packet.pts = packet.dts = place * 1000
        packet.is_keyframe = key
        # The last frame ends where the video ends, even if that is within the frame.
        packet.duration = min(1000, self._plan.duration_ms * self._plan.fps - place * 1000)
        self._out.mux(packet)
        self._since_key += 1
