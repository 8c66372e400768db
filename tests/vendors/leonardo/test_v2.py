"""Leonardo's second API: what each model takes and refuses, sizes, prices, retirements."""

from __future__ import annotations

from typing import Any

import pytest

from tests.vendors.leonardo.second import FAST, GROK, KLING, MINI, PATH, UNKNOWN, Second, pictured
from tests.vendors.leonardo.session import error, nothing_happened, png


async def test_the_guides_request_becomes_a_complete_generation() -> None:
    session = Second()
    start = await session.uploaded(png(1920, 1080))
    asked = {
        "guidances": {"start_frame": pictured(start)},
        "duration": 5,
        "motion_has_audio": True,
        "width": 1920,
        "height": 1080,
    }
    job = await session.made(KLING, **asked)
    made = job.submission
    assert (made.width, made.height, made.duration_ms, made.audio) == (1920, 1080, 5000, True)
    assert made.first_frame is not None
    await session.advance(3600)
    row = await session.generation(job.id)
    assert (row["status"], row["motionModel"], row["imageToVideo"]) == ("COMPLETE", KLING, True)
    assert row["generated_images"][0]["motionMP4URL"].endswith(".mp4")
    assert (await session.listed())[0]["id"] == job.id


async def test_the_answer_is_nested_as_observed_or_flat_as_the_reference_has_it() -> None:
    answer = (await Second().make(KLING)).json()
    assert set(answer) == {"generate"}
    assert answer["generate"]["cost"]["unit"] == "DOLLARS"
    flat = (await Second(quirks={"leonardo.flat_reply": True}).make(KLING)).json()
    assert set(flat) == {"generationId", "apiCreditCost"}
    assert flat["apiCreditCost"] == 950


@pytest.mark.parametrize(
    ("model", "usual", "shortest"), [(KLING, 5, 3), (GROK, 6, 3), (FAST, 8, 4), (MINI, 8, 4)]
)
async def test_durations_are_the_models(model: str, usual: int, shortest: int) -> None:
    session = Second(balance="1000000")
    guided = {"start_frame": pictured((await session.seeded())[0], "GENERATED")}
    for duration in range(shortest, 16):
        job = await session.made(model, guidances=guided, duration=duration)
        assert job.submission.duration_ms == duration * 1000
    assert (await session.made(model, guidances=guided)).submission.duration_ms == usual * 1000
    for duration in (shortest - 1, 16):
        text, code = await session.refused(model, guidances=guided, duration=duration)
        assert (text, code) == (f"duration must be between {shortest} and 15", "unexpected")


@pytest.mark.parametrize(
    ("model", "parameter", "value"),
    [
        (KLING, "seed", 7),
        (GROK, "seed", 7),
        (GROK, "mode", "RESOLUTION_720"),
        (MINI, "mode", "RESOLUTION_720"),
        *((model, "prompt_enhance", "OFF") for model in (KLING, GROK, FAST, MINI)),
        *((model, "negative_prompt", "x") for model in (KLING, GROK, FAST, MINI)),
    ],
)
async def test_a_parameter_that_the_guide_does_not_list_is_refused(
    model: str, parameter: str, value: Any
) -> None:
    text, code = await Second().refused(model, **{parameter: value})
    assert (text, code) == (
        f"field '{parameter}' not found in type: 'Parameters'",
        "validation-failed",
    )


@pytest.mark.parametrize(
    ("model", "guidance"),
    [
        (model, guidance)
        for model in (KLING, GROK)
        for guidance in ("end_frame", "image_reference", "video_reference_base", "audio_reference")
    ],
)
async def test_a_guidance_that_the_guide_does_not_list_is_refused(
    model: str, guidance: str
) -> None:
    text, _ = await Second().refused(model, guidances={guidance: pictured(UNKNOWN)})
    assert text == f"field '{guidance}' not found in type: 'Guidances'"


@pytest.mark.parametrize(
    ("model", "size"),
    [
        *((KLING, size) for size in ((1280, 720), (960, 960), (720, 1280))),
        *((KLING, size) for size in ((1920, 1080), (1440, 1440), (1080, 1920))),
        *((GROK, size) for size in ((544, 544), (960, 960), (1280, 720))),
        *((GROK, size) for size in ((720, 1280), (400, 736), (736, 400))),
        *((FAST, size) for size in ((1280, 720), (864, 496), (1112, 834), (640, 640))),
        *((MINI, size) for size in ((1280, 720), (1470, 630), (1000, 500))),
    ],
)
async def test_sizes_are_the_models(model: str, size: tuple[int, int]) -> None:
    session = Second()
    guided = {"start_frame": pictured((await session.seeded())[0], "GENERATED")}
    job = await session.made(model, guidances=guided, width=size[0], height=size[1])
    assert (job.submission.width, job.submission.height) == size


@pytest.mark.parametrize(
    ("model", "size"),
    [
        (KLING, (1280, 1080)),
        (KLING, (832, 480)),
        (KLING, (0, 720)),
        (GROK, (1920, 1080)),
        (GROK, (400, 400)),
        (FAST, (1920, 1080)),
        (FAST, (0, 720)),
        (MINI, (64, 64)),
        (MINI, (-1280, -720)),
        (MINI, (2**31 - 1, 2**31 - 1)),
    ],
)
async def test_other_sizes_are_refused(model: str, size: tuple[int, int]) -> None:
    session = Second()
    guided = {"start_frame": pictured((await session.seeded())[0], "GENERATED")}
    text, code = await session.refused(model, guidances=guided, width=size[0], height=size[1])
    assert (text, code) == ("invalid dimensions", "unexpected")


async def test_the_size_left_to_the_model_lies_as_the_start_frame_does() -> None:
    session = Second()
    upright = {"start_frame": pictured(await session.uploaded(png(300, 500)))}
    job = await session.made(KLING, guidances=upright, width=0, height=0)
    assert (job.submission.width, job.submission.height) == (1080, 1920)
    job = await session.made(FAST, width=0, height=0)
    assert (job.submission.width, job.submission.height) == (1280, 720)


async def test_the_old_mode_is_a_tier_until_a_size_is_given() -> None:
    session = Second()
    small = await session.made(KLING, mode="RESOLUTION_720")
    assert (small.submission.width, small.submission.price) == (1280, 750)
    sized = await session.made(KLING, mode="RESOLUTION_720", width=1920, height=1080)
    assert (sized.submission.width, sized.submission.price) == (1920, 950)
    fast = await session.made(FAST, mode="RESOLUTION_480")
    assert fast.submission.price < (await session.made(FAST)).submission.price
    text, code = await session.refused(KLING, mode="RESOLUTION_480")
    assert "RESOLUTION_480" in text
    assert code == "validation-failed"


@pytest.mark.parametrize(("model", "longest"), [(KLING, 2500), (FAST, 5000), (MINI, 5000)])
async def test_prompts_end_where_the_model_ends_them(model: str, longest: int) -> None:
    session = Second()
    await session.made(model, prompt="x" * longest)
    text, _ = await session.refused(model, prompt="x" * (longest + 1))
    assert text == f"Invalid prompt, maximum length of {longest} characters exceeded."
    assert (await session.refused(model, prompt=" "))[0] == "Invalid prompt, it is empty"


@pytest.mark.parametrize("model", [FAST, MINI])
async def test_a_seed_is_kept_and_minus_one_is_drawn(model: str) -> None:
    session = Second()
    assert (await session.made(model, seed=4294967295)).seed == 4294967295
    assert (await session.made(model, seed=-1)).submission.seed is None
    for seed in (-2, 4294967296):
        assert (await session.refused(model, seed=seed))[0].startswith("seed must be")


async def test_one_video_is_all_there_is() -> None:
    session = Second()
    for model in (KLING, FAST, MINI):
        await session.made(model, quantity=1)
        assert (await session.refused(model, quantity=2))[0] == "quantity must be between 1 and 1"


async def test_without_sound_the_video_has_none() -> None:
    assert not (await Second().made(FAST, motion_has_audio=False)).submission.audio
    assert (await Second().made(FAST)).submission.audio


async def test_grok_needs_a_start_frame() -> None:
    session = Second()
    none: tuple[dict[str, Any] | None, ...] = (None, {}, {"start_frame": []})
    for guidances in none:
        text, _ = await session.refused(GROK, guidances=guidances)
        assert text == "guidances.start_frame is required"
    assert await nothing_happened(session)


@pytest.mark.parametrize(
    "model",
    [
        *("sora-2", "sora-2-pro", "svd", "veo-3.0-generate-001", "veo-3.0-fast-generate-001"),
        *("veo-3.1-generate-preview", "seedance-1.0-lite", "MOTION2", "no-such-model"),
    ],
)
async def test_what_was_retired_or_never_was_is_refused(model: str) -> None:
    session = Second()
    text, code = await session.refused(model)
    advice = "Please try again with a different model ID."
    told = f"{model} is not supported within the Production API. {advice}"
    assert (text, code) == (told, "unexpected")
    assert await nothing_happened(session)


async def test_the_body_is_read_as_the_first_apis_are() -> None:
    session = Second()
    for body, text in (
        ({}, 'expecting a value for non-nullable variable: "model"'),
        ({"model": KLING}, 'expecting a value for non-nullable variable: "parameters"'),
        ({"model": KLING, "parameters": {}}, "missing required field 'prompt'"),
        ({"model": KLING, "prompt": "p"}, "Unexpected variable prompt"),
        ({"model": 5, "parameters": {}}, "expected a string for type 'String', but found a number"),
        (
            {"model": KLING, "parameters": {"prompt": "p", "duration": "5"}},
            "expected a 32-bit integer for type 'Int', but found a string",
        ),
        (
            {"model": KLING, "parameters": []},
            "expected an object for type 'Parameters', but found an array",
        ),
    ):
        answer = await session.client.post(PATH, json=body, headers=session.headers)
        assert error(answer)[:2] == (400, text), body
    assert await nothing_happened(session)


async def test_it_is_charged_by_the_second_and_given_back_on_failure() -> None:
    session = Second()
    before = await session.credits()
    await session.made(MINI, duration=4)
    assert await session.credits() == before - 640
    await session.scenario("failed")
    await session.made(MINI, duration=4)
    await session.advance(3600)
    assert await session.credits() == before - 640
    poor = Second(balance="100")
    text, _ = await poor.refused(MINI)
    assert text.startswith("not enough api tokens userId: ")
