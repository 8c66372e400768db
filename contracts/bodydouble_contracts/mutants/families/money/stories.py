"""Mutants that tell of one sum in two ways, or charge for what was left out."""

from __future__ import annotations

from typing import Any

from bodydouble_contracts.history.pointers import get, put
from bodydouble_contracts.mutants.families.money.balances import NEEDS, Wallet
from bodydouble_contracts.mutants.messages import Answer, Ask
from bodydouble_contracts.mutants.middleware import Pause
from bodydouble_contracts.mutants.mutant import Mutant, mutant
from bodydouble_contracts.vendors.profile import Profile


class Retelling(Mutant):
    """Changes one of the places that tell of money."""

    does_it = ""

    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where the vendor has the place."""
        return bool(profile.doing(cls.does_it))


@mutant("B60", "usage tells of one order less", ["BIL-19"])
class LessUsage(Retelling):
    does_it = "usage"

    def response(self, req: Ask, resp: Answer) -> None:
        if self.does(req, "usage") and self.ok(req, resp):
            doc = resp.json
            shrink(doc)
            resp.json = doc


def shrink(doc: Any) -> None:
    """Take a tenth off every positive amount that is told of."""
    for name, value in list(doc.items()) if isinstance(doc, dict) else []:
        amount = isinstance(value, int | float) and not isinstance(value, bool)
        if amount and value > 0 and name in ("total_credits_used", "amount"):
            doc[name] = type(value)(round(value * 0.9, 4))
        shrink(value)
    for value in doc if isinstance(doc, list) else []:
        shrink(value)


@mutant("B61", "the log tells another price than the reply", ["BIL-19"])
class OtherLog(Retelling):
    does_it = "logs"

    def response(self, req: Ask, resp: Answer) -> None:
        if self.does(req, "logs") and self.ok(req, resp):
            doc = resp.json
            for row in get(doc, "/data") or []:
                if row.get("cost") not in (None, "0.0000"):
                    put(row, "/cost", "0.0100")
            resp.json = doc


@mutant(
    "B62",
    "of two views of the balance one does not know the last order",
    ["BIL-19", "BIL-04"],
    needs=NEEDS,
)
class TwoViews(Wallet):
    """The second lags by what was ordered last."""

    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where there are two."""
        return len(profile.doing("balance")) > 1

    def touch(self, req: Ask, resp: Answer) -> None:
        operation = self.op(req)
        last = list(self.costs.values())[-1:] if self.costs else []
        second = operation and operation == self.profile.doing("balance")[1]
        if last and second and self.ok(req, resp):
            for name in ("total", "parts"):
                self.add_units(req, resp, name, last[0])


@mutant("B63", "an order that leaves its length out costs twice", ["BIL-04", "BIL-02"], needs=NEEDS)
class DearDefault(Wallet):
    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where a sample leaves out what another one says."""
        return any(fuller(profile, s.op, s.body) for s in profile.samples)

    def changed(self, req: Ask, resp: Answer) -> None:
        operation = self.op(req)
        accepted = operation and self.does(req, "submit") and self.ok(req, resp)
        if operation and accepted and fuller(self.profile, operation.name, req.json):
            self.shift(req, -self.cost(req, resp))


def fuller(profile: Profile, op: str, asked: Any) -> bool:
    """Whether some sample of an operation says all that is asked, and more."""
    mine = [s.body for s in profile.samples if s.op == op]
    small = isinstance(asked, dict)
    return small and any(
        set(asked) < set(body) and all(body[k] == v for k, v in asked.items()) for body in mine
    )


@mutant("B64", "orders that overlap cost half", ["BIL-04"], needs=NEEDS)
class HalfTogether(Wallet):
    """What is told of the price is whole."""

    def reset(self) -> None:
        super().reset()
        self.inside = 0

    async def inner(self, req: Ask) -> Answer:
        if not self.does(req, "submit"):
            return await super().inner(req)
        self.inside += 1
        await Pause()
        together = self.inside > 1
        resp = await super().inner(req)
        self.inside -= 1
        if together and self.ok(req, resp):
            self.shift(req, self.cost(req, resp) // 2)
        return resp


@mutant(
    "B65", "a reply tells the price without the sound", ["BIL-02", "BIL-13"], needs=("cost", *NEEDS)
)
class ToldLess(Mutant):
    """The wallet pays the whole."""

    def response(self, req: Ask, resp: Answer) -> None:
        if self.does(req, "submit") and self.ok(req, resp):
            cost = self.units(req, resp, "cost")
            if cost and cost > 1:
                self.add_units(req, resp, "cost", -(cost // 2))


@mutant("B66", "a balance is that of another account", ["BIL-04", "BIL-12"], needs=NEEDS)
class OthersBalance(Mutant):
    def reset(self) -> None:
        self.count = 0

    async def handle(self, req: Ask) -> Answer:
        other = self.key_of("other")
        if self.does(req, "balance") and self.account(req) == "main" and other:
            self.count += 1
            mine, others = await self.inner(req), await self.inner(req.with_key(other))
            # Where both hold the same nobody could tell.
            differ = self.shown(req, others) != self.shown(req, mine)
            return others if self.count > 2 and differ else mine
        return await self.inner(req)

    def shown(self, req: Ask, resp: Answer) -> list[int | None]:
        """Return the amounts that a reply shows."""
        at = self.profile.doing("balance")[0].at
        places = [p for name in ("total", "parts") for p in at.get(name, ())]
        return [self.profile.units(p.read(resp.json), p.times) for p in places]
