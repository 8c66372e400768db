"""Interactions: made, waited for, streamed, gone on from, canceled, deleted, refused."""

from __future__ import annotations

import json
from base64 import b64decode
from typing import Any

import pytest

from bodydouble.core.money.ledger import Account
from tests.vendors.gemini.asked import FORMAT, INTERACTIONS, MODEL, interaction, session
from tests.vendors.session import Session

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"


async def seen(one: Session, id: str, query: str = "") -> Any:
    answer = await one.get(f"{INTERACTIONS}/{id}{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def said(one: Session, status: int = 400, code: str = "", **more: Any) -> str:
    """The message of a refusal, whose form and code are checked."""
    answer = await one.post(INTERACTIONS, {"model": MODEL, "input": "a boat", **more})
    body = answer.json()
    assert answer.status_code == status, body
    assert set(body) == {"error"}
    assert set(body["error"]) == {"message", "code"}
    usual = {400: "invalid_request", 404: "not_found", 403: "permission_denied"}
    assert body["error"]["code"] == (code or usual[status])
    return str(body["error"]["message"])


async def test_one_in_the_background_goes_from_in_progress_to_completed() -> None:
    one = session()
    first = await interaction(one)
    assert first["object"] == "interaction"
    assert first["status"] == "in_progress"
    assert "steps" not in first
    assert "usage" not in first
    await one.advance(5)
    assert (await seen(one, first["id"]))["status"] == "in_progress"
    await one.advance(300)
    done = await seen(one, first["id"])
    assert done["status"] == "completed"
    assert done["updated"] > done["created"]
    (asked, step), usage = done["steps"], done["usage"]
    text = [{"type": "text", "text": "a boat"}]
    assert asked == {"type": "user_input", "content": text}
    (film,) = step["content"]
    assert (step["type"], film["type"], film["mime_type"]) == ("model_output", "video", "video/mp4")
    assert usage["total_output_tokens"] == 3 * 5792
    answer = await one.get(film["uri"].partition("/gemini")[2])
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.content[4:8] == b"ftyp"


@pytest.mark.parametrize("version", ["v1", "v1beta"])
async def test_each_version_answers_and_leads_to_itself(version: str) -> None:
    one = session()
    body = {"model": MODEL, "input": "a boat", "background": True, "response_format": FORMAT}
    id = (await one.post(f"/{version}/interactions", body)).json()["id"]
    await one.advance(300)
    for asked in ("v1", "v1beta"):
        told = (await one.get(f"/{asked}/interactions/{id}")).json()
        assert f"/gemini/{version}/files/" in told["steps"][-1]["content"][0]["uri"]


async def test_what_was_asked_is_told_to_who_asks_for_it() -> None:
    one = session()
    id = (await interaction(one, labels={"team": "blue"}))["id"]
    assert "input" not in await seen(one, id)
    told = await seen(one, id, "?include_input=true")
    assert told["input"] == [{"type": "text", "text": "a boat"}]
    assert told["labels"] == {"team": "blue"}
    assert (await one.get(f"{INTERACTIONS}/{id}?include_input=maybe")).status_code == 400


async def test_a_film_may_come_with_the_reply_in_base64() -> None:
    one = session()
    inline = {**FORMAT, "delivery": "inline"}
    id = (await interaction(one, response_format=[inline]))["id"]
    await one.advance(300)
    told = await seen(one, id)
    (film,) = told["steps"][-1]["content"]
    assert "uri" not in film
    assert b64decode(film["data"], validate=True)[4:8] == b"ftyp"
    assert list(told)[-1] == "usage"
    # After two days it is not there any more.
    await one.advance(3 * 86_400)
    assert "uri" in (await seen(one, id))["steps"][-1]["content"][0]


async def test_how_a_film_comes_where_nothing_is_said_is_a_quirk() -> None:
    for quirk, name in (("inline", "data"), ("uri", "uri")):
        one = session(quirks={"gemini.delivery": quirk})
        plain = {"type": "video", "duration": "3s", "resolution": "360p"}
        id = (await interaction(one, response_format=plain))["id"]
        await one.advance(300)
        assert name in (await seen(one, id))["steps"][-1]["content"][0]


async def test_what_a_filter_refuses_has_failed_and_is_free() -> None:
    one = session()
    id = (await interaction(one, "x [[bodydouble: fail=moderated:likeness]]"))["id"]
    held = await one.balance()
    await one.advance(300)
    told = await seen(one, id)
    assert told["status"] == "failed"
    (error,) = told["errors"]
    assert error["code"] == "prohibited_content"
    assert "likeness" in error["message"]
    assert await one.balance() == held + 900


async def test_what_a_filter_refuses_may_be_completed_with_words_alone() -> None:
    one = session(quirks={"gemini.moderated": "completed"})
    id = (await interaction(one, "x [[bodydouble: fail=moderated:audio]]"))["id"]
    await one.advance(300)
    told = await seen(one, id)
    assert told["status"] == "completed"
    assert "errors" not in told
    (content,) = told["steps"][-1]["content"]
    assert content["type"] == "text"
    assert "audio" in content["text"]
    assert told["usage"]["output_tokens_by_modality"][0]["modality"] == "text"


async def test_what_breaks_is_failed_with_the_error_twice() -> None:
    one = session()
    id = (await interaction(one, "x [[bodydouble: fail=timeout]]"))["id"]
    await one.advance(300)
    told = await seen(one, id)
    text = "Deadline expired before operation could complete."
    assert told["status"] == "failed"
    assert "usage" not in told
    assert told["errors"] == [{"code": "deadline_exceeded", "message": text}]
    error = {"code": 4, "message": text}
    assert told["steps"][1:] == [{"type": "model_output", "error": error}]


async def test_one_is_canceled_while_it_runs_in_the_background() -> None:
    one = session()
    held = 500_000
    id = (await interaction(one))["id"]
    answer = await one.post(f"{INTERACTIONS}/{id}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert [step["type"] for step in answer.json()["steps"]] == ["user_input"]
    assert await one.balance() == held
    again = await one.post(f"{INTERACTIONS}/{id}/cancel")
    assert (again.status_code, again.json()["error"]["code"]) == (400, "failed_precondition")


async def test_one_that_was_deleted_is_not_found_and_neither_is_its_film() -> None:
    one = session()
    id = (await interaction(one))["id"]
    await one.advance(300)
    uri = (await seen(one, id))["steps"][-1]["content"][0]["uri"].partition("/gemini")[2]
    assert (await one.send("DELETE", f"{INTERACTIONS}/{id}")).json() == {}
    assert (await one.get(f"{INTERACTIONS}/{id}")).json()["error"]["code"] == "not_found"
    assert (await one.get(uri)).status_code == 403


async def test_one_goes_on_from_another_as_long_and_as_large() -> None:
    one = session()
    first = await interaction(one, response_format={**FORMAT, "aspect_ratio": "9:16"})
    early = await one.post(
        INTERACTIONS, {"model": MODEL, "input": "red", "previous_interaction_id": first["id"]}
    )
    assert early.status_code == 400
    assert "not completed" in early.json()["error"]["message"]
    await one.advance(300)
    next_ = await interaction(
        one, "make it red", previous_interaction_id=first["id"], response_format=None
    )
    assert next_["previous_interaction_id"] == first["id"]
    await one.advance(300)
    assert (await seen(one, next_["id"]))["usage"]["total_output_tokens"] == 3 * 5792
    assert "not found" in await said(one, 404, previous_interaction_id="v1_" + "a" * 40)


async def test_a_clock_that_stands_still_is_not_waited_for() -> None:
    one = session()
    assert (await interaction(one, background=False))["status"] == "in_progress"


async def test_what_is_not_stored_is_not_found_again() -> None:
    one = session()
    id = (await interaction(one, background=False, store=False))["id"]
    assert (await one.get(f"{INTERACTIONS}/{id}")).status_code == 404
    assert "store" in await said(one, background=True, store=False)


async def test_a_stream_tells_what_came_of_it_by_step() -> None:
    one = session()
    id = (await interaction(one))["id"]
    await one.advance(300)
    answer = await one.get(f"{INTERACTIONS}/{id}?stream=true")
    assert answer.headers["content-type"].startswith("text/event-stream")
    told = [part.split("\n") for part in answer.text.strip().split("\n\n")]
    events = [json.loads(data.removeprefix("data: ")) for _, data in told]
    named = [name.removeprefix("event: ") for name, _ in told]
    assert named == [event["event_type"] for event in events]
    assert named == [
        "interaction.created",
        "step.start",
        "step.delta",
        "step.stop",
        "interaction.completed",
    ]
    assert events[2]["delta"]["type"] == "video"
    assert events[-1]["interaction"]["status"] == "completed"


async def test_input_comes_in_every_form() -> None:
    one = session()
    text, image = {"type": "text", "text": "a boat"}, {"type": "image", "mime_type": "image/png"}
    forms: list[Any] = [
        text,
        [text, {**image, "data": PNG}],
        [{**image, "uri": "https://example.com/a.png"}],
        [{"type": "user_input", "content": [text]}],
        {"type": "user_input", "content": "a boat"},
        [text, {"type": "video", "uri": "https://example.com/a.mp4"}],
        [text, {"type": "audio", "data": "AAAA", "mime_type": "audio/mp3"}],
    ]
    for form in forms:
        answer = await one.post(INTERACTIONS, {"model": MODEL, "input": form, "background": True})
        assert answer.status_code == 200, (form, answer.text)


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"input": ""}, "must not be empty"),
        ({"input": 5}, "Expected a string or an array, got number at 'input'"),
        ({"input": [5]}, "Expected an object, got number at 'input[0]'"),
        ({"input": [{"type": "image"}]}, "Exactly one of 'data' and 'uri'"),
        ({"input": [{"type": "image", "data": "####"}]}, "Missing required parameter"),
        (
            {"input": [{"type": "image", "data": "####", "mime_type": "image/png"}]},
            "Invalid image at 'input[0].data'",
        ),
        ({"input": [{"type": "shape"}]}, "Invalid value 'shape' at 'input[0].type'"),
        ({"tools": [{}]}, "'tools' is not supported by this model"),
        ({"background": "yes"}, "Expected a boolean, got string at 'background'"),
        ({"generation_config": []}, "Expected an object, got array at 'generation_config'"),
        (
            {"generation_config": {"video_config": {"task": "dance"}}},
            "Invalid value 'dance' at 'generation_config.video_config.task'",
        ),
        ({"response_format": [FORMAT, 3]}, "got number at 'response_format[1]'"),
        ({"response_format": {**FORMAT, "duration": "3"}}, "Invalid duration '3'"),
        ({"response_format": {**FORMAT, "duration": "16s"}}, "between 3s and 15s"),
        ({"response_format": {**FORMAT, "resolution": "8k"}}, "Invalid value '8k'"),
        ({"labels": {"Team": "blue"}}, "Invalid label 'Team'"),
        ({"webhook_config": {"uris": ["https://example.com/"]}}, "requires background=true"),
        (
            {"background": True, "webhook_config": {"uris": ["nowhere"]}},
            "Invalid URI at 'webhook_config.uris[0]'",
        ),
    ],
)
async def test_a_bad_body_is_refused_in_the_words_of_interactions(
    more: dict[str, Any], text: str
) -> None:
    one = session()
    assert text in await said(one, **more)
    assert await one.count(Account) == 1
    assert await one.balance() == 500_000


async def test_a_parameter_that_nobody_knows_has_a_code_of_its_own() -> None:
    one = session()
    code = "parameter_unknown"
    assert await said(one, code=code, nonsense=1) == "Unknown parameter 'nonsense'"
    strange = [{"type": "text", "text": "x", "a": 1}]
    assert await said(one, code=code, input=strange) == "Unknown parameter 'a' at 'input[0]'"


async def test_a_file_that_is_not_there_is_nobodys() -> None:
    one = session()
    made = await interaction(one)
    await one.advance(300)
    uri = (await seen(one, made["id"]))["steps"][-1]["content"][0]["uri"]
    api = "https://generativelanguage.googleapis.com/v1beta/files/nothing"
    for wrong in (api, "files/nothing", uri.replace(":download", "x:download")):
        told = await said(one, 403, input=[{"type": "video", "uri": wrong}])
        assert told.startswith("You do not have permission to access the File")
    body = {"model": MODEL, "input": [{"type": "video", "uri": uri}], "background": True}
    assert (await one.post(INTERACTIONS, body)).status_code == 200


async def test_a_model_has_its_own_limits() -> None:
    one = session()
    preview = "gemini-omni-flash-preview"
    assert "'720p'" in await said(one, model=preview, response_format=FORMAT)
    longer = {**FORMAT, "resolution": "720p", "duration": "12s"}
    assert "10s" in await said(one, model=preview, response_format=longer)
    for model in ("gemini-none", "veo-3.1-generate-preview"):
        assert model in await said(one, 404, "model_not_found", model=model)


async def test_what_is_no_id_is_another_thing_than_an_id_of_nothing() -> None:
    one = session()
    for id, status, word in (
        ("nothing", 400, "invalid_request"),
        ("v1_" + "a" * 40, 404, "not_found"),
    ):
        answer = await one.get(f"{INTERACTIONS}/{id}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, word)


async def test_too_many_are_told_so_by_model() -> None:
    one = session()
    for _ in range(50):
        await interaction(one)
    answer = await one.post(INTERACTIONS, {"model": MODEL, "input": "x"})
    assert answer.status_code == 429
    assert answer.json()["error"]["code"] == "rate_limit_exceeded"
    other = await one.post(INTERACTIONS, {"model": "gemini-omni-1.1-flash", "input": "x"})
    assert other.status_code == 200
    await one.advance(61)
    assert (await one.post(INTERACTIONS, {"model": MODEL, "input": "x"})).status_code == 200


async def test_who_has_no_credit_left_is_told_of_it() -> None:
    for quirks, status, code in (
        ({}, 402, "payment_required"),
        ({"gemini.no_credit": 429}, 429, "too_many_requests"),
    ):
        one = session(balance="0", quirks=quirks)
        answer = await one.post(INTERACTIONS, {"model": MODEL, "input": "x"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
        assert answer.json()["error"]["message"].startswith("Your prepayment credits are depleted")


async def test_a_key_is_refused_as_the_page_has_it_or_as_the_front_was_seen_to() -> None:
    one = session()
    for headers in ({}, {"x-goog-api-key": "nope"}):
        answer = await one.get(f"{INTERACTIONS}/x", headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "authentication")
    front = session(quirks={"gemini.key_error": "front"})
    bare = await front.get(f"{INTERACTIONS}/x", headers={})
    assert (bare.status_code, bare.json()["error"]["status"]) == (403, "PERMISSION_DENIED")
    bad = await front.get(f"{INTERACTIONS}/x", headers={"x-goog-api-key": "nope"})
    (listed,) = bad.json()
    assert (bad.status_code, listed["error"]["code"]) == (400, 400)
    assert listed["error"]["details"][0]["reason"] == "API_KEY_INVALID"


async def test_a_key_may_stand_in_the_address() -> None:
    one = session()
    answer = await one.get(f"/v1beta/files?key={one.secret}", headers={})
    assert (answer.status_code, answer.json()) == (200, {})
