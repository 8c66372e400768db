"""Mutants that answer with the wrong status, or accept what they must refuse."""

from __future__ import annotations

import json

from understudy_contracts.profile import Profile
from understudy_contracts.zoo.base import Mutant, mutant
from understudy_contracts.zoo.messages import Answer, Ask


@mutant("C01", "submissions succeed with another status", ["RES-02", "VAL-09"])
class OtherSuccess(Mutant):
    """203."""

    def response(self, req: Ask, resp: Answer) -> None:
        if self.does(req, "submit") and self.ok(req, resp):
            resp.status = 203


@mutant("C02", "an empty purse is a validation error", ["BIL-07", "RES-02", "RES-05"])
class PoorIsInvalid(Mutant):
    """418 for the vendor's own word."""

    def response(self, req: Ask, resp: Answer) -> None:
        rule = self.profile.section("insufficient")
        code = self.code(resp)
        if resp.status in rule.get("status", [402]) and code in rule.get("codes", [code]):
            resp.status = 418


@mutant("C03", "a bad key is forbidden", ["ACC-01"])
class Forbidden(Mutant):
    """407 for 401."""

    def response(self, req: Ask, resp: Answer) -> None:
        if resp.status == 401:
            resp.status = 407


@mutant("C04", "unknown jobs exist", ["ACC-05", "ACC-03"])
class Phantom(Mutant):
    """What nobody submitted is shown as the last job that was looked at."""

    def reset(self) -> None:
        self.last: Answer | None = None

    def response(self, req: Ask, resp: Answer) -> Answer | None:
        operation = self.op(req)
        if operation is None or operation.does != "read":
            return None
        from understudy_contracts.profile import present

        if self.ok(req, resp) and present(self.read(req, resp, "id")):
            self.last = resp.copy()
            return None
        if self.last is None and resp.status not in (401, 429):
            self.last = Answer(operation.ok[0], {"content-type": "application/json"})
            doc: dict[str, object] = {}
            from understudy_contracts.zoo.base import set_deep

            for name in ("id", "state"):
                for place in operation.at.get(name, ())[:1]:
                    set_deep(
                        doc, place.pointer, self.param(req) if name == "id" else self.raw("queued")
                    )
            self.last.json = doc
        if resp.status in (401, 429):
            return None
        made = self.last.copy() if self.last else None
        if made:
            made.headers = {
                **made.headers,
                **{k: v for k, v in resp.headers.items() if "limit" in k},
            }
        return made


class Crash(Mutant):
    """Answers 500 where `when` says so."""

    async def handle(self, req: Ask) -> Answer:
        """Fall over before or instead of answering."""
        if self.op(req) is not None and self.when(req):
            return self.refusal(500)
        return await self.inner(req)

    def when(self, req: Ask) -> bool:
        """Say whether this request is the one that hurts."""
        return False


CRASH = ["RES-01", "VAL-06", "VAL-11", "VAL-02"]


@mutant("C05", "500 on text beyond the first plane", CRASH)
class CrashEmoji(Crash):
    """Anything above U+FFFF in a body."""

    def when(self, req: Ask) -> bool:
        return any(b >= 0xF0 for b in req.body) or b"\\ud8" in req.body


@mutant("C06", "500 on page size zero", CRASH, needs=("list",))
class CrashZero(Crash):
    """A division nobody guarded."""

    def when(self, req: Ask) -> bool:
        operation = self.op(req)
        return bool(operation and req.params.get(operation.query.get("size", "")) == "0")


@mutant("C07", "500 on malformed JSON", CRASH)
class CrashJson(Crash):
    """An exception nobody caught."""

    def when(self, req: Ask) -> bool:
        if not req.body:
            return False
        try:
            json.loads(req.body)
        except (ValueError, RecursionError):
            return True
        return False


@mutant("C08", "500 on null", CRASH)
class CrashNull(Crash):
    """Any member that is null."""

    def when(self, req: Ask) -> bool:
        return isinstance(req.json, dict) and None in req.json.values()


@mutant("C09", "500 on an array body", CRASH)
class CrashArray(Crash):
    """Where an object was expected."""

    def when(self, req: Ask) -> bool:
        return isinstance(req.json, list)


@mutant("C10", "500 without a JSON content type", CRASH)
class CrashType(Crash):
    """A reader chosen by header."""

    def when(self, req: Ask) -> bool:
        return bool(req.body) and "json" not in req.headers.get("content-type", "")


@mutant("C11", "500 on a number spelled in another way", ["RES-01", "VAL-07", "VAL-06"])
class CrashFloat(Crash):
    """`5.0` for `5`."""

    def when(self, req: Ask) -> bool:
        body = req.json
        return isinstance(body, dict) and any(isinstance(v, float) for v in body.values())


@mutant("C12", "500 on a repeated query parameter", CRASH, needs=("list",))
class CrashTwice(Crash):
    """A list where one text was expected."""

    def when(self, req: Ask) -> bool:
        names = [p.partition("=")[0] for p in req.query.split("&") if p]
        return len(names) != len(set(names))


@mutant("C13", "500 on a huge page", CRASH, needs=("list",))
class CrashHuge(Crash):
    """Beyond what the database's integers hold."""

    def when(self, req: Ask) -> bool:
        return any(len(v) > 12 for v in req.params.values())


@mutant("C14", "500 on a long id", CRASH)
class CrashLongId(Crash):
    """A column that is too narrow."""

    def when(self, req: Ask) -> bool:
        return len(self.param(req)) > 200


@mutant("C15", "500 on every thirtieth request", ["RES-01"])
class CrashSometimes(Crash):
    """A worker that dies now and then."""

    def reset(self) -> None:
        self.count = 0

    def when(self, req: Ask) -> bool:
        self.count += 1
        return self.count % 30 == 0


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
    """As the first sample."""

    kind = "listed"


@mutant("C17", "missing members are accepted", ["VAL-03"])
class AcceptsMissing(Accepts):
    """As the first sample."""

    kind = "missing"


@mutant("C18", "conditional members are not enforced", ["VAL-04"])
class AcceptsConditional(Accepts):
    """As the first sample."""

    kind = "conditional"


@mutant("C19", "values beyond the limit are accepted", ["VAL-05"])
class AcceptsBeyond(Accepts):
    """As the first sample."""

    kind = "beyond"


@mutant("C20", "values of the wrong type are accepted", ["VAL-08"])
class AcceptsType(Accepts):
    """As the first sample."""

    kind = "type"


@mutant("C26", "members nobody documents are accepted", ["VAL-10"])
class AcceptsUnknown(Accepts):
    """As the first sample."""

    kind = "unknown"


@mutant(
    "C21",
    "the field at fault is not named",
    ["VAL-01", "VAL-03", "VAL-04", "VAL-05", "VAL-08"],
    needs=("fields_named",),
)
class NoField(Mutant):
    """The list of fields is empty."""

    def response(self, req: Ask, resp: Answer) -> None:
        spec, doc = self.profile.section("error").get("fields"), resp.json
        if resp.status >= 400 and isinstance(spec, str) and doc is not None:
            from understudy_contracts.pointers import MISSING, get, put

            if get(doc, spec) is not MISSING:
                put(doc, spec, [])
                resp.json = doc


@mutant(
    "C22", "what is just within the limit is refused", ["VAL-05", "VAL-09"], needs=("text_limit",)
)
class OffByOne(Mutant):
    """The samples at the limit."""

    async def handle(self, req: Ask) -> Answer:
        if self.does(req, "submit"):
            edge = [s.body for s in self.profile.samples if "limit" in s.tags]
            if req.json in edge:
                status = next(
                    (r.status[0] for r in self.profile.refusals if r.kind == "beyond"), 422
                )
                return self.refusal(status)
        return await self.inner(req)


@mutant("C23", "malformed JSON is accepted", ["VAL-02"])
class AcceptsGarbage(Mutant):
    """As the first sample."""

    async def handle(self, req: Ask) -> Answer:
        if self.does(req, "submit") and req.body and not isinstance(req.json, dict):
            return await self.inner(req.copy(json=self.profile.samples[0].body))
        return await self.inner(req)


@mutant("C24", "a refused request has the status of success", ["VAL-01", "VAL-03", "VAL-02"])
class FalseSuccess(Mutant):
    """With the error in the body."""

    def response(self, req: Ask, resp: Answer) -> None:
        if self.does(req, "submit") and resp.status in (400, 422):
            resp.status = 200


@mutant("C25", "reads redirect", ["RES-02", "JOB-03", "RES-04", "ACC-05"])
class Redirects(Mutant):
    """To the same path with a slash."""

    def response(self, req: Ask, resp: Answer) -> Answer | None:
        if self.does(req, "read"):
            return Answer(307, {"location": req.path + "/", "content-length": "0"}, b"")
        return None
