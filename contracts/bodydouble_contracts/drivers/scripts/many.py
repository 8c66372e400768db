"""Scripts for what shows late: after many jobs, after a month, in a crowd, to the last unit."""

from __future__ import annotations

from decimal import Decimal

from bodydouble_contracts.drivers.interleave import at_once
from bodydouble_contracts.drivers.scenario import scenario
from bodydouble_contracts.drivers.scripts.lifecycle import follow, job_of, look
from bodydouble_contracts.drivers.scripts.lists import walk, words_of
from bodydouble_contracts.drivers.session import Session
from bodydouble_contracts.reading.calls import Call, amounts
from bodydouble_contracts.reading.submissions import price_of

JOBS = 23
"""More than one page of every vendor's own size."""
LONG_S = (26 * 3600, 31 * 86400)
PAID = ("control", "balance")


@scenario("many_jobs", "E", PAID)
def many_jobs(session: Session) -> None:
    """More jobs than a page holds, each paid for, listed in every size, and all of them ended."""
    jobs = []
    for _ in range(JOBS):
        session.call("balance")
        jobs.append(job_of(session.submit()))
    session.call("balance")
    every_size(session)
    session.advance(session.profile.section("timing").get("longest_s", 600))
    for job in jobs:
        for operation in session.profile.doing("read", "job"):
            session.call(operation.name, job=job)
        session.mark("patient", job=job)
    every_size(session)
    session.call("balance")


def every_size(session: Session) -> None:
    """Walk lists by the least size, the greatest and one between; filtered ones, too."""
    for operation in session.profile.doing("list"):
        session.call(operation.name)
        page, size = operation.query["page"], operation.query["size"]
        for count in (1, operation.size_max):
            session.call(operation.name, query={page: operation.first_page, size: count})
        walk(session, operation, 10)
        for param, place in operation.filters.items():
            for raw in words_of(session, operation, param):
                for number in (1, 2, 3):
                    intent = {"filter": f"{param}={raw}", "by": place}
                    query = {param: raw, page: number, size: 10}
                    session.call(operation.name, query=query, intent=intent)


@scenario("long_after", "E", PAID)
def long_after(session: Session) -> None:
    """A job is there, and the balance what it was, a day and a month after its end."""
    session.call("balance")
    made = session.submit()
    session.call("balance")
    follow(session, job_of(made))
    for wait in LONG_S:
        session.advance(wait)
        look(session, job_of(made))
        session.call("balance")


@scenario("failures_together", "E", ("refund_on_failure", *PAID))
def failures_together(session: Session) -> None:
    """Several jobs fail at once, of two accounts, and one whose reply was lost."""
    provoke = session.profile.section("provoke")
    if not session.use("scenario", **provoke.get("failure", {})):
        return
    for role in ("main", "other"):
        session.call("balance", role)
        jobs = []
        for _ in range(4):
            jobs.append(job_of(session.submit(role=role)))
            session.call("balance", role)
        if session.profile.have("idempotency") == "yes" and provoke.get("lost_reply"):
            key = session.fresh()
            session.use("fault", **provoke["lost_reply"])
            session.submit(role=role, key=key)
            jobs.append(job_of(session.submit(role=role, key=key)))
        session.call("balance", role)
        session.advance(session.profile.section("timing").get("longest_s", 600))
        for job in jobs:
            look(session, job, role)
        session.call("balance", role)


@scenario("exact_purse", "E", ("prices", *PAID))
def exact_purse(session: Session) -> None:
    """A wallet that holds a price exactly, and then the least that can be less."""
    role = "poor" if "poor" in session.profile.roles else "empty"
    price = price_of(session.profile, session.submit())
    for short in (0, least_step(session)):
        held = amounts(session.call("balance", role))
        if not price or held is None:
            return
        lacking = (price - short - held) % price + price
        top_up(session, role, lacking)
        spend(session, role, price)


def least_step(session: Session) -> int:
    """Return the least amount, in units, that the control plane takes: four decimals."""
    times = Decimal(str(session.profile.section("control").get("times", 1)))
    return max(1, int(times.scaleb(session.profile.scale - 4)))


def top_up(session: Session, role: str, units: int) -> None:
    """Put units into a role's account, in the unit that the control plane speaks."""
    times = Decimal(str(session.profile.section("control").get("times", 1)))
    amount = Decimal(units).scaleb(-session.profile.scale) / times
    account = session.profile.roles[role].account
    session.use("top_up", account=account, amount=f"{amount:f}")


def spend(session: Session, role: str, price: int) -> None:
    """Buy until the balance no longer covers the price, and once more."""
    for _ in range(8):
        call: Call = session.call("balance", role)
        session.submit(role=role)
        if (amounts(call) or 0) < price:
            break
    session.call("balance", role)


@scenario("two_purchases_at_once", "E", PAID)
def two_purchases_at_once(session: Session) -> None:
    """Two submissions without a key overlap; both are paid for."""
    for schedule in ([0, 1], [1, 0], [0, 0, 1], [0, 1, 1], [1, 0, 0, 1]):
        session.call("balance")
        at_once(session, [{}, {}], schedule)
        session.call("balance")


@scenario("limit_in_characters", "2", ("text_limit",))
def limit_in_characters(session: Session) -> None:
    """The longest text again, in letters of two bytes and in signs of four."""
    member = session.profile.section("text").get("member", "prompt")
    for sample in session.profile.samples:
        text = sample.body.get(member)
        if "limit" in sample.tags and isinstance(text, str) and len(set(text)) == 1:
            for letter in ("\u00e9", "\U0001f3ac"):
                body = {**session.filled(sample.body), member: letter * len(text)}
                session.submit(sample.name, body=body, intent={"accept": "limit"})
