"""Mutants in which what is cancelled stays, or what must fail does not."""

from __future__ import annotations

from bodydouble_contracts.mutants.messages import Answer, Ask
from bodydouble_contracts.mutants.mutant import Mutant, mutant
from bodydouble_contracts.vendors.profile import Profile, present


@mutant("L47", "a job that a cancel removed can still be read", ["JOB-08", "JOB-18"])
class StillThere(Mutant):
    """It is shown as it was last seen."""

    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where a cancel leaves nothing."""
        return profile.cancel.removes

    def reset(self) -> None:
        self.seen: dict[str, Answer] = {}

    def response(self, req: Ask, resp: Answer) -> Answer | None:
        if not self.does(req, "read"):
            return None
        if self.ok(req, resp):
            self.seen[self.param(req)] = resp.copy()
            return None
        return self.seen.get(self.param(req)) if self.said(resp, "absent") else None


class Spared(Mutant):
    """Knows the bodies that make a job fail."""

    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where the profile lists some that need no scenario."""
        return any(not f.scenario for f in profile.failing)

    def failing(self, req: Ask) -> bool:
        """Whether a request carries one of them."""
        operation = self.op(req) if self.does(req, "submit") else None
        known = [f for f in self.profile.failing if not f.scenario]
        mine = [f for f in known if operation and f.op == operation.name]
        return any(f.body == req.json for f in mine)


@mutant("L48", "a body that makes a job fail makes it go well", ["JOB-28"])
class GoesWell(Spared):
    """As the first sample would."""

    async def handle(self, req: Ask) -> Answer:
        if self.failing(req):
            operation = self.op(req)
            good = next(s for s in self.profile.samples if operation and s.op == operation.name)
            return await self.inner(req.copy(json=good.body))
        return await self.inner(req)


@mutant("L49", "every failed job names the same reason", ["JOB-28"])
class OneReason(Spared):
    """One that nobody documents."""

    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where a body brings a reason about, and a job shows it."""
        shown = any("reason" in o.at for o in profile.doing("read", "job"))
        return shown and any(f.reason for f in profile.failing)

    def response(self, req: Ask, resp: Answer) -> None:
        if self.ok(req, resp) and present(self.read(req, resp, "reason")):
            self.write(req, resp, "reason", "BROKEN")
        rows = self.rows(req, resp) if self.does(req, "list") else []
        for row in rows:
            if present(self.item(req, row, "reason")):
                self.set_item(req, row, "reason", "BROKEN")
        if rows:
            self.set_rows(req, resp, rows)
