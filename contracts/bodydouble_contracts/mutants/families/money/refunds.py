"""Mutants that refund too often, too seldom or the wrong job."""

from __future__ import annotations

from bodydouble_contracts.mutants.families.money.balances import Wallet
from bodydouble_contracts.mutants.messages import Answer, Ask
from bodydouble_contracts.mutants.mutant import mutant
from bodydouble_contracts.vendors.profile import Profile, present

REFUND = ("balance", "refund_on_failure")


class OnWord(Wallet):
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


@mutant("B01", "a failure is not refunded", ["BIL-08", "BIL-04"], needs=REFUND)
class NoRefund(OnWord):
    """The charge stays."""


@mutant("B02", "a failure is refunded twice", ["BIL-08", "BIL-04"], needs=REFUND)
class DoubleRefund(OnWord):
    share = 1.0


@mutant("B03", "a cancel is not refunded", ["BIL-09", "BIL-04"], needs=("balance", "cancel"))
class NoCancelRefund(OnWord):
    when = "canceled"


@mutant(
    "B09",
    "a running job that is canceled is refunded by half",
    ["BIL-09", "BIL-04"],
    needs=("balance", "cancel"),
)
class HalfRefund(OnWord):
    when = "canceled"
    share = 0.5


@mutant(
    "B10",
    "failures of keyed jobs are not refunded",
    ["BIL-08", "BIL-04"],
    needs=("balance", "refund_on_failure", "idempotency"),
)
class KeyedNoRefund(OnWord):
    def counts(self, job: str) -> bool:
        return job in self.keyed


@mutant("B31", "whatever the reason, a failure is refunded", ["BIL-08", "BIL-04"], needs=REFUND)
class AnyReason(OnWord):
    """Those too whose price the vendor keeps."""

    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where the vendor keeps the price of some, and a body brings such a failure about."""
        return any(profile.refund("failed", "", f.reason) == "none" for f in profile.failing)

    def changed(self, req: Ask, resp: Answer) -> None:
        reasons = {
            str(self.item(req, row, "id")): self.item(req, row, "reason")
            for row in self.rows(req, resp)
        } or {str(self.read(req, resp, "id")): self.read(req, resp, "reason")}
        for job, word in self.shown(req, resp):
            told = str(reasons.get(job)) if present(reasons.get(job)) else ""
            if word == "failed" and self.profile.refund("failed", "", told) == "none":
                self.shift(self.owner[job], self.costs[job])


@mutant("B32", "a refunded failure says it cost its price", ["BIL-18"], needs=REFUND)
class SaysItCost(Wallet):
    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where an ended job says what it cost, and some failure is refunded."""
        shown = any("settled" in o.at for o in profile.doing("read", "job"))
        reasons = ["", *(f.reason for f in profile.failing)]
        return shown and any(profile.refund("failed", "", r) == "full" for r in reasons)

    def touch(self, req: Ask, resp: Answer) -> None:
        job = self.param(req)
        failed = self.does(req, "read") and self.word(req, resp) == "failed"
        if failed and job in self.costs and self.units(req, resp, "settled") == 0:
            self.add_units(req, resp, "settled", self.costs[job])


@mutant("B22", "a success is refunded", ["BIL-04"], needs=("balance",))
class FreeSuccess(OnWord):
    when = "succeeded"
    share = 1.0


@mutant("B26", "the third failure is not refunded", ["BIL-04", "BIL-08"], needs=REFUND)
class ThirdFailure(OnWord):
    def counts(self, job: str) -> bool:
        self.count += 1
        return self.count == 3


@mutant("B27", "the second account's failures are not refunded", ["BIL-04", "BIL-08"], needs=REFUND)
class FirstAccountOnly(OnWord):
    def counts(self, job: str) -> bool:
        return self.owner[job] != "main"


@mutant(
    "B28",
    "failures after a lost reply are refunded twice",
    ["BIL-04", "BIL-08"],
    needs=(*REFUND, "idempotency"),
)
class LostTwice(OnWord):
    """The retry entered the job a second time into the list of what to refund."""

    share = 1.0

    def reset(self) -> None:
        super().reset()
        self.lost: set[str] = set()

    async def handle(self, req: Ask) -> Answer:
        key = self.idem(req) or ""
        try:
            resp = await super().handle(req)
        except ConnectionError:
            self.lost.add(key)
            raise
        if self.does(req, "submit"):
            if not resp.status:
                self.lost.add(key)
            elif key in self.lost and self.ok(req, resp):
                self.told.add(str(self.read(req, resp, "id")))
        return resp

    def counts(self, job: str) -> bool:
        return job in self.told
