"""Webhooks: a project's own and a request's, their events, secrets and keys."""

from __future__ import annotations

import json
from typing import Any

from bodydouble.core.webhooks import Delivery
from tests.vendors.gemini.asked import PREDICT, interaction, prediction, session
from tests.vendors.session import Session

HOOKS = "/v1beta/webhooks"
URI = "http://127.0.0.1:9/hook"


async def hook(one: Session, *events: str, **more: Any) -> Any:
    body = {"uri": URI, "subscribed_events": list(events), **more}
    answer = await one.post(HOOKS, body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def sent(one: Session) -> list[Any]:
    """The bodies that are on their way, in order."""
    async with one.app.store.transaction(one.sandbox) as tx:
        found = await tx.list(Delivery, "gemini/main")
    return [json.loads(delivery.body) for delivery in found]


async def test_a_projects_webhook_is_told_of_what_it_wants() -> None:
    one = session()
    await hook(one, "interaction.completed", "interaction.failed", "video.generated")
    done = (await interaction(one))["id"]
    await one.advance(300)
    failed = (await interaction(one, "x [[bodydouble: fail=provider_error]]"))["id"]
    await one.advance(300)
    refused = (await interaction(one, "x [[bodydouble: fail=moderated]]"))["id"]
    await one.advance(300)
    stopped = (await interaction(one))["id"]
    await one.post(f"/v1beta/interactions/{stopped}/cancel")
    name = await prediction(one)
    await one.advance(300)
    told = [(body["type"], body["data"]) for body in await sent(one)]
    assert [kind for kind, _ in told] == [
        "interaction.completed",
        "interaction.failed",
        "interaction.completed",
        "video.generated",
    ]
    assert [data["id"] for _, data in told] == [done, failed, refused, name]
    assert told[1][1]["error_message"] == "Internal error encountered."
    assert told[3][1]["file_name"].startswith("files/")
    assert told[3][1]["output_file_uri"].endswith(":download?alt=media")
    assert all(body["version"] == "v1" and body["timestamp"] for body in await sent(one))


async def test_an_address_of_a_request_takes_the_place_of_the_projects() -> None:
    one = session()
    await hook(one, "interaction.completed", "interaction.cancelled")
    config = {"uris": [f"{URI}/own"], "user_metadata": {"group": "nightly"}}
    made = await interaction(one, webhook_config=config)
    assert made["webhook_config"] == config
    await one.advance(300)
    (body,) = await sent(one)
    assert body["user_metadata"] == {"group": "nightly"}
    async with one.app.store.transaction(one.sandbox) as tx:
        (delivery,) = await tx.list(Delivery, "gemini/main")
    assert delivery.webhook == f"job:{made['id']}"
    many = {"uris": [URI, URI]}
    body = {"model": made["model"], "input": "x", "background": True, "webhook_config": many}
    assert (await one.post("/v1beta/interactions", body)).status_code == 400


async def test_a_prediction_may_name_an_address_too() -> None:
    one = session()
    config = {"uris": [f"{URI}/own"], "userMetadata": {"group": "nightly"}}
    body = {"instances": [{"prompt": "x"}], "webhookConfig": config}
    answer = await one.post(PREDICT, body)
    assert answer.status_code == 200
    await one.advance(300)
    (told,) = await sent(one)
    assert told["type"] == "video.generated"
    assert told["user_metadata"] == {"group": "nightly"}


async def test_a_webhook_is_changed_listed_and_dropped() -> None:
    one = session()
    made = await hook(one, "video.generated", name="mine")
    path = f"{HOOKS}/{made['id']}"
    assert (made["name"], made["state"]) == ("mine", "enabled")
    assert made["new_signing_secret"].startswith("whsec_")
    shown = (await one.get(path)).json()
    assert "new_signing_secret" not in shown
    assert shown["uri"] == URI
    changes = {"state": "disabled", "name": "other"}
    changed = (await one.send("PATCH", f"{path}?update_mask=uri", json=changes)).json()
    assert (changed["state"], changed["name"]) == ("disabled", "other")
    changed = (await one.send("PATCH", path, json={"state": "enabled"})).json()
    assert (changed["state"], changed["name"]) == ("enabled", "other")
    await hook(one, "interaction.failed")
    first = (await one.get(f"{HOOKS}?page_size=1")).json()
    rest = (await one.get(f"{HOOKS}?page_token={first['next_page_token']}")).json()
    assert [one["id"] for one in first["webhooks"]] == [made["id"]]
    assert len(rest["webhooks"]) == 1
    assert "next_page_token" not in rest
    assert (await one.send("DELETE", path)).json() == {}
    assert (await one.get(path)).json()["error"]["code"] == "not_found"


async def test_a_secret_is_another_one_and_the_old_one_stays_good_for_a_day() -> None:
    one = session()
    made = await hook(one, "video.generated")
    other = await hook(one, "video.generated")
    assert made["new_signing_secret"] != other["new_signing_secret"]
    path = f"{HOOKS}/{made['id']}"
    later = {"revocation_behavior": "REVOKE_PREVIOUS_SECRETS_AFTER_H24"}
    secret = (await one.post(f"{path}:rotateSigningSecret", later)).json()["secret"]
    assert secret not in (made["new_signing_secret"], other["new_signing_secret"])
    secrets = (await one.get(path)).json()["signing_secrets"]
    assert [("expire_time" in one) for one in secrets] == [False, True]
    await one.advance(90_000)
    assert len((await one.get(path)).json()["signing_secrets"]) == 1
    await one.post(f"{path}:rotateSigningSecret", {})
    assert len((await one.get(path)).json()["signing_secrets"]) == 1


async def test_a_bad_webhook_is_refused_in_the_words_of_interactions() -> None:
    one = session()
    for body, text in (
        ({}, "Missing required parameter 'uri'"),
        ({"uri": "nowhere", "subscribed_events": ["video.generated"]}, "Invalid URI"),
        ({"uri": URI, "subscribed_events": []}, "subscribed_events"),
        ({"uri": URI, "subscribed_events": ["film.made"]}, "Invalid value 'film.made'"),
        ([], "Expected an object, got array"),
    ):
        answer = await one.post(HOOKS, body)
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (400, "invalid_request")
        assert text in error["message"]
    for query in ("page_size=x", "page_size=1001", "page_token=x"):
        assert (await one.get(f"{HOOKS}?{query}")).status_code == 400


async def test_the_keys_of_tokens_are_for_everybody() -> None:
    one = session()
    answer = await one.get("/.well-known/jwks.json", headers={})
    (key,) = answer.json()["keys"]
    assert (answer.status_code, key["kty"], key["alg"]) == (200, "RSA", "RS256")
