"""What became of a Leonardo job: lists, deletion, unknown ids, failures, other readings."""

from __future__ import annotations

from tests.vendors.leonardo.session import Leonardo


async def test_generations_are_listed_newest_first_and_in_pages() -> None:
    session = Leonardo()
    ids = [await session.submit() for _ in range(12)]
    seeded = (await session.listed(offset=12))[0]["id"]
    everything = [*reversed(ids), seeded]
    assert [row["id"] for row in await session.listed()] == everything[:10]
    assert [row["id"] for row in await session.listed(offset=10, limit=10)] == everything[10:]
    assert [row["id"] for row in await session.listed(offset=2, limit=3)] == everything[2:5]
    assert [row["id"] for row in await session.listed(limit=500)] == everything
    assert await session.listed(offset=13) == []
    assert await session.listed(limit=0) == []
    stranger = await session.get("/generations/user/00000000-0000-4000-8000-000000000001")
    assert stranger.json() == {"generations": []}


async def test_a_deleted_generation_is_null_and_gone_from_the_list() -> None:
    session = Leonardo()
    pending, done = await session.submit(), await session.submit()
    left = await session.credits()
    for id in (pending, done):
        answer = await session.send("DELETE", f"/generations/{id}")
        assert answer.json() == {"delete_generations_by_pk": {"id": id}}
        assert (await session.get(f"/generations/{id}")).json() == {"generations_by_pk": None}
        again = await session.send("DELETE", f"/generations/{id}")
        assert again.json() == {"delete_generations_by_pk": None}
        await session.advance(600)
    assert len(await session.listed()) == 1
    assert await session.credits() == left


async def test_unknown_and_foreign_generations_are_null() -> None:
    session, other = Leonardo(), Leonardo("11111111-2222-4333-8444-666666666666")
    other.app, other.client = session.app, session.client
    id = await session.submit()
    for unknown in (id, "1f0c0ffe-0000-6000-8000-000000000001"):
        assert (await other.get(f"/generations/{unknown}")).json() == {"generations_by_pk": None}
    assert (await session.generation(id.upper()))["id"] == id


async def test_failures_show_in_status_and_moderation_alone() -> None:
    session = Leonardo()
    await session.get("/me")
    for scenario, classes in (("failed", []), ("moderated", ["NSFW"])):
        await session.scenario(scenario)
        id = await session.submit()
        await session.advance(600)
        row = await session.generation(id)
        assert (row["status"], row["generated_images"]) == ("FAILED", [])
        assert row["prompt_moderations"] == [{"moderationClassification": classes}]


async def test_a_flagged_word_ends_in_a_complete_video_marked_nsfw() -> None:
    session = Leonardo()
    id = await session.submit(prompt="A seductive dance")
    await session.advance(600)
    assert (await session.generation(id))["generated_images"][0]["nsfw"] is True


async def test_quirks_serve_the_other_readings_of_a_generation() -> None:
    session = Leonardo(quirks={"leonardo.null_fields": "omit", "leonardo.motion_fields": "schema"})
    id = await session.submit()
    await session.advance(600)
    row = await session.generation(id)
    assert None not in row.values()
    assert "scheduler" not in row
    (image,) = row["generated_images"]
    assert (image["motion"], image["motionModel"], image["imageToVideo"]) == (
        True,
        "MOTION2",
        False,
    )
    session = Leonardo(quirks={"leonardo.not_found": 404})
    answer = await session.get("/generations/1f0c0ffe-0000-6000-8000-000000000001")
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


async def test_the_generation_of_the_first_images_is_found_and_stays() -> None:
    session = Leonardo()
    (seeded,) = await session.listed()
    assert await session.generation(seeded["id"]) == seeded
    answer = await session.send("DELETE", f"/generations/{seeded['id']}")
    assert answer.json() == {"delete_generations_by_pk": None}
    assert await session.listed() == [seeded]
