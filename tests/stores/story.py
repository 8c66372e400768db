"""Clients of every installed vendor and a tester who steers, over several stores at once.

They order, poll, cancel, delete, pay in, break things, move time, copy sandboxes and come back to
them; every reply and, in the end, everything kept must be alike on all sides. It knows vendors by
the judge's profiles alone, and counts what it met.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from bodydouble_contracts.vendors.profile import find
from tests.laws.session import Law
from tests.stores.keepers import flushed
from tests.stores.sides import PLANE, RECEIVER, Sides, World
from tests.vendors.asking import VENDORS, asking

SCENARIOS = ["normal", "fast", "flaky", "failed", "moderated", "slow", "stuck", "overloaded"]
FAULTS: list[dict[str, Any]] = [
    {"point": "arrival", "kind": "status", "status": 503},
    {"point": "acceptance", "kind": "status", "status": 500},
    {"point": "departure", "kind": "stale"},
    {"point": "departure", "kind": "garbage"},
    {"point": "delivery", "kind": "drop"},
    {"point": "delivery", "kind": "late"},
    {"point": "delivery", "kind": "duplicate"},
]
CLOCKS: list[dict[str, Any]] = [
    {"advance_s": 3},
    {"advance_s": 45},
    {"advance_s": 86_400},
    {"until": "next-event"},
    {"until": "idle"},
    {"advance_s": -1},
]
CHANGES: list[dict[str, Any]] = [
    {"finish": True},
    {"fail": {"reason": "moderated"}},
    {"fail": {"reason": "provider_error"}},
    {"cancel": True},
]
LOOKS = [
    "/accounts?offset=1",
    "/deliveries?limit=5&offset=1",
    "/export",
    "/jobs?limit=3&offset=1",
    "/lint",
    "/receipt",
    "/requests?limit=5",
    "/schedule?limit=4&offset=1",
    "/snapshots",
    "/webhooks",
]
VERBS = [
    ("POST", ""),
    ("POST", ""),
    ("PUT", "/n{}/restore"),
    ("GET", "/n{}/differences"),
    ("DELETE", "/n{}"),
]
BOXES_MAX = 3
BOX = st.integers(0, BOXES_MAX - 1)
NUMBER = st.integers(0, 40)
VENDOR = st.sampled_from(VENDORS)


class SameStory(Law):
    """Clients of every vendor, and a tester who steers, in up to three sandboxes."""

    world: ClassVar[World]
    redises: ClassVar[dict[str, str]]
    folder: ClassVar[Path]
    files: ClassVar[Iterator[int]]

    @initialize()
    def open(self) -> None:
        names = {"memory": "memory:", "sqlite": f"sqlite:{self.folder}/{next(self.files)}.db"}
        names |= {name: flushed(url) for name, url in self.redises.items()}
        self.sides = Sides(names, self.world)
        self.boxes: list[str] = []
        self.keys: dict[str, dict[str, str]] = {}
        self.jobs: list[tuple[str, str]] = []
        self.used: dict[tuple[str, str, str], str] = {}
        self.hooks: list[tuple[str, str]] = []
        self.enter(self.sides.ask("POST", f"{PLANE}/sandboxes", {"rate": 0, "seed": 7}).json())
        for vendor in VENDORS:
            self.subscribe(0, vendor)
            self.order(0, vendor, 0, "k1")
            # It would open the account; refused in the middle, it leaves nothing.
            self.pay(0, vendor, "other/top-ups", "0.000001")
        self.snapshots(0, VERBS[0], 0)

    def enter(self, made: Any) -> None:
        """Takes a sandbox into the story, by what its maker was told."""
        self.boxes.append(made["id"])
        self.keys[made["id"]] = made["keys"]

    def box(self, number: int) -> str:
        return f"{PLANE}/sandboxes/{self.boxes[number % len(self.boxes)]}"

    def call(self, box: int, vendor: str, verb: str, path: str, body: Any = None, **of: str) -> Any:
        """One request as the vendor's client sends it."""
        key = self.keys[self.boxes[box % len(self.boxes)]][vendor]
        asked = self.sides.ask(verb, path, body, asking(vendor).headers(key, **of))
        self.met("client", asked.status_code)
        return asked

    # What clients do ----------------------------------------------------------------------------

    @rule(box=BOX, vendor=VENDOR, sample=st.integers(0, 40), name=st.sampled_from(["", "k1", "k2"]))
    def order(self, box: int, vendor: str, sample: int, name: str) -> None:
        profile = asking(vendor).profile
        chosen = profile.samples[sample % len(profile.samples)]
        operation = profile.operations[chosen.op]
        of = dict.fromkeys(profile.section("idempotency").get("headers", [])[:1], name)
        path = f"{profile.mount}{operation.path}"
        asked = self.call(box, vendor, operation.method, path, chosen.body, **(of if name else {}))
        id = find(operation.at["id"], asked.json()) if asked.is_success and is_json(asked) else None
        if isinstance(id, str):
            place = (self.boxes[box % len(self.boxes)], vendor, name)
            if name and of and self.used.setdefault(place, id) != id:
                self.used[place] = id
                self.met("an expired key")
            self.jobs.append((vendor, id))

    @rule(
        box=BOX,
        vendor=VENDOR,
        seconds=st.sampled_from([0, 3, 45, 86_400]),
        does=st.sampled_from(["read", "cancel", "remove"]),
    )
    def live(self, box: int, vendor: str, seconds: int, does: str) -> None:
        """An order, some time, and one thing done with it; the next finds its key used."""
        self.order(box, vendor, 0, "k1")
        self.move(box, {"advance_s": seconds})
        self.ask_of_a_job(box, -1, does)

    @rule(box=BOX, number=NUMBER, does=st.sampled_from(["read", "read", "cancel", "remove"]))
    def ask_of_a_job(self, box: int, number: int, does: str) -> None:
        for vendor, job in self.chosen(number):
            profile = asking(vendor).profile
            for operation in profile.doing(does, "job")[:1]:
                path = f"{profile.mount}{operation.path}".format(job=job)
                asked = self.call(box, vendor, operation.method, path)
                self.met(does, asked.is_success)

    @rule(box=BOX, vendor=VENDOR, number=NUMBER)
    def read(self, box: int, vendor: str, number: int) -> None:
        profile = asking(vendor).profile
        plain = [one for one in profile.operations.values() if one.method == "GET"]
        plain = [one for one in plain if "{" not in one.path]
        self.call(box, vendor, "GET", f"{profile.mount}{plain[number % len(plain)].path}")

    def subscribe(self, box: int, vendor: str) -> None:
        profile = asking(vendor).profile
        operation = profile.operations.get("webhook_create")
        if operation is None:
            # Where there is no such request, a key may bring the address.
            wanted = {"provider": vendor, "callback_url": f"https://{RECEIVER}/all"}
            made = self.sides.ask("POST", f"{self.box(box)}/keys", wanted)
            if made.is_success:
                self.keys[self.boxes[box % len(self.boxes)]][vendor] = made.json()["key"]
            return
        events = profile.section("webhooks").get("events", operation.body["events"])
        body = {**operation.body, "url": f"https://{RECEIVER}/all", "events": [*events]}
        made = self.call(box, vendor, operation.method, f"{profile.mount}{operation.path}", body)
        if made.is_success:
            self.hooks.append((vendor, str(find(operation.at["hook"], made.json()))))

    @rule(box=BOX, number=NUMBER, does=st.sampled_from(["create", "update", "remove"]))
    def subscriptions(self, box: int, number: int, does: str) -> None:
        if does == "create" or not self.hooks:
            self.subscribe(box, VENDORS[number % len(VENDORS)])
            return
        vendor, hook = self.hooks[number % len(self.hooks)]
        profile = asking(vendor).profile
        operation = profile.operations[f"webhook_{does}"]
        path = f"{profile.mount}{operation.path}".format(hook=hook)
        self.call(box, vendor, operation.method, path, operation.body)

    def chosen(self, number: int) -> list[tuple[str, str]]:
        """The job of that number, if there is any."""
        return [self.jobs[number % len(self.jobs)]] if self.jobs else []

    # What a tester does -------------------------------------------------------------------------

    @rule(box=BOX, change=st.sampled_from(CLOCKS))
    def move(self, box: int, change: dict[str, Any]) -> None:
        self.met("time", self.sides.ask("PATCH", f"{self.box(box)}/clock", change).is_success)

    @rule(seconds=st.sampled_from([1, 31, 61]))
    def wait(self, seconds: int) -> None:
        self.world.now_us += seconds * 1_000_000

    @rule(box=BOX, name=st.sampled_from(SCENARIOS))
    def direct(self, box: int, name: str) -> None:
        self.sides.ask("PUT", f"{self.box(box)}/scenario", {"name": name})

    @rule(box=BOX, fault=st.sampled_from(FAULTS), clear=st.sampled_from([False, True]))
    def break_something(self, box: int, fault: dict[str, Any], clear: bool) -> None:
        if clear:
            self.sides.ask("DELETE", f"{self.box(box)}/faults")
        armed = self.sides.ask("POST", f"{self.box(box)}/faults", {**fault, "times": 2})
        assert armed.is_success, armed.text
        self.order(box, VENDORS[0], 0, "")

    @rule(
        box=BOX,
        vendor=VENDOR,
        account=st.sampled_from(["main/balance", "main/top-ups", "other/top-ups"]),
        amount=st.sampled_from(["0", "1", "500", "0.000001"]),
    )
    def pay(self, box: int, vendor: str, account: str, amount: str) -> None:
        path = f"{self.box(box)}/accounts/{vendor}/{account}"
        verb = "PUT" if account.endswith("balance") else "POST"
        self.met("paid", self.sides.ask(verb, path, {"amount": amount}).status_code)
        self.order(box, vendor, 0, "")

    @rule(box=BOX, number=NUMBER, change=st.sampled_from(CHANGES))
    def steer(self, box: int, number: int, change: dict[str, Any]) -> None:
        for _, job in self.chosen(number):
            asked = self.sides.ask("PATCH", f"{self.box(box)}/jobs/{job}", change)
            self.met("steered", asked.status_code)

    @rule(answers=st.sampled_from([[204], [500], [200, 503], [410]]), box=BOX, number=NUMBER)
    def answer(self, answers: list[int], box: int, number: int) -> None:
        self.sides.answers[:] = answers
        asked = self.sides.ask("POST", f"{self.box(box)}/deliveries/{number % 5 + 1}/retry")
        self.met("resent", asked.is_success)

    @rule(box=BOX, path=st.sampled_from(LOOKS))
    def look(self, box: int, path: str) -> None:
        assert self.sides.ask("GET", self.box(box) + path).is_success

    # Copies -------------------------------------------------------------------------------------

    @rule(box=BOX, verb=st.sampled_from(VERBS), number=st.integers(1, 2))
    def snapshots(self, box: int, verb: tuple[str, str], number: int) -> None:
        method, path = verb
        path = f"{self.box(box)}/snapshots{path}".format(number)
        asked = self.sides.ask(method, path, {} if method == "POST" else None)
        self.met("restored" if method == "PUT" else f"{method} snapshot", asked.is_success)

    @rule(box=BOX, exported=st.booleans())
    def copy(self, box: int, exported: bool) -> None:
        if len(self.boxes) == BOXES_MAX:
            self.sides.ask("DELETE", f"{PLANE}/sandboxes/{self.boxes.pop()}")
            self.met("dropped")
        elif exported:
            document = self.sides.ask("GET", f"{self.box(box)}/export?secrets=kept").json()
            self.enter(self.sides.ask("POST", f"{PLANE}/sandboxes/import", document).json())
            self.met("imported")
        else:
            self.enter(self.sides.ask("POST", f"{self.box(box)}/forks", {}).json())
            self.met("forked")

    def teardown(self) -> None:
        try:
            for box in range(len(self.boxes)):
                self.move(box, {"until": "idle"})
            for vendor in (one for one in VENDORS if asking(one).profile.section("idempotency")):
                # A day on, no key counts any more.
                self.live(0, vendor, 86_400, "read")
                self.order(0, vendor, 0, "k1")
            for path in LOOKS:
                self.look(0, path)
            for record in self.sides.compare():
                self.count(record)
        finally:
            self.sides.close()

    def count(self, record: str) -> None:
        """What a record at the end shows that the story went through."""
        kind, _, text = record.partition(" ")
        if kind == "Entry":
            self.met("entry", *re.findall(r"kind=<\w+\.(\w+)", text))
        elif kind == "Job":
            self.met("job", *re.findall(r"state=<\w+\.(\w+)", text))
        elif kind == "Delivery":
            self.met("delivery", *re.findall(r"status=<\w+\.(\w+)", text))
            self.met("delivery tried", min(text.count("Attempt("), 3))
        elif kind == "Exchange":
            for note in re.findall(r"'([a-z :-]+)'", text.rpartition("notes=")[2]):
                self.met("note", note)


def is_json(asked: Any) -> bool:
    """Whether it can be read: a fault may have spoiled it."""
    try:
        asked.json()
    except ValueError:
        return False
    return True
