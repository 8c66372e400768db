"""Scripts about who may do what: near misses of a key, scopes everywhere, others' belongings."""

from __future__ import annotations

from bodydouble_contracts.drivers.moves import plain_reads, sample_body
from bodydouble_contracts.drivers.scenario import scenario
from bodydouble_contracts.drivers.session import Session
from bodydouble_contracts.reading.calls import NEAR_KEYS

OFTEN = 10
"""Times a thing is tried that must be seen often enough to be believed."""


@scenario("nearly_the_key", "1")
def nearly_the_key(session: Session) -> None:
    """A good key with a letter more, another last letter, and in the other case."""
    unknown = session.profile.section("unknown_ids").get("job", "x")
    for role in NEAR_KEYS:
        session.call("read", role, job=unknown)
        for operation in plain_reads(session):
            if not operation.pattern.groupindex:
                session.call(operation.name, role)
        for way in session.profile.ways():
            session.call(way.op, role, body=session.filled(way.body))


@scenario("scopes_everywhere", "3", ("role:a scoped one", "scopes"))
def scopes_everywhere(session: Session) -> None:
    """A key with few scopes asks every operation that needs another one."""
    ids = session.profile.section("unknown_ids")
    for role in session.profile.roles.values():
        for operation in session.profile.operations.values():
            lacking = (
                session.has(role.name)
                and role.scopes
                and operation.scope
                and operation.scope not in role.scopes
            )
            if lacking and operation.does != "media":
                given = {p: ids.get(p, "x") for p in operation.pattern.groupindex}
                body = sample_body(session, operation)
                session.call(operation.name, role.name, body=body, parts=given)


@scenario("others_webhooks", "E", ("control", "role:other", "webhooks"))
def others_webhooks(session: Session) -> None:
    """Another account tries to change, to try out and to delete a webhook."""
    hook = str(session.call("webhook_create").at("hook"))
    session.call("webhook_list", "other")
    for _ in range(OFTEN // 2):
        session.call("webhook_update", "other", hook=hook)
        session.call("webhook_remove", "other", hook=hook)
        session.call("webhook_update", hook=hook)
    session.call("webhook_remove", hook=hook)


@scenario("many_webhooks", "E", ("control", "webhooks"))
def many_webhooks(session: Session) -> None:
    """As many webhooks as documented, and one more."""
    most = int(session.profile.section("webhooks").get("max_active", 0))
    for _ in range(most + 1 if most else 0):
        session.call("webhook_create")


@scenario("others_uploads", "E", ("control", "role:other"))
def others_uploads(session: Session) -> None:
    """Another account asks for an uploaded picture."""
    for operation in session.profile.doing("upload"):
        image = str(session.call(operation.name).at("image"))
        for reading in session.profile.doing("upload_read"):
            session.call(reading.name, image=image)
            session.call(reading.name, "other", image=image)


@scenario("bare_cancel", "2", ("cancel",))
def bare_cancel(session: Session) -> None:
    """A cancel without a body and without a content type."""
    made = session.submit()
    for _ in range(OFTEN):
        for operation in session.profile.doing("cancel"):
            intent = {"bare_cancel": "1"}
            session.call(operation.name, body=None, intent=intent, job=str(made.at("id")))
        session.call("read", job=str(made.at("id")))
