"""Scripts that ask too much: up to the limit, beyond it, and after the wait."""

from __future__ import annotations

from bodydouble_contracts.drivers.moves import job_of, try_list
from bodydouble_contracts.drivers.scenario import scenario
from bodydouble_contracts.drivers.session import Session
from bodydouble_contracts.history.numerals import whole
from bodydouble_contracts.vendors.profile import FINAL

LIMITED = ("control", "limits", "role:limited")


@scenario("too_many_reads", "E", LIMITED)
def too_many_reads(session: Session) -> None:
    """A key with a small limit reads until refused, waits as told, reads again."""
    beyond(session, submitting=False)


@scenario("too_many_submits", "E", LIMITED)
def too_many_submits(session: Session) -> None:
    """A key with a small limit submits until refused, by every way; the refusals cost nothing."""
    for way in session.profile.ways():
        beyond(session, submitting=True, name=way.name)
        session.advance(600)


def beyond(session: Session, submitting: bool, name: str = "cheapest") -> None:
    """Ask until refused, see what the refusal did, wait exactly as told, ask again."""
    role, wait = "limited", 0
    for turn in range(5):
        for number in range(int(session.profile.roles[role].key["rate_limit"]) + 3):
            if number == 2 and turn:
                session.advance(
                    turn * 7
                )  # refused at the beginning of a window, and well within it
            if submitting:
                session.balance()
                call = session.submit(name, role)
                session.balance()
            else:
                call = session.call("read", role, job=unknown(session))
            if call.status == 429:
                told = whole(call.header("retry-after"))
                wait = 60 if told is None else max(told, 0)
        try_list(session)
        session.advance(min(wait, 600) or 60)
        if submitting:
            session.submit(name, role)
        else:
            session.call("read", role, job=unknown(session))


def unknown(session: Session) -> str:
    """Return an id nobody was given."""
    return str(session.profile.section("unknown_ids").get("job", "x"))


@scenario("default_limit", "E", ("control", "limits", "limit_headers"))
def default_limit(session: Session) -> None:
    """An ordinary key asks more often than documented within one instant."""
    count = int(session.profile.section("limits").get("requests", 60))
    role = "plain" if "plain" in session.profile.roles else "main"
    for _ in range(min(count, 200) + 3):
        session.balance(role)
    session.advance(session.profile.section("limits").get("window_s", 60))
    session.balance(role)


@scenario("slots", "E", ("control",))
def slots(session: Session) -> None:
    """More jobs than run at once, of each way to submit, watched until the last has ended."""
    rule = session.profile.slots
    if rule is None:
        return
    for way in session.profile.ways():
        jobs: list[str] = []
        for _ in range(rule.count + 2):
            made = session.submit(way.name, rule.role, intent={"slot": "1"})
            jobs.append(job_of(made))
            watch(session, jobs, rule.role)
        for _ in range(4 * len(jobs)):
            if not watch(session, jobs, rule.role):
                break
            session.next_event()


def watch(session: Session, jobs: list[str], role: str) -> bool:
    """Look at every job at one instant; say whether any of them goes on."""
    looks = [session.call("read", role, job=job) for job in jobs]
    session.mark("slots", jobs=jobs)
    return any(session.profile.word(look.at("state")) not in FINAL for look in looks)
