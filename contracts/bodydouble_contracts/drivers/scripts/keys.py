"""Scripts about idempotency keys: replays early and late, conflicts, near misses, lost replies."""

from __future__ import annotations

from bodydouble_contracts.drivers.interleave import at_once
from bodydouble_contracts.drivers.moves import (
    follow,
    job_of,
    look,
    spellings,
    try_cancel,
    try_list,
)
from bodydouble_contracts.drivers.scenario import scenario
from bodydouble_contracts.drivers.session import Session
from bodydouble_contracts.reading import texts
from bodydouble_contracts.vendors.parts import Role

KEYED = ("idempotency",)


SCHEDULES = (
    [0, 1], [1, 0], [0, 0, 1], [1, 1, 0], [0, 1, 1], [1, 0, 0, 1],
    [0, 1, 1, 0], [0, 0, 1, 1, 0], [1, 1, 0, 0, 1], [0, 1, 0, 0, 1], [1], [0],
)  # fmt: skip
"""Orders in which two requests are stepped."""


@scenario("replay", "2", KEYED)
def replay(session: Session) -> None:
    """The same key three times, in both header spellings, before and after the job has ended."""
    for way in session.profile.ways():
        key = session.fresh()
        session.balance()
        made = session.submit(way.name, key=key)
        for number in range(3):
            session.balance()
            heads = session.key_headers(key, number)
            session.call(way.op, body=session.filled(way.body), headers=heads)
            session.balance()
            look(session, job_of(made))
        follow(session, job_of(made))
        session.submit()  # what remains is less now: a replay still says what it said
        session.balance()
        session.submit(way.name, key=key)
        session.balance()
        look(session, job_of(made))


@scenario("replay_spelled", "2", KEYED)
def replay_spelled(session: Session) -> None:
    """The same key with the same JSON in other spellings."""
    key = session.fresh()
    body = session.filled(session.profile.sample().body)
    session.balance()
    for raw in spellings(body):
        session.submit(key=key, raw=raw)
        session.balance()
    try_list(session)


@scenario("conflict", "2", KEYED)
def conflict(session: Session) -> None:
    """The same key with another body, at once and after the job has ended, then the first again."""
    key, other = session.fresh(), session.profile.samples[-1]
    made = session.submit(key=key)
    session.balance()
    session.submit(other.name, key=key)
    profile = session.profile
    body = dict(session.filled(profile.sample().body))
    text = texts.said(profile, body)
    if text is not None:
        for tail in (".", " ", "\n", "\u200b"):
            session.submit(key=key, body=texts.saying(profile, body, text + tail))
    for twin in profile.samples:
        if texts.said(profile, twin.body) == text and twin.body != body:
            session.submit(twin.name, key=key)
    session.balance()
    session.submit(key=key)
    session.balance()
    follow(session, job_of(made))
    session.submit(other.name, key=key)
    session.balance()


@scenario("near_keys", "2", KEYED)
def near_keys(session: Session) -> None:
    """Keys that differ only at the end, in case, or by one character."""
    length = int(session.profile.section("idempotency").get("max_length", 64)) - 1
    stem = (session.fresh("near") + "-" + "k" * length)[:length]
    session.balance()
    for key in (stem + "a", stem + "b", stem + "A", "ab", "AB", "abc", "ab."):
        session.submit(key=key, intent={"near_key": "1"})
        session.balance()


@scenario("key_of_two", "E", ("role:other", *KEYED))
def key_of_two(session: Session) -> None:
    """Two accounts use the same key; each gets its own job, then its own replay."""
    for _ in range(6):
        key = session.fresh()
        for role in ("main", "other", "main", "other"):
            session.balance(role)
            made = session.submit(role=role, key=key)
            session.balance(role)
            look(session, job_of(made), role)


@scenario("key_lifetime", "E", ("control", *KEYED))
def key_lifetime(session: Session) -> None:
    """A key just before and just after the end of its life."""
    life = int(session.profile.section("idempotency").get("lifetime_s", 0))
    for _ in range(2):
        key = session.fresh()
        session.submit(key=key)
        for share in (0.05, 0.45, 0.49):
            session.advance(life * share)
            session.balance()
            session.submit(key=key)
            session.balance()
        session.advance(life * 0.02)
        for _ in range(2):
            session.submit(key=key)
            session.balance()


@scenario("refused_then_good", "2", KEYED)
def refused_then_good(session: Session) -> None:
    """A key first used in refused requests, then in a good one."""
    for entry in session.profile.refusals[:8]:
        key = session.fresh()
        session.balance()
        heads = session.key_headers(key)
        session.call(
            entry.op, body=session.filled(entry.body), headers=heads, intent={"refusal": entry.name}
        )
        session.balance()
        session.submit(key=key, intent={"retry_refused": "1"})
        session.balance()


@scenario("poor_then_rich", "E", ("control", "balance", *KEYED))
def poor_then_rich(session: Session) -> None:
    """A key refused for want of money works once there is some."""
    amount = session.profile.section("provoke").get("top_up")
    key = session.fresh()
    session.balance("empty")
    session.submit(role="empty", key=key)
    session.balance("empty")
    if amount:
        session.use("top_up", account=session.profile.roles["empty"].account, amount=amount)
        session.balance("empty")
        session.submit(role="empty", key=key, intent={"retry_refused": "1"})
        session.balance("empty")


@scenario("lost_reply", "E", ("control", *KEYED))
def lost_reply(session: Session) -> None:
    """The reply to an accepted submission is lost; the client repeats it under its key."""
    session.balance()
    fault = session.profile.section("provoke").get("lost_reply")
    if not fault:
        return
    for _ in range(10):
        session.use("fault", **fault)
        key = session.fresh()
        session.submit(key=key)
        made = session.submit(key=key)
        session.balance()
        session.submit(key=key)
        session.balance()
        look(session, job_of(made))


@scenario("keyed_cancel", "2", ("cancel", *KEYED))
def keyed_cancel(session: Session) -> None:
    """A keyed job is canceled; its key still means that job."""
    key = session.fresh()
    session.balance()
    made = session.submit(key=key)
    look(session, job_of(made))
    session.balance()
    try_cancel(session, job_of(made))
    look(session, job_of(made))
    session.balance()
    for wait in (0, 7200):
        session.advance(wait)
        session.submit(key=key)
        session.balance()
        look(session, job_of(made))


@scenario("replay_removed", "2", ("remove", *KEYED))
def replay_removed(session: Session) -> None:
    """A key still means its job when what the job made was removed."""
    key = session.fresh()
    made = session.submit(key=key)
    done = follow(session, job_of(made))
    for operation in session.profile.doing("remove"):
        name = job_of(made) if operation.of == "job" else str(done.at("twin"))
        session.call(operation.name, parts={next(iter(operation.pattern.groupindex)): name})
    session.balance()
    session.submit(key=key)
    session.balance()


def may_submit(session: Session, role: Role) -> bool:
    """Whether a role is another key of the main account, made to submit often."""
    scope = session.profile.operations[session.profile.sample().op].scope
    able = scope in role.scopes if role.scopes else int(role.key.get("rate_limit", 0)) > 1000
    return able and role.account == "main" and role.name != "main" and not role.dead


@scenario("many_keys", "E", ("control", *KEYED))
def many_keys(session: Session) -> None:
    """A dozen keys, each used again when all have been used, by another API key, too."""
    keys = [session.fresh() for _ in range(12)]
    for key in keys:
        session.submit(key=key)
    siblings = [r.name for r in session.profile.roles.values() if may_submit(session, r)]
    for key in keys:
        session.balance()
        for role in ("main", *siblings):
            session.submit(role=role, key=key)
        session.balance()


@scenario("key_elsewhere", "E", ("control", "cancel", *KEYED))
def key_elsewhere(session: Session) -> None:
    """The key of a submission, used at other endpoints."""
    if not session.profile.section("idempotency").get("every_write"):
        return
    other = session.submit()
    for _ in range(5):
        key = session.fresh()
        session.submit(key=key)
        for operation in session.profile.operations.values():
            if operation.does in ("cancel", "webhook_create"):
                heads = session.key_headers(key)
                given = {"job": job_of(other)} if operation.pattern.groupindex else {}
                session.call(operation.name, headers=heads, intent={"used_key": "1"}, parts=given)


@scenario("at_the_same_time", "E", ("control", *KEYED))
def at_the_same_time(session: Session) -> None:
    """Two submissions under one key overlap, in several drawn orders."""
    for schedule in SCHEDULES:
        key = session.fresh()
        session.balance()
        at_once(session, [{"key": key}, {"key": key}], schedule)
        session.balance()
        try_list(session)
