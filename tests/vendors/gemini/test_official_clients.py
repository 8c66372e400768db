"""Google's client for Python in two lines, unmodified, gets what it expects.

Each walks in a process of its own: 2.x through predictions (Veo) and an interaction, 3.x through
interactions (Omni), files and webhooks, whose signatures are proved here by PyJWT and by the
verifier of Standard Webhooks; and each refusal once.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bodydouble.testing import Emulator
from tests.vendors import clients

HERE = Path(__file__).parent

pytestmark = [pytest.mark.registry, pytest.mark.slow]


def walked(version: str, program: str) -> Any:
    with Emulator(seed=1, strict_keys=True) as emulator, emulator.sandbox(seed=1) as sandbox:
        where = f"{emulator.url}/_bodydouble/sandboxes/{sandbox.id}"
        words = (f"{emulator.url}/gemini", sandbox.keys["gemini"], where)
        return clients.walked("google-genai", version, HERE / program, *words)


@pytest.fixture(scope="module")
def two() -> Any:
    return walked("2.34.0", "client_walk_2.py")


@pytest.fixture(scope="module")
def three() -> Any:
    return walked("3.6.1", "client_walk_3.py")


def test_2_orders_polls_and_downloads(two: Any) -> None:
    assert two["created"]["done"] is two["polled"]["done"] is None
    assert two["done"]["done"] is True
    assert two["done"]["uri"].endswith(":download?alt=media")
    assert two["film"] == two["film_by_uri"] == two["film_by_real_uri"] == "ftyp"
    assert two["files"] == [two["file"]["name"]]
    assert two["file"]["source"] == "GENERATED"
    assert two["version"]["uri"] == two["done"]["uri"]
    assert two["with_image"]["done"] is None
    assert "models/veo-3.1-generate-preview" in two["models"]
    assert (two["omni"]["status"], two["omni_film"]) == ("completed", "ftyp")


def test_2_sends_a_file_and_deletes_one(two: Any) -> None:
    assert two["sent"]["source"] == "UPLOADED"
    assert two["sent"]["display_name"] == "A picture"
    assert (two["deleted"], two["deleted_read"]["status"]) == (True, 403)


def test_2_tells_a_filter_from_a_failure(two: Any) -> None:
    assert (two["moderated"]["done"], two["moderated"]["filtered"]) == (True, 1)
    assert "likeness" in two["moderated"]["reasons"][0]
    assert two["failed"]["error"] == {"code": 13, "message": "Internal error encountered."}


@pytest.mark.parametrize(
    ("name", "status", "told"),
    [
        ("unknown_key", 400, "INVALID_ARGUMENT"),
        ("malformed_key", 400, "INVALID_ARGUMENT"),
        ("unknown_operation", 404, "NOT_FOUND"),
        ("unknown_model", 404, "NOT_FOUND"),
        ("bad_duration", 400, "INVALID_ARGUMENT"),
        ("refused", 400, "INVALID_ARGUMENT"),
        ("no_money", 402, "RESOURCE_EXHAUSTED"),
        ("too_many", 429, "RESOURCE_EXHAUSTED"),
    ],
)
def test_2_raises_what_it_raises_at_the_vendor(two: Any, name: str, status: int, told: str) -> None:
    said = two[name]
    assert (said["raised"], said["status"]) == ("ClientError", status)
    assert said["body"]["error"]["status"] == told


def test_3_orders_polls_and_downloads(three: Any) -> None:
    assert three["created"]["status"] == three["polled"]["status"] == "in_progress"
    done = three["completed"]
    assert (done["status"], done["kind"], done["tokens"]) == ("completed", "video/mp4", 17376)
    assert three["film_by_uri"] == three["film_by_name"] == three["film_by_file"] == "ftyp"
    assert three["files"] == [f"files/{done['uri'].partition('/files/')[2].partition(':')[0]}"]
    assert three["version"]["uri"] == done["uri"]
    assert three["edited"]["status"] == "in_progress"
    assert three["at_once"]["status"] == "completed"
    assert three["inline"] == "ftyp"
    assert three["expired"]["status"] == 403


def test_3_streams_cancels_and_deletes(three: Any) -> None:
    assert three["streamed"][0] == "interaction.created"
    assert three["streamed"][-1] == "interaction.completed"
    assert "step.delta" in three["streamed"]
    assert three["cancelled"]["status"] == "cancelled"
    assert three["cancelled_twice"]["body"]["error"]["code"] == "failed_precondition"
    assert (three["deleted"], three["deleted_read"]["status"]) == (True, 404)


def test_3_reads_what_became_of_those_that_failed(three: Any) -> None:
    assert three["moderated"]["status"] == three["failed"]["status"] == "failed"
    assert "Responsible AI" in three["moderated"]["errors"][0]
    assert three["failed"]["errors"] == ["Internal error encountered."]


def test_3_manages_webhooks(three: Any) -> None:
    assert (three["hook"], three["hooks"], three["changed"]) == ("enabled", ["mine"], "disabled")
    assert three["rotated"].startswith("whsec_")
    assert three["rotated"] != three["secret"]
    assert (three["ping"], three["hook_deleted"]) == (True, True)
    assert three["hook_gone"]["status"] == 404


def test_what_a_projects_webhook_got_is_proved_by_the_familys_verifier(three: Any) -> None:
    verifier = clients.imported("standardwebhooks", "1.1.0", "standardwebhooks")
    (headers, body), *_ = [one for one in three["came"] if "v1," in one[0]["webhook-signature"]]
    # Its verifier reads the wall clock, which is not that of a sandbox.
    told = verifier.Webhook(three["secret"])
    signed = told.sign(headers["webhook-id"], _instant(headers["webhook-timestamp"]), body)
    assert signed == headers["webhook-signature"]
    said = json.loads(body)
    assert (said["type"], said["data"]) == ("interaction.completed", {"id": three["told"]})


def _instant(text: str) -> Any:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(int(text), tz=UTC)


def test_what_a_requests_own_address_got_is_proved_by_the_published_key(three: Any) -> None:
    jwt = clients.imported("PyJWT", "2.15.1", "jwt")
    own = [one for one in three["came"] if "v1," not in one[0]["webhook-signature"]]
    ((headers, body),) = own
    (key,) = jwt.PyJWKSet.from_dict(three["jwks"]).keys
    options = {"verify_exp": False, "verify_iat": False}
    address = f"{three['where']}/own"
    token = headers["webhook-signature"]
    told = jwt.decode(token, key.key, algorithms=["RS256"], audience=address, options=options)
    said = json.loads(body)
    assert {name: told[name] for name in said} == said
    assert said["data"] == {"id": three["own"]}
    assert said["user_metadata"] == {"group": "nightly"}
    with pytest.raises(jwt.InvalidTokenError):
        jwt.decode(token, key.key, algorithms=["RS256"], audience="another", options=options)


@pytest.mark.parametrize(
    ("name", "raised", "status", "code"),
    [
        ("unknown_key", "AuthenticationError", 401, "authentication"),
        ("malformed_key", "AuthenticationError", 401, "authentication"),
        ("malformed_id", "BadRequestError", 400, "invalid_request"),
        ("unknown_interaction", "NotFoundError", 404, "not_found"),
        ("unknown_model", "NotFoundError", 404, "model_not_found"),
        ("bad_duration", "BadRequestError", 400, "invalid_request"),
        ("refused", "BadRequestError", 400, "prohibited_content"),
        ("no_money", "APIStatusError", 402, "payment_required"),
        ("too_many", "RateLimitError", 429, "rate_limit_exceeded"),
    ],
)
def test_3_raises_what_it_raises_at_the_vendor(
    three: Any, name: str, raised: str, status: int, code: str
) -> None:
    said = three[name]
    assert (said["raised"], said["status"]) == (raised, status)
    assert said["body"]["error"]["code"] == code


def test_3_asks_for_no_prediction(three: Any) -> None:
    assert three["veo"]["raised"] == "ValueError"
    assert (three["unknown_file"]["raised"], three["unknown_file"]["status"]) == (
        "ClientError",
        403,
    )
