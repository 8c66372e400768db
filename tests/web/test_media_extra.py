"""The server's process never imports a codec, and works without any."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from fractions import Fraction
from typing import TYPE_CHECKING

import av
import pytest

from bodydouble.core.media.plan import Picture
from bodydouble.installation import install_command
from bodydouble.web.media import bundled
from bodydouble.web.media.files import MediaFiles
from bodydouble.web.media.inputs import InputRefused
from tests.web.media_extra import without_media

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HEAVY = ("av", "numpy", "PIL", "httpx")


async def no_blobs(sandbox_id: str, digest: str) -> bytes | None:
    """A sandbox without uploads."""
    return None


@pytest.fixture
def without_extra() -> Iterator[None]:
    with without_media():
        yield


def test_importing_the_package_imports_no_codec_and_no_client() -> None:
    """Nor does asking whether they are there."""
    script = (
        "import sys, bodydouble.web.media.files as room, bodydouble.web.media.serving\n"
        "assert room.can_render()\n"
        f"print(sorted(set({HEAVY}) & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert run.stdout.strip() == "[]"


@pytest.mark.usefixtures("without_extra")
def test_without_the_extra_the_bundled_clip_is_served_and_said_once(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """Every job shows the same, and the log says what to install."""

    async def go() -> None:
        one = MediaFiles(tmp_path, 10**9, False, no_blobs)
        with caplog.at_level(logging.WARNING, "bodydouble.media"):
            assert await one.video(bundled.PLAN, "s") == bundled.bundled_file(".mp4")
            assert await one.poster(bundled.PLAN, "s") == bundled.bundled_file(".jpg")
            assert await one.picture(Picture("seeded", "1"), "s") == bundled.bundled_file(".jpg")
        await one.close()

    asyncio.run(go())
    assert len(caplog.records) == 1
    assert install_command("media") in caplog.text


def test_the_bundled_clip_plays_and_is_small() -> None:
    """It is what its plan says."""
    clip = bundled.bundled_file(".mp4")
    assert clip.stat().st_size < 200_000
    with av.open(str(clip)) as file:
        video = file.streams.video[0]
        assert (video.width, video.height) == bundled.PLAN.coded_size
        assert Fraction(file.duration or 0, 1000) == bundled.PLAN.duration_ms
        assert sum(1 for _ in file.decode(video=0)) == bundled.PLAN.frame_count


def test_a_remote_picture_is_fetched_only_where_that_is_allowed(tmp_path: Path) -> None:
    """And the two answers are two files, also in a folder that is kept."""
    fetched: list[str] = []
    remote = Picture("remote", "http://pictures.test/a.png")

    async def fetch(url: str) -> bytes:
        fetched.append(url)
        raise InputRefused("the picture is larger than 10 MiB")

    async def go() -> tuple[Path, Path]:
        paths = []
        for allowed in (False, True):
            one = MediaFiles(tmp_path, 10**9, allowed, no_blobs, fetch=fetch)
            paths.append(await one.picture(remote, "s", width=64, height=64))
            await one.close()
            assert len(fetched) == allowed
        return paths[0], paths[1]

    shut, opened = asyncio.run(go())
    assert shut != opened
    assert shut.read_bytes() != opened.read_bytes()
