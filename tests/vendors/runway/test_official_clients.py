"""Runway's official clients for Python and Node, unmodified, get what they expect.

Both walk the same way in a process of their own: an upload, a video made and downloaded, more tasks
than may run at once, deletes, and each refusal once. They move the sandbox's clock and wait as they
always do.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bodydouble.testing import Emulator
from tests.vendors import clients

HERE = Path(__file__).parent
CLIENTS = {
    "python": ("runwayml", "5.24.0", HERE / "client_walk.py"),
    "node": ("@runwayml/sdk", "4.20.1", HERE / "client_walk.mjs"),
}

pytestmark = [pytest.mark.registry, pytest.mark.slow]


def walked(language: str) -> Any:
    package, version, program = CLIENTS[language]
    with Emulator(seed=1, strict_keys=True) as emulator, emulator.sandbox(seed=1) as sandbox:
        where = f"{emulator.url}/_bodydouble/sandboxes/{sandbox.id}"
        vendor = sandbox.vendor("runway")
        return clients.walked(package, version, program, vendor.base_url, vendor.key, where)


@pytest.fixture(scope="module")
def python() -> Any:
    return walked("python")


@pytest.fixture(scope="module")
def node() -> Any:
    return walked("node")


def test_python_orders_waits_downloads_and_deletes(python: Any) -> None:
    said = python["story"]
    assert said["upload"]["uri"].startswith("runway://")
    assert said["image_to_video"]["estimatedCost"] == {"credits": 10.0}
    assert said["pending"]["status"] == "PENDING"
    assert said["succeeded"]["status"] == "SUCCEEDED"
    assert said["film"] | {"bytes": 0} == {
        "status": 200,
        "type": "video/mp4",
        "brand": "ftyp",
        "bytes": 0,
    }
    assert said["text_succeeded"]["cost"] == {"credits": 24}
    assert said["spent"] == 34
    assert said["deleted"] is None
    for name in ("after_delete", "deleted_twice"):
        assert said[name] == {
            "raised": "NotFoundError",
            "status": 404,
            "body": {"error": "Could not find Task"},
        }


def test_python_sees_tasks_wait_for_a_slot_and_get_it(python: Any) -> None:
    said = python["throttled"]
    assert said["states"] == ["PENDING", "THROTTLED", "THROTTLED"]
    assert said["ends"] == ["SUCCEEDED", "SUCCEEDED"]
    assert (said["charged"], said["after_cancel"]) == (30, 20)


@pytest.mark.parametrize(
    ("name", "raised", "status", "told"),
    [
        ("unknown_key", "AuthenticationError", 401, "API key"),
        ("malformed_key", "AuthenticationError", 401, "API key"),
        ("unknown_task", "NotFoundError", 404, "Could not find Task"),
        ("bad_ratio", "BadRequestError", 400, "Validation of body failed"),
        ("long_prompt", "BadRequestError", 400, "Validation of body failed"),
        ("wide_prompt", "BadRequestError", 400, "Validation of body failed"),
        ("old_version", "BadRequestError", 400, "API version"),
        ("no_funds", "BadRequestError", 400, "You do not have enough credits"),
        ("daily_limit", "RateLimitError", 429, "Your daily task limit has been reached."),
    ],
)
def test_python_raises_what_it_raises_at_the_vendor(
    python: Any, name: str, raised: str, status: int, told: str
) -> None:
    said = python["refusals"][name]
    assert (said["raised"], said["status"]) == (raised, status)
    assert told in said["body"]["error"]


def test_python_learns_of_a_missing_version_of_moderation_and_retries(python: Any) -> None:
    said = python["refusals"]
    for name in ("no_version", "no_version_create"):
        assert said[name]["status"] == 400
        assert "X-Runway-Version" in said[name]["body"]["error"]
    task = said["moderated"]["task"]
    assert said["moderated"]["raised"] == "TaskFailedError"
    assert (task["failureCode"], task["cost"]) == ("SAFETY.INPUT.TEXT", {"credits": 24})
    assert python["retried"] == {"raised": "RateLimitError", "attempts": ["0", "1", "2"]}


def test_node_orders_waits_downloads_and_deletes(node: Any) -> None:
    assert node["upload"]["uri"].startswith("runway://")
    assert node["pending"]["status"] == "PENDING"
    assert node["succeeded"]["status"] == node["textSucceeded"]["status"] == "SUCCEEDED"
    assert (node["film"]["status"], node["film"]["brand"]) == (200, "ftyp")
    assert node["spent"] == 34
    assert node["deleted"] is None
    for name in ("afterDelete", "waitAfterDelete", "deletedTwice"):
        assert (node[name]["raised"], node[name]["status"]) == ("NotFoundError", 404)


def test_node_sees_tasks_wait_for_a_slot_and_raises_as_it_does_at_the_vendor(node: Any) -> None:
    assert node["throttled"] == ["PENDING", "THROTTLED"]
    raised = {
        "unknownKey": ("AuthenticationError", 401),
        "malformedKey": ("AuthenticationError", 401),
        "oldVersion": ("BadRequestError", 400),
        "unknownTask": ("NotFoundError", 404),
        "badRatio": ("BadRequestError", 400),
        "widePrompt": ("BadRequestError", 400),
        "noFunds": ("BadRequestError", 400),
        "dailyLimit": ("RateLimitError", 429),
        "retried": ("RateLimitError", 429),
    }
    assert {name: (node[name]["raised"], node[name]["status"]) for name in raised} == raised
    assert node["attempts"] == 3
    assert node["noVersion"]["status"] == 400
    assert node["moderated"]["task"]["failureCode"] == "SAFETY.INPUT.TEXT"
