"""A small gateway that behaves as the pages and sources of stock new-api are said to: not ours.

Written from facts alone (routes, statuses, envelopes, order of checks, quota units), in words and
code of our own; it imports neither the emulator nor the judge. It has no control plane: time
passes, and a pass each fifteen seconds moves its tasks. Prices are placeholders. It refuses to do
what it has no facts for.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

Json = Any
QUOTA_PER_USD = 500_000
PASS_S = 15
MAX_S = 3600
PRICES = {"kling-v2-5-turbo": 0.35, "kling-v2-1-master": 1.4, "veo_3_1-fast": 0.44}
STOCK = {"veo_3_1-fast": "veo-3.1-fast-generate-preview"}
STATES = ("NOT_START", "SUBMITTED", "IN_PROGRESS")
PROGRESS = {"NOT_START": "0%", "SUBMITTED": "10%", "IN_PROGRESS": "30%"}
SIMPLE = {"NOT_START": "processing", "SUBMITTED": "queued", "IN_PROGRESS": "processing",
          "SUCCESS": "succeeded", "FAILURE": "failed"}  # fmt: skip


class No(Exception):
    """A refusal: a status and a body in one of the gateway's envelopes."""

    def __init__(self, status: int, body: Json) -> None:
        super().__init__(str(body))
        self.status, self.body = status, body


@dataclass
class Key:
    """One `sk-` key, the name of its user, and what both may still spend, in quota units."""

    user: str
    left: int
    used: int = 0


@dataclass
class Task:
    """One task; its state is a matter of how many passes there have been since."""

    id: str
    key: Key
    model: str
    cost: int
    since: float
    doomed: bool
    upstream: Json = field(default_factory=dict)
    refunded: bool = False


class Gateway:
    """The whole program. `now` may be another clock; `failing` dooms the tasks made from now on."""

    def __init__(self, keys: dict[str, tuple[str, int]]) -> None:
        self.keys = {k: Key(user, quota) for k, (user, quota) in keys.items()}
        self.wallets = dict(keys.values())
        self.tasks: dict[str, Task] = {}
        self.now = time.time
        self.failing = False
        self.serial = 0

    # -- who asks, and what it is told ---------------------------------------------------------

    async def __call__(self, scope: Json, receive: Json, send: Json) -> None:
        """Answer anything: a route, its refusal, or the 404 that is also said for wrong verbs."""
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        request.state.id = self.request_id()
        self.refund()
        path = scope["path"]
        if path.startswith("/v1/video/generations/") and path.count("/") == 4:
            path = "/v1/video/generations/:task"
        routes = {"POST /v1/video/generations": self.submit, "GET /v1/models": self.models,
                  "GET /v1/video/generations/:task": self.poll,
                  "GET /api/usage/token/": self.usage}  # fmt: skip
        try:
            answer = await routes.get(f"{scope['method']} {path}", self.nowhere)(request)
        except No as no:
            answer = reply(no.body, no.status)
        answer.headers["X-Oneapi-Request-Id"] = request.state.id
        answer.headers["X-New-Api-Version"] = "v0.0.0"
        await answer(scope, receive, send)

    def request_id(self) -> str:
        self.serial += 1
        at = self.now()
        day = time.strftime("%Y%m%d%H%M%S", time.gmtime(at))
        return f"{day}{int(at % 1 * 1e9):09d}{self.serial:016x}"

    def gate(self, request: Request, status: int, message: str, code: str = "") -> No:
        """Return a refusal of the gate: OpenAI's envelope with the request id in the text."""
        text = f"{message} (request id: {request.state.id})"
        return No(status, {"error": {"code": code, "message": text, "type": "new_api_error"}})

    def who(self, request: Request, living: bool = True) -> Key:
        """Return the key of a request; the scheme may be missing, and a suffix names a channel."""
        given = request.headers.get("authorization", "")
        given = given.removeprefix("Bearer ").removeprefix("bearer ").removeprefix("sk-")
        key = self.keys.get(given.split("-")[0])
        if key is None or (living and key.left <= 0):
            raise self.gate(request, 401, "Invalid token")
        return key

    # -- tasks ---------------------------------------------------------------------------------

    async def submit(self, request: Request) -> Response:
        key = self.who(request)
        body = self.chosen(request, await request.body())
        model = body["model"]
        prompt, metadata = body.get("prompt", ""), body.get("metadata") or {}
        if not isinstance(prompt, str) or not isinstance(metadata, dict | str):
            raise task_error(400, "invalid_request", "json: cannot unmarshal into the field")
        if not prompt.strip():
            raise task_error(400, "invalid_request", "prompt is required")
        seconds = whole(body.get("duration"))
        if not 0 <= seconds <= MAX_S:
            raise task_error(400, "invalid_seconds", "seconds must be between 1 and 3600")
        cost = int(PRICES[model] * QUOTA_PER_USD)
        self.charge(key, cost)
        task = Task(f"task_{self.serial:032d}", key, model, cost, self.now(), self.failing)
        self.tasks[task.id] = task
        made = {"id": task.id, "task_id": task.id, "object": "video", "model": model,
                "status": "queued", "progress": 0, "created_at": int(task.since)}  # fmt: skip
        task.upstream = made
        return reply(made, more={"X-New-Api-Other-Ratios": "{}"})

    def chosen(self, request: Request, raw: bytes) -> dict[str, Json]:
        """Return the body once a channel is found for its model. The gate's order of checks."""
        kind = request.headers.get("content-type", "").partition(";")[0]
        try:
            body = json.loads(raw.decode(), parse_constant=int) if kind.endswith("json") else {}
        except (ValueError, RecursionError):
            said = "Invalid request: Invalid request: invalid JSON request body"
            raise self.gate(request, 400, said) from None
        model = body.get("model", "") if isinstance(body, dict) else None
        if not isinstance(model, str):
            said = "Invalid request: Invalid request: field model must be a string"
            raise self.gate(request, 400, said)
        if not model:
            said = "Model name not specified, model name cannot be empty"
            raise self.gate(request, 400, said)
        if model not in PRICES:
            said = f"No available channel for model {model} under group default (distributor)"
            raise self.gate(request, 503, said, "model_not_found")
        return dict(body)

    def charge(self, key: Key, cost: int) -> None:
        """Charge the user's wallet and the key's own quota, both before the provider is asked."""
        held = self.wallets[key.user]
        if held < cost:
            said = f"remaining: ${held / QUOTA_PER_USD:.6f}, needed: ${cost / QUOTA_PER_USD:.6f}"
            raise task_error(403, "insufficient_user_quota", said)
        if key.left < cost:
            raise task_error(403, "pre_consume_token_quota_failed", "token quota is not enough")
        self.wallets[key.user] -= cost
        key.left, key.used = key.left - cost, key.used + cost

    def state(self, task: Task) -> str:
        passes = int((self.now() - task.since) // PASS_S)
        if passes < len(STATES):
            return STATES[passes]
        return "FAILURE" if task.doomed else "SUCCESS"

    def refund(self) -> None:
        """Give back what failed tasks cost: once, to the wallet and to the key."""
        for task in self.tasks.values():
            if not task.refunded and self.state(task) == "FAILURE":
                task.refunded = True
                self.wallets[task.key.user] += task.cost
                task.key.left, task.key.used = task.key.left + task.cost, task.key.used - task.cost

    async def poll(self, request: Request) -> Response:
        key = self.who(request)
        task = self.tasks.get(request.url.path.rpartition("/")[2])
        if task is None or task.key.user != key.user:
            raise task_error(400, "task_not_exist", "task_not_exist")
        state, link = self.state(task), f"https://files.example/{task.id}.mp4"
        if task.model in STOCK:  # a channel of Google's has a shorter answer
            url = f"https://gateway.example/v1/videos/{task.id}/content"
            data: Json = {"error": None, "format": "mp4", "metadata": None,
                          "status": SIMPLE[state], "task_id": task.id,
                          "url": url if state == "SUCCESS" else ""}  # fmt: skip
            return reply({"code": "success", "message": "", "data": data})
        ended = state in ("SUCCESS", "FAILURE")
        reason = "the provider failed" if state == "FAILURE" else ""
        data = {
            "id": int(task.id[5:]), "created_at": int(task.since), "updated_at": int(self.now()),
            "task_id": task.id, "platform": "50", "user_id": 1, "group": "default",
            "channel_id": 1, "quota": task.cost, "action": "textGenerate", "status": state,
            "fail_reason": reason, "result_url": link if state == "SUCCESS" else reason,
            "submit_time": int(task.since), "start_time": 0, "finish_time": 0,
            "progress": "100%" if ended else PROGRESS[state],
            "properties": {"input": "", "upstream_model_name": task.model,
                           "origin_model_name": task.model},
            "data": task.upstream,
        }  # fmt: skip
        return reply({"code": "success", "message": "", "data": data})

    # -- the rest ------------------------------------------------------------------------------

    async def models(self, request: Request) -> Response:
        self.who(request)
        rows = [{"id": m, "object": "model", "created": 1626777600, "owned_by": "custom",
                 "supported_endpoint_types": ["openai"]} for m in PRICES]  # fmt: skip
        return reply({"data": rows, "object": "list", "success": True})

    async def usage(self, request: Request) -> Response:
        key = self.who(request, living=False)
        data = {"object": "token_usage", "name": key.user, "total_granted": key.left + key.used,
                "total_used": key.used, "total_available": key.left, "unlimited_quota": False,
                "model_limits": {}, "model_limits_enabled": False, "expires_at": 0}  # fmt: skip
        return reply({"code": True, "message": "ok", "data": data})

    async def nowhere(self, request: Request) -> Response:
        path = request.url.path
        if path.startswith(("/v1", "/api", "/assets")):
            said = f"Invalid URL ({request.method} {path})"
            error = {"message": said, "type": "invalid_request_error", "param": "", "code": ""}
            return reply({"error": error}, 404)
        return HTMLResponse("<!doctype html><title>dashboard</title>")


def reply(body: Json, status: int = 200, more: dict[str, str] | None = None) -> Response:
    """Return a JSON reply."""
    return Response(json.dumps(body), status, more, media_type="application/json")


def task_error(status: int, code: str, message: str) -> No:
    """Return a refusal of the task layer."""
    return No(status, {"code": code, "message": message, "data": None})


def whole(value: Json) -> int:
    """Return a length in seconds; what is no integer counts as not given."""
    if isinstance(value, str) and value.lstrip("-").isdigit():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else 5


app = Gateway({"main": ("alice", 50_000_000), "other": ("bob", 50_000_000), "empty": ("carol", 0)})
