"""Traces: the steps that show a breach, as lines of a shell: requests, and remarks on the rest."""

from __future__ import annotations

from bodydouble_contracts.history.exchanges import (
    ClockMove,
    Control,
    Delivery,
    Exchange,
    History,
    Mark,
)
from bodydouble_contracts.judging.catalogue import find
from bodydouble_contracts.judging.shell import curl
from bodydouble_contracts.judging.verdicts import Evidence, Judgement
from bodydouble_contracts.vendors.profile import Profile

MAX_LINES = 12
MAX_TEXT = 300
MAX_LINE = 6_000
"""A longer line is only begun, and as a remark: half a request is none."""


def step_line(step: object, profile: Profile) -> str:
    """Return one step as one line."""
    if isinstance(step, Exchange):
        told = str(step.reply.status) if step.reply else f"no reply ({step.lost})"
        return f"{curl(step.request, profile)}   # {told}"
    if isinstance(step, ClockMove):
        return f"# the clock moves on by {step.by_us / 1e6:g} s"
    if isinstance(step, Control):
        return f"# {step.action}: {step.data}"
    if isinstance(step, Delivery):
        return f"# delivery at {step.inbox}, answered {step.answered}: {step.body[:120]!r}"
    if isinstance(step, Mark):
        return f"# {step.name} {step.data or ''}".rstrip()
    return ""


def shortest(history: History, steps: tuple[int, ...]) -> list[int]:
    """Return the places of the steps that matter: those named, clock moves and steering between."""
    if not steps:
        return []
    first, last = min(steps), max(steps)
    keep = set(steps)
    for index in range(first, last + 1):
        if isinstance(history.steps[index], ClockMove | Control | Delivery):
            keep.add(index)
    ordered = sorted(keep)
    if len(ordered) > MAX_LINES:
        named = sorted(steps)
        ordered = sorted({*named[:MAX_LINES]})
    return ordered


def place(evidence: Evidence) -> str:
    """Return where a breach happened: driver and scenario, or the script of a shared session."""
    history, last = evidence.history, max(evidence.breach.steps, default=-1)
    scripts = [s for s in history.steps[: last + 1] if isinstance(s, Mark) and s.name == "script"]
    scenario = str(scripts[-1].data["called"]) if scripts else history.scenario
    return f"{history.driver} {scenario}".strip()


def trace_lines(evidence: Evidence, profile: Profile) -> list[str]:
    """Return the lines that show a breach; each can be pasted, or is a remark."""
    chosen = shortest(evidence.history, evidence.breach.steps)
    lines = [step_line(evidence.history.steps[index], profile) for index in chosen]
    return [
        one if len(one) <= MAX_LINE else f"# {len(one)} characters: {one[:MAX_TEXT]}"
        for one in lines
    ]


def breach_text(judgement: Judgement, profile: Profile) -> str:
    """Return a broken contract for people: sentence, source, trace, expected and seen."""
    contract = find(judgement.contract)
    lines = [
        f"{contract.id} {contract.slug} [{contract.level_for(profile)}] {judgement.verdict}"
        f" for {profile.title}",
        f"  {contract.sentence}",
        f"  source: {contract.source_for(profile)}",
    ]
    if judgement.verdict == "error":
        return "\n".join([*lines, f"  the judge itself failed: {judgement.reason}"])
    best = min(judgement.evidence, key=lambda e: len(e.breach.steps), default=None)
    if best is not None:
        lines.append(
            f"  in {place(best)}, seed {best.history.seed}, steps {list(best.breach.steps)}:"
        )
        lines += [f"    {line}" for line in trace_lines(best, profile)]
        lines.append(f"  expected: {best.breach.expected[:MAX_TEXT]}")
        lines.append(f"  seen:     {best.breach.seen[:MAX_TEXT]}")
        if len(judgement.evidence) > 1:
            lines.append(f"  and {len(judgement.evidence) - 1} more of its kind")
    return "\n".join(lines)
