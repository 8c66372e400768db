"""Mutants in which jobs live wrongly."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any

from bodydouble_contracts.history.pointers import MISSING
from bodydouble_contracts.mutants.messages import Answer, Ask
from bodydouble_contracts.mutants.mutant import Mutant, mutant
from bodydouble_contracts.reading.links import shown_links, signed_anew
from bodydouble_contracts.vendors.profile import FINAL, Profile, present

DAY_US = 86_400_000_000


class Lives(Mutant):
    """Counts how often each job was seen in each state on reads."""

    def reset(self) -> None:
        """Nothing was seen."""
        self.seen: dict[tuple[str, str], int] = {}
        self.told: dict[str, Any] = {}
        self.count = 0

    def response(self, req: Ask, resp: Answer) -> Any:
        """Count and change reads of jobs."""
        word = self.word(req, resp) if self.ok(req, resp) else None
        operation = self.op(req)
        if word and operation and operation.of == "job" and self.does(req, "read"):
            name = str(self.read(req, resp, "id"))
            times = self.seen[name, word] = self.seen.get((name, word), 0) + 1
            return self.looked(req, resp, name, word, times)
        return None

    def looked(self, req: Ask, resp: Answer, job: str, word: str, times: int) -> Any:
        """Change one read."""
        return None


class Linked(Lives):
    """Of a vendor whose looks at jobs show the link."""

    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where a look shows it, and not a route of its own alone."""
        return shown_links(profile) > 0


@mutant("L01", "a finished job runs again", ["JOB-02", "JOB-01", "JOB-04", "JOB-06"])
class RunsAgain(Lives):
    def looked(self, req: Ask, resp: Answer, job: str, word: str, times: int) -> None:
        if word == "succeeded" and times > 1:
            self.write(req, resp, "state", self.raw("running"))


@mutant(
    "L02",
    "a failed job succeeds in the end",
    ["JOB-02", "JOB-04", "JOB-05"],
    needs=("refund_on_failure",),
)
class Recovers(Lives):
    def looked(self, req: Ask, resp: Answer, job: str, word: str, times: int) -> None:
        if word == "failed" and times > 2:
            self.write(req, resp, "state", self.raw("succeeded"))


@mutant(
    "L03",
    "a running job is queued again",
    ["JOB-01", "JOB-04", "JOB-06"],
    needs=("two_open_words",),
)
class QueuedAgain(Lives):
    def looked(self, req: Ask, resp: Answer, job: str, word: str, times: int) -> None:
        if word == "running" and times > 1:
            self.write(req, resp, "state", self.raw("queued"))


@mutant("L04", "a succeeded job has no result", ["JOB-05", "RES-03"])
class NoResult(Linked):
    def looked(self, req: Ask, resp: Answer, job: str, word: str, times: int) -> None:
        if word == "succeeded":
            self.write(req, resp, "result", None)


@mutant("L05", "a canceled job succeeds", ["JOB-08", "JOB-02"], needs=("cancel",))
class CanceledSucceeds(Lives):
    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where a cancelled job can still be read."""
        return not profile.cancel.removes

    def looked(self, req: Ask, resp: Answer, job: str, word: str, times: int) -> None:
        if word == "canceled" and times > 1:
            self.write(req, resp, "state", self.raw("succeeded"))


@mutant("L06", "list and detail disagree", ["JOB-04", "JOB-01", "JOB-02"], needs=("list",))
class Disagree(Mutant):
    def response(self, req: Ask, resp: Answer) -> None:
        rows = self.rows(req, resp) if self.does(req, "list") else []
        for row in rows:
            if self.profile.word(self.item(req, row, "state")) == "succeeded":
                self.set_item(req, row, "state", self.raw("running"))
        if rows:
            self.set_rows(req, resp, rows)


@mutant("L07", "the link changes from look to look", ["JOB-02", "JOB-06", "JOB-04"])
class NewLink(Linked):
    def looked(self, req: Ask, resp: Answer, job: str, word: str, times: int) -> None:
        value = self.read(req, resp, "result")
        if word == "succeeded" and isinstance(value, str):
            path, _, query = value.partition("?")
            anew = signed_anew(self.profile)
            told = f"{path}{times}?{query}" if anew else f"{value}?v={times}"
            self.write(req, resp, "result", told)


@mutant("L08", "finished jobs are lost", ["JOB-03"])
class LostJob(Lives):
    def looked(self, req: Ask, resp: Answer, job: str, word: str, times: int) -> Answer | None:
        if word in FINAL and times > 2:
            return self.refusal(404).under(resp.headers)
        return None


@mutant("L09", "a new job cannot be found at first", ["JOB-03"])
class FoundLate(Lives):
    def looked(self, req: Ask, resp: Answer, job: str, word: str, times: int) -> Answer | None:
        self.told.setdefault(job, 0)
        self.told[job] += 1
        return self.refusal(404) if self.told[job] == 1 else None


@mutant("L10", "jobs never end", ["JOB-09", "JOB-04"])
class NeverEnds(Lives):
    """Finished jobs are shown running, with nothing to show for it."""

    def looked(self, req: Ask, resp: Answer, job: str, word: str, times: int) -> None:
        if word in FINAL:
            for name in ("result", "error"):
                if present(self.read(req, resp, name)):
                    self.write(req, resp, name, None)
            self.write(req, resp, "state", self.raw("queued"))


@mutant(
    "L11", "updated goes back", ["JOB-10", "JOB-06", "JOB-02", "JOB-04"], needs=("job_updated",)
)
class UpdatedBack(Lives):
    def looked(self, req: Ask, resp: Answer, job: str, word: str, times: int) -> None:
        value = self.read(req, resp, "updated")
        if times > 1 and value is not MISSING:
            back = "2001-01-01T00:00:00Z" if isinstance(value, str) else 1_000_000_000
            self.write(req, resp, "updated", back)


@mutant("L12", "created is the time of looking", ["JOB-10", "JOB-02"], needs=("job_times",))
class CreatedNow(Lives):
    def looked(self, req: Ask, resp: Answer, job: str, word: str, times: int) -> None:
        value = self.read(req, resp, "created")
        if value is not MISSING:
            when = datetime.fromtimestamp(self.now_us / 1e6, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            self.write(
                req, resp, "created", when if isinstance(value, str) else self.now_us // 1_000_000
            )


def force(doc: Any, pointer: str, value: Any) -> None:
    """Set a member, making objects and lists on the way."""
    tokens = pointer.strip("/").split("/")
    for token, following in itertools.pairwise(tokens):
        fresh: Any = [] if following.isdigit() else {}
        if isinstance(doc, list):
            while len(doc) <= int(token):
                doc.append({})
            doc = doc[int(token)]
        else:
            if not isinstance(doc.get(token), dict | list):
                doc[token] = fresh
            doc = doc[token]
    if isinstance(doc, dict):
        doc[tokens[-1]] = value
    elif isinstance(doc, list):
        doc.insert(int(tokens[-1]), value)


@mutant("L31", "jobs are forgotten after a day", ["JOB-03"])
class Forgets(Mutant):
    def reset(self) -> None:
        self.made: dict[str, int] = {}

    def response(self, req: Ask, resp: Answer) -> Answer | None:
        if self.does(req, "submit") and self.ok(req, resp):
            self.made.setdefault(str(self.read(req, resp, "id")), self.now_us)
        age = self.now_us - self.made.get(self.param(req), self.now_us)
        if self.does(req, "read") and self.ok(req, resp) and age > DAY_US:
            return self.refusal(404).under(resp.headers)
        return None


@mutant("L32", "ids come round after the twentieth job", ["JOB-11", "IDM-09", "BIL-04"])
class ComesRound(Mutant):
    def reset(self) -> None:
        self.ids: list[str] = []

    def response(self, req: Ask, resp: Answer) -> None:
        job = str(self.read(req, resp, "id"))
        if self.does(req, "submit") and self.ok(req, resp) and job not in self.ids:
            self.ids.append(job)
            if len(self.ids) > 20:
                self.write(req, resp, "id", self.ids[len(self.ids) - 21])
