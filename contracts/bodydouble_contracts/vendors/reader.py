"""Reads profiles from YAML and says in one sentence what is wrong with a broken one.

It fills in defaults and compiles paths; what is allowed is the schema's affair. It refuses to
guess a fact that the file does not state.
"""

from __future__ import annotations

import copy
import re
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from bodydouble_contracts.data import profile_files, program_files
from bodydouble_contracts.vendors import checking, consistency
from bodydouble_contracts.vendors.checking import Marked, ProfileError
from bodydouble_contracts.vendors.parts import (
    Cancel,
    Capability,
    Failing,
    Have,
    Header,
    Refusal,
    Role,
    Rule,
    Sample,
    Slots,
)
from bodydouble_contracts.vendors.profile import Operation, Place, Places, Profile

Json = Any
DEFAULTS = {
    "absent": 404, "insufficient": 402, "malformed": 400, "unmatched": 404, "unauthorized": 401,
    "conflict": 409, "cancel.final": 409,
}  # fmt: skip
"""Statuses of refusals that a profile need not name."""


def names() -> list[str]:
    """Return the names of the profiles that ship with the judge or with a vendor's package."""
    return list(profile_files())


def programs() -> list[str]:
    """Return the names of the profiles of programs, which are judged only when they are named."""
    return list(program_files())


@cache
def load(name: str) -> Profile:
    """Return a shipped profile by name, or the one in a YAML file. Raises ProfileError."""
    shipped = {**program_files(), **profile_files()}
    path = Path(name) if name.endswith((".yaml", ".yml")) else shipped.get(name)
    if path is None or not path.is_file():
        raise ProfileError(f"there is no profile {name!r}: known are {', '.join(shipped)}")
    return checked(checking.read_marked(path))


def checked(marked: Marked) -> Profile:
    """Return the profile in a file's data. Raises ProfileError with file and line."""
    checking.check(marked)
    consistency.check(marked)
    return build(marked.data, marked.file)


def build(data: dict[str, Json], file: str = "") -> Profile:
    """Return the profile that checked data describes."""
    own = {
        "provider", "title", "as_of", "source", "document", "mount", "host", "operations",
        "states", "roles", "capabilities", "samples", "refusals", "errors", "headers", "slots",
        "cancel", "unseen_states",
    }  # fmt: skip
    operations = {n: operation(n, o) for n, o in data["operations"].items()}
    first = next(o.name for o in operations.values() if o.does == "submit")
    samples = tuple(sample(s, first) for s in data["samples"])
    unseen = data.get("unseen_states", {})
    slots, cancel = data.get("slots"), data.get("cancel", {})
    return Profile(
        provider=data["provider"],
        title=data["title"],
        as_of=data["as_of"],
        source=data["source"],
        document=data.get("document", ""),
        mount=data.get("mount", ""),
        host=data.get("host", ""),
        scale=int(data["money"]["scale"]),
        operations=operations,
        states={**data["states"], **{w: u["means"] for w, u in unseen.items()}},
        unseen=frozenset(unseen),
        roles={n: role(n, r or {}, data["provider"]) for n, r in data["roles"].items()},
        capabilities={n: capability(c) for n, c in data.get("capabilities", {}).items()},
        samples=samples,
        refusals=tuple(refusal(r, samples, first) for r in data.get("refusals", [])),
        refused=rules(data),
        headers=tuple(header(n, h) for n, h in data.get("headers", {}).items()),
        failing=tuple(
            Failing(
                name=f["name"],
                op=op_of(f, samples, first),
                body=body_of(f, samples),
                scenario=tuple(f.get("scenario", {}).items()),
                reason=f.get("reason", ""),
                source=f["source"],
            )
            for f in data.get("provoke", {}).get("failing", [])
        ),
        slots=Slots(**slots) if slots else None,
        cancel=Cancel(cancel.get("reply") == "none", cancel.get("removes", False)),
        errors=data.get("errors", {}),
        extra={k: v for k, v in data.items() if k not in own},
        file=file,
    )


def operation(name: str, data: dict[str, Json]) -> Operation:
    """Return one operation; its path's `{name}` parts become named groups."""
    parts = re.split(r"\{(\w+)\}", data["path"].partition("?")[0])
    regex = "".join(
        f"(?P<{part}>[^/]+)" if index % 2 else re.escape(part) for index, part in enumerate(parts)
    )
    given = dict(data)
    at = {k: places(v) for k, v in given.pop("at", {}).items()}
    item = {k: places(v) for k, v in given.pop("item", {}).items()}
    given["ok"] = tuple(given.get("ok", [200]))
    given["also"] = tuple(given.get("also", []))
    given["open_to"] = tuple(given.get("open_to", []))
    given.setdefault("does", name)
    return Operation(name=name, at=at, item=item, pattern=re.compile(regex), **given)


def places(data: Json) -> Places:
    """Return places from a pointer, a list of them, or mappings with `at`, `times`, `when`."""
    out = []
    for entry in data if isinstance(data, list) else [data]:
        if isinstance(entry, str):
            out.append(Place(entry))
        else:
            when = tuple((k, v) for k, v in entry.get("when", {}).items())
            out.append(Place(entry["at"], Decimal(str(entry.get("times", 1))), when))
    return tuple(out)


def rules(data: dict[str, Json]) -> dict[str, Rule]:
    """Return how the vendor refuses what is asked everywhere, by name, defaults filled in."""
    cancel = data.get("cancel", {})
    given = {name: data.get(name, {}) for name in DEFAULTS if "." not in name}
    given["conflict"] = data.get("idempotency", {}).get("conflict", {})
    out = {n: rule({"status": DEFAULTS[n], **g}) for n, g in given.items()}
    for name in ("final", "bare", "absent", "running"):
        if name in cancel:
            out[f"cancel.{name}"] = rule(cancel[name])
    out.setdefault("cancel.final", rule({"status": DEFAULTS["cancel.final"]}))
    for role_, status in given["unauthorized"].items():
        if role_ not in ("status", "codes", "text"):
            out[f"unauthorized.{role_}"] = rule({"status": status})
    return out


def rule(data: dict[str, Json]) -> Rule:
    """Return how one refusal is recognised."""
    status, text = data["status"], data.get("text")
    return Rule(
        tuple(status if isinstance(status, list) else [status]),
        tuple(data.get("codes", ())),
        re.compile(text, re.IGNORECASE) if text else None,
    )


def header(name: str, data: Json) -> Header:
    """Return a constant header."""
    if isinstance(data, str):
        return Header(name, data)
    required, unknown = data.get("required"), data.get("unknown")
    return Header(
        name,
        data["value"],
        rule(required) if required else None,
        data.get("wrong", ""),
        rule(unknown) if unknown else None,
    )


def capability(data: Json) -> Capability:
    """Return a capability. YAML reads a bare yes as true, so both are understood."""
    words: dict[Json, Have] = {True: "yes", False: "no"}
    return Capability(words.get(data[0], data[0]), data[1])


def role(name: str, data: dict[str, Json], provider: str) -> Role:
    """Return a role; its account goes by its own name unless said otherwise."""
    variable = re.sub(r"\W", "_", f"BODYDOUBLE_{provider}_{name}").upper()
    return Role(
        name=name,
        account=data.get("account", name),
        env=data.get("env", variable),
        scopes=tuple(data.get("scopes", ())),
        balance=data.get("balance", ""),
        key=data.get("key", {}),
    )


def sample(data: dict[str, Json], first: str) -> Sample:
    """Return a sample request."""
    return Sample(
        data["name"],
        data.get("op", first),
        grown(data["body"]),
        data.get("price", ""),
        data.get("source", "assumption"),
        tuple(data.get("tags", ())),
    )


def refusal(data: dict[str, Json], samples: tuple[Sample, ...], first: str) -> Refusal:
    """Return a refusal: a sample by name with members set or dropped, or a body of its own."""
    return Refusal(
        name=data["name"],
        kind=data["kind"],
        op=op_of(data, samples, first),
        body=body_of(data, samples),
        rule=rule(data),
        field=data.get("field", ""),
        source=data.get("source", "assumption"),
    )


def op_of(data: dict[str, Json], samples: tuple[Sample, ...], first: str) -> str:
    """Return the operation of a request: its own, its sample's, or the first that submits."""
    base = next((s.op for s in samples if s.name == data.get("from")), first)
    return str(data.get("op", base))


def body_of(data: dict[str, Json], samples: tuple[Sample, ...]) -> Json:
    """Return the body of a request: its own, or a sample's with members set and dropped."""
    if "body" in data:
        return grown(data["body"])
    body = copy.deepcopy(next(s.body for s in samples if s.name == data["from"]))
    for key in data.get("drop", []):
        body.pop(key, None)
    return {**body, **grown(data.get("set", {}))}


def grown(value: Json) -> Json:
    """Turn every `{repeat: [text, times]}` into the long text it describes."""
    if isinstance(value, list):
        return [grown(v) for v in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"repeat"}:
        text, times = value["repeat"]
        return str(text) * int(times)
    return {k: grown(v) for k, v in value.items()}
