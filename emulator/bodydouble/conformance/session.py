"""Plays golden exchanges: one frozen bodydouble, one sandbox, one account, setup steps in order.

Everything a stranger could do goes over HTTP, the vendor's or the control plane's; what has no
address there (a test key, the end of a key) is written as a record. Webhooks go nowhere: what would
be posted is kept in order. The words are those of `fixtures/README.md`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from bodydouble.conformance.comparison import Leeway, body_differences, header_differences
from bodydouble.conformance.exchanges import Example
from bodydouble.conformance.harness import application, credential_place, placed
from bodydouble.core.chance import Draw
from bodydouble.core.keys import Key, digest, masked
from bodydouble.core.provider import Provider
from bodydouble.core.records import changed
from bodydouble.core.sandboxes import Sandbox
from bodydouble.core.webhooks import Attempt
from bodydouble.sandbox import events
from bodydouble.sandbox.open_sandbox import OpenSandbox
from bodydouble.web.app import Application
from bodydouble.web.keys.registry import real_us
from bodydouble.web.webhooks.transport import Answer, Transport, WebhookRequest

ORIGIN = "http://bodydouble.test"
CALLBACK = {"callback_url": "https://example.com/hooks", "callback_secret": "callback-secret"}
_NAME = re.compile(r"\{([a-z_]+)\}")
_STEP = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*)|\[(\d+)\]")


class RecordingTransport(Transport):
    """A network that is not there: takes every webhook, keeps it, answers 200."""

    def __init__(self, of: Transport) -> None:
        super().__init__(of.targets, of.timeout_s)
        self.sent: list[WebhookRequest] = []

    async def send(self, request: WebhookRequest) -> Answer:
        self.sent.append(request)
        return Answer(Attempt(request.at_us, 200, "ok"))


@dataclass(slots=True)
class Session:
    """``secret`` None sends no key; ``saved`` are the values that steps kept."""

    provider: Provider
    app: Application
    client: httpx.AsyncClient
    webhooks: RecordingTransport
    crashes: list[Exception]
    sandbox: str = ""
    first: str = ""
    secret: str | None = None
    saved: dict[str, Any] = field(default_factory=dict)

    @classmethod
    async def open(cls, provider: Provider, quirks: Mapping[str, Any]) -> Session:
        """A fresh sandbox under these quirks, with one key. ValueError for a quirk nobody has."""
        crashes: list[Exception] = []
        # A refusal without a key is in no sandbox, so the server has the quirks as well.
        app = application(provider, crashes, strict_keys=True, quirks=quirks)
        webhooks = RecordingTransport(app.scheduler.dispatcher.transport)
        app.scheduler.dispatcher.transport = webhooks
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ORIGIN, timeout=60)
        session = cls(provider, app, client, webhooks, crashes)
        made = await session.control("POST", "", {"quirks": quirks})
        session.sandbox, session.first = made["id"], made["keys"][provider.name]
        session.secret = session.first
        return session

    async def close(self) -> None:
        """Lets go of the server."""
        await self.client.aclose()
        await self.app.shutdown()

    async def control(self, method: str, path: str, body: Any = None) -> Any:
        """One request to the control plane; it must succeed."""
        address = f"/_bodydouble/sandboxes{'/' + self.sandbox if self.sandbox else ''}{path}"
        # The control plane answers to this machine's own name only.
        headers = {"host": "localhost"}
        answer = await self.client.request(method, address, json=body, headers=headers)
        assert answer.status_code < 300, f"{method} {address}: {answer.text}"
        return answer.json()

    async def send(self, request: Mapping[str, Any]) -> httpx.Response:
        """One request of a file, with the key in force. AssertionError where it crashed."""
        example = Example.of(filled(request, self.saved))
        headers = httpx.Headers(example.headers)
        if self.secret is not None:
            name, scheme = credential_place(self.provider, self.first)
            headers.setdefault(name, f"{scheme}{self.secret}")
        if example.content:
            headers.setdefault("content-type", example.kind)
        path = example.path
        try:
            answer = await self.client.request(
                example.method,
                path if path.startswith("http") else f"/{self.provider.name}{path}",
                params=example.query or None,
                headers=headers,
                content=example.content,
            )
        except Exception as error:
            self.crashes.append(error)
        assert not self.crashes, (
            f"{example.method} {path} crashed: {placed(self.crashes[0], self.provider)}"
        )
        return answer

    async def deliveries(self) -> list[WebhookRequest]:
        """Everything that was posted to receivers so far."""
        await self.app.scheduler.catch_up(self.sandbox)
        return self.webhooks.sent

    # Setup steps ---------------------------------------------------------------------------------

    async def prepare(self, step: Mapping[str, Any]) -> None:
        """Does one setup step."""
        await getattr(self, f"_{step['do']}")(step)

    async def _request(self, step: Mapping[str, Any]) -> None:
        answer = await self.send(step["request"])
        status, text = answer.status_code, answer.text
        assert status < 300, f"it must succeed, and is answered with {status}: {text:.500}"
        for name, path in step.get("save", {}).items():
            self.saved[name] = value_at(answer.json(), path)

    async def _advance(self, step: Mapping[str, Any]) -> None:
        moved = {"advance_s": step["seconds"]} if "seconds" in step else {"until": step["until"]}
        await self.control("PATCH", "/clock", moved)

    async def _scenario(self, step: Mapping[str, Any]) -> None:
        rules = [{"then": {"refuse": step["name"]}}] if step.get("at") == "create" else None
        named = {"name": step["name"] if rules is None else "normal", "rules": rules}
        await self.control("PUT", "/scenario", named)

    async def _balance(self, step: Mapping[str, Any]) -> None:
        path = f"/accounts/{self.provider.name}/main/balance"
        await self.control("PUT", path, {"amount": step["value"]})

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
            self.secret = self.provider.mint_key(Draw(0, "nobody's"))
        elif step.get("bad") == "missing":
            self.secret = None
        elif step.get("revoke"):
            await self._revoke()
        else:
            self.secret = self.first

    async def _new_key(self, rights: Mapping[str, Any]) -> str:
        made = await self.control("POST", "/keys", {"provider": self.provider.name, **rights})
        secret: str = made["key"]
        return secret

    def _record(self, secret: str) -> Key:
        vendor, test = self.provider.name, self.provider.test_key(secret)
        return Key(
            digest(secret), self.sandbox, vendor, f"{vendor}/main", masked(secret), test=test
        )

    async def _revoke(self) -> None:
        key = self._record(self.first)
        await self.app.store.put_key(changed(key, revoked=True))
        async with self.app.store.transaction(self.sandbox) as tx:
            record = await tx.get(Sandbox, self.sandbox)
            assert record is not None, "the control plane made it"
            sandbox = OpenSandbox(tx, record, self.app.providers, real_us())
            await events.key_revoked(sandbox, await sandbox.account(self.provider, "main"), key)

    async def _exhaust(self, step: Mapping[str, Any]) -> None:
        for _ in range(step["requests"]):
            await self.send(step["request"])

    async def _fault(self, step: Mapping[str, Any]) -> None:
        fault = {"point": step["point"], "kind": "status", "status": step["status"]}
        await self.control("POST", "/faults", {**fault, "times": 1})

    async def _fill(self, step: Mapping[str, Any]) -> None:
        self.saved[step["save"]] = "x" * step["bytes"]


async def differences(provider: Provider, exchange: Mapping[str, Any]) -> list[str]:
    """Sentences about what the emulator's answer has against a file; none where they agree."""
    try:
        session = await Session.open(provider, exchange.get("quirks", {}))
    except ValueError as error:
        return [str(error)]
    try:
        for n, step in enumerate(exchange.get("setup", ())):
            try:
                await session.prepare(step)
            except (AssertionError, LookupError, ValueError) as error:
                return [f"setup[{n}] ({step['do']}): {error}"]
        if "delivery" in exchange:
            return await _delivery_differences(session, exchange)
        return await _answer_differences(session, exchange)
    except AssertionError as error:
        return [str(error)]
    finally:
        await session.close()


async def _answer_differences(session: Session, exchange: Mapping[str, Any]) -> list[str]:
    answer, promised = await session.send(exchange["request"]), exchange["response"]
    if answer.status_code != promised["status"]:
        return [f"status is {answer.status_code}, not {promised['status']}: {answer.text:.500}"]
    if exchange["status"] == "no-evidence":
        return []
    found = header_differences(promised.get("headers", {}), answer.headers)
    if "body" not in promised:
        return found
    if promised["body"] is None:
        return (
            [*found, f"$ is no empty body: {answer.content[:200]!r}"] if answer.content else found
        )
    try:
        given = json.loads(answer.content)
    except ValueError:
        return [*found, f"$ is no JSON: {answer.content[:200]!r}"]
    expected = filled(promised["body"], session.saved)
    return found + body_differences(expected, given, Leeway.of(exchange))


async def _delivery_differences(session: Session, exchange: Mapping[str, Any]) -> list[str]:
    sent = await session.deliveries()
    if len(sent) != 1:
        return [f"{len(sent)} deliveries were posted, not 1"]
    given = json.loads(sent[0].body)
    session.saved["id"] = given.get("id")
    promised = filled(exchange["delivery"], session.saved)
    found = header_differences(promised["headers"], dict(sent[0].headers))
    if exchange["status"] == "no-evidence":
        return found
    return found + body_differences(promised["body"], given, Leeway.of(exchange))


def filled(value: Any, saved: Mapping[str, Any]) -> Any:
    """``value`` with every ``{name}`` replaced; a string that is only that takes the value's type.

    A name nobody saved stays as it is: form fields may be JSON text, with braces of their own.
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
    """The value at ``$.a.b[0]``. LookupError where there is none."""
    for name, index in _STEP.findall(path.removeprefix("$")):
        try:
            body = body[name] if name else body[int(index)]
        except (LookupError, TypeError):
            raise LookupError(f"there is nothing at {path}: {json.dumps(body):.200}") from None
    return body
