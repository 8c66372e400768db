"""The live path against a careless or hostile vendor: never a unit over budget."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bodydouble_contracts.history.exchanges import Reply, Request, dumps
from bodydouble_contracts.history.masking import Masker
from bodydouble_contracts.live.plan import PlanError, plan_hash, read_plan, write_plan
from bodydouble_contracts.live.run import Outcome, run_live
from bodydouble_contracts.live.tiers import make_plan
from bodydouble_contracts.targets.target import Lost
from tests.contracts.live import toy_vendor
from tests.contracts.live.toy_vendor import Vendor, guarded, profile

TWISTS = {
    "honest": (),
    "ten times dearer": (toy_vendor.ten_times_dearer,),
    "loses replies": (toy_vendor.loses_replies,),
    "answers 500 after the deed": (toy_vendor.fails_after,),
    "never cancels": (toy_vendor.never_cancels,),
    "never ends": (toy_vendor.never_ends,),
    "accepts anything": (toy_vendor.accepts_anything,),
    "charges refusals": (toy_vendor.charges_refusals,),
    "hides the balance": (toy_vendor.hides_the_balance,),
    "charges late": (toy_vendor.charges_late,),
    "dearer and loses replies": (toy_vendor.loses_replies, toy_vendor.ten_times_dearer),
    "dearer and never cancels": (toy_vendor.never_cancels, toy_vendor.ten_times_dearer),
    "dearer and never ends": (toy_vendor.never_ends, toy_vendor.ten_times_dearer),
    "accepts anything, dearer": (toy_vendor.accepts_anything, toy_vendor.ten_times_dearer),
}


def live(vendor: Vendor, folder: Path, budget: int, tier: str = "2") -> Outcome:
    plan = make_plan(profile(), tier, pace_ms=0, poll_ms=1000)
    guard = guarded(vendor, folder, budget)
    try:
        return run_live(guard, plan, dict(vendor.keys), lambda text: None)
    finally:
        guard.journal.close()


def lost_by(vendor: Vendor, before: dict[str, int]) -> int:
    return sum(max(0, before[a] - vendor.cents(a)) for a in before)


@pytest.mark.parametrize("budget", [0, 119, 120, 1199, 1200, 1300, 2500, 9000])
@pytest.mark.parametrize("twist", TWISTS)
def test_no_vendor_takes_a_unit_over_budget(tmp_path: Path, twist: str, budget: int) -> None:
    vendor = Vendor(twists=TWISTS[twist])
    before = {a: vendor.cents(a) for a in ("main", "empty", "other")}
    out = live(vendor, tmp_path, budget, "3")
    assert lost_by(vendor, before) <= budget
    assert out.cost <= budget


def test_an_honest_vendor_holds_and_the_account_agrees(tmp_path: Path) -> None:
    vendor = Vendor()
    out = live(vendor, tmp_path, 2000)
    assert out.ended == ""
    assert out.left_out == []
    assert {j.contract for j in out.judgements if j.verdict in ("broken", "error")} == set()
    assert sum(j.verdict == "held" for j in out.judgements) > 40
    assert [s.agrees for s in out.statements if s.booked] == [True]
    assert out.cost == 240
    assert 10_000 - vendor.cents() == 120


def test_tier_1_costs_nothing_and_needs_no_running_job(tmp_path: Path) -> None:
    vendor = Vendor()
    out = live(vendor, tmp_path, 600, "1")
    assert (out.ended, out.cost, vendor.cents()) == ("", 0, 10_000)


def test_without_a_budget_only_keyless_requests_and_reads_leave(tmp_path: Path) -> None:
    vendor = Vendor()
    out = live(vendor, tmp_path, 0, "2")
    paid = [r for r in vendor.sent if toy_vendor.is_submit(r)]
    assert {r.role for r in paid} <= {"nobody", "unissued", "malformed", "scheme"}
    assert "at worst" in out.ended


def test_a_paid_job_is_never_bought_twice_with_ten_times_dearer_prices(tmp_path: Path) -> None:
    vendor = Vendor(twists=(toy_vendor.ten_times_dearer,))
    out = live(vendor, tmp_path, 9000, "3")
    assert "the published price is 1.20" in out.ended
    assert len(vendor.toy.boxes[vendor.box["id"]].jobs) == 1


def test_a_success_where_a_refusal_was_expected_ends_the_run(tmp_path: Path) -> None:
    vendor = Vendor(twists=(toy_vendor.accepts_anything,))
    vendor.toy.boxes[vendor.box["id"]].balance["empty"] = 9000
    out = live(vendor, tmp_path, 9000)
    assert "where a refusal was expected" in out.ended
    jobs = vendor.toy.boxes[vendor.box["id"]].jobs.values()
    assert [j["state"] for j in jobs] == ["stopped"]


def test_a_broken_reply_in_tier_1_stops_before_money_moves(tmp_path: Path) -> None:
    def breaks(vendor: Vendor, request: Request, go: object) -> Reply:
        reply = vendor.inside.send(request)
        return Reply(500) if reply.status == 404 else reply

    vendor = Vendor(twists=(breaks,))
    out = live(vendor, tmp_path, 9000)
    assert "RES-01" in out.ended
    assert vendor.toy.boxes[vendor.box["id"]].jobs == {}


@pytest.mark.parametrize("after", range(60, 200, 7))
def test_an_interruption_anywhere_cancels_and_settles_first(tmp_path: Path, after: int) -> None:
    def interrupt(vendor: Vendor, request: Request, go: object) -> Reply:
        if len(vendor.sent) == after:
            raise KeyboardInterrupt
        return vendor.inside.send(request)

    vendor = Vendor(twists=(interrupt,))
    out = live(vendor, tmp_path, 9000, "2")
    jobs = vendor.toy.boxes[vendor.box["id"]].jobs.values()
    assert out.interrupted == (len(vendor.sent) >= after)
    assert all(j["state"] not in ("waiting",) for j in jobs)
    assert 10_000 - vendor.cents() <= 240


def test_jobs_that_cannot_be_cancelled_are_named(tmp_path: Path) -> None:
    vendor = Vendor(twists=(toy_vendor.never_ends,))
    out = live(vendor, tmp_path, 9000, "2")
    assert len(out.running) == 1
    assert "only one runs at a time" in out.ended


def test_a_missing_key_leaves_its_steps_out_and_says_so(tmp_path: Path) -> None:
    vendor = Vendor()
    plan = make_plan(profile(), "1", pace_ms=0, poll_ms=0)
    guard = guarded(vendor, tmp_path, 2000)
    out = run_live(guard, plan, {"main": vendor.keys["main"]}, lambda text: None)
    assert "no key for the role empty" in out.left_out[0]
    assert not out.whole


def test_a_vendor_that_is_down_ends_the_run_without_a_word_of_python(tmp_path: Path) -> None:
    def down(vendor: Vendor, request: Request, go: object) -> Reply:
        raise Lost("no connection")

    vendor = Vendor(twists=(down,))
    out = live(vendor, tmp_path, 2000)
    assert out.cost <= 2000
    assert not out.whole


def test_no_key_is_stored(tmp_path: Path) -> None:
    def echoes(vendor: Vendor, request: Request, go: object) -> Reply:
        reply = vendor.inside.send(request)
        told = json.dumps({"you": dict(request.headers), "sent": reply.body.decode()})
        return Reply(reply.status, (("X-Echo", told),), reply.body + b" ")

    vendor = Vendor(twists=(echoes,))
    out = live(vendor, tmp_path, 2000)
    masker = Masker()
    for role, key in vendor.keys.items():
        masker.learn(key, role)
    steps = tuple(masker.step(s) for s in out.history.steps)
    text = dumps(replace(out.history, steps=steps))
    assert not [k for k in vendor.keys.values() if k in text]
    assert "<key:main>" in text


def test_a_plan_comes_back_from_its_file_unchanged(tmp_path: Path) -> None:
    plan = make_plan(profile(), "3")
    for name in ("plan.json", "plan.yaml"):
        write_plan(plan, tmp_path / name)
        assert plan_hash(read_plan(tmp_path / name, profile())) == plan_hash(plan)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "no live plan"),
        ("[]", "no live plan"),
        ('{"format": 9}', "its format is 9"),
        ('{"format": 1, "steps": [{"tier": "0"}]}', "no live plan"),
    ],
)
def test_a_broken_plan_is_said_in_one_sentence(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "p.json").write_text(text)
    with pytest.raises(PlanError, match=told):
        read_plan(tmp_path / "p.json", profile())


def test_a_plan_made_from_other_prices_is_refused(tmp_path: Path) -> None:
    write_plan(make_plan(profile(), "2"), tmp_path / "p.json")
    dearer = {"rows": [{"when": {"voice": "reed"}, "cost": "9.99"}]}
    other = replace(profile(), extra={**profile().extra, "prices": dearer})
    with pytest.raises(PlanError, match="another profile"):
        read_plan(tmp_path / "p.json", other)


def test_every_paid_step_of_a_plan_shows_what_it_may_cost() -> None:
    steps = make_plan(profile(), "3").steps
    submits = [s for s in steps if s.target == "/api/clips" and s.method == "POST"]
    keyless = ("nobody", "unissued", "malformed")
    assert all(s.reserve for s in submits if s.role not in keyless)
    assert not any(s.reserve for s in steps if s not in submits)
