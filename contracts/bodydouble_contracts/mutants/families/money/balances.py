"""Mutants that get the money wrong, at the level of what is shown.

None reaches into a ledger: they shift every view of an account by what they "forgot" or
"charged", so that the sabotage looks the same from every side.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from bodydouble_contracts.history.exchanges import Exchange, Request
from bodydouble_contracts.mutants.messages import Answer, Ask
from bodydouble_contracts.mutants.mutant import Mutant, mutant
from bodydouble_contracts.reading.calls import Call
from bodydouble_contracts.reading.submissions import price_of
from bodydouble_contracts.vendors.profile import FINAL, Profile, present

NEEDS = ("balance",)


class Wallet(Mutant):
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
            silent = self.does(req, "cancel") and self.profile.cancel.silent
            if silent and self.words.get(self.param(req)) not in FINAL:
                found = [(self.param(req), "canceled")]
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


@mutant("B04", "an account can go below zero", ["BIL-07"], needs=NEEDS)
class Credit(Wallet):
    """The poor are topped up behind the scenes, and every view subtracts it again."""

    async def handle(self, req: Ask) -> Answer:
        resp = await super().handle(req)
        amount = self.profile.section("provoke").get("top_up")
        poor = self.does(req, "submit") and self.said(resp, "insufficient")
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
class FalseCost(Wallet):
    def touch(self, req: Ask, resp: Answer) -> None:
        if self.ok(req, resp) and self.does(req, "submit"):
            self.add_units(req, resp, "cost", 1)


@mutant("B06", "a refused request is charged", ["BIL-06", "BIL-04"], needs=NEEDS)
class RefusalCharged(Wallet):
    def changed(self, req: Ask, resp: Answer) -> None:
        if self.does(req, "submit") and resp.status in (400, 422):
            self.shift(req, -100)


@mutant("B07", "what remains is what was before", ["BIL-03"], needs=("balance", "remaining"))
class StaleRemaining(Wallet):
    def touch(self, req: Ask, resp: Answer) -> None:
        if self.ok(req, resp) and self.does(req, "submit"):
            self.add_units(req, resp, "remaining", self.cost(req, resp))


@mutant(
    "B17",
    "canceling twice refunds twice",
    ["BIL-06", "BIL-04", "BIL-09"],
    needs=("balance", "cancel"),
)
class CancelAgain(Wallet):
    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where it is."""
        return not any("remove" in o.also for o in profile.doing("cancel"))

    def changed(self, req: Ask, resp: Answer) -> None:
        if self.does(req, "cancel") and self.said(resp, "cancel.final"):
            self.shift(req, self.costs.get(self.param(req), 0))
