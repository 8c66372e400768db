"""HOK: what stands in a delivery, and how long a sender keeps trying."""

from __future__ import annotations

from bodydouble_contracts.contracts.contract import contract
from bodydouble_contracts.contracts.findings import Tally
from bodydouble_contracts.contracts.plain_json import SLACK_US
from bodydouble_contracts.contracts.webhooks import NEEDS, SOURCE, arrived, by_event, event_id, rule
from bodydouble_contracts.history.instants import instant_us
from bodydouble_contracts.history.pointers import MISSING, get
from bodydouble_contracts.reading.calls import Call
from bodydouble_contracts.reading.view import View


@contract("HOK-12", "body-as-documented", source=SOURCE, needs=NEEDS, census=1)
def hok_12(view: View, tally: Tally) -> None:
    """Every delivery has the members that the vendor documents for its event, of their types.

    Members that are always there, and those that are text wherever they are.
    """
    spec = rule(view)
    for index, _, doc in arrived(view):
        if get(doc, spec.get("event", "/event")) not in spec.get("events", {}):
            continue
        lacking = [p for p in spec.get("always", []) if get(doc, p) in (MISSING, None)]
        tally.check(not lacking, "all documented members", f"no {lacking}", index)
        for pointer in spec.get("texts", []):
            value = get(doc, pointer)
            fine = value is MISSING or isinstance(value, str)
            tally.check(fine, f"a text at {pointer}", value, index)


@contract("HOK-13", "ids-tell-events-apart", source=SOURCE, needs=NEEDS, census=1)
def hok_13(view: View, tally: Tally) -> None:
    """Two different events never share an id.

    A receiver that drops what it has seen would lose the second.
    """
    seen: dict[str, tuple[str, str]] = {}
    for (_, event, job), group in by_event(view).items():
        for index, _, doc in group:
            name = event_id(view, doc)
            first = seen.setdefault(name, (event, job))
            tally.check(first == (event, job), f"{name} for {first}", (event, job), index)


@contract(
    "HOK-14",
    "event-time",
    level="SHOULD",
    source=SOURCE,
    tier="E",
    needs=("webhooks", "job_updated"),
    census=1,
)
def hok_14(view: View, tally: Tally) -> None:
    """The time of an event is the time at which the job ended.

    To the second; the job's own time of its last change is the measure.
    """
    spec = rule(view)
    for index, _, doc in arrived(view):
        told = instant_us(get(doc, spec.get("created", "/created_at")))
        looks = view.sightings.get(str(get(doc, spec.get("job", "/data/job_id"))), [])
        ended = [instant_us(s.get("updated")) for s in looks if s.final]
        if told is not None and ended and ended[-1] is not None:
            off = told - ended[-1]
            tally.check(abs(off) <= SLACK_US, "when it ended", f"{off / 1e6:.0f} s off", index)


@contract("HOK-15", "secret-of-its-own", source=SOURCE, kind="account", needs=NEEDS, census=1)
def hok_15(view: View, tally: Tally) -> None:
    """Every webhook has a secret of its own.

    Of all that were made, by whichever account.
    """
    seen: dict[str, Call] = {}
    for call in view.doing("webhook_create"):
        secret = call.at("secret")
        if call.ok and isinstance(secret, str):
            twin = seen.setdefault(secret, call)
            tally.check(twin is call, "a new secret", "one already in use", twin, call)


@contract("HOK-16", "gives-up", source=SOURCE, tier="E", kind="schedule", needs=NEEDS, census=1)
def hok_16(view: View, tally: Tally) -> None:
    """What is never accepted is sent as often as documented, and not once more.

    The first attempt and one for every documented wait, unless a replay was asked for.
    """
    if view.doing("webhook_replay"):
        return
    most = 1 + len(rule(view).get("retry_s", []))
    for group in by_event(view).values():
        if group[0][1].answered >= 300:
            last = group[-1][0]
            tally.check(len(group) <= most, f"{most} attempts", f"{len(group)}", last)


@contract(
    "HOK-18",
    "replayed",
    source=SOURCE,
    tier="E",
    kind="schedule",
    needs=NEEDS,
    census=1,
    about=lambda profile: len(profile.doing("webhook_replay")),
)
def hok_18(view: View, tally: Tally) -> None:
    """A delivery that is asked for again arrives again: the same event, byte for byte.

    After each accepted replay that the driver marked and waited for.
    """
    for index, mark in view.marks:
        asked = [c for c in view.doing("webhook_replay") if c.ok and c.index < index]
        if mark.name != "replayed" or not asked:
            continue
        mine = [(i, d) for i, d, _ in arrived(view) if d.inbox == mark.data["inbox"]]
        first = {d.body for i, d in mine if i < asked[-1].index}
        again = {d.body for i, d in mine if asked[-1].index < i < index}
        tally.check(again and again <= first, "the event again", f"{len(again)} new", asked[-1])
