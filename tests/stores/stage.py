"""A sandbox with a story, the requests that write in it, and what must hold in it at any time.

For one process after another on the same store. It knows the judge's profiles and the rules of
money, jobs, schedules and deliveries, and no store's ways.
"""

from __future__ import annotations

import asyncio
from collections import Counter as Tally
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx

from bodydouble.core.idempotency import Remembered
from bodydouble.core.jobs import Job
from bodydouble.core.keys import digest
from bodydouble.core.lifecycle import State
from bodydouble.core.money.ledger import Account, Entry, EntryKind
from bodydouble.core.schedule import Due, DueKind
from bodydouble.core.slots import Slot
from bodydouble.core.store import Record
from bodydouble.core.webhooks import Delivery, DeliveryStatus, Outgoing
from tests.stores.crashes import Ended, Scene, Writes, mortal
from tests.stores.sides import PLANE, RECEIVER, Receiver, Side, World
from tests.vendors.asking import VENDORS, asking

# A vendor with keys of idempotency and webhooks of its own, whichever it is.
KEYED = next(one for one in VENDORS if asking(one).profile.section("idempotency"))
ASKED = asking(KEYED)
HEADER = ASKED.profile.section("idempotency")["headers"][0]


class Stage:
    """One store, the process on it that may end, and the story up to the request."""

    def __init__(self, url: str, world: World) -> None:
        self.url, self.world = url, world
        self.runner = asyncio.Runner()
        self.receiver = Receiver([204])
        self.turn = 0
        self.side: Side | None = None
        self.box = self.key = self.plane = ""
        self.jobs: dict[str, str] = {}
        self.digests: list[str] = []

    def open(self, writes: Writes) -> None:
        """A new process on the store."""
        self.side = Side("", mortal(self.url, writes), self.receiver)

    def close(self) -> None:
        """The process is gone; its connections fall."""
        assert self.side is not None
        side, self.side = self.side, None

        async def fall() -> None:
            with suppress(Ended):
                await side.close()

        self.runner.run(fall())

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """One request of the control plane or, with headers, of a client."""
        assert self.side is not None
        self.turn += 1
        self.world.begin(self.turn)
        status, _, content = self.runner.run(self.side.ask(method, path, body, headers))
        return httpx.Response(status, content=content)

    def order(self, name: str) -> httpx.Response:
        """A submission under an idempotency key."""
        headers = ASKED.headers(self.key, **{HEADER: name})
        return self.ask("POST", ASKED.submit_path, ASKED.body("a fox"), **headers)

    def vendor(self, operation: str, body: Any = None, **names: str) -> httpx.Response:
        """Another request of the vendor's, by the profile's name for it."""
        one = ASKED.profile.operations[operation]
        path = f"{ASKED.profile.mount}{one.path}".format(**names)
        return self.ask(one.method, path, one.body if body is None else body, **self.headers)

    @property
    def headers(self) -> dict[str, str]:
        return ASKED.headers(self.key)

    def begin(self) -> Scene:
        """The story so far: jobs in every state, a webhook, a snapshot; then time goes on."""
        self.open(Writes())
        made = self.ask("POST", f"{PLANE}/sandboxes", {"rate": 1, "seed": 7}).json()
        self.box, self.key = made["id"], made["keys"][KEYED]
        self.plane = f"{PLANE}/sandboxes/{self.box}"
        self.digests = [digest(key) for key in made["keys"].values()]
        create = ASKED.profile.operations["webhook_create"]
        events = ASKED.profile.section("webhooks").get("events", create.body["events"])
        hook = self.vendor("webhook_create", {"url": f"https://{RECEIVER}/a", "events": [*events]})
        assert hook.is_success, hook.text
        for state in ("ended", "failed", "removed"):
            self.jobs[state] = ASKED.job(self.order(state))
        self.ask("PATCH", f"{self.plane}/jobs/{self.jobs['failed']}", {"fail": "moderated"})
        self.ask("PATCH", f"{self.plane}/clock", {"until": "idle"})
        self.ask("PUT", f"{self.plane}/scenario", {"name": "stuck"})
        self.jobs["running"] = ASKED.job(self.order("running"))
        self.ask("PATCH", f"{self.plane}/clock", {"advance_s": 100})
        self.ask("PUT", f"{self.plane}/scenario", {"name": "normal"})
        assert self.ask("POST", f"{self.plane}/snapshots", {}).is_success
        self.jobs["queued"] = ASKED.job(self.order("queued"))
        self.close()
        self.told = [*self.receiver.told]
        return self.runner.run(Scene.of(self.url, self.digests))


@dataclass(frozen=True)
class Act:
    """One request that writes. ``later_s`` is how much real time has passed by then."""

    name: str
    play: Callable[[Stage], httpx.Response]
    later_s: float = 0.0


def plane(name: str, method: str, path: str, body: Any = None) -> Act:
    """A verb of the control plane; ``{queued}`` and so on are jobs."""

    def play(stage: Stage) -> httpx.Response:
        return stage.ask(method, stage.plane + path.format(**stage.jobs), body)

    return Act(name, play)


def imported(stage: Stage) -> httpx.Response:
    document = stage.ask("GET", f"{stage.plane}/export?secrets=kept").json()
    return stage.ask("POST", f"{PLANE}/sandboxes/import", document)


def polled(stage: Stage) -> httpx.Response:
    path = ASKED.poll_path.format(job=stage.jobs["queued"])
    return stage.ask("GET", path, **stage.headers)


ACTS = [
    Act("order", lambda stage: stage.order("new")),
    Act("replay", lambda stage: stage.order("queued")),
    Act("a poll that settles", polled, later_s=1000),
    Act("cancel", lambda stage: stage.vendor("cancel", {}, job=stage.jobs["queued"])),
    Act("subscribe", lambda stage: stage.vendor("webhook_create", {
        "url": f"https://{RECEIVER}/b", "events": ["job.completed"]})),
    plane("top-up", "POST", f"/accounts/{KEYED}/main/top-ups", {"amount": "5"}),
    plane("balance", "PUT", f"/accounts/{KEYED}/main/balance", {"amount": "3"}),
    plane("time", "PATCH", "/clock", {"until": "idle"}),
    plane("finish", "PATCH", "/jobs/{running}", {"finish": True}),
    plane("fail", "PATCH", "/jobs/{running}", {"fail": "provider_error"}),
    plane("scenario", "PUT", "/scenario", {"name": "flaky"}),
    plane("fault", "POST", "/faults", {"point": "arrival", "kind": "status", "status": 503}),
    plane("retry", "POST", "/deliveries/1/retry"),
    plane("key", "POST", "/keys", {"provider": KEYED}),
    plane("save", "POST", "/snapshots", {}),
    plane("restore", "PUT", "/snapshots/n1/restore"),
    plane("forget", "DELETE", "/snapshots/n1"),
    plane("fork", "POST", "/forks", {}),
    Act("import", imported),
    plane("drop", "DELETE", ""),
]  # fmt: skip


# What must hold in every state -------------------------------------------------------------------


def judge(records: list[Record]) -> None:
    """AssertionError for what cannot be together in one sandbox."""

    def of(kind: type[Any]) -> list[Any]:
        return [one for one in records if isinstance(one, kind)]

    jobs = {one.id: one for one in of(Job)}
    entries: list[Entry] = of(Entry)
    for account in of(Account):
        total = sum(one.amount for one in entries if one.group == account.id)
        assert total == account.balance, f"money: {account.id} holds {account.balance}, not {total}"
        mine = [one for one in jobs.values() if one.group == account.id]
        running = sum(one.state is State.RUNNING for one in mine)
        waiting = sum(one.state is State.QUEUED for one in mine)
        assert (account.running, account.waiting) == (running, waiting), "an account miscounts"
    paid = Tally(one.job for one in entries if one.kind is EntryKind.CHARGE)
    assert paid == Tally(one.id for one in jobs.values() if one.submission.price), "money: charges"
    back = Tally(one.job for one in entries if one.kind is EntryKind.REFUND)
    assert back == Tally(one.id for one in jobs.values() if one.refunded), "money: refunds"
    for one in of(Remembered):
        assert not one.job or one.job in jobs, "a key remembers a job that is not there"
    planned = {(row.kind, row.target) for row in of(Due)}
    for job in jobs.values():
        kind = DueKind.START if job.state is State.QUEUED else DueKind.END
        future = not job.final and job.timeline.outcome is not None and job.slot is not Slot.AWAITED
        assert (kind, job.id) in planned or not future, f"{job.id} has no future"
    out = {one.delivery for one in of(Outgoing)}
    told = {one.job for one in of(Delivery)}
    for one in of(Delivery):
        waits = one.status is DeliveryStatus.PENDING and one.next_at_us is not None
        due = (DueKind.DELIVER, one.id) in planned or one.id in out
        assert due or not waits, f"delivery {one.id} is never sent"
    for job in jobs.values():
        silent = job.final and job.state is not State.CANCELED and job.provider == KEYED
        assert job.id in told or not silent, f"the end of {job.id} is told to nobody"
