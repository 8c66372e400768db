"""What became of a Leonardo job: lists, deletion, unknown ids, failures, other readings."""

from __future__ import annotations

from tests.vendors.leonardo.session import Leonardo


async def test_generations_are_listed_newest_first_and_in_pages() -> None:
    stage = Leonardo()
    ids = [await stage.submit() for _ in range(12)]
    seeded = (await stage.listed(offset=12))[0]["id"]
    everything = [*reversed(ids), seeded]
    assert [row["id"] for row in await stage.listed()] == everything[:10]
    assert [row["id"] for row in await stage.listed(offset=10, limit=10)] == everything[10:]
    assert [row["id"] for row in await stage.listed(offset=2, limit=3)] == everything[2:5]
    assert [row["id"] for row in await stage.listed(limit=500)] == everything
    assert await stage.listed(offset=13) == []
    assert await stage.listed(limit=0) == []
    stranger = await stage.get("/generations/user/00000000-0000-4000-8000-000000000001")
    assert stranger.json() == {"generations": []}


async def test_a_deleted_generation_is_null_and_gone_from_the_list() -> None:
    stage = Leonardo()
    pending, done = await stage.submit(), await stage.submit()
    left = await stage.credits()
    for id in (pending, done):
        answer = await stage.send("DELETE", f"/generations/{id}")
        assert answer.json() == {"delete_generations_by_pk": {"id": id}}
        assert (await stage.get(f"/generations/{id}")).json() == {"generations_by_pk": None}
        again = await stage.send("DELETE", f"/generations/{id}")
        assert again.json() == {"delete_generations_by_pk": None}
        await stage.advance(600)
    assert len(await stage.listed()) == 1
    assert await stage.credits() == left


async def test_unknown_and_foreign_generations_are_null() -> None:
    stage, other = Leonardo(), Leonardo("11111111-2222-4333-8444-666666666666")
    other.app, other.client = stage.app, stage.client
    id = await stage.submit()
    for unknown in (id, "1f0c0ffe-0000-6000-8000-000000000001"):
        assert (await other.get(f"/generations/{unknown}")).json() == {"generations_by_pk": None}
    assert (await stage.generation(id.upper()))["id"] == id


async def test_failures_show_in_status_and_moderation_alone() -> None:
    stage = Leonardo()
    await stage.get("/me")
    for scenario, classes in (("failed", []), ("moderated", ["NSFW"])):
        await stage.scenario(scenario)
        id = await stage.submit()
        await stage.advance(600)
        row = await stage.generation(id)
        assert (row["status"], row["generated_images"]) == ("FAILED", [])
        assert row["prompt_moderations"] == [{"moderationClassification": classes}]


async def test_a_flagged_word_ends_in_a_complete_video_marked_nsfw() -> None:
    stage = Leonardo()
    id = await stage.submit(prompt="A seductive dance")
    await stage.advance(600)
    assert (await stage.generation(id))["generated_images"][0]["nsfw"] is True


async def test_quirks_serve_the_other_readings_of_a_generation() -> None:
    stage = Leonardo(quirks={"leonardo.null_fields": "omit", "leonardo.motion_fields": "schema"})
    id = await stage.submit()
    await stage.advance(600)
    row = await stage.generation(id)
    assert None not in row.values()
    assert "scheduler" not in row
    (image,) = row["generated_images"]
    assert (image["motion"], image["motionModel"], image["imageToVideo"]) == (
        True,
        "MOTION2",
        False,
    )
    stage = Leonardo(quirks={"leonardo.not_found": 404})
    answer = await stage.get("/generations/1f0c0ffe-0000-6000-8000-000000000001")
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


async def test_the_generation_of_the_first_images_is_found_and_stays() -> None:
    stage = Leonardo()
    (seeded,) = await stage.listed()
    assert await stage.generation(seeded["id"]) == seeded
    answer = await stage.send("DELETE", f"/generations/{seeded['id']}")
    assert answer.json() == {"delete_generations_by_pk": None}
    assert await stage.listed() == [seeded]
