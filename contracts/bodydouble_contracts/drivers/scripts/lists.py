"""Scripts about lists: walks, sizes, filters, and pages nobody should ask for."""

from __future__ import annotations

from typing import Any

from bodydouble_contracts.drivers.scenario import scenario
from bodydouble_contracts.drivers.scripts.lifecycle import job_of
from bodydouble_contracts.drivers.session import Session
from bodydouble_contracts.reading.calls import Call
from bodydouble_contracts.vendors.profile import Operation

MAX_PAGES = 60


def walk(session: Session, operation: Operation, size: int, role: str = "main") -> list[Call]:
    """Walk all pages and one more."""
    name = session.fresh("walk")
    calls: list[Call] = []
    for number in range(MAX_PAGES):
        page = number * size if operation.query.get("kind") == "offset" else number + 1
        query = {operation.query["page"]: page, operation.query["size"]: size}
        call = session.call(operation.name, role, query=query, intent={"walk": name})
        calls.append(call)
        items = call.at("items")
        if not isinstance(items, list) or len(items) < size:
            break
    beyond = (len(calls) + 5) * (size if operation.query.get("kind") == "offset" else 1)
    query = {operation.query["page"]: beyond, operation.query["size"]: size}
    session.call(operation.name, role, query=query, intent={"past_end": "1"})
    return calls


@scenario("walks", "3", ("list",))
def walks(session: Session) -> None:
    """Seven jobs, walked in pages of one, two, three and seven, by both accounts."""
    jobs = [job_of(session.submit(session.profile.samples[n % 2].name)) for n in range(7)]
    for operation in session.profile.doing("list"):
        session.call(operation.name)
        session.call(operation.name)
        for size in (2, 3, 7):
            walk(session, operation, size)
    session.advance(session.profile.section("timing").get("longest_s", 600))
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
    session.advance(session.profile.section("timing").get("longest_s", 600))
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
