"""Scripts for what shows late: after many jobs, after a month, in a crowd, to the last unit."""

from __future__ import annotations

from decimal import Decimal

from bodydouble_contracts.drivers.interleave import at_once
from bodydouble_contracts.drivers.moves import follow, job_of, let_fail, look, read
from bodydouble_contracts.drivers.scenario import scenario
from bodydouble_contracts.drivers.scripts.lists import walk, words_of
from bodydouble_contracts.drivers.session import Session
from bodydouble_contracts.reading import texts
from bodydouble_contracts.reading.calls import Call, amounts
from bodydouble_contracts.reading.submissions import price_of

JOBS = 23
"""More than one page of every vendor's own size."""
LONG_S = (26 * 3600, 31 * 86400)
PAID = ("control", "balance")


@scenario("many_jobs", "E", ("control",))
def many_jobs(session: Session) -> None:
    """More jobs than a page holds, each paid for, listed in every size, and all of them ended."""
    jobs = []
    for _ in range(JOBS):
        session.balance()
        jobs.append(job_of(session.submit()))
    session.balance()
    every_size(session)
    session.advance(session.profile.longest_s)
    for job in jobs:
        read(session, job)
        session.mark("patient", job=job)
    every_size(session)
    session.balance()


def every_size(session: Session) -> None:
    """Walk lists by the least size, the greatest and one between; filtered ones, too."""
    for operation in session.profile.doing("list"):
        session.call(operation.name)
        for count in (1, operation.size_max):
            session.call(operation.name, query=operation.page(0, count))
        walk(session, operation, 10)
        for param, place in operation.filters.items():
            for raw in words_of(session, operation, param):
                for number in range(1 if operation.by_cursor else 3):
                    intent = {"filter": f"{param}={raw}", "by": place}
                    query = {param: raw, **operation.page(number, 10)}
                    session.call(operation.name, query=query, intent=intent)


@scenario("long_after", "E", ("control",))
def long_after(session: Session) -> None:
    """A job is there, and the balance what it was, a day and a month after its end."""
    session.balance()
    made = session.submit()
    session.balance()
    follow(session, job_of(made))
    for wait in LONG_S:
        session.advance(wait)
        look(session, job_of(made))
        session.balance()


@scenario("failures_together", "E", ("refund_on_failure", *PAID))
def failures_together(session: Session) -> None:
    """Several jobs fail at once, of two accounts, and one whose reply was lost."""
    provoke = session.profile.section("provoke")
    if not let_fail(session):
        return
    for role in ("main", "other"):
        session.balance(role)
        jobs = []
        for _ in range(4):
            jobs.append(job_of(session.submit(role=role)))
            session.balance(role)
        if session.profile.have("idempotency") == "yes" and provoke.get("lost_reply"):
            key = session.fresh()
            session.use("fault", **provoke["lost_reply"])
            session.submit(role=role, key=key)
            jobs.append(job_of(session.submit(role=role, key=key)))
        session.balance(role)
        session.advance(session.profile.longest_s)
        for job in jobs:
            look(session, job, role)
        session.balance(role)


@scenario("exact_balance", "E", ("prices", *PAID))
def exact_balance(session: Session) -> None:
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
    session.balance(role)


@scenario("two_purchases_at_once", "E", PAID)
def two_purchases_at_once(session: Session) -> None:
    """Two submissions without a key overlap; both are paid for, as one alone was."""
    session.balance()
    session.submit()
    for schedule in ([0, 1], [1, 0], [0, 0, 1], [0, 1, 1], [1, 0, 0, 1]):
        session.balance()
        at_once(session, [{}, {}], schedule)
        session.balance()


@scenario("limit_in_its_unit", "2", ("text_limit",))
def limit_in_its_unit(session: Session) -> None:
    """The longest text again, in letters of two bytes and in signs of four, and one sign more."""
    profile, counted = session.profile, texts.unit(session.profile)
    for sample, limit in texts.longest(profile):
        too_long = texts.beyond(profile, sample.op)
        for letter in ("\u00e9", "\U0001f3ac"):
            text = texts.filled(letter, limit, counted)
            body = texts.saying(profile, session.filled(sample.body), text)
            session.submit(sample.name, body=body, intent={"accept": "limit"})
            if too_long is not None:
                body = texts.saying(profile, session.filled(too_long.body), text + letter)
                intent = {"refusal": too_long.name, "violates": too_long.field or too_long.name}
                session.call(too_long.op, body=body, intent=intent)
