"""Kling's query for tasks by their ids: how many it takes, and what is no id."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from bodydouble.testing import Emulator
from tests.openapi.reading import tightened

BOAT = {"model_name": "kling-v2-5-turbo", "prompt": "a boat", "mode": "std", "duration": "5"}


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with (
        Emulator(seed=1) as running,
        running.sandbox(seed=1) as sandbox,
        sandbox.vendor("kling").client() as made,
    ):
        yield made


@pytest.fixture(scope="module")
def task(client: httpx.Client) -> str:
    made = client.post("/v1/videos/text2video", json={**BOAT, "external_task_id": "mine"})
    return str(made.json()["data"]["task_id"])


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("{task}", 200),
        ("{task},", 200),
        (",{task},,none,", 200),
        (",".join(["{task}", *"abcdefghijklmnopqrs"]), 200),
        (",".join(["{task}", *"abcdefghijklmnopqrs"]) + ",,,,", 200),
        (",".join(["{task}", *"abcdefghijklmnopqrst"]), 400),
    ],
)
def test_twenty_ids_are_taken_and_what_is_empty_is_none(
    client: httpx.Client, task: str, text: str, status: int
) -> None:
    ids = text.replace("{task}", task)
    answer = client.get("/tasks", params={"task_ids": ids})
    assert answer.status_code == status
    shown = answer.json().get("data", [])
    assert [one["id"] for one in shown] == ([task] if status == 200 else [])
    for name in ("TaskIds", "ExternalTaskIds"):
        pattern = tightened("kling")["components"]["parameters"][name]["schema"]["pattern"]
        assert bool(re.search(pattern, ids)) is (status == 200)


def test_an_empty_list_of_the_other_kind_is_no_list(client: httpx.Client, task: str) -> None:
    both = client.get("/tasks", params={"task_ids": task, "external_task_ids": ""})
    assert [one["id"] for one in both.json()["data"]] == [task]
    for query in ({"task_ids": task, "external_task_ids": "mine"}, {"task_ids": ""}, {}):
        assert client.get("/tasks", params=query).status_code == 400
