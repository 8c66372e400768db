"""State machines of access, pages, input and limits; `money_and_life` has what they share."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from bodydouble_contracts.drivers.machines.money_and_life import PICK, WAITS, Machine
from bodydouble_contracts.drivers.moves import plain_reads, refused, try_cancel
from bodydouble_contracts.drivers.scripts.lists import walk, words_of
from bodydouble_contracts.history.exchanges import Request
from bodydouble_contracts.history.pointers import MISSING
from bodydouble_contracts.reading import texts
from bodydouble_contracts.reading.calls import BAD_KEYS
from bodydouble_contracts.vendors.profile import Profile

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
TEXT = st.text(st.characters(exclude_categories=()), max_size=60)


class Access(Machine):
    """Everybody at everybody's jobs."""

    @initialize()
    def begin(self) -> None:
        """One job each."""
        for role in self.roles:
            self.submit(0, role)
        self.scoped = [r.name for r in self.profile.roles.values() if r.scopes]
        self.dead = [r.name for r in self.profile.roles.values() if r.dead]
        self.everybody = [*self.roles, *self.scoped, *self.dead, *BAD_KEYS]

    @rule(who=PICK, pick=PICK)
    def buy(self, who: int, pick: int) -> None:
        """Anybody submits."""
        self.submit(pick, self.everybody[who % len(self.everybody)])

    @precondition(lambda self: self.jobs)
    @rule(who=PICK, pick=PICK)
    def peek(self, who: int, pick: int) -> None:
        """Anybody reads any job."""
        job, owner = self.job(pick)
        self.read(job, self.everybody[who % len(self.everybody)])
        self.read(job, owner)

    @precondition(lambda self: self.jobs)
    @rule(who=PICK, pick=PICK)
    def meddle(self, who: int, pick: int) -> None:
        """Anybody but the owner cancels and removes; the owner looks before and after."""
        job, owner = self.job(pick)
        role = self.everybody[who % len(self.everybody)]
        if self.profile.roles.get(role) and self.profile.roles[role].account == owner:
            return
        call = self.read(job, owner)
        try_cancel(self.session, job, role)
        for operation in self.profile.doing("remove"):
            name = job if operation.of == "job" else call.at("twin")
            if name is not MISSING and name:
                part = next(iter(operation.pattern.groupindex))
                self.session.call(operation.name, role, parts={part: str(name)})
        self.read(job, owner)

    @rule(who=PICK, pick=PICK)
    def reads(self, who: int, pick: int) -> None:
        """Anybody reads what needs no id."""
        found = plain_reads(self.session)
        self.session.call(found[pick % len(found)].name, self.everybody[who % len(self.everybody)])

    @precondition(lambda self: self.has("idempotency"))
    @rule(who=PICK, key=st.sampled_from(["x", "y"]))
    def shared_key(self, who: int, key: str) -> None:
        """Accounts use the same idempotency keys."""
        role = self.roles[who % len(self.roles)]
        self.keep(self.session.submit(role=role, key=key), role)

    @rule(wait=WAITS)
    def wait(self, wait: int) -> None:
        """Let time pass."""
        self.session.advance(min(wait, 3700))


class Pages(Machine):
    """Lists of every size while jobs come and go."""

    @classmethod
    def suits(cls, profile: Profile) -> bool:
        """Only vendors with lists."""
        return super().suits(profile) and profile.have("list") == "yes"

    @initialize(count=st.integers(0, 5))
    def begin(self, count: int) -> None:
        """Some jobs."""
        for _ in range(count):
            self.submit(0, "main")

    @rule(pick=PICK)
    def buy(self, pick: int) -> None:
        """One more job."""
        self.submit(pick, "main")

    @rule(size=st.sampled_from([1, 2, 3, 5, 100]), pick=PICK)
    def walks(self, size: int, pick: int) -> None:
        """Walk a list."""
        found = self.profile.doing("list")
        walk(self.session, found[pick % len(found)], size)

    @rule(page=st.integers(0, 6), size=st.integers(0, 120), pick=PICK)
    def page(self, page: int, size: int, pick: int) -> None:
        """One page."""
        found = self.profile.doing("list")
        operation = found[pick % len(found)]
        query = operation.page(max(page - operation.first_page, 0), size)
        self.session.call(operation.name, query=query)

    @rule(pick=PICK)
    def filters(self, pick: int) -> None:
        """One filter, after a walk that tells what it should show."""
        for operation in self.profile.doing("list"):
            for param in operation.filters:
                words = words_of(self.session, operation, param)
                raw = words[pick % len(words)]
                walk(self.session, operation, 100)
                intent = {"filter": f"{param}={raw}"}
                self.session.call(operation.name, query={param: raw}, intent=intent)

    @precondition(lambda self: self.jobs)
    @rule(pick=PICK)
    def stop(self, pick: int) -> None:
        """Cancel one."""
        try_cancel(self.session, self.job(pick)[0])

    @rule(wait=WAITS)
    def wait(self, wait: int) -> None:
        """Let time pass."""
        self.session.advance(wait)


class Input(Machine):
    """Requests nobody would write by hand; mostly for an empty wallet, so that little is bought."""

    @rule(text=TEXT, rich=st.sampled_from([False, False, True]))
    def says(self, text: str, rich: bool) -> None:
        """Any text."""
        body = self.session.filled(self.profile.sample().body)
        body = texts.saying(self.profile, body, text)
        role = "main" if rich else "empty"
        made = self.session.submit(role=role, body=body, intent={"hostile_text": "1"})
        self.keep(made, role)

    @rule(pick=PICK, which=PICK, value=JSON)
    def member(self, pick: int, which: int, value: Any) -> None:
        """Any value for any member of any sample."""
        sample = self.profile.samples[pick % len(self.profile.samples)]
        body = dict(self.session.filled(sample.body))
        name = list(body)[which % len(body)]
        body[name] = value
        self.session.submit(sample.name, "empty", body=body, intent={"odd": "member"})

    @rule(value=JSON)
    def document(self, value: Any) -> None:
        """Any JSON as the whole body."""
        marks = {"odd": "document"}
        if not isinstance(value, dict):
            marks["malformed_body"] = "1"
        self.session.submit(role="empty", raw=json.dumps(value).encode(), intent=marks)

    @rule(raw=st.binary(max_size=40))
    def noise(self, raw: bytes) -> None:
        """Any bytes."""
        self.session.submit(role="empty", raw=raw, intent={"odd": "noise"})

    @rule(pick=PICK, text=TEXT)
    def ids(self, pick: int, text: str) -> None:
        """Any text as an id."""
        found = [o for o in self.profile.operations.values() if o.pattern.groupindex]
        operation = found[pick % len(found)]
        parts = dict.fromkeys(operation.pattern.groupindex, text or "x")
        try:
            self.session.call(operation.name, "empty", intent={"odd": "id"}, parts=parts)
        except UnicodeEncodeError:
            return

    @rule(pick=PICK, name=st.sampled_from(["page", "per_page", "status", "limit", "x"]), text=TEXT)
    def query(self, pick: int, name: str, text: str) -> None:
        """Any text as a query parameter."""
        found = plain_reads(self.session)
        operation = found[pick % len(found)]
        try:
            self.session.call(operation.name, "empty", query={name: text}, intent={"odd": "query"})
        except UnicodeEncodeError:
            return

    @rule(pick=PICK, method=st.sampled_from(["PUT", "PATCH", "DELETE", "POST", "OPTIONS"]))
    def method(self, pick: int, method: str) -> None:
        """Any verb on any path."""
        found = [o for o in self.profile.operations.values() if not o.pattern.groupindex]
        path = self.profile.mount + found[pick % len(found)].path
        if self.profile.match(method, path) is None:
            self.session.send(Request(method, path, "empty"), {"odd": "method"})

    @rule(pick=PICK)
    def refused(self, pick: int) -> None:
        """One of the profile's refusals."""
        entry = self.profile.refusals[pick % len(self.profile.refusals)]
        refused(self.session, entry)


class Limits(Machine):
    """A key with a small limit, used in bursts."""

    @classmethod
    def suits(cls, profile: Profile) -> bool:
        """Only vendors with limits."""
        return super().suits(profile) and profile.have("limits") == "yes"

    @rule(count=st.integers(1, 7))
    def burst(self, count: int) -> None:
        """Several requests at one instant."""
        ids = self.profile.section("unknown_ids")
        for _ in range(count):
            self.session.call("read", "limited", job=ids["job"])

    @rule()
    def buy(self) -> None:
        """A submission, with the balance read around it by another key."""
        self.balance("main")
        call = self.session.submit(role="limited")
        self.balance("main")
        self.keep(call, "main")

    @rule(wait=st.sampled_from([1, 10, 59, 60, 61]))
    def wait(self, wait: int) -> None:
        """Let time pass."""
        self.session.advance(wait)
