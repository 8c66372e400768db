"""The whole program: its state, and one request from the socket to the reply.

`now` may be another clock; `failing` dooms the tasks made from now on, as does a prompt that says
`make this job fail`. It refuses to know what a route does.
"""

from __future__ import annotations

import random
import string
import time
import zlib
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from tests.contracts.third_party.gateway import routing
from tests.contracts.third_party.gateway.accounts import opened
from tests.contracts.third_party.gateway.channels import everyday
from tests.contracts.third_party.gateway.internet import FILES, Internet, providers
from tests.contracts.third_party.gateway.money import Limiter
from tests.contracts.third_party.gateway.replies import Asked, Json, Refused
from tests.contracts.third_party.gateway.tasks import Poller, Task

LETTERS = string.ascii_letters + string.digits
BUILD = "8268d9d6"
BODY_MAX = 128 << 20
DOOMED = "make this job fail"
SHARED = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Credentials": "true"}
PREFLIGHT = {
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Allow-Methods": "GET,POST,PUT,DELETE,OPTIONS",
    "Access-Control-Max-Age": "43200",
}


class Gateway:
    """The program. `keys` are `{name: (user, quota)}`, names without `sk-`; `files` is the address
    at which its providers keep their videos."""

    def __init__(self, keys: Mapping[str, tuple[str, int]], files: str = FILES) -> None:
        self.keys = opened(keys)
        self.catalogue = everyday()
        self.now = time.time
        self.failing = False
        self.limiter = Limiter()
        self.body_max = BODY_MAX
        self.load = {"cpu": 0.0, "memory": 0.0, "disk": 0.0}
        self.load_max = 90
        self.server_address = "https://gateway.example"
        self.internet = Internet(providers(self.dooms, files))
        self.poller = Poller(self.internet, self.server_address)
        self.chance = random.Random(0)

    def dooms(self, prompt: str) -> bool:
        """Whether a provider makes the job of a prompt fail."""
        return self.failing or DOOMED in prompt

    @property
    def tasks(self) -> dict[str, Task]:
        """All tasks, by id."""
        return self.poller.tasks

    async def __call__(self, scope: Json, receive: Json, send: Json) -> None:
        """Answer anything."""
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        at = self.now()
        self.poller.catch_up(at)
        asked = Asked(request, self.request_id(at), at)
        answer = await self.answer(asked)
        await answer(scope, receive, send)

    async def answer(self, asked: Asked) -> Response:
        """Return the reply to a request, with the headers that all but redirects have."""
        verb, origin = asked.request.method, asked.header("origin")
        found = routing.find(verb, asked.path)
        if verb == "OPTIONS" and origin:
            answer = Response(b"", 204, PREFLIGHT)
        elif found:
            handler, asked.names = found
            try:
                asked.raw = await self.body(asked.request)
                answer = handler(self, asked)
            except Refused as refusal:
                answer = refusal.reply()
        elif moved := routing.other_slash(verb, asked.path):
            return moved
        else:
            answer = routing.nowhere(asked)
        answer.headers["X-Oneapi-Request-Id"] = asked.id
        answer.headers["X-New-Api-Version"] = "v0.0.0"
        if origin:
            answer.headers.update(SHARED)
        return answer

    async def body(self, request: Request) -> bytes:
        """Return the body of a request, unpacked; of a larger one than may be, the beginning."""
        packed = request.headers.get("content-encoding") == "gzip"
        engine = zlib.decompressobj(16 + zlib.MAX_WBITS) if packed else None
        read = bytearray()
        async for piece in request.stream():
            room = self.body_max + 1 - len(read)
            try:
                read += engine.decompress(piece, room) if engine else piece[:room]
            except zlib.error:
                raise Refused(400, None) from None
            if len(read) > self.body_max:
                break
        return bytes(read)

    def request_id(self, at: float) -> str:
        """Return 23 digits of time, eight of the build, eight by chance."""
        day = time.strftime("%Y%m%d%H%M%S", time.gmtime(at))
        return f"{day}{int(at % 1 * 1e9):09d}{BUILD}{self.letters(8)}"

    def new_id(self) -> str:
        """Return the id of a new task."""
        return f"task_{self.letters(32)}"

    def letters(self, count: int) -> str:
        """Return letters and digits by chance, the same ones in each run."""
        return "".join(self.chance.choices(LETTERS, k=count))
