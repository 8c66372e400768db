"""Sections 9 and 10 of the sheet: models, and what was confirmed of what was known before."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.contracts.third_party.gateway_rows.caller import (
    DOUBAO,
    KLING,
    PATHS,
    SORA,
    VEO,
    Caller,
    Json,
    error,
    refusal,
)
from tests.contracts.third_party.gateway_rows.sheet import row


@row("9.1")
def listed(c: Caller) -> None:
    told = c.get("/v1/models").json()
    assert list(told) == ["data", "object", "success"]
    rows = {r["id"]: r for r in told["data"]}
    assert list(rows) == sorted(rows)
    assert "unpriced" not in rows
    assert rows[KLING] == {"id": KLING, "object": "model", "created": 1626777600,
                           "owned_by": "kling", "supported_endpoint_types": ["openai"]}  # fmt: skip
    owners = {SORA: "sora", DOUBAO: "doubaovideo", VEO: "google gemini", "wan-video": "ali",
              "jimeng-video": "jimeng"}  # fmt: skip
    assert {m: rows[m]["owned_by"] for m in owners} == owners


def endpoints(c: Caller) -> Json:
    rows = c.get("/v1/models").json()["data"]
    return {r["id"]: r["supported_endpoint_types"] for r in rows}


@row("9.2")
def endpoint_types(c: Caller) -> None:
    c.gateway.catalogue.price(KLING, 0.4, c.clock)
    assert not any(endpoints(c).values())
    c.wait(120)
    told = endpoints(c)
    assert [told[m] for m in (KLING, DOUBAO, "wan-video")] == [["openai"]] * 3
    assert told[SORA] == ["openai-video"]
    assert told[VEO] == ["gemini", "openai"]


@row("9.3")
def single(c: Caller) -> None:
    reply = c.get(f"/v1/models/{KLING}")
    assert reply.status_code == 200
    told = reply.json()["error"]
    assert told["message"] == f"The model '{KLING}' does not exist"
    assert told["code"] == "model_not_found"
    c.gateway.catalogue.channels.clear()
    told = c.get("/v1/models/sora-2").json()
    assert (told["owned_by"], told["supported_endpoint_types"]) == ("advanced_custom", None)


@row("9.4")
def google_list(c: Caller) -> None:
    told = c.get("/v1beta/models").json()["models"]
    assert [m["name"] for m in told] == list(endpoints(c))
    assert next(iter(told[0])) == "name"
    assert {"baseModelId", "version", "displayName", "description", "inputTokenLimit"} <= set(
        told[0]
    )
    assert {n for n, v in told[0].items() if v is not None} == {"name", "displayName"}


@row("10.1")
def order_of_checks(c: Caller) -> None:
    user = c.key.user
    other: Json = {"model": "nope", "duration": -1}
    c.key.enabled, c.key.addresses, user.banned, user.quota = False, frozenset({"x"}), True, 0
    c.key.models = frozenset({"x"})
    seen = []
    mends: list[Callable[[], None]] = [
        lambda: setattr(c.key, "enabled", True),
        lambda: setattr(c.key, "addresses", None),
        lambda: setattr(user, "banned", False),
        lambda: setattr(c.key, "models", None),
        lambda: other.update(model="unpriced"),
        lambda: other.update(prompt="a fox"),
        lambda: other.update(duration=5),
        lambda: other.update(model=KLING),
    ]
    for mend in mends:
        seen.append(c.ask("POST", PATHS[0], json=other))
        mend()
    seen.append(c.ask("POST", PATHS[0], json=other))
    gate = [error(r, r.status_code)["code"] or r.status_code for r in seen[:5]]
    assert gate == [401, "access_denied", 403, 403, "model_not_found"]
    assert [refusal(r, r.status_code)[0] for r in seen[5:]] == [
        "invalid_request", "invalid_seconds", "model_price_error", "insufficient_user_quota",
    ]  # fmt: skip


@row("10.2")
def ids(c: Caller) -> None:
    made = {c.task() for _ in range(20)}
    assert len(made) == 20
    assert all(re.fullmatch(r"task_[0-9A-Za-z]{32}", id_) for id_ in made)


@row("10.3")
def envelopes(c: Caller) -> None:
    assert list(c.create("").json()) == ["error"]
    assert list(c.create(prompt="").json()) == ["code", "message", "data"]
    told = c.get(f"{PATHS[1]}/task_0/content").json()
    assert told == {"error": {"message": "Task not found", "type": "invalid_request_error"}}


@row("10.4")
def states_and_times(c: Caller) -> None:
    before = c.key.left
    short, long = c.task(duration=5), c.task(duration=10)
    assert c.poll(short)["status"] == "NOT_START"
    assert c.video(short)["status"] == "unknown"
    assert c.video(short)["created_at"] == 1000 * c.poll(short)["created_at"]
    assert before - c.key.left == 2 * c.poll(long)["quota"]


@row("10.5")
def no_limiter(c: Caller) -> None:
    task = c.task()
    assert {c.video(task)["id"] for _ in range(200)} == {task}
    assert {c.create().status_code for _ in range(100)} == {200}
