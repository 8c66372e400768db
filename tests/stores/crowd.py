"""Clients of one sandbox at once, each at one of several servers, and what they saw.

Each call is kept with its place among all beginnings and ends; whether it makes sense is the
model's to say (`linear`). It speaks HTTP by the judge's profile and knows no store.
"""

from __future__ import annotations

import asyncio
import random
from decimal import Decimal
from itertools import count

import httpx

from bodydouble_contracts.vendors.profile import find
from tests.stores.linear import Called, Wallet, fits, in_order
from tests.stores.sides import PLANE
from tests.stores.stage import ASKED, HEADER, KEYED

CLIENTS, CALLS = 8, 5
STUCK_S = 20.0
SUBMIT, BALANCE = ASKED.profile.operations["submit"], ASKED.profile.operations["balance"]
CANCEL = ASKED.profile.operations["cancel"]
SAMPLE = next(one for one in ASKED.profile.samples if one.price and one.op == "submit")


class Crowd:
    """Clients of one sandbox, each at one of several servers, and what they saw."""

    def __init__(self, servers: list[httpx.AsyncClient], seed: int) -> None:
        self.servers, self.rng = servers, random.Random(seed)
        self.moments = count()
        self.history: list[Called] = []
        self.jobs: list[str] = []

    async def open(self, price_times: int) -> Wallet:
        """A frozen sandbox whose wallet pays for so many orders; the model of it."""
        at = self.servers[0]
        made = (await at.post(f"{PLANE}/sandboxes", json={"rate": 0, "seed": 7})).json()
        self.plane = f"{PLANE}/sandboxes/{made['id']}"
        wanted = {"provider": KEYED, "rate_limit": 10**9}
        self.key = (await at.post(f"{self.plane}/keys", json=wanted)).json()["key"]
        self.price = Decimal(SAMPLE.price)
        balance = self.price * price_times
        path = f"{self.plane}/accounts/{KEYED}/main/balance"
        (await at.put(path, json={"amount": str(balance)})).raise_for_status()
        return Wallet(self.price, balance)

    async def call(self, at: httpx.AsyncClient, verb: str, about: str) -> None:
        """One call, kept with its beginning and its end."""
        began = next(self.moments)
        status, job, amount = await self._answered(at, verb, about)
        self.history.append(Called(verb, about, status, job, amount, began, next(self.moments)))
        if verb == "order" and status == 202:
            self.jobs.append(job)

    async def _answered(
        self, at: httpx.AsyncClient, verb: str, about: str
    ) -> tuple[int, str, Decimal]:
        mount, none = ASKED.profile.mount, Decimal(0)
        if verb == "pay":
            path = f"{self.plane}/accounts/{KEYED}/main/top-ups"
            paid = await at.post(path, json={"amount": about})
            return paid.status_code, "", Decimal(paid.json().get("balance", 0))
        headers = ASKED.headers(self.key, **({HEADER: about} if verb == "order" and about else {}))
        if verb == "order":
            body = SAMPLE.body
            made = await at.post(f"{mount}{SUBMIT.path}", json=body, headers=headers)
            if made.status_code != 202:
                return made.status_code, "", none
            left = find(SUBMIT.at["remaining"], made.json())
            return 202, str(find(SUBMIT.at["id"], made.json())), Decimal(str(left))
        if verb == "cancel":
            path = f"{mount}{CANCEL.path}".format(job=about)
            canceled = await at.request(CANCEL.method, path, json={}, headers=headers)
            return canceled.status_code, "", none
        seen = await at.get(f"{mount}{BALANCE.path}", headers=headers)
        total = find(BALANCE.at["total"], seen.json()) if seen.is_success else 0
        return seen.status_code, "", Decimal(str(total))

    async def client(self, number: int, rng: random.Random) -> None:
        """One client's calls, at its server."""
        at = self.servers[number % len(self.servers)]
        for _ in range(CALLS):
            verb = rng.choice(["order", "order", "order", "order", "cancel", "look", "pay"])
            about = rng.choice(["", "k1", "k2", "k3"]) if verb == "order" else ""
            if verb == "pay":
                about = str(self.price)
            if verb == "cancel":
                if not self.jobs:
                    verb = "look"
                else:
                    about = rng.choice(self.jobs[-3:])
            await self.call(at, verb, about)

    async def judged(self) -> None:
        """Everybody at once, then one last look; AssertionError where no order fits."""
        wallet = await self.open(3)
        seeds = [random.Random(self.rng.random()) for _ in range(CLIENTS)]
        try:
            async with asyncio.timeout(STUCK_S), asyncio.TaskGroup() as all_at_once:
                for number, rng in enumerate(seeds):
                    all_at_once.create_task(self.client(number, rng))
            await self.call(self.servers[0], "look", "")
        except TimeoutError:
            raise AssertionError("no order fits: somebody waits for ever") from None
        told = "\n".join(map(str, sorted(self.history, key=lambda one: one.ended)))
        assert in_order(self.history, wallet, fits), f"no order fits\n{told}"


Met = dict[str, int]


def met(history: list[Called]) -> Met:
    """How often calls overlapped, a key was used again, a wallet was empty, a cancel too late."""
    orders = [one for one in history if one.verb == "order"]
    made = [one.job for one in orders if one.status == 202]
    return {
        "overlaps": sum(
            one.began < other.began < one.ended for one in history for other in history
        ),
        "replays": len(made) - len(set(made)),
        "empty": sum(one.status == 402 for one in orders),
        "late cancels": sum(one.status == 409 for one in history),
        "cancels": sum(one.verb == "cancel" and one.status == 200 for one in history),
    }
