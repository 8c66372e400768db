"""Scripts that need real sockets: webhooks, received in an inbox of the judge's own.

An app in this process is served on loopback for as long as they play; a URL is used as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bodydouble_contracts.drivers.scripts.lifecycle import job_of, look, try_cancel
from bodydouble_contracts.drivers.world import World
from bodydouble_contracts.drivers.worlds import open_world
from bodydouble_contracts.history.exchanges import History
from bodydouble_contracts.targets.http import Hosted, Url
from bodydouble_contracts.targets.inbox import Inbox
from bodydouble_contracts.targets.targets import Target
from bodydouble_contracts.vendors.profile import Profile

EVENTS = 14
"""Due events one script follows; retries of one delivery are four."""

ROUNDS = 3
"""Times every script is played, with other seeds: no contract rests on a handful of occasions."""
LOOPBACK = {"loopback": "1"}
"""Intent of calls that show the inbox's own address, which no vendor would accept."""


def play_hosted(target: Target, profile: Profile, seed: int) -> Iterator[History]:
    """Yield the histories of scripts over sockets, where the vendor sends webhooks."""
    controlled = bool(profile.section("control").get("prefix"))
    if profile.have("webhooks") != "yes" or not controlled:
        return
    with over_sockets(target) as (served, egress):
        yield from play_scripts(served, profile, seed, egress)


@contextmanager
def over_sockets(target: Target) -> Iterator[tuple[Target, object]]:
    """Give a target that is spoken to over sockets, and a mutant's sender of webhooks or None."""
    fresh = getattr(target, "fresh", None)
    app = fresh() if fresh else getattr(target, "app", None)
    if app is None:
        yield target, None
        return
    with Hosted(app) as hosted:
        url = Url(hosted.url)
        try:
            yield url, getattr(app, "egress", None)
        finally:
            url.close()


def play_scripts(target: Target, profile: Profile, seed: int, egress: object) -> Iterator[History]:
    """Play every script with an inbox of its own."""
    for number, script in enumerate(SCRIPTS * ROUNDS):
        with Inbox(egress) as inbox:  # type: ignore[arg-type]  # it is a mutant's method or None
            name = script.__name__
            drawn = seed + number
            world = open_world(target, profile, driver="hosted", scenario=name, seed=drawn)
            world.inbox = inbox
            try:
                script(world)
            finally:
                world.close()
            yield world.history()


def subscribe(
    world: World, name: str, events: list[str] | None = None, answers: list[int] | None = None
) -> str:
    """Make a webhook to a box of the inbox; return the webhook's id."""
    url = world.inbox.open(name, answers)
    wanted = events or list(world.profile.section("webhooks")["events"])
    made = world.call("webhook_create", body={"url": url, "events": wanted}, intent=LOOPBACK)
    world.inbox.boxes[name].secret = str(made.at("secret"))
    return str(made.at("hook"))


def step_on(world: World, count: int = EVENTS) -> None:
    """Let events happen one by one, so that each delivery is dated by its own instant."""
    for _ in range(count):
        before = world.now_us
        world.next_event()
        if world.now_us == before:
            break
    world.collect()


def failing(world: World, yes: bool) -> None:
    """Make jobs accepted from now on fail, or go well."""
    failure = world.profile.section("provoke").get("failure", {})
    world.use("scenario", **(failure if yes else {"name": "normal"}))


def finish(world: World, jobs: list[str]) -> None:
    """Look at jobs by every road."""
    for job in jobs:
        look(world, job)


def hooks_announce(world: World) -> None:
    """Two subscribers, jobs of both ends, one canceled."""
    events = list(world.profile.section("webhooks")["events"])
    subscribe(world, "all")
    subscribe(world, "last", events[-1:])
    jobs = [job_of(world.submit())]
    failing(world, True)
    jobs.append(job_of(world.submit("documented")))
    failing(world, False)
    jobs.append(job_of(world.submit()))
    step_on(world)
    finish(world, jobs)
    world.mark("settled", inboxes=["all"], events=events)
    world.mark("settled", inboxes=["last"], events=events[-1:])
    world.mark("silent", inbox="last", events=events[:-1])
    world.call("webhook_list", intent=LOOPBACK)


def hooks_retry(world: World) -> None:
    """Receivers that fail twice, always, or never."""
    subscribe(world, "slow", answers=[500, 503, 204])
    subscribe(world, "down", answers=[500])
    subscribe(world, "away", answers=[404])
    subscribe(world, "fine")
    jobs = [job_of(world.submit())]
    step_on(world, 32)
    finish(world, jobs)
    world.advance(7200)
    finish(world, jobs)
    world.mark("settled", inboxes=["slow", "down", "away", "fine"])


def hooks_failure_retry(world: World) -> None:
    """A failure announced to a receiver that is down at first."""
    subscribe(world, "slow", answers=[500, 204])
    failing(world, True)
    jobs = [job_of(world.submit())]
    step_on(world)
    finish(world, jobs)
    world.mark("settled", inboxes=["slow"])


def hooks_silence(world: World) -> None:
    """Webhooks that were paused or deleted hear nothing; canceled jobs announce no end."""
    paused, gone = subscribe(world, "paused"), subscribe(world, "gone")
    subscribe(world, "open")
    world.call("webhook_update", body={"status": "paused"}, intent=LOOPBACK, hook=paused)
    world.call("webhook_remove", hook=gone)
    jobs = [job_of(world.submit()), job_of(world.submit())]
    finish(world, jobs)
    try_cancel(world, jobs[1])
    step_on(world)
    finish(world, jobs)
    world.mark("settled", inboxes=["open"])
    world.mark("silent", inbox="paused")
    world.mark("silent", inbox="gone")
    world.call("webhook_list", intent=LOOPBACK)
    world.call("webhook_logs")


def hooks_foreign(world: World) -> None:
    """A webhook hears of its own account's jobs only."""
    subscribe(world, "mine")
    made = world.submit(role="other")
    step_on(world)
    look(world, job_of(made), "other")
    world.mark("silent", inbox="mine")


def hooks_change(world: World) -> None:
    """A webhook is paused while a job runs, resumed, and told of other events."""
    events = list(world.profile.section("webhooks")["events"])
    hook = subscribe(world, "mine")
    for status in ("paused", "active"):
        since = len(world.steps) - 1
        job = job_of(world.submit())
        world.call("webhook_update", body={"status": status}, intent=LOOPBACK, hook=hook)
        step_on(world)
        finish(world, [job])
        if status == "paused":
            world.mark("silent", inbox="mine", since=since, until=len(world.steps))
        else:
            world.mark("settled", inboxes=["mine"], since=since)
    since = len(world.steps) - 1
    world.call("webhook_update", body={"events": events[-1:]}, intent=LOOPBACK, hook=hook)
    job = job_of(world.submit())
    step_on(world)
    finish(world, [job])
    world.mark("silent", inbox="mine", events=events[:-1], since=since)


def hooks_replay(world: World) -> None:
    """A delivery that arrived is asked for once more."""
    subscribe(world, "mine")
    job = job_of(world.submit())
    step_on(world)
    finish(world, [job])
    rows = world.call("webhook_logs").at("items")
    for row in rows[:1] * 4 if isinstance(rows, list) else []:
        before = len(world.steps)
        world.call("webhook_replay", delivery=str(row["id"]))
        step_on(world, 3)
        world.advance(5)
        world.mark("replayed", inbox="mine", since=before)


SCRIPTS: tuple[Callable[[World], None], ...] = (
    hooks_announce,
    hooks_retry,
    hooks_failure_retry,
    hooks_silence,
    hooks_foreign,
    hooks_change,
    hooks_replay,
)
