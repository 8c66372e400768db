"""Scripts about lists: walks, sizes, filters, and pages nobody should ask for."""

from __future__ import annotations

from typing import Any

from bodydouble_contracts.drivers.moves import job_of
from bodydouble_contracts.drivers.scenario import scenario
from bodydouble_contracts.drivers.session import Session
from bodydouble_contracts.reading.calls import Call
from bodydouble_contracts.vendors.profile import Operation, present

MAX_PAGES = 60


def walk(
    session: Session,
    operation: Operation,
    size: int,
    role: str = "main",
    *,
    query: dict[str, str] | None = None,
    intent: dict[str, str] | None = None,
) -> list[Call]:
    """Walk all pages and, where they have numbers, one past the end; with a filter's `query`."""
    more, marks = query or {}, intent or {}
    parts = {name: session.value(name, role) for name in operation.pattern.groupindex}
    name = session.fresh("walk")
    calls: list[Call] = []
    cursor = ""
    for number in range(MAX_PAGES):
        page = {**more, **operation.page(number, size, cursor)}
        call = session.call(
            operation.name, role, query=page, intent={**marks, "walk": name}, parts=parts
        )
        calls.append(call)
        items, following = call.at("items"), call.at("next")
        if not isinstance(items, list) or (not operation.by_cursor and len(items) < size):
            break
        if operation.by_cursor and not present(following):
            break
        cursor = str(following)
    if not operation.by_cursor:
        page = {**more, **operation.page(len(calls) + 5, size)}
        intent = {**marks, "past_end": "1"}
        session.call(operation.name, role, query=page, intent=intent, parts=parts)
    return calls


@scenario("steady_walks", "3", ("list",))
def steady_walks(session: Session) -> None:
    """Lists by cursor, walked while one more job is made after each page."""
    for operation in session.profile.doing("list", "job"):
        if not operation.by_cursor:
            continue
        for _ in range(5):
            session.submit()
        for size in (1, 2):
            name, cursor = session.fresh("steady"), ""
            for number in range(MAX_PAGES):
                query = operation.page(number, size, cursor)
                call = session.call(operation.name, query=query, intent={"steady_walk": name})
                if not present(call.at("next")):
                    break
                cursor = str(call.at("next"))
                if number < 3:
                    session.submit()


@scenario("walks", "3", ("list",))
def walks(session: Session) -> None:
    """Seven jobs, walked in pages of one, two, three and seven, by both accounts."""
    samples = session.profile.samples[:2]
    jobs = [job_of(session.submit(samples[n % len(samples)].name)) for n in range(7)]
    for operation in session.profile.doing("list"):
        session.call(operation.name)
        session.call(operation.name)
        for size in (2, 3, 7):
            walk(session, operation, size)
    session.advance(session.profile.longest_s)
    for job in jobs[:2]:
        session.call("read", job=job)
    for operation in session.profile.doing("list"):
        walk(session, operation, 5)


@scenario("first_pages", "0", ("list",))
def first_pages(session: Session) -> None:
    """The list of an account that has nothing yet."""
    for operation in session.profile.doing("list"):
        session.call(operation.name)
        walk(session, operation, 2)


@scenario("filters", "E", ("control", "list", "filters"))
def filters(session: Session) -> None:
    """Jobs in several states, listed by state."""
    jobs = [job_of(session.submit()) for _ in range(2)]
    session.advance(session.profile.longest_s)
    jobs += [job_of(session.submit()) for _ in range(3)]
    for operation in session.profile.doing("cancel"):
        session.call(operation.name, job=jobs[-1])
    for operation in session.profile.doing("list"):
        walk(session, operation, 4)
        for param, place in operation.filters.items():
            for raw in words_of(session, operation, param):
                query: dict[str, Any] = {param: raw}
                session.call(
                    operation.name, query=query, intent={"filter": f"{param}={raw}", "by": place}
                )


def words_of(session: Session, operation: Operation, param: str) -> list[str]:
    """Return the words a filter takes: listed in the profile, else all states."""
    listed = session.profile.section("filter_words").get(operation.name, {})
    return list(listed.get(param, session.profile.states))


@scenario("odd_pages", "1", ("list",))
def odd_pages(session: Session) -> None:
    """Pages and sizes nobody should ask for."""
    odd: tuple[Any, ...] = (0, -1, "x", "", 10**6, 10**30, "1.5", "%00", "１")
    for operation in session.profile.doing("list"):
        for value in odd:
            for part in ("page", "size"):
                session.call(
                    operation.name, query={operation.query[part]: value}, intent={"odd": part}
                )
        names = operation.query
        target = session.profile.mount + session.path(operation, {})
        for tail in (
            f"?{names['page']}=1&{names['page']}=2",
            f"?{names['size']}",
            "?&&&=",
            "?a[]=1",
        ):
            from bodydouble_contracts.history.exchanges import Request

            session.send(Request("GET", target + tail), {"odd": "query"})
