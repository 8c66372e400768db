"""Replays a recorded trace on any target, and shrinks it while it still shows the same breach.

Ids of the old session are replaced by those the new one gives in the same places. Overlapping
requests are sent one after the other. It judges only through the contracts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bodydouble_contracts.drivers.directed import scenarios
from bodydouble_contracts.drivers.sandboxes import open_session
from bodydouble_contracts.drivers.session import Session
from bodydouble_contracts.history.cassettes import header_of, write_cassette
from bodydouble_contracts.history.exchanges import (
    ClockMove,
    Control,
    Exchange,
    History,
    Mark,
    Request,
    Step,
)
from bodydouble_contracts.history.masking import Masker
from bodydouble_contracts.judging.catalogue import select
from bodydouble_contracts.judging.judge import Docket
from bodydouble_contracts.reading.calls import WITHOUT, Call
from bodydouble_contracts.reading.links import SOCKETS, target_of
from bodydouble_contracts.targets.target import Target
from bodydouble_contracts.vendors.profile import Profile, present
from bodydouble_contracts.vendors.variants import from_outside

Json = Any
BY_ITSELF = frozenset({"key"})
"""Steering that a session does by itself when a role is first needed."""
CAPTURED = ("id", "twin", "hook", "delivery", "image")
LINKS = ("result", "poster")
MIN_ID = 4
"""Shorter ids are not replaced in later requests: they would hit other text."""


@dataclass(slots=True)
class Player:
    """Replays steps on one target and counts what it sent."""

    target: Target
    profile: Profile
    seed: int = 0
    spec: dict[str, Json] | None = None
    sent: int = 0

    def play(self, steps: Sequence[Step]) -> History:
        """Replay steps in a fresh session and return what happened. Raises TargetError."""
        session = open_session(
            self.target, self.profile, driver="replay", seed=self.seed, spec=self.spec
        )
        ids: dict[str, str] = {}
        try:
            for step in steps:
                if isinstance(step, Exchange):
                    self.sent += 1
                    if "link" in step.intent:
                        self._open(session, step, ids)
                        continue
                    call = session.send(renamed(step.request, ids), as_recorded(step, self.profile))
                    learn(ids, Call(step, self.profile), call)
                    session.upload(call)
                elif isinstance(step, ClockMove):
                    session.advance(step.by_us / 1_000_000, step.why)
                elif isinstance(step, Control) and step.action not in BY_ITSELF:
                    session.use(step.action, **step.data)
                elif isinstance(step, Mark):
                    session.mark(step.name, **{k: named(v, ids) for k, v in step.data.items()})
        finally:
            session.close()
        return session.history()

    def _open(self, session: Session, step: Exchange, ids: dict[str, str]) -> None:
        if step.intent["link"] == "upload":
            return  # it was sent again with the call that announced it
        if "://" not in self.target.name:
            # A file is drawn by an app that waits: only sockets give it.
            session.mark("unopened", link=step.request.target, reason=SOCKETS)
            return
        asked = renamed(step.request, ids)
        media = session.media.at(step.intent.get("host", "") + asked.target)
        session.send(asked, dict(step.intent), media=media)


def named(value: Json, ids: dict[str, str]) -> Json:
    """Return what a mark holds with the old session's ids replaced by the new one's."""
    if isinstance(value, list):
        return [named(v, ids) for v in value]
    return ids.get(str(value), value)


def as_recorded(step: Exchange, profile: Profile) -> dict[str, str]:
    """Return a step's intent; a constant header that its request lacked is left out again."""
    lacking = [h.name for h in profile.headers if step.request.header(h.name) is None]
    return {WITHOUT: lacking[0], **step.intent} if lacking else dict(step.intent)


def renamed(request: Request, ids: dict[str, str]) -> Request:
    """Return a request with the old session's ids replaced by the new one's."""
    if not ids:
        return request
    # One pass, so that a new id is never taken for an old one.
    pattern = re.compile("|".join(re.escape(i) for i in sorted(ids, key=len, reverse=True)))
    target = pattern.sub(lambda m: ids[m[0]], request.target)
    raw = re.compile(pattern.pattern.encode())
    body = raw.sub(lambda m: ids[m[0].decode()].encode(), request.body)
    return replace(request, target=target, body=body)


def as_from_outside(profile: Profile, history: History) -> tuple[Profile, History]:
    """Return profile and history for a target without control plane: requests go to its root."""
    mount = profile.mount
    steps = tuple(
        replace(s, request=replace(s.request, target=s.request.target.removeprefix(mount)))
        if isinstance(s, Exchange) and s.request.target.startswith(mount + "/")
        else s
        for s in history.steps
    )
    return from_outside(profile), replace(history, steps=steps)


def learn(ids: dict[str, str], old: Call, new: Call) -> None:
    """Remember which new id stands where an old one stood."""
    pairs = [(old.at(n), new.at(n)) for n in CAPTURED] if old.op and new.op else []
    for before, after in pairs:
        if present(before) and present(after) and len(str(before)) >= MIN_ID:
            ids.setdefault(str(before), str(after))
    for name in LINKS if old.op and new.op else ():
        before, after = old.at(name), new.at(name)
        if isinstance(before, str) and isinstance(after, str):
            ids.setdefault(target_of(before), target_of(after))


def broken_by(history: History, profile: Profile, globs: str = "*") -> Docket:
    """Judge a replayed history."""
    docket = Docket(profile, select(globs), "E")
    docket.add(history)
    return docket


def spec_of(history: History) -> dict[str, Json] | None:
    """Return the sandbox a directed scenario asked for, or None."""
    found = next((s for s in scenarios() if s.name == history.scenario), None)
    return dict(found.spec) or None if found else None


def write_trace(history: History, last: int, contract: str, path: Path) -> None:
    """Write the part of a history that shows a breach as a cassette to be replayed."""
    part = replace(history, steps=history.steps[: last + 1])
    write_cassette(path, part, header_of(part, notes={"contract": contract}), Masker())
