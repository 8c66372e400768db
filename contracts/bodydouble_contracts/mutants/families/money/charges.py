"""Mutants that charge wrongly, or show the wrong balance."""

from __future__ import annotations

from bodydouble_contracts.history.exchanges import Exchange, Reply, Request
from bodydouble_contracts.mutants.families.money.balances import NEEDS, Wallet
from bodydouble_contracts.mutants.messages import Answer, Ask
from bodydouble_contracts.mutants.middleware import Pause
from bodydouble_contracts.mutants.mutant import Mutant, mutant
from bodydouble_contracts.reading.calls import Call, amounts


@mutant(
    "B08",
    "every third job is charged one unit too much",
    ["BIL-04", "BIL-02", "BIL-13", "BIL-03"],
    needs=NEEDS,
)
class OneTooMuch(Wallet):
    def changed(self, req: Ask, resp: Answer) -> None:
        if self.does(req, "submit") and self.ok(req, resp):
            self.count += 1
            if self.count % 3 == 0:
                self.shift(req, -1)


@mutant("B11", "every tenth read costs a unit", ["BIL-12", "BIL-04"], needs=NEEDS)
class PaidReads(Wallet):
    def changed(self, req: Ask, resp: Answer) -> None:
        if self.does(req, "read") and self.ok(req, resp):
            self.count += 1
            if self.count % 10 == 0:
                self.shift(req, -1)


@mutant("B12", "the first account pays for everybody", ["BIL-12", "BIL-04"], needs=NEEDS)
class OthersPay(Wallet):
    def changed(self, req: Ask, resp: Answer) -> None:
        if self.does(req, "submit") and self.ok(req, resp) and self.account(req) != "main":
            cost = self.cost(req, resp)
            self.shift("main", -cost)
            self.shift(req, cost)


@mutant(
    "B13", "an accepted job is charged twice", ["BIL-04", "BIL-02", "BIL-03", "BIL-13"], needs=NEEDS
)
class ChargedTwice(Wallet):
    def changed(self, req: Ask, resp: Answer) -> None:
        if self.does(req, "submit") and self.ok(req, resp):
            self.count += 1
            if self.count > 1:
                self.shift(req, -self.cost(req, resp))


@mutant("B14", "the parts do not add up", ["BIL-11"], needs=("balance", "buckets"))
class BadParts(Wallet):
    def touch(self, req: Ask, resp: Answer) -> None:
        if self.ok(req, resp) and self.does(req, "balance"):
            self.add_units(req, resp, "parts", 1)


@mutant("B15", "balances are rounded", ["BIL-04", "BIL-03"], needs=NEEDS)
class Rounded(Wallet):
    """Down to a third of a job's price."""

    def touch(self, req: Ask, resp: Answer) -> None:
        if self.ok(req, resp) and self.does(req, "balance"):
            step = max([7, *[c // 3 + 1 for c in self.costs.values()]])
            for name in ("total", "parts"):
                units = self.units(req, resp, name)
                if units is not None:
                    self.add_units(req, resp, name, -(units % step))


@mutant(
    "B16",
    "a throttled request is charged",
    ["LIM-08", "BIL-06", "BIL-04"],
    needs=("balance", "limits"),
)
class ThrottledCharged(Wallet):
    def changed(self, req: Ask, resp: Answer) -> None:
        if resp.status == 429 and self.does(req, "submit"):
            self.shift(req, -100)


@mutant("B18", "the balance lags one reading behind", ["BIL-04", "BIL-03", "BIL-12"], needs=NEEDS)
class Lagging(Mutant):
    """Each reading shows the one before."""

    def reset(self) -> None:
        self.before: dict[str, bytes] = {}

    def response(self, req: Ask, resp: Answer) -> None:
        if self.does(req, "balance") and self.ok(req, resp):
            name = f"{self.account(req)} {req.path}"
            now = resp.body
            resp.content = self.before.get(name, now)
            self.before[name] = now


@mutant("B19", "the second job is cheaper", ["BIL-04", "BIL-02", "BIL-13"], needs=NEEDS)
class Discount(Wallet):
    def changed(self, req: Ask, resp: Answer) -> None:
        if self.does(req, "submit") and self.ok(req, resp):
            self.count += 1
            if self.count == 2:
                self.shift(req, self.cost(req, resp) // 10)


@mutant("B20", "a negative balance is shown", ["BIL-01"], needs=NEEDS)
class Negative(Wallet):
    def touch(self, req: Ask, resp: Answer) -> None:
        shown = [self.units(req, resp, n) for n in ("total", "parts")]
        if self.does(req, "balance") and self.ok(req, resp) and not any(shown):
            self.add_units(req, resp, "total", -1)
            self.add_units(req, resp, "parts", -1)


@mutant("B21", "an estimate is not the price", ["BIL-15"], needs=("estimate",))
class FalseEstimate(Wallet):
    def touch(self, req: Ask, resp: Answer) -> None:
        if self.does(req, "estimate") and self.ok(req, resp):
            self.add_units(req, resp, "cost", 10**self.profile.scale)


@mutant("B23", "removing a job refunds it", ["BIL-04", "BIL-12"], needs=("balance", "remove"))
class RemoveRefunds(Wallet):
    def changed(self, req: Ask, resp: Answer) -> None:
        if self.does(req, "remove") and self.ok(req, resp):
            self.shift(req, 100)


@mutant("B24", "those who can pay are refused", ["BIL-16", "VAL-09"], needs=NEEDS)
class Miser(Mutant):
    def reset(self) -> None:
        self.count = 0

    async def handle(self, req: Ask) -> Answer:
        if self.does(req, "submit") and req.key in self.keys and self.account(req) == "main":
            self.count += 1
            if self.count > 2:
                return self.says("insufficient")
        return await self.inner(req)


@mutant("B29", "what costs all there is, is refused", ["BIL-16"], needs=("balance", "prices"))
class NotExactly(Wallet):
    """Less than where less or equal was meant: a balance of exactly the price is too little."""

    async def handle(self, req: Ask) -> Answer:
        if self.does(req, "submit") and req.key in self.keys:
            held = await self.held(req)
            if held is not None and held == self.listed(req):
                return self.says("insufficient")
        return await super().handle(req)

    async def held(self, req: Ask) -> int | None:
        """Return the balance of the caller's account."""
        path = self.profile.mount + self.profile.doing("balance")[0].path
        told = await self.inner(self.without_idem(req).other("GET", path))
        seen = Exchange(Request("GET", path), Reply(told.status, (), told.body), 0, 0, 0)
        return amounts(Call(seen, self.profile))


@mutant("B30", "two purchases at once are paid for once", ["BIL-04"], needs=("balance", "prices"))
class PaidOnce(Wallet):
    """Both read the balance before either writes it."""

    def reset(self) -> None:
        super().reset()
        self.busy = 0

    async def handle(self, req: Ask) -> Answer:
        if not self.does(req, "submit"):
            return await super().handle(req)
        self.busy += 1
        await Pause()
        shared = self.busy > 1
        await Pause()
        resp = await super().handle(req)
        if shared and self.ok(req, resp) and not self.idem(req):
            self.shift(req, self.cost(req, resp))
        self.busy -= 1
        return resp
