"""HOK: what reaches whom, how often, and under which name."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict

from bodydouble_contracts.contracts.contract import contract
from bodydouble_contracts.contracts.findings import Tally
from bodydouble_contracts.contracts.webhooks import NEEDS, SOURCE, arrived, by_event, event_id, rule
from bodydouble_contracts.history.pointers import get
from bodydouble_contracts.reading.view import View

_SECRET = re.compile(rb'"secret"|whsec_[A-Za-z0-9+/=]{12}')


@contract("HOK-07", "one-event-per-end", level="SHOULD", source=SOURCE, needs=NEEDS, census=1)
def hok_07(view: View, tally: Tally) -> None:
    """A job's end is one event, however often it is delivered.

    One id per inbox, event and job; never two different ends of one job.
    """
    ends: dict[tuple[str, str], set[str]] = defaultdict(set)
    for (inbox, event, job), group in by_event(view).items():
        ids = {event_id(view, doc) for _, _, doc in group}
        tally.check(len(ids) == 1, "one event id", ids, *[i for i, _, _ in group])
        if event in rule(view).get("events", {}):
            ends[inbox, job].add(event)
    for (_, job), events in ends.items():
        tally.check(len(events) == 1, f"one end of {job}", events)


@contract("HOK-08", "silence-where-none-wanted", source=SOURCE, needs=NEEDS, census=1)
def hok_08(view: View, tally: Tally) -> None:
    """No delivery reaches a webhook that was paused, deleted or never asked for the event.

    The driver names inboxes that must stay silent, and for how many steps if not for ever.
    """
    for index, mark in view.marks:
        if mark.name == "silent":
            inbox, events = mark.data["inbox"], mark.data.get("events")
            wrong = [
                i
                for i, d, doc in arrived(view)
                if d.inbox == inbox
                and int(mark.data.get("since", 0)) < i < int(mark.data.get("until", i + 1))
                and (events is None or get(doc, rule(view).get("event", "/event")) in events)
            ]
            tally.check(not wrong, f"silence at {inbox}", f"{len(wrong)} deliveries", index, *wrong)


@contract(
    "HOK-09",
    "accepted-is-enough",
    level="SHOULD",
    needs=NEEDS,
    source=SOURCE,
    tier="E",
    kind="schedule",
    census=1,
)
def hok_09(view: View, tally: Tally) -> None:
    """A delivery that was accepted is not repeated.

    After a 2xx nothing more of that event comes, unless a replay was asked for.
    """
    if any(c.does == "webhook_replay" for c in view.calls):
        return
    for group in by_event(view).values():
        for (i, a, _), (j, _, _) in itertools.pairwise(group):
            tally.check(a.answered >= 300, "no repetition", "one more", i, j)
        if group[-1][1].answered < 300:
            tally.check(True, "accepted", "accepted", group[-1][0])


@contract("HOK-10", "headers-name-the-event", source=SOURCE, needs=NEEDS, census=1)
def hok_10(view: View, tally: Tally) -> None:
    """The headers of a delivery name the event and id of its body.

    Headers and pointers are in the profile.
    """
    for index, delivery, doc in arrived(view):
        for name, pointer in rule(view).get("headers", {}).items():
            wanted = get(doc, pointer) if str(pointer).startswith("/") else pointer
            tally.check(
                delivery.header(name) == str(wanted),
                f"{name}: {wanted}",
                delivery.header(name),
                index,
            )


@contract(
    "HOK-11", "secret-shown-once", source=SOURCE, tier="0", kind="reply", needs=NEEDS, census=1
)
def hok_11(view: View, tally: Tally) -> None:
    """The secret of a webhook is shown when it is made, and never again.

    Lists and updates do not carry it; a hint of it, its middle left out, is none.
    """
    for call in view.calls:
        if call.ok and call.does in ("webhook_list", "webhook_update"):
            body = call.x.reply.body if call.x.reply else b""
            tally.check(not _SECRET.search(body), "no secret", call.line(), call)
