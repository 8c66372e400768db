"""PAG: lists in pages. Page walks are judged only while nothing was written in between."""

from __future__ import annotations

import math
from collections import defaultdict
from urllib.parse import parse_qs, parse_qsl

from bodydouble_contracts.contracts.contract import OF_THE_VENDOR, contract
from bodydouble_contracts.contracts.findings import Tally
from bodydouble_contracts.history.numerals import whole
from bodydouble_contracts.reading.calls import Call
from bodydouble_contracts.reading.view import View
from bodydouble_contracts.vendors.profile import find

SOURCE = OF_THE_VENDOR


def lists(view: View) -> list[Call]:
    """Return successful list calls with items."""
    return [c for c in view.doing("list") if c.ok and isinstance(c.at("items"), list)]


def asked(call: Call, name: str) -> int | None:
    """Return what the query asks under one of the profile's names, if it is one whole number."""
    param = call.op.query.get(name) if call.op else None
    values = parse_qs(call.x.request.query).get(param or "", [])
    found = whole(values[0]) if len(values) == 1 else None
    return found if found is not None and found >= 0 else None


def plainly_asked(call: Call) -> bool:
    """Whether a list was asked for by page, size and filters alone."""
    known = {call.op.query.get("page"), call.op.query.get("size")} if call.op else set()
    filters = call.op.filters if call.op else {}
    return {name for name, _ in parse_qsl(call.x.request.query, True)} <= known | {*filters}


def names(call: Call) -> list[str]:
    """Return the ids a list shows, in order."""
    places = call.op.item.get("id", ()) if call.op else ()
    return [str(find(places, row)) for row in call.at("items")]


def in_range(call: Call, size: int | None) -> bool:
    """Whether a size is one the vendor documents; beyond it, clamping is anybody's guess."""
    top = call.op.size_max if call.op else 0
    return size is None or (size >= 1 and (not top or size <= top))


def size_of(call: Call) -> int | None:
    """Return the size of page in force: asked, else shown, else the documented default."""
    size = asked(call, "size")
    if size is not None and in_range(call, size):
        return size
    shown = call.at("size")
    if isinstance(shown, int):
        return shown
    return call.op.size_default or None if call.op and size is None else None


@contract(
    "PAG-01",
    "echo",
    source=SOURCE,
    tier="0",
    kind="reply",
    needs=("list", "page_numbers"),
    census=3,
)
def pag_01(view: View, tally: Tally) -> None:
    """A list says which page and which size it is, as asked.

    Documented defaults where nothing was asked.
    """
    for call in lists(view):
        page, size = asked(call, "page"), asked(call, "size")
        if call.op is None or not in_range(call, size) or page == 0 or "odd" in call.intent:
            continue
        wanted = (page or call.op.first_page, size or call.op.size_default)
        tally.check(
            (call.at("page"), call.at("size")) == wanted,
            f"{wanted}",
            (call.at("page"), call.at("size")),
            call,
        )


@contract(
    "PAG-02", "size-respected", source=SOURCE, tier="0", kind="reply", needs=("list",), census=3
)
def pag_02(view: View, tally: Tally) -> None:
    """A page holds no more than its size, and a page before the last exactly that many.

    How many there are in all is known only where the list says so.
    """
    for call in lists(view):
        size, count = size_of(call), len(call.at("items"))
        if size is None or "odd" in call.intent:
            continue
        tally.check(count <= size, f"at most {size}", count, call)
        total, page = call.at("total"), call.at("page")
        if isinstance(total, int) and isinstance(page, int) and page >= 1:
            wanted = max(0, min(size, total - (page - 1) * size))
            tally.check(count == wanted, f"{wanted} items of {total}", count, call)


@contract(
    "PAG-03",
    "pages-count",
    source=SOURCE,
    tier="0",
    kind="reply",
    needs=("list", "page_numbers"),
    census=3,
)
def pag_03(view: View, tally: Tally) -> None:
    """The number of pages is the total divided by the size, rounded up.

    With the size the reply itself names.
    """
    for call in lists(view):
        total, size, pages = call.at("total"), call.at("size"), call.at("pages")
        if all(isinstance(n, int) for n in (total, size, pages)) and size > 0:
            wanted = math.ceil(total / size)
            fine = pages == wanted or (total == 0 and pages in (0, 1))
            tally.check(fine, f"{wanted} pages", pages, call)


@contract("PAG-04", "walk-is-complete", tier="0", kind="sequence", needs=("list",), census=1)
def pag_04(view: View, tally: Tally) -> None:
    """Walking all pages shows every item once, in one order.

    Walks the driver marked; what was submitted before must be in them.
    """
    for calls in walks(view).values():
        shown = [n for c in calls for n in names(c)]
        twice = {n for n in shown if shown.count(n) > 1}
        tally.check(not twice, "no repeats", twice, *calls)
        total = calls[0].at("total")
        if isinstance(total, int):
            tally.check(len(set(shown)) == total, f"{total} items", len(set(shown)), *calls)
        elif calls[0].op and calls[0].op.of == "job":
            mine = {
                s.job
                for s in view.submissions
                if s.accepted and s.account == calls[0].account and s.call.index < calls[0].index
            }
            missing = {m for m in mine if m} - set(shown) - set(view.removals)
            tally.check(not missing, "every job", missing, *calls)


def walks(view: View) -> dict[str, list[Call]]:
    """Return the marked walks that missed no page, each with its calls in order."""
    return whole_walks(view, "walk")


def whole_walks(view: View, mark: str) -> dict[str, list[Call]]:
    """Return the walks of a mark, but for those of which a page was lost or refused."""
    out: dict[str, list[Call]] = defaultdict(list)
    answered = {id(c) for c in lists(view)}
    for call in view.doing("list"):
        if mark in call.intent:
            out[call.intent[mark]].append(call)
    return {name: calls for name, calls in out.items() if {id(c) for c in calls} <= answered}


@contract(
    "PAG-05",
    "past-the-end",
    level="SHOULD",
    tier="0",
    kind="reply",
    needs=("list",),
    census=1,
    about=lambda p: sum(not o.by_cursor for o in p.doing("list")),
)
def pag_05(view: View, tally: Tally) -> None:
    """A page past the end is empty.

    Where the total is known, or the driver marked the page as past the end.
    """
    for call in lists(view):
        total, size, page = call.at("total"), size_of(call), asked(call, "page")
        beyond = "past_end" in call.intent
        if isinstance(total, int) and size and page and call.op and call.op.first_page == 1:
            beyond = (page - 1) * size >= total
        if beyond and "odd" not in call.intent:
            tally.check(not call.at("items"), "no items", len(call.at("items")), call)


@contract(
    "PAG-06",
    "total-stable",
    level="SHOULD",
    source=SOURCE,
    tier="0",
    kind="sequence",
    needs=("list", "page_numbers"),
    census=1,
)
def pag_06(view: View, tally: Tally) -> None:
    """The total stays the same during a walk without writes.

    All pages of one marked walk.
    """
    for calls in walks(view).values():
        totals = [c.at("total") for c in calls]
        tally.check(len(set(map(str, totals))) == 1, f"{totals[0]}", totals, *calls)


@contract(
    "PAG-07",
    "newest-first",
    level="SHOULD",
    tier="0",
    kind="reply",
    needs=("list", "newest_first"),
    census=1,
)
def pag_07(view: View, tally: Tally) -> None:
    """A list shows the newest first.

    By the order in which the judge submitted; a parameter that the profile does not name may ask
    for another.
    """
    order = {s.job: i for i, s in enumerate(view.submissions) if s.accepted and s.kind == "fresh"}
    for call in lists(view):
        if call.op and call.op.of == "job" and plainly_asked(call):
            ranks = [order[n] for n in names(call) if n in order]
            if len(ranks) > 1:
                tally.check(ranks == sorted(ranks, reverse=True), "newest first", names(call), call)


@contract(
    "PAG-08", "filter", source=SOURCE, tier="0", kind="reply", needs=("list", "filters"), census=1
)
def pag_08(view: View, tally: Tally) -> None:
    """A filtered list shows what matches, and nothing else.

    Filters name an item's place; a quiet unfiltered list of the same instant is the measure.
    """
    writes = [c.index for c in view.calls if c.op and c.op.method != "GET" and not c.refused]
    walked = [c for calls in walks(view).values() for c in calls if "filter" not in c.intent]
    for call in lists(view):
        wanted = call.intent.get("filter")
        if call.op is None or not wanted:
            continue
        words = dict(one.split("=", 1) for one in wanted.split("&"))
        wrong = [row for row in call.at("items") if not matching(call, row, words)]
        tally.check(not wrong, f"{wanted} only", wrong, call)
        whole = [
            c
            for c in walked
            if c.op is call.op
            and c.account == call.account
            and c.index < call.index
            and view.still(c.index, call.index)
            and not any(c.index < w < call.index for w in writes)
        ]
        if whole and isinstance(call.at("total"), int):
            rows = [row for c in whole for row in c.at("items")]
            right = {
                str(find(call.op.item.get("id", ()), r)) for r in rows if matching(call, r, words)
            }
            tally.check(call.at("total") == len(right), f"{len(right)}", call.at("total"), call)


def matching(call: Call, row: object, words: dict[str, str]) -> bool:
    """Whether a row is what the filters ask for."""
    places = call.op.filters if call.op else {}
    items = call.op.item if call.op else {}
    return all(str(find(items.get(places[p], ()), row)) == raw for p, raw in words.items())


@contract("PAG-09", "same-page-same-items", tier="0", kind="sequence", needs=("list",), census=1)
def pag_09(view: View, tally: Tally) -> None:
    """The same page asked twice at one instant shows the same items in the same order.

    Nothing was written between the two.
    """
    last: dict[tuple[str, str], Call] = {}
    writes = [c.index for c in view.calls if c.op and c.op.method != "GET" and not c.refused]
    for call in lists(view):
        name = (call.role, call.x.request.target)
        before = last.get(name)
        quiet = before is not None and view.still(before.index, call.index)
        if before and quiet and not any(before.index < w < call.index for w in writes):
            fine = before.at("items") == call.at("items")
            tally.check(fine, f"{names(before)}", names(call), before, call)
        last[name] = call
