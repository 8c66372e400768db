"""The end of section 4 and section 5 of the sheet: native forms, remixes, create replies, and what
a provider's refusal becomes."""

from __future__ import annotations

import json

from tests.contracts.third_party.gateway.orders import NO_MODEL
from tests.contracts.third_party.gateway_rows.caller import (
    DOUBAO,
    KLING,
    PATHS,
    SORA,
    VEO,
    Caller,
    error,
    refusal,
)
from tests.contracts.third_party.gateway_rows.sheet import row


@row("4.29")
def kling_native(c: Caller) -> None:
    path = "/kling/v1/videos/text2video"
    body = {"prompt": "a fox", "duration": "10", "mode": "pro", "aspect_ratio": "16:9"}
    reply = c.ask("POST", path, json={**body, "model_name": KLING})
    assert error(reply, 400) == {"code": "", "message": NO_MODEL}
    assert c.ask("POST", path, json={**body, "model": KLING}).status_code == 200
    told = c.sent.json
    assert (told["aspect_ratio"], told["duration"], told["mode"]) == ("1:1", "10", "pro")


@row("4.30")
def jimeng_native(c: Caller) -> None:
    body = {"req_key": "jimeng_t2v_v30", "prompt": "a fox"}
    reply = c.ask("POST", "/jimeng/?Action=CVSync2AsyncSubmitTask", json=body)
    assert error(reply, 400) == {"code": "", "message": NO_MODEL}
    reply = c.ask("POST", "/jimeng/?Action=CVSync2AsyncGetResult", json=body)
    assert refusal(reply, 400) == ("invalid_api_platform", "invalid api platform: ")


@row("4.31")
def remix_unknown(c: Caller) -> None:
    for more in ({"json": {"prompt": "a fox"}}, {"content": b""}):
        reply = c.ask("POST", f"{PATHS[1]}/task_0/remix", **more)
        assert refusal(reply, 400) == ("task_not_exist", "task_origin_not_exist")


@row("4.32")
def remix_known(c: Caller) -> None:
    for model in (KLING, VEO, DOUBAO, SORA):
        reply = c.ask("POST", f"{PATHS[1]}/{c.task(model)}/remix", json={"prompt": "a fox"})
        assert reply.status_code == 500
        told = reply.json()["error"]
        assert told["type"] == "new_api_panic"
        assert "nil pointer dereference. Please submit a issue here: " in told["message"]


@row("5.1")
def own_reply(c: Caller) -> None:
    for model in ("kling-alias", VEO, DOUBAO):
        told = c.create(model).json()
        assert told == {
            "id": told["id"], "task_id": told["id"], "object": "video", "model": model,
            "status": "queued", "progress": 0, "created_at": int(c.clock),
        }  # fmt: skip
        assert list(told)[:3] == ["id", "task_id", "object"]


@row("5.2")
def relayed_reply(c: Caller) -> None:
    told = c.create(SORA).json()
    assert told["model"] == "sora-2-2025-12-08"
    assert told["id"] == told["task_id"]
    assert told["id"].startswith("task_")
    c.answering("sora.example", {"task_id": "abcd", "status": "queued"})
    told = c.create(SORA).json()
    assert list(told.items())[2:] == [
        ("object", ""), ("model", ""), ("status", "queued"), ("progress", 0), ("created_at", 0),
    ]  # fmt: skip
    job = {"id": "gen_1", "object": "video.generation.job", "model": "sora2", "status": "queued",
           "progress": 0, "created_at": 1770405483, "seconds": "12", "unknown": 1}  # fmt: skip
    c.answering("sora.example", job)
    told = c.create(SORA).json()
    assert list(told) == ["id", "task_id", "object", "model", "status", "progress", "created_at",
                          "seconds"]  # fmt: skip


@row("5.3")
def code_in_a_200(c: Caller) -> None:
    c.answering("kling.example", {"code": 1102, "message": "Account balance not enough"})
    assert refusal(c.create(), 400) == ("task_failed", "Account balance not enough")


@row("5.4")
def statuses_come_through(c: Caller) -> None:
    for status in (404, 405, 500, 402):
        c.answering("kling.example", b"some page", status)
        assert refusal(c.create(), status) == ("fail_to_fetch_task", "some page")


@row("5.5")
def body_as_text(c: Caller) -> None:
    body = {"code": "invalid_request", "message": "seconds must be one of 4, 8, 12"}
    c.answering("sora.example", body, 400)
    assert refusal(c.create(SORA), 400) == ("fail_to_fetch_task", json.dumps(body))


@row("5.6")
def too_many(c: Caller) -> None:
    c.answering("kling.example", {"message": "slow down"}, 429, Retry_After="7")
    reply = c.create()
    told = ("fail_to_fetch_task", "当前分组上游负载已饱和，请稍后再试")
    assert refusal(reply, 429) == told
    assert "retry-after" not in reply.headers


@row("5.7")
def nobody_there(c: Caller) -> None:
    text = "do request failed: upstream error: do request failed"
    assert refusal(c.create("unreachable"), 500) == ("do_request_failed", text)


@row("5.8")
def no_price(c: Caller) -> None:
    code, text = refusal(c.create("unpriced"), 400)
    assert code == "model_price_error"
    assert text.count("unpriced") == 2
    assert not text.isascii()


@row("5.9")
def kinds_without_video(c: Caller) -> None:
    for model, kind in (("through-new-api", 60), ("through-sub2api", 59)):
        text = f"invalid api platform: {kind}"
        assert refusal(c.create(model), 400) == ("invalid_api_platform", text)
