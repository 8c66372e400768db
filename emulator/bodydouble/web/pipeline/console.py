"""A line for each request, for whoever watches the server: what was asked, answered, and why.

It prints what a request met, as text or as JSON, and decides nothing. Of a body only what is wrong
is printed, of a query nothing; what cannot be printed is written out, so that no request steers a
terminal.
"""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass
from typing import Any, TextIO

from bodydouble.core.errors import FieldProblem
from bodydouble.core.evidence.decisions import Decided
from bodydouble.core.evidence.masking import hide
from bodydouble.core.provider import Provider
from bodydouble.core.wire import Reply
from bodydouble.web.keys.registry import Registry
from bodydouble.web.keys.secrets import traceback_of
from bodydouble.web.pipeline.context import RequestContext, decision_of
from bodydouble.web.running.log_lines import instant, plain

log = logging.getLogger("bodydouble")
WHY_CHARACTERS_MAX = 500
_GIVEN_CHARACTERS_MAX = 60
# Usual slips, by what stands in the body of a refused request.
_SLIPS = (
    (
        b"host.docker.internal",
        "start the server with --webhook-allow host.docker.internal to reach the container's host",
    ),
)


@dataclass(frozen=True, slots=True)
class Console:
    """Prints to ``stream``; one JSON object a line with ``as_json``."""

    stream: TextIO
    as_json: bool = False

    def __call__(
        self, provider: Provider, context: RequestContext, reply: Reply, took_us: int
    ) -> None:
        """Prints one request. A stream that nobody reads any more is let be."""
        call, job, key = context.call, context.job, context.key
        cost = f"{provider.currency.text(context.cost)} {provider.currency.name}"
        told: dict[str, Any] = {
            "time": instant(time.time()) if self.as_json else time.strftime("%H:%M:%S"),
            "provider": provider.name,
            "method": plain(call.method),
            "path": plain(hide(call.path, context.secret)),
            "status": reply.status,
            "cost": cost if context.cost else "",
            "job": job.id if job is not None else "",
            "took_ms": took_us / 1000,
            "decision": decision_of(context, reply).value,
            "sandbox": key.sandbox if key is not None else "",
            "request_id": call.request_id,
            "why": plain(hide("; ".join(_reasons(context)), context.secret))[:WHY_CHARACTERS_MAX],
        }
        line = json.dumps(told) if self.as_json else _line(told)
        try:
            self.stream.write(f"{line}\n")
            self.stream.flush()
        except (OSError, ValueError):
            return


def _line(told: dict[str, Any]) -> str:
    told["took_ms"] = f"{told['took_ms']:.0f} ms"
    if told["decision"] == Decided.ANSWERED:
        told["decision"] = ""
    return "  ".join(str(value) for value in told.values() if value)


def _reasons(context: RequestContext) -> list[str]:
    refusal = context.refusal
    found = list(context.hints)
    if refusal is None:
        return found
    told = [_about(problem) for problem in refusal.fields] or [refusal.text]
    slips = [advice for slip, advice in _SLIPS if slip in context.call.body]
    rest = [one for one in found if one != refusal.text]
    return [": ".join(filter(None, (refusal.cause.value, ", ".join(told)))), *rest, *slips]


def _about(problem: FieldProblem) -> str:
    given = "" if problem.given is None else f" {str(problem.given)[:_GIVEN_CHARACTERS_MAX]!r}"
    allowed = f", not one of {', '.join(map(str, problem.allowed))}" if problem.allowed else ""
    return f"{problem.path}{given}: {problem.text or problem.flaw.value + allowed}"


async def tell_crash(error: BaseException, context: RequestContext, registry: Registry) -> None:
    """Logs what no request should have done, without what nobody may read."""
    call, own = context.call, context.secret
    told = await traceback_of(error, registry, context.key.sandbox if context.key else "", (own,))
    path = hide(call.path, own)
    log.error("%s %s crashed; nothing of it was kept\n%s", call.method, path, told)
