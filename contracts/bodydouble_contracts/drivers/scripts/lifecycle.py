"""Scripts that follow jobs: to every end, by every road, as their owner and as somebody else."""

from __future__ import annotations

from bodydouble_contracts.drivers.link_opening import open_link
from bodydouble_contracts.drivers.moves import (
    follow,
    job_of,
    let_fail,
    look,
    read,
    try_cancel,
    twin,
)
from bodydouble_contracts.drivers.scenario import scenario
from bodydouble_contracts.drivers.session import Session
from bodydouble_contracts.history.pointers import MISSING


@scenario("to_the_end", "2")
def to_the_end(session: Session) -> None:
    """One job of each way to submit, to its end and beyond, with the balance read all along."""
    for way in session.profile.ways():
        session.balance()
        made = session.submit(way.name)
        session.balance()
        job = job_of(made)
        done = follow(session, job)
        if "://" in session.target.name:
            open_link(session, done)
            open_link(session, done, "poster")
        session.balance()
        twin(session, done)
        session.balance()
        try_cancel(session, job)
        look(session, job)
        session.balance()


@scenario("failing_bodies", "3")
def failing_bodies(session: Session) -> None:
    """What makes a job fail, by its body or under a scenario; the refund is read at each step."""
    for entry in session.profile.failing:
        if entry.scenario and not session.use("scenario", **dict(entry.scenario)):
            continue
        session.balance()
        body = session.filled(entry.body)
        made = session.call(entry.op, body=body, intent={"failing": entry.name})
        session.balance()
        follow(session, job_of(made))
        session.balance()
        session.advance(3600)
        look(session, job_of(made))
        session.balance()
        if entry.scenario:
            session.use("scenario", name="normal")


@scenario("failure", "E", ("control",))
def failure(session: Session) -> None:
    """Jobs that fail at the provider: plain, under a key, and of each way to submit; the refund
    is read at each step."""
    if not let_fail(session):
        return
    first, *others = session.profile.ways()
    for way, keyed in ((first, False), (first, True), *((o, False) for o in others)):
        session.balance()
        key = session.fresh() if keyed and session.profile.have("idempotency") == "yes" else None
        made = session.submit(way.name, key=key)
        session.balance()
        failed = follow(session, job_of(made))
        session.balance()
        twin(session, failed)
        session.balance()
        try_cancel(session, job_of(made))
        session.advance(3600)
        look(session, job_of(made))
        session.balance()
        if key:
            session.submit(way.name, key=key)
            session.balance()
            look(session, job_of(made))


@scenario("cancel_queued", "2", ("cancel",))
def cancel_queued(session: Session) -> None:
    """Cancel at once, cancel again, and look long after."""
    first, *others = session.profile.ways()
    keyed = session.fresh() if session.profile.have("idempotency") == "yes" else None
    for way, key in ((first, None), (first, keyed), *((o, None) for o in others)):
        session.balance()
        made = session.submit(way.name, key=key)
        look(session, job_of(made))
        try_cancel(session, job_of(made))
        look(session, job_of(made))
        session.balance()
        try_cancel(session, job_of(made))
        session.balance()
        session.advance(session.profile.longest_s)
        look(session, job_of(made))
        session.balance()


@scenario("cancel_running", "E", ("control", "cancel"))
def cancel_running(session: Session) -> None:
    """Cancel while it runs."""
    for sample in session.profile.samples[:2]:
        made = session.submit(sample.name)
        job = job_of(made)
        for _ in range(6):
            if session.profile.word(look(session, job).at("state")) == "running":
                break
            session.next_event()
        session.balance()
        try_cancel(session, job)
        look(session, job)
        session.balance()
        session.advance(session.profile.longest_s)
        look(session, job)
        try_cancel(session, job)
        session.balance()


@scenario("other_account", "2", ("role:other",))
def other_account(session: Session) -> None:
    """Another account tries to see, cancel and remove what is not its own."""
    made = session.submit()
    job = job_of(made)
    session.submit("cheapest", "other")
    session.balance("other")
    session.balance()
    for wait in (0, session.profile.longest_s):
        session.advance(wait)
        done = look(session, job)
        look(session, job, "other")
        try_cancel(session, job, "other")
        name = done.at("twin")
        if name is not MISSING and name:
            twin(session, done)
            for operation in (*session.profile.doing("read"), *session.profile.doing("remove")):
                if operation.of == "video":
                    session.call(operation.name, "other", video=str(name))
            twin(session, done)
            twin(session, done, "other")
        for operation in session.profile.doing("remove", "job"):
            session.call(operation.name, "other", job=job)
        look(session, job)
    session.balance("other")
    session.balance()


@scenario("removal", "2", ("remove",))
def removal(session: Session) -> None:
    """Remove what a job made, look again, remove again."""
    session.balance()
    made, kept = session.submit(), session.submit()
    more = [job_of(session.submit()) for _ in range(9 if session.control else 0)]
    done = follow(session, job_of(made))
    look(session, job_of(kept))
    session.balance()
    for operation in session.profile.doing("remove"):
        for job in more:
            last = session.call("read", job=job)
            one = job if operation.of == "job" else str(last.at("twin"))
            session.call(operation.name, parts={next(iter(operation.pattern.groupindex)): one})
        name = job_of(made) if operation.of == "job" else str(done.at("twin"))
        params = {next(iter(operation.pattern.groupindex)): name}
        session.call(operation.name, parts=params)
        for other in (*session.profile.doing("read", operation.of), operation):
            session.call(other.name, parts=params)
        for other in session.profile.doing("list", operation.of):
            session.call(other.name)
    look(session, job_of(kept))
    session.balance()


@scenario("samples", "3")
def samples(session: Session) -> None:
    """Every documented example is accepted, of a model that is listed, and done in the end."""
    jobs = []
    for operation in session.profile.doing("models"):
        session.call(operation.name)
    for sample in session.profile.samples:
        intent = {"accept": "limit"} if "limit" in sample.tags else {}
        session.balance()
        made = session.submit(sample.name, intent=intent)
        session.balance()
        if made.ok:
            jobs.append(job_of(made))
    if session.control is None:
        for job in jobs:
            follow(session, job)
    for job in jobs:
        read(session, job)
    session.advance(session.profile.longest_s)
    for job in jobs:
        read(session, job)
        session.mark("patient", job=job)
    session.balance()
