"""Submissions: what each accepted or refused request for a job was in the eyes of idempotency.

A key makes a submission fresh, a replay or a conflict, by account, body and age. Where an
earlier reply was lost or overlapped, nobody can know, and it says so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from bodydouble_contracts.history.pointers import MISSING
from bodydouble_contracts.reading.calls import Call
from bodydouble_contracts.vendors.profile import Profile

Json = Any
Kind = Literal["fresh", "replay", "conflict", "unknown"]


@dataclass(slots=True)
class Submission:
    """One submit call. `cost` is what the reply or the price table says, in units, if either;
    `born_us` is the earliest instant at which its key may have been used first, a lost reply
    included; `learned` is the drop that two balances show, where neither says anything."""

    call: Call
    account: str
    key: str | None
    job: str | None
    kind: Kind
    original: Submission | None = None
    cost: int | None = None
    price: int | None = None
    learned: int | None = None
    retries: list[Submission] = field(default_factory=list)
    born_us: int = 0

    @property
    def accepted(self) -> bool:
        """Whether the vendor accepted it, now or, for a replay, before."""
        return self.call.ok and self.job is not None


def read_submissions(calls: list[Call], profile: Profile) -> list[Submission]:
    """Return all submissions in order, each judged against the ones before it."""
    rule = profile.section("idempotency")
    headers = rule.get("headers", [])
    lifetime_us = int(rule.get("lifetime_s", 0)) * 1_000_000
    first: dict[tuple[str, str], Submission] = {}
    out: list[Submission] = []
    for call in calls:
        key = next((v for h in headers if (v := call.x.request.header(h))), None)
        made = _submission(call, key, profile)
        out.append(made)
        if not key or not call.account:
            continue
        before = first.get((call.account, key))
        if before is not None and call.x.at_us - before.call.x.at_us < lifetime_us:
            _relate(made, before)
            if before.call.lost or made.kind == "unknown":
                made.born_us = before.born_us
            if call.x.at_us - before.born_us >= lifetime_us:
                made.kind = "unknown"
        if made.kind in ("fresh", "unknown") and (made.accepted or call.lost):
            first[call.account, key] = made
    return out


def _relate(made: Submission, before: Submission) -> None:
    overlapped = made.call.x.began < before.call.x.ended
    made.original = before
    before.retries.append(made)
    if before.call.lost or overlapped:
        made.kind = "unknown"
    else:
        same = same_request(made.call, before.call)
        made.kind = "replay" if same else "conflict"


def same_request(a: Call, b: Call) -> bool:
    """Whether two requests ask for the same thing, however their JSON is spelled."""
    if a.op is not b.op:
        return False
    if a.body is MISSING or b.body is MISSING:
        return a.x.request.body == b.x.request.body
    return bool(a.body == b.body)


def _submission(call: Call, key: str | None, profile: Profile) -> Submission:
    job = call.at("id") if call.ok else MISSING
    made = Submission(call, call.account, key, None, "fresh", born_us=call.x.at_us)
    made.job = str(job) if job is not MISSING and job is not None else None
    made.cost = call.units("cost") if call.ok else None
    made.price = price_of(profile, call)
    return made


def price_of(profile: Profile, call: Call) -> int | None:
    """Return the documented price of a request, in units, or None where no page gives one.

    A row of the price table matches if all its `when` members do; `per` multiplies by a member
    of the body (`duration`), with its `default` where absent; without one no page gives the price.
    """
    body = call.body if isinstance(call.body, dict) else {}
    for row in profile.section("prices").get("rows", []):
        if call.op is None or call.does != "submit" or row.get("op", call.op.name) != call.op.name:
            continue
        if all(
            _member(body, k) in (v if isinstance(v, list) else [v]) for k, v in row["when"].items()
        ):
            amount = Decimal(str(row["cost"]))
            if per := row.get("per"):
                try:
                    amount *= Decimal(str(body.get(per, row.get("default"))))
                except ArithmeticError:
                    return None
            return profile.units(amount, Decimal(str(row.get("times", 1))))
    return None


def _member(body: dict[str, Json], name: str) -> Json:
    return body.get(name)
