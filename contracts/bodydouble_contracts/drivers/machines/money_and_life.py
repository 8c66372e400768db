"""The machines themselves: money, life, access, pages, input, limits.

Each keeps a small stock of jobs and keys and knows how to act like a client; none of them looks
at a reply but to learn ids. Teardown settles: everything is polled, every balance read.
"""

from __future__ import annotations

import sys
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from bodydouble_contracts.drivers.moves import let_fail, read, refused, spellings, try_cancel, twin
from bodydouble_contracts.drivers.sandboxes import open_session
from bodydouble_contracts.drivers.session import Session
from bodydouble_contracts.history.exchanges import History
from bodydouble_contracts.history.pointers import MISSING
from bodydouble_contracts.reading.calls import Call
from bodydouble_contracts.targets.target import Target
from bodydouble_contracts.vendors.profile import FINAL, Profile

PICK = st.integers(0, 11)
WAITS = st.sampled_from([0, 1, 2, 5, 21, 61, 600, 3700, 40000, 86401])
MAX_JOBS = 12


class Machine(RuleBasedStateMachine):
    """A session of its own, a stock of jobs by owner, and the moves all machines share."""

    target: ClassVar[Target]
    profile: ClassVar[Profile]
    number: ClassVar[int]
    found: ClassVar[list[History]]
    spec: ClassVar[dict[str, Any]] = {}

    def __init__(self) -> None:
        """Open the session."""
        super().__init__()
        name = type(self).__name__
        self.session: Session = open_session(
            self.target, self.profile, driver="machine", scenario=name, seed=self.number
        )
        self.jobs: list[tuple[str, str]] = []
        self.keyed: list[tuple[str, str, str]] = []
        self.roles: list[str] = [r for r in ("main", "other") if r in self.profile.roles]

    @classmethod
    def suits(cls, profile: Profile) -> bool:
        """Whether the vendor can do what the machine is about."""
        return bool(profile.section("control").get("prefix"))

    def has(self, capability: str) -> bool:
        """Whether the vendor can do something."""
        return self.profile.have(capability) == "yes"

    def keep(self, call: Call, role: str, key: str | None = None, sample: str = "") -> None:
        """Put an accepted job into stock."""
        found = call.at("id") if call.ok else MISSING
        if found is not MISSING and found is not None and len(self.jobs) < MAX_JOBS:
            self.jobs.append((str(found), role))
            if key is not None:
                self.keyed.append((key, role, sample))

    def job(self, pick: int) -> tuple[str, str]:
        """Return one job of the stock with its owner's role."""
        return self.jobs[pick % len(self.jobs)]

    def samples(self) -> list[str]:
        """Return the samples worth drawing: not those at a limit of length."""
        return [s.name for s in self.profile.samples if "limit" not in s.tags]

    def submit(self, pick: int, role: str, key: str | None = None) -> Call:
        """Submit a drawn sample."""
        names = self.samples()
        sample = names[pick % len(names)] if pick > 3 else self.profile.sample().name
        made = self.session.submit(sample, role, key=key)
        self.keep(made, role, key, sample)
        return made

    def read(self, job: str, role: str) -> Call:
        """Read a job."""
        return read(self.session, job, role)

    def balance(self, role: str) -> None:
        """Read every balance the vendor shows."""
        for operation in self.profile.doing("balance"):
            self.session.call(operation.name, role)

    def teardown(self) -> None:
        """Settle and hand over the history; a machine that failed hands over nothing."""
        if sys.exc_info()[0] is None:
            self.settle()
            self.found.append(self.session.history())
        self.session.close()

    def settle(self) -> None:
        """Poll everything to its end, read the balances, walk the lists."""
        for wait in (0, self.profile.longest_s):
            self.session.advance(wait)
            for job, role in self.jobs:
                self.read(job, role)
            for role in self.roles:
                self.balance(role)
                for operation in self.profile.doing("list"):
                    self.session.call(operation.name, role)
        for job, _ in self.jobs:
            self.session.mark("patient", job=job)


class Money(Machine):
    """Submissions, replays, failures, cancels, with the balance read after every write."""

    @initialize(failing=st.booleans())
    def begin(self, failing: bool) -> None:
        """Half of all sessions fail what they accept."""
        self.roles = [r for r in ("main", "other", "poor") if r in self.profile.roles]
        for role in self.roles:
            self.balance(role)
        if failing:
            let_fail(self.session)

    @rule(pick=PICK, who=PICK, key=st.sampled_from([None, None, "a", "b", "new"]))
    def buy(self, pick: int, who: int, key: str | None) -> None:
        """Submit, with or without a key."""
        role = self.roles[who % len(self.roles)]
        name = self.session.fresh() if key == "new" else key
        self.submit(pick, role, name if self.has("idempotency") else None)
        self.balance(role)

    @precondition(lambda self: self.keyed)
    @rule(pick=PICK, how=st.sampled_from(["same", "same", "spelled", "other body", "other role"]))
    def again(self, pick: int, how: str) -> None:
        """Repeat a keyed submission: as it was, spelled anew, changed, or as somebody else."""
        key, role, sample = self.keyed[pick % len(self.keyed)]
        chosen = next(s for s in self.profile.samples if s.name == sample)
        if how == "other role":
            role = next(r for r in self.roles if r != role)
        if how == "spelled":
            raw = spellings(self.session.filled(chosen.body, role))
            self.session.submit(sample, role, key=key, raw=raw[pick % len(raw)])
        elif how == "other body":
            names = [n for n in self.samples() if n != sample]
            self.session.submit(names[pick % len(names)], role, key=key)
        else:
            self.keep(self.session.submit(sample, role, key=key), role)
        self.balance(role)

    @rule(who=PICK, pick=PICK)
    def refused(self, who: int, pick: int) -> None:
        """Send something that must be refused; it costs nothing."""
        role = self.roles[who % len(self.roles)]
        entry = self.profile.refusals[pick % len(self.profile.refusals)]
        refused(self.session, entry, role)
        self.balance(role)

    @precondition(lambda self: self.jobs)
    @rule(pick=PICK)
    def stop(self, pick: int) -> None:
        """Look, cancel where the vendor has it, look again."""
        job, role = self.job(pick)
        self.read(job, role)
        self.balance(role)
        try_cancel(self.session, job, role)
        self.read(job, role)
        self.balance(role)

    @precondition(lambda self: self.jobs)
    @rule(pick=PICK)
    def look(self, pick: int) -> None:
        """Read a job and the balance."""
        job, role = self.job(pick)
        self.read(job, role)
        self.balance(role)

    @rule(wait=WAITS)
    def wait(self, wait: int) -> None:
        """Let time pass."""
        self.session.advance(wait)

    @rule()
    def next_event(self) -> None:
        """Let time pass until something happens."""
        self.session.next_event()

    @rule(well=st.booleans())
    def weather(self, well: bool) -> None:
        """Jobs accepted from now on go well, or fail."""
        let_fail(self.session, not well)

    @rule(who=PICK)
    def earn(self, who: int) -> None:
        """Top an account up."""
        role = self.roles[who % len(self.roles)]
        amount = self.profile.section("provoke").get("top_up")
        if amount:
            self.session.use("top_up", account=self.profile.roles[role].account, amount=amount)
            self.balance(role)

    @precondition(lambda self: self.has("idempotency"))
    @rule(pick=PICK)
    def lose(self, pick: int) -> None:
        """Lose the reply to a keyed submission and repeat it."""
        fault = self.profile.section("provoke").get("lost_reply")
        if fault:
            self.balance("main")
            self.session.use("fault", **fault)
            key = self.session.fresh()
            self.submit(pick, "main", key)
            self.submit(pick, "main", key)
            self.balance("main")


class Life(Machine):
    """Jobs followed like a client library does, by every road."""

    @initialize(pick=PICK, failing=st.sampled_from([False, False, True]))
    def begin(self, pick: int, failing: bool) -> None:
        """Every scenario has a job."""
        if failing:
            let_fail(self.session)
        self.submit(pick, "main")

    @rule(pick=PICK)
    def more(self, pick: int) -> None:
        """One more job."""
        self.submit(pick, "main")

    @precondition(lambda self: self.jobs)
    @rule(pick=PICK, step=st.sampled_from([1, 2, 3, 7, 30]))
    def poll(self, pick: int, step: int) -> None:
        """Poll in small steps until the end, then look twice more."""
        job, role = self.job(pick)
        for _ in range(6):
            call = self.read(job, role)
            if self.profile.word(call.at("state")) in FINAL:
                break
            self.session.advance(step)
        self.read(job, role)
        twin(self.session, self.read(job, role), role)

    @precondition(lambda self: self.jobs)
    @rule(pick=PICK)
    def stop(self, pick: int) -> None:
        """Cancel, twice."""
        job, role = self.job(pick)
        self.read(job, role)
        try_cancel(self.session, job, role)
        try_cancel(self.session, job, role)
        self.read(job, role)

    @precondition(lambda self: self.jobs and self.has("remove"))
    @rule(pick=PICK, often=st.sampled_from([0, 0, 0, 1]))
    def remove(self, pick: int, often: int) -> None:
        """Remove what a job made, now and then."""
        job, role = self.job(pick)
        call = self.read(job, role)
        if not often:
            return
        for operation in self.profile.doing("remove"):
            name = job if operation.of == "job" else call.at("twin")
            if name is not MISSING and name:
                part = next(iter(operation.pattern.groupindex))
                self.session.call(operation.name, role, parts={part: str(name)})
                if operation.of == "job":
                    self.jobs.remove((job, role))

    @rule()
    def lists(self) -> None:
        """List everything, twice."""
        for operation in self.profile.doing("list"):
            self.session.call(operation.name)
            self.session.call(operation.name)

    @rule(wait=WAITS)
    def wait(self, wait: int) -> None:
        """Let time pass."""
        self.session.advance(wait)

    @rule()
    def next_event(self) -> None:
        """Let time pass until something happens, and look."""
        self.session.next_event()
        for job, role in self.jobs[:3]:
            self.read(job, role)
