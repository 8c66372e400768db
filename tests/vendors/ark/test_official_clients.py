"""Ark's official clients of Volcengine and BytePlus, unmodified, get what they expect.

Both walk the same way in a process of their own: a video ordered, told of, downloaded, listed and
deleted; a delete in each state; and each refusal once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bodydouble.testing import Emulator
from tests.vendors import clients

WALK = Path(__file__).with_name("client_walk.py")
CLIENTS = {
    "volcengine": ("volcengine-ark-runtime", "5.0.54"),
    "byteplus": ("byteplus-python-sdk-v2[ark]", "3.0.63"),
}

pytestmark = [pytest.mark.registry, pytest.mark.slow]


@pytest.fixture(scope="module", params=CLIENTS)
def said(request: pytest.FixtureRequest) -> Any:
    with Emulator(seed=1, strict_keys=True) as emulator, emulator.sandbox(seed=1) as sandbox:
        where = f"{emulator.url}/_bodydouble/sandboxes/{sandbox.id}"
        vendor = sandbox.vendor("ark")
        narrow = sandbox.add_key("ark", rate_limit=1)["key"]
        inbox = sandbox.webhooks
        words = (vendor.base_url, vendor.key, where, inbox.url, narrow)
        read = clients.walked(*CLIENTS[request.param], WALK, *words)
        sandbox.clock.until_idle()
        read["told"] = [one.json["status"] for one in inbox.received]
        return read


def test_a_client_orders_waits_downloads_lists_and_deletes(said: Any) -> None:
    assert said["story"] == {
        "waiting": "queued",
        "status": "succeeded",
        "tokens": 640 * 640 * (24 * 4 + 1) // 1024,
        "duration": 4,
        "film": "ftyp",
        "last": ".jpg",
        "listed": [1, [True]],
        "deleted": {"raised": "ArkNotFoundError", "status": 404, "code": "NotFound.ID"},
    }


def test_a_receiver_is_told_of_each_change(said: Any) -> None:
    assert said["told"] == ["queued", "running", "succeeded"]


def test_a_delete_cancels_what_waits_and_nothing_that_runs(said: Any) -> None:
    cancels = said["cancels"]
    assert (cancels["canceled"], cancels["running"]) == ("cancelled", "running")
    for name in ("twice", "refused"):
        assert (cancels[name]["raised"], cancels[name]["status"]) == ("ArkConflictError", 409)


@pytest.mark.parametrize(
    ("name", "raised", "status", "code"),
    [
        ("unknown", "ArkNotFoundError", 404, "NotFound.ID"),
        ("model", "ArkNotFoundError", 404, "InvalidEndpointOrModel.NotFound"),
        ("duration", "ArkBadRequestError", 400, "InvalidParameter"),
        ("stranger", "ArkAuthenticationError", 401, "AuthenticationError"),
        ("input", "ArkBadRequestError", 400, "InputTextSensitiveContentDetected"),
        ("poor", "ArkPermissionDeniedError", 403, "AccountOverdueError"),
        ("many", "ArkRateLimitError", 429, "ModelAccountRpmRateLimitExceeded"),
    ],
)
def test_each_refusal_is_the_exception_that_it_should_be(
    said: Any, name: str, raised: str, status: int, code: str
) -> None:
    assert said["refusals"][name] == {"raised": raised, "status": status, "code": code}


def test_a_refused_video_says_so(said: Any) -> None:
    assert said["refusals"]["moderated"] == "OutputVideoSensitiveContentDetected"
