"""Mutants that let the wrong people in."""

from __future__ import annotations

from bodydouble_contracts.mutants.messages import Answer, Ask
from bodydouble_contracts.mutants.mutant import Mutant, mutant
from bodydouble_contracts.vendors.profile import Profile, present


class Owners(Mutant):
    """Remembers which key's account owns each job, video or whatever a reply shows."""

    def reset(self) -> None:
        """Nobody owns anything."""
        self.owner: dict[str, str] = {}

    def learn(self, req: Ask, resp: Answer) -> None:
        """Note what a successful reply shows of ids."""
        if not self.ok(req, resp) or req.key not in self.keys:
            return
        mine = self.account(req)
        for name in ("id", "twin"):
            value = self.read(req, resp, name)
            if present(value) and not isinstance(value, dict | list):
                self.owner.setdefault(str(value), mine)

    async def swapped(self, req: Ask) -> Answer:
        """Answer as the owner of what the path names would be answered."""
        whose = self.owner.get(self.param(req))
        if whose and whose != self.account(req):
            return await self.inner(req.with_key(self.key_of(whose)))
        return await self.inner(req)

    async def handle(self, req: Ask) -> Answer:
        """Swap for operations of `kinds`, learn from all."""
        resp = await (self.swapped(req) if self.does(req, *self.kinds) else self.inner(req))
        self.learn(req, resp)
        return resp

    kinds: tuple[str, ...] = ()


@mutant("A01", "any key reads any job", ["ACC-03"])
class ReadsAll(Owners):
    kinds = ("read",)


@mutant("A02", "unknown keys may read", ["ACC-01"])
class AnyKey(Mutant):
    """An unknown key is taken for the main one on reads."""

    async def handle(self, req: Ask) -> Answer:
        resp = await self.inner(req)
        if (
            req.method == "GET"
            and req.key
            and req.key not in self.keys
            and resp.status in (401, 500)
        ):
            return await self.inner(req.with_key(self.key_of("main")))
        return resp


@mutant("A03", "a key without the scope may submit", ["ACC-02"], needs=("scopes",))
class NoScopes(Mutant):
    """What a scope forbids is done with another key of the account."""

    async def handle(self, req: Ask) -> Answer:
        resp = await self.inner(req)
        if resp.status == 403 and self.does(req, "submit"):
            return await self.inner(req.with_key(self.key_of(self.account(req), req.key)))
        return resp


@mutant("A04", "anybody may cancel", ["ACC-03", "ACC-09"], needs=("cancel",))
class CancelsAll(Owners):
    kinds = ("cancel",)


@mutant("A05", "lists show another account's jobs", ["ACC-04"], needs=("list",))
class ListsAll(Mutant):
    async def handle(self, req: Ask) -> Answer:
        resp = await self.inner(req)
        mine = self.key_of("main")
        if self.does(req, "list") and self.ok(req, resp) and self.account(req) != "main":
            other = await self.inner(req.with_key(mine))
            rows = self.rows(req, other)
            self.set_rows(req, resp, rows + self.rows(req, resp))
        return resp


@mutant("A06", "a revoked key still works", ["ACC-07"], needs=("dead_keys",))
class Undead(Mutant):
    """Known keys of an account are all the same."""

    async def handle(self, req: Ask) -> Answer:
        resp = await self.inner(req)
        if resp.status == 401 and req.key in self.keys:
            scheme = req.authorization.rpartition(" ")[0]
            if scheme == self.profile.section("key").get("scheme", "Bearer"):
                return await self.inner(req.with_key(self.key_of(self.account(req), req.key)))
        return resp


@mutant("A07", "any scheme before the key will do", ["ACC-01"])
class AnyScheme(Mutant):
    """`Basic` with a good key is good."""

    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where a word stands before the key."""
        return bool(profile.section("key").get("scheme", "Bearer"))

    async def handle(self, req: Ask) -> Answer:
        if req.key in self.keys:
            scheme = self.profile.section("key").get("scheme", "Bearer")
            heads = {**req.headers, req.key_header: f"{scheme} {req.key}"}
            return await self.inner(req.copy(headers=heads))
        return await self.inner(req)


@mutant("A08", "no key is needed to read", ["ACC-01"])
class Open(Mutant):
    async def handle(self, req: Ask) -> Answer:
        if not req.authorization and req.method == "GET" and self.op(req):
            scheme = self.profile.section("key").get("scheme", "Bearer")
            value = f"{scheme} {self.key_of('main')}".strip()
            heads = {**req.headers, req.key_header: value}
            return await self.inner(req.copy(headers=heads))
        return await self.inner(req)


@mutant("A09", "anybody may remove", ["ACC-03", "ACC-09"], needs=("remove",))
class RemovesAll(Owners):
    kinds = ("remove",)


@mutant("A10", "a scoped key may do nothing", ["ACC-08"], needs=("scopes",))
class ScopesTooTight(Mutant):
    async def handle(self, req: Ask) -> Answer:
        first = self.key_of(self.account(req))
        if self.does(req, "read") and req.key in self.keys and req.key != first:
            return self.refusal(403)
        return await self.inner(req)


@mutant(
    "A11",
    "balances of the first account are shown to all",
    ["BIL-04", "BIL-07", "BIL-12", "BIL-16", "BIL-03", "BIL-06"],
)
class OneWallet(Mutant):
    """Whoever asks for a balance is shown the main one."""

    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where one is shown."""
        return bool(profile.doing("balance"))

    async def handle(self, req: Ask) -> Answer:
        resp = await self.inner(req)
        if self.does(req, "balance") and self.ok(req, resp) and self.account(req) != "main":
            other = await self.inner(req.with_key(self.key_of("main")))
            resp.content = other.body
        return resp


@mutant("A12", "foreign jobs are admitted to exist", ["ACC-03"])
class Admits(Owners):
    async def handle(self, req: Ask) -> Answer:
        resp = await self.inner(req)
        self.learn(req, resp)
        whose = self.owner.get(self.param(req))
        if self.does(req, "read") and whose and req.key in self.keys and whose != self.account(req):
            return self.refusal(409)
        return resp


@mutant("A13", "a good key is refused now and then", ["ACC-08"])
class Flickers(Mutant):
    def reset(self) -> None:
        self.count = 0

    async def handle(self, req: Ask) -> Answer:
        self.count += 1
        if self.count % 5 == 0 and self.op(req):
            return self.refusal(401)
        return await self.inner(req)
