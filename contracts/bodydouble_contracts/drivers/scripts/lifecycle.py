"""Scripts that follow jobs: to every end, by every road, as their owner and as somebody else."""

from __future__ import annotations

from bodydouble_contracts.drivers.link_opening import open_link
from bodydouble_contracts.drivers.scenario import scenario
from bodydouble_contracts.drivers.session import Session
from bodydouble_contracts.history.pointers import MISSING
from bodydouble_contracts.reading.calls import Call
from bodydouble_contracts.vendors.profile import FINAL, present

EVENTS = 4
"""Due events a lonely job is followed through before time is simply moved on."""
LOOKS = 12
"""Times it is looked at before it counts as one that never ends."""


def job_of(call: Call) -> str:
    """Return the id of the job a submission made, or an id nobody has."""
    found = call.at("id")
    ids = call.profile.section("unknown_ids")
    return str(found) if present(found) else str(ids.get("job", "x"))


def look(session: Session, job: str, role: str = "main") -> Call:
    """Look at a job by every road the vendor has."""
    for operation in session.profile.doing("list", "job"):
        session.call(operation.name, role)
    found = None
    for operation in session.profile.doing("read", "job"):
        found = session.call(operation.name, role, job=job)
    assert found is not None
    return found


def follow(session: Session, job: str, role: str = "main") -> Call:
    """Poll a job like a client library until it ends, then look twice more."""
    found = look(session, job, role)
    number = 0
    while session.profile.word(found.at("state")) not in FINAL and goes_on(session, found, number):
        look(session, job, role)
        found = look(session, job, role)
        number += 1
    session.mark("patient", job=job)
    session.advance(61)
    look(session, job, role)
    return look(session, job, role)


def goes_on(session: Session, found: Call, number: int) -> bool:
    """Let time pass before the next look; say whether there is any use in one."""
    if session.control is None:
        readable = found.ok and session.profile.word(found.at("state")) is not None
        return readable and session.wait()
    if number == LOOKS:
        return False
    if number < EVENTS:
        session.next_event()
    else:
        session.advance(session.profile.section("timing").get("longest_s", 600) / 4)
    return True


def twin(session: Session, job: Call, role: str = "main") -> None:
    """Look at the resource a finished job leads to."""
    name = job.at("twin")
    if name is not MISSING and name:
        for operation in session.profile.doing("read", "video"):
            session.call(operation.name, role, video=str(name))
        for operation in session.profile.doing("list", "video"):
            session.call(operation.name, role)


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


def try_cancel(session: Session, job: str, role: str = "main") -> None:
    """Cancel where the vendor has it."""
    for operation in session.profile.doing("cancel"):
        session.call(operation.name, role, job=job)


def let_fail(session: Session, yes: bool = True) -> bool:
    """Make jobs accepted from now on fail, or go well; say whether that can be arranged."""
    failure = session.profile.section("provoke").get("failure")
    if not failure:
        return False
    return session.use("scenario", **(failure if yes else {"name": "normal"}))


@scenario("failing_bodies", "3")
def failing_bodies(session: Session) -> None:
    """Bodies that make a job fail, whoever answers; the refund is read at each step."""
    for entry in session.profile.failing:
        session.balance()
        body = session.filled(entry.body)
        made = session.call(entry.op, body=body, intent={"failing": entry.name})
        session.balance()
        follow(session, job_of(made))
        session.balance()
        session.advance(3600)
        look(session, job_of(made))
        session.balance()


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
        session.advance(session.profile.section("timing").get("longest_s", 600))
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
        session.advance(session.profile.section("timing").get("longest_s", 600))
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
    for wait in (0, session.profile.section("timing").get("longest_s", 600)):
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
        for operation in session.profile.doing("read", "job"):
            session.call(operation.name, job=job)
    session.advance(session.profile.section("timing").get("longest_s", 600))
    for job in jobs:
        for operation in session.profile.doing("read", "job"):
            session.call(operation.name, job=job)
        session.mark("patient", job=job)
    session.balance()
