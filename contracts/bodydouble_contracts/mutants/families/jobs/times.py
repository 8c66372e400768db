"""Mutants whose clocks are wrong: of jobs, of windows, of videos in the making."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bodydouble_contracts.history.instants import instant_us
from bodydouble_contracts.history.pointers import MISSING
from bodydouble_contracts.mutants.families.access.limits import Limits, Resets
from bodydouble_contracts.mutants.families.replies.pages import Pages
from bodydouble_contracts.mutants.messages import Answer, Ask
from bodydouble_contracts.mutants.mutant import Mutant, mutant
from bodydouble_contracts.vendors.profile import present

HEADS = ("limits", "limit_headers")


def spelled_like(at_us: int, like: Any) -> Any:
    """Spell an instant as the vendor spelled another."""
    if not isinstance(like, str):
        return at_us // 1_000_000
    text = datetime.fromtimestamp(at_us / 1e6, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    text += f".{at_us // 1000 % 1000:03d}" if "." in like else ""
    return text + ("Z" if like.endswith("Z") else "")


class Shown(Mutant):
    """Changes what reads, lists and cancels show of jobs, each in the same way."""

    def response(self, req: Ask, resp: Answer) -> None:
        """Divert every job shown to `told`."""
        operation = self.op(req)
        if operation is None or operation.of != "job" or not self.ok(req, resp):
            return
        if operation.does == "list":
            rows = self.rows(req, resp)
            for row in rows:
                for name, value in self.told({n: self.item(req, row, n) for n in NAMES}).items():
                    self.set_item(req, row, name, value)
            self.set_rows(req, resp, rows)
        elif operation.does in ("read", "cancel"):
            shown = {n: self.read(req, resp, n) for n in NAMES}
            for name, value in self.told(shown).items():
                self.write(req, resp, name, value)

    def told(self, shown: dict[str, Any]) -> dict[str, Any]:
        """Return the times to show instead."""
        return {}


NAMES = ("created", "updated")


@mutant("L28", "times are local", ["JOB-21"], needs=("job_times",))
class LocalTime(Shown):
    def told(self, shown: dict[str, Any]) -> dict[str, Any]:
        return {
            n: spelled_like((instant_us(v) or 0) + 7_200_000_000, v)
            for n, v in shown.items()
            if v is not MISSING and v is not None
        }


@mutant("L29", "updated stays what created is", ["JOB-22"], needs=("job_updated",))
class NeverUpdated(Shown):
    def told(self, shown: dict[str, Any]) -> dict[str, Any]:
        return {} if MISSING in shown.values() else {"updated": shown["created"]}


@mutant("L30", "a video in the making has a link", ["JOB-05"], needs=("twin",))
class EarlyVideo(Pages):
    def listed(self, req: Ask, resp: Answer) -> None:
        operation, rows = self.op(req), self.rows(req, resp)
        for row in rows if operation and operation.of == "video" else []:
            if not present(self.item(req, row, "result")):
                self.set_item(req, row, "result", "https://cdn.invalid/soon.mp4")
        self.set_rows(req, resp, rows)


@mutant("H15", "the window's end moves on with every request", ["LIM-11"], needs=HEADS)
class MovingReset(Resets):
    def response(self, req: Ask, resp: Answer) -> None:
        name = self.name("reset")
        if name in resp.headers:
            instant = self.profile.section("limits").get("reset_means") == "instant"
            resp.headers[name] = str((-(-self.now_us // 1_000_000) if instant else 0) + 60)


@mutant(
    "H16",
    "Retry-After is always a minute",
    ["LIM-12"],
    needs=("limits", "limit_headers", "retry_after"),
)
class AlwaysAMinute(Limits):
    def response(self, req: Ask, resp: Answer) -> None:
        if resp.status == 429:
            resp.headers["retry-after"] = "60"
