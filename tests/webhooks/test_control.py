"""What the control plane causes is told like anything else, and before it answers."""

from __future__ import annotations

import json
from typing import Any

from bodydouble.web.app import Application
from bodydouble.web.settings import Settings
from tests.webhooks.session import JOB, WebhookSession, receiving


async def test_a_balance_moved_from_outside_is_told_of_before_the_answer() -> None:
    session = WebhookSession()
    async with receiving() as receiver:
        await session.hook(receiver.url, ["balance.low", "balance.depleted"])
        path = f"http://127.0.0.1/_bodydouble/sandboxes/{session.sandbox}"
        balance = f"{path}/accounts/smartlyq/main/balance"
        assert (await session.client.put(balance, json={"amount": "1"})).status_code == 200
        assert [got.json["event"] for got in receiver.got] == ["balance.low"]
        key = {"provider": "smartlyq", "balance": "0"}
        assert (await session.client.post(f"{path}/keys", json=key)).status_code == 201
    assert [got.json["event"] for got in receiver.got] == ["balance.low", "balance.depleted"]


async def test_a_key_that_is_made_revoked_is_told_of_as_one_that_was_revoked() -> None:
    session = WebhookSession()
    async with receiving() as receiver:
        await session.hook(receiver.url, ["key.revoked"])
        keys = f"http://127.0.0.1/_bodydouble/sandboxes/{session.sandbox}/keys"
        for asked in ({}, {"revoked": True}, {"expired": True}):
            made = await session.client.post(keys, json={"provider": "smartlyq", **asked})
            assert made.status_code == 201
        assert (
            await session.client.post(keys, json={"provider": "uniall", "revoked": True})
        ).json()
    (got,) = receiver.got
    assert got.json["event"] == "key.revoked"
    assert got.json["data"]["key_prefix"] == "sqk_live_"


def test_jobs_are_forced_without_an_event_loop_where_nothing_is_sent() -> None:
    app = Application(Settings(frozen=True, seed=1))
    made = ask(app, "POST", "/_bodydouble/sandboxes", {})
    key = made["keys"]["smartlyq"]
    job = ask(app, "POST", "/smartlyq/v1/videos/generate", JOB, key)["data"]["job_uid"]
    path = f"/_bodydouble/sandboxes/{made['id']}"
    assert ask(app, "PATCH", f"{path}/jobs/{job}", {"finish": True})["state"] == "succeeded"
    assert ask(app, "PUT", f"{path}/accounts/smartlyq/main/balance", {"amount": "1"})
    assert ask(app, "POST", f"{path}/keys", {"provider": "smartlyq", "revoked": True})


def ask(app: Application, method: str, path: str, body: Any, key: str = "") -> Any:
    """The JSON of a request that must succeed and must not suspend."""
    said: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": json.dumps(body).encode(), "more_body": False}

    async def send(message: Any) -> None:
        said.append(message)

    headers = [(b"host", b"127.0.0.1"), (b"content-length", b"1")]
    headers += [(b"authorization", b"Bearer " + key.encode())] if key else []
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "query_string": b"",
        "headers": headers,
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 1),
    }
    request = app(scope, receive, send)
    try:
        request.send(None)
    except StopIteration:
        assert said[0]["status"] < 300, said
        return json.loads(said[1]["body"])
    raise AssertionError("the request waits for something")
