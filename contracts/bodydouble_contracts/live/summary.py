"""A live plan as people read it before they let it loose."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from bodydouble_contracts.live.passage import balance_of
from bodydouble_contracts.live.plan import Plan, Step, plan_hash
from bodydouble_contracts.live.spending import dearest
from bodydouble_contracts.live.steps import UNPRICED
from bodydouble_contracts.live.tiers import requests
from bodydouble_contracts.vendors.profile import Profile

TIERS = {
    "0": "reads",
    "1": "requests that must be refused",
    "2": "at most one paid job per family",
    "3": "every sample once",
}


def plan_lines(plan: Plan, profile: Profile) -> Iterator[str]:
    """Yield the plan as a table, then what it costs, wants and takes."""
    yield f"{profile.title}, tier {plan.tier}: plan {plan_hash(plan)}, profile {plan.profile}"
    for tier, steps in groupby(plan.steps, key=lambda s: s.tier):
        yield f"\ntier {tier}: {TIERS[tier]}"
        for number, step in enumerate(steps, 1):
            yield step_line(number, step)
    yield ""
    yield from totals(plan, profile)


def step_line(number: int, step: Step) -> str:
    """Return one step as one line."""
    price = step.price or ("0" if not step.reserve else "unlisted")
    money = f"price {price}, at worst {step.reserve}" if step.reserve else ""
    what = f"{step.what}{', polled' if step.until else ''}"
    expected = {"refusal": "must be refused", "success": "must succeed"}.get(step.expect, "")
    tail = "; ".join(t for t in (what, expected, money) if t)
    return f"{number:4} {step.method:6} {step.target:48} {step.role:9} {tail}"


def totals(plan: Plan, profile: Profile) -> Iterator[str]:
    """Yield price, headroom, requests, minutes and the keys a plan wants."""
    currency = plan.currency or "units"
    jobs = [s for s in plan.steps if s.reserve and s.expect == "success" and s.capture]
    blind = balance_of(profile) is None
    if blind and dearest(profile) is None:
        yield (
            "price at worst: 0; whatever may cost money is left out, as no price is published and "
            "no balance can be read"
        )
    elif any(s.reserve == UNPRICED for s in plan.steps):
        yield (
            "price at worst: unknown, no price is published; the guard sets the whole balance "
            "aside, so the account must hold no more than the budget"
        )
    else:
        listed = sum(profile.units(s.price) or 0 for s in jobs)
        yield f"published price of all {len(jobs)} paid jobs: {profile.amount(listed)} {currency}"
        worst = profile.amount(headroom(plan, profile))
        yield f"price at worst, the budget that lets all of it run: {worst} {currency}"
        if blind:
            yield "no balance can be read: each request stays booked at its worst, refused ones too"
    polls = sum(1 for s in plan.steps if s.until)
    most = requests(plan) + polls * plan.poll_limit
    yield f"requests: {requests(plan)}, with all polls at most {most}"
    yield f"minutes: at most {plan.minutes_max:g} (one request every {plan.pace_ms / 1000:g} s)"
    for role in plan.roles:
        known = profile.roles.get(role)
        if known is not None:
            yield f"key of {role}: {known.env}"


def headroom(plan: Plan, profile: Profile) -> int:
    """Return the smallest budget under which no step is refused, if prices are as published.

    What earlier jobs cost is gone for good (refunds give nothing back), and every next request
    is set aside at its worst; where no balance can be read, it stays there.
    """
    spent = most = 0
    blind = balance_of(profile) is None
    for step in plan.steps:
        if step.reserve:
            worst = profile.units(step.reserve) or 0
            most = max(most, spent + worst)
            if blind:
                spent += worst
            elif step.expect == "success" and step.capture:
                spent += profile.units(step.price) or 0
    return most
