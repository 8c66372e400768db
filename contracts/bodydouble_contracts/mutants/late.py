"""Mutants that show late: after many jobs, in a crowd of failures, in small print of a key."""

from __future__ import annotations

from bodydouble_contracts.mutants.keys import Keyed, Pause, Remembering
from bodydouble_contracts.mutants.messages import Answer, Ask
from bodydouble_contracts.mutants.money import OnWord, Purse
from bodydouble_contracts.mutants.mutant import Mutant, mutant
from bodydouble_contracts.vendors.profile import Profile

NEEDS = ("idempotency",)
REFUND = ("balance", "refund_on_failure")
DAY_US = 86_400_000_000


@mutant("L31", "jobs are forgotten after a day", ["JOB-03"])
class Forgets(Mutant):
    """A cache that was to be a store."""

    def reset(self) -> None:
        self.made: dict[str, int] = {}

    def response(self, req: Ask, resp: Answer) -> Answer | None:
        if self.does(req, "submit") and self.ok(req, resp):
            self.made.setdefault(str(self.read(req, resp, "id")), self.now_us)
        age = self.now_us - self.made.get(self.param(req), self.now_us)
        if self.does(req, "read") and self.ok(req, resp) and age > DAY_US:
            made = self.refusal(404)
            made.headers = {**resp.headers, "content-length": str(len(made.body))}
            return made
        return None


@mutant("L32", "ids come round after the twentieth job", ["JOB-11", "IDM-09", "BIL-04"])
class ComesRound(Mutant):
    """Too few bits."""

    def reset(self) -> None:
        self.ids: list[str] = []

    def response(self, req: Ask, resp: Answer) -> None:
        job = str(self.read(req, resp, "id"))
        if self.does(req, "submit") and self.ok(req, resp) and job not in self.ids:
            self.ids.append(job)
            if len(self.ids) > 20:
                self.write(req, resp, "id", self.ids[len(self.ids) - 21])


@mutant("B26", "the third failure is not refunded", ["BIL-04", "BIL-08"], needs=REFUND)
class ThirdFailure(OnWord):
    """A guard against refunding too much."""

    def counts(self, job: str) -> bool:
        self.count += 1
        return self.count == 3


@mutant("B27", "the second account's failures are not refunded", ["BIL-04", "BIL-08"], needs=REFUND)
class FirstAccountOnly(OnWord):
    """A default argument."""

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


@mutant("B29", "what costs all there is, is refused", ["BIL-16"], needs=("balance", "prices"))
class NotExactly(Purse):
    """Less than where less or equal was meant: a balance of exactly the price is too little."""

    async def handle(self, req: Ask) -> Answer:
        if self.does(req, "submit") and req.key in self.keys:
            held = await self.held(req)
            if held is not None and held == self.listed(req):
                return self.poor()
        return await super().handle(req)

    async def held(self, req: Ask) -> int | None:
        """Return the balance of the caller's account."""
        from bodydouble_contracts.history.exchanges import Exchange, Reply, Request
        from bodydouble_contracts.reading.calls import Call, amounts

        path = self.profile.mount + self.profile.doing("balance")[0].path
        heads = {"authorization": req.authorization, "host": "127.0.0.1:8750"}
        told = await self.inner(Ask("GET", path, "", heads))
        seen = Exchange(Request("GET", path), Reply(told.status, (), told.body), 0, 0, 0)
        return amounts(Call(seen, self.profile))

    def poor(self) -> Answer:
        """Return the vendor's refusal for too little money."""
        rule = self.profile.section("insufficient")
        made = self.refusal(rule.get("status", [402])[0])
        if "codes" in rule:
            self.set_code(made, rule["codes"][0])
        if "text" in rule:
            made.json = {**made.json, "error": rule["text"]}
        return made


@mutant("B30", "two purchases at once are paid for once", ["BIL-04"], needs=("balance", "prices"))
class PaidOnce(Purse):
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


@mutant("I20", "only the last three keys are remembered", ["IDM-01", "BIL-10"], needs=NEEDS)
class LastThree(Keyed):
    """A cache with a size."""

    def reset(self) -> None:
        self.order: list[tuple[str, str]] = []

    async def keyed(self, req: Ask, key: str) -> Answer:
        name = (self.account(req), key)
        gone = name in self.order and name not in self.order[-3:]
        if name not in self.order:
            self.order.append(name)
        return await self.inner(self.rekeyed(req, f"{key}~"[-60:]) if gone else req)


@mutant("I21", "only the prompt makes a request another", ["IDM-02"], needs=NEEDS)
class PromptOnly(Remembering):
    """The fingerprint leaves out what costs money."""

    async def again(self, req: Ask, key: str, before: Ask, told: Answer, at_us: int) -> Answer:
        resp = await self.inner(req)
        text = self.profile.section("text").get("member", "prompt")
        same = (req.json or {}).get(text) == (before.json or {}).get(text)
        if same and resp.status in self.profile.section("idempotency").get("conflict_status", []):
            size = str(len(told.body))
            return Answer(told.status, {**resp.headers, "content-length": size}, told.body)
        return resp


@mutant("I22", "each API key has idempotency keys of its own", ["IDM-01", "BIL-10"], needs=NEEDS)
class PerApiKey(Keyed):
    """A second worker of the same customer pays again."""

    def reset(self) -> None:
        self.first: dict[tuple[str, str], str] = {}

    async def keyed(self, req: Ask, key: str) -> Answer:
        owner = self.first.setdefault((self.account(req), key), req.key)
        return await self.inner(self.rekeyed(req, f"{key}~"[-60:]) if owner != req.key else req)


@mutant("I23", "another endpoint takes a used key", ["IDM-11"], needs=("cancel", *NEEDS))
class OtherEndpoint(Keyed):
    """Only submissions look at keys."""

    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where every write looks at them."""
        return bool(profile.section("idempotency").get("every_write"))

    async def handle(self, req: Ask) -> Answer:
        if self.idem(req) and not self.does(req, "submit"):
            return await self.inner(self.without_idem(req))
        return await self.inner(req)


@mutant("I24", "a replay shows what remains now", ["IDM-01"], needs=("remaining", *NEEDS))
class FreshRemaining(Mutant):
    """Written anew from the account, not from memory."""

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


@mutant("C28", "a limit of characters counts bytes", ["VAL-05"], needs=("text_limit",))
class CountsBytes(Mutant):
    """The longest text in another script is refused as too long."""

    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where a sample is as long as may be, and a refusal says how long is too long."""
        member = profile.section("text").get("member", "prompt")
        longest = [s for s in profile.samples if "limit" in s.tags and member in s.body]
        signs = [set(str(s.body[member])) for s in longest]
        return any(len(s) == 1 for s in signs) and any(r.kind == "beyond" for r in profile.refusals)

    async def handle(self, req: Ask) -> Answer:
        body, member = req.json, self.profile.section("text").get("member", "prompt")
        text = body.get(member) if isinstance(body, dict) else None
        if self.does(req, "submit") and isinstance(text, str):
            size = len(text.encode("utf-8", "replace"))
            long = [r.body for r in self.profile.refusals if r.kind == "beyond"]
            most = max((len(str(b.get(member, ""))) for b in long), default=0)
            if len(text) < most <= size:
                found = next(b for b in long if len(str(b.get(member, ""))) == most)
                return await self.inner(req.copy(json=found))
        return await self.inner(req)
