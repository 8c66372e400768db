"""What is read of a create body: first by the gate, for its model; then by the task layer.

Forms count as JSON whose members are all texts. It refuses to know what a channel makes of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NoReturn
from urllib.parse import parse_qsl

from tests.contracts.third_party.gateway.replies import Asked, Json, gate_error, task_error

MAX_S = 3600
MAX_INT = 2**63
TEXTS = ("prompt", "model", "mode", "image", "size", "seconds", "input_reference")
WORDS = {bool: "bool", int: "number", float: "number", str: "string", list: "array", dict: "object"}
NO_MODEL = "Model name not specified, model name cannot be empty"
DOUBLED = "Invalid request: Invalid request: "


@dataclass(frozen=True)
class Part:
    """One part of a multipart body."""

    head: bytes
    name: str
    data: bytes
    file: bool


class Members(dict[str, Json]):
    """A JSON object: of two members of one name the last counts, and the `first` is kept."""

    def __init__(self, pairs: Iterable[tuple[str, Json]]) -> None:
        listed = list(pairs)
        super().__init__(listed)
        self.first = dict(reversed(listed))


@dataclass(frozen=True)
class Body:
    """A create body as it came: its encoding, its members, and the parts of a multipart one."""

    kind: str
    members: Members
    parts: tuple[Part, ...] = ()

    @property
    def form(self) -> bool:
        """Whether it is a form of either kind."""
        return self.kind != "json"


@dataclass(frozen=True)
class Order:
    """What the task layer reads of a body; a length of 0 was not given."""

    model: str
    body: Body
    prompt: str = ""
    mode: str = ""
    image: str = ""
    size: str = ""
    duration: int = 0
    seconds: int = 0
    metadata: dict[str, Json] = field(default_factory=dict)


def read_body(asked: Asked, cap: int) -> Body:
    """Return the body of a request as the gate reads it. Refuses what it cannot read at all."""
    if len(asked.raw) > cap:
        said = f"request body exceeds {cap >> 20} MB: request body too large"
        raise gate_error(asked, 400, DOUBLED + said)
    kind = asked.header("content-type").partition(";")[0].strip().lower()
    if kind == "application/json":
        return Body("json", json_members(asked))
    if kind == "multipart/form-data":
        parts = tuple(multipart(asked))
        pairs = [(p.name, p.data.decode(errors="replace")) for p in parts if not p.file]
        return Body("multipart", Members(pairs), parts)
    if kind == "application/x-www-form-urlencoded":
        text = asked.raw.decode(errors="replace")
        return Body("urlencoded", Members(parse_qsl(text, keep_blank_values=True)))
    return Body("json", Members(()))


def json_members(asked: Asked) -> Members:
    """Return the members of a JSON body; what is no object has none. Refuses what is no JSON."""
    if not asked.raw.strip():
        return Members(())
    try:
        text = asked.raw.decode(errors="replace")
        made = json.loads(
            text, object_pairs_hook=Members, parse_int=integer, parse_constant=no_number
        )
    except (ValueError, RecursionError):
        raise gate_error(asked, 400, DOUBLED + "invalid JSON request body") from None
    return made if isinstance(made, Members) else Members(())


def integer(text: str) -> int | float:
    """Return an integer that a computer of 64 bits holds, or a number that it does not."""
    return int(text) if len(text) < 20 else float(text)


def no_number(text: str) -> NoReturn:
    """Refuse NaN and the infinities, which are no JSON."""
    raise ValueError(text)


def multipart(asked: Asked) -> list[Part]:
    """Return the parts of a multipart body. Refuses one that has no end or no boundary."""
    found = re.search(r'boundary="?([^";]+)', asked.header("content-type"))
    pieces = asked.raw.split(b"--" + found.group(1).encode()) if found else []
    if len(pieces) < 3 or not pieces[-1].startswith(b"--"):
        raise gate_error(asked, 400, DOUBLED + "multipart: NextPart: EOF")
    made = []
    for piece in pieces[1:-1]:
        head, _, data = piece.partition(b"\r\n\r\n")
        name = re.search(rb'[; ]name="([^"]*)"', head)
        told = name.group(1).decode(errors="replace") if name else ""
        made.append(Part(head.strip(), told, data.removesuffix(b"\r\n"), b"filename=" in head))
    return made


def model_of(asked: Asked, body: Body) -> str:
    """Return the model that the gate sees: of two members the first. Refuses what is no text."""
    model = body.members.first.get("model")
    if model is not None and not isinstance(model, str):
        raise gate_error(asked, 400, DOUBLED + "field model must be a string")
    return model or ""


def whole(value: Json) -> int:
    """Return a length in seconds, given as an integer or its text; whatever else is no length."""
    if isinstance(value, str) and re.fullmatch(r"[+-]?[0-9]{1,19}", value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= MAX_INT:
        return 0
    return value


def wrong_type(value: Json, wanted: str, at: str) -> str:
    """Say in the decoder's words that a value has another type."""
    return (
        f"json: cannot unmarshal {WORDS[plain(value)]} into Go struct field {at} of type {wanted}"
    )


def plain(value: Json) -> type:
    """Return the JSON type of a value."""
    return dict if isinstance(value, dict) else type(value)


def read_order(body: Body, model: str, bad_type: str) -> Order:
    """Return what the task layer reads. `bad_type` is the code for a member of another type.

    Refuses with a 400: a member of another type, no prompt, a length out of bounds.
    """
    members = body.members
    for name, value in members.items():
        if name in TEXTS and not isinstance(value, str | None):
            raise task_error(400, bad_type, wrong_type(value, "string", f".Alias.{name}"))
        if name == "images" and not body.form and not isinstance(value, list | None):
            raise task_error(400, bad_type, wrong_type(value, "[]string", ".Alias.images"))
    texts = {name: members.get(name) or "" for name in ("prompt", "mode", "image", "size")}
    if not texts["prompt"].strip():
        raise task_error(400, "invalid_request", "prompt is required")
    duration, seconds = whole(members.get("duration")), whole(members.get("seconds"))
    if not (0 <= duration <= MAX_S and 0 <= seconds <= MAX_S):
        raise task_error(400, "invalid_seconds", f"seconds must be between 1 and {MAX_S}")
    if body.form:  # in JSON the text `seconds` is bounded, and read by some kinds of channel only
        duration = duration or seconds
    bag = metadata_of(members.get("metadata"))
    return Order(model, body, **texts, duration=duration, seconds=seconds, metadata=bag)


def metadata_of(value: Json) -> dict[str, Json]:
    """Return the bag of further members, an object or its text; anything else is ignored."""
    if isinstance(value, str):
        try:
            value = json.loads(value, parse_constant=no_number)
        except (ValueError, RecursionError):
            return {}
    return dict(value) if isinstance(value, dict) else {}
