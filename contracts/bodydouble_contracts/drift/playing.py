"""Plays a live plan on a sandboxed target, so that emulator and vendor answer the same questions.

The same frozen steps; where a live run waits, the clock is moved instead.
"""

from __future__ import annotations

from bodydouble_contracts.drivers.sandboxes import open_session
from bodydouble_contracts.drivers.session import Session
from bodydouble_contracts.history.exchanges import History
from bodydouble_contracts.history.pointers import MISSING
from bodydouble_contracts.live.plan import Plan, Step
from bodydouble_contracts.reading.calls import BAD_KEYS, Call
from bodydouble_contracts.targets.target import Target
from bodydouble_contracts.vendors.profile import FINAL, Profile

MAX_EVENTS = 12


def play_plan(target: Target, profile: Profile, plan: Plan, seed: int = 0) -> History:
    """Play a plan in a fresh session. Raises TargetError."""
    session = open_session(target, profile, driver="plan", scenario=f"tier {plan.tier}", seed=seed)
    ids: dict[str, str] = {}
    try:
        for step in plan.steps:
            known = step.role in profile.roles or step.role in BAD_KEYS
            if known and all(n in ids for n in step.needs):
                play_step(session, step, ids)
    finally:
        session.close()
    return session.history()


def play_step(session: Session, step: Step, ids: dict[str, str]) -> None:
    """Send one step and capture what it gives."""
    request = step.request(ids, f"s{session.seed}", session.profile.mount)
    call = session.send(request, dict(step.intent))
    step.learn(call, ids)
    for _ in range(MAX_EVENTS if step.until else 0):
        if ended(call):
            break
        session.next_event()
        call = session.send(request, dict(step.intent))


def ended(call: Call) -> bool:
    """Whether a reply shows a job that has ended."""
    raw = call.at("state")
    return raw is not MISSING and call.profile.word(raw) in FINAL
