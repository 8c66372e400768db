"""How films are made is said for a server, a sandbox or a test, and what is told of them stays."""

from __future__ import annotations

import io
from fractions import Fraction
from typing import Any

import av
import httpx
import pytest

from bodydouble.core.sandboxes import MEDIA
from bodydouble.testing import Emulator
from bodydouble.web.media.bundled import bundled_file
from bodydouble.web.settings import BadSetting, read_settings

SECONDS = 5


def links(sandbox: Any) -> dict[str, str]:
    """The addresses of a film and of its poster."""
    order = {"model": "kling-v2-1", "type": "text_to_video", "prompt": "a boat"}
    with sandbox.smartlyq.client() as client:
        made = client.post("/videos/generate", json={**order, "duration": SECONDS}).json()
        sandbox.clock.advance("5m")
        film = client.get(f"/jobs/{made['data']['job_uid']}").json()["data"]["result"]["url"]
    return {"film": film, "poster": film.replace(".mp4", ".jpg")}


def fetched(emulator: Emulator, url: str) -> bytes:
    with httpx.Client(transport=emulator.transport) as client:
        return client.get(url).raise_for_status().content


def told(film: bytes) -> tuple[Any, ...]:
    """What a program reads of it."""
    with av.open(io.BytesIO(film), "r") as file:
        video = file.streams.video[0]
        tracks = [
            (track.type, track.codec_context.name, (track.duration or 0) * (track.time_base or 0))
            for track in file.streams
        ]
        size = (video.width, video.height, video.codec_context.profile)
        return (*size, video.average_rate, video.frames, *tracks)


def pictures(film: bytes) -> int:
    with av.open(io.BytesIO(film), "r") as file:
        return len({frame.to_ndarray().tobytes() for frame in file.decode(video=0)})


def test_a_tiny_film_says_of_itself_what_the_full_one_says() -> None:
    """A server's mode is its sandboxes' unless they say otherwise; the same job's poster is one."""
    films, posters = {}, {}
    with Emulator(media="tiny") as emulator:
        for media in (None, "tiny", "full"):
            with emulator.sandbox(seed=1, media=media) as sandbox:
                found = links(sandbox)
                films[media] = fetched(emulator, found["film"])
                posters[media] = fetched(emulator, found["poster"])
    assert films[None] == films["tiny"] != films["full"]
    assert told(films["tiny"]) == told(films["full"])
    assert Fraction(SECONDS) in told(films["tiny"])[-1]
    assert pictures(films["tiny"]) == 1 < pictures(films["full"])
    assert len(set(posters.values())) == 1


def test_each_job_has_a_tiny_film_of_its_own() -> None:
    with Emulator(media="tiny") as emulator, emulator.sandbox(seed=1) as sandbox:
        films = [fetched(emulator, links(sandbox)["film"]) for _ in range(2)]
    assert films[0] != films[1]


def test_one_clip_for_all() -> None:
    """Nothing is drawn, although it could be."""
    with Emulator(media="bundled") as emulator, emulator.sandbox(seed=1) as sandbox:
        found = links(sandbox)
        assert fetched(emulator, found["film"]) == bundled_file(".mp4").read_bytes()
        assert fetched(emulator, found["poster"]) == bundled_file(".jpg").read_bytes()
        assert emulator.app.media.files._renderer.pids == []


def test_the_option_takes_these_words_and_no_other() -> None:
    assert read_settings({}).media == "full"
    assert {read_settings({"media": word}).media for word in MEDIA} == set(MEDIA)
    with pytest.raises(BadSetting, match="--media is one of full, tiny, bundled, not 'huge'"):
        read_settings({"media": "huge"})
