"""Replicate's official clients for Python (both lines) and Node, unmodified, get what they expect.

Each walks in a process of its own: predictions made, waited for, downloaded, canceled and listed,
files, webhooks judged by the client's own verifier, and each refusal once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bodydouble.testing import Emulator
from tests.vendors import clients

HERE = Path(__file__).parent

pytestmark = [pytest.mark.registry, pytest.mark.slow]


def walked(version: str, program: str, path: str = "") -> Any:
    with Emulator(seed=1, strict_keys=True) as emulator, emulator.sandbox(seed=1) as sandbox:
        where = f"{emulator.url}/_bodydouble/sandboxes/{sandbox.id}"
        url = f"{emulator.url}/replicate{path}"
        key = sandbox.keys["replicate"]
        return clients.walked("replicate", version, HERE / program, url, key, where)


@pytest.fixture(scope="module")
def one() -> Any:
    return walked("1.0.7", "client_walk.py")


@pytest.fixture(scope="module")
def two() -> Any:
    return walked("2.0.0b4", "client_walk_2.py", "/v1")


@pytest.fixture(scope="module")
def node() -> Any:
    return walked("1.4.0", "client_walk.mjs", "/v1")


def test_python_1_orders_waits_downloads_and_cancels(one: Any) -> None:
    assert one["account"]["username"] == "acme"
    assert one["schemas"] == ["schemas"]
    assert one["on_deployment"]["status"] == one["starting"]["status"] == "starting"
    assert one["processing"]["status"] == "processing"
    assert one["processing"]["progress"] is True
    assert one["succeeded"]["status"] == "succeeded"
    assert one["film"] == {"status": 200, "brand": "ftyp", "type": "video/mp4"}
    assert one["list"][0] == one["succeeded"]["id"]
    assert (one["removed"]["output"], one["removed"]["input"], one["gone"]) == (None, {}, 404)
    assert one["canceled"]["status"] == "canceled"
    assert one["canceled_over"]["status"] == "succeeded"
    assert one["file"]["listed"] == 1
    assert one["from_file"]["status"] == "starting"
    assert one["file_deleted"] is True


def test_python_1_runs_models_and_waits_with_prefer(one: Any) -> None:
    assert one["run"].endswith(".mp4")
    assert [link.endswith(".mp4") for link in one["run_version"]] == [True]
    assert one["run_failing"]["raised"] == "ModelError"
    assert "(E005)" in one["run_failing"]["error"]
    assert one["waited"]["status"] == "starting"


def test_python_1_verifies_webhooks(one: Any) -> None:
    told = [(hook["status"], hook["mine"]) for hook in one["webhooks"]]
    assert told == [("processing", True), ("succeeded", True)]
    assert one["altered"] == "InvalidSignatureError"


@pytest.mark.parametrize(
    ("name", "status", "told"),
    [
        ("unknown_key", 401, "authentication token"),
        ("malformed_key", 401, "authentication token"),
        ("unknown_prediction", 404, "could not be found"),
        ("unknown_model", 404, "could not be found"),
        ("bad_input", 422, "- input.duration: Must be less than or equal to 12"),
        ("unknown_version", 422, "does not exist"),
        ("no_credit", 402, "insufficient credit"),
        ("too_many", 429, "Request was throttled."),
    ],
)
def test_python_1_raises_what_it_raises_at_the_vendor(
    one: Any, name: str, status: int, told: str
) -> None:
    said = one[name]
    assert (said["raised"], said["status"]) == ("ReplicateError", status)
    assert told in said["detail"]


def test_python_2_reads_every_reply_by_its_strict_types(two: Any) -> None:
    assert two["starting"]["status"] == "starting"
    assert two["starting"]["deadline"] > two["starting"]["created_at"]
    assert two["processing"]["status"] == "processing"
    assert two["succeeded"]["status"] == "succeeded"
    assert two["film"] == {"status": 200, "brand": "ftyp"}
    assert two["named"]["version"] == "hidden"
    assert two["canceled"]["status"] == "canceled"
    assert two["on_deployment"]["deployment"] == "acme/my-app-video-generator"
    assert two["aborted"] == "aborted"
    assert two["pages"] == [100, 103]
    assert two["file"] == {"size": 8, "got": True}
    assert two["secret"] == "whsec_"
    assert str(two["run"]).endswith(".mp4")
    assert two["run_failing"]["raised"] == "ModelError"


@pytest.mark.parametrize(
    ("name", "raised", "status"),
    [
        ("unknown_key", "AuthenticationError", 401),
        ("unknown_prediction", "NotFoundError", 404),
        ("bad_input", "UnprocessableEntityError", 422),
        ("unknown_version", "UnprocessableEntityError", 422),
        ("no_credit", "APIStatusError", 402),
        ("too_many", "RateLimitError", 429),
    ],
)
def test_python_2_raises_what_it_raises_at_the_vendor(
    two: Any, name: str, raised: str, status: int
) -> None:
    assert (two[name]["raised"], two[name]["status"]) == (raised, status)


def test_node_orders_waits_downloads_and_cancels(node: Any) -> None:
    assert node["account"]["username"] == "acme"
    assert node["onDeployment"]["status"] == node["starting"]["status"] == "starting"
    assert node["processing"]["status"] == "processing"
    assert node["progress"]["total"] == 100
    assert node["succeeded"]["status"] == "succeeded"
    assert node["film"] == {"status": 200, "brand": "ftyp"}
    assert node["pages"] == [2]
    assert node["canceled"]["status"] == "canceled"
    assert node["fileDeleted"] is True
    assert node["run"].endswith(".mp4")
    assert "(E005)" in node["runFailing"]["message"]


def test_node_verifies_webhooks_and_raises_as_it_does_at_the_vendor(node: Any) -> None:
    assert node["webhooks"] == [["processing", True], ["processing", True], ["succeeded", True]]
    assert node["altered"] is False
    raised = {
        "unknownKey": 401,
        "unknownPrediction": 404,
        "badInput": 422,
        "unknownVersion": 422,
        "noCredit": 402,
        "tooMany": 429,
    }
    assert {name: node[name]["status"] for name in raised} == raised
    assert node["attempts"] > 1
