"""What happened: the recorded steps of one session, the only thing a contract ever sees.

A history is written by drivers and read by contracts. It names roles, never keys, and says of
every reply whether it arrived, so that a lost one stays indefinite for ever. It refuses to know
vendors, verdicts and sockets, and survives a round trip through JSON unchanged.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote

FORMAT = 1
"""Version of the JSON form; it changes only when an older reader would misread a newer file."""

TOO_SLOW, NOT_SENT = "too slow: ", "not sent: "
"""How the reason of a lost reply begins when it lies with the judge: it stopped waiting for one, or
no client could have sent the request."""

Outcome = Literal["definite", "indefinite"]
Json = Any
Headers = tuple[tuple[str, str], ...]

_TELLING = ("authorization", "api-key", "apikey", "token", "secret", "password", "cookie")


def carries_a_credential(name: str) -> bool:
    """Whether a request's header is never stored: the role says whose credentials were used."""
    name = name.lower().removeprefix("x-")
    return name in ("key", "auth") or any(part in name for part in _TELLING)


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it left, without its credentials.

    `target` is path and query below the target's root (`/v1/jobs?page=2`). `role` names
    the profile's role whose key was used, or one of `nobody` (no key), `unissued` (well formed,
    never issued), `malformed` (wrong shape) and `scheme` (right key, wrong scheme).
    """

    method: str
    target: str
    role: str = "main"
    headers: Headers = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """Return the first value of a header, whatever its case."""
        return first_value(self.headers, name)

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """The raw query string, without the question mark."""
        return self.target.partition("?")[2]


@dataclass(frozen=True, slots=True)
class Reply:
    """One whole reply. `cut` says that the body was longer than the judge was willing to read."""

    status: int
    headers: Headers = ()
    body: bytes = b""
    cut: bool = False

    def header(self, name: str) -> str | None:
        """Return the first value of a header, whatever its case."""
        return first_value(self.headers, name)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and what is known of its reply.

    `began` and `ended` are ticks of one counter shared by the whole history: two exchanges
    overlapped exactly if neither ended before the other began. `at_us` is the target's own time
    as best known, in microseconds since 1970: the virtual clock where the judge controls it, else
    the wall. `sent_us` and `took_us` are the driver's monotonic time. A reply of None is
    indefinite, `lost` says why; the request may or may not have had its effect.
    `intent` is what the driver knew about the request (`{"violates": "duration"}`); contracts may
    use it to find requests of a kind, never instead of looking at the reply.
    """

    request: Request
    reply: Reply | None
    began: int
    ended: int
    at_us: int
    sent_us: int = 0
    took_us: int = 0
    lost: str = ""
    intent: dict[str, str] = field(default_factory=dict)

    @property
    def outcome(self) -> Outcome:
        """`definite` if the whole reply is known."""
        return "definite" if self.reply is not None else "indefinite"

    @property
    def ours(self) -> bool:
        """Whether it lies with the judge alone that there is no reply."""
        return self.lost.startswith((TOO_SLOW, NOT_SENT))


@dataclass(frozen=True, slots=True)
class ClockMove:
    """The judge moved the target's clock; `at_us` is the new reading."""

    at_us: int
    by_us: int
    why: str = ""


@dataclass(frozen=True, slots=True)
class Control:
    """The judge did what no client can: a scenario, a fault, a top-up, a new key.

    `action` is one of the words of `targets.control`; `data` is what was asked, `reply` what
    came back, both without secrets.
    """

    action: str
    data: dict[str, Json] = field(default_factory=dict)
    reply: dict[str, Json] = field(default_factory=dict)
    at_us: int = 0


@dataclass(frozen=True, slots=True)
class Delivery:
    """A webhook that reached the judge's inbox and the status it was answered with.

    `secret` says by which registered secret it claims to be signed: the contract needs it to
    verify, so it is stored only for throw-away sessions and masked in live recordings.
    """

    headers: Headers
    body: bytes
    answered: int
    at_us: int
    inbox: str = ""
    secret: str = ""

    def header(self, name: str) -> str | None:
        """Return the first value of a header, whatever its case."""
        return first_value(self.headers, name)


@dataclass(frozen=True, slots=True)
class Mark:
    """A remark of the driver: a scenario begins, a walk starts, the session is quiet from here."""

    name: str
    data: dict[str, Json] = field(default_factory=dict)


Step = Exchange | ClockMove | Control | Delivery | Mark
KINDS: dict[str, type] = {
    "exchange": Exchange,
    "clock": ClockMove,
    "control": Control,
    "delivery": Delivery,
    "mark": Mark,
}


@dataclass(frozen=True, slots=True)
class History:
    """All steps of one session, in the order in which they ended, and where they came from.

    `provider` names the profile, `target` what was spoken to, `driver` and `seed` who drew the
    requests, `controlled` whether the judge owned clock and accounts (only then do contracts of
    tier E apply).
    """

    provider: str
    target: str = ""
    driver: str = ""
    scenario: str = ""
    seed: int = 0
    controlled: bool = False
    steps: tuple[Step, ...] = ()
    notes: dict[str, Json] = field(default_factory=dict)

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """Only the exchanges, in order."""
        return tuple(s for s in self.steps if isinstance(s, Exchange))


VISIBLE = "".join(chr(code) for code in range(0x21, 0x7F) if code != ord("#"))
"""What may stand in a request line as it is; `#` would end it for every client."""


def raw_target(target: str) -> str:
    """Return a target as it can be sent, byte for byte: dots and escapes stay what they are, only
    what no request line can hold is escaped."""
    return quote(target, safe=VISIBLE, errors="replace")


def first_value(headers: Headers, name: str) -> str | None:
    """Return the first value under a name, comparing names without case."""
    wanted = name.lower()
    for key, value in headers:
        if key.lower() == wanted:
            return value
    return None


def to_json(history: History) -> dict[str, Json]:
    """Return a history as plain JSON data; bytes become text, or base64 where they are not text."""
    head = {
        name: getattr(history, name)
        for name in ("provider", "target", "driver", "scenario", "seed", "controlled", "notes")
    }
    return {"format": FORMAT, **head, "steps": [step_to_json(step) for step in history.steps]}


def from_json(data: dict[str, Json]) -> History:
    """Read back what `to_json` wrote. Raises ValueError naming what does not fit."""
    if data.get("format") != FORMAT:
        raise ValueError(f"history format {data.get('format')!r} is not {FORMAT}: record it again")
    fields = {k: v for k, v in data.items() if k not in ("format", "steps")}
    try:
        return History(**fields, steps=tuple(step_from_json(s) for s in data["steps"]))
    except (KeyError, TypeError) as error:
        raise ValueError(f"this is not a history: {error}") from error


def dumps(history: History) -> str:
    """Return a history as one JSON text."""
    return json.dumps(to_json(history), ensure_ascii=False, separators=(",", ":"))


def loads(text: str) -> History:
    """Read a history from JSON text. Raises ValueError."""
    return from_json(json.loads(text))


def step_to_json(step: Step) -> dict[str, Json]:
    """Return one step as JSON data, its kind under `step`."""
    kind = next(name for name, cls in KINDS.items() if isinstance(step, cls))
    return {"step": kind, **_plain(step)}


def step_from_json(data: dict[str, Json]) -> Step:
    """Read one step. Raises ValueError for an unknown kind, TypeError for wrong fields."""
    kind = data.get("step")
    if kind not in KINDS:
        raise ValueError(f"unknown kind of step: {kind!r}")
    fields = {k: _rich(k, v) for k, v in data.items() if k != "step"}
    made: Step = KINDS[kind](**fields)
    return made


def body_to_json(body: bytes) -> Json:
    """Return bytes as text where they are UTF-8, else as `{"base64": ...}`."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode()}


def body_from_json(data: Json) -> bytes:
    """Read back what `body_to_json` wrote."""
    return base64.b64decode(data["base64"]) if isinstance(data, dict) else str(data).encode()


def _plain(part: object) -> dict[str, Json]:
    out: dict[str, Json] = {}
    for name in part.__slots__:  # type: ignore[attr-defined]
        value = getattr(part, name)
        if isinstance(value, bytes):
            value = body_to_json(value)
        elif isinstance(value, Request | Reply):
            value = _plain(value)
        elif name == "headers":
            value = [list(pair) for pair in value]
        out[name] = value
    return out


def _rich(name: str, value: Json) -> Json:
    if name == "body":
        return body_from_json(value)
    if name == "headers":
        return tuple((str(k), str(v)) for k, v in value)
    if name == "request":
        return Request(**{k: _rich(k, v) for k, v in value.items()})
    if name == "reply" and isinstance(value, dict) and "status" in value and "headers" in value:
        return Reply(**{k: _rich(k, v) for k, v in value.items()})
    return value
