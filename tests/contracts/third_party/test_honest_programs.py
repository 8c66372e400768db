"""Honest programs judged from outside, and sabotaged ones: the emulator, its control plane unseen.

What breaks on an honest one is a wrong accusation by the judge. Waiting moves the sandbox's clock.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from dataclasses import replace
from typing import Any

import pytest

from bodydouble_contracts import runs
from bodydouble_contracts.contracts.contract import have
from bodydouble_contracts.drivers import outside, session
from bodydouble_contracts.history.exchanges import Request
from bodydouble_contracts.history.instants import instant_us
from bodydouble_contracts.judging.catalogue import find
from bodydouble_contracts.judging.judge import Docket
from bodydouble_contracts.judging.traces import breach_text
from bodydouble_contracts.judging.verdicts import Judgement
from bodydouble_contracts.mutants import Mutant
from bodydouble_contracts.mutants.matrix import own_mutants
from bodydouble_contracts.reading.links import shown_links
from bodydouble_contracts.targets.addresses import find_app
from bodydouble_contracts.targets.in_process import InProcess
from bodydouble_contracts.vendors.profile import Profile
from bodydouble_contracts.vendors.reader import load, names

Json = Any
pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("bodydouble") is None, reason="the emulator is not installed"
)
STEP_S = 10


class Backstage:
    """One sandbox of the emulator, arranged before the judge comes."""

    def __init__(self, target: InProcess, profile: Profile) -> None:
        self.target, self.profile = target, profile
        spec = {"seed": 1, "rate": 0, **profile.section("control").get("sandbox", {})}
        made = self.ask("POST", "/sandboxes", spec)
        self.box, self.now_us = made["id"], instant_us(made["clock"]["now"]) or 0

    def ask(self, method: str, path: str, data: Json) -> Json:
        head = (("Content-Type", "application/json"),)
        body = json.dumps(data).encode()
        reply = self.target.send(Request(method, f"/_bodydouble{path}", "control", head, body))
        assert reply.status < 300, reply.body
        return json.loads(reply.body)

    def key(self, name: str) -> str:
        role = self.profile.roles[name]
        spec: Json = {"provider": self.profile.provider, "account": role.account}
        if role.balance:
            spec["balance"] = role.balance
        return str(self.ask("POST", f"/sandboxes/{self.box}/keys", spec)["key"])

    def sleep(self, seconds: float) -> None:
        spec = {"advance_s": STEP_S * seconds}
        clock = self.ask("PATCH", f"/sandboxes/{self.box}/clock", spec)
        self.now_us = instant_us(clock["now"]) or 0

    def time_ns(self) -> int:
        return self.now_us * 1000

    def monotonic_ns(self) -> int:
        return self.now_us * 1000


def accusations(docket: Docket) -> str:
    bad = ("broken", "error", "vacuous", "untestable")
    found = [j for j in docket.judgements() if j.verdict in bad]
    found = [j for j in found if j.verdict != "untestable" or forgotten(j, docket.profile)]
    return "\n\n".join(breach_text(j, docket.profile) for j in found)


def forgotten(judgement: Judgement, profile: Profile) -> bool:
    """Whether a contract needs what the profile is silent about; it may say that no page knows."""
    open_ = [n for n in find(judgement.contract).needs if have(profile, n) == "unknown"]
    return any(not profile.capabilities.keys() >= set(n.split("|")) for n in open_)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("vendor", names())
def test_an_honest_program_is_accused_of_nothing(
    vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    docket = from_outside(vendor, monkeypatch)
    assert not accusations(docket)
    held = {j.contract for j in docket.judgements() if j.verdict == "held"}
    profile = load(vendor)
    shows = {"JOB-20": shown_links(profile) > 0}
    shows |= dict.fromkeys(("BIL-04", "BIL-07"), profile.have("balance") == "yes")
    unseen = {name for name, shown in shows.items() if not shown}
    assert {"JOB-01", "JOB-02", "JOB-03", "JOB-05", "JOB-09", *shows} - unseen <= held


@pytest.mark.sampled(3)
@pytest.mark.parametrize("vendor", names())
def test_jobs_that_fail_between_two_looks_are_no_theft(
    vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    docket = from_outside(vendor, monkeypatch, scenario={"name": "failed"})
    assert not accusations(docket)
    assert load(vendor).have("balance") != "yes" or docket.counts["BIL-04"] > 5


@pytest.mark.sampled(3)
@pytest.mark.parametrize("vendor", names())
def test_a_judge_that_cannot_wait_blames_nobody_for_open_jobs(
    vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    docket = from_outside(vendor, monkeypatch, wait_s=0)
    assert not accusations(docket)
    assert next(j for j in docket.judgements() if j.contract == "JOB-09").verdict == "inconclusive"


@pytest.mark.parametrize("guilty", ["A01", "A02", "B04", "B06", "I15", "L01", "L09"])
def test_a_sabotaged_program_is_convicted_from_outside_for_the_named_reason(
    guilty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mutant = next(m for m in own_mutants() if m.id == guilty)
    docket = from_outside("infinityblue", monkeypatch, mutant=mutant)
    assert set(mutant.convicts) & set(docket.evidence), (mutant.title, sorted(docket.evidence))


def test_a_refusal_by_the_limiter_is_waited_out_and_the_request_sent_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    docket = from_outside("smartlyq", monkeypatch)
    assert docket.counts["LIM-06"] > 0
    assert docket.counts["VAL-01"] > 0
    poor = from_outside("smartlyq", monkeypatch, wait_s=0)
    assert poor.counts.get("VAL-01", 0) < docket.counts["VAL-01"]


def from_outside(
    vendor: str,
    monkeypatch: pytest.MonkeyPatch,
    scenario: Json = None,
    wait_s: float = 3000,
    mutant: type[Mutant] = Mutant,
) -> Docket:
    """Serve one vendor at the root with keys nobody can guess, and judge it from outside."""
    from bodydouble.web.app import Application
    from bodydouble.web.settings import Settings

    emulator = Application(Settings(only=vendor, strict_keys=True, seed=1))
    profile = load(vendor)
    monkeypatch.setattr(sys.modules[__name__], "app", mutant(profile).wrap(emulator))
    backstage = Backstage(InProcess(find_app(f"{__name__}:app")), profile)
    for name in ("main", "other", "empty"):
        monkeypatch.setenv(profile.roles[name].env, backstage.key(name))
    if scenario:
        backstage.ask("PUT", f"/sandboxes/{backstage.box}/scenario", scenario)
    monkeypatch.setattr(outside, "sleep", backstage.sleep)
    monkeypatch.setattr(session, "time", backstage)  # judge and sandbox live by one clock
    effort = replace(runs.EFFORTS["quick"], outside=True, wait_s=wait_s)
    return runs.run(f"{__name__}:app", [profile], effort=effort).dockets[vendor]


app: Any = None
