"""Reads profiles from YAML and says in one sentence what is wrong with a broken one.

It fills in defaults and compiles paths; it refuses to guess a fact the file does not state.
"""

from __future__ import annotations

import copy
import re
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bodydouble_contracts.data import profile_files
from bodydouble_contracts.vendors.profile import (
    WORDS,
    Capability,
    Have,
    Operation,
    Place,
    Places,
    Profile,
    Refusal,
    Role,
    Sample,
)

Json = Any
NEEDED = ("provider", "title", "as_of", "source", "money", "operations", "states", "roles")


class ProfileError(ValueError):
    """A profile that cannot be used; the text names file, field and what to do."""


def names() -> list[str]:
    """Return the names of the profiles that ship with the judge or with a vendor's package."""
    return list(profile_files())


@cache
def load(name: str) -> Profile:
    """Return a shipped profile by name, or the one in a YAML file. Raises ProfileError."""
    path = Path(name) if name.endswith((".yaml", ".yml")) else profile_files().get(name)
    if path is None or not path.is_file():
        raise ProfileError(f"there is no profile {name!r}: known are {', '.join(names())}")
    try:
        data = yaml.safe_load(path.read_text())
    except yaml.YAMLError as error:
        raise ProfileError(f"{path.name} is not YAML: {error}") from error
    if not isinstance(data, dict):
        raise ProfileError(f"{path.name} holds no mapping: see an existing profile for the shape")
    missing = [key for key in NEEDED if key not in data]
    if missing:
        raise ProfileError(f"{path.name} lacks {', '.join(missing)}")
    try:
        return build(data, str(path))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ProfileError(f"{path.name}: {type(error).__name__}: {error}") from error


def build(data: dict[str, Json], file: str = "") -> Profile:
    """Return the profile that plain data describes. Raises KeyError, TypeError or ValueError."""
    bad = [f"{k}: {v}" for k, v in data["states"].items() if v not in WORDS]
    if bad:
        raise ValueError(f"states may only map to {', '.join(WORDS)}, not {bad}")
    own = {
        "provider", "title", "as_of", "source", "document", "mount", "host", "operations",
        "states", "roles", "capabilities", "samples", "refusals", "errors", "money",
    }  # fmt: skip
    samples = tuple(sample(s) for s in data.get("samples", []))
    return Profile(
        provider=data["provider"],
        title=data["title"],
        as_of=str(data["as_of"]),
        source=data["source"],
        document=data.get("document", ""),
        mount=data.get("mount", ""),
        host=data.get("host", ""),
        scale=int(data["money"]["scale"]),
        operations={n: operation(n, o) for n, o in data["operations"].items()},
        states={str(k): v for k, v in data["states"].items()},
        roles={n: role(n, r or {}) for n, r in data["roles"].items()},
        capabilities={n: capability(n, c) for n, c in data.get("capabilities", {}).items()},
        samples=samples,
        refusals=tuple(refusal(r, samples) for r in data.get("refusals", [])),
        errors={str(k): v for k, v in data.get("errors", {}).items()},
        extra={k: v for k, v in data.items() if k not in own} | {"money": data["money"]},
        file=file,
    )


def operation(name: str, data: dict[str, Json]) -> Operation:
    """Return one operation; its path's `{name}` parts become named groups."""
    parts = re.split(r"\{(\w+)\}", data["path"])
    regex = "".join(
        f"(?P<{part}>[^/]+)" if index % 2 else re.escape(part) for index, part in enumerate(parts)
    )
    given = dict(data)
    at = {k: places(v) for k, v in given.pop("at", {}).items()}
    item = {k: places(v) for k, v in given.pop("item", {}).items()}
    given["ok"] = tuple(given.get("ok", [200]))
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


def capability(name: str, data: Json) -> Capability:
    """Return a capability. YAML reads a bare yes as true, so both are understood."""
    have, source = (data["have"], data["source"]) if isinstance(data, dict) else data
    words: dict[Json, Have] = {True: "yes", False: "no", "yes": "yes", "no": "no"}
    words["unknown"] = "unknown"
    if have not in words:
        raise ValueError(f"capability {name} is yes, no or unknown, not {have!r}")
    return Capability(words[have], source)


def role(name: str, data: dict[str, Json]) -> Role:
    """Return a role; its account is the main one unless said otherwise."""
    scopes = tuple(data.get("scopes", ()))
    return Role(
        name=name,
        account=data.get("account", name),
        env=data.get("env", ""),
        scopes=scopes,
        balance=str(data.get("balance", "")),
        key=data.get("key", {}),
    )


def sample(data: dict[str, Json]) -> Sample:
    """Return a sample request."""
    return Sample(
        data["name"],
        data.get("op", "submit"),
        {k: grown(v) for k, v in data["body"].items()},
        str(data.get("price", "")),
        data.get("source", "assumption"),
        tuple(data.get("tags", ())),
    )


def refusal(data: dict[str, Json], samples: tuple[Sample, ...]) -> Refusal:
    """Return a refusal: a sample by name with members set or dropped, or a body of its own."""
    base = next((s for s in samples if s.name == data.get("from")), None)
    if base is None and "body" not in data:
        raise ValueError(f"refusal {data.get('name')!r} needs `from` a known sample, or `body`")
    body = copy.deepcopy(base.body) if base else data["body"]
    for key in data.get("drop", []):
        body.pop(key, None)
    for key, value in data.get("set", {}).items():
        body[key] = grown(value)
    status = data.get("status", [])
    return Refusal(
        name=data["name"],
        kind=data["kind"],
        op=data.get("op", base.op if base else "submit"),
        body=body,
        status=tuple(status if isinstance(status, list) else [status]),
        codes=tuple(data.get("codes", ())),
        field=data.get("field", ""),
        source=data.get("source", "assumption"),
    )


def grown(value: Json) -> Json:
    """Turn `{repeat: [text, times]}` into the long text it describes."""
    if isinstance(value, dict) and set(value) == {"repeat"}:
        text, times = value["repeat"]
        return str(text) * int(times)
    return value
