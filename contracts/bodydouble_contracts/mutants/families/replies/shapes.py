"""Mutants whose replies have the wrong shape."""

from __future__ import annotations

from bodydouble_contracts.history.pointers import MISSING
from bodydouble_contracts.mutants.messages import Answer, Ask
from bodydouble_contracts.mutants.mutant import Mutant, mutant
from bodydouble_contracts.vendors.profile import Profile


@mutant("S01", "errors without code", ["RES-05", "RES-03"])
class NoCode(Mutant):
    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where refusals have a code."""
        return "code" in profile.section("error")

    def response(self, req: Ask, resp: Answer) -> None:
        if resp.status >= 400:
            self.set_code(resp, MISSING)


@mutant("S02", "404 as text", ["RES-04", "RES-05"])
class TextNotFound(Mutant):
    """What is not found comes as plain text."""

    def response(self, req: Ask, resp: Answer) -> Answer | None:
        operation = self.op(req)
        unknown = self.said(resp, "absent")
        missing = (
            operation and operation.does == "read" and self.read(req, resp, "id") in (MISSING, None)
        )
        if unknown or (resp.status == 200 and missing):
            heads = {**resp.headers, "content-type": "text/plain"}
            return Answer(resp.status, {}, b"not found").under(heads)
        return None


@mutant("S03", "the request id is always the same", ["RES-06"], needs=("request_id",))
class SameRequestId(Mutant):
    def response(self, req: Ask, resp: Answer) -> None:
        rule = self.profile.section("request_id")
        if rule.get("header"):
            resp.headers[rule["header"].lower()] = "req_00000000-0000-4000-8000-000000000000"
        if isinstance(rule.get("at"), str):
            resp.put(rule["at"], "req_00000000-0000-4000-8000-000000000000")


@mutant("S04", "a running job has an undocumented state word", ["JOB-12", "RES-03"])
class NewWord(Mutant):
    def response(self, req: Ask, resp: Answer) -> None:
        if self.does(req, "read") and self.word(req, resp) in ("running", "queued"):
            self.write(req, resp, "state", "baking")


@mutant("S05", "amounts in the other type", ["BIL-14", "RES-03"], needs=("remaining",))
class OtherType(Mutant):
    """Numbers for texts, texts for numbers."""

    def response(self, req: Ask, resp: Answer) -> None:
        if self.ok(req, resp) and self.does(req, "submit"):
            value = self.read(req, resp, "cost")
            if value not in (MISSING, None):
                self.write(
                    req, resp, "cost", float(value) if isinstance(value, str) else str(value)
                )


@mutant(
    "S06",
    "the second sample's reply has no job id",
    ["VAL-09", "RES-03", "JOB-03", "JOB-15", "BIL-04", "JOB-13"],
)
class NoId(Mutant):
    def response(self, req: Ask, resp: Answer) -> None:
        second = req.json == self.profile.samples[1].body
        if second and self.ok(req, resp) and self.does(req, "submit"):
            self.erase(req, resp, "id")


@mutant("S07", "times in another format", ["RES-03", "JOB-10"], needs=("job_times",))
class OtherTimes(Mutant):
    def response(self, req: Ask, resp: Answer) -> None:
        if self.does(req, "read"):
            for name in ("created", "updated"):
                if isinstance(self.read(req, resp, name), str):
                    self.write(req, resp, name, "31/12/2026 10:00")
                elif isinstance(self.read(req, resp, name), int | float):
                    self.write(req, resp, name, -5)


@mutant("S08", "an internal member leaks", ["RES-07", "RES-03"], needs=("document",))
class Leak(Mutant):
    def response(self, req: Ask, resp: Answer) -> None:
        doc = resp.json
        if self.ok(req, resp) and isinstance(doc, dict):
            inner = next((v for v in doc.values() if isinstance(v, dict) and v), doc)
            inner["_node"] = "db-7.internal"
            resp.json = doc


@mutant("S09", "bodies are cut", ["RES-10", "RES-04", "RES-03", "RES-05"])
class Cut(Mutant):
    def response(self, req: Ask, resp: Answer) -> None:
        if self.does(req, "read", "balance") and len(resp.body) > 10:
            resp.body = resp.body[:-7]


@mutant("S10", "JSON is called text", ["RES-04"])
class CalledText(Mutant):
    def response(self, req: Ask, resp: Answer) -> None:
        if "content-type" in resp.headers:
            resp.headers["content-type"] = "text/html; charset=utf-8"


@mutant("S11", "the announced length is wrong", ["RES-10"])
class WrongLength(Mutant):
    def response(self, req: Ask, resp: Answer) -> None:
        if self.does(req, "balance", "read"):
            resp.headers["content-length"] = str(len(resp.body) + 3)


@mutant("S12", "errors show the key", ["RES-09"])
class EchoKey(Mutant):
    def response(self, req: Ask, resp: Answer) -> None:
        doc = resp.json
        if resp.status >= 400 and isinstance(doc, dict) and req.key:
            inner = next((v for v in doc.values() if isinstance(v, dict)), doc)
            inner["message"] = f"no such thing for {req.key}"
            resp.json = doc


@mutant("S13", "errors in another envelope", ["RES-05", "RES-03"])
class OtherEnvelope(Mutant):
    def response(self, req: Ask, resp: Answer) -> None:
        if resp.status >= 400 and self.op(req):
            resp.json = {"detail": "something went wrong"}


@mutant("S14", "the code of another status", ["RES-05", "RES-03"])
class OtherCode(Mutant):
    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where refusals have a code."""
        return "code" in profile.section("error")

    def response(self, req: Ask, resp: Answer) -> None:
        if resp.status >= 400:
            self.set_code(resp, "teapot")


@mutant(
    "S15",
    "a list wraps its items once more",
    ["RES-03", "PAG-04", "JOB-15", "PAG-02"],
    needs=("list",),
)
class Wrapped(Mutant):
    def response(self, req: Ask, resp: Answer) -> None:
        if self.does(req, "list") and self.rows(req, resp):
            self.set_rows(req, resp, [{"row": r} for r in self.rows(req, resp)])


@mutant("S16", "an empty list is null", ["RES-03"], needs=("list", "document"))
class NullList(Mutant):
    def response(self, req: Ask, resp: Answer) -> None:
        if self.does(req, "list") and self.ok(req, resp) and not self.rows(req, resp):
            self.write(req, resp, "items", None)


@mutant("S17", "a required member of a job is missing", ["RES-03", "JOB-03"])
class NoMember(Mutant):
    def response(self, req: Ask, resp: Answer) -> None:
        if self.does(req, "read") and self.ok(req, resp):
            self.erase(req, resp, "id")


@mutant("S18", "unknown routes answer with a page", ["RES-08"])
class HtmlNowhere(Mutant):
    def response(self, req: Ask, resp: Answer) -> Answer | None:
        if self.op(req) is None and resp.status == 404:
            return Answer(404, {"content-type": "text/html"}, b"<h1>404</h1>")
        return None
