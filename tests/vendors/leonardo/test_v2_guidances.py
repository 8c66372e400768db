"""What guides a video of Leonardo's second API: frames, references, films and sounds."""

from __future__ import annotations

import pytest

from tests.vendors.leonardo.second import FAST, KLING, MINI, UNKNOWN, Second, pictured
from tests.vendors.leonardo.session import png


async def test_every_word_for_a_picture_is_taken_where_the_guide_lists_it() -> None:
    session = Second()
    uploaded, (generated, *_) = await session.uploaded(png(64, 64)), await session.seeded()
    for id, kinds in ((uploaded, ("UPLOADED", "INIT")), (generated, ("GENERATED", "GENERATION"))):
        for kind in kinds:
            await session.made(KLING, guidances={"start_frame": pictured(id, kind)})
    text, _ = await session.refused(MINI, guidances={"start_frame": pictured(uploaded, "INIT")})
    assert "INIT" in text
    wrong = {"start_frame": pictured(uploaded, "GENERATED")}
    assert (await session.refused(KLING, guidances=wrong))[0] == "couldn't access image"


@pytest.mark.parametrize("model", [FAST, MINI])
async def test_seedance_takes_frames_or_references(model: str) -> None:
    session = Second()
    first, second, third = await session.seeded()
    start, end = pictured(first, "GENERATED"), pictured(second, "GENERATED")
    job = await session.made(model, guidances={"start_frame": start, "end_frame": end})
    assert job.submission.last_frame is not None
    references = [*pictured(third, "GENERATED", strength="HIGH", order=1)] * 4
    await session.made(model, guidances={"image_reference": references})
    for guidances, text in (
        ({"end_frame": end}, "guidances.start_frame is required"),
        ({"start_frame": start * 2}, "guidances.start_frame takes at most 1"),
        ({"image_reference": references * 2}, "guidances.image_reference takes at most 4"),
        (
            {"start_frame": start, "image_reference": references},
            "guidances: a start_frame and references exclude each other",
        ),
        (
            {"image_reference": pictured(third, "GENERATED", order=-1)},
            "order of guidances.image_reference must be 0 or more",
        ),
    ):
        assert (await session.refused(model, guidances=guidances))[0] == text
    weighed = {"image_reference": pictured(third, "GENERATED", strength="MAX")}
    assert "MAX" in (await session.refused(model, guidances=weighed))[0]


@pytest.mark.parametrize("model", [FAST, MINI])
async def test_seedance_takes_films_and_sounds_that_are_there(model: str) -> None:
    session = Second()
    media = (await session.post("/media", {"extension": "mp4"})).json()["uploadMedia"]
    film = [{"video": {"id": media["uploadId"], "type": "UPLOADED"}}]
    text, _ = await session.refused(model, guidances={"video_reference_base": film})
    assert text == "couldn't access video"
    await session.put(media, b"a film")
    await session.made(model, guidances={"video_reference_base": film})
    sound = [{"audio": {"id": media["uploadId"], "type": "UPLOADED"}}]
    await session.made(model, guidances={"audio_reference": sound, "video_reference_base": film})
    made = await session.submit()
    await session.advance(3600)
    video = (await session.generation(made))["generated_images"][0]["id"]
    again = [{"video": {"id": video, "type": "GENERATED"}}]
    await session.made(model, guidances={"video_reference_base": again})
    for guidances, text in (
        ({"video_reference_base": film * 4}, "guidances.video_reference_base takes at most 3"),
        ({"audio_reference": sound * 2}, "guidances.audio_reference takes at most 1"),
        (
            {"video_reference_base": [{"video": {"id": "x", "type": "UPLOADED"}}]},
            "invalid video id",
        ),
        (
            {"audio_reference": [{"audio": {"id": UNKNOWN, "type": "UPLOADED"}}]},
            "couldn't access audio",
        ),
    ):
        assert (await session.refused(model, guidances=guidances))[0] == text
