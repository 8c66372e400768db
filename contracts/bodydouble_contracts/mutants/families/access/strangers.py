"""Mutants that refuse a stranger in words and do in deed, or that tell a foreign job from none."""

from __future__ import annotations

from bodydouble_contracts.history.pointers import MISSING, put
from bodydouble_contracts.mutants.messages import Answer, Ask
from bodydouble_contracts.mutants.mutant import Mutant, mutant
from bodydouble_contracts.vendors.profile import FINAL, Profile, present


class Owned(Mutant):
    """Knows which key ordered each job, and the resource that it leads to."""

    def reset(self) -> None:
        """Nobody has ordered anything."""
        self.owner: dict[str, str] = {}
        self.ended: set[str] = set()

    async def handle(self, req: Ask) -> Answer:
        resp = await self.inner(req)
        if self.ok(req, resp):
            self.note(req, resp)
        job = self.param(req)
        stranger = job in self.owner and self.account(req) != self.account_of(job)
        # Some vendors refuse with a success that holds nothing.
        if stranger and (not self.ok(req, resp) or self.read(req, resp, "id") in (None, MISSING)):
            return await self.strange(req, resp, job)
        return await self.own(req, resp)

    def note(self, req: Ask, resp: Answer) -> None:
        """Remember an owner, and what has ended."""
        id = str(self.read(req, resp, "id"))
        if self.does(req, "submit"):
            self.owner[id] = req.key
        if self.does(req, "read"):
            twin = self.read(req, resp, "twin")
            if present(twin):
                self.owner.setdefault(str(twin), req.key)
            if self.word(req, resp) in FINAL:
                self.ended.add(id)

    def account_of(self, job: str) -> str:
        """Return the account that ordered a job."""
        return self.keys.get(self.owner[job], self.owner[job])

    async def strange(self, req: Ask, resp: Answer, job: str) -> Answer:
        """Answer who asked for somebody else's, and was refused with this."""
        return resp

    async def own(self, req: Ask, resp: Answer) -> Answer:
        """Answer everybody else."""
        return resp


class InDeed(Owned):
    """Does for the owner what a stranger was refused, of the kinds in `kinds`."""

    kinds: tuple[str, ...] = ()

    def fits(self, req: Ask) -> bool:
        """Whether this stranger is one of those meant."""
        return req.key in self.keys

    async def strange(self, req: Ask, resp: Answer, job: str) -> Answer:
        if self.does(req, *self.kinds) and self.fits(req):
            await self.inner(req.with_key(self.owner[job]))
        return resp


@mutant("A60", "a stranger's delete is refused and done", ["ACC-09"], needs=("remove",))
class DeletesInDeed(InDeed):
    kinds = ("remove",)


@mutant("A61", "a stranger's cancel is refused and done", ["ACC-09"], needs=("cancel",))
class CancelsInDeed(InDeed):
    kinds = ("cancel",)


@mutant("A62", "what a key nobody issued may not delete is gone", ["ACC-09"], needs=("remove",))
class NobodyDeletes(InDeed):
    kinds = ("remove",)

    def fits(self, req: Ask) -> bool:
        return req.key not in self.keys


@mutant(
    "A63", "what a key nobody issued may not cancel is cancelled", ["ACC-09"], needs=("cancel",)
)
class NobodyCancels(NobodyDeletes):
    kinds = ("cancel",)


@mutant("A64", "a job at which a stranger looked is not there any more", ["JOB-03"])
class Spoilt(Owned):
    """Once a stranger was refused a look, its owner is, too."""

    def reset(self) -> None:
        super().reset()
        self.spoilt: set[str] = set()

    async def strange(self, req: Ask, resp: Answer, job: str) -> Answer:
        if self.does(req, "read"):
            self.spoilt.add(job)
        return resp

    async def own(self, req: Ask, resp: Answer) -> Answer:
        job = self.param(req)
        if job in self.spoilt and self.does(req, "read"):
            return await self.inner(req.with_key(self.key_of("other") or req.key))
        return resp


@mutant(
    "A65",
    "a job that a stranger tried to remove is on no list",
    ["JOB-15", "PAG-02", "PAG-09"],
    needs=("list", "remove"),
)
class Unlisted(Owned):
    """It can still be read."""

    def reset(self) -> None:
        super().reset()
        self.tried: set[str] = set()

    async def strange(self, req: Ask, resp: Answer, job: str) -> Answer:
        if self.does(req, "remove", "cancel"):
            self.tried.add(job)
        return resp

    async def own(self, req: Ask, resp: Answer) -> Answer:
        if self.does(req, "list") and self.ok(req, resp):
            rows = self.rows(req, resp)
            kept = [r for r in rows if str(self.item(req, r, "id")) not in self.tried]
            if len(kept) < len(rows):
                self.set_rows(req, resp, kept)
        return resp


class Retold(Owned):
    """Changes what a stranger is told, so that it differs from what an unknown id brings."""

    kinds: tuple[str, ...] = ("read",)

    async def strange(self, req: Ask, resp: Answer, job: str) -> Answer:
        if req.key in self.keys and self.does(req, *self.kinds):
            self.retell(resp)
        return resp

    def retell(self, resp: Answer) -> None:
        """Change a refusal."""


def reworded(mutant: Mutant, resp: Answer, text: str) -> None:
    """Say another sentence where the envelope has its sentence."""
    error = mutant.profile.section("error")
    first = error.get("message") or error["always"][0]
    doc = resp.json
    for pointer in [first] if isinstance(first, str) else first:
        if isinstance(doc, dict) and put(doc, pointer, text):
            resp.json = doc
            return


@mutant("A66", "a foreign job is refused in other words than an unknown one", ["ACC-11"])
class OtherWords(Retold):
    def retell(self, resp: Answer) -> None:
        reworded(self, resp, "You are not the owner of this resource.")


@mutant("A67", "a foreign job's delete has other words", ["ACC-11"], needs=("cancel|remove",))
class OtherDelete(Retold):
    kinds = ("remove", "cancel")

    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Where a stranger's delete is refused at all."""
        return bool(profile.doing("remove") or profile.doing("cancel"))

    def retell(self, resp: Answer) -> None:
        reworded(self, resp, "You are not the owner of this resource.")


@mutant("A68", "a foreign job's refusal carries one header more", ["ACC-11"])
class MoreHeaders(Retold):
    def retell(self, resp: Answer) -> None:
        resp.headers["x-cache"] = "HIT"


@mutant("A69", "a foreign job's refusal may be kept, an unknown one's may not", ["ACC-11"])
class Cached(Retold):
    def retell(self, resp: Answer) -> None:
        resp.headers["cache-control"] = "private, max-age=60"


@mutant("A70", "a foreign job's refusal ends with a line break", ["ACC-11"])
class Longer(Retold):
    def retell(self, resp: Answer) -> None:
        resp.content = resp.body + b"\n"


@mutant(
    "A71", "a foreign job that has ended cannot be cancelled, an open one is not there", ["ACC-11"]
)
class EndedIsAdmitted(Owned):
    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Where cancelling what has ended is a conflict."""
        return bool(profile.doing("cancel")) and not profile.cancel.removes

    async def strange(self, req: Ask, resp: Answer, job: str) -> Answer:
        if req.key in self.keys and self.does(req, "cancel") and job in self.ended:
            return self.says("cancel.final")
        return resp


@mutant("A72", "a stranger is told that the delete is done", ["ACC-03"], needs=("remove",))
class ToldDone(Owned):
    """And it is not."""

    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Not where a delete of what never was is answered as done, too."""
        return any(o.does == "remove" for o in profile.operations.values())

    def reset(self) -> None:
        super().reset()
        self.last: Answer | None = None

    def note(self, req: Ask, resp: Answer) -> None:
        super().note(req, resp)
        if self.does(req, "remove") and req.key == self.owner.get(self.param(req)):
            self.last = resp.copy()

    async def strange(self, req: Ask, resp: Answer, job: str) -> Answer:
        if req.key in self.keys and self.does(req, "remove") and self.last is not None:
            return self.last.copy()
        return resp


@mutant("A73", "the log of deliveries shows another account's", ["ACC-04"], needs=("webhooks",))
class OthersDeliveries(Mutant):
    async def handle(self, req: Ask) -> Answer:
        if self.does(req, "webhook_logs") and self.account(req) != "main" and req.key in self.keys:
            return await self.inner(req.with_key(self.key_of("main")))
        return await self.inner(req)


@mutant(
    "A74",
    "an order that a dead key may not give is carried out",
    ["BIL-06"],
    needs=("dead_keys", "balance"),
)
class DeadOrders(Mutant):
    """The refusal comes after the work."""

    async def handle(self, req: Ask) -> Answer:
        resp = await self.inner(req)
        if resp.status in (401, 403) and req.key in self.keys and self.does(req, "submit"):
            await self.inner(req.with_key(self.key_of("main", req.key)))
        return resp


@mutant(
    "A75",
    "an order that a key without the scope may not give is charged",
    ["BIL-06"],
    needs=("scopes", "balance"),
)
class ScopelessOrders(Mutant):
    async def handle(self, req: Ask) -> Answer:
        resp = await self.inner(req)
        if resp.status == 403 and self.does(req, "submit"):
            await self.inner(req.with_key(self.key_of(self.account(req), req.key)))
        return resp
