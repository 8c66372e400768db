"""What is to become of one request: the scenario in force, its rules, cues and faults, applied.

It decides what is to happen and writes only counts; the job is written by `open_sandbox.py`, and
what a fault does to the bytes is for the web server. A sandbox with neither rules nor faults nor a
cue passes through here without reading a record.
"""

from __future__ import annotations

from dataclasses import dataclass

from bodydouble.core.jobs import Job, Submission
from bodydouble.core.keys import Key
from bodydouble.core.lifecycle import State
from bodydouble.core.money.ledger import Account
from bodydouble.core.provider import Operation
from bodydouble.core.records import changed
from bodydouble.core.sandboxes import Sandbox
from bodydouble.core.scenarios.cues import cued
from bodydouble.core.scenarios.directives import Directive, directed_refusal
from bodydouble.core.scenarios.faults import ArmedFault, Fault, InjectedFault, Kind, Point, counted
from bodydouble.core.scenarios.matching import READ, RETRY, SUBMIT, Match, RequestFacts
from bodydouble.core.scenarios.rules import Compiled, Numbered, compiled_rules
from bodydouble.core.scenarios.scenario import NORMAL, SCENARIOS, Scenario, Script
from bodydouble.core.timeline import directed, doomed, draw_timeline
from bodydouble.sandbox.access import SandboxAccess


async def scenario_of(sandbox: SandboxAccess) -> Scenario:
    """The scenario in force: the sandbox's own script, else the named one."""
    record = sandbox.record
    if not record.script:
        return SCENARIOS.get(record.scenario, NORMAL)
    script = await sandbox.tx.get(Script, record.script)
    return script.scenario if script is not None else NORMAL


def kinds_of(operation: Operation) -> tuple[str, ...]:
    """What an operation is, apart from its name."""
    if operation.billed:
        return (SUBMIT,)
    return (READ,) if operation.method == "GET" else ()


# A submission on its way in --------------------------------------------------------------------


async def decide_outcome(
    sandbox: SandboxAccess, account: Account, key: Key, submission: Submission
) -> tuple[Submission, Scenario, Directive | None]:
    """The submission without its cue, and what directs its job. Refused where it is to be refused.

    A cue speaks for one job and so outranks a rule.
    """
    directive = None
    if sandbox.record.cues:
        submission, directive = cued(submission, sandbox.providers[account.provider].details)
    scenario = await scenario_of(sandbox)
    if scenario.rules and directive is None:
        directive = await _by_rule(sandbox, scenario, key, submission)
    if directive is not None and directive.refuse is not None:
        provider = sandbox.providers[account.provider]
        raise directed_refusal(
            directive.refuse,
            detail=provider.detail_name(directive.refuse, directive.detail),
            price=submission.price,
            balance=min(account.balance, max(0, submission.price - 1)),
        )
    return submission, scenario, directive


async def _by_rule(
    sandbox: SandboxAccess, scenario: Scenario, key: Key, submission: Submission
) -> Directive | None:
    operation = sandbox.operation
    name = operation.name if operation else submission.operation
    kinds = kinds_of(operation) if operation else (SUBMIT,)
    route = (key.provider, name, kinds)
    compiled = compiled_rules(scenario.id, scenario.rules)
    chosen: Directive | None = None
    for numbered in compiled.about(route, None, submission.model, submission.prompt):
        rule = numbered[1]
        # A rule that counts must see every call it matches, whoever directs this one.
        if (chosen is None or rule.counted) and rule.match.matches_key(key):
            called = await _is_due(sandbox, scenario, numbered)
            chosen = rule.directive if called and chosen is None else chosen
    return chosen


async def _is_due(sandbox: SandboxAccess, scenario: Scenario, numbered: Numbered) -> bool:
    """Counts a matching call where the rule counts, and says whether it is one that is meant."""
    number, rule = numbered
    if not rule.counted and rule.probability >= 1:
        return True
    count = await sandbox.serial(f"rule:{scenario.id}:{number}")
    if rule.counted and not rule.means(count):
        return False
    return sandbox.draw("rule", scenario.id, number, count).uniform() < rule.probability


def accepted_job(
    sandbox: SandboxAccess,
    account: Account,
    submission: Submission,
    serial: int,
    decided: tuple[Scenario, Directive | None],
) -> Job:
    """The job as it stands at acceptance, with its whole future drawn."""
    provider = sandbox.providers[account.provider]
    scenario, directive = decided
    draw = sandbox.draw("timeline", provider.name, serial)
    timeline = draw_timeline(
        draw,
        scenario,
        provider.pace,
        output_ms=submission.duration_ms,
        speed=sandbox.record.speed,
    )
    if directive is not None:
        timeline = directed(timeline, directive)
    if submission.fails is not None:
        timeline = doomed(timeline, submission.fails)
    seed = submission.seed
    if seed is None:
        seed = draw.between(0, 2**31 - 1)
    return Job(
        id=submission.names["job"],
        group=account.id,
        order=serial,
        provider=provider.name,
        submission=submission,
        timeline=timeline,
        state=State.QUEUED,
        accepted_at_us=sandbox.now_us,
        updated_at_us=sandbox.now_us,
        seed=seed,
    )


# Faults ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ActiveFaults:
    """What may be injected in a sandbox, read once per request: live faults and the scenario."""

    armed: tuple[ArmedFault, ...]
    scenario: Scenario
    rules: Compiled


async def active_faults(sandbox: SandboxAccess) -> ActiveFaults:
    """What may be injected now."""
    armed = tuple([one for one in await sandbox.tx.list(ArmedFault) if one.live])
    scenario = await scenario_of(sandbox)
    return ActiveFaults(armed, scenario, compiled_rules(scenario.id, scenario.rules))


async def injected_faults(
    sandbox: SandboxAccess, active: ActiveFaults, point: Point, facts: RequestFacts
) -> list[InjectedFault]:
    """Every fault that this request meets at ``point``, armed ones first; each is counted."""
    injected = []
    for armed in active.armed:
        meant = armed.fault.point is point and armed.match.matches(facts)
        if meant and applies(armed.fault, armed.match, facts):
            injected += await _from_armed(sandbox, armed)
    if point in active.rules.fault_points:
        injected += await _from_rules(sandbox, active, point, facts)
    return injected


def applies(fault: Fault, match: Match, facts: RequestFacts) -> bool:
    """Whether the fault makes sense here: a stale poll is a poll, a lost job was submitted."""
    if fault.kind is Kind.STALE:
        return READ in facts.kinds
    if fault.kind in (Kind.LATE, Kind.REORDER):
        return RETRY not in facts.kinds
    if fault.point is Point.ACCEPTANCE:
        return SUBMIT in facts.kinds or match.operation == facts.operation
    return True


async def _from_armed(sandbox: SandboxAccess, armed: ArmedFault) -> list[InjectedFault]:
    if armed.probability < 1:
        count = await sandbox.serial(f"fault:{armed.id}")
        if sandbox.draw("fault", armed.order, count).uniform() >= armed.probability:
            return []
    sandbox.tx.put(counted(armed))
    return [InjectedFault(armed.fault, f"fault {armed.id}")]


async def _from_rules(
    sandbox: SandboxAccess, active: ActiveFaults, point: Point, facts: RequestFacts
) -> list[InjectedFault]:
    injected = []
    route = (facts.provider, facts.operation, facts.kinds)
    for numbered in active.rules.about(route, point, facts.model, facts.prompt):
        number, rule = numbered
        if rule.fault is None or not rule.match.matches_key(facts.key):
            continue
        meant = applies(rule.fault, rule.match, facts)
        if meant and await _is_due(sandbox, active.scenario, numbered):
            source = f"rule {number} of scenario {active.scenario.name}"
            injected.append(InjectedFault(rule.fault, source))
    return injected


async def with_faulty_flag(sandbox: SandboxAccess) -> Sandbox:
    """The record with ``faulty`` as its faults and its scenario make it; not written yet."""
    live = any(armed.live for armed in await sandbox.tx.list(ArmedFault))
    return changed(sandbox.record, faulty=live or (await scenario_of(sandbox)).has_faults)
