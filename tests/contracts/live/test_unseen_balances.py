"""A live run at a vendor that shows no balance: what is booked stays, and the plan says so."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bodydouble_contracts.history.exchanges import Reply, Request
from bodydouble_contracts.live.plan import Plan
from bodydouble_contracts.live.run import Outcome, run_live
from bodydouble_contracts.live.summary import headroom, plan_lines
from bodydouble_contracts.live.tiers import make_plan
from bodydouble_contracts.vendors.profile import Profile
from tests.contracts.live import toy_vendor
from tests.contracts.live.toy_vendor import Vendor, guarded, profile


def blind() -> Profile:
    """The toy as one that has no route for a balance."""
    found = profile()
    kept = {name: op for name, op in found.operations.items() if op.does != "balance"}
    none = replace(found.capabilities["balance"], have="no")
    have = {**found.capabilities, "balance": none}
    return replace(found, operations=kept, capabilities=have)


def unpriced(found: Profile) -> Profile:
    """One that publishes no price."""
    samples = tuple(replace(one, price="") for one in found.samples)
    extra = {name: value for name, value in found.extra.items() if name != "prices"}
    return replace(found, samples=samples, extra=extra)


def planned(found: Profile, tier: str = "2") -> Plan:
    return make_plan(found, tier, pace_ms=0, poll_ms=1000)


def live(vendor: Vendor, folder: Path, found: Profile, budget: int) -> Outcome:
    guard = guarded(vendor, folder, budget)
    guard.profile = found
    try:
        return run_live(guard, planned(found), dict(vendor.keys), lambda text: None)
    finally:
        guard.journal.close()


def test_the_budget_of_the_plan_is_enough_for_all_of_it_and_nothing_less_is(tmp_path: Path) -> None:
    found = blind()
    enough = headroom(planned(found), found)
    out = live(Vendor(), tmp_path / "enough", found, enough)
    assert (out.ended, out.left_out, out.cost) == ("", [], enough)
    assert [s.agrees for s in out.statements if s.booked] == [None, None]
    short = live(Vendor(), tmp_path / "short", found, enough - 1)
    assert "at worst" in short.ended
    told = "\n".join(plan_lines(planned(found), found))
    assert f"lets all of it run: {enough / 100:.2f} " in told
    assert "stays booked at its worst" in told


def test_an_account_that_nobody_saw_empty_is_reserved_as_any_other() -> None:
    seen, unseen = (
        {s.what: s.reserve for s in planned(one).steps if s.expect == "refusal" and s.reserve}
        for one in (profile(), blind())
    )
    assert seen.keys() == unseen.keys()
    walled = {what for what in seen if what.startswith("refusal") or "empty" in what}
    assert walled
    assert all(float(seen[what]) < float(unseen[what]) for what in walled)


def test_without_a_price_and_a_balance_nothing_that_may_cost_money_is_planned(
    tmp_path: Path,
) -> None:
    found = unpriced(blind())
    plan = planned(found, "3")
    keyless = ("nobody", "unissued", "malformed")
    submits = [s for s in plan.steps if s.target == "/api/clips" and s.method == "POST"]
    assert submits
    assert {s.role for s in submits} <= set(keyless)
    assert not any(s.needs for s in plan.steps)
    assert "no price is published and no balance can be read" in "\n".join(plan_lines(plan, found))
    vendor = Vendor()
    out = live(vendor, tmp_path, found, 0)
    assert (out.ended, out.left_out, out.cost, vendor.cents()) == ("", [], 0, 10_000)
    # With a balance to read, the whole of it is set aside as before.
    assert any(s.reserve == "all" for s in planned(unpriced(profile())).steps)


@pytest.mark.parametrize(("code", "times"), [("too_dear", 1), ("too_fast", 2)])
def test_only_a_refusal_for_haste_is_sent_again(tmp_path: Path, code: str, times: int) -> None:
    def of_one_status(vendor: Vendor, request: Request, go: Callable[[Request], Reply]) -> Reply:
        reply = go(request)
        if reply.status != 402:
            return reply
        problem = {"problem": {"kind": code, "text": "no", "members": []}}
        return Reply(429, reply.headers, json.dumps(problem).encode())

    found = profile()
    insufficient = replace(found.refused["insufficient"], status=(429,))
    found = replace(found, refused={**found.refused, "insufficient": insufficient})
    vendor = Vendor(twists=(of_one_status,))
    live(vendor, tmp_path, found, 9000)
    (step,) = [s for s in planned(found).steps if s.what == "a job for an empty account"]
    asked = [r.body for r in vendor.sent if toy_vendor.is_submit(r) and r.role == "empty"]
    assert asked.count(json.dumps(step.body).encode()) == times
