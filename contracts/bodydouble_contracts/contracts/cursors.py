"""PAG: lists whose pages are asked for by cursor, a word that the page before names."""

from __future__ import annotations

from bodydouble_contracts.contracts.contract import OF_THE_VENDOR, contract
from bodydouble_contracts.contracts.findings import Tally
from bodydouble_contracts.contracts.pages import lists, names, walks, whole_walks
from bodydouble_contracts.reading.view import View
from bodydouble_contracts.vendors.profile import Profile, present


def cursor_lists(profile: Profile) -> int:
    """Return how many lists go by cursor."""
    return sum(o.by_cursor for o in profile.doing("list"))


def steady_lists(profile: Profile) -> int:
    """Return how many lists of jobs do."""
    return sum(o.by_cursor for o in profile.doing("list", "job"))


@contract(
    "PAG-10",
    "cursor-leads-on",
    source=OF_THE_VENDOR,
    tier="0",
    kind="sequence",
    needs=("list",),
    about=cursor_lists,
    census=3,
)
def pag_10(view: View, tally: Tally) -> None:
    """By cursor, every page but the last names the next one, and the last names none.

    A page that names a next one has rows; no walk goes round; the last one is met.
    """
    for call in lists(view):
        if call.op and call.op.by_cursor and present(call.at("next")) and "odd" not in call.intent:
            tally.check(call.at("items"), "rows on a page that names a next", "none", call)
    for calls in walks(view).values():
        if not (calls[0].op and calls[0].op.by_cursor):
            continue
        named = [str(c.at("next")) for c in calls if present(c.at("next"))]
        twice = {n for n in named if named.count(n) > 1}
        tally.check(not twice, "a cursor of its own on every page", twice, *calls[-2:])
        last = calls[-1].at("next")
        tally.check(not present(last), "a last page", f"next {last!r}", calls[-1])


@contract(
    "PAG-11",
    "cursor-is-steady",
    source=OF_THE_VENDOR,
    tier="3",
    kind="sequence",
    needs=("list",),
    about=steady_lists,
    census=1,
)
def pag_11(view: View, tally: Tally) -> None:
    """A walk by cursor shows what was there when it began once, whatever is added meanwhile.

    By cursor, every page but the last names the next one, and the last names none. Walks of
    jobs during which the driver submitted more.
    """
    for calls in whole_walks(view, "steady_walk").values():
        begun, whose = calls[0].index, calls[0].account
        there = {
            s.job
            for s in view.submissions
            if s.accepted and s.job and s.account == whose and s.call.index < begun
        } - set(view.removals)
        shown = [n for c in calls for n in names(c)]
        twice = {n for n in there if shown.count(n) > 1}
        tally.check(not twice, "no repeats", twice, *calls)
        tally.check(there <= set(shown), "every job", there - set(shown), *calls)
