"""SmartlyQ's official Python client, unmodified, gets from the emulator what it expects.

Twice: a new one, and 0.1.22, which the fact sheet describes. Both walk the same way in a process of
their own and are held to the same sentences.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bodydouble.testing import Emulator
from tests.vendors import clients

WALK = Path(__file__).parent / "client_walk.py"
VERSIONS = [one.version for one in clients.listed() if one.vendor == "smartlyq"]


@pytest.fixture(scope="module", params=VERSIONS)
def walked(request: pytest.FixtureRequest) -> Any:
    """What one version of the client reports."""
    with Emulator(seed=1) as emulator:
        report = clients.walked("smartlyq", request.param, WALK, emulator.url)
    assert report["version"] == request.param
    return report


pytestmark = pytest.mark.registry


def test_an_order_is_accepted_charged_and_polled_to_a_playable_file(
    walked: dict[str, Any],
) -> None:
    said = walked["story"]
    accepted = said["accepted"]
    assert accepted["data"]["status"] == "queued"
    assert accepted["usage"] == {"units": 1, "cost": "0.2800", "balance_remaining": "14.7200"}
    seen = [said[step]["data"]["status"] for step in ("pending", "processing", "completed")]
    assert seen == ["pending", "processing", "completed"]
    assert said["completed"]["data"]["result"]["url"] == said["video"]["data"]["url"]
    assert said["video"]["data"]["status"] == 1
    assert said["video"]["data"]["prompt"].startswith("A lone astronaut")
    file = said["file"]
    assert (file["status"], file["type"], file["brand"]) == (200, "video/mp4", "ftyp")
    assert file["bytes"] > 10_000


def test_lists_models_and_balance_read_as_documented(walked: dict[str, Any]) -> None:
    said = walked["story"]
    assert {"kling-v2-1", "pixverse-v4-5"} <= {row["model"] for row in said["models"]["data"]}
    assert said["videos"]["pagination"] == {"page": 1, "per_page": 5, "total": 1, "pages": 1}
    assert said["balance"]["data"]["balance"] == "14.7200"
    assert said["deleted"] is None


def test_a_cancel_with_an_empty_object_cancels(walked: dict[str, Any]) -> None:
    said = walked["story"]
    assert said["canceled"]["data"]["status"] == "cancelled"
    assert [row["id"] for row in said["jobs"]["data"]] == [said["canceled"]["data"]["id"]]


@pytest.mark.parametrize(
    ("name", "status", "code", "details"),
    [
        ("400", 400, "BAD_REQUEST", {}),
        ("401", 401, "UNAUTHORIZED", {}),
        ("402", 402, "INSUFFICIENT_BALANCE", {"required": "0.2800", "balance": "0.0100"}),
        ("403", 403, "FORBIDDEN", {"required_scope": "videos:write"}),
        ("404", 404, "RESOURCE_NOT_FOUND", {}),
        ("409", 409, "CONFLICT", {}),
        ("409 key", 409, "CONFLICT", {}),
        ("422", 422, "VALIDATION_ERROR", {"fields": ["model", "type"]}),
        ("429", 429, "RATE_LIMIT_EXCEEDED", {"retry_after": 60}),
    ],
)
def test_error_objects_carry_status_code_details_and_request_id(
    walked: dict[str, Any], name: str, status: int, code: str, details: dict[str, Any]
) -> None:
    error = walked["refusals"][name]
    assert (error["status_code"], error["code"]) == (status, code)
    assert error["details"] == details
    assert error["request_id"].startswith("req_")
    assert error["message"]


def test_the_clients_idempotency_key_is_honoured(walked: dict[str, Any]) -> None:
    assert walked["refusals"]["same"] is True


def test_the_clients_own_retry_gets_through_a_passing_trouble(walked: dict[str, Any]) -> None:
    assert walked["retried"]["once"]["status_code"] == 500
    assert walked["retried"]["once"]["code"] == "INTERNAL_ERROR"
    assert walked["retried"]["twice"]["success"] is True
