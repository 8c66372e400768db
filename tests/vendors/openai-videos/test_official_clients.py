"""OpenAI's official clients for Python and Node, and LiteLLM, unmodified, get what they expect.

Each walks in a process of its own, over a socket, and moves the sandbox's clock. Deliveries are
verified by the official clients' own verifiers; LiteLLM has none.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bodydouble.testing import Emulator
from tests.vendors import clients

HERE = Path(__file__).parent
CLIENTS = {
    "python": ("openai", "3.57.0", HERE / "client_walk.py"),
    "node": ("openai", "7.57.0", HERE / "client_walk.mjs"),
    "litellm": ("litellm", "1.110.2", HERE / "litellm_walk.py"),
}
VENDOR = "openai-videos"
# So that a client that waits as it is told waits for an instant.
PAUSE_MS = 50
WEBP, JPEG = b"WEBP".hex(), b"\xff\xd8\xff".hex()

pytestmark = [pytest.mark.registry, pytest.mark.slow]


def walked(language: str) -> Any:
    quirks = {f"{VENDOR}.poll_after_ms": PAUSE_MS}
    with (
        Emulator(seed=1, strict_keys=True) as emulator,
        emulator.sandbox(seed=1, rate=1, quirks=quirks) as sandbox,
    ):
        where = f"{emulator.url}/_bodydouble/sandboxes/{sandbox.id}"
        vendor = sandbox.vendor(VENDOR)
        env = {"LITELLM_LOCAL_MODEL_COST_MAP": "True"}
        return clients.walked(*CLIENTS[language], vendor.base_url, vendor.key, where, env=env)


@pytest.fixture(scope="module")
def python() -> Any:
    return walked("python")


@pytest.fixture(scope="module")
def node() -> Any:
    return walked("node")


@pytest.fixture(scope="module")
def litellm() -> Any:
    return walked("litellm")


def test_python_orders_polls_as_it_is_told_and_downloads(python: Any) -> None:
    said = python["story"]
    assert (said["create"]["status"], said["create"]["progress"]) == ("queued", 0)
    assert said["retrieve"]["id"] == said["create"]["id"]
    done = said["create_and_poll"]
    assert (done["status"], done["progress"], done["seconds"]) == ("completed", 100, "4")
    assert done["expires_at"] - done["completed_at"] == 3600
    assert said["poll_helpers"] == ["", "true"]
    assert said["pauses"] == ["", str(PAUSE_MS)]
    assert said["video"]["type"] == "video/mp4"
    assert said["video"]["head"][8:16] == b"ftyp".hex()
    assert (said["thumbnail"]["type"], said["thumbnail"]["head"][16:]) == ("image/webp", WEBP)
    assert (said["spritesheet"]["type"], said["spritesheet"]["head"][:6]) == ("image/jpeg", JPEG)


def test_python_remixes_edits_extends_and_casts(python: Any) -> None:
    said = python["story"]
    assert said["remix"]["remixed_from_video_id"] == said["create_and_poll"]["id"]
    assert (said["edit"]["status"], said["extend"]["seconds"]) == ("queued", "12")
    assert said["character"]["name"] == "Mossy"
    assert said["with_character"]["status"] == "queued"
    assert said["with_picture_done"]["status"] == "completed"


def test_python_lists_by_cursor_and_deletes(python: Any) -> None:
    said = python["story"]
    assert len(said["listed"]) == len(set(said["listed"])) == 10
    assert said["oldest"] == said["listed"][::-1]
    assert (said["delete_running"]["status"], said["delete"]["deleted"]) == (400, True)
    assert (said["after_delete"]["raised"], said["after_delete"]["status"]) == (
        "NotFoundError",
        404,
    )


@pytest.mark.parametrize(
    ("name", "raised", "status", "code"),
    [
        ("funds", "RateLimitError", 429, "insufficient_quota"),
        ("rate", "RateLimitError", 429, "rate_limit_exceeded"),
        ("moderated", "BadRequestError", 400, "sentinel_block"),
        ("seconds", "BadRequestError", 400, "invalid_value"),
        ("size", "BadRequestError", 400, "invalid_value"),
        ("picture", "BadRequestError", 400, None),
        ("prompt", "BadRequestError", 400, "empty_string"),
        ("unknown", "NotFoundError", 404, None),
        ("content", "NotFoundError", 404, None),
        ("stranger", "AuthenticationError", 401, "invalid_api_key"),
    ],
)
def test_python_raises_what_it_raises_at_the_vendor(
    python: Any, name: str, raised: str, status: int, code: str | None
) -> None:
    said = python["refusals"][name]
    assert (said["raised"], said["status"], said["code"]) == (raised, status, code)


def test_python_sees_a_blocked_video_and_retries_when_it_is_too_fast(python: Any) -> None:
    failed = python["refusals"]["failed"]
    assert (failed["status"], failed["error"]["code"]) == ("failed", "moderation_blocked")
    assert python["retried"] == {"raised": "RateLimitError", "attempts": ["0", "1", "2"]}


def test_python_verifies_what_its_endpoint_is_sent_and_nothing_else(python: Any) -> None:
    said = python["webhooks"]
    good, bad = said["ids"]
    (tried, _), *ends = said["events"]
    assert tried == "video.completed"
    assert sorted(ends) == [["video.completed", good], ["video.failed", bad]]
    assert (said["tried"]["status_code"], said["tried"]["success"]) == (200, True)
    assert all(said[name] for name in ("altered", "other_secret", "stale"))
    assert said["both"] == ["", ""]
    assert "signing_secret" not in said["listed"][0]
    assert said["changed"]["event_types"] == ["video.failed"]
    assert (said["deleted"]["deleted"], said["gone"]["status"]) == (True, 404)
    assert "video.completed" in said["types"]


def test_node_orders_polls_downloads_and_deletes(node: Any) -> None:
    assert (node["create"]["status"], node["retrieve"]["status"]) == ("queued", "completed")
    assert node["video"]["head"][8:16] == b"ftyp".hex()
    assert node["thumbnail"]["head"][16:] == WEBP
    assert node["spritesheet"]["head"][:6] == JPEG
    assert (node["deleteRunning"]["status"], node["delete"]["deleted"]) == (400, True)
    assert node["afterDelete"]["status"] == 404
    assert len(node["list"]) == len(set(node["list"])) == 7


def test_node_remixes_edits_extends_and_casts(node: Any) -> None:
    assert node["remix"]["remixed_from_video_id"] == node["create"]["id"]
    assert node["edit"]["status"] == node["editById"]["status"] == "queued"
    assert node["extend"]["seconds"] == "12"
    assert node["characterAgain"] == node["character"]
    assert node["withUrl"]["status"] == "queued"


def test_node_raises_what_it_raises_at_the_vendor_and_verifies(node: Any) -> None:
    raised = {
        "funds": ("RateLimitError", 429, "insufficient_quota"),
        "rate": ("RateLimitError", 429, "rate_limit_exceeded"),
        "moderated": ("BadRequestError", 400, "sentinel_block"),
        "stranger": ("AuthenticationError", 401, "invalid_api_key"),
    }
    told = {name: node[name] for name in raised}
    assert {n: (t["raised"], t["status"], t["code"]) for n, t in told.items()} == raised
    assert node["failed"]["error"]["code"] == "moderation_blocked"
    assert (node["event"]["type"], node["event"]["data"]["id"]) == ("video.completed", node["told"])
    assert node["altered"]["raised"] == "InvalidWebhookSignatureError"
    assert node["hookDeleted"]["deleted"] is True


def test_litellm_gets_its_film_its_lists_and_its_refusals(litellm: Any) -> None:
    statuses = [litellm[name]["status"] for name in ("made", "seen", "done", "failed")]
    assert statuses == ["queued", "queued", "completed", "failed"]
    assert (litellm["film"], litellm["thumbnail"]) == ("ftyp", "WEBP")
    for name in ("remix", "edit", "extension"):
        assert litellm[name]["status"] == "queued", litellm[name]
    assert litellm["extension"]["seconds"] == "12"
    refused = {name: litellm[name]["status"] for name in ("moderated", "funds", "rate", "stranger")}
    assert refused == {"moderated": 400, "funds": 429, "rate": 429, "stranger": 401}
