"""Mutants in which jobs end wrongly, or leave the wrong things behind."""

from __future__ import annotations

import copy
from typing import Any

from bodydouble_contracts.mutants.families.jobs.lifecycle import Linked, Lives, force
from bodydouble_contracts.mutants.messages import Answer, Ask
from bodydouble_contracts.mutants.middleware import set_deep
from bodydouble_contracts.mutants.mutant import Mutant, mutant
from bodydouble_contracts.vendors.profile import Profile, present


@mutant("L13", "a failed job has a result too", ["JOB-05", "RES-03"], needs=("refund_on_failure",))
class FailedResult(Linked):
    """A link to nothing, while a job is in one of `when`."""

    when: tuple[str, ...] = ("failed",)

    def looked(self, req: Ask, resp: Answer, job: str, word: str, times: int) -> None:
        operation, doc = self.op(req), resp.json
        if word in self.when and operation and doc is not None:
            for place in operation.at.get("result", ())[:1]:
                force(doc, place.pointer, "https://cdn.invalid/none.mp4")
            resp.json = doc


@mutant("L14", "a running job already shows its result", ["JOB-05", "RES-03"])
class EarlyResult(FailedResult):
    when = ("running", "queued")


@mutant(
    "L15",
    "a failed job names no error",
    ["JOB-05", "RES-03"],
    needs=("refund_on_failure", "job_error"),
)
class NoError(Lives):
    def looked(self, req: Ask, resp: Answer, job: str, word: str, times: int) -> None:
        if word == "failed":
            self.write(req, resp, "error", None)


@mutant("L16", "progress falls", ["JOB-19", "JOB-06", "JOB-02"], needs=("progress",))
class ProgressFalls(Lives):
    def looked(self, req: Ask, resp: Answer, job: str, word: str, times: int) -> None:
        self.count += 1
        self.write(req, resp, "progress", max(0, 90 - self.count))


@mutant("L17", "two jobs share an id", ["JOB-11", "IDM-09", "JOB-15", "BIL-04"])
class SharedId(Mutant):
    """Every third submission gets the id of the one before."""

    def reset(self) -> None:
        self.count, self.last = 0, ""

    def response(self, req: Ask, resp: Answer) -> None:
        if self.does(req, "submit") and self.ok(req, resp):
            self.count += 1
            if self.count % 3 == 0:
                self.write(req, resp, "id", self.last)
            self.last = str(self.read(req, resp, "id"))


@mutant("L18", "lists show a job nobody submitted", ["JOB-15", "PAG-02", "PAG-04"], needs=("list",))
class Ghost(Mutant):
    """A copy of the first item under another id."""

    def response(self, req: Ask, resp: Answer) -> None:
        rows = self.rows(req, resp) if self.does(req, "list") and self.ok(req, resp) else []
        if rows:
            ghost = copy.deepcopy(rows[0])
            self.set_item(req, ghost, "id", self.profile.section("unknown_ids").get("job", "ghost"))
            self.set_rows(req, resp, [ghost, *rows[1:]])


@mutant("L19", "the text shown is not the text asked", ["JOB-16"], needs=("echo",))
class Retold(Mutant):
    def response(self, req: Ask, resp: Answer) -> None:
        operation = self.op(req)
        if operation and self.does(req, "read") and self.ok(req, resp):
            for name in [n for n in operation.at if n.startswith("echo_")]:
                value = self.read(req, resp, name)
                if isinstance(value, str) and len(value) > 1:
                    self.write(req, resp, name, value[:-1])


@mutant("L20", "looking moves a job on", ["JOB-06", "JOB-04", "JOB-01"], needs=("two_open_words",))
class Watched(Lives):
    """The second look at a queued job shows it running, whatever the clock says."""

    def looked(self, req: Ask, resp: Answer, job: str, word: str, times: int) -> None:
        if word == "queued" and times > 1:
            self.write(req, resp, "state", self.raw("running"))


@mutant("L21", "the twin disagrees", ["JOB-17"], needs=("twin",))
class FalseTwin(Mutant):
    def response(self, req: Ask, resp: Answer) -> None:
        operation = self.op(req)
        if operation and operation.of == "video" and operation.does == "read":
            value = self.read(req, resp, "result")
            if isinstance(value, str) and value:
                self.write(req, resp, "result", value + ".old")


@mutant("L22", "what was removed can still be read", ["JOB-18"], needs=("remove",))
class Undeleted(Mutant):
    """Removals are confirmed and not done."""

    def reset(self) -> None:
        self.done = 0

    async def handle(self, req: Ask) -> Answer:
        if self.does(req, "remove") and req.key in self.keys:
            operation = self.op(req)
            looks = list(self.profile.doing("read", operation.of if operation else ""))
            made = Answer(
                operation.ok[0] if operation else 200, {"content-type": "application/json"}
            )
            if looks and operation and operation.ok[0] != 204:
                doc: dict[str, Any] = {}
                for place in operation.at.get("id", ())[:1]:
                    set_deep(doc, place.pointer, self.param(req))
                made.json = doc
            else:
                made.headers = {}
            return made
        return await self.inner(req)


@mutant("L23", "a finished job can be canceled", ["JOB-07"], needs=("cancel",))
class LateCancel(Mutant):
    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where that is a refusal, and no removal."""
        final = profile.refused.get("cancel.final")
        refuses = final is None or min(final.status) >= 300
        return refuses and not any("remove" in o.also for o in profile.doing("cancel"))

    async def handle(self, req: Ask) -> Answer:
        resp = await self.inner(req)
        if self.does(req, "cancel") and self.said(resp, "cancel.final"):
            resp.status = 200
        return resp


@mutant("L24", "a cancel changes nothing", ["JOB-14", "JOB-08"], needs=("cancel",))
class NoCancel(Mutant):
    """It is answered with the job as it is, or with nothing where the vendor says nothing."""

    async def handle(self, req: Ask) -> Answer:
        if self.does(req, "cancel") and self.profile.cancel.silent:
            operation = self.op(req)
            return Answer(operation.ok[0] if operation else 204, {}, b"")
        if self.does(req, "cancel"):
            reads = self.profile.doing("read", "job")
            path = self.profile.mount + reads[0].path.replace("{job}", self.param(req))
            return await self.inner(req.copy(method="GET", path=path, body=b""))
        return await self.inner(req)


@mutant(
    "L25",
    "a canceled job is shown as failed",
    ["JOB-08", "JOB-02", "JOB-14", "JOB-05"],
    needs=("cancel",),
)
class CanceledFails(Lives):
    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where a cancelled job can still be read."""
        return not profile.cancel.removes

    def looked(self, req: Ask, resp: Answer, job: str, word: str, times: int) -> None:
        if word == "canceled":
            self.write(req, resp, "state", self.raw("failed"))


@mutant(
    "L26",
    "new jobs are accepted as already running",
    ["JOB-13", "RES-03"],
    needs=("two_open_words",),
)
class AcceptedRunning(Mutant):
    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where it names one."""
        return any("state" in o.at for o in profile.doing("submit"))

    def response(self, req: Ask, resp: Answer) -> None:
        if (
            self.does(req, "submit")
            and self.ok(req, resp)
            and present(self.read(req, resp, "state"))
        ):
            self.write(req, resp, "state", self.raw("running"))


@mutant("L27", "the link is no link", ["JOB-20"])
class BadLink(Linked):
    def looked(self, req: Ask, resp: Answer, job: str, word: str, times: int) -> None:
        if word == "succeeded":
            self.write(req, resp, "result", "/var/spool/out.mp4")
