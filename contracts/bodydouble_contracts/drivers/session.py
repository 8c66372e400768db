"""A session: one sandbox (or one live account) that a driver acts in, while everything is recorded.

It knows whose key a role uses and never writes it down: replies are searched for every known key
before they are stored. It acts and records; it refuses to judge.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, urlencode

from bodydouble_contracts.drivers.bodies import as_sent, encode, form_of
from bodydouble_contracts.drivers.credentials import credentials, key_in_environment, masked
from bodydouble_contracts.drivers.media_hosts import MediaHosts
from bodydouble_contracts.history.exchanges import (
    ClockMove,
    Control,
    Exchange,
    Headers,
    History,
    Mark,
    Reply,
    Request,
    Step,
    carries_a_credential,
)
from bodydouble_contracts.reading.calls import WITHOUT, Call
from bodydouble_contracts.targets.control import ControlPlane, Sandbox
from bodydouble_contracts.targets.target import Lost, Target
from bodydouble_contracts.vendors.profile import Operation, Profile

Json = Any
UNSET: Any = object()


@dataclass(slots=True)
class Session:
    """Everything a driver needs: `call` operations by name, move the clock, steer the sandbox."""

    target: Target
    profile: Profile
    driver: str = "directed"
    scenario: str = ""
    seed: int = 0
    control: ControlPlane | None = None
    sandbox: Sandbox | None = None
    inbox: Any = None
    steps: list[Step] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)
    known: dict[tuple[str, str], str] = field(default_factory=dict)
    tick: int = 0
    serial: int = 0
    media: MediaHosts = field(init=False)

    def __post_init__(self) -> None:
        """Links may lead to the target's own host, or where the profile says."""
        self.media = MediaHosts(self.target, self.profile)

    def call(
        self,
        name: str,
        role: str = "main",
        *,
        body: Json = UNSET,
        query: dict[str, Json] | None = None,
        headers: dict[str, str] | None = None,
        intent: dict[str, str] | None = None,
        raw: bytes | None = None,
        parts: dict[str, str] | None = None,
        **params: str,
    ) -> Call:
        """Call an operation by its name or by what it does; path parameters by name or `parts`."""
        operation = self.profile.called(name, params.get("job", ""))
        data = operation.body if body is UNSET else body
        content = raw if raw is not None else b"" if data is None else encode(data)
        heads = {"Content-Type": "application/json"} if content else {}
        target = self.profile.mount + self.path(operation, {**params, **(parts or {})})
        target += "?" + urlencode(query) if query else ""
        heads.update(headers or {})
        request = Request(operation.method, target, role, tuple(heads.items()), content)
        return self.send(request, intent)

    def balance(self, role: str = "main") -> Call | None:
        """Read the balance of a role's account, where the vendor shows one."""
        return self.call("balance", role) if self.profile.doing("balance") else None

    def path(self, operation: Operation, params: dict[str, str]) -> str:
        """Return the path of an operation, asking for what operations provide."""
        path = operation.path
        for part in operation.pattern.groupindex:
            value = params.get(part) or self.value(part)
            path = path.replace("{%s}" % part, quote(value, safe=""))  # noqa: UP031 - braces
        return path

    def value(self, name: str, role: str = "main") -> str:
        """Return a value some operation provides (the user's id), asking once per account."""
        known = self.profile.roles.get(role)
        able = known is not None and not known.dead and not known.scopes
        asking = role if able else "main"
        place = (self.profile.roles[asking].account, name)
        if place not in self.known:
            source = self.profile.section("provides").get(name)
            if not source:
                raise KeyError(f"the profile of {self.profile.provider} provides no {name!r}")
            for _ in range(4):  # without it later requests make no sense
                made = self.call(source["op"], asking)
                self.known[place] = str(made.at(source["place"]))
                if not made.lost and self.upload(made):
                    break
        return self.known[place]

    def upload(self, made: Call) -> bool:
        """Send the file that an operation has announced, if it has; say whether none was lost."""
        whole = True
        for source in self.profile.section("provides").values():
            if "form" in source and made.ok and made.op and made.op.name == source["op"]:
                url = str(made.at(source["form"]["url"]))
                asked = form_of(made, source["form"])
                whole = not self.send(asked, {"link": "upload"}, media=self.media.at(url)).lost
        return whole

    def submit(
        self,
        sample: str = "cheapest",
        role: str = "main",
        *,
        key: str | None = None,
        body: Json = UNSET,
        intent: dict[str, str] | None = None,
        raw: bytes | None = None,
    ) -> Call:
        """Submit a sample by name or tag, optionally under an idempotency key."""
        chosen = next((s for s in self.profile.samples if s.name == sample), None)
        chosen = chosen or self.profile.sample(sample)
        data = self.filled(chosen.body, role) if body is UNSET else body
        marks = {"sample": chosen.name} if body is UNSET and raw is None else {}
        if groups := [tag for tag in chosen.tags if tag.startswith("costs:")]:
            marks["price_group"] = groups[-1]
        heads = self.key_headers(key)
        marks |= intent or {}
        return self.call(chosen.op, role, body=data, headers=heads, intent=marks, raw=raw)

    def key_headers(self, key: str | None, spelling: int = 0) -> dict[str, str]:
        """Return the idempotency header for a key, in one of the vendor's spellings."""
        names = self.profile.section("idempotency").get("headers", [])
        return {names[spelling % len(names)]: key} if key is not None and names else {}

    def filled(self, body: Json, role: str = "main") -> Json:
        """Replace `{name}` texts in a body by values that operations provide to a role."""
        if isinstance(body, dict):
            return {k: self.filled(v, role) for k, v in body.items()}
        if isinstance(body, list):
            return [self.filled(v, role) for v in body]
        if isinstance(body, str) and body.startswith("{") and body.endswith("}"):
            return self.value(body[1:-1], role)
        return body

    def send(
        self,
        request: Request,
        intent: dict[str, str] | None = None,
        *,
        media: Target | None = None,
    ) -> Call:
        """Send any request as the role would, and record the exchange. A file's own address
        (`media`) gets neither key nor constant headers; the intent may leave one of these out."""
        if media is None:
            without = (intent or {}).get(WITHOUT, "")
            request = replace(request, headers=self.profile.sent(request.headers, without))
        request = as_sent(request)
        wire = replace(request, headers=request.headers + self.credentials(request.role))
        began, sent = self.begin(), time.monotonic_ns() // 1000
        reply, lost = None, ""
        try:
            reply = (media or self.target).send(wire)
        except Lost as error:
            lost = str(error) or "lost"
        return self.note(request, reply, began=began, sent=sent, lost=lost, intent=intent)

    def begin(self) -> int:
        """Take the next tick."""
        self.tick += 1
        return self.tick

    def note(
        self,
        request: Request,
        reply: Reply | None,
        *,
        began: int,
        sent: int = 0,
        lost: str = "",
        intent: dict[str, str] | None = None,
    ) -> Call:
        """Record one exchange, with keys masked, and return it as a call."""
        kept = tuple(h for h in request.headers if not carries_a_credential(h[0]))
        asked = Request(request.method, request.target, request.role, kept, request.body)
        took = time.monotonic_ns() // 1000 - sent if sent else 0
        told = masked(reply, self.keys) if reply else None
        made = Exchange(
            asked, told, began, self.begin(), self.now_us, sent, took, lost, intent or {}
        )
        self.steps.append(made)
        return Call(made, self.profile, len(self.steps) - 1)

    def credentials(self, role: str) -> Headers:
        """Return the headers that make a request come from a role."""
        return credentials(self.profile, role, self.key)

    def key(self, role: str) -> str:
        """Return a role's key: made by the control plane, or found in the environment."""
        if role not in self.keys:
            self.keys[role] = self._new_key(role)
        return self.keys[role]

    def _new_key(self, name: str) -> str:
        role = self.profile.roles[name]
        if self.control and self.sandbox:
            spec: dict[str, Json] = {"account": role.account, **role.key}
            if role.scopes:
                spec["scopes"] = list(role.scopes)
            if role.balance:
                spec["balance"] = role.balance
            made = self.control.key(self.sandbox, spec)
            self.steps.append(Control("key", {"role": name, **spec}, at_us=self.now_us))
            return made
        return key_in_environment(role)

    def has(self, role: str) -> bool:
        """Whether there is a key of a role: made when it is asked for, or in the environment."""
        known = self.profile.roles.get(role)
        able = self.control is not None or role in self.keys
        return known is not None and (able or bool(os.environ.get(known.env)))

    @property
    def now_us(self) -> int:
        """The target's time as best known."""
        return self.sandbox.now_us if self.sandbox else time.time_ns() // 1000

    def advance(self, seconds: float, why: str = "") -> None:
        """Move the clock, where the judge can; else do nothing."""
        if self.control and self.sandbox:
            moved = self.control.move(self.sandbox, {"advance_s": seconds})
            self.steps.append(ClockMove(self.sandbox.now_us, moved, why))
            self.collect()

    def next_event(self) -> None:
        """Move the clock to the next thing that is due, where the judge can."""
        if self.control and self.sandbox:
            moved = self.control.move(self.sandbox, {"until": "next-event"})
            self.steps.append(ClockMove(self.sandbox.now_us, moved, "next event"))
            self.collect()

    def wait(self) -> bool:
        """Let a moment of real time pass, where that is all one can do; say whether it did."""
        return False

    def use(self, action: str, **data: Json) -> bool:
        """Do something only the control plane can; say whether it was done."""
        if not (self.control and self.sandbox):
            return False
        self.control.use(self.sandbox, action, data)
        self.steps.append(Control(action, data, at_us=self.now_us))
        return True

    def mark(self, name: str, **data: Json) -> None:
        """Leave a remark for the contracts."""
        self.steps.append(Mark(name, data))

    def collect(self) -> None:
        """Take over what has arrived at the inbox since."""
        if self.inbox is not None:
            for delivery in self.inbox.take(self):
                self.steps.append(delivery)

    def fresh(self, prefix: str = "k") -> str:
        """Return a text no earlier call of this session used: a new idempotency key, a new name."""
        self.serial += 1
        return f"{prefix}-{self.seed}-{self.serial}"

    def history(self) -> History:
        """Return what was recorded."""
        return History(
            provider=self.profile.provider,
            target=self.target.name,
            driver=self.driver,
            scenario=self.scenario,
            seed=self.seed,
            controlled=self.control is not None,
            steps=tuple(self.steps),
        )

    def close(self) -> None:
        """Forget the sandbox, and let go of hosts beside the target."""
        self.media.close()
        if self.control and self.sandbox:
            self.control.forget(self.sandbox)
