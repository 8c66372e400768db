"""Scripts for what shows late: after many jobs, after a month, in a crowd, to the last unit."""

from __future__ import annotations

from decimal import Decimal

from bodydouble_contracts.drivers.directed import scenario
from bodydouble_contracts.drivers.interleave import at_once
from bodydouble_contracts.drivers.scripts.lifecycle import follow, job_of, look
from bodydouble_contracts.drivers.scripts.lists import walk, words_of
from bodydouble_contracts.drivers.world import World
from bodydouble_contracts.reading.calls import Call, amounts
from bodydouble_contracts.reading.submissions import price_of

JOBS = 23
"""More than one page of every vendor's own size."""
LONG_S = (26 * 3600, 31 * 86400)
PAID = ("control", "balance")


@scenario("many_jobs", "E", PAID)
def many_jobs(world: World) -> None:
    """More jobs than a page holds, each paid for, listed in every size, and all of them ended."""
    jobs = []
    for _ in range(JOBS):
        world.call("balance")
        jobs.append(job_of(world.submit()))
    world.call("balance")
    every_size(world)
    world.advance(world.profile.section("timing").get("longest_s", 600))
    for job in jobs:
        for operation in world.profile.doing("read", "job"):
            world.call(operation.name, job=job)
        world.mark("patient", job=job)
    every_size(world)
    world.call("balance")


def every_size(world: World) -> None:
    """Walk lists by the least size, the greatest and one between; filtered ones, too."""
    for operation in world.profile.doing("list"):
        world.call(operation.name)
        page, size = operation.query["page"], operation.query["size"]
        for count in (1, operation.size_max):
            world.call(operation.name, query={page: operation.first_page, size: count})
        walk(world, operation, 10)
        for param, place in operation.filters.items():
            for raw in words_of(world, operation, param):
                for number in (1, 2, 3):
                    intent = {"filter": f"{param}={raw}", "by": place}
                    query = {param: raw, page: number, size: 10}
                    world.call(operation.name, query=query, intent=intent)


@scenario("long_after", "E", PAID)
def long_after(world: World) -> None:
    """A job is there, and the balance what it was, a day and a month after its end."""
    world.call("balance")
    made = world.submit()
    world.call("balance")
    follow(world, job_of(made))
    for wait in LONG_S:
        world.advance(wait)
        look(world, job_of(made))
        world.call("balance")


@scenario("failures_together", "E", ("refund_on_failure", *PAID))
def failures_together(world: World) -> None:
    """Several jobs fail at once, of two accounts, and one whose reply was lost."""
    provoke = world.profile.section("provoke")
    if not world.use("scenario", **provoke.get("failure", {})):
        return
    for role in ("main", "other"):
        world.call("balance", role)
        jobs = []
        for _ in range(4):
            jobs.append(job_of(world.submit(role=role)))
            world.call("balance", role)
        if world.profile.have("idempotency") == "yes" and provoke.get("lost_reply"):
            key = world.fresh()
            world.use("fault", **provoke["lost_reply"])
            world.submit(role=role, key=key)
            jobs.append(job_of(world.submit(role=role, key=key)))
        world.call("balance", role)
        world.advance(world.profile.section("timing").get("longest_s", 600))
        for job in jobs:
            look(world, job, role)
        world.call("balance", role)


@scenario("exact_purse", "E", ("prices", *PAID))
def exact_purse(world: World) -> None:
    """A purse that holds a price exactly, and then the least that can be less."""
    role = "poor" if "poor" in world.profile.roles else "empty"
    price = price_of(world.profile, world.submit())
    for short in (0, least_step(world)):
        held = amounts(world.call("balance", role))
        if not price or held is None:
            return
        lacking = (price - short - held) % price + price
        top_up(world, role, lacking)
        spend(world, role, price)


def least_step(world: World) -> int:
    """Return the least amount, in units, that the control plane takes: four decimals."""
    times = Decimal(str(world.profile.section("control").get("times", 1)))
    return max(1, int(times.scaleb(world.profile.scale - 4)))


def top_up(world: World, role: str, units: int) -> None:
    """Put units into a role's account, in the unit that the control plane speaks."""
    times = Decimal(str(world.profile.section("control").get("times", 1)))
    amount = Decimal(units).scaleb(-world.profile.scale) / times
    account = world.profile.roles[role].account
    world.use("top_up", account=account, amount=f"{amount:f}")


def spend(world: World, role: str, price: int) -> None:
    """Buy until the balance no longer covers the price, and once more."""
    for _ in range(8):
        call: Call = world.call("balance", role)
        world.submit(role=role)
        if (amounts(call) or 0) < price:
            break
    world.call("balance", role)


@scenario("two_purchases_at_once", "E", PAID)
def two_purchases_at_once(world: World) -> None:
    """Two submissions without a key overlap; both are paid for."""
    for schedule in ([0, 1], [1, 0], [0, 0, 1], [0, 1, 1], [1, 0, 0, 1]):
        world.call("balance")
        at_once(world, [{}, {}], schedule)
        world.call("balance")


@scenario("limit_in_characters", "2", ("text_limit",))
def limit_in_characters(world: World) -> None:
    """The longest text again, in letters of two bytes and in signs of four."""
    member = world.profile.section("text").get("member", "prompt")
    for sample in world.profile.samples:
        text = sample.body.get(member)
        if "limit" in sample.tags and isinstance(text, str) and len(set(text)) == 1:
            for letter in ("\u00e9", "\U0001f3ac"):
                body = {**world.filled(sample.body), member: letter * len(text)}
                world.submit(sample.name, body=body, intent={"accept": "limit"})
