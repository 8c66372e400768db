"""How a job is staged: the scenario in force, its rules, cues and faults, held against one request.

It decides what is to happen and writes only counts; the job itself is written by `sandbox.py`, and
what trouble does to the bytes is the edge's affair. A sandbox with neither rules nor faults nor a
cue passes through here without reading a record.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from bodydouble.core.chance import Draw
from bodydouble.core.direction.cues import cued
from bodydouble.core.direction.directions import Direction, staged_refusal
from bodydouble.core.direction.faults import Fault, Kind, Point, Strike, Trouble, after_strike
from bodydouble.core.direction.matching import READ, RETRY, SUBMIT, Match, Scene
from bodydouble.core.direction.rules import Compiled, Numbered, compiled_rules
from bodydouble.core.direction.scenarios import NORMAL, SCENARIOS, Scenario, Script
from bodydouble.core.jobs import Job, Submission
from bodydouble.core.keys import Key
from bodydouble.core.lifecycle import State
from bodydouble.core.money.ledger import Account
from bodydouble.core.provider import Operation, Provider
from bodydouble.core.records import changed
from bodydouble.core.sandboxes import Sandbox
from bodydouble.core.store import Transaction
from bodydouble.core.timeline import directed, draw_timeline


class Box(Protocol):
    """What is needed of an open sandbox."""

    @property
    def tx(self) -> Transaction: ...
    @property
    def record(self) -> Sandbox: ...
    @property
    def now_us(self) -> int: ...
    @property
    def providers(self) -> Mapping[str, Provider]: ...
    @property
    def operation(self) -> Operation | None: ...

    def quirks(self, provider: str, /) -> Mapping[str, Any]: ...
    def draw(self, *purpose: object) -> Draw: ...
    async def serial(self, purpose: str, /) -> int: ...


async def scenario_of(box: Box) -> Scenario:
    """The scenario in force: the sandbox's own script, else the named one."""
    record = box.record
    if not record.script:
        return SCENARIOS.get(record.scenario, NORMAL)
    script = await box.tx.get(Script, record.script)
    return script.scenario if script is not None else NORMAL


def kinds_of(operation: Operation) -> tuple[str, ...]:
    """What an operation is, apart from its name."""
    if operation.billed:
        return (SUBMIT,)
    return (READ,) if operation.method == "GET" else ()


# A submission on its way in --------------------------------------------------------------------


async def stage(
    box: Box, account: Account, key: Key, submission: Submission
) -> tuple[Submission, Scenario, Direction | None]:
    """The submission without its cue, and what directs its job. Refused where it is to be refused.

    A cue speaks for one job and so outranks a rule.
    """
    direction = None
    if box.record.cues:
        submission, direction = cued(submission)
    scenario = await scenario_of(box)
    if scenario.rules and direction is None:
        direction = await _by_rule(box, scenario, key, submission)
    if direction is not None and direction.refuse is not None:
        raise staged_refusal(
            direction.refuse,
            text="refused on cue",
            price=submission.price,
            balance=min(account.balance, max(0, submission.price - 1)),
        )
    return submission, scenario, direction


async def _by_rule(
    box: Box, scenario: Scenario, key: Key, submission: Submission
) -> Direction | None:
    operation = box.operation
    name = operation.name if operation else submission.operation
    kinds = kinds_of(operation) if operation else (SUBMIT,)
    place = (key.provider, name, kinds)
    compiled = compiled_rules(scenario.id, scenario.rules)
    chosen: Direction | None = None
    for numbered in compiled.about(place, None, submission.model, submission.prompt):
        rule = numbered[1]
        # A rule that counts must see every call it matches, whoever directs this one.
        if (chosen is None or rule.counted) and rule.match.person(key):
            called = await _called_for(box, scenario, numbered)
            chosen = rule.direction if called and chosen is None else chosen
    return chosen


async def _called_for(box: Box, scenario: Scenario, numbered: Numbered) -> bool:
    """Counts a matching call where the rule counts, and says whether it is one that is meant."""
    number, rule = numbered
    if not rule.counted and rule.probability >= 1:
        return True
    count = await box.serial(f"rule:{scenario.id}:{number}")
    if rule.counted and not rule.means(count):
        return False
    return box.draw("rule", scenario.id, number, count).uniform() < rule.probability


def accepted(
    box: Box,
    account: Account,
    submission: Submission,
    serial: int,
    staged: tuple[Scenario, Direction | None],
) -> Job:
    """The job as it stands at acceptance, with its whole future drawn."""
    provider = box.providers[account.provider]
    scenario, direction = staged
    draw = box.draw("timeline", provider.name, serial)
    timeline = draw_timeline(
        draw,
        scenario,
        provider.pace,
        output_ms=submission.duration_ms,
        speed=box.record.speed,
    )
    seed = submission.seed
    if seed is None:
        seed = draw.between(0, 2**31 - 1)
    return Job(
        id=submission.names["job"],
        group=account.id,
        order=serial,
        provider=provider.name,
        submission=submission,
        timeline=directed(timeline, direction) if direction is not None else timeline,
        state=State.QUEUED,
        accepted_at_us=box.now_us,
        updated_at_us=box.now_us,
        seed=seed,
    )


# Trouble ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Lookout:
    """What may strike in a sandbox, read once per request: its live faults and its scenario."""

    faults: tuple[Fault, ...]
    scenario: Scenario
    rules: Compiled


async def lookout(box: Box) -> Lookout:
    """What may strike now."""
    faults = tuple([fault for fault in await box.tx.list(Fault) if fault.live])
    scenario = await scenario_of(box)
    return Lookout(faults, scenario, compiled_rules(scenario.id, scenario.rules))


async def strikes(box: Box, seen: Lookout, point: Point, scene: Scene) -> list[Strike]:
    """Every trouble that strikes this request at ``point``, faults first; each is counted."""
    struck = []
    for fault in seen.faults:
        meant = fault.trouble.point is point and fault.match.hits(scene)
        if meant and fits(fault.trouble, fault.match, scene):
            struck += await _fault_strikes(box, fault)
    if point in seen.rules.troubled:
        struck += await _rules_strike(box, seen, point, scene)
    return struck


def fits(trouble: Trouble, match: Match, scene: Scene) -> bool:
    """Whether the trouble makes sense here: a stale poll is a poll, a lost job was submitted."""
    if trouble.kind is Kind.STALE:
        return READ in scene.kinds
    if trouble.kind in (Kind.LATE, Kind.REORDER):
        return RETRY not in scene.kinds
    if trouble.point is Point.ACCEPTANCE:
        return SUBMIT in scene.kinds or match.operation == scene.operation
    return True


async def _fault_strikes(box: Box, fault: Fault) -> list[Strike]:
    if fault.probability < 1:
        count = await box.serial(f"fault:{fault.id}")
        if box.draw("fault", fault.order, count).uniform() >= fault.probability:
            return []
    fault = after_strike(fault)
    box.tx.put(fault)
    return [Strike(fault.trouble, f"fault {fault.id}")]


async def _rules_strike(box: Box, seen: Lookout, point: Point, scene: Scene) -> list[Strike]:
    struck = []
    place = (scene.provider, scene.operation, scene.kinds)
    for numbered in seen.rules.about(place, point, scene.model, scene.prompt):
        number, rule = numbered
        if rule.trouble is None or not rule.match.person(scene.key):
            continue
        meant = fits(rule.trouble, rule.match, scene)
        if meant and await _called_for(box, seen.scenario, numbered):
            source = f"rule {number} of scenario {seen.scenario.name}"
            struck.append(Strike(rule.trouble, source))
    return struck


async def watchful(box: Box) -> Sandbox:
    """The record with ``faulty`` as its faults and its scenario make it; not written yet."""
    live = any(fault.live for fault in await box.tx.list(Fault))
    return changed(box.record, faulty=live or (await scenario_of(box)).troubled)
