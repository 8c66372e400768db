"""Why a reply is what it is, in one header, for whoever asked to be told.

Off, a reply carries no trace of the emulator; that a path was almost a route the console says then.
It looks at what the request met and decides nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any
from urllib.parse import quote

from bodydouble.core.clock import SECOND_US
from bodydouble.core.provider import Provider
from bodydouble.core.wire import Call, Reply
from bodydouble.sandbox.open_sandbox import OpenSandbox
from bodydouble.web.pipeline.context import RequestContext
from bodydouble.web.pipeline.routing import Routes

log = logging.getLogger("bodydouble")

HEADER = "x-bodydouble-hint"
_HINT_MAX = 500
_PATH_MAX = 300
_SAID_MAX = 100
_ALIKE = 0.7


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


def hinted(reply: Reply, hints: tuple[str, ...]) -> Reply:
    """The reply with its hint, where there is anything to say."""
    if not hints:
        return reply
    text = "; ".join(hints).encode("ascii", "replace").decode()[:_HINT_MAX]
    return replace(reply, headers=(*reply.headers, (HEADER, text.replace("\n", " "))))


def hints_of(sandbox: OpenSandbox, context: RequestContext) -> tuple[str, ...]:
    """What there is to say about a request."""
    hints = [note for note in context.notes if " " in note]
    frozen = sandbox.record.clock.rate == 0
    for decision in context.decisions:
        if not decision.allowed:
            wait_s = max(1, -(-(decision.reset_at_us - sandbox.now_us) // SECOND_US))
            hint = f"rate limit {decision.policy}: all {decision.limit} are used"
            hints.append(hint + (f"; the clock is frozen, advance it by {wait_s} s" * frozen))
    if isinstance(context.call.quirks, TrackedQuirks):
        hints += [f"quirk {name}={value}" for name, value in context.call.quirks.read.items()]
    return (*hints, *_about_job(sandbox, context, frozen))


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


# Paths that are almost a route -------------------------------------------------------------------


class NearMisses:
    """The slips that were made with one vendor."""

    def __init__(self, provider: Provider, routes: Routes) -> None:
        self._provider = provider
        self._routes = routes
        self._said: set[str] = set()

    def say(self, call: Call, *, hinted: bool = False) -> str:
        """What was probably meant by an unknown path or a wrong method.

        Where no hint and no line of the console will say it, it is logged once, for who listens.
        """
        text = self._text(call.method, call.path)
        if not hinted and text not in self._said and len(self._said) < _SAID_MAX:
            self._said.add(text)
            log.info("%s", text)
        return text

    def _text(self, method: str, path: str) -> str:
        taken = self._routes.allowed(path)
        if taken:
            return f"{_shown(path)} takes {', '.join(taken)} and no {method}"
        told = f"{self._provider.name} has no {_shown(path)}"
        found = self._nearest(path)
        if found is None:
            return told
        allowed = self._routes.allowed(found)
        way = method if method in allowed else allowed[0]
        return f"{told}: the nearest is {way} {_shown(found)}"

    def _nearest(self, path: str) -> str | None:
        if len(path) > _PATH_MAX:
            return None
        operations = self._provider.operations
        # Where clients bring no base path, the routes begin alike all the same.
        base = self._provider.base_path or "/" + operations[0].path.split("/")[1]
        for candidate in _meant(path, base):
            if candidate != path and self._routes.allowed(candidate):
                return candidate
        known = {one.path.lower(): one.path for one in operations}
        close = get_close_matches(path.lower(), known, 1, _ALIKE)
        return known[close[0]] if close else None


def _meant(path: str, base_path: str) -> Iterator[str]:
    base = [part for part in base_path.split("/") if part]
    for text in (path, path.lower()):
        parts = [part for part in text.split("/") if part]
        # As it is, and behind the base path whatever stands in its place.
        for segments in (parts, *[[*base, *parts[start:]] for start in range(len(parts))]):
            joined = "/" + "/".join(segments)
            yield joined
            yield joined + "/"


def _shown(path: str) -> str:
    return quote(path[:_PATH_MAX], safe="/{}~:@!$&'()*+,;=-._")
