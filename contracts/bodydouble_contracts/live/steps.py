"""The steps a live plan is made of: one request each, with its price and its reservation.

They say what is asked and what it may cost; in which order, and whether at all, is `tiers`'s.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from bodydouble_contracts.history.exchanges import Exchange, Request
from bodydouble_contracts.live.passage import MARGIN, balance_of
from bodydouble_contracts.live.plan import Step
from bodydouble_contracts.live.spending import dearest, listed_price
from bodydouble_contracts.reading.calls import KEYLESS, WITHOUT, Call
from bodydouble_contracts.vendors.parts import Sample
from bodydouble_contracts.vendors.profile import Operation, Profile

Json = Any
TYPE = {"Content-Type": "application/json"}
UNPRICED = "all"
"""What is set aside where no price is published: whatever the account holds."""


def submit(
    profile: Profile,
    sample: Sample,
    tier: str,
    what: str,
    capture: str,
    *,
    headers: dict[str, str] | None = None,
    expect: str = "success",
) -> Step:
    """Return one paid step."""
    intent = {"sample": sample.name} if sample.name else {}
    group = next((t for t in sample.tags if t.startswith("costs:")), "")
    if group:
        intent["price_group"] = group
    return step(profile, profile.operations[sample.op], tier, what, body=sample.body,
                headers=headers, expect=expect, capture={capture: "id"} if capture else None,
                intent=intent)  # fmt: skip


def balances(profile: Profile, tier: str, role: str = "main") -> Iterator[Step]:
    """Yield the reading of the balance, where there is one."""
    for operation in profile.doing("balance")[:1]:
        yield step(profile, operation, tier, "read the balance", role=role)


def lists(profile: Profile, tier: str) -> Iterator[Step]:
    """Yield the reading of every list of jobs that needs no other id."""
    for operation in profile.doing("list", "job"):
        if not operation.pattern.groupindex:
            yield step(profile, operation, tier, "list the jobs")


def on_job(
    profile: Profile,
    does: str,
    tier: str,
    what: str,
    job: str,
    *,
    role: str = "main",
    expect: str = "anything",
    until: str = "",
    by: str = "",
) -> Iterator[Step]:
    """Yield a step on a captured job for every operation that does it; `by` is the operation that
    submitted it, the cheapest sample's if not given."""
    family = profile.operations[by or profile.sample().op].ids
    for operation in profile.doing(does, "job"):
        if set(operation.pattern.groupindex) == {"job"} and operation.ids in ("", family):
            yield step(profile, operation, tier, what, role=role, body=operation.body,
                       expect=expect, until=until, params={"job": "{%s}" % job})  # noqa: UP031  # fmt: skip


def step(
    profile: Profile,
    operation: Operation,
    tier: str,
    what: str,
    *,
    role: str = "main",
    body: Json = None,
    raw: str = "",
    headers: dict[str, str] | None = None,
    params: dict[str, str] | None = None,
    query: dict[str, Json] | None = None,
    expect: str = "anything",
    capture: dict[str, str] | None = None,
    until: str = "",
    intent: dict[str, str] | None = None,
) -> Step:
    """Return one step with its price and what the guard will reserve for it."""
    target = operation.path
    for name in operation.pattern.groupindex:
        target = target.replace("{%s}" % name, (params or {}).get(name, "x"))  # noqa: UP031
    if query:
        target += "?" + urlencode(query)
    own = {**(TYPE if body is not None or raw else {}), **(headers or {})}
    heads = dict(profile.sent(tuple(own.items()), (intent or {}).get(WITHOUT, "")))
    price = reserve = ""
    if operation.does == "submit" and role not in KEYLESS:
        price, reserve = priced(profile, operation, body, expect == "refusal" and role == "empty")
    return Step(tier, what, operation.method, target, role, heads, body, raw, expect,  # type: ignore[arg-type]
                capture or {}, until, price, reserve, intent or {})  # fmt: skip


def priced(profile: Profile, operation: Operation, body: Json, walled: bool) -> tuple[str, str]:
    """Return the published price and the reservation of a body, both as people write them.

    `walled`: it must be refused and nothing is there to pay with, which only a balance can show.
    """
    raw = json.dumps(body).encode() if body is not None else b""
    asked = Request(operation.method, profile.mount + operation.path, "main", (), raw)
    found = listed_price(profile, Call(Exchange(asked, None, 0, 0, 0), profile))
    worst = found if found is not None else dearest(profile)
    price = profile.amount(found) if found is not None else ""
    if worst is None:
        return price, UNPRICED
    seen = walled and balance_of(profile) is not None
    return price, profile.amount((dearest(profile) or worst) if seen else worst * MARGIN)
