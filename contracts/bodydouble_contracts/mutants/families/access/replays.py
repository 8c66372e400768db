"""Mutants whose replayed replies are not what they repeat."""

from __future__ import annotations

from bodydouble_contracts.mutants.families.access.idempotency_keys import NEEDS, Remembering
from bodydouble_contracts.mutants.families.money.balances import Wallet
from bodydouble_contracts.mutants.messages import Answer, Ask
from bodydouble_contracts.mutants.mutant import Mutant, mutant
from bodydouble_contracts.reading import texts


@mutant("I09", "keys are remembered for ever", ["IDM-05"], needs=NEEDS)
class Eternal(Remembering):
    async def again(self, req: Ask, key: str, before: Ask, told: Answer, at_us: int) -> Answer:
        life_us = int(self.profile.section("idempotency").get("lifetime_s", 0)) * 1_000_000
        if self.now_us - at_us >= life_us and before.json == req.json:
            return told.copy()
        return await self.inner(req)


@mutant("I11", "another spelling of the body is a conflict", ["IDM-03", "IDM-01"], needs=NEEDS)
class BytesCount(Remembering):
    async def again(self, req: Ask, key: str, before: Ask, told: Answer, at_us: int) -> Answer:
        resp = await self.inner(req)
        if resp.status == told.status and before.body != req.body:
            return self.says("conflict").under(resp.headers)
        return resp


@mutant("I12", "a replay has another status", ["IDM-01"], needs=NEEDS)
class ReplayStatus(Remembering):
    async def again(self, req: Ask, key: str, before: Ask, told: Answer, at_us: int) -> Answer:
        resp = await self.inner(req)
        if self.ok(req, resp):
            resp.status = 208
        return resp


@mutant("I13", "a replay names another job", ["IDM-01", "JOB-03"], needs=NEEDS)
class ReplayOtherJob(Remembering):
    async def again(self, req: Ask, key: str, before: Ask, told: Answer, at_us: int) -> Answer:
        resp = await self.inner(req)
        if self.ok(req, resp):
            self.write(req, resp, "id", self.profile.section("unknown_ids").get("job", "x"))
        return resp


@mutant("I17", "a replay after the end shows the end", ["IDM-01"], needs=NEEDS)
class ReplayIsView(Remembering):
    """The state in a replayed reply is what it has become."""

    async def again(self, req: Ask, key: str, before: Ask, told: Answer, at_us: int) -> Answer:
        resp = await self.inner(req)
        if self.ok(req, resp) and self.now_us > at_us:
            self.write(req, resp, "state", self.raw("succeeded"))
        return resp


@mutant("I18", "a conflict makes a second job", ["IDM-02", "BIL-04", "JOB-15"], needs=NEEDS)
class ConflictIsNew(Remembering):
    async def again(self, req: Ask, key: str, before: Ask, told: Answer, at_us: int) -> Answer:
        if before.json != req.json:
            return await self.inner(self.without_idem(req))
        return await self.inner(req)


@mutant("I02", "a replay is charged again", ["BIL-10", "BIL-04"], needs=("idempotency", "balance"))
class ReplayCharges(Wallet):
    def changed(self, req: Ask, resp: Answer) -> None:
        key = self.idem(req)
        if key and self.does(req, "submit") and self.ok(req, resp):
            job = str(self.read(req, resp, "id"))
            if job in self.told:
                self.shift(req, -self.cost(req, resp))
            self.told.add(job)


@mutant(
    "I19",
    "a replay is charged again once the job has ended",
    ["BIL-10", "BIL-04"],
    needs=("idempotency", "balance"),
)
class LateReplayCharges(Wallet):
    def changed(self, req: Ask, resp: Answer) -> None:
        key = self.idem(req)
        if key and self.does(req, "submit") and self.ok(req, resp):
            job = str(self.read(req, resp, "id"))
            if job in self.since and self.now_us - self.since[job] > 5_000_000:
                self.shift(req, -self.cost(req, resp))
            self.since.setdefault(job, self.now_us)


@mutant("I21", "only the prompt makes a request another", ["IDM-02"], needs=NEEDS)
class PromptOnly(Remembering):
    async def again(self, req: Ask, key: str, before: Ask, told: Answer, at_us: int) -> Answer:
        resp = await self.inner(req)
        same = texts.said(self.profile, req.json) == texts.said(self.profile, before.json)
        if same and self.said(resp, "conflict"):
            return told.under(resp.headers)
        return resp


@mutant("I24", "a replay shows what remains now", ["IDM-01"], needs=("remaining", *NEEDS))
class FreshRemaining(Mutant):
    def reset(self) -> None:
        self.seen: set[str] = set()
        self.last: dict[str, object] = {}

    def response(self, req: Ask, resp: Answer) -> None:
        if self.does(req, "submit") and self.ok(req, resp):
            job, account = str(self.read(req, resp, "id")), self.account(req)
            if job in self.seen:
                self.write(req, resp, "remaining", self.last[account])
            else:
                self.seen.add(job)
                self.last[account] = self.read(req, resp, "remaining")
