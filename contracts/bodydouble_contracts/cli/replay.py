"""`replay`: plays a trace on a target, shrinks it if asked, and says what it breaks there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from bodydouble_contracts.cli import exit_codes as codes
from bodydouble_contracts.cli.options import Outside
from bodydouble_contracts.history.cassettes import header_of, read_cassette, write_cassette
from bodydouble_contracts.history.masking import Masker
from bodydouble_contracts.judging.catalogue import find
from bodydouble_contracts.judging.judge import Docket
from bodydouble_contracts.judging.shell import script
from bodydouble_contracts.judging.traces import breach_text
from bodydouble_contracts.recording.minimise import shrink
from bodydouble_contracts.recording.replay import Player, as_from_outside, broken_by, spec_of
from bodydouble_contracts.targets.addresses import EMULATOR, open_target
from bodydouble_contracts.targets.target import TargetError
from bodydouble_contracts.vendors.reader import load
from bodydouble_contracts.vendors.variants import mounted_like

MAX_REQUESTS = 2_000


def replay(
    trace: Annotated[Path, typer.Argument(help="A trace or cassette.")],
    *,
    target: Annotated[str, typer.Option("--target", "-t", help="module:app or a URL.")] = EMULATOR,
    contract: Annotated[
        str, typer.Option("--contract", help="Shrink for this one; default: the trace's own.")
    ] = "",
    minimise: Annotated[
        bool, typer.Option("--minimise", help="Leave out every step that is not needed.")
    ] = False,
    curl: Annotated[
        bool, typer.Option("--curl", help="Print the trace as a shell script.")
    ] = False,
    outside: Outside = False,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write what was played.")] = None,
    max_requests: Annotated[
        int, typer.Option("--max-requests", min=1, max=MAX_REQUESTS, help="While shrinking.")
    ] = MAX_REQUESTS,
) -> None:
    """Replay a trace on a target and say which contracts it breaks there."""
    header, history = read_cassette(trace)
    profile = load(header.provider)
    if curl:
        seen = mounted_like(profile, history.exchanges)
        for line in script(history, seen):
            typer.echo(line)
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
