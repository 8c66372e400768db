"""Why a reply is what it is, in one header, for whoever asked to be told.

Off, a reply carries no trace of the emulator. It looks at what the request met and decides
nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bodydouble.core.clock import SECOND_US
from bodydouble.core.wire import Reply
from bodydouble.sandbox.open_sandbox import OpenSandbox
from bodydouble.web.pipeline.context import RequestContext

HEADER = "x-bodydouble-hint"
_HINT_MAX = 500


class TrackedQuirks(dict[str, Any]):
    """Quirks that remember which of those the sandbox changed were read."""

    def __init__(self, quirks: Mapping[str, Any], changed: Mapping[str, Any]) -> None:
        super().__init__(quirks)
        self._changed = changed
        self.read: dict[str, Any] = {}

    def get(self, name: str, default: Any = None) -> Any:
        """The quirk's value, noted if the sandbox changed it."""
        if name in self._changed:
            self.read[name] = self._changed[name]
        return super().get(name, default)


def hinted(sandbox: OpenSandbox, context: RequestContext, reply: Reply) -> Reply:
    """The reply with its hint, where there is anything to say."""
    hints = [note for note in context.notes if " " in note]
    frozen = sandbox.record.clock.rate == 0
    for decision in context.decisions:
        if not decision.allowed:
            wait_s = max(1, -(-(decision.reset_at_us - sandbox.now_us) // SECOND_US))
            hint = f"rate limit {decision.policy}: all {decision.limit} are used"
            hints.append(hint + (f"; the clock is frozen, advance it by {wait_s} s" * frozen))
    if isinstance(context.call.quirks, TrackedQuirks):
        hints += [f"quirk {name}={value}" for name, value in context.call.quirks.read.items()]
    hints += _about_job(sandbox, context, frozen)
    if not hints:
        return reply
    text = "; ".join(hints).encode("ascii", "replace").decode()[:_HINT_MAX]
    return replace(reply, headers=(*reply.headers, (HEADER, text.replace("\n", " "))))


def _about_job(sandbox: OpenSandbox, context: RequestContext, frozen: bool) -> list[str]:
    job, hints = context.job, []
    if job is None:
        return []
    if job.timeline.ending is not None:
        hints.append(f"job {job.id} has the ending {job.timeline.ending}")
    if job.reason is not None:
        why = f"{job.reason}:{job.detail}" if job.detail else job.reason
        hints.append(f"job {job.id} failed as {why}, scenario {sandbox.record.scenario}")
    if frozen and not job.final:
        hints.append(f"job {job.id} is {job.state} and the clock is frozen")
    return hints
