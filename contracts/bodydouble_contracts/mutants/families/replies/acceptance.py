"""Mutants that accept what they must refuse, or refuse it badly."""

from __future__ import annotations

from bodydouble_contracts.mutants.messages import Answer, Ask
from bodydouble_contracts.mutants.mutant import Mutant, mutant
from bodydouble_contracts.vendors.profile import Profile


class Accepts(Mutant):
    """Replaces a request of one of the profile's refusals by the first sample of its operation."""

    kind = ""

    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Some refusal of the kind, and a sample to pass it off as."""
        ops = {s.op for s in profile.samples}
        return any(r.kind == cls.kind and r.op in ops for r in profile.refusals)

    async def handle(self, req: Ask) -> Answer:
        """Let a refused request pass as a good one."""
        if self.does(req, "submit"):
            operation = self.op(req)
            for entry in self.profile.refusals:
                if (
                    entry.kind == self.kind
                    and operation
                    and entry.op == operation.name
                    and req.json == entry.body
                ):
                    good = next(s for s in self.profile.samples if s.op == entry.op)
                    return await self.inner(req.copy(json=good.body))
        return await self.inner(req)


@mutant("C16", "values outside the list are accepted", ["VAL-01"])
class AcceptsListed(Accepts):
    kind = "listed"


@mutant("C17", "missing members are accepted", ["VAL-03"])
class AcceptsMissing(Accepts):
    kind = "missing"


@mutant("C18", "conditional members are not enforced", ["VAL-04"])
class AcceptsConditional(Accepts):
    kind = "conditional"


@mutant("C19", "values beyond the limit are accepted", ["VAL-05"])
class AcceptsBeyond(Accepts):
    kind = "beyond"


@mutant("C20", "values of the wrong type are accepted", ["VAL-08"])
class AcceptsType(Accepts):
    kind = "type"


@mutant("C26", "members nobody documents are accepted", ["VAL-10"])
class AcceptsUnknown(Accepts):
    kind = "unknown"


@mutant(
    "C21",
    "the field at fault is not named",
    ["VAL-01", "VAL-03", "VAL-04", "VAL-05", "VAL-08"],
    needs=("fields_named",),
)
class NoField(Mutant):
    def response(self, req: Ask, resp: Answer) -> None:
        place = self.profile.section("error").get("fields")
        if resp.status >= 400 and isinstance(place, str):
            resp.put(place, [])


@mutant(
    "C22", "what is just within the limit is refused", ["VAL-05", "VAL-09"], needs=("text_limit",)
)
class OffByOne(Mutant):
    async def handle(self, req: Ask) -> Answer:
        if self.does(req, "submit"):
            edge = [s.body for s in self.profile.samples if "limit" in s.tags]
            if req.json in edge:
                status = next(
                    (r.rule.status[0] for r in self.profile.refusals if r.kind == "beyond"), 422
                )
                return self.refusal(status)
        return await self.inner(req)


@mutant("C23", "malformed JSON is accepted", ["VAL-02"])
class AcceptsGarbage(Mutant):
    async def handle(self, req: Ask) -> Answer:
        if self.does(req, "submit") and req.body and not isinstance(req.json, dict):
            return await self.inner(req.copy(json=self.profile.samples[0].body))
        return await self.inner(req)


@mutant("C24", "a refused request has the status of success", ["VAL-01", "VAL-03", "VAL-02"])
class FalseSuccess(Mutant):
    def response(self, req: Ask, resp: Answer) -> None:
        if self.does(req, "submit") and resp.status in (400, 422):
            resp.status = 200


@mutant("C28", "a limit of characters counts bytes", ["VAL-05"], needs=("text_limit",))
class CountsBytes(Mutant):
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
