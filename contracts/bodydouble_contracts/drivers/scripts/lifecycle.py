"""Scripts that follow jobs: to every end, by every road, as their owner and as somebody else."""

from __future__ import annotations

from bodydouble_contracts.drivers.directed import scenario
from bodydouble_contracts.drivers.link_opening import open_link
from bodydouble_contracts.drivers.world import World
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


def look(world: World, job: str, role: str = "main") -> Call:
    """Look at a job by every road the vendor has."""
    for operation in world.profile.doing("list", "job"):
        world.call(operation.name, role)
    found = None
    for operation in world.profile.doing("read", "job"):
        found = world.call(operation.name, role, job=job)
    assert found is not None
    return found


def follow(world: World, job: str, role: str = "main") -> Call:
    """Poll a job like a client library until it ends, then look twice more."""
    found = look(world, job, role)
    number = 0
    while world.profile.word(found.at("state")) not in FINAL and goes_on(world, found, number):
        look(world, job, role)
        found = look(world, job, role)
        number += 1
    world.mark("patient", job=job)
    world.advance(61)
    look(world, job, role)
    return look(world, job, role)


def goes_on(world: World, found: Call, number: int) -> bool:
    """Let time pass before the next look; say whether there is any use in one."""
    if world.powers is None:
        readable = found.ok and world.profile.word(found.at("state")) is not None
        return readable and world.wait()
    if number == LOOKS:
        return False
    if number < EVENTS:
        world.next_event()
    else:
        world.advance(world.profile.section("timing").get("longest_s", 600) / 4)
    return True


def twin(world: World, job: Call, role: str = "main") -> None:
    """Look at the resource a finished job leads to."""
    name = job.at("twin")
    if name is not MISSING and name:
        for operation in world.profile.doing("read", "video"):
            world.call(operation.name, role, video=str(name))
        for operation in world.profile.doing("list", "video"):
            world.call(operation.name, role)


@scenario("to_the_end", "2")
def to_the_end(world: World) -> None:
    """One job from submission to its end and beyond, with the balance read all along."""
    world.call("balance")
    made = world.submit()
    world.call("balance")
    job = job_of(made)
    done = follow(world, job)
    if "://" in world.target.name:
        open_link(world, done)
        open_link(world, done, "poster")
    world.call("balance")
    twin(world, done)
    world.call("balance")
    try_cancel(world, job)
    look(world, job)
    world.call("balance")


def try_cancel(world: World, job: str, role: str = "main") -> None:
    """Cancel where the vendor has it."""
    for operation in world.profile.doing("cancel"):
        world.call(operation.name, role, job=job)


@scenario("failure", "E", ("control",))
def failure(world: World) -> None:
    """Jobs that fail at the provider: one plain, one under a key, the refund read at each step."""
    if not world.use("scenario", **world.profile.section("provoke").get("failure", {})):
        return
    for keyed in (False, True):
        world.call("balance")
        key = world.fresh() if keyed and world.profile.have("idempotency") == "yes" else None
        made = world.submit(key=key)
        world.call("balance")
        failed = follow(world, job_of(made))
        world.call("balance")
        twin(world, failed)
        world.call("balance")
        try_cancel(world, job_of(made))
        world.advance(3600)
        look(world, job_of(made))
        world.call("balance")
        if key:
            world.submit(key=key)
            world.call("balance")
            look(world, job_of(made))


@scenario("cancel_queued", "2", ("cancel",))
def cancel_queued(world: World) -> None:
    """Cancel at once, cancel again, and look long after."""
    for key in (None, world.fresh()):
        world.call("balance")
        made = world.submit(key=key if world.profile.have("idempotency") == "yes" else None)
        look(world, job_of(made))
        try_cancel(world, job_of(made))
        look(world, job_of(made))
        world.call("balance")
        try_cancel(world, job_of(made))
        world.call("balance")
        world.advance(world.profile.section("timing").get("longest_s", 600))
        look(world, job_of(made))
        world.call("balance")


@scenario("cancel_running", "E", ("control", "cancel"))
def cancel_running(world: World) -> None:
    """Cancel while it runs."""
    for sample in world.profile.samples[:2]:
        made = world.submit(sample.name)
        job = job_of(made)
        for _ in range(6):
            if world.profile.word(look(world, job).at("state")) == "running":
                break
            world.next_event()
        world.call("balance")
        try_cancel(world, job)
        look(world, job)
        world.call("balance")
        world.advance(world.profile.section("timing").get("longest_s", 600))
        look(world, job)
        try_cancel(world, job)
        world.call("balance")


@scenario("strangers", "2", ("role:other",))
def strangers(world: World) -> None:
    """Another account tries to see, cancel and remove what is not its own."""
    made = world.submit()
    job = job_of(made)
    world.submit("cheapest", "other")
    world.call("balance", "other")
    world.call("balance")
    for wait in (0, world.profile.section("timing").get("longest_s", 600)):
        world.advance(wait)
        done = look(world, job)
        look(world, job, "other")
        try_cancel(world, job, "other")
        name = done.at("twin")
        if name is not MISSING and name:
            twin(world, done)
            for operation in (*world.profile.doing("read"), *world.profile.doing("remove")):
                if operation.of == "video":
                    world.call(operation.name, "other", video=str(name))
            twin(world, done)
            twin(world, done, "other")
        for operation in world.profile.doing("remove", "job"):
            world.call(operation.name, "other", job=job)
        look(world, job)
    world.call("balance", "other")
    world.call("balance")


@scenario("removal", "2", ("remove",))
def removal(world: World) -> None:
    """Remove what a job made, look again, remove again."""
    world.call("balance")
    made, kept = world.submit(), world.submit()
    more = [job_of(world.submit()) for _ in range(9 if world.powers else 0)]
    done = follow(world, job_of(made))
    look(world, job_of(kept))
    world.call("balance")
    for operation in world.profile.doing("remove"):
        for job in more:
            last = world.call("read", job=job)
            one = job if operation.of == "job" else str(last.at("twin"))
            world.call(operation.name, parts={next(iter(operation.pattern.groupindex)): one})
        name = job_of(made) if operation.of == "job" else str(done.at("twin"))
        params = {next(iter(operation.pattern.groupindex)): name}
        world.call(operation.name, parts=params)
        for other in (*world.profile.doing("read", operation.of), operation):
            world.call(other.name, parts=params)
        for other in world.profile.doing("list", operation.of):
            world.call(other.name)
    look(world, job_of(kept))
    world.call("balance")


@scenario("samples", "3")
def samples(world: World) -> None:
    """Every documented example is accepted, of a model that is listed, and done in the end."""
    jobs = []
    for operation in world.profile.doing("models"):
        world.call(operation.name)
    for sample in world.profile.samples:
        intent = {"accept": "limit"} if "limit" in sample.tags else {}
        world.call("balance")
        made = world.submit(sample.name, intent=intent)
        world.call("balance")
        if made.ok:
            jobs.append(job_of(made))
    if world.powers is None:
        for job in jobs:
            follow(world, job)
    for job in jobs:
        for operation in world.profile.doing("read", "job"):
            world.call(operation.name, job=job)
    world.advance(world.profile.section("timing").get("longest_s", 600))
    for job in jobs:
        for operation in world.profile.doing("read", "job"):
            world.call(operation.name, job=job)
        world.mark("patient", job=job)
    world.call("balance")
