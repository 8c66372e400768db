"""A proxy on loopback that writes a cassette while a client works with a vendor.

Requests pass through unchanged but for their address; credentials are learned by value and never
written. It forwards to one upstream only, follows no redirect, and bounds what it keeps. It
refuses to judge.
"""

from __future__ import annotations

import time
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from bodydouble_contracts.history.cassettes import Writer
from bodydouble_contracts.history.exchanges import Exchange, Headers, Reply, Request
from bodydouble_contracts.targets.target import MAX_REPLY_BYTES
from bodydouble_contracts.vendors.documents import document_of
from bodydouble_contracts.vendors.profile import Profile

HOP = frozenset(
    {
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer",
        "proxy-connection", "transfer-encoding", "upgrade", "host", "content-length",
    }
)  # fmt: skip
MAX_BODY_BYTES = 16 * 1024 * 1024
MAX_EXCHANGES = 100_000
CREDENTIALS = ("authorization", "x-api-key", "x-goog-api-key", "cookie")
MAX_ROLES = 1_000


def joined(base: str, target: str) -> str:
    """A base URL and a target as one address; what both have of the path is there once.

    So `https://vendor/v1` and `/v1/me` are `https://vendor/v1/me`, as `https://vendor` and that.
    """
    ours, theirs = urlsplit(base).path.split("/")[1:], target.partition("?")[0].split("/")[1:]
    for shared in range(min(len(ours), len(theirs)), 0, -1):
        if ours[-shared:] == theirs[:shared]:
            return base.removesuffix("/" + "/".join(ours[-shared:])) + target
    return base + target


@dataclass(slots=True)
class Recorder:
    """The proxy as an ASGI app. `client` is an httpx.AsyncClient."""

    upstream: str
    profile: Profile
    writer: Writer
    client: Any
    tick: int = 0
    count: int = 0
    roles: dict[str, str] = field(default_factory=dict)
    clock_us: Callable[[], int] = lambda: time.monotonic_ns() // 1000

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass one request on and record what came of it."""
        if scope["type"] != "http":
            return
        body = await read_body(receive)
        if body is None:
            await answer(send, 413, "the recorder takes bodies of up to 16 MiB")
            return
        heads = tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in scope["headers"])
        role = self._role(heads)
        path = scope.get("raw_path") or scope["path"].encode()
        query = scope.get("query_string", b"")
        target = (path + (b"?" + query if query else b"")).decode("latin-1")
        url = joined(self.upstream, target)
        told = self._told(scope["method"], url, target)
        request = Request(scope["method"], told, role, heads, body)
        self.tick += 1
        began, sent = self.tick, self.clock_us()
        reply, lost = await self._forward(request, url, send)
        self._keep(request, reply, (began, sent), lost)

    def _told(self, method: str, url: str, target: str) -> str:
        """The target as the vendor's document has it, whatever part of it the client was given."""
        document = document_of(self.profile)
        parts = urlsplit(url)
        steps = parts.path.split("/")[1:]
        for cut in range(len(steps)):
            tail = "/" + "/".join(steps[cut:])
            if document is not None and document.find(method, tail) is not None:
                return f"{tail}?{parts.query}" if parts.query else tail
        return target

    async def _forward(self, request: Request, url: str, send: Any) -> tuple[Reply | None, str]:
        import httpx

        heads = [(k, v) for k, v in request.headers if k.lower() not in HOP | {"accept-encoding"}]
        heads.append(("accept-encoding", "identity"))
        kept, size, started = [], 0, False
        try:
            parts = urlsplit(self.upstream)
            raw = url.removeprefix(f"{parts.scheme}://{parts.netloc}").encode("latin-1")
            async with self.client.stream(
                request.method,
                url,
                headers=heads,
                content=request.body,
                extensions={"target": raw},  # byte for byte: httpx would walk up its dots
            ) as got:
                pairs = tuple(
                    (k.decode("latin-1"), v.decode("latin-1")) for k, v in got.headers.raw
                )
                await send(begin(got.status_code, pairs))
                started = True
                async for chunk in got.aiter_raw():
                    size += len(chunk)
                    if size <= MAX_REPLY_BYTES:
                        kept.append(chunk)
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
                await send({"type": "http.response.body", "body": b""})
                return Reply(got.status_code, pairs, b"".join(kept), size > MAX_REPLY_BYTES), ""
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            if not started:
                await answer(send, 502, f"the upstream did not answer: {type(error).__name__}")
            return None, f"{type(error).__name__}: {error}"

    def _role(self, headers: Headers) -> str:
        rule = str(self.profile.section("key").get("header", "Authorization")).lower()
        found = "nobody"
        for name, value in headers:
            if name.lower() in (*CREDENTIALS, rule):
                secret = value.rpartition(" ")[2]
                if secret not in self.roles and len(self.roles) < MAX_ROLES:
                    number = len(self.roles)
                    self.roles[secret] = "main" if number == 0 else f"key{number + 1}"
                role = self.roles.get(secret, "key")
                self.writer.masker.learn(secret, role)
                self.writer.masker.learn(value, role)
                found = role if found == "nobody" else found
        return found

    def _keep(
        self, request: Request, reply: Reply | None, when: tuple[int, int], lost: str
    ) -> None:
        self.tick += 1
        self.count += 1
        if self.count > MAX_EXCHANGES:
            return
        began, sent = when
        kept = tuple((k, v) for k, v in request.headers if k.lower() not in HOP)
        asked = Request(request.method, request.target, request.role, kept, request.body)
        took = self.clock_us() - sent
        now_us = time.time_ns() // 1000
        self.writer.add(Exchange(asked, reply, began, self.tick, now_us, sent, took, lost))


async def read_body(receive: Any) -> bytes | None:
    """Read a whole request body, or None if it is too long."""
    chunks, size = [], 0
    while True:
        message = await receive()
        size += len(message.get("body", b""))
        if size > MAX_BODY_BYTES:
            return None
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(chunks)


def begin(status: int, headers: Headers) -> MutableMapping[str, Any]:
    """Return the message that begins a reply; the server frames the body anew."""
    pairs = [(k.encode("latin-1"), v.encode("latin-1")) for k, v in headers if k.lower() not in HOP]
    return {"type": "http.response.start", "status": status, "headers": pairs}


async def answer(send: Any, status: int, text: str) -> None:
    """Answer in the recorder's own name."""
    await send(begin(status, (("content-type", "text/plain; charset=utf-8"),)))
    await send({"type": "http.response.body", "body": text.encode()})
