"""Mutants that get the money wrong, at the level of what is shown.

None reaches into a ledger: they shift every view of an account by what they "forgot" or
"charged", so that the sabotage looks the same from every side.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from understudy_contracts.profile import present
from understudy_contracts.submissions import price_of
from understudy_contracts.zoo.base import Mutant, mutant
from understudy_contracts.zoo.messages import Answer, Ask

NEEDS = ("balance",)


class Purse(Mutant):
    """Shows every account's balance shifted by what `changed` posts with `shift`."""

    def reset(self) -> None:
        """No account is shifted and nothing was seen."""
        self.off: dict[str, int] = {}
        self.costs: dict[str, int] = {}
        self.owner: dict[str, str] = {}
        self.words: dict[str, str] = {}
        self.told: set[str] = set()
        self.since: dict[str, int] = {}
        self.keyed: set[str] = set()
        self.count = 0
        self.price = 0

    def shift(self, req: Ask | str, units: int) -> None:
        """Move an account's shown balance."""
        name = req if isinstance(req, str) else self.account(req)
        self.off[name] = self.off.get(name, 0) + units

    def cost(self, req: Ask, resp: Answer) -> int:
        """Return what a submission cost: as shown, as listed, or one hundred units."""
        shown = self.units(req, resp, "cost")
        return shown if shown is not None else self.listed(req)

    def listed(self, req: Ask) -> int:
        """Return the listed price of a request, else a hundred units."""
        from understudy_contracts.calls import Call
        from understudy_contracts.history import Exchange, Request

        asked = Request(req.method, req.path, "main", (), req.body)
        found = price_of(self.profile, Call(Exchange(asked, None, 0, 0, 0), self.profile))
        return found if found else 100

    async def handle(self, req: Ask) -> Answer:
        """Answer, note what happened, and show the shifted balance."""
        resp = await self.inner(req)
        self.note(req, resp)
        if req.key in self.keys:
            self.changed(req, resp)
        off = self.off.get(self.account(req), 0)
        if off and self.ok(req, resp):
            if self.does(req, "balance"):
                for name in ("total", "parts"):
                    self.add_units(req, resp, name, off)
            elif self.does(req, "submit") and not self.replayed(req, resp):
                self.add_units(req, resp, "remaining", off)
        self.touch(req, resp)
        return resp

    def replayed(self, req: Ask, resp: Answer) -> bool:
        """Say whether a submission's reply is an old one."""
        return False

    def note(self, req: Ask, resp: Answer) -> None:
        """Remember costs and owners of jobs."""
        if self.does(req, "submit") and self.ok(req, resp):
            job = str(self.read(req, resp, "id"))
            if job not in self.costs:
                self.costs[job], self.owner[job] = self.cost(req, resp), self.account(req)
                if self.idem(req):
                    self.keyed.add(job)

    def shown(self, req: Ask, resp: Answer) -> list[tuple[str, str]]:
        """Return jobs and words a reply shows for the first time in that word."""
        found: list[tuple[Any, Any]] = []
        if self.ok(req, resp) and self.does(req, "read", "cancel"):
            found = [(self.read(req, resp, "id"), self.word(req, resp))]
        elif self.ok(req, resp) and self.does(req, "list"):
            found = [
                (self.item(req, r, "id"), self.profile.word(self.item(req, r, "state")))
                for r in self.rows(req, resp)
            ]
        out = []
        for job, word in found:
            name = str(job)
            if present(job) and word and name in self.costs and self.words.get(name) != word:
                out.append((name, str(word)))
                self.words[name] = str(word)
        return out

    def changed(self, req: Ask, resp: Answer) -> None:
        """Post what this mutant gets wrong."""

    def touch(self, req: Ask, resp: Answer) -> None:
        """Change the reply after the balance was shifted."""


class OnWord(Purse):
    """Posts a share of a job's cost when the job is first seen in a state."""

    when = "failed"
    share = -1.0

    def changed(self, req: Ask, resp: Answer) -> None:
        """Post the share."""
        for job, word in self.shown(req, resp):
            if word == self.when and self.counts(job):
                self.shift(self.owner[job], int(self.costs[job] * self.share))

    def counts(self, job: str) -> bool:
        """Say whether this job is one of those the mutant gets wrong."""
        return True


REFUND = ("balance", "refund_on_failure")


@mutant("B01", "a failure is not refunded", ["BIL-08", "BIL-04"], needs=REFUND)
class NoRefund(OnWord):
    """The charge stays."""


@mutant("B02", "a failure is refunded twice", ["BIL-08", "BIL-04"], needs=REFUND)
class DoubleRefund(OnWord):
    """Once too often."""

    share = 1.0


@mutant("B03", "a cancel is not refunded", ["BIL-09", "BIL-04"], needs=("balance", "cancel"))
class NoCancelRefund(OnWord):
    """Although the job had not started."""

    when = "canceled"


@mutant("B04", "an account can go below zero", ["BIL-07"], needs=NEEDS)
class Credit(Purse):
    """The poor are topped up behind the scenes, and every view subtracts it again."""

    async def handle(self, req: Ask) -> Answer:
        rule = self.profile.section("insufficient")
        resp = await super().handle(req)
        amount = self.profile.section("provoke").get("top_up")
        poor = self.does(req, "submit") and resp.status in rule.get("status", [402])
        if poor and amount and req.key in self.keys:
            rule = self.profile.section("control")
            account = rule.get("accounts", "{account}").format(account=self.account(req))
            await self.control("POST", f"/accounts/{account}/top-ups", {"amount": amount})
            times = Decimal(str(rule.get("times", 1)))
            self.shift(req, -(self.profile.units(amount, times) or 0))
            return await super().handle(req)
        return resp


@mutant(
    "B05",
    "the cost shown is not the cost charged",
    ["BIL-02", "BIL-04", "BIL-03", "BIL-13"],
    needs=("balance", "remaining"),
)
class FalseCost(Purse):
    """One unit more in the reply."""

    def touch(self, req: Ask, resp: Answer) -> None:
        if self.ok(req, resp) and self.does(req, "submit"):
            self.add_units(req, resp, "cost", 1)


@mutant("B06", "a refused request is charged", ["BIL-06", "BIL-04"], needs=NEEDS)
class RefusalCharged(Purse):
    """One hundred units for a refused submission."""

    def changed(self, req: Ask, resp: Answer) -> None:
        if self.does(req, "submit") and resp.status in (400, 422):
            self.shift(req, -100)


@mutant("B07", "what remains is what was before", ["BIL-03"], needs=("balance", "remaining"))
class StaleRemaining(Purse):
    """The balance before the charge."""

    def touch(self, req: Ask, resp: Answer) -> None:
        if self.ok(req, resp) and self.does(req, "submit"):
            self.add_units(req, resp, "remaining", self.cost(req, resp))


@mutant(
    "B08",
    "every third job is charged one unit too much",
    ["BIL-04", "BIL-02", "BIL-13", "BIL-03"],
    needs=NEEDS,
)
class OneTooMuch(Purse):
    """Not shown in the reply's cost."""

    def changed(self, req: Ask, resp: Answer) -> None:
        if self.does(req, "submit") and self.ok(req, resp):
            self.count += 1
            if self.count % 3 == 0:
                self.shift(req, -1)


@mutant(
    "B09",
    "a running job that is canceled is refunded by half",
    ["BIL-09", "BIL-04"],
    needs=("balance", "cancel"),
)
class HalfRefund(OnWord):
    """Whatever the vendor documents, half is not it."""

    when = "canceled"
    share = 0.5


@mutant(
    "B10",
    "failures of keyed jobs are not refunded",
    ["BIL-08", "BIL-04"],
    needs=("balance", "refund_on_failure", "idempotency"),
)
class KeyedNoRefund(OnWord):
    """Only those."""

    def counts(self, job: str) -> bool:
        return job in self.keyed


@mutant("B11", "every tenth read costs a unit", ["BIL-12", "BIL-04"], needs=NEEDS)
class PaidReads(Purse):
    """Reads of jobs."""

    def changed(self, req: Ask, resp: Answer) -> None:
        if self.does(req, "read") and self.ok(req, resp):
            self.count += 1
            if self.count % 10 == 0:
                self.shift(req, -1)


@mutant("B12", "the first account pays for everybody", ["BIL-12", "BIL-04"], needs=NEEDS)
class OthersPay(Purse):
    """Another account's charge goes to the main one."""

    def changed(self, req: Ask, resp: Answer) -> None:
        if self.does(req, "submit") and self.ok(req, resp) and self.account(req) != "main":
            cost = self.cost(req, resp)
            self.shift("main", -cost)
            self.shift(req, cost)


@mutant(
    "B13", "an accepted job is charged twice", ["BIL-04", "BIL-02", "BIL-03", "BIL-13"], needs=NEEDS
)
class ChargedTwice(Purse):
    """From the second one on."""

    def changed(self, req: Ask, resp: Answer) -> None:
        if self.does(req, "submit") and self.ok(req, resp):
            self.count += 1
            if self.count > 1:
                self.shift(req, -self.cost(req, resp))


@mutant("B14", "the parts do not add up", ["BIL-11"], needs=("balance", "buckets"))
class BadParts(Purse):
    """One part shows a unit more."""

    def touch(self, req: Ask, resp: Answer) -> None:
        if self.ok(req, resp) and self.does(req, "balance"):
            self.add_units(req, resp, "parts", 1)


@mutant("B15", "balances are rounded", ["BIL-04", "BIL-03"], needs=NEEDS)
class Rounded(Purse):
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
class ThrottledCharged(Purse):
    """One hundred units for every 429."""

    def changed(self, req: Ask, resp: Answer) -> None:
        if resp.status == 429 and self.does(req, "submit"):
            self.shift(req, -100)


@mutant(
    "B17",
    "canceling twice refunds twice",
    ["BIL-06", "BIL-04", "BIL-09"],
    needs=("balance", "cancel"),
)
class CancelAgain(Purse):
    """Although the second cancel was refused."""

    def changed(self, req: Ask, resp: Answer) -> None:
        if self.does(req, "cancel") and resp.status in self.profile.section("cancel").get(
            "final_status", [409]
        ):
            self.shift(req, self.costs.get(self.param(req), 0))


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
class Discount(Purse):
    """By a tenth, unannounced."""

    def changed(self, req: Ask, resp: Answer) -> None:
        if self.does(req, "submit") and self.ok(req, resp):
            self.count += 1
            if self.count == 2:
                self.shift(req, self.cost(req, resp) // 10)


@mutant("B20", "a negative balance is shown", ["BIL-01"], needs=NEEDS)
class Negative(Purse):
    """An empty account shows less than nothing."""

    def touch(self, req: Ask, resp: Answer) -> None:
        shown = [self.units(req, resp, n) for n in ("total", "parts")]
        if self.does(req, "balance") and self.ok(req, resp) and not any(shown):
            self.add_units(req, resp, "total", -1)
            self.add_units(req, resp, "parts", -1)


@mutant("B21", "an estimate is not the price", ["BIL-15"], needs=("estimate",))
class FalseEstimate(Purse):
    """One more."""

    def touch(self, req: Ask, resp: Answer) -> None:
        if self.does(req, "estimate") and self.ok(req, resp):
            self.add_units(req, resp, "cost", 10**self.profile.scale)


@mutant("B22", "a success is refunded", ["BIL-04"], needs=NEEDS)
class FreeSuccess(OnWord):
    """Jobs that went well cost nothing in the end."""

    when = "succeeded"
    share = 1.0


@mutant("B23", "removing a job refunds it", ["BIL-04", "BIL-12"], needs=("balance", "remove"))
class RemoveRefunds(Purse):
    """A way to get everything for nothing."""

    def changed(self, req: Ask, resp: Answer) -> None:
        if self.does(req, "remove") and self.ok(req, resp):
            self.shift(req, 100)


@mutant("B24", "those who can pay are refused", ["BIL-16", "VAL-09"], needs=NEEDS)
class Miser(Mutant):
    """The vendor's word for too little money, from the third job on."""

    def reset(self) -> None:
        self.count = 0

    async def handle(self, req: Ask) -> Answer:
        if self.does(req, "submit") and req.key in self.keys and self.account(req) == "main":
            self.count += 1
            if self.count > 2:
                rule = self.profile.section("insufficient")
                made = self.refusal(rule.get("status", [402])[0])
                spec, codes = self.profile.section("error").get("code"), rule.get("codes")
                if codes and isinstance(spec, str):
                    from understudy_contracts.zoo.base import set_deep

                    doc = made.json
                    set_deep(doc, spec, codes[0])
                    made.json = doc
                return made
        return await self.inner(req)
