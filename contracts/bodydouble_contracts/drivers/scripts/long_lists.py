"""Scripts about lists that are long, filtered, or somebody else's; and about texts in them."""

from __future__ import annotations

import itertools

from bodydouble_contracts.drivers.moves import follow, job_of, let_fail, look, try_cancel, twin
from bodydouble_contracts.drivers.scenario import scenario
from bodydouble_contracts.drivers.scripts.lists import walk, words_of
from bodydouble_contracts.drivers.session import Session
from bodydouble_contracts.reading import texts
from bodydouble_contracts.vendors.profile import Operation

MORE = 4
"""So many jobs more than the largest page holds."""
TEXTS = (
    " blanks before and after ",
    "e\u0301 and \u00e9, \ufb01 and fi, \u212b",
    "<b>bold</b> & \"quoted\" 'twice'",
    "\u5bb6\u65cf\u306e\u7269\u8a9e, \u0645\u0631\u062d\u0628\u0627, \u0928\u092e\u0938",
    "\U0001f3ac\U0001f9d1\u200d\U0001f680 zum Mond",
    "%s {0} ${x} \\n \\u0041",
)
LONG = "A long walk through a city of many bridges, one after another. "


@scenario("long_lists", "E", ("control", "list"))
def long_lists(session: Session) -> None:
    """More jobs than the largest page holds, walked by the largest page and one below."""
    for operation in session.profile.doing("list", "job"):
        if not operation.size_max:
            continue
        for _ in range(operation.size_max + MORE):
            session.submit()
            session.advance(1)
        for size in (operation.size_max, operation.size_max - 1):
            walk(session, operation, size)


@scenario("filtered_walks", "E", ("control", "list", "filters", "role:other"))
def filtered_walks(session: Session) -> None:
    """Jobs of every state in mixed order, of two accounts; each filter walked by both accounts."""
    for role in ("main", "other"):
        for number in range(9):
            let_fail(session, number % 3 == 1)
            made = session.submit(role=role)
            if number % 3 == 2:
                try_cancel(session, job_of(made), role)
            if number == 5:
                session.advance(session.profile.longest_s)
    let_fail(session, False)
    for operation in session.profile.doing("list"):
        for role in ("main", "other"):
            walk(session, operation, 4, role)
            for query, intent in asked(session, operation):
                walk(session, operation, 2, role, query=query, intent=intent)


def asked(session: Session, operation: Operation) -> list[tuple[dict[str, str], dict[str, str]]]:
    """Return each filter by itself, and each two of them together, with what to remember."""
    single = [
        [(param, raw, place) for raw in words_of(session, operation, param)]
        for param, place in operation.filters.items()
    ]
    groups = [[one] for words in single for one in words]
    groups += [list(two) for two in itertools.product(*single)] if len(single) > 1 else []
    return [
        (
            {param: raw for param, raw, _ in group},
            {"filter": "&".join(f"{param}={raw}" for param, raw, _ in group)},
        )
        for group in groups
    ]


@scenario("echoes", "3")
def echoes(session: Session) -> None:
    """Texts of many scripts, long and hostile ones, looked at by every road while they wait and
    once they have ended."""
    for way in session.profile.ways():
        longest = [limit for sample, limit in texts.longest(session.profile) if sample.op == way.op]
        most = min(longest, default=1_200)
        for text in (*TEXTS, (LONG * 40)[: min(most, 1_200)]):
            if texts.said(session.profile, way.body) is None:
                continue
            body = texts.saying(session.profile, session.filled(way.body), text)
            made = session.submit(way.name, body=body)
            if not made.ok:
                continue
            look(session, job_of(made))
            if session.control or text is TEXTS[0]:
                twin(session, follow(session, job_of(made)))
    for sample in session.profile.samples if session.control else ():
        made = session.submit(sample.name)
        if made.ok:
            twin(session, follow(session, job_of(made)))


@scenario("others_lists", "2", ("list", "role:other"))
def others_lists(session: Session) -> None:
    """Another account orders, and reads its own list."""
    for _ in range(3):
        session.submit(role="other")
    for operation in session.profile.doing("list", "job"):
        walk(session, operation, 2, "other")


@scenario("money_told", "2", ("cost", "balance"))
def money_told(session: Session) -> None:
    """A few orders, and after each every place that tells what they cost."""
    places = session.profile.operations.values()
    telling = [o for o in places if "spent" in o.at or "cost" in o.item or o.does == "balance"]
    for _ in range(4):
        session.submit()
        for operation in telling:
            session.call(operation.name, intent={"money_told": "1"})
