"""`bodydouble serve --replay FILE`: answers from a cassette instead of from a simulation.

The same request gets its recorded replies in their order, the last one for ever, so that polling
goes on. Distinct keys take the cassette's roles in order of appearance. What was not recorded is
a 404 of ours that says so. It reads the lines that `fixtures/cassette.schema.json` describes.
"""

from __future__ import annotations

import base64
import json
import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import Base64Bytes, BaseModel, Field
from starlette.types import Send

from bodydouble.core.wire import Call

Json = Any
FORMAT = 2
FILE_BYTES_MAX = 256 * 1024 * 1024
KEYS_MAX = 1_000
CREDENTIALS = (b"authorization", b"x-api-key")
NOT_OURS = frozenset(
    {"content-length", "transfer-encoding", "connection", "keep-alive", "date", "server"}
)
MARK = "x-bodydouble-replay"
_SAID_MAX = 100
_SAID_CHARACTERS = 300

log = logging.getLogger("bodydouble")


class _Base64(BaseModel):
    base64: Base64Bytes


# A header's name and value as HTTP can carry them; anything else would end a reply early.
_Name = Annotated[str, Field(pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")]
_Value = Annotated[str, Field(pattern=r"^[^\x00-\x08\x0a-\x1f\x7f]*$")]


class _Request(BaseModel):
    method: str
    target: str
    role: str = "main"
    body: str | _Base64 = ""


class _Reply(BaseModel):
    status: Annotated[int, Field(ge=200, le=599)]
    headers: list[tuple[_Name, _Value]] = []
    body: str | _Base64 = ""


class _Exchange(BaseModel):
    request: _Request
    reply: _Reply | None


class BadCassette(ValueError):
    """A cassette that cannot be answered from; the text names file and line."""


@dataclass(slots=True)
class Tape:
    """The recorded replies to one request and how many were given."""

    replies: list[Json] = field(default_factory=list)
    given: int = 0

    def next(self) -> Json:
        """The next reply; the last one again when all were given."""
        reply = self.replies[min(self.given, len(self.replies) - 1)]
        self.given += 1
        return reply


@dataclass(slots=True)
class Replay:
    """All of one cassette, found by role, method, target and body; then by less and less."""

    provider: str
    roles: list[str] = field(default_factory=list)
    tapes: dict[tuple[str, ...], Tape] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    missed: set[str] = field(default_factory=set)

    def record(self, request: Json, reply: Json) -> None:
        """Takes one exchange in."""
        target = str(request["target"]).removeprefix(f"/{self.provider}")
        role = request.get("role", "main")
        if role != "nobody" and role not in self.roles:
            self.roles.append(role)
        body = canonical(body_of(request.get("body", "")))
        for key in lookup_keys(role, request["method"], target, body):
            self.tapes.setdefault(key, Tape()).replies.append(reply)

    def find(self, call: Call) -> Json:
        """The reply to a request, or None if nothing like it was recorded."""
        target = call.path + (
            "?" + call.query_string.decode("latin-1") if call.query_string else ""
        )
        role = self._role(call)
        for key in lookup_keys(role, call.method, target, canonical(call.body)):
            if key in self.tapes:
                return self.tapes[key].next()
        return None

    def _role(self, call: Call) -> str:
        found = next((w for name in CREDENTIALS if (w := call.header(name))), None)
        if found is None:
            return "nobody"
        secret = found.rpartition(" ")[2]
        if secret not in self.keys and len(self.keys) < KEYS_MAX:
            roles = sorted(self.roles, key=lambda role: role != "main") or ["main"]
            self.keys[secret] = roles[min(len(self.keys), len(roles) - 1)]
        return self.keys.get(secret, "main")

    def _say(self, call: Call) -> None:
        """Tells who watches the server that nothing like this was recorded, once for each."""
        missed = f"{call.method} {call.path}"[:_SAID_CHARACTERS]
        if missed not in self.missed and len(self.missed) < _SAID_MAX:
            self.missed.add(missed)
            used = sum(tape.given > 0 for tape in self.tapes.values())
            told = "the cassette of %s holds no %s; so far %d of its recordings were asked for"
            log.warning(told, self.provider, missed, used)

    async def answer(self, call: Call, send: Send) -> None:
        """Sends the recorded reply, or says that there is none."""
        reply = self.find(call)
        if reply is None:
            self._say(call)
        if reply is None or reply.get("lost"):
            status = 404 if reply is None else 502
            told = (
                f"the cassette holds no {call.method} {call.path}"
                if reply is None
                else "this reply was lost when it was recorded"
            )
            body = json.dumps({"bodydouble": told}).encode()
            pairs = [("content-type", "application/json")]
            pairs.append((MARK, "none" if reply is None else "lost"))
        else:
            status, body = reply["status"], body_of(reply.get("body", ""))
            pairs = [(k, v) for k, v in reply.get("headers", []) if k.lower() not in NOT_OURS]
            pairs.append((MARK, "recorded"))
        heads = [(k.encode("latin-1"), v.encode("latin-1", "replace")) for k, v in pairs]
        if status not in (204, 304):
            heads.append((b"content-length", b"%d" % len(body)))
        await send({"type": "http.response.start", "status": status, "headers": heads})
        await send({"type": "http.response.body", "body": body})


def lookup_keys(role: str, method: str, target: str, body: str) -> list[tuple[str, ...]]:
    """The names of a request, the most exact one first."""
    path = target.partition("?")[0]
    return [
        (role, method, target, body),
        (role, method, target),
        (role, method, path, "any query", ""),
    ]


def canonical(body: bytes) -> str:
    """A body as text under which equal JSON is equal."""
    try:
        return json.dumps(json.loads(body), sort_keys=True) if body else ""
    except (ValueError, RecursionError):
        return body.hex()


def body_of(data: Json) -> bytes:
    """The bytes a cassette's body stands for."""
    return base64.b64decode(data["base64"]) if isinstance(data, dict) else str(data).encode()


def read_replay(path: Path) -> Replay:
    """Reads a cassette. `BadCassette` in one sentence for what is none, or was cut."""
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise BadCassette(f"the cassette {path} is over 256 MiB")
        if not path.is_file():
            raise BadCassette(f"the cassette {path} is no file")
        lines = path.read_text(encoding="utf-8").split("\n")
    except OSError as error:
        raise BadCassette(f"the cassette {path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadCassette(f"{path} is no cassette: it is not UTF-8 text") from error
    number, count, ended = 1, 0, False
    try:
        head = json.loads(lines[0]) if lines else {}
        if head.get("cassette") != FORMAT:
            if "cassette" not in head:
                raise BadCassette(f"{path} does not begin like a cassette")
            raise BadCassette(
                f"{path} is a cassette of format {head['cassette']!r}, and this version reads "
                f"format {FORMAT}: record it again"
            )
        made = Replay(str(head["provider"]))
        for line in lines[1:]:
            number += 1
            step = json.loads(line)
            if "end" in step:
                ended = step["end"] == count
                break
            count += 1
            if step["step"] == "exchange":
                _Exchange.model_validate(step, strict=False)
                made.record(step["request"], step["reply"] or {"lost": True})
    except BadCassette:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BadCassette(f"{path} is cut or damaged in line {number}: record it again") from error
    if not ended:
        raise BadCassette(f"{path} is cut: its last line is missing; record it again")
    return made
