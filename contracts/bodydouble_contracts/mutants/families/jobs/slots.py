"""Mutants that do not keep to the slots, or do not say that a job waits for one."""

from __future__ import annotations

from bodydouble_contracts.mutants.families.jobs.words import Renames
from bodydouble_contracts.mutants.messages import Answer, Ask
from bodydouble_contracts.mutants.mutant import Mutant, mutant
from bodydouble_contracts.vendors.profile import Profile


@mutant("L50", "a job that waits for a slot is shown as running", ["LIM-13"], family="LIM")
class NoWaiting(Renames):
    """As if there were no end of slots."""

    @classmethod
    def renamed(cls, profile: Profile) -> dict[str, str]:
        running = next((r for r, w in profile.states.items() if w == "running"), "")
        return {profile.slots.word: running} if profile.slots and running else {}


@mutant("L51", "a job that would wait for a slot is refused", ["LIM-13"], family="LIM")
class Crowded(Mutant):
    """With the status for too many requests of a vendor that never says so."""

    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where the vendor lets it wait."""
        return profile.slots is not None

    async def handle(self, req: Ask) -> Answer:
        resp = await self.inner(req)
        if not self.does(req, "submit") or not self.ok(req, resp):
            return resp
        read = self.profile.doing("read", "job")[0]
        path = self.profile.mount + read.path.replace("{job}", str(self.read(req, resp, "id")))
        asked = self.without_idem(req).other("GET", path)
        seen = await self.inner(asked)
        waits = str(self.read(asked, seen, "state")) == self.profile.slots.word
        return self.refusal(409) if waits else resp


@mutant("L52", "a job waits for a slot although one is free", ["LIM-13"], family="LIM")
class Idle(Renames):
    """Whatever is open is shown as waiting for a slot."""

    @classmethod
    def renamed(cls, profile: Profile) -> dict[str, str]:
        if profile.slots is None:
            return {}
        open_ = [r for r, w in profile.states.items() if w in ("queued", "running")]
        return {r: profile.slots.word for r in open_ if r != profile.slots.word}
