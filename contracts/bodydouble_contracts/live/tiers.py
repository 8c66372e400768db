"""Writes live plans from a profile: reads, refusals, then one journey per paid job.

Tier 0 reads, tier 1 adds only what must be refused, tier 2 at most one paid job per family,
tier 3 every sample. Texts are the profile's own bland samples. It invents no request that the
profile does not give.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from bodydouble_contracts import CATALOGUE_VERSION
from bodydouble_contracts.live.passage import FREE_WRITES, SAFE, balance_of
from bodydouble_contracts.live.plan import Plan, Step
from bodydouble_contracts.live.steps import UNPRICED, balances, lists, on_job, step, submit
from bodydouble_contracts.reading import texts
from bodydouble_contracts.reading.calls import BAD_KEYS, WITHOUT
from bodydouble_contracts.vendors.parts import Sample
from bodydouble_contracts.vendors.profile import Operation, Profile
from bodydouble_contracts.vendors.variants import profile_hash

Json = Any
BAD_BODIES = ("{", "nonsense", '{"a":')


POLL_S = 5
"""Between two looks at a job, where the vendor asks for nothing else."""


def make_plan(profile: Profile, tier: str, *, pace_ms: int = -1, poll_ms: int = -1) -> Plan:
    """Return the plan for a vendor up to a tier; what is negative is what the vendor asks for."""
    if poll_ms < 0:
        poll_ms = int(1_000 * profile.section("timing").get("poll_s", POLL_S))
    limits = profile.section("limits")
    window, count = limits.get("window_s", 60), limits.get("requests", 60)
    pace = pace_ms if pace_ms >= 0 else int(1_200 * window / max(count, 1))
    steps = tuple(affordable(profile, (s for t, make in TIERS if t <= tier for s in make(profile))))
    limit = max(10, int(profile.longest_s * 1000 / max(poll_ms, 1)))
    made = Plan(
        provider=profile.provider,
        tier=tier,
        profile=profile_hash(profile),
        catalogue=CATALOGUE_VERSION,
        currency=str(profile.section("money").get("currency", "")),
        pace_ms=pace,
        poll_ms=poll_ms,
        poll_limit=min(limit, 2_000),
        minutes_max=0,
        steps=steps,
    )
    return replace(made, minutes_max=minutes(made))


def affordable(profile: Profile, steps: Iterator[Step]) -> Iterator[Step]:
    """The steps that a budget can be held against, and what needs no step that is left out.

    Where neither a price is published nor a balance shown, nobody can say what a request costs.
    """
    known: set[str] = set()
    for one in steps:
        if one.reserve == UNPRICED and balance_of(profile) is None:
            continue
        if known.issuperset(one.needs):
            known |= set(one.capture)
            yield one


def reads(profile: Profile) -> Iterator[Step]:
    """Tier 0: every plain read twice, lists by page, paths nobody documents."""
    for operation in plain_reads(profile):
        for again in ("", " again"):
            yield step(profile, operation, "0", f"read {operation.name}{again}")
    for operation in profile.doing("list"):
        if not operation.pattern.groupindex and {"page", "size"} <= set(operation.query):
            for number in range(1 if operation.by_cursor else 2):
                query = operation.page(number, 2)
                yield step(profile, operation, "0", f"{operation.name}, a small page", query=query)
    for prefix in sorted({o.path.split("/")[1] for o in profile.operations.values()}):
        target = f"/{prefix}/no-such-thing"
        heads = dict(profile.sent(()))
        intent = {"nowhere": "1"}
        yield Step("0", "a path nobody documents", "GET", target, headers=heads, intent=intent)


def refusals(profile: Profile) -> Iterator[Step]:
    """Tier 1: bad keys, unknown ids, and every request the vendor must refuse."""
    ids = profile.section("unknown_ids")
    for operation in profile.operations.values():
        if operation.does in ("health", "media") or not allowed(operation, profile):
            continue
        if any(p not in ids for p in operation.pattern.groupindex):
            continue
        for role in BAD_KEYS[: 3 if operation.does == "submit" else 4]:
            body = first_body(profile, operation)
            yield step(profile, operation, "1", f"{operation.name} with a bad key ({role})",
                       role=role, body=body, expect="refusal", params=ids)  # fmt: skip
    for operation in profile.operations.values():
        names = list(operation.pattern.groupindex)
        known = allowed(operation, profile) and operation.does not in ("media", "submit")
        if names and known and all(n in ids for n in names):
            yield step(profile, operation, "1", f"{operation.name} of an unknown id",
                       params=ids, body=operation.body,
                       intent={"unknown_id": names[0]})  # fmt: skip
    yield from refused_headers(profile)
    yield from refused_bodies(profile)


def refused_headers(profile: Profile) -> Iterator[Step]:
    """Plain reads without a header that is required, and with a value that nobody knows."""
    for header in profile.headers:
        for operation in plain_reads(profile):
            if header.required:
                intent = {WITHOUT: header.name, "violates": header.name}
                yield step(profile, operation, "1", f"{operation.name} without {header.name}",
                           expect="refusal", intent=intent)  # fmt: skip
            if header.unknown:
                intent = {"wrong_header": header.name, "violates": header.name}
                yield step(profile, operation, "1", f"{operation.name} with a wrong {header.name}",
                           headers={header.name: header.wrong}, expect="refusal",
                           intent=intent)  # fmt: skip


def refused_bodies(profile: Profile) -> Iterator[Step]:
    """Every refusal of the profile, with the key of an account that has no money."""
    role = "empty" if "empty" in profile.roles else "reader" if "reader" in profile.roles else ""
    if not role:
        return
    yield from balances(profile, "1", role)
    for entry in profile.refusals:
        if profile.operations[entry.op].does != "submit":
            continue  # a webhook that is not refused would stay, and call somebody
        if wanted(entry.body):
            continue
        intent = {"refusal": entry.name, "violates": entry.field or entry.name}
        yield step(profile, profile.operations[entry.op], "1", f"refusal {entry.name}", role=role,
                   body=entry.body, expect="refusal", intent=intent)  # fmt: skip
    for operation in profile.doing("submit"):
        for raw in BAD_BODIES:
            intent = {"malformed_body": "1", "odd": "body"}
            yield step(profile, operation, "1", "a body that is no JSON", role=role,
                       raw=raw, expect="refusal", intent=intent)  # fmt: skip
    if role == "empty":
        sample = cheapest(profile)
        yield step(profile, profile.operations[sample.op], "1", "a job for an empty account",
                   role=role, body=sample.body, expect="refusal",
                   intent={"sample": sample.name})  # fmt: skip
    yield from balances(profile, "1", role)


def journeys(profile: Profile) -> Iterator[Step]:
    """Tier 2: one job followed to its end, and one that is cancelled at once."""
    yield from whole_journey(profile)
    if profile.doing("cancel"):
        sample = cheapest(profile)
        yield from balances(profile, "2")
        yield submit(profile, sample, "2", "a job to be cancelled", "job2")
        for what, expect in (("cancel it", "anything"), ("cancel it again", "refusal")):
            yield from on_job(profile, "cancel", "2", what, "job2", expect=expect)
            yield from on_job(profile, "read", "2", "look at it", "job2")
        yield from balances(profile, "2")


def whole_journey(profile: Profile) -> Iterator[Step]:
    """One paid job that many contracts share: keyed, replayed, read, listed, polled, ended."""
    sample = cheapest(profile)
    keyed = profile.have("idempotency") == "yes"
    key = key_header(profile) if keyed else {}
    yield from balances(profile, "2")
    yield submit(profile, sample, "2", "the paid job", "job1", headers=key)
    yield from balances(profile, "2")
    yield from on_job(profile, "read", "2", "look at it", "job1")
    yield from lists(profile, "2")
    if keyed:
        yield submit(profile, sample, "2", "the same request under the same key", "", headers=key)
        other = replace(sample, name="", tags=(), body=reworded(profile, sample.body))
        yield submit(profile, other, "2", "another request under the same key", "", headers=key,
                     expect="refusal")  # fmt: skip
        yield from balances(profile, "2")
    if "other" in profile.roles:
        yield from on_job(profile, "read", "2", "another account looks", "job1", role="other")
        yield from on_job(profile, "cancel", "2", "another account cancels", "job1", role="other",
                          expect="refusal")  # fmt: skip
    yield from on_job(profile, "read", "2", "poll it to its end", "job1", until="final")
    yield from balances(profile, "2")
    yield from on_job(profile, "read", "2", "look once more", "job1")
    yield from lists(profile, "2")
    yield from on_job(profile, "cancel", "2", "cancel what has ended", "job1", expect="refusal")
    if keyed:
        yield submit(profile, sample, "2", "the same key after the end", "", headers=key)
    yield from on_job(profile, "read", "2", "the last look", "job1")
    yield from balances(profile, "2")


def every_sample(profile: Profile) -> Iterator[Step]:
    """Tier 3: every documented example, one after the other, each to its end."""
    for number, sample in enumerate(profile.samples, 3):
        if "limit" in sample.tags or wanted(sample.body):
            continue
        yield from balances(profile, "3")
        yield submit(profile, sample, "3", f"sample {sample.name}", f"job{number}")
        yield from balances(profile, "3")
        yield from on_job(profile, "read", "3", "poll it to its end", f"job{number}", until="final",
                          by=sample.op)  # fmt: skip
        yield from balances(profile, "3")


TIERS = (("0", reads), ("1", refusals), ("2", journeys), ("3", every_sample))


def plain_reads(profile: Profile) -> list[Operation]:
    """Return the GET operations that need no id."""
    found = profile.operations.values()
    return [o for o in found if o.method == "GET" and not o.pattern.groupindex]


def allowed(operation: Operation, profile: Profile) -> bool:
    """Whether the guard would let an operation through."""
    free = FREE_WRITES | set(profile.section("live").get("free_writes", []))
    return operation.method in SAFE or operation.does in free | {"submit"}


def first_body(profile: Profile, operation: Operation) -> Json:
    """Return a body for an operation: its own, or its first sample's."""
    if operation.does == "submit":
        found = [s for s in profile.samples if s.op == operation.name and not wanted(s.body)]
        return found[0].body if found else {}
    return operation.body


def cheapest(profile: Profile) -> Sample:
    """Return the cheapest sample."""
    return profile.sample("cheapest")


def key_header(profile: Profile) -> dict[str, str]:
    """Return an idempotency header that is new in every run."""
    names = profile.section("idempotency").get("headers", [])
    return {names[0]: "contracts-{run}"} if names else {}


def reworded(profile: Profile, body: Json) -> Json:
    """Return a body that asks for something else at the same price."""
    return texts.saying(profile, body, f"{texts.said(profile, body) or ''} again")


def wanted(body: Json) -> bool:
    """Whether a body has members that another operation would have to provide first."""
    values = body.values() if isinstance(body, dict) else []
    return any(isinstance(v, str) and v.startswith("{") and v.endswith("}") for v in values)


def minutes(plan: Plan) -> float:
    """Return how long a run takes at most: every step at its pace and every poll to its limit."""
    polls = sum(1 for s in plan.steps if s.until)
    seconds = requests(plan) * plan.pace_ms / 1000
    waiting = polls * plan.poll_limit * (plan.poll_ms + plan.pace_ms) / 1000
    return round((seconds + waiting) / 60 + 1, 1)


def requests(plan: Plan) -> int:
    """Return how many requests a plan sends without polls; paid ones bring two readings each."""
    return len(plan.steps) + 2 * sum(1 for s in plan.steps if s.reserve)
