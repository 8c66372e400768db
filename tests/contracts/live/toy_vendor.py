"""A vendor to be careful with: the toy behind a guard, with twists that a real one may have."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bodydouble_contracts.history.exchanges import Reply, Request
from bodydouble_contracts.live.guard import Guard
from bodydouble_contracts.live.journal import Journal
from bodydouble_contracts.live.passage import Caps
from bodydouble_contracts.targets.in_process import InProcess
from bodydouble_contracts.targets.target import Lost
from bodydouble_contracts.vendors.profile import Profile
from bodydouble_contracts.vendors.reader import load
from tests.contracts.toy import PROFILE, Toy

Twist = Callable[["Vendor", Request, Callable[[Request], Reply]], Reply]


@dataclass
class Vendor:
    """The toy as a vendor out there: one account `main` with money, one `empty`, and a twist."""

    balance: str = "100.00"
    twists: tuple[Twist, ...] = ()
    name: str = "toy"
    sent: list[Request] = field(default_factory=list)
    hold: bool = False

    def __post_init__(self) -> None:
        self.toy = Toy()
        self.inside = InProcess(self.toy)
        self.box = self._control("/sandboxes", {"balance": self.balance})
        path = f"/sandboxes/{self.box['id']}/keys"
        self.keys = {"main": self.box["keys"]["toy"]}
        for role, spec in {"empty": {"balance": "0.00"}, "other": {"balance": "100.00"}}.items():
            made = self._control(path, {"account": role, "rate_limit": 9999, **spec})
            self.keys[role] = made["key"]
        self.toy.boxes[self.box["id"]].keys[self.keys["main"]]["rate_limit"] = 9999

    def _control(self, path: str, data: dict[str, Any]) -> Any:
        body = json.dumps(data).encode()
        request = Request("POST", "/_bodydouble" + path, "control", (), body)
        return json.loads(self.inside.send(request).body)

    def cents(self, account: str = "main") -> int:
        """What the vendor itself says is left."""
        return int(self.toy.boxes[self.box["id"]].balance[account])

    def take(self, cents: int, account: str = "main") -> None:
        """Take money for no reason the price list gives."""
        self.toy.boxes[self.box["id"]].balance[account] -= cents

    def wait(self, seconds: float) -> None:
        """Time passes."""
        box = self.toy.boxes[self.box["id"]]
        if not self.hold:
            box.now += seconds
            box.settle()

    def send(self, request: Request) -> Reply:
        self.sent.append(request)

        def through(number: int) -> Callable[[Request], Reply]:
            if number == len(self.twists):
                return self.inside.send
            return lambda r: self.twists[number](self, r, through(number + 1))

        return through(0)(request)

    def close(self) -> None:
        pass


def profile() -> Profile:
    """The toy's profile as a live run sees it: no control plane."""
    found = load(PROFILE)
    extra = {k: v for k, v in found.extra.items() if k != "control"}
    extra["limits"] = {**extra["limits"], "requests": 9999}
    roles = {n: replace(r, key={}) for n, r in found.roles.items()}
    return replace(found, extra=extra, roles=roles)


def guarded(vendor: Vendor, folder: Path, run: int, **caps: int) -> Guard:
    """A guard in front of a vendor, with a budget in cents."""
    journal = Journal(folder / "journal.jsonl", "test")
    secrets = {value: role for role, value in vendor.keys.items()}
    ceiling = Caps(run, **caps)
    return Guard(vendor, profile(), journal, ceiling, secrets, frozenset(), sleep=vendor.wait)


def is_submit(request: Request) -> bool:
    return request.method == "POST" and request.path == "/api/clips"


def ten_times_dearer(vendor: Vendor, request: Request, go: Callable[[Request], Reply]) -> Reply:
    """Charge ten times the published price, and show the published one."""
    reply = go(request)
    if is_submit(request) and reply.status == 201:
        vendor.take(9 * json.loads(reply.body)["price"])
    return reply


def loses_replies(vendor: Vendor, request: Request, go: Callable[[Request], Reply]) -> Reply:
    """Make the job, charge for it, and say nothing."""
    reply = go(request)
    if is_submit(request) and reply.status == 201:
        raise Lost("the connection was reset")
    return reply


def fails_after(vendor: Vendor, request: Request, go: Callable[[Request], Reply]) -> Reply:
    """Make the job, charge for it, and answer 500."""
    reply = go(request)
    return Reply(500) if is_submit(request) and reply.status == 201 else reply


def never_cancels(vendor: Vendor, request: Request, go: Callable[[Request], Reply]) -> Reply:
    """Refuse every cancellation of a job that is there."""
    reply = go(request) if not request.path.endswith("/stop") or "box0" in request.path else None
    if reply is not None:
        return reply
    problem = {"problem": {"kind": "too_late", "text": "no", "members": []}}
    heads = (("content-type", "application/json"), ("x-trace", f"n{len(vendor.sent)}"))
    return Reply(409, heads, json.dumps(problem).encode())


def never_ends(vendor: Vendor, request: Request, go: Callable[[Request], Reply]) -> Reply:
    """Let no job end, and cancel none."""
    vendor.hold = True
    return never_cancels(vendor, request, go)


def accepts_anything(vendor: Vendor, request: Request, go: Callable[[Request], Reply]) -> Reply:
    """Repair a bad request instead of refusing it, and charge for it."""
    reply = go(request)
    if is_submit(request) and reply.status == 422:
        body = json.dumps({"text": "a song", "voice": "oak", "seconds": 4}).encode()
        return go(replace(request, body=body))
    return reply


def charges_refusals(vendor: Vendor, request: Request, go: Callable[[Request], Reply]) -> Reply:
    """Take the dearest price for a request that is refused."""
    reply = go(request)
    if is_submit(request) and reply.status in (402, 422):
        vendor.take(500, "empty" if vendor.keys["empty"] in str(request.headers) else "main")
    return reply


def hides_the_balance(vendor: Vendor, request: Request, go: Callable[[Request], Reply]) -> Reply:
    """Answer 503 to whoever asks for the balance."""
    return Reply(503) if request.path == "/api/wallet" else go(request)


def charges_late(vendor: Vendor, request: Request, go: Callable[[Request], Reply]) -> Reply:
    """Take another price when a finished job is looked at for the first time."""
    reply = go(request)
    if request.method == "GET" and b'"state": "done"' in reply.body and not vendor.hold:
        vendor.hold = True
        vendor.take(120)
    return reply
