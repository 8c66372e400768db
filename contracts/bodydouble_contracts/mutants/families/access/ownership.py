"""Mutants that do not look closely: at a key's end, at who owns a webhook, at a pause."""

from __future__ import annotations

from typing import Any

from bodydouble_contracts.history.pointers import put
from bodydouble_contracts.mutants.messages import Answer, Ask
from bodydouble_contracts.mutants.mutant import Mutant, mutant
from bodydouble_contracts.vendors.profile import Profile

HOOKS = ("webhooks",)


@mutant("A15", "what follows a good key is not looked at", ["ACC-01"])
class PrefixIsEnough(Mutant):
    """A comparison of as many letters as the stored one has."""

    async def handle(self, req: Ask) -> Answer:
        good = next((k for k in self.keys if req.key.startswith(k)), req.key)
        return await self.inner(req if good == req.key else req.with_key(good))


@mutant("A16", "keys are compared without case", ["ACC-01"])
class KeyCase(Mutant):
    async def handle(self, req: Ask) -> Answer:
        good = next((k for k in self.keys if k.lower() == req.key.lower()), req.key)
        return await self.inner(req if good == req.key else req.with_key(good))


@mutant("A17", "a key without the scope may remove", ["ACC-02"], needs=("scopes", "remove"))
class AnyRemoves(Mutant):
    async def handle(self, req: Ask) -> Answer:
        resp = await self.inner(req)
        if resp.status == 403 and self.does(req, "remove"):
            return await self.inner(req.with_key(self.key_of(self.account(req), req.key)))
        return resp


@mutant("A18", "a dead key may still read", ["ACC-07"], needs=("dead_keys",))
class DeadReads(Mutant):
    async def handle(self, req: Ask) -> Answer:
        resp = await self.inner(req)
        dead = resp.status in (401, 403, 500) and req.key in self.keys
        if dead and self.does(req, "read", "list", "models"):
            return await self.inner(req.with_key(self.key_of("main", req.key)))
        return resp


@mutant("A19", "anybody may pause or delete a webhook", ["ACC-10"], needs=HOOKS)
class HookOwners(Mutant):
    """Small numbers are easily guessed."""

    def reset(self) -> None:
        self.owner: dict[str, str] = {}

    async def handle(self, req: Ask) -> Answer:
        hook = self.param(req)
        if self.does(req, "webhook_update", "webhook_remove") and hook in self.owner:
            req = req.with_key(self.owner[hook])
        resp = await self.inner(req)
        if self.does(req, "webhook_create") and self.ok(req, resp):
            self.owner[str(self.read(req, resp, "hook"))] = req.key
        return resp


@mutant("A20", "there may be any number of webhooks", ["HOK-17"], family="HOK", needs=HOOKS)
class ManyHooks(Mutant):
    """One more is made by forgetting an older one."""

    def reset(self) -> None:
        self.made: list[str] = []

    async def handle(self, req: Ask) -> Answer:
        resp = await self.inner(req)
        if self.does(req, "webhook_create") and resp.status == 422 and len(self.made) > 9:
            path = f"{req.path}/{self.made.pop(0)}"
            await self.inner(req.other("DELETE", path))
            resp = await self.inner(req)
        if self.does(req, "webhook_create") and self.ok(req, resp):
            self.made.append(str(self.read(req, resp, "hook")))
        return resp


@mutant("C27", "a cancel without a content type is fine", ["VAL-13"], needs=("cancel",))
class BareCancel(Mutant):
    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where the vendor says what it gets."""
        return "cancel.bare" in profile.refused

    async def handle(self, req: Ask) -> Answer:
        if self.does(req, "cancel") and "content-type" not in req.headers:
            heads = {**req.headers, "content-type": "application/json"}
            req = req.copy(headers=heads, body=b"{}")
        return await self.inner(req)


class DeafHook(Mutant):
    """Says that a webhook was changed, and leaves out of the change what `left_out` names."""

    other = "active"

    def left_out(self, asked: dict[str, Any]) -> str:
        """Return the member to leave out, or an empty text."""
        return ""

    async def handle(self, req: Ask) -> Answer:
        asked = req.json if self.does(req, "webhook_update") else None
        name = self.left_out(asked) if isinstance(asked, dict) else ""
        if not name or not isinstance(asked, dict):
            return await self.inner(req)
        kept = {k: v for k, v in asked.items() if k != name} or {"status": self.other}
        resp = await self.inner(req.copy(json=kept))
        doc = resp.json
        if self.ok(req, resp) and put(doc, f"/data/{name}", asked[name]):
            resp.json = doc
        return resp


@mutant("W21", "a paused webhook stays paused", ["HOK-05"], needs=HOOKS)
class NoResume(DeafHook):
    other = "paused"

    def left_out(self, asked: dict[str, Any]) -> str:
        return "status" if asked.get("status") == "active" else ""


@mutant("W22", "a webhook's new events do not count", ["HOK-08"], needs=HOOKS)
class OldEvents(DeafHook):
    def left_out(self, asked: dict[str, Any]) -> str:
        return "events" if "events" in asked else ""


@mutant("W23", "a pause does not hold for jobs that run", ["HOK-08"], needs=HOOKS)
class LatePause(DeafHook):
    """Who hears of a job is settled when it is accepted."""

    def reset(self) -> None:
        self.jobs = 0

    async def handle(self, req: Ask) -> Answer:
        self.jobs += self.does(req, "submit")
        return await super().handle(req)

    def left_out(self, asked: dict[str, Any]) -> str:
        return "status" if self.jobs and asked.get("status") == "paused" else ""


@mutant("W24", "a replay is promised and not made", ["HOK-18"], needs=HOOKS)
class NoReplay(Mutant):
    def reset(self) -> None:
        self.known: set[str] = set()
        self.last = Answer(0)

    async def handle(self, req: Ask) -> Answer:
        if self.does(req, "webhook_replay") and self.param(req) in self.known:
            doc = self.last.json
            doc["data"] = {"delivery_id": int(self.param(req)), "status": "pending"}
            return self.last.copy(status=202, json=doc)
        resp = await self.inner(req)
        if self.does(req, "webhook_logs") and self.ok(req, resp):
            self.known = {str(row["id"]) for row in self.read(req, resp, "items")}
            self.last = resp.copy()
        return resp
