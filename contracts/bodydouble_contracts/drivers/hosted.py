"""Scripts that need real sockets: webhooks, received in an inbox of the judge's own.

An app in this process is served on loopback for as long as they play; a URL is used as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bodydouble_contracts.drivers.moves import job_of, let_fail, look, try_cancel
from bodydouble_contracts.drivers.sandboxes import open_session
from bodydouble_contracts.drivers.session import Session
from bodydouble_contracts.history.exchanges import History
from bodydouble_contracts.targets.http import Hosted, Url
from bodydouble_contracts.targets.inbox import Inbox
from bodydouble_contracts.targets.target import Target
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
            session = open_session(target, profile, driver="hosted", scenario=name, seed=drawn)
            session.inbox = inbox
            try:
                script(session)
            finally:
                session.close()
            yield session.history()


def subscribe(
    session: Session, name: str, events: list[str] | None = None, answers: list[int] | None = None
) -> str:
    """Make a webhook to a box of the inbox; return the webhook's id."""
    url = session.inbox.open(name, answers)
    wanted = events or list(session.profile.section("webhooks")["events"])
    body = told(session, "webhook_create", url=url, events=wanted)
    made = session.call("webhook_create", body=body, intent=LOOPBACK)
    session.inbox.boxes[name].secret = str(made.at("secret"))
    return str(made.at("hook"))


def told(session: Session, name: str, **members: object) -> dict[str, object]:
    """Return a body with these members by the vendor's names, in what the operation always has."""
    names = session.profile.section("webhooks").get("members", {})
    always = session.profile.called(name, "").body if name == "webhook_create" else None
    own = {names.get(member, member): value for member, value in members.items()}
    return {**(always or {}), **own}


def pausable(session: Session) -> bool:
    """Return whether a webhook can be paused: the profile's own change of one says how."""
    body = session.profile.called("webhook_update", "").body
    return isinstance(body, dict) and "status" in body


def step_on(session: Session, count: int = EVENTS) -> None:
    """Let events happen one by one, so that each delivery is dated by its own instant."""
    for _ in range(count):
        before = session.now_us
        session.next_event()
        if session.now_us == before:
            break
    session.collect()


def finish(session: Session, jobs: list[str]) -> None:
    """Look at jobs by every road."""
    for job in jobs:
        look(session, job)


def hooks_announce(session: Session) -> None:
    """Two subscribers, jobs of both ends, one canceled."""
    events = list(session.profile.section("webhooks")["events"])
    subscribe(session, "all")
    subscribe(session, "last", events[-1:])
    jobs = [job_of(session.submit())]
    let_fail(session, True)
    jobs.append(job_of(session.submit("documented")))
    let_fail(session, False)
    jobs.append(job_of(session.submit()))
    step_on(session)
    finish(session, jobs)
    session.mark("settled", inboxes=["all"], events=events)
    session.mark("settled", inboxes=["last"], events=events[-1:])
    session.mark("silent", inbox="last", events=events[:-1])
    session.call("webhook_list", intent=LOOPBACK)


def hooks_retry(session: Session) -> None:
    """Receivers that fail twice, always, or never."""
    subscribe(session, "slow", answers=[500, 503, 204])
    subscribe(session, "down", answers=[500])
    subscribe(session, "away", answers=[404])
    subscribe(session, "fine")
    jobs = [job_of(session.submit())]
    step_on(session, 32)
    finish(session, jobs)
    session.advance(7200)
    finish(session, jobs)
    session.mark("settled", inboxes=["slow", "down", "away", "fine"])


def hooks_failure_retry(session: Session) -> None:
    """A failure announced to a receiver that is down at first."""
    subscribe(session, "slow", answers=[500, 204])
    let_fail(session, True)
    jobs = [job_of(session.submit())]
    step_on(session)
    finish(session, jobs)
    session.mark("settled", inboxes=["slow"])


def hooks_silence(session: Session) -> None:
    """Webhooks that were paused or deleted hear nothing; canceled jobs announce no end."""
    paused, gone = subscribe(session, "paused"), subscribe(session, "gone")
    subscribe(session, "open")
    if pausable(session):
        session.call("webhook_update", body={"status": "paused"}, intent=LOOPBACK, hook=paused)
    else:
        session.call("webhook_remove", hook=paused)
    session.call("webhook_remove", hook=gone)
    jobs = [job_of(session.submit()), job_of(session.submit())]
    finish(session, jobs)
    try_cancel(session, jobs[1])
    step_on(session)
    finish(session, jobs)
    session.mark("settled", inboxes=["open"])
    session.mark("silent", inbox="paused")
    session.mark("silent", inbox="gone")
    session.call("webhook_list", intent=LOOPBACK)
    if session.profile.doing("webhook_logs"):
        session.call("webhook_logs")


def hooks_foreign(session: Session) -> None:
    """A webhook hears of its own account's jobs only."""
    subscribe(session, "mine")
    made = session.submit(role="other")
    step_on(session)
    look(session, job_of(made), "other")
    session.mark("silent", inbox="mine", until=len(session.steps))
    session.submit()
    step_on(session)
    if session.profile.doing("webhook_logs"):
        session.call("webhook_logs", "other")


def hooks_change(session: Session) -> None:
    """A webhook is paused while a job runs, resumed, and told of other events."""
    events = list(session.profile.section("webhooks")["events"])
    hook = subscribe(session, "mine")
    for status in ("paused", "active") if pausable(session) else ():
        since = len(session.steps) - 1
        job = job_of(session.submit())
        session.call("webhook_update", body={"status": status}, intent=LOOPBACK, hook=hook)
        step_on(session)
        finish(session, [job])
        if status == "paused":
            session.mark("silent", inbox="mine", since=since, until=len(session.steps))
        else:
            session.mark("settled", inboxes=["mine"], since=since)
    since = len(session.steps) - 1
    body = told(session, "webhook_update", events=events[-1:])
    session.call("webhook_update", body=body, intent=LOOPBACK, hook=hook)
    job = job_of(session.submit())
    step_on(session)
    finish(session, [job])
    session.mark("silent", inbox="mine", events=events[:-1], since=since)


def hooks_replay(session: Session) -> None:
    """A delivery that arrived is asked for once more."""
    subscribe(session, "mine")
    job = job_of(session.submit())
    step_on(session)
    finish(session, [job])
    if not session.profile.doing("webhook_replay"):
        return
    rows = session.call("webhook_logs").at("items")
    for row in rows[:1] * 4 if isinstance(rows, list) else []:
        before = len(session.steps)
        session.call("webhook_replay", delivery=str(row["id"]))
        step_on(session, 3)
        session.advance(5)
        session.mark("replayed", inbox="mine", since=before)


SCRIPTS: tuple[Callable[[Session], None], ...] = (
    hooks_announce,
    hooks_retry,
    hooks_failure_retry,
    hooks_silence,
    hooks_foreign,
    hooks_change,
    hooks_replay,
)
