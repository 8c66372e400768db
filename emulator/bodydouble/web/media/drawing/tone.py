"""A soft chord as the sound of a film that was asked to have sound: composed once, played by seed.

FFmpeg's AAC encoder computes in floats, and its bytes differ from processor to processor. So the
chords are encoded beforehand, as a loop and the frames that end it, and lie in `fixtures/media`;
`compose` makes them again. A film's sound is frames of one of them, or of silence.
Runs in the renderer's process only.
"""

from __future__ import annotations

from fractions import Fraction
from math import pi
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer

from bodydouble.core.chance import Draw
from bodydouble.core.media.plan import MediaPlan
from bodydouble.data import fixtures_dir

RATE_HZ = 48_000
FRAME = 1024
# Frames of a loop, about four seconds, and of its end.
_LOOP, _END = 188, 12
_BITS_PER_S = 32_000
_LOUDNESS = 0.22
# Semitones above A2, and of the third voice above the root's octave.
_CHORDS = ((0, 3), (3, 7), (5, 10), (8, 5))
# One channel in which no band is coded (ISO/IEC 14496-3, 4.4.2.1).
_SILENCE = bytes.fromhex("01182007")


class Sound:
    """The sound of ``plan`` as a track of ``out``; ``silent`` where nothing is to be heard."""

    def __init__(self, out: OutputContainer, plan: MediaPlan, *, silent: bool) -> None:
        self._out = out
        self._fps = plan.fps
        self._samples = plan.duration_ms * RATE_HZ // 1000
        # The first frame is only what the second is laid over, as the encoder has it.
        self._count = -(-self._samples // FRAME) + 1
        self._place = 0
        self._chord = [_SILENCE] if silent else _read(_path(_drawn(plan.seed)))
        self._stream = _track(out)

    def play(self, frames: int) -> None:
        """Writes what is heard until so many frames have been shown."""
        until = min(self._samples, frames * RATE_HZ // self._fps)
        while self._place < self._count and (self._place - 1) * FRAME < until:
            start = (self._place - 1) * FRAME
            length = min(FRAME, self._samples - start)
            _write(self._out, self._stream, self._frame(), start, length)
            self._place += 1

    def _frame(self) -> bytes:
        """The next frame: of the loop, so that the end follows where the loop is over."""
        left = self._count - self._place
        if len(self._chord) == 1:
            return self._chord[0]
        return self._chord[-left] if left <= _END else self._chord[(_END - left) % _LOOP]


def compose() -> None:
    """Encodes each chord into its file."""
    for number in range(len(_CHORDS)):
        with av.open(str(_path(number)), "w", format="mp4", options={"fflags": "+bitexact"}) as out:
            stream = _track(out)
            stream.bit_rate = _BITS_PER_S
            coded = []
            # Twice, so that the second time follows on the first.
            for place in range(2 * _LOOP + _END):
                samples = _samples(number, place * FRAME)[None, :]
                frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
                frame.sample_rate = RATE_HZ
                frame.pts, frame.time_base = place * FRAME, Fraction(1, RATE_HZ)
                coded += [bytes(packet) for packet in stream.encode(frame)]
            coded += [bytes(packet) for packet in stream.encode(None)]
            for place, data in enumerate(coded[_LOOP : 2 * _LOOP + _END]):
                _write(out, stream, data, place * FRAME, FRAME)


def _samples(number: int, start: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """A frame of a chord that repeats itself with each loop and fades behind the second."""
    root, third = _CHORDS[number]
    t = (start + np.arange(FRAME)) / RATE_HZ
    loop_s = _LOOP * FRAME / RATE_HZ
    sound = np.zeros(FRAME)
    for voice, (step, loudness) in enumerate(((0, 1), (7, 0.6), (12 + third, 0.4), (19, 0.25))):
        pitch_hz = round(110 * 2 ** ((root + step) / 12) * loop_s) / loop_s
        swell = 0.6 + 0.4 * np.sin(2 * pi * (1 + voice % 2) / loop_s * t + voice)
        sound += loudness * swell * np.sin(2 * pi * pitch_hz * t + voice)
    fade = np.clip((2 * _LOOP + _END - 2 - (start + np.arange(FRAME)) / FRAME) / (_END - 2), 0, 1)
    return (sound * fade * (_LOUDNESS / 2.25)).astype(np.float32)


def _drawn(seed: int) -> int:
    return Draw(seed, "tone").between(0, len(_CHORDS) - 1)


def _path(number: int) -> Path:
    return fixtures_dir() / "media" / f"chord-{number}.m4a"


def _read(path: Path) -> list[bytes]:
    with av.open(str(path)) as file:
        return [bytes(packet) for packet in file.demux(audio=0) if packet.size]


def _track(out: OutputContainer) -> AudioStream:
    return out.add_stream("aac", rate=RATE_HZ, layout="mono")


def _write(out: OutputContainer, stream: AudioStream, data: bytes, start: int, length: int) -> None:
    packet = av.Packet(data)
    packet.stream, packet.time_base = stream, Fraction(1, RATE_HZ)
    packet.pts = packet.dts = start
    packet.duration, packet.is_keyframe = length, True
    out.mux(packet)
