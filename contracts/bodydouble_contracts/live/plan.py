"""A live plan: the very requests a live run may send, frozen in a file people read first.

It says of every step what it is for, whose key it carries, what must come of it and what it
costs at worst. Nothing is drawn and nothing is shrunk at the vendor's expense: what is not in the
plan is not sent. It refuses to send anything itself.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal

import yaml

from bodydouble_contracts.history.exchanges import Request
from bodydouble_contracts.reading.calls import BAD_KEYS, Call
from bodydouble_contracts.vendors.profile import Profile, present
from bodydouble_contracts.vendors.variants import profile_hash

Json = Any
FORMAT = 1
MAX_STEPS = 2_000
MAX_PLAN_BYTES = 8 * 1024 * 1024
Expect = Literal["anything", "refusal", "success"]


class PlanError(ValueError):
    """A plan that cannot be used; the text names the file and what is wrong."""


@dataclass(frozen=True, slots=True)
class Step:
    """One frozen request.

    `{job1}` and the like in the target stand for an id that an earlier step captured, `{run}` in
    a header for this run's own name. `body` is JSON, `raw` text that is not. With `until` set,
    the request is repeated until the job has ended. `price` is the published one, `reserve` what
    the guard puts aside, both in the profile's currency; empty is free.
    """

    tier: str
    what: str
    method: str
    target: str
    role: str = "main"
    headers: dict[str, str] = field(default_factory=dict)
    body: Json = None
    raw: str = ""
    expect: Expect = "anything"
    capture: dict[str, str] = field(default_factory=dict)
    until: str = ""
    price: str = ""
    reserve: str = ""
    intent: dict[str, str] = field(default_factory=dict)

    @property
    def needs(self) -> list[str]:
        """The names of captured ids that the target needs."""
        return [part.partition("}")[0] for part in self.target.split("{")[1:]]

    def request(self, ids: dict[str, str], run: str, mount: str = "") -> Request:
        """Return the request itself, with captured ids and this run's name filled in."""
        target = mount + self.target
        for name in self.needs:
            target = target.replace("{%s}" % name, ids[name])  # noqa: UP031 - braces
        heads = tuple((k, v.replace("{run}", run)) for k, v in self.headers.items())
        body = json.dumps(self.body).encode() if self.body is not None else self.raw.encode()
        return Request(self.method, target, self.role, heads, body)

    def learn(self, call: Call, ids: dict[str, str]) -> None:
        """Keep the ids that a reply to this step gives."""
        for name, place in self.capture.items():
            if present(found := call.at(place)):
                ids[name] = str(found)


@dataclass(frozen=True, slots=True)
class Plan:
    """All steps of a live run and its pace. `profile` is the hash of the profile it came from."""

    provider: str
    tier: str
    profile: str
    catalogue: str
    currency: str
    pace_ms: int
    poll_ms: int
    poll_limit: int
    minutes_max: float
    steps: tuple[Step, ...]
    format: int = FORMAT

    @property
    def roles(self) -> list[str]:
        """The roles whose keys the plan wants, in order of appearance."""
        return list(dict.fromkeys(s.role for s in self.steps))


def plan_hash(plan: Plan) -> str:
    """Return twelve hex digits over the whole plan."""
    return hashlib.sha256(json.dumps(asdict(plan), sort_keys=True).encode()).hexdigest()[:12]


def write_plan(plan: Plan, path: Path) -> None:
    """Write a plan as JSON, or as YAML if the file's name says so."""
    data = asdict(replace(plan, steps=()))
    data["steps"] = [slim(s) for s in plan.steps]
    if path.suffix in (".yaml", ".yml"):
        text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=120)
    else:
        text = json.dumps(data, ensure_ascii=False, indent=1) + "\n"
    path.write_text(text, encoding="utf-8")


def slim(step: Step) -> dict[str, Json]:
    """Return a step as data without what is only default."""
    return {
        f.name: value
        for f in fields(step)
        if (value := getattr(step, f.name)) not in ("", None, {}) or f.name in ("tier", "method")
    }


def read_plan(path: Path, profile: Profile) -> Plan:
    """Read a plan for a vendor. Raises PlanError in one sentence."""
    try:
        if path.stat().st_size > MAX_PLAN_BYTES:
            raise PlanError(f"the plan {path} is over 8 MiB: make it again")
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise PlanError(f"the plan {path} cannot be read: {error.strerror}") from error
    try:
        data = yaml.safe_load(text) if path.suffix in (".yaml", ".yml") else json.loads(text)
        plan = build_plan(data)
    except (ValueError, TypeError, KeyError, AttributeError, yaml.YAMLError) as error:
        short = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise PlanError(
            f"{path} is no live plan ({short}): make one with `plan {profile.provider}`"
        ) from error
    check_plan(plan, path, profile)
    return plan


def build_plan(data: Json) -> Plan:
    """Return the plan that plain data describes. Raises KeyError, TypeError or ValueError."""
    if data.get("format") != FORMAT:
        raise ValueError(f"its format is {data.get('format')!r}, not {FORMAT}")
    if len(data["steps"]) > MAX_STEPS:
        raise ValueError(f"it has more than {MAX_STEPS} steps")
    steps = tuple(Step(**s) for s in data["steps"])
    return Plan(**{**data, "steps": steps})


def check_plan(plan: Plan, path: Path, profile: Profile) -> None:
    """Raise PlanError for a plan that is not this vendor's, or was made from other facts."""
    if plan.provider != profile.provider:
        raise PlanError(f"{path} is a plan for {plan.provider}, not for {profile.provider}")
    if plan.profile != profile_hash(profile):
        raise PlanError(
            f"{path} was made from another profile of {profile.provider} ({plan.profile}, now "
            f"{profile_hash(profile)}): make the plan again and read it"
        )
    known = {*profile.roles, *BAD_KEYS}
    for number, step in enumerate(plan.steps, 1):
        if step.role not in known:
            raise PlanError(f"step {number} of {path} wants the role {step.role!r}, unknown here")
        if step.tier not in ("0", "1", "2", "3"):
            raise PlanError(f"step {number} of {path} is of tier {step.tier!r}: live goes to 3")
        if not step.target.startswith("/"):
            raise PlanError(f"step {number} of {path} has the target {step.target!r}, not a path")
