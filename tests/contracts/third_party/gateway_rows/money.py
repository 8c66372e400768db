"""Section 8 of the sheet: money."""

from __future__ import annotations

from tests.contracts.third_party.gateway.tasks import PASS_S
from tests.contracts.third_party.gateway_rows.caller import (
    FAIL,
    KLING,
    SORA,
    VEO,
    Caller,
    Json,
    error,
    refusal,
)
from tests.contracts.third_party.gateway_rows.sheet import row

LONG = 60
USAGE = "/api/usage/token/"
BILLING = "/v1/dashboard/billing"


def usage(c: Caller) -> Json:
    return c.get(USAGE).json()["data"]


@row("8.1")
def prices(c: Caller) -> None:
    asked: list[tuple[str, Json, float]] = [
        (KLING, {"duration": 10}, 0.35), (SORA, {"seconds": "8"}, 0.1 * 8), (VEO, {}, 0.15 * 8),
        (VEO, {"duration": 4, "metadata": {"resolution": "4k"}}, 0.15 * 4 * 2.333333),
    ]  # fmt: skip
    for model, body, usd in asked:
        before = c.key.left
        c.task(model, **body)
        assert before - c.key.left == int(usd * 500_000)
    assert int(0.35 * 500_000) == 175_000


@row("8.2")
def poor_user(c: Caller) -> None:
    c.key.user.quota = 0
    told = refusal(c.create(), 403)
    assert told == ("insufficient_user_quota", "用户额度不足, 剩余额度: ＄0.000000")
    c.key.user.quota = 1000
    text = "预扣费额度失败, 用户剩余额度: ＄0.002000, 需要预扣费额度: ＄0.350000"
    assert refusal(c.create(), 403) == ("insufficient_user_quota", text)


@row("8.3")
def poor_key(c: Caller) -> None:
    c.key.left = 1000
    text = "token quota is not enough, token remain quota: ＄0.002000, need quota: ＄0.350000"
    assert refusal(c.create(), 403) == ("pre_consume_token_quota_failed", text)


@row("8.4")
def refused_is_free(c: Caller) -> None:
    before = (c.key.left, c.key.used, c.key.user.quota)
    c.answering("kling.example", {"code": 1, "message": "no"})
    for model in (KLING, "unreachable"):
        assert c.create(model).status_code >= 400
    assert (c.key.left, c.key.used, c.key.user.quota) == before


@row("8.5")
def refunded_once(c: Caller) -> None:
    before = (c.key.left, c.key.used, c.key.user.quota)
    task = c.task(prompt=FAIL)
    for _ in range(6):
        c.wait(PASS_S)
        c.poll(task)
    assert (c.key.left, c.key.used, c.key.user.quota) == before
    assert c.poll(task)["quota"] == 0
    assert [line["type"] for line in c.key.user.logs] == [2, 6]


@row("8.6")
def seen_by_a_client_first(c: Caller) -> None:
    before = c.key.left
    task = c.task(VEO, prompt=FAIL)
    c.wait(21 - c.clock % PASS_S + 1)
    assert c.poll(task)["status"] == "failed"
    c.wait(LONG)
    assert c.video(task)["status"] == "failed"
    kept = c.gateway.tasks[task]
    assert (kept.quota, kept.reason, kept.finished) == (600_000, "", 0)
    assert before - c.key.left == 600_000
    assert [line["type"] for line in c.key.user.logs] == [2]


@row("8.7")
def usage_members(c: Caller) -> None:
    told = c.get(USAGE).json()
    assert list(told) == ["code", "data", "message"]
    assert list(told["data"]) == [
        "expires_at", "model_limits", "model_limits_enabled", "name", "object", "total_available",
        "total_granted", "total_used", "unlimited_quota",
    ]  # fmt: skip


@row("8.8")
def below_zero(c: Caller) -> None:
    c.key.unlimited, c.key.left = True, 0
    for model in (KLING, KLING, KLING, SORA):
        c.task(model)
    assert usage(c)["total_available"] == -725_000
    assert usage(c)["total_used"] == 725_000


@row("8.9")
def limiter(c: Caller) -> None:
    told = [c.get(USAGE).status_code for _ in range(19)]
    told.append(c.ask("POST", "/api/user/login", None, json={}).status_code)
    assert set(told) == {200}
    for reply in (c.get(USAGE, "other"), c.ask("POST", "/api/user/login", None, json={})):
        assert (reply.status_code, reply.content) == (429, b"")
        assert reply.headers["retry-after"] == "1200"
    c.wait(1200)
    assert c.get(USAGE).status_code == 200


@row("8.10")
def usage_refusals(c: Caller) -> None:
    c.gateway.keys["other"].enabled = False
    for key, text in (
        (None, "Token not provided"),
        ("nobody", "Invalid token"),
        ("other", "This token status is unavailable"),
    ):
        reply = c.get(USAGE, key)
        assert reply.status_code == 401
        assert reply.json() == {"message": text, "success": False}
    c.key.left = 0
    assert usage(c)["total_available"] == 0


@row("8.11")
def billing(c: Caller) -> None:
    for path in (f"{BILLING}/subscription", "/dashboard/billing/subscription"):
        told = c.get(path).text
        assert '"hard_limit_usd":1000,' in told
        assert '"access_until":0' in told
    c.task()
    assert c.get(f"{BILLING}/subscription").json()["soft_limit_usd"] == 1000
    dates = "start_date=2020-01-01&end_date=2020-01-02"
    assert '"total_usage":35}' in c.get(f"{BILLING}/usage?{dates}").text
    c.key.unlimited = True
    assert c.get(f"{BILLING}/subscription").json()["hard_limit_usd"] == 100_000_000
    c.gateway.keys["other"].left = 0
    assert error(c.get(f"{BILLING}/usage", "other"), 401)["message"] == "Invalid token"


@row("8.12")
def dashboard(c: Caller) -> None:
    said = "Unauthorized, invalid access token"
    body = {"code": "AUTH_UNAUTHORIZED", "message": said, "success": False}
    for path in ("/api/user/self", "/api/task/self"):
        for key in ("main", None):
            reply = c.get(path, key)
            assert (reply.status_code, reply.json()) == (401, body)


@row("8.13")
def log(c: Caller) -> None:
    c.task(prompt=FAIL)
    c.wait(LONG)
    told = c.get("/api/log/token").json()["data"]
    assert [line["type"] for line in told] == [6, 2]
    assert list(told[0])[:5] == ["id", "user_id", "created_at", "type", "content"]
    assert {"quota", "request_id"} <= told[0].keys()


@row("8.14")
def wants_no_key(c: Caller) -> None:
    assert {c.get(p, None).status_code for p in ("/api/status", "/api/pricing")} == {200}
