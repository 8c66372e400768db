"""A client of a fresh gateway, whose clock moves only when it waits.

Keys: `main` of alice's, `other` of bob's, `root` of an administrator's. It refuses to judge.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from httpx import BaseTransport, Client, Request, Response

from tests.contracts.third_party.gateway import Gateway
from tests.contracts.third_party.gateway.accounts import Key
from tests.contracts.third_party.gateway.channels import peculiar
from tests.contracts.third_party.gateway.internet import Host, Incoming, Outgoing

Json = Any
KLING, VEO, DOUBAO, SORA = "kling-v2-5-turbo", "veo_3_1-fast", "seedance-1-pro", "sora-2"
RICH = 500_000_000
START = 1_790_000_010.0
"""On a quarter of a minute: there a pass begins."""
PATHS = ("/v1/video/generations", "/v1/videos")
FAIL = "make this job fail"
ADDRESS = "192.0.2.7"
"""Where the caller is."""


class InPlace(BaseTransport):
    """Asks a gateway without a loop: it waits for nothing, and so it can ask another one, too."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway

    def handle_request(self, request: Request) -> Response:
        """Return the reply to one request."""
        body, said = request.read(), list[Json]()
        scope = {
            "type": "http", "method": request.method, "path": request.url.path,
            "query_string": request.url.query, "client": (ADDRESS, 1),
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
        }  # fmt: skip

        async def receive() -> Json:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Json) -> None:
            said.append(message)

        with suppress(StopIteration):
            self.gateway(scope, receive, send).send(None)
        head, *parts = said
        content = b"".join(p.get("body", b"") for p in parts)
        return Response(head["status"], headers=head["headers"], content=content)


class Caller:
    """A client and the gateway that it talks to."""

    def __init__(self) -> None:
        self.clock = START + 1
        self.gateway = Gateway({"main": ("alice", RICH), "other": ("bob", RICH),
                                "root": ("root", RICH)})  # fmt: skip
        self.gateway.keys["root"].user.admin = True
        self.gateway.now = lambda: self.clock
        self.gateway.catalogue.channels += peculiar()
        self.gateway.catalogue.prices |= dict.fromkeys(
            ("through-new-api", "through-sub2api", "wan-video", "jimeng-video", "unreachable"), 0.1
        )
        self.client = Client(transport=InPlace(self.gateway), base_url="http://gateway.example")

    def ask(
        self, verb: str, path: str, key: str | None = "main", head: Json = None, **more: Json
    ) -> Response:
        """Send any request; the key goes into the usual header."""
        heads = {"Authorization": f"Bearer sk-{key}"} if key else {}
        return self.client.request(verb, path, headers={**heads, **(head or {})}, **more)

    def get(self, path: str, key: str | None = "main", **head: str) -> Response:
        """Look at a path; headers are written with underscores."""
        return self.ask("GET", path, key, {n.replace("_", "-"): v for n, v in head.items()})

    def raw(self, text: str | bytes, kind: str = "application/json", **more: Json) -> Response:
        """Create with a body as it is."""
        heads = {"Content-Type": kind} if kind else {}
        return self.ask("POST", PATHS[0], head=heads, content=text, **more)

    def create(self, model: str = KLING, key: str = "main", **body: Json) -> Response:
        """Create with a JSON body; a member that is None is null."""
        return self.ask("POST", PATHS[0], key, json={"model": model, "prompt": "a fox", **body})

    def task(self, model: str = KLING, **body: Json) -> str:
        """Create; return the task's id."""
        made = self.create(model, **body)
        assert made.status_code == 200, made.text
        return str(made.json()["task_id"])

    def poll(self, task: str, key: str = "main") -> Json:
        """Return what the path of generations says of a task, less the envelope."""
        return self.get(f"{PATHS[0]}/{task}", key).json()["data"]

    def video(self, task: str) -> Json:
        """Return what OpenAI's path says of a task."""
        return self.get(f"{PATHS[1]}/{task}").json()

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.clock += seconds

    @property
    def sent(self) -> Outgoing:
        """What was sent to a provider last."""
        return self.gateway.internet.sent[-1]

    @property
    def key(self) -> Key:
        """The key `main`."""
        return self.gateway.keys["main"]

    def answering(self, host: str, body: Json, status: int = 200, **head: str) -> None:
        """Let a provider answer this, whatever it is asked; headers as in `get`."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        heads = {name.replace("_", "-"): value for name, value in head.items()}
        self.hosts[host] = lambda asked, at: Incoming(status, raw, heads)

    @property
    def hosts(self) -> dict[str, Host]:
        """The hosts that the gateway finds."""
        return self.gateway.internet.hosts


def error(reply: Response, status: int) -> Json:
    """Return the error of a gate's refusal, its message without the request's id."""
    assert reply.status_code == status, reply.text
    told = reply.json()["error"]
    assert list(reply.json()) == ["error"]
    assert list(told) == ["code", "message", "type"]
    suffix = f" (request id: {reply.headers['x-oneapi-request-id']})"
    assert told["type"] == "new_api_error"
    assert told["message"].endswith(suffix)
    return {"code": told["code"], "message": told["message"].removesuffix(suffix)}


def refusal(reply: Response, status: int) -> tuple[str, str]:
    """Return code and message of the task layer's refusal."""
    assert reply.status_code == status, reply.text
    told = reply.json()
    assert list(told) == ["code", "message", "data"]
    assert told["data"] is None
    return told["code"], told["message"]
