"""RES: headers say a thing once, and what the body says."""

from __future__ import annotations

from collections import Counter
from email.utils import parsedate_to_datetime

from bodydouble_contracts.contracts.contract import contract
from bodydouble_contracts.contracts.findings import Tally
from bodydouble_contracts.contracts.limits import number
from bodydouble_contracts.contracts.replies import judged
from bodydouble_contracts.history.instants import instant_us
from bodydouble_contracts.reading.view import View
from bodydouble_contracts.vendors.profile import find
from bodydouble_contracts.vendors.reader import places

SINGLE = frozenset(
    {"content-type", "content-length", "content-range", "content-encoding", "date", "retry-after"}
    | {"etag", "last-modified", "expires", "age", "location", "access-control-allow-origin"}
)
"""Headers that RFC 9110 and its like define as one value, or none."""
SLACK_S = 5
MAGIC = {"gzip": b"\x1f\x8b", "zstd": b"\x28\xb5\x2f\xfd"}
"""How a body of a coding begins."""


@contract("RES-16", "said-once", source="RFC 9110 5.3", tier="0", kind="reply")
def res_16(view: View, tally: Tally) -> None:
    """No header that has one value is sent twice.

    Of API replies and of files; the vendor's own request id and limits with them.
    """
    own = {str(view.profile.section("request_id").get("header", "")).lower()}
    own |= {str(n).lower() for n in view.profile.section("limits").get("headers", {}).values()}
    for call in (*judged(view), *view.fetches):
        if call.x.reply is None:
            continue
        counts = Counter(name.lower() for name, _ in call.x.reply.headers)
        for name, count in counts.items():
            if name in SINGLE or name in own:
                told = f"{name} {count} times" if count > 1 else name
                tally.check(count == 1, f"{name} once", told, call)


@contract(
    "RES-17", "header-and-body-agree", source="RFC 9110 6.6.1 and 8.4", tier="0", kind="reply"
)
def res_17(view: View, tally: Tally) -> None:
    """No header says what the body denies: not the time, not the coding, not what remains.

    `Date` beside the time a body tells of itself, replays left out; a coding that is named; nothing
    remains where a reply says that there were too many requests.
    """
    spec = view.profile.extra.get("reply_time")
    replays = {id(s.call) for s in view.submissions if s.kind != "fresh"}
    for call in judged(view):
        reply = call.x.reply
        if reply is None or call.op is None:
            continue
        coding = (reply.header("content-encoding") or "").lower()
        begins = not reply.body or reply.body.startswith(MAGIC.get(coding, b""))
        tally.check(begins, f"a body coded as {coding}", f"{reply.body[:12]!r}", call)
        date, told = reply.header("date"), find(places(spec), call.doc) if spec else None
        own_us = instant_us(told) if isinstance(told, str) and id(call) not in replays else None
        if date and own_us is not None:
            apart_s = abs(date_us(date) - own_us) / 1e6
            fine = apart_s <= SLACK_S + view.took_s(call)
            tally.check(fine, f"the time of the body, {told}", date, call)
        if call.throttled:
            left = number(call, "remaining")
            tally.check(not left, "nothing remains", f"{left}", call)


def date_us(text: str) -> int:
    """Return an HTTP date in microseconds, 0 where it is none."""
    try:
        return int(parsedate_to_datetime(text).timestamp() * 1e6)
    except ValueError:
        return 0
