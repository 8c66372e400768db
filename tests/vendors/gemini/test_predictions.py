"""Predictions and files: operations by name, odd downloads, two days, refusals of google.rpc."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

import pytest

from tests.vendors.gemini.asked import PREDICT, VEO, interaction, prediction, session
from tests.vendors.session import Session

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
IMAGE = {"bytesBase64Encoded": PNG, "mimeType": "image/png"}


async def operation(one: Session, name: str, version: str = "v1beta") -> Any:
    answer = await one.get(f"/{version}/{name}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def uri(told: Any) -> str:
    (sample,) = told["response"]["generateVideoResponse"]["generatedSamples"]
    return str(sample["video"]["uri"])


async def test_an_operation_has_its_name_alone_until_it_is_done() -> None:
    one = session()
    name = await prediction(one)
    assert name.startswith(f"models/{VEO}/operations/")
    assert await operation(one, name) == {"name": name}
    await one.advance(300)
    told = await operation(one, name, "v1")
    assert told["done"] is True
    assert told["response"]["@type"].endswith("PredictLongRunningResponse")
    assert uri(told).endswith(":download?alt=media")
    assert await one.balance() == 500_000 - 4_000


async def test_a_film_is_downloaded_by_its_address_its_name_and_its_address_in_a_path() -> None:
    one = session()
    name = await prediction(one)
    await one.advance(300)
    address = uri(await operation(one, name))
    id = address.partition("/files/")[2].partition(":")[0]
    ways = (
        address.partition("/gemini")[2],
        f"/v1beta/files/{id}:download?alt=media",
        f"/v1/files/{address}:download?alt=media",
    )
    films = [await one.get(way) for way in ways]
    assert [film.status_code for film in films] == [200, 200, 200]
    assert len({film.content for film in films}) == 1
    assert films[0].content[4:8] == b"ftyp"
    assert (await one.get(ways[0], headers={})).status_code == 403


async def test_a_file_is_there_for_two_days() -> None:
    one = session()
    name = await prediction(one)
    assert (await one.get("/v1beta/files")).json() == {}
    await one.advance(300)
    (file,) = (await one.get("/v1beta/files")).json()["files"]
    assert (file["state"], file["source"], file["mimeType"]) == (
        "ACTIVE",
        "GENERATED",
        "video/mp4",
    )
    assert (await one.get(f"/v1beta/{file['name']}")).json() == file
    await one.advance(2 * 86_400)
    gone = await one.get(f"/v1beta/{file['name']}")
    assert (gone.status_code, gone.json()["error"]["status"]) == (403, "PERMISSION_DENIED")
    assert (await one.get("/v1beta/files")).json() == {}
    assert uri(await operation(one, name))


async def test_files_are_listed_by_pages_and_deleted() -> None:
    one = session()
    for _ in range(3):
        await interaction(one)
    await one.advance(300)
    first = (await one.get("/v1beta/files?pageSize=2")).json()
    rest = (await one.get(f"/v1beta/files?pageToken={first['nextPageToken']}")).json()
    names = [file["name"] for file in (*first["files"], *rest["files"])]
    assert len(set(names)) == 3
    assert "nextPageToken" not in rest
    assert (await one.send("DELETE", f"/v1beta/{names[0]}")).json() == {}
    assert (await one.get(f"/v1beta/{names[0]}")).status_code == 403
    assert len((await one.get("/v1beta/files?pageSize=1000")).json()["files"]) == 2
    for query in ("pageSize=x", "pageSize=-1", "pageToken=nothing"):
        assert (await one.get(f"/v1beta/files?{query}")).status_code == 400


async def test_a_file_is_sent_listed_named_and_dropped() -> None:
    one = session()
    await interaction(one)
    await one.advance(300)
    headers = {
        **one.headers,
        "x-goog-upload-protocol": "resumable",
        "x-goog-upload-command": "start",
        "x-goog-upload-header-content-type": "image/png",
    }
    told = {"file": {"name": "files/mine", "displayName": "A picture"}}
    begun = await one.send("POST", "/upload/v1beta/files", json=told, headers=headers)
    assert (begun.status_code, begun.headers["x-goog-upload-status"]) == (200, "active")
    assert (await one.get("/v1beta/files/mine")).status_code == 403
    address, data = begun.headers["x-goog-upload-url"], b64decode(PNG)
    part = {"x-goog-upload-command": "upload", "x-goog-upload-offset": "0"}
    assert (await one.client.post(address, content=data, headers=part)).status_code == 400
    whole = {"x-goog-upload-command": "upload, finalize", "x-goog-upload-offset": "0"}
    sent = await one.client.post(address, content=data, headers=whole)
    assert (sent.status_code, sent.headers["x-goog-upload-status"]) == (200, "final")
    file = sent.json()["file"]
    assert (file["name"], file["source"], file["sizeBytes"]) == (
        "files/mine",
        "UPLOADED",
        str(len(data)),
    )
    assert (await one.get("/v1/files/mine")).json() == file
    listed = (await one.get("/v1beta/files")).json()["files"]
    assert [one["source"] for one in listed] == ["UPLOADED", "GENERATED"]
    first = (await one.get("/v1beta/files?pageSize=1")).json()
    rest = (await one.get(f"/v1beta/files?pageToken={first['nextPageToken']}")).json()
    assert [one["source"] for one in (*first["files"], *rest["files"])] == ["UPLOADED", "GENERATED"]
    assert (await one.get("/v1beta/files/mine:download?alt=media")).status_code == 400
    image = {"type": "image", "uri": file["uri"]}
    assert (await interaction(one, input=[image]))["status"] == "in_progress"
    again = await one.send("POST", "/upload/v1beta/files", json=told, headers=headers)
    assert (again.status_code, again.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert (await one.send("DELETE", "/v1beta/files/mine")).json() == {}
    assert (await one.get("/v1beta/files/mine")).status_code == 403


async def test_what_is_no_start_of_an_upload_is_refused() -> None:
    one = session()
    start = {"x-goog-upload-protocol": "resumable", "x-goog-upload-command": "start"}
    for headers, body in (
        ({}, {}),
        ({**start, "x-goog-upload-command": "query"}, {}),
        (start, {"file": []}),
        (start, {"file": {"name": 5}}),
        (start, {"file": {"name": "files/No Such"}}),
    ):
        headers = {**one.headers, **headers}
        answer = await one.send("POST", "/upload/v1/files", json=body, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, 400)


async def test_what_a_filter_takes_away_is_counted_and_free() -> None:
    one = session()
    name = await prediction(one, "x [[bodydouble: fail=moderated:audio]]")
    await one.advance(300)
    said = (await operation(one, name))["response"]["generateVideoResponse"]
    assert said["raiMediaFilteredCount"] == 1
    assert "audio" in said["raiMediaFilteredReasons"][0]
    assert "generatedSamples" not in said
    assert await one.balance() == 500_000


async def test_what_breaks_is_done_with_an_error() -> None:
    one = session()
    for cue, code in (("provider_error", 13), ("provider_error:overloaded", 14), ("timeout", 4)):
        name = await prediction(one, f"x [[bodydouble: fail={cue}]]")
        await one.advance(300)
        told = await operation(one, name)
        assert told["done"] is True
        assert told["error"]["code"] == code
        assert "response" not in told


async def test_pictures_and_parameters_are_taken() -> None:
    one = session()
    instances: list[Any] = [
        {"image": IMAGE},
        {"prompt": "x", "image": IMAGE, "lastFrame": IMAGE},
        {"prompt": "x", "referenceImages": [{"image": IMAGE, "referenceType": "asset"}]},
        {"prompt": "x", "video": {"uri": "https://example.com/a.mp4"}},
        {"prompt": "x", "image": {"inlineData": {"mimeType": "image/png", "data": PNG}}},
    ]
    parameters = {"aspectRatio": "9:16", "sampleCount": 1, "durationSeconds": "8"}
    for instance in instances:
        answer = await one.post(PREDICT, {"instances": [instance], "parameters": parameters})
        assert answer.status_code == 200, (instance, answer.text)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, "`instances` is required."),
        ({"instances": []}, "Exactly one instance is required."),
        ({"instances": [{}]}, "`prompt` is required."),
        ({"instances": [{"prompt": "x"}], "a": 1}, 'Unknown name "a": Cannot find field.'),
        ({"instances": [{"prompt": "x", "a": 1}]}, "`a` isn't supported by this model."),
        ({"parameters": {"generateAudio": True}}, "`generateAudio` isn't supported"),
        ({"parameters": {"durationSeconds": 5}}, "Unsupported video duration 5."),
        ({"parameters": {"durationSeconds": 9}}, "between 4 and 8, inclusive."),
        ({"parameters": {"durationSeconds": "x"}}, "Invalid value at 'parameters.durationSeconds'"),
        ({"parameters": {"durationSeconds": "9"}}, "between 4 and 8, inclusive."),
        ({"parameters": {"durationSeconds": 4, "resolution": "1080p"}}, "Unsupported video"),
        ({"parameters": {"resolution": "8k"}}, "Unsupported value for `resolution`."),
        ({"parameters": {"sampleCount": 2}}, "`sampleCount` is out of bound."),
        ({"instances": [{"prompt": "x", "lastFrame": IMAGE}]}, "`lastFrame` requires `image`."),
        ({"webhookConfig": {"uris": ["nowhere"]}}, "Invalid URI at 'webhookConfig.uris[0]'"),
        ({"instances": [{"prompt": "x", "image": {**IMAGE, "bytesBase64Encoded": "#"}}]}, "image"),
    ],
)
async def test_a_bad_body_is_refused_in_the_words_of_google_rpc(body: Any, text: str) -> None:
    one = session()
    if "instances" not in body and body:
        body = {"instances": [{"prompt": "x"}], **body}
    answer = await one.post(PREDICT, body)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["status"]) == (400, 400, "INVALID_ARGUMENT")
    assert text in error["message"]


async def test_a_model_that_is_not_there_is_named_with_the_version() -> None:
    one = session()
    for version in ("v1", "v1beta"):
        for model in ("veo-none", "gemini-omni-1.2-flash"):
            path = f"/{version}/models/{model}:predictLongRunning"
            answer = await one.post(path, {"instances": [{"prompt": "x"}]})
            assert answer.status_code == 404
            text = f"models/{model} is not found for API version {version}, or is not supported"
            assert answer.json()["error"]["message"].startswith(text)


async def test_an_operation_is_found_by_its_whole_name_alone() -> None:
    one = session()
    name = await prediction(one)
    id = name.rpartition("/")[2]
    made = await interaction(one)
    for wrong in (
        f"models/veo-3.1-generate-preview/operations/{id}",
        f"models/{VEO}/operations/nothing",
        f"models/gemini-omni-1.2-flash/operations/{made['id']}",
    ):
        answer = await one.get(f"/v1beta/{wrong}")
        assert (answer.status_code, answer.json()["error"]["status"]) == (404, "NOT_FOUND")
    assert (await one.get(f"/v1beta/interactions/{id}")).status_code == 400


async def test_models_may_be_retired() -> None:
    one = session(quirks={"gemini.veo": "retired"})
    answer = await one.post(PREDICT, {"instances": [{"prompt": "x"}]})
    assert (answer.status_code, answer.json()["error"]["status"]) == (404, "NOT_FOUND")
    listed = (await one.get("/v1beta/models")).json()["models"]
    assert listed
    assert not any("veo" in model["name"] for model in listed)
    assert (await one.get(f"/v1beta/models/{VEO}")).status_code == 404
    whole = (await session().get("/v1beta/models")).json()["models"]
    methods = {method for model in whole for method in model["supportedGenerationMethods"]}
    assert methods == {"createInteraction", "predictLongRunning"}


async def test_too_many_are_told_when_to_come_again() -> None:
    one = session()
    for _ in range(10):
        await prediction(one)
    answer = await one.post(PREDICT, {"instances": [{"prompt": "x"}]})
    error = answer.json()["error"]
    assert (answer.status_code, error["status"]) == (429, "RESOURCE_EXHAUSTED")
    assert error["details"][0]["retryDelay"] == "60s"
    assert "limit: 10" in error["message"]
