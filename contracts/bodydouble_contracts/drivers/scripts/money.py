"""Scripts about money: spending to the last unit, prices, refunds, estimates."""

from __future__ import annotations

from bodydouble_contracts.drivers.moves import job_of, look, try_cancel
from bodydouble_contracts.drivers.scenario import scenario
from bodydouble_contracts.drivers.session import Session


@scenario("spend_to_the_end", "E", ("control", "balance"))
def spend_to_the_end(session: Session) -> None:
    """A small wallet, spent until the vendor says no, then topped up and spent again."""
    role = "poor" if "poor" in session.profile.roles else "empty"
    session.balance(role)
    for _ in range(12):
        made = session.submit(role=role)
        session.balance(role)
        if not made.ok:
            break
    amount = session.profile.section("provoke").get("top_up")
    if amount:
        account = session.profile.roles[role].account
        session.use("top_up", account=account, amount=amount)
        session.balance(role)
        session.submit(role=role)
        session.balance(role)


@scenario("estimates", "2", ("estimate",))
def estimates(session: Session) -> None:
    """What an estimate names, and what the same job then costs, five times over."""
    for name, body in session.profile.section("estimates").items():
        for _ in range(5):
            session.call("estimate", body=body, intent={"estimate": name})
            session.balance()
            session.submit(name)
            session.balance()


@scenario("two_of_each", "3", ("balance",))
def two_of_each(session: Session) -> None:
    """The same request twice, with the balance read around each."""
    samples = session.profile.samples[:4]
    others = [w for w in session.profile.ways() if w not in samples]
    for sample in (*samples, *others):
        for _ in range(2):
            session.balance()
            session.submit(sample.name)
            session.balance()


@scenario("two_accounts", "2", ("role:other", "balance"))
def two_accounts(session: Session) -> None:
    """Two accounts spend in turn; each balance moves for its own spending only."""
    for role in ("main", "other"):
        session.balance(role)
    for role in ("main", "other", "other", "main"):
        made = session.submit(role=role)
        for reader in ("main", "other"):
            session.balance(reader)
        look(session, job_of(made), role)
        try_cancel(session, job_of(made), role)
        for reader in ("main", "other"):
            session.balance(reader)


@scenario("reads_are_free", "2", ("balance",))
def reads_are_free(session: Session) -> None:
    """Thirty looks at one running job cost nothing."""
    made = session.submit()
    session.balance()
    for _ in range(15):
        session.call("read", job=job_of(made))
    session.balance()
