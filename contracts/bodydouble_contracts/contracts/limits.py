"""LIM: what the vendor says about rate limits, and whether its refusals keep to it."""

from __future__ import annotations

from collections.abc import Iterator

from bodydouble_contracts.contracts.contract import OF_THE_VENDOR, contract
from bodydouble_contracts.contracts.findings import Tally
from bodydouble_contracts.contracts.replies import judged
from bodydouble_contracts.history.numerals import whole
from bodydouble_contracts.reading.calls import NOBODIES, Call
from bodydouble_contracts.reading.view import View
from bodydouble_contracts.vendors.profile import Profile, present

HEADERS = ("limit", "remaining", "reset")
SOURCE = OF_THE_VENDOR


def limited(view: View) -> list[Call]:
    """Return the calls that the limiter of the vendor sees."""
    quiet = view.profile.section("limits").get("except_status", [401])
    return [
        c
        for c in judged(view)
        if c.op and c.op.limited and c.role not in NOBODIES and c.status not in quiet
    ]


def number(call: Call, name: str) -> int | None:
    """Return one of the limit headers as an integer, or None."""
    header = call.profile.section("limits").get("headers", {}).get(name)
    return whole(call.header(header)) if header else None


def counter(call: Call) -> str:
    """Return what a call is counted with: its key, and where a limit is kept for each value of a
    member of the body, that value; one that has none of its own counts as the first. Empty where
    nobody knows which value a body has."""
    each = call.profile.section("limits").get("each")
    if not each:
        return call.role
    if call.members is None:
        return ""
    asked = call.members.get(each["member"])
    known = isinstance(asked, str) and asked in each["values"]
    return f"{call.role} {asked if known else each['values'][0]}"


def resets(profile: Profile) -> int:
    """Return whether a profile names a header that says when a window ends."""
    return int("reset" in profile.section("limits").get("headers", {}))


def pairs(view: View) -> Iterator[tuple[Call, Call]]:
    """Yield consecutive calls that are counted together."""
    last: dict[str, Call] = {}
    seen = {id(c) for c in limited(view)}
    for call in view.calls:
        unseen = call.role not in NOBODIES and (call.op is None or not counter(call))
        if call.lost or unseen or "at_once" in call.intent or "faulted" in call.intent:
            last = {name: one for name, one in last.items() if one.role != call.role}
            continue
        if id(call) not in seen:
            continue
        name = counter(call)
        if name in last:
            yield last[name], call
        last[name] = call


@contract(
    "LIM-01", "headers-present", source=SOURCE, tier="0", kind="reply", needs=("limit_headers",)
)
def lim_01(view: View, tally: Tally) -> None:
    """Every limited reply carries limit, remaining and reset as whole numbers.

    On refusals of the limiter too; of the three, those that the profile names.
    """
    headers = view.profile.section("limits").get("headers", {})
    named = [name for name in HEADERS if name in headers]
    for call in limited(view):
        lacking = [n for n in named if number(call, n) is None]
        tally.check(not lacking, ", ".join(named), f"no {lacking}", call)


@contract(
    "LIM-02", "remaining-in-range", source=SOURCE, tier="0", kind="reply", needs=("limit_headers",)
)
def lim_02(view: View, tally: Tally) -> None:
    """Remaining is never negative and never above the limit.

    The limit itself is positive.
    """
    for call in limited(view):
        limit, left = number(call, "limit"), number(call, "remaining")
        if limit is not None and left is not None:
            tally.check(
                0 <= left <= limit and limit > 0, "0 <= remaining <= limit", (left, limit), call
            )


@contract(
    "LIM-03",
    "limit-stable",
    level="SHOULD",
    source=SOURCE,
    tier="0",
    kind="account",
    needs=("limit_headers",),
)
def lim_03(view: View, tally: Tally) -> None:
    """The limit of a key stays the same, and is the documented one where the key has no other.

    Keys whose limit the judge chose itself are compared with that choice.
    """
    rule = view.profile.section("limits")
    for before, after in pairs(view):
        a, b = number(before, "limit"), number(after, "limit")
        if a is not None and b is not None:
            tally.check(a == b, f"the limit {a}", b, before, after)
    for call in limited(view):
        role = view.profile.roles.get(call.role)
        own = role.key.get("rate_limit") if role else None
        wanted = own or rule.get("requests")
        limit = number(call, "limit")
        if wanted and limit is not None and "wide" not in call.intent:
            tally.check(limit == wanted, f"the limit {wanted}", limit, call)


@contract(
    "LIM-04", "remaining-falls", source=SOURCE, tier="0", kind="account", needs=("limit_headers",)
)
def lim_04(view: View, tally: Tally) -> None:
    """Within a window every limited request takes one from what remains.

    Two requests at the same instant are in the same window.
    """
    for before, after in pairs(view):
        a, b = number(before, "remaining"), number(after, "remaining")
        overlapped = after.x.began < before.x.ended
        if a is None or b is None or overlapped or not view.still(before.index, after.index):
            continue
        if number(before, "limit") == number(after, "limit"):
            tally.check(b == max(0, a - 1), f"{max(0, a - 1)} remaining", b, before, after)


@contract(
    "LIM-05",
    "reset-ahead",
    source=SOURCE,
    tier="0",
    kind="account",
    needs=("limit_headers",),
    about=resets,
)
def lim_05(view: View, tally: Tally) -> None:
    """The reset lies ahead, at most one window, and never moves back.

    Instants are Unix seconds; a second of rounding is allowed.
    """
    rule = view.profile.section("limits")
    instant, window = rule.get("reset_means") == "instant", rule.get("window_s", 60)
    for call in limited(view):
        reset = number(call, "reset")
        if reset is None:
            continue
        ahead = reset - call.x.at_us / 1e6 if instant else float(reset)
        # It was ahead when the reply was made, which is some time before it was here.
        low = -1.0 - view.took_s(call) if instant else -1.0
        tally.check(low <= ahead <= window + 1.0, f"0 to {window} s ahead", f"{ahead:.0f} s", call)
    for before, after in pairs(view):
        a, b = number(before, "reset"), number(after, "reset")
        if instant and a is not None and b is not None:
            tally.check(b >= a, f"a reset not before {a}", b, before, after)


@contract(
    "LIM-06",
    "retry-after",
    source=SOURCE,
    tier="3",
    kind="reply",
    needs=("limits", "retry_after"),
    census=1,
)
def lim_06(view: View, tally: Tally) -> None:
    """A refusal for too many requests says in Retry-After how many seconds to wait.

    Whole seconds, at least one, at most one window; of the routes that this limiter sees. Another
    one, with a window of its own, may stand before the rest.
    """
    window = view.profile.section("limits").get("window_s", 60)
    for call in limited(view):
        if call.throttled:
            value = call.header("retry-after") or ""
            seconds = whole(value)
            fine = seconds is not None and 1 <= seconds <= window
            tally.check(fine, f"1 to {window} seconds", value or "no Retry-After", call)


@contract(
    "LIM-07",
    "retry-after-honest",
    source=SOURCE,
    tier="E",
    kind="schedule",
    needs=("limits", "retry_after"),
    census=1,
)
def lim_07(view: View, tally: Tally) -> None:
    """Waiting as long as Retry-After says is enough.

    The next request of that key after the wait is not refused for the same reason.
    """
    waiting: dict[str, tuple[Call, int]] = {}
    for call in limited(view):
        before = waiting.pop(counter(call), None)
        if before and call.x.at_us - view.took_s(call) * 1e6 >= before[1]:
            tally.check(not call.throttled, "no 429 after the wait", call.line(), before[0], call)
        elif before and not call.throttled:
            continue
        seconds = whole(call.header("retry-after"))
        if call.throttled and seconds is not None and seconds >= 0:
            waiting[counter(call)] = (call, call.x.at_us + seconds * 1_000_000)


@contract(
    "LIM-08",
    "refusal-without-effect",
    tier="E",
    kind="account",
    needs=("limits", "balance"),
    census=1,
)
def lim_08(view: View, tally: Tally) -> None:
    """A request refused for too many requests has no effect: no charge and no job.

    Balance readings of the same account around the refusal are equal.
    """
    for intervals in view.balances.values():
        for i in intervals:
            if i.exact and i.only("throttled"):
                tally.check(i.right, f"a balance of {i.low}", i.seen, i.before, i.after)
    for made in view.submissions:
        if made.call.throttled:
            tally.check(not present(made.call.at("id")), "no job", made.call.line(), made.call)


@contract(
    "LIM-09",
    "zero-means-refused",
    level="SHOULD",
    source=SOURCE,
    tier="E",
    kind="account",
    needs=("limits", "limit_headers"),
    census=1,
)
def lim_09(view: View, tally: Tally) -> None:
    """When nothing remains, the next request in the window is refused.

    And only then: what remained before a refusal was zero.
    """
    for before, after in pairs(view):
        left = number(before, "remaining")
        if left is None or not view.still(before.index, after.index):
            continue
        if left == 0:
            tally.check(after.throttled, "429", after.line(), before, after)
        elif after.throttled:
            tally.check(False, f"no refusal while {left} remain", after.line(), before, after)


@contract(
    "LIM-10", "limit-enforced", source=SOURCE, tier="E", kind="account", needs=("limits",), census=1
)
def lim_10(view: View, tally: Tally) -> None:
    """No more requests are answered in one window than the limit allows.

    Counts runs of one key at one instant, against the limit the judge knows of that key.
    """
    run: dict[str, tuple[int, int]] = {}
    for call in limited(view):
        role = view.profile.roles.get(call.role)
        limit = role.key.get("rate_limit") if role else None
        if "wide" in call.intent:
            continue
        limit = limit or view.profile.section("limits").get("requests")
        since, count = run.get(counter(call), (call.index, 0))
        if not view.still(since, call.index):
            since, count = call.index, 0
        count += not call.throttled
        run[counter(call)] = (since, count)
        if limit and (call.throttled or count > limit):
            tally.check(count <= limit, f"at most {limit} answers", count, call)
