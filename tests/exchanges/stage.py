"""Plays the setup steps of a golden exchange: one frozen bodydouble, one sandbox, one account.

Everything a stranger could do goes over HTTP, the vendor's or the control plane's; what has no
address there (a test key, the end of a key) is written as a record. Webhooks
go nowhere: what would be posted is kept in order. The words are those of the README beside the
files.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from bodydouble.core.chance import Draw
from bodydouble.core.keys import Key, digest, masked
from bodydouble.core.records import changed
from bodydouble.core.sandboxes import Sandbox
from bodydouble.core.webhooks import Attempt
from bodydouble.sandbox import events
from bodydouble.sandbox.open_sandbox import OpenSandbox
from bodydouble.web.app import Application
from bodydouble.web.keys.registry import real_us
from bodydouble.web.settings import Settings
from bodydouble.web.webhooks.transport import Answer, Transport, WebhookRequest

ORIGIN = "http://bodydouble.test"
CALLBACK = {"callback_url": "https://example.com/hooks", "callback_secret": "callback-secret"}
_NAME = re.compile(r"\{([a-z_]+)\}")
_STEP = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*)|\[(\d+)\]")


class Post(Transport):
    """The edge of a network that is not there: takes every request, answers 200."""

    def __init__(self, of: Transport) -> None:
        super().__init__(of.targets, of.timeout_s)
        self.posted: list[WebhookRequest] = []

    async def send(self, request: WebhookRequest) -> Answer:
        self.posted.append(request)
        return Answer(Attempt(request.at_us, 200, "ok"))


@dataclass(slots=True)
class Stage:
    """``secret`` None sends no key; ``saved`` are the values that steps kept."""

    vendor: str
    app: Application
    client: httpx.AsyncClient
    post: Post
    sandbox: str = ""
    first: str = ""
    secret: str | None = None
    saved: dict[str, Any] = field(default_factory=dict)

    @classmethod
    async def open(cls, exchange: Mapping[str, Any]) -> Stage:
        """A fresh sandbox under the file's quirks, with one key."""
        quirks = exchange.get("quirks", {})
        # A refusal without a key is in no sandbox, so the server has the quirks as well.
        app = Application(Settings(frozen=True, seed=1, strict_keys=True, quirks=quirks))
        post = app.scheduler.dispatcher.transport = Post(app.scheduler.dispatcher.transport)
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ORIGIN, timeout=60)
        stage = cls(exchange["vendor"], app, client, post)
        made = await stage.steer("POST", "", {"quirks": quirks})
        stage.sandbox, stage.first = made["id"], made["keys"][stage.vendor]
        stage.secret = stage.first
        return stage

    async def close(self) -> None:
        """Lets go of the server."""
        await self.client.aclose()
        await self.app.shutdown()

    async def steer(self, method: str, path: str, body: Any = None) -> Any:
        """One request to the control plane; it must succeed."""
        address = f"/_bodydouble/sandboxes{'/' + self.sandbox if self.sandbox else ''}{path}"
        answer = await self.client.request(
            # The control plane answers to this machine's own name only.
            method,
            address,
            json=body,
            headers={"host": "localhost"},
        )
        assert answer.status_code < 300, f"{method} {address}: {answer.text}"
        return answer.json()

    async def send(self, request: Mapping[str, Any]) -> httpx.Response:
        """One request of a file, with the key in force."""
        request = filled(request, self.saved)
        path: str = request["path"]
        headers = dict(request.get("headers", {}))
        if self.secret is not None:
            headers.setdefault("Authorization", f"Bearer {self.secret}")
        more: dict[str, Any] = {}
        if "raw" in request:
            more["content"] = request["raw"].encode()
            headers.setdefault("Content-Type", "application/json")
        elif "multipart" in request:
            more |= _form(request["multipart"])
        elif "body" in request:
            more["content"] = json.dumps(request["body"]).encode()
            headers.setdefault("Content-Type", "application/json")
        address = path if path.startswith("http") else f"/{self.vendor}{path}"
        return await self.client.request(
            request["method"], address, params=request.get("query"), headers=headers, **more
        )

    # Steps ---------------------------------------------------------------------------------------

    async def play(self, step: Mapping[str, Any]) -> None:
        """One setup step."""
        await getattr(self, f"_{step['do']}")(step)

    async def _request(self, step: Mapping[str, Any]) -> None:
        answer = await self.send(step["request"])
        assert answer.status_code < 300, f"a setup step failed: {step['request']}: {answer.text}"
        for name, path in step.get("save", {}).items():
            self.saved[name] = value_at(answer.json(), path)

    async def _advance(self, step: Mapping[str, Any]) -> None:
        if "seconds" in step:
            await self.steer("PATCH", "/clock", {"advance_s": step["seconds"]})
        else:
            await self.steer("PATCH", "/clock", {"until": step["until"]})

    async def _scenario(self, step: Mapping[str, Any]) -> None:
        rules = [{"then": {"refuse": step["name"]}}] if step.get("at") == "create" else None
        named = {"name": step["name"] if rules is None else "normal", "rules": rules}
        await self.steer("PUT", "/scenario", named)

    async def _balance(self, step: Mapping[str, Any]) -> None:
        path = f"/accounts/{self.vendor}/main/balance"
        await self.steer("PUT", path, {"amount": step["value"]})

    async def _key(self, step: Mapping[str, Any]) -> None:
        if "scopes" in step:
            self.secret = await self._new_key({"scopes": step["scopes"]})
        elif step.get("kind") == "test":
            self.secret = step["secret"]
            await self.app.store.put_key(self._record(step["secret"]))
        elif step.get("callback"):
            self.first = self.secret = await self._new_key(CALLBACK)
            self.saved["callback_key"] = CALLBACK["callback_secret"]
        elif step.get("bad") == "malformed":
            self.secret = "not-a-key"
        elif step.get("bad") == "unknown":
            provider = self.app.providers[self.vendor]
            self.secret = provider.mint_key(Draw(0, "nobody's"))
        elif step.get("bad") == "missing":
            self.secret = None
        elif step.get("revoke"):
            await self._revoke()
        else:
            self.secret = self.first

    async def _new_key(self, rights: Mapping[str, Any]) -> str:
        made = await self.steer("POST", "/keys", {"provider": self.vendor, **rights})
        secret: str = made["key"]
        return secret

    def _record(self, secret: str) -> Key:
        account, test = f"{self.vendor}/main", self.app.providers[self.vendor].test_key(secret)
        return Key(digest(secret), self.sandbox, self.vendor, account, masked(secret), test=test)

    async def _revoke(self) -> None:
        key, provider = self._record(self.first), self.app.providers[self.vendor]
        await self.app.store.put_key(changed(key, revoked=True))
        async with self.app.store.transaction(self.sandbox) as tx:
            record = await tx.get(Sandbox, self.sandbox)
            assert record is not None, "the control plane made it"
            box = OpenSandbox(tx, record, self.app.providers, real_us())
            await events.key_revoked(box, await box.account(provider, "main"), key)

    async def _exhaust(self, step: Mapping[str, Any]) -> None:
        for _ in range(step["requests"]):
            await self.send(step["request"])

    async def _fault(self, step: Mapping[str, Any]) -> None:
        trouble = {"point": step["point"], "kind": "status", "status": step["status"]}
        await self.steer("POST", "/faults", {**trouble, "times": 1})

    async def _fill(self, step: Mapping[str, Any]) -> None:
        self.saved[step["save"]] = "x" * step["bytes"]

    async def deliveries(self) -> list[WebhookRequest]:
        """Everything that was posted to receivers so far."""
        await self.app.scheduler.catch_up(self.sandbox)
        return self.post.posted


def filled(value: Any, saved: Mapping[str, Any]) -> Any:
    """``value`` with every ``{name}`` replaced; a string that is only that takes the value's type.

    A name nobody saved stays as it is: form fields are JSON text and have braces of their own.
    """
    if isinstance(value, dict):
        return {key: filled(part, saved) for key, part in value.items()}
    if isinstance(value, list):
        return [filled(part, saved) for part in value]
    if not isinstance(value, str):
        return value
    whole = _NAME.fullmatch(value)
    if whole and whole[1] in saved:
        return saved[whole[1]]
    return _NAME.sub(lambda found: str(saved.get(found[1], found[0])), value)


def value_at(body: Any, path: str) -> Any:
    """The value at ``$.a.b[0]``; KeyError or IndexError where there is none."""
    for name, index in _STEP.findall(path.removeprefix("$")):
        body = body[name] if name else body[int(index)]
    return body


def _form(multipart: Mapping[str, Any]) -> dict[str, Any]:
    file = multipart["file"]
    data = base64.b64decode(file["base64"])
    return {
        "data": json.loads(multipart["fields"]),
        "files": {"file": (file["name"], data, file["type"])},
    }
