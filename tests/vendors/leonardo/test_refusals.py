"""Leonardo refuses in its own words; what is refused leaves no job, no charge and no upload."""

from __future__ import annotations

from typing import Any

import pytest

from bodydouble.core.errors import Cause, Refusal
from bodydouble.core.jobs import Job
from bodydouble.core.wire import Call
from bodydouble.providers.leonardo import PROVIDER
from tests.vendors.leonardo.session import (
    IMAGE,
    JOB,
    SVD,
    TEXT,
    UPSCALE,
    Leonardo,
    error,
    nothing_happened,
)

AT = "$.selectionSet.motionVideoGenerationJob.args.arg1"
UUID = "00000000-0000-4000-8000-000000000001"
ME = "/me"


def test_every_cause_has_a_word_of_three_keys() -> None:
    for cause in Cause:
        reply = PROVIDER.refuse(Refusal(cause), Call("GET", "/"))
        assert reply.status >= 400
        assert list(reply.body) == ["error", "path", "code"], cause
        assert all(isinstance(text, str) and text for text in reply.body.values())


async def test_a_missing_or_unknown_key_is_401_and_a_malformed_one_500() -> None:
    session = Leonardo()
    denied = (401, "Authentication hook unauthorized this request", "$", "access-denied")
    hook = (500, "Invalid response from authorization hook", "$", "unexpected")
    nil = "Bearer 00000000-0000-0000-0000-000000000000"
    assert error(await session.get(ME, headers={})) == denied
    assert error(await session.get(ME, headers={"authorization": nil})) == denied
    assert error(await session.get(ME, headers={"authorization": "Basic abc"})) == denied
    assert error(await session.get(ME, headers={"authorization": "Bearer sk-123"})) == hook
    strict = Leonardo(strict_keys=True)
    assert error(await strict.get(ME)) == denied


async def test_unknown_paths_and_wrong_verbs_are_said_as_the_engine_says_them() -> None:
    session = Leonardo()
    missing = await session.get("/no-such-endpoint")
    assert error(missing) == (404, "Endpoint not found", "$", "not-found")
    wrong = await session.send("PUT", "/me")
    assert error(wrong) == (405, "Allowed methods: GET", "$", "method-not-allowed")
    wrong = await session.send("POST", f"/generations/{UUID}")
    assert error(wrong)[1] == "Allowed methods: DELETE, GET"


VALIDATION = [
    ({"prompt": "p", "sd_Version": "v2"}, "Unexpected variable sd_Version", "$", "bad-request"),
    ({"sd_Version": 1}, "Unexpected variable sd_Version", "$", "bad-request"),
    (
        {"model": "MOTION2"},
        'expecting a value for non-nullable variable: "prompt"',
        "$",
        "validation-failed",
    ),
    (
        {"prompt": None},
        'expecting a value for non-nullable variable: "prompt"',
        "$",
        "validation-failed",
    ),
    (
        {"prompt": "p", "isPublic": "yes"},
        "expected a boolean for type 'Boolean', but found a string",
        f"{AT}.isPublic",
        "validation-failed",
    ),
    (
        {"prompt": 5},
        "expected a string for type 'String', but found a number",
        f"{AT}.prompt",
        "validation-failed",
    ),
    (
        {"prompt": "p", "duration": "8"},
        "expected a 32-bit integer for type 'Int', but found a string",
        f"{AT}.duration",
        "validation-failed",
    ),
    (
        {"prompt": "p", "resolution": "720p"},
        "expected an enum value for type 'VideoGenerationResolution', but found a string",
        f"{AT}.resolution",
        "validation-failed",
    ),
    (
        {"prompt": "p", "resolution": "RESOLUTION_2160"},
        "expected one of the values ['RESOLUTION_480', 'RESOLUTION_720', 'RESOLUTION_1080'] "
        "for type 'VideoGenerationResolution', but found 'RESOLUTION_2160'",
        f"{AT}.resolution",
        "validation-failed",
    ),
    (
        {"prompt": "p", "elements": [{"akUUID": UUID, "colour": 1}]},
        "field 'colour' not found in type: 'ElementInput'",
        f"{AT}.elements[0]",
        "validation-failed",
    ),
    (
        {"prompt": "p", "elements": ["no"]},
        "expected an object for type 'ElementInput', but found a string",
        f"{AT}.elements[0]",
        "validation-failed",
    ),
    (
        {"prompt": "p", "elements": {"akUUID": []}},
        "expected a string for type 'String', but found an array",
        f"{AT}.elements[0].akUUID",
        "validation-failed",
    ),
    (
        {"prompt": "x" * 1501},
        "Invalid prompt, maximum length of 1500 characters exceeded.",
        "$",
        "unexpected",
    ),
    ({"prompt": "p", "width": 833, "height": 480}, "invalid dimensions", "$", "unexpected"),
]


@pytest.mark.parametrize(("body", "text", "path", "code"), VALIDATION)
async def test_a_bad_variable_is_refused_in_the_vendors_words(
    body: dict[str, Any], text: str, path: str, code: str
) -> None:
    session = Leonardo()
    assert error(await session.post(TEXT, body)) == (400, text, path, code)
    assert await nothing_happened(session)


@pytest.mark.parametrize(
    "body",
    [
        {"model": "KLING2_5", "duration": 7},
        {"model": "VEO3", "duration": 5},
        {"model": "KLING2_1", "duration": 5},
        {"model": "VEO3_1"},
        {"resolution": "RESOLUTION_1080"},
        {"model": "KLING2_5", "width": 1280, "height": 720},
        {"resolution": "RESOLUTION_480", "width": 1280, "height": 720},
        {"seed": 2147483638},
        {"seed": -1},
        {"model": "VEO3", "seed": 4294967294},
        {"model": "VEO3", "elements": [{"akUUID": "ece8c6a9-3deb-430e-8c93-4d5061b6adbf"}]},
        {"elements": [{"akUUID": UUID}]},
        {"elements": [{"akUUID": "ece8c6a9-3deb-430e-8c93-4d5061b6adbf"}] * 25},
        {"styleIds": ["Sci-Fi"]},
        {"styleIds": ["d28c8f2b-22bb-4c0c-893d-d3835e28f2f7", ""]},
        {"negativePrompt": "x" * 1501},
        {"prompt": "  "},
    ],
)
async def test_what_the_model_does_not_make_is_400_unexpected(body: dict[str, Any]) -> None:
    session = Leonardo()
    status, text, path, code = error(await session.post(TEXT, {"prompt": "p", **body}))
    assert (status, path, code) == (400, "$", "unexpected")
    assert text
    assert await nothing_happened(session)


async def test_one_missing_field_is_named_at_a_time_in_order() -> None:
    session = Leonardo()
    body: dict[str, Any] = {}
    for name, value in (("prompt", "p"), ("imageId", UUID), ("imageType", "GENERATED")):
        text = error(await session.post(IMAGE, body))[1]
        assert text == f'expecting a value for non-nullable variable: "{name}"'
        body[name] = value
    assert error(await session.post(IMAGE, body))[1] == "couldn't access image"


async def test_image_ids_that_lead_nowhere_are_refused() -> None:
    session = Leonardo()
    silent = (await session.announce())["id"]
    noise = await session.uploaded(b"these bytes are no picture")
    generation = await session.submit()
    left = await session.balance()
    stranger = Leonardo("11111111-2222-4333-8444-666666666666")
    foreign = (await stranger.seeded())[0]
    for id, kind in (
        (UUID, "UPLOADED"),
        (UUID, "GENERATED"),
        (silent, "UPLOADED"),
        (noise, "UPLOADED"),
        (generation, "GENERATED"),
        (foreign, "GENERATED"),
    ):
        body = {"prompt": "p", "imageId": id, "imageType": kind}
        refusal = (400, "couldn't access image", "$", "unexpected")
        assert error(await session.post(IMAGE, body)) == refusal
    body = {"prompt": "p", "imageId": "nope", "imageType": "UPLOADED"}
    refusal = (400, "invalid init image id", "$", "unexpected")
    assert error(await session.post(IMAGE, body)) == refusal
    assert error(await session.post(SVD, {"imageId": "nope"})) == refusal
    service = (400, "Service Error", "$", "unexpected")
    assert error(await session.post(SVD, {"imageId": generation})) == service
    assert await session.balance() == left
    assert await session.count(Job, "leonardo/main") == 1


async def test_an_end_frame_is_refused_where_the_seed_page_does_not_allow_it() -> None:
    for model, quirks, status in (
        ("MOTION2", {}, 400),
        ("KLING2_5", {}, 400),
        ("VEO3_1", {}, 400),
        ("VEO3_1FAST", {}, 400),
        ("KLING2_5", {"leonardo.end_frame": "guides"}, 200),
        ("VEO3_1", {"leonardo.end_frame": "guides"}, 200),
        ("VEO3_1FAST", {"leonardo.end_frame": "guides"}, 200),
        ("MOTION2", {"leonardo.end_frame": "guides"}, 400),
    ):
        session = Leonardo(quirks=quirks)
        first, last, _ = await session.seeded()
        end = {"id": last, "type": "GENERATED"}
        body = {"prompt": "p", "imageId": first, "imageType": "GENERATED", "model": model}
        answer = await session.post(IMAGE, {**body, "endFrameImage": end})
        assert answer.status_code == status, answer.text
        bad = await session.post(IMAGE, {**body, "endFrameImage": {"id": last}})
        assert error(bad)[1] == "missing required field 'type'"


async def test_motion_strength_lies_between_1_and_10() -> None:
    session = Leonardo()
    id = (await session.seeded())[0]
    for strength in (0, 11, -3):
        body = {"imageId": id, "motionStrength": strength}
        assert error(await session.post(SVD, body))[3] == "unexpected"
    assert await nothing_happened(session)


async def test_only_a_finished_video_of_ones_own_is_upscaled() -> None:
    session = Leonardo()
    pending = await session.submit()
    for source in (pending, UUID, "nope"):
        body = {"sourceGenerationId": source, "resolution": "RESOLUTION_720"}
        assert error(await session.post(UPSCALE, body))[1] == "Service Error"
    await session.advance(600)
    body = {"sourceGenerationId": pending, "resolution": "RESOLUTION_1080"}
    assert error(await session.post(UPSCALE, body))[3] == "validation-failed"
    assert await session.count(Job, "leonardo/main") == 1


@pytest.mark.parametrize("status", [403, 400])
async def test_a_blocked_prompt_is_refused_before_a_job_exists(status: int) -> None:
    session = Leonardo(quirks={"leonardo.prompt_block_status": status})
    answer = await session.post(TEXT, {"prompt": "lots of Gore, please"})
    assert error(answer) == (status, "content moderation filter: gore", "$", "unexpected")
    assert (await session.post("/generations", {"prompt": "nude"})).status_code == status
    assert await nothing_happened(session)
    assert (await session.post(TEXT, {"prompt": "Gregorian chant"})).status_code == 200


async def test_the_content_filter_can_be_switched_off() -> None:
    session = Leonardo(quirks={"leonardo.blocked_prompts": "none"})
    assert (await session.post(TEXT, {"prompt": "gore"})).status_code == 200


async def test_retired_models_are_refused_only_when_asked_for() -> None:
    session = Leonardo(quirks={"leonardo.retired_models": True})
    for path, body, name in (
        (TEXT, {"prompt": "p", "model": "VEO3"}, "VEO3"),
        (SVD, {"imageId": (await session.seeded())[0]}, "SVD"),
    ):
        text = error(await session.post(path, body))[1]
        advice = "Please try again with a different model ID."
        assert text == f"{name} is not supported within the Production API. {advice}"
    assert await nothing_happened(session)


async def test_misspelled_models_are_taken_only_leniently() -> None:
    body = {"prompt": "p", "model": "Kling2_5"}
    assert error(await Leonardo().post(TEXT, body))[3] == "validation-failed"
    session = Leonardo(quirks={"leonardo.lenient_models": True})
    id = (await session.post(TEXT, body)).json()[JOB]["generationId"]
    assert (await session.generation(id))["motionModel"] == "KLING2_5"
