"""Section 6 of the sheet: how tasks are shown."""

from __future__ import annotations

import json

from tests.contracts.third_party.gateway.tasks import PASS_S
from tests.contracts.third_party.gateway_rows.caller import (
    DOUBAO,
    FAIL,
    KLING,
    PATHS,
    SORA,
    START,
    VEO,
    Caller,
    refusal,
)
from tests.contracts.third_party.gateway_rows.sheet import row

MEMBERS = [
    "id", "created_at", "updated_at", "task_id", "platform", "user_id", "group", "channel_id",
    "quota", "action", "status", "fail_reason", "submit_time", "start_time", "finish_time",
    "progress", "properties", "data",
]  # fmt: skip
LONG = 60
"""Seconds after which every job of a stub has ended and a pass has seen it."""


@row("6.1")
def generic_members(c: Caller) -> None:
    platforms = {KLING: "50", DOUBAO: "54", SORA: "55", "openai-video": "1"}
    for model, platform in platforms.items():
        task = c.task(model)
        told = c.poll(task)
        assert list(told) == MEMBERS
        assert (told["platform"], told["task_id"], told["group"]) == (platform, task, "default")
        assert told["properties"]["origin_model_name"] == model
        assert all(isinstance(told[name], int) for name in ("id", "user_id", "quota"))
    task = c.task(VEO)
    del c.hosts["veo.example"]  # with Google away Veo is shown so, too
    assert c.poll(task)["platform"] == "24"


@row("6.2")
def result_url(c: Caller) -> None:
    good, bad = c.task(), c.task(prompt=FAIL)
    assert "result_url" not in c.poll(good)
    c.wait(LONG)
    assert c.poll(good)["result_url"].startswith("https://cdn.example/")
    assert c.poll(bad)["result_url"] == c.poll(bad)["fail_reason"] != ""


@row("6.3")
def quota_after_refund(c: Caller) -> None:
    bad = c.task(prompt=FAIL)
    assert c.poll(bad)["quota"] == 175000
    c.wait(LONG)
    assert c.poll(bad)["quota"] == 0


@row("6.4")
def start_time(c: Caller) -> None:
    slow = c.task()
    c.wait(LONG)
    assert c.poll(slow)["start_time"] == START + PASS_S
    films = {"videos": [{"url": "https://cdn.example/k.mp4", "duration": "5"}]}
    done = {"task_id": "k", "task_status": "succeed", "created_at": 1, "task_result": films}
    c.answering("kling.example", {"code": 0, "data": done})
    fast = c.task()
    c.wait(LONG)
    assert (c.poll(fast)["status"], c.poll(fast)["start_time"]) == ("SUCCESS", 0)


@row("6.5")
def providers_body(c: Caller) -> None:
    task = c.task()
    assert list(c.poll(task)["data"]) == ["code", "message", "request_id", "data"]
    c.wait(PASS_S)
    told = c.poll(task)["data"]
    assert list(told) == sorted(told)
    assert list(told["data"]) == sorted(told["data"])


@row("6.6")
def channel_shown(c: Caller) -> None:
    assert c.poll(c.task(DOUBAO))["channel_id"] == 3
    listed = c.ask("GET", "/api/task/self", None, {"Authorization": "dashboard-alice"}).json()
    assert [item["channel_id"] for item in listed["data"]["items"]] == [0]


@row("6.7")
def kling_video(c: Caller) -> None:
    good, bad = c.task(), c.task(prompt=FAIL)
    ms = int(c.clock * 1000)
    assert c.video(good) == {"id": good, "object": "video", "model": "", "status": "unknown",
                             "progress": 0, "created_at": ms, "completed_at": ms}  # fmt: skip
    c.wait(LONG)
    told = c.video(good)
    assert (told["status"], told["seconds"]) == ("completed", "5.1")
    assert told["metadata"]["url"].startswith("https://")
    assert told["completed_at"] > told["created_at"] == ms
    told = c.video(bad)
    assert told["error"] == {"message": c.poll(bad)["fail_reason"], "code": ""}
    assert "metadata" not in told


@row("6.8")
def veo_video(c: Caller) -> None:
    bad, task = c.task(VEO, prompt=FAIL), c.task(VEO)
    told = c.video(task)
    assert list(told) == ["id", "object", "model", "status", "progress", "created_at",
                          "completed_at"]  # fmt: skip
    assert told["model"] == "veo-3.1-fast-generate-preview"
    assert (told["status"], told["progress"]) == ("in_progress", 50)
    c.wait(LONG)
    assert c.video(bad)["status"] == "failed"
    assert "error" not in c.video(bad)


@row("6.9")
def doubao_video(c: Caller) -> None:
    task = c.task(DOUBAO)
    c.wait(PASS_S)
    told = c.video(task)
    assert list(told) == ["id", "task_id", "object", "model", "status", "progress", "created_at",
                          "completed_at", "metadata"]  # fmt: skip
    assert (told["progress"], told["metadata"]) == (50, {"url": ""})
    c.wait(LONG)
    assert c.video(task)["metadata"]["url"].startswith("https://")


@row("6.10")
def sora_video(c: Caller) -> None:
    task = c.task(SORA)
    told = c.video(task)
    assert (told["id"], told["task_id"], told["status"]) == (task, "video_1", "queued")
    c.wait(PASS_S)
    told = c.video(task)
    assert list(told) == sorted(told)
    assert (told["id"], told["task_id"], told["status"]) == (task, "video_1", "in_progress")


@row("6.11")
def veo_generations(c: Caller) -> None:
    task, bad, worse = c.task(VEO), c.task(VEO, prompt=FAIL), c.task(VEO, prompt=FAIL)
    text = c.get(f"{PATHS[0]}/{task}").text
    data = {"error": None, "format": "mp4", "metadata": None, "status": "processing",
            "task_id": task, "url": ""}  # fmt: skip
    wanted = {"code": "success", "data": data, "message": ""}
    assert json.loads(text) == wanted
    assert list(json.loads(text)) == sorted(wanted)
    c.wait(21 - c.clock % PASS_S + 1)  # ended, and no pass since
    assert (c.poll(bad)["status"], c.poll(bad)["url"]) == ("failed", "")
    c.wait(LONG)
    assert c.poll(task)["url"] == f"https://gateway.example/v1/videos/{task}/content"
    assert (c.poll(worse)["status"], c.poll(worse)["url"]) == ("failed", reason(c))


def reason(c: Caller) -> str:
    told = c.task(prompt=FAIL)
    c.wait(LONG)
    return str(c.poll(told)["fail_reason"])


@row("6.12")
def progress(c: Caller) -> None:
    seen: dict[str, list[int]] = {}
    tasks = {model: c.task(model) for model in (KLING, DOUBAO, VEO, SORA)}
    for _ in range(5):
        for model, task in tasks.items():
            seen.setdefault(model, []).append(c.video(task)["progress"])
        c.wait(PASS_S)
    assert set(seen[KLING]) == {0, 30, 100}
    assert 50 in seen[DOUBAO]
    assert seen[VEO][0] == 50
    assert 30 in seen[SORA]
    c.answering("sora.example", {"id": "v", "status": "in_progress", "progress": 42})
    task = c.task(SORA)
    c.wait(PASS_S)
    assert c.poll(task)["progress"] == "42%"


@row("6.13")
def unknown_task(c: Caller) -> None:
    for path, key in ((p, k) for p in PATHS for k in ("main", "other")):
        task = "task_0" if key == "main" else c.task()
        told = refusal(c.get(f"{path}/{task}", key), 400)
        assert told == ("task_not_exist", "task_not_exist")


def proxy(c: Caller, task: str, status: int, key: str = "main") -> str:
    reply = c.get(f"{PATHS[1]}/{task}/content", key)
    assert reply.status_code == status, reply.text
    assert list(reply.json()["error"]) == ["message", "type"]
    return str(reply.json()["error"]["message"])


@row("6.14")
def no_file_yet(c: Caller) -> None:
    task, bad = c.task(), c.task(prompt=FAIL)
    for key, id_ in (("main", "task_0"), ("other", task)):
        assert proxy(c, id_, 404, key) == "Task not found"
    said = "Task is not completed yet, current status: "
    assert proxy(c, task, 400) == f"{said}NOT_START"
    c.wait(PASS_S)
    assert proxy(c, task, 400) == f"{said}IN_PROGRESS"
    c.wait(LONG)
    assert proxy(c, bad, 400) == f"{said}FAILURE"


@row("6.15")
def file(c: Caller) -> None:
    task = c.task()
    c.wait(LONG)
    reply = c.get(f"{PATHS[1]}/{task}/content", Range="bytes=0-3")
    assert (reply.status_code, reply.headers["server"]) == (200, "cdn-stub")
    assert reply.headers["cache-control"] == "public, max-age=86400"
    assert len(reply.content) > 4


@row("6.16")
def file_of_sora(c: Caller) -> None:
    task = c.task(SORA)
    c.wait(LONG)
    assert c.get(f"{PATHS[1]}/{task}/content").headers["content-type"] == "video/mp4"
    assert c.sent.url == "https://sora.example/v1/videos/video_1/content"
    assert c.sent.headers["Authorization"] == "Bearer channel-secret"
    c.answering("sora.example", {"not": "a film"}, Content_Type="application/json")
    assert c.get(f"{PATHS[1]}/{task}/content").json() == {"not": "a film"}


@row("6.17")
def guard(c: Caller) -> None:
    task = c.task()
    c.wait(LONG)
    c.poll(task)
    for link, status in (("http://127.0.0.1/a.mp4", 403), ("http://10.0.0.7/a.mp4", 403),
                         ("https://cdn.example:9000/a.mp4", 403)):  # fmt: skip
        c.gateway.tasks[task].link = link
        assert proxy(c, task, status).startswith("request blocked: ")
    for port in (80, 443, 8080, 8443):
        c.hosts[f"cdn.example:{port}"] = c.hosts["cdn.example"]
        c.gateway.tasks[task].link = f"http://cdn.example:{port}/a.mp4"
        assert c.get(f"{PATHS[1]}/{task}/content").status_code == 200
