"""Mutants whose second way to order lets pass what the first one refuses."""

from __future__ import annotations

from bodydouble_contracts.mutants.families.replies.acceptance import Accepts, entry_of, whole
from bodydouble_contracts.mutants.messages import Answer, Ask
from bodydouble_contracts.mutants.mutant import Mutant, mutant
from bodydouble_contracts.vendors.profile import Profile


def later_ways(profile: Profile) -> set[str]:
    """Return the operations that submit, but for the first."""
    return {o.name for o in profile.doing("submit")[1:]}


class Later(Mutant):
    """Works on orders by another way than the first."""

    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where there is one, and a sample for it."""
        return bool(later_ways(profile) & {s.op for s in profile.samples if whole(s.body)})

    def later(self, req: Ask) -> bool:
        """Whether a request orders by another way than the first."""
        operation = self.op(req)
        return operation is not None and operation.name in later_ways(self.profile)


class LaterAccepts(Accepts):
    """Accepts what must be refused, by another way than the first."""

    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where a later way refuses something of the kind."""
        ops = {s.op for s in profile.samples if whole(s.body)} & later_ways(profile)
        return any(r.kind == cls.kind and r.op in ops for r in profile.refusals)

    async def handle(self, req: Ask) -> Answer:
        entry = entry_of(self, req)
        if entry is not None and entry.op not in later_ways(self.profile):
            return await self.inner(req)
        return await super().handle(req)


@mutant("C60", "a second way to order takes values outside the list", ["VAL-01"])
class LaterListed(LaterAccepts):
    kind = "listed"


@mutant("C61", "a second way to order does without what is required", ["VAL-03"])
class LaterMissing(LaterAccepts):
    kind = "missing"


@mutant("C62", "a second way to order takes what excludes each other", ["VAL-04"])
class LaterConditional(LaterAccepts):
    kind = "conditional"


@mutant("C63", "a second way to order has no limits", ["VAL-05"])
class LaterBeyond(LaterAccepts):
    kind = "beyond"


@mutant("C64", "a second way to order takes any type", ["VAL-08"])
class LaterType(LaterAccepts):
    kind = "type"


@mutant("C65", "a second way to order takes any key", ["ACC-01"])
class LaterKeys(Later):
    async def handle(self, req: Ask) -> Answer:
        if self.later(req) and req.key not in self.keys and req.key:
            return await self.inner(req.with_key(self.key_of("main")))
        return await self.inner(req)


@mutant("C66", "a second way to order asks no wallet", ["BIL-07"], needs=("balance",))
class LaterFunds(Later):
    async def handle(self, req: Ask) -> Answer:
        resp = await self.inner(req)
        if self.later(req) and self.said(resp, "insufficient"):
            return await self.inner(req.with_key(self.key_of("main")))
        return resp


@mutant("C67", "a second way to order takes what is no JSON", ["VAL-02"])
class LaterGarbage(Later):
    async def handle(self, req: Ask) -> Answer:
        if self.later(req) and req.body and not isinstance(req.json, dict):
            name = (self.op(req) or self.profile.doing("submit")[1]).name
            good = [s.body for s in self.profile.samples if s.op == name and whole(s.body)]
            return await self.inner(req.copy(json=good[0]) if good else req)
        return await self.inner(req)


@mutant("C68", "a second way to order has no rate limit", ["LIM-10"], needs=("limits",))
class LaterLimit(Later):
    async def handle(self, req: Ask) -> Answer:
        resp = await self.inner(req)
        if self.later(req) and resp.status == 429:
            return await self.inner(req.with_key(self.key_of(self.account(req), req.key)))
        return resp


@mutant("C69", "a second way to order knows no dead keys", ["ACC-07"], needs=("dead_keys",))
class LaterDead(Later):
    async def handle(self, req: Ask) -> Answer:
        resp = await self.inner(req)
        if self.later(req) and resp.status in (401, 403, 500) and req.key in self.keys:
            return await self.inner(req.with_key(self.key_of("main", req.key)))
        return resp
