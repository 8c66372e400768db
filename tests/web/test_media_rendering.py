"""Files are what was asked for, frame by frame and byte by byte."""

from __future__ import annotations

import asyncio
import hashlib
import io
import zlib
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import av
import pytest
from PIL import Image

from bodydouble.core.media.plan import Picture
from bodydouble.web.media.drawing.stills import PIXELS_MAX, Still, opened
from bodydouble.web.media.files import MediaFiles
from bodydouble.web.media.process import RendererBusy
from bodydouble.web.media.renderer import Renderer
from tests.web.films import PLAN, drawn

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from av.stream import Stream

    from bodydouble.core.media.plan import MediaPlan


def png(colour: tuple[int, int, int], size: tuple[int, int] = (64, 64)) -> bytes:
    """A picture of one colour."""
    held = io.BytesIO()
    Image.new("RGB", size, colour).save(held, "PNG")
    return held.getvalue()


BLOBS = {"red": png((230, 20, 20)), "blue": png((20, 20, 230)), "broken": png((0, 0, 0))[:40]}


async def blobs(sandbox_id: str, digest: str) -> bytes | None:
    """Uploads of the only sandbox."""
    return BLOBS.get(digest) if sandbox_id == "s" else None


def with_room(folder: Path, use: Callable[[MediaFiles], Awaitable[object]]) -> None:
    """Runs ``use`` with a room that is closed afterwards."""

    async def go() -> None:
        room = MediaFiles(folder, 10**9, False, blobs)
        try:
            await use(room)
        finally:
            await room.close()

    asyncio.run(go())


def lasting(track: Stream) -> Fraction:
    """How long a track says it is, in seconds."""
    return (track.duration or 0) * (track.time_base or Fraction(0))


def colour_of(path: Path, which: int) -> tuple[int, int, int]:
    """The mean colour of the middle of one frame of a video."""
    with av.open(str(path)) as file:
        image = Image.fromarray(list(file.decode(video=0))[which].to_ndarray(format="rgb24"))
    red, green, blue = image.resize((1, 1), box=(120, 60, 200, 100)).tobytes()
    return red, green, blue


@pytest.mark.parametrize("tiny", [False, True], ids=["full", "tiny"])
@pytest.mark.parametrize(
    "plan",
    [
        PLAN,
        *(replace(PLAN, fps=fps, duration_ms=2_300) for fps in (11, 12, 23, 50, 60)),
        replace(PLAN, width=180, height=320, fps=30, duration_ms=2_000, audio=False),
        replace(PLAN, fps=25, duration_ms=1_500),
        replace(PLAN, width=16, height=16, fps=1, duration_ms=3_000),
        replace(PLAN, width=241, height=135),
    ],
)
def test_a_file_reads_back_exactly_as_asked(plan: MediaPlan, tiny: bool, tmp_path: Path) -> None:
    """Size, rate, frames, and both tracks' durations, to the tick."""
    asked = Fraction(plan.duration_ms, 1000)
    with av.open(str(drawn(plan, tmp_path / "x.mp4", tiny=tiny))) as file:
        video = file.streams.video[0]
        assert (video.width, video.height) == plan.coded_size
        # A last frame that is cut short lifts the mean, so then the nominal rate is read.
        whole = plan.duration_ms * plan.fps % 1000 == 0
        assert (video.average_rate if whole else video.guessed_rate) == plan.fps
        assert video.frames == plan.frame_count
        assert video.codec_context.name == "h264"
        assert video.pix_fmt == "yuv420p"
        assert Fraction(file.duration or 0, 1_000_000) == asked
        assert lasting(video) == asked
        assert [stream.codec_context.name for stream in file.streams.audio] == ["aac"] * plan.audio
        for sound in file.streams.audio:
            assert lasting(sound) == asked
        assert sum(1 for _ in file.decode(video=0)) == plan.frame_count


def test_playing_can_start_before_the_file_has_arrived(tmp_path: Path) -> None:
    """The index stands before the data."""
    data = drawn(PLAN, tmp_path / "x.mp4").read_bytes()
    assert 0 < data.index(b"moov") < data.index(b"mdat")


def test_two_fresh_renderers_write_the_same_bytes(tmp_path: Path) -> None:
    """A seed replays everything, media too; another seed does not."""
    digests = []

    async def use(room: MediaFiles) -> None:
        paths = [await room.video(PLAN, "s"), await room.poster(PLAN, "s")]
        digests.append([hashlib.sha256(path.read_bytes()).digest() for path in paths])

    for folder in ("a", "b"):
        with_room(tmp_path / folder, use)
    assert digests[0] == digests[1]
    other = drawn(replace(PLAN, seed=8), tmp_path / "other.mp4").read_bytes()
    assert hashlib.sha256(other).digest() != digests[0][0]


def test_the_picture_moves(tmp_path: Path) -> None:
    """Two frames a second apart differ in more than the time code."""
    plan = replace(PLAN, duration_ms=2_000, fps=10)
    with av.open(str(drawn(plan, tmp_path / "x.mp4"))) as file:
        frames = [frame.to_ndarray(format="gray")[40:100] for frame in file.decode(video=0)]
    assert frames[0].tobytes() != frames[10].tobytes()


def test_a_tiny_film_is_the_first_frame_of_the_full_one(tmp_path: Path) -> None:
    """Shown to the end, in silence; everything that is told of it is as ordered."""
    with av.open(str(drawn(PLAN, tmp_path / "full.mp4"))) as file:
        full = [frame.to_ndarray() for frame in file.decode(video=0)]
    tiny = drawn(PLAN, tmp_path / "tiny.mp4", tiny=True)
    with av.open(str(tiny)) as file:
        shown = {frame.to_ndarray().tobytes() for frame in file.decode(video=0)}
    with av.open(str(tiny)) as file:
        heard = [frame.to_ndarray() for frame in file.decode(audio=0)]
    assert shown == {full[0].tobytes()}
    assert full[0].tobytes() != full[-1].tobytes()
    assert not any(samples.any() for samples in heard)


def test_sound_is_heard_from_the_first_sample_to_the_last_without_a_click(tmp_path: Path) -> None:
    """A loop is not noticed, and another seed may sound otherwise."""
    plans = [replace(PLAN, duration_ms=9_000, fps=2, seed=seed) for seed in range(8)]
    heard = set()
    for plan in plans:
        with av.open(str(drawn(plan, tmp_path / "x.mp4"))) as file:
            frames = [frame.to_ndarray()[0] for frame in file.decode(audio=0)]
        samples = [abs(float(sample)) for frame in frames for sample in frame]
        steps = [abs(float(step)) for frame in frames for step in frame[1:] - frame[:-1]]
        # As steep as the voices are, and no more.
        assert max(steps) < 0.02
        assert max(samples[:4_800]) > 0.05
        assert max(samples[-480:]) < 0.01
        heard.add(frames[3].tobytes())
    assert len(heard) > 1


def test_requests_for_one_file_are_one_rendering(tmp_path: Path) -> None:
    """However many come at once; the poster is no by-product of the video."""
    orders: list[str] = []

    class Counting(Renderer):
        def submit(self, wire, **about):  # type: ignore[no-untyped-def]
            orders.append(wire["kind"])
            return super().submit(wire, **about)

    async def go() -> None:
        room = MediaFiles(tmp_path, 10**9, False, blobs, renderer=Counting())
        try:
            paths = await asyncio.gather(*(room.video(PLAN, "s") for _ in range(5)))
            assert len({*paths, await room.video(PLAN, "s")}) == 1
            await asyncio.gather(*(room.poster(PLAN, "s") for _ in range(3)))
        finally:
            await room.close()

    asyncio.run(go())
    assert sorted(orders) == ["poster", "video"]


def test_nothing_but_finished_files_stays_in_the_folder(tmp_path: Path) -> None:
    """Uploads reach the renderer as files that are gone afterwards."""
    plan = replace(PLAN, first_frame=Picture("blob", "red"), last_frame=Picture("blob", "blue"))

    async def use(room: MediaFiles) -> None:
        await room.video(plan, "s")

    with_room(tmp_path, use)
    assert [path.suffix for path in tmp_path.iterdir()] == [".mp4"]


def test_a_closed_room_makes_nothing_more(tmp_path: Path) -> None:
    """And says so, instead of starting a process behind the server's back."""

    async def go() -> None:
        room = MediaFiles(tmp_path, 10**9, False, blobs)
        waiting = asyncio.create_task(room.video(PLAN, "s"))
        await asyncio.sleep(0)
        await room.close()
        with pytest.raises(RendererBusy):
            await waiting
        with pytest.raises(RendererBusy):
            await room.poster(PLAN, "s")

    asyncio.run(go())


def test_a_video_starts_with_the_first_picture_and_ends_with_the_last(tmp_path: Path) -> None:
    """Uploads are what is shown."""
    for digest in ("red", "blue"):
        (tmp_path / digest).write_bytes(BLOBS[digest])
    first, last = ({"path": str(tmp_path / digest)} for digest in ("red", "blue"))
    path = drawn(replace(PLAN, fps=10), tmp_path / "x.mp4", first=first, last=last)
    red, blue = colour_of(path, 0), colour_of(path, -1)
    assert red[0] > 150 > 80 > red[2]
    assert blue[2] > 150 > 80 > blue[0]


def test_a_lone_picture_has_the_asked_size(tmp_path: Path) -> None:
    """Whether it was uploaded or drawn from a seed, or is missing."""

    async def use(room: MediaFiles) -> None:
        for picture in (Picture("seeded", "5"), Picture("blob", "red"), Picture("blob", "gone")):
            path = await room.picture(picture, "s", width=200, height=120)
            with Image.open(path) as image:
                assert (image.format, image.size) == ("JPEG", (200, 120))

    with_room(tmp_path, use)


def test_a_missing_upload_does_not_spoil_the_file_of_its_plan(tmp_path: Path) -> None:
    """Once it is there, it is shown."""
    plan = replace(PLAN, fps=2, first_frame=Picture("blob", "late"))

    async def use(room: MediaFiles) -> None:
        before = await room.poster(plan, "s")
        BLOBS["late"] = png((20, 230, 20))
        try:
            assert await room.poster(plan, "s") != before
        finally:
            del BLOBS["late"]

    with_room(tmp_path, use)


@pytest.mark.parametrize(
    "data",
    [b"", b"not a picture", BLOBS["broken"], b"GIF89a" + b"\xff" * 40, b"%PDF-1.4"],
)
def test_bytes_that_are_no_picture_become_a_card(data: bytes, tmp_path: Path) -> None:
    """Never a crash: the client learns it by looking."""
    path = tmp_path / "upload"
    path.write_bytes(data)
    image = opened(Still(path=str(path)), (160, 90))
    assert (image.size, image.mode) == ((160, 90), "RGB")


def test_a_decompression_bomb_is_not_opened(tmp_path: Path) -> None:
    """A small file can claim to be a very large picture."""
    bomb = bytearray(png((0, 0, 0)))
    claimed = 40_000
    assert claimed * claimed > PIXELS_MAX
    bomb[16:24] = claimed.to_bytes(4, "big") * 2
    head = bytes(bomb[12:29])
    bomb[29:33] = zlib.crc32(head).to_bytes(4, "big")
    path = tmp_path / "bomb.png"
    path.write_bytes(bomb)
    assert opened(Still(path=str(path)), (160, 90)).size == (160, 90)
