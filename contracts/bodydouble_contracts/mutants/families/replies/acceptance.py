"""Mutants that accept what they must refuse, or refuse it badly."""

from __future__ import annotations

from bodydouble_contracts.mutants.messages import Answer, Ask
from bodydouble_contracts.mutants.mutant import Mutant, mutant
from bodydouble_contracts.mutants.refusals import refused
from bodydouble_contracts.reading import texts
from bodydouble_contracts.vendors.parts import Refusal, Rule
from bodydouble_contracts.vendors.profile import Profile


class Accepts(Mutant):
    """Replaces a request of one of the profile's refusals by the first sample of its operation."""

    kind = ""

    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Some refusal of the kind, and a sample that is whole to pass it off as."""
        ops = {s.op for s in profile.samples if whole(s.body)}
        return any(r.kind == cls.kind and r.op in ops for r in profile.refusals)

    async def handle(self, req: Ask) -> Answer:
        """Let a refused request pass as a good one."""
        entry = entry_of(self, req)
        if entry is not None and entry.kind == self.kind:
            mine = [s.body for s in self.profile.samples if s.op == entry.op and whole(s.body)]
            return await self.inner(req.copy(json=mine[0]) if mine else req)
        return await self.inner(req)


def whole(body: object) -> bool:
    """Whether a body needs no value that another operation would have to provide first."""
    if isinstance(body, dict | list):
        return all(map(whole, body.values() if isinstance(body, dict) else body))
    return not (isinstance(body, str) and body.startswith("{"))


def entry_of(mutant: Mutant, req: Ask) -> Refusal | None:
    """Return the profile's refusal that a request is, or None."""
    operation = mutant.op(req) if mutant.does(req, "submit") else None
    mine = [r for r in mutant.profile.refusals if operation and r.op == operation.name]
    return next((r for r in mine if r.body == req.json), None)


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
            resp.put(place.partition("/*")[0], [])


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


@mutant("C28", "the limit of the text counts another unit", ["VAL-05"], needs=("text_limit",))
class OtherUnit(Mutant):
    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where a sample is as long as may be, and a refusal says how long is too long."""
        return any(texts.beyond(profile, sample.op) for sample, _ in texts.longest(profile))

    async def handle(self, req: Ask) -> Answer:
        operation, text = self.op(req), texts.said(self.profile, req.json)
        known = texts.longest(self.profile) if operation else []
        limits = [(s, n) for s, n in known if operation and s.op == operation.name]
        if limits and text is not None:
            sample, most = max(limits, key=lambda pair: pair[1])
            counted = texts.unit(self.profile)
            other = texts.BYTES if counted == texts.CHARACTERS else texts.CHARACTERS
            right, wrong = texts.size(text, counted) <= most, texts.size(text, other) <= most
            too_long = texts.beyond(self.profile, sample.op)
            if right != wrong and too_long is not None:
                return await self.inner(req.copy(json=sample.body if wrong else too_long.body))
        return await self.inner(req)


VALIDATION = ["VAL-01", "VAL-03", "VAL-04", "VAL-05", "VAL-08", "VAL-10"]


@mutant("C29", "a request without a required header is taken", ["VAL-14"])
class HeaderMissing(Mutant):
    """As if it were there."""

    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where one is required."""
        return any(h.required for h in profile.headers)

    async def handle(self, req: Ask) -> Answer:
        lacking = {h.name.lower(): h.value for h in self.profile.headers if h.required}
        return await self.inner(req.copy(headers={**lacking, **req.headers}))


@mutant("C30", "any value of a constant header will do", ["VAL-14"])
class HeaderWrong(Mutant):
    """Only its name is looked at."""

    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where the vendor says what a wrong one gets."""
        return any(h.unknown for h in profile.headers)

    async def handle(self, req: Ask) -> Answer:
        known = {h.name.lower(): h.value for h in self.profile.headers if h.unknown}
        right = {k: v for k, v in known.items() if k in req.headers}
        return await self.inner(req.copy(headers={**req.headers, **right}))


@mutant("C31", "a body at fault is refused for a header that was there", VALIDATION)
class HeaderBlamed(Mutant):
    """Refused it is, though not for what is wrong with it."""

    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where a header is required, and bodies are refused."""
        return any(h.required for h in profile.headers) and bool(profile.refusals)

    async def handle(self, req: Ask) -> Answer:
        if entry_of(self, req) is not None:
            needed = {h.name.lower() for h in self.profile.headers if h.required}
            heads = {k: v for k, v in req.headers.items() if k not in needed}
            return await self.inner(req.copy(headers=heads))
        return await self.inner(req)


@mutant("C32", "a body at fault gets another refusal of the same status", VALIDATION)
class OtherRefusal(Mutant):
    """In the vendor's envelope, with another of its codes and words that say nothing."""

    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Wherever bodies are refused."""
        return bool(profile.refusals)

    async def handle(self, req: Ask) -> Answer:
        entry, resp = entry_of(self, req), await self.inner(req)
        if entry is None or resp.status not in entry.rule.status:
            return resp
        codes = self.profile.errors.get(str(resp.status), ())
        others = tuple(c for c in codes if c not in entry.rule.codes)
        made = refused(self.profile, Rule((resp.status,), others))
        made.headers = {**resp.headers, "content-length": str(len(made.body))}
        return made
