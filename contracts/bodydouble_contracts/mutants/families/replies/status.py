"""Mutants that answer with the wrong status, or accept what they must refuse."""

from __future__ import annotations

import json
from collections.abc import Iterator

from bodydouble_contracts.mutants.messages import Answer, Ask
from bodydouble_contracts.mutants.middleware import set_deep
from bodydouble_contracts.mutants.mutant import Mutant, mutant
from bodydouble_contracts.vendors.profile import present


@mutant("C01", "submissions succeed with another status", ["RES-02", "VAL-09"])
class OtherSuccess(Mutant):
    def response(self, req: Ask, resp: Answer) -> None:
        if self.does(req, "submit") and self.ok(req, resp):
            resp.status = 203


@mutant("C02", "an empty wallet is a validation error", ["BIL-07", "RES-02", "RES-05"])
class PoorIsInvalid(Mutant):
    def response(self, req: Ask, resp: Answer) -> None:
        if self.said(resp, "insufficient"):
            resp.status = 418


@mutant("C03", "a bad key is forbidden", ["ACC-01"])
class Forbidden(Mutant):
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
        if self.ok(req, resp) and present(self.read(req, resp, "id")):
            self.last = resp.copy()
            return None
        if self.last is None and resp.status not in (401, 429):
            self.last = Answer(operation.ok[0], {"content-type": "application/json"})
            doc: dict[str, object] = {}
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


def members(body: object) -> Iterator[object]:
    """Yield what the members of a body hold, through its objects."""
    for value in body.values() if isinstance(body, dict) else ():
        yield value
        yield from members(value)


CRASH = ["RES-01", "VAL-06", "VAL-11", "VAL-02"]


@mutant("C05", "500 on text beyond the first plane", CRASH)
class CrashEmoji(Crash):
    def when(self, req: Ask) -> bool:
        return any(b >= 0xF0 for b in req.body) or b"\\ud8" in req.body


@mutant("C06", "500 on page size zero", CRASH, needs=("list",))
class CrashZero(Crash):
    def when(self, req: Ask) -> bool:
        operation = self.op(req)
        return bool(operation and req.params.get(operation.query.get("size", "")) == "0")


@mutant("C07", "500 on malformed JSON", CRASH)
class CrashJson(Crash):
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
    def when(self, req: Ask) -> bool:
        return any(one is None for one in members(req.json))


@mutant("C09", "500 on an array body", CRASH)
class CrashArray(Crash):
    def when(self, req: Ask) -> bool:
        return isinstance(req.json, list)


@mutant("C10", "500 without a JSON content type", CRASH)
class CrashType(Crash):
    def when(self, req: Ask) -> bool:
        return bool(req.body) and "json" not in req.headers.get("content-type", "")


@mutant("C11", "500 on a number spelled in another way", ["RES-01", "VAL-07", "VAL-06"])
class CrashFloat(Crash):
    def when(self, req: Ask) -> bool:
        return any(isinstance(one, float) for one in members(req.json))


@mutant("C12", "500 on a repeated query parameter", CRASH, needs=("list",))
class CrashTwice(Crash):
    def when(self, req: Ask) -> bool:
        names = [p.partition("=")[0] for p in req.query.split("&") if p]
        return len(names) != len(set(names))


@mutant("C13", "500 on a huge page", CRASH, needs=("list",))
class CrashHuge(Crash):
    def when(self, req: Ask) -> bool:
        return any(len(v) > 12 for v in req.params.values())


@mutant("C14", "500 on a long id", CRASH)
class CrashLongId(Crash):
    def when(self, req: Ask) -> bool:
        return len(self.param(req)) > 200


@mutant("C15", "500 on every thirtieth request", ["RES-01"])
class CrashSometimes(Crash):
    def reset(self) -> None:
        self.count = 0

    def when(self, req: Ask) -> bool:
        self.count += 1
        return self.count % 30 == 0


@mutant("C25", "reads redirect", ["RES-02", "JOB-03", "RES-04", "ACC-05"])
class Redirects(Mutant):
    def response(self, req: Ask, resp: Answer) -> Answer | None:
        if self.does(req, "read"):
            return Answer(307, {"location": req.path + "/", "content-length": "0"}, b"")
        return None


@mutant("C41", "a body that is no object is met by silence", ["VAL-11"])
class Silence(Mutant):
    async def handle(self, req: Ask) -> Answer:
        if self.does(req, "submit") and req.body and not isinstance(req.json, dict):
            raise ConnectionResetError
        return await self.inner(req)


@mutant("C42", "text beyond the first plane is accepted in part", ["VAL-06"])
class InPart(Mutant):
    def response(self, req: Ask, resp: Answer) -> None:
        wide = any(byte >= 0xF0 for byte in req.body)
        if wide and self.does(req, "submit") and self.ok(req, resp):
            resp.status = 207
