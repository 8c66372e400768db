"""A live run: a frozen plan sent step by step through the guard, judged, settled, recorded.

Nothing here decides what to send; the plan does. However the run ends (done, stopped, out of
budget, interrupted) jobs are cancelled and balances compared before anything else happens. It
refuses to judge; the contracts do that with the history.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from bodydouble_contracts.drivers.session import Session
from bodydouble_contracts.history.exchanges import History, Request
from bodydouble_contracts.history.numerals import whole
from bodydouble_contracts.history.pointers import MISSING
from bodydouble_contracts.judging.catalogue import select
from bodydouble_contracts.judging.judge import Docket
from bodydouble_contracts.judging.verdicts import Judgement
from bodydouble_contracts.live.guard import Guard
from bodydouble_contracts.live.journal import JournalError
from bodydouble_contracts.live.passage import Refused
from bodydouble_contracts.live.plan import Plan, Step
from bodydouble_contracts.live.settlement import Statement, listed, settle_up
from bodydouble_contracts.reading.calls import KEYLESS, Call
from bodydouble_contracts.targets.target import TargetError
from bodydouble_contracts.vendors.profile import FINAL, Profile, present

MAX_WAIT_S = 120
STOP_FAMILIES = ("RES", "BIL")
"""A broken MUST of these families before tier 2 ends the run before money moves."""
Tell = Callable[[str], None]


@dataclass(slots=True)
class Outcome:
    """What became of a live run. `ended` is empty when every step of the plan was sent."""

    history: History
    judgements: list[Judgement]
    ended: str = ""
    interrupted: bool = False
    left_out: list[str] = field(default_factory=list)
    running: list[str] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    cost: int = 0
    requests: int = 0

    @property
    def whole(self) -> bool:
        """Whether all of the plan was done and everything came to a known end."""
        lost = any(e.reply is None for e in self.history.exchanges)
        return not (self.ended or self.left_out or self.running or lost)


def run_live(guard: Guard, plan: Plan, keys: dict[str, str], tell: Tell = print) -> Outcome:
    """Send a plan through a guard. Never raises for what a vendor, a budget or ctrl-c does."""
    session = Session(guard, guard.profile, driver="live", scenario=f"tier {plan.tier}")
    session.keys.update(keys)
    out = Outcome(session.history(), [])
    known: set[str] = set()
    try:
        known = known_jobs(guard, plan)
        _Walk(guard, session, plan, out, tell).go()
    except KeyboardInterrupt:
        out.interrupted, out.ended = True, "interrupted"
    except (Refused, TargetError, JournalError) as error:
        out.ended = out.ended or str(error)
    finally:
        _end(guard, session, out, known)
    out.judgements = judged(session.history(), guard.profile, plan.tier, out)
    return out


def _end(guard: Guard, session: Session, out: Outcome, known: set[str]) -> None:
    guard.expecting_refusal = False
    try:
        out.running, out.statements = settle_up(guard, known)
    except (KeyboardInterrupt, JournalError) as error:
        out.running = [j.id for j in guard.jobs.values() if not j.final]
        out.ended = f"{out.ended}; settling was cut short: {type(error).__name__}".strip("; ")
    out.cost = sum(a.spent for a in guard.accounts.values())
    out.requests = guard.requests
    if guard.stopped:
        out.ended = guard.stopped
    out.history = session.history()


def known_jobs(guard: Guard, plan: Plan) -> set[str]:
    """Return the jobs the vendor lists before a plan with paid steps begins."""
    if not any(s.tier in ("2", "3") for s in plan.steps):
        return set()
    known: set[str] = set()
    operation = next((o for o in guard.profile.doing("list", "job")), None)
    for role in {r for r in guard.secrets.values() if r in guard.profile.roles}:
        for row in listed(guard, role) if operation else []:
            found = next((p.read(row) for p in operation.item.get("id", ())), MISSING)  # type: ignore[union-attr]
            known |= {str(found)} if present(found) else set()
    return known


@dataclass(slots=True)
class _Walk:
    """One walk through a plan."""

    guard: Guard
    session: Session
    plan: Plan
    out: Outcome
    tell: Tell
    ids: dict[str, str] = field(default_factory=dict)

    def go(self) -> None:
        tier = "0"
        for number, step in enumerate(self.plan.steps, 1):
            if tier < "2" <= step.tier:
                self._clean_so_far()
            tier = step.tier
            reason = self._unready(step)
            if reason:
                self.out.left_out.append(f"step {number} ({step.what}): {reason}")
                continue
            self.tell(f"{number}/{len(self.plan.steps)} {step.method} {step.target}  {step.what}")
            self._play(number, step)
            if self.guard.stopped:
                return

    def _unready(self, step: Step) -> str:
        role = "main" if step.role == "scheme" else step.role
        if step.role not in KEYLESS and role not in self.session.keys:
            return f"no key for the role {role}: set {self.session.profile.roles[role].env}"
        missing = [n for n in step.needs if n not in self.ids]
        return f"an earlier step gave no {missing[0]}" if missing else ""

    def _play(self, number: int, step: Step) -> None:
        request = step.request(self.ids, self.guard.journal.run)
        self.guard.expecting_refusal = step.expect == "refusal"
        try:
            call = self._send(request, step)
        except Refused as error:
            # A probe too dear for the budget is left out; a purchase too dear ends the run.
            if error.kind == "budget" and step.expect == "refusal":
                self.out.left_out.append(f"step {number} ({step.what}): {error}")
                return
            raise
        finally:
            self.guard.expecting_refusal = False
        step.learn(call, self.ids)
        if step.until:
            self._poll(request, step, call)

    def _send(self, request: Request, step: Step) -> Call:
        call = self.session.send(request, dict(step.intent))
        if call.throttled:
            told = whole(call.header("retry-after"))
            self.guard.sleep(min(60 if told is None else max(told, 0), MAX_WAIT_S))
            call = self.session.send(request, dict(step.intent))
        return call

    def _poll(self, request: Request, step: Step, call: Call) -> None:
        for _ in range(self.plan.poll_limit):
            raw = call.at("state")
            if raw is not MISSING and self.session.profile.word(raw) in FINAL:
                self.session.mark("patient", job=call.params.get("job", ""))
                return
            if call.refused or self.guard.stopped:
                return
            self.guard.sleep(self.plan.poll_ms / 1000)
            call = self._send(request, step)

    def _clean_so_far(self) -> None:
        docket = Docket(self.session.profile, select("*", "1"), "1")
        docket.add(self.session.history())
        levels = {c.id: c.level_for(self.session.profile) for c in docket.contracts}
        bad = [i for i in docket.evidence if i[:3] in STOP_FAMILIES and levels[i] == "MUST"]
        if bad:
            raise Refused("stopped", f"{', '.join(sorted(bad))} broke before any money had moved")


def judged(history: History, profile: Profile, tier: str, out: Outcome) -> list[Judgement]:
    """Return one judgement per contract; what the plan did not exercise was not run."""
    docket = Docket(profile, select("*"), tier)
    docket.add(history)
    found = docket.judgements()
    why = "the run ended early" if out.ended else "no request of this plan exercises it"
    if out.left_out and not out.ended:
        why = f"steps were left out: {out.left_out[0]}"
    for judgement in found:
        if judgement.verdict == "vacuous":
            judgement.verdict, judgement.reason = "not run", why
        elif judgement.verdict == "untestable":
            judgement.verdict = "inconclusive"
    if any(s.agrees is False for s in out.statements):
        _broken_books(found, out, profile)
    return found


def _broken_books(found: list[Judgement], out: Outcome, profile: Profile) -> None:
    """The balance fell by more than the run accounts for: BIL-04 at the level of the whole run."""
    from bodydouble_contracts.contracts.findings import Breach
    from bodydouble_contracts.judging.verdicts import Evidence

    bad = next(s for s in out.statements if s.agrees is False)
    breach = Breach(
        (),
        f"a balance of at least {profile.amount((bad.opening or 0) - bad.booked)} after the run",
        f"{profile.amount(bad.closing or 0)} on {bad.account}",
    )
    for judgement in found:
        if judgement.contract == "BIL-04":
            judgement.verdict = "broken"
            judgement.evidence.append(Evidence(out.history, breach))
