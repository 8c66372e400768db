"""Kling where no client looks: slots by model, packs, own ids, films that go on, bad input."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from bodydouble.testing import Emulator, Sandbox
from tests.vendors.newapi.gateways import png

BOAT = {"model_name": "kling-v2-5-turbo", "prompt": "a boat", "mode": "std", "duration": "5"}
PATH = "/v1/videos/text2video"
TURBO = "/text-to-video/kling-3.0-turbo"
COSTS = "/account/costs?start_time=0&end_time=4102444800000"
DEEP = b'{"prompt": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(seed=1) as running:
        yield running


@pytest.fixture
def sandbox(emulator: Emulator) -> Iterator[Sandbox]:
    with emulator.sandbox(seed=1) as fresh:
        yield fresh


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with sandbox.vendor("kling").client() as made:
        yield made


def pack(client: httpx.Client) -> Any:
    return client.get(COSTS).json()["data"]["resource_pack_subscribe_infos"][0]


def created(client: httpx.Client, path: str = PATH, **fields: Any) -> str:
    answer = client.post(path, json={**(BOAT if path == PATH else {}), **fields})
    assert answer.status_code == 200, answer.text
    data = answer.json()["data"]
    return str(data.get("task_id") or data["id"])


def told(answer: httpx.Response) -> tuple[int, int]:
    body = answer.json()
    assert set(body) == {"code", "message", "request_id"}
    assert body["message"]
    return answer.status_code, body["code"]


def test_each_model_version_has_its_slots_and_both_apis_share_them(
    client: httpx.Client, sandbox: Sandbox
) -> None:
    for _ in range(5):
        created(client)
    assert told(client.post(PATH, json=BOAT)) == (429, 1303)
    created(client, model_name="kling-v2-6")
    created(client, TURBO, prompt="a boat")
    assert pack(client)["remaining_quantity"] < 100 - 5 * 1.5, "a refusal costs nothing"
    sandbox.clock.advance("10m")
    created(client)


def test_a_pack_pays_for_films_and_not_for_failures(client: httpx.Client, sandbox: Sandbox) -> None:
    assert pack(client)["remaining_quantity"] == 100
    created(client)
    assert pack(client)["remaining_quantity"] == 98.5
    created(client, prompt="a boat [[bodydouble: fail=provider_error after=1s]]")
    sandbox.clock.advance("10m")
    assert pack(client)["remaining_quantity"] == 98.5
    sandbox.accounts.set_balance("kling/main", "1.49")
    assert told(client.post(PATH, json=BOAT)) == (429, 1102)
    sandbox.accounts.set_balance("kling/main", "1.5")
    created(client)
    assert (pack(client)["remaining_quantity"], pack(client)["status"]) == (0, "runOut")


def test_a_pack_has_an_end_whatever_is_left_in_it(client: httpx.Client, sandbox: Sandbox) -> None:
    assert pack(client)["status"] == "online"
    sandbox.clock.advance("8760h")
    assert told(client.post(PATH, json=BOAT)) == (429, 1102)
    assert (pack(client)["remaining_quantity"], pack(client)["status"]) == (100, "expired")


@pytest.mark.parametrize(
    ("order", "units"),
    [
        ("kling-v2-5-turbo std off 5", 1.5),
        ("kling-v2-5-turbo pro off 10", 5),
        ("kling-v2-6 pro on 5", 5),
        ("kling-v3 std off 3", 1.8),
        ("kling-v3 pro on 15", 18),
        ("kling-v3 4k off 3", 9),
    ],
)
def test_a_film_costs_by_the_second_model_resolution_and_sound(
    client: httpx.Client, order: str, units: float
) -> None:
    names = ("model_name", "mode", "sound", "duration")
    created(client, **dict(zip(names, order.split(), strict=True)))
    assert pack(client)["remaining_quantity"] == pytest.approx(100 - units)


def test_either_query_finds_a_task_by_ones_own_id(client: httpx.Client, sandbox: Sandbox) -> None:
    old = created(client, external_task_id="mine-1")
    new = created(client, TURBO, prompt="a boat", options={"external_task_id": "mine-2"})
    assert client.get(f"{PATH}/mine-1").json()["data"]["task_id"] == old
    found = client.get("/tasks", params={"external_task_ids": "mine-2,mine-1,none"}).json()["data"]
    assert [one["id"] for one in found] == [new, old]
    # Either kind of id is asked for as what it is.
    assert client.get("/tasks", params={"task_ids": "mine-1"}).json()["data"] == []
    assert told(client.post(PATH, json={**BOAT, "external_task_id": "mine-2"})) == (400, 1201)
    assert pack(client)["remaining_quantity"] == pytest.approx(100 - 1.5 - 4)


def test_a_list_tells_its_route_alone_and_the_newer_one_all(client: httpx.Client) -> None:
    ids = [created(client), created(client, TURBO, prompt="a boat"), created(client)]
    older = client.get(PATH, params={"pageNum": 1, "pageSize": 1}).json()["data"]
    assert [one["task_id"] for one in older] == [ids[2]]
    older = client.get(PATH, params={"pageNum": 2, "pageSize": 1}).json()["data"]
    assert [one["task_id"] for one in older] == [ids[0]]
    seen, cursor = [], ""
    for _ in range(3):
        page = client.post("/tasks", json={"limit": 1, "cursor": cursor}).json()["data"]
        seen += [one["id"] for one in page["result"]]
        cursor = page.get("next_cursor", "")
        assert page["has_more"] == bool(cursor)
    assert seen == ids[::-1]


def test_a_film_goes_on_and_names_the_one_before(client: httpx.Client, sandbox: Sandbox) -> None:
    id = created(client)
    assert told(client.post("/v1/videos/video-extend", json={"video_id": id})) == (400, 1201)
    sandbox.clock.advance("10m")
    video = client.get(f"{PATH}/{id}").json()["data"]["task_result"]["videos"][0]
    longer = created(client, "/v1/videos/video-extend", video_id=video["id"])
    sandbox.clock.advance("10m")
    data = client.get(f"/v1/videos/video-extend/{longer}").json()["data"]
    assert data["task_info"]["parent_video"]["id"] == video["id"]
    assert data["task_result"]["videos"][0]["duration"] == "10"
    assert pack(client)["remaining_quantity"] == 97


def test_a_link_dies_after_thirty_days(client: httpx.Client, sandbox: Sandbox) -> None:
    id = created(client)
    sandbox.clock.advance("10m")
    url = client.get(f"{PATH}/{id}").json()["data"]["task_result"]["videos"][0]["url"]
    # That it downloads before, the witnesses show.
    sandbox.clock.advance("720h")
    assert client.get(url).status_code == 403


@pytest.mark.parametrize(
    ("cue", "status", "code"),
    [
        ("moderated", 400, 1301),
        ("moderated:content", 400, 1301),
        ("moderated:platform", 400, 1300),
        ("funds", 429, 1102),
        ("funds:arrears", 429, 1101),
        ("funds:account", 429, 1100),
        ("rate", 429, 1302),
        ("rate:address", 429, 1304),
        ("queue_full", 429, 1303),
        ("unavailable", 503, 5001),
        ("unavailable:timeout", 504, 5002),
        ("internal", 500, 5000),
    ],
)
@pytest.mark.parametrize("path", [PATH, TURBO])
def test_every_code_of_the_table_can_be_had(
    client: httpx.Client, path: str, cue: str, status: int, code: int
) -> None:
    body = {"prompt": f"a boat [[bodydouble: refuse={cue}]]"}
    assert told(client.post(path, json=body)) == (status, code)
    assert pack(client)["remaining_quantity"] == 100


@pytest.mark.parametrize("path", [PATH, TURBO, "/image-to-video/kling-3.0"])
@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"null", b"[]", b'"x"', b"5", b"\xff\xfe", b'{"prompt": NaN}', DEEP],
    ids=["empty", "cut", "null", "list", "text", "number", "utf", "nan", "deep"],
)
def test_a_body_that_is_no_json_object_is_400(client: httpx.Client, path: str, body: bytes) -> None:
    answer = client.post(path, content=body, headers={"content-type": "application/json"})
    assert told(answer) in ((400, 1200), (400, 1201))


@pytest.mark.parametrize(
    "change",
    [
        {"prompt": None},
        {"prompt": 5},
        {"prompt": "x" * 2501},
        {"negative_prompt": "x" * 2501},
        {"mode": "turbo"},
        {"mode": "4k"},
        {"duration": 5},
        {"duration": "7"},
        {"duration": "1e1"},
        {"aspect_ratio": "21:9"},
        {"cfg_scale": 1.5},
        {"cfg_scale": "0.5"},
        {"sound": True},
        {"multi_shot": True, "shot_type": "customize"},
        {"model_name": "kling-v3", "multi_shot": True},
        {"model_name": "kling-v3", "multi_shot": True, "shot_type": "customize"},
        {"camera_control": {"type": "simple", "config": {"zoom": 5, "pan": 5}}},
        {"camera_control": {"type": "down_back", "config": {"zoom": 5}}},
        {"callback_url": "no address"},
        {"external_task_id": "x" * 256},
        {"watermark_info": {"enabled": "yes"}},
    ],
    ids=str,
)
def test_a_bad_member_of_the_older_body_is_refused_and_leaves_no_trace(
    client: httpx.Client, change: dict[str, Any]
) -> None:
    assert told(client.post(PATH, json={**BOAT, **change})) == (400, 1201)
    assert client.get(PATH).json()["data"] == []
    assert pack(client)["remaining_quantity"] == 100


FRAME = {"type": "first_frame", "url": "https://example.com/boat.png"}
WORDS = {"type": "prompt", "text": "it moves"}
VIDEO = {"type": "base_video", "url": "https://example.com/pond.mp4"}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (TURBO, {"prompt": "x", "settings": {"duration": "5"}}),
        (TURBO, {"prompt": "x", "settings": {"duration": 16}}),
        (TURBO, {"prompt": "x", "settings": {"resolution": "4k"}}),
        (TURBO, {"prompt": "x" * 3073}),
        (TURBO, {"prompt": "x", "options": {"callback_url": "no address"}}),
        ("/text-to-video/kling-2.6", {"prompt": "x", "settings": {"audio": "native"}}),
        ("/image-to-video/kling-3.0", {"contents": [WORDS]}),
        ("/image-to-video/kling-3.0", {"contents": [FRAME, FRAME]}),
        ("/image-to-video/kling-3.0", {"contents": [FRAME, VIDEO]}),
        ("/image-to-video/kling-3.0", {"contents": [{**FRAME, "url": "data:image/png;base64,"}]}),
        ("/image-to-video/kling-2.6", {"contents": [FRAME, WORDS, {"type": "voice"}]}),
        ("/omni-video/kling-3.0-omni", {"contents": [WORDS, VIDEO, VIDEO]}),
        ("/omni-video/kling-3.0-omni", {"contents": [WORDS, VIDEO, FRAME]}),
        ("/omni-video/kling-3.0-omni", {"contents": [FRAME]}),
        ("/motion-control/kling-3.0", {"contents": [{**FRAME, "type": "image"}]}),
    ],
    ids=str,
)
def test_a_bad_member_of_a_newer_body_is_refused_and_leaves_no_trace(
    client: httpx.Client, path: str, body: dict[str, Any]
) -> None:
    assert told(client.post(path, json=body)) == (400, 1201)
    assert client.post("/tasks", json={}).json()["data"]["result"] == []
    assert pack(client)["remaining_quantity"] == 100


@pytest.mark.parametrize(
    "body",
    [
        {"limit": 0},
        {"limit": 501},
        {"limit": "5"},
        {"cursor": 5},
        {"cursor": "none"},
        {"start_time": "x"},
        {"start_time": "2", "end_time": "1"},
        {"filters": {}},
        {"filters": [5]},
        {"filters": [{"key": []}]},
        {"filters": [{"key": "status", "values": [{}]}]},
        {"filters": [{"key": "status", "values": ["succeed"]}]},
    ],
    ids=str,
)
def test_a_list_that_makes_no_sense_is_refused(client: httpx.Client, body: dict[str, Any]) -> None:
    assert told(client.post("/tasks", json=body)) == (400, 1201)


def test_a_picture_gives_the_film_its_shape(client: httpx.Client, sandbox: Sandbox) -> None:
    path = "/v1/videos/image2video"
    wide, small = (png(*size).partition(",")[2] for size in ((640, 480), (200, 200)))
    assert told(client.post(path, json={"image": small})) == (400, 1201)
    id = created(client, path, model_name="kling-v2-5-turbo", image=wide)
    sandbox.clock.advance("10m")
    media = sandbox.jobs.get(id)["media"]
    assert media["width"] * 3 == media["height"] * 4
