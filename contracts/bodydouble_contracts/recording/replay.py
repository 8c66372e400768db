"""Replays a recorded trace on any target, and shrinks it while it still shows the same breach.

Ids of the old session are replaced by those the new one gives in the same places. Overlapping
requests are sent one after the other. It judges only through the contracts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from bodydouble_contracts.cli import exit_codes as codes
from bodydouble_contracts.cli.options import Outside
from bodydouble_contracts.history.cassettes import header_of, read_cassette, write_cassette
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
from bodydouble_contracts.judging.catalogue import find, select
from bodydouble_contracts.judging.judge import Docket
from bodydouble_contracts.judging.traces import breach_text, step_line
from bodydouble_contracts.reading.calls import Call
from bodydouble_contracts.reading.links import SOCKETS, target_of
from bodydouble_contracts.targets.target import Target, TargetError
from bodydouble_contracts.vendors.profile import Profile, present
from bodydouble_contracts.vendors.reader import load

Json = Any
SKIPPED_POWERS = frozenset({"key"})
"""ControlPlane a session uses by itself when a role is first needed."""
CAPTURED = ("id", "twin", "hook", "delivery")
LINKS = ("result", "poster")
MAX_REQUESTS = 2_000
MIN_ID = 4
"""Shorter ids are not replaced in later requests: they would hit innocent text."""


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
        from bodydouble_contracts.drivers.sandboxes import open_session

        session = open_session(
            self.target, self.profile, driver="replay", seed=self.seed, spec=self.spec
        )
        ids: dict[str, str] = {}
        try:
            for step in steps:
                if isinstance(step, Exchange):
                    if "link" in step.intent and "://" not in self.target.name:
                        # A file is drawn by an app that waits: only sockets give it.
                        session.mark("unopened", link=step.request.target, reason=SOCKETS)
                        continue
                    self.sent += 1
                    call = session.send(renamed(step.request, ids), dict(step.intent))
                    learn(ids, Call(step, self.profile), call)
                elif isinstance(step, ClockMove):
                    session.advance(step.by_us / 1_000_000, step.why)
                elif isinstance(step, Control) and step.action not in SKIPPED_POWERS:
                    session.use(step.action, **step.data)
                elif isinstance(step, Mark):
                    data = {k: ids.get(str(v), v) for k, v in step.data.items()}
                    session.mark(step.name, **data)
        finally:
            session.close()
        return session.history()


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
    from bodydouble_contracts.vendors.variants import from_outside

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
    from bodydouble_contracts.drivers.directed import scenarios

    found = next((s for s in scenarios() if s.name == history.scenario), None)
    return dict(found.spec) or None if found else None


def write_trace(history: History, last: int, contract: str, path: Path) -> None:
    """Write the part of a history that shows a breach as a cassette to be replayed."""
    part = replace(history, steps=history.steps[: last + 1])
    write_cassette(path, part, header_of(part, notes={"contract": contract}), Masker())


def replay(
    trace: Annotated[Path, typer.Argument(help="A trace or cassette.")],
    *,
    target: Annotated[
        str, typer.Option("--target", "-t", help="module:app or a URL.")
    ] = "bodydouble.asgi:app",
    contract: Annotated[
        str, typer.Option("--contract", help="Shrink for this one; default: the trace's own.")
    ] = "",
    minimise: Annotated[
        bool, typer.Option("--minimise", help="Leave out every step that is not needed.")
    ] = False,
    curl: Annotated[
        bool, typer.Option("--curl", help="Print the trace as curl lines only.")
    ] = False,
    outside: Outside = False,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write what was played.")] = None,
    max_requests: Annotated[
        int, typer.Option("--max-requests", min=1, max=MAX_REQUESTS, help="While shrinking.")
    ] = MAX_REQUESTS,
) -> None:
    """Replay a trace on a target and say which contracts it breaks there."""
    from bodydouble_contracts.recording.minimise import shrink
    from bodydouble_contracts.targets.addresses import open_target
    from bodydouble_contracts.vendors.variants import mounted_like

    header, history = read_cassette(trace)
    profile = load(header.provider)
    if curl:
        seen = mounted_like(profile, history.exchanges)
        for number, step in enumerate(history.steps, 1):
            typer.echo(f"{number}. {step_line(step, seen)}")
        return
    wanted = contract or str(header.notes.get("contract", ""))
    if wanted:
        find(wanted)
    if outside:
        profile, history = as_from_outside(profile, history)
    elif mounted_like(profile, history.exchanges) is not profile:
        raise TargetError(f"{trace} was recorded without the prefix {profile.mount}: play it on a "
                          "target that has none, with --outside")  # fmt: skip
    aim = open_target(target, [profile])
    try:
        player = Player(aim, profile, header.seed, spec_of(history))
        played = player.play(history.steps)
        docket = broken_by(played, profile)
        if minimise and docket.evidence:
            chosen = wanted.upper() if wanted.upper() in docket.evidence else min(docket.evidence)
            steps = shrink(player, played.steps, chosen, max_requests)
            typer.echo(f"{len(history.steps)} steps became {len(steps)}, {player.sent} requests")
            played = player.play(steps)
            docket = broken_by(played, profile)
    finally:
        aim.close()
    if out is not None:
        write_cassette(out, played, header_of(played, notes=header.notes), Masker())
    typer.echo("\n".join(told_of(docket, len(played.exchanges), target)))
    bad = [j for j in docket.judgements() if j.failing(find(j.contract).level_for(profile))]
    real = [j for j in bad if j.verdict != "vacuous" and j.verdict != "untestable"]
    raise typer.Exit(codes.BROKEN if real else codes.HELD)


def told_of(docket: Docket, requests: int, target: str) -> Iterator[str]:
    """Yield what a replay broke, and one line of counts."""
    for judgement in docket.judgements():
        if judgement.verdict in ("broken", "error"):
            yield breach_text(judgement, docket.profile)
    if docket.unopened:
        yield docket.unopened
    told = ", ".join(docket.evidence) or "none"
    yield f"{requests} requests replayed on {target}; broken: {told}"
