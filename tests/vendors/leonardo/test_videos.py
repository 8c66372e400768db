"""Leonardo's videos from request to COMPLETE: each create operation, polling, listing, deleting."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bodydouble.core.jobs import Job
from tests.vendors.leonardo.session import DOCUMENTED, IMAGE, JOB, SVD, TEXT, UPSCALE, Leonardo, png

ORDER = re.split(
    " ",
    "generated_images modelId motion motionModel motionStrength prompt negativePrompt imageHeight "
    "imageToVideo imageWidth inferenceSteps seed ultra public scheduler sdVersion status "
    "presetStyle initStrength guidanceScale id createdAt promptMagic promptMagicVersion "
    "promptMagicStrength photoReal photoRealStrength fantasyAvatar prompt_moderations "
    "generation_elements",
)


async def job_of(session: Leonardo, id: str) -> Job:
    async with session.app.store.transaction(session.sandbox) as tx:
        job = await tx.get(Job, id)
    assert job is not None
    return job


async def test_the_documented_text_to_video_request_becomes_a_complete_generation() -> None:
    session = Leonardo()
    answer = await session.post(TEXT, DOCUMENTED)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    job = answer.json()[JOB]
    assert job == {
        "generationId": job["generationId"],
        "apiCreditCost": None,
        "cost": {"amount": "0.1495", "unit": "DOLLARS"},
    }
    id = job["generationId"]
    assert re.fullmatch(r"1f[0-9a-f]{6}-[0-9a-f]{4}-6[0-9a-f]{3}-[89ab][0-9a-f]{3}-.{12}", id)
    pending = await session.generation(id)
    assert (pending["status"], pending["generated_images"]) == ("PENDING", [])
    await session.advance(600)
    row = await session.generation(id)
    assert list(row) == ORDER
    assert (row["status"], row["motionModel"], row["imageToVideo"]) == (
        "COMPLETE",
        "MOTION2",
        False,
    )
    assert (row["imageWidth"], row["imageHeight"], row["public"]) == (832, 480, False)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}", row["createdAt"])
    (image,) = row["generated_images"]
    assert image["motionMP4URL"].endswith(".mp4")
    assert image["url"] == image["motionMP4URL"][:-3] + "jpg"
    (element,) = row["generation_elements"]
    assert (element["weightApplied"], element["lora"]["name"]) == (1, "Dolly In")


async def test_the_client_default_duration_of_8_is_tolerated_on_motion2() -> None:
    session = Leonardo()
    id = await session.submit(duration=8, model="MOTION2")
    assert (await job_of(session, id)).submission.duration_ms == 5_000


async def test_parameters_may_stand_in_the_query_and_the_body_wins() -> None:
    session = Leonardo()
    query: dict[str, Any] = {
        "prompt": "from the query",
        "model": "KLING2_5",
        "duration": "5",
        "isPublic": "true",
        "elements": "[]",
    }
    answer = await session.send("POST", TEXT, params=query)
    assert answer.status_code == 200, answer.text
    row = await session.generation(answer.json()[JOB]["generationId"])
    assert (row["prompt"], row["public"]) == ("from the query", True)
    answer = await session.post(TEXT, {"prompt": "from the body", "duration": 10}, params=query)
    job = await job_of(session, answer.json()[JOB]["generationId"])
    assert (job.submission.prompt, job.submission.duration_ms) == ("from the body", 10_000)


@pytest.mark.parametrize(
    ("body", "size", "seconds", "credits", "audio"),
    [
        ({}, (832, 480), 5, 100, False),
        ({"resolution": "RESOLUTION_720"}, (1280, 720), 5, 200, False),
        ({"width": 576, "height": 720}, (576, 720), 5, 100, False),
        ({"width": 1280, "height": 720}, (1280, 720), 5, 200, False),
        ({"height": 832}, (480, 832), 5, 100, False),
        ({"model": "MOTION2FAST"}, (832, 480), 5, 70, False),
        ({"model": "VEO3"}, (1280, 720), 8, 2140, True),
        ({"model": "VEO3", "duration": 4}, (1280, 720), 4, 1070, True),
        ({"model": "VEO3FAST", "duration": 6, "width": 1080}, (1080, 1920), 6, 819, True),
        ({"model": "KLING2_5"}, (1920, 1080), 5, 235, False),
        ({"model": "KLING2_5", "duration": 10, "width": 1440}, (1440, 1440), 10, 470, False),
    ],
)
async def test_each_model_makes_its_sizes_and_lengths_at_its_price(
    body: dict[str, Any], size: tuple[int, int], seconds: int, credits: int, audio: bool
) -> None:
    session = Leonardo()
    before = await session.credits()
    made = (await job_of(session, await session.submit(**body))).submission
    assert (made.width, made.height) == size
    assert (made.duration_ms, made.audio) == (seconds * 1000, audio)
    assert before - await session.credits() == credits == made.price


async def test_a_generated_image_is_one_of_the_three_the_account_owns_from_the_start() -> None:
    session = Leonardo()
    images = await session.seeded()
    assert len(set(images)) == 3
    for id in images:
        body = {"prompt": "camera pushes in", "imageId": id, "imageType": "GENERATED"}
        answer = await session.post(IMAGE, body)
        assert answer.status_code == 200, answer.text
        job = await job_of(session, answer.json()[JOB]["generationId"])
        assert job.submission.first_frame is not None
        assert (job.submission.first_frame.kind, job.submission.first_frame.ref) == ("seeded", id)
    other = Leonardo("11111111-2222-4333-8444-666666666666")
    assert not set(images) & set(await other.seeded())


async def test_the_image_of_a_finished_video_can_be_set_in_motion_again() -> None:
    session = Leonardo()
    id = await session.submit()
    await session.advance(600)
    image = (await session.generation(id))["generated_images"][0]["id"]
    body = {"prompt": "on", "imageId": image.upper(), "imageType": "GENERATED"}
    assert (await session.post(IMAGE, body)).status_code == 200
    assert (await session.post(SVD, {"imageId": image})).status_code == 200


@pytest.mark.parametrize(
    ("model", "picture", "made"),
    [
        ("MOTION2", (900, 1600), (480, 832)),
        ("MOTION2", (1600, 900), (832, 480)),
        ("KLING2_5", (500, 500), (1440, 1440)),
        ("VEO3", (900, 1600), (1280, 720)),
    ],
)
async def test_a_video_lies_as_its_start_frame_does(
    model: str, picture: tuple[int, int], made: tuple[int, int]
) -> None:
    session = Leonardo()
    id = await session.uploaded(png(*picture))
    body = {"prompt": "p", "imageId": id, "imageType": "UPLOADED", "model": model}
    answer = await session.post(IMAGE, body)
    row = await session.generation(answer.json()[JOB]["generationId"])
    assert (row["imageWidth"], row["imageHeight"]) == made
    assert (row["imageToVideo"], row["motionModel"]) == (True, model)


async def test_kling_2_1_takes_an_end_frame() -> None:
    session = Leonardo()
    first, last, _ = await session.seeded()
    body = {
        "prompt": "p",
        "imageId": first,
        "imageType": "GENERATED",
        "model": "KLING2_1",
        "endFrameImage": {"id": last, "type": "GENERATED"},
    }
    answer = await session.post(IMAGE, body)
    made = (await job_of(session, answer.json()[JOB]["generationId"])).submission
    assert made.last_frame is not None
    assert made.last_frame.ref == last


async def test_motion_svd_moves_an_image_without_a_prompt() -> None:
    session = Leonardo(quirks={"leonardo.plan": "credits"})
    before = await session.credits()
    answer = await session.post(SVD, {"imageId": (await session.seeded())[0], "motionStrength": 7})
    assert answer.status_code == 200, answer.text
    job = answer.json()["motionSvdGenerationJob"]
    assert job["apiCreditCost"] == 45 == before - await session.credits()
    await session.advance(600)
    row = await session.generation(job["generationId"])
    assert (row["status"], row["motionStrength"], row["motionModel"]) == ("COMPLETE", 7, "SVD")


async def test_an_upscale_is_found_under_its_variation() -> None:
    session = Leonardo()
    id = await session.submit()
    await session.advance(600)
    body = {"sourceGenerationId": id, "resolution": "RESOLUTION_720"}
    job = (await session.post(UPSCALE, body)).json()[JOB]
    path = f"/motion-variations/{job['variationId']}"
    (row,) = (await session.get(path)).json()["generated_image_variation_motion"]
    assert (row["status"], row["url"], row["id"]) == ("PENDING", None, job["variationId"])
    await session.advance(600)
    (row,) = (await session.get(path)).json()["generated_image_variation_motion"]
    assert (row["status"], row["motionTransformType"]) == ("COMPLETE", "UPSCALE")
    assert row["resolution"] == "RESOLUTION_720"
    assert row["url"].endswith(".mp4")
    made = (await job_of(session, job["generationId"])).submission
    assert (made.width, made.height) == (1248, 720)


async def test_an_unknown_variation_is_an_empty_array() -> None:
    session = Leonardo()
    id = await session.submit()
    for unknown in (id, "00000000-0000-4000-8000-000000000001"):
        answer = await session.get(f"/motion-variations/{unknown}")
        assert answer.json() == {"generated_image_variation_motion": []}


async def test_an_image_generation_makes_as_many_images_as_asked_to_start_from() -> None:
    session = Leonardo()
    answer = await session.post(
        "/generations", {"prompt": "a cat", "num_images": 2, "alchemy": True}
    )
    job = answer.json()["sdGenerationJob"]
    await session.advance(600)
    row = await session.generation(job["generationId"])
    assert [image["motionMP4URL"] for image in row["generated_images"]] == [None, None]
    assert (row["motion"], row["motionModel"]) == (None, None)
    for image in row["generated_images"]:
        assert (await session.post(SVD, {"imageId": image["id"]})).status_code == 200


async def test_the_seed_pages_image_field_takes_the_place_of_image_id_and_type() -> None:
    session = Leonardo(quirks={"leonardo.image_field": True})
    for id in ((await session.seeded())[0], await session.uploaded()):
        assert (await session.post(IMAGE, {"prompt": "p", "image": id})).status_code == 200
        both = {"prompt": "p", "image": id, "imageId": id, "imageType": "GENERATED"}
        assert (await session.post(IMAGE, both)).status_code == 400


async def test_elements_on_a_model_without_them_can_be_ignored() -> None:
    session = Leonardo(quirks={"leonardo.elements": "ignore"})
    id = await session.submit(model="KLING2_5", elements=DOCUMENTED["elements"])
    assert (await session.generation(id))["generation_elements"] == []
