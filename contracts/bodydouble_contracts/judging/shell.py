"""Requests as a shell says them: one curl line each, byte for byte, and a whole trace as a script.

A line runs when pasted, with `$BASE` and one `$KEY_ROLE` per role set; a script takes over the ids
that its own target gives, and moves the clock where the judge did. Nothing secret is in a history,
so nothing secret can be printed.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator

from bodydouble_contracts.history.exchanges import ClockMove, Control, Exchange, History, Request
from bodydouble_contracts.reading.calls import Call
from bodydouble_contracts.vendors.profile import Profile, present

DOTS = re.compile(r"/(\.|%2e)", re.IGNORECASE)
PICK = """pick() { python3 -c 'import json, sys
doc = json.load(sys.stdin)
for name in sys.argv[1].strip("/").split("/"):
    doc = doc[int(name)] if isinstance(doc, list) else doc[name]
print(doc)' "$1"; }"""
IDS = ("id", "twin", "hook", "image")
JSON_TYPE = "-H 'Content-Type: application/json'"


def curl(request: Request, profile: Profile, ids: dict[str, str] | None = None) -> str:
    """Return one request as a curl command; known ids become the variables they are kept in."""
    parts = ["curl", "-sS", *method_of(request)]
    if DOTS.search(request.path):
        parts.append("--path-as-is")
    if set("[]{}") & set(request.target):
        parts.append("--globoff")
    if request.role not in ("nobody", "control"):
        rule = profile.section("key")
        parts += [
            "-H",
            f'"{rule.get("header", "Authorization")}: {credential(request.role, rule)}"',
        ]
    for name, value in request.headers:
        parts += ["-H", shlex.quote(f"{name}: {value}" if value else f"{name};")]
    before = ""
    if request.body:
        if request.header("content-type") is None:
            parts += ["-H", "'Content-Type:'"]  # curl would call it a form
        before, data = data_of(request.body)
        parts += data
    line = " ".join([*parts, f'"$BASE"{shlex.quote(request.target)}'])
    for found, name in (ids or {}).items():
        line = line.replace(found, f"'\"${name}\"'" if f"'{found}" in line else f'"${name}"')
    return before + line


def method_of(request: Request) -> list[str]:
    """Return the options of a method; curl waits for a body that HEAD never brings."""
    return ["--head"] if request.method == "HEAD" else ["-X", request.method]


def credential(role: str, rule: dict[str, str]) -> str:
    """Return the value of the key's header: a variable, or what is no secret."""
    scheme = rule.get("scheme", "Bearer")
    known = {"malformed": rule.get("malformed", "not-a-key"), "unissued": rule.get("unissued", "")}
    if role == "scheme":
        return f"{rule.get('wrong_scheme', 'Basic')} $KEY_MAIN".strip()
    return f"{scheme} {known.get(role) or f'$KEY_{role.upper()}'}".strip()


def data_of(body: bytes) -> tuple[str, list[str]]:
    """Return what comes before curl, and its options, so that exactly these bytes are sent."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" not in text:
        return "", ["--data-raw", shlex.quote(text)]
    octal = "".join(f"\\{byte:03o}" for byte in body)
    return f"printf '{octal}' | ", ["--data-binary", "@-"]


def script(history: History, profile: Profile) -> Iterator[str]:
    """Yield a trace as a script: `BASE` is the target's root, and keys are made where it can."""
    exchanges = [s for s in history.steps if isinstance(s, Exchange)]
    roles = dict.fromkeys(s.request.role for s in exchanges)
    yield "#!/bin/sh"
    yield "BASE=${BASE:-http://127.0.0.1:8750}"
    yield PICK
    yield from keys(history, profile, [r for r in roles if r in profile.roles])
    ids: dict[str, str] = {}
    for index, step in enumerate(history.steps):
        if isinstance(step, Exchange):
            yield from exchange(Call(step, profile, index), ids)
        elif isinstance(step, ClockMove):
            yield control("PATCH", "/$BOX/clock", {"advance_s": step.by_us / 1e6}, profile)
        elif isinstance(step, Control) and step.action == "scenario":
            yield control("PUT", "/$BOX/scenario", step.data, profile)
        elif isinstance(step, Control) and step.action == "fault":
            provider = profile.section("control").get("provider", profile.provider)
            yield control("POST", "/$BOX/faults", {"provider": provider, **step.data}, profile)


def exchange(call: Call, ids: dict[str, str]) -> Iterator[str]:
    """Yield one request with what it was answered; an id it brings is kept in a variable."""
    told = str(call.status) if call.status else f"no reply ({call.x.lost})"
    line = curl(call.x.request, call.profile, ids)
    for name in IDS if call.op and call.ok else ():
        value = call.at(name)
        places = call.op.at.get(name, ()) if call.op else ()
        if present(value) and len(str(value)) > 3 and str(value) not in ids:
            ids[str(value)] = f"{name.upper()}_{len(ids) + 1}"
            yield f"{ids[str(value)]}=$({line} | pick {places[0].pointer})  # {told}"
            return
    yield f"{line}  # {told}"


def keys(history: History, profile: Profile, roles: list[str]) -> Iterator[str]:
    """Yield how a sandbox and the keys of roles are made, or what has to be set."""
    section = profile.section("control")
    if not (history.controlled and section.get("prefix")):
        yield from (f': "${{KEY_{role.upper()}:?}}"' for role in roles)
        return
    provider = section.get("provider", profile.provider)
    spec = {"seed": history.seed, "rate": 0, **section.get("sandbox", {})}
    yield f"MADE=$({control('POST', '', spec, profile)})"
    yield 'BOX=$(printf %s "$MADE" | pick /id)'
    for name in roles:
        role = profile.roles[name]
        if name == "main" and not role.key:
            yield f'KEY_MAIN=$(printf %s "$MADE" | pick /keys/{provider})'
            continue
        asked = {"provider": provider, "account": role.account, **role.key}
        asked |= {"scopes": list(role.scopes)} if role.scopes else {}
        asked |= {"balance": role.balance} if role.balance else {}
        made = control("POST", "/$BOX/keys", asked, profile)
        yield f"KEY_{name.upper()}=$({made} | pick /key)"


def control(method: str, path: str, data: object, profile: Profile) -> str:
    """Return one request to the control plane."""
    prefix = profile.section("control").get("prefix", "")
    body = shlex.quote(json.dumps(data))
    return f'curl -sS -X {method} {JSON_TYPE} -d {body} "$BASE{prefix}/sandboxes{path}"'
