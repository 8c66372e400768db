"""The one way out of a live run: every request passes here, and what replies teach is kept here.

Unknown writes, foreign hosts and a run that was stopped or is out of time are refused. A passage
by itself buys nothing. It knows the profile's words and refuses to know drivers and contracts.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from bodydouble_contracts.history.exchanges import Exchange, Reply, Request
from bodydouble_contracts.history.pointers import MISSING
from bodydouble_contracts.live.journal import Journal
from bodydouble_contracts.live.spending import BoughtJob, Spending
from bodydouble_contracts.reading.calls import Call, amounts
from bodydouble_contracts.targets.target import Lost, Target
from bodydouble_contracts.vendors.profile import FINAL, Operation, Profile

SAFE = frozenset({"GET", "HEAD"})
FREE_WRITES = frozenset({"cancel", "estimate"})
"""What a write may do without costing money, whatever the vendor; a profile may add to it."""
MARGIN = 10
"""How many times its published price a request is reserved at: price lists can be wrong."""
OVERRIDES = frozenset({"x-http-method-override", "x-http-method", "x-method-override"})
UNDECIDED = frozenset({408, 425})


class Refused(Exception):
    """The guard did not send a request. `kind` is one word, the text says why."""

    def __init__(self, kind: str, text: str) -> None:
        """Take the kind (`budget`, `unknown write`, `host`, `stopped`, `busy`, `time`)."""
        super().__init__(text)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Caps:
    """Ceilings in the profile's smallest unit; None is no ceiling."""

    run: int
    request: int | None = None
    day: int | None = None
    account: int | None = None


@dataclass(slots=True)
class Passage:
    """A target in front of another one. `secrets` maps key values to their role."""

    target: Target
    profile: Profile
    journal: Journal
    caps: Caps
    secrets: dict[str, str]
    hosts: frozenset[str]
    margin: int = MARGIN
    pace_s: float = 0.0
    deadline: float = float("inf")
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    accounts: dict[str, Spending] = field(default_factory=dict)
    jobs: dict[str, BoughtJob] = field(default_factory=dict)
    keyed: set[str] = field(default_factory=set)
    stopped: str = ""
    expecting_refusal: bool = False
    cleaning: bool = False
    requests: int = 0
    serial: int = 0
    lost_writes: int = 0
    name: str = ""
    _last: float = float("-inf")

    def __post_init__(self) -> None:
        """Go by the guarded target's name."""
        self.name = self.target.name

    def close(self) -> None:
        """Let go of connections; the journal stays with whoever opened it."""
        self.target.close()

    @property
    def gone(self) -> int:
        """What this run has cost at most, over all accounts."""
        return sum(a.gone for a in self.accounts.values())

    # -- one request -------------------------------------------------------------------------

    def send(self, request: Request) -> Reply:
        """Send one request if it may leave. Raises Refused (nothing was sent), Lost, or
        whatever the target raises."""
        operation = self._gate(request)
        role = self._role(request)
        if request.method in SAFE and (operation is None or operation.does != "submit"):
            reply = self.forward(request)
            self._learn(request, reply, role)
            return reply
        assert operation is not None
        if not role:
            return self._stray(request)
        if operation.does not in self.free_writes():
            return self.buy(request, role)
        self.account(role).fresh = False
        reply = self.forward(request)
        self._learn(request, reply, role)
        return reply

    def buy(self, request: Request, role: str) -> Reply:
        """Refuse: only a guard buys. Raises Refused."""
        raise Refused(
            "budget", f"{named(request)} for {role} may cost money, and nothing guards it"
        )

    def _gate(self, request: Request) -> Operation | None:
        if self.stopped and not self.cleaning:
            raise Refused("stopped", f"the run was stopped: {self.stopped}")
        if self.clock() > self.deadline and not self.cleaning:
            raise Refused("time", "the run's time is up")
        if not request.target.startswith("/"):
            raise Refused("host", f"{request.target!r} does not begin at the root of the target")
        host = urlsplit(self.target.name + request.target).hostname or ""
        if "://" in self.target.name and host not in self.hosts:
            raise Refused("host", f"{host} is not on the list of hosts a live run may reach")
        if any(name.lower() in OVERRIDES for name, _ in request.headers):
            raise Refused("unknown write", "a header that changes the method is never sent live")
        found = self.profile.match(request.method, request.path)
        if found is None and request.method not in SAFE:
            text = f"{named(request)} is no write the profile knows"
            raise Refused("unknown write", text)
        operation = found[0] if found else None
        known = self.free_writes() | {"submit"}
        if operation and request.method not in SAFE and operation.does not in known:
            raise Refused("unknown write", f"{operation.name} may change more than a live run may")
        return operation

    def forward(self, request: Request) -> Reply:
        wait = self._last + self.pace_s - self.clock()
        if wait > 0:
            self.sleep(wait)
        self._last = self.clock()
        self.requests += 1
        return self.target.send(request)

    def _stray(self, request: Request) -> Reply:
        """A write without any of our keys: nobody's account can pay for it but somebody else's."""
        reply = self.forward(request)
        if 200 <= reply.status < 300:
            self.stop(f"{named(request)} was accepted without a valid key")
        return reply

    # -- what replies teach ------------------------------------------------------------------

    def _learn(self, request: Request, reply: Reply, role: str) -> None:
        call = self.call_of(request, reply)
        if not call.ok or call.op is None or not role:
            return
        if call.does == "balance":
            units = amounts(call)
            if units is not None:
                self.account(role).saw(units)
        elif call.does in ("read", "cancel") and call.op.of == "job":
            job = self.jobs.get(str(call.at("id"))) or self.jobs.get(call.params.get("job", ""))
            raw = call.at("state")
            word = self.profile.word(raw) if raw is not MISSING else None
            if job and word:
                job.word, job.final = word, word in FINAL
            elif job and call.does == "cancel":
                job.word, job.final = "canceled", True

    def read_balance(self, request: Request, role: str) -> bool:
        """Read the account's balance with the same credentials; say whether that worked."""
        operation = balance_of(self.profile)
        if operation is None:
            return False
        names = {"content-type", "content-length"} | {
            n.lower() for n in self.profile.section("idempotency").get("headers", [])
        }
        heads = tuple(h for h in request.headers if h[0].lower() not in names)
        asked = Request("GET", self.profile.mount + operation.path, request.role, heads)
        try:
            reply = self.forward(asked)
        except Lost:
            return False
        account = self.account(role)
        account.fresh = False
        self._learn(asked, reply, role)
        return account.fresh

    def adjust(self) -> None:
        """Write into the journal what the balances fell by beyond what was booked."""
        for account in self.accounts.values():
            extra = account.spent - account.booked
            if extra > 0:
                self.serial += 1
                note = "the balance fell by more than was booked"
                account.entries[f"r{self.serial}"] = extra
                text = self.text(extra)
                self.journal.write("adjusted", account.name, f"r{self.serial}", text, note)

    # -- small things ------------------------------------------------------------------------

    def stop(self, why: str) -> None:
        self.stopped = self.stopped or why

    def free_writes(self) -> frozenset[str]:
        return FREE_WRITES | frozenset(self.profile.section("live").get("free_writes", []))

    def account(self, role: str) -> Spending:
        host = urlsplit(self.target.name).netloc or self.target.name
        name = f"{self.profile.provider}/{host}/{self.profile.roles[role].account}"
        return self.accounts.setdefault(name, Spending(name))

    def _role(self, request: Request) -> str:
        """Return the role whose key a request carries anywhere, or an empty text."""
        carried = request.target + "\n" + "\n".join(v for _, v in request.headers)
        for value, role in self.secrets.items():
            if value in carried or value.encode() in request.body:
                return role
        return ""

    def idempotency_key(self, request: Request) -> str:
        for name in self.profile.section("idempotency").get("headers", []):
            value = request.header(name)
            if value:
                return f"{self._role(request)}:{value}"
        return ""

    def call_of(self, request: Request, reply: Reply | None = None) -> Call:
        return Call(Exchange(request, reply, 0, 0, 0), self.profile)

    def text(self, units: int) -> str:
        return self.profile.amount(units)


def balance_of(profile: Profile) -> Operation | None:
    """Return how an account's balance is read, or None where the vendor shows none."""
    return next((o for o in profile.doing("balance") if not o.pattern.groupindex), None)


def named(request: Request) -> str:
    """Return a request as people name it."""
    return f"{request.method} {request.path}"
